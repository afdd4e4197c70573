/* test-problem.c: what is wrong with a layer, in words.
 *
 * Tests of engine/scene.
 */
#include "engine/scene/tacet-layer-problem.h"
#include "scene-test.h"
#include <string.h>

static const TacetBrush brush = { 8, 1, { 1, FALSE, .opacity = 1 } }, eraser = { 200, 1, { 1, TRUE, .opacity = 1 } };

/* Everything is installed but the ControlNets for depth, and the one called "gone". */
static TacetModelStock *
make_stock (void)
{
  TacetModelStock *stock = tacet_model_stock_new (NULL, "starter", NULL);
  g_clear_pointer (&stock->model_problem, g_free);
  stock->controls[TACET_CONTROL_EDGE] = stock->controls[TACET_CONTROL_POSE] = TRUE;
  g_hash_table_add (stock->missing, g_strdup ("gone"));
  return stock;
}

static void
assert_problem (TacetScene *scene, TacetLayer *layer, const TacetModelStock *stock, TacetProblemKind kind,
                TacetSeverity severity)
{
  g_auto (TacetProblem) problem = { TACET_PROBLEM_NONE };
  gboolean any = tacet_layer_problem (scene, layer, stock, &problem);
  g_assert_cmpint (problem.kind, ==, kind);
  g_assert_cmpint (any, ==, kind != TACET_PROBLEM_NONE);
  g_assert_cmpint (problem.text != NULL, ==, any);
  if (any)
    g_assert_cmpint (problem.severity, ==, severity);
}

static void
assert_none (TacetScene *scene, TacetLayer *layer, const TacetModelStock *stock)
{
  assert_problem (scene, layer, stock, TACET_PROBLEM_NONE, TACET_SEVERITY_NOTE);
}

static void
test_control (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 96);
  g_autoptr (TacetModelStock) stock = make_stock ();
  TacetLayer *edge = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  assert_problem (scene, edge, stock, TACET_PROBLEM_EMPTY, TACET_SEVERITY_WARNING);
  scene_test_stroke (scene, edge, &brush, 10, 10, 100, 60);
  assert_none (scene, edge, stock);
  tacet_scene_set_layer_strength (scene, edge, 0);
  assert_problem (scene, edge, stock, TACET_PROBLEM_NO_STRENGTH, TACET_SEVERITY_WARNING);
  tacet_scene_set_layer_strength (scene, edge, 1);
  tacet_scene_set_layer_enabled (scene, edge, FALSE);
  assert_problem (scene, edge, stock, TACET_PROBLEM_OFF, TACET_SEVERITY_NOTE);
  tacet_scene_set_layer_enabled (scene, edge, TRUE);
  scene_test_stroke (scene, edge, &eraser, 0, 48, 128, 48);
  g_assert_true (tacet_layer_is_empty (edge));
  assert_problem (scene, edge, stock, TACET_PROBLEM_EMPTY, TACET_SEVERITY_WARNING);
}

/* People are there, and nothing of them is left: that is another thing than nobody. */
static void
test_silent (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 96);
  TacetLayer *pose = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetPerson person = scene_test_person (64, 20, 70);
  assert_problem (scene, pose, NULL, TACET_PROBLEM_EMPTY, TACET_SEVERITY_WARNING);
  tacet_scene_add_person (scene, pose, &person);
  assert_none (scene, pose, NULL);
  for (int joint = 0; joint < TACET_POSE_JOINTS; joint++)
    scene_test_show (scene, pose, 0, joint, FALSE);
  assert_problem (scene, pose, NULL, TACET_PROBLEM_SILENT, TACET_SEVERITY_WARNING);
}

static void
test_models (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 96);
  g_autoptr (TacetModelStock) stock = make_stock ();
  TacetLayer *depth = tacet_scene_add_layer (scene, TACET_LAYER_DEPTH);
  g_autofree char *why = NULL;
  scene_test_stroke (scene, depth, &brush, 10, 10, 100, 60);
  assert_none (scene, depth, NULL); /* not known yet */
  g_assert_null (tacet_scene_why_no_run (scene, NULL));
  assert_problem (scene, depth, stock, TACET_PROBLEM_NO_MODEL, TACET_SEVERITY_ERROR);
  why = tacet_scene_why_no_run (scene, stock);
  g_assert_nonnull (strstr (why, tacet_layer_get_name (depth)));
  tacet_scene_set_layer_enabled (scene, depth, FALSE); /* what is off needs no model */
  g_assert_null (tacet_scene_why_no_run (scene, stock));
  tacet_scene_set_layer_enabled (scene, depth, TRUE);
  tacet_scene_set_layer_model (scene, depth, "there");
  assert_none (scene, depth, stock);
  tacet_scene_set_layer_model (scene, depth, "gone");
  assert_problem (scene, depth, stock, TACET_PROBLEM_FILE_MISSING, TACET_SEVERITY_ERROR);
}

