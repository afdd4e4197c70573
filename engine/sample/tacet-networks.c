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
_tacet_network_text (TacetPipeline *pipeline, TacetBackend *backend, GError **error)
{
  TacetNetwork *self = g_new0 (TacetNetwork, 1);
  self->graph = tacet_graph_new ();
  self->in = tacet_input (self->graph, "ids", TACET_I32, tacet_shape (1, 1, pipeline->text.max_positions, 1));
  self->out = tacet_text_encoder (self->graph, &pipeline->text, pipeline->text_weights, self->in);
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
  TacetMaskInput mask = { control, tacet_input (self->graph, "mask", TACET_F32,
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

static void
build_controls (TacetDenoiser *self, const TacetDenoiserSpec *spec, TacetFeatures *features, const char **blame)
{
  int factor = _tacet_pipeline_vae_factor (spec->pipeline);
  g_autofree TacetFeatures *residuals = g_new0 (TacetFeatures, spec->n_controls);
  for (int k = 0; k < spec->n_controls && tacet_graph_error (self->graph) == NULL; k++)
    {
      TacetControlnet *net = spec->nets[k];
      *blame = net->folder;
      self->hints[k] = tacet_input (self->graph, "hint", TACET_F32,
                                    tacet_shape (spec->batch, (gint64) spec->height * factor,
                                                 (gint64) spec->width * factor, net->config.conditioning_channels));
      tacet_controlnet (self->graph, &net->config, net->weights, self->sample, self->timestep, self->context,
                        self->hints[k], &residuals[k]);
      if (residuals[k].n != features->n)
        tacet_graph_set_error (self->graph, "the ControlNet in %s has %d residuals, the U-Net %d features", net->folder,
                               residuals[k].n, features->n);
    }
  if (tacet_graph_error (self->graph) != NULL)
    return;
  *blame = spec->pipeline->folder;
  inject_controls (self, spec, features, residuals);
}

TacetDenoiser *
_tacet_denoiser_new (const TacetDenoiserSpec *spec, TacetBackend *backend, const char **blame, GError **error)
{
  TacetPipeline *pipeline = spec->pipeline;
  TacetFeatures features = { 0 };
  TacetDenoiser *self = g_new0 (TacetDenoiser, 1);
  *blame = pipeline->folder;
  self->graph = tacet_graph_new ();
  self->masks = g_array_new (FALSE, FALSE, sizeof (TacetMaskInput));
  self->batch = spec->batch;
  self->n_controls = spec->n_controls;
  self->inject = spec->n_controls > 0 ? tacet_inject_new (spec->n_controls, spec->batch) : NULL;

  self->sample = tacet_input (self->graph, "sample", TACET_F32,
                              tacet_shape (spec->batch, spec->height, spec->width, pipeline->unet.in_channels));
  self->timestep = tacet_input (self->graph, "timestep", TACET_F32, tacet_shape (spec->batch, 1, 1, 1));
  self->context =
      tacet_input (self->graph, "context", TACET_F32,
                   tacet_shape (spec->batch, 1, pipeline->text.max_positions, pipeline->unet.cross_attention_dim));
  tacet_unet_encoder (self->graph, &pipeline->unet, pipeline->unet_weights, self->sample, self->timestep, self->context,
                      &features);
  if (spec->n_controls > 0 && tacet_graph_error (self->graph) == NULL)
    build_controls (self, spec, &features, blame);
  if (tacet_graph_error (self->graph) == NULL)
    self->out = tacet_unet_decoder (self->graph, &pipeline->unet, pipeline->unet_weights, self->context, &features);
  else
    self->out = self->sample; /* tacet_plan_new () reports the graph's error */
  self->plan = tacet_plan_new (self->graph, &self->out, 1, backend, TACET_PLAN_CONSTANT_WEIGHTS, error);
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
  g_free (self);
}

double
_tacet_plan_flops (TacetPlan *plan)
{
  double flops = 0;
  for (guint i = 0; i < tacet_plan_n_steps (plan); i++)
    flops += tacet_step_flops (tacet_plan_step (plan, i));
  return flops;
}
