/* tacet-models.h: the networks as functions that append values to a graph.
 *
 * Room: engine/model.  Configurations are diffusers' config.json; names and shapes of weights are
 * diffusers' too.  The controlled U-Net is split where the paper splits it: encoder E, ControlNet C,
 * decoder D, so that eps = D(E(x) + C(x, c)) (arXiv 2506.01672, equations 3 to 5; reference:
 * diffusers UNet2DConditionModel, ControlNetModel, AutoencoderKL, transformers CLIPTextModel).
 */
#pragma once

#include "engine/weights/tacet-weights.h"

G_BEGIN_DECLS

#define TACET_MAX_LEVELS   8
#define TACET_MAX_FEATURES 64

typedef struct
{
  int in_channels, out_channels;
  int n_levels;
  int block_out_channels[TACET_MAX_LEVELS];
  gboolean down_attention[TACET_MAX_LEVELS]; /* CrossAttnDownBlock2D */
  gboolean up_attention[TACET_MAX_LEVELS];   /* CrossAttnUpBlock2D, in up_blocks order */
  int layers_per_block;
  int cross_attention_dim;
  int n_heads[TACET_MAX_LEVELS]; /* attention_head_dim of SD 1.x means the number of heads */
  int norm_num_groups;
  float norm_eps;
  gboolean flip_sin_to_cos;
  int freq_shift;
  gboolean use_linear_projection;
  gboolean v_prediction; /* from the scheduler */
  int sample_size;       /* 0: not given */
} TacetUnetConfig;

typedef struct
{
  TacetUnetConfig unet; /* the encoder's half */
  int conditioning_channels;
  int n_hint;
  int hint_channels[TACET_MAX_LEVELS]; /* conditioning_embedding_out_channels */
  gboolean global_pool;                /* residuals count as their means over the map, on the conditional side only
                                          (v1.1 shuffle); applied where they are injected */
} TacetControlnetConfig;

typedef struct
{
  int in_channels, out_channels, latent_channels;
  int n_levels;
  int block_out_channels[TACET_MAX_LEVELS];
  int layers_per_block;
  int norm_num_groups;
  gboolean mid_attention; /* mid_block_add_attention, true by default */
  float scaling_factor;
} TacetVaeConfig;

typedef struct
{
  int vocab_size, hidden_size, intermediate_size;
  int n_layers, n_heads, max_positions;
  int eos_token_id; /* where the pooled output is read; 2: at the largest token (configurations of old) */
  float eps;
  TacetFn activation; /* quick_gelu, gelu */
} TacetTextConfig;

/* The tiny autoencoder, diffusers' AutoencoderTiny. */
typedef struct
{
  int channels, latent_channels;                                          /* of pictures, of latents */
  int width;                                                              /* of every layer between */
  int n_levels;                                                           /* factor 2^(n_levels - 1) */
  int encoder_blocks[TACET_MAX_LEVELS], decoder_blocks[TACET_MAX_LEVELS]; /* in the order of each half */
} TacetTaesdConfig;

/* Everything that would change what the network computes is checked; what Tacet cannot do is refused
 * with the field's name.  Fields that are missing have diffusers' and transformers' defaults.
 * v_prediction is left FALSE. */
gboolean tacet_unet_config_load (TacetUnetConfig *config, const char *path, GError **error);
gboolean tacet_controlnet_config_load (TacetControlnetConfig *config, const char *path, GError **error);
gboolean tacet_vae_config_load (TacetVaeConfig *config, const char *path, GError **error);
gboolean tacet_text_config_load (TacetTextConfig *config, const char *path, GError **error);
gboolean tacet_taesd_config_load (TacetTaesdConfig *config, const char *path, GError **error);
/* Written as diffusers and transformers would read them. */
gboolean tacet_unet_config_save (const TacetUnetConfig *config, const char *path, GError **error);
gboolean tacet_controlnet_config_save (const TacetControlnetConfig *config, const char *path, GError **error);
gboolean tacet_vae_config_save (const TacetVaeConfig *config, const char *path, GError **error);
gboolean tacet_text_config_save (const TacetTextConfig *config, const char *path, GError **error);

/* Skip features in the encoder's order, then the middle: r_0 .. r_{n-1}; 13 for SD 1.5. */
typedef struct
{
  int n;
  TacetValue *r[TACET_MAX_FEATURES];
  TacetValue *time; /* {n,1,1,4 c0}: the time embedding, needed by the decoder */
} TacetFeatures;

