/* tacet-scene-people.c: the people of a pose are added, posed, removed; one undo step each.
 *
 * Room: engine/scene.  Only what changed is drawn again, so that a drag is seen in the same frame however large the
 * document is.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>

static TacetPerson *
find_person (TacetScene *self, TacetLayer *layer, int person)
{
  if (!_tacet_scene_owns (self, layer) || layer->settings.locked || !layer->people || person < 0 ||
      person >= (int) layer->people->len)
    return NULL;
  return &g_array_index (layer->people, TacetPerson, person);
}

/* ---- what has to be drawn again ---- */

static void
join (int area[4], const int other[4])
{
  int right, bottom;
  if (other[2] <= 0 || other[3] <= 0)
    return;
  if (area[2] <= 0 || area[3] <= 0)
    {
      memcpy (area, other, 4 * sizeof area[0]);
      return;
    }
  right = MAX (area[0] + area[2], other[0] + other[2]);
  bottom = MAX (area[1] + area[3], other[1] + other[3]);
  area[0] = MIN (area[0], other[0]);
  area[1] = MIN (area[1], other[1]);
  area[2] = right - area[0];
  area[3] = bottom - area[1];
}

/* Of one person moved: its points that are not where they were, and what hangs on them. */
static gboolean
moved_area (const TacetPerson *from, const TacetPerson *to, int width, int height, int area[4])
{
  TacetPerson parts[2] = { *from, *to };
  if (from->has != to->has || from->hidden != to->hidden)
    return FALSE;
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    {
      gboolean touched = memcmp (&from->points[i], &to->points[i], sizeof (TacetJoint)) != 0;
      int parent = tacet_point_parent (i);
      /* A bone is drawn anew if either end moved. */
      if (parent >= 0)
        touched |= memcmp (&from->points[parent], &to->points[parent], sizeof (TacetJoint)) != 0;
      for (int k = 0; k < TACET_PERSON_POINTS && !touched; k++)
        touched = tacet_point_parent (k) == i && memcmp (&from->points[k], &to->points[k], sizeof (TacetJoint)) != 0;
      if (!touched)
        parts[0].points[i].confidence = parts[1].points[i].confidence = 0;
    }
  for (int k = 0; k < 2; k++)
    {
      int own[4];
      tacet_pose_area (&parts[k], width, height, own);
      join (area, own);
    }
  return TRUE;
}

void
_tacet_people_area (GArray *from, GArray *to, int width, int height, int area[4])
{
  memset (area, 0, 4 * sizeof area[0]);
  for (guint i = 0; i < MAX (from->len, to->len); i++)
    {
      const TacetPerson *a = i < from->len ? &g_array_index (from, TacetPerson, i) : NULL;
      const TacetPerson *b = i < to->len ? &g_array_index (to, TacetPerson, i) : NULL;
      int own[4];
      if (a && b && (tacet_person_equal (a, b) || moved_area (a, b, width, height, area)))
        continue;
      if (a)
        {
          tacet_pose_area (a, width, height, own);
          join (area, own);
        }
      if (b)
        {
          tacet_pose_area (b, width, height, own);
          join (area, own);
        }
    }
}

/* ---- around a change ---- */

/* item: what a drag may go on with, or -1.  Returns the people as they were. */
static GArray *
begin_people (TacetScene *self, TacetLayer *layer, const char *name, int item)
{
  _tacet_scene_finish_stroke (self);
  if (item < 0 || !_tacet_history_merges (&self->history, TACET_CHANGE_JOINT, layer, item))
    _tacet_history_push (self, _tacet_step_people (layer, name, item));
  return g_array_copy (layer->people);
}

static void
end_people (TacetScene *self, TacetLayer *layer, GArray *before)
{
  _tacet_layer_redraw_people (layer, before);
  _tacet_scene_changed (self);
  g_array_unref (before);
}

/* Points may lie outside the picture, but within reach. */
static TacetPerson
sane_person (TacetScene *self, const TacetPerson *person)
{
  TacetPerson sane = *person;
  tacet_person_make_sane (&sane, 4.0f * (float) MAX (self->width, self->height));
  return sane;
}

/* ---- the changes ---- */

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
  GArray *before = begin_people (self, layer, n_people == 1 ? _ ("Add Person") : _ ("Add People"), -1);
  for (int i = 0; i < n; i++)
    {
      TacetPerson sane = sane_person (self, &people[i]);
      g_array_append_val (layer->people, sane);
    }
  end_people (self, layer, before);
  return n;
}

void
tacet_scene_remove_person (TacetScene *self, TacetLayer *layer, int person)
{
  if (!find_person (self, layer, person))
    return;
  GArray *before = begin_people (self, layer, _ ("Remove Person"), -1);
  g_array_remove_index (layer->people, person);
  end_people (self, layer, before);
}

gboolean
tacet_scene_set_person (TacetScene *self, TacetLayer *layer, int index, const TacetPerson *person, const char *name,
                        gboolean goes_on)
{
  g_return_val_if_fail (person != NULL, FALSE);
  TacetPerson *old = find_person (self, layer, index), sane;
  if (!old)
    return FALSE;
  sane = sane_person (self, person);
  if (tacet_person_equal (old, &sane))
    return TRUE;
  GArray *before = begin_people (self, layer, name ? name : _ ("Move Person"), goes_on ? index : -1);
  g_array_index (layer->people, TacetPerson, index) = sane;
  end_people (self, layer, before);
  return TRUE;
}

gboolean
tacet_scene_restack_person (TacetScene *self, TacetLayer *layer, int index, int to)
{
  TacetPerson *who = find_person (self, layer, index), person;
  if (!who || !find_person (self, layer, to) || index == to)
    return FALSE;
  person = *who;
  GArray *before = begin_people (self, layer, to > index ? _ ("Bring Person Forward") : _ ("Send Person Back"), -1);
  g_array_remove_index (layer->people, index);
  g_array_insert_val (layer->people, to, person);
  end_people (self, layer, before);
  return TRUE;
}
