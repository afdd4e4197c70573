/* tacet-infer.c: configurations from names and shapes.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-config-private.h"
#include "tacet-layers.h"
#include "tacet-layout.h"
#include <glib/gi18n-lib.h>
#include <string.h>

/* Only a shape that the table can hold; 0 stands for what is missing. */
static int dim (GHashTable *names, int i, const char *format, ...) G_GNUC_PRINTF (3, 4);

static int
dim (GHashTable *names, int i, const char *format, ...)
{
  char name[TACET_NAME_SIZE];
  va_list args;
  va_start (args, format);
  g_vsnprintf (name, sizeof name, format, args);
  va_end (args);
  const TacetFileTensor *t = g_hash_table_lookup (names, name);
  if (!t || i >= t->rank || t->dims[i] < 1 || t->dims[i] > 1 << 22)
    return 0;
  return (int) t->dims[i];
}

static gboolean
refuse (const char *what, GError **error)
{
  return tacet_config_refuse (error, _ ("the shapes of its tensors are not those of a %s"), what);
}

/* Groups of 32 are nowhere in the file. */
static gboolean
check_widths (const int *widths, int n, const char *what, GError **error)
{
  for (int i = 0; i < n; i++)
    if (widths[i] < 32 || widths[i] % 32 || widths[i] > TACET_CONFIG_MAX_WIDTH)
      return refuse (what, error);
  return n > 0 || refuse (what, error);
}

/* What U-Net and ControlNet have in common. */
static gboolean
infer_trunk (TacetUnetConfig *c, GHashTable *names, const char *what, GError **error)
{
  *c = (TacetUnetConfig){ .norm_num_groups = 32, .norm_eps = 1e-5f, .flip_sin_to_cos = TRUE };
  c->in_channels = dim (names, 1, "conv_in.weight");
  while (c->n_levels < TACET_MAX_LEVELS && dim (names, 0, "down_blocks.%d.resnets.0.conv1.weight", c->n_levels))
    {
      int l = c->n_levels++;
      c->block_out_channels[l] = dim (names, 0, "down_blocks.%d.resnets.0.conv1.weight", l);
      c->down_attention[l] = dim (names, 0, "down_blocks.%d.attentions.0.norm.weight", l) > 0;
    }
  while (c->layers_per_block < TACET_MAX_FEATURES &&
         dim (names, 0, "down_blocks.0.resnets.%d.conv1.weight", c->layers_per_block))
    c->layers_per_block++;
  c->cross_attention_dim = dim (names, 1, "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight");
  const TacetFileTensor *projection = g_hash_table_lookup (names, "mid_block.attentions.0.proj_in.weight");
  c->use_linear_projection = projection && projection->rank == 2;
  if (!check_widths (c->block_out_channels, c->n_levels, what, error))
    return FALSE;
  if (c->in_channels < 1 || c->in_channels > 64 || c->cross_attention_dim < 1 ||
      c->cross_attention_dim > TACET_CONFIG_MAX_WIDTH || c->layers_per_block < 1 ||
      c->n_levels * (c->layers_per_block + 1) + 1 > TACET_MAX_FEATURES)
    return refuse (what, error);
  /* Stable Diffusion 2 has heads of 64 channels and linear projections, 1 has 8 heads. */
  for (int l = 0; l < c->n_levels; l++)
    c->n_heads[l] = c->use_linear_projection && c->block_out_channels[l] % 64 == 0 ? c->block_out_channels[l] / 64 : 8;
  return TRUE;
}

gboolean
tacet_unet_config_infer (TacetUnetConfig *config, GHashTable *names, GError **error)
{
  if (!infer_trunk (config, names, _ ("U-Net"), error))
    return FALSE;
  for (int i = 0; i < config->n_levels; i++)
    config->up_attention[i] = dim (names, 0, "up_blocks.%d.attentions.0.norm.weight", i) > 0;
  config->out_channels = dim (names, 0, "conv_out.weight");
  if (config->out_channels < 1 || config->out_channels > 64)
    return refuse (_ ("U-Net"), error);
  /* What the models were trained at, which no shape tells. */
  config->sample_size = 64;
  return TRUE;
}

gboolean
tacet_controlnet_config_infer (TacetControlnetConfig *config, GHashTable *names, GError **error)
{
  const char *what = _ ("ControlNet");
  memset (config, 0, sizeof *config);
  if (!infer_trunk (&config->unet, names, what, error))
    return FALSE;
  config->unet.out_channels = config->unet.in_channels;
  for (int i = 0; i < config->unet.n_levels; i++)
    config->unet.up_attention[i] = config->unet.down_attention[config->unet.n_levels - 1 - i];
  config->conditioning_channels = dim (names, 1, "controlnet_cond_embedding.conv_in.weight");
  config->hint_channels[config->n_hint++] = dim (names, 0, "controlnet_cond_embedding.conv_in.weight");
  for (int width; config->n_hint < TACET_MAX_LEVELS &&
                  (width = dim (names, 0, "controlnet_cond_embedding.blocks.%d.weight", 2 * config->n_hint - 1)) > 0;)
    config->hint_channels[config->n_hint++] = width;
  gboolean good = config->conditioning_channels > 0 && config->conditioning_channels <= 64;
  for (int i = 0; i < config->n_hint; i++)
    good = good && config->hint_channels[i] > 0 && config->hint_channels[i] <= TACET_CONFIG_MAX_WIDTH;
  return good || refuse (what, error);
}

