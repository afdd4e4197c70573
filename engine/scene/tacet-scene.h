/* tacet-scene.h: the document: what the artist has placed, and how to take it back.
 *
 * Room: engine/scene.  GObjects with signals, no window.  Main thread only; the engine gets a
 * TacetRequest, made by tacet_scene_to_request ().
 *
 * Every change of the document goes through a function with `history` in it or named tacet_scene_*
 * below, and can be undone; undoing everything gives the first state bit for bit.
 */
#pragma once

#include "engine/sample/tacet-generate.h"
#include "engine/scene/tacet-ink.h"
#include "engine/scene/tacet-layer.h"
#include "engine/scene/tacet-paint.h"

G_BEGIN_DECLS

#define TACET_SCENE_MIN_SIDE        8
#define TACET_SCENE_MAX_SIDE        4096
#define TACET_SCENE_MAX_STEPS       1000
#define TACET_SCENE_MAX_GUIDANCE    100.0
#define TACET_SCENE_MAX_CLIP_SKIP   48
#define TACET_SCENE_MAX_LORAS       32
#define TACET_SCENE_MAX_LORA_WEIGHT 10.0

#define TACET_SCENE_ERROR           (tacet_scene_error_quark ())
GQuark tacet_scene_error_quark (void);
typedef enum
{
  TACET_SCENE_ERROR_FORMAT, /* not a scene, or a field of the wrong type: the message names it */
  TACET_SCENE_ERROR_LIMIT,  /* larger than Tacet allows */
  TACET_SCENE_ERROR_NO_MEMORY,
} TacetSceneError;

#define TACET_TYPE_SCENE (tacet_scene_get_type ())
G_DECLARE_FINAL_TYPE (TacetScene, tacet_scene, TACET, SCENE, GObject)

/* Properties: "prompt", "negative-prompt", "model" string, "width", "height" int (read-only), "seed"
 * uint64, "steps" int, "sampler" int, "guidance-scale" double, "combine" string (as the command line
 * writes it), "guess" int, "control-conditional-only", "prefer-ema" boolean, "count", "clip-skip" int, "vae" string,
 * "denoising-strength", "mask-feather" double, "modified", "can-undo", "can-redo" boolean, "undo-name", "redo-name"
 * string (NULL: none). Writing a property is the same as calling the setter below. Signal "changed" after every change
 * of any kind, also between the points of a stroke. */
TacetScene *tacet_scene_new (int width, int height);
/* A project or any other OpenRaster file, scene JSON, or a PNG with a scene inside (tacet-parameters.h); of a PNG that
 * only has parameters what they say. */
TacetScene *tacet_scene_load (const char *path, GError **error);
/* The same for people who look at it: a picture that is missing or damaged leaves its layer empty, and a file of a
 * newer version shows what this one knows of it; notes say so. */
TacetScene *tacet_scene_open (const char *path, GError **error);
void tacet_scene_open_async (const char *path, GAsyncReadyCallback callback, gpointer user_data); /* from a thread */
TacetScene *tacet_scene_open_finish (GAsyncResult *result, GError **error);
/* The file holds more than what was read of it (it is of a newer version, pictures are damaged, groups were opened
 * ...): saving in its place would lose that. */
gboolean tacet_scene_is_incomplete (TacetScene *self);
/* Is this a project (OpenRaster), or would saving to the path make one. */
#define TACET_PROJECT_SUFFIX ".ora"
gboolean tacet_scene_is_project_path (const char *path);
/* A project with everything in it if the name ends in ".ora" (docs/formats.md); else JSON, with maps beside it and
 * without candidates.  Unknown fields read earlier are kept.  Clears "modified". */
gboolean tacet_scene_save (TacetScene *self, const char *path, GError **error);
/* The same from a thread of its own; the document may be changed meanwhile, what is changed then is not saved.
 * One at a time: else G_IO_ERROR_PENDING. */
