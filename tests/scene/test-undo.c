/* test-undo.c: what is undone is as if it had never been, whatever was done.
 *
 * Tests of engine/scene.
 */
#include "scene-test.h"

#define N_SCENES 12
#define N_EDITS  250

static TacetScene *
random_start (GRand *rand)
{
  TacetScene *scene = tacet_scene_new (100, 80);
  for (int kind = 0; kind < TACET_N_CONTROL_KINDS; kind++)
    tacet_scene_add_layer (scene, kind);
  for (int i = 0; i < 10; i++)
    scene_test_random_edit (scene, rand);
  tacet_scene_group_begin (scene, "Start"); /* what follows is a step of its own */
  tacet_scene_group_end (scene);
  return scene;
}

/* All the way back, all the way forth, and a walk to and fro, with the digest of every state known. */
static void
test_random_edits (void)
{
  for (guint seed = 1; seed <= N_SCENES; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (TacetScene) scene = random_start (rand);
      g_autofree char *start = tacet_scene_digest (scene);
      g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
      int n = 0;
      for (int i = 0; i < N_EDITS; i++)
        scene_test_random_edit (scene, rand);
      tacet_scene_stroke_end (scene);
      g_ptr_array_add (states, tacet_scene_digest (scene));
      while (tacet_scene_undo (scene))
        g_ptr_array_add (states, tacet_scene_digest (scene));
      g_assert_cmpuint (states->len, >, N_EDITS / 3);
      g_assert_cmpuint (scene_test_n_controls (scene), ==, 0);
      g_assert_false (tacet_scene_get_modified (scene));
      for (guint i = states->len - 1; tacet_scene_redo (scene); n++)
        scene_test_assert_digest (scene, states->pdata[--i]);
      g_assert_cmpint (n, ==, states->len - 1);
      for (guint i = 0, steps = 0; steps < 300; steps++)
        {
          gboolean back = g_rand_int_range (rand, 0, 5) < 3;
          if (back ? tacet_scene_undo (scene) : tacet_scene_redo (scene))
            i += back ? 1 : -1;
          scene_test_assert_digest (scene, states->pdata[i]);
        }
      g_assert_cmpuint (g_list_model_get_n_items (tacet_scene_get_history (scene)), ==, states->len - 1);
      for (int jumps = 0; jumps < 30; jumps++)
        {
          guint done = g_rand_int_range (rand, 0, states->len);
          tacet_scene_jump (scene, done);
          g_assert_cmpuint (tacet_scene_get_history_position (scene), ==, done);
          scene_test_assert_digest (scene, states->pdata[states->len - 1 - done]);
        }
      gboolean found = FALSE;
      for (guint i = 0; i < states->len; i++)
        found |= g_str_equal (states->pdata[i], start);
      g_assert_true (found);
    }
}

/* New edits after undoing: the old future is gone, the past is not. */
static void
test_branches (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (99);
  g_autoptr (TacetScene) scene = tacet_scene_new (96, 80);
  g_autofree char *start = tacet_scene_digest (scene);
  for (int round = 0; round < 40; round++)
    {
      for (int i = 0; i < 12; i++)
        scene_test_random_edit (scene, rand);
      tacet_scene_stroke_end (scene);
      for (int i = g_rand_int_range (rand, 0, 10); i > 0; i--)
        tacet_scene_undo (scene);
    }
  while (tacet_scene_undo (scene))
    ;
  scene_test_assert_digest (scene, start);
}

static void
test_merge (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  g_autofree char *start = tacet_scene_digest (scene);
  for (int i = 0; i < 50; i++)
    tacet_scene_set_layer_strength (scene, control, 0.01 * i);
  tacet_scene_set_prompt (scene, "a");
  tacet_scene_set_prompt (scene, "a ");
  tacet_scene_set_prompt (scene, "a c");
  tacet_scene_set_layer_strength (scene, control, 2);
  g_assert_true (tacet_scene_undo (scene));
  g_assert_cmpfloat (tacet_layer_get_strength (control), ==, 0.49);
  g_assert_true (tacet_scene_undo (scene));
  g_assert_cmpstr (tacet_scene_get_prompt (scene), ==, "");
  g_assert_true (tacet_scene_undo (scene));
  scene_test_assert_digest (scene, start);
  g_assert_true (tacet_scene_redo (scene));
  g_assert_cmpfloat (tacet_layer_get_strength (control), ==, 0.49);
  /* A step that was gone through does not take more. */
  tacet_scene_set_layer_strength (scene, control, 1.5);
  g_assert_true (tacet_scene_undo (scene));
  g_assert_cmpfloat (tacet_layer_get_strength (control), ==, 0.49);
}

