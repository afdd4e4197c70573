/* tacet-trainer.c: the training loop: set-up, one step, held-out loss, log, progress, end.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-trainer.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define CHUNK 65536

static gboolean
no_memory (GError **error, gsize bytes)
{
  g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_NO_MEMORY,
               _ ("Training needs %.0f MB more than there is memory. Choose smaller shards, fewer workers or a smaller "
                  "network."),
               (double) bytes / 1e6);
  return FALSE;
}

static float *
new_floats (gsize n)
{
  float *data = n > G_MAXSIZE / sizeof (float) - TACET_ALIGNMENT
                    ? NULL
                    : aligned_alloc (TACET_ALIGNMENT,
                                     (n * sizeof (float) + TACET_ALIGNMENT - 1) / TACET_ALIGNMENT * TACET_ALIGNMENT);
  if (data)
    memset (data, 0, n * sizeof (float));
  return data;
}

/* Graph and objective of one worker; the plans follow once all parameters are known. */
static gboolean
build_worker (TacetTrainer *self, TacetWorker *worker, GError **error)
{
  worker->backend = tacet_cpu_backend_new (self->n_threads);
  if (!worker->backend)
    return no_memory (error, 1 << 20);
  worker->graph = tacet_graph_new ();
  self->objective->build (self->objective, worker, self->plan->shard);
  if (tacet_graph_error (worker->graph))
    {
      g_propagate_error (error, g_error_copy (tacet_graph_error (worker->graph)));
      return FALSE;
    }
  for (guint i = 0; i < tacet_graph_length (worker->graph); i++)
    {
      TacetValue *value = tacet_graph_nth (worker->graph, i);
      if (value->op != TACET_OP_INPUT)
        continue;
      g_return_val_if_fail (worker->n_inputs < TACET_WORKER_MAX_INPUTS, FALSE);
      const gsize bytes = (gsize) tacet_shape_count (value->shape) * tacet_dtype_size (value->dtype);
      worker->inputs[worker->n_inputs] = value;
      worker->buffers[worker->n_inputs] = g_try_malloc0 (bytes);
      if (!worker->buffers[worker->n_inputs++])
        return no_memory (error, bytes);
    }
  return TRUE;
}

static TacetValue *
find_weight (TacetGraph *graph, TacetTensor *tensor)
{
  for (guint i = 0; i < tacet_graph_length (graph); i++)
    {
      TacetValue *value = tacet_graph_nth (graph, i);
      if (value->op == TACET_OP_WEIGHT && value->tensor == tensor)
        return value;
    }
  return NULL;
}

/* All weights that the objective trains and that occur in the graph, sorted by store and name. */
static void
list_parameters (TacetTrainer *self)
{
  TacetObjective *objective = self->objective;
  for (int s = 0; s < objective->n_stores; s++)
    for (guint i = 0; i < tacet_weights_length (objective->stores[s]); i++)
      {
        TacetTensor *tensor = NULL;
        double lr = self->plan->optimizer.lr;
        const char *name = tacet_weights_nth (objective->stores[s], i, &tensor);
        if (!tensor || !objective->trains (objective, objective->stores[s], name, &lr) ||
            !find_weight (self->workers[0].graph, tensor))
          continue;
        const gsize count = (gsize) tacet_shape_count (tensor->shape);
        tensor->trained = TRUE;
        TacetParameter p = { g_strdup_printf ("%s.%s", objective->store_names[s], name),
                             tensor,
                             count,
                             self->n_floats,
                             lr,
                             (gsize) tensor->shape.d[3] != count };
        g_array_append_val (self->parameters, p);
        self->n_floats += (count + 15) / 16 * 16;
      }
}

static void
list_chunks (TacetTrainer *self)
{
  for (guint i = 0; i < self->parameters->len; i++)
    {
      const TacetParameter *p = &g_array_index (self->parameters, TacetParameter, i);
      for (gsize start = 0; start < p->count; start += CHUNK)
        {
          const TacetChunk chunk = { i, start, MIN (CHUNK, p->count - start) };
          g_array_append_val (self->chunks, chunk);
        }
    }
}

