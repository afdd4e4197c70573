/* norm.c: group and layer normalisation, and the sums that their gradients need as well.
 *
 * Room: kernels/.
 */
#include "norm.h"
#include "vector-functions.h"

#include <math.h>
#include <string.h>

#define SLICE  65536 /* elements */
#define RUN    64    /* pixels added in f32 before the sums go on in f64 */
#define CHAINS 4     /* of sums of a row, which do not wait for each other */

void
tacet_norm_init (TacetNorm *w, const TacetStep *step, int x_input, bool back)
{
  const TacetShape x = step->in[x_input].shape;

  *w = (TacetNorm){
    .x = step->in[x_input].data,
    .g = back ? step->in[0].data : NULL,
    .gamma = step->op != TACET_OP_NORM_BACK_WEIGHT && step->n_inputs > x_input + 1 ? step->in[x_input + 1].data : NULL,
    .beta = !back && step->n_inputs > 2 ? step->in[2].data : NULL,
    .out = step->out.data,
    .n = x.d[0],
    .size = x.d[1] * x.d[2],
    .c = x.d[3],
    .groups = step->attrs.groups > 0 ? step->attrs.groups : 1,
    .n_sums = back ? TACET_N_SUMS : 2,
    .eps = step->attrs.a,
    .silu = step->attrs.silu,
  };
  w->slice_rows = tacet_min (tacet_max (SLICE / w->c, 1), w->size);
  w->slices = tacet_div_up (w->size, w->slice_rows);
}

bool
tacet_norm_is_rows (const TacetNorm *w)
{
  return w->size == 1 && w->groups == 1;
}

size_t
tacet_norm_place (TacetNorm *w, TacetCpu *cpu, void *scratch)
{
  const size_t sums = tacet_aligned (w->n * w->slices * w->n_sums * w->c * sizeof *w->sums);
  const size_t totals = tacet_aligned (2 * w->c * sizeof *w->totals);

  w->sums = scratch;
  w->totals = (double *) ((char *) scratch + sums);
  w->lines = (float *) ((char *) scratch + sums + totals);
  return sums + totals + 4 * w->c * sizeof *w->lines * tacet_max (tacet_cpu_threads (cpu), w->n);
}

static inline void
add_lanes (double *to, V8 v, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    to[i] += v[i];
}

/* Up to 8 channels; full says that all 8 are there. */
static inline __attribute__ ((always_inline)) void
sum_channels (const TacetNorm *w, const float *x0, const float *x, const float *g, int64_t rows, double *sums,
              int64_t n, bool full, bool back)
{
  const int64_t c = w->c;
  const V8 first = full ? v8_load (x0) : v8_load_part (x0, n);

  for (int64_t r = 0; r < rows; r += RUN)
    {
      V8 d1 = { 0 }, d2 = { 0 }, g1 = { 0 }, gd = { 0 };
      for (int64_t i = r; i < tacet_min (r + RUN, rows); i++)
        {
          const V8 d = (full ? v8_load (x + i * c) : v8_load_part (x + i * c, n)) - first;
          d1 += d;
          d2 += d * d;
          if (back)
            {
              const V8 h = full ? v8_load (g + i * c) : v8_load_part (g + i * c, n);
              g1 += h;
              gd += h * d;
            }
        }
      add_lanes (sums + TACET_SUM_D * c, d1, n);
      add_lanes (sums + TACET_SUM_DD * c, d2, n);
      if (back)
        {
          add_lanes (sums + TACET_SUM_G * c, g1, n);
          add_lanes (sums + TACET_SUM_GD * c, gd, n);
        }
    }
}

#define VECTORS 4
#define WIDE    (VECTORS * VW_LANES)

/* The same for WIDE channels, whole lines of the cache; where a vector is a register. */
static inline __attribute__ ((always_inline)) void
sum_wide (const TacetNorm *w, const float *x0, const float *x, const float *g, int64_t rows, double *sums,
          const bool back)
{
  const int64_t c = w->c, ahead = tacet_div_up (TACET_AHEAD, c) * c;

  for (int64_t r = 0; r < rows; r += RUN)
    {
      VW all[TACET_N_SUMS][VECTORS] = { { { 0 } } };
      for (int64_t i = r; i < tacet_min (r + RUN, rows); i++)
        for (int v = 0; v < VECTORS; v++)
          {
            __builtin_prefetch (x + i * c + v * VW_LANES + ahead);
            const VW d = vw_load (x + i * c + v * VW_LANES) - vw_load (x0 + v * VW_LANES);
            all[TACET_SUM_D][v] += d;
            all[TACET_SUM_DD][v] += d * d;
            if (back)
              {
                const VW h = vw_load (g + i * c + v * VW_LANES);
                all[TACET_SUM_G][v] += h;
                all[TACET_SUM_GD][v] += h * d;
              }
          }
      for (int kind = 0; kind < (back ? TACET_N_SUMS : 2); kind++)
        {
          float lanes[WIDE];
          for (int v = 0; v < VECTORS; v++)
            vw_store (lanes + v * VW_LANES, all[kind][v]);
          for (int k = 0; k < WIDE; k++)
            sums[kind * c + k] += lanes[k];
        }
    }
}

