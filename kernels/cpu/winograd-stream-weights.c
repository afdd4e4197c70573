/* winograd-stream-weights.c: see winograd-stream.h.
 *
 * Room: kernels/.  Packed they rest as they are, {co / 16, ci, 9, 16}; those that change in training are read where
 * they lie, since a copy would cost more than half of the work on a small picture.
 */
#include "winograd-stream.h"
#include "winograd-transform.h"
#include "halves.h"

#include <string.h>

#define PANEL    TACET_TILE_COLUMNS
#define AHEAD    7 /* channels: so far before their use weights are sent for, since most come from the memory */
#define TOGETHER 8 /* channels that are read together */

/* Those of 8 channels c .. and 16 outputs o .., as they are packed. */
static void
read_weights (const TacetConv *g, const TacetWinogradKernel *kernel, int64_t o, int64_t c,
              float lines[TOGETHER][9][PANEL])
{
  const int64_t ci = g->ci, co = g->co;

  if (!kernel->turned)
    for (int64_t tap = 0; tap < 9; tap++)
      tacet_transpose (kernel->weights + (o * 9 + tap) * ci + c, 9 * ci, PANEL, TOGETHER, lines[0][tap], 9 * PANEL);
  else
    for (int64_t i = 0; i < TOGETHER; i++)
      for (int64_t tap = 0; tap < 9; tap++)
        {
          const float *from = kernel->weights + ((c + i) * 9 + 8 - tap) * co + o;
          __builtin_prefetch (from + TOGETHER * 9 * co);
          memcpy (lines[i][tap], from, sizeof lines[i][tap]);
        }
}

typedef struct
{
  const TacetConv *g;
  TacetWinogradKernel kernel; /* with the precision that is wanted */
  void *packed;
} Pack;

static void
pack_task (void *context, int64_t index, int thread)
{
  const Pack *w = context;
  const int64_t ci = w->g->ci;
  float lines[TOGETHER][9][PANEL];

  for (int64_t c = 0; c < ci; c += TOGETHER)
    {
      const int64_t at = (index * ci + c) * 9 * PANEL;
      read_weights (w->g, &w->kernel, index * PANEL, c, lines);
      if (w->kernel.precision == TACET_PRECISION_F32)
        memcpy ((float *) w->packed + at, lines, sizeof lines);
      else
        tacet_narrow (w->kernel.precision, lines[0][0], TOGETHER * 9 * PANEL, (uint16_t *) w->packed + at);
    }
}

size_t
tacet_winograd_stream_packed_bytes (const TacetConv *g, TacetPrecision precision)
{
  return tacet_aligned (g->co * g->ci * 9 * tacet_precision_bytes (precision));
}

void
tacet_winograd_stream_pack (TacetCpu *cpu, const TacetConv *g, const TacetWinogradKernel *kernel, void *packed)
{
  Pack w = { g, *kernel, packed };

  w.kernel.packed = NULL;
  tacet_pool_run (cpu->pool, g->co / PANEL, pack_task, &w);
}

TacetPrecision
tacet_winograd_stream_precision (const TacetWinogradKernel *kernel)
{
  return kernel->packed != NULL && TACET_WIDENS_FAST ? kernel->precision : TACET_PRECISION_F32;
}

const void *
tacet_winograd_stream_weights (const TacetConv *g, const TacetWinogradKernel *kernel, int64_t o, int64_t c,
                               int64_t channels, float *lines)
{
  if (kernel->packed != NULL)
    {
      const void *at = tacet_precision_at (kernel->precision, kernel->packed, (o * g->ci + c * PANEL) * 9);
      if (kernel->precision == tacet_winograd_stream_precision (kernel))
        return at;
      tacet_widen (kernel->precision, at, channels * 9 * PANEL, lines);
      return lines;
    }
  for (int64_t i = 0; i < channels; i += TOGETHER)
    read_weights (g, kernel, o, c + i, (float (*)[9][PANEL]) (lines + i * 9 * PANEL));
  return lines;
}

/* ---- transform ---- */

/* Some channels {channels, 9, 16} of 16 outputs -> a pair of rows {12, channels, 16}, plane apart */
static inline __attribute__ ((always_inline)) void
transform_as (const TacetPrecision precision, const int pair, const void *from, int64_t channels, float *to,
              int64_t plane)
{
  const int64_t bytes = 9 * PANEL * tacet_precision_bytes (precision);

  for (int64_t c = 0; c < channels; c++, to += PANEL)
    {
      for (int64_t line = 0; pair == 0 && line < bytes; line += TACET_ALIGNMENT)
        __builtin_prefetch ((const char *) from + (c + AHEAD) * bytes + line);
      for (int o = 0; o < PANEL; o += VW_LANES)
        {
          VW k[9];
          for (int tap = 0; tap < 9; tap++)
            k[tap] = vw_load_as (precision, from, (c * 9 + tap) * PANEL + o);
          tacet_winograd_kernel_rows (pair, k, VW_LANES, to + o, to + o + 6 * plane, plane);
        }
    }
}

static inline __attribute__ ((always_inline)) void
transform_pair (const TacetPrecision precision, const int pair, const void *from, int64_t channels, float *to,
                int64_t plane)
{
  if (precision == TACET_PRECISION_F32)
    transform_as (TACET_PRECISION_F32, pair, from, channels, to, plane);
  else if (precision == TACET_PRECISION_F16)
    transform_as (TACET_PRECISION_F16, pair, from, channels, to, plane);
  else
    transform_as (TACET_PRECISION_BF16, pair, from, channels, to, plane);
}

void
tacet_winograd_stream_transform (TacetPrecision precision, int pair, const void *from, int64_t channels, float *to,
                                 int64_t plane)
{
  if (pair == 0)
    transform_pair (precision, 0, from, channels, to, plane);
  else if (pair == 1)
    transform_pair (precision, 1, from, channels, to, plane);
  else
    transform_pair (precision, 2, from, channels, to, plane);
}
