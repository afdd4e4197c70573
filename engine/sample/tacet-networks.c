/* tacet-networks.c: the graphs of one generation and their plans.
 *
 * Room: engine/sample.
 */
#include "tacet-sample-private.h"

static TacetNetwork *
finish_network (TacetNetwork *self, TacetBackend *backend, GError **error)
{
  self->plan = tacet_plan_new (self->graph, &self->out, 1, backend, TACET_PLAN_CONSTANT_WEIGHTS, error);
  if (self->plan != NULL)
    return self;
  _tacet_network_free (self);
  return NULL;
}

TacetNetwork *
_tacet_network_text (TacetPipeline *pipeline, int clip_skip, TacetBackend *backend, GError **error)
{
  TacetTextConfig config = pipeline->text;
  config.n_layers -= clip_skip - 1;
  TacetNetwork *self = g_new0 (TacetNetwork, 1);
  self->graph = tacet_graph_new ();
  self->in = tacet_input (self->graph, "ids", TACET_I32, tacet_shape (1, 1, pipeline->text.max_positions, 1));
  self->out = tacet_text_encoder (self->graph, &config, pipeline->text_weights, self->in);
  return finish_network (self, backend, error);
}

TacetNetwork *
_tacet_network_decoder (TacetPipeline *pipeline, int height, int width, TacetBackend *backend, GError **error)
{
  TacetNetwork *self = g_new0 (TacetNetwork, 1);
  self->graph = tacet_graph_new ();
  self->in =
      tacet_input (self->graph, "latent", TACET_F32, tacet_shape (1, height, width, pipeline->vae.latent_channels));
  self->out = tacet_vae_decoder (self->graph, &pipeline->vae, pipeline->vae_weights, self->in);
  return finish_network (self, backend, error);
}

TacetNetwork *
_tacet_network_encoder (TacetPipeline *pipeline, int height, int width, TacetBackend *backend, GError **error)
{
  TacetNetwork *self = g_new0 (TacetNetwork, 1);
  int factor = _tacet_pipeline_vae_factor (pipeline);
  TacetValue *moments[2];
  self->graph = tacet_graph_new ();
  self->in = tacet_input (self->graph, "picture", TACET_F32,
                          tacet_shape (1, (gint64) height * factor, (gint64) width * factor, 3));
  tacet_vae_encoder (self->graph, &pipeline->vae, pipeline->vae_weights, self->in, &moments[0], &moments[1]);
  self->out = tacet_concat (moments, 2, 3);
  return finish_network (self, backend, error);
}

TacetNetwork *
_tacet_network_decoder_start (TacetPipeline *pipeline, int height, int width, TacetBackend *backend, GError **error)
{
  TacetNetwork *self = g_new0 (TacetNetwork, 1);
  self->graph = tacet_graph_new ();
  self->in =
      tacet_input (self->graph, "latent", TACET_F32, tacet_shape (1, height, width, pipeline->vae.latent_channels));
  self->out = tacet_vae_decoder_start (self->graph, &pipeline->vae, pipeline->vae_weights, self->in);
  return finish_network (self, backend, error);
}

TacetNetwork *
_tacet_network_encoder_finish (TacetPipeline *pipeline, int height, int width, TacetBackend *backend, GError **error)
{
  TacetNetwork *self = g_new0 (TacetNetwork, 1);
  const TacetVaeConfig *vae = &pipeline->vae;
  int scale = _tacet_pipeline_vae_factor (pipeline) / tacet_vae_tile_factor (vae);
  TacetValue *moments[2];
  self->graph = tacet_graph_new ();
  self->in = tacet_input (self->graph, "map", TACET_F32,
                          tacet_shape (1, (gint64) height * scale, (gint64) width * scale,
                                       vae->block_out_channels[MAX (0, MIN (2, vae->n_levels - 1) - 1)]));
  tacet_vae_encoder_finish (self->graph, vae, pipeline->vae_weights, self->in, &moments[0], &moments[1]);
  self->out = tacet_concat (moments, 2, 3);
  return finish_network (self, backend, error);
}

TacetNetwork *
_tacet_network_tiny (const TacetTaesdConfig *config, TacetWeights *weights, int height, int width,
                     TacetBackend *backend, GError **error)
{
  TacetNetwork *self = g_new0 (TacetNetwork, 1);
  self->graph = tacet_graph_new ();
  self->in = tacet_input (self->graph, "latent", TACET_F32, tacet_shape (1, height, width, config->latent_channels));
  self->out = tacet_taesd_decoder (self->graph, config, weights, self->in);
  return finish_network (self, backend, error);
}

void
_tacet_network_free (TacetNetwork *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->plan, tacet_plan_free);
  g_clear_pointer (&self->graph, tacet_graph_free);
  g_free (self);
}

