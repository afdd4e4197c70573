/* conv.c: convolution of any kernel size, stride and padding: blocks of patches times the weights.
 *
 * Room: kernels/.  Nothing here holds the patches of a whole picture.
 */
#include "conv.h"
#include "gemm.h"

#include <string.h>

void
tacet_conv_patches (const TacetConv *g, const float *x, int64_t first, int64_t count, float *patches)
{
  for (int64_t i = first; i < first + count; i++)
    {
      const int64_t ow = i % g->wo, oh = i / g->wo % g->ho, n = i / g->wo / g->ho;
      const int64_t w0 = ow * g->stride - g->left;
      /* The part of the kernel's width that lies inside. */
      const int64_t from = tacet_min (tacet_max (-w0, 0), g->kw), to = tacet_max (tacet_min (g->w - w0, g->kw), from);
      for (int64_t kh = 0; kh < g->kh; kh++, patches += g->kw * g->ci)
        {
          const int64_t h = oh * g->stride - g->top + kh;
          if (h < 0 || h >= g->h)
            {
              memset (patches, 0, g->kw * g->ci * sizeof *patches);
              continue;
            }
          memset (patches, 0, from * g->ci * sizeof *patches);
          memcpy (patches + from * g->ci, x + ((n * g->h + h) * g->w + w0 + from) * g->ci,
                  (to - from) * g->ci * sizeof *patches);
          memset (patches + to * g->ci, 0, (g->kw - to) * g->ci * sizeof *patches);
        }
    }
}

typedef struct
{
  const TacetConv *g;
  const float *x, *weights, *bias, *grad;
  float *out, *scratch;
  int64_t block, pixels, slices, stride;
} Conv;

/* ---- forward ---- */

static void
forward_task (void *context, int64_t index, int thread)
{
  const Conv *w = context;
  const TacetConv *g = w->g;
  const int64_t first = index * w->block, count = tacet_min (w->block, w->pixels - first);
  float *out = w->out + first * g->co;
  const float *patches = w->x + first * g->ci;

  if (w->bias != NULL)
    for (int64_t i = 0; i < count; i++)
      memcpy (out + i * g->co, w->bias, g->co * sizeof *out);
  if (!tacet_conv_is_product (g))
    {
      float *buffer = w->scratch + thread * w->stride;
      tacet_conv_patches (g, w->x, first, count, buffer);
      patches = buffer;
    }
  tacet_gemm (false, true, count, g->co, g->patch, 1, patches, g->patch, w->weights, g->patch, w->bias != NULL, out,
              g->co);
}

size_t
tacet_conv_forward_scratch (TacetCpu *cpu, const TacetConv *g)
{
  return tacet_conv_is_product (g) ? 0 : tacet_conv_block (g) * g->patch * sizeof (float) * tacet_cpu_threads (cpu);
}

void
tacet_conv_forward (TacetCpu *cpu, const TacetConv *g, const float *x, const float *weights, const float *bias,
                    float *out, void *scratch)
{
  Conv w = { g, x, weights, bias, NULL, out, scratch, .pixels = g->n * g->ho * g->wo };

  w.block = tacet_conv_is_product (g) ? 1024 : tacet_conv_block (g);
  w.stride = w.block * g->patch;
  tacet_pool_run (cpu->pool, tacet_div_up (w.pixels, w.block), forward_task, &w);
}

static size_t
scratch_conv (TacetCpu *cpu, const TacetStep *step)
{
  TacetConv g = tacet_conv_geometry (step->in[0].shape, step->out.shape, step->in[1].shape, &step->attrs);

  return tacet_conv_forward_scratch (cpu, &g);
}

static TacetStatus
run_conv (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  TacetConv g = tacet_conv_geometry (step->in[0].shape, step->out.shape, step->in[1].shape, &step->attrs);

  tacet_conv_forward (cpu, &g, step->in[0].data, step->in[1].data, step->n_inputs > 2 ? step->in[2].data : NULL,
                      step->out.data, scratch);
  return TACET_OK;
}

