/* tacet-scene-pixels.c: whole planes of a layer are set, cleared, transformed; one undo step each.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

void
_tacet_image_replace (TacetImage **place, TacetImage **image)
{
  g_clear_pointer (place, tacet_image_unref);
  *place = g_steal_pointer (image);
}

static TacetImage *
fitted (TacetScene *self, const TacetImage *image, int channels, gboolean nearest)
{
  g_autoptr (TacetImage) converted = tacet_image_convert (image, channels);
  if (!converted)
    return NULL;
  if (converted->width == self->width && converted->height == self->height)
    return tacet_image_copy (converted);
  return tacet_image_resize (converted, self->width, self->height, nearest);
}

void
_tacet_scene_end_pixels (TacetScene *self, TacetLayer *layer)
{
  _tacet_layer_damage (layer, 0, 0, self->width, self->height);
  _tacet_scene_changed (self);
}

static gboolean
set_pose_map (TacetScene *self, TacetLayer *layer, TacetImage *base, const TacetImage *coverage, const char *name)
{
  g_autoptr (TacetImage) opinion = tacet_image_new (self->width, self->height, 1);
  if (!opinion)
    return FALSE;
  memset (opinion->data, TACET_NEUTRAL, (gsize) self->width * self->height);
  TacetStep *step = _tacet_step_planes (layer, name);
  tacet_image_unref (layer->opinion);
  layer->opinion = g_steal_pointer (&opinion);
  g_clear_pointer (&layer->base, tacet_image_unref);
  layer->base = base ? tacet_image_ref (base) : NULL;
  if (!base)
    g_array_set_size (layer->people, 0);
  if (!_tacet_layer_redraw (layer))
    {
      step->swap (step, self);
      _tacet_step_free (step);
      return FALSE;
    }
  if (coverage)
    {
      _tacet_layer_derive_opinion (layer, coverage);
      _tacet_layer_apply_opinion (layer, 0, 0, self->width, self->height);
    }
  _tacet_history_push (self, step);
  _tacet_scene_end_pixels (self, layer);
  return TRUE;
}

gboolean
tacet_scene_set_layer_map (TacetScene *self, TacetLayer *layer, const TacetImage *map, const TacetImage *coverage)
{
  g_return_val_if_fail (_tacet_scene_owns (self, layer) && map && tacet_layer_kind_is_control (layer->kind), FALSE);
  gboolean pose = layer->kind == TACET_LAYER_POSE;
  _tacet_scene_finish_stroke (self);
  if (layer->settings.locked)
    return FALSE;
  g_autoptr (TacetImage) new_map = fitted (self, map, pose ? 3 : 1, FALSE);
  g_autoptr (TacetImage) new_coverage = NULL;
  if (!new_map)
    return FALSE;
  if (coverage)
    new_coverage = fitted (self, coverage, 1, TRUE);
  else if (!pose)
    new_coverage = tacet_coverage_from_map ((TacetControlKind) layer->kind, new_map);
  if (!new_coverage && (coverage || !pose))
    return FALSE;
  if (pose)
    return set_pose_map (self, layer, new_map, new_coverage, _ ("Set Map"));
  _tacet_history_push (self, _tacet_step_planes (layer, _ ("Set Map")));
  _tacet_image_replace (&layer->map, &new_map);
  _tacet_image_replace (&layer->coverage, &new_coverage);
  _tacet_scene_end_pixels (self, layer);
  return TRUE;
}

gboolean
tacet_scene_set_layer_picture (TacetScene *self, TacetLayer *layer, const TacetImage *picture)
{
  g_return_val_if_fail (_tacet_scene_owns (self, layer) && picture && layer->kind == TACET_LAYER_PICTURE, FALSE);
  _tacet_scene_finish_stroke (self);
  g_autoptr (TacetImage) fresh = layer->settings.locked ? NULL : fitted (self, picture, 4, FALSE);
  if (!fresh)
    return FALSE;
  _tacet_history_push (self, _tacet_step_planes (layer, _ ("Set Picture")));
  _tacet_image_replace (&layer->picture, &fresh);
  _tacet_scene_end_pixels (self, layer);
  return TRUE;
}

gboolean
tacet_scene_set_layer_coverage (TacetScene *self, TacetLayer *layer, const TacetImage *coverage)
{
  g_return_val_if_fail (_tacet_scene_owns (self, layer) && coverage && layer->coverage, FALSE);
  _tacet_scene_finish_stroke (self);
  g_autoptr (TacetImage) fresh = layer->settings.locked ? NULL : fitted (self, coverage, 1, FALSE);
  g_autoptr (TacetImage) opinion = fresh && layer->opinion ? tacet_image_copy (layer->opinion) : NULL;
  if (!fresh || (layer->opinion && !opinion))
    return FALSE;
  _tacet_history_push (self, _tacet_step_planes (layer, _ ("Set Mask")));
  if (opinion)
    {
      _tacet_image_replace (&layer->opinion, &opinion);
      _tacet_layer_derive_opinion (layer, fresh);
      _tacet_layer_apply_opinion (layer, 0, 0, self->width, self->height);
    }
  else
    _tacet_image_replace (&layer->coverage, &fresh);
  _tacet_scene_end_pixels (self, layer);
  return TRUE;
}

gboolean
tacet_scene_clear_layer (TacetScene *self, TacetLayer *layer)
{
  g_return_val_if_fail (_tacet_scene_owns (self, layer), FALSE);
  _tacet_scene_finish_stroke (self);
  if (layer->settings.locked)
    return FALSE;
  if (layer->kind == TACET_LAYER_POSE)
    return set_pose_map (self, layer, NULL, NULL, _ ("Clear Layer"));
  TacetImage **slots[2];
  int n = _tacet_layer_slots (layer, slots);
  g_autoptr (TacetImage) first = tacet_image_new (self->width, self->height, (*slots[0])->channels);
  g_autoptr (TacetImage) second = n > 1 ? tacet_image_new (self->width, self->height, (*slots[1])->channels) : NULL;
  if (!first || (n > 1 && !second))
    return FALSE;
  _tacet_history_push (self, _tacet_step_planes (layer, _ ("Clear Layer")));
  _tacet_image_replace (slots[0], &first);
  if (n > 1)
    _tacet_image_replace (slots[1], &second);
  _tacet_scene_end_pixels (self, layer);
  return TRUE;
}
