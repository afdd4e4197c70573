/* winograd-stream.c: Winograd's way with weights that rest as they are and are transformed while they are used.
 *
 * Room: kernels/.  Transformed weights are four times as many: for 1280 channels 236 MB, more than a picture of
 * SD 1.5 has pixels for at 16x16.  So the input is transformed first, {ci / 16, 36, tiles, 16}; then a task takes a
 * few outputs, and of their weights as many channels as fit a cache when transformed, multiplies and goes on.
 * Weights that change are read where they lie: a copy would cost more than half of the work on a small picture.
 */
#include "winograd.h"
#include "winograd-tiles.h"
#include "winograd-transform.h"
#include "halves.h"
#include "gemm.h"

#include <string.h>

#define PANEL      TACET_TILE_COLUMNS
#define CHANNELS   128              /* of the input, transformed at once */
#define OUTPUTS    TACET_TILE_WIDTH /* of a task: two panels */
#define MOST_TILES 64
#define AHEAD      7 /* channels: so far before their use weights are sent for, since most come from the memory */
#define PLANE      (CHANNELS * PANEL + 16) /* not a multiple of a page */
#define LARGE      50000                   /* ci co from which on the transform costs less than reading its result */
#define READ_TILES 6
#define TOGETHER   8 /* channels of weights that are read together */

bool
tacet_winograd_streams (const TacetConv *g)
{
  return g->kh == 3 && g->kw == 3 && g->stride == 1 && g->out_column == g->co && g->ci % PANEL == 0 &&
         g->co % PANEL == 0 && g->ci * g->co >= LARGE && g->ho >= 4 && g->wo >= 4;
}

/* ---- weights: {co / 16, ci, 9, 16} ---- */

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

/* ---- run ---- */

typedef struct
{
  const TacetConv *g;
  TacetWinogradTiles tiles;
  const TacetWinogradKernel *kernel;
  const float *x, *bias;
  float *out, *zeros, *in, *memory;
  int64_t band, first, count; /* tiles of a band; those of this one */
  int64_t panel;              /* floats between 16 channels of the input */
} Stream;

static void
stream_init (Stream *w, const TacetConv *g)
{
  *w = (Stream){ .g = g, .tiles = { .down = tacet_div_up (g->ho, 4), .across = tacet_div_up (g->wo, 4) } };
  w->tiles.all = g->n * w->tiles.down * w->tiles.across;
  w->band = tacet_div_up (w->tiles.all, tacet_div_up (w->tiles.all, MOST_TILES));
  w->tiles.in_plane = w->band * PANEL + 16;
  w->panel = 36 * w->tiles.in_plane;
  w->tiles.out_plane = w->band * OUTPUTS + 16;
}

static void
read_task (void *context, int64_t index, int thread)
{
  const Stream *w = context;

  for (int64_t i = index * READ_TILES; i < tacet_min ((index + 1) * READ_TILES, w->count); i++)
    tacet_winograd_read (w->g, &w->tiles, w->x, w->first + i, w->zeros, w->in + i * PANEL, w->panel);
}

static inline __attribute__ ((always_inline)) V8
load_8 (const TacetPrecision precision, const void *packed, int64_t i)
{
  return precision == TACET_PRECISION_F32   ? v8_load ((const float *) packed + i)
         : precision == TACET_PRECISION_F16 ? v8_of_f16 ((const uint16_t *) packed + i)
                                            : v8_of_bf16 ((const uint16_t *) packed + i);
}

/* Some channels {channels, 9, 16} of 16 outputs -> {36, channels, 16}; far: they are not in a cache. */
static inline __attribute__ ((always_inline)) void
transform_as (const TacetPrecision precision, const bool far, const void *from, int64_t channels, float *to)
{
  const int64_t bytes = 9 * PANEL * tacet_precision_bytes (precision);

  for (int64_t c = 0; c < channels; c++, to += PANEL)
    {
      for (int64_t line = 0; far && line < bytes; line += TACET_ALIGNMENT)
        __builtin_prefetch ((const char *) from + (c + AHEAD) * bytes + line);
      for (int half = 0; half < PANEL; half += 8)
        {
          V8 k[9];
          for (int tap = 0; tap < 9; tap++)
            k[tap] = load_8 (precision, from, (c * 9 + tap) * PANEL + half);
          tacet_winograd_kernel_square (k, to + half, PLANE);
        }
    }
}

/* Channels c0 .. of 16 outputs o .., packed -> the panel {36, channels, 16} */
static void
transform (const Stream *w, int64_t o, int64_t c0, int64_t channels, float *to)
{
  const TacetPrecision precision = w->kernel->precision;
  const void *from = tacet_precision_at (precision, w->kernel->packed, (o * w->g->ci + c0 * PANEL) * 9);

  if (precision == TACET_PRECISION_F32)
    transform_as (TACET_PRECISION_F32, true, from, channels, to);
  else if (precision == TACET_PRECISION_F16)
    transform_as (TACET_PRECISION_F16, true, from, channels, to);
  else
    transform_as (TACET_PRECISION_BF16, true, from, channels, to);
}