void tacet_scene_save_async (TacetScene *self, const char *path, GAsyncReadyCallback callback, gpointer user_data);
gboolean tacet_scene_save_finish (TacetScene *self, GAsyncResult *result, GError **error);
/* The whole document in one text, pictures and all: what PNG files carry under TACET_SCENE_KEY.  Free with g_free. */
char *tacet_scene_to_json (TacetScene *self, GError **error);
/* What the file holds that this version does not use: translated sentences, NULL-terminated. */
const char *const *tacet_scene_get_notes (TacetScene *self);
TacetRequest *tacet_scene_to_request (TacetScene *self);
/* SHA-256 over everything that is saved: equal strings are equal documents.  Free with g_free. */
char *tacet_scene_digest (TacetScene *self);

GListModel *tacet_scene_get_layers (TacetScene *self); /* of TacetLayer, the topmost first, by families */
/* Is there an enabled layer of the kind. */
gboolean tacet_scene_has_picture (TacetScene *self);
gboolean tacet_scene_has_mask (TacetScene *self);
/* What a run starts from: enabled pictures over each other, RGBA; where it may change: enabled masks, gray.  Of the
 * document's size; owned.  NULL: no memory. */
TacetImage *tacet_scene_render_picture (TacetScene *self);
TacetImage *tacet_scene_render_mask (TacetScene *self);
int tacet_scene_get_width (TacetScene *self);
int tacet_scene_get_height (TacetScene *self);
const char *tacet_scene_get_prompt (TacetScene *self);
const char *tacet_scene_get_negative_prompt (TacetScene *self);
const char *tacet_scene_get_model (TacetScene *self);
guint64 tacet_scene_get_seed (TacetScene *self);
int tacet_scene_get_steps (TacetScene *self);
TacetSampler tacet_scene_get_sampler (TacetScene *self);
double tacet_scene_get_guidance_scale (TacetScene *self);
const TacetCombine *tacet_scene_get_combine (TacetScene *self);
TacetSpacing tacet_scene_get_spacing (TacetScene *self);
TacetKarras tacet_scene_get_karras (TacetScene *self);
double tacet_scene_get_eta (TacetScene *self);
double tacet_scene_get_guidance_rescale (TacetScene *self);
TacetGuess tacet_scene_get_guess (TacetScene *self);
gboolean tacet_scene_get_control_conditional_only (TacetScene *self);
int tacet_scene_get_count (TacetScene *self);
int tacet_scene_get_clip_skip (TacetScene *self);
const char *tacet_scene_get_vae (TacetScene *self);  /* NULL: the model's own */
GPtrArray *tacet_scene_get_loras (TacetScene *self); /* of TacetLora, borrowed until the next change */
double tacet_scene_get_denoising_strength (TacetScene *self);
double tacet_scene_get_mask_feather (TacetScene *self);

/* Changes.  Each is one undo step; setters of texts and numbers with the same target merge while no
 * other step intervenes and less than a second passes (slider drags, typing).  A value that is out of range is brought
 * into it, one that is not a number is ignored, setting what is there already is no step. */
void tacet_scene_set_prompt (TacetScene *self, const char *prompt);
void tacet_scene_set_negative_prompt (TacetScene *self, const char *prompt);
void tacet_scene_set_model (TacetScene *self, const char *model);
void tacet_scene_set_seed (TacetScene *self, guint64 seed);
void tacet_scene_set_steps (TacetScene *self, int steps);
void tacet_scene_set_sampler (TacetScene *self, TacetSampler sampler);
void tacet_scene_set_guidance_scale (TacetScene *self, double scale);
void tacet_scene_set_combine (TacetScene *self, const TacetCombine *combine);
void tacet_scene_set_spacing (TacetScene *self, TacetSpacing spacing);
void tacet_scene_set_karras (TacetScene *self, TacetKarras karras);
void tacet_scene_set_eta (TacetScene *self, double eta);
void tacet_scene_set_guidance_rescale (TacetScene *self, double rescale);
void tacet_scene_set_guess (TacetScene *self, TacetGuess guess);
void tacet_scene_set_prefer_ema (TacetScene *self, gboolean prefer);
void tacet_scene_set_control_conditional_only (TacetScene *self, gboolean only);
void tacet_scene_set_count (TacetScene *self, int count);
void tacet_scene_set_clip_skip (TacetScene *self, int clip_skip);
void tacet_scene_set_vae (TacetScene *self, const char *vae);
void tacet_scene_set_loras (TacetScene *self, GPtrArray *loras); /* copied; NULL: none */
void tacet_scene_set_denoising_strength (TacetScene *self, double strength);
void tacet_scene_set_mask_feather (TacetScene *self, double feather);
/* Layers.  A locked one refuses changes of pixels and people: FALSE, 0 or nothing, and no step.  So does one of a kind
 * that has no strength, range, model or prompt. */
