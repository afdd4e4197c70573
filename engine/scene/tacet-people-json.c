/* tacet-people-json.c: the people of a pose in scene files.
 *
 * Room: engine/scene.  A person that is nothing but its body is the list of its joints, as it has been from the first
 * version on; hands, a face and what is hidden, locked or open make an object of it.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/weights/tacet-json.h"
#include "tacet-json-text.h"
#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>

static const struct
{
  const char *field;
  TacetBodyPart part;
} groups[] = { { "left_hand", TACET_BODY_LEFT_HAND },
               { "right_hand", TACET_BODY_RIGHT_HAND },
               { "face", TACET_BODY_FACE } };

/* ---- writing ---- */

static JsonArray *
points_array (const TacetPerson *person, int first, int n)
{
  JsonArray *points = json_array_new ();
  for (int i = first; i < first + n; i++)
    {
      JsonArray *point = json_array_new ();
      json_array_add_element (point, tacet_json_float (person->points[i].x));
      json_array_add_element (point, tacet_json_float (person->points[i].y));
      json_array_add_element (point, tacet_json_float (person->points[i].confidence));
      json_array_add_array_element (points, point);
    }
  return points;
}

static void
add_set (JsonObject *object, const char *field, guint set)
{
  JsonArray *array;
  if (!set)
    return;
  array = json_array_new ();
  for (int part = 0; part < TACET_N_BODY_PARTS; part++)
    if (set & (1u << part))
      json_array_add_string_element (array, tacet_body_part_id (part));
  json_object_set_array_member (object, field, array);
}

static JsonObject *
person_object (const TacetPerson *person)
{
  JsonObject *object = json_object_new ();
  json_object_set_array_member (object, "joints", points_array (person, 0, TACET_POSE_JOINTS));
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      int first, n = tacet_body_part_points (groups[i].part, &first);
      if (tacet_person_has (person, groups[i].part))
        json_object_set_array_member (object, groups[i].field, points_array (person, first, n));
    }
  add_set (object, "hidden", person->hidden);
  add_set (object, "locked", person->locked);
  add_set (object, "open", person->open);
  return object;
}

JsonNode *
_tacet_people_node (GArray *people)
{
  JsonArray *array = json_array_new ();
  for (guint i = 0; i < people->len; i++)
    {
      const TacetPerson *person = &g_array_index (people, TacetPerson, i);
      if (person->has | person->hidden | person->locked | person->open)
        json_array_add_object_element (array, person_object (person));
      else
        json_array_add_array_element (array, points_array (person, 0, TACET_POSE_JOINTS));
    }
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  return node;
}

/* ---- reading ---- */

static gboolean
read_point (JsonNode *node, TacetJoint *point)
{
  double values[3];
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (!array || json_array_get_length (array) != 3)
    return FALSE;
  for (int i = 0; i < 3; i++)
    {
      JsonNode *number = json_array_get_element (array, i);
      GType type = JSON_NODE_HOLDS_VALUE (number) ? json_node_get_value_type (number) : G_TYPE_INVALID;
      if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
        return FALSE;
      values[i] = json_node_get_double (number);
      if (!isfinite (values[i]) || fabs (values[i]) > 4.0 * TACET_SCENE_MAX_SIDE)
        return FALSE;
    }
  *point = (TacetJoint){ (float) values[0], (float) values[1], (float) CLAMP (values[2], 0, 1) };
  return TRUE;
}

static gboolean
read_points (JsonNode *node, TacetPerson *person, int first, int n)
{
  JsonArray *array = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  gboolean good = array && (int) json_array_get_length (array) == n;
  for (int i = 0; good && i < n; i++)
    good = read_point (json_array_get_element (array, (guint) i), &person->points[first + i]);
  return good;
}

/* What this version does not know is left out. */
static guint16
read_set (JsonObject *object, const char *field)
{
  JsonNode *node = json_object_get_member (object, field);
  JsonArray *array = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint16 set = 0;
  for (guint i = 0; array && i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);
      const char *id = JSON_NODE_HOLDS_VALUE (item) ? json_node_get_string (item) : NULL;
      for (int part = 0; part < TACET_N_BODY_PARTS; part++)
        if (g_strcmp0 (id, tacet_body_part_id (part)) == 0)
          set |= (guint16) (1u << part);
    }
  return set;
}

static gboolean
read_object (JsonObject *object, TacetPerson *person)
{
  if (!read_points (json_object_get_member (object, "joints"), person, 0, TACET_POSE_JOINTS))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      JsonNode *node = json_object_get_member (object, groups[i].field);
      int first, n = tacet_body_part_points (groups[i].part, &first);
      if (!node || JSON_NODE_HOLDS_NULL (node))
        continue;
      if (!read_points (node, person, first, n))
        return FALSE;
      person->has |= (guint16) (1u << groups[i].part);
    }
  person->hidden = read_set (object, "hidden");
  person->locked = read_set (object, "locked");
  person->open = read_set (object, "open");
  tacet_person_make_sane (person, 4.0f * TACET_SCENE_MAX_SIDE);
  return TRUE;
}

gboolean
_tacet_people_read (JsonObject *layer, GArray *people, GError **error)
{
  JsonNode *node = json_object_get_member (layer, "people");
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (!array || json_array_get_length (array) > TACET_MAX_PEOPLE)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT,
                             _ ("The field “people” must be a list of up to %d people"), TACET_MAX_PEOPLE);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      TacetPerson person = { 0 };
      if (JSON_NODE_HOLDS_OBJECT (element) ? !read_object (json_node_get_object (element), &person)
                                           : !read_points (element, &person, 0, TACET_POSE_JOINTS))
        return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT,
                                 _ ("In the field “people”, person %u must be %d joints, each [x, y, confidence], or "
                                    "an object with these, hands of %d points and a face of %d"),
                                 i + 1, TACET_POSE_JOINTS, TACET_HAND_POINTS, TACET_FACE_POINTS);
      g_array_append_val (people, person);
    }
  return TRUE;
}

/* ---- the digest ---- */

static void
add_number (GChecksum *sum, double number)
{
  number += 0.0; /* one zero, not two */
  g_checksum_update (sum, (const guchar *) &number, sizeof number);
}

void
_tacet_people_digest (GArray *people, GChecksum *sum)
{
  add_number (sum, people->len);
  for (guint i = 0; i < people->len; i++)
    {
      const TacetPerson *person = &g_array_index (people, TacetPerson, i);
      add_number (sum, person->has);
      add_number (sum, person->hidden);
      add_number (sum, person->locked);
      add_number (sum, person->open);
      for (int k = 0; k < TACET_PERSON_POINTS; k++)
        if (tacet_person_has_point (person, k))
          {
            add_number (sum, person->points[k].x);
            add_number (sum, person->points[k].y);
            add_number (sum, person->points[k].confidence);
          }
    }
}
