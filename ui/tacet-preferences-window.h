/* tacet-preferences-window.h: the window of preferences.
 *
 * Room: ui.
 */
#pragma once

#include "ui/tacet-shortcuts.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TACET_TYPE_PREFERENCES_WINDOW (tacet_preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (TacetPreferencesWindow, tacet_preferences_window, TACET, PREFERENCES_WINDOW, AdwPreferencesWindow)

/* What is changed is in force at once. */
GtkWidget *tacet_preferences_window_new (GtkWindow *parent, TacetPreferences *preferences, TacetShortcuts *shortcuts);

/* --- tacet-preferences-shortcuts.c --- */

/* One group of rows for each group of actions. */
void _tacet_preferences_fill_shortcuts (AdwPreferencesPage *page, TacetShortcuts *shortcuts);
/* Shows the rows that fit what was typed. */
void _tacet_preferences_filter_shortcuts (AdwPreferencesPage *page, const char *typed);

G_END_DECLS
