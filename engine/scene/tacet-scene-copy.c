/* tacet-scene-copy.c: a copy of the document for another thread, and saving from one.
 *
 * Room: engine/scene.  The document belongs to the main thread; what is written to disk beside it is a copy that
 * only the writing thread knows.  The pixels are shared until the document changes them (copy on write).
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-candidate-private.h"
#include "tacet-project.h"
#include <glib/gi18n-lib.h>

/* json-glib counts references without a lock, so that even what never changes must not be shared. */
static JsonObject *
copy_object (JsonObject *object)
{
  if (!object)
    return NULL;
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = json_to_string (node, FALSE);
  g_autoptr (JsonNode) copy = json_from_string (text, NULL);
  return copy ? json_node_dup_object (copy) : NULL;
}

static TacetImage *
share (TacetImage *image)
{
  return image ? tacet_image_ref (image) : NULL;
}

TacetLayer *
_tacet_layer_copy (TacetLayer *from)
{
  TacetLayer *self = g_object_new (TACET_TYPE_LAYER, NULL);
  self->kind = from->kind;
  self->picture = share (from->picture);
  self->map = share (from->map);
  self->coverage = share (from->coverage);
  self->base = share (from->base);
  self->rule = share (from->rule);
  self->opinion = share (from->opinion);
  _tacet_layer_settings_clear (&self->settings);
  self->settings = _tacet_layer_settings_copy (&from->settings);
  self->people = from->people ? g_array_copy (from->people) : NULL;
  self->extra = copy_object (from->extra);
  _tacet_encoded_cache_unref (self->encoded);
  self->encoded = _tacet_encoded_cache_ref (from->encoded);
  return self;
}

TacetScene *
_tacet_scene_copy (TacetScene *from)
{
  TacetScene *self = tacet_scene_new (from->width, from->height);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (from->layers));
  _tacet_scene_settings_clear (&self->settings);
  self->settings = _tacet_scene_settings_copy (&from->settings);
  self->folder = g_strdup (from->folder);
  self->extra = copy_object (from->extra);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (G_LIST_MODEL (from->layers), i);
      g_autoptr (TacetLayer) copy = _tacet_layer_copy (layer);
      g_list_store_append (self->layers, copy);
    }
  return self;
}

typedef struct
{
  TacetScene *copy;
  char *path;
  gboolean to_folder;
} SaveJob;

static void
save_job_free (gpointer data)
{
  SaveJob *self = data;
  g_object_unref (self->copy);
  g_free (self->path);
  g_free (self);
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SaveJob *self = data;
  GError *error = NULL;
  if (self->to_folder ? _tacet_project_save_folder (self->copy, self->path, &error)
                      : _tacet_scene_save (self->copy, self->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
_tacet_scene_write_async (TacetScene *self, const char *path, gboolean to_folder, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (TacetScene) copy = _tacet_scene_copy (self);
  _tacet_scene_copy_candidates (self, copy);
  g_task_set_source_tag (task, _tacet_scene_write_async);
  SaveJob *job = g_new0 (SaveJob, 1);
  job->copy = g_steal_pointer (&copy);
  job->path = g_strdup (path);
  job->to_folder = to_folder;
  g_task_set_task_data (task, job, save_job_free);
  g_task_run_in_thread (task, save_thread);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  TacetScene *self = TACET_SCENE (source);
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  self->saving = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_autofree char *absolute = g_canonicalize_filename (g_task_get_task_data (task), NULL);
  g_autofree char *folder = g_path_get_dirname (absolute);
  _tacet_scene_move_to (self, folder);
  _tacet_history_end_saving (&self->history);
  self->n_added_saved = self->n_added_saving;
  self->incomplete = FALSE;
  _tacet_scene_changed (self);
  g_task_return_boolean (task, TRUE);
}

void
tacet_scene_save_async (TacetScene *self, const char *path, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (TACET_IS_SCENE (self) && path != NULL);
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, tacet_scene_save_async);
  if (self->saving)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "%s", _ ("It is being saved already."));
      g_object_unref (task);
      return;
    }
  _tacet_scene_finish_stroke (self);
  g_task_set_task_data (task, g_strdup (path), g_free);
  self->saving = TRUE;
  _tacet_history_begin_saving (&self->history);
  self->n_added_saving = self->n_added;
  _tacet_scene_write_async (self, path, FALSE, written_cb, task);
}

gboolean
tacet_scene_save_finish (TacetScene *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
