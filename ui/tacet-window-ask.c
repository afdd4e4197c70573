/* tacet-window-ask.c: asking for a file.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-ask"

#include "config.h"

#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

typedef struct
{
  TacetWindow *window;
  TacetFileFunc func;
  gpointer data;
  GDestroyNotify free_data;
  GtkFileChooserNative *chooser;
} Question;

static void
question_response_cb (Question *question, int response)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (question->chooser));
  if (file != NULL && question->window->canvas != NULL)
    {
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        question->func (question->window, path, question->data);
      else
        _tacet_window_toast (question->window, _ ("Only files of this computer can be used. Copy it here first."));
    }
  gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (question->chooser));
  g_object_unref (question->chooser);
  g_object_unref (question->window);
  if (question->free_data != NULL)
    question->free_data (question->data);
  g_free (question);
}

/* Set it up further, then show it with _tacet_window_ask_now (). */
GtkFileChooser *
_tacet_window_ask_file (TacetWindow *self, GtkFileChooserAction action, const char *title, const char *accept,
                        TacetFileFunc func, gpointer data, GDestroyNotify free_data)
{
  Question *question = g_new0 (Question, 1);

  question->window = g_object_ref (self);
  question->func = func;
  question->data = data;
  question->free_data = free_data;
  question->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (question->chooser), TRUE);
  g_signal_connect_swapped (question->chooser, "response", G_CALLBACK (question_response_cb), question);
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

void
_tacet_window_start_in_folder (TacetWindow *self, GtkFileChooser *chooser)
{
  g_autofree char *folder = self->path != NULL ? g_path_get_dirname (self->path) : NULL;
  g_autoptr (GFile) file = folder != NULL ? g_file_new_for_path (folder) : NULL;

  if (file != NULL)
    gtk_file_chooser_set_current_folder (chooser, file, NULL);
}

/* With or without the suffix typed, the file has it. */
char *
_tacet_with_suffix (const char *path, const char *suffix)
{
  return g_str_has_suffix (path, suffix) ? g_strdup (path) : g_strconcat (path, suffix, NULL);
}
