/* tacet-folders.h: where models and sample scenes lie.
 *
 * Room: app.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* $TACET_MODEL_PATH (colons between), the user's, the installed, and, when the program runs from its
 * build folder, the source's.  Free with g_strfreev. */
char **tacet_model_folders (void);
/* The user's own, which need not exist.  Free with g_free. */
char *tacet_user_model_folder (void);
/* A sample scene for an empty window; NULL: none is installed. */
char *tacet_example_scene (void);

/* Where the build compiled the schema of the settings, when the program runs from there; else NULL.  Free with g_free.
 */
char *tacet_schema_folder (void);

G_END_DECLS
