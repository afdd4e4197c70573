/* test-openpose.c: pose files of other programs in, ours out.
 *
 * Tests of engine/scene.
 */
#include "engine/scene/tacet-openpose.h"
#include "scene-test.h"
#include <math.h>
#include <string.h>

static GArray *
load (const char *name, int width, int height, guint *left_out)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "scene", "poses", name, NULL);
  g_autoptr (GError) error = NULL;
  GArray *people = tacet_openpose_load (path, width, height, left_out, &error);
  g_assert_no_error (error);
  return people;
}

static void
assert_joint (const TacetPerson *person, int joint, double x, double y, double confidence)
{
  g_assert_cmpfloat_with_epsilon (person->joints[joint].x, x, 1e-3);
  g_assert_cmpfloat_with_epsilon (person->joints[joint].y, y, 1e-3);
  g_assert_cmpfloat_with_epsilon (person->joints[joint].confidence, confidence, 1e-6);
}

/* 25 joints in another order, pixels, a face, a joint that was not found and one that is uncertain. */
static void
test_body_25 (void)
{
  guint left_out = 0;
  g_autoptr (GArray) people = load ("openpose-body25.json", 400, 400, &left_out);
  g_assert_cmpuint (people->len, ==, 1);
  g_assert_cmpuint (left_out, ==, 1);
  const TacetPerson *person = (TacetPerson *) people->data;
  assert_joint (person, 0, 100, 50, 0.9f);
  assert_joint (person, 8, 127, 113, 0.9f);  /* right hip: 9 there */
  assert_joint (person, 13, 142, 148, 0.9f); /* left ankle: 14 there */
  assert_joint (person, 17, 154, 176, 0.9f); /* left ear: 18 there */
  assert_joint (person, 7, 130, 99, 0);      /* uncertain: hidden, in its place */
  g_assert_cmpfloat (person->joints[4].confidence, ==, 0);
  g_assert_cmpfloat_with_epsilon (person->joints[4].x, person->joints[3].x, 1e-3); /* beside the elbow */
  g_assert_cmpfloat (person->joints[4].y, !=, 0);
}

/* A list of frames, shares of a canvas that is higher than wide, into a square: in the middle. */
static void
test_shares (void)
{
  g_autoptr (GArray) people = load ("frames-in-shares.json", 768, 768, NULL);
  g_assert_cmpuint (people->len, ==, 1);
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    assert_joint ((TacetPerson *) people->data, i, 128 + 512 * i / 20.0, 768 * (i / 36.0 + 0.1), 1);
}

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "pose.json", NULL);
  TacetPerson people[2] = { scene_test_person (50, 20, 90.5f), scene_test_person (20.25f, 40, 60) };
  people[1].joints[4].confidence = 0;
  g_assert_true (tacet_openpose_save (path, people, 2, 128, 96, &error));
  g_autoptr (GArray) same = tacet_openpose_load (path, 128, 96, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (same->data, same->len * sizeof (TacetPerson), people, sizeof people);
  g_autoptr (GArray) twice = tacet_openpose_load (path, 256, 256, NULL, &error);
  const TacetPerson *person = (TacetPerson *) twice->data;
  assert_joint (person, 0, 2 * people[0].joints[0].x, 32 + 2 * people[0].joints[0].y, people[0].joints[0].confidence);
  scene_test_remove_folder (folder);
}

static GArray *
load_text (const char *text, int width, int height)
{
  g_autoptr (GError) error = NULL;
  GArray *people = tacet_openpose_from_text (text, "test", width, height, NULL, &error);
  g_assert_no_error (error);
  return people;
}

/* n numbers x, y, c as one list. */
static char *
points (int n, double x, double y, double step)
{
  GString *text = g_string_new ("[");
  for (int i = 0; i < n; i++)
    {
      char a[G_ASCII_DTOSTR_BUF_SIZE], b[G_ASCII_DTOSTR_BUF_SIZE];
      g_ascii_dtostr (a, sizeof a, x + step * i);
      g_ascii_dtostr (b, sizeof b, y + step * i);
      g_string_append_printf (text, "%s%s,%s,%s", i ? "," : "", a, b, i == n - 1 ? "0.01" : "1");
    }
  g_string_append (text, "]");
  return g_string_free (text, FALSE);
}

