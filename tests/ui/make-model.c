/* make-model.c: writes a tiny random model, for journeys through the window where none is installed.
 *
 * Room: tests/ui.  Usage: make-model NAME; prints the folder in which the model NAME lies.
 */
#include "tests/sample/tiny-pipeline.h"

#include <glib/gstdio.h>

int
main (int argc, char **argv)
{
  char *folder = tiny_pipeline_new (11);
  g_autofree char *from = NULL, *to = NULL;

  if (argc != 2 || folder == NULL)
    return 1;
  from = g_build_filename (folder, "tiny", NULL);
  to = g_build_filename (folder, argv[1], NULL);
  if (g_rename (from, to) != 0)
    return 1;
  g_print ("%s\n", folder);
  return 0;
}
