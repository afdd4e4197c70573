/* fake-engine.c: the engine thread's functions with made-up numbers, for tests of the window only.
 *
 * Room: tests/ui.  Linked before the engine's library, so that these are the ones that the window
 * calls.  Each run sends three steps; the prompt "fail" ends it with a fault, "wait" never ends until
 * it is cancelled.
 */
#include "engine/sample/tacet-generate.h"

#include <math.h>

#define STEPS  3
#define LAYERS 7

struct _TacetEngineThread
{
  int runs;
};

typedef struct
{
  TacetRequest *request;
  TacetProgressFunc func;
  gpointer data;
  GPtrArray *reports, *names, *notes;
  int step;
} Job;

TacetEngineThread *
tacet_engine_thread_new (int n_threads, gsize memory_budget, const char *const *model_folders)
{
  return g_new0 (TacetEngineThread, 1);
}

void
tacet_engine_thread_free (TacetEngineThread *self)
{
  g_free (self);
}

static void
report_free (gpointer data)
{
  TacetStepReport *report = data;

  g_free (report->layers);
  g_free (report);
}

static void
job_free (gpointer data)
{
  Job *job = data;

  tacet_request_free (job->request);
  g_ptr_array_unref (job->reports);
  g_ptr_array_unref (job->names);
  g_ptr_array_unref (job->notes);
  g_free (job);
}

static TacetImage *
make_picture (const Job *job)
{
  TacetImage *image = tacet_image_new (job->request->width, job->request->height, 3);

  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      {
        guint8 *p = image->data + 3 * (y * image->width + x);

        p[0] = (guint8) (255 * x / image->width);
        p[1] = (guint8) (255 * y / image->height);
        p[2] = (guint8) (80 + 30 * job->step + job->request->seed % 64);
      }
  return image;
}

static TacetProgress *
make_progress (Job *job)
{
  TacetProgress *progress = g_atomic_rc_box_new0 (TacetProgress);

  progress->step = job->step;
  progress->n_steps = STEPS;
  progress->seconds = 0.25 * job->step;
  progress->seconds_left = job->step > 1 ? 0.25 * (STEPS - job->step) : -1;
  progress->preview = job->step > 0 ? make_picture (job) : NULL;
  progress->reports = g_ptr_array_ref (job->reports);
  progress->control_names = g_ptr_array_ref (job->names);
  progress->region_names = g_ptr_array_new_with_free_func (g_free);
  progress->notes = g_ptr_array_ref (job->notes);
  return progress;
}

static void
add_report (Job *job)
{
  static double gram[TACET_MAX_CONTROLS * TACET_MAX_CONTROLS];
  TacetStepReport *report = g_new0 (TacetStepReport, 1);

  report->step = job->step;
  report->timestep = 951 - 300 * job->step;
  report->conditional = TRUE;
  report->n_controls = MIN ((int) job->request->controls->len, TACET_MAX_CONTROLS);
  report->n_layers = LAYERS;
  report->layers = g_new0 (TacetLayerReport, LAYERS);
  for (int l = 0; l < LAYERS; l++)
    {
      TacetBalance *balance = &report->layers[l].balance;
      double sum = 0;

      report->layers[l].layer = l;
      report->layers[l].gram = gram;
      balance->lambda = MIN (20, 4 + 3 * l + job->step);
      balance->unet_norm = 100 + l;
      balance->combined_norm = 10;
      balance->unet_dot_combined = 200;
      for (int i = 0; i < report->n_controls; i++)
        {
          report->controls[i] = i;
          report->strengths[i] = 1;
          balance->weights[i] = 1.2 + sin (1.7 * i + l + job->step);
          sum += balance->weights[i];
        }
      for (int i = 0; i < report->n_controls; i++)
        balance->weights[i] /= sum;
    }
  g_ptr_array_add (job->reports, report);
}

static void
picture_free (gpointer data)
{
  TacetPicture *picture = data;

  tacet_image_unref (picture->image);
  tacet_progress_unref (picture->progress);
  g_free (picture);
}

static gboolean
step_cb (gpointer data)
{
  GTask *task = data;
  Job *job = g_task_get_task_data (task);
  TacetProgress *progress;
  TacetResult *result;
  TacetPicture *picture;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  if (g_strcmp0 (job->request->prompt, "fail") == 0 && job->step > 0)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "There is not enough memory for this picture.");
      return G_SOURCE_REMOVE;
    }
  if (g_strcmp0 (job->request->prompt, "wait") == 0 && job->step > 0)
    return G_SOURCE_CONTINUE;
  add_report (job);
  job->step++;
  progress = make_progress (job);
  job->func (progress, job->data);
  if (job->step < STEPS)
    {
      tacet_progress_unref (progress);
      return G_SOURCE_CONTINUE;
    }
  result = g_new0 (TacetResult, 1);
  result->picture = make_picture (job);
  result->progress = progress;
  result->pictures = g_ptr_array_new_with_free_func (picture_free);
  picture = g_new0 (TacetPicture, 1);
  picture->seed = job->request->seed;
  picture->image = tacet_image_ref (result->picture);
  picture->progress = tacet_progress_ref (progress);
  g_ptr_array_add (result->pictures, picture);
  g_task_return_pointer (task, result, (GDestroyNotify) tacet_result_free);
  return G_SOURCE_REMOVE;
}

void
tacet_engine_thread_generate_async (TacetEngineThread *self, const TacetRequest *request, TacetProgressFunc func,
                                    gpointer user_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer callback_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, callback_data);
  Job *job = g_new0 (Job, 1);

  self->runs++;
  job->request = tacet_request_copy (request);
  job->func = func;
  job->data = user_data;
  job->reports = g_ptr_array_new_with_free_func (report_free);
  job->names = g_ptr_array_new_with_free_func (g_free);
  job->notes = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < request->controls->len; i++)
    {
      const TacetControlRequest *control = g_ptr_array_index (request->controls, i);
      g_ptr_array_add (job->names, g_strdup (control->name));
    }
  if (job->names->len > 0)
    g_ptr_array_add (job->notes, g_strdup_printf ("“%s” was left out.", (char *) job->names->pdata[0]));
  g_task_set_task_data (task, job, job_free);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 20, step_cb, task, g_object_unref);
}

TacetResult *
tacet_engine_thread_generate_finish (TacetEngineThread *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
