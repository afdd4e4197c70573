/* tacet-window-open-picture.c: a plain picture is opened as a new document that starts from it.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-open-picture"

#include "config.h"

#include "engine/scene/tacet-scene-transfer.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

#define LARGE 1024 /* longest side of a document that needs no question */

typedef struct
{
  TacetWindow *window;
  char *name;
  TacetImage *image;
  int width, height; /* of the document */
  GtkDropDown *sizes;
  GCancellable *cancellable;

  TacetScene *before; /* the document that it takes the place of */
  gulong changed;
  gboolean touched; /* that one was changed meanwhile */
} Opening;

static void
opening_free (Opening *self)
{
  if (self->window->canvas != NULL)
    tacet_busy_end (self->window->busy, self->cancellable);
  g_signal_handler_disconnect (self->before, self->changed);
  g_object_unref (self->before);
  g_object_unref (self->window);
  g_object_unref (self->cancellable);
  g_clear_pointer (&self->image, tacet_image_unref);
  g_free (self->name);
  g_free (self);
}

static void
progress_cb (double done, gpointer data)
{
  Opening *self = data;

  if (self->window->canvas != NULL)
    tacet_busy_set_progress (self->window->busy, self->cancellable, done);
}

/* ---- the document ---- */

static void
touched_cb (Opening *self)
{
  self->touched = TRUE;
}

static void
show_made (TacetWindow *window)
{
  TacetScene *scene = g_object_get_data (G_OBJECT (window), "made-from-picture");

  if (scene != NULL)
    _tacet_window_set_scene (window, scene, NULL);
  g_object_set_data (G_OBJECT (window), "made-from-picture", NULL);
}

/* What was done since the user was asked is asked about again; who has opened another document meanwhile wants that. */
static void
show (Opening *self, TacetScene *scene)
{
  TacetWindow *window = self->window;

  if (window->scene != self->before)
    return;
  g_object_set_data_full (G_OBJECT (window), "made-from-picture", g_object_ref (scene), g_object_unref);
  if (self->touched)
    _tacet_window_guard_unsaved (window, show_made);
  else
    show_made (window);
}

static void
shaped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Opening *self = data;
  TacetWindow *window = self->window;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = tacet_import_finish (result, NULL, &error);
  g_autoptr (TacetScene) scene = NULL;

  if (list != NULL)
    scene = tacet_scene_new_from_picture (((TacetImported *) list->pdata[0])->pixels, self->name);
  if (window->canvas == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ;
  else if (scene != NULL)
    show (self, scene);
  else
    _tacet_window_report (window, _ ("The picture could not be used."),
                          error != NULL ? error->message : _ ("There is not enough memory."));
  opening_free (self);
}

static void
make_document (Opening *self)
{
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_source_free);

  g_ptr_array_add (sources, tacet_source_new_image (self->image, self->name));
  tacet_busy_begin (self->window->busy, _ ("Making a new scene…"), self->cancellable);
  tacet_import_async (sources, TACET_IMPORT_PICTURE, TACET_FIT_FILL, self->width, self->height, progress_cb, self,
                      self->cancellable, shaped_cb, self);
}

/* ---- its size ---- */

static const int sides[] = { 512, 768, 1024, 1536, 2048, 3072, 4096 };

/* The n-th size that is offered: longest sides below the picture's, then its own; 0: no more. */
static int
offered_side (const TacetImage *image, guint n)
{
  int longest = MAX (image->width, image->height);

  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    if (sides[i] < longest && n-- == 0)
      return sides[i];
  return n == 0 && longest <= TACET_SCENE_MAX_SIDE ? longest : 0;
}

static void
answer_cb (Opening *self, const char *response)
{
  if (g_strcmp0 (response, "open") != 0 || self->window->canvas == NULL)
    {
      opening_free (self);
      return;
    }
  tacet_import_document_size (self->image->width, self->image->height,
                              offered_side (self->image, gtk_drop_down_get_selected (self->sizes)), &self->width,
                              &self->height);
  make_document (self);
}

static void
ask_size (Opening *self)
{
  g_autofree char *body = g_strdup_printf (
      _ ("“%s” is %d × %d pixels large. A smaller scene is faster; most models do best near the size that they were "
         "trained at."),
      self->name, self->image->width, self->image->height);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self->window), _ ("Size of the New Scene"), body);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint usual = 0;
  int side;

  for (guint n = 0; (side = offered_side (self->image, n)) != 0; n++)
    {
      g_autofree char *text = NULL;
      int width, height;

      tacet_import_document_size (self->image->width, self->image->height, side, &width, &height);
      text = g_strdup_printf ("%d × %d", width, height);
      gtk_string_list_append (list, text);
      usual = side == LARGE ? n : usual;
    }
  self->sizes = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&list)), NULL));
  gtk_drop_down_set_selected (self->sizes, usual);
  gtk_widget_set_halign (GTK_WIDGET (self->sizes), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->sizes), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Size of the new scene"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), GTK_WIDGET (self->sizes));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "open", _ ("_Open"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "open", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "open");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_swapped (dialog, "response", G_CALLBACK (answer_cb), self);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- the picture ---- */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Opening *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) notes = NULL;

  self->image = tacet_import_load_finish (result, &notes, &error);
  if (self->window->canvas != NULL)
    tacet_busy_end (self->window->busy, self->cancellable);
  if (self->image == NULL || self->window->canvas == NULL)
    {
      if (self->window->canvas != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        _tacet_window_report (self->window, _ ("The picture could not be used."), error->message);
      opening_free (self);
      return;
    }
  _tacet_window_report_notes (self->window, notes);
  if (MAX (self->image->width, self->image->height) > LARGE)
    {
      ask_size (self);
      return;
    }
  tacet_import_document_size (self->image->width, self->image->height, LARGE, &self->width, &self->height);
  make_document (self);
}

gboolean
_tacet_window_is_plain_picture (const char *path)
{
  return tacet_dragged_of_file (path) == TACET_DRAGGED_PICTURE;
}

void
_tacet_window_open_picture (TacetWindow *self, const char *path)
{
  Opening *opening = g_new0 (Opening, 1);
  TacetSource *source = tacet_source_new_path (path);

  opening->window = g_object_ref (self);
  opening->name = g_strdup (source->name);
  opening->cancellable = g_cancellable_new ();
  opening->before = g_object_ref (self->scene);
  opening->changed = g_signal_connect_swapped (self->scene, "changed", G_CALLBACK (touched_cb), opening);
  tacet_busy_begin (self->busy, _ ("Opening the picture…"), opening->cancellable);
  tacet_import_load_async (source, progress_cb, opening, opening->cancellable, loaded_cb, opening);
}
