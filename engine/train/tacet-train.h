/* tacet-train.h: training from a plan file: VAE, cache of latents, U-Net with text encoder, ControlNets.
 *
 * Room: engine/train.  A plan is JSON ("tacet-plan-train", version 1); tacet-train-plan.h lists its
 * fields.  Paths in a plan are relative to the working directory.  A run leaves checkpoints, a log
 * (JSON Lines) and validation pictures in the plan's work folder, and the model, half precision, in
 * its output folder (a diffusers pipeline).  Everything random follows from (seed, step, sample), so
 * that a resumed run repeats the unbroken one bit for bit, with any number of workers.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TACET_TRAIN_ERROR (tacet_train_error_quark ())
GQuark tacet_train_error_quark (void);

typedef enum
{
  TACET_TRAIN_ERROR_PLAN,  /* the plan is wrong; the message names the field */
  TACET_TRAIN_ERROR_DATA,  /* pictures, captions or a cache are missing or do not fit */
  TACET_TRAIN_ERROR_STATE, /* nothing to resume from, or an earlier run is in the way */
  TACET_TRAIN_ERROR_DIVERGED,
  TACET_TRAIN_ERROR_NO_MEMORY,
} TacetTrainError;

/* After every step.  NaN: not known (yet). */
typedef struct
{
  const char *plan; /* its name */
  gint64 step, n_steps;
  gint64 samples; /* seen so far, over all resumed parts */
  double samples_per_second;
  double loss, smooth_loss;
  double held_out_loss, held_out_metric; /* newest */
  const char *metric;                    /* "PSNR"; NULL: none */
  double learning_rate, gradient_norm;
  double seconds, seconds_left;
  const char *note; /* something that happened: a checkpoint, a picture, a warning; else NULL */
} TacetTrainProgress;

typedef void (*TacetTrainProgressFunc) (const TacetTrainProgress *progress, gpointer user_data); /* caller's thread */

/* Runs a plan to its end on the calling thread (with workers beside it).  resume: go on from the last
 * checkpoint; without it a work folder with checkpoints is refused, so that nothing is overwritten.
 * Cancelled: saves a checkpoint first, then G_IO_ERROR_CANCELLED. */
gboolean tacet_train_run (const char *plan_path, gboolean resume, TacetTrainProgressFunc func, gpointer user_data,
                          GCancellable *cancellable, GError **error);

G_END_DECLS
