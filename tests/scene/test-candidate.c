/* test-candidate.c: candidates come, stay within their budget, are starred, applied, reused and discarded.
 *
 * Tests of engine/scene.
 */
#include "engine/scene/tacet-candidate.h"
#include "engine/scene/tacet-parameters.h"
#include "scene-test.h"
#include <string.h>

static void
picture_free (gpointer data)
{
  TacetPicture *picture = data;
  tacet_image_unref (picture->image);
  g_free (picture);
}

/* n pictures of one colour each, from seed on */
static GPtrArray *
make_pictures (int width, int height, guint64 seed, int n)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func (picture_free);
  for (int i = 0; i < n; i++)
    {
      TacetPicture *picture = g_new0 (TacetPicture, 1);
      picture->seed = seed + i;
      picture->image = tacet_image_new (width, height, 3);
      memset (picture->image->data, (int) (40 + 7 * (seed + i)) & 255, (gsize) width * height * 3);
      g_ptr_array_add (pictures, picture);
    }
  return pictures;
}

static void
add_run (TacetScene *scene, guint64 seed, int n)
{
  g_autoptr (GPtrArray) pictures =
      make_pictures (tacet_scene_get_width (scene), tacet_scene_get_height (scene), seed, n);
  g_autoptr (TacetScene) snapshot = tacet_scene_snapshot (scene);
  tacet_scene_add_candidates (scene, snapshot, pictures, TRUE);
}

static TacetCandidate *
candidate (TacetScene *scene, guint i)
{
  TacetCandidate *found = g_list_model_get_item (tacet_scene_get_candidates (scene), i);
  g_object_unref (found);
  return found;
}

static guint
count (TacetScene *scene)
{
  return g_list_model_get_n_items (tacet_scene_get_candidates (scene));
}

static void
test_runs (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 48);
  g_autofree char *before = tacet_scene_digest (scene);
  g_assert_false (tacet_scene_get_modified (scene));
  add_run (scene, 3, 2);
  g_assert_true (tacet_scene_get_modified (scene));
  scene_test_assert_digest (scene, before); /* results are not what a picture is made from */
  tacet_scene_set_prompt (scene, "a cat");
  add_run (scene, 7, 1);
  g_assert_cmpuint (count (scene), ==, 3);
  g_assert_cmpint (tacet_candidate_get_run (candidate (scene, 0)), ==, tacet_candidate_get_run (candidate (scene, 1)));
  g_assert_cmpint (tacet_candidate_get_run (candidate (scene, 1)), <, tacet_candidate_get_run (candidate (scene, 2)));
  g_assert_cmpuint (tacet_candidate_get_seed (candidate (scene, 1)), ==, 4);
  g_assert_cmpstr (tacet_candidate_get_prompt (candidate (scene, 1)), ==, "");
  g_assert_cmpstr (tacet_candidate_get_prompt (candidate (scene, 2)), ==, "a cat");
  g_assert_null (tacet_candidate_get_progress (candidate (scene, 2)));
}

static void
test_steps (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 48);
  add_run (scene, 3, 3);
  TacetCandidate *second = candidate (scene, 1);
  tacet_scene_star_candidate (scene, second, TRUE);
  g_assert_true (tacet_candidate_get_starred (second));
  tacet_scene_undo (scene);
  g_assert_false (tacet_candidate_get_starred (second));
  tacet_scene_redo (scene);
  g_assert_true (tacet_candidate_get_starred (second));
  tacet_scene_discard_candidate (scene, second);
  g_assert_cmpuint (count (scene), ==, 2);
  g_assert_cmpuint (tacet_candidate_get_seed (candidate (scene, 1)), ==, 5);
  tacet_scene_undo (scene);
  g_assert_cmpuint (count (scene), ==, 3);
  g_assert_true (candidate (scene, 1) == second);
  tacet_scene_redo (scene);
  tacet_scene_undo (scene);
  tacet_scene_undo (scene);
  g_assert_false (tacet_scene_undo (scene)); /* results that came are not undone */
  g_assert_cmpuint (count (scene), ==, 3);
}

static void
test_apply (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 48);
  tacet_scene_set_prompt (scene,
                          " a very long prompt\nthat is more than sixty characters long, and says it with commas");
  tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  add_run (scene, 12, 1);
  g_autofree char *before = tacet_scene_digest (scene);
  TacetLayer *layer = tacet_scene_apply_candidate (scene, candidate (scene, 0));
  g_assert_true (TACET_IS_LAYER (layer));
  g_assert_cmpstr (tacet_layer_get_name (layer), ==,
                   "a very long prompt that is more than sixty characters long,… (12)");
  g_assert_cmpint (tacet_layer_get_kind (layer), ==, TACET_LAYER_PICTURE);
  g_assert_true (scene_test_control (scene, 1) == layer); /* below the controls */
  const TacetImage *picture = tacet_layer_get_picture (layer),
                   *image = tacet_candidate_get_image (candidate (scene, 0));
  g_assert_cmpint (picture->channels, ==, 4);
  g_assert_cmpmem (picture->data, 3, image->data, 3);
  g_assert_cmpuint (picture->data[3], ==, 255);
  g_assert_true (tacet_candidate_get_starred (candidate (scene, 0)));
  tacet_scene_undo (scene); /* both at once */
  g_assert_false (tacet_candidate_get_starred (candidate (scene, 0)));
  scene_test_assert_digest (scene, before);
}

