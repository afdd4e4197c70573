/* tacet-scene-private.h: what the files of the scene room share.
 *
 * Room: engine/scene.  The document's pixels are plain images; an undo step holds copies of the
 * tiles (or whole planes, people, settings) it changed and exchanges them with the document, so one
 * object serves undo and redo (the idea is GIMP's).
 */
#pragma once

#include "engine/scene/tacet-scene.h"
#include "tacet-encoded.h"
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define TACET_SCENE_VERSION  2
#define TACET_TILE           64
#define TACET_NEUTRAL        128 /* opinion of a pose control: as the kind's rule says */
#define TACET_HISTORY_BUDGET ((gsize) 256 << 20)
#define TACET_HISTORY_MIN    8 /* steps kept whatever they cost */
#define TACET_MERGE_TIME     G_USEC_PER_SEC
#define TACET_MAX_PEOPLE     16
#define TACET_MAX_LAYERS     64

typedef struct
{
  char *name;
  gboolean visible, enabled, locked;
  double opacity;
  char *model; /* control; NULL: the pipeline's own of this kind */
  double strength, start, end;
  char *prompt, *negative_prompt; /* region */
} TacetLayerSettings;

struct _TacetLayer
{
  GObject parent_instance;

  TacetLayerKind kind;
  TacetLayerSettings settings;
  TacetImage *picture;  /* picture: RGBA */
  TacetImage *map;      /* control: gray; pose: RGB, derived from base and people */
  TacetImage *coverage; /* all but pictures: gray; pose: derived from the rule and the opinion */

  /* pose only */
  TacetImage *base;    /* RGB picture under the people, or NULL */
  TacetImage *rule;    /* coverage by the kind's rule, derived from the map */
  TacetImage *opinion; /* gray: 0 silent, TACET_NEUTRAL as the rule says, 255 speaks */
  GArray *people;      /* of TacetPerson */

  JsonObject *extra; /* fields of the file that this version does not know */
  TacetEncodedCache *encoded;
};

typedef struct
{
  char *prompt, *negative_prompt, *model;
  guint64 seed;
  int steps;
  TacetSampler sampler;
  double guidance_scale;
  TacetCombine combine;
  TacetSpacing spacing;
  TacetKarras karras;
  double eta, guidance_rescale;
  TacetGuess guess;
  gboolean control_conditional_only, prefer_ema;
  int count, clip_skip;
  char *vae;        /* NULL: the model's own */
  GPtrArray *loras; /* of TacetLora; never changed, replaced */
  double denoising_strength, mask_feather;
} TacetSceneSettings;

/* What a step is about; neighbouring steps of one kind, control and item merge. */
typedef enum
{
  TACET_CHANGE_OTHER, /* never merges: switches, choices, gestures */
  TACET_CHANGE_PROMPT,
  TACET_CHANGE_NEGATIVE_PROMPT,
  TACET_CHANGE_MODEL,
  TACET_CHANGE_SEED,
  TACET_CHANGE_STEPS,
  TACET_CHANGE_GUIDANCE,
  TACET_CHANGE_ETA,
  TACET_CHANGE_RESCALE,
  TACET_CHANGE_COUNT,
  TACET_CHANGE_CLIP_SKIP,
  TACET_CHANGE_VAE,
  TACET_CHANGE_DENOISING,
  TACET_CHANGE_FEATHER,
  TACET_CHANGE_STRENGTH,
  TACET_CHANGE_RANGE,
  TACET_CHANGE_NAME,
  TACET_CHANGE_OPACITY,
  TACET_CHANGE_LAYER_PROMPT,
  TACET_CHANGE_LAYER_NEGATIVE_PROMPT,
  TACET_CHANGE_LAYER_MODEL,
  TACET_CHANGE_JOINT,
} TacetChange;

typedef struct _TacetStep TacetStep;
struct _TacetStep
{
  char *name; /* translated, shown as "Undo NAME" */
  TacetChange change;
  TacetLayer *layer; /* or NULL */
  int item;          /* joint of a person */
  gint64 time;
  gsize size; /* bytes, about */
  void (*swap) (TacetStep *self, TacetScene *scene);
  void (*clear) (TacetStep *self);
};

typedef struct
{
  GPtrArray *undo, *redo; /* of TacetStep, the newest last */
  GListStore *names;      /* of TacetHistoryItem for each of undo and redo, the oldest first */
  TacetStep *group;       /* open group, or NULL */
  int depth;              /* of open groups */
  gsize size, budget;
  gint64 n_forgotten; /* steps trimmed at the old end */
  gint64 saved;       /* n_forgotten + undo->len at the saved state; -1: cannot be reached any more */
  gint64 saving;      /* the same of the state that is being saved */
  gboolean closed;    /* the newest step takes no more changes */
} TacetHistory;

typedef struct _TacetStroke TacetStroke;
typedef struct _TacetLoading TacetLoading; /* tacet-project.h */

