/* tacet-train-diffusion.h: what training of U-Net and ControlNets has in common: captions and latents
 * from caches, noise, the target, and sampling for pictures that show the state.
 *
 * Room: engine/train.  Schedule of a new U-Net: Stable Diffusion's (1000 steps, scaled linear, 0.00085 to
 * 0.012) with v prediction (Salimans & Ho 2022, arXiv 2202.00512); a ControlNet follows its pipeline's.
 */
#pragma once

#include "engine/model/tacet-model-files.h"
#include "engine/sample/tacet-schedule.h"
#include "engine/weights/tacet-tokenizer.h"
#include "tacet-latents.h"
#include "tacet-train-nets.h"
#include "tacet-trainer.h"

G_BEGIN_DECLS

typedef struct
{
  const TacetTrainPlan *plan;
  int n_caches;
  TacetLatents *caches[TACET_PLAN_MAX_CACHES];
  gint32 *ids[TACET_PLAN_MAX_CACHES];     /* captions, n_tokens each */
  gint64 *usable[TACET_PLAN_MAX_CACHES];  /* records that may be trained on; the first cache's last ones */
  gint64 n_usable[TACET_PLAN_MAX_CACHES]; /* (plan->held_out of them) are held out */
  TacetTokenizer *tokenizer;
  int n_tokens;
  gint32 *empty; /* the empty caption */
  int size, side, channels;
  TacetScheduleConfig schedule_config;
  TacetSchedule *schedule; /* DDIM with the plan's steps */
  TacetVaeConfig vae;
  TacetWeights *vae_weights;
} TacetDiffusion;

/* Takes the tokenizer.  base: whose schedule and VAE are used; NULL: those of a new U-Net in the plan's output.
 * people: only records with people. */
TacetDiffusion *tacet_diffusion_new (const TacetTrainPlan *plan, const TacetModelFiles *base, TacetTokenizer *tokenizer,
                                     int n_tokens, gboolean people, GError **error);
void tacet_diffusion_free (TacetDiffusion *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetDiffusion, tacet_diffusion_free)

int tacet_diffusion_n_held_out (TacetDiffusion *self); /* a multiple of the shard */

typedef struct
{
  int cache;
  gint64 record;
} TacetDiffusionRecord;

/* i: 0 .. held_out - 1 */
TacetDiffusionRecord tacet_diffusion_held_out (TacetDiffusion *self, gint64 i);
/* Sample i of a shard into the buffers "noisy", "target" {n,s,s,c} (v, or the noise), "timestep" {n,1,1,1}, "ids"
 * {n,1,T,1}; which record it is, and a random number generator to go on with. */
TacetDiffusionRecord tacet_diffusion_fill (TacetDiffusion *self, TacetWorker *worker, const TacetShard *shard, int i,
                                           TacetRandom *random);

typedef struct
{
  TacetValue *noisy, *timestep, *ids;
} TacetDiffusionInputs;
void tacet_diffusion_inputs (TacetDiffusion *self, TacetGraph *g, int n, TacetDiffusionInputs *inputs);
TacetValue *tacet_diffusion_loss (TacetValue *prediction, TacetValue *target);

/* forward: inputs noisy, timestep, ids, then `more`, for two samples: without and with the caption.
 * DDIM with guidance from the noise of `seed` to a picture of {size,size,3} in [-1,1]. */
gboolean tacet_diffusion_sample (TacetDiffusion *self, TacetForward *forward, TacetForward *decode, const gint32 *ids,
                                 const void *const *more, guint64 seed, float *picture, GCancellable *cancellable,
                                 GError **error);
/* The record's own picture, as the VAE gives it. */
gboolean tacet_diffusion_decode (TacetDiffusion *self, TacetForward *decode, TacetDiffusionRecord record,
                                 float *picture, GCancellable *cancellable, GError **error);

G_END_DECLS
