/* tacet-window-export.c: maps and other layers as PNG files; files are never replaced unasked.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-export"

#include "config.h"

#include "ui/tacet-layer-image.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>
#include <string.h>

/* ---- files that are there already ---- */

typedef struct
{
  TacetWindow *window;
  TacetFilesFunc func;
  GStrv paths;
  gpointer data;
  GDestroyNotify free_data;
} Guard;

static void
guard_free (gpointer data, GClosure *closure)
{
  Guard *guard = data;

  g_object_unref (guard->window);
  g_strfreev (guard->paths);
  if (guard->free_data != NULL)
    guard->free_data (guard->data);
  g_free (guard);
}

static void
guard_response_cb (Guard *guard, const char *response)
{
  if (g_strcmp0 (response, "replace") == 0 && guard->window->canvas != NULL)
    guard->func (guard->window, (const char *const *) guard->paths, guard->data);
}

/* asked: the one that the file chooser has asked about, or NULL. */
static GPtrArray *
existing (const char *const *paths, const char *asked)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; paths[i] != NULL; i++)
    if (g_strcmp0 (paths[i], asked) != 0 && g_file_test (paths[i], G_FILE_TEST_EXISTS))
      g_ptr_array_add (names, g_filename_display_basename (paths[i]));
  g_ptr_array_add (names, NULL);
  return names;
}

void
_tacet_window_guard_files (TacetWindow *self, const char *const *paths, const char *asked, TacetFilesFunc func,
                           gpointer data, GDestroyNotify free_data)
{
  g_autoptr (GPtrArray) names = existing (paths, asked);
  guint n = names->len - 1;
  g_autofree char *title = NULL, *list = NULL;
  GtkWidget *dialog;
  Guard *guard;

  if (n == 0)
    {
      func (self, paths, data);
      if (free_data != NULL)
        free_data (data);
      return;
    }
  title = g_strdup_printf (ngettext ("Replace a File?", "Replace %u Files?", n), n);
  list = g_strjoinv ("\n", (char **) names->pdata);
  guard = g_new0 (Guard, 1);
  *guard = (Guard){ g_object_ref (self), func, g_strdupv ((char **) paths), data, free_data };
  dialog = adw_message_dialog_new (GTK_WINDOW (self), title, list);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "replace", _ ("_Replace"),
                                    NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "replace", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (guard_response_cb), guard, guard_free, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- writing one layer after the other ---- */

typedef struct
{
  TacetWindow *window;
  GPtrArray *layers; /* of TacetLayer */
  GStrv paths;
  guint at;
  TacetImage *image; /* the one that is being written */
  GCancellable *cancellable;
} Export;

static void
export_free (Export *self)
{
  if (self->window->canvas != NULL)
    tacet_busy_end (self->window->busy, self->cancellable);
  g_object_unref (self->window);
  g_ptr_array_unref (self->layers);
  g_strfreev (self->paths);
  g_clear_pointer (&self->image, tacet_image_unref);
  g_object_unref (self->cancellable);
  g_free (self);
}

static void
write_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Export *self = data;
  GError *error = NULL;

  if (tacet_image_save_png (self->image, self->paths[self->at], NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void write_next (Export *self);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Export *self = data;
  g_autoptr (GError) error = NULL;
  gboolean written = g_task_propagate_boolean (G_TASK (result), &error);

  g_clear_pointer (&self->image, tacet_image_unref);
  if (written && !g_cancellable_is_cancelled (self->cancellable))
    {
      self->at++;
      write_next (self);
      return;
    }
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    _tacet_window_report (self->window, _ ("The map could not be saved."), error->message);
  export_free (self);
}

/* The pixels are copied only when it is their turn, so that many large maps need the memory of one. */
static void
write_next (Export *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->window->canvas != NULL && self->at == self->layers->len)
    {
      g_autofree char *said =
          g_strdup_printf (ngettext ("Map saved.", "%u maps saved.", self->layers->len), self->layers->len);

      _tacet_window_toast (self->window, said);
    }
  if (self->window->canvas == NULL || self->at == self->layers->len)
    {
      export_free (self);
      return;
    }
  self->image = tacet_layer_dup_image (self->layers->pdata[self->at]);
  if (self->image == NULL)
    {
      _tacet_window_toast (self->window, _ ("There is not enough memory to export this."));
      export_free (self);
      return;
    }
  tacet_busy_set_progress (self->window->busy, self->cancellable, (double) self->at / self->layers->len);
  task = g_task_new (NULL, NULL, written_cb, self);
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, write_thread);
}

