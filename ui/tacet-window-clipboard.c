/* tacet-window-clipboard.c: layers, people and pictures to the clipboard and from it.
 *
 * Room: ui.  Copying takes the pixels as they are now; everything else, on both ways, happens beside the main thread.
 */
#define G_LOG_DOMAIN "tacet-window-clipboard"

#include "config.h"

#include "engine/scene/tacet-scene-transfer.h"
#include "ui/tacet-content.h"
#include "ui/tacet-tool-pose.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define PIECE (1 << 20)

static GdkClipboard *
clipboard_of (TacetWindow *self)
{
  return gtk_widget_get_clipboard (GTK_WIDGET (self));
}

/* ---- copying ---- */

/* A text field that has the focus has its own clipboard keys. */
static gboolean
text_has_focus (TacetWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  return focus != NULL && (GTK_IS_TEXT (focus) || GTK_IS_TEXT_VIEW (focus));
}

/* content: taken; NULL: no memory */
static gboolean
offer (TacetWindow *self, GdkContentProvider *content, const char *said)
{
  gboolean offered = content != NULL && gdk_clipboard_set_content (clipboard_of (self), content);

  _tacet_window_toast (self, offered ? said : _ ("There is not enough memory to copy this."));
  g_clear_object (&content);
  return offered;
}

static gboolean
copy_layer (TacetWindow *self)
{
  TacetLayer *layer = tacet_canvas_get_selected (self->canvas);
  g_autofree char *said = NULL;

  if (layer == NULL)
    return FALSE;
  said = g_strdup_printf (_ ("“%s” copied."), tacet_layer_get_name (layer));
  return offer (self, tacet_content_new_for_layer (self->scene, layer, FALSE), said);
}

/* With the pose tool a person that is chosen is what keys mean. */
static gboolean
means_person (TacetWindow *self)
{
  TacetTool *tool = tacet_canvas_get_tool_object (self->canvas, TACET_TOOL_POSE);

  return tacet_canvas_get_tool (self->canvas) == TACET_TOOL_POSE && tacet_tool_pose_get_selection (tool).person >= 0;
}

static void
copy_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (text_has_focus (self))
    return;
  if (!means_person (self))
    {
      copy_layer (self);
      return;
    }
  gtk_widget_activate_action (widget, "win.pose-copy", NULL);
  _tacet_window_toast (self, _ ("Person copied."));
}

static void
cut_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (text_has_focus (self))
    return;
  if (means_person (self))
    {
      gtk_widget_activate_action (widget, "win.pose-copy", NULL);
      gtk_widget_activate_action (widget, "win.pose-remove", NULL);
      return;
    }
  if (!copy_layer (self))
    return;
  /* Translators: name of an undo step */
  tacet_scene_group_begin (self->scene, _ ("Cut Layer"));
  tacet_scene_remove_layer (self->scene, tacet_canvas_get_selected (self->canvas));
  tacet_scene_group_end (self->scene);
}

/* The result that is shown, or else the picture layers. */
static void
copy_picture_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  offer (self,
         self->result != NULL ? tacet_content_new (self->result, NULL, NULL, NULL)
                              : tacet_content_new_for_pictures (self->scene),
         _ ("Picture copied."));
}

/* ---- what is read: from the clipboard or a drop ---- */

typedef enum
{
  TAKE_IMAGE,
  TAKE_LAYER,
} What;

typedef struct
{
  TacetWindow *window;
  TacetScene *scene; /* the document that it is for */
  GdkDrop *drop;     /* to be ended, or NULL */
  What what;
  TacetImportAs as;
  GInputStream *stream;
  GByteArray *bytes;
  GCancellable *cancellable;
} Taking;

static void
taking_free (Taking *self)
{
  if (self->window->canvas != NULL)
    tacet_busy_end (self->window->busy, self->cancellable);
  if (self->drop != NULL)
    gdk_drop_finish (self->drop, self->bytes->len > 0 ? GDK_ACTION_COPY : 0);
  g_clear_object (&self->drop);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->bytes, g_byte_array_unref);
  g_object_unref (self->cancellable);
  g_object_unref (self->scene);
  g_object_unref (self->window);
  g_free (self);
}

static Taking *
taking_new (TacetWindow *self, GdkDrop *drop, What what, TacetImportAs as)
{
  Taking *taking = g_new0 (Taking, 1);

  taking->window = g_object_ref (self);
  taking->scene = g_object_ref (self->scene);
  taking->drop = drop != NULL ? g_object_ref (drop) : NULL;
  taking->what = what;
  taking->as = as;
  taking->bytes = g_byte_array_new ();
  taking->cancellable = g_cancellable_new ();
  tacet_busy_begin (self->busy, _ ("Reading…"), taking->cancellable);
  return taking;
}