/* A switch is not a slider: every flick can be taken back. */
static void
test_switches (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  for (int i = 0; i < 6; i++)
    tacet_scene_set_layer_enabled (scene, control, i % 2);
  for (int i = 5; i > 0; i--)
    {
      g_assert_true (tacet_scene_undo (scene));
      g_assert_cmpint (tacet_layer_get_enabled (control), ==, (i - 1) % 2);
    }
}

static void
test_group (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetPerson person = scene_test_person (32, 12, 50);
  tacet_scene_add_person (scene, control, &person);
  g_autofree char *before = tacet_scene_digest (scene), *name = NULL;
  tacet_scene_group_begin (scene, "Drag");
  for (int i = 0; i < 30; i++)
    scene_test_move (scene, control, 0, i % 3, 10 + i, 20);
  tacet_scene_group_end (scene);
  g_object_get (scene, "undo-name", &name, NULL);
  g_assert_cmpstr (name, ==, "Drag");
  g_autofree char *after = tacet_scene_digest (scene);
  g_assert_cmpstr (before, !=, after);
  g_assert_true (tacet_scene_undo (scene));
  scene_test_assert_digest (scene, before);
  g_assert_true (tacet_scene_redo (scene));
  scene_test_assert_digest (scene, after);
  tacet_scene_group_begin (scene, "Nothing");
  tacet_scene_group_end (scene);
  g_assert_true (tacet_scene_undo (scene));
  scene_test_assert_digest (scene, before);
}

static void
count_cb (int *count)
{
  ++*count;
}

static void
test_modified (void)
{
  g_autofree char *folder = scene_test_make_folder (), *path = g_build_filename (folder, "a.json", NULL);
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  g_autoptr (GError) error = NULL;
  int n_modified = 0, n_changed = 0;
  g_signal_connect_swapped (scene, "notify::modified", G_CALLBACK (count_cb), &n_modified);
  g_signal_connect_swapped (scene, "changed", G_CALLBACK (count_cb), &n_changed);
  g_assert_false (tacet_scene_get_modified (scene));
  tacet_scene_set_prompt (scene, "one");
  g_assert_true (tacet_scene_get_modified (scene));
  g_assert_true (tacet_scene_save (scene, path, &error));
  g_assert_no_error (error);
  g_assert_false (tacet_scene_get_modified (scene));
  g_assert_cmpint (n_modified, ==, 2);
  tacet_scene_set_prompt (scene, "two"); /* not merged into the step before the save */
  g_assert_true (tacet_scene_get_modified (scene));
  g_assert_true (tacet_scene_undo (scene));
  g_assert_cmpstr (tacet_scene_get_prompt (scene), ==, "one");
  g_assert_false (tacet_scene_get_modified (scene));
  g_assert_true (tacet_scene_undo (scene));
  g_assert_true (tacet_scene_get_modified (scene));
  tacet_scene_set_steps (scene, 7); /* the saved state is lost: nothing can clear the flag but saving */
  for (int i = 0; i < 4; i++)
    {
      g_assert_true (tacet_scene_get_modified (scene));
      i % 2 ? tacet_scene_redo (scene) : tacet_scene_undo (scene);
    }
  g_assert_true (tacet_scene_get_modified (scene));
  g_assert_cmpint (n_changed, >=, 9);
  scene_test_remove_folder (g_steal_pointer (&folder));
}

/* More strokes than the budget holds: the oldest steps go, the rest still undoes. */
static void
test_budget (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (1024, 1024);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_DEPTH);
  g_autoptr (TacetImage) map = tacet_image_new (8, 8, 1);
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; i < 200; i++)
    {
      map->data[i % 64] = i;
      g_assert_true (tacet_scene_set_layer_map (scene, control, map, NULL));
      if (i >= 190)
        g_ptr_array_add (states, tacet_scene_digest (scene));
    }
  int n = 0;
  for (guint i = states->len - 1; i > 0; i--, n++)
    {
      g_assert_true (tacet_scene_undo (scene));
      scene_test_assert_digest (scene, states->pdata[i - 1]);
    }
  while (tacet_scene_undo (scene))
    n++;
  g_assert_cmpint (n, <=, 128);
  g_assert_cmpint (n, >, 100);
  g_assert_true (tacet_scene_get_modified (scene));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/undo/random-edits", test_random_edits);
  g_test_add_func ("/scene/undo/branches", test_branches);
  g_test_add_func ("/scene/undo/merge", test_merge);
  g_test_add_func ("/scene/undo/switches", test_switches);
  g_test_add_func ("/scene/undo/group", test_group);
  g_test_add_func ("/scene/undo/modified", test_modified);
  g_test_add_func ("/scene/undo/budget", test_budget);
  return g_test_run ();
}
