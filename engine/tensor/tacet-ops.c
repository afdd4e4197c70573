/* tacet-ops.c: element-wise operations and moving data, as values of a graph.  Room: engine/tensor.
 *
 * Each function checks its shapes and appends one value. */
#define G_LOG_DOMAIN "tacet-ops"
#include "tacet-graph-private.h"

static TacetValue *
binary (TacetOp op, TacetValue *a, TacetValue *b, float alpha, float beta)
{
  TacetShape shape;
  for (int i = 0; i < TACET_RANK; i++)
    {
      int64_t da = a->shape.d[i], db = b->shape.d[i];
      if (da != db && da != 1 && db != 1)
        return _tacet_value_misfit (op, a, b);
      shape.d[i] = MAX (da, db);
    }
  TacetAttrs attrs = { .a = alpha, .b = beta };
  TacetValue *in[] = { a, b };
  return _tacet_value_new (a->graph, op, TACET_F32, shape, &attrs, in, 2);
}

TacetValue *
tacet_add (TacetValue *a, TacetValue *b)
{
  return binary (TACET_OP_ADD, a, b, 1, 1);
}

TacetValue *
tacet_sub (TacetValue *a, TacetValue *b)
{
  return binary (TACET_OP_ADD, a, b, 1, -1);
}

TacetValue *
tacet_add_scaled (TacetValue *a, float alpha, TacetValue *b, float beta)
{
  return binary (TACET_OP_ADD, a, b, alpha, beta);
}

TacetValue *
_tacet_add_or_null (TacetValue *a, TacetValue *b)
{
  return !a ? b : !b ? a : tacet_add (a, b);
}

TacetValue *
tacet_mul (TacetValue *a, TacetValue *b)
{
  return binary (TACET_OP_MUL, a, b, 1, 0);
}

TacetValue *
tacet_affine (TacetValue *x, float factor, float offset)
{
  if (factor == 1 && offset == 0)
    return x;
  TacetAttrs attrs = { .a = factor, .b = offset };
  return _tacet_value_new (x->graph, TACET_OP_AFFINE, TACET_F32, x->shape, &attrs, &x, 1);
}

TacetValue *
tacet_scale (TacetValue *x, float factor)
{
  return tacet_affine (x, factor, 0);
}

TacetValue *
tacet_fn_order (TacetValue *x, TacetFn fn, int order, float a, float b)
{
  if (order > 3)
    return _tacet_value_bad (x->graph, "derivative %d of %s is not in the table", order, tacet_fn_name (fn));
  TacetAttrs attrs = { .fn = fn, .order = order, .a = a, .b = b };
  return _tacet_value_new (x->graph, TACET_OP_FN, TACET_F32, x->shape, &attrs, &x, 1);
}

TacetValue *
tacet_fn (TacetValue *x, TacetFn fn)
{
  return tacet_fn_order (x, fn, 0, 0, 0);
}

TacetValue *
tacet_power (TacetValue *x, float p)
{
  return tacet_fn_order (x, TACET_FN_POWER, 0, p, 0);
}

TacetValue *
tacet_clamp (TacetValue *x, float low, float high)
{
  return tacet_fn_order (x, TACET_FN_CLAMP, 0, low, high);
}

TacetValue *
tacet_fn_mul (TacetValue *g, TacetValue *x, TacetFn fn, int order, float a, float b)
{
  if (!tacet_shape_equal (g->shape, x->shape))
    return _tacet_value_misfit (TACET_OP_FN_MUL, g, x);
  if (order > 3)
    return _tacet_value_bad (x->graph, "derivative %d of %s is not in the table", order, tacet_fn_name (fn));
  TacetAttrs attrs = { .fn = fn, .order = order, .a = a, .b = b };
  TacetValue *in[] = { g, x };
  return _tacet_value_new (x->graph, TACET_OP_FN_MUL, TACET_F32, x->shape, &attrs, in, 2);
}

TacetValue *
tacet_sum_to (TacetValue *x, TacetShape shape)
{
  if (tacet_shape_equal (x->shape, shape))
    return x;
  for (int i = 0; i < TACET_RANK; i++)
    if (shape.d[i] != x->shape.d[i] && shape.d[i] != 1)
      {
        char a[96], b[96];
        return _tacet_value_bad (x->graph, "sum: %s cannot be summed to %s", _tacet_shape_text (x->shape, a),
                                 _tacet_shape_text (shape, b));
      }
  return _tacet_value_new (x->graph, TACET_OP_SUM, TACET_F32, shape, NULL, &x, 1);
}

TacetValue *
tacet_mean (TacetValue *x)
{
  return tacet_scale (tacet_sum_to (x, tacet_shape (1, 1, 1, 1)),
                      (float) (1.0 / (double) tacet_shape_count (x->shape)));
}

