/* tacet-layer-row.h: one control in the list: thumbnail, name, eye, power, strength, why it is left out.
 *
 * Room: ui.
 */
#pragma once

#include "ui/tacet-canvas.h"

G_BEGIN_DECLS

#define TACET_TYPE_LAYER_ROW (tacet_layer_row_get_type ())
G_DECLARE_FINAL_TYPE (TacetLayerRow, tacet_layer_row, TACET, LAYER_ROW, GtkListBoxRow)

/* index: place in the list, which gives the colour. */
GtkWidget *tacet_layer_row_new (TacetScene *scene, TacetCanvas *canvas, TacetLayer *control, int index);
TacetLayer *tacet_layer_row_get_control (TacetLayerRow *self);
/* What the last run said about this control; NULL: nothing. */
void tacet_layer_row_set_note (TacetLayerRow *self, const char *note);
/* What the row says under the slider now; NULL: nothing. */
char *tacet_layer_row_dup_note (TacetLayerRow *self);
/* The eye may have been changed elsewhere. */
void tacet_layer_row_update (TacetLayerRow *self);

G_END_DECLS
