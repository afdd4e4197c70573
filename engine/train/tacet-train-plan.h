/* tacet-train-plan.h: a training plan, read from JSON.
 *
 * Room: engine/train.  Every fault is an error that names the field ("optimizer.lr"); unknown fields
 * are faults too, "comment" is allowed everywhere.  Fields, with the kinds that know them (V: vae,
 * L: latents, U: unet, C: controlnet; no letter: all) and [defaults]:
 *
 *   format "tacet-plan-train", version 1, kind "vae" | "latents" | "unet" | "controlnet", name, seed [0]
 *   output      folder of the pipeline that is made (vae/, unet/, ... appear in it); L: where the VAE lies
 *   LC base [output] the model that is trained for: a folder or a single file of any layout, not written
 *   work        folder of checkpoints, log.jsonl and validation pictures
 *   workers [0] threads of all workers, 0: one per core
 *   VL data     { studio: { size, samples [2], seed [0], count, subject } } or { folder: { path, size } };
 *               a folder holds prompt.json or metadata.jsonl: target|image|file_name, prompt|text|caption,
 *               source|conditioning_image (the control map), seg (colour map of regions)
 *   L  cache    file to write; maps [true]: keep what ControlNets need; batch [16]
 *   UC latents  [ { cache, share [1] } ... ]; held_out [256]: last records of the first cache
 *   V  vae, U unet, text_encoder: config.json of diffusers and transformers, in place or the path of one
 *   V  phase "all" | "decoder" (the encoder of `output` stays as it is), latent_noise [0.05]
 *   V  loss     { l1 [1], mse [1], gradient [0.3], kl [2e-4] }
 *   UC prompt_dropout [U 0.1, C 0.3], timestep_min [0]
 *   C  control "edge" | "depth" | "pose"; canny [0.5]: share of edges made from the picture; hint_channels
 *      [16, 32, 48 ...], hint_lr [1.5e-3], inject [true]: minimal impact in training,
 *      rebalance { full [0.1], keep [0.5] }
 *   VUC steps, batch, shard [batch]: samples a worker runs at once; batch * accumulation is cut into such
 *      shards whatever the number of workers; accumulation [1]
 *   VUC optimizer { lr, beta1 [0.9], beta2 [0.99], eps [1e-8], weight_decay [0.01], clip [1], warmup [100],
 *      schedule "cosine" | "constant", final [0.03]: share of lr at the end, ema [0.999], 0: none }
 *   VUC validation { every [500] steps, count [16], steps [20], guidance [2.5], prompts [..] }
 *   VUC checkpoint { minutes [3], keep [2] }
 */
#pragma once

#include "engine/control/tacet-maps.h"
#include "engine/model/tacet-models.h"
#include "tacet-train.h"

G_BEGIN_DECLS

#define TACET_PLAN_MAX_CACHES 8

typedef enum
{
  TACET_TRAIN_VAE,
  TACET_TRAIN_LATENTS,
  TACET_TRAIN_UNET,
  TACET_TRAIN_CONTROLNET,
} TacetTrainKind;

typedef struct
{
  char *folder; /* NULL: the studio */
  char *subject;
  int size, samples;
  guint64 seed;
  gint64 count; /* 0: without end */
} TacetDataPlan;

typedef struct
{
  double lr, beta1, beta2, eps, weight_decay, clip, final, ema;
  gint64 warmup;
  gboolean cosine;
} TacetOptimizerPlan;

typedef struct
{
  TacetTrainKind kind;
  char *path, *text; /* the file and what stands in it */
  char *name, *output, *work;
  char *base; /* latents, controlnet */
  guint64 seed;
  int workers;
  TacetDataPlan data;

  char *cache; /* latents */
  gboolean maps;

  int n_caches; /* unet, controlnet */
  char *caches[TACET_PLAN_MAX_CACHES];
  double shares[TACET_PLAN_MAX_CACHES]; /* sum to 1 */
  int held_out;

  TacetVaeConfig vae;
  TacetUnetConfig unet;
  TacetTextConfig text_encoder;

  gboolean decoder_only;
  double latent_noise;
  double l1, mse, gradient, kl;

  double prompt_dropout;
  int timestep_min;
  TacetControlKind control;
  double canny;
  int n_hint, hint_channels[TACET_MAX_LEVELS];
  double hint_lr;
  gboolean inject;
  double rebalance_full, rebalance_keep;

  gint64 steps;
  int batch, shard, accumulation;
  TacetOptimizerPlan optimizer;

  gint64 validate_every;
  int validate_count, validate_steps;
  double guidance;
  GPtrArray *prompts; /* of char* */

  double checkpoint_minutes;
  int checkpoint_keep;
} TacetTrainPlan;

TacetTrainPlan *tacet_train_plan_load (const char *path, GError **error);
void tacet_train_plan_free (TacetTrainPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetTrainPlan, tacet_train_plan_free)

const char *tacet_train_kind_id (TacetTrainKind kind);

G_END_DECLS
