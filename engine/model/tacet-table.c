/* tacet-table.c: every weight that a network asks for.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-layers.h"
#include "tacet-table.h"

static void
entry_free (gpointer data)
{
  TacetTableEntry *e = data;
  g_free (e->name);
  g_free (e);
}

static GPtrArray *
table_new (void)
{
  return g_ptr_array_new_with_free_func (entry_free);
}

static void
add (GPtrArray *t, const char *layer, const char *what, int rank, gint64 d0, gint64 d1, gint64 d2)
{
  TacetTableEntry *e = g_new0 (TacetTableEntry, 1);
  e->name = g_strconcat (layer, ".", what, NULL);
  e->rank = rank;
  e->dims[0] = d0;
  e->dims[1] = d1;
  e->dims[2] = e->dims[3] = d2;
  g_ptr_array_add (t, e);
}

/* k x k */
static void
conv (GPtrArray *t, const char *layer, int out, int in, int k)
{
  add (t, layer, "weight", 4, out, in, k);
  add (t, layer, "bias", 1, out, 0, 0);
}

static void
linear (GPtrArray *t, const char *layer, int out, int in, gboolean bias)
{
  add (t, layer, "weight", 2, out, in, 0);
  if (bias)
    add (t, layer, "bias", 1, out, 0, 0);
}

static void
norm (GPtrArray *t, const char *layer, int c)
{
  add (t, layer, "weight", 1, c, 0, 0);
  add (t, layer, "bias", 1, c, 0, 0);
}

#define PART(...) tacet_layer_name (part, __VA_ARGS__)

/* time: channels of the time embedding; 0: none */
static void
resnet (GPtrArray *t, const char *name, int in, int out, int time)
{
  char part[TACET_NAME_SIZE];
  norm (t, PART ("%s.norm1", name), in);
  conv (t, PART ("%s.conv1", name), out, in, 3);
  if (time)
    linear (t, PART ("%s.time_emb_proj", name), out, time, TRUE);
  norm (t, PART ("%s.norm2", name), out);
  conv (t, PART ("%s.conv2", name), out, out, 3);
  if (in != out)
    conv (t, PART ("%s.conv_shortcut", name), out, in, 1);
}

static void
transformer (GPtrArray *t, const char *name, int c, int cross, gboolean linear_projection)
{
  char part[TACET_NAME_SIZE], block[TACET_NAME_SIZE];
  norm (t, PART ("%s.norm", name), c);
  for (int i = 0; i < 2; i++)
    {
      PART (i ? "%s.proj_out" : "%s.proj_in", name);
      if (linear_projection)
        linear (t, part, c, c, TRUE);
      else
        conv (t, part, c, c, 1);
    }
  tacet_layer_name (block, "%s.transformer_blocks.0", name);
  for (int i = 1; i <= 2; i++)
    {
      int source = i == 1 ? c : cross;
      norm (t, PART ("%s.norm%d", block, i), c);
      linear (t, PART ("%s.attn%d.to_q", block, i), c, c, FALSE);
      linear (t, PART ("%s.attn%d.to_k", block, i), c, source, FALSE);
      linear (t, PART ("%s.attn%d.to_v", block, i), c, source, FALSE);
      linear (t, PART ("%s.attn%d.to_out.0", block, i), c, c, TRUE);
    }
  norm (t, PART ("%s.norm3", block), c);
  linear (t, PART ("%s.ff.net.0.proj", block), 8 * c, c, TRUE);
  linear (t, PART ("%s.ff.net.2", block), c, 4 * c, TRUE);
}

/* What the U-Net's encoder and a ControlNet share; channels of the features into skips, returns their number. */
static int
trunk (GPtrArray *t, const TacetUnetConfig *c, int skips[TACET_MAX_FEATURES])
{
  char part[TACET_NAME_SIZE];
  int x = c->block_out_channels[0], time = 4 * x, n = 0, last = c->block_out_channels[c->n_levels - 1];
  linear (t, "time_embedding.linear_1", time, x, TRUE);
  linear (t, "time_embedding.linear_2", time, time, TRUE);
  conv (t, "conv_in", x, c->in_channels, 3);
  skips[n++] = x;
  for (int l = 0; l < c->n_levels; l++)
    {
      int out = c->block_out_channels[l];
      for (int j = 0; j < c->layers_per_block && n + 3 < TACET_MAX_FEATURES; j++)
        {
          resnet (t, PART ("down_blocks.%d.resnets.%d", l, j), x, out, time);
          if (c->down_attention[l])
            transformer (t, PART ("down_blocks.%d.attentions.%d", l, j), out, c->cross_attention_dim,
                         c->use_linear_projection);
          skips[n++] = x = out;
        }
      if (l + 1 == c->n_levels)
        break;
      conv (t, PART ("down_blocks.%d.downsamplers.0.conv", l), out, out, 3);
      skips[n++] = x;
    }
  resnet (t, "mid_block.resnets.0", last, last, time);
  transformer (t, "mid_block.attentions.0", last, c->cross_attention_dim, c->use_linear_projection);
  resnet (t, "mid_block.resnets.1", last, last, time);
  return n;
}

