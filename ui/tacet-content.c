/* tacet-content.c: see tacet-content.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-content"

#include "config.h"

#include "ui/tacet-content.h"
#include "engine/scene/tacet-openpose.h"
#include "engine/scene/tacet-scene-transfer.h"
#include "ui/tacet-layer-image.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#define PNG      "image/png"
#define TEXT     "text/plain;charset=utf-8"
#define URI_LIST "text/uri-list"

struct _TacetContent
{
  GdkContentProvider parent_instance;

  /* Never changed after they are set, so that threads may read them. */
  char *text, *file_name;
  gboolean has_layers, has_image, flat;

  GMutex mutex; /* for the rest */
  TacetScene *layers;
  TacetImage *image; /* that of the topmost layer once it was asked for, if none was given */
  char *json;        /* of the layers; the same */
};

G_DEFINE_FINAL_TYPE (TacetContent, tacet_content, GDK_TYPE_CONTENT_PROVIDER)

/* ---- what is made, on a thread ---- */

static TacetImage *
make_image (TacetContent *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->image == NULL && self->flat)
    self->image = tacet_scene_render_picture (self->layers);
  else if (self->image == NULL)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (tacet_scene_get_layers (self->layers), 0);

      self->image = tacet_layer_dup_image (layer);
    }
  if (self->image != NULL)
    return tacet_image_ref (self->image);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("There is not enough memory to copy this."));
  return NULL;
}

static GBytes *
make_json (TacetContent *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->json == NULL)
    self->json = tacet_scene_to_json (self->layers, error);
  return self->json != NULL ? g_bytes_new (self->json, strlen (self->json)) : NULL;
}

static char *
file_path (TacetContent *self, GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "tacet", "dragged", NULL);
  g_autofree char *name = tacet_file_name (self->file_name, ".png");
  int code;

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return g_build_filename (folder, name, NULL);
  code = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s", g_strerror (code));
  return NULL;
}

static GBytes *
make_png (TacetContent *self, GError **error)
{
  g_autoptr (TacetImage) image = make_image (self, error);

  return image != NULL ? tacet_image_encode_png (image, error) : NULL;
}

static GBytes *
make_uri_list (TacetContent *self, GError **error)
{
  g_autofree char *path = file_path (self, error), *uri = NULL, *line = NULL;
  g_autoptr (TacetImage) image = path != NULL ? make_image (self, error) : NULL;

  if (image == NULL || !tacet_image_save_png (image, path, NULL, error))
    return NULL;
  uri = g_filename_to_uri (path, NULL, error);
  line = uri != NULL ? g_strconcat (uri, "\r\n", NULL) : NULL;
  return line != NULL ? g_bytes_new (line, strlen (line)) : NULL;
}

static GBytes *
make (TacetContent *self, const char *mime_type, GError **error)
{
  if (strcmp (mime_type, TACET_LAYER_MIME_TYPE) == 0 && self->has_layers)
    return make_json (self, error);
  if (strcmp (mime_type, PNG) == 0 && self->has_image)
    return make_png (self, error);
  if (strcmp (mime_type, URI_LIST) == 0 && self->has_image && self->file_name != NULL)
    return make_uri_list (self, error);
  if (strcmp (mime_type, TEXT) == 0 && self->text != NULL)
    return g_bytes_new (self->text, strlen (self->text));
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s: %s", _ ("This format is not offered"), mime_type);
  return NULL;
}

typedef struct
{
  char *mime_type;
  GOutputStream *stream;
} Order;

static void
order_free (gpointer data)
{
  Order *order = data;

  g_free (order->mime_type);
  g_object_unref (order->stream);
  g_free (order);
}

