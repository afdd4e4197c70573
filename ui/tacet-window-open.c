/* tacet-window-open.c: documents are opened: small ones at once, large ones by a thread.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-open"

#include "config.h"

#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define AT_ONCE ((goffset) 2 << 20) /* bytes of a file that is read within a frame or two */

static void
report_failure (TacetWindow *self, const char *path, const GError *error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *what = g_strdup_printf (_ ("“%s” could not be opened."), name);

  _tacet_window_report (self, what, error->message);
}

static void
show (TacetWindow *self, TacetScene *scene, const char *path)
{
  /* A picture, or a file of which not everything was read, is not what a changed document would be saved to. */
  gboolean keeps = !tacet_image_is_png (path) && !tacet_scene_is_incomplete (scene);
  const char *const *notes = tacet_scene_get_notes (scene);

  _tacet_window_set_scene (self, scene, keeps ? path : NULL);
  g_free (self->origin);
  self->origin = g_strdup (path);
  if (g_strcmp0 (path, self->example) != 0)
    _tacet_window_remember_document (self, path);
  if (notes != NULL && notes[0] != NULL)
    {
      g_autofree char *why = g_strjoinv ("\n", (char **) notes);

      _tacet_window_report (self,
                            keeps ? _ ("The file holds things that Tacet shows in another way.")
                                  : _ ("Not everything in the file is shown. Saving asks for another name."),
                            why);
    }
}

gboolean
tacet_window_open (TacetWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetScene) scene = NULL;

  if (_tacet_window_is_plain_picture (path))
    {
      _tacet_window_open_picture (self, path);
      return TRUE;
    }
  scene = tacet_scene_open (path, &error);
  if (scene == NULL)
    report_failure (self, path, error);
  else
    show (self, scene, path);
  return scene != NULL;
}

typedef struct
{
  TacetWindow *window;
  char *path;
  guint number;
} OpenOrder;

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OpenOrder *order = data;
  TacetWindow *self = order->window;
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetScene) scene = tacet_scene_open_finish (result, &error);

  /* Closed meanwhile, or another file was asked for. */
  if (self->canvas != NULL && order->number == self->n_opened)
    {
      gtk_widget_set_sensitive (GTK_WIDGET (self->flap), TRUE);
      _tacet_window_set_status (self, "", FALSE);
      if (scene == NULL)
        report_failure (self, order->path, error);
      else
        show (self, scene, order->path);
    }
  g_object_unref (self);
  g_free (order->path);
  g_free (order);
}

void
_tacet_window_open_path (TacetWindow *self, const char *path)
{
  GStatBuf status;
  OpenOrder *order;

  self->n_opened++;
  if (g_stat (path, &status) != 0 || status.st_size <= AT_ONCE || _tacet_window_is_plain_picture (path))
    {
      tacet_window_open (self, path);
      return;
    }
  order = g_new0 (OpenOrder, 1);
  order->window = g_object_ref (self);
  order->path = g_strdup (path);
  order->number = self->n_opened;
  /* What is drawn now would be gone with the document. */
  gtk_widget_set_sensitive (GTK_WIDGET (self->flap), FALSE);
  _tacet_window_set_status (self, _ ("Opening…"), FALSE);
  tacet_scene_open_async (path, opened_cb, order);
}

static void
open_path (TacetWindow *self, const char *path, gpointer data)
{
  _tacet_window_open_path (self, path);
}

static void
ask_open (TacetWindow *self)
{
  GtkFileChooser *chooser =
      _tacet_window_ask_file (self, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Open"), _ ("_Open"), open_path, NULL, NULL);

  _tacet_window_add_open_filters (chooser);
  _tacet_window_start_in_folder (self, chooser);
  _tacet_window_ask_now (chooser);
}

void
_tacet_window_ask_open (TacetWindow *self)
{
  _tacet_window_guard_unsaved (self, ask_open);
}
