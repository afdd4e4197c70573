/* tacet-trainer-run.c: the whole run of a trainer: log, progress, validation, checkpoints, export.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-trainer.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SKIPS_IN_A_ROW 20
#define SMOOTHING      0.98

typedef struct
{
  TacetTrainer *trainer;
  TacetTrainProgressFunc func;
  gpointer user_data;
  GCancellable *cancellable;
  FILE *log;
  double loss;
  gint64 last;           /* microseconds: end of the last step */
  double step_seconds;   /* smoothed, of this part of the run */
  gint64 last_saved;     /* microseconds */
  gint64 last_save_step; /* -1: none in this part of the run */
} Run;

static void
report (Run *run, const char *note)
{
  TacetTrainer *t = run->trainer;
  const TacetTrainPlan *plan = t->plan;
  const double per_step = (double) plan->batch * plan->accumulation;
  const TacetTrainProgress progress = {
    .plan = plan->name,
    .step = t->step,
    .n_steps = plan->steps,
    .samples = t->samples,
    .samples_per_second = run->step_seconds > 0 ? per_step / run->step_seconds : NAN,
    .loss = run->loss,
    .smooth_loss = t->smooth_weight > 0 ? t->smooth_sum / t->smooth_weight : NAN,
    .held_out_loss = t->held_out_loss,
    .held_out_metric = t->held_out_metric,
    .metric = t->objective->metric,
    .learning_rate = t->learning_rate * plan->optimizer.lr,
    .gradient_norm = t->gradient_norm,
    .seconds = t->seconds,
    .seconds_left = run->step_seconds > 0 ? run->step_seconds * (double) (plan->steps - t->step) : NAN,
    .note = note
  };
  if (run->func)
    run->func (&progress, run->user_data);
}

/* JSON has no NaN. */
static void
log_number (GString *line, const char *name, double x)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  if (isfinite (x))
    g_string_append_printf (line, ", \"%s\": %s", name, g_ascii_formatd (text, sizeof text, "%.9g", x));
  else
    g_string_append_printf (line, ", \"%s\": null", name);
}

static void
log_step (Run *run, gboolean held_out)
{
  TacetTrainer *t = run->trainer;
  g_autoptr (GString) line = g_string_new (NULL);
  g_string_append_printf (line, "{\"step\": %" G_GINT64_FORMAT ", \"samples\": %" G_GINT64_FORMAT, t->step, t->samples);
  log_number (line, "seconds", t->seconds);
  if (held_out)
    {
      log_number (line, "held_out_loss", t->held_out_loss);
      if (t->objective->metric)
        log_number (line, t->objective->metric, t->held_out_metric);
    }
  else
    {
      log_number (line, "loss", run->loss);
      log_number (line, "learning_rate", t->learning_rate * t->plan->optimizer.lr);
      log_number (line, "gradient_norm", t->gradient_norm);
    }
  fprintf (run->log, "%s}\n", line->str);
  fflush (run->log);
}

/* Keeps the lines of steps that are done; what came after the checkpoint is trained again. */
static gboolean
open_log (Run *run, GError **error)
{
  g_autofree char *path = g_build_filename (run->trainer->plan->work, "log.jsonl", NULL);
  g_autofree char *text = NULL;
  if (run->trainer->step > 0 && g_file_get_contents (path, &text, NULL, NULL))
    {
      g_autoptr (GString) kept = g_string_new (NULL);
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
      for (int i = 0; lines[i]; i++)
        if (g_str_has_prefix (lines[i], "{\"step\": ") && g_str_has_suffix (lines[i], "}") &&
            g_ascii_strtoll (lines[i] + strlen ("{\"step\": "), NULL, 10) <= run->trainer->step)
          g_string_append_printf (kept, "%s\n", lines[i]);
      if (!g_file_set_contents (path, kept->str, (gssize) kept->len, error))
        return FALSE;
    }
  run->log = g_fopen (path, run->trainer->step > 0 ? "a" : "w");
  if (!run->log)
    {
      const int code = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("The log “%s” cannot be written: %s"), path,
                   g_strerror (code));
      return FALSE;
    }
  return TRUE;
}

/* A checkpoint that fails (a full disk) does not end the run: the older ones are still there. */
static gboolean
save (Run *run, gboolean must, GError **error)
{
  g_autoptr (GError) local = NULL;
  if (run->last_save_step == run->trainer->step)
    return TRUE;
  run->last_saved = g_get_monotonic_time ();
  if (tacet_trainer_save (run->trainer, &local))
    {
      run->last_save_step = run->trainer->step;
      report (run, _ ("checkpoint saved"));
      return TRUE;
    }
  if (must)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_autofree char *note = g_strdup_printf (_ ("no checkpoint could be saved, going on: %s"), local->message);
  report (run, note);
  return TRUE;
}