/* data: GPtrArray of layers, as many as paths */
static void
export_now (TacetWindow *self, const char *const *paths, gpointer data)
{
  Export *job = g_new0 (Export, 1);

  job->window = g_object_ref (self);
  job->layers = g_ptr_array_ref (data);
  job->paths = g_strdupv ((char **) paths);
  job->cancellable = g_cancellable_new ();
  tacet_busy_begin (self->busy, _ ("Saving maps…"), job->cancellable);
  write_next (job);
}

static void
start_export (TacetWindow *self, const char *const *paths, const char *asked, GPtrArray *layers)
{
  _tacet_window_guard_files (self, paths, asked, export_now, g_ptr_array_ref (layers),
                             (GDestroyNotify) g_ptr_array_unref);
}

/* ---- one map ---- */

static void
export_one_path (TacetWindow *self, const char *path, gpointer data)
{
  g_autofree char *whole = _tacet_with_suffix (path, ".png");
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (layers, g_object_ref (data));
  start_export (self, (const char *[]){ whole, NULL }, path, layers);
}

static void
export_map_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *layer = tacet_canvas_get_selected (self->canvas);
  g_autofree char *file_name = NULL;
  GtkFileChooser *chooser;

  if (layer == NULL)
    return;
  file_name = tacet_file_name (tacet_layer_get_name (layer), ".png");
  chooser = _tacet_window_ask_file (self, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Export Map"), _ ("_Save"), export_one_path,
                                    g_object_ref (layer), g_object_unref);
  _tacet_window_add_filter (chooser, _ ("PNG Pictures"), "png");
  _tacet_window_start_in_folder (self, chooser);
  gtk_file_chooser_set_current_name (chooser, file_name);
  _tacet_window_ask_now (chooser);
}

/* ---- all maps ---- */

/* Controls, regions and masks, from the top; numbered, so that equal names do not meet. */
static GPtrArray *
exported_layers (TacetWindow *self)
{
  GListModel *layers = tacet_scene_get_layers (self->scene);
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (layers); i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (layers, i);

      if (tacet_layer_get_kind (layer) != TACET_LAYER_PICTURE)
        g_ptr_array_add (list, g_steal_pointer (&layer));
    }
  return list;
}

static void
export_all_path (TacetWindow *self, const char *path, gpointer data)
{
  g_autoptr (GPtrArray) layers = exported_layers (self);
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  for (guint i = 0; i < layers->len; i++)
    {
      TacetLayer *layer = layers->pdata[i];
      g_autofree char *plain = g_strdup_printf ("%02u %s %s", i + 1, tacet_layer_kind_id (tacet_layer_get_kind (layer)),
                                                tacet_layer_get_name (layer));
      g_autofree char *name = tacet_file_name (plain, ".png"), *whole = g_build_filename (path, name, NULL);

      g_strv_builder_add (paths, whole);
    }
  list = g_strv_builder_end (paths);
  start_export (self, (const char *const *) list, NULL, layers);
}

static void
export_maps_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  GtkFileChooser *chooser =
      _tacet_window_ask_file (self, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("Export All Maps to a Folder"),
                              _ ("_Export"), export_all_path, NULL, NULL);

  _tacet_window_start_in_folder (self, chooser);
  _tacet_window_ask_now (chooser);
}

/* ---- registration ---- */

void
_tacet_window_update_export_actions (TacetWindow *self)
{
  g_autoptr (GPtrArray) layers = exported_layers (self);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.export-map", tacet_canvas_get_selected (self->canvas) != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.export-maps", layers->len > 0);
}

void
_tacet_window_class_init_export (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "win.export-map", NULL, export_map_cb);
  gtk_widget_class_install_action (class, "win.export-maps", NULL, export_maps_cb);
}
