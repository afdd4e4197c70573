/* tacet-content.h: what Tacet gives to the clipboard and to drags: a picture, a whole layer, a text.
 *
 * Room: ui.  Other programs get image/png, a file of it where a name is given, or the text; Tacet itself the layer with
 * its kind, settings and people.  Everything is made when it is asked for, on a thread.
 */
#pragma once

#include "engine/scene/tacet-scene.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

#define TACET_LAYER_MIME_TYPE "application/vnd.tacet.layer+json"

#define TACET_TYPE_CONTENT    (tacet_content_get_type ())
G_DECLARE_FINAL_TYPE (TacetContent, tacet_content, TACET, CONTENT, GdkContentProvider)

/* All may be NULL, but not all of them.  image NULL: that of the topmost of the layers.  layers: a document of those
 * that are given, nobody else's from now on.
 * file_name: with it, programs that take files only get one, in the folder of caches, of this name (".png" is added).
 */
GdkContentProvider *tacet_content_new (TacetImage *image, TacetScene *layers, const char *text, const char *file_name);
/* A layer, its picture, for drags a file of that, and people as OpenPose's JSON.  NULL: no memory. */
GdkContentProvider *tacet_content_new_for_layer (TacetScene *scene, TacetLayer *layer, gboolean as_file);
/* What the picture layers show together.  NULL: no memory. */
GdkContentProvider *tacet_content_new_for_pictures (TacetScene *scene);

G_END_DECLS
