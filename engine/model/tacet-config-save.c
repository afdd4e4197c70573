/* tacet-config-save.c: configurations as diffusers and transformers read them.
 *
 * Room: engine/model.  Every field whose value differs from the reference's default is written.
 */
#include "config.h"

#include "engine/image/tacet-image.h"
#include "tacet-config-private.h"
#include <stdlib.h>

static void
add_string (JsonBuilder *b, const char *name, const char *value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_string_value (b, value);
}

static void
add_int (JsonBuilder *b, const char *name, int value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_int_value (b, value);
}

static void
add_boolean (JsonBuilder *b, const char *name, gboolean value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_boolean_value (b, value);
}

/* The shortest decimal that is this float: 1e-05 rather than 9.99999974e-06. */
static void
add_float (JsonBuilder *b, const char *name, float value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  double x = value;
  for (int digits = 1; digits <= 9; digits++)
    {
      char format[8];
      g_snprintf (format, sizeof format, "%%.%dg", digits);
      x = g_ascii_strtod (g_ascii_formatd (text, sizeof text, format, value), NULL);
      if ((float) x == value)
        break;
    }
  json_builder_set_member_name (b, name);
  json_builder_add_double_value (b, x);
}

static void
add_ints (JsonBuilder *b, const char *name, const int *values, int n)
{
  json_builder_set_member_name (b, name);
  json_builder_begin_array (b);
  for (int i = 0; i < n; i++)
    json_builder_add_int_value (b, values[i]);
  json_builder_end_array (b);
}

/* other where the flag (NULL: never) is set */
static void
add_types (JsonBuilder *b, const char *name, const char *plain, const char *other, const gboolean *flags, int n)
{
  json_builder_set_member_name (b, name);
  json_builder_begin_array (b);
  for (int i = 0; i < n; i++)
    json_builder_add_string_value (b, flags && flags[i] ? other : plain);
  json_builder_end_array (b);
}

static JsonBuilder *
begin (const char *class_name)
{
  JsonBuilder *b = json_builder_new ();
  json_builder_begin_object (b);
  if (class_name)
    {
      add_string (b, "_class_name", class_name);
      add_string (b, "_diffusers_version", "0.30.0");
    }
  return b;
}

static gboolean
finish (JsonBuilder *b, const char *path, GError **error)
{
  json_builder_end_object (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  gsize length = 0;
  g_autofree char *text = json_generator_to_data (generator, &length);
  text[length] = '\n'; /* the terminating NUL's place */
  return tacet_write_file (path, text, length + 1, error);
}

static void
add_unet (JsonBuilder *b, const TacetUnetConfig *c)
{
  add_int (b, "in_channels", c->in_channels);
  add_types (b, "down_block_types", "DownBlock2D", "CrossAttnDownBlock2D", c->down_attention, c->n_levels);
  add_ints (b, "block_out_channels", c->block_out_channels, c->n_levels);
  add_int (b, "layers_per_block", c->layers_per_block);
  add_int (b, "cross_attention_dim", c->cross_attention_dim);
  /* The number of heads, in the words of diffusers. */
  add_ints (b, "attention_head_dim", c->n_heads, c->n_levels);
  add_int (b, "norm_num_groups", c->norm_num_groups);
  add_float (b, "norm_eps", c->norm_eps);
  add_boolean (b, "flip_sin_to_cos", c->flip_sin_to_cos);
  add_int (b, "freq_shift", c->freq_shift);
  add_boolean (b, "use_linear_projection", c->use_linear_projection);
}

gboolean
tacet_unet_config_save (const TacetUnetConfig *config, const char *path, GError **error)
{
  g_autoptr (JsonBuilder) b = begin ("UNet2DConditionModel");
  add_unet (b, config);
  add_int (b, "out_channels", config->out_channels);
  add_types (b, "up_block_types", "UpBlock2D", "CrossAttnUpBlock2D", config->up_attention, config->n_levels);
  if (config->sample_size > 0)
    add_int (b, "sample_size", config->sample_size);
  return finish (b, path, error);
}

gboolean
tacet_controlnet_config_save (const TacetControlnetConfig *config, const char *path, GError **error)
{
  g_autoptr (JsonBuilder) b = begin ("ControlNetModel");
  add_unet (b, &config->unet);
  add_int (b, "conditioning_channels", config->conditioning_channels);
  add_ints (b, "conditioning_embedding_out_channels", config->hint_channels, config->n_hint);
  add_boolean (b, "global_pool_conditions", config->global_pool);
  return finish (b, path, error);
}

gboolean
tacet_vae_config_save (const TacetVaeConfig *config, const char *path, GError **error)
{
  g_autoptr (JsonBuilder) b = begin ("AutoencoderKL");
  add_int (b, "in_channels", config->in_channels);
  add_int (b, "out_channels", config->out_channels);
  add_int (b, "latent_channels", config->latent_channels);
  add_types (b, "down_block_types", "DownEncoderBlock2D", NULL, NULL, config->n_levels);
  add_types (b, "up_block_types", "UpDecoderBlock2D", NULL, NULL, config->n_levels);
  add_ints (b, "block_out_channels", config->block_out_channels, config->n_levels);
  add_int (b, "layers_per_block", config->layers_per_block);
  add_int (b, "norm_num_groups", config->norm_num_groups);
  add_boolean (b, "mid_block_add_attention", config->mid_attention);
  add_float (b, "scaling_factor", config->scaling_factor);
  return finish (b, path, error);
}

gboolean
tacet_text_config_save (const TacetTextConfig *config, const char *path, GError **error)
{
  g_autoptr (JsonBuilder) b = begin (NULL);
  add_string (b, "model_type", "clip_text_model");
  json_builder_set_member_name (b, "architectures");
  json_builder_begin_array (b);
  json_builder_add_string_value (b, "CLIPTextModel");
  json_builder_end_array (b);
  add_int (b, "vocab_size", config->vocab_size);
  add_int (b, "hidden_size", config->hidden_size);
  add_int (b, "intermediate_size", config->intermediate_size);
  add_int (b, "num_hidden_layers", config->n_layers);
  add_int (b, "num_attention_heads", config->n_heads);
  add_int (b, "max_position_embeddings", config->max_positions);
  add_int (b, "eos_token_id", config->eos_token_id);
  add_float (b, "layer_norm_eps", config->eps);
  add_string (b, "hidden_act", config->activation == TACET_FN_GELU ? "gelu" : "quick_gelu");
  return finish (b, path, error);
}
