/* attention-back.c: the gradient of attention.
 *
 * Room: kernels/.  With p = softmax (scale q k') and h = g v': dv = p' g, ds = p (h - sum (p h)) scale, dq = ds k,
 * dk = ds' q.  A block of queries passes over the keys twice: the first time scores and h are computed, transposed {s,
 * queries}, and while they are in the cache turned into 2^(score - highest so far), with the sums of both so far; the
 * second time they become p and ds and go into the three products.  So nothing is computed twice, and what does not
 * fit into a cache is written once and read once.
 *
 * A task is a part of the queries of one head, whose blocks follow each other, since each adds to all of dk and dv.
 * Where heads are few their queries are cut into parts, with sums of their own that are added in the end; how many
 * depends on the shape alone.
 */
#include "attention.h"

#include <math.h>
#include <string.h>

#define QUERIES 128
#define KEYS    96
#define MANY    512 /* queries and keys from which on keys, values and their gradients lie together */
#define WIDE    160 /* channels of a head */
#define TASKS   16  /* wanted where there are many */
#define PARTS   8   /* at most, of one head */

typedef struct
{
  TacetAttention a;
  const float *g;
  float *dq, *dk, *dv;
  int64_t parts;
  float *sums; /* {n, heads, parts, 2, s, d}: dk and dv of each part, if there are several */
} Back;

/* Keys and values of a head and their gradients, rows `stride` and `to` floats apart. */
typedef struct
{
  const float *k, *v;
  float *dk, *dv;
  int64_t stride, to;
} Keys;

/* One block of queries of one head, and its scratch. */
typedef struct
{
  int64_t row, rows, panels, keys; /* keys: of this block, fewer than s if causal */
  const float *q, *g;
  float *scores, *h;            /* {s, QUERIES} */
  float *highest;               /* {s / KEYS, QUERIES}: of the scores up to and with a stretch of keys */
  float *q_panels, *g_panels;   /* {panels, d, 16}, the first scaled; then dq {d, QUERIES} in place of the second */
  float *q_columns, *g_columns; /* {d / 16, rows, 16} */
  VW top[QUERIES / VW_LANES];   /* the highest score so far */
  VW sum[QUERIES / VW_LANES];   /* of 2^(score - top) so far; then 1 / sum */
  VW dot[QUERIES / VW_LANES];   /* of 2^(score - top) h so far; then sum (p h) */
} Block;

static bool
is_long (const TacetAttention *w)
{
  return tacet_min (w->t, w->s) >= MANY;
}

static int64_t
count_parts (const TacetAttention *w)
{
  const int64_t wanted = is_long (w) ? TASKS / (w->n * w->heads) : 1;

  return tacet_max (1, tacet_min (wanted, PARTS));
}

static int64_t
columns_floats (const TacetAttention *w)
{
  return tacet_gemm_packed_floats (w->d, QUERIES);
}

/* Of one thread: a block, then keys and values and, if there are no parts, their gradients, of a long head. */
static int64_t
back_floats (const TacetAttention *w)
{
  const int64_t together = is_long (w) ? (count_parts (w) > 1 ? 2 : 4) * w->s * w->d : 0;

  return (2 * w->s + tacet_div_up (w->s, KEYS) + 2 * w->d) * QUERIES + 2 * columns_floats (w) +
         tacet_div_up (together, 16) * 16;
}

static float *
block_place (const TacetAttention *w, Block *b, float *scratch)
{
  b->scores = scratch;
  b->h = b->scores + w->s * QUERIES;
  b->highest = b->h + w->s * QUERIES;
  b->q_panels = b->highest + tacet_div_up (w->s, KEYS) * QUERIES;
  b->g_panels = b->q_panels + w->d * QUERIES;
  b->q_columns = b->g_panels + w->d * QUERIES;
  b->g_columns = b->q_columns + columns_floats (w);
  return b->g_columns + columns_floats (w);
}

