/* tacet-controlnet.c: the ControlNet.
 *
 * Room: engine/model.  Reference: diffusers ControlNetModel.
 */
#include "config.h"

#include "tacet-layers.h"
#include <glib/gi18n-lib.h>

/* Kaiming's factor for rectifiers, times 1.25: SiLU lets less through. */
#define HINT_GAIN (1.25f * 1.41421356f)

/* hint {n,f h,f w,3} -> {n,h,w,c0}, f = 2^(n_hint - 1)
 *
 * Made from scratch it starts at unit variance and its last convolution at a quarter of that, not at
 * zero: with torch's default each layer shrinks the signal, and the net learns nothing for thousands
 * of samples. */
static TacetValue *
hint_encoder (const TacetNet *shared, const TacetControlnetConfig *config, TacetValue *hint)
{
  char part[TACET_NAME_SIZE];
  TacetNet net = *shared;
  net.init = TACET_INIT_KAIMING;
  net.gain = HINT_GAIN;
  TacetValue *x =
      tacet_net_conv3 (&net, "controlnet_cond_embedding.conv_in", hint, config->hint_channels[0], tacet_same_conv (1));
  for (int i = 0; i + 1 < config->n_hint; i++)
    for (int k = 0; k < 2; k++)
      {
        tacet_layer_name (part, "controlnet_cond_embedding.blocks.%d", 2 * i + k);
        x = tacet_net_conv3 (&net, part, tacet_fn (x, TACET_FN_SILU), config->hint_channels[i + k],
                             tacet_same_conv (1 + k));
      }
  net.gain = 0.25f * HINT_GAIN;
  return tacet_net_conv3 (&net, "controlnet_cond_embedding.conv_out", tacet_fn (x, TACET_FN_SILU),
                          config->unet.block_out_channels[0], tacet_same_conv (1));
}

void
tacet_controlnet (TacetGraph *g, const TacetControlnetConfig *config, TacetWeights *weights, TacetValue *sample,
                  TacetValue *timestep, TacetValue *context, const TacetRegions *regions, TacetValue *hint,
                  TacetFeatures *features)
{
  TacetNet net = tacet_unet_net (g, &config->unet, weights);
  net.regions = regions;
  char part[TACET_NAME_SIZE];
  int c = config->unet.block_out_channels[0];
  tacet_net_expect (g, sample, config->unet.in_channels, _ ("Latent picture"));
  tacet_net_expect (g, context, config->unet.cross_attention_dim, _ ("Encoded text"));
  tacet_net_expect (g, hint, config->conditioning_channels, _ ("Control map"));
  TacetValue *time = tacet_net_time (&net, timestep, c, config->unet.flip_sin_to_cos, config->unet.freq_shift);
  TacetValue *first = tacet_net_conv3 (&net, "conv_in", sample, c, tacet_same_conv (1));
  TacetValue *guide = hint_encoder (&net, config, hint);
  TacetShape fits = first->shape;
  fits.d[0] = guide->shape.d[0] == 1 ? 1 : fits.d[0];
  if (!tacet_graph_error (g) && !tacet_shape_equal (fits, guide->shape))
    tacet_graph_set_error (g, _ ("The control map must be %d times as large as the latent picture"),
                           1 << (config->n_hint - 1));
  tacet_unet_trunk (&net, &config->unet, tacet_add (first, guide), tacet_fn (time, TACET_FN_SILU), context, features);
  features->time = NULL;
  net.init = TACET_INIT_ZERO;
  for (int i = 0; i < features->n; i++)
    {
      if (i + 1 < features->n)
        tacet_layer_name (part, "controlnet_down_blocks.%d", i);
      else
        tacet_layer_name (part, "controlnet_mid_block");
      features->r[i] = tacet_net_conv1 (&net, part, features->r[i], (int) features->r[i]->shape.d[3]);
    }
}
