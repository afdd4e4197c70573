/* attention.c: softmax (scale q k' [masked]) v per head, and its gradient, in blocks of rows and of
 * keys: the matrix of scores never exists as a whole.
 *
 * Room: kernels/.  Heads lie side by side in the channels; a block is read with the row stride c.
 */
#include "gemm.h"
#include "softmax.h"

#include <string.h>

#define QUERIES 64
#define KEYS    256

typedef struct
{
  const float *g, *q, *k, *v;
  float *out, *dq, *dk, *dv;
  float *scratch;
  int64_t work;                 /* floats that a product needs */
  int64_t n, t, s, c, heads, d; /* d = c / heads */
  int64_t blocks, keys;         /* of queries; keys at once */
  int64_t stride;               /* scratch of one thread, in floats */
  float scale;
  bool causal;
} Attention;

/* a product of one block; alpha is 1 */
static void
product (const Attention *w, bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float *a, int64_t a_stride,
         const float *b, int64_t b_stride, bool add, float *c, int64_t c_stride, float *work)
{
  TacetGemm g = { .m = m,
                  .n = n,
                  .k = k,
                  .alpha = 1,
                  .a = a,
                  .b = b,
                  .a_stride = a_stride,
                  .b_stride = b_stride,
                  .c_stride = c_stride,
                  .trans_a = ta,
                  .trans_b = tb,
                  .add = add,
                  .c = c };

  tacet_gemm_run (&g, work);
}

/* One block of queries of one head while it runs. */
typedef struct
{
  int64_t first, count;
  const float *q, *k, *v;
  float highest[QUERIES], sum[QUERIES];
  float *work;
} Block;

/* Scratch of one thread: scores {queries, keys}, their gradients, a block of the result {queries, d},
 * what products need. */
static int64_t
scores_floats (const Attention *w)
{
  return (QUERIES * w->keys + 15) / 16 * 16;
}

static int64_t
out_floats (const Attention *w)
{
  return (QUERIES * w->d + 15) / 16 * 16;
}

static int64_t
work_floats (const Attention *w)
{
  const int64_t t = tacet_min (QUERIES, w->t);
  const TacetGemm products[4] = {
    { .m = t, .n = w->keys, .k = w->d, .trans_b = true },
    { .m = 1, .n = w->d, .k = w->keys },
    { .m = t, .n = w->d, .k = w->keys },
    { .m = w->keys, .n = w->d, .k = t, .a_stride = w->keys, .trans_a = true },
  };
  int64_t most = 0;

  for (int i = 0; i < 4; i++)
    most = tacet_max (most, tacet_gemm_work (&products[i]));
  return (most + 15) / 16 * 16;
}

static int64_t
thread_floats (const Attention *w, bool back)
{
  return (back ? 2 * scores_floats (w) + out_floats (w) : scores_floats (w)) + work_floats (w);
}

static void
attention_init (Attention *w, const TacetStep *step, int first)
{
  const TacetShape q = step->in[first].shape, k = step->in[first + 1].shape;

  *w = (Attention){
    .q = step->in[first].data,
    .k = step->in[first + 1].data,
    .v = step->in[first + 2].data,
    .n = q.d[0],
    .t = q.d[1] * q.d[2],
    .s = k.d[1] * k.d[2],
    .c = q.d[3],
    .heads = step->attrs.heads > 0 ? step->attrs.heads : 1,
    .scale = step->attrs.a,
    .causal = step->attrs.causal,
  };
  w->d = w->c / w->heads;
  w->blocks = tacet_div_up (w->t, QUERIES);
  w->keys = tacet_min (w->s, KEYS);
}

/* Keys from j on that row i of the block may see, at most count. */
static int64_t
visible (const Attention *w, const Block *b, int64_t i, int64_t j, int64_t count)
{
  return w->causal ? tacet_max (0, tacet_min (count, b->first + i + 1 - j)) : count;
}

