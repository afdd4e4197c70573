/* reduce.c: sums over any of the four dimensions.
 *
 * Room: kernels/.  Rows are added in f32 in short runs and the runs in f64; the runs are the same
 * whatever the number of threads.
 */
#include "walk.h"
#include "vector.h"

#include <string.h>

#define RUN    64   /* rows added in f32 */
#define PIECES 16   /* of the first reduced dimension, each with its own f64 sums */
#define SMALL  4096 /* outputs; only few outputs are worth pieces */

typedef struct
{
  TacetWalk walk; /* over x; stride[0] of x, stride[1] of out: 0 where summed */
  const float *x;
  float *out;
  double *sums; /* {pieces, n_out} */
  int64_t n_out, pieces, rows;
} Sum;

/* Sum of n floats that lie behind each other. */
static double
sum_run (const float *x, int64_t n)
{
  D4 total = { 0 };
  double sum;
  int64_t i = 0;

  while (i + 8 <= n)
    {
      int64_t stop = tacet_min (i + 8 * 32, n);
      V8 part = { 0 };
      for (; i + 8 <= stop; i += 8)
        part += v8_load (x + i);
      total += v8_low_double (part) + v8_high_double (part);
    }
  sum = (total[0] + total[1]) + (total[2] + total[3]);
  for (; i < n; i++)
    sum += x[i];
  return sum;
}

static void
add_to_doubles (double *sums, const float *x, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    sums[i] += x[i];
}

/* Adds rows of n that lie n apart: RUN at a time in f32, 32 columns at a time. */
static void
sum_columns (double *sums, const float *x, int64_t rows, int64_t n)
{
  for (int64_t r = 0; r < rows; r += RUN)
    {
      const int64_t stop = tacet_min (r + RUN, rows);
      int64_t c = 0;
      for (; c + 16 <= n; c += 16)
        {
          V8 a = { 0 }, b = { 0 };
          for (int64_t i = r; i < stop; i++)
            {
              a += v8_load (x + i * n + c);
              b += v8_load (x + i * n + c + 8);
            }
          for (int k = 0; k < 8; k++)
            {
              sums[c + k] += a[k];
              sums[c + 8 + k] += b[k];
            }
        }
      for (; c < n; c++)
        for (int64_t i = r; i < stop; i++)
          sums[c] += x[i * n + c];
    }
}

static void
sum_piece (void *context, int64_t index, int thread)
{
  const Sum *w = context;
  const TacetWalk *walk = &w->walk;
  const int last = walk->rank - 1;
  const int64_t n = walk->d[last], first = w->rows * index / w->pieces, stop = w->rows * (index + 1) / w->pieces;
  const bool kept = walk->stride[1][last] != 0;
  /* Below the last dimension kept, a summed one: whole blocks of columns. */
  const bool columns = kept && last > 0 && walk->stride[1][last - 1] == 0;
  double *sums = w->sums + index * w->n_out;

  memset (sums, 0, w->n_out * sizeof *sums);
  for (int64_t row = first; row < stop;)
    {
      int64_t count = 1;
      TacetRowAt at;
      tacet_walk_seek (walk, row, &at);
      if (columns)
        {
          count = tacet_min (stop - row, walk->d[last - 1] - row % walk->d[last - 1]);
          sum_columns (sums + at.offset[1], w->x + at.offset[0], count, n);
        }
      else if (kept)
        add_to_doubles (sums + at.offset[1], w->x + at.offset[0], n);
      else
        sums[at.offset[1]] += sum_run (w->x + at.offset[0], n);
      row += count;
    }
}

static void
sum_pieces (void *context, int64_t first, int64_t last)
{
  const Sum *w = context;

  for (int64_t i = first; i < last; i++)
    {
      double sum = 0;
      for (int64_t piece = 0; piece < w->pieces; piece++)
        sum += w->sums[piece * w->n_out + i];
      w->out[i] = (float) sum;
    }
}

static void
sum_init (Sum *w, const TacetStep *step)
{
  TacetShape shapes[2] = { step->in[0].shape, step->out.shape };
  int64_t count = tacet_shape_count (step->in[0].shape);

  tacet_walk_init (&w->walk, step->in[0].shape, 2, shapes);
  w->rows = tacet_walk_rows (&w->walk);
  w->n_out = tacet_shape_count (step->out.shape);
  w->pieces = w->n_out > SMALL ? 1 : tacet_min (PIECES, tacet_max (count / TACET_GRAIN, 1));
  w->pieces = tacet_min (w->pieces, w->rows);
  w->x = step->in[0].data;
  w->out = step->out.data;
}

static size_t
scratch_sum (TacetCpu *cpu, const TacetStep *step)
{
  Sum w;

  sum_init (&w, step);
  return w.pieces * w.n_out * sizeof (double);
}

static TacetStatus
run_sum (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Sum w;

  sum_init (&w, step);
  w.sums = scratch;
  tacet_pool_run (cpu->pool, w.pieces, sum_piece, &w);
  tacet_pool_range (cpu->pool, w.n_out, TACET_GRAIN, sum_pieces, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_sum = { .run = run_sum, .scratch = scratch_sum };
