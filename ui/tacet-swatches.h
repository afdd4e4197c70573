/* tacet-swatches.h: what the tools paint with: two colours for pictures, two values for depth.
 *
 * Room: ui.  One for each canvas; no part of the document.
 */
#pragma once

#include "engine/scene/tacet-layer.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_SWATCHES (tacet_swatches_get_type ())
G_DECLARE_FINAL_TYPE (TacetSwatches, tacet_swatches, TACET, SWATCHES, GObject)

/* Properties: "foreground", "background" GdkRGBA, "value", "other-value" double 0 .. 1 (1 is near). */
TacetSwatches *tacet_swatches_new (void);
void tacet_swatches_swap (TacetSwatches *self);
void tacet_swatches_reset (TacetSwatches *self); /* black on white, near on far */
void tacet_swatches_get_color (TacetSwatches *self, gboolean background, guint8 color[3]);
void tacet_swatches_set_color (TacetSwatches *self, const guint8 color[3]); /* the foreground */
double tacet_swatches_get_value (TacetSwatches *self, gboolean background);
void tacet_swatches_set_value (TacetSwatches *self, double value);

/* The widgets for a layer of this kind; NULL: there is nothing to choose. */
GtkWidget *tacet_swatches_row_new (TacetSwatches *self, TacetLayerKind kind);

G_END_DECLS