static void
taking_fail (Taking *self, const GError *error)
{
  if (self->window->canvas != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    _tacet_window_report (self->window, _ ("It could not be read."), error->message);
  taking_free (self);
}

/* ---- a layer ---- */

static void
parse_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Taking *self = data;
  GError *error = NULL;
  TacetScene *scene =
      tacet_scene_from_json ((const char *) self->bytes->data, self->bytes->len, _ ("the copied layer"), &error);

  if (scene != NULL)
    g_task_return_pointer (task, scene, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
parsed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Taking *self = data;
  TacetWindow *window = self->window;
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetScene) other = g_task_propagate_pointer (G_TASK (result), &error);
  TacetLayer *layer;

  if (other == NULL)
    {
      taking_fail (self, error);
      return;
    }
  if (window->canvas != NULL && window->scene == self->scene)
    {
      /* Translators: name of an undo step */
      layer = tacet_scene_adopt (self->scene, other, _ ("Paste Layer"));
      if (layer == NULL)
        _tacet_window_toast (window, _ ("The layer could not be added: too many layers, or not enough memory."));
      else
        _tacet_window_select (window, layer);
    }
  taking_free (self);
}

/* ---- the bytes ---- */

static void
take (Taking *self)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GBytes) bytes = NULL;
  GPtrArray *sources;

  if (self->window->canvas == NULL || self->window->scene != self->scene)
    {
      taking_free (self);
      return;
    }
  if (self->what == TAKE_LAYER)
    {
      task = g_task_new (NULL, self->cancellable, parsed_cb, self);
      g_task_set_task_data (task, self, NULL);
      g_task_run_in_thread (task, parse_thread);
      return;
    }
  bytes = g_bytes_new_with_free_func (self->bytes->data, self->bytes->len, (GDestroyNotify) g_byte_array_unref,
                                      g_byte_array_ref (self->bytes));
  sources = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_source_free);
  g_ptr_array_add (sources, tacet_source_new_bytes (bytes));
  tacet_busy_end (self->window->busy, self->cancellable);
  _tacet_window_import_sources (self->window, sources, self->as);
  taking_free (self);
}

static void
piece_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Taking *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) piece = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize size;
  gconstpointer start;

  if (piece != NULL && self->bytes->len + g_bytes_get_size (piece) > TACET_IMAGE_MAX_FILE)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, _ ("It is too large."));
  if (error != NULL)
    {
      taking_fail (self, error);
      return;
    }
  start = g_bytes_get_data (piece, &size);
  if (size == 0)
    {
      take (self);
      return;
    }
  g_byte_array_append (self->bytes, start, (guint) size);
  g_input_stream_read_bytes_async (self->stream, PIECE, G_PRIORITY_DEFAULT, self->cancellable, piece_read_cb, self);
}

/* stream: taken; NULL: error */
static void
read_stream (Taking *self, GInputStream *stream, const GError *error)
{
  if (stream == NULL)
    {
      taking_fail (self, error);
      return;
    }
  self->stream = stream;
  g_input_stream_read_bytes_async (stream, PIECE, G_PRIORITY_DEFAULT, self->cancellable, piece_read_cb, self);
}

static void
drop_stream_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  GInputStream *stream = gdk_drop_read_finish (GDK_DROP (source), result, NULL, &error);

  read_stream (data, stream, error);
}

static void
clipboard_stream_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  GInputStream *stream = gdk_clipboard_read_finish (GDK_CLIPBOARD (source), result, NULL, &error);

  read_stream (data, stream, error);
}

const char *
_tacet_window_find_image (GdkContentFormats *formats)
{
  for (TacetImageFormat format = TACET_FORMAT_PNG; format < TACET_N_FORMATS; format++)
    for (const char *const *type = tacet_image_format_mime_types (format); *type != NULL; type++)
      if (gdk_content_formats_contain_mime_type (formats, *type) && tacet_image_format_is_installed (format))
        return *type;
  return NULL;
}

void
_tacet_window_take_image (TacetWindow *self, GdkDrop *drop, TacetImportAs as)
{
  const char *types[] = { _tacet_window_find_image (gdk_drop_get_formats (drop)), NULL };
  Taking *taking = taking_new (self, drop, TAKE_IMAGE, as);

  gdk_drop_read_async (drop, types, G_PRIORITY_DEFAULT, taking->cancellable, drop_stream_cb, taking);
}

