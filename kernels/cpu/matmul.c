/* matmul.c: batches of matrix products.
 *
 * Room: kernels/.  One task is a block of one product; the blocks depend on the shapes only.  A matrix b
 * that all rows share is packed once, before the tasks.
 */
#include "cpu.h"
#include "gemm.h"

#define BLOCK_ROWS    256 /* so often are panels used that were widened or came from far */
#define BLOCK_COLUMNS 320
#define FEW_BLOCKS    16 /* with fewer blocks they are made smaller */
#define PACK_COLUMNS  128
#define REUSE         24 /* rows from which on packing b pays */

typedef struct
{
  TacetGemm gemm;                                   /* of one batch; pointers of the first */
  int64_t p, q;                                     /* batches */
  int64_t a_step[2], b_step[2];                     /* elements from one p, one q to the next; 0: shared */
  int64_t row_blocks, column_blocks, rows, columns; /* blocks, and the size of one */
  bool gated;                                       /* all of this is of the first half of the columns */
  TacetFn fn;
  bool shared;  /* one b, packed before the tasks */
  void *packed; /* b, packed: by the step or, shared, in the scratch */
  float *work;
  int64_t work_stride; /* floats per thread */
} Matmul;

static inline int
halves (const Matmul *w)
{
  return w->gated ? 2 : 1;
}

/* Packed, each half of the columns of b begins with a panel of its own. */
static int64_t
half_floats (const Matmul *w)
{
  return tacet_gemm_packed_floats (w->gemm.n, w->gemm.k);
}

/* The product of one task; half: of the columns of a gated one, 0 or 1. */
static void
block_gemm (const Matmul *w, int64_t index, int half, TacetGemm *g)
{
  const int64_t column = index % w->column_blocks, row = index / w->column_blocks % w->row_blocks;
  const int64_t batch = index / w->column_blocks / w->row_blocks, p = batch / w->q, q = batch % w->q;
  const int64_t m0 = row * w->rows, n0 = column * w->columns, of_b = n0 + half * w->gemm.n;

  *g = w->gemm;
  g->m = tacet_min (w->rows, g->m - m0);
  g->n = tacet_min (w->columns, g->n - n0);
  g->a += (g->trans_a ? m0 : m0 * g->a_stride) + p * w->a_step[0] + q * w->a_step[1];
  g->c += m0 * g->c_stride + n0 + batch * w->gemm.m * w->gemm.n;
  g->bias = g->bias != NULL ? g->bias + of_b : NULL;
  if (w->packed != NULL)
    g->packed = tacet_precision_at (g->precision, w->packed, half * half_floats (w) + n0 * g->k);
  else
    g->b += (g->trans_b ? of_b * g->b_stride : of_b) + p * w->b_step[0] + q * w->b_step[1];
}

/* Blocks of one size, as nearly as whole tiles allow. */
static void
cut_into (Matmul *w, int64_t columns)
{
  const TacetGemm *g = &w->gemm;

  w->rows = tacet_div_up (tacet_div_up (g->m, tacet_div_up (g->m, BLOCK_ROWS)), 4) * 4;
  w->row_blocks = tacet_div_up (g->m, w->rows);
  w->columns = tacet_div_up (tacet_div_up (g->n, tacet_div_up (g->n, columns)), TACET_TILE_WIDTH) * TACET_TILE_WIDTH;
  w->column_blocks = tacet_div_up (g->n, w->columns);
}

static void
cut (Matmul *w)
{
  const int64_t columns = BLOCK_COLUMNS / halves (w);

  cut_into (w, columns);
  if (w->row_blocks * w->column_blocks * w->p * w->q < FEW_BLOCKS)
    cut_into (w, columns / 2);
}

/* Both halves of one block of a gated product: {rows, 2 columns} */
static int64_t
block_floats (const Matmul *w)
{
  return w->gated ? w->rows * 2 * w->columns : 0;
}

static void
matmul_init (Matmul *w, const TacetCpu *cpu, const TacetStep *step)
{
  const TacetShape a = step->in[0].shape, b = step->in[1].shape, out = step->out.shape;
  const bool ta = step->attrs.trans_a, tb = step->attrs.trans_b;
  TacetGemm g = {
    .m = out.d[2],
    .n = out.d[3], /* of one half, if gated */
    .k = a.d[ta ? 2 : 3],
    .alpha = step->attrs.a,
    .a = step->in[0].data,
    .b = step->in[1].data,
    .a_stride = a.d[3],
    .b_stride = b.d[3],
    .c_stride = out.d[3],
    .trans_a = ta,
    .trans_b = tb,
    .precision = step->packed != NULL ? step->precision : TACET_PRECISION_F32,
    .reads_f16 = cpu->widens_beside,
    .bias = step->n_inputs > 2 ? step->in[2].data : NULL,
    .c = step->out.data,
  };

  *w = (Matmul){ .p = out.d[0], .q = out.d[1], .gated = step->attrs.gated, .fn = step->attrs.fn };
  w->a_step[1] = a.d[1] == 1 ? 0 : g.m * g.k;
  w->a_step[0] = a.d[0] == 1 ? 0 : a.d[1] * g.m * g.k;
  w->b_step[1] = b.d[1] == 1 ? 0 : g.n * g.k;
  w->b_step[0] = b.d[0] == 1 ? 0 : b.d[1] * g.n * g.k;
  /* One shared b under many dense rows is one tall product. */
  if (b.d[0] == 1 && b.d[1] == 1 && !ta && a.d[0] == w->p && a.d[1] == w->q)
    {
      g.m *= w->p * w->q;
      w->p = w->q = 1;
    }
  w->gemm = g;
  w->shared = b.d[0] == 1 && b.d[1] == 1 && g.m >= REUSE;
  cut (w);
  w->packed = (void *) step->packed;
  /* The last column block may have another width, the first row block is the tallest.  Scratch is asked for before
   * anything is packed, so it has to do for packed 16 bits as well: bf16, which is always widened. */
  for (int64_t column = 0; column < w->column_blocks; column++)
    {
      TacetGemm block;
      block_gemm (w, column, 0, &block);
      if (w->shared)
        block.packed = w; /* will be there */
      w->work_stride = tacet_max (w->work_stride, tacet_gemm_work (&block));
      block.packed = w;
      block.precision = TACET_PRECISION_BF16;
      w->work_stride = tacet_max (w->work_stride, tacet_gemm_work (&block));
    }
  w->work_stride = tacet_aligned (w->work_stride * sizeof (float)) / sizeof (float) + block_floats (w);
}

