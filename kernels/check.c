/* check.c: whether the operands of a step fit its operation.
 *
 * Room: kernels/.  Shared by every backend: behind this check no backend looks at a shape again.
 */
#include "tacet-kernels.h"

static bool
same_count (TacetShape a, TacetShape b)
{
  return tacet_shape_count (a) == tacet_shape_count (b);
}

/* Each dimension of x is that of whole or 1. */
static bool
repeats_to (TacetShape x, TacetShape whole)
{
  for (int i = 0; i < TACET_RANK; i++)
    if (x.d[i] != whole.d[i] && x.d[i] != 1)
      return false;
  return true;
}

/* Equal but for one dimension. */
static bool
equal_beside (TacetShape a, TacetShape b, int axis)
{
  for (int i = 0; i < TACET_RANK; i++)
    if (i != axis && a.d[i] != b.d[i])
      return false;
  return axis >= 0 && axis < TACET_RANK;
}

static bool
permutes (const TacetStep *step)
{
  unsigned seen = 0;

  for (int i = 0; i < TACET_RANK; i++)
    {
      const int from = step->attrs.perm[i];
      if (from < 0 || from >= TACET_RANK || step->out.shape.d[i] != step->in[0].shape.d[from])
        return false;
      seen |= 1u << from;
    }
  return seen == 15;
}

static bool
concatenates (const TacetStep *step)
{
  const int axis = step->attrs.axis;
  int64_t size = 0;

  for (int i = 0; i < step->n_inputs; i++)
    {
      if (!equal_beside (step->in[i].shape, step->out.shape, axis))
        return false;
      size += step->in[i].shape.d[axis];
    }
  return size == step->out.shape.d[axis];
}

/* part lies within whole from start on */
static bool
lies_within (const TacetStep *step, TacetShape part, TacetShape whole)
{
  const int axis = step->attrs.axis;

  return equal_beside (part, whole, axis) && step->attrs.start >= 0 &&
         step->attrs.start <= whole.d[axis] - part.d[axis];
}

static bool
doubles (TacetShape small, TacetShape large)
{
  return small.d[0] == large.d[0] && 2 * small.d[1] == large.d[1] && 2 * small.d[2] == large.d[2] &&
         small.d[3] == large.d[3];
}

/* rows {.., c} that are looked up in table {1,1,V,c} by ids */
static bool
looks_up (TacetShape table, TacetShape ids, TacetShape rows)
{
  return table.d[0] == 1 && table.d[1] == 1 && table.d[3] == rows.d[3] &&
         tacet_shape_count (ids) * rows.d[3] == tacet_shape_count (rows);
}

static bool
is_function (const TacetAttrs *attrs)
{
  return (unsigned) attrs->fn < TACET_N_FN && attrs->order >= 0 && attrs->order <= 3;
}

static bool
is_gate (const TacetAttrs *attrs)
{
  return is_function (attrs) && attrs->order == 0 && attrs->fn != TACET_FN_POWER && attrs->fn != TACET_FN_CLAMP;
}

static bool
multiplies (const TacetStep *step)
{
  const TacetShape a = step->in[0].shape, b = step->in[1].shape, out = step->out.shape;
  const bool ta = step->attrs.trans_a, tb = step->attrs.trans_b;
  const int64_t columns = out.d[3] * (step->attrs.gated ? 2 : 1);

  for (int i = 0; i < 2; i++)
    if ((a.d[i] != out.d[i] && a.d[i] != 1) || (b.d[i] != out.d[i] && b.d[i] != 1))
      return false;
  if (step->attrs.gated && (!is_gate (&step->attrs) || b.d[0] != 1 || b.d[1] != 1))
    return false;
  return a.d[ta ? 3 : 2] == out.d[2] && b.d[tb ? 2 : 3] == columns && a.d[ta ? 2 : 3] == b.d[tb ? 3 : 2] &&
         (step->n_inputs < 3 || tacet_shape_count (step->in[2].shape) == columns);
}

static bool
convolves (const TacetStep *step, TacetShape x, TacetShape weight, TacetShape out)
{
  const TacetAttrs *t = &step->attrs;

  return x.d[0] == out.d[0] && x.d[3] == weight.d[3] && out.d[3] == weight.d[0] && t->stride > 0 && t->pad_top >= 0 &&
         t->pad_left >= 0 && (step->n_inputs < 3 || tacet_shape_count (step->in[2].shape) == out.d[3]);
}

static bool
normalises (const TacetStep *step, int x_input)
{
  const TacetShape x = step->in[x_input].shape;
  const int groups = step->attrs.groups;

  for (int i = x_input + 1; i < step->n_inputs; i++)
    if (tacet_shape_count (step->in[i].shape) != x.d[3])
      return false;
  if (x_input > 0 && !tacet_shape_equal (step->in[0].shape, x))
    return false;
  return groups > 0 && x.d[3] % groups == 0 && step->attrs.a >= 0 &&
         tacet_shape_count (step->out.shape) ==
             (step->op == TACET_OP_NORM_BACK_WEIGHT ? 2 * x.d[3] : tacet_shape_count (x));
}

static bool
attends (const TacetStep *step, int first)
{
  const TacetShape q = step->in[first].shape, k = step->in[first + 1].shape, v = step->in[first + 2].shape;
  const int64_t all = tacet_shape_count (q);

  if (!tacet_shape_equal (k, v) || q.d[0] != k.d[0] || q.d[3] != k.d[3] || step->attrs.heads < 1 ||
      q.d[3] % step->attrs.heads != 0)
    return false;
  return first == 0 ? same_count (q, step->out.shape)
                    : same_count (step->in[0].shape, q) &&
                          tacet_shape_count (step->out.shape) == all + 2 * tacet_shape_count (k);
}