void
tacet_norm_sum_slice (const TacetNorm *w, int64_t sample, int64_t slice)
{
  const int64_t c = w->c, row = slice * w->slice_rows, rows = tacet_min (w->slice_rows, w->size - row);
  const float *x0 = w->x + sample * w->size * c, *x = x0 + row * c;
  const float *g = w->g != NULL ? w->g + (sample * w->size + row) * c : NULL;
  double *sums = w->sums + (sample * w->slices + slice) * w->n_sums * c;
  int64_t k = 0;

  memset (sums, 0, w->n_sums * c * sizeof *sums);
  for (; TACET_LANES == VW_LANES && k + WIDE <= c; k += WIDE)
    if (g != NULL)
      sum_wide (w, x0 + k, x + k, g + k, rows, sums + k, true);
    else
      sum_wide (w, x0 + k, x + k, NULL, rows, sums + k, false);
  for (; k + 8 <= c; k += 8)
    if (g != NULL)
      sum_channels (w, x0 + k, x + k, g + k, rows, sums + k, 8, true, true);
    else
      sum_channels (w, x0 + k, x + k, NULL, rows, sums + k, 8, true, false);
  if (k < c)
    sum_channels (w, x0 + k, x + k, g != NULL ? g + k : NULL, rows, sums + k, c - k, false, g != NULL);
}

double
tacet_norm_total (const TacetNorm *w, int64_t sample, int kind, int64_t channel)
{
  const double *sums = w->sums + (sample * w->slices * w->n_sums + kind) * w->c + channel;
  double total = 0;

  for (int64_t i = 0; i < w->slices; i++)
    total += sums[i * w->n_sums * w->c];
  return total;
}

void
tacet_norm_group (const TacetNorm *w, int64_t sample, int64_t group, TacetGroup *out)
{
  const int64_t per = w->c / w->groups, first = group * per;
  const float *x0 = w->x + sample * w->size * w->c;
  const double count = (double) per * w->size;
  double mean = 0, square = 0, sum_g = 0, sum_gx = 0;

  for (int64_t k = first; k < first + per; k++)
    mean += tacet_norm_total (w, sample, TACET_SUM_D, k) + (double) x0[k] * w->size;
  mean /= count;
  for (int64_t k = first; k < first + per; k++)
    {
      /* sum (d - shift)^2, shift = mean - x0 */
      const double shift = mean - x0[k];
      square += tacet_norm_total (w, sample, TACET_SUM_DD, k) -
                2 * shift * tacet_norm_total (w, sample, TACET_SUM_D, k) + shift * shift * w->size;
    }
  out->mean = mean;
  out->inverse = 1 / sqrt ((square > 0 ? square : 0) / count + w->eps);
  if (w->g == NULL)
    return;
  for (int64_t k = first; k < first + per; k++)
    {
      const double gamma = w->gamma != NULL ? w->gamma[k] : 1, g = tacet_norm_total (w, sample, TACET_SUM_G, k);
      sum_g += gamma * g;
      sum_gx += gamma * (tacet_norm_total (w, sample, TACET_SUM_GD, k) - (mean - x0[k]) * g);
    }
  out->mean_g = sum_g / count;
  out->mean_gx = sum_gx * out->inverse / count;
}

/* out = (x - mean) factor + beta, then SiLU */
static inline VW
affine (VW x, VW mean, VW factor, VW beta, bool silu)
{
  VW y = (x - mean) * factor + beta;

  return silu ? y * vw_sigmoid (y) : y;
}

static inline __attribute__ ((always_inline)) void
write_rows (const float *x, float *out, int64_t rows, int64_t c, const float *line, bool silu)
{
  for (int64_t i = 0; i < rows; i++, x += c, out += c)
    {
      int64_t k = 0;
      for (; k + VW_LANES <= c; k += VW_LANES)
        {
          tacet_send_for (x, out, k);
          vw_store (out + k, affine (vw_load (x + k), vw_load (line + k), vw_load (line + c + k),
                                     vw_load (line + 2 * c + k), silu));
        }
      if (k < c)
        vw_store_part (out + k,
                       affine (vw_load_part (x + k, c - k), vw_load_part (line + k, c - k),
                               vw_load_part (line + c + k, c - k), vw_load_part (line + 2 * c + k, c - k), silu),
                       c - k);
    }
}