gboolean
_tacet_network_run (TacetNetwork *self, const void *in, float *out, GCancellable *cancellable, GError **error)
{
  return tacet_plan_set (self->plan, self->in, in, error) && tacet_plan_run (self->plan, cancellable, error) &&
         tacet_plan_get (self->plan, self->out, out, error);
}

/* The mask of one control at the size of f; one input serves all layers of that size. */
static TacetValue *
mask_input (TacetDenoiser *self, int control, const TacetValue *f)
{
  for (guint i = 0; i < self->masks->len; i++)
    {
      TacetMaskInput *mask = &g_array_index (self->masks, TacetMaskInput, i);
      if (mask->control == control && mask->value->shape.d[1] == f->shape.d[1] &&
          mask->value->shape.d[2] == f->shape.d[2])
        return mask->value;
    }
  TacetMaskInput mask = { control, tacet_input_lasting (self->graph, "mask", TACET_F32,
                                                        tacet_shape (1, f->shape.d[1], f->shape.d[2], 1)) };
  g_array_append_val (self->masks, mask);
  return mask.value;
}

static void
inject_controls (TacetDenoiser *self, const TacetDenoiserSpec *spec, TacetFeatures *features,
                 const TacetFeatures *residuals)
{
  for (int layer = 0; layer < features->n; layer++)
    {
      TacetValue *controls[TACET_MAX_CONTROLS], *masks[TACET_MAX_CONTROLS];
      for (int k = 0; k < spec->n_controls; k++)
        {
          controls[k] = residuals[k].r[layer];
          masks[k] = spec->masked[k] ? mask_input (self, k, features->r[layer]) : NULL;
        }
      features->r[layer] = tacet_inject_layer (self->inject, features->r[layer], controls, masks);
    }
}

/* TacetRegions.shares: one input serves all layers of a size. */
static TacetValue *
share_input (gpointer data, int height, int width)
{
  TacetDenoiser *self = data;
  for (guint i = 0; i < self->shares->len; i++)
    {
      TacetValue *value = g_array_index (self->shares, TacetValue *, i);
      if (value->shape.d[1] == height && value->shape.d[2] == width)
        return value;
    }
  TacetValue *value =
      tacet_input_lasting (self->graph, "shares", TACET_F32, tacet_shape (self->n_texts, height, width, 1));
  g_array_append_val (self->shares, value);
  return value;
}

/* A residual as the injection takes it, {batch,h,w,c}: its mean over the map everywhere if the net pools, zeros for
 * the samples before the last if it sees that one alone. */
static TacetValue *
fit_residual (const TacetDenoiserSpec *spec, int k, TacetValue *c, const TacetValue *f)
{
  TacetShape s = c->shape;
  if (spec->nets[k]->config.global_pool)
    {
      TacetValue *sum = tacet_sum_to (c, tacet_shape (s.d[0], 1, 1, s.d[3]));
      c = tacet_broadcast (tacet_scale (sum, 1.0f / (float) (s.d[1] * s.d[2])), s);
    }
  return s.d[0] < f->shape.d[0] ? tacet_pad (c, 0, f->shape.d[0] - 1, f->shape.d[0]) : c;
}

/* One ControlNet on the whole batch or its last sample; all samples have one map. latents {batch,h,w,l} */
static void
build_control (TacetDenoiser *self, const TacetDenoiserSpec *spec, int k, TacetValue *latents,
               const TacetRegions *regions, TacetFeatures *residuals)
{
  TacetControlnet *net = spec->nets[k];
  int factor = _tacet_pipeline_vae_factor (spec->pipeline), last = spec->batch - 1;
  gboolean alone = spec->conditional_only[k] && last > 0;
  TacetValue *in[] = { latents, self->timestep, self->context };
  for (int i = 0; i < 3 && alone; i++)
    in[i] = tacet_slice (in[i], 0, last, 1);
  self->hints[k] = tacet_input_lasting (self->graph, "hint", TACET_F32,
                                        tacet_shape (1, (gint64) spec->height * factor, (gint64) spec->width * factor,
                                                     net->config.conditioning_channels));
  tacet_controlnet (self->graph, &net->config, net->weights, in[0], in[1], in[2], regions, self->hints[k], residuals);
  tacet_inject_set_first (self->inject, k, alone ? last : 0);
}

static void
build_controls (TacetDenoiser *self, const TacetDenoiserSpec *spec, TacetValue *latents, const TacetRegions *regions,
                TacetFeatures *features, const char **blame)
{
  g_autofree TacetFeatures *residuals = g_new0 (TacetFeatures, spec->n_controls);
  for (int k = 0; k < spec->n_controls && tacet_graph_error (self->graph) == NULL; k++)
    {
      *blame = spec->nets[k]->folder;
      build_control (self, spec, k, latents, regions, &residuals[k]);
      if (residuals[k].n != features->n)
        tacet_graph_set_error (self->graph, "the ControlNet in %s has %d residuals, the U-Net %d features",
                               spec->nets[k]->folder, residuals[k].n, features->n);
      for (int i = 0; i < residuals[k].n && tacet_graph_error (self->graph) == NULL; i++)
        residuals[k].r[i] = fit_residual (spec, k, residuals[k].r[i], features->r[i]);
    }
  if (tacet_graph_error (self->graph) != NULL)
    return;
  *blame = spec->pipeline->folder;
  inject_controls (self, spec, features, residuals);
}

