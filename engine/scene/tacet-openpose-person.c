/* tacet-openpose-person.c: one person of a pose file, in the orders that programs use.
 *
 * Room: engine/scene.  Sources: OpenPose, doc/02_output.md; the COCO and COCO-WholeBody orders as MMPose writes them;
 * the lists of 18 pairs of openpose-editor.  Files are hostile.
 */
#define G_LOG_DOMAIN "tacet-openpose"
#include "config.h"

#include "tacet-openpose-private.h"
#include <math.h>
#include <string.h>

#define UNCERTAIN  0.1 /* a point below this is hidden */
#define BODY_25    25
#define COCO       17
#define WHOLE_BODY 133 /* COCO, 6 of the feet, 68 of the face, left hand, right hand */
#define FACE_68    68  /* without the pupils */

/* Where the joints of our order stand in BODY_25, which has a middle of the hips at 8 and feet at the end. */
static const gint8 in_body_25[TACET_POSE_JOINTS] = { 0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 };
/* The same in COCO, which has no neck. */
static const gint8 in_coco[TACET_POSE_JOINTS] = { 0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3 };

/* ---- numbers ---- */

static gboolean
read_number (JsonNode *node, double *number)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *number = json_node_get_double (node);
  return isfinite (*number);
}

/* The numbers of a list, at most max; 0: there is no such list; -1: it is not one of so many numbers. */
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
    if (!read_number (json_array_get_element (array, i), &numbers[i]))
      return -1;
  return (int) n;
}

static TacetJoint
joint_of (const double *numbers)
{
  return (TacetJoint){ (float) numbers[0], (float) numbers[1],
                       numbers[2] < UNCERTAIN ? 0 : (float) MIN (numbers[2], 1.0) };
}

gboolean
_tacet_joint_is_lost (const TacetJoint *joint)
{
  return joint->confidence <= 0 && joint->x == 0 && joint->y == 0;
}

/* ---- hands and faces ---- */

/* The pupils lie in the middle of the eyes, where a face comes without them. */
static void
place_pupils (TacetPerson *person)
{
  for (int eye = 0; eye < 2; eye++)
    {
      TacetJoint *pupil = &person->face[FACE_68 + eye], *from = &person->face[36 + 6 * eye];
      *pupil = (TacetJoint){ 0 };
      for (int i = 0; i < 6; i++)
        {
          pupil->x += from[i].x / 6;
          pupil->y += from[i].y / 6;
          pupil->confidence = MAX (pupil->confidence, from[i].confidence);
        }
    }
}

/* A part with no point in any place is none. */
static void
keep_part (TacetPerson *person, TacetBodyPart part)
{
  int first, n = tacet_body_part_points (part, &first);
  for (int i = 0; i < n; i++)
    if (!_tacet_joint_is_lost (&person->points[first + i]))
      {
        person->has |= (guint16) (1u << part);
        return;
      }
}

/* FALSE: there is something in another form, which is left out. */
static gboolean
read_part (JsonObject *object, const char *field, TacetPerson *person, TacetBodyPart part)
{
  double numbers[3 * TACET_FACE_POINTS];
  int first, n_points = tacet_body_part_points (part, &first);
  int n = read_numbers (object, field, numbers, 3 * n_points);
  gboolean without_pupils = part == TACET_BODY_FACE && n == 3 * FACE_68;
  if (n == 0)
    return TRUE;
  if (n != 3 * n_points && !without_pupils)
    return FALSE;
  for (int i = 0; i < n / 3; i++)
    person->points[first + i] = joint_of (numbers + 3 * i);
  if (without_pupils)
    place_pupils (person);
  keep_part (person, part);
  return TRUE;
}

/* ---- OpenPose ---- */

static gboolean
read_openpose (JsonObject *object, TacetPerson *person, guint *left_out)
{
  double numbers[3 * BODY_25];
  int n = read_numbers (object, "pose_keypoints_2d", numbers, G_N_ELEMENTS (numbers));
  if (n != 0 && n != 3 * TACET_POSE_JOINTS && n != 3 * BODY_25)
    return FALSE;
  for (int i = 0; n > 0 && i < TACET_POSE_JOINTS; i++)
    person->joints[i] = joint_of (numbers + 3 * (n == 3 * BODY_25 ? in_body_25[i] : i));
  *left_out += !read_part (object, "hand_left_keypoints_2d", person, TACET_BODY_LEFT_HAND);
  *left_out += !read_part (object, "hand_right_keypoints_2d", person, TACET_BODY_RIGHT_HAND);
  *left_out += !read_part (object, "face_keypoints_2d", person, TACET_BODY_FACE);
  return TRUE;
}

/* ---- COCO ---- */

/* Points as pairs or triples in lists of their own, or all numbers in one list by threes; null is a point that was not
 * found.  The number of points, -1: none of these. */
