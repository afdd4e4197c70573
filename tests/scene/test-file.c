/* test-file.c: a scene comes back as it went, bad files are refused in words, a failed save costs nothing.
 *
 * Tests of engine/scene.
 */
#include "scene-test.h"
#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void
write_text (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static char *
read_text (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static TacetScene *
load (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return tacet_scene_load (path, error);
}

static void
save (TacetScene *scene, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  tacet_scene_save (scene, path, &error);
  g_assert_no_error (error);
}

static int
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;
  while (g_dir_read_name (dir))
    n++;
  return n;
}

/* Random documents: the same digest after saving and loading, and again after the next save. */
static void
test_round_trip (void)
{
  for (guint seed = 1; seed <= 12; seed++)
    {
      g_autofree char *folder = scene_test_make_folder ();
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (TacetScene) scene = tacet_scene_new (90, 70);
      g_autoptr (GError) error = NULL;
      for (int i = 0; i < 60; i++)
        scene_test_random_edit (scene, rand);
      save (scene, folder, "a.json");
      g_autofree char *digest = tacet_scene_digest (scene);
      g_autoptr (TacetScene) again = load (folder, "a.json", &error);
      g_assert_no_error (error);
      scene_test_assert_digest (again, digest);
      g_assert_false (tacet_scene_get_modified (again));
      g_assert_false (tacet_scene_undo (again));
      int n = count_files (folder);
      for (int i = 0; i < 20; i++)
        scene_test_random_edit (again, rand);
      save (again, folder, "a.json");
      g_autofree char *later = tacet_scene_digest (again);
      g_autoptr (TacetScene) third = load (folder, "a.json", &error);
      g_assert_no_error (error);
      scene_test_assert_digest (third, later);
      g_assert_cmpint (count_files (folder), <=, n + 14); /* maps of the first save are gone */
      scene_test_remove_folder (g_steal_pointer (&folder));
    }
}

static const char *const small = "{\"format\": \"tacet-scene\", \"version\": 1, \"width\": 32, \"height\": 32";

static void
test_unknown_fields (void)
{
  g_autofree char *folder = scene_test_make_folder (), *other = g_build_filename (folder, "other", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text =
      g_strconcat (small,
                   ", \"mood\": {\"a\": [1, 2.5, null, true, \"x\"]},"
                   " \"model\": \"./models/mine\","
                   " \"controls\": [{\"kind\": \"edge\", \"note\": \"keep me\", \"deep\": [[{\"b\": 1}]], \"model\": "
                   "\"starter/edge\"}]}",
                   NULL);
  write_text (folder, "a.json", text);
  g_mkdir (other, 0700);
  g_autoptr (TacetScene) scene = load (folder, "a.json", &error);
  g_assert_no_error (error);
  g_autoptr (TacetRequest) request = tacet_scene_to_request (scene);
  g_autofree char *expected = g_build_filename (folder, "models", "mine", NULL);
  g_assert_cmpstr (request->model, ==, expected);
  tacet_scene_set_prompt (scene, "changed");
  save (scene, folder, "b.json");
  g_autofree char *beside = read_text (folder, "b.json");
  const char *const kept[] = { "\"mood\"", "[1, 2.5, null, true, \"x\"]", "\"keep me\"", "\"b\": 1",
                               "\"./models/mine\"" };
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    g_assert_nonnull (strstr (beside, kept[i]));
  save (scene, other, "c.json");
  g_autofree char *moved = read_text (other, "c.json");
  g_assert_nonnull (strstr (moved, "\"../models/mine\""));
  g_autoptr (TacetScene) there = load (other, "c.json", &error);
  g_assert_no_error (error);
  g_autoptr (TacetRequest) request_there = tacet_scene_to_request (there);
  g_assert_cmpstr (request_there->model, ==, expected);
  scene_test_remove_folder (g_steal_pointer (&folder));
}

/* The first version of the format: what is a layer today was a setting, or was not read. */
static void
test_version_1 (void)
{
  g_autofree char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "left.png", NULL);
  g_autoptr (TacetImage) left = tacet_image_new (16, 32, 1);
  g_autoptr (GError) error = NULL;
  memset (left->data, 255, 16 * 32);
  g_assert_true (tacet_image_save_png (left, path, NULL, NULL));
  g_autofree char *text = g_strconcat (small,
                                       ", \"image\": \"left.png\", \"mask\": \"left.png\", \"regions\":"
                                       " [{\"mask\": \"left.png\", \"prompt\": \"wall\"}],"
                                       " \"controls\": [{\"kind\": \"edge\"}]}",
                                       NULL);
  write_text (folder, "a.json", text);
  g_autoptr (TacetScene) scene = load (folder, "a.json", &error);
  g_assert_no_error (error);
  const TacetLayerKind kinds[] = { TACET_LAYER_EDGE, TACET_LAYER_REGION, TACET_LAYER_MASK, TACET_LAYER_PICTURE };
  g_assert_cmpuint (scene_test_n_controls (scene), ==, G_N_ELEMENTS (kinds));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_assert_cmpint (tacet_layer_get_kind (scene_test_control (scene, i)), ==, kinds[i]);
  g_assert_cmpstr (tacet_layer_get_prompt (scene_test_control (scene, 1)), ==, "wall");
  g_assert_cmpint (tacet_layer_get_coverage (scene_test_control (scene, 1))->data[0], ==, 255);
  g_assert_cmpint (tacet_layer_get_picture (scene_test_control (scene, 3))->data[3], ==, 255);
  g_assert_false (tacet_scene_get_modified (scene));
  g_assert_false (tacet_scene_undo (scene));
  g_autofree char *digest = tacet_scene_digest (scene);
  save (scene, folder, "b.json");
  g_autoptr (TacetScene) again = load (folder, "b.json", &error);
  g_assert_no_error (error);
  scene_test_assert_digest (again, digest);
  scene_test_remove_folder (g_steal_pointer (&folder));
}

/* Without a mask the alpha speaks, without alpha everything does; people follow the rule of the kind. */
static void
test_coverage_rules (void)
{
  g_autofree char *folder = scene_test_make_folder ();
  g_autoptr (TacetImage) plain = tacet_image_new (16, 16, 1), alpha = tacet_image_new (32, 32, 4);
  g_autoptr (GError) error = NULL;
  g_autofree char *plain_path = g_build_filename (folder, "plain.png", NULL);
  g_autofree char *alpha_path = g_build_filename (folder, "alpha.png", NULL);
  memset (plain->data, 200, 256);
  for (int i = 0; i < 32 * 32; i++)
    memset (alpha->data + 4 * i, i % 32 < 10 ? 255 : 0, 4);
  g_assert_true (tacet_image_save_png (plain, plain_path, NULL, NULL));
  g_assert_true (tacet_image_save_png (alpha, alpha_path, NULL, NULL));
  g_autofree char *text = g_strconcat (small,
                                       ", \"controls\": [{\"kind\": \"depth\", \"image\": \"plain.png\"},"
                                       " {\"kind\": \"depth\", \"image\": \"alpha.png\"},"
                                       " {\"kind\": \"depth\", \"image\": \"plain.png\", \"mask\": \"alpha.png\"},"
                                       " {\"kind\": \"pose\", \"image\": \"alpha.png\"}, {\"kind\": \"edge\"}]}",
                                       NULL);
  write_text (folder, "a.json", text);
  g_autoptr (TacetScene) scene = load (folder, "a.json", &error);
  g_assert_no_error (error);
  const int inside[] = { 255, 255, 255, 255, 0 }, outside[] = { 255, 0, 0, 0, 0 };
  for (int i = 0; i < 5; i++)
    {
      const TacetImage *coverage = tacet_layer_get_coverage (scene_test_control (scene, i));
      g_assert_cmpint (coverage->data[32 * 16 + 4], ==, inside[i]);
      g_assert_cmpint (coverage->data[32 * 16 + 20], ==, outside[i]);
    }
  g_assert_cmpint (tacet_layer_get_map (scene_test_control (scene, 0))->data[0], ==, 200);
  g_autofree char *digest = tacet_scene_digest (scene);
  save (scene, folder, "b.json");
  g_autoptr (TacetScene) again = load (folder, "b.json", &error);
  g_assert_no_error (error);
  scene_test_assert_digest (again, digest);
  g_assert_true (g_file_test (plain_path, G_FILE_TEST_EXISTS)); /* the user's own files stay */
  scene_test_remove_folder (g_steal_pointer (&folder));
}

/* text after `small`; what the message must name */
static const char *const bad_fields[][2] = {
  { ", \"prompt\": 7}", "prompt" },
  { ", \"negative_prompt\": []}", "negative_prompt" },
  { ", \"model\": {}}", "model" },
  { ", \"seed\": -1}", "seed" },
  { ", \"seed\": 1.5}", "seed" },
  { ", \"steps\": \"20\"}", "steps" },
  { ", \"steps\": 0}", "steps" },
  { ", \"steps\": 1e99}", "steps" },
  { ", \"sampler\": \"magic\"}", "magic" },
  { ", \"sampler\": 1}", "sampler" },
  { ", \"guidance_scale\": true}", "guidance_scale" },
  { ", \"guidance_scale\": 1e999}", "guidance_scale" },
  { ", \"combine\": \"all\"}", "combine" },
  { ", \"combine\": 3}", "combine" },
  { ", \"silent_guard\": 1}", "silent_guard" },
  { ", \"controls\": {}}", "controls" },
  { ", \"controls\": [1]}", "Layer 1" },
  { ", \"controls\": [{}]}", "kind" },
  { ", \"controls\": [{\"kind\": \"smell\"}]}", "kind" },
  { ", \"controls\": [{\"kind\": \"edge\"}, {\"kind\": \"edge\", \"strength\": \"1\"}]}", "Layer 2" },
  { ", \"controls\": [{\"kind\": \"edge\", \"strength\": 3}]}", "strength" },
  { ", \"controls\": [{\"kind\": \"edge\", \"enabled\": \"yes\"}]}", "enabled" },
  { ", \"controls\": [{\"kind\": \"edge\", \"start\": 0.6, \"end\": 0.5}]}", "end" },
  { ", \"controls\": [{\"kind\": \"edge\", \"image\": 5}]}", "image" },
  { ", \"controls\": [{\"kind\": \"edge\", \"image\": \"missing.png\"}]}", "missing.png" },
  { ", \"controls\": [{\"kind\": \"edge\", \"image\": \"\"}]}", "Layer 1" },
  { ", \"controls\": [{\"kind\": \"edge\", \"image\": \"text.png\"}]}", "text.png" },
  { ", \"controls\": [{\"kind\": \"edge\", \"mask\": \"a.json\"}]}", "a.json" },
  { ", \"controls\": [{\"kind\": \"pose\", \"people\": 1}]}", "people" },
  { ", \"controls\": [{\"kind\": \"pose\", \"people\": [[]]}]}", "person 1" },
  { ", \"controls\": [{\"kind\": \"pose\", \"people\": [[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]]}]}",
    "person 1" },
};

static const char *const bad_files[][2] = {
  { "", "JSON" },
  { "{", "JSON" },
  { "[]", "object" },
  { "null", "object" },
  { "{}", "not a Tacet scene" },
  { "{\"format\": 1}", "format" },
  { "{\"format\": \"tacet-report\"}", "not a Tacet scene" },
  { "{\"format\": \"tacet-scene\", \"version\": 3, \"width\": 8, \"height\": 8}", "newer" },
  { "{\"format\": \"tacet-scene\", \"version\": \"1\", \"width\": 8, \"height\": 8}", "version" },
  { "{\"format\": \"tacet-scene\", \"height\": 8}", "width" },
  { "{\"format\": \"tacet-scene\", \"width\": 8}", "height" },
  { "{\"format\": \"tacet-scene\", \"width\": 1000000, \"height\": 8}", "width" },
  { "{\"format\": \"tacet-scene\", \"width\": -8, \"height\": 8}", "width" },
  { "{\"format\": \"tacet-scene\", \"width\": 8, \"height\": 8.5}", "height" },
  { "{\"format\": \"tacet-scene\", \"width\": 8, \"height\": 8} trailing", "JSON" },
  { "/* \" */ {\"format\": \"tacet-scene\", \"width\": 8, \"height\": 8}", "JSON" },
  { "\x89PNG\r\n\x1a\n", "JSON" },
};

static void
assert_refused (const char *folder, const char *text, const char *named)
{
  g_autoptr (GError) error = NULL;
  write_text (folder, "a.json", text);
  g_autoptr (TacetScene) scene = load (folder, "a.json", &error);
  if (scene || !error || !strstr (error->message, named) || !strstr (error->message, "a.json"))
    g_error ("%s\nshould be refused with a message naming the file and “%s”, not: %s", text, named,
             error ? error->message : "(opened)");
}

static void
test_bad_files (void)
{
  g_autofree char *folder = scene_test_make_folder ();
  g_autoptr (GError) error = NULL;
  write_text (folder, "text.png", "this is not a picture");
  for (guint i = 0; i < G_N_ELEMENTS (bad_fields); i++)
    {
      g_autofree char *text = g_strconcat (small, bad_fields[i][0], NULL);
      assert_refused (folder, text, bad_fields[i][1]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad_files); i++)
    assert_refused (folder, bad_files[i][0], bad_files[i][1]);

  g_autoptr (GString) deep = g_string_new (small);
  g_string_append (deep, ", \"x\": ");
  for (int i = 0; i < 1000000; i++)
    g_string_append_c (deep, '[');
  assert_refused (folder, deep->str, "JSON"); /* must not be followed down the stack */

  g_autoptr (GString) many = g_string_new ("{\"format\": \"tacet-scene\", \"width\": 4096, \"height\": 4096, ");
  g_string_append (many, "\"controls\": [");
  for (int i = 0; i < 60; i++)
    g_string_append (many, i ? ", {\"kind\": \"pose\"}" : "{\"kind\": \"pose\"}");
  g_string_append (many, "]}");
  assert_refused (folder, many->str, "60 layers"); /* gigabytes from a line of text */

  g_assert_null (load (folder, "none.json", &error));
  g_assert_nonnull (strstr (error->message, "none.json"));
  g_clear_error (&error);
  g_autofree char *fifo = g_build_filename (folder, "fifo.json", NULL);
  g_assert_null (tacet_scene_load (folder, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_null (tacet_scene_load (fifo, &error)); /* and does not wait for a writer */
  g_assert_nonnull (error);
  scene_test_remove_folder (g_steal_pointer (&folder));
}

/* Cut and flipped bytes of a good file: a document or a message, never a crash. */
static void
test_damaged (void)
{
  g_autofree char *folder = scene_test_make_folder ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (TacetScene) scene = tacet_scene_new (16, 16);
  for (int i = 0; i < 40; i++)
    scene_test_random_edit (scene, rand);
  save (scene, folder, "good.json");
  g_autofree char *good = read_text (folder, "good.json");
  gsize length = strlen (good);
  int opened = 0;
  for (int i = 0; i < 400; i++)
    {
      g_autofree char *bad = g_strdup (good);
      g_autoptr (GError) error = NULL;
      for (int k = g_rand_int_range (rand, 1, 4); k > 0; k--)
        bad[g_rand_int_range (rand, 0, length)] = g_rand_int_range (rand, 1, 127);
      if (i % 4 == 0)
        bad[g_rand_int_range (rand, 0, length)] = 0;
      write_text (folder, "bad.json", bad);
      g_autoptr (TacetScene) read = load (folder, "bad.json", &error);
      g_assert_true ((read != NULL) == (error == NULL));
      opened += read != NULL;
    }
  g_assert_cmpint (opened, <, 300);
  scene_test_remove_folder (g_steal_pointer (&folder));
}

/* A disk that takes no more: nothing of the old file is lost, nothing new lies about. */
static void
test_failed_save (void)
{
  g_autofree char *folder = scene_test_make_folder (), *path = g_build_filename (folder, "a.json", NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autoptr (TacetScene) scene = tacet_scene_new (128, 128);
  g_autoptr (GError) error = NULL;
  struct rlimit old, limit;
  for (int i = 0; i < 80; i++)
    scene_test_random_edit (scene, rand);
  save (scene, folder, "a.json");
  g_autofree char *before = tacet_scene_digest (scene);
  int n = count_files (folder), failed = 0;
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &old);
  for (guint size = 0; size < 4000; size += 250)
    {
      for (int i = 0; i < 10; i++)
        scene_test_random_edit (scene, rand);
      tacet_scene_set_steps (scene, size % 100 + 1);
      limit = (struct rlimit){ size, old.rlim_max };
      setrlimit (RLIMIT_FSIZE, &limit);
      gboolean saved = tacet_scene_save (scene, path, &error);
      setrlimit (RLIMIT_FSIZE, &old);
      g_assert_true (saved == (error == NULL));
      g_autofree char *now = saved ? tacet_scene_digest (scene) : g_strdup (before);
      g_autoptr (TacetScene) there = load (folder, "a.json", NULL);
      g_assert_nonnull (there);
      scene_test_assert_digest (there, now);
      if (!saved)
        {
          failed++;
          g_assert_true (tacet_scene_get_modified (scene));
          g_assert_cmpint (count_files (folder), ==, n);
        }
      n = count_files (folder);
      g_clear_error (&error);
      g_free (before);
      before = g_steal_pointer (&now);
    }
  g_assert_cmpint (failed, >, 3);
  g_autofree char *nowhere = g_build_filename (folder, "no", "such", "a.json", NULL);
  g_assert_false (tacet_scene_save (scene, nowhere, &error));
  g_assert_nonnull (error);
  scene_test_remove_folder (g_steal_pointer (&folder));
}

/* A copy of the scene file made by hand keeps the maps it names. */
static void
test_copied_by_hand (void)
{
  g_autofree char *folder = scene_test_make_folder ();
  g_autoptr (TacetScene) scene = tacet_scene_new (32, 32);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  TacetBrush brush = { 6, 1, { 1, FALSE, .opacity = 1 } };
  g_autoptr (GError) error = NULL;
  scene_test_stroke (scene, control, &brush, 4, 4, 28, 28);
  save (scene, folder, "a.json");
  g_autofree char *text = read_text (folder, "a.json"), *digest = tacet_scene_digest (scene);
  write_text (folder, "copy.json", text);
  scene_test_stroke (scene, control, &brush, 28, 4, 4, 28);
  save (scene, folder, "a.json");
  g_autoptr (TacetScene) copy = load (folder, "copy.json", &error);
  g_assert_no_error (error);
  scene_test_assert_digest (copy, digest);
  scene_test_remove_folder (g_steal_pointer (&folder));
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/file/round-trip", test_round_trip);
  g_test_add_func ("/scene/file/version-1", test_version_1);
  g_test_add_func ("/scene/file/unknown-fields", test_unknown_fields);
  g_test_add_func ("/scene/file/coverage-rules", test_coverage_rules);
  g_test_add_func ("/scene/file/bad-files", test_bad_files);
  g_test_add_func ("/scene/file/damaged", test_damaged);
  g_test_add_func ("/scene/file/failed-save", test_failed_save);
  g_test_add_func ("/scene/file/copied-by-hand", test_copied_by_hand);
  return g_test_run ();
}
