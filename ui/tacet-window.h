/* tacet-window.h: one document in one window.
 *
 * Room: ui.
 */
#pragma once

#include "engine/sample/tacet-generate.h"
#include "engine/scene/tacet-recovery.h"
#include "ui/tacet-shortcuts.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TACET_TYPE_WINDOW (tacet_window_get_type ())
G_DECLARE_FINAL_TYPE (TacetWindow, tacet_window, TACET, WINDOW, AdwApplicationWindow)

/* example: a scene that the empty canvas offers, or NULL. */
GtkWidget *tacet_window_new (GtkApplication *application, const char *example);
/* Before it is set nothing can be generated; not owned, must outlive the window.  model_folders:
 * where names of models are looked for, NULL-terminated. */
void tacet_window_set_engine (TacetWindow *self, TacetEngineThread *engine, const char *const *model_folders);
/* Replaces the document; a fault is shown and the old one stays. */
gboolean tacet_window_open (TacetWindow *self, const char *path);
/* From now on copies of unsaved work are kept there; see tacet-recovery.h. */
void tacet_window_set_recovery_folder (TacetWindow *self, const char *folder);
/* Shows what an ended program left; a fault is shown, and the files stay where they are. */
gboolean tacet_window_recover (TacetWindow *self, const TacetRecovered *recovered);
/* A window has preferences of its own, in memory, until it shares those of the program. */
void tacet_window_set_preferences (TacetWindow *self, TacetPreferences *preferences, TacetShortcuts *shortcuts);
/* The same, and the window begins in the size and with the panels of the last one. */
void tacet_window_share_preferences (TacetWindow *self, TacetPreferences *preferences, TacetShortcuts *shortcuts);
TacetScene *tacet_window_get_scene (TacetWindow *self);
/* Nothing has been done in it and no file belongs to it. */
gboolean tacet_window_is_fresh (TacetWindow *self);

/* Templates, style and icons; before the first widget. */
void tacet_ui_init (void);

G_END_DECLS