void tacet_scene_set_layer_name (TacetScene *self, TacetLayer *layer, const char *name);
void tacet_scene_set_layer_visible (TacetScene *self, TacetLayer *layer, gboolean visible);
void tacet_scene_set_layer_enabled (TacetScene *self, TacetLayer *layer, gboolean enabled);
void tacet_scene_set_layer_locked (TacetScene *self, TacetLayer *layer, gboolean locked);
void tacet_scene_set_layer_opacity (TacetScene *self, TacetLayer *layer, double opacity);
void tacet_scene_set_layer_strength (TacetScene *self, TacetLayer *layer, double strength);
void tacet_scene_set_layer_range (TacetScene *self, TacetLayer *layer, double start, double end);
/* model NULL: the pipeline's own of this kind */
void tacet_scene_set_layer_model (TacetScene *self, TacetLayer *layer, const char *model);
void tacet_scene_set_layer_prompt (TacetScene *self, TacetLayer *layer, const char *prompt);
void tacet_scene_set_layer_negative_prompt (TacetScene *self, TacetLayer *layer, const char *prompt);
/* Empty: silent, transparent, covering nothing; owned by the scene.  NULL: no memory or too many. */
TacetLayer *tacet_scene_add_layer (TacetScene *self, TacetLayerKind kind);
void tacet_scene_remove_layer (TacetScene *self, TacetLayer *layer);
/* To this place of the list; FALSE: it is not one of its family's. */
gboolean tacet_scene_move_layer (TacetScene *self, TacetLayer *layer, guint position);
TacetLayer *tacet_scene_duplicate_layer (TacetScene *self, TacetLayer *layer); /* above it; NULL as above */
/* Into the next layer, if it is of the same kind (and their people fit into one).  FALSE: it cannot be, or no memory.
 */
gboolean tacet_scene_can_merge_down (TacetScene *self, TacetLayer *layer);
gboolean tacet_scene_merge_down (TacetScene *self, TacetLayer *layer);
/* A layer of another kind with what this one shows (tacet-scene-convert.c); keep: this one stays too. */
TacetLayer *tacet_scene_convert_layer (TacetScene *self, TacetLayer *layer, TacetLayerKind kind, gboolean keep);
/* A control's map (any size and channels, resized) and coverage; coverage NULL: from the kind's rule.  A pose
 * takes the map as the picture under its people.  FALSE: no memory, nothing changed; so are those below. */
gboolean tacet_scene_set_layer_map (TacetScene *self, TacetLayer *layer, const TacetImage *map,
                                    const TacetImage *coverage);
gboolean tacet_scene_set_layer_picture (TacetScene *self, TacetLayer *layer, const TacetImage *picture);
/* Where a control speaks, a region applies, a mask lets change. */
gboolean tacet_scene_set_layer_coverage (TacetScene *self, TacetLayer *layer, const TacetImage *coverage);
/* Everything is silent again; a pose loses its people. */
gboolean tacet_scene_clear_layer (TacetScene *self, TacetLayer *layer);
/* matrix: where a point of the document goes, in cairo's order xx, yx, xy, yy, x0, y0.  What leaves the document is
 * lost until it is undone.  FALSE: also a matrix that flattens. */
