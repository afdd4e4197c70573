/* movement.c: operations that only move elements, and the lookups.
 *
 * Room: kernels/.  PERMUTE, CONCAT, SLICE and PAD move any four-byte elements.
 */
#include "walk.h"
#include "vector.h"

#include <stdio.h>
#include <string.h>

/* ---- PERMUTE ---- */

typedef struct
{
  TacetWalk walk; /* over out; stride[0] of x, stride[1] of out */
  const float *x;
  float *out;
  int fast;     /* the dimension of the loop in which x runs */
  int64_t rest; /* rows without that dimension */
} Permute;

/* x runs along the last dimension of out: copies. */
static void
permute_rows (void *context, int64_t first, int64_t last)
{
  const Permute *w = context;
  const int64_t n = w->walk.d[w->walk.rank - 1];

  TacetRowAt at;

  tacet_walk_seek (&w->walk, first, &at);
  for (int64_t row = first; row < last; row++, tacet_walk_next (&w->walk, &at))
    memcpy (w->out + at.offset[1], w->x + at.offset[0], n * sizeof *w->out);
}

/* Otherwise: planes of (fast, last), transposed in tiles so that both sides stay in cache. */
static void
permute_planes (void *context, int64_t first, int64_t last)
{
  const Permute *w = context;
  const TacetWalk *walk = &w->walk;
  const int end = walk->rank - 1, fast = w->fast;
  const int64_t rows = walk->d[fast], columns = walk->d[end];
  const int64_t from = walk->stride[0][end], to = walk->stride[1][fast];

  for (int64_t plane = first; plane < last; plane++)
    {
      int64_t left = plane, x_at = 0, out_at = 0;
      for (int i = end - 1; i >= 0; i--)
        if (i != fast)
          {
            x_at += left % walk->d[i] * walk->stride[0][i];
            out_at += left % walk->d[i] * walk->stride[1][i];
            left /= walk->d[i];
          }
      for (int64_t c = 0; c < columns; c += 16)
        for (int64_t r = 0; r < rows; r += 16)
          for (int64_t i = r; i < tacet_min (r + 16, rows); i++)
            for (int64_t j = c; j < tacet_min (c + 16, columns); j++)
              w->out[out_at + i * to + j] = w->x[x_at + i + j * from];
    }
}

static TacetStatus
run_permute (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Permute w = { .x = step->in[0].data, .out = step->out.data, .rest = 1 };
  TacetShape x = step->in[0].shape, out = step->out.shape;
  int64_t x_stride[TACET_RANK], n;
  int last;

  tacet_walk_strides (x_stride, x, x);
  w.walk.n_operands = 2;
  for (int i = 0; i < TACET_RANK; i++)
    {
      w.walk.d[i] = out.d[i];
      w.walk.stride[0][i] = x_stride[step->attrs.perm[i]];
    }
  tacet_walk_strides (w.walk.stride[1], out, out);
  tacet_walk_merge (&w.walk);
  last = w.walk.rank - 1;
  n = w.walk.d[last];
  if (w.walk.stride[0][last] == 1)
    {
      tacet_pool_range (cpu->pool, tacet_walk_rows (&w.walk), TACET_GRAIN / tacet_min (n, TACET_GRAIN), permute_rows,
                        &w);
      return TACET_OK;
    }
  for (int i = 0; i < last; i++)
    if (w.walk.stride[0][i] == 1)
      w.fast = i;
  for (int i = 0; i < last; i++)
    if (i != w.fast)
      w.rest *= w.walk.d[i];
  n *= w.walk.d[w.fast];
  tacet_pool_range (cpu->pool, w.rest, TACET_GRAIN / tacet_min (n, TACET_GRAIN), permute_planes, &w);
  return TACET_OK;
}

/* ---- CONCAT, SLICE, PAD: rows of different length and distance ---- */

typedef struct
{
  char *to;
  const char *from; /* NULL: zeros */
  size_t to_stride, from_stride, bytes;
} Rows;

static void
copy_rows (void *context, int64_t first, int64_t last)
{
  const Rows *w = context;

  for (int64_t i = first; i < last; i++)
    if (w->from != NULL)
      memcpy (w->to + i * w->to_stride, w->from + i * w->from_stride, w->bytes);
    else
      memset (w->to + i * w->to_stride, 0, w->bytes);
}

static void
move_rows (TacetCpu *cpu, Rows rows, int64_t n)
{
  if (rows.bytes > 0)
    tacet_pool_range (cpu->pool, n, tacet_max (TACET_GRAIN * 4 / (int64_t) rows.bytes, 1), copy_rows, &rows);
}

static int64_t
count_from (TacetShape s, int axis)
{
  int64_t n = 1;
  for (int i = axis; i < TACET_RANK; i++)
    n *= s.d[i];
  return n;
}

static TacetStatus
run_concat (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const int axis = step->attrs.axis;
  const size_t stride = count_from (step->out.shape, axis) * 4;
  const int64_t n = tacet_shape_count (step->out.shape) * 4 / stride;
  char *to = step->out.data;

  for (int i = 0; i < step->n_inputs; i++)
    {
      const size_t bytes = count_from (step->in[i].shape, axis) * 4;
      move_rows (cpu, (Rows){ to, step->in[i].data, stride, bytes, bytes }, n);
      to += bytes;
    }
  return TACET_OK;
}