/* Hands and faces: with pupils or without, null for what is not there, uncertain points hidden. */
static void
test_hands (void)
{
  g_autofree char *body = points (18, 10, 20, 1), *hand = points (21, 30, 40, 1), *face = points (68, 20, 10, 0.5);
  g_autofree char *text = g_strdup_printf ("{\"people\": [{\"pose_keypoints_2d\": %s, \"hand_left_keypoints_2d\": %s, "
                                           "\"hand_right_keypoints_2d\": null, \"face_keypoints_2d\": %s}], "
                                           "\"canvas_width\": 100, \"canvas_height\": 100}",
                                           body, hand, face);
  g_autoptr (GArray) people = load_text (text, 200, 200);
  const TacetPerson *person = (TacetPerson *) people->data;
  g_assert_true (tacet_person_has (person, TACET_BODY_LEFT_HAND));
  g_assert_false (tacet_person_has (person, TACET_BODY_RIGHT_HAND));
  g_assert_true (tacet_person_has (person, TACET_BODY_FACE));
  g_assert_cmpfloat_with_epsilon (person->left_hand[3].x, 66, 1e-3);
  g_assert_cmpfloat_with_epsilon (person->left_hand[20].x, 100, 1e-3);
  g_assert_false (tacet_person_shows (person, TACET_LEFT_HAND + 20));
  g_assert_true (tacet_person_shows (person, TACET_LEFT_HAND + 19));
  /* The pupil is the middle of the points 36 to 41. */
  g_assert_cmpfloat_with_epsilon (person->face[68].x, 2 * (20 + 0.5 * 38.5), 1e-3);
  g_assert_true (tacet_person_shows (person, TACET_FACE + 68));
}

/* A hand alone knows where its wrist is; lists of zeros are nothing. */
static void
test_lone_hand (void)
{
  g_autofree char *hand = points (21, 30, 40, 1);
  g_autoptr (GString) zeros = g_string_new ("[0");
  for (int i = 1; i < 210; i++)
    g_string_append (zeros, ",0");
  g_string_append (zeros, "]");
  g_autofree char *text = g_strdup_printf (
      "{\"people\": [{\"pose_keypoints_2d\": [], \"hand_right_keypoints_2d\": %s, \"face_keypoints_2d\": %s}]}", hand,
      zeros->str);
  g_autoptr (GArray) people = load_text (text, 100, 100);
  const TacetPerson *person = (TacetPerson *) people->data;
  g_assert_true (tacet_person_has (person, TACET_BODY_RIGHT_HAND));
  g_assert_false (tacet_person_has (person, TACET_BODY_FACE));
  g_assert_cmpfloat_with_epsilon (person->joints[TACET_RIGHT_WRIST].x, 30, 1e-3);
  g_assert_false (tacet_person_shows (person, TACET_RIGHT_WRIST));
}

/* openpose-editor: pairs in a list of people, null for what is hidden; MMPose: 17 points and their scores in frames. */
static void
test_other_programs (void)
{
  static const char editor[] =
      "{\"width\": 50, \"height\": 100, \"keypoints\": [[[25,10],[25,20],[20,20],[18,30],[17,40],[30,20],[32,30],null,"
      "[22,40],[22,60],[22,80],[28,40],[28,60],[28,80],[24,9],[26,9],[22,10],[28,10]]]}";
  static const char mmpose[] =
      "[{\"frame_id\": 0, \"instances\": [{\"keypoints\": [[50,10],[52,8],[48,8],[54,9],[46,9],[60,20],[40,20],[64,40],"
      "[36,40],[66,60],[34,60],[56,60],[44,60],[56,80],[44,80],[56,99],[44,99]], \"keypoint_scores\": "
      "[1,1,1,1,0.05,1,1,1,1,1,1,1,1,1,1,1,1]}]}]";
  g_autoptr (GArray) a = load_text (editor, 100, 200), b = load_text (mmpose, 100, 100);
  const TacetPerson *person = (TacetPerson *) a->data;
  assert_joint (person, TACET_RIGHT_ANKLE, 44, 160, 1);
  g_assert_cmpfloat (person->joints[TACET_LEFT_WRIST].confidence, ==, 0);
  g_assert_cmpfloat (person->joints[TACET_LEFT_WRIST].y, >, 60); /* beside the elbow */
  person = (TacetPerson *) b->data;
  assert_joint (person, TACET_NECK, 50, 20, 1);
  assert_joint (person, TACET_RIGHT_SHOULDER, 40, 20, 1);
  assert_joint (person, TACET_LEFT_EYE, 52, 8, 1);
  assert_joint (person, TACET_RIGHT_EAR, 46, 9, 0);
}

