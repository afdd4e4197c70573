/* benchmark-train.c: seconds per training step of each network of the starter model, by its own plans.
 *
 * Room: tests/train.  A measurement, no test.  The plans run for a few steps in a folder that goes away.
 */
#include "test-train.h"
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>

#define STEPS  12
#define FIRST  3 /* steps before the clock runs: plans are made, caches are cold */
#define SCENES 192

typedef struct
{
  double from, to;
  gint64 steps;
} Clock;

static void
tick (const TacetTrainProgress *progress, gpointer data)
{
  Clock *clock = data;
  if (progress->step == FIRST)
    clock->from = progress->seconds;
  if (progress->step > FIRST && progress->step > clock->steps)
    {
      clock->steps = progress->step;
      clock->to = progress->seconds;
    }
}

static void
set_path (JsonObject *plan, const char *field, const char *folder)
{
  if (json_object_has_member (plan, field))
    {
      g_autofree char *path = g_build_filename (folder, json_object_get_string_member (plan, field), NULL);
      json_object_set_string_member (plan, field, path);
    }
}

/* The plan as it is, but short, without pictures on the way, and in `folder`. */
static char *
shorten (const char *folder, const char *name)
{
  g_autofree char *source = g_strdup_printf ("%s/data/plans/%s.json", TACET_SOURCE, name);
  g_autofree char *numbers =
      g_strdup_printf ("{ \"steps\": %d, \"held_out\": 8, \"validation\": { \"every\": 100000, \"count\": 1, "
                       "\"steps\": 1 } }",
                       STEPS);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (JsonNode) changes = json_from_string (numbers, &error);
  json_parser_load_from_file (parser, source, &error);
  g_assert_no_error (error);
  JsonObject *plan = json_node_get_object (json_parser_get_root (parser));
  JsonObject *change = json_node_get_object (changes);
  const char *const fields[] = { "output", "work", "cache" };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    set_path (plan, fields[i], folder);
  for (GList *l = json_object_get_members (change), *next; l; l = next)
    {
      if (json_object_has_member (plan, l->data))
        json_object_set_member (plan, l->data, json_object_dup_member (change, l->data));
      next = l->next;
      g_list_free_1 (l);
    }
  if (json_object_has_member (plan, "latents"))
    set_path (json_array_get_object_element (json_object_get_array_member (plan, "latents"), 0), "cache", folder);
  if (json_object_has_member (plan, "cache"))
    json_object_set_int_member (json_object_get_object_member (json_object_get_object_member (plan, "data"), "studio"),
                                "count", SCENES);

  char *path = g_strdup_printf ("%s/%s.json", folder, name);
  g_autofree char *text = json_to_string (json_parser_get_root (parser), FALSE);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

int
main (void)
{
  g_autofree char *folder = tiny_folder ();
  const char *const plans[] = { "starter-1-vae", "starter-2-latents", "starter-3-unet", "starter-4-edge" };

  g_autofree char *starter = g_build_filename (folder, "starter", NULL), *work = g_strconcat (starter, "-work", NULL);
  g_mkdir_with_parents (starter, 0755);
  g_mkdir_with_parents (work, 0755);
  printf ("seconds per training step, all cores:\n");
  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      Clock clock = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *path = shorten (folder, plans[i]);
      if (!tacet_train_run (path, FALSE, tick, &clock, NULL, &error))
        {
          fprintf (stderr, "%s: %s\n", plans[i], error->message);
          remove_tree (folder);
          return 1;
        }
      if (clock.steps > FIRST && !strstr (plans[i], "latents"))
        printf ("  %-20s %.3f\n", plans[i], (clock.to - clock.from) / (double) (clock.steps - FIRST));
    }
  remove_tree (folder);
  return 0;
}