static void
test_stock (void)
{
  char *folder = scene_test_make_folder ();
  const char *folders[] = { folder, NULL }, *nets[] = { "no-such-net", NULL };
  g_autoptr (TacetModelStock) none = tacet_model_stock_new (folders, "", NULL);
  g_autoptr (TacetModelStock) wrong = tacet_model_stock_new (folders, "no-such-model", nets);
  g_assert_nonnull (none->model_problem);
  g_assert_false (none->any_model);
  g_assert_nonnull (strstr (wrong->model_problem, "no-such-model"));
  g_assert_nonnull (strstr (wrong->model_problem, folder));
  g_assert_true (g_hash_table_contains (wrong->missing, "no-such-net"));
  scene_test_remove_folder (folder);
}

/* A rectangle of full coverage. */
static void
cover (TacetScene *scene, TacetLayer *layer, int x, int width)
{
  g_autoptr (TacetImage) gray = tacet_image_new (128, 96, 1);
  for (int y = 0; y < 96; y++)
    memset (gray->data + y * 128 + x, 255, (gsize) width);
  g_assert_true (tacet_scene_set_layer_coverage (scene, layer, gray));
}

static void
test_region (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 96);
  TacetLayer *lower = tacet_scene_add_layer (scene, TACET_LAYER_REGION), *left, *right;
  assert_problem (scene, lower, NULL, TACET_PROBLEM_EMPTY, TACET_SEVERITY_WARNING);
  cover (scene, lower, 20, 60);
  assert_problem (scene, lower, NULL, TACET_PROBLEM_NO_WORDS, TACET_SEVERITY_WARNING);
  tacet_scene_set_layer_prompt (scene, lower, "sky");
  assert_none (scene, lower, NULL);
  left = tacet_scene_add_layer (scene, TACET_LAYER_REGION);
  right = tacet_scene_add_layer (scene, TACET_LAYER_REGION);
  tacet_scene_set_layer_prompt (scene, left, "sea");
  tacet_scene_set_layer_prompt (scene, right, "sand");
  cover (scene, left, 0, 50);
  cover (scene, right, 50, 29);
  assert_none (scene, lower, NULL); /* one column is left */
  cover (scene, right, 50, 30);
  assert_problem (scene, lower, NULL, TACET_PROBLEM_COVERED, TACET_SEVERITY_WARNING);
  tacet_scene_set_layer_enabled (scene, left, FALSE); /* what is off covers nothing */
  assert_none (scene, lower, NULL);
}

static void
test_mask_and_picture (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 96);
  g_autoptr (TacetImage) gray = tacet_image_new (128, 96, 3);
  TacetLayer *mask = tacet_scene_add_layer (scene, TACET_LAYER_MASK);
  TacetLayer *picture = tacet_scene_add_layer (scene, TACET_LAYER_PICTURE);
  assert_problem (scene, mask, NULL, TACET_PROBLEM_EMPTY, TACET_SEVERITY_WARNING);
  assert_problem (scene, picture, NULL, TACET_PROBLEM_EMPTY, TACET_SEVERITY_NOTE);
  cover (scene, mask, 20, 60);
  assert_problem (scene, mask, NULL, TACET_PROBLEM_NO_PICTURE, TACET_SEVERITY_WARNING);
  g_assert_true (tacet_scene_set_layer_picture (scene, picture, gray));
  assert_none (scene, mask, NULL);
  assert_none (scene, picture, NULL);
}

static void
test_paint (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 96);
  TacetLayer *edge = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  g_auto (TacetProblem) problem = { TACET_PROBLEM_NONE };
  g_assert_false (tacet_layer_paint_problem (edge, &problem));
  tacet_scene_set_layer_visible (scene, edge, FALSE);
  g_assert_true (tacet_layer_paint_problem (edge, &problem));
  g_assert_cmpint (problem.kind, ==, TACET_PROBLEM_HIDDEN);
  tacet_problem_clear (&problem);
  tacet_scene_set_layer_locked (scene, edge, TRUE);
  g_assert_true (tacet_layer_paint_problem (edge, &problem));
  g_assert_cmpint (problem.kind, ==, TACET_PROBLEM_LOCKED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/problem/control", test_control);
  g_test_add_func ("/problem/silent", test_silent);
  g_test_add_func ("/problem/models", test_models);
  g_test_add_func ("/problem/stock", test_stock);
  g_test_add_func ("/problem/region", test_region);
  g_test_add_func ("/problem/mask-and-picture", test_mask_and_picture);
  g_test_add_func ("/problem/paint", test_paint);
  return g_test_run ();
}
