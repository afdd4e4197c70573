/* tacet-window-ask.c: asking for a file.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-ask"

#include "config.h"

#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

typedef struct
{
  TacetWindow *window;
  TacetFileFunc func; /* one of the two */
  TacetFilesFunc files_func;
  gpointer data;
  GDestroyNotify free_data;
  GtkFileChooserNative *chooser;
} Question;

/* The files that lie on this computer. */
static GStrv
chosen_paths (GtkFileChooser *chooser)
{
  g_autoptr (GListModel) files = gtk_file_chooser_get_files (chooser);
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        g_strv_builder_add (paths, path);
    }
  return g_strv_builder_end (paths);
}

/* path NULL: none */
static void
remember_folder (TacetWindow *self, const char *path)
{
  g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;

  if (folder != NULL)
    g_object_set (self->preferences, "last-folder", folder, NULL);
}

static void
question_response_cb (Question *question, int response)
{
  if (response == GTK_RESPONSE_ACCEPT && question->window->canvas != NULL)
    {
      g_auto (GStrv) paths = chosen_paths (GTK_FILE_CHOOSER (question->chooser));

      remember_folder (question->window, paths[0]);
      if (paths[0] == NULL)
        _tacet_window_toast (question->window, _ ("Only files of this computer can be used. Copy it here first."));
      else if (question->files_func != NULL)
        question->files_func (question->window, (const char *const *) paths, question->data);
      else
        question->func (question->window, paths[0], question->data);
    }
  gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (question->chooser));
  g_object_unref (question->chooser);
  g_object_unref (question->window);
  if (question->free_data != NULL)
    question->free_data (question->data);
  g_free (question);
}

static Question *
question_new (TacetWindow *self, GtkFileChooserAction action, const char *title, const char *accept, gpointer data,
              GDestroyNotify free_data)
{
  Question *question = g_new0 (Question, 1);

  question->window = g_object_ref (self);
  question->data = data;
  question->free_data = free_data;
  question->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (question->chooser), TRUE);
  g_signal_connect_swapped (question->chooser, "response", G_CALLBACK (question_response_cb), question);
  return question;
}

GtkFileChooser *
_tacet_window_ask_file (TacetWindow *self, GtkFileChooserAction action, const char *title, const char *accept,
                        TacetFileFunc func, gpointer data, GDestroyNotify free_data)
{
  Question *question = question_new (self, action, title, accept, data, free_data);

  question->func = func;
  return GTK_FILE_CHOOSER (question->chooser);
}

GtkFileChooser *
_tacet_window_ask_files (TacetWindow *self, const char *title, TacetFilesFunc func, gpointer data,
                         GDestroyNotify free_data)
{
  Question *question = question_new (self, GTK_FILE_CHOOSER_ACTION_OPEN, title, _ ("_Open"), data, free_data);

  question->files_func = func;
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (question->chooser), TRUE);
  return GTK_FILE_CHOOSER (question->chooser);
}

/* Only now: a chooser that is changed while it reads its first folder complains. */
void
_tacet_window_ask_now (GtkFileChooser *chooser)
{
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

void
_tacet_window_add_filter (GtkFileChooser *chooser, const char *name, const char *suffix)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_suffix (filter, suffix);
  gtk_file_chooser_add_filter (chooser, filter);
}

/* Every format that this computer can decode; returns their names in a row. */
static char *
add_picture_suffixes (GtkFileFilter *filter)
{
  GString *list = g_string_new (NULL);

  for (TacetImageFormat format = TACET_FORMAT_PNG; format < TACET_N_FORMATS; format++)
    {
      if (!tacet_image_format_is_installed (format))
        continue;
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", tacet_image_format_name (format));
      for (const char *const *suffix = tacet_image_format_suffixes (format); *suffix != NULL; suffix++)
        gtk_file_filter_add_suffix (filter, *suffix);
    }
  return g_string_free (list, FALSE);
}

void
_tacet_window_add_picture_filter (GtkFileChooser *chooser)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  g_autofree char *list = add_picture_suffixes (filter);
  /* Translators: %s is a list of formats: "PNG, JPEG, WebP" */
  g_autofree char *name = g_strdup_printf (_ ("Pictures (%s)"), list);

  gtk_file_filter_set_name (filter, name);
  gtk_file_chooser_add_filter (chooser, filter);
}

void
_tacet_window_add_open_filters (GtkFileChooser *chooser)
{
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new (), scenes = gtk_file_filter_new ();
  g_autofree char *list = add_picture_suffixes (all);
  static const char *const suffixes[] = { "ora", "json" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      gtk_file_filter_add_suffix (all, suffixes[i]);
      gtk_file_filter_add_suffix (scenes, suffixes[i]);
    }
  gtk_file_filter_set_name (all, _ ("Scenes and Pictures"));
  gtk_file_filter_set_name (scenes, _ ("Scenes"));
  gtk_file_chooser_add_filter (chooser, all);
  gtk_file_chooser_add_filter (chooser, scenes);
  _tacet_window_add_picture_filter (chooser);
}

void
_tacet_window_start_in_folder (TacetWindow *self, GtkFileChooser *chooser)
{
  g_autofree char *folder = self->path != NULL ? g_path_get_dirname (self->path)
                                               : tacet_preferences_dup_string (self->preferences, "last-folder");
  g_autoptr (GFile) file = *folder != '\0' ? g_file_new_for_path (folder) : NULL;

  if (file != NULL)
    gtk_file_chooser_set_current_folder (chooser, file, NULL);
}

/* With or without the suffix typed, the file has it. */
char *
_tacet_with_suffix (const char *path, const char *suffix)
{
  return g_str_has_suffix (path, suffix) ? g_strdup (path) : g_strconcat (path, suffix, NULL);
}
