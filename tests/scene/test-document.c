/* test-document.c: properties, limits, the list of controls, people, the request made for the engine.
 *
 * Tests of engine/scene.
 */
#include "scene-test.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void
test_properties (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 48);
  g_autofree char *combine = NULL;
  int steps;
  g_object_set (scene, "prompt", "a chair", "seed", G_GUINT64_CONSTANT (12345678901), "steps", 9, "guidance-scale", 2.5,
                "combine", "weights:1,2", "sampler", TACET_SAMPLER_EULER, NULL);
  g_object_get (scene, "combine", &combine, "steps", &steps, NULL);
  g_assert_cmpstr (combine, ==, "weights:1,2");
  g_assert_cmpint (steps, ==, 9);
  g_assert_cmpuint (tacet_scene_get_seed (scene), ==, G_GUINT64_CONSTANT (12345678901));
  for (int i = 0; i < 6; i++)
    g_assert_true (tacet_scene_undo (scene));
  g_assert_false (tacet_scene_undo (scene));
  g_assert_cmpstr (tacet_scene_get_prompt (scene), ==, "");
  g_assert_cmpint (tacet_scene_get_sampler (scene), ==, TACET_SAMPLER_DDIM);
  g_assert_cmpint (tacet_scene_get_height (scene), ==, 48);
}

/* Out of range comes into range, nonsense is ignored, the same again is no step. */
static void
test_ranges (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_DEPTH);
  g_autofree char *before = tacet_scene_digest (scene);
  tacet_scene_set_layer_strength (scene, control, NAN);
  tacet_scene_set_layer_range (scene, control, 0, INFINITY);
  tacet_scene_set_guidance_scale (scene, NAN);
  tacet_scene_set_layer_strength (scene, control, 1);
  tacet_scene_set_prompt (scene, NULL);
  scene_test_assert_digest (scene, before);
  g_assert_true (tacet_scene_undo (scene));
  g_assert_false (tacet_scene_undo (scene));
  tacet_scene_redo (scene);
  tacet_scene_set_layer_strength (scene, control, 9);
  g_assert_cmpfloat (tacet_layer_get_strength (control), ==, 2);
  tacet_scene_set_layer_range (scene, control, 0.75, 0.25);
  g_assert_cmpfloat (tacet_layer_get_start (control), ==, 0.75);
  g_assert_cmpfloat (tacet_layer_get_end (control), ==, 0.75);
  tacet_scene_set_seed (scene, G_MAXUINT64);
  g_assert_cmpuint (tacet_scene_get_seed (scene), ==, G_MAXINT64);
  tacet_scene_set_prompt (scene, "bad \xff bytes");
  g_assert_true (g_utf8_validate (tacet_scene_get_prompt (scene), -1, NULL));
}

static void
items_cb (GListModel *list, guint position, guint removed, guint added, GString *log)
{
  g_string_append_printf (log, "%u-%u+%u ", position, removed, added);
}

static void
test_list (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  g_autoptr (GString) log = g_string_new (NULL);
  g_signal_connect (tacet_scene_get_layers (scene), "items-changed", G_CALLBACK (items_cb), log);
  TacetLayer *first = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  TacetLayer *second = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  g_assert_cmpstr (tacet_layer_get_name (first), !=, tacet_layer_get_name (second));
  tacet_scene_remove_layer (scene, second);
  g_assert_cmpuint (scene_test_n_controls (scene), ==, 2);
  tacet_scene_undo (scene);
  g_assert_true (scene_test_control (scene, 1) == second); /* the same object: the window keeps its row */
  g_assert_cmpstr (log->str, ==, "0-0+1 1-0+1 2-0+1 1-1+0 1-0+1 ");
  while (scene_test_n_controls (scene) < 64)
    g_assert_nonnull (tacet_scene_add_layer (scene, TACET_LAYER_DEPTH));
  g_assert_null (tacet_scene_add_layer (scene, TACET_LAYER_DEPTH));
}

