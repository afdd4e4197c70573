/* open-model.c: how long it takes to open models, and what they hold in memory then.  For world.py.
 *
 * Room: tests/world.  open-model PATH ...
 */
#include "engine/model/tacet-model-files.h"

static double
resident_megabytes (void)
{
  g_autofree char *text = NULL;
  const char *line = g_file_get_contents ("/proc/self/status", &text, NULL, NULL) ? strstr (text, "VmRSS:") : NULL;
  return line ? g_ascii_strtod (line + 6, NULL) / 1024 : 0;
}

int
main (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GError) error = NULL;
      double before = resident_megabytes ();
      gint64 start = g_get_monotonic_time ();
      g_autoptr (TacetModelFiles) model = tacet_model_files_open (argv[i], NULL, &error);
      double seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
      if (!model)
        {
          g_printerr ("%s\n", error->message);
          return 1;
        }
      g_print ("%.3f %.1f %s\n", seconds, resident_megabytes () - before, argv[i]);
    }
  return 0;
}