void
_tacet_window_take_layer (TacetWindow *self, GdkDrop *drop)
{
  const char *types[] = { TACET_LAYER_MIME_TYPE, NULL };
  Taking *taking = taking_new (self, drop, TAKE_LAYER, TACET_IMPORT_PICTURE);

  gdk_drop_read_async (drop, types, G_PRIORITY_DEFAULT, taking->cancellable, drop_stream_cb, taking);
}

/* ---- pasting ---- */

typedef struct
{
  TacetWindow *window;
  TacetImportAs as;
} FilesOrder;

/* Files copied in a file manager. */
static void
files_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  FilesOrder *order = data;
  g_autoptr (GError) error = NULL;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, &error);
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_source_free);

  for (GSList *at = value != NULL ? g_value_get_boxed (value) : NULL; at != NULL; at = at->next)
    {
      g_autofree char *path = g_file_get_path (at->data);

      if (path != NULL)
        g_ptr_array_add (sources, tacet_source_new_path (path));
    }
  if (order->window->canvas != NULL && sources->len > 0)
    _tacet_window_import_sources (order->window, g_steal_pointer (&sources), order->as);
  else if (order->window->canvas != NULL)
    _tacet_window_toast (order->window, _ ("Only files of this computer can be used. Copy it here first."));
  g_clear_pointer (&sources, g_ptr_array_unref);
  g_object_unref (order->window);
  g_free (order);
}

static gboolean
has_files (GdkContentFormats *formats)
{
  return gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST) ||
         gdk_content_formats_contain_mime_type (formats, "text/uri-list");
}

/* whole: a layer of Tacet's comes as what it is. */
static void
paste (TacetWindow *self, TacetImportAs as, gboolean whole)
{
  GdkClipboard *clipboard = clipboard_of (self);
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);
  const char *types[] = { _tacet_window_find_image (formats), NULL };
  FilesOrder *order;

  if (whole && gdk_content_formats_contain_mime_type (formats, TACET_LAYER_MIME_TYPE))
    {
      Taking *taking = taking_new (self, NULL, TAKE_LAYER, as);

      types[0] = TACET_LAYER_MIME_TYPE;
      gdk_clipboard_read_async (clipboard, types, G_PRIORITY_DEFAULT, taking->cancellable, clipboard_stream_cb, taking);
    }
  else if (types[0] != NULL)
    {
      Taking *taking = taking_new (self, NULL, TAKE_IMAGE, as);

      gdk_clipboard_read_async (clipboard, types, G_PRIORITY_DEFAULT, taking->cancellable, clipboard_stream_cb, taking);
    }
  else if (has_files (formats))
    {
      order = g_new0 (FilesOrder, 1);
      order->window = g_object_ref (self);
      order->as = as;
      gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL, files_read_cb, order);
    }
  else if (whole && gdk_content_formats_contain_gtype (formats, G_TYPE_STRING))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.pose-paste", NULL); /* a text may be people */
  else
    _tacet_window_toast (
        self, _ ("Nothing that was copied can be pasted here: no layer, no people, no picture, no picture file."));
}

static const struct
{
  const char *action;
  TacetImportAs as;
} pastes[] = {
  { "win.paste-as-picture", TACET_IMPORT_PICTURE },   { "win.paste-as-edges", TACET_IMPORT_EDGES },
  { "win.paste-as-edge-map", TACET_IMPORT_EDGE_MAP }, { "win.paste-as-depth-map", TACET_IMPORT_DEPTH_MAP },
  { "win.paste-as-region", TACET_IMPORT_REGION },     { "win.paste-as-mask", TACET_IMPORT_MASK },
};

static void
paste_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (!text_has_focus (TACET_WINDOW (widget)))
    paste (TACET_WINDOW (widget), TACET_IMPORT_PICTURE, TRUE);
}

static void
paste_as_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  for (guint i = 0; i < G_N_ELEMENTS (pastes); i++)
    if (g_str_equal (name, pastes[i].action))
      paste (TACET_WINDOW (widget), pastes[i].as, FALSE);
}

/* ---- registration ---- */

void
_tacet_window_update_clipboard_actions (TacetWindow *self)
{
  gboolean some = tacet_canvas_get_selected (self->canvas) != NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.copy", some);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.cut", some);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.copy-picture",
                                 self->result != NULL || tacet_scene_has_picture (self->scene));
}

void
_tacet_window_class_init_clipboard (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "win.copy", NULL, copy_cb);
  gtk_widget_class_install_action (class, "win.cut", NULL, cut_cb);
  gtk_widget_class_install_action (class, "win.copy-picture", NULL, copy_picture_cb);
  gtk_widget_class_install_action (class, "win.paste", NULL, paste_cb);
  for (guint i = 0; i < G_N_ELEMENTS (pastes); i++)
    gtk_widget_class_install_action (class, pastes[i].action, NULL, paste_as_cb);
}
