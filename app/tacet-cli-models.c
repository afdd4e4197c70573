/* tacet-cli-models.c: tacet models: which models are installed, what is in them, and where more of them lie.
 *
 * Room: app.
 */
#include "tacet-cli.h"

#include "engine/model/tacet-library.h"
#include "engine/model/tacet-model-files.h"
#include "tacet-folders.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <unistd.h>

static void
warn_none (void)
{
  g_auto (GStrv) folders = tacet_model_folders ();
  g_autofree char *places = g_strjoinv (", ", folders);
  tacet_cli_warn (_ ("No model is installed. Looked in %s"), places);
}

/* One line a model: what fits together, then where it lies. */
static void
list_entry (const TacetLibraryEntry *e)
{
  g_autofree char *size = g_format_size (e->bytes), *shown = g_filename_display_name (e->path);
  g_autofree char *base = g_strconcat (*e->base ? e->base : "-", e->inpainting ? _ (" inpainting") : "", NULL);
  tacet_cli_say ("%s\t%s%s%s\t%s\t%s\t%s\t%s", e->name, tacet_model_kind_id (e->kind), e->control ? " " : "",
                 e->control ? e->control : "", base, *e->precision ? e->precision : "-", size, shown);
  if (e->hidden)
    tacet_cli_say (_ ("\thidden by the one above of the same name"));
  if (e->problem)
    tacet_cli_say (_ ("\tcannot be used: %s"), e->problem);
}

static void
add_string (JsonBuilder *b, const char *name, const char *value)
{
  json_builder_set_member_name (b, name);
  if (value)
    json_builder_add_string_value (b, value);
  else
    json_builder_add_null_value (b);
}

static void
add_entry (JsonBuilder *b, const TacetLibraryEntry *e)
{
  g_autofree char *shown = g_filename_display_name (e->path);
  json_builder_begin_object (b);
  add_string (b, "name", e->name);
  add_string (b, "path", shown);
  add_string (b, "kind", tacet_model_kind_id (e->kind));
  add_string (b, "base", *e->base ? e->base : NULL);
  add_string (b, "control", e->control);
  add_string (b, "precision", *e->precision ? e->precision : NULL);
  json_builder_set_member_name (b, "bytes");
  json_builder_add_int_value (b, (gint64) e->bytes);
  add_string (b, "layout", e->problem ? NULL : e->original ? "original" : "diffusers");
  json_builder_set_member_name (b, "inpainting");
  json_builder_add_boolean_value (b, e->inpainting);
  json_builder_set_member_name (b, "hidden");
  json_builder_add_boolean_value (b, e->hidden);
  add_string (b, "problem", e->problem);
  json_builder_end_object (b);
}

static void
list_json (GPtrArray *entries)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_array (b);
  for (guint i = 0; i < entries->len; i++)
    add_entry (b, g_ptr_array_index (entries, i));
  json_builder_end_array (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autofree char *text = json_to_string (root, TRUE);
  tacet_cli_say ("%s", text);
}

static int
list (gboolean json)
{
  g_auto (GStrv) folders = tacet_model_folders ();
  g_autoptr (GPtrArray) entries = tacet_library_scan ((const char *const *) folders);
  if (json)
    list_json (entries);
  else
    for (guint i = 0; i < entries->len; i++)
      list_entry (g_ptr_array_index (entries, i));
  if (!json && entries->len == 0)
    warn_none ();
  return TACET_EXIT_DONE;
}

static char *
find_model (const char *name)
{
  g_auto (GStrv) folders = tacet_model_folders ();
  char *path = NULL;
  for (int kind = 0; !path && kind < TACET_N_MODEL_KINDS; kind++)
    path = tacet_library_find ((const char *const *) folders, name, (TacetModelKind) kind);
  return path;
}

/* Tensors, values and metadata of one file. title: of the network, or "" */
static void
show_file (const char *title, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetCheckpoint) file = tacet_checkpoint_open (path, &error);
  if (!file)
    {
      tacet_cli_say ("  %-14s %s", title, error->message);
      return;
    }
  guint64 values = 0, bytes = 0;
  for (guint i = 0; i < tacet_checkpoint_length (file); i++)
    {
      const TacetFileTensor *t = tacet_checkpoint_nth (file, i);
      values += (guint64) tacet_file_tensor_count (t);
      bytes += t->end - t->begin;
    }
  g_autofree char *size = g_format_size (bytes);
  g_autofree char *count = g_strdup_printf ("%" G_GUINT64_FORMAT, values);
  tacet_cli_say (_ ("  %-14s %s, %u tensors, %s values"), title, size, tacet_checkpoint_length (file), count);
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, tacet_checkpoint_metadata_table (file));
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *safe = g_utf8_make_valid (value, -1),
                      *cut = g_utf8_substring (safe, 0, MIN (g_utf8_strlen (safe, -1), 60));
      tacet_cli_say ("  %-14s %s = %s", "", (char *) key, cut);
    }
}

