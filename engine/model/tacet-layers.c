/* tacet-layers.c: the layers that the networks share.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-layers.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdarg.h>

const char *
tacet_layer_name (char *buffer, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_vsnprintf (buffer, TACET_NAME_SIZE, format, args);
  va_end (args);
  return buffer;
}

void
tacet_net_expect (TacetGraph *g, const TacetValue *x, int channels, const char *what)
{
  if (!tacet_graph_error (g) && x->shape.d[3] != channels)
    tacet_graph_set_error (g, _ ("%s: %d channels, but the model takes %d"), what, (int) x->shape.d[3], channels);
}

/* The last part's weight; rank and shape as tacet_weights_value () has them. */
static TacetValue *
weight (const TacetNet *net, const char *name, int rank, TacetShape shape)
{
  char full[TACET_NAME_SIZE];
  return tacet_weights_value (net->weights, net->g, tacet_layer_name (full, "%s.weight", name), rank, shape, net->init,
                              net->gain);
}

/* {1,1,1,n} */
static TacetValue *
bias (const TacetNet *net, const char *name, int64_t n, int64_t fan_in)
{
  char full[TACET_NAME_SIZE];
  TacetInit init = net->init == TACET_INIT_LINEAR ? TACET_INIT_LINEAR : TACET_INIT_ZERO;
  return tacet_weights_value (net->weights, net->g, tacet_layer_name (full, "%s.bias", name), 1,
                              tacet_shape (1, 1, 1, n), init, (float) fan_in);
}

TacetValue *
tacet_net_conv3 (const TacetNet *net, const char *name, TacetValue *x, int out, TacetConv conv)
{
  int64_t in = x->shape.d[3];
  TacetValue *w = weight (net, name, 4, tacet_shape (out, 3, 3, in));
  return tacet_conv (x, w, bias (net, name, out, 9 * in), conv);
}

TacetValue *
tacet_net_conv1 (const TacetNet *net, const char *name, TacetValue *x, int out)
{
  int64_t in = x->shape.d[3];
  TacetValue *w = weight (net, name, TACET_RANK_POINTWISE, tacet_shape (1, 1, out, in));
  return tacet_linear (x, w, bias (net, name, out, in));
}

TacetValue *
tacet_net_linear (const TacetNet *net, const char *name, TacetValue *x, int out, gboolean with_bias)
{
  int64_t in = x->shape.d[3];
  TacetValue *w = weight (net, name, 2, tacet_shape (1, 1, out, in));
  return tacet_linear (x, w, with_bias ? bias (net, name, out, in) : NULL);
}

/* gamma and beta, {1,1,1,c} each */
static void
norm_weights (const TacetNet *net, const char *name, int64_t c, TacetValue **gamma, TacetValue **beta)
{
  char full[TACET_NAME_SIZE];
  TacetShape shape = tacet_shape (1, 1, 1, c);
  *gamma = tacet_weights_value (net->weights, net->g, tacet_layer_name (full, "%s.weight", name), 1, shape,
                                TACET_INIT_ONE, 1.0f);
  *beta = tacet_weights_value (net->weights, net->g, tacet_layer_name (full, "%s.bias", name), 1, shape,
                               TACET_INIT_ZERO, 1.0f);
}

TacetValue *
tacet_net_group_norm (const TacetNet *net, const char *name, TacetValue *x, float eps, gboolean silu)
{
  TacetValue *gamma, *beta;
  norm_weights (net, name, x->shape.d[3], &gamma, &beta);
  TacetValue *y = net->tile_norm ? net->tile_norm->norm (net->tile_norm->data, x, gamma, beta, net->groups, eps)
                                 : tacet_group_norm (x, gamma, beta, net->groups, eps);
  return silu ? tacet_fn (y, TACET_FN_SILU) : y;
}

TacetValue *
tacet_net_layer_norm (const TacetNet *net, const char *name, TacetValue *x, float eps)
{
  TacetValue *gamma, *beta;
  norm_weights (net, name, x->shape.d[3], &gamma, &beta);
  return tacet_layer_norm (x, gamma, beta, eps);
}

