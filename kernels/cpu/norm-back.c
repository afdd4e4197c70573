/* norm-back.c: the gradients of normalisation.
 *
 * Room: kernels/.  With xhat = (x - mean) inverse and h = gamma g:
 * dx = inverse (h - mean (h) - xhat mean (h xhat)), dgamma = sum (g xhat), dbeta = sum (g).
 */
#include "norm.h"

#include <string.h>

#define RUN        64 /* rows added in f32 */
#define ROW_SLICES 32

/* ---- samples of many pixels ---- */

/* The four lines of a sample, of one group's channels. */
static void
fill_lines (const TacetNorm *w, int64_t sample, int64_t group)
{
  const int64_t c = w->c, per = c / w->groups;
  float *mean = w->lines + sample * 4 * c, *p = mean + c, *q = p + c, *r = q + c;
  TacetGroup s;

  tacet_norm_group (w, sample, group, &s);
  for (int64_t k = group * per; k < (group + 1) * per; k++)
    {
      mean[k] = (float) s.mean;
      p[k] = (float) (s.inverse * (w->gamma != NULL ? w->gamma[k] : 1));
      q[k] = (float) (-s.inverse * s.inverse * s.mean_gx);
      r[k] = (float) (-s.inverse * s.mean_g - (s.mean - mean[k]) * q[k]);
    }
}

/* dx = g p + d q + r with p = inverse gamma, d = x - mean, q = - inverse^2 mean_gx, r = - inverse mean_g */
static void
write_slice (const TacetNorm *w, int64_t sample, int64_t slice)
{
  const int64_t c = w->c, row = slice * w->slice_rows, at = (sample * w->size + row) * c;
  const int64_t rows = tacet_min (w->slice_rows, w->size - row);
  const float *mean = w->lines + sample * 4 * c, *p = mean + c, *q = p + c, *r = q + c;
  const float *x = w->x + at, *g = w->g + at;
  float *out = w->out + at;

  for (int64_t i = 0; i < rows; i++, x += c, g += c, out += c)
    {
      int64_t k = 0;
      for (; k + 8 <= c; k += 8)
        v8_store (out + k, v8_load (g + k) * v8_load (p + k) +
                               (v8_load (x + k) - v8_load (mean + k)) * v8_load (q + k) + v8_load (r + k));
      for (; k < c; k++)
        out[k] = g[k] * p[k] + (x[k] - mean[k]) * q[k] + r[k];
    }
}

static void
sum_task (void *context, int64_t index, int thread)
{
  const TacetNorm *w = context;

  tacet_norm_sum_slice (w, index / w->slices, index % w->slices);
}

static void
lines_task (void *context, int64_t index, int thread)
{
  const TacetNorm *w = context;

  fill_lines (w, index / w->groups, index % w->groups);
}

static void
write_task (void *context, int64_t index, int thread)
{
  const TacetNorm *w = context;

  write_slice (w, index / w->slices, index % w->slices);
}

static void
sum_write_task (void *context, int64_t index, int thread)
{
  const TacetNorm *w = context;

  tacet_norm_sum_slice (w, index, 0);
  for (int64_t group = 0; group < w->groups; group++)
    fill_lines (w, index, group);
  write_slice (w, index, 0);
}

/* ---- LayerNorm ---- */

static void
row_data_range (void *context, int64_t first, int64_t last)
{
  const TacetNorm *w = context;
  const int64_t c = w->c;

  for (int64_t row = first; row < last; row++)
    {
      const float *x = w->x + row * c, *g = w->g + row * c;
      float *out = w->out + row * c, mean_h, mean_hx;
      V8 sum_h = { 0 }, sum_hx = { 0 };
      const TacetRow s = tacet_norm_row (x, c, w->eps);
      for (int64_t k = 0; k < c; k += 8)
        {
          const int64_t n = tacet_min (c - k, 8);
          V8 h = n == 8 ? v8_load (g + k) : v8_load_part (g + k, n);
          V8 d = (n == 8 ? v8_load (x + k) : v8_load_part (x + k, n)) - s.mean - s.rest;
          if (w->gamma != NULL)
            h *= n == 8 ? v8_load (w->gamma + k) : v8_load_part (w->gamma + k, n);
          sum_h += h;
          sum_hx += h * d;
        }
      mean_h = v8_sum (sum_h) / c;
      mean_hx = v8_sum (sum_hx) * s.inverse * s.inverse / c;
      for (int64_t k = 0; k < c; k++)
        {
          const float h = w->gamma != NULL ? g[k] * w->gamma[k] : g[k];
          out[k] = s.inverse * (h - mean_h - (x[k] - s.mean - s.rest) * mean_hx);
        }
    }
}

static int64_t
row_slices (const TacetNorm *w)
{
  return tacet_max (1, tacet_min (ROW_SLICES, w->n * w->c / TACET_GRAIN));
}