struct _TacetScene
{
  GObject parent_instance;

  int width, height;
  TacetSceneSettings settings;
  GListStore *layers;
  TacetHistory history;
  TacetStroke *stroke; /* the one in progress, or NULL */
  char *folder;        /* of the file it came from, or NULL */
  JsonObject *extra;   /* fields of the file that this version does not know, or NULL */
  char **notes;
  gboolean incomplete;   /* the file holds more than what was read */
  gboolean lenient;      /* while it is read: pictures that cannot be read are left out, with a note */
  TacetLoading *loading; /* while it is read: the project that its pictures lie in, or NULL */

  GListStore *candidates;
  gsize candidate_budget;
  guint n_added, n_added_saved, n_added_saving; /* times that candidates came, which no undo takes back */

  gboolean saving; /* a save on another thread is under way */

  gboolean was_modified, could_undo, could_redo; /* as last notified */
};

/* tacet-layer.c */
TacetLayer *_tacet_layer_new (TacetLayerKind kind, const char *name, int width, int height); /* NULL: no memory */
void _tacet_layer_settings_clear (TacetLayerSettings *self);
TacetLayerSettings _tacet_layer_settings_copy (const TacetLayerSettings *self);
void _tacet_layer_notify (TacetLayer *self); /* its properties may have changed */
void _tacet_layer_damage (TacetLayer *self, int x, int y, int width, int height);
gboolean _tacet_layer_redraw (TacetLayer *self); /* pose: map and coverage from what they derive from */
/* The same where the people are others than before, in place, and tells of it. */
void _tacet_layer_redraw_people (TacetLayer *self, GArray *before);
void _tacet_layer_apply_opinion (TacetLayer *self, int x, int y, int width, int height);
/* The opinion that turns the rule's coverage into the one given. */
void _tacet_layer_derive_opinion (TacetLayer *self, const TacetImage *coverage);
/* The planes that strokes write, one or two: map and coverage, coverage, picture, or a pose's opinion.  _planes ()
 * makes them the layer's own (copies share theirs): ask again before every change. */
int _tacet_layer_planes (TacetLayer *self, TacetImage *planes[2]);
int _tacet_layer_slots (TacetLayer *self, TacetImage **slots[2]);

/* tacet-scene.c, tacet-scene-layers.c */
void _tacet_scene_settings_clear (TacetSceneSettings *self);
TacetSceneSettings _tacet_scene_settings_copy (const TacetSceneSettings *self);
gboolean _tacet_scene_owns (TacetScene *self, TacetLayer *layer);
void _tacet_scene_note (TacetScene *self, const char *note); /* one more for tacet_scene_get_notes () */
void _tacet_scene_notify (TacetScene *self);                 /* its settings may have changed */
void _tacet_scene_changed (TacetScene *self);
/* Around a change of the settings (tacet-scene-changes.c). */
void _tacet_scene_begin (TacetScene *self, TacetChange change, const char *name);
void _tacet_scene_end (TacetScene *self);
GPtrArray *_tacet_loras_new (GPtrArray *from);                         /* a copy; from NULL: empty */
TacetLayer *_tacet_scene_get_layer (TacetScene *self, guint position); /* borrowed */
guint _tacet_scene_n_layers (TacetScene *self);
gboolean _tacet_scene_insert (TacetScene *self, TacetLayer *layer, guint position, const char *name); /* a step */
void _tacet_scene_append (TacetScene *self, TacetLayer *layer);                /* below its family; no step */
void _tacet_scene_place (TacetScene *self, TacetLayer *layer, guint position); /* takes it out and puts it in there */
char *_tacet_scene_new_name (TacetScene *self, TacetLayerKind kind);

/* tacet-scene-render.c */
void _tacet_picture_over (guint8 *under, const guint8 *over, gsize n, int opacity); /* RGBA, straight; 0 .. 255 */
void _tacet_plane_max (TacetImage *into, const TacetImage *other);

/* tacet-scene-pixels.c */
void _tacet_scene_end_pixels (TacetScene *self, TacetLayer *layer); /* any of them may have changed */
void _tacet_image_replace (TacetImage **place, TacetImage **image); /* takes it */

/* tacet-scene-copy.c, tacet-scene-save.c */
/* They share their pixels until one of them changes. */
TacetLayer *_tacet_layer_copy (TacetLayer *from);
TacetScene *_tacet_scene_copy (TacetScene *self); /* without history and candidates */
gboolean _tacet_scene_save (TacetScene *self, const char *path, GError **error);
/* The document as it is now, from a thread; nothing of the document changes, also not "modified".  to_folder: as the
 * files of a project (_tacet_project_save_folder). */
void _tacet_scene_write_async (TacetScene *self, const char *path, gboolean to_folder, GAsyncReadyCallback callback,
                               gpointer user_data);
/* The document's own relative paths follow it to another folder. */
void _tacet_scene_move_to (TacetScene *self, const char *folder);
void _tacet_scene_settings_rebase (TacetSceneSettings *self, const char *from, const char *to);