static void
test_people (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (96, 96);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetPerson person = scene_test_person (48, 20, 70), wild = person;
  int n;
  tacet_scene_add_person (scene, control, &person);
  g_autoptr (TacetImage) drawn = tacet_pose_draw (&person, 1, 96, 96);
  g_assert_true (tacet_image_equal (drawn, tacet_layer_get_map (control)));
  scene_test_show (scene, control, 0, 4, FALSE);
  const TacetPerson *people = tacet_layer_get_people (control, &n);
  g_assert_cmpfloat (people[0].joints[4].x, ==, person.joints[4].x); /* hidden, not lost */
  g_assert_cmpfloat (people[0].joints[4].confidence, ==, 0);
  g_assert_false (tacet_image_equal (drawn, tacet_layer_get_map (control)));
  scene_test_show (scene, control, 0, 4, TRUE);
  g_assert_true (tacet_image_equal (drawn, tacet_layer_get_map (control)));
  wild.joints[0] = (TacetJoint){ NAN, 1e30f, -3 };
  tacet_scene_set_person (scene, control, 0, &wild, NULL, TRUE);
  people = tacet_layer_get_people (control, &n);
  g_assert_true (isfinite (people[0].joints[0].x) && people[0].joints[0].y < 1000);
  while (tacet_layer_get_people (control, &n) && n < 16)
    tacet_scene_add_person (scene, control, &person);
  tacet_scene_add_person (scene, control, &person);
  tacet_layer_get_people (control, &n);
  g_assert_cmpint (n, ==, 16);
  for (int i = 0; i < 18; i++)
    tacet_scene_undo (scene);
  tacet_layer_get_people (control, &n);
  g_assert_cmpint (n, ==, 1);
  g_assert_true (tacet_image_equal (drawn, tacet_layer_get_map (control)));
}

/* A picture of a pose stays under people that are added to it. */
static void
test_pose_picture (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (96, 96);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetPerson left = scene_test_person (25, 20, 70), right = scene_test_person (75, 20, 70), both[2] = { left, right };
  g_autoptr (TacetImage) picture = tacet_pose_draw (&left, 1, 96, 96), all = tacet_pose_draw (both, 2, 96, 96);
  g_autofree char *before = tacet_scene_digest (scene);
  g_assert_true (tacet_scene_set_layer_map (scene, control, picture, NULL));
  g_assert_true (tacet_image_equal (picture, tacet_layer_get_map (control)));
  tacet_scene_add_person (scene, control, &right);
  g_assert_true (tacet_image_equal (all, tacet_layer_get_map (control)));
  g_assert_true (tacet_scene_clear_layer (scene, control));
  int n;
  tacet_layer_get_people (control, &n);
  g_assert_cmpint (n, ==, 0);
  tacet_scene_undo (scene);
  g_assert_true (tacet_image_equal (all, tacet_layer_get_map (control)));
  tacet_scene_undo (scene);
  tacet_scene_undo (scene);
  scene_test_assert_digest (scene, before);
}

static void
test_request (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  TacetLayer *edge = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  TacetLayer *off = tacet_scene_add_layer (scene, TACET_LAYER_DEPTH);
  TacetLayer *pose = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetBrush brush = { 8, 1, { 1, FALSE, .opacity = 1 } };
  scene_test_stroke (scene, edge, &brush, 10, 10, 50, 50);
  tacet_scene_set_layer_enabled (scene, off, FALSE);
  tacet_scene_set_layer_model (scene, pose, "starter/pose");
  tacet_scene_set_layer_range (scene, pose, 0.25, 0.5);
  tacet_scene_set_prompt (scene, "a person");
  g_autoptr (TacetRequest) request = tacet_scene_to_request (scene);
  g_assert_cmpuint (request->controls->len, ==, 2);
  TacetControlRequest *first = request->controls->pdata[0], *second = request->controls->pdata[1];
  g_assert_cmpint (first->kind, ==, TACET_LAYER_EDGE);
  g_assert_null (first->model);
  g_assert_cmpint (first->map->channels, ==, 3);
  g_assert_true (tacet_image_equal (first->coverage, tacet_layer_get_coverage (edge)));
  g_assert_cmpstr (second->model, ==, "starter/pose");
  g_assert_cmpfloat (second->start, ==, 0.25);
  g_assert_cmpstr (request->model, ==, "starter");
  g_assert_cmpint (request->width, ==, 64);
  g_autoptr (TacetImage) kept = tacet_image_copy (first->coverage);
  scene_test_stroke (scene, edge, &brush, 50, 10, 10, 50); /* the request does not change with the document */
  g_assert_true (tacet_image_equal (first->coverage, kept));
  g_assert_cmpstr (request->prompt, ==, "a person");
}

/* Nothing of a document survives it. */
static void
test_lifetime (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  TacetScene *scene = tacet_scene_new (80, 80);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  gpointer watch_scene = scene, watch_control = control;
  g_object_add_weak_pointer (G_OBJECT (scene), &watch_scene);
  g_object_add_weak_pointer (G_OBJECT (control), &watch_control);
  for (int i = 0; i < 100; i++)
    scene_test_random_edit (scene, rand);
  tacet_scene_group_begin (scene, "Open");
  tacet_scene_set_steps (scene, 3);
  if (scene_test_n_controls (scene))
    {
      TacetBrush brush = { 8, 1, { 1, FALSE, .opacity = 1 } };
      tacet_scene_stroke_begin (scene, scene_test_control (scene, 0), &brush);
      tacet_scene_stroke_to (scene, 10, 10, 1);
    }
  g_object_unref (scene);
  g_assert_null (watch_scene);
  g_assert_null (watch_control);
}

