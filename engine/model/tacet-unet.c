/* tacet-unet.c: the U-Net, encoder and decoder.
 *
 * Room: engine/model.  Reference: diffusers UNet2DConditionModel.
 */
#include "config.h"

#include "tacet-layers.h"
#include <glib/gi18n-lib.h>

TacetNet
tacet_unet_net (TacetGraph *g, const TacetUnetConfig *config, TacetWeights *weights)
{
  return (TacetNet){ .g = g,
                     .weights = weights,
                     .groups = config->norm_num_groups,
                     .eps = config->norm_eps,
                     .linear_projection = config->use_linear_projection,
                     .init = TACET_INIT_LINEAR,
                     .gain = 1.0f };
}

int
tacet_unet_n_features (const TacetUnetConfig *config)
{
  return 1 + config->n_levels * config->layers_per_block + config->n_levels - 1 + 1;
}

static void
push (const TacetNet *net, TacetFeatures *features, TacetValue *x)
{
  if (features->n < TACET_MAX_FEATURES)
    features->r[features->n++] = x;
  else
    tacet_graph_set_error (net->g, _ ("The model has more than %d features"), TACET_MAX_FEATURES);
}

/* x {n,h,w,c} -> {n,h,w,c_l}: one residual block, and attention if the level has it */
static TacetValue *
layer (const TacetNet *net, const char *block, int j, TacetValue *x, TacetValue *time, TacetValue *context, int out,
       int heads)
{
  char part[TACET_NAME_SIZE];
  x = tacet_net_resnet (net, tacet_layer_name (part, "%s.resnets.%d", block, j), x, time, out);
  if (heads > 0)
    x = tacet_net_transformer (net, tacet_layer_name (part, "%s.attentions.%d", block, j), x, context, heads);
  return x;
}

void
tacet_unet_trunk (const TacetNet *net, const TacetUnetConfig *config, TacetValue *first, TacetValue *time,
                  TacetValue *context, TacetFeatures *features)
{
  char block[TACET_NAME_SIZE], part[TACET_NAME_SIZE];
  TacetValue *x = first;
  features->n = 0;
  push (net, features, x);
  for (int l = 0; l < config->n_levels; l++)
    {
      int heads = config->down_attention[l] ? config->n_heads[l] : 0;
      tacet_layer_name (block, "down_blocks.%d", l);
      for (int j = 0; j < config->layers_per_block; j++)
        {
          x = layer (net, block, j, x, time, context, config->block_out_channels[l], heads);
          push (net, features, x);
        }
      if (l + 1 < config->n_levels)
        {
          tacet_layer_name (part, "%s.downsamplers.0.conv", block);
          x = tacet_net_conv3 (net, part, x, config->block_out_channels[l], tacet_same_conv (2));
          push (net, features, x);
        }
    }
  int last = config->n_levels - 1;
  x = layer (net, "mid_block", 0, x, time, context, config->block_out_channels[last], config->n_heads[last]);
  x = layer (net, "mid_block", 1, x, time, context, config->block_out_channels[last], 0);
  push (net, features, x);
}

void
tacet_unet_encoder (TacetGraph *g, const TacetUnetConfig *config, TacetWeights *weights, TacetValue *sample,
                    TacetValue *timestep, TacetValue *context, const TacetRegions *regions, TacetFeatures *features)
{
  TacetNet net = tacet_unet_net (g, config, weights);
  net.regions = regions;
  int c = config->block_out_channels[0];
  tacet_net_expect (g, sample, config->in_channels, _ ("Latent picture"));
  tacet_net_expect (g, context, config->cross_attention_dim, _ ("Encoded text"));
  features->time = tacet_net_time (&net, timestep, c, config->flip_sin_to_cos, config->freq_shift);
  TacetValue *first = tacet_net_conv3 (&net, "conv_in", sample, c, tacet_same_conv (1));
  tacet_unet_trunk (&net, config, first, tacet_fn (features->time, TACET_FN_SILU), context, features);
}

TacetValue *
tacet_unet_decoder (TacetGraph *g, const TacetUnetConfig *config, TacetWeights *weights, TacetValue *context,
                    const TacetRegions *regions, const TacetFeatures *features)
{
  TacetNet net = tacet_unet_net (g, config, weights);
  net.regions = regions;
  char block[TACET_NAME_SIZE], part[TACET_NAME_SIZE];
  if (features->n != tacet_unet_n_features (config))
    {
      tacet_graph_set_error (g, _ ("The decoder was given %d features instead of %d"), features->n,
                             tacet_unet_n_features (config));
      return tacet_full (g, tacet_shape (1, 1, 1, 1), 0.0f);
    }
  TacetValue *time = tacet_fn (features->time, TACET_FN_SILU), *x = features->r[features->n - 1];
  int next = features->n - 2; /* the skip that comes next */
  for (int i = 0; i < config->n_levels; i++)
    {
      int l = config->n_levels - 1 - i;
      int heads = config->up_attention[i] ? config->n_heads[l] : 0;
      tacet_layer_name (block, "up_blocks.%d", i);
      for (int j = 0; j <= config->layers_per_block; j++)
        {
          TacetValue *both[] = { x, features->r[next--] };
          x = tacet_concat (both, 2, 3);
          x = layer (&net, block, j, x, time, context, config->block_out_channels[l], heads);
        }
      if (next >= 0)
        x = tacet_net_upsampler (&net, tacet_layer_name (part, "%s.upsamplers.0", block), x, features->r[next]);
    }
  x = tacet_net_group_norm (&net, "conv_norm_out", x, net.eps, TRUE);
  return tacet_net_conv3 (&net, "conv_out", x, config->out_channels, tacet_same_conv (1));
}
