/* softmax.c: softmax over the last dimension, and its gradient.
 *
 * Room: kernels/.  The output may be the same memory as an input.
 */
#include "cpu.h"
#include "vector-functions.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const float *x, *g;
  float *out;
  int64_t rows_per_matrix, c;
  bool causal;
} Softmax;

static float
row_highest (const float *x, int64_t n)
{
  V8 top = v8_set (-INFINITY);
  float highest;
  int64_t i = 0;

  for (; i + 8 <= n; i += 8)
    top = v8_max (v8_load (x + i), top);
  highest = v8_highest (top);
  for (; i < n; i++)
    highest = x[i] > highest ? x[i] : highest;
  return highest;
}

static float
row_dot (const float *a, const float *b, int64_t n)
{
  V8 sums = { 0 };
  float sum;
  int64_t i = 0;

  for (; i + 8 <= n; i += 8)
    sums += v8_load (a + i) * v8_load (b + i);
  sum = v8_sum (sums);
  for (; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* exp (x - top) of 16 numbers. */
static inline void
exp_16 (const float *x, float top, float *out)
{
  for (int i = 0; i < 16; i += VW_LANES)
    vw_store (out + i, vw_exp_near (vw_load (x + i) - top));
}

/* out = exp (x - the largest of x); returns the sum, whose order is that of eights at every level. */
static float
exp_row (float *out, const float *x, int64_t n)
{
  const float top = row_highest (x, n);
  V8 sums = { 0 };
  float sum, rest[16] = { 0 };
  int64_t i = 0;

  for (; i + 16 <= n; i += 16)
    {
      exp_16 (x + i, top, out + i);
      sums += v8_load (out + i);
      sums += v8_load (out + i + 8);
    }
  sum = v8_sum (sums);
  if (i < n)
    {
      memcpy (rest, x + i, (n - i) * sizeof *rest);
      exp_16 (rest, top, rest);
      memcpy (out + i, rest, (n - i) * sizeof *rest);
    }
  for (int64_t k = 0; k < n - i; k++)
    sum += rest[k];
  return sum;
}

static void
softmax_rows (void *context, int64_t first, int64_t last)
{
  const Softmax *w = context;

  for (int64_t row = first; row < last; row++)
    {
      const int64_t n = w->causal ? tacet_min (row % w->rows_per_matrix + 1, w->c) : w->c;
      float *out = w->out + row * w->c;
      const float factor = 1 / exp_row (out, w->x + row * w->c, n);
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
      const float dot = row_dot (g, y, w->c);
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
