/* tacet-train-controlnet.c: training a ControlNet beside a frozen U-Net, with minimal impact.
 *
 * Room: engine/train.  Source: arXiv 2506.01672, stage 1: rebalanced maps, injection in training.  The
 * copy starts from the U-Net's encoder; nothing of the U-Net's encoder needs a gradient.
 */
#include "config.h"

#include "tacet-train-data.h"
#include "tacet-train-diffusion.h"
#include "tacet-train-kinds.h"
#include "tacet-train-maps.h"

#include "engine/control/tacet-inject.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_MASKS 8
#define N_MEASURE 256 /* maps from which the hint's mean and deviation are computed */

typedef struct
{
  TacetObjective base;
  const TacetTrainPlan *plan;
  TacetDiffusion *diffusion;
  TacetUnetConfig unet;
  TacetControlnetConfig config;
  TacetTextConfig text;
  TacetModelFiles *base_model;
  TacetWeights *unet_weights, *text_weights; /* the base model's */
  int n_masks, mask_sides[MAX_MASKS];        /* one per resolution of the features */
} ControlObjective;

typedef struct
{
  TacetDiffusionInputs in;
  TacetValue *hint;             /* {n,S,S,3} in [0,1] */
  TacetValue *masks[MAX_MASKS]; /* {n,side,side,1} */
} ControlInputs;

static void
make_inputs (ControlObjective *self, TacetGraph *g, int n, ControlInputs *inputs)
{
  const int size = self->diffusion->size;
  tacet_diffusion_inputs (self->diffusion, g, n, &inputs->in);
  inputs->hint = tacet_input (g, "hint", TACET_F32, tacet_shape (n, size, size, 3));
  for (int i = 0; i < self->n_masks; i++)
    {
      g_autofree char *name = g_strdup_printf ("mask %d", i);
      inputs->masks[i] = tacet_input (g, name, TACET_F32, tacet_shape (n, self->mask_sides[i], self->mask_sides[i], 1));
    }
}

static TacetValue *
mask_for (ControlObjective *self, const ControlInputs *inputs, const TacetValue *f)
{
  for (int i = 0; i < self->n_masks; i++)
    if (self->mask_sides[i] == f->shape.d[1])
      return inputs->masks[i];
  return inputs->masks[0];
}

/* D (f + lambda h), f = E (x), h = mask C (x, hint) */
static TacetValue *
predict (ControlObjective *self, TacetGraph *g, const ControlInputs *inputs)
{
  const TacetDiffusionInputs *in = &inputs->in;
  TacetFeatures features, residuals;
  TacetValue *context = tacet_text_encoder (g, &self->text, self->text_weights, in->ids);
  tacet_unet_encoder (g, &self->unet, self->unet_weights, in->noisy, in->timestep, context, NULL, &features);
  tacet_controlnet (g, &self->config, self->base.stores[0], in->noisy, in->timestep, context, NULL, inputs->hint,
                    &residuals);
  for (int i = 0; i < features.n && !tacet_graph_error (g); i++)
    {
      TacetValue *h = tacet_mul (residuals.r[i], mask_for (self, inputs, features.r[i]));
      features.r[i] = self->plan->inject ? tacet_inject_train (features.r[i], h, NULL) : tacet_add (features.r[i], h);
    }
  return tacet_unet_decoder (g, &self->unet, self->unet_weights, context, NULL, &features);
}

static void
build (TacetObjective *objective, TacetWorker *worker, int n)
{
  ControlObjective *self = (ControlObjective *) objective;
  ControlInputs inputs;
  make_inputs (self, worker->graph, n, &inputs);
  TacetValue *target = tacet_input (worker->graph, "target", TACET_F32, inputs.in.noisy->shape);
  worker->loss = tacet_diffusion_loss (predict (self, worker->graph, &inputs), target);
}

static void
fill_hint (const TacetImage *map, float *hint)
{
  for (gsize i = 0; i < (gsize) map->width * map->height * 3; i++)
    hint[i] = (float) map->data[i] * (1.0f / 255.0f);
}

/* As the engine scales coverage to a layer. */
static gboolean
fill_mask (const TacetImage *coverage, int side, float *mask)
{
  if (!tacet_image_resample (coverage, side, side, mask))
    return FALSE;
  for (int i = 0; i < side * side; i++)
    mask[i] *= 1.0f / 255.0f;
  return TRUE;
}