static gboolean
validate (Run *run, GError **error)
{
  TacetTrainer *t = run->trainer;
  g_autoptr (GError) local = NULL;
  tacet_trainer_swap_average (t);
  gboolean good = tacet_trainer_evaluate (t, run->cancellable, &local);
  if (good)
    log_step (run, TRUE);
  if (good && t->objective->show)
    {
      g_autofree char *name = g_strdup_printf ("step-%09" G_GINT64_FORMAT ".png", t->step);
      g_autofree char *path = g_build_filename (t->plan->work, name, NULL);
      good = t->objective->show (t->objective, t->workers[0].backend, path, run->cancellable, &local);
    }
  tacet_trainer_swap_average (t);
  run->last = g_get_monotonic_time ();
  if (good || !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *note =
          good ? g_strdup (_ ("validated")) : g_strdup_printf (_ ("validation failed, going on: %s"), local->message);
      report (run, note);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
train (Run *run, GError **error)
{
  TacetTrainer *t = run->trainer;
  int skipped_in_a_row = 0;
  run->last = run->last_saved = g_get_monotonic_time ();
  while (t->step < t->plan->steps)
    {
      const int skipped = t->n_skipped;
      if (!tacet_trainer_step (t, &run->loss, run->cancellable, error))
        return FALSE;
      const gint64 now = g_get_monotonic_time ();
      const double seconds = (double) (now - run->last) * 1e-6;
      run->last = now;
      t->seconds += seconds;
      run->step_seconds = run->step_seconds > 0 ? 0.95 * run->step_seconds + 0.05 * seconds : seconds;
      skipped_in_a_row = t->n_skipped > skipped ? skipped_in_a_row + 1 : 0;
      if (skipped_in_a_row >= SKIPS_IN_A_ROW)
        {
          g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DIVERGED,
                       _ ("Training has diverged: the gradient was not finite in %d steps in a row. Resume from an "
                          "older checkpoint with a lower learning rate."),
                       SKIPS_IN_A_ROW);
          return FALSE;
        }
      if (isfinite (run->loss))
        {
          t->smooth_sum = SMOOTHING * t->smooth_sum + (1 - SMOOTHING) * run->loss;
          t->smooth_weight = SMOOTHING * t->smooth_weight + (1 - SMOOTHING);
        }
      log_step (run, FALSE);
      report (run, skipped_in_a_row ? _ ("step skipped: the gradient was not finite") : NULL);
      if (t->step % t->plan->validate_every == 0 && t->step < t->plan->steps && !validate (run, error))
        return FALSE;
      if ((double) (now - run->last_saved) * 1e-6 >= t->plan->checkpoint_minutes * 60 && !save (run, FALSE, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
finish (Run *run, GError **error)
{
  TacetTrainer *t = run->trainer;
  if (!validate (run, error))
    return FALSE;
  g_autoptr (GHashTable) metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (metadata, g_strdup ("tacet.plan"), g_strdup (t->plan->text));
  g_hash_table_insert (metadata, g_strdup ("tacet.steps"), g_strdup_printf ("%" G_GINT64_FORMAT, t->step));
  g_hash_table_insert (metadata, g_strdup ("tacet.samples"), g_strdup_printf ("%" G_GINT64_FORMAT, t->samples));
  g_hash_table_insert (metadata, g_strdup ("tacet.seconds"), g_strdup_printf ("%.0f", t->seconds));
  g_hash_table_insert (metadata, g_strdup ("tacet.seed"), g_strdup_printf ("%" G_GUINT64_FORMAT, t->plan->seed));
  g_hash_table_insert (metadata, g_strdup ("tacet.held_out_loss"), g_strdup_printf ("%.6g", t->held_out_loss));
  tacet_trainer_swap_average (t);
  const gboolean good = t->objective->export(t->objective, t->workers[0].backend, metadata, run->cancellable, error);
  tacet_trainer_swap_average (t);
  if (good)
    report (run, _ ("model written"));
  return good;
}

gboolean
tacet_trainer_run (TacetTrainer *self, TacetTrainProgressFunc func, gpointer user_data, GCancellable *cancellable,
                   GError **error)
{
  Run run = { .trainer = self, .func = func, .user_data = user_data, .cancellable = cancellable, .loss = NAN };
  g_autoptr (GError) local = NULL;
  run.last_save_step = self->step > 0 ? self->step : -1;
  if (!open_log (&run, error))
    return FALSE;
  gboolean good = train (&run, &local) && save (&run, TRUE, &local) && finish (&run, &local);
  if (!good)
    {
      /* Whatever ended the run, the steps that are done are kept. */
      g_autoptr (GError) second = NULL;
      if (!g_error_matches (local, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DIVERGED) && self->step > 0 &&
          !save (&run, TRUE, &second))
        g_prefix_error (&local, _ ("The last checkpoint could not be saved (%s). "), second->message);
      g_propagate_error (error, g_steal_pointer (&local));
    }
  fclose (run.log);
  return good;
}
