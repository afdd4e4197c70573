/* tacet-cli-scenes.c: tacet scenes: a synthetic data set in a folder.
 *
 * Room: app.
 */
#include "tacet-cli.h"

#include "engine/studio/tacet-studio.h"

static void
progress_cb (int done, int count, gpointer data)
{
  gint64 *start = data;
  double seconds = (g_get_monotonic_time () - *start) / (double) G_USEC_PER_SEC;
  g_autofree char *text = g_strdup_printf (_ ("scene %d of %d"), done, count);
  tacet_cli_show_progress ((double) done / count, text, done > 2 ? seconds * (count - done) / done : -1);
}

int
tacet_cli_scenes (char **argv)
{
  g_auto (GStrv) rest = g_strdupv (argv);
  g_autofree char *folder = NULL;
  g_autoptr (GError) error = NULL;
  gint64 seed = 0;
  int count = 16, size = 128, status;
  GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &folder, N_ ("Where the files go; made if missing"), N_ ("FOLDER") },
    { "count", 0, 0, G_OPTION_ARG_INT, &count, N_ ("Number of scenes (16)"), N_ ("N") },
    { "size", 0, 0, G_OPTION_ARG_INT, &size, N_ ("Pixels of a side (128)"), N_ ("PX") },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, N_ ("Number of the first scene (0)"), N_ ("N") },
    G_OPTION_ENTRY_NULL,
  };
  if (!tacet_cli_parse (&rest, NULL,
                        _ ("Renders synthetic scenes: picture, caption, depth, edges, pose and object masks of each. "
                           "The same seed gives the same files."),
                        entries, &status))
    return status;
  if (rest[1])
    return tacet_cli_usage ("scenes", _ ("“%s” is one word too many"), rest[1]);
  if (!folder)
    return tacet_cli_usage ("scenes", _ ("Which folder? Say -o FOLDER"));
  if (count < 1 || count > 1000000 || size < 8 || size > 2048 || seed < 0)
    return tacet_cli_usage ("scenes", _ ("--count takes 1 to 1000000, --size 8 to 2048, --seed a number from 0"));
  gint64 start = g_get_monotonic_time ();
  gboolean done =
      tacet_studio_data_set (count, size, seed, folder, progress_cb, &start, tacet_cli_catch_signals (), &error);
  tacet_cli_end_progress ();
  if (!done)
    return tacet_cli_failed (error);
  tacet_cli_say (g_dngettext (GETTEXT_PACKAGE, "%d scene in %s", "%d scenes in %s", count), count, folder);
  return TACET_EXIT_DONE;
}
