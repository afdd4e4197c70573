/* table.c: names and costs of the operations.
 *
 * Room: kernels/.  Shared by every backend.
 */
#include "tacet-kernels.h"

static const char *const op_names[TACET_N_OPS] = {
  "input",   "weight",       "const",     "view",           "detach",  "host",           "add",
  "mul",     "affine",       "fn",        "fn-mul",         "sum",     "broadcast",      "permute",
  "concat",  "slice",        "pad",       "upsample",       "downsum", "gather",         "scatter-add",
  "matmul",  "conv",         "conv-data", "conv-weight",    "norm",    "norm-back-data", "norm-back-weight",
  "softmax", "softmax-back", "attention", "attention-back", "gram",    "combine",        "adamw",
};

static const char *const fn_names[TACET_N_FN] = {
  "power", "exp", "log", "sin", "cos", "tanh", "sigmoid", "silu", "gelu", "quick-gelu", "abs", "clamp",
};

const char *
tacet_op_name (TacetOp op)
{
  return (unsigned) op < TACET_N_OPS ? op_names[op] : "?";
}

const char *
tacet_fn_name (TacetFn fn)
{
  return (unsigned) fn < TACET_N_FN ? fn_names[fn] : "?";
}

double
tacet_step_flops (const TacetStep *step)
{
  const TacetShape a = step->in[0].shape, b = step->in[1].shape, out = step->out.shape;
  const double count = (double) tacet_shape_count (out), in = (double) tacet_shape_count (a);

  switch (step->op)
    {
    case TACET_OP_MATMUL:
      return 2 * count * a.d[step->attrs.trans_a ? 2 : 3] * (step->attrs.gated ? 2 : 1);
    case TACET_OP_CONV: /* every output element: kh kw ci products */
      return 2 * count * b.d[1] * b.d[2] * b.d[3];
    case TACET_OP_CONV_DATA: /* every element of g: kh kw ci products */
      return 2 * in * b.d[1] * b.d[2] * b.d[3];
    case TACET_OP_CONV_WEIGHT:
      return 2 * count * b.d[0] * b.d[1] * b.d[2];
    case TACET_OP_ATTENTION: /* q k' and p v */
      return 4 * in * b.d[2];
    case TACET_OP_ATTENTION_BACK: /* s, dp, dv, dq, dk */
      return 10 * in * step->in[2].shape.d[2];
    case TACET_OP_GRAM:
      return in * step->n_inputs * (step->n_inputs + 1);
    case TACET_OP_COMBINE:
      return 2 * count * (step->n_inputs - 2);
    case TACET_OP_SUM:
      return in;
    default:
      return count;
    }
}

double
tacet_step_bytes (const TacetStep *step)
{
  double bytes = (double) tacet_shape_count (step->out.shape) * tacet_dtype_size (step->out.dtype);

  for (int i = 0; i < step->n_inputs; i++)
    bytes += (double) tacet_shape_count (step->in[i].shape) * tacet_dtype_size (step->in[i].dtype);
  switch (step->op)
    {
    case TACET_OP_ADAMW: /* the parameter is read too, m, v and the average written */
      return bytes + (double) step->n_inputs * tacet_shape_count (step->out.shape) * 4;
    case TACET_OP_GATHER: /* only the rows that are looked up */
      return 2.0 * tacet_shape_count (step->out.shape) * 4;
    case TACET_OP_SLICE:
      return 2.0 * tacet_shape_count (step->out.shape) * tacet_dtype_size (step->out.dtype);
    default:
      return bytes;
    }
}
