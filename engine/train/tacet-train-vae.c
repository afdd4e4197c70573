/* tacet-train-vae.c: training the autoencoder, or its decoder alone.
 *
 * Room: engine/train.  Loss: L1 + MSE + differences of neighbours (L1) + KL; latents with one mean and
 * one deviation per channel, so that the scaling factor is 1.
 */
#include "config.h"

#include "tacet-train-data.h"
#include "tacet-train-kinds.h"
#include "tacet-train-nets.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define N_HELD_OUT 64
#define N_MEASURE  256 /* scenes from which the latents' deviation is computed */

typedef struct
{
  TacetObjective base;
  const TacetTrainPlan *plan;
  TacetVaeConfig config;
  TacetTrainData *data;
  int latent_side;
} VaeObjective;

static TacetValue *
mean_abs (TacetValue *x)
{
  return tacet_mean (tacet_fn (x, TACET_FN_ABS));
}

/* Differences between neighbours along an axis. */
static TacetValue *
differences (TacetValue *x, int axis)
{
  const gint64 n = x->shape.d[axis] - 1;
  return tacet_sub (tacet_slice (x, axis, 1, n), tacet_slice (x, axis, 0, n));
}

/* picture {n,S,S,3}, noise {n,s,s,L} */
static void
build (TacetObjective *objective, TacetWorker *worker, int n)
{
  VaeObjective *self = (VaeObjective *) objective;
  const TacetTrainPlan *p = self->plan;
  TacetGraph *g = worker->graph;
  TacetValue *mean, *logvar;
  const int side = self->latent_side, size = p->data.size;
  TacetValue *picture = tacet_input (g, "picture", TACET_F32, tacet_shape (n, size, size, 3));
  TacetValue *noise = tacet_input (g, "noise", TACET_F32, tacet_shape (n, side, side, self->config.latent_channels));
  tacet_vae_encoder (g, &self->config, objective->stores[0], picture, &mean, &logvar);
  TacetValue *deviation = tacet_fn (tacet_scale (logvar, 0.5f), TACET_FN_EXP);
  TacetValue *z = p->decoder_only ? tacet_add_scaled (tacet_detach (mean), 1, noise, (float) p->latent_noise)
                                  : tacet_add (mean, tacet_mul (deviation, noise));
  TacetValue *error = tacet_sub (tacet_vae_decoder (g, &self->config, objective->stores[0], z), picture);
  worker->metric = tacet_mean (tacet_mul (error, error));
  worker->loss = tacet_add_scaled (mean_abs (error), (float) p->l1, worker->metric, (float) p->mse);
  TacetValue *edges = tacet_add (mean_abs (differences (error, 1)), mean_abs (differences (error, 2)));
  worker->loss = tacet_add_scaled (worker->loss, 1, edges, (float) p->gradient);
  if (!p->decoder_only && p->kl > 0)
    {
      TacetValue *kl = tacet_sub (tacet_add (tacet_mul (mean, mean), tacet_mul (deviation, deviation)), logvar);
      kl = tacet_affine (tacet_mean (kl), 0.5f, -0.5f);
      worker->loss = tacet_add_scaled (worker->loss, 1, kl, (float) p->kl);
    }
}

/* Which picture a random number stands for. */
static guint64
choose (TacetTrainData *data, TacetRandom *random)
{
  const guint64 count = tacet_train_data_count (data);
  return count > 0 ? tacet_random_below (random, count) : tacet_random_next (random);
}

static gboolean
fill (TacetObjective *objective, TacetWorker *worker, const TacetShard *shard, GError **error)
{
  VaeObjective *self = (VaeObjective *) objective;
  float *picture = tacet_worker_buffer (worker, "picture"), *noise = tacet_worker_buffer (worker, "noise");
  const gsize pixels = (gsize) self->plan->data.size * self->plan->data.size * 3;
  const gsize latent = (gsize) self->latent_side * self->latent_side * self->config.latent_channels;
  memset (noise, 0, latent * shard->n * sizeof (float));
  for (int i = 0; i < shard->n; i++)
    {
      TacetTrainSample sample;
      TacetRandom random = tacet_random (shard->seed, shard->stream, shard->step, shard->first + i);
      if (!tacet_train_data_get (self->data, choose (self->data, &random), &sample, error))
        return FALSE;
      tacet_train_from_image (sample.picture, picture + pixels * i);
      tacet_train_sample_clear (&sample);
      /* Held-out pictures are judged at the mean. */
      if (shard->stream == TACET_STREAM_TRAIN)
        tacet_random_normal (&random, noise + latent * i, latent);
    }
  return TRUE;
}

static gboolean
trains (TacetObjective *objective, TacetWeights *store, const char *name, double *lr)
{
  VaeObjective *self = (VaeObjective *) objective;
  return !self->plan->decoder_only || g_str_has_prefix (name, "decoder.") ||
         g_str_has_prefix (name, "post_quant_conv.");
}