static void
block_start (const Back *f, Block *b, int64_t sample, int64_t head, int64_t row)
{
  const TacetAttention *w = &f->a;
  const int64_t at = (sample * w->t + row) * w->c + head * w->d;

  b->row = row;
  b->rows = tacet_min (QUERIES, w->t - row);
  b->panels = tacet_div_up (b->rows, TACET_PANEL);
  b->keys = w->causal ? tacet_min (w->s, row + b->rows) : w->s;
  b->q = w->q + at;
  b->g = f->g + at;
  for (int64_t i = 0; i < b->panels; i++)
    {
      const int64_t first = i * TACET_PANEL, count = tacet_min (TACET_PANEL, b->rows - first);
      tacet_attention_panel (w, b->q + first * w->c, count, w->scale * 1.44269504f, b->q_panels + first * w->d);
      tacet_attention_panel (w, b->g + first * w->c, count, 1, b->g_panels + first * w->d);
    }
  tacet_gemm_pack (b->q, w->c, false, b->rows, 0, w->d, b->q_columns);
  tacet_gemm_pack (b->g, w->c, false, b->rows, 0, w->d, b->g_columns);
}

/* As many queries as a vector has lanes and a stretch of keys: scores become 2^(score - highest); highest, sum and dot
 * are those so far. */
static void
weigh (float *scores, const float *h, int64_t keys, VW *highest, VW *sum, VW *dot)
{
  VW top = *highest, factor, s = { 0 }, d = { 0 };

  for (int64_t j = 0; j < keys; j++)
    top = vw_max (vw_load (scores + j * QUERIES), top);
  factor = vw_exp2_below (*highest - top);
  for (int64_t j = 0; j < keys; j++)
    {
      const VW e = vw_exp2_below (vw_load (scores + j * QUERIES) - top);
      vw_store (scores + j * QUERIES, e);
      s += e;
      d += e * vw_load (h + j * QUERIES);
    }
  *sum = *sum * factor + s;
  *dot = *dot * factor + d;
  *highest = top;
}

/* Some queries and a stretch of keys: scores = 2^(k q' - highest), h = v g' */
static void
score_keys (const TacetAttention *w, Block *b, const Keys *of, int64_t first, int64_t columns, int64_t j, int64_t keys)
{
  float *scores = b->scores + j * QUERIES + first, *h = b->h + j * QUERIES + first;

  tacet_attention_product (keys, columns, w->d, of->k + j * of->stride, of->stride, 1, b->q_panels + first * w->d,
                           TACET_PANEL, w->d * TACET_PANEL, NULL, false, scores, QUERIES);
  tacet_attention_product (keys, columns, w->d, of->v + j * of->stride, of->stride, 1, b->g_panels + first * w->d,
                           TACET_PANEL, w->d * TACET_PANEL, NULL, false, h, QUERIES);
  for (int64_t i = 0; w->causal && i < columns; i += TACET_PANEL)
    tacet_attention_mask (scores + i, QUERIES, j, keys, b->row + first + i, TACET_LOWEST);
  for (int64_t i = 0; i < columns; i += VW_LANES)
    {
      const int64_t at = (first + i) / VW_LANES;
      weigh (scores + i, h + i, keys, &b->top[at], &b->sum[at], &b->dot[at]);
      vw_store (b->highest + j / KEYS * QUERIES + first + i, b->top[at]);
    }
  for (int64_t i = 0; w->causal && i < columns; i += TACET_PANEL)
    tacet_attention_mask (scores + i, QUERIES, j, keys, b->row + first + i, 0);
}

static void
block_scores (const TacetAttention *w, Block *b, const Keys *of)
{
  for (int64_t i = 0; i < QUERIES / VW_LANES; i++)
    {
      b->top[i] = vw_set (TACET_LOWEST);
      b->sum[i] = b->dot[i] = vw_set (0);
    }
  for (int64_t j = 0; j < b->keys; j += KEYS)
    for (int64_t i = 0; i < b->panels * TACET_PANEL; i += TACET_TILE_WIDTH)
      score_keys (w, b, of, i, tacet_min (TACET_TILE_WIDTH, b->panels * TACET_PANEL - i), j,
                  tacet_min (KEYS, b->keys - j));
  for (int64_t i = 0; i < b->panels * TACET_PANEL / VW_LANES; i++)
    {
      b->sum[i] = 1.0f / b->sum[i];
      b->dot[i] *= b->sum[i];
    }
}

