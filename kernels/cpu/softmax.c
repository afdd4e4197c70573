/* softmax.c: softmax over the last dimension, and its gradient.
 *
 * Room: kernels/.  The output may be the same memory as an input.
 */
#include "softmax.h"

typedef struct
{
  const float *x, *g;
  float *out;
  int64_t rows_per_matrix, c;
  bool causal;
} Softmax;

float
tacet_softmax_row (float *out, const float *x, int64_t n, float scale, float *highest)
{
  const float top = *highest = tacet_row_highest (x, n, scale, *highest);
  V8 sums = { 0 };
  float sum;
  int64_t i = 0;

  for (; i + 8 <= n; i += 8)
    {
      V8 e = v8_exp_near (v8_load (x + i) * scale - top);
      v8_store (out + i, e);
      sums += e;
    }
  sum = v8_sum (sums);
  if (i < n)
    {
      V8 e = v8_exp_near (v8_load_part (x + i, n - i) * scale - top);
      v8_store_part (out + i, e, n - i);
      for (int64_t k = 0; k < n - i; k++)
        sum += e[k];
    }
  return sum;
}

static void
softmax_rows (void *context, int64_t first, int64_t last)
{
  const Softmax *w = context;

  for (int64_t row = first; row < last; row++)
    {
      const int64_t n = w->causal ? tacet_min (row % w->rows_per_matrix + 1, w->c) : w->c;
      float *out = w->out + row * w->c, highest = -INFINITY;
      const float factor = 1 / tacet_softmax_row (out, w->x + row * w->c, n, 1, &highest);
      for (int64_t i = 0; i < n; i++)
        out[i] *= factor;
      for (int64_t i = n; i < w->c; i++)
        out[i] = 0;
    }
}

/* out = y (g - sum (g y)) */
static void
softmax_back_rows (void *context, int64_t first, int64_t last)
{
  const Softmax *w = context;

  for (int64_t row = first; row < last; row++)
    {
      const float *g = w->g + row * w->c, *y = w->x + row * w->c;
      const float dot = tacet_row_dot (g, y, w->c);
      float *out = w->out + row * w->c;
      for (int64_t i = 0; i < w->c; i++)
        out[i] = y[i] * (g[i] - dot);
    }
}

static TacetStatus
run_softmax (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const bool back = step->op == TACET_OP_SOFTMAX_BACK;
  Softmax w = {
    .x = step->in[back ? 1 : 0].data,
    .g = step->in[0].data,
    .out = step->out.data,
    .rows_per_matrix = step->out.shape.d[2],
    .c = step->out.shape.d[3],
    .causal = step->attrs.causal,
  };

  tacet_pool_range (cpu->pool, tacet_shape_count (step->out.shape) / w.c, TACET_GRAIN / 4 / tacet_min (w.c, 4096),
                    back ? softmax_back_rows : softmax_rows, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_softmax = { .run = run_softmax };
const TacetCpuOp tacet_cpu_softmax_back = { .run = run_softmax };
