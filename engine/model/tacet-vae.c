/* tacet-vae.c: the autoencoder's two halves.
 *
 * Room: engine/model.  Reference: diffusers AutoencoderKL; GroupNorm eps is 1e-6 throughout.
 */
#include "config.h"

#include "tacet-layers.h"
#include <glib/gi18n-lib.h>
#include <math.h>

static TacetNet
vae_net (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights)
{
  return (TacetNet){
    .g = g, .weights = weights, .groups = config->norm_num_groups, .eps = 1e-6f, .init = TACET_INIT_LINEAR, .gain = 1.0f
  };
}

/* One head over all positions. x {n,h,w,c} -> like x */
static TacetValue *
attention (const TacetNet *net, const char *name, TacetValue *x)
{
  char part[TACET_NAME_SIZE];
  TacetShape s = x->shape;
  int c = (int) s.d[3];
  TacetValue *h = tacet_net_group_norm (net, tacet_layer_name (part, "%s.group_norm", name), x, net->eps, FALSE);
  h = tacet_reshape (h, tacet_shape (s.d[0], 1, s.d[1] * s.d[2], s.d[3]));
  TacetValue *q = tacet_net_linear (net, tacet_layer_name (part, "%s.to_q", name), h, c, TRUE);
  TacetValue *k = tacet_net_linear (net, tacet_layer_name (part, "%s.to_k", name), h, c, TRUE);
  TacetValue *v = tacet_net_linear (net, tacet_layer_name (part, "%s.to_v", name), h, c, TRUE);
  h = tacet_attention (q, k, v, 1, false, 1.0f / sqrtf ((float) s.d[3]));
  h = tacet_net_linear (net, tacet_layer_name (part, "%s.to_out.0", name), h, c, TRUE);
  return tacet_add (x, tacet_reshape (h, s));
}

/* x {n,h,w,c} -> like x */
static TacetValue *
middle (const TacetNet *net, const TacetVaeConfig *config, const char *half, TacetValue *x)
{
  char part[TACET_NAME_SIZE];
  int c = (int) x->shape.d[3];
  x = tacet_net_resnet (net, tacet_layer_name (part, "%s.mid_block.resnets.0", half), x, NULL, c);
  if (config->mid_attention)
    x = attention (net, tacet_layer_name (part, "%s.mid_block.attentions.0", half), x);
  return tacet_net_resnet (net, tacet_layer_name (part, "%s.mid_block.resnets.1", half), x, NULL, c);
}

/* Levels at the picture's end that are worked in tiles. */
static int
tiled_levels (const TacetVaeConfig *config)
{
  return MIN (2, config->n_levels - 1);
}

int
tacet_vae_tile_factor (const TacetVaeConfig *config)
{
  return 1 << tiled_levels (config);
}

static TacetValue *
down_level (const TacetNet *net, const TacetVaeConfig *config, int l, TacetValue *x)
{
  TacetConv down = { .stride = 2, .bottom = 1, .right = 1 };
  char part[TACET_NAME_SIZE];
  int c = config->block_out_channels[l];
  for (int j = 0; j < config->layers_per_block; j++)
    x = tacet_net_resnet (net, tacet_layer_name (part, "encoder.down_blocks.%d.resnets.%d", l, j), x, NULL, c);
  if (l + 1 < config->n_levels)
    x = tacet_net_conv3 (net, tacet_layer_name (part, "encoder.down_blocks.%d.downsamplers.0.conv", l), x, c, down);
  return x;
}

TacetValue *
tacet_vae_encoder_start (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights, TacetValue *picture,
                         const TacetTileNorm *norm)
{
  TacetNet net = vae_net (g, config, weights);
  net.tile_norm = norm;
  tacet_net_expect (g, picture, config->in_channels, _ ("Picture"));
  TacetValue *x =
      tacet_net_conv3 (&net, "encoder.conv_in", picture, config->block_out_channels[0], tacet_same_conv (1));
  for (int l = 0; l < tiled_levels (config); l++)
    x = down_level (&net, config, l, x);
  return x;
}

void
tacet_vae_encoder_finish (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights, TacetValue *x,
                          TacetValue **mean, TacetValue **logvar)
{
  TacetNet net = vae_net (g, config, weights);
  for (int l = tiled_levels (config); l < config->n_levels; l++)
    x = down_level (&net, config, l, x);
  x = middle (&net, config, "encoder", x);
  x = tacet_net_group_norm (&net, "encoder.conv_norm_out", x, net.eps, TRUE);
  x = tacet_net_conv3 (&net, "encoder.conv_out", x, 2 * config->latent_channels, tacet_same_conv (1));
  x = tacet_net_conv1 (&net, "quant_conv", x, 2 * config->latent_channels);
  *mean = tacet_slice (x, 3, 0, config->latent_channels);
  *logvar = tacet_clamp (tacet_slice (x, 3, config->latent_channels, config->latent_channels), -30.0f, 20.0f);
}

void
tacet_vae_encoder (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights, TacetValue *picture,
                   TacetValue **mean, TacetValue **logvar)
{
  tacet_vae_encoder_finish (g, config, weights, tacet_vae_encoder_start (g, config, weights, picture, NULL), mean,
                            logvar);
}

/* The residual blocks of level i from the smallest on. */
static TacetValue *
up_level (const TacetNet *net, const TacetVaeConfig *config, int i, TacetValue *x)
{
  char part[TACET_NAME_SIZE];
  int c = config->block_out_channels[config->n_levels - 1 - i];
  for (int j = 0; j <= config->layers_per_block; j++)
    x = tacet_net_resnet (net, tacet_layer_name (part, "decoder.up_blocks.%d.resnets.%d", i, j), x, NULL, c);
  return x;
}

static TacetValue *
upsampled (const TacetNet *net, int i, TacetValue *x)
{
  char part[TACET_NAME_SIZE];
  return tacet_net_upsampler (net, tacet_layer_name (part, "decoder.up_blocks.%d.upsamplers.0", i), x, NULL);
}

TacetValue *
tacet_vae_decoder_start (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights, TacetValue *latent)
{
  TacetNet net = vae_net (g, config, weights);
  int top = config->n_levels - 1;
  tacet_net_expect (g, latent, config->latent_channels, _ ("Latent picture"));
  TacetValue *x = tacet_net_conv1 (&net, "post_quant_conv", latent, config->latent_channels);
  x = tacet_net_conv3 (&net, "decoder.conv_in", x, config->block_out_channels[top], tacet_same_conv (1));
  x = middle (&net, config, "decoder", x);
  for (int i = 0; i < config->n_levels - tiled_levels (config); i++)
    {
      if (i > 0)
        x = upsampled (&net, i - 1, x);
      x = up_level (&net, config, i, x);
    }
  return x;
}

TacetValue *
tacet_vae_decoder_finish (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights, TacetValue *x,
                          const TacetTileNorm *norm)
{
  TacetNet net = vae_net (g, config, weights);
  net.tile_norm = norm;
  for (int i = config->n_levels - tiled_levels (config); i < config->n_levels; i++)
    x = up_level (&net, config, i, upsampled (&net, i - 1, x));
  x = tacet_net_group_norm (&net, "decoder.conv_norm_out", x, net.eps, TRUE);
  return tacet_net_conv3 (&net, "decoder.conv_out", x, config->out_channels, tacet_same_conv (1));
}

TacetValue *
tacet_vae_decoder (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights, TacetValue *latent)
{
  return tacet_vae_decoder_finish (g, config, weights, tacet_vae_decoder_start (g, config, weights, latent), NULL);
}
