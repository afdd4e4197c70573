/* tacet-action-search.h: finds an action by typed words, and runs it.
 *
 * Room: ui.
 */
#pragma once

#include "ui/tacet-shortcuts.h"

G_BEGIN_DECLS

#define TACET_TYPE_ACTION_SEARCH (tacet_action_search_get_type ())
G_DECLARE_FINAL_TYPE (TacetActionSearch, tacet_action_search, TACET, ACTION_SEARCH, GtkPopover)

/* Why an action cannot be used now; NULL: what the table says.  Free with g_free. */
typedef char *(*TacetReasonFunc) (const TacetAction *action, gpointer data);

/* Set its parent to a widget inside the window whose actions it finds, and pop it up. */
GtkWidget *tacet_action_search_new (TacetShortcuts *shortcuts, TacetReasonFunc reason, gpointer data);
/* As if it had been typed. */
void tacet_action_search_type (TacetActionSearch *self, const char *text);
/* What Enter would run; NULL: nothing. */
const TacetAction *tacet_action_search_get_choice (TacetActionSearch *self);

G_END_DECLS
