/* tacet-studio.h: synthetic scenes: a picture and everything that is true about it.
 *
 * Room: engine/studio.  A seed is a scene: the same seed and options give the same bytes on every machine.  Own content
 * only.  Reentrant: no globals; one call uses one thread.  docs/studio.md tells more.
 */
#pragma once

#include "engine/control/tacet-maps.h"

G_BEGIN_DECLS

#define TACET_STUDIO_ERROR (tacet_studio_error_quark ())
GQuark tacet_studio_error_quark (void);

typedef enum
{
  TACET_STUDIO_ERROR_SIZE,
  TACET_STUDIO_ERROR_SUBJECT,
  TACET_STUDIO_ERROR_MEMORY,
  TACET_STUDIO_ERROR_FOLDER,
} TacetStudioError;

typedef struct
{
  int size;            /* pixels, square; 8 .. 2048 */
  int samples;         /* anti-aliasing: samples x samples rays a pixel; 2 is customary; 1 .. 16 */
  const char *subject; /* the main subject, one of tacet_studio_subjects; NULL: drawn from the seed */
} TacetStudioOptions;

typedef struct
{
  TacetImage *picture;   /* RGB */
  TacetImage *depth;     /* gray: inverse depth, 255 nearest point of the scene, 1 farthest (sky: infinity); never 0 */
  TacetImage *edges;     /* gray 0/255: jumps of identity, depth and normal; no texture */
  TacetImage *objects;   /* gray: 0 sky, 1 floor, 2 wall, 3 .. one number per object */
  TacetPerson people[4]; /* confidence 1: seen, 0.5: behind something, 0: outside the picture */
  int n_people;
  char *caption;       /* lower case, commas; varied: clauses shuffled, left out, synonyms */
  const char *subject; /* the main subject's class, static string, one of tacet_studio_subjects */
  const char *colour;  /* its colour, a caption word, static string */
} TacetStudioScene;

/* scene is overwritten, not cleared first; on failure it is empty. */
gboolean tacet_studio_render (guint64 seed, const TacetStudioOptions *options, TacetStudioScene *scene, GError **error);
void tacet_studio_scene_clear (TacetStudioScene *scene);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TacetStudioScene, tacet_studio_scene_clear)
/* Every word a caption may hold (no punctuation), sorted, NULL-terminated, static. */
const char *const *tacet_studio_words (void);
const char *const *tacet_studio_subjects (void);

/* columns x rows pictures of size pixels, seeds seed, seed + 1, ... row by row, 2 pixels apart; NULL on error. */
TacetImage *tacet_studio_contact_sheet (int columns, int rows, int size, guint64 seed, GError **error);

/* Called after each scene, from the calling thread. */
typedef void (*TacetStudioProgress) (int done, int count, gpointer data);

/* Writes count scenes, seeds seed, seed + 1, ... into folder (made if missing): NNNNNN-picture.png, -depth.png,
 * -edges.png, -pose.png, -objects.png, and scenes.jsonl: one JSON object a line with the file names, seed, subject,
 * colour, caption and people ([[[x, y, confidence] x 18], ...]).  progress and cancellable may be NULL. */
gboolean tacet_studio_data_set (int count, int size, guint64 seed, const char *folder, TacetStudioProgress progress,
                                gpointer data, GCancellable *cancellable, GError **error);

G_END_DECLS