static int
read_points (JsonArray *array, JsonObject *object, double points[][3], int max)
{
  double scores[WHOLE_BODY];
  int n = (int) json_array_get_length (array), n_scores = 0;
  if (object)
    n_scores = read_numbers (object, "keypoint_scores", scores, max);
  if (n > 0 && JSON_NODE_HOLDS_VALUE (json_array_get_element (array, 0)))
    {
      if (n % 3 != 0 || n / 3 > max)
        return -1;
      for (int i = 0; i < n; i++)
        if (!read_number (json_array_get_element (array, i), &points[i / 3][i % 3]))
          return -1;
      return n / 3;
    }
  for (int i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      if (n > max || (!pair && !JSON_NODE_HOLDS_NULL (node)))
        return -1;
      memset (points[i], 0, sizeof points[i]);
      if (!pair || json_array_get_length (pair) < 2 || !read_number (json_array_get_element (pair, 0), &points[i][0]) ||
          !read_number (json_array_get_element (pair, 1), &points[i][1]))
        continue;
      points[i][2] = 1;
      if (n_scores == n)
        points[i][2] = scores[i];
      else if (json_array_get_length (pair) > 2 && !read_number (json_array_get_element (pair, 2), &points[i][2]))
        return -1;
    }
  return n;
}

static TacetJoint
between (TacetJoint a, TacetJoint b)
{
  return (TacetJoint){ (a.x + b.x) / 2, (a.y + b.y) / 2, MIN (a.confidence, b.confidence) };
}

gboolean
_tacet_openpose_read_points (JsonArray *array, JsonObject *object, TacetPerson *person)
{
  double points[WHOLE_BODY][3];
  int n = read_points (array, object, points, WHOLE_BODY);
  memset (person, 0, sizeof *person);
  if (n == TACET_POSE_JOINTS)
    for (int i = 0; i < n; i++)
      person->joints[i] = joint_of (points[i]);
  if (n == TACET_POSE_JOINTS)
    return TRUE;
  if (n != COCO && n != WHOLE_BODY)
    return FALSE;
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    if (in_coco[i] >= 0)
      person->joints[i] = joint_of (points[in_coco[i]]);
  person->joints[TACET_NECK] = between (person->joints[TACET_RIGHT_SHOULDER], person->joints[TACET_LEFT_SHOULDER]);
  for (int i = 23; i < n; i++)
    {
      TacetJoint joint = joint_of (points[i]);
      if (i < 23 + FACE_68)
        person->face[i - 23] = joint;
      else if (i < 23 + FACE_68 + TACET_HAND_POINTS)
        person->left_hand[i - 23 - FACE_68] = joint;
      else
        person->right_hand[i - 23 - FACE_68 - TACET_HAND_POINTS] = joint;
    }
  if (n == WHOLE_BODY)
    place_pupils (person);
  for (int part = TACET_BODY_RIGHT_HAND; part <= TACET_BODY_FACE; part++)
    keep_part (person, part);
  return TRUE;
}

gboolean
_tacet_openpose_read_person (JsonObject *object, TacetPerson *person, guint *left_out)
{
  JsonNode *node = json_object_get_member (object, "keypoints");
  memset (person, 0, sizeof *person);
  if (node && JSON_NODE_HOLDS_ARRAY (node) && !json_object_has_member (object, "pose_keypoints_2d"))
    return _tacet_openpose_read_points (json_node_get_array (node), object, person);
  return read_openpose (object, person, left_out);
}

/* ---- places for what was not found ---- */

/* A joint of the body beside its neighbour along a limb. */
static void
place_joints (TacetPerson *person, float step)
{
  gboolean placed[TACET_POSE_JOINTS];
  /* A hand knows where its wrist is. */
  if (tacet_person_has (person, TACET_BODY_LEFT_HAND) && _tacet_joint_is_lost (&person->joints[TACET_LEFT_WRIST]))
    person->joints[TACET_LEFT_WRIST] = (TacetJoint){ person->left_hand[0].x, person->left_hand[0].y, 0 };
  if (tacet_person_has (person, TACET_BODY_RIGHT_HAND) && _tacet_joint_is_lost (&person->joints[TACET_RIGHT_WRIST]))
    person->joints[TACET_RIGHT_WRIST] = (TacetJoint){ person->right_hand[0].x, person->right_hand[0].y, 0 };
  if (tacet_person_has (person, TACET_BODY_FACE) && _tacet_joint_is_lost (&person->joints[TACET_NOSE]))
    person->joints[TACET_NOSE] = (TacetJoint){ person->face[30].x, person->face[30].y, 0 };
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    placed[i] = !_tacet_joint_is_lost (&person->joints[i]);
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

void
_tacet_openpose_place_lost (TacetPerson *person, float step)
{
  place_joints (person, step);
  /* Points of hands and face where the one before them is, or what carries them. */
  for (int i = TACET_LEFT_HAND; i < TACET_PERSON_POINTS; i++)
    {
      int parent = tacet_point_parent (i);
      if (!tacet_person_has_point (person, i) || !_tacet_joint_is_lost (&person->points[i]))
        continue;
      person->points[i].x = person->points[parent].x;
      person->points[i].y = person->points[parent].y;
    }
}
