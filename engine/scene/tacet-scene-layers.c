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
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->controls));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TacetControl) control = g_list_model_get_item (G_LIST_MODEL (self->controls), i);
      if (g_str_equal (control->settings.name, name))
        return TRUE;
    }
  return FALSE;
}

char *
_tacet_scene_new_name (TacetScene *self, TacetControlKind kind)
{
  char *name = g_strdup (tacet_control_kind_label (kind));
  for (int i = 2; name_taken (self, name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s %d", tacet_control_kind_label (kind), i);
    }
  return name;
}

TacetControl *
tacet_scene_add_control (TacetScene *self, TacetControlKind kind)
{
  g_return_val_if_fail (TACET_IS_SCENE (self) && (guint) kind < TACET_N_CONTROL_KINDS, NULL);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->controls)) >= TACET_MAX_LAYERS)
    return NULL;
  g_autofree char *name = _tacet_scene_new_name (self, kind);
  g_autoptr (TacetControl) control = _tacet_control_new (kind, name, self->width, self->height);
  if (!control)
    return NULL;
  _tacet_scene_finish_stroke (self);
  g_list_store_append (self->controls, control);
  _tacet_history_push (self, _tacet_step_list (self, _ ("Add Control"), control));
  _tacet_scene_changed (self);
  return control;
}

