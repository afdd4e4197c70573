/* test-trainer.c: the loop itself, on a tiny autoencoder: it learns, resumes bit for bit, does not depend
 * on the number of workers, and loses nothing when something goes wrong.
 *
 * Room: tests/train.
 */
#include "engine/train/tacet-train-kinds.h"
#include "test-train.h"
#include <math.h>
#include <signal.h>

static void
test_learns (void)
{
  g_autofree char *folder = tiny_folder ();
  g_autofree char *path = write_vae_plan (folder, "learn", "'steps': 60, 'batch': 8, ");
  g_autofree char *picture = g_build_filename (folder, "learn-work", "step-000000060.png", NULL);
  g_autofree char *weights = g_build_filename (folder, "learn-out", "vae", "diffusion_pytorch_model.safetensors", NULL);
  run_plan (path, FALSE);
  g_autofree char *losses = read_losses (folder, "learn-work");
  g_auto (GStrv) lines = g_strsplit (losses, "\n", -1);
  double first = 0, last = 0;
  g_assert_cmpuint (g_strv_length (lines), ==, 61);
  for (int i = 0; i < 5; i++)
    {
      first += g_ascii_strtod (strstr (lines[i], "\"loss\": ") + 8, NULL);
      last += g_ascii_strtod (strstr (lines[55 + i], "\"loss\": ") + 8, NULL);
    }
  g_test_message ("loss %g at first, %g at last", first / 5, last / 5);
  g_assert_cmpfloat (last, <, 0.7 * first);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetImage) sheet = tacet_image_load_png (picture, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sheet->width, ==, 32);
  g_autoptr (TacetWeights) file = tacet_weights_open (weights, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tacet_weights_metadata (file, "tacet.steps"), ==, "60");
  g_assert_cmpstr (tacet_weights_metadata (file, "tacet.samples"), ==, "480");
  remove_tree (folder);
}

static TacetTrainer *
open_trainer (const char *path, TacetTrainPlan **plan, TacetObjective **objective)
{
  g_autoptr (GError) error = NULL;
  *plan = tacet_train_plan_load (path, &error);
  g_assert_no_error (error);
  *objective = tacet_objective_vae_new (*plan, &error);
  g_assert_no_error (error);
  TacetTrainer *trainer = tacet_trainer_new (*plan, *objective, &error);
  g_assert_no_error (error);
  return trainer;
}

/* Runs n steps, returns the floats of the flat gradient and of all weights, one after the other. */
static GArray *
some_steps (const char *path, int n, double *loss)
{
  TacetTrainPlan *plan;
  TacetObjective *objective;
  g_autoptr (GError) error = NULL;
  TacetTrainer *trainer = open_trainer (path, &plan, &objective);
  GArray *floats = g_array_new (FALSE, FALSE, sizeof (float));
  for (int i = 0; i < n; i++)
    g_assert_true (tacet_trainer_step (trainer, loss, NULL, &error));
  for (gsize i = 0; i < trainer->n_floats; i++)
    {
      const float g = trainer->gradient[i] / (float) trainer->n_shards;
      g_array_append_val (floats, g);
    }
  for (guint i = 0; i < trainer->parameters->len; i++)
    {
      const TacetParameter *p = &g_array_index (trainer->parameters, TacetParameter, i);
      g_array_append_vals (floats, p->tensor->data, (guint) p->count);
    }
  tacet_trainer_free (trainer);
  objective->free (objective);
  tacet_train_plan_free (plan);
  return floats;
}

static void
check_workers (int shard)
{
  g_autofree char *folder = tiny_folder ();
  g_autoptr (GArray) first = NULL;
  double first_loss = 0;
  for (int workers = 1; workers <= 4; workers++)
    {
      g_autofree char *extra =
          g_strdup_printf ("'steps': 9, 'batch': 4, 'accumulation': 3, 'shard': %d, 'workers': %d, ", shard, workers);
      g_autofree char *path = write_vae_plan (folder, "workers", extra);
      double loss;
      g_autoptr (GArray) floats = some_steps (path, 3, &loss);
      if (!first)
        {
          first = g_array_ref (floats);
          first_loss = loss;
        }
      g_assert_cmpfloat (loss, ==, first_loss);
      g_assert_cmpmem (floats->data, floats->len * sizeof (float), first->data, first->len * sizeof (float));
    }
  remove_tree (folder);
}

static void
test_workers (void)
{
  check_workers (2);
}

/* A single shard: one worker, whose kernels use all threads. */
static void
test_threads (void)
{
  check_workers (12);
}

