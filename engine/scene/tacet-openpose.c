/* tacet-openpose.c: see tacet-openpose.h.  Room: engine/scene. */
#define G_LOG_DOMAIN "tacet-openpose"
#include "config.h"

#include "engine/weights/tacet-json.h"
#include "tacet-json-text.h"
#include "tacet-openpose-private.h"
#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_FILE (16u << 20)

/* ---- reading ---- */

static gboolean
is_visible (const TacetPerson *person)
{
  return tacet_person_shows_part (person, TACET_BODY_PERSON);
}

static JsonArray *
get_list (JsonObject *object, const char *field)
{
  JsonNode *node = json_object_get_member (object, field);
  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static JsonNode *
first_of (JsonArray *array)
{
  return array && json_array_get_length (array) > 0 ? json_array_get_element (array, 0) : NULL;
}

/* A person, and not a list of them, in the form of COCO and of openpose-editor. */
static gboolean
is_person (JsonNode *node)
{
  JsonArray *points = JSON_NODE_HOLDS_OBJECT (node) ? get_list (json_node_get_object (node), "keypoints") : NULL;
  JsonNode *first = first_of (points), *inner;
  if (!first || !JSON_NODE_HOLDS_ARRAY (first))
    return first != NULL;
  inner = first_of (json_node_get_array (first));
  return !inner || !JSON_NODE_HOLDS_ARRAY (inner);
}

/* The frame: the object itself, or the first of a list of them; *people: the list, if the frame is one. */
static JsonObject *
find_frame (JsonObject *object, JsonArray **people)
{
  static const char *const lists[] = { "frames", "poses", "instance_info" };
  *people = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      JsonArray *array = get_list (object, lists[i]);
      JsonNode *first = first_of (array);
      if (first && JSON_NODE_HOLDS_ARRAY (first))
        *people = json_node_get_array (first);
      else if (first && is_person (first))
        *people = array;
      else if (first && JSON_NODE_HOLDS_OBJECT (first))
        object = json_node_get_object (first);
    }
  return object;
}

static JsonArray *
find_people (JsonObject *frame)
{
  static const char *const lists[] = { "people", "instances", "annotations", "keypoints" };
  JsonArray *people = NULL;
  for (gsize i = 0; !people && i < G_N_ELEMENTS (lists); i++)
    people = get_list (frame, lists[i]);
  return people;
}

static gboolean
read_person (JsonNode *node, TacetPerson *person, guint *left_out)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return _tacet_openpose_read_person (json_node_get_object (node), person, left_out);
  return JSON_NODE_HOLDS_ARRAY (node) && _tacet_openpose_read_points (json_node_get_array (node), NULL, person);
}

static gboolean
read_people (JsonArray *array, GArray *people, guint *left_out, GError **error)
{
  if (!array)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("It is not a pose file (no list “people”)"));
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      TacetPerson person;
      if (!read_person (json_array_get_element (array, i), &person, left_out))
        return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT,
                                 _ ("Person %u does not have 18 or 25 joints of three numbers each"), i + 1);
      if (is_visible (&person))
        g_array_append_val (people, person);
      if (people->len > TACET_MAX_PEOPLE)
        return _tacet_load_fail (error, TACET_SCENE_ERROR_LIMIT, _ ("It holds more than %d people"), TACET_MAX_PEOPLE);
    }
  return people->len > 0 || _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("There is nobody in it"));
}

/* Some programs write shares of the canvas instead of pixels. */
static gboolean
in_shares (GArray *people)
{
  for (guint i = 0; i < people->len; i++)
    for (int k = 0; k < TACET_PERSON_POINTS; k++)
      {
        const TacetJoint *joint = &g_array_index (people, TacetPerson, i).points[k];
        if (joint->confidence > 0 && (fabsf (joint->x) > 2 || fabsf (joint->y) > 2))
          return FALSE;
      }
  return TRUE;
}

/* Into the middle of the picture, as large as it will go; y: what the heights are times. */
static void
fit_people (GArray *people, double y, double from_width, double from_height, int width, int height)
{
  double scale = MIN (width / from_width, height / from_height);
  double left = 0.5 * (width - scale * from_width), top = 0.5 * (height - scale * from_height);
  for (guint i = 0; i < people->len; i++)
    {
      TacetPerson *person = &g_array_index (people, TacetPerson, i);
      for (int k = 0; k < TACET_PERSON_POINTS; k++)
        {
          TacetJoint *joint = &person->points[k];
          if (_tacet_joint_is_lost (joint))
            continue;
          joint->x = (float) (left + scale * joint->x);
          joint->y = (float) (top + scale * y * joint->y);
        }
      _tacet_openpose_place_lost (person, 0.05f * (float) height);
      tacet_person_make_sane (person, 4.0f * (float) MAX (width, height));
    }
}

