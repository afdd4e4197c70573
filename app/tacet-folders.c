/* tacet-folders.c: where models and sample scenes lie.
 *
 * Room: app.
 */
#include "config.h"

#include "tacet-folders.h"

/* An installed program must not look into the tree it was built from: anybody may own that path now. */
static gboolean
is_installed (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  if (!program)
    return TRUE;
  g_autofree char *bin = g_path_get_dirname (program), *prefix = g_path_get_dirname (bin);
  return g_str_has_prefix (TACET_DATA_DIR, prefix);
}

static GPtrArray *
data_folders (void)
{
  GPtrArray *folders = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (folders, g_build_filename (g_get_user_data_dir (), "tacet", NULL));
  g_ptr_array_add (folders, g_strdup (TACET_DATA_DIR));
  if (!is_installed ())
    g_ptr_array_add (folders, g_strdup (TACET_SOURCE_DATA_DIR));
  return folders;
}

char **
tacet_model_folders (void)
{
  g_autoptr (GPtrArray) data = data_folders ();
  GPtrArray *folders = g_ptr_array_new ();
  g_auto (GStrv) given = g_strsplit (g_getenv ("TACET_MODEL_PATH") ? g_getenv ("TACET_MODEL_PATH") : "", ":", -1);
  for (int i = 0; given[i]; i++)
    if (*given[i])
      g_ptr_array_add (folders, g_strdup (given[i]));
  for (guint i = 0; i < data->len; i++)
    g_ptr_array_add (folders, g_build_filename (data->pdata[i], "models", NULL));
  g_ptr_array_add (folders, NULL);
  return (char **) g_ptr_array_free (folders, FALSE);
}

char *
tacet_user_model_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "tacet", "models", NULL);
}

char *
tacet_schema_folder (void)
{
  return is_installed () ? NULL : g_strdup (TACET_BUILD_DATA_DIR);
}

char *
tacet_example_scene (void)
{
  g_autoptr (GPtrArray) data = data_folders ();
  for (guint i = 0; i < data->len; i++)
    {
      g_autofree char *path = g_build_filename (data->pdata[i], "scenes", "person-chair-brick", "scene.json", NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return NULL;
}
