/* tacet-trainer-phases.c: the workers and what they do: shards, norm of the gradient, update.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-trainer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

gpointer
tacet_worker_buffer (TacetWorker *worker, const char *input)
{
  for (int i = 0; i < worker->n_inputs; i++)
    if (g_strcmp0 (worker->inputs[i]->name, input) == 0)
      return worker->buffers[i];
  g_return_val_if_reached (NULL);
}

static float *
output_f32 (TacetPlan *plan, TacetValue *value)
{
  return tacet_plan_data (plan, value);
}

/* The worker's gradient, parameter by parameter, into a flat array, unless it lies there: copied for the first,
 * added for others. */
static void
collect (TacetTrainer *self, TacetWorker *worker, float *flat, gboolean add)
{
  for (guint i = 0; i < self->parameters->len; i++)
    {
      const TacetParameter *p = &g_array_index (self->parameters, TacetParameter, i);
      const float *restrict from = output_f32 (worker->train, worker->gradients[i]);
      float *restrict to = flat + p->offset;
      if (from == to)
        continue;
      if (!add)
        memcpy (to, from, p->count * sizeof (float));
      else
        for (gsize k = 0; k < p->count; k++)
          to[k] += from[k];
    }
}

static void
add_flat (float *restrict to, const float *restrict from, gsize n)
{
  for (gsize k = 0; k < n; k++)
    to[k] += from[k];
}

/* Adds the gradient of `shard` when its turn comes.  A worker that is early leaves it in a slot and goes
 * on; the one whose turn it is adds its own and those that wait behind it.  Slots are few: a worker too
 * far ahead waits. */
