/* tacet-config-load.c: the configurations of diffusers and transformers.
 *
 * Room: engine/model.  Defaults are those of UNet2DConditionModel, ControlNetModel, AutoencoderKL and
 * CLIPTextConfig.
 */
#include "config.h"

#include "tacet-config-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>

/* What U-Net and ControlNet have in common. */
static const TacetConfigRule unet_rules[] = {
  { "center_input_sample", "false" },
  { "mid_block_type", "UNetMidBlock2DCrossAttn" },
  { "only_cross_attention", "false" },
  { "mid_block_only_cross_attention", "null|false" },
  { "dual_cross_attention", "false" },
  { "downsample_padding", "1" },
  { "mid_block_scale_factor", "1" },
  { "act_fn", "silu|swish" },
  { "transformer_layers_per_block", "1" },
  { "reverse_transformer_layers_per_block", "null" },
  { "encoder_hid_dim", "null" },
  { "encoder_hid_dim_type", "null" },
  { "class_embed_type", "null" },
  { "addition_embed_type", "null" },
  { "num_class_embeds", "null" },
  { "class_embeddings_concat", "false" },
  { "resnet_time_scale_shift", "default" },
  { "resnet_skip_time_act", "false" },
  { "resnet_out_scale_factor", "1" },
  { "time_embedding_type", "positional" },
  { "time_embedding_dim", "null" },
  { "time_embedding_act_fn", "null" },
  { "timestep_post_act", "null" },
  { "time_cond_proj_dim", "null" },
  { "conv_in_kernel", "3" },
  { "conv_out_kernel", "3" },
  { "attention_type", "default" },
  { "cross_attention_norm", "null" },
  { "controlnet_conditioning_channel_order", "rgb" },
};

static void
unet_defaults (TacetUnetConfig *c)
{
  static const int widths[] = { 320, 640, 1280, 1280 };
  *c = (TacetUnetConfig){ .in_channels = 4,
                          .out_channels = 4,
                          .n_levels = 4,
                          .down_attention = { TRUE, TRUE, TRUE, FALSE },
                          .up_attention = { FALSE, TRUE, TRUE, TRUE },
                          .layers_per_block = 2,
                          .cross_attention_dim = 1280,
                          .norm_num_groups = 32,
                          .norm_eps = 1e-5f,
                          .flip_sin_to_cos = TRUE };
  memcpy (c->block_out_channels, widths, sizeof widths);
}

/* One number for all levels, or one each. */
static gboolean
read_heads (JsonObject *o, TacetUnetConfig *c, GError **error)
{
  int n = 0;
  c->n_heads[0] = 8;
  /* A misnomer of old: in these networks it is the number of heads. */
  if (!tacet_config_ints (o, "num_attention_heads", TACET_MAX_LEVELS, 1, TACET_CONFIG_MAX_WIDTH, c->n_heads, &n,
                          error) ||
      (n == 0 && !tacet_config_ints (o, "attention_head_dim", TACET_MAX_LEVELS, 1, TACET_CONFIG_MAX_WIDTH, c->n_heads,
                                     &n, error)))
    return FALSE;
  if (n > 1 && n != c->n_levels)
    return tacet_config_refuse (error, _ ("The list of attention heads must have one number for each of %d levels"),
                                c->n_levels);
  for (int l = MAX (n, 1); l < c->n_levels; l++)
    c->n_heads[l] = c->n_heads[0];
  return TRUE;
}

static gboolean
check_unet (const TacetUnetConfig *c, GError **error)
{
  for (int l = 0; l < c->n_levels; l++)
    {
      gboolean attention = c->down_attention[l] || c->up_attention[c->n_levels - 1 - l] || l == c->n_levels - 1;
      if (c->block_out_channels[l] % c->norm_num_groups)
        return tacet_config_refuse (error, _ ("%d channels of level %d cannot be split into %d groups"),
                                    c->block_out_channels[l], l, c->norm_num_groups);
      if (attention && c->block_out_channels[l] % c->n_heads[l])
        return tacet_config_refuse (error, _ ("%d channels of level %d cannot be split into %d attention heads"),
                                    c->block_out_channels[l], l, c->n_heads[l]);
    }
  if (c->block_out_channels[0] / 2 - c->freq_shift < 1)
    return tacet_config_refuse (error, _ ("“freq_shift” is too large for %d channels"), c->block_out_channels[0]);
  if (tacet_unet_n_features (c) > TACET_MAX_FEATURES)
    return tacet_config_refuse (error, _ ("The model has more than %d layers"), TACET_MAX_FEATURES);
  return TRUE;
}