GPtrArray *
tacet_unet_table (const TacetUnetConfig *c)
{
  GPtrArray *t = table_new ();
  char part[TACET_NAME_SIZE];
  int skips[TACET_MAX_FEATURES], n = trunk (t, c, skips), time = 4 * c->block_out_channels[0];
  int x = c->block_out_channels[c->n_levels - 1];
  for (int i = 0; i < c->n_levels; i++)
    {
      int out = c->block_out_channels[c->n_levels - 1 - i];
      for (int j = 0; j <= c->layers_per_block && n > 0; j++)
        {
          resnet (t, PART ("up_blocks.%d.resnets.%d", i, j), x + skips[--n], out, time);
          if (c->up_attention[i])
            transformer (t, PART ("up_blocks.%d.attentions.%d", i, j), out, c->cross_attention_dim,
                         c->use_linear_projection);
          x = out;
        }
      if (i + 1 < c->n_levels)
        conv (t, PART ("up_blocks.%d.upsamplers.0.conv", i), out, out, 3);
    }
  norm (t, "conv_norm_out", x);
  conv (t, "conv_out", c->out_channels, x, 3);
  return t;
}

GPtrArray *
tacet_controlnet_table (const TacetControlnetConfig *c)
{
  GPtrArray *t = table_new ();
  char part[TACET_NAME_SIZE];
  int skips[TACET_MAX_FEATURES], n = trunk (t, &c->unet, skips),
                                 last = c->unet.block_out_channels[c->unet.n_levels - 1];
  conv (t, "controlnet_cond_embedding.conv_in", c->hint_channels[0], c->conditioning_channels, 3);
  for (int i = 0; i + 1 < c->n_hint; i++)
    for (int k = 0; k < 2; k++)
      conv (t, PART ("controlnet_cond_embedding.blocks.%d", 2 * i + k), c->hint_channels[i + k], c->hint_channels[i],
            3);
  conv (t, "controlnet_cond_embedding.conv_out", c->unet.block_out_channels[0], c->hint_channels[c->n_hint - 1], 3);
  for (int i = 0; i < n; i++)
    conv (t, PART ("controlnet_down_blocks.%d", i), skips[i], skips[i], 1);
  conv (t, "controlnet_mid_block", last, last, 1);
  return t;
}

static void
vae_middle (GPtrArray *t, const TacetVaeConfig *config, const char *half)
{
  static const char *const projections[] = { "to_q", "to_k", "to_v", "to_out.0" };
  char part[TACET_NAME_SIZE];
  int c = config->block_out_channels[config->n_levels - 1];
  resnet (t, PART ("%s.mid_block.resnets.0", half), c, c, 0);
  if (config->mid_attention)
    norm (t, PART ("%s.mid_block.attentions.0.group_norm", half), c);
  for (gsize i = 0; config->mid_attention && i < G_N_ELEMENTS (projections); i++)
    linear (t, PART ("%s.mid_block.attentions.0.%s", half, projections[i]), c, c, TRUE);
  resnet (t, PART ("%s.mid_block.resnets.1", half), c, c, 0);
}