/* How a layer's pixels are stored, and named in the fields of its object. */
typedef struct _TacetPlaneSink TacetPlaneSink;
struct _TacetPlaneSink
{
  const char *folder; /* that paths are seen from; NULL: they stay as they are */
  gboolean (*save_planes) (TacetPlaneSink *self, TacetLayer *layer, JsonObject *object, GError **error);
};
JsonObject *_tacet_scene_to_object (TacetScene *self, TacetPlaneSink *sink, GError **error);

/* tacet-scene-people.c, tacet-people-json.c */
/* What of a map of this size changes between these and those people: x, y, width, height; without any, all 0. */
void _tacet_people_area (GArray *from, GArray *to, int width, int height, int area[4]);
JsonNode *_tacet_people_node (GArray *people);
/* Appends those of a layer in a file; none are no error. */
gboolean _tacet_people_read (JsonObject *layer, GArray *people, GError **error);
void _tacet_people_digest (GArray *people, GChecksum *sum);

/* tacet-history.c */
void _tacet_history_init (TacetHistory *self);
void _tacet_history_clear (TacetHistory *self);
void _tacet_history_forget (TacetHistory *self); /* all steps: this state is the first, and saved */
/* TRUE if the newest step already stands for this change, so that none need be pushed. */
gboolean _tacet_history_merges (TacetHistory *self, TacetChange change, TacetLayer *layer, int item);
void _tacet_history_push (TacetScene *scene, TacetStep *step); /* takes it */
void _tacet_history_mark_saved (TacetHistory *self);
void _tacet_history_forget_saved (TacetHistory *self); /* modified, whatever is undone */
/* Around a save of the state at begin: what is done meanwhile is not in it. */
void _tacet_history_begin_saving (TacetHistory *self);
void _tacet_history_end_saving (TacetHistory *self);
gboolean _tacet_history_get_modified (TacetHistory *self);
void _tacet_step_free (TacetStep *self);

/* tacet-steps.c: each holds the state as it is now, and is pushed before the change */
gpointer _tacet_step_new (gsize size, const char *name, TacetChange change, TacetLayer *layer);
TacetStep *_tacet_step_settings (TacetScene *scene, const char *name, TacetChange change);
TacetStep *_tacet_step_layer_settings (TacetLayer *layer, const char *name, TacetChange change);
TacetStep *_tacet_step_list (TacetScene *scene, const char *name, TacetLayer *layer); /* added or about to go */
TacetStep *_tacet_step_move (TacetScene *scene, const char *name, TacetLayer *layer);
TacetStep *_tacet_step_people (TacetLayer *layer, const char *name, int item);
TacetStep *_tacet_step_planes (TacetLayer *layer, const char *name);
TacetStep *_tacet_step_tiles (TacetLayer *layer, const char *name, GPtrArray *tiles); /* takes them */

typedef struct
{
  int plane, x, y; /* x, y in tiles */
  int width, height, row_bytes;
  guint8 data[];
} TacetTile;
TacetTile *_tacet_tile_new (const TacetImage *image, int plane, int x, int y);     /* a copy; NULL: no memory */
guint8 *_tacet_tile_row (const TacetTile *self, const TacetImage *image, int row); /* of the image, under it */
gboolean _tacet_tile_same (const TacetTile *self, const TacetImage *image);
void _tacet_tile_swap (TacetTile *self, TacetImage *image);

/* tacet-stroke.c */
void _tacet_scene_finish_stroke (TacetScene *self);

/* tacet-scene-load.c, tacet-scene-load-layer.c */
gboolean _tacet_load_fail (GError **error, TacetSceneError code, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* The fields of `object` that are not in `known`, or NULL. */
JsonObject *_tacet_load_unknown (JsonObject *object, const char *const *known);
gboolean _tacet_load_text (JsonObject *object, const char *field, char **value, GError **error); /* replaces it */
/* The PNG file that a field names, or the one in it as a data URI; NULL without an error: no such field. */
TacetImage *_tacet_load_image (TacetScene *scene, JsonObject *object, const char *field, GError **error);
/* The fields of a scene into an empty document. */
gboolean _tacet_load_scene (TacetScene *scene, JsonObject *object, GError **error);
/* usual_kind: where the object does not say its kind; NULL: it must. */
TacetLayer *_tacet_load_layer (TacetScene *scene, JsonObject *object, const char *usual_kind, GError **error);

/* tacet-scene-paths.c: "./x" and "../x" are paths relative to the scene's folder (NULL: the working
 * folder); anything else is a name of a model or an absolute path, and stays */
char *_tacet_path_resolve (const char *folder, const char *path);
char *_tacet_path_rebase (const char *old_folder, const char *new_folder, const char *path);
char *_tacet_path_relative (const char *folder, const char *path); /* any path, seen from the folder */

G_END_DECLS
