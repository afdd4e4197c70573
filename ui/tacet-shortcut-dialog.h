/* tacet-shortcut-dialog.h: asks for the key of an action.
 *
 * Room: ui.
 */
#pragma once

#include "ui/tacet-shortcuts.h"

G_BEGIN_DECLS

/* The next keys pressed become the action's; who has them already is said, and loses them if that is wanted. */
GtkWidget *tacet_shortcut_dialog_new (GtkWindow *parent, TacetShortcuts *shortcuts, const TacetAction *action);
/* As if these keys had been pressed in it. */
void tacet_shortcut_dialog_take (GtkWidget *dialog, guint key, GdkModifierType modifiers);

G_END_DECLS
