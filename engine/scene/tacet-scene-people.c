/* tacet-scene-people.c: the people of a pose are added, posed, removed; one undo step each.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>

static TacetPerson *
find_person (TacetScene *self, TacetLayer *layer, int person)
{
  if (!_tacet_scene_owns (self, layer) || layer->settings.locked || !layer->people || person < 0 ||
      person >= (int) layer->people->len)
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
  _tacet_scene_end_pixels (self, layer);
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
  if (layer->settings.locked)
    return 0;
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
  if (!find_person (self, layer, person))
    return;
  begin_people (self, layer, _ ("Remove Person"), -1);
  g_array_remove_index (layer->people, person);
  end_people (self, layer);
}

void
tacet_scene_set_person (TacetScene *self, TacetLayer *layer, int index, const TacetPerson *person)
{
  if (!person || !find_person (self, layer, index))
    return;
  begin_people (self, layer, _ ("Move Person"), index * (TACET_POSE_JOINTS + 1) + TACET_POSE_JOINTS);
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    g_array_index (layer->people, TacetPerson, index).joints[i] = sane_joint (self, person->joints[i]);
  end_people (self, layer);
}

void
tacet_scene_move_joint (TacetScene *self, TacetLayer *layer, int person, int joint, float x, float y)
{
  TacetPerson *who = find_person (self, layer, person);
  g_return_if_fail (joint >= 0 && joint < TACET_POSE_JOINTS);
  if (!who)
    return;
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
  g_return_if_fail (joint >= 0 && joint < TACET_POSE_JOINTS);
  if (!who)
    return;
  if (!visible == (who->joints[joint].confidence <= 0))
    return;
  begin_people (self, layer, visible ? _ ("Show Joint") : _ ("Hide Joint"), -1);
  find_person (self, layer, person)->joints[joint].confidence = visible ? 1 : 0;
  end_people (self, layer);
}
