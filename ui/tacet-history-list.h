/* tacet-history-list.h: all steps of the document's one history; a click or Enter goes there.
 *
 * Room: ui.
 */
#pragma once

#include "engine/scene/tacet-scene.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_HISTORY_LIST (tacet_history_list_get_type ())
G_DECLARE_FINAL_TYPE (TacetHistoryList, tacet_history_list, TACET, HISTORY_LIST, GtkWidget)

/* Signal "jumped" after the document went somewhere. */
GtkWidget *tacet_history_list_new (void);
void tacet_history_list_set_scene (TacetHistoryList *self, TacetScene *scene);
/* Scrolls to the present place and gives it the focus. */
void tacet_history_list_show_present (TacetHistoryList *self);
/* As if row `position` was activated: 0 is the start. */
void tacet_history_list_activate (TacetHistoryList *self, guint position);
/* What row `position` says, with its marks in words; free with g_free.  NULL: no such row. */
char *tacet_history_list_dup_text (TacetHistoryList *self, guint position);

G_END_DECLS