/* mean, factor and beta of the channels of one group: three lines of a sample */
static void
fill_lines (const TacetNorm *w, int64_t sample, int64_t group)
{
  const int64_t c = w->c, per = c / w->groups;
  float *line = w->lines + sample * 4 * c;
  TacetGroup s;

  tacet_norm_group (w, sample, group, &s);
  for (int64_t k = group * per; k < (group + 1) * per; k++)
    {
      /* What rounding takes from the mean goes into beta. */
      const double factor = s.inverse * (w->gamma != NULL ? w->gamma[k] : 1);
      line[k] = (float) s.mean;
      line[c + k] = (float) factor;
      line[2 * c + k] = (float) ((w->beta != NULL ? w->beta[k] : 0) - (s.mean - line[k]) * factor);
    }
}

static void
write_slice (const TacetNorm *w, int64_t sample, int64_t slice)
{
  const int64_t c = w->c, row = slice * w->slice_rows, at = (sample * w->size + row) * c;
  const int64_t rows = tacet_min (w->slice_rows, w->size - row);
  const float *line = w->lines + sample * 4 * c;

  if (w->silu)
    write_rows (w->x + at, w->out + at, rows, c, line, true);
  else
    write_rows (w->x + at, w->out + at, rows, c, line, false);
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

/* ---- LayerNorm: a row is a sample ---- */

/* Sums of x - mean and of its squares. */
static void
row_sums (const float *x, int64_t c, float mean, float *sum, float *square)
{
  V8 sums[CHAINS] = { { 0 } }, squares[CHAINS] = { { 0 } };
  int64_t i = 0;

  for (; i + 8 * CHAINS <= c; i += 8 * CHAINS)
    for (int k = 0; k < CHAINS; k++)
      {
        const V8 d = v8_load (x + i + 8 * k) - mean;
        sums[k] += d;
        squares[k] += d * d;
      }
  *sum = v8_sum ((sums[0] + sums[1]) + (sums[2] + sums[3]));
  *square = v8_sum ((squares[0] + squares[1]) + (squares[2] + squares[3]));
  for (; i < c; i++)
    {
      *sum += x[i] - mean;
      *square += (x[i] - mean) * (x[i] - mean);
    }
}

TacetRow
tacet_norm_row (const float *x, int64_t c, float eps)
{
  float sum, square;
  TacetRow row;

  row_sums (x, c, 0, &sum, &square);
  row.mean = sum / c;
  row_sums (x, c, row.mean, &sum, &square);
  row.rest = sum / c;
  row.inverse = 1 / sqrtf (fmaxf (square / c - row.rest * row.rest, 0) + eps);
  return row;
}

static void
row_range (void *context, int64_t first, int64_t last)
{
  const TacetNorm *w = context;
  const int64_t c = w->c;

  for (int64_t row = first; row < last; row++)
    {
      const float *x = w->x + row * c;
      float *out = w->out + row * c;
      const TacetRow s = tacet_norm_row (x, c, w->eps);
      for (int64_t k = 0; k < c; k += VW_LANES)
        {
          const int64_t n = tacet_min (c - k, VW_LANES);
          tacet_send_for (x, out, k);
          VW v = n == VW_LANES ? vw_load (x + k) : vw_load_part (x + k, n), y = (v - s.mean - s.rest) * s.inverse;
          if (w->gamma != NULL)
            y *= n == VW_LANES ? vw_load (w->gamma + k) : vw_load_part (w->gamma + k, n);
          if (w->beta != NULL)
            y += n == VW_LANES ? vw_load (w->beta + k) : vw_load_part (w->beta + k, n);
          if (w->silu)
            y *= vw_sigmoid (y);
          if (n == VW_LANES)
            vw_store (out + k, y);
          else
            vw_store_part (out + k, y, n);
        }
    }
}

static size_t
scratch_norm (TacetCpu *cpu, const TacetStep *step)
{
  TacetNorm w;

  tacet_norm_init (&w, step, 0, false);
  return tacet_norm_is_rows (&w) ? 0 : tacet_norm_place (&w, cpu, NULL);
}

static TacetStatus
run_norm (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  TacetNorm w;

  tacet_norm_init (&w, step, 0, false);
  if (tacet_norm_is_rows (&w))
    {
      tacet_pool_range (cpu->pool, w.n, TACET_GRAIN / tacet_min (w.c, TACET_GRAIN), row_range, &w);
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

const TacetCpuOp tacet_cpu_norm = { .run = run_norm, .scratch = scratch_norm };
