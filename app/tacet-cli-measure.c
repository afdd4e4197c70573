/* tacet-cli-measure.c: tacet measure: what a model of studio scenes can do, in numbers and contact sheets.
 *
 * Room: app.
 */
#include "tacet-cli.h"

#include "engine/measure/tacet-measure-model.h"
#include "tacet-folders.h"
#include <errno.h>

#define JUDGE_STEPS 1500

static void
progress_cb (double share, const char *text, gpointer data)
{
  const gint64 *start = data;
  const double seconds = (double) (g_get_monotonic_time () - *start) / G_USEC_PER_SEC;
  tacet_cli_show_progress (share, text, share > 0.01 ? seconds * (1 - share) / share : -1);
}

/* A judge is small and quickly trained; without a file it is made once, beside the results. */
static TacetJudge *
open_judge (const char *path, GCancellable *cancellable, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      tacet_cli_warn (_ ("training the judge that looks at the pictures, a few minutes, once"));
      if (!tacet_judge_train (path, JUDGE_STEPS, 77, 0, cancellable, error))
        return NULL;
    }
  return tacet_judge_open (path, error);
}

int
tacet_cli_measure (char **argv)
{
  g_auto (GStrv) rest = g_strdupv (argv);
  g_autofree char *folder = NULL, *judge_path = NULL;
  g_autoptr (GError) error = NULL;
  int count = 24, size = 64, steps = 25, status;
  gint64 seed = 9000000;
  double guidance = 3;
  GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &folder, N_ ("Where the results go; made if missing"), N_ ("FOLDER") },
    { "judge", 0, 0, G_OPTION_ARG_FILENAME, &judge_path, N_ ("The judge's weights; trained if missing"), N_ ("FILE") },
    { "count", 0, 0, G_OPTION_ARG_INT, &count, N_ ("Prompts, and scenes for each control (24)"), N_ ("N") },
    { "size", 0, 0, G_OPTION_ARG_INT, &size, N_ ("Pixels of a side (64)"), N_ ("PX") },
    { "steps", 0, 0, G_OPTION_ARG_INT, &steps, N_ ("Sampling steps (25)"), N_ ("N") },
    { "guidance", 0, 0, G_OPTION_ARG_DOUBLE, &guidance, N_ ("Guidance scale (3)"), N_ ("X") },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, N_ ("First scene and noise seed (9000000)"), N_ ("N") },
    G_OPTION_ENTRY_NULL,
  };
  if (!tacet_cli_parse (&rest, _ ("model NAME"),
                        _ ("Measures a model that was trained on the studio's scenes: whether its pictures show the "
                           "subject of the prompt, and how near they come to edge, depth and pose maps."),
                        entries, &status))
    return status;
  if (g_strv_length (rest) != 3 || !g_str_equal (rest[1], "model"))
    return tacet_cli_usage ("measure", _ ("Say: tacet measure model NAME -o FOLDER"));
  if (!folder)
    return tacet_cli_usage ("measure", _ ("Which folder? Say -o FOLDER"));
  if (count < 1 || count > 10000 || size < 8 || size > 2048 || steps < 1 || steps > 1000 || seed < 0)
    return tacet_cli_usage ("measure", _ ("A number is out of its range"));
  GCancellable *cancellable = tacet_cli_catch_signals ();
  g_auto (GStrv) folders = tacet_model_folders ();
  g_autoptr (TacetEngine) engine = tacet_engine_new (0, 0, &error);
  if (engine && g_mkdir_with_parents (folder, 0777) != 0)
    g_set_error (&error, G_FILE_ERROR, g_file_error_from_errno (errno), _ ("The folder “%s” cannot be made: %s"),
                 folder, g_strerror (errno));
  if (error)
    return tacet_cli_failed (error);
  tacet_engine_set_model_path (engine, (const char *const *) folders);
  if (!judge_path)
    judge_path = g_build_filename (folder, "judge.safetensors", NULL);
  g_autoptr (TacetJudge) judge = open_judge (judge_path, cancellable, &error);
  if (!judge)
    return tacet_cli_failed (error);
  const TacetMeasureOptions options = {
    .count = count, .seed = (guint64) seed, .size = size, .steps = steps, .guidance_scale = guidance
  };
  gint64 start = g_get_monotonic_time ();
  const gboolean done =
      tacet_measure_model (engine, judge, rest[2], &options, folder, progress_cb, &start, cancellable, &error);
  tacet_cli_end_progress ();
  if (!done)
    return tacet_cli_failed (error);
  tacet_cli_say (_ ("Results in %s"), folder);
  return TACET_EXIT_DONE;
}
