/* tacet-studio.h: synthetic scenes: a picture and everything that is true about it.
 *
 * Room: engine/studio.  A seed is a scene: the same seed and options give the same bytes on every
 * machine.  Own content only.  Reentrant: no globals; one call uses one thread.
 */
#pragma once

#include "engine/control/tacet-maps.h"

G_BEGIN_DECLS

typedef struct
{
  int size;            /* pixels, square */
  int samples;         /* anti-aliasing: samples x samples rays a pixel; 2 */
  const char *subject; /* NULL: drawn from the seed */
} TacetStudioOptions;

typedef struct
{
  TacetImage *picture; /* RGB */
  TacetImage *depth;   /* gray: 255 near, 1 far; 0 never occurs (the sky is 1) */
  TacetImage *edges;   /* gray 0/255: jumps of identity, depth and normal */
  TacetImage *objects; /* gray: 0 background, 1 floor, 2 wall, 3 .. one number per object */
  TacetPerson people[4];
  int n_people;
  char *caption;       /* varied: clauses shuffled, left out, synonyms */
  const char *subject; /* the class, static string */
  const char *colour;
} TacetStudioScene;

gboolean tacet_studio_render (guint64 seed, const TacetStudioOptions *options, TacetStudioScene *scene, GError **error);
void tacet_studio_scene_clear (TacetStudioScene *scene);
/* Every word a caption may hold, NULL-terminated, static. */
const char *const *tacet_studio_words (void);
const char *const *tacet_studio_subjects (void);

G_END_DECLS
