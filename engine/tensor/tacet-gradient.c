/* tacet-gradient.c: reverse mode.  Room: engine/tensor.
 *
 * _tacet_gradient_rule () holds one rule per operation; each returns values of the same graph.  An
 * operation without a rule of its own is differentiated through its plain expansion. */
#define G_LOG_DOMAIN "tacet-gradient"
#include "tacet-graph-private.h"

static TacetConv
conv_of (const TacetAttrs *attrs)
{
  return (TacetConv){ .stride = attrs->stride, .top = attrs->pad_top, .left = attrs->pad_left };
}

/* As tacet_conv (), with bottom and right padding chosen so that the result has `shape`. */
static TacetValue *
conv_to (TacetValue *x, TacetValue *w, const TacetAttrs *attrs, TacetShape shape)
{
  TacetConv conv = conv_of (attrs);
  conv.bottom = (int) ((shape.d[1] - 1) * conv.stride + w->shape.d[1] - x->shape.d[1] - conv.top);
  conv.right = (int) ((shape.d[2] - 1) * conv.stride + w->shape.d[2] - x->shape.d[2] - conv.left);
  return tacet_conv (x, w, NULL, conv);
}

static void
matmul_rule (TacetValue *y, TacetValue *g, const gboolean *needed, TacetValue **out)
{
  TacetValue *a = y->in[0], *b = y->in[1];
  bool ta = y->attrs.trans_a, tb = y->attrs.trans_b;
  float alpha = y->attrs.a;
  if (needed[0])
    out[0] =
        tacet_sum_to (ta ? tacet_matmul (b, tb, g, true, alpha) : tacet_matmul (g, false, b, !tb, alpha), a->shape);
  if (needed[1])
    out[1] =
        tacet_sum_to (tb ? tacet_matmul (g, true, a, ta, alpha) : tacet_matmul (a, !ta, g, false, alpha), b->shape);
  if (y->n_inputs == 3 && needed[2])
    out[2] = tacet_sum_to (g, y->in[2]->shape);
}

/* The table closed under differentiation: F conv, D data, W weight. */
static void
conv_rule (TacetValue *y, TacetValue *g, const gboolean *needed, TacetValue **out)
{
  TacetValue *a = y->in[0], *b = y->in[1];
  TacetConv conv = conv_of (&y->attrs);
  switch (y->op)
    {
    case TACET_OP_CONV: /* F(x,w): D(g,w), W(x,g) */
      if (needed[0])
        out[0] = tacet_conv_data (g, b, conv, a->shape);
      if (needed[1])
        out[1] = tacet_conv_weight (a, g, conv, b->shape);
      if (y->n_inputs == 3 && needed[2])
        out[2] = tacet_sum_to (g, y->in[2]->shape);
      break;
    case TACET_OP_CONV_DATA: /* D(a,w), cotangent u: F(u,w), W(u,a) */
      if (needed[0])
        out[0] = conv_to (g, b, &y->attrs, a->shape);
      if (needed[1])
        out[1] = tacet_conv_weight (g, a, conv, b->shape);
      break;
    default: /* W(x,b), cotangent U: D(b,U), F(x,U) */
      if (needed[0])
        out[0] = tacet_conv_data (b, g, conv, a->shape);
      if (needed[1])
        out[1] = conv_to (a, g, &y->attrs, b->shape);
      break;
    }
}

static void
norm_rule (TacetValue *y, TacetValue *g, const gboolean *needed, TacetValue **out)
{
  TacetValue *x = y->in[0];
  gboolean affine = y->n_inputs == 3;
  if (needed[0])
    out[0] = _tacet_norm_back_data (g, x, affine ? y->in[1] : NULL, y->attrs.groups, y->attrs.a);
  if (!affine || (!needed[1] && !needed[2]))
    return;
  TacetValue *rows = _tacet_norm_back_weight (g, x, y->attrs.groups, y->attrs.a);
  int64_t c = x->shape.d[3];
  out[1] = needed[1] ? tacet_view (rows, 0, tacet_shape (1, 1, 1, c)) : NULL;
  out[2] = needed[2] ? tacet_view (rows, c, tacet_shape (1, 1, 1, c)) : NULL;
}

static void
attention_rule (TacetValue *y, TacetValue *g, const gboolean *needed, TacetValue **out)
{
  TacetValue *q = y->in[0], *k = y->in[1], *v = y->in[2];
  TacetValue *all = _tacet_attention_back (g, q, k, v, y->attrs.heads, y->attrs.causal, y->attrs.a);
  int64_t nq = tacet_shape_count (q->shape), nk = tacet_shape_count (k->shape);
  out[0] = needed[0] ? tacet_view (all, 0, q->shape) : NULL;
  out[1] = needed[1] ? tacet_view (all, nq, k->shape) : NULL;
  out[2] = needed[2] ? tacet_view (all, nq + nk, v->shape) : NULL;
}