static TacetStatus
run_slice (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const int axis = step->attrs.axis;
  const size_t from_stride = count_from (step->in[0].shape, axis) * 4, bytes = count_from (step->out.shape, axis) * 4;
  const size_t skip = step->attrs.start * count_from (step->out.shape, axis + 1) * 4;
  const int64_t n = tacet_shape_count (step->out.shape) * 4 / bytes;

  move_rows (cpu, (Rows){ step->out.data, (const char *) step->in[0].data + skip, bytes, from_stride, bytes }, n);
  return TACET_OK;
}

static TacetStatus
run_pad (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const int axis = step->attrs.axis;
  const size_t stride = count_from (step->out.shape, axis) * 4, bytes = count_from (step->in[0].shape, axis) * 4;
  const size_t skip = step->attrs.start * count_from (step->in[0].shape, axis + 1) * 4;
  const int64_t n = tacet_shape_count (step->out.shape) * 4 / stride;
  char *out = step->out.data;

  move_rows (cpu, (Rows){ out, NULL, stride, 0, skip }, n);
  move_rows (cpu, (Rows){ out + skip, step->in[0].data, stride, bytes, bytes }, n);
  move_rows (cpu, (Rows){ out + skip + bytes, NULL, stride, 0, stride - skip - bytes }, n);
  return TACET_OK;
}

/* ---- UPSAMPLE, DOWNSUM ---- */

typedef struct
{
  const float *x;
  float *out;
  int64_t w, c; /* of the small side */
} Resize;

static void
upsample_rows (void *context, int64_t first, int64_t last)
{
  const Resize *r = context;
  const int64_t w = r->w, c = r->c;

  for (int64_t row = first; row < last; row++)
    {
      const float *x = r->x + row * w * c;
      float *out = r->out + row * 4 * w * c;
      for (int64_t i = 0; i < w; i++)
        {
          memcpy (out + 2 * i * c, x + i * c, c * sizeof *out);
          memcpy (out + (2 * i + 1) * c, x + i * c, c * sizeof *out);
        }
      memcpy (out + 2 * w * c, out, 2 * w * c * sizeof *out);
    }
}

static void
downsum_rows (void *context, int64_t first, int64_t last)
{
  const Resize *r = context;
  const int64_t w = r->w, c = r->c;

  for (int64_t row = first; row < last; row++)
    for (int64_t i = 0; i < w; i++)
      {
        const float *a = r->x + row * 4 * w * c + 2 * i * c, *b = a + 2 * w * c;
        float *out = r->out + (row * w + i) * c;
        int64_t k = 0;
        for (; k + 8 <= c; k += 8)
          v8_store (out + k, (v8_load (a + k) + v8_load (a + c + k)) + (v8_load (b + k) + v8_load (b + c + k)));
        for (; k < c; k++)
          out[k] = (a[k] + a[c + k]) + (b[k] + b[c + k]);
      }
}

static TacetStatus
run_resize (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const bool up = step->op == TACET_OP_UPSAMPLE;
  const TacetShape small = up ? step->in[0].shape : step->out.shape;
  Resize r = { step->in[0].data, step->out.data, small.d[2], small.d[3] };
  const int64_t grain = TACET_GRAIN / tacet_min (4 * r.w * r.c, TACET_GRAIN);

  tacet_pool_range (cpu->pool, small.d[0] * small.d[1], grain, up ? upsample_rows : downsum_rows, &r);
  return TACET_OK;
}

/* ---- GATHER, SCATTER_ADD ---- */

static TacetStatus
check_ids (TacetCpu *cpu, const int32_t *ids, int64_t n, int64_t rows)
{
  for (int64_t i = 0; i < n; i++)
    if (ids[i] < 0 || ids[i] >= rows)
      {
        snprintf (cpu->message, sizeof cpu->message, "Row %d was asked of a table of %lld rows.", (int) ids[i],
                  (long long) rows);
        return TACET_DEVICE_ERROR;
      }
  return TACET_OK;
}

static TacetStatus
run_gather (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const int64_t c = step->out.shape.d[3], n = tacet_shape_count (step->in[1].shape);
  const int32_t *ids = step->in[1].data;
  const float *table = step->in[0].data;
  float *out = step->out.data;
  TacetStatus status = check_ids (cpu, ids, n, step->in[0].shape.d[2]);

  for (int64_t i = 0; i < n && status == TACET_OK; i++)
    memcpy (out + i * c, table + ids[i] * c, c * sizeof *out);
  return status;
}

static TacetStatus
run_scatter_add (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const int64_t c = step->out.shape.d[3], n = tacet_shape_count (step->in[1].shape);
  const int32_t *ids = step->in[1].data;
  const float *g = step->in[0].data;
  float *out = step->out.data;
  TacetStatus status = check_ids (cpu, ids, n, step->out.shape.d[2]);

  memset (out, 0, tacet_shape_count (step->out.shape) * sizeof *out);
  for (int64_t i = 0; i < n && status == TACET_OK; i++)
    for (int64_t k = 0; k < c; k++)
      out[ids[i] * c + k] += g[i * c + k];
  return status;
}

const TacetCpuOp tacet_cpu_permute = { .run = run_permute };
const TacetCpuOp tacet_cpu_concat = { .run = run_concat };
const TacetCpuOp tacet_cpu_slice = { .run = run_slice };
const TacetCpuOp tacet_cpu_pad = { .run = run_pad };
const TacetCpuOp tacet_cpu_upsample = { .run = run_resize };
const TacetCpuOp tacet_cpu_downsum = { .run = run_resize };
const TacetCpuOp tacet_cpu_gather = { .run = run_gather };
const TacetCpuOp tacet_cpu_scatter_add = { .run = run_scatter_add };
