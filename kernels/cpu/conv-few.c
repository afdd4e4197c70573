/* conv-few.c: convolutions to so few channels (pictures, latents) that a register tile would be mostly empty: a sum
 * runs across the lanes of a vector, over the channels of the patch.
 *
 * Room: kernels/.
 */
#include "conv.h"
#include "vector.h"

#include <string.h>

#define MOST_OUTPUTS 4
#define PIXELS       (TACET_REGISTERS == 32 ? 4 : 3) /* at once: their sums stay in registers */

bool
tacet_conv_few_pays (const TacetConv *g)
{
  /* Eight floats are one register from AVX on. */
  return TACET_LANES >= 8 && g->co <= MOST_OUTPUTS && g->kw * g->ci % 8 == 0;
}

size_t
tacet_conv_few_packed_bytes (const TacetConv *g)
{
  return tacet_aligned (g->co * g->kh * g->kw * g->ci * sizeof (float));
}

void
tacet_conv_few_pack (const TacetConv *g, const float *weights, float *packed)
{
  memcpy (packed, weights, g->co * g->kh * g->kw * g->ci * sizeof *packed);
}

typedef struct
{
  const TacetConv *g;
  TacetConvBlocks blocks;
  const float *x, *weights, *bias; /* weights {co, kh, kw ci} */
  float *out;
  char *memory;
  size_t stride; /* bytes of one thread */
} Few;

/* Some pixels, each from rows of kw ci floats, row_floats apart. */
static inline __attribute__ ((always_inline)) void
few_pixels (const Few *w, const int outputs, const float *const from[PIXELS], int64_t row_floats,
            float *const to[PIXELS])
{
  const int64_t rows = w->g->kh, length = w->g->kw * w->g->ci;
  V8 sum[PIXELS][MOST_OUTPUTS] = { { { 0 } } };

  for (int64_t row = 0; row < rows; row++)
    for (int64_t k = 0; k < length; k += 8)
      for (int o = 0; o < outputs; o++)
        {
          const V8 b = v8_load (w->weights + (o * rows + row) * length + k);
          for (int p = 0; p < PIXELS; p++)
            sum[p][o] += v8_load (from[p] + row * row_floats + k) * b;
        }
  for (int p = 0; p < PIXELS; p++)
    for (int o = 0; o < outputs; o++)
      to[p][o] = v8_sum (sum[p][o]) + (w->bias != NULL ? w->bias[o] : 0);
}

static void
few_task (void *context, int64_t index, int thread)
{
  const Few *w = context;
  TacetConvBlock at;

  tacet_conv_block_open (w->g, &w->blocks, index, w->x, w->memory + thread * w->stride, &at);
  for (int64_t i = 0; i < at.pixels; i += PIXELS)
    {
      const float *from[PIXELS];
      float *to[PIXELS];
      for (int p = 0; p < PIXELS; p++)
        {
          const int64_t pixel = tacet_min (i + p, at.pixels - 1); /* the last one again, if need be */
          from[p] = at.x + at.from[pixel];
          to[p] = w->out + at.to[pixel];
        }
      if (w->g->co == 1)
        few_pixels (w, 1, from, at.row_floats, to);
      else if (w->g->co == 2)
        few_pixels (w, 2, from, at.row_floats, to);
      else if (w->g->co == 3)
        few_pixels (w, 3, from, at.row_floats, to);
      else
        few_pixels (w, 4, from, at.row_floats, to);
    }
}

size_t
tacet_conv_few_scratch (TacetCpu *cpu, const TacetConv *g)
{
  const TacetConvBlocks blocks = tacet_conv_blocks (g);

  return tacet_conv_block_bytes (g, &blocks) * tacet_cpu_threads (cpu);
}

void
tacet_conv_few (TacetCpu *cpu, const TacetConv *g, const float *x, const float *packed, const float *bias, float *out,
                void *scratch)
{
  Few w = {
    .g = g, .blocks = tacet_conv_blocks (g), .x = x, .weights = packed, .bias = bias, .out = out, .memory = scratch
  };

  w.stride = tacet_conv_block_bytes (g, &w.blocks);
  tacet_pool_run (cpu->pool, w.blocks.blocks, few_task, &w);
}
