/* tacet-shortcuts.h: which keys run which actions: those of the table (tacet-actions.h), and what a person made of
 * them.
 *
 * Room: ui.  Keys with Ctrl, Alt or Super and the function keys work everywhere in a window; plain ones, such as B,
 * only while no text field wants them.  Signal "changed" when any key is another.
 */
#pragma once

#include "ui/tacet-actions.h"
#include "ui/tacet-preferences.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_SHORTCUTS (tacet_shortcuts_get_type ())
G_DECLARE_FINAL_TYPE (TacetShortcuts, tacet_shortcuts, TACET, SHORTCUTS, GObject)

/* Keeps its changes in the preference "shortcuts". */
TacetShortcuts *tacet_shortcuts_new (TacetPreferences *preferences);
/* NULL-terminated, empty: no key; free with g_strfreev. */
char **tacet_shortcuts_dup_keys (TacetShortcuts *self, const char *action);
gboolean tacet_shortcuts_is_default (TacetShortcuts *self, const char *action);
/* keys NULL: back to those of the table; empty: none */
void tacet_shortcuts_set_keys (TacetShortcuts *self, const char *action, const char *const *keys);
void tacet_shortcuts_reset_all (TacetShortcuts *self);
/* The first key in words ("Ctrl+Z"); NULL: it has none.  Free with g_free. */
char *tacet_shortcuts_dup_label (TacetShortcuts *self, const char *action);
/* "Undo" and its key: "Undo (Ctrl+Z)".  Free with g_free. */
char *tacet_shortcuts_dup_tooltip (TacetShortcuts *self, const char *action, const char *text);
/* The action on this key; NULL: none.  What a person pressed, in any layout of the keyboard: use tacet_key_event_get
 * (). */
const TacetAction *tacet_shortcuts_find (TacetShortcuts *self, guint key, GdkModifierType modifiers);
/* Which of the gestures of the table the key is; NULL: none. */
const TacetGesture *tacet_shortcuts_find_gesture (guint key, GdkModifierType modifiers);

/* A key that writes, or moves in a text: it belongs to a text field that has the focus. */
gboolean tacet_key_is_plain (guint key, GdkModifierType modifiers);
/* Key and modifiers of a press as accelerators name them: lower case, without the modifiers that made the sign. */
void tacet_key_event_get (GdkEvent *event, guint *key, GdkModifierType *modifiers);

/* The keys of the application: gtk_application_set_accels_for_action () for all that are not plain. */
void tacet_shortcuts_apply (TacetShortcuts *self, GtkApplication *application);
/* The plain keys of a window, for as long as it lives, and the keys in the tooltips of the buttons that are there now.
 * canvas: has those that work on it alone; NULL: there is none. */
void tacet_shortcuts_attach (TacetShortcuts *self, GtkWidget *window, GtkWidget *canvas);
/* A window that shows them all, as they are now. */
GtkWidget *tacet_shortcuts_make_window (TacetShortcuts *self);

G_END_DECLS