/* with_up: a U-Net; else the encoder's half of a ControlNet. */
static gboolean
read_unet (JsonObject *o, TacetUnetConfig *c, gboolean with_up, GError **error)
{
  int n_widths = 0, n_down = 0, n_up = 0;
  double eps = 1e-5;
  unet_defaults (c);
  const int wide = TACET_CONFIG_MAX_WIDTH;
  if (!tacet_config_check (o, unet_rules, G_N_ELEMENTS (unet_rules), error) ||
      !tacet_config_ints (o, "block_out_channels", TACET_MAX_LEVELS, 2, wide, c->block_out_channels, &n_widths,
                          error) ||
      !tacet_config_types (o, "down_block_types", "DownBlock2D", "CrossAttnDownBlock2D", c->down_attention, &n_down,
                           error) ||
      (with_up &&
       !tacet_config_types (o, "up_block_types", "UpBlock2D", "CrossAttnUpBlock2D", c->up_attention, &n_up, error)))
    return FALSE;
  c->n_levels = n_widths ? n_widths : 4;
  if ((n_down ? n_down : 4) != c->n_levels || (with_up && (n_up ? n_up : 4) != c->n_levels))
    return tacet_config_refuse (error, _ ("The lists of channels and of block types must have the same length"));
  if (!tacet_json_get_int (o, "in_channels", 1, wide, &c->in_channels, error) ||
      !tacet_json_get_int (o, "out_channels", 1, wide, &c->out_channels, error) ||
      !tacet_config_same_int (o, "layers_per_block", 1, TACET_MAX_FEATURES, &c->layers_per_block, error) ||
      !tacet_config_same_int (o, "cross_attention_dim", 1, wide, &c->cross_attention_dim, error) ||
      !tacet_config_same_int (o, "sample_size", 1, 1 << 20, &c->sample_size, error) ||
      !tacet_json_get_int (o, "norm_num_groups", 1, wide, &c->norm_num_groups, error) ||
      !tacet_json_get_double (o, "norm_eps", 1e-12, 1.0, &eps, error) ||
      !tacet_json_get_boolean (o, "flip_sin_to_cos", &c->flip_sin_to_cos, error) ||
      !tacet_json_get_int (o, "freq_shift", 0, 1, &c->freq_shift, error) ||
      !tacet_json_get_boolean (o, "use_linear_projection", &c->use_linear_projection, error) ||
      !read_heads (o, c, error))
    return FALSE;
  c->norm_eps = (float) eps;
  return check_unet (c, error);
}

static gboolean
unet_read (JsonObject *o, gpointer config, GError **error)
{
  static const TacetConfigRule rules[] = { { "_class_name", "UNet2DConditionModel" } };
  return tacet_config_check (o, rules, G_N_ELEMENTS (rules), error) && read_unet (o, config, TRUE, error);
}

static gboolean
controlnet_read (JsonObject *o, gpointer config, GError **error)
{
  static const TacetConfigRule rules[] = { { "_class_name", "ControlNetModel" } };
  static const int widths[] = { 16, 32, 96, 256 };
  TacetControlnetConfig *c = config;
  c->conditioning_channels = 3;
  memcpy (c->hint_channels, widths, sizeof widths);
  const char *name = "conditioning_embedding_out_channels";
  if (!tacet_config_check (o, rules, G_N_ELEMENTS (rules), error) || !read_unet (o, &c->unet, FALSE, error) ||
      !tacet_config_ints (o, name, TACET_MAX_LEVELS, 1, TACET_CONFIG_MAX_WIDTH, c->hint_channels, &c->n_hint, error) ||
      !tacet_json_get_int (o, "conditioning_channels", 1, 64, &c->conditioning_channels, error) ||
      !tacet_json_get_boolean (o, "global_pool_conditions", &c->global_pool, error))
    return FALSE;
  if (c->n_hint == 0)
    c->n_hint = G_N_ELEMENTS (widths);
  return TRUE;
}

