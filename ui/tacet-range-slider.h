/* tacet-range-slider.h: a slider with two ends: from here to there.  Room: ui. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_RANGE_SLIDER (tacet_range_slider_get_type ())
G_DECLARE_FINAL_TYPE (TacetRangeSlider, tacet_range_slider, TACET, RANGE_SLIDER, GtkWidget)

/* Shares, 0 .. 1, in steps of 0.05.  Signal "changed" (double start, double end) when the user changes one. */
GtkWidget *tacet_range_slider_new (void);
void tacet_range_slider_set (TacetRangeSlider *self, double start, double end); /* no signal */
double tacet_range_slider_get_start (TacetRangeSlider *self);

G_END_DECLS
