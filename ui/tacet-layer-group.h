/* tacet-layer-group.h: one family of the list of layers: a header that folds it, and its rows.
 *
 * Room: ui.
 */
#pragma once

#include "engine/scene/tacet-scene.h"
#include "ui/tacet-layer-row.h"

G_BEGIN_DECLS

#define TACET_TYPE_LAYER_GROUP (tacet_layer_group_get_type ())
G_DECLARE_FINAL_TYPE (TacetLayerGroup, tacet_layer_group, TACET, LAYER_GROUP, GtkWidget)

/* Property "expanded" boolean. */
GtkWidget *tacet_layer_group_new (TacetLayerFamily family);
TacetLayerFamily tacet_layer_group_get_family (TacetLayerGroup *self);
GtkListBox *tacet_layer_group_get_list (TacetLayerGroup *self);
void tacet_layer_group_set_expanded (TacetLayerGroup *self, gboolean expanded);
gboolean tacet_layer_group_get_expanded (TacetLayerGroup *self);
/* What the header says of how the controls share; only the controls have it. */
void tacet_layer_group_set_balance (TacetLayerGroup *self, const char *text);

G_END_DECLS