GPtrArray *
tacet_vae_table (const TacetVaeConfig *c)
{
  GPtrArray *t = table_new ();
  char part[TACET_NAME_SIZE];
  int x = c->block_out_channels[0], top = c->n_levels - 1;
  conv (t, "encoder.conv_in", x, c->in_channels, 3);
  for (int l = 0; l <= top; l++)
    {
      for (int j = 0; j < c->layers_per_block; j++, x = c->block_out_channels[l])
        resnet (t, PART ("encoder.down_blocks.%d.resnets.%d", l, j), x, c->block_out_channels[l], 0);
      if (l < top)
        conv (t, PART ("encoder.down_blocks.%d.downsamplers.0.conv", l), x, x, 3);
    }
  vae_middle (t, c, "encoder");
  norm (t, "encoder.conv_norm_out", x);
  conv (t, "encoder.conv_out", 2 * c->latent_channels, x, 3);
  conv (t, "quant_conv", 2 * c->latent_channels, 2 * c->latent_channels, 1);
  conv (t, "post_quant_conv", c->latent_channels, c->latent_channels, 1);
  conv (t, "decoder.conv_in", x, c->latent_channels, 3);
  vae_middle (t, c, "decoder");
  for (int i = 0; i <= top; i++)
    {
      int out = c->block_out_channels[top - i];
      for (int j = 0; j <= c->layers_per_block; j++, x = out)
        resnet (t, PART ("decoder.up_blocks.%d.resnets.%d", i, j), x, out, 0);
      if (i < top)
        conv (t, PART ("decoder.up_blocks.%d.upsamplers.0.conv", i), x, x, 3);
    }
  norm (t, "decoder.conv_norm_out", x);
  conv (t, "decoder.conv_out", c->out_channels, x, 3);
  return t;
}

GPtrArray *
tacet_text_table (const TacetTextConfig *c)
{
  static const char *const projections[] = { "q_proj", "k_proj", "v_proj", "out_proj" };
  GPtrArray *t = table_new ();
  char part[TACET_NAME_SIZE], layer[TACET_NAME_SIZE];
  int h = c->hidden_size;
  linear (t, "text_model.embeddings.token_embedding", c->vocab_size, h, FALSE);
  linear (t, "text_model.embeddings.position_embedding", c->max_positions, h, FALSE);
  for (int i = 0; i < c->n_layers; i++)
    {
      tacet_layer_name (layer, "text_model.encoder.layers.%d", i);
      norm (t, PART ("%s.layer_norm1", layer), h);
      for (gsize k = 0; k < G_N_ELEMENTS (projections); k++)
        linear (t, PART ("%s.self_attn.%s", layer, projections[k]), h, h, TRUE);
      norm (t, PART ("%s.layer_norm2", layer), h);
      linear (t, PART ("%s.mlp.fc1", layer), c->intermediate_size, h, TRUE);
      linear (t, PART ("%s.mlp.fc2", layer), h, c->intermediate_size, TRUE);
    }
  norm (t, "text_model.final_layer_norm", h);
  return t;
}

static void
tiny_conv (GPtrArray *t, const char *half, int n, int out, int in, gboolean bias)
{
  char part[TACET_NAME_SIZE];
  add (t, PART ("%s.layers.%d", half, n), "weight", 4, out, in, 3);
  if (bias)
    add (t, part, "bias", 1, out, 0, 0);
}

/* returns the number of the layer that follows */
static int
tiny_blocks (GPtrArray *t, const char *half, int n, int count, int c)
{
  char part[TACET_NAME_SIZE];
  for (; count > 0; count--, n++)
    for (int i = 0; i < 3; i++)
      conv (t, PART ("%s.layers.%d.conv.%d", half, n, 2 * i), c, c, 3);
  return n;
}

GPtrArray *
tacet_taesd_table (const TacetTaesdConfig *c, gboolean encoder, gboolean decoder)
{
  GPtrArray *t = table_new ();
  int n = 0;
  for (int i = 0; encoder && i < c->n_levels; i++)
    {
      tiny_conv (t, "encoder", n++, c->width, i ? c->width : c->channels, i == 0);
      n = tiny_blocks (t, "encoder", n, c->encoder_blocks[i], c->width);
    }
  if (encoder)
    tiny_conv (t, "encoder", n, c->latent_channels, c->width, TRUE);
  if (decoder)
    tiny_conv (t, "decoder", 0, c->width, c->latent_channels, TRUE);
  n = 2; /* after the first convolution and its activation */
  for (int i = 0; decoder && i < c->n_levels; i++)
    {
      gboolean last = i + 1 == c->n_levels;
      n = tiny_blocks (t, "decoder", n, c->decoder_blocks[i], c->width);
      n += !last; /* the upsampling */
      tiny_conv (t, "decoder", n++, last ? c->channels : c->width, c->width, last);
    }
  return t;
}