static void
test_reuse (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 48);
  tacet_scene_set_prompt (scene, "then");
  tacet_scene_set_steps (scene, 7);
  tacet_scene_set_count (scene, 2);
  tacet_scene_set_seed (scene, 30);
  add_run (scene, 30, 2);
  tacet_scene_set_prompt (scene, "now");
  tacet_scene_set_steps (scene, 9);
  tacet_scene_set_seed (scene, 1);
  tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  g_autofree char *before = tacet_scene_digest (scene);
  tacet_scene_reuse_candidate (scene, candidate (scene, 1));
  g_assert_cmpstr (tacet_scene_get_prompt (scene), ==, "then");
  g_assert_cmpint (tacet_scene_get_steps (scene), ==, 7);
  g_assert_cmpuint (tacet_scene_get_seed (scene), ==, 31);
  g_assert_cmpint (tacet_scene_get_count (scene), ==, 1);
  g_assert_cmpuint (scene_test_n_controls (scene), ==, 1);
  tacet_scene_undo (scene);
  scene_test_assert_digest (scene, before);
}

static void
test_budget (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 48);
  const gsize one = 64 * 48 * 3;
  tacet_scene_set_candidate_budget (scene, 3 * one);
  add_run (scene, 1, 3);
  g_assert_cmpuint (count (scene), ==, 3);
  tacet_scene_star_candidate (scene, candidate (scene, 0), TRUE);
  add_run (scene, 4, 1);
  g_assert_cmpuint (count (scene), ==, 3);
  g_assert_cmpuint (tacet_candidate_get_seed (candidate (scene, 0)), ==, 1); /* its star keeps it */
  g_assert_cmpuint (tacet_candidate_get_seed (candidate (scene, 1)), ==, 3);
  tacet_scene_set_candidate_budget (scene, 1);
  g_assert_cmpuint (count (scene), ==, 1); /* the newest stays whatever it costs */
  g_assert_cmpuint (tacet_candidate_get_seed (candidate (scene, 0)), ==, 4);
}

static void
test_unfinished (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 48);
  g_autoptr (GPtrArray) pictures = make_pictures (64, 48, 1, 2);
  g_autoptr (TacetScene) snapshot = tacet_scene_snapshot (scene);
  tacet_scene_add_candidates (scene, snapshot, pictures, FALSE);
  g_assert_false (tacet_candidate_get_finished (candidate (scene, 0)));
  tacet_scene_finish_candidates (scene);
  g_assert_true (tacet_candidate_get_finished (candidate (scene, 0)));
  g_assert_true (tacet_candidate_get_finished (candidate (scene, 1)));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  g_assert_true (tacet_candidate_save_finish (TACET_CANDIDATE (source), result, &error));
  g_assert_no_error (error);
  g_main_loop_quit (data);
}

/* The file of one candidate gives back what it was made from. */
static void
test_file (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 48);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "one.png", NULL);
  TacetBrush brush = { .size = 9, .hardness = 1, .paint = { .value = 1, .opacity = 1 } };
  TacetLayer *edges = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  scene_test_stroke (scene, edges, &brush, 5, 5, 50, 40);
  tacet_scene_set_prompt (scene, "a line");
  tacet_scene_set_seed (scene, 8);
  g_autofree char *digest = tacet_scene_digest (scene);
  add_run (scene, 8, 1);
  scene_test_stroke (scene, edges, &brush, 50, 5, 5, 40);
  tacet_candidate_save_async (candidate (scene, 0), path, TRUE, saved_cb, loop);
  g_main_loop_run (loop);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetScene) back = tacet_scene_load (path, &error);
  g_assert_no_error (error);
  scene_test_assert_digest (back, digest);
  scene_test_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/candidate/runs", test_runs);
  g_test_add_func ("/candidate/steps", test_steps);
  g_test_add_func ("/candidate/apply", test_apply);
  g_test_add_func ("/candidate/reuse", test_reuse);
  g_test_add_func ("/candidate/budget", test_budget);
  g_test_add_func ("/candidate/unfinished", test_unfinished);
  g_test_add_func ("/candidate/file", test_file);
  return g_test_run ();
}