gboolean tacet_scene_transform_layer (TacetScene *self, TacetLayer *layer, const double matrix[6]);
/* One picture layer, or one mask, instead of all; NULL: none. */
gboolean tacet_scene_set_image (TacetScene *self, const TacetImage *image);
gboolean tacet_scene_set_mask (TacetScene *self, const TacetImage *mask);

void tacet_scene_add_person (TacetScene *self, TacetLayer *layer, const TacetPerson *person);
/* As many as there is room for, as one step; returns their number. */
int tacet_scene_add_people (TacetScene *self, TacetLayer *layer, const TacetPerson *people, int n_people);
void tacet_scene_remove_person (TacetScene *self, TacetLayer *layer, int person);
/* Another in its place, as the step `name` (translated; NULL: "Move Person").  goes_on: what changes the same person
 * within a second, or in a group, is one step.  FALSE: the layer is locked. */
gboolean tacet_scene_set_person (TacetScene *self, TacetLayer *layer, int index, const TacetPerson *person,
                                 const char *name, gboolean goes_on);
/* The first lies at the bottom.  FALSE: there is no such place, or nothing changes. */
gboolean tacet_scene_restack_person (TacetScene *self, TacetLayer *layer, int index, int to);

/* Strokes: begin, any number of points, end (or cancel).  One stroke is one undo step.  Points are in
 * document pixels, the centre of the first pixel is (0.5, 0.5); pressure 0 .. 1 scales the size.  The
 * curve runs through the points; the last piece is drawn by stroke_end.  On a pose control a stroke
 * says where it speaks (erase: is silent), on top of the kind's rule; the people stay. */
typedef struct
{
  double size;     /* diameter in document pixels */
  double hardness; /* 0 .. 1 */
  TacetPaint paint;
  gboolean steady; /* pressure does not change the size */
  gboolean fades;  /* pressure changes the opacity */
} TacetBrush;
/* On a locked layer nothing begins. */
void tacet_scene_stroke_begin (TacetScene *self, TacetLayer *layer, const TacetBrush *brush);
void tacet_scene_stroke_to (TacetScene *self, double x, double y, double pressure);
void tacet_scene_stroke_end (TacetScene *self);
void tacet_scene_stroke_cancel (TacetScene *self);
/* What all other tools make: the ink (tacet-ink.h) with this paint, as one step of this name.  FALSE: the layer is
 * locked, or no memory. */
gboolean tacet_scene_apply_ink (TacetScene *self, TacetLayer *layer, const TacetInk *ink, const TacetPaint *paint,
                                const char *name);
/* A joint drag: moves between begin and end are one undo step. */
void tacet_scene_group_begin (TacetScene *self, const char *name);
void tacet_scene_group_end (TacetScene *self);    /* nothing, if an undo in between has ended it */
void tacet_scene_group_cancel (TacetScene *self); /* ends it and takes all of it back, without a step */

/* What the steps may take together; beyond it the oldest are forgotten, but for a few. */
void tacet_scene_set_history_budget (TacetScene *self, gsize bytes);
gboolean tacet_scene_undo (TacetScene *self);
gboolean tacet_scene_redo (TacetScene *self);
gboolean tacet_scene_get_modified (TacetScene *self);
/* Every step there is, the oldest first; how many of them are done; after how many it was saved last, -1: that state
 * is out of reach.  The place changes with "changed". */
#define TACET_TYPE_HISTORY_ITEM (tacet_history_item_get_type ())
G_DECLARE_FINAL_TYPE (TacetHistoryItem, tacet_history_item, TACET, HISTORY_ITEM, GObject)
const char *tacet_history_item_get_name (TacetHistoryItem *self); /* translated */
GListModel *tacet_scene_get_history (TacetScene *self);           /* of TacetHistoryItem */
guint tacet_scene_get_history_position (TacetScene *self);
int tacet_scene_get_history_saved (TacetScene *self);
void tacet_scene_jump (TacetScene *self, guint position); /* undoes or redoes until so many are done */

G_END_DECLS