/* One shard of eight, two of four, four of two accumulated: the same gradient up to rounding. */
static void
test_accumulation (void)
{
  static const char *const ways[] = { "'steps': 9, 'batch': 8, ", "'steps': 9, 'batch': 8, 'shard': 4, ",
                                      "'steps': 9, 'batch': 4, 'accumulation': 2, 'shard': 2, " };
  g_autofree char *folder = tiny_folder ();
  g_autoptr (GArray) whole = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *path = write_vae_plan (folder, "accumulate", ways[i]);
      double loss, error = 0, norm = 0;
      g_autoptr (GArray) floats = some_steps (path, 1, &loss);
      if (!whole)
        whole = g_array_ref (floats);
      g_assert_cmpuint (whole->len, ==, floats->len);
      for (guint k = 0; k < whole->len / 2; k++)
        {
          const double a = g_array_index (whole, float, k), b = g_array_index (floats, float, k);
          error += (a - b) * (a - b);
          norm += a * a;
        }
      g_test_message ("relative difference %g", sqrt (error / norm));
      g_assert_cmpfloat (sqrt (error / norm), <, 1e-5);
    }
  remove_tree (folder);
}

/* A child is killed (not asked to end) while it trains; what follows equals a run that nobody disturbed. */
static void
test_killed (void)
{
  g_autofree char *folder = tiny_folder ();
  g_autoptr (GError) error = NULL;
  const char *fields = "'steps': 40, 'batch': 4, 'shard': 2, 'workers': 2, 'checkpoint': { 'minutes': 0 }, ";
  g_autofree char *unbroken = write_vae_plan (folder, "unbroken", fields);
  g_autofree char *broken = write_vae_plan (folder, "broken", fields);
  g_autofree char *log = g_build_filename (folder, "broken-work", "log.jsonl", NULL);
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  run_plan (unbroken, FALSE);
  for (int part = 0; part < 2; part++)
    {
      g_autoptr (GSubprocess) child =
          g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, self, "--child", broken, part ? "--resume" : NULL, NULL);
      g_assert_no_error (error);
      for (int lines = 0; lines < 8 * (part + 1);)
        {
          g_autofree char *text = NULL;
          lines = 0;
          g_usleep (2000);
          g_file_get_contents (log, &text, NULL, NULL);
          for (const char *c = text; c && *c; c++)
            lines += *c == '\n';
          g_assert_nonnull (g_subprocess_get_identifier (child));
        }
      g_subprocess_send_signal (child, SIGKILL);
      g_assert_true (g_subprocess_wait (child, NULL, &error));
      g_assert_true (g_subprocess_get_if_signaled (child));
    }
  run_plan (broken, TRUE);
  g_autofree char *expected = read_losses (folder, "unbroken-work");
  g_autofree char *found = read_losses (folder, "broken-work");
  g_assert_cmpstr (found, ==, expected);
  remove_tree (folder);
}

typedef struct
{
  GCancellable *cancellable;
  gint64 at;
  GString *notes;
} Watch;

static void
watch (const TacetTrainProgress *progress, gpointer data)
{
  Watch *self = data;
  if (progress->note)
    g_string_append_printf (self->notes, "%s\n", progress->note);
  if (self->cancellable && progress->step == self->at)
    g_cancellable_cancel (self->cancellable);
}

