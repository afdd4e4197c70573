/* tacet-layer-panel.h: the list of layers, in four groups: controls, regions, masks, pictures.
 *
 * Room: ui.  Follows the document's list; rows of layers that stay keep their state.  Layers are dragged within their
 * group.  Thumbnails are made one at a time when nothing else is to be done.
 */
#pragma once

#include "ui/tacet-layer-row.h"

G_BEGIN_DECLS

#define TACET_TYPE_LAYER_PANEL (tacet_layer_panel_get_type ())
G_DECLARE_FINAL_TYPE (TacetLayerPanel, tacet_layer_panel, TACET, LAYER_PANEL, GtkWidget)

/* Properties: "scene" TacetScene, "selected" TacetLayer; both can be NULL. */
void tacet_layer_panel_set_scene (TacetLayerPanel *self, TacetScene *scene);
void tacet_layer_panel_set_selected (TacetLayerPanel *self, TacetLayer *layer);
TacetLayer *tacet_layer_panel_get_selected (TacetLayerPanel *self);
TacetLayerRow *tacet_layer_panel_get_row (TacetLayerPanel *self, TacetLayer *layer); /* NULL: not in the list */
/* The chosen layer's name becomes an entry. */
void tacet_layer_panel_rename (TacetLayerPanel *self);
/* Says on each row what keeps its layer from working.  stock: what is installed, or NULL: not known yet. */
void tacet_layer_panel_update_problems (TacetLayerPanel *self, const TacetModelStock *stock);
/* Takes all notes of the last run away. */
void tacet_layer_panel_clear_notes (TacetLayerPanel *self);

G_END_DECLS