/* All of COCO-WholeBody: 17 of the body, 6 of the feet, 68 of the face, the left hand, the right hand. */
static void
test_whole_body (void)
{
  GString *text = g_string_new ("{\"instances\": [{\"keypoints\": [");
  for (int i = 0; i < 133; i++)
    g_string_append_printf (text, "%s[%d,%d]", i ? "," : "", i, 2 * i);
  g_string_append (text, "]}]}");
  g_autofree char *whole = g_string_free (text, FALSE);
  g_autoptr (GArray) people = load_text (whole, 300, 300);
  const TacetPerson *person = (TacetPerson *) people->data;
  g_assert_cmpfloat_with_epsilon (person->face[0].x, 23, 1e-3);
  g_assert_cmpfloat_with_epsilon (person->left_hand[0].x, 91, 1e-3);
  g_assert_cmpfloat_with_epsilon (person->right_hand[20].y, 264, 1e-3);
}

/* What is written comes back point by point; what is hidden comes back hidden, in its place. */
static void
test_round_trip_whole (void)
{
  TacetPerson person = tacet_person_new (TACET_FIGURE_PORTRAIT, 64, 64, 100, 100);
  person.left_hand[4].confidence = 0;
  tacet_person_show_part (&person, TACET_BODY_FACE, FALSE);
  g_autofree char *text = tacet_openpose_to_text (&person, 1, 128, 128);
  g_autoptr (GArray) people = load_text (text, 128, 128);
  const TacetPerson *same = (TacetPerson *) people->data;
  g_assert_cmpuint (same->has, ==, person.has);
  for (int i = 0; i < TACET_PERSON_POINTS; i++)
    {
      g_assert_cmpfloat (same->points[i].x, ==, person.points[i].x);
      g_assert_cmpfloat (same->points[i].y, ==, person.points[i].y);
      g_assert_cmpint (tacet_person_shows (same, i), ==, tacet_person_shows (&person, i));
    }
}

/* Files that are none, each with its own message. */
static void
test_refusals (void)
{
  static const char *const texts[][2] = {
    { "", "JSON" },
    { "[]", "people" },
    { "{}", "people" },
    { "{\"people\": []}", "nobody" },
    { "{\"people\": [{\"pose_keypoints_2d\": [1, 2, 3]}]}", "18 or 25" },
    { "{\"people\": [{\"pose_keypoints_2d\": [\"a\"]}]}", "18 or 25" },
    { "{\"people\": [7]}", "18 or 25" },
    { "{\"people\": [{\"pose_keypoints_2d\": []}], \"canvas_width\": -3}", "canvas_width" },
    { "[[[[{\"people\": 1}]]]]", "18 or 25" },
  };
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "bad.json", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (g_file_set_contents (path, texts[i][0], -1, NULL));
      g_assert_null (tacet_openpose_load (path, 64, 64, NULL, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, texts[i][1]));
    }
  scene_test_remove_folder (folder);
}

/* All people of a file are one step. */
static void
test_scene (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  g_autofree char *before = tacet_scene_digest (scene);
  TacetPerson people[20];
  int n = 0;
  for (int i = 0; i < 20; i++)
    people[i] = scene_test_person (3 * i, 10, 40);
  g_assert_cmpint (tacet_scene_add_people (scene, control, people, 3), ==, 3);
  g_assert_true (tacet_scene_undo (scene));
  scene_test_assert_digest (scene, before);
  g_assert_cmpint (tacet_scene_add_people (scene, control, people, 20), ==, 16);
  g_assert_cmpint (tacet_scene_add_people (scene, control, people, 1), ==, 0);
  tacet_layer_get_people (control, &n);
  g_assert_cmpint (n, ==, 16);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openpose/body-25", test_body_25);
  g_test_add_func ("/openpose/shares", test_shares);
  g_test_add_func ("/openpose/round-trip", test_round_trip);
  g_test_add_func ("/openpose/hands", test_hands);
  g_test_add_func ("/openpose/lone-hand", test_lone_hand);
  g_test_add_func ("/openpose/other-programs", test_other_programs);
  g_test_add_func ("/openpose/whole-body", test_whole_body);
  g_test_add_func ("/openpose/round-trip-whole", test_round_trip_whole);
  g_test_add_func ("/openpose/refusals", test_refusals);
  g_test_add_func ("/openpose/scene", test_scene);
  return g_test_run ();
}
