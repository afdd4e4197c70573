/* attention.c: softmax (scale q k' [masked]) v per head, in blocks of queries and of keys: the matrix of scores
 * never exists as a whole.
 *
 * Room: kernels/.  Heads lie side by side in the channels; their rows lie c floats apart.
 *
 * Where many blocks of queries read the keys and values of a head, those are first copied to lie together: in the
 * channels of all heads they fall into few sets of the cache.
 *
 * Scores are kept in powers of two: the scale of a panel of queries holds log2 (e) as well.  Over the blocks of keys
 * run a score `top`, the sum of 2^(score - top) and the result so far (Milakov and Gimelshein 2018; Dao et al. 2022).
 * top is the highest score of the first block and stays, for only overflow makes it matter: so no later block is
 * searched for its highest, and the product itself takes top off.  Where a score is so much higher that a sum passes
 * MOST, the block is done again with its own highest, and what was there shrinks.
 */
#include "attention.h"

#include <math.h>
#include <string.h>

#define WIDTH        TACET_TILE_WIDTH /* queries side by side */
#define GROUPS       16               /* of them in a block, at most: so often is a block of keys used from the cache */
#define FEW_GROUPS   4                /* at least */
#define BLOCK_FLOATS 49152            /* of queries and results of a block, which stay in the second cache as well */
#define FEW          256              /* queries up to which blocks are small, so that there are enough of them */
#define KEYS         192              /* a multiple of the rows of a tile */
#define MOST         0x1p64f          /* of a block's sum: far from overflow, with whatever values are weighed */
#define MANY         256              /* queries */
#define CHAINS       4                /* of comparisons */
#define ROWS         512              /* copied by a task */
#define PARTS        (TACET_PANEL / VW_LANES) /* vectors of a panel */
#define AT_ONCE      (VW_AT_ONCE / PARTS)     /* keys whose weights are computed side by side */

typedef struct
{
  TacetAttention a;
  float *out;
  int64_t queries, blocks; /* of one block; blocks of queries */
  float *copy;             /* of one sample: keys {heads, s, d}, then values; NULL: they are read where they lie */
  int64_t sample;          /* the first of a run */
} Forward;

/* Rows of keys or values of one head. */
typedef struct
{
  const float *k, *v;
  int64_t stride;
} Keys;

/* Up to 32 queries while their block runs, in one or two panels. */
typedef struct
{
  int64_t panels;
  float *q, *out; /* {panels, d, 16}, {d, 32} */
  VW top[WIDTH / VW_LANES], sum[WIDTH / VW_LANES];
  float minus_top[WIDTH];
} Group;

