/* tacet-application.h: the program with a window: one engine thread, one window per scene.
 *
 * Room: app.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Opens a window for each scene and runs until the last one is closed.  Every string is copied.
 *
 * scenes: paths, NULL-terminated; none: an empty window.  example: the scene that an empty canvas
 * offers, or NULL.  schema_folder: of the settings, before it is installed, or NULL.  model_folders: where names of
 * models are looked for, NULL-terminated. n_threads 0: all cores.  Returns the exit status; 1 and a message on stderr
 * without a display. */
int tacet_application_run (const char *const *scenes, const char *example, const char *schema_folder,
                           const char *const *model_folders, int n_threads);

G_END_DECLS