static void
combine_rule (TacetValue *y, TacetValue *g, const gboolean *needed, TacetValue **out)
{
  int n = y->n_inputs - 2;
  TacetValue *coefficients[TACET_MAX_INPUTS];
  out[0] = needed[0] ? g : NULL;
  for (int k = 0; k < n; k++)
    {
      if (needed[2 + k])
        out[2 + k] = tacet_mul (g, tacet_slice (y->in[1], 3, k, 1));
      if (needed[1])
        coefficients[k] = tacet_sum_to (tacet_mul (g, y->in[2 + k]), tacet_shape (g->shape.d[0], 1, 1, 1));
    }
  if (needed[1])
    out[1] = tacet_concat (coefficients, n, 3);
}

static TacetValue *
view_rule (TacetValue *y, TacetValue *g)
{
  int64_t count = tacet_shape_count (g->shape), all = tacet_shape_count (y->in[0]->shape);
  TacetValue *flat = tacet_reshape (g, tacet_shape (1, 1, 1, count));
  return tacet_reshape (tacet_pad (flat, 3, y->attrs.offset, all), y->in[0]->shape);
}

static gboolean
fn_is_flat (const TacetAttrs *attrs, int order)
{
  return (attrs->fn == TACET_FN_ABS || attrs->fn == TACET_FN_CLAMP) && order >= 2;
}

static TacetValue *
permute_back (TacetValue *y, TacetValue *g)
{
  int inverse[TACET_RANK];
  for (int i = 0; i < TACET_RANK; i++)
    inverse[y->attrs.perm[i]] = i;
  return tacet_permute (g, inverse[0], inverse[1], inverse[2], inverse[3]);
}

static void
concat_rule (TacetValue *y, TacetValue *g, const gboolean *needed, TacetValue **out)
{
  int64_t start = 0;
  for (int i = 0; i < y->n_inputs; i++)
    {
      int64_t size = y->in[i]->shape.d[y->attrs.axis];
      if (needed[i])
        out[i] = tacet_slice (g, y->attrs.axis, start, size);
      start += size;
    }
}

static void
expansion_rule (TacetValue *y, TacetValue *g, const gboolean *needed, TacetValue **out)
{
  /* Aliases keep the inner gradient local: the inputs of y may depend on one another. */
  TacetValue copy = *y, *wrt[TACET_MAX_INPUTS], *results[TACET_MAX_INPUTS];
  for (int i = 0; i < y->n_inputs; i++)
    copy.in[i] = wrt[i] =
        _tacet_value_new (y->graph, TACET_OP_VIEW, y->in[i]->dtype, y->in[i]->shape, NULL, &y->in[i], 1);
  TacetValue *plain = tacet_expand (&copy);
  if (!plain)
    {
      tacet_graph_set_error (y->graph, "%s cannot be differentiated", tacet_op_name (y->op));
      return;
    }
  tacet_gradient (y->graph, &plain, &g, 1, wrt, y->n_inputs, results);
  for (int i = 0; i < y->n_inputs; i++)
    out[i] = needed[i] ? results[i] : NULL;
}

