/* tacet-engine-thread.c: the engine on a thread of its own, for programs with a main loop.
 *
 * Room: engine/sample.  Jobs wait in a queue and run one by one.  Progress crosses to the caller's main
 * context as an immutable value; while one waits there, a newer one takes its place.
 */
#include "config.h"
#include "tacet-schedule.h"
#include <glib/gi18n-lib.h>

/* Shared by the caller's context and the thread. */
typedef struct
{
  gatomicrefcount refs;
  TacetRequest *request;
  TacetProgressFunc func;
  gpointer user_data;
  GMainContext *context;
  GTask *task;
  GCancellable *cancellable; /* ours: the caller's and the teardown both end here */
  GCancellable *outer;       /* the caller's, or NULL */
  gulong outer_handler;

  GMutex lock;
  TacetProgress *pending; /* waits for the context, NULL: none */
  gboolean closed;        /* no progress is delivered any more */
} Job;

struct _TacetEngineThread
{
  GThread *thread;
  GAsyncQueue *queue; /* of Job; a job without a task ends the thread */
  int n_threads;
  gsize budget;
  GMutex lock;
  GStrv model_folders; /* under the lock */
  GPtrArray *jobs;     /* all that are not finished; under the lock */
};

static Job *
job_ref (Job *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
job_unref (gpointer data)
{
  Job *self = data;
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->request, tacet_request_free);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->pending, tacet_progress_unref);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->outer);
  g_clear_object (&self->task);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static Job *
job_new (void)
{
  Job *self = g_new0 (Job, 1);
  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->cancellable = g_cancellable_new ();
  return self;
}

static void
job_close (Job *self)
{
  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  g_mutex_unlock (&self->lock);
}

/* --- progress --- */

static gboolean
deliver_progress (gpointer data)
{
  Job *job = data;
  g_mutex_lock (&job->lock);
  g_autoptr (TacetProgress) progress = g_steal_pointer (&job->pending);
  gboolean closed = job->closed;
  g_mutex_unlock (&job->lock);
  if (progress != NULL && !closed && !g_cancellable_is_cancelled (job->cancellable))
    job->func (progress, job->user_data);
  return G_SOURCE_REMOVE;
}

static void
take_progress (TacetProgress *progress, gpointer data)
{
  Job *job = data;
  g_mutex_lock (&job->lock);
  TacetProgress *replaced = g_steal_pointer (&job->pending);
  job->pending = tacet_progress_ref (progress);
  g_mutex_unlock (&job->lock);
  if (replaced != NULL)
    {
      tacet_progress_unref (replaced);
      return; /* its source is still waiting */
    }
  /* The priority of the task's own callback: the last progress comes before it. */
  GSource *source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver_progress, job_ref (job), job_unref);
  g_source_attach (source, job->context);
  g_source_unref (source);
}

/* --- the thread --- */

static void
run_job (TacetEngineThread *self, TacetEngine **engine, Job *job)
{
  GError *error = NULL;
  TacetResult *result = NULL;
  if (!g_cancellable_set_error_if_cancelled (job->cancellable, &error))
    {
      if (*engine == NULL)
        *engine = tacet_engine_new (self->n_threads, self->budget, &error);
      if (*engine != NULL)
        {
          g_mutex_lock (&self->lock);
          tacet_engine_set_model_path (*engine, (const char *const *) self->model_folders);
          g_mutex_unlock (&self->lock);
          result = tacet_engine_generate (*engine, job->request, job->func != NULL ? take_progress : NULL, job,
                                          job->cancellable, &error);
        }
    }
  if (job->outer != NULL)
    g_cancellable_disconnect (job->outer, job->outer_handler);
  if (result != NULL)
    g_task_return_pointer (job->task, result, (GDestroyNotify) tacet_result_free);
  else
    g_task_return_error (job->task, error);
}

static gpointer
thread_main (gpointer data)
{
  TacetEngineThread *self = data;
  g_autoptr (TacetEngine) engine = NULL;
  for (;;)
    {
      Job *job = g_async_queue_pop (self->queue);
      gboolean last = job->task == NULL;
      if (!last)
        {
          run_job (self, &engine, job);
          g_mutex_lock (&self->lock);
          g_ptr_array_remove (self->jobs, job);
          g_mutex_unlock (&self->lock);
        }
      job_unref (job);
      if (last)
        return NULL;
    }
}

TacetEngineThread *
tacet_engine_thread_new (int n_threads, gsize memory_budget, const char *const *model_folders)
{
  TacetEngineThread *self = g_new0 (TacetEngineThread, 1);
  self->n_threads = n_threads;
  self->budget = memory_budget;
  self->model_folders = g_strdupv ((char **) model_folders);
  self->queue = g_async_queue_new ();
  self->jobs = g_ptr_array_new_with_free_func (job_unref);
  g_mutex_init (&self->lock);
  self->thread = g_thread_try_new ("tacet-engine", thread_main, self, NULL);
  return self;
}

void
tacet_engine_thread_set_model_folders (TacetEngineThread *self, const char *const *model_folders)
{
  g_mutex_lock (&self->lock);
  g_strfreev (self->model_folders);
  self->model_folders = g_strdupv ((char **) model_folders);
  g_mutex_unlock (&self->lock);
}

void
tacet_engine_thread_free (TacetEngineThread *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->jobs->len; i++)
    {
      Job *job = g_ptr_array_index (self->jobs, i);
      job_close (job);
      g_cancellable_cancel (job->cancellable);
    }
  g_mutex_unlock (&self->lock);
  g_async_queue_push (self->queue, job_new ());
  if (self->thread != NULL)
    g_thread_join (self->thread);
  g_async_queue_unref (self->queue);
  g_ptr_array_unref (self->jobs);
  g_mutex_clear (&self->lock);
  g_strfreev (self->model_folders);
  g_free (self);
}

static void
forward_cancel (GCancellable *outer, gpointer data)
{
  g_cancellable_cancel (G_CANCELLABLE (data));
}

void
tacet_engine_thread_generate_async (TacetEngineThread *self, const TacetRequest *request, TacetProgressFunc func,
                                    gpointer user_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer callback_data)
{
  Job *job = job_new ();
  job->request = tacet_request_copy (request);
  job->func = func;
  job->user_data = user_data;
  job->context = g_main_context_ref_thread_default ();
  job->task = g_task_new (NULL, NULL, callback, callback_data);
  g_task_set_source_tag (job->task, tacet_engine_thread_generate_async);
  if (self->thread == NULL)
    {
      g_task_return_new_error (job->task, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NO_MEMORY, "%s",
                               _ ("The engine could not start: there is not enough memory."));
      job_unref (job);
      return;
    }
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->jobs, job_ref (job));
  g_mutex_unlock (&self->lock);
  if (cancellable != NULL)
    {
      job->outer = g_object_ref (cancellable);
      job->outer_handler = g_cancellable_connect (cancellable, G_CALLBACK (forward_cancel),
                                                  g_object_ref (job->cancellable), g_object_unref);
    }
  g_async_queue_push (self->queue, job);
}

TacetResult *
tacet_engine_thread_generate_finish (TacetEngineThread *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