TacetValue *
tacet_broadcast (TacetValue *x, TacetShape shape)
{
  if (tacet_shape_equal (x->shape, shape))
    return x;
  for (int i = 0; i < TACET_RANK; i++)
    if (x->shape.d[i] != shape.d[i] && x->shape.d[i] != 1)
      {
        char a[96], b[96];
        return _tacet_value_bad (x->graph, "broadcast: %s cannot be repeated to %s", _tacet_shape_text (x->shape, a),
                                 _tacet_shape_text (shape, b));
      }
  return _tacet_value_new (x->graph, TACET_OP_BROADCAST, TACET_F32, shape, NULL, &x, 1);
}

TacetValue *
tacet_permute (TacetValue *x, int d0, int d1, int d2, int d3)
{
  TacetAttrs attrs = { .perm = { d0, d1, d2, d3 } };
  TacetShape shape;
  for (int i = 0; i < TACET_RANK; i++)
    shape.d[i] = x->shape.d[attrs.perm[i]];
  return _tacet_value_new (x->graph, TACET_OP_PERMUTE, x->dtype, shape, &attrs, &x, 1);
}

TacetValue *
tacet_concat (TacetValue *const *x, int n, int axis)
{
  if (n == 1)
    return x[0];
  TacetShape shape = x[0]->shape;
  for (int i = 1; i < n; i++)
    {
      for (int d = 0; d < TACET_RANK; d++)
        if (d != axis && x[i]->shape.d[d] != shape.d[d])
          return _tacet_value_misfit (TACET_OP_CONCAT, x[0], x[i]);
      shape.d[axis] += x[i]->shape.d[axis];
    }
  TacetAttrs attrs = { .axis = axis };
  return _tacet_value_new (x[0]->graph, TACET_OP_CONCAT, x[0]->dtype, shape, &attrs, x, n);
}

TacetValue *
tacet_slice (TacetValue *x, int axis, int64_t start, int64_t size)
{
  char text[96];
  if (start < 0 || size < 1 || start > x->shape.d[axis] - size)
    return _tacet_value_bad (x->graph, "slice: %s has no %d elements from %d along axis %d",
                             _tacet_shape_text (x->shape, text), (int) size, (int) start, axis);
  if (size == x->shape.d[axis])
    return x;
  TacetAttrs attrs = { .axis = axis, .start = start };
  TacetShape shape = x->shape;
  shape.d[axis] = size;
  return _tacet_value_new (x->graph, TACET_OP_SLICE, x->dtype, shape, &attrs, &x, 1);
}

TacetValue *
tacet_pad (TacetValue *x, int axis, int64_t start, int64_t size)
{
  char text[96];
  if (start < 0 || start > size - x->shape.d[axis])
    return _tacet_value_bad (x->graph, "pad: %s does not fit in %d along axis %d", _tacet_shape_text (x->shape, text),
                             (int) size, axis);
  if (size == x->shape.d[axis])
    return x;
  TacetAttrs attrs = { .axis = axis, .start = start };
  TacetShape shape = x->shape;
  shape.d[axis] = size;
  return _tacet_value_new (x->graph, TACET_OP_PAD, x->dtype, shape, &attrs, &x, 1);
}

TacetValue *
tacet_upsample (TacetValue *x)
{
  TacetShape s = tacet_shape (x->shape.d[0], 2 * x->shape.d[1], 2 * x->shape.d[2], x->shape.d[3]);
  return _tacet_value_new (x->graph, TACET_OP_UPSAMPLE, TACET_F32, s, NULL, &x, 1);
}

TacetValue *
tacet_downsum (TacetValue *x)
{
  if (x->shape.d[1] % 2 || x->shape.d[2] % 2)
    return _tacet_value_bad (x->graph, "downsum: height and width must be even");
  TacetShape s = tacet_shape (x->shape.d[0], x->shape.d[1] / 2, x->shape.d[2] / 2, x->shape.d[3]);
  return _tacet_value_new (x->graph, TACET_OP_DOWNSUM, TACET_F32, s, NULL, &x, 1);
}

TacetValue *
tacet_gather (TacetValue *table, TacetValue *ids)
{
  if (ids->dtype != TACET_I32 || ids->shape.d[1] != 1 || ids->shape.d[3] != 1 || table->shape.d[0] != 1 ||
      table->shape.d[1] != 1)
    return _tacet_value_misfit (TACET_OP_GATHER, table, ids);
  TacetValue *in[] = { table, ids };
  TacetShape s = tacet_shape (ids->shape.d[0], 1, ids->shape.d[2], table->shape.d[3]);
  return _tacet_value_new (table->graph, TACET_OP_GATHER, TACET_F32, s, NULL, in, 2);
}

TacetValue *
tacet_scatter_add (TacetValue *g, TacetValue *ids, int64_t n_rows)
{
  if (ids->dtype != TACET_I32 || ids->shape.d[0] != g->shape.d[0] || ids->shape.d[2] != g->shape.d[2] ||
      ids->shape.d[1] != 1 || ids->shape.d[3] != 1 || g->shape.d[1] != 1)
    return _tacet_value_misfit (TACET_OP_SCATTER_ADD, g, ids);
  TacetValue *in[] = { g, ids };
  return _tacet_value_new (g->graph, TACET_OP_SCATTER_ADD, TACET_F32, tacet_shape (1, 1, n_rows, g->shape.d[3]), NULL,
                           in, 2);
}