static gboolean
deliver (TacetTrainer *self, TacetWorker *worker, gint64 shard)
{
  g_mutex_lock (&self->lock);
  while (self->turn != shard && shard - self->turn >= self->n_slots && !self->error)
    g_cond_wait (&self->turned, &self->lock);
  if (self->error)
    {
      g_mutex_unlock (&self->lock);
      return FALSE;
    }
  if (self->turn != shard)
    {
      const int slot = (int) (shard % self->n_slots);
      g_mutex_unlock (&self->lock);
      collect (self, worker, self->slots[slot], FALSE);
      g_mutex_lock (&self->lock);
      if (self->turn != shard)
        {
          self->slot_shard[slot] = shard;
          g_mutex_unlock (&self->lock);
          return TRUE;
        }
    }
  g_mutex_unlock (&self->lock);
  collect (self, worker, self->gradient, shard > 0);

  g_mutex_lock (&self->lock);
  for (;;)
    {
      const gint64 following = self->turn + 1;
      const int slot = (int) (following % self->n_slots);
      if (self->slot_shard[slot] != following)
        {
          self->turn = following;
          g_cond_broadcast (&self->turned);
          break;
        }
      self->slot_shard[slot] = -1;
      self->turn = following;
      g_mutex_unlock (&self->lock);
      add_flat (self->gradient, self->slots[slot], self->n_floats);
      g_mutex_lock (&self->lock);
      g_cond_broadcast (&self->turned);
    }
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static gboolean
run_shard (TacetTrainer *self, TacetWorker *worker, TacetPlan *plan, const TacetShard *shard, GError **error)
{
  if (!self->objective->fill (self->objective, worker, shard, error))
    return FALSE;
  for (int i = 0; i < worker->n_inputs; i++)
    if (!tacet_plan_set (plan, worker->inputs[i], worker->buffers[i], error))
      return FALSE;
  return tacet_plan_run (plan, self->cancellable, error);
}

static void
fail (TacetTrainer *self, GError *error)
{
  g_mutex_lock (&self->lock);
  if (!self->error)
    self->error = error;
  else
    g_error_free (error);
  g_cond_broadcast (&self->turned);
  g_mutex_unlock (&self->lock);
}

/* The next n shards, chunks or parameters, fewer at the end; -1: none is left or somebody failed. */
static gint64
take (TacetTrainer *self, gint64 n)
{
  g_mutex_lock (&self->lock);
  const gint64 i = self->error || self->next >= self->count ? -1 : self->next;
  self->next += n;
  g_mutex_unlock (&self->lock);
  return i;
}

static void
work_shards (TacetTrainer *self, TacetWorker *worker, gboolean train)
{
  TacetPlan *plan = train ? worker->train : worker->eval;
  for (gint64 i = take (self, 1); i >= 0; i = take (self, 1))
    {
      const TacetShard shard = { train ? TACET_STREAM_TRAIN : TACET_STREAM_HELD_OUT, self->plan->seed,
                                 train ? (guint64) self->step : 0, (guint64) i * self->plan->shard, self->plan->shard };
      GError *error = NULL;
      if (!run_shard (self, worker, plan, &shard, &error))
        {
          fail (self, error);
          return;
        }
      self->shard_loss[i] = output_f32 (plan, worker->loss)[0];
      self->shard_metric[i] = worker->metric ? output_f32 (plan, worker->metric)[0] : 0;
      if (train && !deliver (self, worker, i))
        return;
    }
}

typedef struct
{
  TacetTrainer *trainer;
  gint64 first;
} NormWork;

/* Eight sums, so that one addition need not wait for the last. */
static void
norm_task (void *context, int64_t index)
{
  const NormWork *work = context;
  TacetTrainer *self = work->trainer;
  const TacetChunk *chunk = &g_array_index (self->chunks, TacetChunk, work->first + index);
  const TacetParameter *p = &g_array_index (self->parameters, TacetParameter, chunk->parameter);
  const float *g = self->gradient + p->offset + chunk->start;
  double sums[8] = { 0 };
  gsize k = 0;
  for (; k + 8 <= chunk->count; k += 8)
    for (int i = 0; i < 8; i++)
      sums[i] += (double) g[k + i] * g[k + i];
  for (; k < chunk->count; k++)
    sums[0] += (double) g[k] * g[k];
  self->partial[work->first + index] =
      ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

static void
work_norm (TacetTrainer *self, TacetWorker *worker)
{
  const gint64 n = self->n_workers == 1 ? self->count : 1;
  NormWork work = { self, 0 };
  while ((work.first = take (self, n)) >= 0)
    tacet_cpu_backend_parallel (worker->backend, n, norm_task, &work);
}

static gboolean
update_chunk (TacetTrainer *self, TacetWorker *worker, const TacetChunk *chunk, GError **error)
{
  /* Warm start: the first averages follow the weights closely. */
  const double step_number = (double) self->step;
  const TacetOptimizerPlan *o = &self->plan->optimizer;
  const TacetParameter *p = &g_array_index (self->parameters, TacetParameter, chunk->parameter);
  const gsize at = p->offset + chunk->start;
  const TacetShape shape = tacet_shape (1, 1, 1, (gint64) chunk->count);
  float *weight = tacet_tensor_f32 (p->tensor) + chunk->start;
  const TacetStep step = { .op = TACET_OP_ADAMW,
                           .attrs = { .lr = (float) (p->lr * self->learning_rate),
                                      .beta1 = (float) o->beta1,
                                      .beta2 = (float) o->beta2,
                                      .a = (float) o->eps,
                                      .b = p->decays ? (float) o->weight_decay : 0.0f,
                                      .scale = (float) self->factor,
                                      .rest = (float) (1.0 - MIN (o->ema, (1.0 + step_number) / (10.0 + step_number))),
                                      .step = self->step + 1 - self->n_skipped },
                           .n_inputs = self->average ? 4 : 3,
                           .in = { { self->gradient + at, shape, TACET_F32 },
                                   { self->moment1 + at, shape, TACET_F32 },
                                   { self->moment2 + at, shape, TACET_F32 },
                                   { self->average ? self->average + at : NULL, shape, TACET_F32 } },
                           .out = { weight, shape, TACET_F32 } };
  if (worker->backend->klass->run (worker->backend, &step, NULL) != TACET_OK)
    {
      g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_DEVICE, "%s",
                   worker->backend->klass->message (worker->backend));
      return FALSE;
    }
  return TRUE;
}

/* Several workers share the chunks; one alone takes whole parameters, which its backend shares among threads. */
static void
work_update (TacetTrainer *self, TacetWorker *worker)
{
  for (gint64 i = take (self, 1); i >= 0; i = take (self, 1))
    {
      GError *error = NULL;
      const TacetChunk *chunk = &g_array_index (self->chunks, TacetChunk, i);
      TacetChunk whole = *chunk;
      whole.count = g_array_index (self->parameters, TacetParameter, chunk->parameter).count;
      if (self->n_workers == 1 && chunk->start > 0)
        continue;
      if (!update_chunk (self, worker, self->n_workers == 1 ? &whole : chunk, &error))
        fail (self, error);
    }
}

static gpointer
worker_main (gpointer data)
{
  TacetWorker *worker = data;
  TacetTrainer *self = worker->trainer;
  guint seen = 0;

  for (;;)
    {
      g_mutex_lock (&self->lock);
      while (self->generation == seen)
        g_cond_wait (&self->wake, &self->lock);
      seen = self->generation;
      const int phase = self->phase;
      g_mutex_unlock (&self->lock);

      if (phase == TACET_PHASE_TRAIN || phase == TACET_PHASE_EVALUATE)
        work_shards (self, worker, phase == TACET_PHASE_TRAIN);
      else if (phase == TACET_PHASE_NORM)
        work_norm (self, worker);
      else if (phase == TACET_PHASE_UPDATE)
        work_update (self, worker);

      g_mutex_lock (&self->lock);
      if (--self->n_busy == 0)
        g_cond_signal (&self->rest);
      g_mutex_unlock (&self->lock);
      if (phase == TACET_PHASE_QUIT)
        return NULL;
    }
}

gboolean
tacet_trainer_phase (TacetTrainer *self, TacetPhase phase, gint64 count, GCancellable *cancellable, GError **error)
{
  g_mutex_lock (&self->lock);
  self->phase = phase;
  self->count = count;
  self->next = self->turn = 0;
  for (int i = 0; i < self->n_slots; i++)
    self->slot_shard[i] = -1;
  self->cancellable = cancellable;
  self->n_busy = self->n_workers;
  self->generation++;
  g_cond_broadcast (&self->wake);
  while (self->n_busy > 0)
    g_cond_wait (&self->rest, &self->lock);
  GError *failed = g_steal_pointer (&self->error);
  g_mutex_unlock (&self->lock);
  if (failed)
    g_propagate_error (error, failed);
  return failed == NULL;
}

gboolean
tacet_trainer_start (TacetTrainer *self, GError **error)
{
  for (int i = 0; i < self->n_workers; i++)
    {
      g_autofree char *name = g_strdup_printf ("train %d", i);
      self->workers[i].trainer = self;
      self->workers[i].thread = g_thread_try_new (name, worker_main, &self->workers[i], error);
      if (!self->workers[i].thread)
        {
          const int n = self->n_workers;
          self->n_workers = i;
          tacet_trainer_stop (self);
          self->n_workers = n;
          return FALSE;
        }
    }
  return TRUE;
}

void
tacet_trainer_stop (TacetTrainer *self)
{
  if (self->n_workers > 0 && self->workers[0].thread)
    tacet_trainer_phase (self, TACET_PHASE_QUIT, 0, NULL, NULL);
  for (int i = 0; i < self->n_workers; i++)
    if (self->workers[i].thread)
      g_thread_join (g_steal_pointer (&self->workers[i].thread));
}
