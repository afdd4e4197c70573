/* attention-back.c: the gradient of attention.
 *
 * Room: kernels/.  With p = softmax (scale q k') and h = g v': dv = p' g, ds = p (h - sum (p h)) scale, dq = ds k,
 * dk = ds' q.  For a block of queries the scores and h of all keys are kept, transposed {s, queries}, so that nothing
 * is computed twice; blocks of one head follow each other, since each adds to all of dk and dv.
 */
#include "attention.h"

#include <math.h>
#include <string.h>

#define QUERIES 64
#define KEYS    96

typedef struct
{
  TacetAttention a;
  const float *g;
  float *dq, *dk, *dv;
} Back;

/* One block of queries of one head, and its scratch. */
typedef struct
{
  int64_t row, rows, panels, keys; /* keys: of this block, fewer than s if causal */
  const float *q, *g, *k, *v;
  float *scores, *h;            /* {s, QUERIES} */
  float *q_panels, *g_panels;   /* {panels, d, 16}, the first scaled; then dq in place of the second */
  float *q_columns, *g_columns; /* {d / 16, rows, 16} */
} Block;

static int64_t
columns_floats (const TacetAttention *w)
{
  return tacet_gemm_packed_floats (w->d, QUERIES);
}

static int64_t
back_floats (const TacetAttention *w)
{
  return 2 * w->s * QUERIES + 2 * w->d * QUERIES + 2 * columns_floats (w);
}

static void
block_place (const TacetAttention *w, Block *b, float *scratch)
{
  b->scores = scratch;
  b->h = b->scores + w->s * QUERIES;
  b->q_panels = b->h + w->s * QUERIES;
  b->g_panels = b->q_panels + w->d * QUERIES;
  b->q_columns = b->g_panels + w->d * QUERIES;
  b->g_columns = b->q_columns + columns_floats (w);
}

static void
block_start (const Back *f, Block *b, int64_t sample, int64_t head, int64_t row)
{
  const TacetAttention *w = &f->a;
  const int64_t at = (sample * w->t + row) * w->c + head * w->d, key_at = sample * w->s * w->c + head * w->d;

  b->row = row;
  b->rows = tacet_min (QUERIES, w->t - row);
  b->panels = tacet_div_up (b->rows, TACET_PANEL);
  b->keys = w->causal ? tacet_min (w->s, row + b->rows) : w->s;
  b->q = w->q + at;
  b->g = f->g + at;
  b->k = w->k + key_at;
  b->v = w->v + key_at;
  for (int64_t i = 0; i < b->panels; i++)
    {
      const int64_t first = i * TACET_PANEL, count = tacet_min (TACET_PANEL, b->rows - first);
      tacet_attention_panel (w, b->q + first * w->c, count, w->scale * 1.44269504f, b->q_panels + first * w->d);
      tacet_attention_panel (w, b->g + first * w->c, count, 1, b->g_panels + first * w->d);
    }
  tacet_gemm_pack (b->q, w->c, false, b->rows, 0, w->d, b->q_columns);
  tacet_gemm_pack (b->g, w->c, false, b->rows, 0, w->d, b->g_columns);
}

/* scores = k q', h = v g' */
static void
block_scores (const TacetAttention *w, const Block *b)
{
  for (int64_t j = 0; j < b->keys; j += KEYS)
    for (int64_t i = 0; i < b->panels; i++)
      {
        const int64_t keys = tacet_min (KEYS, b->keys - j), first = i * TACET_PANEL;
        float *scores = b->scores + j * QUERIES + first;
        tacet_attention_product (keys, w->d, b->k + j * w->c, w->c, 1, b->q_panels + first * w->d, TACET_PANEL, false,
                                 scores, QUERIES);
        tacet_attention_product (keys, w->d, b->v + j * w->c, w->c, 1, b->g_panels + first * w->d, TACET_PANEL, false,
                                 b->h + j * QUERIES + first, QUERIES);
        if (w->causal)
          tacet_attention_mask (scores, QUERIES, j, keys, b->row + first, -INFINITY);
      }
}

/* Eight queries: scores become p, h becomes ds. */
static void
softmax_back (float *scores, float *h, int64_t keys, float scale)
{
  V8 top = v8_set (-INFINITY), sum = { 0 }, dot = { 0 }, factor;

  for (int64_t j = 0; j < keys; j++)
    top = v8_max (v8_load (scores + j * QUERIES), top);
  for (int64_t j = 0; j < keys; j++)
    {
      const V8 e = v8_exp2_below (v8_load (scores + j * QUERIES) - top);
      v8_store (scores + j * QUERIES, e);
      sum += e;
      dot += e * v8_load (h + j * QUERIES);
    }
  factor = 1.0f / sum;
  dot *= factor;
  for (int64_t j = 0; j < keys; j++)
    {
      const V8 p = v8_load (scores + j * QUERIES) * factor;
      v8_store (scores + j * QUERIES, p);
      v8_store (h + j * QUERIES, p * (v8_load (h + j * QUERIES) - dot) * scale);
    }
}

