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
    { "[[[[{\"people\": 1}]]]]", "people" },
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
  g_test_add_func ("/openpose/refusals", test_refusals);
  g_test_add_func ("/openpose/scene", test_scene);
  return g_test_run ();
}
