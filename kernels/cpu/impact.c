/* impact.c: what minimal impact needs of the features: inner products per sample, and the weighted sum.
 *
 * Room: kernels/.
 */
#include "cpu.h"
#include "vector.h"

#include <string.h>

#define PIECE        8192 /* elements of one sample whose products are added in one go */
#define MOST_AT_ONCE 4    /* vectors whose sums of all pairs fit into registers */

typedef float F4 __attribute__ ((vector_size (16)));

typedef struct
{
  const float *v[TACET_MAX_INPUTS];
  int64_t m, size, pieces; /* size of one sample */
  double *sums;            /* {n, pieces, m, m} */
  double *out;
} Gram;

/* What eight at a time left over comes last. */
static double
sum_dot (D4 x, const float *a, const float *b, int64_t n)
{
  double sum = (x[0] + x[1]) + (x[2] + x[3]);

  for (int64_t i = n & ~7; i < n; i++)
    sum += (double) a[i] * b[i];
  return sum;
}

static double
dot (const float *a, const float *b, int64_t n)
{
  D4 x = { 0 }, y = { 0 };

  for (int64_t i = 0; i + 8 <= n; i += 8)
    {
      V8 p = v8_load (a + i), q = v8_load (b + i);
      x += v8_low_double (p) * v8_low_double (q);
      y += v8_high_double (p) * v8_high_double (q);
    }
  return sum_dot (x + y, a, b, n);
}

static inline F4
f4_load (const float *p)
{
  F4 v;
  memcpy (&v, p, sizeof v);
  return v;
}

/* Adds up the products of all pairs, j <= i, of the four elements from `at` on of every eight. sums {m (m + 1) / 2}
 * m is known where this is inlined, so that the sums stay in registers; every element is widened once. */
static inline __attribute__ ((always_inline)) void
add_pairs (const float *const *v, int m, int64_t n, int at, D4 *sums)
{
  D4 sum[MOST_AT_ONCE * (MOST_AT_ONCE + 1) / 2] = { 0 }, x[MOST_AT_ONCE];

  for (int64_t k = at; k + 8 - at <= n; k += 8)
    for (int i = 0, pair = 0; i < m; i++)
      {
        x[i] = __builtin_convertvector(f4_load (v[i] + k), D4);
        for (int j = 0; j <= i; j++)
          sum[pair++] += x[i] * x[j];
      }
  memcpy (sums, sum, m * (m + 1) / 2 * sizeof *sums);
}

static inline __attribute__ ((always_inline)) void
gram_together (const float *const *v, int m, int64_t n, double *out)
{
  D4 low[MOST_AT_ONCE * (MOST_AT_ONCE + 1) / 2], high[MOST_AT_ONCE * (MOST_AT_ONCE + 1) / 2];

  add_pairs (v, m, n, 0, low);
  add_pairs (v, m, n, 4, high);
  for (int i = 0, pair = 0; i < m; i++)
    for (int j = 0; j <= i; j++, pair++)
      out[i * m + j] = sum_dot (low[pair] + high[pair], v[i], v[j], n);
}

static void
gram_task (void *context, int64_t index, int thread)
{
  const Gram *w = context;
  const int64_t sample = index / w->pieces, from = index % w->pieces * PIECE, n = tacet_min (PIECE, w->size - from);
  const float *v[TACET_MAX_INPUTS];
  double *out = w->sums + index * w->m * w->m;

  for (int64_t i = 0; i < w->m; i++)
    v[i] = w->v[i] + sample * w->size + from;
  switch (w->m)
    {
    case 2:
      gram_together (v, 2, n, out);
      break;
    case 3:
      gram_together (v, 3, n, out);
      break;
    case 4:
      gram_together (v, 4, n, out);
      break;
    default:
      for (int64_t i = 0; i < w->m; i++)
        for (int64_t j = 0; j <= i; j++)
          out[i * w->m + j] = dot (v[i], v[j], n);
    }
}

static size_t
scratch_gram (TacetCpu *cpu, const TacetStep *step)
{
  const TacetShape s = step->in[0].shape;
  const int64_t pieces = tacet_div_up (s.d[1] * s.d[2] * s.d[3], PIECE);

  return s.d[0] * pieces * step->n_inputs * step->n_inputs * sizeof (double);
}

/* v_i {n,h,w,c} -> {n,1,m,m} */
static TacetStatus
run_gram (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const TacetShape s = step->in[0].shape;
  Gram w = { .m = step->n_inputs, .size = s.d[1] * s.d[2] * s.d[3], .sums = scratch, .out = step->out.data };

  w.pieces = tacet_div_up (w.size, PIECE);
  for (int i = 0; i < step->n_inputs; i++)
    w.v[i] = step->in[i].data;
  tacet_pool_run (cpu->pool, s.d[0] * w.pieces, gram_task, &w);
  for (int64_t n = 0; n < s.d[0]; n++)
    for (int64_t i = 0; i < w.m; i++)
      for (int64_t j = 0; j <= i; j++)
        {
          double sum = 0;
          for (int64_t piece = 0; piece < w.pieces; piece++)
            sum += w.sums[((n * w.pieces + piece) * w.m + i) * w.m + j];
          w.out[(n * w.m + i) * w.m + j] = w.out[(n * w.m + j) * w.m + i] = sum;
        }
  return TACET_OK;
}

typedef struct
{
  const float *f, *coef;
  const float *control[TACET_MAX_INPUTS];
  float *out;
  int64_t k, size, pieces;
} Combine;

/* A control whose coefficient is 0 is not read: 0 times infinity would not be 0. */
static void
combine_task (void *context, int64_t index, int thread)
{
  const Combine *w = context;
  const int64_t sample = index / w->pieces, from = index % w->pieces * TACET_GRAIN;
  const int64_t n = tacet_min (TACET_GRAIN, w->size - from), at = sample * w->size + from;
  float *out = w->out + at;

  if (out != w->f + at)
    memcpy (out, w->f + at, n * sizeof *out);
  for (int64_t k = 0; k < w->k; k++)
    {
      const float coef = w->coef[sample * w->k + k], *c = w->control[k] + at;
      int64_t i = 0;
      if (coef == 0)
        continue;
      for (; i + 8 <= n; i += 8)
        v8_store (out + i, v8_load (out + i) + coef * v8_load (c + i));
      for (; i < n; i++)
        out[i] += coef * c[i];
    }
}

static TacetStatus
run_combine (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const TacetShape s = step->out.shape;
  Combine w = { .f = step->in[0].data, .coef = step->in[1].data, .out = step->out.data };

  w.k = step->n_inputs - 2;
  w.size = s.d[1] * s.d[2] * s.d[3];
  w.pieces = tacet_div_up (w.size, TACET_GRAIN);
  for (int64_t i = 0; i < w.k; i++)
    w.control[i] = step->in[i + 2].data;
  tacet_pool_run (cpu->pool, s.d[0] * w.pieces, combine_task, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_gram = { .run = run_gram, .scratch = scratch_gram };
const TacetCpuOp tacet_cpu_combine = { .run = run_combine };
