/* tacet-ops-network.c: products, normalisation, attention and minimal impact, as values of a graph.
 *
 * Room: engine/tensor. */
#define G_LOG_DOMAIN "tacet-ops-network"
#include "tacet-graph-private.h"

static TacetValue *
matmul (TacetValue *a, bool trans_a, TacetValue *b, bool trans_b, TacetValue *bias, float alpha)
{
  int64_t m = a->shape.d[trans_a ? 3 : 2], ka = a->shape.d[trans_a ? 2 : 3];
  int64_t kb = b->shape.d[trans_b ? 3 : 2], n = b->shape.d[trans_b ? 2 : 3];
  TacetShape shape = tacet_shape (1, 1, m, n);
  for (int i = 0; i < 2; i++)
    {
      int64_t da = a->shape.d[i], db = b->shape.d[i];
      if (da != db && da != 1 && db != 1)
        return _tacet_value_misfit (TACET_OP_MATMUL, a, b);
      shape.d[i] = MAX (da, db);
    }
  if (ka != kb)
    return _tacet_value_misfit (TACET_OP_MATMUL, a, b);
  if (bias && !tacet_shape_equal (bias->shape, tacet_shape (1, 1, 1, n)))
    return _tacet_value_misfit (TACET_OP_MATMUL, b, bias);
  TacetAttrs attrs = { .a = alpha, .trans_a = trans_a, .trans_b = trans_b };
  TacetValue *in[] = { a, b, bias };
  return _tacet_value_new (a->graph, TACET_OP_MATMUL, TACET_F32, shape, &attrs, in, bias ? 3 : 2);
}

TacetValue *
tacet_matmul (TacetValue *a, bool trans_a, TacetValue *b, bool trans_b, float alpha)
{
  return matmul (a, trans_a, b, trans_b, NULL, alpha);
}

TacetValue *
tacet_linear (TacetValue *x, TacetValue *w, TacetValue *bias)
{
  TacetShape s = x->shape;
  TacetValue *rows = tacet_reshape (x, tacet_shape (1, 1, s.d[0] * s.d[1] * s.d[2], s.d[3]));
  TacetValue *y = matmul (rows, false, w, true, bias, 1);
  if (tacet_shape_count (y->shape) != s.d[0] * s.d[1] * s.d[2] * w->shape.d[2])
    return y; /* an error is recorded */
  return tacet_reshape (y, tacet_shape (s.d[0], s.d[1], s.d[2], w->shape.d[2]));
}

static TacetAttrs
conv_attrs (TacetConv conv)
{
  return (TacetAttrs){ .stride = conv.stride, .pad_top = conv.top, .pad_left = conv.left };
}

/* Output size of a convolution over `size` elements. */
static int64_t
conv_size (int64_t size, int before, int after, int64_t kernel, int stride)
{
  int64_t span = size + before + after - kernel;
  return span < 0 || stride < 1 ? 0 : span / stride + 1;
}

TacetValue *
tacet_conv (TacetValue *x, TacetValue *w, TacetValue *bias, TacetConv conv)
{
  if (x->shape.d[3] != w->shape.d[3])
    return _tacet_value_misfit (TACET_OP_CONV, x, w);
  if (bias && !tacet_shape_equal (bias->shape, tacet_shape (1, 1, 1, w->shape.d[0])))
    return _tacet_value_misfit (TACET_OP_CONV, w, bias);
  TacetShape shape =
      tacet_shape (x->shape.d[0], conv_size (x->shape.d[1], conv.top, conv.bottom, w->shape.d[1], conv.stride),
                   conv_size (x->shape.d[2], conv.left, conv.right, w->shape.d[2], conv.stride), w->shape.d[0]);
  TacetAttrs attrs = conv_attrs (conv);
  TacetValue *in[] = { x, w, bias };
  return _tacet_value_new (x->graph, TACET_OP_CONV, TACET_F32, shape, &attrs, in, bias ? 3 : 2);
}

TacetValue *
tacet_conv_data (TacetValue *g, TacetValue *w, TacetConv conv, TacetShape x_shape)
{
  if (g->shape.d[3] != w->shape.d[0] || x_shape.d[3] != w->shape.d[3] || g->shape.d[0] != x_shape.d[0])
    return _tacet_value_misfit (TACET_OP_CONV_DATA, g, w);
  TacetAttrs attrs = conv_attrs (conv);
  TacetValue *in[] = { g, w };
  return _tacet_value_new (g->graph, TACET_OP_CONV_DATA, TACET_F32, x_shape, &attrs, in, 2);
}

TacetValue *
tacet_conv_weight (TacetValue *x, TacetValue *g, TacetConv conv, TacetShape w_shape)
{
  if (x->shape.d[0] != g->shape.d[0] || x->shape.d[3] != w_shape.d[3] || g->shape.d[3] != w_shape.d[0])
    return _tacet_value_misfit (TACET_OP_CONV_WEIGHT, x, g);
  TacetAttrs attrs = conv_attrs (conv);
  TacetValue *in[] = { x, g };
  return _tacet_value_new (x->graph, TACET_OP_CONV_WEIGHT, TACET_F32, w_shape, &attrs, in, 2);
}