/* A stretch of keys: scores become p, h becomes ds. */
static void
soften (const TacetAttention *w, const Block *b, int64_t first, int64_t keys)
{
  const float *here = b->highest + first / KEYS * QUERIES;

  for (int64_t i = 0; i < b->panels * TACET_PANEL; i += VW_LANES)
    {
      const VW factor = vw_exp2_below (vw_load (here + i) - b->top[i / VW_LANES]) * b->sum[i / VW_LANES];
      const VW dot = b->dot[i / VW_LANES];
      float *scores = b->scores + first * QUERIES + i, *h = b->h + first * QUERIES + i;
      for (int64_t j = 0; j < keys; j++, scores += QUERIES, h += QUERIES)
        {
          const VW p = vw_load (scores) * factor;
          vw_store (scores, p);
          vw_store (h, p * (vw_load (h) - dot) * w->scale);
        }
    }
}

/* dq += ds k, transposed {d, QUERIES} in the place of the panels of g; dk += ds' q; dv += p' g: of the keys first ..
 * last - 1.  Of wide heads one after the other, so that what each of them works on stays in the cache. */
static void
add_products (const TacetAttention *w, const Block *b, const Keys *of, int64_t first, int64_t last)
{
  for (int64_t j = first; j < last; j += KEYS)
    {
      const int64_t keys = tacet_min (KEYS, last - j);
      soften (w, b, j, keys);
      tacet_attention_product (w->d, b->panels * TACET_PANEL, keys, of->k + j * of->stride, 1, of->stride,
                               b->h + j * QUERIES, QUERIES, TACET_PANEL, NULL, j > 0, b->g_panels, QUERIES);
    }
  for (int64_t j = first; j < last; j += KEYS)
    tacet_attention_product (tacet_min (KEYS, last - j), w->d, b->rows, b->h + j * QUERIES, QUERIES, 1, b->q_columns,
                             TACET_PANEL, b->rows * TACET_PANEL, NULL, true, of->dk + j * of->to, of->to);
  for (int64_t j = first; j < last; j += KEYS)
    tacet_attention_product (tacet_min (KEYS, last - j), w->d, b->rows, b->scores + j * QUERIES, QUERIES, 1,
                             b->g_columns, TACET_PANEL, b->rows * TACET_PANEL, NULL, true, of->dv + j * of->to, of->to);
}

static void
block_gradients (const TacetAttention *w, const Block *b, const Keys *of, float *dq)
{
  const int64_t stretch = w->d <= WIDE ? KEYS : b->keys;

  for (int64_t j = 0; j < b->keys; j += stretch)
    add_products (w, b, of, j, tacet_min (j + stretch, b->keys));
  tacet_transpose (b->g_panels, QUERIES, w->d, b->rows, dq, w->c);
}

static void
copy_rows (const float *from, int64_t from_stride, int64_t rows, int64_t d, float *to, int64_t to_stride)
{
  for (int64_t i = 0; i < rows; i++)
    memcpy (to + i * to_stride, from + i * from_stride, d * sizeof *to);
}

static void
zero_rows (float *to, int64_t stride, int64_t rows, int64_t d)
{
  for (int64_t i = 0; i < rows; i++)
    memset (to + i * stride, 0, d * sizeof *to);
}