/* sums {2, c}: of g xhat and of g, over the rows of one slice */
static void
row_weight_task (void *context, int64_t index, int thread)
{
  const TacetNorm *w = context;
  const int64_t c = w->c, slices = row_slices (w), stop = w->n * (index + 1) / slices;
  double *sums = w->sums + index * 2 * c;
  float *gx = w->lines + thread * 4 * c, *gs = gx + c;

  memset (sums, 0, 2 * c * sizeof *sums);
  for (int64_t first = w->n * index / slices; first < stop; first += RUN)
    {
      memset (gx, 0, 2 * c * sizeof *gx);
      for (int64_t row = first; row < tacet_min (first + RUN, stop); row++)
        {
          const float *x = w->x + row * c, *g = w->g + row * c;
          const TacetRow s = tacet_norm_row (x, c, w->eps);
          for (int64_t k = 0; k < c; k++)
            {
              gx[k] += g[k] * ((x[k] - s.mean - s.rest) * s.inverse);
              gs[k] += g[k];
            }
        }
      for (int64_t k = 0; k < 2 * c; k++)
        sums[k] += gx[k];
    }
}

/* ---- the two operations ---- */

static size_t
scratch_back (TacetCpu *cpu, const TacetStep *step)
{
  TacetNorm w;

  tacet_norm_init (&w, step, 1, true);
  if (!tacet_norm_is_rows (&w))
    return tacet_norm_place (&w, cpu, NULL);
  return step->op == TACET_OP_NORM_BACK_DATA ? 0
                                             : tacet_aligned (row_slices (&w) * 2 * w.c * sizeof (double)) +
                                                   4 * w.c * sizeof (float) * tacet_cpu_threads (cpu);
}

static TacetStatus
run_back_data (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  TacetNorm w;

  tacet_norm_init (&w, step, 1, true);
  if (tacet_norm_is_rows (&w))
    {
      tacet_pool_range (cpu->pool, w.n, TACET_GRAIN / tacet_min (w.c, TACET_GRAIN), row_data_range, &w);
      return TACET_OK;
    }
  tacet_norm_place (&w, cpu, scratch);
  if (w.slices == 1)
    {
      tacet_pool_run (cpu->pool, w.n, sum_write_task, &w);
      return TACET_OK;
    }
  tacet_pool_run (cpu->pool, w.n * w.slices, sum_task, &w);
  tacet_pool_run (cpu->pool, w.n * w.groups, lines_task, &w);
  tacet_pool_run (cpu->pool, w.n * w.slices, write_task, &w);
  return TACET_OK;
}

/* dgamma and dbeta {2, c} from the sums of every sample; few numbers, so one task per group. */
static void
weight_group_task (void *context, int64_t group, int thread)
{
  const TacetNorm *w = context;
  const int64_t c = w->c, per = c / w->groups;

  for (int64_t k = group * per; k < (group + 1) * per; k++)
    w->totals[k] = w->totals[c + k] = 0;
  for (int64_t sample = 0; sample < w->n; sample++)
    {
      const float *x0 = w->x + sample * w->size * c;
      TacetGroup s;
      tacet_norm_group (w, sample, group, &s);
      for (int64_t k = group * per; k < (group + 1) * per; k++)
        {
          const double g = tacet_norm_total (w, sample, TACET_SUM_G, k);
          w->totals[k] += s.inverse * (tacet_norm_total (w, sample, TACET_SUM_GD, k) - (s.mean - x0[k]) * g);
          w->totals[c + k] += g;
        }
    }
  for (int64_t k = group * per; k < (group + 1) * per; k++)
    {
      w->out[k] = (float) w->totals[k];
      w->out[c + k] = (float) w->totals[c + k];
    }
}

static void
run_row_weight (TacetCpu *cpu, TacetNorm *w, void *scratch)
{
  const int64_t slices = row_slices (w);

  w->sums = scratch;
  w->lines = (float *) ((char *) scratch + tacet_aligned (slices * 2 * w->c * sizeof *w->sums));
  tacet_pool_run (cpu->pool, slices, row_weight_task, w);
  for (int64_t k = 0; k < 2 * w->c; k++)
    {
      double sum = 0;
      for (int64_t i = 0; i < slices; i++)
        sum += w->sums[i * 2 * w->c + k];
      w->out[k] = (float) sum;
    }
}

static TacetStatus
run_back_weight (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  TacetNorm w;

  tacet_norm_init (&w, step, 1, true);
  if (tacet_norm_is_rows (&w))
    {
      run_row_weight (cpu, &w, scratch);
      return TACET_OK;
    }
  tacet_norm_place (&w, cpu, scratch);
  tacet_pool_run (cpu->pool, w.n * w.slices, sum_task, &w);
  tacet_pool_run (cpu->pool, w.groups, weight_group_task, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_norm_back_data = { .run = run_back_data, .scratch = scratch_back };
const TacetCpuOp tacet_cpu_norm_back_weight = { .run = run_back_weight, .scratch = scratch_back };