void
tacet_attention_init (TacetAttention *w, const TacetStep *step, int first)
{
  const TacetShape q = step->in[first].shape, k = step->in[first + 1].shape;

  *w = (TacetAttention){
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
}

void
tacet_attention_panel (const TacetAttention *w, const float *x, int64_t count, float scale, float *panel)
{
  if (count < TACET_PANEL)
    memset (panel, 0, w->d * TACET_PANEL * sizeof *panel);
  tacet_transpose (x, w->c, count, w->d, panel, TACET_PANEL);
  for (int64_t i = 0; scale != 1 && i < w->d * TACET_PANEL; i += 8)
    v8_store (panel + i, v8_load (panel + i) * scale);
}

/* Of scores {keys, 32}, in CHAINS that do not wait for each other. */
static inline VW
highest_of (const float *scores, int64_t keys, VW least)
{
  VW top[CHAINS];
  int64_t j = 0;

  for (int i = 0; i < CHAINS; i++)
    top[i] = least;
  for (; j + CHAINS <= keys; j += CHAINS)
    for (int i = 0; i < CHAINS; i++)
      top[i] = vw_max (vw_load (scores + (j + i) * WIDTH), top[i]);
  for (; j < keys; j++)
    top[0] = vw_max (vw_load (scores + j * WIDTH), top[0]);
  for (int i = 1; i < CHAINS; i++)
    top[0] = vw_max (top[i], top[0]);
  return top[0];
}

/* scores {n, 32} of one panel become 2^(score - top), which are added to sum; top: NULL if the scores lack it already.
 */
static inline __attribute__ ((always_inline)) void
weigh_some (float *scores, const int n, const VW *top, VW sum[PARTS])
{
  VW e[VW_AT_ONCE];

  for (int i = 0; i < n * PARTS; i++)
    {
      e[i] = vw_load (scores + i / PARTS * WIDTH + i % PARTS * VW_LANES);
      if (top != NULL)
        e[i] -= top[i % PARTS];
    }
  vw_exp2_some (e, n * PARTS);
  for (int i = 0; i < n * PARTS; i++)
    {
      vw_store (scores + i / PARTS * WIDTH + i % PARTS * VW_LANES, e[i]);
      sum[i % PARTS] += e[i];
    }
}

/* The same for all keys of a block. */
static inline __attribute__ ((always_inline)) void
weigh (float *scores, int64_t keys, const VW *top, VW sum[PARTS])
{
  int64_t j = 0;

  for (int h = 0; h < PARTS; h++)
    sum[h] = (VW){ 0 };
  for (; j + AT_ONCE <= keys; j += AT_ONCE)
    weigh_some (scores + j * WIDTH, AT_ONCE, top, sum);
  for (; j < keys; j++)
    weigh_some (scores + j * WIDTH, 1, top, sum);
}

/* The scores of a block, less the tops, if minus_top holds them. */
static void
score (const TacetAttention *w, const Group *p, const Keys *of, int64_t first, int64_t keys, int64_t row,
       const float *minus_top, float *scores)
{
  tacet_attention_product (keys, p->panels * TACET_PANEL, w->d, of->k + first * of->stride, of->stride, 1, p->q,
                           TACET_PANEL, w->d * TACET_PANEL, minus_top, false, scores, WIDTH);
  for (int64_t i = 0; w->causal && i < p->panels; i++)
    tacet_attention_mask (scores + i * TACET_PANEL, WIDTH, first, keys, row + i * TACET_PANEL, TACET_LOWEST);
}

/* The highest of the scores and of the tops so far becomes the top; what was summed shrinks, d channels of it. */
static void
raise_top (Group *p, const float *scores, int64_t keys, int64_t d)
{
  for (int64_t h = 0; h < p->panels * PARTS; h++)
    {
      float *out = p->out + h * VW_LANES;
      const VW top = highest_of (scores + h * VW_LANES, keys, p->top[h]), factor = vw_exp2_below (p->top[h] - top);

      p->top[h] = top;
      vw_store (p->minus_top + h * VW_LANES, -top);
      p->sum[h] *= factor;
      for (int64_t i = 0; i < d; i++)
        vw_store (out + i * WIDTH, vw_load (out + i * WIDTH) * factor);
    }
}

/* The weights of a block of keys, with the top as it is; false: they are too large. */
static bool
weigh_as_before (const TacetAttention *w, Group *p, const Keys *of, int64_t first, int64_t keys, int64_t row,
                 float *scores)
{
  VW sum[WIDTH / VW_LANES];

  score (w, p, of, first, keys, row, p->minus_top, scores);
  for (int64_t i = 0; i < p->panels; i++)
    weigh (scores + i * TACET_PANEL, keys, NULL, sum + i * PARTS);
  for (int64_t h = 0; h < p->panels * PARTS; h++)
    if (!vw_all_below (sum[h], MOST))
      return false;
  for (int64_t h = 0; h < p->panels * PARTS; h++)
    p->sum[h] += sum[h];
  return true;
}

/* ... with another top. */
static void
weigh_anew (const TacetAttention *w, Group *p, const Keys *of, int64_t first, int64_t keys, int64_t row, float *scores)
{
  VW sum[WIDTH / VW_LANES];

  score (w, p, of, first, keys, row, NULL, scores);
  raise_top (p, scores, keys, first > 0 ? w->d : 0);
  for (int64_t i = 0; i < p->panels; i++)
    weigh (scores + i * TACET_PANEL, keys, p->top + i * PARTS, sum + i * PARTS);
  for (int64_t h = 0; h < p->panels * PARTS; h++)
    p->sum[h] += sum[h];
}

/* Keys first .. first + keys - 1 enter the result of the queries from row on. */
static void
add_keys (const TacetAttention *w, Group *p, const Keys *of, int64_t first, int64_t keys, int64_t row, float *scores)
{
  if (first == 0 || !weigh_as_before (w, p, of, first, keys, row, scores))
    weigh_anew (w, p, of, first, keys, row, scores);
  for (int64_t i = 0; w->causal && i < p->panels; i++)
    tacet_attention_mask (scores + i * TACET_PANEL, WIDTH, first, keys, row + i * TACET_PANEL, 0);
  tacet_attention_product (w->d, p->panels * TACET_PANEL, keys, of->v + first * of->stride, 1, of->stride, scores,
                           WIDTH, TACET_PANEL, NULL, first > 0, p->out, WIDTH);
}

static void
group_start (const TacetAttention *w, Group *p, const float *q, int64_t count)
{
  p->panels = tacet_div_up (count, TACET_PANEL);
  for (int64_t i = 0; i < p->panels; i++)
    tacet_attention_panel (w, q + i * TACET_PANEL * w->c, tacet_min (TACET_PANEL, count - i * TACET_PANEL),
                           w->scale * 1.44269504f, p->q + i * TACET_PANEL * w->d);
  memset (p->out, 0, w->d * WIDTH * sizeof *p->out);
  for (int h = 0; h < WIDTH / VW_LANES; h++)
    {
      p->top[h] = (VW){ 0 } + TACET_LOWEST;
      p->sum[h] = (VW){ 0 };
    }
}

static void
group_end (const TacetAttention *w, Group *p, float *out, int64_t count)
{
  for (int h = 0; h < PARTS * p->panels; h++)
    {
      float *at = p->out + h * VW_LANES;
      const VW factor = 1.0f / p->sum[h];
      for (int64_t i = 0; i < w->d; i++)
        vw_store (at + i * WIDTH, vw_load (at + i * WIDTH) * factor);
    }
  tacet_transpose (p->out, WIDTH, w->d, count, out, w->c);
}

static Keys
head_keys (const Forward *f, int64_t sample, int64_t head)
{
  const TacetAttention *w = &f->a;
  const int64_t at = sample * w->s * w->c + head * w->d;

  if (f->copy == NULL)
    return (Keys){ w->k + at, w->v + at, w->c };
  return (Keys){ f->copy + head * w->s * w->d, f->copy + (w->heads + head) * w->s * w->d, w->d };
}

/* ROWS keys or values of one head of the sample into the copy. */
static void
copy_task (void *context, int64_t index, int thread)
{
  const Forward *f = context;
  const TacetAttention *w = &f->a;
  const int64_t pieces = tacet_div_up (w->s, ROWS), row = index % pieces * ROWS, head = index / pieces;
  const float *from = (head < w->heads ? w->k : w->v) + (f->sample * w->s + row) * w->c + head % w->heads * w->d;
  float *to = f->copy + (head * w->s + row) * w->d;

  for (int64_t i = 0; i < tacet_min (ROWS, w->s - row); i++)
    memcpy (to + i * w->d, from + i * w->c, w->d * sizeof *to);
}

/* One block of queries of one head. */
static void
block_task (void *context, int64_t index, int thread)
{
  const Forward *f = context;
  const TacetAttention *w = &f->a;
  const int64_t head = index / f->blocks % w->heads, sample = f->sample + index / f->blocks / w->heads;
  const int64_t row = index % f->blocks * f->queries, rows = tacet_min (f->queries, w->t - row);
  const int64_t at = (sample * w->t + row) * w->c + head * w->d;
  const int64_t end = w->causal ? tacet_min (w->s, row + rows) : w->s;
  const Keys keys = head_keys (f, sample, head);
  float *scores = w->scratch + thread * w->stride;
  Group p[GROUPS];
  int64_t n = 0;

  for (; n * WIDTH < rows; n++)
    {
      p[n].q = scores + (KEYS + 2 * n * w->d) * WIDTH;
      p[n].out = p[n].q + w->d * WIDTH;
      group_start (w, &p[n], w->q + at + n * WIDTH * w->c, tacet_min (WIDTH, rows - n * WIDTH));
    }
  for (int64_t first = 0; first < end; first += KEYS)
    for (int64_t i = 0; i < n; i++)
      add_keys (w, &p[i], &keys, first, tacet_min (KEYS, end - first), row + i * WIDTH, scores);
  for (int64_t i = 0; i < n; i++)
    group_end (w, &p[i], f->out + at + i * WIDTH * w->c, tacet_min (WIDTH, rows - i * WIDTH));
}

static int64_t
block_groups (const TacetAttention *w)
{
  int64_t groups = w->t > FEW ? GROUPS : FEW_GROUPS;

  while (groups > FEW_GROUPS && groups * 2 * w->d * WIDTH > BLOCK_FLOATS)
    groups /= 2;
  return groups;
}

static int64_t
forward_floats (const TacetAttention *w)
{
  return (KEYS + 2 * block_groups (w) * w->d) * WIDTH;
}

static bool
copies (const TacetAttention *w)
{
  return w->t >= MANY && w->heads > 1;
}

static size_t
copy_bytes (const TacetAttention *w)
{
  return copies (w) ? tacet_aligned (2 * w->s * w->c * sizeof (float)) : 0;
}

static size_t
scratch_attention (TacetCpu *cpu, const TacetStep *step)
{
  TacetAttention w;

  tacet_attention_init (&w, step, 0);
  return copy_bytes (&w) + forward_floats (&w) * sizeof (float) * tacet_cpu_threads (cpu);
}

static TacetStatus
run_attention (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Forward f = { .out = step->out.data };
  TacetAttention *w = &f.a;

  tacet_attention_init (w, step, 0);
  w->scratch = (float *) ((char *) scratch + copy_bytes (w));
  w->stride = forward_floats (w);
  f.queries = WIDTH * block_groups (w);
  f.blocks = tacet_div_up (w->t, f.queries);
  if (!copies (w))
    {
      tacet_pool_run (cpu->pool, w->n * w->heads * f.blocks, block_task, &f);
      return TACET_OK;
    }
  f.copy = scratch;
  for (f.sample = 0; f.sample < w->n; f.sample++)
    {
      tacet_pool_run (cpu->pool, 2 * w->heads * tacet_div_up (w->s, ROWS), copy_task, &f);
      tacet_pool_run (cpu->pool, w->heads * f.blocks, block_task, &f);
    }
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_attention = { .run = run_attention, .scratch = scratch_attention };