static double
psnr (double mse)
{
  return 10 * log10 (4 / mse); /* the pictures' range is 2 */
}

/* Two rows at a time: pictures, and below them what the autoencoder makes of them. */
static gboolean
show (TacetObjective *objective, TacetBackend *backend, const char *path, GCancellable *cancellable, GError **error)
{
  VaeObjective *self = (VaeObjective *) objective;
  const int size = self->plan->data.size, n = self->plan->validate_count, columns = MIN (n, 8);
  g_autoptr (TacetForward) encode = tacet_forward_encode (&self->config, objective->stores[0], 1, size, backend, error);
  g_autoptr (TacetForward) decode =
      encode ? tacet_forward_decode (&self->config, objective->stores[0], 1, self->latent_side, backend, error) : NULL;
  g_autoptr (TacetImage) sheet = tacet_image_new (columns * size, (n + columns - 1) / columns * 2 * size, 3);
  g_autofree float *picture = g_try_new (float, (gsize) size *size * 3);
  g_autofree float *latent =
      g_try_new (float, (gsize) self->latent_side * self->latent_side * self->config.latent_channels);
  if (!encode || !decode)
    return FALSE;
  if (!sheet || !picture || !latent)
    return TRUE; /* a picture less */
  for (int i = 0; i < n; i++)
    {
      TacetTrainSample sample;
      TacetRandom random = tacet_random (self->plan->seed, TACET_STREAM_HELD_OUT, 0, (guint64) i);
      const int left = i % columns * size, top = i / columns * 2 * size;
      if (!tacet_train_data_get (self->data, choose (self->data, &random), &sample, error))
        return FALSE;
      tacet_train_from_image (sample.picture, picture);
      tacet_train_sample_clear (&sample);
      tacet_train_to_image (picture, sheet, left, top, size);
      if (!tacet_forward_run (encode, (const void *[]){ picture }, &latent, cancellable, error) ||
          !tacet_forward_run (decode, (const void *[]){ latent }, &picture, cancellable, error))
        return FALSE;
      tacet_train_to_image (picture, sheet, left, top + size, size);
    }
  return tacet_image_save_png (sheet, path, NULL, error);
}

/* Mean and deviation of every latent channel. */
static gboolean
measure (VaeObjective *self, TacetBackend *backend, double *mean, double *deviation, GCancellable *cancellable,
         GError **error)
{
  const int size = self->plan->data.size, channels = self->config.latent_channels;
  const gsize n = (gsize) self->latent_side * self->latent_side;
  g_autoptr (TacetForward) encode = tacet_forward_encode (&self->config, self->base.stores[0], 1, size, backend, error);
  g_autofree float *picture = g_new (float, (gsize) size *size * 3);
  g_autofree float *latent = g_new (float, n *channels);
  if (!encode)
    return FALSE;
  for (int i = 0; i < N_MEASURE; i++)
    {
      TacetTrainSample sample;
      TacetRandom random = tacet_random (self->plan->seed, TACET_STREAM_SAMPLE, 0, (guint64) i);
      if (!tacet_train_data_get (self->data, choose (self->data, &random), &sample, error))
        return FALSE;
      tacet_train_from_image (sample.picture, picture);
      tacet_train_sample_clear (&sample);
      if (!tacet_forward_run (encode, (const void *[]){ picture }, &latent, cancellable, error))
        return FALSE;
      for (gsize k = 0; k < n * channels; k++)
        {
          mean[k % channels] += latent[k];
          deviation[k % channels] += (double) latent[k] * latent[k];
        }
    }
  for (int c = 0; c < channels; c++)
    {
      mean[c] /= (double) n * N_MEASURE;
      deviation[c] = sqrt (MAX (deviation[c] / ((double) n * N_MEASURE) - mean[c] * mean[c], 1e-12));
    }
  return TRUE;
}

/* Folds the latents' mean and deviation into the 1x1 convolutions on both sides of them, which changes
 * no picture: z' = (z - mean) / deviation.  quant_conv {2L,..,2L} gives mean and logvar rows. */
static gboolean
normalise (VaeObjective *self, const double *mean, const double *deviation, GError **error)
{
  const int channels = self->config.latent_channels;
  TacetWeights *store = self->base.stores[0];
  TacetTensor *out_weight = tacet_store_find (store, "quant_conv.weight");
  TacetTensor *out_bias = tacet_store_find (store, "quant_conv.bias");
  TacetTensor *in_weight = tacet_store_find (store, "post_quant_conv.weight");
  TacetTensor *in_bias = tacet_store_find (store, "post_quant_conv.bias");
  if (!out_weight || !out_bias || !in_weight || !in_bias)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN,
                   _ ("The autoencoder has no 1x1 convolutions around its latents."));
      return FALSE;
    }
  for (int c = 0; c < channels; c++)
    {
      const float d = (float) deviation[c];
      for (int i = 0; i < 2 * channels; i++)
        tacet_tensor_f32 (out_weight)[c * 2 * channels + i] /= d;
      tacet_tensor_f32 (out_bias)[c] = (tacet_tensor_f32 (out_bias)[c] - (float) mean[c]) / d;
      tacet_tensor_f32 (out_bias)[channels + c] -= 2 * logf (d);
      for (int o = 0; o < channels; o++)
        {
          tacet_tensor_f32 (in_bias)[o] += tacet_tensor_f32 (in_weight)[o * channels + c] * (float) mean[c];
          tacet_tensor_f32 (in_weight)[o * channels + c] *= d;
        }
    }
  return TRUE;
}

