/* roofline.c: the least time of a step.
 *
 * Room: kernels/.  Shared by every backend.
 */
#include "tacet-roofline.h"

static TacetLeast
least (double flops, double bytes, const TacetPeak *peak)
{
  const double arithmetic = flops / peak->flops, memory = bytes / peak->bytes;

  return (TacetLeast){ flops, bytes, arithmetic > memory ? arithmetic : memory };
}

/* c_out, kh, kw, c_in */
static TacetShape
kernel_shape (const TacetStep *step)
{
  return step->op == TACET_OP_CONV_WEIGHT ? step->out.shape : step->in[1].shape;
}

static bool
has_winograd (const TacetStep *step)
{
  const TacetShape w = kernel_shape (step);

  return (step->op == TACET_OP_CONV || step->op == TACET_OP_CONV_DATA || step->op == TACET_OP_CONV_WEIGHT) &&
         step->attrs.stride <= 1 && w.d[1] == 3 && w.d[2] == 3;
}

static bool
is_product (TacetOp op)
{
  return op == TACET_OP_MATMUL || op == TACET_OP_CONV || op == TACET_OP_CONV_DATA;
}

TacetLeast
tacet_step_least (const TacetStep *step, const TacetPeak *peak)
{
  const double flops = tacet_step_flops (step), plain = tacet_step_bytes (step);
  const double count = is_product (step->op) ? (double) tacet_shape_count (step->in[1].shape) : 0;
  const double held = count * tacet_dtype_size (step->in[1].dtype);
  const double packed = step->packed != NULL && step->precision != TACET_PRECISION_F32 ? count * 2 : held;
  TacetLeast best = least (flops, plain - held + packed, peak), other;

  if (!has_winograd (step))
    return best;
  other = least (flops * 16 / 36, plain - held + packed * 16 / 9, peak);
  best = other.seconds < best.seconds ? other : best;
  other = least (flops / 4, plain - held + packed * 4, peak);
  return other.seconds < best.seconds ? other : best;
}
