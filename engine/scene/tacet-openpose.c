/* tacet-openpose.c: see tacet-openpose.h.  Room: engine/scene. */
#define G_LOG_DOMAIN "tacet-openpose"
#include "config.h"

#include "engine/weights/tacet-json.h"
#include "tacet-json-text.h"
#include "tacet-openpose.h"
#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_FILE  (16u << 20)
#define UNCERTAIN 0.1 /* a joint below this is hidden */
#define BODY_25   25

/* Where the joints of the COCO order stand in BODY_25, which has a middle of the hips at 8 and feet at the end. */
static const int coco_in_body_25[TACET_POSE_JOINTS] = { 0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 };

/* ---- reading ---- */

/* The numbers of a list, at most max; -1: not a list of that many numbers. */
static int
read_numbers (JsonObject *object, const char *field, double *numbers, int max)
{
  JsonNode *node = json_object_get_member (object, field);
  if (!node || !JSON_NODE_HOLDS_ARRAY (node))
    return 0;
  JsonArray *array = json_node_get_array (node);
  guint n = json_array_get_length (array);
  if (n > (guint) max)
    return -1;
  for (guint i = 0; i < n; i++)
    {
      JsonNode *item = json_array_get_element (array, i);
      GType type = JSON_NODE_HOLDS_VALUE (item) ? json_node_get_value_type (item) : G_TYPE_INVALID;
      if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
        return -1;
      numbers[i] = json_node_get_double (item);
      if (!isfinite (numbers[i]))
        return -1;
    }
  return (int) n;
}

static gboolean
has_numbers (JsonObject *object, const char *field)
{
  JsonNode *node = json_object_get_member (object, field);
  return node && JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > 0;
}

/* FALSE: not a person in one of the two orders; a person without any joint is skipped by the caller. */
static gboolean
read_person (JsonObject *object, TacetPerson *person)
{
  double numbers[3 * BODY_25];
  int n = read_numbers (object, "pose_keypoints_2d", numbers, G_N_ELEMENTS (numbers));
  memset (person, 0, sizeof *person);
  if (n != 0 && n != 3 * TACET_POSE_JOINTS && n != 3 * BODY_25)
    return FALSE;
  for (int i = 0; n > 0 && i < TACET_POSE_JOINTS; i++)
    {
      const double *joint = numbers + 3 * (n == 3 * BODY_25 ? coco_in_body_25[i] : i);
      person->joints[i] = (TacetJoint){ joint[0], joint[1], joint[2] < UNCERTAIN ? 0 : MIN (joint[2], 1) };
    }
  return TRUE;
}

static gboolean
is_visible (const TacetPerson *person)
{
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    if (person->joints[i].confidence > 0)
      return TRUE;
  return FALSE;
}

/* The frame: the object itself, the first of a list of them, or the first of "poses". */
static JsonObject *
find_frame (JsonObject *object)
{
  static const char *const lists[] = { "frames", "poses" };
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      JsonNode *node = json_object_get_member (object, lists[i]);
      JsonArray *array = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      JsonNode *first = array && json_array_get_length (array) > 0 ? json_array_get_element (array, 0) : NULL;
      if (first && JSON_NODE_HOLDS_OBJECT (first))
        object = json_node_get_object (first);
    }
  return object;
}

static gboolean
read_people (JsonObject *frame, GArray *people, guint *left_out, GError **error)
{
  static const char *const others[] = { "hand_left_keypoints_2d", "hand_right_keypoints_2d", "face_keypoints_2d" };
  JsonNode *node = json_object_get_member (frame, "people");
  JsonArray *array = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (!array)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("It is not a pose file (no list “people”)"));
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      TacetPerson person;
      if (!JSON_NODE_HOLDS_OBJECT (element) || !read_person (json_node_get_object (element), &person))
        return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT,
                                 _ ("Person %u does not have 18 or 25 joints of three numbers each"), i + 1);
      for (gsize k = 0; k < G_N_ELEMENTS (others); k++)
        *left_out += has_numbers (json_node_get_object (element), others[k]);
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
    for (int k = 0; k < TACET_POSE_JOINTS; k++)
      {
        const TacetJoint *joint = &g_array_index (people, TacetPerson, i).joints[k];
        if (joint->confidence > 0 && (fabsf (joint->x) > 2 || fabsf (joint->y) > 2))
          return FALSE;
      }
  return TRUE;
}

