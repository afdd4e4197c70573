/* tacet-scene-layers.c: controls come and go, maps are set, people are posed; one undo step each.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static gboolean
name_taken (TacetScene *self, const char *name)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->layers));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (G_LIST_MODEL (self->layers), i);
      if (g_str_equal (layer->settings.name, name))
        return TRUE;
    }
  return FALSE;
}

char *
_tacet_scene_new_name (TacetScene *self, TacetLayerKind kind)
{
  char *name = g_strdup (tacet_layer_kind_label (kind));
  for (int i = 2; name_taken (self, name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s %d", tacet_layer_kind_label (kind), i);
    }
  return name;
}

TacetLayer *
tacet_scene_add_layer (TacetScene *self, TacetLayerKind kind)
{
  g_return_val_if_fail (TACET_IS_SCENE (self) && (guint) kind < TACET_N_CONTROL_KINDS, NULL);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->layers)) >= TACET_MAX_LAYERS)
    return NULL;
  g_autofree char *name = _tacet_scene_new_name (self, kind);
  g_autoptr (TacetLayer) layer = _tacet_layer_new (kind, name, self->width, self->height);
  if (!layer)
    return NULL;
  _tacet_scene_finish_stroke (self);
  g_list_store_append (self->layers, layer);
  _tacet_history_push (self, _tacet_step_list (self, _ ("Add Control"), layer));
  _tacet_scene_changed (self);
  return layer;
}

void
tacet_scene_remove_layer (TacetScene *self, TacetLayer *layer)
{
  guint position;
  g_return_if_fail (TACET_IS_SCENE (self));
  _tacet_scene_finish_stroke (self);
  if (!g_list_store_find (self->layers, layer, &position))
    return;
  _tacet_history_push (self, _tacet_step_list (self, _ ("Remove Control"), layer));
  g_list_store_remove (self->layers, position);
  _tacet_scene_changed (self);
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

static void
end_map (TacetScene *self, TacetLayer *layer)
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
  end_map (self, layer);
  return TRUE;
}

gboolean
tacet_scene_set_layer_map (TacetScene *self, TacetLayer *layer, const TacetImage *map, const TacetImage *coverage)
{
  g_return_val_if_fail (_tacet_scene_owns (self, layer) && map != NULL, FALSE);
  gboolean pose = layer->kind == TACET_LAYER_POSE;
  _tacet_scene_finish_stroke (self);
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
  tacet_image_unref (layer->map);
  tacet_image_unref (layer->coverage);
  layer->map = g_steal_pointer (&new_map);
  layer->coverage = g_steal_pointer (&new_coverage);
  end_map (self, layer);
  return TRUE;
}

gboolean
tacet_scene_clear_layer (TacetScene *self, TacetLayer *layer)
{
  g_return_val_if_fail (_tacet_scene_owns (self, layer), FALSE);
  _tacet_scene_finish_stroke (self);
  if (layer->kind == TACET_LAYER_POSE)
    return set_pose_map (self, layer, NULL, NULL, _ ("Clear Control"));
  g_autoptr (TacetImage) map = tacet_image_new (self->width, self->height, 1);
  g_autoptr (TacetImage) coverage = tacet_image_new (self->width, self->height, 1);
  if (!map || !coverage)
    return FALSE;
  _tacet_history_push (self, _tacet_step_planes (layer, _ ("Clear Control")));
  tacet_image_unref (layer->map);
  tacet_image_unref (layer->coverage);
  layer->map = g_steal_pointer (&map);
  layer->coverage = g_steal_pointer (&coverage);
  end_map (self, layer);
  return TRUE;
}

static TacetPerson *
find_person (TacetScene *self, TacetLayer *layer, int person)
{
  if (!_tacet_scene_owns (self, layer) || !layer->people || person < 0 || person >= (int) layer->people->len)
    return NULL;
  return &g_array_index (layer->people, TacetPerson, person);
}

/* item: the joint a drag may go on with, or -1 */
static void
begin_people (TacetScene *self, TacetLayer *layer, const char *name, int item)
{
  _tacet_scene_finish_stroke (self);
  if (item < 0 || !_tacet_history_merges (&self->history, TACET_CHANGE_JOINT, layer, item))
    _tacet_history_push (self, _tacet_step_people (layer, name, item));
}