gboolean
tacet_vae_config_infer (TacetVaeConfig *config, GHashTable *names, GError **error)
{
  const char *what = _ ("VAE");
  *config = (TacetVaeConfig){ .norm_num_groups = 32, .scaling_factor = 0.18215f };
  while (config->n_levels < TACET_MAX_LEVELS &&
         dim (names, 0, "encoder.down_blocks.%d.resnets.0.conv1.weight", config->n_levels))
    {
      config->block_out_channels[config->n_levels] =
          dim (names, 0, "encoder.down_blocks.%d.resnets.0.conv1.weight", config->n_levels);
      config->n_levels++;
    }
  while (config->layers_per_block < TACET_CONFIG_MAX_LAYERS &&
         dim (names, 0, "encoder.down_blocks.0.resnets.%d.conv1.weight", config->layers_per_block))
    config->layers_per_block++;
  config->in_channels = dim (names, 1, "encoder.conv_in.weight");
  config->out_channels = dim (names, 0, "decoder.conv_out.weight");
  config->latent_channels = dim (names, 1, "decoder.conv_in.weight");
  config->mid_attention = dim (names, 0, "decoder.mid_block.attentions.0.group_norm.weight") > 0;
  if (!check_widths (config->block_out_channels, config->n_levels, what, error))
    return FALSE;
  return (config->in_channels > 0 && config->in_channels <= 64 && config->out_channels > 0 &&
          config->out_channels <= 64 && config->latent_channels > 0 && config->latent_channels <= 64) ||
         refuse (what, error);
}

gboolean
tacet_text_config_infer (TacetTextConfig *config, GHashTable *names, GError **error)
{
  const int wide = TACET_CONFIG_MAX_WIDTH;
  *config = (TacetTextConfig){ .eos_token_id = 49407, .eps = 1e-5f, .activation = TACET_FN_QUICK_GELU };
  config->vocab_size = dim (names, 0, "text_model.embeddings.token_embedding.weight");
  config->hidden_size = dim (names, 1, "text_model.embeddings.token_embedding.weight");
  config->max_positions = dim (names, 0, "text_model.embeddings.position_embedding.weight");
  config->intermediate_size = dim (names, 0, "text_model.encoder.layers.0.mlp.fc1.weight");
  while (config->n_layers < TACET_CONFIG_MAX_LAYERS &&
         dim (names, 0, "text_model.encoder.layers.%d.mlp.fc1.weight", config->n_layers))
    config->n_layers++;
  /* CLIP's heads have 64 channels; those of SD 2 compute the exact GELU. */
  if (config->hidden_size == 1024)
    config->activation = TACET_FN_GELU;
  config->n_heads = config->hidden_size / 64;
  if (config->hidden_size % 64 || config->hidden_size < 64 || config->hidden_size > wide || config->n_layers == 0 ||
      config->max_positions < 2 || config->max_positions > 1 << 16 || config->intermediate_size < 1 ||
      config->intermediate_size > 4 * wide || config->vocab_size < 1)
    return refuse (_ ("text encoder"), error);
  config->eos_token_id = MIN (config->eos_token_id, config->vocab_size - 1);
  return TRUE;
}

/* The residual blocks from layer *n on; *n: the layer behind them */
static int
count_blocks (GHashTable *names, const char *half, int *n)
{
  int count = 0;
  while (count < TACET_CONFIG_MAX_LAYERS && dim (names, 0, "%s.layers.%d.conv.0.weight", half, *n))
    {
      count++;
      ++*n;
    }
  return count;
}

gboolean
tacet_taesd_config_infer (TacetTaesdConfig *config, GHashTable *names, GError **error)
{
  gboolean encoder = dim (names, 0, "encoder.layers.0.weight") > 0,
           decoder = dim (names, 0, "decoder.layers.0.weight") > 0;
  int n = 0, m = 2, encoder_levels = 0;
  *config = (TacetTaesdConfig){ .channels = 3 };
  config->width = dim (names, 0, decoder ? "decoder.layers.0.weight" : "encoder.layers.0.weight");
  while (encoder && encoder_levels < TACET_MAX_LEVELS && dim (names, 0, "encoder.layers.%d.conv.0.weight", n + 1))
    {
      n++; /* the convolution in front */
      config->encoder_blocks[encoder_levels++] = count_blocks (names, "encoder", &n);
    }
  while (decoder && config->n_levels < TACET_MAX_LEVELS && dim (names, 0, "decoder.layers.%d.conv.0.weight", m))
    {
      config->decoder_blocks[config->n_levels++] = count_blocks (names, "decoder", &m);
      m += dim (names, 0, "decoder.layers.%d.weight", m) ? 1 : 2; /* the last has no upsampling */
    }
  config->latent_channels =
      decoder ? dim (names, 1, "decoder.layers.0.weight") : dim (names, 0, "encoder.layers.%d.weight", n);
  if (!decoder)
    config->n_levels = encoder_levels;
  if (config->n_levels == 0 || (encoder && encoder_levels != config->n_levels) || config->latent_channels < 1 ||
      config->latent_channels > 64 || config->width < 1 || config->width > TACET_CONFIG_MAX_WIDTH)
    return refuse (_ ("tiny autoencoder (TAESD)"), error);
  return TRUE;
}
