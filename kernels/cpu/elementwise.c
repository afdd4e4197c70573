/* elementwise.c: sums and products with broadcasting, affine maps, repetition.
 *
 * Room: kernels/.  The output may be the same memory as an input of its own shape.
 */
#include "walk.h"
#include "vector.h"

typedef void (*RowFn) (float *out, const float *a, const float *b, int64_t n, float fa, float fb);

/* One row for each way the last dimension of a and b may be repeated; EXPR sees x from a, y from b. */
#define ROW_LOOP(NAME, LOAD_A, LOAD_B, ONE_A, ONE_B, EXPR)                                                             \
  static void NAME (float *out, const float *a, const float *b, int64_t n, float fa, float fb)                         \
  {                                                                                                                    \
    int64_t i = 0;                                                                                                     \
    for (; i + 8 <= n; i += 8)                                                                                         \
      {                                                                                                                \
        V8 x = LOAD_A, y = LOAD_B;                                                                                     \
        v8_store (out + i, EXPR);                                                                                      \
      }                                                                                                                \
    for (; i < n; i++)                                                                                                 \
      {                                                                                                                \
        float x = ONE_A, y = ONE_B;                                                                                    \
        out[i] = EXPR;                                                                                                 \
      }                                                                                                                \
  }

#define ROW_LOOPS(NAME, EXPR)                                                                                          \
  ROW_LOOP (NAME##_vv, v8_load (a + i), v8_load (b + i), a[i], b[i], EXPR)                                             \
  ROW_LOOP (NAME##_vs, v8_load (a + i), v8_set (b[0]), a[i], b[0], EXPR)                                               \
  ROW_LOOP (NAME##_sv, v8_set (a[0]), v8_load (b + i), a[0], b[i], EXPR)                                               \
  ROW_LOOP (NAME##_ss, v8_set (a[0]), v8_set (b[0]), a[0], b[0], EXPR)

ROW_LOOPS (add, fa *x + fb * y)
ROW_LOOPS (mul, fa *x *y)

static const RowFn add_rows[4] = { add_vv, add_vs, add_sv, add_ss };
static const RowFn mul_rows[4] = { mul_vv, mul_vs, mul_sv, mul_ss };

typedef struct
{
  TacetWalk walk;
  float *out;
  const float *a, *b;
  float fa, fb;
  RowFn row;
  int64_t pieces; /* of one row */
} Binary;

static void
binary_range (void *context, int64_t first, int64_t last)
{
  const Binary *w = context;
  const int64_t n = w->walk.d[w->walk.rank - 1];
  const bool a_runs = w->walk.stride[0][w->walk.rank - 1] != 0, b_runs = w->walk.stride[1][w->walk.rank - 1] != 0;

  TacetRowAt at;

  tacet_walk_seek (&w->walk, first / w->pieces, &at);
  for (int64_t row = first / w->pieces, piece = first % w->pieces; first < last; first++)
    {
      const int64_t from = piece * TACET_GRAIN, count = tacet_min (n - from, TACET_GRAIN);
      w->row (w->out + row * n + from, w->a + at.offset[0] + (a_runs ? from : 0),
              w->b + at.offset[1] + (b_runs ? from : 0), count, w->fa, w->fb);
      if (++piece == w->pieces)
        {
          piece = 0;
          row++;
          tacet_walk_next (&w->walk, &at);
        }
    }
}

static void
run_binary (TacetCpu *cpu, const TacetStep *step, const TacetOperand *b, float fa, float fb, const RowFn rows[4])
{
  Binary w = { .out = step->out.data, .a = step->in[0].data, .b = b->data, .fa = fa, .fb = fb };
  TacetShape shapes[2] = { step->in[0].shape, b->shape };
  int64_t n, length;
  int last;

  tacet_walk_init (&w.walk, step->out.shape, 2, shapes);
  last = w.walk.rank - 1;
  n = w.walk.d[last];
  w.row = rows[(w.walk.stride[0][last] ? 0 : 2) + (w.walk.stride[1][last] ? 0 : 1)];
  w.pieces = tacet_div_up (n, TACET_GRAIN);
  length = tacet_min (n, TACET_GRAIN);
  tacet_pool_range (cpu->pool, tacet_walk_rows (&w.walk) * w.pieces, TACET_GRAIN / length, binary_range, &w);
}

static TacetStatus
run_add (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  run_binary (cpu, step, &step->in[1], step->attrs.a, step->attrs.b, add_rows);
  return TACET_OK;
}

static TacetStatus
run_mul (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  run_binary (cpu, step, &step->in[1], step->attrs.a, 0, mul_rows);
  return TACET_OK;
}

static TacetStatus
run_affine (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  float one = 1;
  TacetOperand constant = { &one, { { 1, 1, 1, 1 } }, TACET_F32 };

  run_binary (cpu, step, &constant, step->attrs.a, step->attrs.b, add_rows);
  return TACET_OK;
}

static TacetStatus
run_broadcast (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  float one = 1;
  TacetOperand constant = { &one, { { 1, 1, 1, 1 } }, TACET_F32 };

  run_binary (cpu, step, &constant, 1, 0, mul_rows);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_add = { .run = run_add };
const TacetCpuOp tacet_cpu_mul = { .run = run_mul };
const TacetCpuOp tacet_cpu_affine = { .run = run_affine };
const TacetCpuOp tacet_cpu_broadcast = { .run = run_broadcast };
