/* tacet-cli-models.c: tacet models: which models are installed, and what is in them.
 *
 * Room: app.
 */
#include "tacet-cli.h"

#include "engine/control/tacet-maps.h"
#include "engine/model/tacet-models.h"
#include "tacet-folders.h"
#include <glib/gstdio.h>

static gboolean
is_model (const char *folder)
{
  g_autofree char *config = g_build_filename (folder, "unet", "config.json", NULL);
  return g_file_test (config, G_FILE_TEST_EXISTS);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
sorted_entries (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static int
list (void)
{
  g_auto (GStrv) folders = tacet_model_folders ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (int i = 0; folders[i]; i++)
    {
      g_autoptr (GPtrArray) names = sorted_entries (folders[i]);
      for (guint k = 0; k < names->len; k++)
        {
          g_autofree char *path = g_build_filename (folders[i], names->pdata[k], NULL);
          if (!is_model (path))
            continue;
          gboolean hidden = g_hash_table_contains (seen, names->pdata[k]);
          tacet_cli_say (hidden ? _ ("%s\t%s (hidden by the one above)") : "%s\t%s", (char *) names->pdata[k], path);
          g_hash_table_add (seen, g_strdup (names->pdata[k]));
        }
    }
  if (g_hash_table_size (seen))
    return TACET_EXIT_DONE;
  g_autofree char *places = g_strjoinv (", ", folders);
  tacet_cli_warn (_ ("No model is installed. Looked in %s"), places);
  return TACET_EXIT_DONE;
}

static char *
find_model (const char *name)
{
  g_auto (GStrv) folders = tacet_model_folders ();
  for (int i = 0; !g_path_is_absolute (name) && folders[i]; i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);
      if (is_model (path))
        return g_steal_pointer (&path);
    }
  return is_model (name) ? g_strdup (name) : NULL;
}

/* Bytes of the weight files in a folder; 0: there are none. */
static guint64
weights_size (const char *folder)
{
  g_autoptr (GPtrArray) names = sorted_entries (folder);
  guint64 size = 0;
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      GStatBuf info;
      if (g_str_has_suffix (names->pdata[i], ".safetensors") && g_stat (path, &info) == 0)
        size += (guint64) info.st_size;
    }
  return size;
}

static void
show_part (const char *model, const char *part)
{
  g_autofree char *folder = g_build_filename (model, part, NULL);
  guint64 bytes = weights_size (folder);
  g_autofree char *size = g_format_size (bytes);
  if (bytes)
    tacet_cli_say ("  %-14s %s", part, size);
  else
    tacet_cli_say ("  %-14s %s", part, _ ("weights are missing"));
}

static void
show_controls (const char *model)
{
  for (int kind = 0; kind < TACET_N_CONTROL_KINDS; kind++)
    {
      g_autofree char *config = g_build_filename (model, tacet_control_kind_id (kind), "config.json", NULL);
      if (g_file_test (config, G_FILE_TEST_EXISTS))
        show_part (model, tacet_control_kind_id (kind));
      else
        tacet_cli_say ("  %-14s %s", tacet_control_kind_id (kind), _ ("no ControlNet of this kind"));
    }
}

static int
show (const char *name)
{
  static const char *const parts[] = { "unet", "vae", "text_encoder" };
  g_autofree char *folder = find_model (name);
  g_autoptr (GError) error = NULL;
  TacetUnetConfig unet;
  TacetVaeConfig vae;
  if (!folder)
    {
      g_auto (GStrv) folders = tacet_model_folders ();
      g_autofree char *places = g_strjoinv (", ", folders);
      tacet_cli_warn (_ ("There is no model “%s”. Looked in %s"), name, places);
      return TACET_EXIT_FAILED;
    }
  g_autofree char *unet_path = g_build_filename (folder, "unet", "config.json", NULL);
  g_autofree char *vae_path = g_build_filename (folder, "vae", "config.json", NULL);
  if (!tacet_unet_config_load (&unet, unet_path, &error) || !tacet_vae_config_load (&vae, vae_path, &error))
    return tacet_cli_failed (error);
  int factor = 1 << (vae.n_levels - 1);
  tacet_cli_say ("%s", folder);
  tacet_cli_say (_ ("  made for       %d × %d pixels"), unet.sample_size * factor, unet.sample_size * factor);
  tacet_cli_say (_ ("  layers         %d places where controls enter"), tacet_unet_n_features (&unet));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    show_part (folder, parts[i]);
  show_controls (folder);
  return TACET_EXIT_DONE;
}

int
tacet_cli_models (char **argv)
{
  g_auto (GStrv) rest = g_strdupv (argv);
  GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
  int status;
  if (!tacet_cli_parse (&rest, _ ("[list | show MODEL | vocabulary PATH]"),
                        _ ("Lists the installed models, or shows one, or keeps CLIP's vocabulary for models that "
                           "bring none. Models are looked for in $TACET_MODEL_PATH, then "
                           "in the folders of the user and of the system."),
                        entries, &status))
    return status;
  int n = (int) g_strv_length (rest) - 1;
  if (n == 0 || (n == 1 && g_str_equal (rest[1], "list")))
    return list ();
  if (n == 2 && g_str_equal (rest[1], "show"))
    return show (rest[2]);
  if (n == 2 && g_str_equal (rest[1], "vocabulary"))
    return tacet_cli_models_vocabulary (rest[2]);
  return tacet_cli_usage ("models",
                          _ ("It is “tacet models list”, “tacet models show MODEL” or “tacet models vocabulary PATH”"));
}
