/* tacet-trainer.h: the training loop: shards on workers, gradients in fixed order, AdamW, EMA, resume.
 *
 * Room: engine/train.  A batch is cut into shards of fixed size.  Each worker (a thread with its own
 * backend instance, graph and arena; weights are shared) takes the next shard, fills its inputs, runs
 * forward and backward; gradients are added in the order of the shards, whoever finishes first.  There
 * are never more workers than shards; they share the threads.  So neither the number of workers, nor that
 * of threads, nor scheduling changes a bit.  Weights that are not trained are packed once.
 */
#pragma once

#include "engine/tensor/tacet-plan.h"
#include "tacet-train-plan.h"
#include "tacet-train-random.h"

G_BEGIN_DECLS

#define TACET_WORKER_MAX_INPUTS 16

/* Which samples: first .. first + n - 1 of the batch of a step, or of the held-out set (step 0). */
typedef struct
{
  TacetStream stream; /* TRAIN or HELD_OUT */
  guint64 seed, step;
  guint64 first;
  int n;
} TacetShard;

typedef struct
{
  int index;
  TacetBackend *backend;
  TacetGraph *graph;
  TacetPlan *train, *eval;
  TacetValue *loss, *metric; /* {1,1,1,1}; metric may be NULL */
  TacetValue **gradients;    /* one per parameter of the trainer */
  int n_inputs;
  TacetValue *inputs[TACET_WORKER_MAX_INPUTS];
  gpointer buffers[TACET_WORKER_MAX_INPUTS]; /* host, one per input */
  gpointer scratch;                          /* of the objective, freed with scratch_free */
  GDestroyNotify scratch_free;
  GThread *thread;
  gpointer trainer;
} TacetWorker;

/* The host buffer of the input with this name. */
gpointer tacet_worker_buffer (TacetWorker *worker, const char *input);

/* What is trained.  A kind of plan embeds this as its first member. */
typedef struct _TacetObjective TacetObjective;
struct _TacetObjective
{
  /* Appends the mean loss of n samples, perhaps a second number to watch, to the worker's graph.
   * Weights come from stores of the objective, which makes them when first asked. */
  void (*build) (TacetObjective *self, TacetWorker *worker, int n);
  /* Fills the worker's buffers.  Called by several workers at a time. */
  gboolean (*fill) (TacetObjective *self, TacetWorker *worker, const TacetShard *shard, GError **error);
  /* Whether a weight is trained, and its peak learning rate. */
  gboolean (*trains) (TacetObjective *self, TacetWeights *store, const char *name, double *lr);
  /* Pictures that show the present state, with averaged weights in place; may be NULL. */
  gboolean (*show) (TacetObjective *self, TacetBackend *backend, const char *path, GCancellable *cancellable,
                    GError **error);
  /* The finished model, with averaged weights in place. */
  gboolean (*export) (TacetObjective *self, TacetBackend *backend, GHashTable *metadata, GCancellable *cancellable,
                      GError **error);
  void (*free) (TacetObjective *self);

  int n_stores;
  TacetWeights *stores[2];
  const char *store_names[2]; /* prefixes in checkpoints */
  int n_held_out;             /* a multiple of the shard, or 0 */
  const char *metric;         /* name for people */
  double (*metric_scale) (double mean);
};

typedef struct
{
  char *name;
  TacetTensor *tensor;
  gsize count, offset; /* floats, in the flat arrays below */
  double lr;
  gboolean decays;
} TacetParameter;

/* A stretch of one parameter: the unit of work and of summation outside the plans. */
typedef struct
{
  guint parameter;
  gsize start, count;
} TacetChunk;

typedef struct
{
  const TacetTrainPlan *plan;
  TacetObjective *objective;
  int n_workers, n_threads, n_shards; /* n_threads: of each worker */
  TacetWorker *workers;

  GArray *parameters; /* of TacetParameter */
  GArray *chunks;     /* of TacetChunk */
  gsize n_floats;
  float *gradient, *moment1, *moment2, *average; /* flat; average NULL without EMA */
  double *partial;                               /* per chunk: sum of squares */

  gint64 step, samples;
  double seconds, smooth_sum, smooth_weight;
  double held_out_loss, held_out_metric, gradient_norm;
  double learning_rate, factor; /* of this step: share of the peak rate; factor on the gradient */
  int n_skipped;

  /* The workers' work; everything below is under the lock. */
  GMutex lock;
  GCond wake, rest;
  int phase, n_busy;
  guint generation;
  gint64 next, count; /* shards or chunks */
  gint64 turn;        /* the shard whose gradient is added next */
  GCond turned;
  int n_slots;
  float **slots; /* gradients that wait for their turn */
  gint64 *slot_shard;
  double *shard_loss, *shard_metric;
  GCancellable *cancellable;
  GError *error;
} TacetTrainer;

TacetTrainer *tacet_trainer_new (const TacetTrainPlan *plan, TacetObjective *objective, GError **error);
void tacet_trainer_free (TacetTrainer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetTrainer, tacet_trainer_free)

/* From self->step to the plan's end, then validation and export. */
gboolean tacet_trainer_run (TacetTrainer *self, TacetTrainProgressFunc func, gpointer user_data,
                            GCancellable *cancellable, GError **error);

/* One step of the optimiser; loss: mean over the batch.  FALSE leaves everything as it was. */
gboolean tacet_trainer_step (TacetTrainer *self, double *loss, GCancellable *cancellable, GError **error);
gboolean tacet_trainer_evaluate (TacetTrainer *self, GCancellable *cancellable, GError **error);
/* Exchanges weights and averaged weights. */
void tacet_trainer_swap_average (TacetTrainer *self);
double tacet_trainer_schedule (const TacetTrainPlan *plan, gint64 step); /* share of the peak rate */

gboolean tacet_trainer_save (TacetTrainer *self, GError **error);
/* The newest checkpoint that can be read. */
gboolean tacet_trainer_resume (TacetTrainer *self, char **note, GError **error);
gboolean tacet_trainer_has_checkpoint (const TacetTrainPlan *plan);

/* Phases, tacet-trainer-phases.c. */
typedef enum
{
  TACET_PHASE_TRAIN,
  TACET_PHASE_EVALUATE,
  TACET_PHASE_NORM,
  TACET_PHASE_UPDATE,
  TACET_PHASE_QUIT,
} TacetPhase;

gboolean tacet_trainer_start (TacetTrainer *self, GError **error);
void tacet_trainer_stop (TacetTrainer *self);
gboolean tacet_trainer_phase (TacetTrainer *self, TacetPhase phase, gint64 count, GCancellable *cancellable,
                              GError **error);

G_END_DECLS