static gboolean
no_memory (GError **error)
{
  g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_NO_MEMORY,
               _ ("There is not enough memory for control maps."));
  return FALSE;
}

static gboolean
fill (TacetObjective *objective, TacetWorker *worker, const TacetShard *shard, GError **error)
{
  ControlObjective *self = (ControlObjective *) objective;
  TacetDiffusion *d = self->diffusion;
  float *hint = tacet_worker_buffer (worker, "hint");
  if (!worker->scratch)
    {
      worker->scratch = tacet_rebalance_new (d->size);
      worker->scratch_free = (GDestroyNotify) tacet_rebalance_free;
      if (!worker->scratch)
        return no_memory (error);
    }
  for (int i = 0; i < shard->n; i++)
    {
      TacetRandom random;
      TacetTrainMap map;
      const TacetDiffusionRecord r = tacet_diffusion_fill (d, worker, shard, i, &random);
      if (!tacet_train_map_draw (self->plan, d->caches[r.cache], r.record, worker->scratch, &random, &map, error))
        return FALSE;
      fill_hint (map.map, hint + (gsize) i * d->size * d->size * 3);
      gboolean good = TRUE;
      for (int m = 0; m < self->n_masks && good; m++)
        {
          g_autofree char *name = g_strdup_printf ("mask %d", m);
          const int side = self->mask_sides[m];
          good = fill_mask (map.coverage, side, (float *) tacet_worker_buffer (worker, name) + (gsize) i * side * side);
        }
      tacet_train_map_clear (&map);
      if (!good)
        return no_memory (error);
    }
  return TRUE;
}

static gboolean
trains (TacetObjective *objective, TacetWeights *store, const char *name, double *lr)
{
  ControlObjective *self = (ControlObjective *) objective;
  if (g_str_has_prefix (name, "controlnet_"))
    *lr = self->plan->hint_lr;
  return TRUE;
}

/* Threes of rows: whole map, sample from it and the caption, the picture that the map was made from. */
static gboolean
show_one (ControlObjective *self, TacetForward *forward, TacetForward *decode, int i, TacetImage *sheet, int left,
          int top, GCancellable *cancellable, GError **error)
{
  TacetDiffusion *d = self->diffusion;
  const gsize pixels = (gsize) d->size * d->size * 3;
  g_autofree float *picture = g_new (float, pixels);
  g_autofree float *hint = g_new (float, 2 * pixels);
  float *masks[MAX_MASKS] = { NULL };
  const void *more[MAX_MASKS + 1] = { hint };
  TacetTrainMap map;
  const TacetDiffusionRecord r = tacet_diffusion_held_out (d, i);
  TacetRandom random = tacet_random (self->plan->seed, TACET_STREAM_SAMPLE, 1, (guint64) i);
  if (!tacet_train_map_draw (self->plan, d->caches[r.cache], r.record, NULL, &random, &map, error))
    return FALSE;
  fill_hint (map.map, hint);
  memcpy (hint + pixels, hint, pixels * sizeof *hint);
  gboolean good = TRUE;
  for (int m = 0; m < self->n_masks && good; m++)
    {
      const gsize n = (gsize) self->mask_sides[m] * self->mask_sides[m];
      more[m + 1] = masks[m] = g_new (float, 2 * n);
      good = fill_mask (map.coverage, self->mask_sides[m], masks[m]) || no_memory (error);
      memcpy (masks[m] + n, masks[m], n * sizeof (float));
    }
  tacet_train_map_clear (&map);
  for (gsize k = 0; k < pixels; k++)
    picture[k] = 2 * hint[k] - 1;
  tacet_train_to_image (picture, sheet, left, top, d->size);
  good = good && tacet_diffusion_sample (d, forward, decode, d->ids[r.cache] + r.record * d->n_tokens, more,
                                         (guint64) i, picture, cancellable, error);
  if (good)
    tacet_train_to_image (picture, sheet, left, top + d->size, d->size);
  good = good && tacet_diffusion_decode (d, decode, r, picture, cancellable, error);
  if (good)
    tacet_train_to_image (picture, sheet, left, top + 2 * d->size, d->size);
  for (int m = 0; m < self->n_masks; m++)
    g_free (masks[m]);
  return good;
}