/* A joint that was not found has no place; its neighbour along a limb has. */
static void
place_lost_joints (TacetPerson *person, float step)
{
  gboolean placed[TACET_POSE_JOINTS];
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    placed[i] = person->joints[i].confidence > 0 || person->joints[i].x != 0 || person->joints[i].y != 0;
  for (int round = 0; round < TACET_POSE_JOINTS; round++)
    for (int l = 0; l < TACET_POSE_LIMBS; l++)
      for (int end = 0; end < 2; end++)
        {
          int lost = tacet_pose_limbs[l][end], known = tacet_pose_limbs[l][1 - end];
          if (placed[lost] || !placed[known])
            continue;
          person->joints[lost].x = person->joints[known].x;
          person->joints[lost].y = person->joints[known].y + (end == 1 ? step : -step);
          placed[lost] = TRUE;
        }
}

/* Into the middle of the picture, as large as it will go. */
static void
fit_people (GArray *people, double from_width, double from_height, int width, int height)
{
  double scale = MIN (width / from_width, height / from_height);
  double left = 0.5 * (width - scale * from_width), top = 0.5 * (height - scale * from_height);
  for (guint i = 0; i < people->len; i++)
    {
      TacetPerson *person = &g_array_index (people, TacetPerson, i);
      for (int k = 0; k < TACET_POSE_JOINTS; k++)
        {
          TacetJoint *joint = &person->joints[k];
          gboolean lost = joint->confidence <= 0 && joint->x == 0 && joint->y == 0;
          joint->x = lost ? 0 : (float) (left + scale * joint->x);
          joint->y = lost ? 0 : (float) (top + scale * joint->y);
        }
      place_lost_joints (person, 0.05f * (float) height);
    }
}

/* json-glib's helper wants an object; lists of frames are wrapped into one. */
static JsonNode *
load_json (const char *path, GError **error)
{
  gsize length = 0;
  g_autofree char *text = tacet_read_text (path, MAX_FILE, &length, error);
  if (!text)
    return NULL;
  g_autofree char *name = g_filename_display_name (path);
  gsize start = strspn (text, " \t\r\n");
  if (text[start] != '[')
    return tacet_json_parse (text, length, name, error);
  g_autofree char *whole = g_strdup_printf ("{\"frames\":%s}", text + start);
  return tacet_json_parse (whole, strlen (whole), name, error);
}

GArray *
tacet_openpose_load (const char *path, int width, int height, guint *left_out, GError **error)
{
  guint others = 0;
  int from_width = 0, from_height = 0;
  g_autoptr (GArray) people = g_array_new (FALSE, FALSE, sizeof (TacetPerson));
  g_autoptr (JsonNode) node = load_json (path, error);
  if (!node)
    return NULL;
  JsonObject *frame = find_frame (json_node_get_object (node));
  if (!tacet_json_get_int (frame, "canvas_width", 1, 1 << 20, &from_width, error) ||
      !tacet_json_get_int (frame, "canvas_height", 1, 1 << 20, &from_height, error) ||
      !read_people (frame, people, &others, error))
    return NULL;
  gboolean sized = from_width > 0 && from_height > 0;
  if (in_shares (people))
    {
      double tall = sized ? (double) from_height / from_width : (double) height / width;
      for (guint i = 0; i < people->len; i++)
        for (int k = 0; k < TACET_POSE_JOINTS; k++)
          g_array_index (people, TacetPerson, i).joints[k].y *= (float) tall;
      fit_people (people, 1, tall, width, height);
    }
  else
    fit_people (people, sized ? from_width : width, sized ? from_height : height, width, height);
  if (left_out)
    *left_out = others;
  return g_steal_pointer (&people);
}

/* ---- writing ---- */

static void
add_numbers (JsonArray *array, const TacetPerson *person)
{
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    {
      const TacetJoint *joint = &person->joints[i];
      json_array_add_element (array, tacet_json_float (joint->x));
      json_array_add_element (array, tacet_json_float (joint->y));
      json_array_add_element (array, tacet_json_float (joint->confidence));
    }
}

gboolean
tacet_openpose_save (const char *path, const TacetPerson *people, int n_people, int width, int height, GError **error)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *list = json_array_new ();
  json_node_take_object (root, object);
  for (int i = 0; i < n_people; i++)
    {
      JsonObject *person = json_object_new ();
      JsonArray *numbers = json_array_new ();
      add_numbers (numbers, &people[i]);
      json_object_set_array_member (person, "pose_keypoints_2d", numbers);
      json_array_add_object_element (list, person);
    }
  json_object_set_array_member (object, "people", list);
  json_object_set_int_member (object, "canvas_width", width);
  json_object_set_int_member (object, "canvas_height", height);
  g_autofree char *text = tacet_json_text (root);
  return tacet_write_file (path, text, strlen (text), error);
}