/* together: of a long head, 2 or 4 times s d floats; sums: of its part, or NULL. */
static Keys
head_keys (const Back *f, int64_t sample, int64_t head, float *together, float *sums)
{
  const TacetAttention *w = &f->a;
  const int64_t at = sample * w->s * w->c + head * w->d, count = w->s * w->d;
  Keys of = { w->k + at, w->v + at, f->dk + at, f->dv + at, w->c, w->c };

  if (is_long (w))
    {
      copy_rows (of.k, w->c, w->s, w->d, together, w->d);
      copy_rows (of.v, w->c, w->s, w->d, together + count, w->d);
      of.dk = sums != NULL ? sums : together + 2 * count;
      of = (Keys){ together, together + count, of.dk, of.dk + count, w->d, w->d };
    }
  zero_rows (of.dk, of.to, w->s, w->d);
  zero_rows (of.dv, of.to, w->s, w->d);
  return of;
}

static void
part_task (void *context, int64_t index, int thread)
{
  const Back *f = context;
  const TacetAttention *w = &f->a;
  const int64_t part = index % f->parts, head = index / f->parts % w->heads, sample = index / f->parts / w->heads;
  const int64_t blocks = tacet_div_up (w->t, QUERIES), at = sample * w->s * w->c + head * w->d;
  Block b;
  float *together = block_place (w, &b, w->scratch + thread * w->stride);
  const Keys of = head_keys (f, sample, head, together, f->parts > 1 ? f->sums + index * 2 * w->s * w->d : NULL);

  for (int64_t i = blocks * part / f->parts; i < blocks * (part + 1) / f->parts; i++)
    {
      block_start (f, &b, sample, head, i * QUERIES);
      block_scores (w, &b, &of);
      block_gradients (w, &b, &of, f->dq + (sample * w->t + b.row) * w->c + head * w->d);
    }
  if (of.to == w->c || f->parts > 1)
    return;
  copy_rows (of.dk, w->d, w->s, w->d, f->dk + at, w->c);
  copy_rows (of.dv, w->d, w->s, w->d, f->dv + at, w->c);
}

/* The parts' sums of dk or dv of one head, in their order. */
static void
add_task (void *context, int64_t index, int thread)
{
  const Back *f = context;
  const TacetAttention *w = &f->a;
  const int64_t count = w->s * w->d, head = index / 2 % w->heads, sample = index / 2 / w->heads;
  const float *from = f->sums + (index / 2 * f->parts * 2 + index % 2) * count;
  float *to = (index % 2 == 0 ? f->dk : f->dv) + sample * w->s * w->c + head * w->d;

  for (int64_t row = 0; row < w->s; row++, from += w->d, to += w->c)
    for (int64_t i = 0; i < w->d; i++)
      {
        float sum = from[i];
        for (int64_t part = 1; part < f->parts; part++)
          sum += from[part * 2 * count + i];
        to[i] = sum;
      }
}

static size_t
sums_bytes (const TacetAttention *w)
{
  const int64_t parts = count_parts (w);

  return parts > 1 ? tacet_aligned (w->n * parts * 2 * w->s * w->c * sizeof (float)) : 0;
}

static size_t
scratch_attention_back (TacetCpu *cpu, const TacetStep *step)
{
  TacetAttention w;

  tacet_attention_init (&w, step, 1);
  return sums_bytes (&w) + back_floats (&w) * sizeof (float) * tacet_cpu_threads (cpu);
}

static TacetStatus
run_attention_back (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Back f = { .g = step->in[0].data, .dq = step->out.data, .sums = scratch };
  TacetAttention *w = &f.a;

  tacet_attention_init (w, step, 1);
  f.dk = f.dq + tacet_shape_count (step->in[1].shape);
  f.dv = f.dk + tacet_shape_count (step->in[2].shape);
  f.parts = count_parts (w);
  w->scratch = (float *) ((char *) scratch + sums_bytes (w));
  w->stride = back_floats (w);
  tacet_pool_run (cpu->pool, w->n * w->heads * f.parts, part_task, &f);
  if (f.parts > 1)
    tacet_pool_run (cpu->pool, w->n * w->heads * 2, add_task, &f);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_attention_back = { .run = run_attention_back, .scratch = scratch_attention_back };
