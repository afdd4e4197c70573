/* tacet-layer-row.h: one layer in the list: thumbnail, name, lock, eye, power, menu, its one most important value on a
 * line of its own, the rest in a drawer below.
 *
 * Room: ui.
 */
#pragma once

#include "engine/scene/tacet-layer-problem.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_LAYER_ROW (tacet_layer_row_get_type ())
G_DECLARE_FINAL_TYPE (TacetLayerRow, tacet_layer_row, TACET, LAYER_ROW, GtkListBoxRow)

/* index: place in the whole list, for the colour.  Signal "thumbnail-stale": tacet_layer_row_update_thumbnail () should
 * be called when there is time. */
GtkWidget *tacet_layer_row_new (TacetScene *scene, TacetLayer *layer, int index);
TacetLayer *tacet_layer_row_get_layer (TacetLayerRow *self);
void tacet_layer_row_set_index (TacetLayerRow *self, int index);
void tacet_layer_row_update_thumbnail (TacetLayerRow *self);
/* The name becomes an entry; Enter takes it over, Escape does not. */
void tacet_layer_row_rename (TacetLayerRow *self);
void tacet_layer_row_open_drawer (TacetLayerRow *self, gboolean open);
/* The menu of the row, at the row. */
void tacet_layer_row_popup_menu (TacetLayerRow *self);
/* What keeps it from working; NULL: nothing. */
void tacet_layer_row_set_problem (TacetLayerRow *self, const TacetProblem *problem);
/* What the last run said about this layer; NULL: nothing.  A problem is shown before that. */
void tacet_layer_row_set_note (TacetLayerRow *self, const char *note);
char *tacet_layer_row_dup_note (TacetLayerRow *self); /* what it says now; NULL: nothing */

/* --- tacet-layer-drawer.c --- */

/* What the line under the name holds: a slider, for regions their words. */
GtkWidget *_tacet_layer_value_new (TacetScene *scene, TacetLayer *layer);
/* The rest of its settings; NULL: this kind has no more. */
GtkWidget *_tacet_layer_drawer_new (TacetScene *scene, TacetLayer *layer);
gboolean _tacet_layer_has_drawer (TacetLayer *layer);

/* --- tacet-layer-menu.c --- */

GMenuModel *_tacet_layer_menu_new (TacetLayer *layer); /* of a row, and of the canvas where it is chosen */

const char *tacet_layer_kind_icon (TacetLayerKind kind);
/* Accessible label of a part of a row; format: untranslated, with %s for the name of the layer. */
void tacet_layer_label_part (GtkWidget *widget, const char *format, TacetLayer *layer);

G_END_DECLS
