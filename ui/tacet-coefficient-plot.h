/* tacet-coefficient-plot.h: the widget around the drawn plot: which step, and what is under the pointer.
 *
 * Room: ui.
 */
#pragma once

#include "engine/sample/tacet-generate.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_COEFFICIENT_PLOT (tacet_coefficient_plot_get_type ())
G_DECLARE_FINAL_TYPE (TacetCoefficientPlot, tacet_coefficient_plot, TACET, COEFFICIENT_PLOT, GtkWidget)

/* Property "read-out" string: the column under the pointer in words, or NULL. */
void tacet_coefficient_plot_set_progress (TacetCoefficientPlot *self, TacetProgress *progress);
/* -1: the newest */
void tacet_coefficient_plot_set_step (TacetCoefficientPlot *self, int step);
/* Palette index per control of the request; NULL, 0: in order. */
void tacet_coefficient_plot_set_colours (TacetCoefficientPlot *self, const int *colours, int n);

G_END_DECLS