/* What the U-Net sees: the latents, and for an inpainting U-Net beside them mask and masked picture. */
static TacetValue *
build_sample (TacetDenoiser *self, const TacetDenoiserSpec *spec)
{
  int latent = spec->pipeline->vae.latent_channels, more = spec->pipeline->unet.in_channels - latent;
  self->sample =
      tacet_input (self->graph, "sample", TACET_F32, tacet_shape (spec->batch, spec->height, spec->width, latent));
  if (more == 0)
    return self->sample;
  self->masking =
      tacet_input_lasting (self->graph, "masking", TACET_F32, tacet_shape (1, spec->height, spec->width, more));
  TacetValue *all[] = { self->sample,
                        tacet_broadcast (self->masking, tacet_shape (spec->batch, spec->height, spec->width, more)) };
  return tacet_concat (all, 2, 3);
}

/* Encoded control maps, keys and values of the text stay from step to step while there is memory for it. */
static TacetPlan *
plan_keeping (TacetDenoiser *self, TacetBackend *backend, GError **error)
{
  GError *cause = NULL;
  TacetPlan *plan = tacet_plan_new (self->graph, &self->out, 1, backend,
                                    TACET_PLAN_CONSTANT_WEIGHTS | TACET_PLAN_KEEP_LASTING, &cause);
  if (plan == NULL && g_error_matches (cause, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY))
    {
      g_clear_error (&cause);
      plan = tacet_plan_new (self->graph, &self->out, 1, backend, TACET_PLAN_CONSTANT_WEIGHTS, &cause);
    }
  if (cause != NULL)
    g_propagate_error (error, cause);
  return plan;
}

TacetDenoiser *
_tacet_denoiser_new (const TacetDenoiserSpec *spec, TacetBackend *backend, const char **blame, GError **error)
{
  TacetPipeline *pipeline = spec->pipeline;
  TacetFeatures features = { 0 };
  TacetRegions several = { .n = spec->n_texts, .shares = share_input }, *regions = spec->n_texts > 1 ? &several : NULL;
  int n_tokens = 0;
  TacetDenoiser *self = g_new0 (TacetDenoiser, 1);
  *blame = pipeline->folder;
  self->graph = tacet_graph_new ();
  self->masks = g_array_new (FALSE, FALSE, sizeof (TacetMaskInput));
  self->shares = g_array_new (FALSE, FALSE, sizeof (TacetValue *));
  self->batch = spec->batch;
  self->n_texts = spec->n_texts;
  self->n_controls = spec->n_controls;
  self->inject = spec->n_controls > 0 ? tacet_inject_new (spec->n_controls, spec->batch) : NULL;

  several.data = self;
  for (int i = 0; i < spec->n_texts; i++)
    n_tokens += several.n_tokens[i] = spec->n_tokens[i];
  TacetValue *sample = build_sample (self, spec);
  self->timestep = tacet_input (self->graph, "timestep", TACET_F32, tacet_shape (spec->batch, 1, 1, 1));
  self->context = tacet_input_lasting (self->graph, "context", TACET_F32,
                                       tacet_shape (spec->batch, 1, n_tokens, pipeline->unet.cross_attention_dim));
  tacet_unet_encoder (self->graph, &pipeline->unet, pipeline->unet_weights, sample, self->timestep, self->context,
                      regions, &features);
  if (spec->n_controls > 0 && tacet_graph_error (self->graph) == NULL)
    build_controls (self, spec, self->sample, regions, &features, blame);
  if (tacet_graph_error (self->graph) == NULL)
    self->out =
        tacet_unet_decoder (self->graph, &pipeline->unet, pipeline->unet_weights, self->context, regions, &features);
  else
    self->out = self->sample; /* tacet_plan_new () reports the graph's error */
  self->plan = plan_keeping (self, backend, error);
  if (self->plan != NULL)
    return self;
  _tacet_denoiser_free (self);
  return NULL;
}

void
_tacet_denoiser_free (TacetDenoiser *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->plan, tacet_plan_free);
  g_clear_pointer (&self->graph, tacet_graph_free);
  g_clear_pointer (&self->inject, tacet_inject_free);
  g_clear_pointer (&self->masks, g_array_unref);
  g_clear_pointer (&self->shares, g_array_unref);
  g_free (self);
}

double
_tacet_plan_flops (TacetPlan *plan)
{
  double flops = 0;
  for (guint i = tacet_plan_n_kept (plan); i < tacet_plan_n_steps (plan); i++)
    flops += tacet_step_flops (tacet_plan_step (plan, i));
  return flops;
}
