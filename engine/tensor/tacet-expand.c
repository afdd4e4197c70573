/* tacet-expand.c: fused operations written out in plain ones, which have gradient and tangent rules.
 *
 * Room: engine/tensor.  Numerically these equal the fused kernels up to rounding; they run when a
 * derivative of higher order is asked for, and as the reference in tests. */
#define G_LOG_DOMAIN "tacet-expand"
#include "tacet-graph-private.h"

typedef struct
{
  TacetShape grouped; /* {n, h w, groups, c / groups} */
  TacetShape stats;   /* {n, 1, groups, 1} */
  float inverse;      /* 1 / elements of one group */
} NormShapes;

static NormShapes
norm_shapes (TacetShape s, int groups)
{
  int64_t n = s.d[0], hw = s.d[1] * s.d[2], per = s.d[3] / groups;
  return (NormShapes){ tacet_shape (n, hw, groups, per), tacet_shape (n, 1, groups, 1),
                       (float) (1.0 / (double) (hw * per)) };
}

/* Normalised x {n, hw, groups, per} and 1/std {n, 1, groups, 1}. */
static TacetValue *
normalised (TacetValue *x, const NormShapes *s, float eps, TacetValue **rstd)
{
  TacetValue *xg = tacet_reshape (x, s->grouped);
  TacetValue *centred = tacet_sub (xg, tacet_scale (tacet_sum_to (xg, s->stats), s->inverse));
  TacetValue *variance = tacet_scale (tacet_sum_to (tacet_mul (centred, centred), s->stats), s->inverse);
  *rstd = tacet_power (tacet_affine (variance, 1, eps), -0.5f);
  return tacet_mul (centred, *rstd);
}

static TacetValue *
expand_norm (TacetValue *y)
{
  TacetValue *x = y->in[0], *rstd;
  NormShapes s = norm_shapes (x->shape, y->attrs.groups);
  TacetValue *out = tacet_reshape (normalised (x, &s, y->attrs.a, &rstd), x->shape);
  return y->n_inputs == 3 ? tacet_add (tacet_mul (out, y->in[1]), y->in[2]) : out;
}

/* dx = rstd (h - mean h - xhat mean (h xhat)),  h = g gamma */
static TacetValue *
expand_norm_back_data (TacetValue *y)
{
  TacetValue *g = y->in[0], *x = y->in[1], *rstd;
  NormShapes s = norm_shapes (x->shape, y->attrs.groups);
  TacetValue *xhat = normalised (x, &s, y->attrs.a, &rstd);
  TacetValue *h = tacet_reshape (y->n_inputs == 3 ? tacet_mul (g, y->in[2]) : g, s.grouped);
  TacetValue *mean = tacet_scale (tacet_sum_to (h, s.stats), s.inverse);
  TacetValue *along = tacet_scale (tacet_sum_to (tacet_mul (h, xhat), s.stats), s.inverse);
  TacetValue *rest = tacet_sub (tacet_sub (h, mean), tacet_mul (xhat, along));
  return tacet_reshape (tacet_mul (rest, rstd), x->shape);
}

static TacetValue *
expand_norm_back_weight (TacetValue *y)
{
  TacetValue *g = y->in[0], *x = y->in[1], *rstd;
  NormShapes s = norm_shapes (x->shape, y->attrs.groups);
  TacetValue *xhat = tacet_reshape (normalised (x, &s, y->attrs.a, &rstd), x->shape);
  TacetShape vector = tacet_shape (1, 1, 1, x->shape.d[3]);
  TacetValue *rows[] = { tacet_sum_to (tacet_mul (g, xhat), vector), tacet_sum_to (g, vector) };
  return tacet_concat (rows, 2, 2);
}

/* {n,1,t,c} -> {n, heads, t, c / heads} */
static TacetValue *
split_heads (TacetValue *x, int heads)
{
  TacetShape s = x->shape;
  return tacet_permute (tacet_reshape (x, tacet_shape (s.d[0], s.d[2], heads, s.d[3] / heads)), 0, 2, 1, 3);
}

static TacetValue *
plain_attention (TacetValue *q, TacetValue *k, TacetValue *v, const TacetAttrs *attrs)
{
  TacetValue *scores =
      tacet_matmul (split_heads (q, attrs->heads), false, split_heads (k, attrs->heads), true, attrs->a);
  TacetValue *mixed =
      tacet_matmul (tacet_softmax (scores, attrs->causal), false, split_heads (v, attrs->heads), false, 1);
  return tacet_reshape (tacet_permute (mixed, 0, 2, 1, 3), q->shape);
}

static TacetValue *
flat (TacetValue *x)
{
  return tacet_reshape (x, tacet_shape (1, 1, 1, tacet_shape_count (x->shape)));
}

/* q, k and v may depend on one another (or be one value): aliases of their own keep the inner
 * gradient local. */
static TacetValue *
alias (TacetValue *x)
{
  return _tacet_value_new (x->graph, TACET_OP_VIEW, x->dtype, x->shape, NULL, &x, 1);
}

static TacetValue *
expand_attention_back (TacetValue *y)
{
  TacetValue *g = y->in[0];
  TacetValue *wrt[] = { alias (y->in[1]), alias (y->in[2]), alias (y->in[3]) };
  TacetValue *out = plain_attention (wrt[0], wrt[1], wrt[2], &y->attrs);
  TacetValue *gradients[3];
  tacet_gradient (y->graph, &out, &g, 1, wrt, 3, gradients);
  for (int i = 0; i < 3; i++)
    gradients[i] = flat (gradients[i]);
  return tacet_concat (gradients, 3, 3);
}

static TacetValue *
expand_softmax_back (TacetValue *z)
{
  TacetValue *g = z->in[0], *y = z->in[1];
  TacetShape row = y->shape;
  row.d[3] = 1;
  return tacet_mul (y, tacet_sub (g, tacet_sum_to (tacet_mul (g, y), row)));
}

static TacetValue *
expand_combine (TacetValue *y)
{
  TacetValue *out = y->in[0];
  for (int k = 0; k < y->n_inputs - 2; k++)
    out = tacet_add (out, tacet_mul (y->in[2 + k], tacet_slice (y->in[1], 3, k, 1)));
  return out;
}

TacetValue *
tacet_expand (TacetValue *x)
{
  switch (x->op)
    {
    case TACET_OP_NORM:
      return expand_norm (x);
    case TACET_OP_NORM_BACK_DATA:
      return expand_norm_back_data (x);
    case TACET_OP_NORM_BACK_WEIGHT:
      return expand_norm_back_weight (x);
    case TACET_OP_ATTENTION:
      return plain_attention (x->in[0], x->in[1], x->in[2], &x->attrs);
    case TACET_OP_ATTENTION_BACK:
      return expand_attention_back (x);
    case TACET_OP_SOFTMAX_BACK:
      return expand_softmax_back (x);
    case TACET_OP_COMBINE:
      return expand_combine (x);
    default:
      return NULL;
    }
}