static gboolean
vae_read (JsonObject *o, gpointer config, GError **error)
{
  static const TacetConfigRule rules[] = {
    { "_class_name", "AutoencoderKL" }, { "act_fn", "silu|swish" },   { "use_quant_conv", "true" },
    { "use_post_quant_conv", "true" },  { "shift_factor", "null|0" }, { "latents_mean", "null" },
    { "latents_std", "null" },
  };
  TacetVaeConfig *c = config;
  gboolean ignored[TACET_MAX_LEVELS];
  int n_widths = 0, n_down = 0, n_up = 0;
  double factor = 0.18215;
  const int wide = TACET_CONFIG_MAX_WIDTH;
  *c = (TacetVaeConfig){ .in_channels = 3,
                         .out_channels = 3,
                         .latent_channels = 4,
                         .block_out_channels = { 64 },
                         .layers_per_block = 1,
                         .norm_num_groups = 32,
                         .mid_attention = TRUE };
  if (!tacet_config_check (o, rules, G_N_ELEMENTS (rules), error) ||
      !tacet_config_ints (o, "block_out_channels", TACET_MAX_LEVELS, 1, wide, c->block_out_channels, &n_widths,
                          error) ||
      !tacet_config_types (o, "down_block_types", "DownEncoderBlock2D", NULL, ignored, &n_down, error) ||
      !tacet_config_types (o, "up_block_types", "UpDecoderBlock2D", NULL, ignored, &n_up, error) ||
      !tacet_json_get_int (o, "in_channels", 1, wide, &c->in_channels, error) ||
      !tacet_json_get_int (o, "out_channels", 1, wide, &c->out_channels, error) ||
      !tacet_json_get_int (o, "latent_channels", 1, wide, &c->latent_channels, error) ||
      !tacet_json_get_int (o, "layers_per_block", 1, TACET_CONFIG_MAX_LAYERS, &c->layers_per_block, error) ||
      !tacet_json_get_int (o, "norm_num_groups", 1, wide, &c->norm_num_groups, error) ||
      !tacet_json_get_boolean (o, "mid_block_add_attention", &c->mid_attention, error) ||
      !tacet_json_get_double (o, "scaling_factor", 1e-6, 1e6, &factor, error))
    return FALSE;
  c->scaling_factor = (float) factor;
  c->n_levels = MAX (n_widths, 1);
  if (MAX (n_down, 1) != c->n_levels || MAX (n_up, 1) != c->n_levels)
    return tacet_config_refuse (error, _ ("The lists of channels and of block types must have the same length"));
  for (int l = 0; l < c->n_levels; l++)
    if (c->block_out_channels[l] % c->norm_num_groups)
      return tacet_config_refuse (error, _ ("%d channels of level %d cannot be split into %d groups"),
                                  c->block_out_channels[l], l, c->norm_num_groups);
  return TRUE;
}

/* A CLIPTextModel's file, or that of a whole CLIPModel with the text part inside. */
static gboolean
text_read (JsonObject *o, gpointer config, GError **error)
{
  static const TacetConfigRule rules[] = { { "model_type", "clip_text_model" }, { "hidden_act", "quick_gelu|gelu" } };
  TacetTextConfig *c = config;
  const char *act = "quick_gelu";
  double eps = 1e-5;
  const int wide = TACET_CONFIG_MAX_WIDTH;
  *c = (TacetTextConfig){ .vocab_size = 49408,
                          .hidden_size = 512,
                          .intermediate_size = 2048,
                          .n_layers = 12,
                          .n_heads = 8,
                          .max_positions = 77,
                          .eos_token_id = 49407 };
  JsonNode *inner = json_object_get_member (o, "text_config");
  if (inner && JSON_NODE_HOLDS_OBJECT (inner))
    o = json_node_get_object (inner);
  if (!tacet_config_check (o, rules, G_N_ELEMENTS (rules), error) ||
      !tacet_json_get_int (o, "vocab_size", 1, 1 << 22, &c->vocab_size, error) ||
      !tacet_json_get_int (o, "hidden_size", 1, wide, &c->hidden_size, error) ||
      !tacet_json_get_int (o, "intermediate_size", 1, 4 * wide, &c->intermediate_size, error) ||
      !tacet_json_get_int (o, "num_hidden_layers", 1, TACET_CONFIG_MAX_LAYERS, &c->n_layers, error) ||
      !tacet_json_get_int (o, "num_attention_heads", 1, wide, &c->n_heads, error) ||
      !tacet_json_get_int (o, "max_position_embeddings", 1, 1 << 16, &c->max_positions, error) ||
      !tacet_config_same_int (o, "eos_token_id", 0, 1 << 22, &c->eos_token_id, error) ||
      !tacet_json_get_double (o, "layer_norm_eps", 1e-12, 1.0, &eps, error) ||
      !tacet_json_get_string (o, "hidden_act", &act, error))
    return FALSE;
  c->eps = (float) eps;
  c->activation = strcmp (act, "gelu") == 0 ? TACET_FN_GELU : TACET_FN_QUICK_GELU;
  if (c->hidden_size % c->n_heads)
    return tacet_config_refuse (error, _ ("%d channels cannot be split into %d attention heads"), c->hidden_size,
                                c->n_heads);
  return TRUE;
}

