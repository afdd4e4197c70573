/* test-plan.c: plans that are right, plans that are wrong in every field.
 *
 * Room: tests/train.
 */
#include "test-train.h"

static void
test_defaults (void)
{
  g_autofree char *folder = tiny_folder ();
  g_autofree char *path = write_vae_plan (folder, "good", "'steps': 7, 'batch': 4, 'comment': 'a word', ");
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTrainPlan) plan = tacet_train_plan_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (plan->kind, ==, TACET_TRAIN_VAE);
  g_assert_cmpint (plan->steps, ==, 7);
  g_assert_cmpint (plan->shard, ==, 4);
  g_assert_cmpint (plan->accumulation, ==, 1);
  g_assert_cmpfloat (plan->optimizer.lr, ==, 3e-3);
  g_assert_cmpfloat (plan->optimizer.beta2, ==, 0.99);
  g_assert_cmpfloat (plan->gradient, ==, 0.3);
  g_assert_cmpint (plan->vae.n_levels, ==, 2);
  g_assert_cmpint (plan->data.size, ==, 16);
  g_assert_cmpstr (plan->name, ==, "good.json");
  remove_tree (folder);
}

/* A plan with one fault, and what the message must hold. */
static const struct
{
  const char *from, *to, *message;
} faults[] = {
  { "'steps': 7", "'comment': 7", "“steps”" },
  { "'steps': 7", "'steps': 'many'", "“steps”" },
  { "'steps': 7", "'steps': 0", "“steps”" },
  { "'steps': 7", "'steps': 1.5", "“steps”" },
  { "'steps': 7", "'steps': 7, 'stpes': 8", "“stpes”" },
  { "'batch': 4", "'batch': 4, 'shard': 3", "“shard”" },
  { "'batch': 4", "'batch': -4", "“batch”" },
  { "'kind': 'vae'", "'kind': 'gan'", "“kind”" },
  { "'kind': 'vae'", "'kind': 3", "“kind”" },
  { "'kind': 'vae'", "'kind': 'unet'", "“latents”" },
  { "'kind': 'vae'", "'kind': 'controlnet'", "“latents”" },
  { "'version': 1", "'version': 2", "“version”" },
  { "tacet-plan-train", "tacet-scene", "“format”" },
  { "'lr': 3e-3", "'lr': '3e-3'", "“optimizer.lr”" },
  { "'lr': 3e-3", "'lr': 3", "“optimizer.lr”" },
  { "'lr': 3e-3", "'lr': 3e-3, 'momentum': 1", "“optimizer.momentum”" },
  { "'size': 16", "'size': 3", "“data.studio.size”" },
  { "'studio': { 'size': 16 }", "'studio': 16", "“data.studio”" },
  { "'studio': { 'size': 16 }", "'folder': { 'size': 16 }", "“data.folder.path”" },
  { "'every': 1000", "'every': []", "“validation.every”" },
  { "'every': 1000", "'prompts': ['a ball', 3]", "“validation.prompts”" },
  { "'in_channels': 3", "'in_channels': 'three'", "“vae”" },
  { "'output': '", "'outputs': '", "“output”" },
  { "'work': '", "'works': '", "“work”" },
  { "'seed': 5", "'seed': -5", "“seed”" },
  { "'seed': 5", "'seed': 5 5", "JSON" },
};

static void
test_faults (void)
{
  g_autofree char *folder = tiny_folder ();
  g_autofree char *path = write_vae_plan (folder, "fault", "'steps': 7, 'batch': 4, ");
  g_autofree char *good = NULL;
  g_assert_true (g_file_get_contents (path, &good, NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GString) text = g_string_new (good);
      g_autoptr (GString) from = g_string_new (faults[i].from), to = g_string_new (faults[i].to);
      g_string_replace (from, "'", "\"", 0);
      g_string_replace (to, "'", "\"", 0);
      g_assert_cmpuint (g_string_replace (text, from->str, to->str, 1), ==, 1);
      g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
      g_assert_null (tacet_train_plan_load (path, &error));
      g_assert_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN);
      g_test_message ("%s", error->message);
      if (!strstr (error->message, faults[i].message))
        g_error ("fault %d: “%s” does not name %s", (int) i, error->message, faults[i].message);
      g_assert_nonnull (strstr (error->message, path));
    }
  remove_tree (folder);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (tacet_train_run ("/nowhere/plan.json", FALSE, NULL, NULL, NULL, &error));
  g_assert_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN);
  g_assert_nonnull (strstr (error->message, "/nowhere/plan.json"));
}

/* The plans that made the starter model stay readable. */
static void
test_starter (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("TACET_SOURCE"), "data", "plans", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  int n = 0;
  g_assert_no_error (error);
  for (const char *name = g_dir_read_name (dir); name; name = g_dir_read_name (dir))
    if (g_str_has_suffix (name, ".json"))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);
        g_autoptr (TacetTrainPlan) plan = tacet_train_plan_load (path, &error);
        g_assert_no_error (error);
        g_assert_nonnull (plan);
        n++;
      }
  g_assert_cmpint (n, >=, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/plan/defaults", test_defaults);
  g_test_add_func ("/train/plan/faults", test_faults);
  g_test_add_func ("/train/plan/missing", test_missing);
  g_test_add_func ("/train/plan/starter", test_starter);
  return g_test_run ();
}