/* ---- gradient with respect to the input ---- */

/* With stride 1 it is a convolution of g with the weights turned by half a turn, {ci, kh, kw, co}. */
static bool
data_as_forward (const TacetConv *g, TacetConv *turned)
{
  *turned = (TacetConv){ .n = g->n,
                         .h = g->ho,
                         .w = g->wo,
                         .ci = g->co,
                         .ho = g->h,
                         .wo = g->w,
                         .co = g->ci,
                         .kh = g->kh,
                         .kw = g->kw,
                         .stride = 1,
                         .top = g->kh - 1 - g->top,
                         .left = g->kw - 1 - g->left,
                         .patch = g->kh * g->kw * g->co };
  return g->stride == 1;
}

static void
turn_task (void *context, int64_t index, int thread)
{
  const Conv *w = context;
  const TacetConv *g = w->g;
  const int64_t taps = g->kh * g->kw;

  for (int64_t tap = 0; tap < taps; tap++)
    for (int64_t o = 0; o < g->co; o++)
      w->out[(index * taps + taps - 1 - tap) * g->co + o] = w->weights[(o * taps + tap) * g->ci + index];
}

/* Otherwise, per sample: the gradients of the patches, added where they came from. */
static void
scatter_patches (const TacetConv *g, float *x, int64_t first, int64_t count, const float *patches)
{
  for (int64_t i = first; i < first + count; i++)
    {
      const int64_t w0 = i % g->wo * g->stride - g->left, h0 = i / g->wo * g->stride - g->top;
      for (int64_t kh = 0; kh < g->kh; kh++)
        for (int64_t kw = 0; kw < g->kw; kw++, patches += g->ci)
          if (h0 + kh >= 0 && h0 + kh < g->h && w0 + kw >= 0 && w0 + kw < g->w)
            {
              float *to = x + ((h0 + kh) * g->w + w0 + kw) * g->ci;
              for (int64_t c = 0; c < g->ci; c++)
                to[c] += patches[c];
            }
    }
}

static void
data_task (void *context, int64_t index, int thread)
{
  const Conv *w = context;
  const TacetConv *g = w->g;
  const float *grad = w->grad + index * w->pixels * g->co;
  float *out = w->out + index * g->h * g->w * g->ci, *patches = w->scratch + thread * w->stride;

  memset (out, 0, g->h * g->w * g->ci * sizeof *out);
  for (int64_t first = 0; first < w->pixels; first += w->block)
    {
      const int64_t count = tacet_min (w->block, w->pixels - first);
      tacet_gemm (false, false, count, g->patch, g->co, 1, grad + first * g->co, g->co, w->weights, g->patch, 0,
                  patches, g->patch);
      scatter_patches (g, out, first, count, patches);
    }
}

static TacetConv
data_geometry (const TacetStep *step)
{
  return tacet_conv_geometry (step->out.shape, step->in[0].shape, step->in[1].shape, &step->attrs);
}

static size_t
scratch_conv_data (TacetCpu *cpu, const TacetStep *step)
{
  TacetConv g = data_geometry (step), turned;

  if (data_as_forward (&g, &turned))
    return tacet_aligned (g.patch * g.co * sizeof (float)) + tacet_conv_forward_scratch (cpu, &turned);
  return tacet_conv_block (&g) * g.patch * sizeof (float) * tacet_cpu_threads (cpu);
}