static void
pack_task (void *context, int64_t index, int thread)
{
  const Matmul *w = context;
  const TacetGemm *g = &w->gemm;
  const int64_t pieces = tacet_div_up (g->n, PACK_COLUMNS), half = index / pieces,
                first = index % pieces * PACK_COLUMNS;
  const float *b = g->b + half * g->n * (g->trans_b ? g->b_stride : 1);

  tacet_gemm_pack_as (g->precision, b, g->b_stride, g->trans_b, g->k, first, tacet_min (first + PACK_COLUMNS, g->n),
                      (void *) tacet_precision_at (g->precision, w->packed, half * half_floats (w)));
}

/* Both halves side by side into block, and from there their product with the function. */
static void
gated_block (const Matmul *w, int64_t index, float *block)
{
  TacetGemm g;
  block_gemm (w, index, 0, &g);
  const int64_t rows = g.m, columns = g.n, stride = 2 * w->columns;
  float *c = g.c;

  for (int half = 0; half < 2; half++)
    {
      block_gemm (w, index, half, &g);
      g.c = block + half * w->columns;
      g.c_stride = stride;
      tacet_gemm_run (&g, block + block_floats (w));
    }
  for (int64_t i = 0; i < rows; i++)
    tacet_fn_mul_row (w->fn, block + i * stride, block + i * stride + w->columns, columns, c + i * w->gemm.c_stride);
}

static void
matmul_task (void *context, int64_t index, int thread)
{
  const Matmul *w = context;
  float *work = w->work + thread * w->work_stride;
  TacetGemm g;

  if (w->gated)
    {
      gated_block (w, index, work);
      return;
    }
  block_gemm (w, index, 0, &g);
  tacet_gemm_run (&g, work);
}

static size_t
shared_bytes (const Matmul *w)
{
  return tacet_aligned (halves (w) * half_floats (w) * tacet_precision_bytes (w->gemm.precision));
}

static size_t
scratch_matmul (TacetCpu *cpu, const TacetStep *step)
{
  Matmul w;

  matmul_init (&w, cpu, step);
  return (w.shared && w.packed == NULL ? shared_bytes (&w) : 0) +
         w.work_stride * sizeof (float) * tacet_cpu_threads (cpu);
}

static void
pack_all (TacetCpu *cpu, Matmul *w)
{
  tacet_pool_run (cpu->pool, halves (w) * tacet_div_up (w->gemm.n, PACK_COLUMNS), pack_task, w);
}

static TacetStatus
run_matmul (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Matmul w;

  matmul_init (&w, cpu, step);
  w.work = scratch;
  if (w.shared && w.packed == NULL)
    {
      w.packed = scratch;
      w.work = (float *) ((char *) scratch + shared_bytes (&w));
      pack_all (cpu, &w);
    }
  tacet_pool_run (cpu->pool, w.p * w.q * w.row_blocks * w.column_blocks, matmul_task, &w);
  return TACET_OK;
}

static size_t
packed_matmul (TacetCpu *cpu, const TacetStep *step)
{
  Matmul w;

  matmul_init (&w, cpu, step);
  w.gemm.precision = step->precision;
  return step->in[1].shape.d[0] == 1 && step->in[1].shape.d[1] == 1 ? shared_bytes (&w) : 0;
}

/* Halves that end inside a panel leave a gap, others lie as the whole does. */
static uint64_t
key_matmul (TacetCpu *cpu, const TacetStep *step)
{
  return step->attrs.gated && step->out.shape.d[3] % TACET_TILE_COLUMNS != 0;
}

static TacetStatus
pack_matmul (TacetCpu *cpu, const TacetStep *step, void *packed, void *scratch)
{
  Matmul w;

  matmul_init (&w, cpu, step);
  w.gemm.precision = step->precision;
  w.packed = packed;
  pack_all (cpu, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_matmul = { .run = run_matmul,
                                      .scratch = scratch_matmul,
                                      .packed_size = packed_matmul,
                                      .pack_key = key_matmul,
                                      .pack = pack_matmul };
