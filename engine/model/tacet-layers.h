/* tacet-layers.h: the layers that the networks share.
 *
 * Room: engine/model, for its own files.  Each function appends values to the net's graph and asks the
 * net's store for `name`.weight and `name`.bias (diffusers' names).  Errors go into the graph.
 * Reference: diffusers ResnetBlock2D, Transformer2DModel, BasicTransformerBlock, Timesteps.
 */
#pragma once

#include "tacet-names.h"

G_BEGIN_DECLS

typedef struct
{
  TacetGraph *g;
  TacetWeights *weights;
  const TacetTileNorm *tile_norm; /* in place of GroupNorm, or NULL */
  const TacetRegions *regions;    /* of the context, or NULL */
  int groups;                     /* of GroupNorm */
  float eps;                      /* of GroupNorm in residual blocks and before the last convolution */
  gboolean linear_projection;
  TacetInit init; /* of new weights of convolutions and linear layers; biases are then zero, */
  float gain;     /* except for TACET_INIT_LINEAR, torch's default */
} TacetNet;

/* `name` by printf into a buffer of TACET_NAME_SIZE. */
const char *tacet_layer_name (char *buffer, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Records an error unless x has `channels` channels. what: its name, translated. */
void tacet_net_expect (TacetGraph *g, const TacetValue *x, int channels, const char *what);

static inline TacetConv
tacet_same_conv (int stride)
{
  return (TacetConv){ .stride = stride, .top = 1, .left = 1, .bottom = 1, .right = 1 };
}

/* x {n,h,w,i}, 3x3 weights [o,i,3,3] -> {n,h',w',o} */
TacetValue *tacet_net_conv3 (const TacetNet *net, const char *name, TacetValue *x, int out, TacetConv conv);
/* x {n,h,w,i}, weights [o,i,1,1] -> {n,h,w,o} */
TacetValue *tacet_net_conv1 (const TacetNet *net, const char *name, TacetValue *x, int out);
/* x {n,h,w,i}, weights [o,i] -> {n,h,w,o} */
TacetValue *tacet_net_linear (const TacetNet *net, const char *name, TacetValue *x, int out, gboolean bias);
/* SiLU (GroupNorm (x)) or GroupNorm (x), like x */
TacetValue *tacet_net_group_norm (const TacetNet *net, const char *name, TacetValue *x, float eps, gboolean silu);
/* over c, like x; eps 1e-5 in the U-Net */
TacetValue *tacet_net_layer_norm (const TacetNet *net, const char *name, TacetValue *x, float eps);
/* x {n,h,w,i}, time {n,1,1,t} after SiLU or NULL -> {n,h,w,o} */
TacetValue *tacet_net_resnet (const TacetNet *net, const char *name, TacetValue *x, TacetValue *time, int out);
/* x {n,h,w,c}, context {n,1,T,cross} -> like x */
TacetValue *tacet_net_transformer (const TacetNet *net, const char *name, TacetValue *x, TacetValue *context,
                                   int heads);
/* x {n,h,w,c} -> {n,2h,2w,c}, cut to `like`'s height and width if that is smaller, then 3x3 */
TacetValue *tacet_net_upsampler (const TacetNet *net, const char *name, TacetValue *x, const TacetValue *like);
/* timestep {n,1,1,1} -> {n,1,1,4 c}, before the blocks' SiLU */
TacetValue *tacet_net_time (const TacetNet *net, TacetValue *timestep, int c, gboolean flip_sin_to_cos, int freq_shift);

/* The middle and everything before it. first {n,h,w,c0}: conv_in's result; time after SiLU */
void tacet_unet_trunk (const TacetNet *net, const TacetUnetConfig *config, TacetValue *first, TacetValue *time,
                       TacetValue *context, TacetFeatures *features);
TacetNet tacet_unet_net (TacetGraph *g, const TacetUnetConfig *config, TacetWeights *weights);

G_END_DECLS
