/* tacet-train-diffusion.c: latents, captions, noise and sampling for U-Net and ControlNets.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-train-diffusion.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static gboolean
base_schedule (TacetScheduleConfig *config, const TacetModelFiles *base, GError **error)
{
  g_autofree char *path = g_build_filename (base->path, "scheduler", "scheduler_config.json", NULL);
  if (!g_file_test (base->path, G_FILE_TEST_IS_DIR))
    tacet_schedule_config_usual (config, base->v_prediction, base->zero_terminal_snr);
  else if (!tacet_schedule_config_load (config, path, error))
    return FALSE;
  if (config->prediction != TACET_PREDICT_SAMPLE)
    return TRUE;
  g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA,
               _ ("“%s”: a network that predicts the picture itself cannot be trained; epsilon and "
                  "v_prediction can."),
               path);
  return FALSE;
}

static gboolean
make_schedule (TacetDiffusion *self, const TacetModelFiles *base, GError **error)
{
  TacetScheduleConfig *config = &self->schedule_config;
  *config = (TacetScheduleConfig){ .n_train = 1000,
                                   .beta_start = 0.00085,
                                   .beta_end = 0.012,
                                   .betas = TACET_BETAS_SCALED_LINEAR,
                                   .spacing = TACET_SPACING_LEADING,
                                   .prediction = TACET_PREDICT_V,
                                   .steps_offset = 1 };
  if (base && !base_schedule (config, base, error))
    return FALSE;
  TacetScheduleOptions options = tacet_schedule_options (TACET_SAMPLER_DDIM, self->plan->validate_steps);
  self->schedule = tacet_schedule_new (config, &options, error);
  return self->schedule != NULL;
}

static gint32 *
tokenize (TacetDiffusion *self, const TacetLatents *cache)
{
  gint32 *ids = g_try_new0 (gint32, (gsize) cache->layout.count * self->n_tokens);
  for (gint64 i = 0; ids && i < cache->layout.count; i++)
    tacet_tokenizer_encode (self->tokenizer, tacet_latents_caption (cache, i), ids + i * self->n_tokens,
                            self->n_tokens);
  return ids;
}

static gboolean
list_usable (TacetDiffusion *self, int i, gboolean people)
{
  const TacetLatents *cache = self->caches[i];
  TacetPerson anybody[4];
  self->usable[i] = g_try_new (gint64, cache->layout.count);
  for (gint64 r = 0; self->usable[i] && r < cache->layout.count; r++)
    if (!people || tacet_latents_people (cache, r, anybody) > 0)
      self->usable[i][self->n_usable[i]++] = r;
  return self->usable[i] != NULL;
}

static gboolean
open_cache (TacetDiffusion *self, int i, gboolean people, GError **error)
{
  const char *path = self->plan->caches[i];
  TacetLatents *cache = self->caches[i] = tacet_latents_open (path, error);
  if (!cache)
    return FALSE;
  self->n_caches = i + 1;
  const TacetLatentsLayout *a = &self->caches[0]->layout, *b = &cache->layout;
  if (a->size != b->size || a->side != b->side || a->channels != b->channels)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA,
                   _ ("The caches “%s” and “%s” hold pictures of different sizes."), self->plan->caches[0], path);
      return FALSE;
    }
  if (!(self->ids[i] = tokenize (self, cache)) || !list_usable (self, i, people))
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_NO_MEMORY,
                   _ ("There is not enough memory for the captions of “%s”."), path);
      return FALSE;
    }
  if (self->n_usable[i] > (i == 0 ? self->plan->held_out : 0))
    return TRUE;
  g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA,
               _ ("The cache “%s” has %" PRId64 " pictures of use for this plan, and %d are held out (field "
                  "“held_out”): nothing is left to train on."),
               path, self->n_usable[i], i == 0 ? self->plan->held_out : 0);
  return FALSE;
}

static gboolean
open_caches (TacetDiffusion *self, gboolean people, GError **error)
{
  for (int i = 0; i < self->plan->n_caches; i++)
    if (!open_cache (self, i, people, error))
      return FALSE;
  const TacetLatentsLayout *layout = &self->caches[0]->layout;
  self->size = layout->size;
  self->side = layout->side;
  self->channels = layout->channels;
  return TRUE;
}

static gboolean
open_vae (TacetDiffusion *self, const TacetModelFiles *base, GError **error)
{
  if (base)
    {
      self->vae = base->vae;
      self->vae_weights = tacet_weights_ref (base->vae_weights);
      return TRUE;
    }
  self->vae_weights = tacet_network_open (TACET_PART_VAE, self->plan->output, &self->vae, NULL, error);
  return self->vae_weights != NULL;
}

TacetDiffusion *
tacet_diffusion_new (const TacetTrainPlan *plan, const TacetModelFiles *base, TacetTokenizer *tokenizer, int n_tokens,
                     gboolean people, GError **error)
{
  g_autoptr (TacetDiffusion) self = g_new0 (TacetDiffusion, 1);
  self->plan = plan;
  self->tokenizer = tokenizer;
  self->n_tokens = n_tokens;
  self->empty = g_new0 (gint32, n_tokens);
  tacet_tokenizer_encode (tokenizer, "", self->empty, n_tokens);
  if (!make_schedule (self, base, error) || !open_caches (self, people, error) || !open_vae (self, base, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
tacet_diffusion_free (TacetDiffusion *self)
{
  for (int i = 0; i < TACET_PLAN_MAX_CACHES; i++)
    {
      g_clear_pointer (&self->caches[i], tacet_latents_free);
      g_free (self->ids[i]);
      g_free (self->usable[i]);
    }
  g_free (self->empty);
  g_clear_pointer (&self->schedule, tacet_schedule_free);
  tacet_schedule_config_clear (&self->schedule_config);
  g_clear_pointer (&self->tokenizer, tacet_tokenizer_unref);
  g_clear_pointer (&self->vae_weights, tacet_weights_unref);
  g_free (self);
}

int
tacet_diffusion_n_held_out (TacetDiffusion *self)
{
  return self->plan->held_out / self->plan->shard * self->plan->shard;
}

TacetDiffusionRecord
tacet_diffusion_held_out (TacetDiffusion *self, gint64 i)
{
  return (TacetDiffusionRecord){ 0, self->usable[0][self->n_usable[0] - self->plan->held_out + i] };
}

static TacetDiffusionRecord
choose (TacetDiffusion *self, TacetRandom *random)
{
  int cache = 0;
  double u = tacet_random_uniform (random);
  while (cache < self->n_caches - 1 && u >= self->plan->shares[cache])
    u -= self->plan->shares[cache++];
  const gint64 count = self->n_usable[cache] - (cache == 0 ? self->plan->held_out : 0);
  return (TacetDiffusionRecord){ cache, self->usable[cache][tacet_random_below (random, (guint64) count)] };
}

TacetDiffusionRecord
tacet_diffusion_fill (TacetDiffusion *self, TacetWorker *worker, const TacetShard *shard, int i, TacetRandom *random)
{
  const TacetTrainPlan *plan = self->plan;
  const gsize n = (gsize) self->side * self->side * self->channels;
  float *noisy = (float *) tacet_worker_buffer (worker, "noisy") + n * i;
  float *target = (float *) tacet_worker_buffer (worker, "target") + n * i;
  float *timestep = (float *) tacet_worker_buffer (worker, "timestep") + i;
  gint32 *ids = (gint32 *) tacet_worker_buffer (worker, "ids") + (gsize) self->n_tokens * i;
  const gboolean training = shard->stream == TACET_STREAM_TRAIN;

  *random = tacet_random (shard->seed, shard->stream, shard->step, shard->first + (guint64) i);
  const TacetDiffusionRecord r =
      training ? choose (self, random) : tacet_diffusion_held_out (self, (gint64) shard->first + i);
  /* Held-out samples are spread evenly over time, so that their mean is steady. */
  const double u = training ? tacet_random_uniform (random)
                            : ((double) (shard->first + (guint64) i) + 0.5) / tacet_diffusion_n_held_out (self);
  const int n_train = self->schedule_config.n_train, first = MIN (plan->timestep_min, n_train - 1);
  const int t = first + (int) (u * (n_train - first));
  const gboolean drop = tacet_random_uniform (random) < plan->prompt_dropout && training;
  const gboolean v = self->schedule_config.prediction == TACET_PREDICT_V;
  const double alpha = tacet_schedule_alphas (self->schedule)[t];
  const float a = (float) sqrt (alpha), b = (float) sqrt (1 - alpha);
  *timestep = (float) t;
  memcpy (ids, drop ? self->empty : self->ids[r.cache] + r.record * self->n_tokens,
          (gsize) self->n_tokens * sizeof *ids);
  tacet_latents_get (self->caches[r.cache], r.record, target);
  tacet_random_normal (random, noisy, n);
  for (gsize k = 0; k < n; k++)
    {
      const float z = target[k], noise = noisy[k];
      noisy[k] = a * z + b * noise;
      target[k] = v ? a * noise - b * z : noise;
    }
  return r;
}