void
_tacet_gradient_rule (TacetValue *y, TacetValue *g, const gboolean *needed, TacetValue **out)
{
  TacetValue *a = y->in[0], *b = y->n_inputs > 1 ? y->in[1] : NULL;
  const TacetAttrs *at = &y->attrs;
  switch (y->op)
    {
    case TACET_OP_VIEW:
      out[0] = view_rule (y, g);
      break;
    case TACET_OP_ADD:
      out[0] = needed[0] ? tacet_scale (tacet_sum_to (g, a->shape), at->a) : NULL;
      out[1] = needed[1] ? tacet_scale (tacet_sum_to (g, b->shape), at->b) : NULL;
      break;
    case TACET_OP_MUL:
      out[0] = needed[0] ? tacet_scale (tacet_sum_to (tacet_mul (g, b), a->shape), at->a) : NULL;
      out[1] = needed[1] ? tacet_scale (tacet_sum_to (tacet_mul (g, a), b->shape), at->a) : NULL;
      break;
    case TACET_OP_AFFINE:
      out[0] = tacet_scale (g, at->a);
      break;
    case TACET_OP_FN:
      if (!fn_is_flat (at, at->order + 1))
        out[0] = tacet_fn_mul (g, a, at->fn, at->order + 1, at->a, at->b);
      break;
    case TACET_OP_FN_MUL:
      if (needed[0])
        out[0] = tacet_fn_mul (g, b, at->fn, at->order, at->a, at->b);
      if (needed[1] && !fn_is_flat (at, at->order + 1))
        out[1] = tacet_fn_mul (tacet_mul (g, a), b, at->fn, at->order + 1, at->a, at->b);
      break;
    case TACET_OP_SUM:
      out[0] = tacet_broadcast (g, a->shape);
      break;
    case TACET_OP_BROADCAST:
      out[0] = tacet_sum_to (g, a->shape);
      break;
    case TACET_OP_PERMUTE:
      out[0] = permute_back (y, g);
      break;
    case TACET_OP_CONCAT:
      concat_rule (y, g, needed, out);
      break;
    case TACET_OP_SLICE:
      out[0] = tacet_pad (g, at->axis, at->start, a->shape.d[at->axis]);
      break;
    case TACET_OP_PAD:
      out[0] = tacet_slice (g, at->axis, at->start, a->shape.d[at->axis]);
      break;
    case TACET_OP_UPSAMPLE:
      out[0] = tacet_downsum (g);
      break;
    case TACET_OP_DOWNSUM:
      out[0] = tacet_upsample (g);
      break;
    case TACET_OP_GATHER:
      out[0] = needed[0] ? tacet_scatter_add (g, b, a->shape.d[2]) : NULL;
      break;
    case TACET_OP_SCATTER_ADD:
      out[0] = needed[0] ? tacet_gather (g, b) : NULL;
      break;
    case TACET_OP_MATMUL:
      matmul_rule (y, g, needed, out);
      break;
    case TACET_OP_CONV:
    case TACET_OP_CONV_DATA:
    case TACET_OP_CONV_WEIGHT:
      conv_rule (y, g, needed, out);
      break;
    case TACET_OP_NORM:
      norm_rule (y, g, needed, out);
      break;
    case TACET_OP_SOFTMAX:
      out[0] = _tacet_softmax_back (g, y);
      break;
    case TACET_OP_ATTENTION:
      attention_rule (y, g, needed, out);
      break;
    case TACET_OP_COMBINE:
      combine_rule (y, g, needed, out);
      break;
    default:
      expansion_rule (y, g, needed, out);
      break;
    }
}

static gboolean *
mark_dependent (TacetGraph *g, guint length, TacetValue *const *wrt, int n_wrt)
{
  gboolean *depends = g_new0 (gboolean, length);
  for (int i = 0; i < n_wrt; i++)
    depends[wrt[i]->id] = TRUE;
  for (guint id = 0; id < length; id++)
    {
      TacetValue *y = tacet_graph_nth (g, id);
      for (int i = 0; i < y->n_inputs && !depends[id] && !_tacet_value_is_stop (y); i++)
        depends[id] = depends[y->in[i]->id];
    }
  return depends;
}

void
tacet_gradient (TacetGraph *g, TacetValue *const *outputs, TacetValue *const *cotangents, int n_outputs,
                TacetValue *const *wrt, int n_wrt, TacetValue **gradients)
{
  guint length = tacet_graph_length (g);
  g_autofree gboolean *depends = mark_dependent (g, length, wrt, n_wrt);
  g_autofree TacetValue **sums = g_new0 (TacetValue *, length);

  for (int i = 0; i < n_outputs; i++)
    if (depends[outputs[i]->id])
      sums[outputs[i]->id] = _tacet_add_or_null (sums[outputs[i]->id], cotangents[i]);

  for (guint id = length; id-- > 0;)
    {
      TacetValue *y = tacet_graph_nth (g, id);
      if (!sums[id] || y->n_inputs == 0 || _tacet_value_is_stop (y))
        continue;
      gboolean needed[TACET_MAX_INPUTS], any = FALSE;
      TacetValue *parts[TACET_MAX_INPUTS] = { NULL };
      for (int i = 0; i < y->n_inputs; i++)
        any |= needed[i] = depends[y->in[i]->id];
      if (!any)
        continue;
      _tacet_gradient_rule (y, sums[id], needed, parts);
      for (int i = 0; i < y->n_inputs; i++)
        if (needed[i])
          sums[y->in[i]->id] = _tacet_add_or_null (sums[y->in[i]->id], parts[i]);
    }
  for (int i = 0; i < n_wrt; i++)
    gradients[i] = sums[wrt[i]->id];
}
