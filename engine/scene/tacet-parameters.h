/* tacet-parameters.h: the text "parameters" in PNG files, by which programs of this field tell how a picture was made.
 *
 * Room: engine/scene.  The form is that of AUTOMATIC1111's web UI: the prompt, a line "Negative prompt: ...", and last
 * a line of "Key: value" pairs with commas between, "Steps" first.  It cannot hold maps or masks: it is for other
 * programs; ours is the text "tacet-scene" beside it.
 */
#pragma once

#include "engine/scene/tacet-scene.h"

G_BEGIN_DECLS

#define TACET_PARAMETERS_KEY "parameters"
#define TACET_SCENE_KEY      "tacet-scene"

/* How this picture of the request was made. */
char *tacet_parameters_write (const TacetRequest *request, guint64 seed);

/* What the text says of a picture of width x height (where it says no size itself), as a new document without controls.
 * What could not be taken over is in its notes.  NULL: no memory.  Any text is read as something. */
TacetScene *tacet_parameters_read (const char *text, int width, int height);

/* Of several pictures each has its seed in the name, before the suffix.  Free with g_free. */
char *tacet_picture_path (const char *path, guint64 seed, gboolean several);
/* A picture of the request as a PNG file that says how it was made.  scene: what tacet_scene_to_json () gave when the
 * request was made; NULL: the file says nothing.  Any thread. */
gboolean tacet_picture_save (const TacetPicture *picture, const TacetRequest *request, const char *scene,
                             const char *path, GError **error);

G_END_DECLS