/* Gradient outputs; a parameter without any influence on the loss leaves the list (worker 0 decides). */
static gboolean
differentiate (TacetTrainer *self, TacetWorker *worker, GError **error)
{
  const guint n = self->parameters->len;
  g_autofree TacetValue **wrt = g_new0 (TacetValue *, n + 1);
  worker->gradients = g_new0 (TacetValue *, n + 2);
  for (guint i = 0; i < n; i++)
    wrt[i] = find_weight (worker->graph, g_array_index (self->parameters, TacetParameter, i).tensor);
  TacetValue *one = tacet_scalar (worker->graph, 1);
  tacet_gradient (worker->graph, &worker->loss, &one, 1, wrt, (int) n, worker->gradients);
  if (tacet_graph_error (worker->graph))
    {
      g_propagate_error (error, g_error_copy (tacet_graph_error (worker->graph)));
      return FALSE;
    }
  if (worker->index > 0)
    {
      guint kept = 0;
      for (guint i = 0; i < n; i++)
        if (worker->gradients[i])
          worker->gradients[kept++] = worker->gradients[i];
      return TRUE;
    }
  for (guint i = n; i-- > 0;)
    if (!worker->gradients[i])
      {
        g_free (g_array_index (self->parameters, TacetParameter, i).name);
        g_array_remove_index (self->parameters, i);
        memmove (worker->gradients + i, worker->gradients + i + 1, (n - i) * sizeof *worker->gradients);
      }
  return TRUE;
}

/* The gradient of a single shard is written where the optimiser reads it. */
static gboolean
make_plans (TacetTrainer *self, TacetWorker *worker, GError **error)
{
  const guint n = self->parameters->len;
  g_autofree TacetValue **outputs = g_new0 (TacetValue *, n + 2);
  g_autofree void **places = g_new0 (void *, n + 2);
  outputs[0] = worker->loss;
  memcpy (outputs + 1, worker->gradients, n * sizeof *outputs);
  for (guint i = 0; i < n && self->n_shards == 1; i++)
    places[i + 1] = self->gradient + g_array_index (self->parameters, TacetParameter, i).offset;
  if (worker->metric)
    outputs[n + 1] = worker->metric;
  const int extra = worker->metric ? 1 : 0;
  worker->train = tacet_plan_new_into (worker->graph, outputs, places, (int) n + 1 + extra, worker->backend,
                                       TACET_PLAN_FROZEN_WEIGHTS, error);
  if (!worker->train)
    return FALSE;
  outputs[1] = worker->metric;
  worker->eval = tacet_plan_new (worker->graph, outputs, 1 + extra, worker->backend, TACET_PLAN_FROZEN_WEIGHTS, error);
  return worker->eval != NULL;
}

static gboolean
allocate (TacetTrainer *self, GError **error)
{
  self->gradient = new_floats (self->n_floats);
  self->moment1 = new_floats (self->n_floats);
  self->moment2 = new_floats (self->n_floats);
  self->average = self->plan->optimizer.ema > 0 ? new_floats (self->n_floats) : NULL;
  self->partial = g_try_new0 (double, self->chunks->len + 1);
  self->n_slots = self->n_workers;
  self->slots = g_new0 (float *, self->n_slots);
  self->slot_shard = g_new0 (gint64, self->n_slots);
  const int shards = MAX (self->n_shards, self->objective->n_held_out / self->plan->shard);
  self->shard_loss = g_new0 (double, shards);
  self->shard_metric = g_new0 (double, shards);
  gboolean good = self->gradient && self->moment1 && self->moment2 && self->partial &&
                  (self->average || self->plan->optimizer.ema <= 0);
  for (int i = 0; i < self->n_slots && self->n_workers > 1; i++)
    good = (self->slots[i] = new_floats (self->n_floats)) && good;
  return good || no_memory (error, self->n_floats * sizeof (float) * (gsize) (4 + self->n_slots));
}