/* The size of the canvas in one of two spellings. */
static gboolean
read_size (JsonObject *frame, int *width, int *height, GError **error)
{
  gboolean short_names = json_object_has_member (frame, "keypoints");
  return tacet_json_get_int (frame, short_names ? "width" : "canvas_width", 1, 1 << 20, width, error) &&
         tacet_json_get_int (frame, short_names ? "height" : "canvas_height", 1, 1 << 20, height, error);
}

/* json-glib's helper wants an object; lists of frames are wrapped into one. */
static JsonNode *
parse (const char *text, const char *name, GError **error)
{
  gsize start = strspn (text, " \t\r\n");
  if (text[start] != '[')
    return tacet_json_parse (text, strlen (text), name, error);
  g_autofree char *whole = g_strdup_printf ("{\"frames\":%s}", text + start);
  return tacet_json_parse (whole, strlen (whole), name, error);
}

GArray *
tacet_openpose_load (const char *path, int width, int height, guint *left_out, GError **error)
{
  gsize length = 0;
  g_autofree char *text = tacet_read_text (path, MAX_FILE, &length, error);
  g_autofree char *name = g_filename_display_name (path);
  return text ? tacet_openpose_from_text (text, name, width, height, left_out, error) : NULL;
}

GArray *
tacet_openpose_from_text (const char *text, const char *name, int width, int height, guint *left_out, GError **error)
{
  guint others = 0;
  int from_width = 0, from_height = 0;
  g_autoptr (GArray) people = g_array_new (FALSE, FALSE, sizeof (TacetPerson));
  g_autoptr (JsonNode) node = parse (text, name, error);
  if (!node)
    return NULL;
  JsonArray *array;
  JsonObject *frame = find_frame (json_node_get_object (node), &array);
  if (!array)
    array = find_people (frame);
  if (!read_size (frame, &from_width, &from_height, error) || !read_people (array, people, &others, error))
    return NULL;
  gboolean sized = from_width > 0 && from_height > 0;
  if (in_shares (people))
    {
      double tall = sized ? (double) from_height / from_width : (double) height / width;
      fit_people (people, tall, 1, tall, width, height);
    }
  else
    fit_people (people, 1, sized ? from_width : width, sized ? from_height : height, width, height);
  if (left_out)
    *left_out = others;
  return g_steal_pointer (&people);
}

/* ---- writing ---- */

/* A list without numbers for a part that the person does not have, as OpenPose writes it. */
static void
add_part (JsonObject *object, const char *field, const TacetPerson *person, int first, int n)
{
  JsonArray *array = json_array_new ();
  for (int i = first; i < first + n && tacet_person_has_point (person, first); i++)
    {
      const TacetJoint *joint = &person->points[i];
      json_array_add_element (array, tacet_json_float (joint->x));
      json_array_add_element (array, tacet_json_float (joint->y));
      json_array_add_element (array, tacet_json_float (tacet_person_shows (person, i) ? joint->confidence : 0));
    }
  json_object_set_array_member (object, field, array);
}

gboolean
tacet_openpose_save (const char *path, const TacetPerson *people, int n_people, int width, int height, GError **error)
{
  g_autofree char *text = tacet_openpose_to_text (people, n_people, width, height);
  return tacet_write_file (path, text, strlen (text), error);
}

char *
tacet_openpose_to_text (const TacetPerson *people, int n_people, int width, int height)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *list = json_array_new ();
  json_node_take_object (root, object);
  for (int i = 0; i < n_people; i++)
    {
      JsonObject *person = json_object_new ();
      add_part (person, "pose_keypoints_2d", &people[i], 0, TACET_POSE_JOINTS);
      add_part (person, "hand_left_keypoints_2d", &people[i], TACET_LEFT_HAND, TACET_HAND_POINTS);
      add_part (person, "hand_right_keypoints_2d", &people[i], TACET_RIGHT_HAND, TACET_HAND_POINTS);
      add_part (person, "face_keypoints_2d", &people[i], TACET_FACE, TACET_FACE_POINTS);
      json_array_add_object_element (list, person);
    }
  json_object_set_array_member (object, "people", list);
  json_object_set_int_member (object, "canvas_width", width);
  json_object_set_int_member (object, "canvas_height", height);
  return tacet_json_text (root);
}