static gboolean
show (TacetObjective *objective, TacetBackend *backend, const char *path, GCancellable *cancellable, GError **error)
{
  ControlObjective *self = (ControlObjective *) objective;
  TacetDiffusion *d = self->diffusion;
  const int n = MAX (1, MIN (self->plan->validate_count, self->plan->held_out)), columns = MIN (n, 8), size = d->size;
  g_autoptr (TacetForward) forward = tacet_forward_new ();
  g_autoptr (TacetForward) decode = tacet_forward_decode (&d->vae, d->vae_weights, 1, d->side, backend, error);
  g_autoptr (TacetImage) sheet = tacet_image_new (columns * size, (n + columns - 1) / columns * 3 * size, 3);
  ControlInputs inputs;
  if (!decode || !sheet || self->plan->held_out == 0)
    return decode != NULL;
  make_inputs (self, forward->graph, 2, &inputs);
  forward->in[forward->n_in++] = inputs.in.noisy;
  forward->in[forward->n_in++] = inputs.in.timestep;
  forward->in[forward->n_in++] = inputs.in.ids;
  forward->in[forward->n_in++] = inputs.hint;
  for (int i = 0; i < self->n_masks; i++)
    forward->in[forward->n_in++] = inputs.masks[i];
  forward->out[forward->n_out++] = predict (self, forward->graph, &inputs);
  if (!tacet_forward_plan (forward, backend, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    if (!show_one (self, forward, decode, i, sheet, i % columns * size, i / columns * 3 * size, cancellable, error))
      return FALSE;
  return tacet_image_save_png (sheet, path, NULL, error);
}

static gboolean
write_model (TacetObjective *objective, TacetBackend *backend, GHashTable *metadata, GCancellable *cancellable,
             GError **error)
{
  ControlObjective *self = (ControlObjective *) objective;
  const char *part = tacet_control_kind_id (self->plan->control);
  g_autofree char *config = tacet_part_config_path (self->plan->output, part);
  return tacet_part_save (objective->stores[0], self->plan->output, part, metadata, error) &&
         tacet_controlnet_config_save (&self->config, config, error);
}

static void
destroy (TacetObjective *objective)
{
  ControlObjective *self = (ControlObjective *) objective;
  g_clear_pointer (&self->diffusion, tacet_diffusion_free);
  g_clear_pointer (&self->base_model, tacet_model_files_free);
  g_clear_pointer (&objective->stores[0], tacet_weights_unref);
  g_free (self);
}

/* The parts of a base model that others made. */
static gboolean
fits (ControlObjective *self, GError **error)
{
  const char *base = self->plan->base;
  const TacetDiffusion *d = self->diffusion;
  if (self->unet.in_channels != d->channels || self->unet.out_channels != d->channels)
    g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA,
                 _ ("The U-Net of “%s” takes %d channels, but the latents have %d."), base, self->unet.in_channels,
                 d->channels);
  else if (self->unet.cross_attention_dim != self->text.hidden_size)
    g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA, "“%s”: %s", base,
                 _ ("the U-Net and the text encoder have different widths"));
  else if (tacet_tokenizer_size (d->tokenizer) > self->text.vocab_size)
    g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA, "“%s”: %s", base,
                 _ ("the tokenizer knows more words than the text encoder"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
load_parts (ControlObjective *self, GError **error)
{
  TacetModelFiles *base = self->base_model = tacet_model_files_open (self->plan->base, NULL, error);
  if (!base)
    return FALSE;
  self->unet = base->unet;
  self->text = base->text;
  self->unet_weights = base->unet_weights;
  self->text_weights = base->text_weights;
  TacetTokenizer *tokenizer = base->tokenizer ? tacet_tokenizer_load (base->tokenizer, error)
                                              : tacet_vocabulary_find (base->path, NULL, self->text.vocab_size, error);
  if (!tokenizer)
    return FALSE;
  const gboolean people = self->plan->control == TACET_CONTROL_POSE;
  self->diffusion = tacet_diffusion_new (self->plan, base, tokenizer, self->text.max_positions, people, error);
  return self->diffusion && fits (self, error);
}

static void
configure (ControlObjective *self)
{
  int halvings = 0;
  while (self->diffusion->side << halvings < self->diffusion->size)
    halvings++;
  self->config =
      (TacetControlnetConfig){ .unet = self->unet, .conditioning_channels = 3, .n_hint = self->plan->n_hint };
  if (self->config.n_hint == 0)
    self->config.n_hint = MIN (halvings + 1, TACET_MAX_LEVELS);
  memcpy (self->config.hint_channels, self->plan->hint_channels, sizeof self->config.hint_channels);
  for (int i = 0; i < self->unet.n_levels && i < MAX_MASKS; i++)
    self->mask_sides[self->n_masks++] = (self->diffusion->side + (1 << i) - 1) >> i;
}

/* Mean and deviation of what the hint encoder will see. */
static gboolean
measure_hints (ControlObjective *self, double *mean, double *deviation, GError **error)
{
  TacetDiffusion *d = self->diffusion;
  const gsize n = (gsize) d->size * d->size * 3;
  double sum = 0, squares = 0;
  TacetRebalance *rebalance = tacet_rebalance_new (d->size);
  if (!rebalance)
    return no_memory (error);
  gboolean good = TRUE;
  for (guint64 i = 0; i < N_MEASURE && good; i++)
    {
      TacetTrainMap map;
      TacetRandom random = tacet_random (self->plan->seed, TACET_STREAM_INIT, 0, i);
      const gint64 r = d->usable[0][tacet_random_below (&random, (guint64) d->n_usable[0])];
      good = tacet_train_map_draw (self->plan, d->caches[0], r, rebalance, &random, &map, error);
      for (gsize k = 0; good && k < n; k++)
        {
          sum += map.map->data[k] / 255.0;
          squares += map.map->data[k] / 255.0 * map.map->data[k] / 255.0;
        }
      tacet_train_map_clear (&map);
    }
  tacet_rebalance_free (rebalance);
  *mean = sum / ((double) n * N_MEASURE);
  *deviation = sqrt (MAX (squares / ((double) n * N_MEASURE) - *mean * *mean, 0));
  return good;
}

/* The hint encoder learns only if its signal has about unit variance: (hint - mean) / deviation, folded
 * into its first convolution, so that other tools can still feed it [0,1]. */
static gboolean
normalise_hint (ControlObjective *self, GError **error)
{
  double mean, deviation;
  TacetTensor *weight = tacet_store_find (self->base.stores[0], "controlnet_cond_embedding.conv_in.weight");
  TacetTensor *bias = tacet_store_find (self->base.stores[0], "controlnet_cond_embedding.conv_in.bias");
  if (!weight || !bias)
    return no_memory (error);
  if (!measure_hints (self, &mean, &deviation, error))
    return FALSE;
  deviation = MAX (deviation, 0.1); /* nearly empty maps are not blown up without limit */
  const int64_t out = weight->shape.d[0], in = tacet_shape_count (weight->shape) / out;
  for (int64_t o = 0; o < out; o++)
    for (int64_t i = 0; i < in; i++)
      {
        float *w = tacet_tensor_f32 (weight) + o * in + i;
        *w /= (float) deviation;
        tacet_tensor_f32 (bias)[o] -= *w * (float) mean;
      }
  return TRUE;
}

/* Makes the store's tensors: the hint encoder new, the rest from the U-Net. */
static gboolean
initialise (ControlObjective *self, GError **error)
{
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  ControlInputs inputs;
  make_inputs (self, g, 1, &inputs);
  predict (self, g, &inputs);
  if (tacet_graph_error (g))
    {
      g_propagate_error (error, g_error_copy (tacet_graph_error (g)));
      return FALSE;
    }
  tacet_weights_copy (self->base.stores[0], self->unet_weights);
  return normalise_hint (self, error);
}

TacetObjective *
tacet_objective_controlnet_new (const TacetTrainPlan *plan, GError **error)
{
  ControlObjective *self = g_new0 (ControlObjective, 1);
  self->base = (TacetObjective){ .build = build,
                                 .fill = fill,
                                 .trains = trains,
                                 .show = show,
                                 .export = write_model,
                                 .free = destroy,
                                 .n_stores = 1,
                                 .stores = { tacet_weights_new (plan->seed) },
                                 .store_names = { "controlnet" } };
  self->plan = plan;
  if (load_parts (self, error))
    {
      configure (self);
      if (initialise (self, error))
        {
          self->base.n_held_out = tacet_diffusion_n_held_out (self->diffusion);
          return &self->base;
        }
    }
  destroy (&self->base);
  return NULL;
}