/* Inputs from first on have the shape of the one before. */
static bool
all_alike (const TacetStep *step, int first)
{
  for (int i = first; i < step->n_inputs; i++)
    if (!same_count (step->in[i].shape, step->in[0].shape))
      return false;
  return true;
}

static bool
inputs_between (const TacetStep *step, int least, int most)
{
  return step->n_inputs >= least && step->n_inputs <= most;
}

static bool
fits (const TacetStep *step)
{
  const TacetShape out = step->out.shape, a = step->in[0].shape, b = step->in[1].shape;

  switch (step->op)
    {
    case TACET_OP_ADD:
    case TACET_OP_MUL:
      return inputs_between (step, 2, 2) && repeats_to (a, out) && repeats_to (b, out);
    case TACET_OP_BROADCAST:
      return inputs_between (step, 1, 1) && repeats_to (a, out);
    case TACET_OP_SUM:
      return inputs_between (step, 1, 1) && repeats_to (out, a);
    case TACET_OP_AFFINE:
    case TACET_OP_SOFTMAX:
      return inputs_between (step, 1, 1) && tacet_shape_equal (a, out);
    case TACET_OP_FN:
      return inputs_between (step, 1, 1) && is_function (&step->attrs) && same_count (a, out);
    case TACET_OP_FN_MUL:
      return inputs_between (step, 2, 2) && is_function (&step->attrs) && all_alike (step, 1) && same_count (a, out);
    case TACET_OP_SOFTMAX_BACK:
      return inputs_between (step, 2, 2) && all_alike (step, 1) && tacet_shape_equal (a, out);
    case TACET_OP_PERMUTE:
      return inputs_between (step, 1, 1) && permutes (step);
    case TACET_OP_CONCAT:
      return concatenates (step);
    case TACET_OP_SLICE:
      return inputs_between (step, 1, 1) && lies_within (step, out, a);
    case TACET_OP_PAD:
      return inputs_between (step, 1, 1) && lies_within (step, a, out);
    case TACET_OP_UPSAMPLE:
      return inputs_between (step, 1, 1) && doubles (a, out);
    case TACET_OP_DOWNSUM:
      return inputs_between (step, 1, 1) && doubles (out, a);
    case TACET_OP_GATHER:
      return inputs_between (step, 2, 2) && looks_up (a, b, out);
    case TACET_OP_SCATTER_ADD:
      return inputs_between (step, 2, 2) && looks_up (out, b, a);
    case TACET_OP_MATMUL:
      return inputs_between (step, 2, 3) && multiplies (step);
    case TACET_OP_CONV:
      return inputs_between (step, 2, 3) && convolves (step, a, b, out);
    case TACET_OP_CONV_DATA:
      return inputs_between (step, 2, 2) && convolves (step, out, b, a);
    case TACET_OP_CONV_WEIGHT:
      return inputs_between (step, 2, 2) && convolves (step, a, out, b);
    case TACET_OP_NORM:
      return (inputs_between (step, 1, 1) || inputs_between (step, 3, 3)) && normalises (step, 0);
    case TACET_OP_NORM_BACK_DATA:
      return inputs_between (step, 2, 3) && !step->attrs.silu && normalises (step, 1);
    case TACET_OP_NORM_BACK_WEIGHT:
      return inputs_between (step, 2, 2) && !step->attrs.silu && normalises (step, 1);
    case TACET_OP_ATTENTION:
      return inputs_between (step, 3, 3) && attends (step, 0);
    case TACET_OP_ATTENTION_BACK:
      return inputs_between (step, 4, 4) && attends (step, 1);
    case TACET_OP_GRAM:
      return all_alike (step, 1) && tacet_shape_count (out) == a.d[0] * step->n_inputs * step->n_inputs;
    case TACET_OP_COMBINE:
      return step->n_inputs >= 3 && tacet_shape_count (b) == a.d[0] * (step->n_inputs - 2) && all_alike (step, 2) &&
             same_count (a, out);
    case TACET_OP_ADAMW:
      return inputs_between (step, 3, 4) && all_alike (step, 1) && same_count (a, out) && step->attrs.step >= 1;
    default:
      return false;
    }
}

static bool
moves_bits (TacetOp op)
{
  return op == TACET_OP_PERMUTE || op == TACET_OP_CONCAT || op == TACET_OP_SLICE || op == TACET_OP_PAD;
}

static bool
dtypes_fit (const TacetStep *step)
{
  const bool table = step->op == TACET_OP_GATHER || step->op == TACET_OP_SCATTER_ADD;

  if (moves_bits (step->op) && step->out.dtype == TACET_I32)
    {
      for (int i = 0; i < step->n_inputs; i++)
        if (step->in[i].dtype != TACET_I32)
          return false;
      return true;
    }
  for (int i = 0; i < step->n_inputs; i++)
    if (step->in[i].dtype != (table && i == 1 ? TACET_I32 : TACET_F32))
      return false;
  return step->out.dtype == (step->op == TACET_OP_GRAM ? TACET_F64 : TACET_F32);
}

bool
tacet_step_fits (const TacetStep *step)
{
  if (step->n_inputs < 1 || step->n_inputs > TACET_MAX_INPUTS)
    return false;
  for (int i = -1; i < step->n_inputs; i++)
    for (int k = 0; k < TACET_RANK; k++)
      if ((i < 0 ? step->out.shape : step->in[i].shape).d[k] <= 0)
        return false;
  return dtypes_fit (step) && fits (step);
}