TacetValue *
tacet_group_norm (TacetValue *x, TacetValue *gamma, TacetValue *beta, int groups, float eps)
{
  TacetShape vector = tacet_shape (1, 1, 1, x->shape.d[3]);
  if (groups < 1 || x->shape.d[3] % groups)
    return _tacet_value_bad (x->graph, "group norm: %d channels cannot be split into %d groups", (int) x->shape.d[3],
                             groups);
  if (gamma && (!tacet_shape_equal (gamma->shape, vector) || !tacet_shape_equal (beta->shape, vector)))
    return _tacet_value_misfit (TACET_OP_NORM, x, gamma);
  TacetAttrs attrs = { .groups = groups, .a = eps };
  TacetValue *in[] = { x, gamma, beta };
  return _tacet_value_new (x->graph, TACET_OP_NORM, TACET_F32, x->shape, &attrs, in, gamma ? 3 : 1);
}

TacetValue *
tacet_layer_norm (TacetValue *x, TacetValue *gamma, TacetValue *beta, float eps)
{
  TacetShape s = x->shape;
  TacetValue *rows = tacet_reshape (x, tacet_shape (s.d[0] * s.d[1] * s.d[2], 1, 1, s.d[3]));
  return tacet_reshape (tacet_group_norm (rows, gamma, beta, 1, eps), s);
}

TacetValue *
_tacet_norm_back_data (TacetValue *g, TacetValue *x, TacetValue *gamma, int groups, float eps)
{
  TacetAttrs attrs = { .groups = groups, .a = eps };
  TacetValue *in[] = { g, x, gamma };
  return _tacet_value_new (x->graph, TACET_OP_NORM_BACK_DATA, TACET_F32, x->shape, &attrs, in, gamma ? 3 : 2);
}

TacetValue *
_tacet_norm_back_weight (TacetValue *g, TacetValue *x, int groups, float eps)
{
  TacetAttrs attrs = { .groups = groups, .a = eps };
  TacetValue *in[] = { g, x };
  return _tacet_value_new (x->graph, TACET_OP_NORM_BACK_WEIGHT, TACET_F32, tacet_shape (1, 1, 2, x->shape.d[3]), &attrs,
                           in, 2);
}

TacetValue *
tacet_softmax (TacetValue *x, bool causal)
{
  TacetAttrs attrs = { .causal = causal };
  return _tacet_value_new (x->graph, TACET_OP_SOFTMAX, TACET_F32, x->shape, &attrs, &x, 1);
}

TacetValue *
_tacet_softmax_back (TacetValue *g, TacetValue *y)
{
  TacetValue *in[] = { g, y };
  return _tacet_value_new (y->graph, TACET_OP_SOFTMAX_BACK, TACET_F32, y->shape, NULL, in, 2);
}

TacetValue *
tacet_attention (TacetValue *q, TacetValue *k, TacetValue *v, int heads, bool causal, float scale)
{
  if (q->shape.d[0] != k->shape.d[0] || q->shape.d[3] != k->shape.d[3] || q->shape.d[1] != 1 || k->shape.d[1] != 1)
    return _tacet_value_misfit (TACET_OP_ATTENTION, q, k);
  if (!tacet_shape_equal (k->shape, v->shape))
    return _tacet_value_misfit (TACET_OP_ATTENTION, k, v);
  if (heads < 1 || q->shape.d[3] % heads)
    return _tacet_value_bad (q->graph, "attention: %d channels cannot be split into %d heads", (int) q->shape.d[3],
                             heads);
  TacetAttrs attrs = { .heads = heads, .causal = causal, .a = scale };
  TacetValue *in[] = { q, k, v };
  return _tacet_value_new (q->graph, TACET_OP_ATTENTION, TACET_F32, q->shape, &attrs, in, 3);
}

TacetValue *
_tacet_attention_back (TacetValue *g, TacetValue *q, TacetValue *k, TacetValue *v, int heads, gboolean causal,
                       float scale)
{
  TacetAttrs attrs = { .heads = heads, .causal = causal, .a = scale };
  TacetValue *in[] = { g, q, k, v };
  int64_t count = tacet_shape_count (q->shape) + 2 * tacet_shape_count (k->shape);
  return _tacet_value_new (q->graph, TACET_OP_ATTENTION_BACK, TACET_F32, tacet_shape (1, 1, 1, count), &attrs, in, 4);
}

TacetValue *
tacet_gram (TacetValue *const *v, int n)
{
  for (int i = 1; i < n; i++)
    if (!tacet_shape_equal (v[0]->shape, v[i]->shape))
      return _tacet_value_misfit (TACET_OP_GRAM, v[0], v[i]);
  return _tacet_value_new (v[0]->graph, TACET_OP_GRAM, TACET_F64, tacet_shape (v[0]->shape.d[0], 1, n, n), NULL, v, n);
}

TacetValue *
tacet_combine (TacetValue *f, TacetValue *coefficients, TacetValue *const *c, int n)
{
  if (n + 2 > TACET_MAX_INPUTS)
    return _tacet_value_bad (f->graph, "combine: %d controls, at most %d are possible", n, TACET_MAX_INPUTS - 2);
  if (!tacet_shape_equal (coefficients->shape, tacet_shape (f->shape.d[0], 1, 1, n)))
    return _tacet_value_misfit (TACET_OP_COMBINE, f, coefficients);
  TacetValue *in[TACET_MAX_INPUTS] = { f, coefficients };
  for (int i = 0; i < n; i++)
    {
      if (!tacet_shape_equal (f->shape, c[i]->shape))
        return _tacet_value_misfit (TACET_OP_COMBINE, f, c[i]);
      in[2 + i] = c[i];
    }
  return _tacet_value_new (f->graph, TACET_OP_COMBINE, TACET_F32, f->shape, NULL, in, n + 2);
}