static void
make_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Order *order = data;
  GError *error = NULL;
  GBytes *bytes = make (TACET_CONTENT (source), order->mime_type, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

/* ---- writing: streams of the clipboard belong to the main thread ---- */

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
made_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  GBytes *bytes = g_task_propagate_pointer (G_TASK (result), &error);
  Order *order = g_task_get_task_data (G_TASK (result));
  gsize size;
  gconstpointer start;

  if (bytes == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  start = g_bytes_get_data (bytes, &size);
  g_task_set_task_data (task, bytes, (GDestroyNotify) g_bytes_unref);
  g_output_stream_write_all_async (order->stream, start, size, g_task_get_priority (task),
                                   g_task_get_cancellable (task), written_cb, g_object_ref (task));
}

static void
tacet_content_write_mime_type_async (GdkContentProvider *provider, const char *mime_type, GOutputStream *stream,
                                     int io_priority, GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  GTask *task = g_task_new (provider, cancellable, callback, user_data);
  g_autoptr (GTask) making = g_task_new (provider, cancellable, made_cb, task);
  Order *order = g_new0 (Order, 1);

  g_task_set_priority (task, io_priority);
  g_task_set_source_tag (task, tacet_content_write_mime_type_async);
  order->mime_type = g_strdup (mime_type);
  order->stream = g_object_ref (stream);
  g_task_set_task_data (making, order, order_free);
  g_task_run_in_thread (making, make_thread);
}

static gboolean
tacet_content_write_mime_type_finish (GdkContentProvider *provider, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* What knows both is offered the whole layer first. */
static GdkContentFormats *
tacet_content_ref_formats (GdkContentProvider *provider)
{
  TacetContent *self = TACET_CONTENT (provider);
  GdkContentFormatsBuilder *builder = gdk_content_formats_builder_new ();

  if (self->has_layers)
    gdk_content_formats_builder_add_mime_type (builder, TACET_LAYER_MIME_TYPE);
  if (self->has_image)
    gdk_content_formats_builder_add_mime_type (builder, PNG);
  if (self->has_image && self->file_name != NULL)
    gdk_content_formats_builder_add_mime_type (builder, URI_LIST);
  if (self->text != NULL)
    gdk_content_formats_builder_add_mime_type (builder, TEXT);
  return gdk_content_formats_builder_free_to_formats (builder);
}

/* ---- class ---- */

static void
tacet_content_finalize (GObject *object)
{
  TacetContent *self = TACET_CONTENT (object);

  g_clear_pointer (&self->image, tacet_image_unref);
  g_clear_object (&self->layers);
  g_free (self->text);
  g_free (self->file_name);
  g_free (self->json);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (tacet_content_parent_class)->finalize (object);
}

static void
tacet_content_class_init (TacetContentClass *class)
{
  GdkContentProviderClass *provider_class = GDK_CONTENT_PROVIDER_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = tacet_content_finalize;
  provider_class->ref_formats = tacet_content_ref_formats;
  provider_class->write_mime_type_async = tacet_content_write_mime_type_async;
  provider_class->write_mime_type_finish = tacet_content_write_mime_type_finish;
}

static void
tacet_content_init (TacetContent *self)
{
  g_mutex_init (&self->mutex);
}

GdkContentProvider *
tacet_content_new (TacetImage *image, TacetScene *layers, const char *text, const char *file_name)
{
  TacetContent *self = g_object_new (TACET_TYPE_CONTENT, NULL);

  self->image = image != NULL ? tacet_image_ref (image) : NULL;
  self->layers = layers != NULL ? g_object_ref (layers) : NULL;
  self->has_layers = layers != NULL;
  self->has_image = image != NULL || layers != NULL;
  self->text = g_strdup (text);
  self->file_name = g_strdup (file_name);
  return GDK_CONTENT_PROVIDER (self);
}

/* People as other programs write them. */
static char *
pose_text (TacetScene *scene, TacetLayer *layer)
{
  int n_people;
  const TacetPerson *people = tacet_layer_get_people (layer, &n_people);

  return n_people > 0
             ? tacet_openpose_to_text (people, n_people, tacet_scene_get_width (scene), tacet_scene_get_height (scene))
             : NULL;
}

GdkContentProvider *
tacet_content_new_for_layer (TacetScene *scene, TacetLayer *layer, gboolean as_file)
{
  g_autoptr (TacetScene) alone = tacet_scene_extract (scene, layer);
  g_autofree char *text = alone != NULL ? pose_text (scene, layer) : NULL;

  return alone != NULL ? tacet_content_new (NULL, alone, text, as_file ? tacet_layer_get_name (layer) : NULL) : NULL;
}

GdkContentProvider *
tacet_content_new_for_pictures (TacetScene *scene)
{
  g_autoptr (TacetScene) alone = tacet_scene_extract_pictures (scene);
  GdkContentProvider *content = alone != NULL ? tacet_content_new (NULL, alone, NULL, NULL) : NULL;

  if (content != NULL)
    {
      TACET_CONTENT (content)->has_layers = FALSE;
      TACET_CONTENT (content)->flat = TRUE;
    }
  return content;
}
