/* tacet-scene-transfer.h: layers between documents: what the clipboard and drags carry.
 *
 * Room: engine/scene.
 */
#pragma once

#include "engine/scene/tacet-scene.h"

G_BEGIN_DECLS

/* A new document of the size of a picture, which is its only layer; nothing in it is unsaved.  name: of the layer, or
 * NULL.  NULL: no memory, or of a size that documents cannot have. */
TacetScene *tacet_scene_new_from_picture (const TacetImage *picture, const char *name);
/* A document of this layer alone, of the same size, that shares nothing with the other: another thread may make the
 * text of it (tacet_scene_to_json).  NULL: no memory. */
TacetScene *tacet_scene_extract (TacetScene *self, TacetLayer *layer);
/* The same of all its pictures that are on. */
TacetScene *tacet_scene_extract_pictures (TacetScene *self);
/* From that text; any thread.  what: its name in messages. */
TacetScene *tacet_scene_from_json (const char *text, gsize size, const char *what, GError **error);
/* Copies of all layers of another document, each where a new one of its kind goes, as one step of this name.  Where the
 * documents differ in size, they are scaled to fit as a whole, in the middle.  Returns the topmost of them; NULL: too
 * many, or no memory (some of them may be there). */
TacetLayer *tacet_scene_adopt (TacetScene *self, TacetScene *other, const char *step);

G_END_DECLS