void
tacet_diffusion_inputs (TacetDiffusion *self, TacetGraph *g, int n, TacetDiffusionInputs *inputs)
{
  const TacetShape latent = tacet_shape (n, self->side, self->side, self->channels);
  inputs->noisy = tacet_input (g, "noisy", TACET_F32, latent);
  inputs->timestep = tacet_input (g, "timestep", TACET_F32, tacet_shape (n, 1, 1, 1));
  inputs->ids = tacet_input (g, "ids", TACET_I32, tacet_shape (n, 1, self->n_tokens, 1));
}

TacetValue *
tacet_diffusion_loss (TacetValue *prediction, TacetValue *target)
{
  TacetValue *error = tacet_sub (prediction, target);
  return tacet_mean (tacet_mul (error, error));
}

gboolean
tacet_diffusion_sample (TacetDiffusion *self, TacetForward *forward, TacetForward *decode, const gint32 *ids,
                        const void *const *more, guint64 seed, float *picture, GCancellable *cancellable,
                        GError **error)
{
  const gsize n = (gsize) self->side * self->side * self->channels, tokens = (gsize) self->n_tokens;
  const float guidance = (float) self->plan->guidance;
  g_autofree float *x = g_new (float, 2 * n);
  g_autofree float *v = g_new (float, 2 * n);
  g_autofree gint32 *both = g_new (gint32, 2 * tokens);
  TacetRandom random = tacet_random (seed, TACET_STREAM_SAMPLE, 0, 0);
  const void *in[G_N_ELEMENTS (forward->in)] = { x, NULL, both };
  for (int i = 3; i < forward->n_in; i++)
    in[i] = more[i - 3];
  memcpy (both, self->empty, tokens * sizeof *both);
  memcpy (both + tokens, ids, tokens * sizeof *both);
  tacet_random_normal (&random, x, n);
  g_autoptr (TacetSampling) sampling = tacet_sampling_new (self->schedule, NULL, self->channels, n, error);
  if (sampling == NULL)
    return FALSE;
  for (int i = 0; i < tacet_schedule_n_evaluations (self->schedule); i++)
    {
      const float t = (float) tacet_schedule_timestep (self->schedule, i);
      const float times[2] = { t, t };
      memcpy (x + n, x, n * sizeof *x);
      in[1] = times;
      if (!tacet_forward_run (forward, in, &v, cancellable, error))
        return FALSE;
      for (gsize k = 0; k < n; k++)
        v[k] += guidance * (v[n + k] - v[k]);
      tacet_sampling_step (sampling, x, v, NULL);
    }
  for (gsize k = 0; k < n; k++)
    x[k] /= self->vae.scaling_factor;
  return tacet_forward_run (decode, (const void *[]){ x }, &picture, cancellable, error);
}

gboolean
tacet_diffusion_decode (TacetDiffusion *self, TacetForward *decode, TacetDiffusionRecord record, float *picture,
                        GCancellable *cancellable, GError **error)
{
  const gsize n = (gsize) self->side * self->side * self->channels;
  g_autofree float *latent = g_new (float, n);
  tacet_latents_get (self->caches[record.cache], record.record, latent);
  for (gsize k = 0; k < n; k++)
    latent[k] /= self->vae.scaling_factor;
  return tacet_forward_run (decode, (const void *[]){ latent }, &picture, cancellable, error);
}