void
tacet_scene_remove_control (TacetScene *self, TacetControl *control)
{
  guint position;
  g_return_if_fail (TACET_IS_SCENE (self));
  _tacet_scene_finish_stroke (self);
  if (!g_list_store_find (self->controls, control, &position))
    return;
  _tacet_history_push (self, _tacet_step_list (self, _ ("Remove Control"), control));
  g_list_store_remove (self->controls, position);
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
end_map (TacetScene *self, TacetControl *control)
{
  _tacet_control_damage (control, 0, 0, self->width, self->height);
  _tacet_scene_changed (self);
}

static gboolean
set_pose_map (TacetScene *self, TacetControl *control, TacetImage *base, const TacetImage *coverage, const char *name)
{
  g_autoptr (TacetImage) opinion = tacet_image_new (self->width, self->height, 1);
  if (!opinion)
    return FALSE;
  memset (opinion->data, TACET_NEUTRAL, (gsize) self->width * self->height);
  TacetStep *step = _tacet_step_planes (control, name);
  tacet_image_unref (control->opinion);
  control->opinion = g_steal_pointer (&opinion);
  g_clear_pointer (&control->base, tacet_image_unref);
  control->base = base ? tacet_image_ref (base) : NULL;
  if (!base)
    g_array_set_size (control->people, 0);
  if (!_tacet_control_redraw (control))
    {
      step->swap (step, self);
      _tacet_step_free (step);
      return FALSE;
    }
  if (coverage)
    {
      _tacet_control_derive_opinion (control, coverage);
      _tacet_control_apply_opinion (control, 0, 0, self->width, self->height);
    }
  _tacet_history_push (self, step);
  end_map (self, control);
  return TRUE;
}

gboolean
tacet_scene_set_control_map (TacetScene *self, TacetControl *control, const TacetImage *map, const TacetImage *coverage)
{
  g_return_val_if_fail (_tacet_scene_owns (self, control) && map != NULL, FALSE);
  gboolean pose = control->kind == TACET_CONTROL_POSE;
  _tacet_scene_finish_stroke (self);
  g_autoptr (TacetImage) new_map = fitted (self, map, pose ? 3 : 1, FALSE);
  g_autoptr (TacetImage) new_coverage = NULL;
  if (!new_map)
    return FALSE;
  if (coverage)
    new_coverage = fitted (self, coverage, 1, TRUE);
  else if (!pose)
    new_coverage = tacet_coverage_from_map (control->kind, new_map);
  if (!new_coverage && (coverage || !pose))
    return FALSE;
  if (pose)
    return set_pose_map (self, control, new_map, new_coverage, _ ("Set Map"));
  _tacet_history_push (self, _tacet_step_planes (control, _ ("Set Map")));
  tacet_image_unref (control->map);
  tacet_image_unref (control->coverage);
  control->map = g_steal_pointer (&new_map);
  control->coverage = g_steal_pointer (&new_coverage);
  end_map (self, control);
  return TRUE;
}

gboolean
tacet_scene_clear_control (TacetScene *self, TacetControl *control)
{
  g_return_val_if_fail (_tacet_scene_owns (self, control), FALSE);
  _tacet_scene_finish_stroke (self);
  if (control->kind == TACET_CONTROL_POSE)
    return set_pose_map (self, control, NULL, NULL, _ ("Clear Control"));
  g_autoptr (TacetImage) map = tacet_image_new (self->width, self->height, 1);
  g_autoptr (TacetImage) coverage = tacet_image_new (self->width, self->height, 1);
  if (!map || !coverage)
    return FALSE;
  _tacet_history_push (self, _tacet_step_planes (control, _ ("Clear Control")));
  tacet_image_unref (control->map);
  tacet_image_unref (control->coverage);
  control->map = g_steal_pointer (&map);
  control->coverage = g_steal_pointer (&coverage);
  end_map (self, control);
  return TRUE;
}

static TacetPerson *
find_person (TacetScene *self, TacetControl *control, int person)
{
  if (!_tacet_scene_owns (self, control) || !control->people || person < 0 || person >= (int) control->people->len)
    return NULL;
  return &g_array_index (control->people, TacetPerson, person);
}

/* item: the joint a drag may go on with, or -1 */
static void
begin_people (TacetScene *self, TacetControl *control, const char *name, int item)
{
  _tacet_scene_finish_stroke (self);
  if (item < 0 || !_tacet_history_merges (&self->history, TACET_CHANGE_JOINT, control, item))
    _tacet_history_push (self, _tacet_step_people (control, name, item));
}

static void
end_people (TacetScene *self, TacetControl *control)
{
  _tacet_control_redraw (control);
  end_map (self, control);
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
tacet_scene_add_person (TacetScene *self, TacetControl *control, const TacetPerson *person)
{
  g_return_if_fail (person != NULL);
  tacet_scene_add_people (self, control, person, 1);
}

int
tacet_scene_add_people (TacetScene *self, TacetControl *control, const TacetPerson *people, int n_people)
{
  g_return_val_if_fail (_tacet_scene_owns (self, control) && control->people != NULL && n_people >= 0, 0);
  int n = MIN (n_people, TACET_MAX_PEOPLE - (int) control->people->len);
  if (n < 1)
    return 0;
  begin_people (self, control, n_people == 1 ? _ ("Add Person") : _ ("Add People"), -1);
  for (int i = 0; i < n; i++)
    {
      TacetPerson sane;
      for (int k = 0; k < TACET_POSE_JOINTS; k++)
        sane.joints[k] = sane_joint (self, people[i].joints[k]);
      g_array_append_val (control->people, sane);
    }
  end_people (self, control);
  return n;
}

void
tacet_scene_remove_person (TacetScene *self, TacetControl *control, int person)
{
  g_return_if_fail (find_person (self, control, person) != NULL);
  begin_people (self, control, _ ("Remove Person"), -1);
  g_array_remove_index (control->people, person);
  end_people (self, control);
}

void
tacet_scene_set_person (TacetScene *self, TacetControl *control, int index, const TacetPerson *person)
{
  g_return_if_fail (find_person (self, control, index) != NULL && person != NULL);
  begin_people (self, control, _ ("Move Person"), index * (TACET_POSE_JOINTS + 1) + TACET_POSE_JOINTS);
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    g_array_index (control->people, TacetPerson, index).joints[i] = sane_joint (self, person->joints[i]);
  end_people (self, control);
}

void
tacet_scene_move_joint (TacetScene *self, TacetControl *control, int person, int joint, float x, float y)
{
  TacetPerson *who = find_person (self, control, person);
  g_return_if_fail (who != NULL && joint >= 0 && joint < TACET_POSE_JOINTS);
  if (!isfinite (x) || !isfinite (y) || (who->joints[joint].x == x && who->joints[joint].y == y))
    return;
  begin_people (self, control, _ ("Move Joint"), person * (TACET_POSE_JOINTS + 1) + joint);
  who = find_person (self, control, person);
  who->joints[joint] = sane_joint (self, (TacetJoint){ x, y, who->joints[joint].confidence });
  end_people (self, control);
}

void
tacet_scene_show_joint (TacetScene *self, TacetControl *control, int person, int joint, gboolean visible)
{
  TacetPerson *who = find_person (self, control, person);
  g_return_if_fail (who != NULL && joint >= 0 && joint < TACET_POSE_JOINTS);
  if (!visible == (who->joints[joint].confidence <= 0))
    return;
  begin_people (self, control, visible ? _ ("Show Joint") : _ ("Hide Joint"), -1);
  find_person (self, control, person)->joints[joint].confidence = visible ? 1 : 0;
  end_people (self, control);
}