static int64_t
key_end (const Attention *w, const Block *b)
{
  return w->causal ? tacet_min (w->s, b->first + b->count) : w->s;
}

static void
block_init (const Attention *w, Block *b, int64_t sample, int64_t head, int64_t block, float *work)
{
  b->work = work;
  b->first = block * QUERIES;
  b->count = tacet_min (QUERIES, w->t - b->first);
  b->q = w->q + (sample * w->t + b->first) * w->c + head * w->d;
  b->k = w->k + sample * w->s * w->c + head * w->d;
  b->v = w->v + sample * w->s * w->c + head * w->d;
}

/* scores {count, keys} = q k' for keys j .. */
static void
block_scores (const Attention *w, const Block *b, int64_t j, int64_t keys, float *scores)
{
  product (w, false, true, b->count, keys, w->d, b->q, w->c, b->k + j * w->c, w->c, false, scores, w->keys, b->work);
}

/* out {count, d} (row stride out_stride) = softmax (scores) v; leaves highest and sum of every row. */
static void
block_forward (const Attention *w, Block *b, float *scores, float *out, int64_t out_stride)
{
  const int64_t end = key_end (w, b);

  for (int64_t i = 0; i < b->count; i++)
    {
      b->highest[i] = -INFINITY;
      b->sum[i] = 0;
    }
  for (int64_t j = 0; j < end; j += w->keys)
    {
      const int64_t keys = tacet_min (w->keys, end - j);
      block_scores (w, b, j, keys, scores);
      for (int64_t i = 0; i < b->count; i++)
        {
          const int64_t seen = visible (w, b, i, j, keys);
          const float before = b->highest[i];
          float *row = scores + i * w->keys, factor = 1;
          if (seen > 0)
            {
              const float sum = tacet_softmax_row (row, row, seen, w->scale, &b->highest[i]);
              factor = b->highest[i] > before ? expf (before - b->highest[i]) : 1;
              b->sum[i] = b->sum[i] * factor + sum;
            }
          memset (row + seen, 0, (keys - seen) * sizeof *row);
          if (j > 0 && factor != 1)
            for (int64_t c = 0; c < w->d; c++)
              out[i * out_stride + c] *= factor;
        }
      product (w, false, false, b->count, w->d, keys, scores, w->keys, b->v + j * w->c, w->c, j > 0, out, out_stride,
               b->work);
    }
  for (int64_t i = 0; i < b->count; i++)
    for (int64_t c = 0; c < w->d; c++)
      out[i * out_stride + c] /= b->sum[i];
}

static void
attention_task (void *context, int64_t index, int thread)
{
  const Attention *w = context;
  const int64_t block = index % w->blocks, head = index / w->blocks % w->heads, sample = index / w->blocks / w->heads;
  float *scores = w->scratch + thread * w->stride;
  Block b;

  block_init (w, &b, sample, head, block, scores + scores_floats (w));
  block_forward (w, &b, scores, w->out + (sample * w->t + b.first) * w->c + head * w->d, w->c);
}

static size_t
scratch_attention (TacetCpu *cpu, const TacetStep *step)
{
  Attention w;

  attention_init (&w, step, 0);
  return thread_floats (&w, false) * sizeof (float) * tacet_cpu_threads (cpu);
}

static TacetStatus
run_attention (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Attention w;

  attention_init (&w, step, 0);
  w.out = step->out.data;
  w.scratch = scratch;
  w.stride = thread_floats (&w, false);
  tacet_pool_run (cpu->pool, w.n * w.heads * w.blocks, attention_task, &w);
  return TACET_OK;
}

/* ---- gradient ---- */

