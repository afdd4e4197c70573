/* tacet-names.c: names of weights in the original single files, and in diffusers.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-layers.h"
#include "tacet-names.h"
#include <string.h>

#define MAX_NUMBER 999

typedef struct
{
  const char *from, *to;
} Pair;

TacetNumbering
tacet_unet_numbering (const TacetUnetConfig *config)
{
  TacetNumbering n = { .n_levels = config->n_levels, .layers_per_block = config->layers_per_block };
  memcpy (n.up_attention, config->up_attention, sizeof n.up_attention);
  return n;
}

TacetNumbering
tacet_controlnet_numbering (const TacetControlnetConfig *config)
{
  TacetNumbering n = tacet_unet_numbering (&config->unet);
  n.n_hint = config->n_hint;
  return n;
}

TacetNumbering
tacet_vae_numbering (const TacetVaeConfig *config)
{
  return (TacetNumbering){ .n_levels = config->n_levels };
}

/* Moves *s behind `text` if it begins so. */
static gboolean
take (const char **s, const char *text)
{
  gsize n = strlen (text);
  if (strncmp (*s, text, n) != 0)
    return FALSE;
  *s += n;
  return TRUE;
}

/* A number without leading zeros, and the dot behind it. */
static gboolean
take_number (const char **s, int *value)
{
  const char *p = *s;
  *value = 0;
  while (g_ascii_isdigit (*p) && *value <= MAX_NUMBER)
    *value = 10 * *value + (*p++ - '0');
  if (p == *s || *p != '.' || *value > MAX_NUMBER || (**s == '0' && p - *s > 1))
    return FALSE;
  *s = p + 1;
  return TRUE;
}