static void
test_cancel (void)
{
  g_autofree char *folder = tiny_folder ();
  g_autofree char *path = write_vae_plan (folder, "cancel", "'steps': 12, 'batch': 4, ");
  g_autofree char *other = write_vae_plan (folder, "whole", "'steps': 12, 'batch': 4, ");
  g_autofree char *checkpoint =
      g_build_filename (folder, "cancel-work", "checkpoints", "step-000000005.safetensors", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) notes = g_string_new (NULL);
  Watch w = { cancellable, 5, notes };
  g_assert_false (tacet_train_run (path, FALSE, watch, &w, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_file_test (checkpoint, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  /* starting anew would overwrite it */
  g_assert_false (tacet_train_run (path, FALSE, NULL, NULL, NULL, &error));
  g_assert_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "--resume"));
  run_plan (path, TRUE);
  run_plan (other, FALSE);
  g_autofree char *expected = read_losses (folder, "whole-work");
  g_autofree char *found = read_losses (folder, "cancel-work");
  g_assert_cmpstr (found, ==, expected);
  remove_tree (folder);
}

static void
test_damaged_checkpoint (void)
{
  g_autofree char *folder = tiny_folder ();
  g_autofree char *path =
      write_vae_plan (folder, "damaged", "'steps': 6, 'batch': 2, 'checkpoint': { 'minutes': 0 }, ");
  g_autofree char *where = g_build_filename (folder, "damaged-work", "checkpoints", NULL);
  g_autofree char *newest = g_build_filename (where, "step-000000006.safetensors", NULL);
  g_autofree char *older = g_build_filename (where, "step-000000005.safetensors", NULL);
  g_autofree char *oldest = g_build_filename (where, "step-000000004.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) notes = g_string_new (NULL);
  Watch w = { NULL, 0, notes };
  g_assert_false (tacet_train_run (path, TRUE, NULL, NULL, NULL, &error));
  g_assert_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE);
  g_clear_error (&error);
  run_plan (path, FALSE);
  g_autofree char *expected = read_losses (folder, "damaged-work");
  g_assert_true (g_file_test (older, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (oldest, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_set_contents (newest, "no checkpoint", -1, NULL));
  g_assert_true (tacet_train_run (path, TRUE, watch, &w, NULL, &error));
  g_assert_nonnull (strstr (notes->str, "damaged"));
  g_autofree char *found = read_losses (folder, "damaged-work");
  g_assert_cmpstr (found, ==, expected);
  g_assert_true (g_file_set_contents (newest, "", -1, NULL));
  g_assert_true (g_file_set_contents (older, "{}", -1, NULL));
  g_assert_false (tacet_train_run (path, TRUE, NULL, NULL, NULL, &error));
  g_assert_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE);
  remove_tree (folder);
}

/* A folder that cannot hold checkpoints (as on a full disk): training goes on and says so. */
static void
test_no_room (void)
{
  g_autofree char *folder = tiny_folder ();
  g_autofree char *path = write_vae_plan (folder, "full", "'steps': 4, 'batch': 2, 'checkpoint': { 'minutes': 0 }, ");
  g_autofree char *work = g_build_filename (folder, "full-work", NULL);
  g_autofree char *where = g_build_filename (work, "checkpoints", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) notes = g_string_new (NULL);
  Watch w = { NULL, 0, notes };
  g_mkdir (work, 0777);
  g_assert_true (g_file_set_contents (where, "a file is in the way", -1, NULL));
  g_assert_false (tacet_train_run (path, FALSE, watch, &w, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (notes->str, "going on"));
  g_autofree char *losses = read_losses (folder, "full-work");
  g_auto (GStrv) lines = g_strsplit (losses, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 5);
  remove_tree (folder);
}

/* Another network than the checkpoint's: a message, not a mixture. */
static void
test_other_network (void)
{
  g_autofree char *folder = tiny_folder ();
  g_autofree char *path = write_vae_plan (folder, "other", "'steps': 3, 'batch': 2, ");
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  run_plan (path, FALSE);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_autoptr (GString) changed = g_string_new (text);
  g_assert_cmpuint (g_string_replace (changed, "[8, 16]", "[8, 24]", 0), ==, 1);
  g_assert_true (g_file_set_contents (path, changed->str, -1, NULL));
  g_assert_false (tacet_train_run (path, TRUE, NULL, NULL, NULL, &error));
  g_assert_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "another shape"));
  remove_tree (folder);
}

static void
test_schedule (void)
{
  TacetTrainPlan plan = { .steps = 110, .optimizer = { .warmup = 10, .final = 0.1, .cosine = TRUE } };
  g_assert_cmpfloat (fabs (tacet_trainer_schedule (&plan, 0) - 0.1), <, 1e-9);
  g_assert_cmpfloat (fabs (tacet_trainer_schedule (&plan, 9) - 1), <, 1e-9);
  g_assert_cmpfloat (fabs (tacet_trainer_schedule (&plan, 60) - 0.55), <, 1e-9);
  g_assert_cmpfloat (fabs (tacet_trainer_schedule (&plan, 110) - 0.1), <, 1e-9);
  g_assert_cmpfloat (fabs (tacet_trainer_schedule (&plan, 999) - 0.1), <, 1e-9);
  plan.optimizer.cosine = FALSE;
  g_assert_cmpfloat (tacet_trainer_schedule (&plan, 109), ==, 1);
}

int
main (int argc, char **argv)
{
  if (argc >= 3 && g_str_equal (argv[1], "--child"))
    return tacet_train_run (argv[2], argc > 3, NULL, NULL, NULL, NULL) ? 0 : 1;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/trainer/schedule", test_schedule);
  g_test_add_func ("/train/trainer/learns", test_learns);
  g_test_add_func ("/train/trainer/workers", test_workers);
  g_test_add_func ("/train/trainer/threads", test_threads);
  g_test_add_func ("/train/trainer/accumulation", test_accumulation);
  g_test_add_func ("/train/trainer/killed", test_killed);
  g_test_add_func ("/train/trainer/cancel", test_cancel);
  g_test_add_func ("/train/trainer/damaged-checkpoint", test_damaged_checkpoint);
  g_test_add_func ("/train/trainer/no-room", test_no_room);
  g_test_add_func ("/train/trainer/other-network", test_other_network);
  return g_test_run ();
}