/* p = exp (scale s - highest) / sum and ds = p (g v' - dot) scale, in place of s and of g v'. */
static void
block_gradients (const Attention *w, const Block *b, int64_t j, int64_t keys, const float *dot, float *scores,
                 float *dp)
{
  for (int64_t i = 0; i < b->count; i++)
    {
      const int64_t seen = visible (w, b, i, j, keys);
      const float factor = 1 / b->sum[i];
      float *p = scores + i * w->keys, *ds = dp + i * w->keys;
      for (int64_t c = 0; c < seen; c += 8)
        {
          const int64_t n = seen - c;
          V8 e = v8_exp ((n >= 8 ? v8_load (p + c) : v8_load_part (p + c, n)) * w->scale - b->highest[i]) * factor;
          V8 d = e * ((n >= 8 ? v8_load (ds + c) : v8_load_part (ds + c, n)) - dot[i]) * w->scale;
          if (n >= 8)
            {
              v8_store (p + c, e);
              v8_store (ds + c, d);
            }
          else
            {
              v8_store_part (p + c, e, n);
              v8_store_part (ds + c, d, n);
            }
        }
      memset (p + seen, 0, (keys - seen) * sizeof *p);
      memset (ds + seen, 0, (keys - seen) * sizeof *ds);
    }
}

/* One head of one sample: every block adds to all of dk and dv. */
static void
attention_back_task (void *context, int64_t index, int thread)
{
  const Attention *w = context;
  const int64_t head = index % w->heads, sample = index / w->heads, c = w->c;
  float *scores = w->scratch + thread * w->stride, *dp = scores + scores_floats (w), *out = dp + scores_floats (w);
  float *dk = w->dk + sample * w->s * c + head * w->d, *dv = w->dv + sample * w->s * c + head * w->d;

  for (int64_t i = 0; i < w->s; i++)
    {
      memset (dk + i * c, 0, w->d * sizeof *dk);
      memset (dv + i * c, 0, w->d * sizeof *dv);
    }
  for (int64_t block = 0; block < w->blocks; block++)
    {
      Block b;
      float dot[QUERIES];
      block_init (w, &b, sample, head, block, out + out_floats (w));
      const float *g = w->g + (sample * w->t + b.first) * c + head * w->d;
      float *dq = w->dq + (sample * w->t + b.first) * c + head * w->d;
      const int64_t end = key_end (w, &b);
      block_forward (w, &b, scores, out, w->d);
      for (int64_t i = 0; i < b.count; i++)
        dot[i] = tacet_row_dot (g + i * c, out + i * w->d, w->d);
      for (int64_t j = 0; j < end; j += w->keys)
        {
          const int64_t keys = tacet_min (w->keys, end - j);
          block_scores (w, &b, j, keys, scores);
          product (w, false, true, b.count, keys, w->d, g, c, b.v + j * c, c, false, dp, w->keys, b.work);
          block_gradients (w, &b, j, keys, dot, scores, dp);
          product (w, false, false, b.count, w->d, keys, dp, w->keys, b.k + j * c, c, j > 0, dq, c, b.work);
          product (w, true, false, keys, w->d, b.count, dp, w->keys, b.q, c, true, dk + j * c, c, b.work);
          product (w, true, false, keys, w->d, b.count, scores, w->keys, g, c, true, dv + j * c, c, b.work);
        }
    }
}

static size_t
scratch_attention_back (TacetCpu *cpu, const TacetStep *step)
{
  Attention w;

  attention_init (&w, step, 1);
  return thread_floats (&w, true) * sizeof (float) * tacet_cpu_threads (cpu);
}

static TacetStatus
run_attention_back (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Attention w;

  attention_init (&w, step, 1);
  w.g = step->in[0].data;
  w.dq = step->out.data;
  w.dk = w.dq + tacet_shape_count (step->in[1].shape);
  w.dv = w.dk + tacet_shape_count (step->in[2].shape);
  w.scratch = scratch;
  w.stride = thread_floats (&w, true);
  tacet_pool_run (cpu->pool, w.n * w.heads, attention_back_task, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_attention = { .run = run_attention, .scratch = scratch_attention };
const TacetCpuOp tacet_cpu_attention_back = { .run = run_attention_back, .scratch = scratch_attention_back };
