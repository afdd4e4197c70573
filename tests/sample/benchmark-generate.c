/* benchmark-generate.c: seconds per picture with a model of the starter's sizes and random numbers.
 *
 * Room: tests/sample.  With the argument live only what live mode does.  A measurement, no test: `meson test
 * --benchmark`.
 */
#include "tiny-pipeline.h"
#include <stdio.h>

static void
ignore_progress (TacetProgress *progress, gpointer unused)
{
}

static double
measure (TacetEngine *engine, int n_controls, int n_steps)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  double best = G_MAXDOUBLE;
  request->width = request->height = 64;
  request->steps = n_steps;
  for (int k = 0; k < n_controls; k++)
    tiny_request_add (request, (TacetControlKind) k);
  /* The first run makes the plans. */
  for (int round = 0; round < 4; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetResult) result = tacet_engine_generate (engine, request, ignore_progress, NULL, NULL, &error);
      g_assert_no_error (error);
      best = round > 0 ? MIN (best, result->progress->seconds) : best;
      if (round == 0 && n_steps == 20)
        printf ("  %d controls: first picture %.3f s,", n_controls, result->progress->seconds);
    }
  return best;
}

/* Live mode: 12 steps with 3 controls on all cores. */
int
main (int argc, char **argv)
{
  char *folder = g_dir_make_tmp ("tacet-benchmark-XXXXXX", NULL);
  const char *const path[] = { folder, NULL };
  tiny_pipeline_write (folder, 1, &starter_sizes);
  gboolean live = argc > 1 && g_str_equal (argv[1], "live");
  for (int n_threads = live ? 0 : 1; n_threads >= 0; n_threads--)
    {
      g_autoptr (TacetEngine) engine = tacet_engine_new (n_threads, 0, NULL);
      tacet_engine_set_model_path (engine, path);
      if (live)
        {
          printf ("live %.3f\n", measure (engine, 3, 12));
          continue;
        }
      printf ("64 x 64 pixels, 20 steps, guidance, previews, %s:\n", n_threads == 1 ? "one thread" : "all cores");
      for (int n = 0; n <= 3; n++)
        printf (" next ones %.3f s\n", measure (engine, n, 20));
    }
  tiny_pipeline_remove (folder);
  return 0;
}