static void
end_people (TacetScene *self, TacetLayer *layer)
{
  _tacet_layer_redraw (layer);
  end_map (self, layer);
}

/* Joints may lie outside the picture, but within reach. */
static TacetJoint
sane_joint (TacetScene *self, TacetJoint joint)
{
  float far = 4.0f * MAX (self->width, self->height);
  joint.x = isfinite (joint.x) ? CLAMP (joint.x, -far, far) : 0;
  joint.y = isfinite (joint.y) ? CLAMP (joint.y, -far, far) : 0;
  joint.confidence = isfinite (joint.confidence) ? CLAMP (joint.confidence, 0, 1) : 0;
  return joint;
}

void
tacet_scene_add_person (TacetScene *self, TacetLayer *layer, const TacetPerson *person)
{
  g_return_if_fail (person != NULL);
  tacet_scene_add_people (self, layer, person, 1);
}

int
tacet_scene_add_people (TacetScene *self, TacetLayer *layer, const TacetPerson *people, int n_people)
{
  g_return_val_if_fail (_tacet_scene_owns (self, layer) && layer->people != NULL && n_people >= 0, 0);
  int n = MIN (n_people, TACET_MAX_PEOPLE - (int) layer->people->len);
  if (n < 1)
    return 0;
  begin_people (self, layer, n_people == 1 ? _ ("Add Person") : _ ("Add People"), -1);
  for (int i = 0; i < n; i++)
    {
      TacetPerson sane = { 0 };
      for (int k = 0; k < TACET_POSE_JOINTS; k++)
        sane.joints[k] = sane_joint (self, people[i].joints[k]);
      g_array_append_val (layer->people, sane);
    }
  end_people (self, layer);
  return n;
}

void
tacet_scene_remove_person (TacetScene *self, TacetLayer *layer, int person)
{
  g_return_if_fail (find_person (self, layer, person) != NULL);
  begin_people (self, layer, _ ("Remove Person"), -1);
  g_array_remove_index (layer->people, person);
  end_people (self, layer);
}

void
tacet_scene_set_person (TacetScene *self, TacetLayer *layer, int index, const TacetPerson *person)
{
  g_return_if_fail (find_person (self, layer, index) != NULL && person != NULL);
  begin_people (self, layer, _ ("Move Person"), index * (TACET_POSE_JOINTS + 1) + TACET_POSE_JOINTS);
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    g_array_index (layer->people, TacetPerson, index).joints[i] = sane_joint (self, person->joints[i]);
  end_people (self, layer);
}

void
tacet_scene_move_joint (TacetScene *self, TacetLayer *layer, int person, int joint, float x, float y)
{
  TacetPerson *who = find_person (self, layer, person);
  g_return_if_fail (who != NULL && joint >= 0 && joint < TACET_POSE_JOINTS);
  if (!isfinite (x) || !isfinite (y) || (who->joints[joint].x == x && who->joints[joint].y == y))
    return;
  begin_people (self, layer, _ ("Move Joint"), person * (TACET_POSE_JOINTS + 1) + joint);
  who = find_person (self, layer, person);
  who->joints[joint] = sane_joint (self, (TacetJoint){ x, y, who->joints[joint].confidence });
  end_people (self, layer);
}

void
tacet_scene_show_joint (TacetScene *self, TacetLayer *layer, int person, int joint, gboolean visible)
{
  TacetPerson *who = find_person (self, layer, person);
  g_return_if_fail (who != NULL && joint >= 0 && joint < TACET_POSE_JOINTS);
  if (!visible == (who->joints[joint].confidence <= 0))
    return;
  begin_people (self, layer, visible ? _ ("Show Joint") : _ ("Hide Joint"), -1);
  find_person (self, layer, person)->joints[joint].confidence = visible ? 1 : 0;
  end_people (self, layer);
}
