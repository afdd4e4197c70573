/* tacet-import.c: foreign pictures read and shaped on a thread, with progress and cancelling.
 *
 * Room: ui, without widgets.
 */
#include "config.h"

#include "ui/tacet-import.h"

#include <glib/gi18n.h>
#include <string.h>

/* ---- sources ---- */

TacetSource *
tacet_source_new_path (const char *path)
{
  TacetSource *self = g_new0 (TacetSource, 1);
  char *dot;

  self->path = g_strdup (path);
  self->name = g_filename_display_basename (path);
  dot = strrchr (self->name, '.');
  if (dot != NULL && dot != self->name)
    *dot = '\0';
  return self;
}

TacetSource *
tacet_source_new_bytes (GBytes *bytes)
{
  TacetSource *self = g_new0 (TacetSource, 1);

  self->bytes = g_bytes_ref (bytes);
  return self;
}

TacetSource *
tacet_source_new_image (TacetImage *image, const char *name)
{
  TacetSource *self = g_new0 (TacetSource, 1);

  self->image = tacet_image_ref (image);
  self->name = g_strdup (name);
  return self;
}

void
tacet_source_free (TacetSource *self)
{
  g_free (self->path);
  g_free (self->name);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->image, tacet_image_unref);
  g_free (self);
}

/* ---- the job ---- */

typedef struct
{
  GPtrArray *sources; /* of TacetSource */
  TacetImportAs as;
  TacetFit fit;
  int width, height;
  GPtrArray *notes;
  guint current; /* source */

  TacetImportProgress progress;
  gpointer progress_data;
  GMainContext *context;
  gint pending; /* a delivery of `done` is under way */
  GMutex mutex;
  double done;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_ptr_array_unref (job->sources);
  g_ptr_array_unref (job->notes);
  g_main_context_unref (job->context);
  g_mutex_clear (&job->mutex);
  g_free (job);
}

/* Main thread; the task keeps the job. */
static gboolean
deliver_cb (gpointer data)
{
  GTask *task = data;
  Job *job = g_task_get_task_data (task);
  double done;

  g_atomic_int_set (&job->pending, FALSE);
  g_mutex_lock (&job->mutex);
  done = job->done;
  g_mutex_unlock (&job->mutex);
  if (!g_task_get_completed (task))
    job->progress (done, job->progress_data);
  return G_SOURCE_REMOVE;
}

static void
progress_cb (double done, gpointer data)
{
  GTask *task = data;
  Job *job = g_task_get_task_data (task);

  g_mutex_lock (&job->mutex);
  job->done = (job->current + done) / job->sources->len;
  g_mutex_unlock (&job->mutex);
  if (job->progress != NULL && g_atomic_int_compare_and_exchange (&job->pending, FALSE, TRUE))
    g_main_context_invoke_full (job->context, G_PRIORITY_DEFAULT_IDLE, deliver_cb, g_object_ref (task), g_object_unref);
}

static TacetImage *
read_source (GTask *task, const TacetSource *source, GError **error)
{
  Job *job = g_task_get_task_data (task);
  TacetImageLoading loading = {
    .notes = job->notes, .progress = progress_cb, .progress_data = task, .cancellable = g_task_get_cancellable (task)
  };
  gsize size;
  gconstpointer data;

  if (source->image != NULL)
    return tacet_image_ref (source->image);
  if (source->path != NULL)
    return tacet_image_load (source->path, &loading, error);
  data = g_bytes_get_data (source->bytes, &size);
  /* Translators: stands for a name in messages such as “The pasted picture” could not be read */
  return tacet_image_decode (data, size, source->name != NULL ? source->name : _ ("The pasted picture"), &loading,
                             error);
}

static TacetImported *
import_source (GTask *task, const TacetSource *source, GError **error)
{
  Job *job = g_task_get_task_data (task);
  g_autoptr (TacetImage) image = read_source (task, source, error);
  TacetImported *imported;

  if (image == NULL)
    return NULL;
  imported = tacet_import_picture (image, job->as, job->fit, job->width, job->height);
  if (imported == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                         _ ("There is not enough memory. Close other programs, or use a smaller picture."));
  else
    imported->name = g_strdup (source->name);
  return imported;
}

static void
import_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_imported_free);
  g_autoptr (GError) first = NULL;

  for (job->current = 0; job->current < job->sources->len && !g_cancellable_is_cancelled (cancellable); job->current++)
    {
      g_autoptr (GError) error = NULL;
      TacetImported *imported = import_source (task, g_ptr_array_index (job->sources, job->current), &error);

      if (imported != NULL)
        g_ptr_array_add (list, imported);
      else if (first == NULL)
        first = g_steal_pointer (&error);
      else
        g_ptr_array_add (job->notes, g_strdup (error->message));
    }
  if (g_task_return_error_if_cancelled (task))
    return;
  if (list->len == 0)
    {
      g_task_return_error (task, g_steal_pointer (&first));
      return;
    }
  if (first != NULL)
    g_ptr_array_insert (job->notes, 0, g_strdup (first->message));
  g_task_return_pointer (task, g_steal_pointer (&list), (GDestroyNotify) g_ptr_array_unref);
}

static void
load_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  TacetImage *image = read_source (task, g_ptr_array_index (job->sources, 0), &error);

  if (image != NULL)
    g_task_return_pointer (task, image, (GDestroyNotify) tacet_image_unref);
  else
    g_task_return_error (task, error);
}

/* sources: taken */
static Job *
job_new (GPtrArray *sources, TacetImportProgress progress, gpointer progress_data)
{
  Job *job = g_new0 (Job, 1);

  job->sources = sources;
  job->notes = g_ptr_array_new_with_free_func (g_free);
  job->progress = progress;
  job->progress_data = progress_data;
  job->context = g_main_context_ref_thread_default ();
  g_mutex_init (&job->mutex);
  return job;
}

void
tacet_import_async (GPtrArray *sources, TacetImportAs as, TacetFit fit, int width, int height,
                    TacetImportProgress progress, gpointer progress_data, GCancellable *cancellable,
                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Job *job = job_new (sources, progress, progress_data);

  job->as = as;
  job->fit = fit;
  job->width = width;
  job->height = height;
  g_task_set_source_tag (task, tacet_import_async);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, import_thread);
}

void
tacet_import_load_async (TacetSource *source, TacetImportProgress progress, gpointer progress_data,
                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_source_free);

  g_ptr_array_add (sources, source);
  g_task_set_source_tag (task, tacet_import_load_async);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_set_task_data (task, job_new (sources, progress, progress_data), job_free);
  g_task_run_in_thread (task, load_thread);
}

static gpointer
finish (GAsyncResult *result, GPtrArray **notes, GError **error)
{
  Job *job = g_task_get_task_data (G_TASK (result));

  if (notes != NULL)
    *notes = g_ptr_array_ref (job->notes);
  return g_task_propagate_pointer (G_TASK (result), error);
}

GPtrArray *
tacet_import_finish (GAsyncResult *result, GPtrArray **notes, GError **error)
{
  return finish (result, notes, error);
}

TacetImage *
tacet_import_load_finish (GAsyncResult *result, GPtrArray **notes, GError **error)
{
  return finish (result, notes, error);
}
