/* tacet-taesd.c: the tiny autoencoder, for previews.
 *
 * Room: engine/model.  Reference: diffusers AutoencoderTiny (madebyollin's TAESD).  The layers of each half
 * are numbered in a row, activations and upsamplings included.
 */
#include "config.h"

#include "tacet-layers.h"
#include <float.h>
#include <glib/gi18n-lib.h>

typedef struct
{
  TacetNet net;
  const char *half; /* "encoder", "decoder" */
  int next;         /* number of the next layer */
} Row;

static Row
begin (TacetGraph *g, TacetWeights *weights, const char *half)
{
  return (Row){ { .g = g, .weights = weights, .init = TACET_INIT_LINEAR, .gain = 1.0f }, half, 0 };
}

static TacetValue *
relu (TacetValue *x)
{
  return tacet_clamp (x, 0.0f, FLT_MAX);
}

/* The next layer, a 3x3 convolution. x {n,h,w,i} -> {n,h/stride,w/stride,o} */
static TacetValue *
conv (Row *row, TacetValue *x, int out, int stride, gboolean bias)
{
  char name[TACET_NAME_SIZE], full[TACET_NAME_SIZE];
  tacet_layer_name (name, "%s.layers.%d", row->half, row->next++);
  if (bias)
    return tacet_net_conv3 (&row->net, name, x, out, tacet_same_conv (stride));
  TacetValue *w = tacet_weights_value (row->net.weights, row->net.g, tacet_layer_name (full, "%s.weight", name), 4,
                                       tacet_shape (out, 3, 3, x->shape.d[3]), TACET_INIT_LINEAR, 1.0f);
  return tacet_conv (x, w, NULL, tacet_same_conv (stride));
}

/* The next n layers, residual blocks of three convolutions. x {n,h,w,c} -> like x */
static TacetValue *
blocks (Row *row, TacetValue *x, int n)
{
  char name[TACET_NAME_SIZE];
  int c = (int) x->shape.d[3];
  for (; n > 0; n--, row->next++)
    {
      TacetValue *h = x;
      for (int i = 0; i < 3; i++)
        {
          tacet_layer_name (name, "%s.layers.%d.conv.%d", row->half, row->next, 2 * i);
          h = tacet_net_conv3 (&row->net, name, i ? relu (h) : h, c, tacet_same_conv (1));
        }
      x = relu (tacet_add (h, x));
    }
  return x;
}

TacetValue *
tacet_taesd_decoder (TacetGraph *g, const TacetTaesdConfig *config, TacetWeights *weights, TacetValue *latent)
{
  Row row = begin (g, weights, "decoder");
  tacet_net_expect (g, latent, config->latent_channels, _ ("Latent picture"));
  TacetValue *x = tacet_scale (tacet_fn (tacet_scale (latent, 1.0f / 3.0f), TACET_FN_TANH), 3.0f);
  x = relu (conv (&row, x, config->width, 1, TRUE));
  row.next++;
  for (int i = 0; i < config->n_levels; i++)
    {
      gboolean last = i + 1 == config->n_levels;
      x = blocks (&row, x, config->decoder_blocks[i]);
      if (!last)
        {
          x = tacet_upsample (x);
          row.next++;
        }
      x = conv (&row, x, last ? config->channels : config->width, 1, last);
    }
  return x;
}

TacetValue *
tacet_taesd_encoder (TacetGraph *g, const TacetTaesdConfig *config, TacetWeights *weights, TacetValue *picture)
{
  Row row = begin (g, weights, "encoder");
  TacetValue *x = picture;
  tacet_net_expect (g, picture, config->channels, _ ("Picture"));
  for (int i = 0; i < config->n_levels; i++)
    {
      x = conv (&row, x, config->width, i ? 2 : 1, i == 0);
      x = blocks (&row, x, config->encoder_blocks[i]);
    }
  return conv (&row, x, config->latent_channels, 1, TRUE);
}