static TacetStatus
run_conv_data (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  TacetConv g = data_geometry (step), turned;
  Conv w = { .g = &g, .weights = step->in[1].data, .grad = step->in[0].data, .out = step->out.data };

  if (data_as_forward (&g, &turned))
    {
      w.out = scratch;
      tacet_pool_run (cpu->pool, g.ci, turn_task, &w);
      tacet_conv_forward (cpu, &turned, step->in[0].data, scratch, NULL, step->out.data,
                          (char *) scratch + tacet_aligned (g.patch * g.co * sizeof (float)));
      return TACET_OK;
    }
  w.scratch = scratch;
  w.block = tacet_conv_block (&g);
  w.stride = w.block * g.patch;
  w.pixels = g.ho * g.wo;
  tacet_pool_run (cpu->pool, g.n, data_task, &w);
  return TACET_OK;
}

/* ---- gradient with respect to the weights ---- */

/* Slices of the pixels, each with its own sum of the weights' size; added in order afterwards. */
static int64_t
weight_slices (const TacetConv *g)
{
  const int64_t blocks = tacet_div_up (g->n * g->ho * g->wo, tacet_conv_block (g));
  const int64_t bytes = g->co * g->patch * sizeof (float);

  return tacet_max (1, tacet_min (tacet_min (blocks, 8), (16 << 20) / bytes));
}

static void
weight_task (void *context, int64_t index, int thread)
{
  const Conv *w = context;
  const TacetConv *g = w->g;
  const int64_t blocks = tacet_div_up (w->pixels, w->block), size = g->co * g->patch;
  const int64_t first = blocks * index / w->slices, stop = blocks * (index + 1) / w->slices;
  float *sum = w->slices == 1 ? w->out : w->scratch + index * size;
  float *buffer = w->scratch + (w->slices == 1 ? 0 : w->slices * size) + thread * w->stride;

  for (int64_t block = first; block < stop; block++)
    {
      const int64_t at = block * w->block, count = tacet_min (w->block, w->pixels - at);
      const float *patches = w->x + at * g->ci;
      if (!tacet_conv_is_product (g))
        {
          tacet_conv_patches (g, w->x, at, count, buffer);
          patches = buffer;
        }
      tacet_gemm (true, false, g->co, g->patch, count, 1, w->grad + at * g->co, g->co, patches, g->patch, block > first,
                  sum, g->patch);
    }
}

static void
add_slices (void *context, int64_t first, int64_t last)
{
  const Conv *w = context;
  const int64_t size = w->g->co * w->g->patch;

  for (int64_t i = first; i < last; i++)
    {
      float sum = w->scratch[i];
      for (int64_t slice = 1; slice < w->slices; slice++)
        sum += w->scratch[slice * size + i];
      w->out[i] = sum;
    }
}

static TacetConv
weight_geometry (const TacetStep *step)
{
  return tacet_conv_geometry (step->in[0].shape, step->in[1].shape, step->out.shape, &step->attrs);
}

static size_t
scratch_conv_weight (TacetCpu *cpu, const TacetStep *step)
{
  TacetConv g = weight_geometry (step);
  int64_t slices = weight_slices (&g);

  return ((slices > 1 ? slices * g.co * g.patch : 0) + tacet_conv_block (&g) * g.patch * tacet_cpu_threads (cpu)) *
         sizeof (float);
}

static TacetStatus
run_conv_weight (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  TacetConv g = weight_geometry (step);
  Conv w = { .g = &g, .x = step->in[0].data, .grad = step->in[1].data, .out = step->out.data, .scratch = scratch };

  w.block = tacet_conv_block (&g);
  w.stride = w.block * g.patch;
  w.pixels = g.n * g.ho * g.wo;
  w.slices = weight_slices (&g);
  tacet_pool_run (cpu->pool, w.slices, weight_task, &w);
  if (w.slices > 1)
    tacet_pool_range (cpu->pool, g.co * g.patch, TACET_GRAIN / 4, add_slices, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_conv = { .run = run_conv, .scratch = scratch_conv };
const TacetCpuOp tacet_cpu_conv_data = { .run = run_conv_data, .scratch = scratch_conv_data };
const TacetCpuOp tacet_cpu_conv_weight = { .run = run_conv_weight, .scratch = scratch_conv_weight };