TacetValue *
tacet_net_resnet (const TacetNet *net, const char *name, TacetValue *x, TacetValue *time, int out)
{
  char part[TACET_NAME_SIZE];
  TacetValue *h = tacet_net_group_norm (net, tacet_layer_name (part, "%s.norm1", name), x, net->eps, TRUE);
  h = tacet_net_conv3 (net, tacet_layer_name (part, "%s.conv1", name), h, out, tacet_same_conv (1));
  if (time)
    h = tacet_add (h, tacet_net_linear (net, tacet_layer_name (part, "%s.time_emb_proj", name), time, out, TRUE));
  h = tacet_net_group_norm (net, tacet_layer_name (part, "%s.norm2", name), h, net->eps, TRUE);
  h = tacet_net_conv3 (net, tacet_layer_name (part, "%s.conv2", name), h, out, tacet_same_conv (1));
  if (x->shape.d[3] != out)
    x = tacet_net_conv1 (net, tacet_layer_name (part, "%s.conv_shortcut", name), x, out);
  return tacet_add (x, h);
}

/* q {n,1,t,c}, k and v {n,1,T,c}, shares {R,h,w,1}, t = h w -> {n,1,t,c}: every pixel attends to each text by itself
 * and takes its share. */
static TacetValue *
regional_attention (const TacetRegions *regions, TacetValue *q, TacetValue *k, TacetValue *v, TacetValue *shares,
                    int heads, float scale)
{
  TacetValue *sum = NULL;
  int64_t t = q->shape.d[2], start = 0;
  for (int r = 0; r < regions->n; r++)
    {
      int64_t n = regions->n_tokens[r];
      TacetValue *y =
          tacet_attention (q, tacet_slice (k, 2, start, n), tacet_slice (v, 2, start, n), heads, false, scale);
      y = tacet_mul (y, tacet_view (shares, r * t, tacet_shape (1, 1, t, 1)));
      sum = sum ? tacet_add (sum, y) : y;
      start += n;
    }
  return sum;
}

/* x {n,1,t,c}, source {n,1,s,k} -> {n,1,t,c}; shares: of the regions, or NULL */
static TacetValue *
attention (const TacetNet *net, const char *name, TacetValue *x, TacetValue *source, TacetValue *shares, int heads)
{
  char part[TACET_NAME_SIZE];
  int c = (int) x->shape.d[3];
  TacetValue *q = tacet_net_linear (net, tacet_layer_name (part, "%s.to_q", name), x, c, FALSE);
  TacetValue *k = tacet_net_linear (net, tacet_layer_name (part, "%s.to_k", name), source, c, FALSE);
  TacetValue *v = tacet_net_linear (net, tacet_layer_name (part, "%s.to_v", name), source, c, FALSE);
  float scale = 1.0f / sqrtf ((float) c / (float) heads);
  TacetValue *y = shares ? regional_attention (net->regions, q, k, v, shares, heads, scale)
                         : tacet_attention (q, k, v, heads, false, scale);
  return tacet_net_linear (net, tacet_layer_name (part, "%s.to_out.0", name), y, c, TRUE);
}

/* GEGLU: x {n,1,t,c} -> {n,1,t,c} through 4c */
static TacetValue *
feed_forward (const TacetNet *net, const char *name, TacetValue *x)
{
  char part[TACET_NAME_SIZE];
  int c = (int) x->shape.d[3];
  TacetValue *h = tacet_net_linear (net, tacet_layer_name (part, "%s.net.0.proj", name), x, 8 * c, TRUE);
  TacetValue *gate = tacet_slice (h, 3, 4 * c, 4 * c);
  h = tacet_fn_mul (tacet_slice (h, 3, 0, 4 * c), gate, TACET_FN_GELU, 0, 0.0f, 0.0f);
  return tacet_net_linear (net, tacet_layer_name (part, "%s.net.2", name), h, c, TRUE);
}

static TacetValue *
transformer_block (const TacetNet *net, const char *name, TacetValue *x, TacetValue *context, TacetValue *shares,
                   int heads)
{
  const float eps = 1e-5f;
  char part[TACET_NAME_SIZE];
  TacetValue *h = tacet_net_layer_norm (net, tacet_layer_name (part, "%s.norm1", name), x, eps);
  x = tacet_add (x, attention (net, tacet_layer_name (part, "%s.attn1", name), h, h, NULL, heads));
  h = tacet_net_layer_norm (net, tacet_layer_name (part, "%s.norm2", name), x, eps);
  x = tacet_add (x, attention (net, tacet_layer_name (part, "%s.attn2", name), h, context, shares, heads));
  h = tacet_net_layer_norm (net, tacet_layer_name (part, "%s.norm3", name), x, eps);
  return tacet_add (x, feed_forward (net, tacet_layer_name (part, "%s.ff", name), h));
}

