/* matmul.c: batches of matrix products.
 *
 * Room: kernels/.  One task is a block of one product; the blocks depend on the shapes only.
 */
#include "cpu.h"
#include "gemm.h"

#include <string.h>

#define BLOCK_ROWS    256 /* at least, unless the matrix has fewer */
#define BLOCK_COLUMNS 256
#define MOST_BLOCKS   16 /* of one product along one side */

typedef struct
{
  const float *a, *b, *bias;
  float *out;
  bool ta, tb;
  float alpha;
  int64_t m, n, k, p, q;
  int64_t a_step[2], b_step[2]; /* elements from one p, one q to the next; 0: shared */
  int64_t row_blocks, column_blocks;
} Matmul;

static void
matmul_init (Matmul *w, const TacetStep *step)
{
  const TacetShape a = step->in[0].shape, b = step->in[1].shape, out = step->out.shape;

  *w = (Matmul){
    .a = step->in[0].data,
    .b = step->in[1].data,
    .bias = step->n_inputs > 2 ? step->in[2].data : NULL,
    .out = step->out.data,
    .ta = step->attrs.trans_a,
    .tb = step->attrs.trans_b,
    .alpha = step->attrs.a,
    .p = out.d[0],
    .q = out.d[1],
    .m = out.d[2],
    .n = out.d[3],
    .k = a.d[step->attrs.trans_a ? 2 : 3],
  };
  w->a_step[1] = a.d[1] == 1 ? 0 : w->m * w->k;
  w->a_step[0] = a.d[0] == 1 ? 0 : a.d[1] * w->m * w->k;
  w->b_step[1] = b.d[1] == 1 ? 0 : w->n * w->k;
  w->b_step[0] = b.d[0] == 1 ? 0 : b.d[1] * w->n * w->k;

  /* One shared b under many dense rows is one tall product. */
  if (b.d[0] == 1 && b.d[1] == 1 && !w->ta && a.d[0] == w->p && a.d[1] == w->q)
    {
      w->m *= w->p * w->q;
      w->p = w->q = 1;
    }
  w->row_blocks = tacet_max (tacet_min (w->m / BLOCK_ROWS, MOST_BLOCKS), 1);
  w->column_blocks = w->row_blocks > 1 ? 1 : tacet_max (tacet_min (w->n / BLOCK_COLUMNS, MOST_BLOCKS), 1);
}

/* Where block i of n_blocks over length starts; multiples of 16, the width of a BLAS kernel. */
static int64_t
block_start (int64_t length, int64_t n_blocks, int64_t i)
{
  return i == n_blocks ? length : length * i / n_blocks / 16 * 16;
}

static void
matmul_task (void *context, int64_t index, int thread)
{
  const Matmul *w = context;
  const int64_t column = index % w->column_blocks, row = index / w->column_blocks % w->row_blocks;
  const int64_t batch = index / w->column_blocks / w->row_blocks, p = batch / w->q, q = batch % w->q;
  const int64_t m0 = block_start (w->m, w->row_blocks, row), m1 = block_start (w->m, w->row_blocks, row + 1);
  const int64_t n0 = block_start (w->n, w->column_blocks, column),
                n1 = block_start (w->n, w->column_blocks, column + 1);
  const float *a = w->a + p * w->a_step[0] + q * w->a_step[1] + (w->ta ? m0 : m0 * w->k);
  const float *b = w->b + p * w->b_step[0] + q * w->b_step[1] + (w->tb ? n0 * w->k : n0);
  float *out = w->out + (batch * w->m + m0) * w->n + n0;

  if (w->bias != NULL)
    for (int64_t i = 0; i < m1 - m0; i++)
      memcpy (out + i * w->n, w->bias + n0, (n1 - n0) * sizeof *out);
  tacet_gemm (w->ta, w->tb, m1 - m0, n1 - n0, w->k, w->alpha, a, w->ta ? w->m : w->k, b, w->tb ? w->k : w->n,
              w->bias != NULL, out, w->n);
}

static TacetStatus
run_matmul (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Matmul w;

  matmul_init (&w, step);
  tacet_pool_run (cpu->pool, w.p * w.q * w.row_blocks * w.column_blocks, matmul_task, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_matmul = { .run = run_matmul };