static gboolean write_name (char out[TACET_NAME_SIZE], const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
write_name (char out[TACET_NAME_SIZE], const char *format, ...)
{
  va_list args;
  va_start (args, format);
  int length = g_vsnprintf (out, TACET_NAME_SIZE, format, args);
  va_end (args);
  return length >= 0 && length < TACET_NAME_SIZE;
}

/* The name whose beginning stands in the list, with the other beginning; head comes before it. */
static gboolean
swap (const Pair *pairs, gsize n, gboolean backwards, const char *head, const char *s, char out[TACET_NAME_SIZE])
{
  for (gsize i = 0; i < n; i++)
    {
      const char *rest = s;
      if (take (&rest, backwards ? pairs[i].to : pairs[i].from))
        return write_name (out, "%s%s%s", head, backwards ? pairs[i].from : pairs[i].to, rest);
    }
  return FALSE;
}

/* --- U-Net and ControlNet --- */

static const Pair resnet_pairs[] = {
  { "in_layers.0.", "norm1." },  { "in_layers.2.", "conv1." },  { "emb_layers.1.", "time_emb_proj." },
  { "out_layers.0.", "norm2." }, { "out_layers.3.", "conv2." }, { "skip_connection.", "conv_shortcut." },
};

/* What both have; the rest is the U-Net's, or the ControlNet's. */
static const Pair trunk_pairs[] = {
  { "time_embed.0.", "time_embedding.linear_1." },
  { "time_embed.2.", "time_embedding.linear_2." },
  { "input_blocks.0.0.", "conv_in." },
};
static const Pair unet_pairs[] = { { "out.0.", "conv_norm_out." }, { "out.2.", "conv_out." } };
static const Pair controlnet_pairs[] = {
  { "middle_block_out.0.", "controlnet_mid_block." },
  { "input_hint_block.0.", "controlnet_cond_embedding.conv_in." },
};
static const Pair middle_pairs[] = {
  { "middle_block.0.", "mid_block.resnets.0." },
  { "middle_block.2.", "mid_block.resnets.1." },
  { "middle_block.1.", "mid_block.attentions.0." },
};

static gboolean
swap_resnet (gboolean backwards, const char *head, const char *s, char out[TACET_NAME_SIZE])
{
  return swap (resnet_pairs, G_N_ELEMENTS (resnet_pairs), backwards, head, s, out);
}

/* Residual blocks of the middle have names of their own, its attention keeps the tail. */
static gboolean
swap_middle (gboolean backwards, const char *s, char out[TACET_NAME_SIZE])
{
  for (gsize i = 0; i < G_N_ELEMENTS (middle_pairs); i++)
    {
      const char *rest = s;
      if (!take (&rest, backwards ? middle_pairs[i].to : middle_pairs[i].from))
        continue;
      const char *head = backwards ? middle_pairs[i].from : middle_pairs[i].to;
      return i < 2 ? swap_resnet (backwards, head, rest, out) : write_name (out, "%s%s", head, rest);
    }
  return FALSE;
}

static gboolean
input_block (const TacetNumbering *n, const char *s, char out[TACET_NAME_SIZE])
{
  char head[64];
  int i, part, per = n->layers_per_block + 1;
  if (!take_number (&s, &i) || i == 0 || !take_number (&s, &part))
    return FALSE;
  if (i % per == 0)
    return part == 0 && take (&s, "op.") && write_name (out, "down_blocks.%d.downsamplers.0.conv.%s", i / per - 1, s);
  g_snprintf (head, sizeof head, "down_blocks.%d.%s.%d.", (i - 1) / per, part ? "attentions" : "resnets",
              (i - 1) % per);
  return part == 0 ? swap_resnet (FALSE, head, s, out) : part == 1 && write_name (out, "%s%s", head, s);
}

static gboolean
output_block (const TacetNumbering *n, const char *s, char out[TACET_NAME_SIZE])
{
  char head[64];
  int i, part, per = n->layers_per_block + 1;
  if (!take_number (&s, &i) || !take_number (&s, &part))
    return FALSE;
  if (part >= 1 && take (&s, "conv."))
    return part <= 2 && i % per == per - 1 && write_name (out, "up_blocks.%d.upsamplers.0.conv.%s", i / per, s);
  g_snprintf (head, sizeof head, "up_blocks.%d.%s.%d.", i / per, part ? "attentions" : "resnets", i % per);
  return part == 0 ? swap_resnet (FALSE, head, s, out) : part == 1 && write_name (out, "%s%s", head, s);
}

static gboolean
unet_to_diffusers (TacetPart part, const TacetNumbering *n, const char *s, char out[TACET_NAME_SIZE])
{
  gboolean control = part == TACET_PART_CONTROLNET;
  int i;
  if (swap (trunk_pairs, G_N_ELEMENTS (trunk_pairs), FALSE, "", s, out) || swap_middle (FALSE, s, out) ||
      swap (control ? controlnet_pairs : unet_pairs, 2, FALSE, "", s, out))
    return TRUE;
  if (take (&s, "input_blocks."))
    return input_block (n, s, out);
  if (!control)
    return take (&s, "output_blocks.") && output_block (n, s, out);
  if (take (&s, "zero_convs."))
    return take_number (&s, &i) && take (&s, "0.") && write_name (out, "controlnet_down_blocks.%d.%s", i, s);
  if (!take (&s, "input_hint_block.") || !take_number (&s, &i) || i % 2)
    return FALSE;
  return i == 4 * n->n_hint - 2 ? write_name (out, "controlnet_cond_embedding.conv_out.%s", s)
                                : write_name (out, "controlnet_cond_embedding.blocks.%d.%s", i / 2 - 1, s);
}

static gboolean
down_block (const TacetNumbering *n, const char *s, char out[TACET_NAME_SIZE])
{
  char head[64];
  int l, j, per = n->layers_per_block + 1;
  if (!take_number (&s, &l))
    return FALSE;
  if (take (&s, "downsamplers.0.conv."))
    return write_name (out, "input_blocks.%d.0.op.%s", (l + 1) * per, s);
  gboolean attention = take (&s, "attentions.");
  if ((!attention && !take (&s, "resnets.")) || !take_number (&s, &j) || j >= n->layers_per_block)
    return FALSE;
  g_snprintf (head, sizeof head, "input_blocks.%d.%d.", l * per + j + 1, attention);
  return attention ? write_name (out, "%s%s", head, s) : swap_resnet (TRUE, head, s, out);
}

static gboolean
up_block (const TacetNumbering *n, const char *s, char out[TACET_NAME_SIZE])
{
  char head[64];
  int i, j, per = n->layers_per_block + 1;
  if (!take_number (&s, &i) || i >= TACET_MAX_LEVELS)
    return FALSE;
  if (take (&s, "upsamplers.0.conv."))
    return write_name (out, "output_blocks.%d.%d.conv.%s", i * per + per - 1, n->up_attention[i] ? 2 : 1, s);
  gboolean attention = take (&s, "attentions.");
  if ((!attention && !take (&s, "resnets.")) || !take_number (&s, &j) || j >= per)
    return FALSE;
  g_snprintf (head, sizeof head, "output_blocks.%d.%d.", i * per + j, attention);
  return attention ? write_name (out, "%s%s", head, s) : swap_resnet (TRUE, head, s, out);
}

static gboolean
unet_to_original (TacetPart part, const TacetNumbering *n, const char *s, char out[TACET_NAME_SIZE])
{
  gboolean control = part == TACET_PART_CONTROLNET;
  int i;
  if (swap (trunk_pairs, G_N_ELEMENTS (trunk_pairs), TRUE, "", s, out) || swap_middle (TRUE, s, out) ||
      swap (control ? controlnet_pairs : unet_pairs, 2, TRUE, "", s, out))
    return TRUE;
  if (take (&s, "down_blocks."))
    return down_block (n, s, out);
  if (!control)
    return take (&s, "up_blocks.") && up_block (n, s, out);
  if (take (&s, "controlnet_down_blocks."))
    return take_number (&s, &i) && write_name (out, "zero_convs.%d.0.%s", i, s);
  if (take (&s, "controlnet_cond_embedding.conv_out."))
    return write_name (out, "input_hint_block.%d.%s", 4 * n->n_hint - 2, s);
  return take (&s, "controlnet_cond_embedding.blocks.") && take_number (&s, &i) &&
         write_name (out, "input_hint_block.%d.%s", 2 * i + 2, s);
}

/* --- VAE --- */

static const Pair vae_pairs[] = {
  { "conv_in.", "conv_in." },
  { "conv_out.", "conv_out." },
  { "norm_out.", "conv_norm_out." },
  { "mid.attn_1.norm.", "mid_block.attentions.0.group_norm." },
  { "mid.attn_1.q.", "mid_block.attentions.0.to_q." },
  { "mid.attn_1.k.", "mid_block.attentions.0.to_k." },
  { "mid.attn_1.v.", "mid_block.attentions.0.to_v." },
  { "mid.attn_1.proj_out.", "mid_block.attentions.0.to_out.0." },
  { "mid.block_1.", "mid_block.resnets.0." },
  { "mid.block_2.", "mid_block.resnets.1." },
};

static const Pair shortcut_pairs[] = { { "nin_shortcut.", "conv_shortcut." },
                                       { "norm1.", "norm1." },
                                       { "conv1.", "conv1." },
                                       { "norm2.", "norm2." },
                                       { "conv2.", "conv2." } };

static gboolean
vae_level (const TacetNumbering *n, gboolean encoder, gboolean backwards, const char *half, const char *s,
           char out[TACET_NAME_SIZE])
{
  char head[64];
  int l, j;
  const char *side = encoder ? "down" : "up";
  if (!take (&s, side) || !take (&s, backwards ? "_blocks." : ".") || !take_number (&s, &l) || l >= n->n_levels)
    return FALSE;
  if (!encoder)
    l = n->n_levels - 1 - l;
  if (backwards && take (&s, side))
    return take (&s, "samplers.0.conv.") && write_name (out, "%s%s.%d.%ssample.conv.%s", half, side, l, side, s);
  if (!backwards && take (&s, side))
    return take (&s, "sample.conv.") && write_name (out, "%s%s_blocks.%d.%ssamplers.0.conv.%s", half, side, l, side, s);
  if (!take (&s, backwards ? "resnets." : "block.") || !take_number (&s, &j))
    return FALSE;
  g_snprintf (head, sizeof head, backwards ? "%s%s.%d.block.%d." : "%s%s_blocks.%d.resnets.%d.", half, side, l, j);
  return swap (shortcut_pairs, G_N_ELEMENTS (shortcut_pairs), backwards, head, s, out);
}

static gboolean
swap_vae (const TacetNumbering *n, gboolean backwards, const char *s, char out[TACET_NAME_SIZE])
{
  if (g_str_has_prefix (s, "quant_conv.") || g_str_has_prefix (s, "post_quant_conv."))
    return write_name (out, "%s", s);
  gboolean encoder = take (&s, "encoder.");
  const char *half = encoder ? "encoder." : "decoder.";
  if (!encoder && !take (&s, half))
    return FALSE;
  return swap (vae_pairs, G_N_ELEMENTS (vae_pairs), backwards, half, s, out) ||
         vae_level (n, encoder, backwards, half, s, out);
}

/* --- TAESD: the original decoder begins with a layer without weights --- */

static gboolean
swap_taesd (gboolean backwards, const char *s, char out[TACET_NAME_SIZE])
{
  gboolean encoder = take (&s, "encoder.");
  int i;
  if ((!encoder && !take (&s, "decoder.")) || (backwards && !take (&s, "layers.")) || !take_number (&s, &i))
    return FALSE;
  i += encoder ? 0 : backwards ? 1 : -1;
  return i >= 0 && write_name (out, "%s%s%d.%s", encoder ? "encoder." : "decoder.", backwards ? "" : "layers.", i, s);
}

gboolean
tacet_name_to_diffusers (TacetPart part, const TacetNumbering *n, const char *original, char out[TACET_NAME_SIZE])
{
  if (part == TACET_PART_TEXT)
    return tacet_name_modern (part, original, out);
  if (part == TACET_PART_TAESD)
    return swap_taesd (FALSE, original, out);
  return part == TACET_PART_VAE ? swap_vae (n, FALSE, original, out) : unet_to_diffusers (part, n, original, out);
}

gboolean
tacet_name_to_original (TacetPart part, const TacetNumbering *n, const char *name, char out[TACET_NAME_SIZE])
{
  if (part == TACET_PART_TEXT)
    return write_name (out, "%s", name);
  if (part == TACET_PART_TAESD)
    return swap_taesd (TRUE, name, out);
  return part == TACET_PART_VAE ? swap_vae (n, TRUE, name, out) : unet_to_original (part, n, name, out);
}

gboolean
tacet_name_modern (TacetPart part, const char *name, char out[TACET_NAME_SIZE])
{
  static const Pair former[] = {
    { "query.", "to_q." }, { "key.", "to_k." }, { "value.", "to_v." }, { "proj_attn.", "to_out.0." }
  };
  /* transformers 5 leaves the prefix out. */
  gboolean bare = g_str_has_prefix (name, "embeddings.") || g_str_has_prefix (name, "encoder.layers.") ||
                  g_str_has_prefix (name, "final_layer_norm.");
  if (part == TACET_PART_TEXT)
    return write_name (out, "%s%s", bare ? "text_model." : "", name);
  const char *attention = part == TACET_PART_VAE ? strstr (name, "mid_block.attentions.0.") : NULL;
  if (attention)
    {
      g_autofree char *head = g_strndup (name, (gsize) (attention - name) + strlen ("mid_block.attentions.0."));
      if (swap (former, G_N_ELEMENTS (former), FALSE, head, name + strlen (head), out))
        return TRUE;
    }
  return write_name (out, "%s", name);
}