static gboolean
taesd_read (JsonObject *o, gpointer config, GError **error)
{
  static const TacetConfigRule rules[] = {
    { "_class_name", "AutoencoderTiny" }, { "act_fn", "relu" },    { "upsampling_scaling_factor", "2" },
    { "upsample_fn", "nearest" },         { "shift_factor", "0" }, { "scaling_factor", "1" },
  };
  static const int encoder[] = { 1, 3, 3, 3 }, decoder[] = { 3, 3, 3, 1 };
  TacetTaesdConfig *c = config;
  const int wide = TACET_CONFIG_MAX_WIDTH, deep = TACET_CONFIG_MAX_LAYERS;
  int n_encoder = 0, n_decoder = 0, out = 3, decoder_width = 64;
  *c = (TacetTaesdConfig){ .channels = 3, .latent_channels = 4, .width = 64, .n_levels = G_N_ELEMENTS (encoder) };
  memcpy (c->encoder_blocks, encoder, sizeof encoder);
  memcpy (c->decoder_blocks, decoder, sizeof decoder);
  if (!tacet_config_check (o, rules, G_N_ELEMENTS (rules), error) ||
      !tacet_json_get_int (o, "in_channels", 1, wide, &c->channels, error) ||
      !tacet_json_get_int (o, "out_channels", 1, wide, &out, error) ||
      !tacet_json_get_int (o, "latent_channels", 1, wide, &c->latent_channels, error) ||
      !tacet_config_same_int (o, "encoder_block_out_channels", 1, wide, &c->width, error) ||
      !tacet_config_same_int (o, "decoder_block_out_channels", 1, wide, &decoder_width, error) ||
      !tacet_config_ints (o, "num_encoder_blocks", TACET_MAX_LEVELS, 0, deep, c->encoder_blocks, &n_encoder, error) ||
      !tacet_config_ints (o, "num_decoder_blocks", TACET_MAX_LEVELS, 0, deep, c->decoder_blocks, &n_decoder, error))
    return FALSE;
  if (n_encoder)
    c->n_levels = n_encoder;
  if ((n_decoder ? n_decoder : (int) G_N_ELEMENTS (decoder)) != c->n_levels || out != c->channels ||
      decoder_width != c->width)
    return tacet_config_refuse (error, _ ("The encoder and the decoder must have the same levels and channels"));
  return TRUE;
}

typedef gboolean (*Reader) (JsonObject *o, gpointer config, GError **error);

static gboolean
load (const char *path, Reader reader, gpointer config, GError **error)
{
  g_autoptr (JsonNode) root = tacet_json_load (path, TACET_CONFIG_MAX_BYTES, error);
  if (!root)
    return FALSE;
  if (reader (json_node_get_object (root), config, error))
    return TRUE;
  g_autofree char *name = g_filename_display_name (path);
  g_prefix_error (error, _ ("The model described by %s cannot be used: "), name);
  return FALSE;
}

gboolean
tacet_unet_config_load (TacetUnetConfig *config, const char *path, GError **error)
{
  return load (path, unet_read, config, error);
}

gboolean
tacet_controlnet_config_load (TacetControlnetConfig *config, const char *path, GError **error)
{
  memset (config, 0, sizeof *config);
  return load (path, controlnet_read, config, error);
}

gboolean
tacet_vae_config_load (TacetVaeConfig *config, const char *path, GError **error)
{
  return load (path, vae_read, config, error);
}

gboolean
tacet_text_config_load (TacetTextConfig *config, const char *path, GError **error)
{
  return load (path, text_read, config, error);
}

gboolean
tacet_taesd_config_load (TacetTaesdConfig *config, const char *path, GError **error)
{
  return load (path, taesd_read, config, error);
}