int tacet_unet_n_features (const TacetUnetConfig *config);

/* Words for parts of the picture: the context is one text after the other, and at every pixel each cross-attention is
 * sum_r share_r attention (q, k_r, v_r), r over the texts (docs/method.md 4.7). */
#define TACET_MAX_TEXTS 32
typedef struct
{
  int n;                         /* texts */
  int n_tokens[TACET_MAX_TEXTS]; /* of each; they add up to the context's T */
  /* -> {n,h,w,1}: at every pixel of a feature of this size the shares of the texts, which add up to 1 */
  TacetValue *(*shares) (gpointer data, int height, int width);
  gpointer data;
} TacetRegions;

/* sample {n,h,w,in}, timestep {n,1,1,1} f32, context {n,1,T,cross}; regions of the context, or NULL: all pixels attend
 * to all of it */
void tacet_unet_encoder (TacetGraph *g, const TacetUnetConfig *config, TacetWeights *weights, TacetValue *sample,
                         TacetValue *timestep, TacetValue *context, const TacetRegions *regions,
                         TacetFeatures *features);
/* -> {n,h,w,out}: epsilon or v */
TacetValue *tacet_unet_decoder (TacetGraph *g, const TacetUnetConfig *config, TacetWeights *weights,
                                TacetValue *context, const TacetRegions *regions, const TacetFeatures *features);
/* hint {n,8h,8w,3}, or of 1 for all, in [0,1] (the factor follows from hint_channels); residuals in `features`, time
 * unused */
void tacet_controlnet (TacetGraph *g, const TacetControlnetConfig *config, TacetWeights *weights, TacetValue *sample,
                       TacetValue *timestep, TacetValue *context, const TacetRegions *regions, TacetValue *hint,
                       TacetFeatures *features);
/* picture {n,H,W,3} in [-1,1] -> mean and logvar {n,h,w,latent}, logvar clamped to [-30,20] */
void tacet_vae_encoder (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights, TacetValue *picture,
                        TacetValue **mean, TacetValue **logvar);
/* latent {n,h,w,latent}, already divided by the scaling factor -> {n,H,W,3} */
TacetValue *tacet_vae_decoder (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights, TacetValue *latent);
/* The same halves cut in two, for large pictures in tiles: of the encoder the start, of the decoder the finish is
 * local but for GroupNorm, whose statistics belong to the whole picture; norm stands in for it (NULL: GroupNorm).
 * Between them lies a map of 1/4 of the picture's sides, or more where the model has few levels:
 * tacet_vae_tile_factor ().  Zeros stand around every part as around the whole, so a tile needs neighbours to
 * TACET_VAE_HALO times the factor pixels. */
typedef struct
{
  TacetValue *(*norm) (gpointer data, TacetValue *x, TacetValue *gamma, TacetValue *beta, int groups, float eps);
  gpointer data;
} TacetTileNorm;
#define TACET_VAE_HALO 6
int tacet_vae_tile_factor (const TacetVaeConfig *config);
TacetValue *tacet_vae_encoder_start (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights,
                                     TacetValue *picture, const TacetTileNorm *norm);
void tacet_vae_encoder_finish (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights, TacetValue *x,
                               TacetValue **mean, TacetValue **logvar);
TacetValue *tacet_vae_decoder_start (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights,
                                     TacetValue *latent);
TacetValue *tacet_vae_decoder_finish (TacetGraph *g, const TacetVaeConfig *config, TacetWeights *weights, TacetValue *x,
                                      const TacetTileNorm *norm);
/* latent {n,h,w,latent} as the U-Net has it (not divided by the VAE's scaling factor) -> picture {n,H,W,3} in
 * [0,1], rarely a little outside */
TacetValue *tacet_taesd_decoder (TacetGraph *g, const TacetTaesdConfig *config, TacetWeights *weights,
                                 TacetValue *latent);
/* picture {n,H,W,3} in [0,1] -> latent {n,h,w,latent} as the U-Net has it */
TacetValue *tacet_taesd_encoder (TacetGraph *g, const TacetTaesdConfig *config, TacetWeights *weights,
                                 TacetValue *picture);
/* ids {n,1,T,1} i32 -> last hidden state {n,1,T,hidden} after the final layer norm */
TacetValue *tacet_text_encoder (TacetGraph *g, const TacetTextConfig *config, TacetWeights *weights, TacetValue *ids);

G_END_DECLS