/* The same of weights that are not packed. */
static void
transform_unpacked (const Stream *w, int64_t o, int64_t c0, int64_t channels, float *to)
{
  float lines[TOGETHER][9][PANEL];

  for (int64_t c = 0; c < channels; c += TOGETHER)
    {
      read_weights (w->g, w->kernel, o, c0 + c, lines);
      transform_as (TACET_PRECISION_F32, false, lines, TOGETHER, to + c * PANEL);
    }
}

static void
multiply (const Stream *w, int64_t c0, int64_t channels, int64_t outputs, const float *weights, float *products)
{
  int64_t a_at[CHANNELS / PANEL], b_at[CHANNELS / PANEL];
  TacetTile tile = { .a_stride = PANEL,
                     .c_stride = OUTPUTS,
                     .a_step = 1,
                     .a_at = a_at,
                     .b_at = b_at,
                     .n_runs = channels / PANEL,
                     .length = PANEL,
                     .b_stride = PANEL,
                     .b_panel = 36 * PLANE,
                     .alpha = 1,
                     .add = c0 > 0,
                     .rows = w->count,
                     .columns = outputs };

  for (int64_t i = 0; i < tile.n_runs; i++)
    {
      a_at[i] = i * w->panel;
      b_at[i] = i * PANEL * PANEL;
    }
  for (int64_t t = 0; t < 36; t++)
    {
      tile.a = w->in + c0 / PANEL * w->panel + t * w->tiles.in_plane;
      tile.b = weights + t * PLANE;
      tile.c = products + t * w->tiles.out_plane;
      tacet_tile_run (&tile);
    }
}

/* Floats of one thread: weights {2 panels, 36, channels, 16}, products {36, tiles, outputs}. */
static int64_t
thread_floats (const Stream *w)
{
  return 36 * (OUTPUTS / PANEL * PLANE + w->tiles.out_plane);
}

static void
run_task (void *context, int64_t index, int thread)
{
  const Stream *w = context;
  const TacetConv *g = w->g;
  const int64_t first = index * OUTPUTS, outputs = tacet_min (OUTPUTS, g->co - first);
  float *weights = w->memory + thread * thread_floats (w), *products = weights + OUTPUTS / PANEL * 36 * PLANE;

  for (int64_t c = 0; c < g->ci; c += CHANNELS)
    {
      const int64_t channels = tacet_min (CHANNELS, g->ci - c);
      for (int64_t o = 0; o < outputs; o += PANEL)
        if (w->kernel->packed != NULL)
          transform (w, first + o, c, channels, weights + o / PANEL * 36 * PLANE);
        else
          transform_unpacked (w, first + o, c, channels, weights + o / PANEL * 36 * PLANE);
      multiply (w, c, channels, outputs, weights, products);
    }
  for (int64_t i = 0; i < w->count; i++)
    tacet_winograd_write (g, &w->tiles, products + i * OUTPUTS, outputs, w->bias != NULL ? w->bias + first : NULL,
                          w->first + i, w->out + first);
}

static int64_t
in_floats (const Stream *w)
{
  return w->panel * (w->g->ci / PANEL);
}

size_t
tacet_winograd_stream_scratch (TacetCpu *cpu, const TacetConv *g)
{
  Stream w;

  stream_init (&w, g);
  return tacet_aligned (g->ci * sizeof (float)) +
         (in_floats (&w) + thread_floats (&w) * tacet_cpu_threads (cpu)) * sizeof (float);
}

void
tacet_winograd_stream_run (TacetCpu *cpu, const TacetConv *g, const TacetWinogradKernel *kernel, const float *x,
                           const float *bias, float *out, void *scratch)
{
  Stream w;

  stream_init (&w, g);
  w.kernel = kernel;
  w.x = x;
  w.bias = bias;
  w.out = out;
  w.zeros = scratch;
  w.in = (float *) ((char *) scratch + tacet_aligned (g->ci * sizeof (float)));
  w.memory = w.in + in_floats (&w);
  memset (w.zeros, 0, g->ci * sizeof (float));
  for (w.first = 0; w.first < w.tiles.all; w.first += w.band)
    {
      w.count = tacet_min (w.band, w.tiles.all - w.first);
      tacet_pool_run (cpu->pool, tacet_div_up (w.count, READ_TILES), read_task, &w);
      tacet_pool_run (cpu->pool, tacet_div_up (g->co, OUTPUTS), run_task, &w);
    }
}
