/* tacet-cli-train.c: tacet train: what a plan describes.
 *
 * Room: app.
 */
#include "tacet-cli.h"

#include "engine/train/tacet-train.h"
#include <inttypes.h>
#include <math.h>

#define LINE_SECONDS 30 /* between lines where there is no terminal */

static char *
describe (const TacetTrainProgress *progress)
{
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, _ ("%s: step %" PRId64 " of %" PRId64), progress->plan, progress->step,
                          progress->n_steps);
  if (isfinite (progress->smooth_loss))
    g_string_append_printf (text, _ (", loss %.4f"), progress->smooth_loss);
  if (isfinite (progress->held_out_loss))
    g_string_append_printf (text, _ (", held out %.4f"), progress->held_out_loss);
  if (progress->metric && isfinite (progress->held_out_metric))
    g_string_append_printf (text, ", %s %.2f", progress->metric, progress->held_out_metric);
  if (progress->samples_per_second > 0)
    g_string_append_printf (text, _ (", %.1f pictures/s"), progress->samples_per_second);
  return g_string_free (text, FALSE);
}

static void
progress_cb (const TacetTrainProgress *progress, gpointer data)
{
  gint64 *last = data, now = g_get_monotonic_time ();
  g_autofree char *text = describe (progress);
  if (progress->note)
    {
      tacet_cli_end_progress ();
      tacet_cli_say ("%s", progress->note);
    }
  tacet_cli_show_progress (progress->n_steps > 0 ? (double) progress->step / progress->n_steps : 0, text,
                           progress->seconds_left);
  if (!tacet_cli_has_terminal () && now - *last > LINE_SECONDS * G_USEC_PER_SEC)
    {
      *last = now;
      tacet_cli_say ("%s", text);
    }
}

int
tacet_cli_train (char **argv)
{
  g_auto (GStrv) rest = g_strdupv (argv);
  g_autoptr (GError) error = NULL;
  gboolean resume = FALSE;
  gint64 last = 0;
  int status;
  GOptionEntry entries[] = {
    { "resume", 0, 0, G_OPTION_ARG_NONE, &resume, N_ ("Go on from the last checkpoint"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!tacet_cli_parse (&rest, _ ("PLAN.json"),
                        _ ("Trains what a plan describes. Ctrl+C saves a checkpoint first; --resume goes on from it."),
                        entries, &status))
    return status;
  if (!rest[1] || rest[2])
    return tacet_cli_usage ("train", rest[1] ? _ ("One plan at a time, please") : _ ("Which plan?"));
  gboolean done = tacet_train_run (rest[1], resume, progress_cb, &last, tacet_cli_catch_signals (), &error);
  tacet_cli_end_progress ();
  return done ? TACET_EXIT_DONE : tacet_cli_failed (error);
}