static gboolean
save (VaeObjective *self, GHashTable *metadata, GError **error)
{
  g_autofree char *config = tacet_part_config_path (self->plan->output, "vae");
  return tacet_part_save (self->base.stores[0], self->plan->output, "vae", metadata, error) &&
         tacet_vae_config_save (&self->config, config, error);
}

static gboolean
write_model (TacetObjective *objective, TacetBackend *backend, GHashTable *metadata, GCancellable *cancellable,
             GError **error)
{
  VaeObjective *self = (VaeObjective *) objective;
  static const char *const names[] = { "quant_conv.weight", "quant_conv.bias", "post_quant_conv.weight",
                                       "post_quant_conv.bias" };
  g_autofree double *mean = g_new0 (double, self->config.latent_channels);
  g_autofree double *deviation = g_new0 (double, self->config.latent_channels);
  gpointer kept[G_N_ELEMENTS (names)];
  if (self->plan->decoder_only)
    return save (self, metadata, error);
  if (!measure (self, backend, mean, deviation, cancellable, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      TacetTensor *tensor = tacet_store_find (objective->stores[0], names[i]);
      kept[i] = tensor ? g_memdup2 (tensor->data, (gsize) tacet_shape_count (tensor->shape) * sizeof (float)) : NULL;
    }
  self->config.scaling_factor = 1;
  const gboolean good = normalise (self, mean, deviation, error) && save (self, metadata, error);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      TacetTensor *tensor = tacet_store_find (objective->stores[0], names[i]);
      if (tensor)
        memcpy (tensor->data, kept[i], (gsize) tacet_shape_count (tensor->shape) * sizeof (float));
      g_free (kept[i]);
    }
  return good;
}

static void
destroy (TacetObjective *objective)
{
  VaeObjective *self = (VaeObjective *) objective;
  g_clear_pointer (&self->data, tacet_train_data_free);
  g_clear_pointer (&objective->stores[0], tacet_weights_unref);
  g_free (self);
}

/* A store of its own with the weights of the pipeline's VAE. */
static gboolean
load_vae (VaeObjective *self, GError **error)
{
  g_autofree char *config = tacet_part_config_path (self->plan->output, "vae");
  if (!tacet_vae_config_load (&self->config, config, error))
    return FALSE;
  g_autoptr (TacetWeights) file = tacet_part_open (self->plan->output, "vae", error);
  if (!file)
    return FALSE;
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  const int side = tacet_vae_factor (&self->config) * 8;
  TacetValue *mean, *logvar;
  tacet_vae_encoder (g, &self->config, self->base.stores[0],
                     tacet_input (g, "picture", TACET_F32, tacet_shape (1, side, side, 3)), &mean, &logvar);
  tacet_vae_decoder (g, &self->config, self->base.stores[0], mean);
  const guint n = tacet_weights_copy (self->base.stores[0], file);
  if (n == tacet_weights_length (self->base.stores[0]))
    return TRUE;
  g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA,
               _ ("The VAE in “%s” has only %u of the %u weights that its config.json tells of."), self->plan->output,
               n, tacet_weights_length (self->base.stores[0]));
  return FALSE;
}

TacetObjective *
tacet_objective_vae_new (const TacetTrainPlan *plan, GError **error)
{
  VaeObjective *self = g_new0 (VaeObjective, 1);
  self->base = (TacetObjective){ .build = build,
                                 .fill = fill,
                                 .trains = trains,
                                 .show = show,
                                 .export = write_model,
                                 .free = destroy,
                                 .n_stores = 1,
                                 .stores = { tacet_weights_new (plan->seed) },
                                 .store_names = { "vae" },
                                 .n_held_out = MAX (1, N_HELD_OUT / plan->shard) * plan->shard,
                                 .metric = "PSNR",
                                 .metric_scale = psnr };
  self->plan = plan;
  self->config = plan->vae;
  self->data = tacet_train_data_open (&plan->data, error);
  gboolean good = self->data && (!plan->decoder_only || load_vae (self, error));
  const int factor = tacet_vae_factor (&self->config);
  if (good && plan->data.size % factor != 0)
    {
      g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN,
                   _ ("Pictures of %d pixels cannot be halved %d times, as this autoencoder does."), plan->data.size,
                   self->config.n_levels - 1);
      good = FALSE;
    }
  self->latent_side = plan->data.size / factor;
  if (good)
    return &self->base;
  destroy (&self->base);
  return NULL;
}
