/* tacet-layer.h: one layer of the document, of a kind that says what its pixels mean.
 *
 * Room: engine/scene.  Main thread only.  A layer is read here and changed through its scene (tacet-scene.h), so that
 * every change can be undone.  All pixels are of the document's size.
 *
 *   kind                 pixels                                says
 *   edge, depth          map (gray), coverage (gray)           shape here; coverage 0 is silence
 *   pose                 map (RGB) and coverage, both derived  the people, drawn; silent away from their limbs
 *   region               coverage (gray)                       where its prompt applies: words here
 *   mask                 coverage (gray)                       what may change in a picture that is refined or filled
 *   picture              picture (RGBA, straight alpha)        what is seen, and what image to image starts from
 */
#pragma once

#include "engine/control/tacet-maps.h"
#include <glib-object.h>

G_BEGIN_DECLS

/* The first are the kinds of controls, by the same numbers. */
typedef enum
{
  TACET_LAYER_EDGE = TACET_CONTROL_EDGE,
  TACET_LAYER_DEPTH = TACET_CONTROL_DEPTH,
  TACET_LAYER_POSE = TACET_CONTROL_POSE,
  TACET_LAYER_REGION = TACET_N_CONTROL_KINDS,
  TACET_LAYER_MASK,
  TACET_LAYER_PICTURE,
  TACET_N_LAYER_KINDS,
} TacetLayerKind;

/* The groups of the list, in its order from the top. */
typedef enum
{
  TACET_FAMILY_CONTROLS,
  TACET_FAMILY_REGIONS,
  TACET_FAMILY_MASKS,
  TACET_FAMILY_PICTURES,
  TACET_N_FAMILIES,
} TacetLayerFamily;

const char *tacet_layer_kind_id (TacetLayerKind kind); /* "edge", "region" ... as files write it */
gboolean tacet_layer_kind_parse (const char *id, TacetLayerKind *kind);
const char *tacet_layer_kind_label (TacetLayerKind kind); /* "Edges", "Region" ...: translated, static */
TacetLayerFamily tacet_layer_kind_family (TacetLayerKind kind);
gboolean tacet_layer_kind_is_control (TacetLayerKind kind);

#define TACET_TYPE_LAYER (tacet_layer_get_type ())
G_DECLARE_FINAL_TYPE (TacetLayer, tacet_layer, TACET, LAYER, GObject)

/* Properties (read-only for bindings; change them through the scene): "name", "prompt", "negative-prompt" string,
 * "visible", "enabled", "locked" boolean, "opacity", "strength", "start", "end" double.  Signal "map-changed" (x, y,
 * width, height ints) when any pixel of the layer, or a person, changes. */
TacetLayerKind tacet_layer_get_kind (TacetLayer *self);
const char *tacet_layer_get_name (TacetLayer *self);
gboolean tacet_layer_get_visible (TacetLayer *self); /* the eye: is it seen on the canvas */
gboolean tacet_layer_get_enabled (TacetLayer *self); /* the power: does it take effect in a run */
gboolean tacet_layer_get_locked (TacetLayer *self);  /* its pixels and people do not change */
double tacet_layer_get_opacity (TacetLayer *self);   /* 0 .. 1, on the canvas; a picture's also in image to image */
/* controls */
const char *tacet_layer_get_model (TacetLayer *self); /* NULL: the pipeline's own of this kind */
double tacet_layer_get_strength (TacetLayer *self);
double tacet_layer_get_start (TacetLayer *self);
double tacet_layer_get_end (TacetLayer *self);
/* regions; elsewhere "" */
const char *tacet_layer_get_prompt (TacetLayer *self);
const char *tacet_layer_get_negative_prompt (TacetLayer *self);
/* Pixels as they are now, borrowed, valid until the next change; NULL where the kind has none. */
const TacetImage *tacet_layer_get_map (TacetLayer *self);
const TacetImage *tacet_layer_get_coverage (TacetLayer *self);
const TacetImage *tacet_layer_get_picture (TacetLayer *self);
const TacetPerson *tacet_layer_get_people (TacetLayer *self, int *n_people);
/* Nothing painted, nobody placed. */
gboolean tacet_layer_is_empty (TacetLayer *self);

G_END_DECLS