TacetValue *
tacet_net_transformer (const TacetNet *net, const char *name, TacetValue *x, TacetValue *context, int heads)
{
  char part[TACET_NAME_SIZE];
  TacetShape s = x->shape;
  int c = (int) s.d[3];
  TacetValue *h = tacet_net_group_norm (net, tacet_layer_name (part, "%s.norm", name), x, 1e-6f, FALSE);
  tacet_layer_name (part, "%s.proj_in", name);
  h = net->linear_projection ? tacet_net_linear (net, part, h, c, TRUE) : tacet_net_conv1 (net, part, h, c);
  h = tacet_reshape (h, tacet_shape (s.d[0], 1, s.d[1] * s.d[2], c));
  TacetValue *shares = net->regions ? net->regions->shares (net->regions->data, (int) s.d[1], (int) s.d[2]) : NULL;
  h = transformer_block (net, tacet_layer_name (part, "%s.transformer_blocks.0", name), h, context, shares, heads);
  h = tacet_reshape (h, s);
  tacet_layer_name (part, "%s.proj_out", name);
  h = net->linear_projection ? tacet_net_linear (net, part, h, c, TRUE) : tacet_net_conv1 (net, part, h, c);
  return tacet_add (x, h);
}

TacetValue *
tacet_net_upsampler (const TacetNet *net, const char *name, TacetValue *x, const TacetValue *like)
{
  char part[TACET_NAME_SIZE];
  x = tacet_upsample (x);
  /* Nearest interpolation from h to 2h - 1 picks the same rows as to 2h, without the last. */
  for (int axis = 1; like && axis <= 2; axis++)
    if (like->shape.d[axis] < x->shape.d[axis])
      x = tacet_slice (x, axis, 0, like->shape.d[axis]);
  return tacet_net_conv3 (net, tacet_layer_name (part, "%s.conv", name), x, (int) x->shape.d[3], tacet_same_conv (1));
}

/* {1,1,1,half}: exp (-ln (10000) i / (half - shift)), rounded where torch rounds: at timestep 999 one
 * unit in the last place of a frequency is 6e-5 radians. */
static TacetValue *
frequencies (TacetGraph *g, int half, int freq_shift)
{
  g_autoptr (TacetTensor) tensor = tacet_tensor_new (TACET_F32, tacet_shape (1, 1, 1, half));
  if (!tensor)
    {
      tacet_graph_set_error (g, _ ("There is not enough memory"));
      return tacet_full (g, tacet_shape (1, 1, 1, half), 0.0f);
    }
  for (int i = 0; i < half; i++)
    {
      float exponent = (float) -9.210340371976184 * (float) i;
      exponent = exponent / (float) (half - freq_shift);
      tacet_tensor_f32 (tensor)[i] = (float) exp ((double) exponent);
    }
  return tacet_constant (g, tensor);
}

TacetValue *
tacet_net_time (const TacetNet *net, TacetValue *timestep, int c, gboolean flip_sin_to_cos, int freq_shift)
{
  int half = c / 2;
  TacetValue *angle = tacet_mul (timestep, frequencies (net->g, half, freq_shift));
  TacetValue *sine = tacet_fn (angle, TACET_FN_SIN), *cosine = tacet_fn (angle, TACET_FN_COS);
  TacetValue *parts[] = { flip_sin_to_cos ? cosine : sine, flip_sin_to_cos ? sine : cosine };
  TacetValue *h = tacet_concat (parts, 2, 3);
  if (c % 2)
    h = tacet_pad (h, 3, 0, c);
  h = tacet_net_linear (net, "time_embedding.linear_1", h, 4 * c, TRUE);
  h = tacet_fn (h, TACET_FN_SILU);
  return tacet_net_linear (net, "time_embedding.linear_2", h, 4 * c, TRUE);
}