#ifndef __SANITIZE_ADDRESS__
/* Bytes of address space in use. */
static gsize
used_space (void)
{
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  return g_ascii_strtoull (text, NULL, 10) * (gsize) sysconf (_SC_PAGESIZE);
}
#endif

/* Too little memory for a picture: no control, no change, a message; what is there stays good. */
static void
test_no_memory (void)
{
#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("the address sanitizer needs the address space itself");
#else
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }
  g_autoptr (TacetScene) scene = tacet_scene_new (4096, 4096);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_DEPTH);
  TacetBrush brush = { 30, 1, { 1, FALSE, .opacity = 1 } };
  g_autoptr (TacetImage) map = tacet_image_new (100, 100, 1);
  g_autofree char *before = tacet_scene_digest (scene);
  int fd = g_file_open_tmp ("tacet-XXXXXX.json", &path, &error);
  g_assert_no_error (error);
  const char text[] = "{\"format\": \"tacet-scene\", \"width\": 4096, \"height\": 4096,"
                      " \"controls\": [{\"kind\": \"pose\"}]}";
  g_assert_cmpint (write (fd, text, strlen (text)), ==, strlen (text));
  close (fd);
  struct rlimit limit = { used_space () + (24 << 20), RLIM_INFINITY };
  g_assert_cmpint (setrlimit (RLIMIT_AS, &limit), ==, 0);
  g_assert_null (tacet_scene_add_layer (scene, TACET_LAYER_EDGE));
  g_assert_false (tacet_scene_set_layer_map (scene, control, map, NULL));
  g_assert_false (tacet_scene_clear_layer (scene, control));
  g_assert_null (tacet_scene_to_request (scene));
  scene_test_assert_digest (scene, before);
  g_assert_null (tacet_scene_load (path, &error));
  g_assert_error (error, TACET_SCENE_ERROR, TACET_SCENE_ERROR_NO_MEMORY);
  scene_test_stroke (scene, control, &brush, 100, 100, 300, 300);
  g_assert_true (tacet_scene_undo (scene));
  scene_test_assert_digest (scene, before);
  g_unlink (path);
#endif
}

/* Pictures are stretched to the document; they are a start where something of them is kept. */
static void
test_start_picture (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (32, 32);
  g_autoptr (TacetImage) large = tacet_image_new (100, 10, 4), gray = tacet_image_new (5, 7, 1);
  g_autofree char *first = tacet_scene_digest (scene);
  memset (large->data, 200, 4000);
  memset (gray->data, 255, 35);
  g_assert_true (tacet_scene_set_mask (scene, gray));
  g_autoptr (TacetRequest) masked = tacet_scene_to_request (scene);
  g_assert_null (masked->mask); /* there is nothing to mask */
  g_assert_true (tacet_scene_set_image (scene, large));
  g_autoptr (TacetRequest) both = tacet_scene_to_request (scene);
  g_assert_cmpint (both->image->width, ==, 32);
  g_assert_cmpint (both->image->channels, ==, 4);
  g_assert_cmpint (both->image->data[0], ==, 200);
  g_assert_cmpint (both->image->data[3], ==, 200);
  g_assert_cmpint (both->mask->data[0], ==, 255);
  g_assert_true (tacet_scene_set_mask (scene, NULL));
  g_autoptr (TacetRequest) whole = tacet_scene_to_request (scene);
  g_assert_null (whole->image);
  tacet_scene_set_denoising_strength (scene, 0.5);
  g_autoptr (TacetRequest) half = tacet_scene_to_request (scene);
  g_assert_nonnull (half->image);
  g_assert_null (half->mask);
  for (int i = 0; i < 4; i++)
    g_assert_true (tacet_scene_undo (scene));
  scene_test_assert_digest (scene, first);
  g_assert_false (tacet_scene_get_modified (scene));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/document/properties", test_properties);
  g_test_add_func ("/scene/document/ranges", test_ranges);
  g_test_add_func ("/scene/document/list", test_list);
  g_test_add_func ("/scene/document/people", test_people);
  g_test_add_func ("/scene/document/pose-picture", test_pose_picture);
  g_test_add_func ("/scene/document/request", test_request);
  g_test_add_func ("/scene/document/lifetime", test_lifetime);
  g_test_add_func ("/scene/document/no-memory", test_no_memory);
  g_test_add_func ("/scene/document/start-picture", test_start_picture);
  return g_test_run ();
}