/* What only opening tells: the sizes, and what lies in the files and is not used. */
static void
show_base (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetModelFiles) model = tacet_model_files_open (path, NULL, &error);
  if (!model)
    {
      tacet_cli_say (_ ("  cannot be used: %s"), error->message);
      return;
    }
  int factor = 1 << (model->vae.n_levels - 1), side = model->unet.sample_size * factor;
  tacet_cli_say (_ ("  made for       %d × %d pixels"), side, side);
  tacet_cli_say (_ ("  layers         %d places where controls enter"), tacet_unet_n_features (&model->unet));
  if (!model->tokenizer)
    tacet_cli_say (_ ("  vocabulary     none of its own (see “tacet models vocabulary”)"));
  for (guint i = 0; i < model->notes->len; i++)
    tacet_cli_say (_ ("  note           %s"), (char *) model->notes->pdata[i]);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

/* The networks that lie in the folder, its ControlNets included. */
static void
show_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *folder = g_build_filename (path, names->pdata[i], NULL);
      g_autofree char *file = tacet_model_weights_file (folder);
      if (file)
        show_file (names->pdata[i], file);
    }
}

static int
show (const char *name)
{
  g_autofree char *path = find_model (name);
  if (!path)
    {
      g_auto (GStrv) folders = tacet_model_folders ();
      g_autofree char *places = g_strjoinv (", ", folders);
      tacet_cli_warn (_ ("There is no model “%s”. Looked in %s"), name, places);
      return TACET_EXIT_FAILED;
    }
  g_autoptr (TacetLibraryEntry) e = tacet_library_look (path);
  g_autofree char *weights = tacet_model_weights_file (path);
  tacet_cli_say ("%s", path);
  list_entry (e);
  if (!e->problem)
    tacet_cli_say (_ ("  layout         %s"), e->original ? _ ("original") : "diffusers");
  if (!g_file_test (path, G_FILE_TEST_IS_DIR) || weights)
    show_file (tacet_model_kind_id (e->kind), weights ? weights : path);
  else
    show_folder (path);
  if (e->kind == TACET_MODEL_BASE && !e->problem)
    show_base (path);
  return e->problem ? TACET_EXIT_FAILED : TACET_EXIT_DONE;
}

/* A link in the user's folder of models: nothing is copied, and the file stays where its owner has it. */
static int
add (const char *given)
{
  g_autofree char *path = g_canonicalize_filename (given, NULL), *name = g_path_get_basename (path);
  g_autofree char *folder = tacet_user_model_folder (), *link = g_build_filename (folder, name, NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    tacet_cli_warn (_ ("There is no “%s”"), given);
  else if (g_file_test (link, G_FILE_TEST_EXISTS) || g_file_test (link, G_FILE_TEST_IS_SYMLINK))
    tacet_cli_warn (_ ("“%s” is there already"), link);
  else if (g_mkdir_with_parents (folder, 0777) != 0 || symlink (path, link) != 0)
    tacet_cli_warn (_ ("“%s” cannot be made: %s"), link, g_strerror (errno));
  else
    {
      const char *const one[] = { folder, NULL };
      g_autoptr (GPtrArray) entries = tacet_library_scan (one);
      g_autofree char *prefix = g_strconcat (link, "/", NULL);
      for (guint i = 0; i < entries->len; i++)
        {
          const TacetLibraryEntry *e = g_ptr_array_index (entries, i);
          if (g_str_equal (e->path, link) || g_str_has_prefix (e->path, prefix))
            list_entry (e);
        }
      return TACET_EXIT_DONE;
    }
  return TACET_EXIT_FAILED;
}

int
tacet_cli_models (char **argv)
{
  g_auto (GStrv) rest = g_strdupv (argv);
  gboolean json = FALSE;
  GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("The list as JSON, for other programs"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  int status;
  if (!tacet_cli_parse (&rest, _ ("[list | show MODEL | add PATH | vocabulary PATH]"),
                        _ ("Lists the installed models (name, kind, base, precision, size, place), shows one, adds a "
                           "file or a folder of models where it lies, or keeps CLIP's vocabulary for models that "
                           "bring none. Models are looked for in $TACET_MODEL_PATH, then in the folders of the user "
                           "and of the system."),
                        entries, &status))
    return status;
  int n = (int) g_strv_length (rest) - 1;
  if (n == 0 || (n == 1 && g_str_equal (rest[1], "list")))
    return list (json);
  if (n == 2 && g_str_equal (rest[1], "show"))
    return show (rest[2]);
  if (n == 2 && g_str_equal (rest[1], "add"))
    return add (rest[2]);
  if (n == 2 && g_str_equal (rest[1], "vocabulary"))
    return tacet_cli_models_vocabulary (rest[2]);
  return tacet_cli_usage ("models", _ ("It is “tacet models list”, “tacet models show MODEL”, “tacet models add PATH” "
                                       "or “tacet models vocabulary PATH”"));
}
