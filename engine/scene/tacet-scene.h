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

G_BEGIN_DECLS

#define TACET_TYPE_CONTROL (tacet_control_get_type ())
G_DECLARE_FINAL_TYPE (TacetControl, tacet_control, TACET, CONTROL, GObject)

/* Properties (read-only for bindings; change them through the scene): "name" string, "enabled"
 * boolean, "strength", "start", "end" double.  Signal "map-changed" (x, y, width, height ints) when
 * map, coverage or people change. */
TacetControlKind tacet_control_get_kind (TacetControl *self);
const char *tacet_control_get_name (TacetControl *self);
const char *tacet_control_get_model (TacetControl *self);
gboolean tacet_control_get_enabled (TacetControl *self);
double tacet_control_get_strength (TacetControl *self);
double tacet_control_get_start (TacetControl *self);
double tacet_control_get_end (TacetControl *self);
/* Current values, borrowed, of the document's size: map gray (edge, depth) or RGB (pose, drawn from the
 * people); coverage gray.  Valid until the next change. */
const TacetImage *tacet_control_get_map (TacetControl *self);
const TacetImage *tacet_control_get_coverage (TacetControl *self);
const TacetPerson *tacet_control_get_people (TacetControl *self, int *n_people);

#define TACET_TYPE_SCENE (tacet_scene_get_type ())
G_DECLARE_FINAL_TYPE (TacetScene, tacet_scene, TACET, SCENE, GObject)

/* Properties: "prompt", "negative-prompt", "model", "width", "height", "seed", "steps", "sampler",
 * "guidance-scale", "combine", "modified", "can-undo", "can-redo", "undo-name", "redo-name".
 * Signal "changed" after every change of any kind. */
TacetScene *tacet_scene_new (int width, int height);
TacetScene *tacet_scene_load (const char *path, GError **error); /* plain scene JSON */
/* Maps are written beside it; unknown fields read earlier are kept.  Clears "modified". */
gboolean tacet_scene_save (TacetScene *self, const char *path, GError **error);
TacetRequest *tacet_scene_to_request (TacetScene *self);
/* SHA-256 over everything that is saved: equal strings are equal documents. */
char *tacet_scene_digest (TacetScene *self);

GListModel *tacet_scene_get_controls (TacetScene *self); /* of TacetControl */
int tacet_scene_get_width (TacetScene *self);
int tacet_scene_get_height (TacetScene *self);
const char *tacet_scene_get_prompt (TacetScene *self);
const char *tacet_scene_get_negative_prompt (TacetScene *self);
const char *tacet_scene_get_model (TacetScene *self);
guint64 tacet_scene_get_seed (TacetScene *self);
int tacet_scene_get_steps (TacetScene *self);
double tacet_scene_get_guidance_scale (TacetScene *self);

/* Changes.  Each is one undo step; setters with the same target merge while no other step intervenes
 * and less than a second passes (slider drags, typing). */
void tacet_scene_set_prompt (TacetScene *self, const char *prompt);
void tacet_scene_set_negative_prompt (TacetScene *self, const char *prompt);
void tacet_scene_set_model (TacetScene *self, const char *model);
void tacet_scene_set_seed (TacetScene *self, guint64 seed);
void tacet_scene_set_steps (TacetScene *self, int steps);
void tacet_scene_set_sampler (TacetScene *self, TacetSampler sampler);
void tacet_scene_set_guidance_scale (TacetScene *self, double scale);
void tacet_scene_set_combine (TacetScene *self, const TacetCombine *combine);
void tacet_scene_set_control_enabled (TacetScene *self, TacetControl *control, gboolean enabled);
void tacet_scene_set_control_strength (TacetScene *self, TacetControl *control, double strength);
void tacet_scene_set_control_range (TacetScene *self, TacetControl *control, double start, double end);
void tacet_scene_set_control_name (TacetScene *self, TacetControl *control, const char *name);
TacetControl *tacet_scene_add_control (TacetScene *self, TacetControlKind kind); /* empty, silent everywhere */
void tacet_scene_remove_control (TacetScene *self, TacetControl *control);
/* map, and coverage from the kind's rule */
void tacet_scene_set_control_map (TacetScene *self, TacetControl *control, const TacetImage *map,
                                  const TacetImage *coverage);
void tacet_scene_add_person (TacetScene *self, TacetControl *control, const TacetPerson *person);
void tacet_scene_move_joint (TacetScene *self, TacetControl *control, int person, int joint, float x, float y);
void tacet_scene_show_joint (TacetScene *self, TacetControl *control, int person, int joint, gboolean visible);

/* Strokes: begin, any number of points, end (or cancel).  One stroke is one undo step. */
typedef struct
{
  double size;     /* diameter in document pixels */
  double hardness; /* 0 .. 1 */
  double value;    /* 0 .. 1: what is painted (edge: 1) */
  gboolean erase;  /* makes silent: value 0, coverage 0 */
} TacetBrush;
void tacet_scene_stroke_begin (TacetScene *self, TacetControl *control, const TacetBrush *brush);
void tacet_scene_stroke_to (TacetScene *self, double x, double y, double pressure);
void tacet_scene_stroke_end (TacetScene *self);
void tacet_scene_stroke_cancel (TacetScene *self);
/* A joint drag: moves between begin and end are one undo step. */
void tacet_scene_group_begin (TacetScene *self, const char *name);
void tacet_scene_group_end (TacetScene *self);

gboolean tacet_scene_undo (TacetScene *self);
gboolean tacet_scene_redo (TacetScene *self);
gboolean tacet_scene_get_modified (TacetScene *self);

G_END_DECLS