TacetTrainer *
tacet_trainer_new (const TacetTrainPlan *plan, TacetObjective *objective, GError **error)
{
  g_autoptr (TacetTrainer) self = g_new0 (TacetTrainer, 1);
  self->plan = plan;
  self->objective = objective;
  self->n_shards = (int) ((gint64) plan->batch * plan->accumulation / plan->shard);
  const int n_threads = plan->workers > 0 ? plan->workers : (int) g_get_num_processors ();
  self->n_workers = MIN (n_threads, self->n_shards);
  self->n_threads = MAX (1, n_threads / MAX (1, self->n_workers));
  self->workers = g_new0 (TacetWorker, self->n_workers);
  self->parameters = g_array_new (FALSE, FALSE, sizeof (TacetParameter));
  self->chunks = g_array_new (FALSE, FALSE, sizeof (TacetChunk));
  self->held_out_loss = self->held_out_metric = NAN;
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  g_cond_init (&self->rest);
  g_cond_init (&self->turned);

  for (int i = 0; i < self->n_workers; i++)
    {
      self->workers[i].index = i;
      if (!build_worker (self, &self->workers[i], error))
        return NULL;
    }
  list_parameters (self);
  for (int i = self->n_workers; i-- > 0;)
    if (!differentiate (self, &self->workers[i], error))
      return NULL;
  if (self->parameters->len == 0)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN, _ ("The plan trains no weight at all."));
      return NULL;
    }
  list_chunks (self);
  if (!allocate (self, error))
    return NULL;
  for (int i = 0; i < self->n_workers; i++)
    if (!make_plans (self, &self->workers[i], error))
      return NULL;
  for (guint i = 0; self->average && i < self->parameters->len; i++)
    {
      const TacetParameter *p = &g_array_index (self->parameters, TacetParameter, i);
      memcpy (self->average + p->offset, p->tensor->data, p->count * sizeof (float));
    }
  if (!tacet_trainer_start (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
free_worker (TacetWorker *worker)
{
  g_clear_pointer (&worker->train, tacet_plan_free);
  g_clear_pointer (&worker->eval, tacet_plan_free);
  g_clear_pointer (&worker->graph, tacet_graph_free);
  for (int i = 0; i < worker->n_inputs; i++)
    g_free (worker->buffers[i]);
  if (worker->scratch)
    worker->scratch_free (worker->scratch);
  g_free (worker->gradients);
  if (worker->backend)
    worker->backend->klass->destroy (worker->backend);
}

void
tacet_trainer_free (TacetTrainer *self)
{
  tacet_trainer_stop (self);
  for (int i = 0; i < self->n_workers; i++)
    free_worker (&self->workers[i]);
  g_free (self->workers);
  for (guint i = 0; i < self->parameters->len; i++)
    g_free (g_array_index (self->parameters, TacetParameter, i).name);
  g_array_unref (self->parameters);
  g_array_unref (self->chunks);
  free (self->gradient);
  free (self->moment1);
  free (self->moment2);
  free (self->average);
  for (int i = 0; i < self->n_slots; i++)
    free (self->slots[i]);
  g_free (self->slots);
  g_free (self->slot_shard);
  g_free (self->partial);
  g_free (self->shard_loss);
  g_free (self->shard_metric);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->wake);
  g_cond_clear (&self->rest);
  g_cond_clear (&self->turned);
  g_free (self);
}

double
tacet_trainer_schedule (const TacetTrainPlan *plan, gint64 step)
{
  const TacetOptimizerPlan *o = &plan->optimizer;
  if (step < o->warmup)
    return (double) (step + 1) / (double) o->warmup;
  if (!o->cosine)
    return 1;
  const double position = (double) (step - o->warmup) / (double) MAX (1, plan->steps - o->warmup);
  return o->final + (1 - o->final) * 0.5 * (1 + cos (G_PI * MIN (1, position)));
}

static double
mean (const double *x, int n)
{
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += x[i];
  return n > 0 ? sum / n : NAN;
}

gboolean
tacet_trainer_step (TacetTrainer *self, double *loss, GCancellable *cancellable, GError **error)
{
  if (!tacet_trainer_phase (self, TACET_PHASE_TRAIN, self->n_shards, cancellable, error) ||
      !tacet_trainer_phase (self, TACET_PHASE_NORM, self->chunks->len, NULL, error))
    return FALSE;
  double sum = 0;
  for (guint i = 0; i < self->chunks->len; i++)
    sum += self->partial[i];
  *loss = mean (self->shard_loss, self->n_shards);
  self->gradient_norm = sqrt (sum) / self->n_shards;
  self->learning_rate = tacet_trainer_schedule (self->plan, self->step);
  if (isfinite (self->gradient_norm) && isfinite (*loss))
    {
      const double clip = self->plan->optimizer.clip;
      self->factor = (clip > 0 && self->gradient_norm > clip ? clip / self->gradient_norm : 1) / self->n_shards;
      if (!tacet_trainer_phase (self, TACET_PHASE_UPDATE, self->chunks->len, NULL, error))
        return FALSE;
    }
  else
    self->n_skipped++;
  self->step++;
  self->samples += (gint64) self->plan->batch * self->plan->accumulation;
  return TRUE;
}

void
tacet_trainer_swap_average (TacetTrainer *self)
{
  for (guint i = 0; self->average && i < self->parameters->len; i++)
    {
      const TacetParameter *p = &g_array_index (self->parameters, TacetParameter, i);
      float *a = tacet_tensor_f32 (p->tensor), *b = self->average + p->offset;
      for (gsize k = 0; k < p->count; k++)
        {
          const float x = a[k];
          a[k] = b[k];
          b[k] = x;
        }
    }
}

gboolean
tacet_trainer_evaluate (TacetTrainer *self, GCancellable *cancellable, GError **error)
{
  const int n = self->objective->n_held_out / self->plan->shard;
  if (n == 0)
    return TRUE;
  if (!tacet_trainer_phase (self, TACET_PHASE_EVALUATE, n, cancellable, error))
    return FALSE;
  self->held_out_loss = mean (self->shard_loss, n);
  if (self->workers[0].metric)
    {
      const double m = mean (self->shard_metric, n);
      self->held_out_metric = self->objective->metric_scale ? self->objective->metric_scale (m) : m;
    }
  return TRUE;
}