/* to {keys, d} += weights {keys, rows} x {rows, d} */
static void
add_to_keys (const TacetAttention *w, const Block *b, const float *weights, const float *columns, float *to)
{
  for (int64_t j = 0; j < b->keys; j += KEYS)
    for (int64_t i = 0; i < w->d; i += TACET_PANEL)
      {
        static const int64_t zero = 0;
        const TacetTile tile = { .a = weights + j * QUERIES,
                                 .a_stride = QUERIES,
                                 .a_step = 1,
                                 .c = to + j * w->c + i,
                                 .c_stride = w->c,
                                 .b = columns + i * b->rows,
                                 .b_stride = TACET_PANEL,
                                 .a_at = &zero,
                                 .b_at = &zero,
                                 .n_runs = 1,
                                 .length = b->rows,
                                 .alpha = 1,
                                 .add = true,
                                 .rows = tacet_min (KEYS, b->keys - j),
                                 .columns = (int) tacet_min (TACET_PANEL, w->d - i) };
        tacet_tile_run (&tile);
      }
}

/* dq {rows, d} = ds k; its panels take the place of those of g */
static void
block_dq (const TacetAttention *w, const Block *b, float *dq)
{
  for (int64_t j = 0; j < b->keys; j += KEYS)
    for (int64_t i = 0; i < b->panels; i++)
      tacet_attention_product (w->d, tacet_min (KEYS, b->keys - j), b->k + j * w->c, 1, w->c,
                               b->h + j * QUERIES + i * TACET_PANEL, QUERIES, j > 0,
                               b->g_panels + i * TACET_PANEL * w->d, TACET_PANEL);
  for (int64_t i = 0; i < b->panels; i++)
    tacet_transpose (b->g_panels + i * TACET_PANEL * w->d, TACET_PANEL, w->d,
                     tacet_min (TACET_PANEL, b->rows - i * TACET_PANEL), dq + i * TACET_PANEL * w->c, w->c);
}

static void
head_task (void *context, int64_t index, int thread)
{
  const Back *f = context;
  const TacetAttention *w = &f->a;
  const int64_t head = index % w->heads, sample = index / w->heads, key_at = sample * w->s * w->c + head * w->d;
  float *dk = f->dk + key_at, *dv = f->dv + key_at;
  Block b;

  block_place (w, &b, w->scratch + thread * w->stride);
  for (int64_t i = 0; i < w->s; i++)
    {
      memset (dk + i * w->c, 0, w->d * sizeof *dk);
      memset (dv + i * w->c, 0, w->d * sizeof *dv);
    }
  for (int64_t row = 0; row < w->t; row += QUERIES)
    {
      block_start (f, &b, sample, head, row);
      block_scores (w, &b);
      for (int64_t i = 0; i < b.panels * TACET_PANEL; i += 8)
        softmax_back (b.scores + i, b.h + i, b.keys, w->scale);
      for (int64_t i = 0; w->causal && i < b.panels; i++)
        {
          tacet_attention_mask (b.scores + i * TACET_PANEL, QUERIES, 0, b.keys, row + i * TACET_PANEL, 0);
          tacet_attention_mask (b.h + i * TACET_PANEL, QUERIES, 0, b.keys, row + i * TACET_PANEL, 0);
        }
      block_dq (w, &b, f->dq + (sample * w->t + row) * w->c + head * w->d);
      add_to_keys (w, &b, b.h, b.q_columns, dk);
      add_to_keys (w, &b, b.scores, b.g_columns, dv);
    }
}

static size_t
scratch_attention_back (TacetCpu *cpu, const TacetStep *step)
{
  TacetAttention w;

  tacet_attention_init (&w, step, 1);
  return back_floats (&w) * sizeof (float) * tacet_cpu_threads (cpu);
}

static TacetStatus
run_attention_back (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Back f = { .g = step->in[0].data, .dq = step->out.data };

  tacet_attention_init (&f.a, step, 1);
  f.dk = f.dq + tacet_shape_count (step->in[1].shape);
  f.dv = f.dk + tacet_shape_count (step->in[2].shape);
  f.a.scratch = scratch;
  f.a.stride = back_floats (&f.a);
  tacet_pool_run (cpu->pool, f.a.n * f.a.heads, head_task, &f);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_attention_back = { .run = run_attention_back, .scratch = scratch_attention_back };
