/* conv.c: convolution and its gradient with respect to the input, for any kernel, stride and padding.
 *
 * Room: kernels/.  The gradient with stride s is s^2 convolutions of g, one for each place of an input
 * pixel within the stride, with those taps of the kernel that reach it, turned by half a turn.
 */
#include "conv.h"
#include "gemm.h"
#include "winograd.h"

#include <string.h>

#define PANEL      TACET_TILE_COLUMNS
#define FEW_BLOCKS 4
#define STRETCH    256 /* rows of a panel at once: 16 KiB, half of a first-level cache */

/* ---- the way of all of them ---- */

static size_t
buffer_bytes (void)
{
  return tacet_aligned (STRETCH * TACET_TILE_WIDTH * sizeof (float));
}

typedef struct
{
  const TacetConv *g;
  TacetConvBlocks blocks;
  TacetPrecision precision;
  const void *packed;
  const float *x, *bias;
  float *out;
  int64_t *runs; /* {2, kh}: where the runs start in a and in b */
  char *memory;  /* per thread: a stretch of a panel, then the block */
  int64_t parts; /* of the panels, where there are few blocks */
  size_t stride; /* bytes of one thread */
} Direct;

/* Rows k0 .. k0 + k - 1 of the panels of columns from j on, as f32, for the tile. */
static void
set_panels (const Direct *w, int64_t j, int64_t k0, int64_t k, float *buffer, TacetTile *tile)
{
  const int64_t panel = PANEL * w->g->kh * w->g->kw * w->g->ci;

  tile->b = buffer;
  tile->b_panel = k * PANEL;
  if (w->precision == TACET_PRECISION_F32)
    {
      tile->b = (const float *) w->packed + j / PANEL * panel + k0 * PANEL;
      tile->b_panel = panel;
      return;
    }
  for (int64_t i = 0; i < tacet_gemm_panels (tile->columns); i++)
    tacet_widen (w->precision, (const uint16_t *) w->packed + (j / PANEL + i) * panel + k0 * PANEL, k * PANEL,
                 buffer + i * k * PANEL);
}

/* Two panels of columns of a block: the sum in stretches of the panel, of several short runs or of a piece of a long
 * one. */
static void
run_panels (const Direct *w, int64_t j, int64_t last, TacetTile *tile, float *buffer)
{
  const TacetConv *g = w->g;
  const int64_t length = g->kw * g->ci, runs = tacet_max (1, STRETCH / length);

  tile->columns = tacet_min (TACET_TILE_WIDTH, last - j);
  tile->c = w->out + j;
  for (int64_t run = 0; run < g->kh; run += runs)
    for (int64_t k0 = 0; k0 < length; k0 += tile->length)
      {
        const int64_t a_at = w->runs[run] + k0;
        tile->length = tacet_min (length - k0, STRETCH); /* several runs: all of it */
        tile->n_runs = tacet_min (runs, g->kh - run);
        set_panels (w, j, run * length + k0, tile->n_runs * tile->length, buffer, tile);
        tile->a_at = runs > 1 ? w->runs + run : &a_at;
        tile->add = run > 0 || k0 > 0;
        tile->bias = w->bias != NULL && !tile->add ? w->bias + j : NULL;
        tacet_tile_run (tile);
      }
}

static void
direct_task (void *context, int64_t index, int thread)
{
  const Direct *w = context;
  const TacetConv *g = w->g;
  const int64_t panels = tacet_gemm_panels (g->co);
  const int64_t block = index / w->parts, part = index % w->parts;
  const int64_t first = panels * part / w->parts * PANEL;
  const int64_t last = tacet_min (panels * (part + 1) / w->parts * PANEL, g->co);
  float *buffer = (float *) (w->memory + thread * w->stride);
  TacetConvBlock at;
  TacetTile tile = { .b_stride = PANEL, .a_step = 1, .alpha = 1, .b_at = w->runs + g->kh };

  tacet_conv_block_open (g, &w->blocks, block, w->x, (char *) buffer + buffer_bytes (), &at);
  tile.a = at.x;
  tile.a_rows = at.from;
  tile.c_rows = at.to;
  tile.rows = at.pixels;
  for (int64_t j = first; j < last; j += TACET_TILE_WIDTH)
    run_panels (w, j, last, &tile, buffer);
}

static size_t
runs_bytes (const TacetConv *g)
{
  return tacet_aligned (2 * g->kh * sizeof (int64_t));
}

size_t
tacet_conv_direct_scratch (TacetCpu *cpu, const TacetConv *g)
{
  TacetConvBlocks blocks = tacet_conv_blocks (g);

  return runs_bytes (g) + (buffer_bytes () + tacet_conv_block_bytes (g, &blocks)) * tacet_cpu_threads (cpu);
}

void
tacet_conv_direct (TacetCpu *cpu, const TacetConv *g, TacetPrecision precision, const float *x, const void *packed,
                   const float *bias, float *out, void *scratch)
{
  Direct w = { .g = g,
               .blocks = tacet_conv_blocks (g),
               .precision = precision,
               .packed = packed,
               .x = x,
               .bias = bias,
               .out = out,
               .runs = scratch,
               .memory = (char *) scratch + runs_bytes (g) };
  const int64_t row_floats = (w.blocks.copies ? w.blocks.band_columns : g->w) * g->ci;

  w.stride = buffer_bytes () + tacet_conv_block_bytes (g, &w.blocks);
  for (int64_t i = 0; i < g->kh; i++)
    {
      w.runs[i] = i * row_floats;
      w.runs[g->kh + i] = i * g->kw * g->ci * PANEL;
    }
  w.parts = w.blocks.blocks < FEW_BLOCKS ? tacet_min (FEW_BLOCKS / w.blocks.blocks, tacet_gemm_panels (g->co)) : 1;
  tacet_pool_run (cpu->pool, w.blocks.blocks * w.parts, direct_task, &w);
}

/* ---- forward ---- */

typedef enum
{
  DIRECT,
  FEW, /* to few channels */
  WINOGRAD,
  STREAM, /* Winograd, the weights transformed while they are used */
} Way;

typedef struct
{
  TacetConv g;
  Way way;
  TacetPrecision precision; /* of packed; transformed weights are always f32 */
  const float *weights;
  bool turned;                                                /* CONV_DATA */
  void *packed;                                               /* NULL: streamed from the weights */
  int64_t phase_h, phase_w, taps_h, taps_w, first_h, first_w; /* CONV_DATA */
} Conv;

static size_t
packed_bytes (const Conv *w)
{
  const int64_t floats = tacet_gemm_packed_floats (w->g.co, w->g.kh * w->g.kw * w->g.ci);

  return w->way == STREAM     ? tacet_winograd_stream_packed_bytes (&w->g, w->precision)
         : w->way == WINOGRAD ? tacet_winograd_packed_bytes (&w->g)
         : w->way == FEW      ? tacet_conv_few_packed_bytes (&w->g)
                              : tacet_aligned (floats * tacet_precision_bytes (w->precision));
}

static size_t
run_scratch (TacetCpu *cpu, const Conv *w)
{
  return w->way == STREAM     ? tacet_winograd_stream_scratch (cpu, &w->g)
         : w->way == WINOGRAD ? tacet_winograd_scratch (cpu, &w->g)
         : w->way == FEW      ? tacet_conv_few_scratch (cpu, &w->g)
                              : tacet_conv_direct_scratch (cpu, &w->g);
}

static TacetWinogradKernel
kernel_of (const Conv *w)
{
  return (TacetWinogradKernel){ w->weights, w->turned, w->packed, w->precision };
}

/* What a run packs for itself if nothing is packed. */
static size_t
unpacked_bytes (const Conv *w)
{
  return w->way == STREAM ? 0 : packed_bytes (w);
}

static void
run_way (TacetCpu *cpu, const Conv *w, const float *x, const float *bias, float *out, void *scratch)
{
  const TacetWinogradKernel kernel = kernel_of (w);

  if (w->way == STREAM)
    tacet_winograd_stream_run (cpu, &w->g, &kernel, x, bias, out, scratch);
  else if (w->way == WINOGRAD)
    tacet_winograd_run (cpu, &w->g, x, w->packed, bias, out, scratch);
  else if (w->way == FEW)
    tacet_conv_few (cpu, &w->g, x, w->packed, bias, out, scratch);
  else
    tacet_conv_direct (cpu, &w->g, w->precision, x, w->packed, bias, out, scratch);
}

/* precision: that in which the weights rest if they are packed for many runs, else f32 */
static Conv
forward (const TacetStep *step, TacetPrecision precision)
{
  Conv w = { .g = tacet_conv_geometry (step->in[0].shape, step->out.shape, step->in[1].shape, &step->attrs),
             .precision = precision,
             .weights = step->in[1].data };

  w.way = tacet_conv_few_pays (&w.g)      ? FEW
          : tacet_winograd_streams (&w.g) ? STREAM
          : tacet_winograd_pays (&w.g)    ? WINOGRAD
                                          : DIRECT;
  return w;
}

static void
pack_task (void *context, int64_t index, int thread)
{
  const Conv *w = context;
  const int64_t depth = w->g.kh * w->g.kw * w->g.ci, first = index * PANEL;

  tacet_gemm_pack_as (w->precision, w->weights, depth, true, depth, first, tacet_min (first + PANEL, w->g.co),
                      w->packed);
}

static void
pack_forward (TacetCpu *cpu, Conv *w)
{
  const TacetWinogradKernel kernel = kernel_of (w);

  if (w->way == STREAM)
    tacet_winograd_stream_pack (cpu, &w->g, &kernel, w->packed);
  else if (w->way == WINOGRAD)
    tacet_winograd_pack (cpu, &w->g, w->weights, false, w->packed);
  else if (w->way == FEW)
    tacet_conv_few_pack (&w->g, w->weights, w->packed);
  else
    tacet_pool_run (cpu->pool, tacet_gemm_panels (w->g.co), pack_task, w);
}

static size_t
packed_conv (TacetCpu *cpu, const TacetStep *step)
{
  const Conv w = forward (step, step->precision);

  return packed_bytes (&w);
}

static uint64_t
key_conv (TacetCpu *cpu, const TacetStep *step)
{
  return forward (step, step->precision).way;
}

static TacetStatus
pack_conv (TacetCpu *cpu, const TacetStep *step, void *packed, void *scratch)
{
  Conv w = forward (step, step->precision);

  w.packed = packed;
  pack_forward (cpu, &w);
  return TACET_OK;
}

static size_t
scratch_conv (TacetCpu *cpu, const TacetStep *step)
{
  const Conv w = forward (step, TACET_PRECISION_F32);

  return (step->packed == NULL ? unpacked_bytes (&w) : 0) + run_scratch (cpu, &w);
}

static TacetStatus
run_conv (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Conv w = forward (step, step->packed != NULL ? step->precision : TACET_PRECISION_F32);

  w.packed = (void *) step->packed;
  if (w.packed == NULL && w.way != STREAM)
    {
      w.packed = scratch;
      pack_forward (cpu, &w);
      scratch = (char *) scratch + packed_bytes (&w);
    }
  run_way (cpu, &w, step->in[0].data, step->n_inputs > 2 ? step->in[2].data : NULL, step->out.data, scratch);
  return TACET_OK;
}

/* ---- gradient with respect to the input ---- */

/* Input rows h = phase, phase + s, ...; taps first, first + s, ... reach them. */
static void
phase_axis (int64_t size, int64_t kernel, int64_t stride, int64_t pad, int64_t phase, int64_t *count, int64_t *first,
            int64_t *taps, int64_t *phase_pad)
{
  *count = phase < size ? (size - phase - 1) / stride + 1 : 0;
  *first = (phase + pad) % stride;
  *taps = *first < kernel ? (kernel - *first - 1) / stride + 1 : 0;
  *phase_pad = *taps - 1 - (phase + pad - *first) / stride;
}

/* precision: as above; only weights that are streamed rest in it. */
static void
phase_init (const TacetStep *step, TacetPrecision precision, int64_t phase, Conv *w)
{
  const TacetShape g = step->in[0].shape, weight = step->in[1].shape, x = step->out.shape;
  const int64_t s = step->attrs.stride;

  *w = (Conv){ .weights = step->in[1].data,
               .turned = true,
               .phase_h = phase / s,
               .phase_w = phase % s,
               .taps_h = weight.d[1],
               .taps_w = weight.d[2] };
  w->g = (TacetConv){ .n = g.d[0],
                      .h = g.d[1],
                      .w = g.d[2],
                      .ci = g.d[3],
                      .co = x.d[3],
                      .stride = 1,
                      .out_sample = x.d[1] * x.d[2] * x.d[3],
                      .out_row = s * x.d[2] * x.d[3],
                      .out_column = s * x.d[3] };
  phase_axis (x.d[1], weight.d[1], s, step->attrs.pad_top, w->phase_h, &w->g.ho, &w->first_h, &w->g.kh, &w->g.top);
  phase_axis (x.d[2], weight.d[2], s, step->attrs.pad_left, w->phase_w, &w->g.wo, &w->first_w, &w->g.kw, &w->g.left);
  w->way = tacet_winograd_streams (&w->g) ? STREAM : tacet_winograd_pays (&w->g) ? WINOGRAD : DIRECT;
  w->precision = w->way == STREAM ? precision : TACET_PRECISION_F32;
}

/* One panel {kh kw co, 16} of the turned taps of a phase. */
static void
pack_phase_task (void *context, int64_t index, int thread)
{
  const Conv *w = context;
  const TacetConv *g = &w->g;
  const int64_t j = index * PANEL, n = tacet_min (PANEL, g->co - j), s = g->out_column / g->co;
  float *to = (float *) w->packed + j * g->kh * g->kw * g->ci;

  for (int64_t a = 0; a < g->kh; a++)
    for (int64_t b = 0; b < g->kw; b++)
      {
        const int64_t kh = w->first_h + s * (g->kh - 1 - a), kw = w->first_w + s * (g->kw - 1 - b);
        for (int64_t o = 0; o < g->ci; o++, to += PANEL)
          {
            const float *from = w->weights + ((o * w->taps_h + kh) * w->taps_w + kw) * g->co + j;
            memcpy (to, from, n * sizeof *to);
            memset (to + n, 0, (PANEL - n) * sizeof *to);
          }
      }
}

static size_t
packed_conv_data (TacetCpu *cpu, const TacetStep *step)
{
  const int64_t s = step->attrs.stride;
  size_t bytes = 0;

  for (int64_t phase = 0; phase < s * s; phase++)
    {
      Conv w;
      phase_init (step, step->precision, phase, &w);
      bytes += packed_bytes (&w);
    }
  return bytes;
}

static uint64_t
key_conv_data (TacetCpu *cpu, const TacetStep *step)
{
  Conv w;

  phase_init (step, step->precision, 0, &w);
  return w.way;
}

static TacetStatus
pack_conv_data (TacetCpu *cpu, const TacetStep *step, void *packed, void *scratch)
{
  const int64_t s = step->attrs.stride;

  for (int64_t phase = 0; phase < s * s; phase++)
    {
      Conv w;
      phase_init (step, step->precision, phase, &w);
      w.packed = packed;
      if (w.way != DIRECT) /* of stride 1: the only phase */
        {
          if (w.way == STREAM)
            pack_forward (cpu, &w);
          else
            tacet_winograd_pack (cpu, &w.g, w.weights, true, packed);
          return TACET_OK;
        }
      tacet_pool_run (cpu->pool, tacet_gemm_panels (w.g.co), pack_phase_task, &w);
      packed = (char *) packed + packed_bytes (&w);
    }
  return TACET_OK;
}

/* Bytes of weights that a run packs for itself. */
static size_t
unpacked_conv_data (TacetCpu *cpu, const TacetStep *step)
{
  return key_conv_data (cpu, step) == STREAM ? 0 : packed_conv_data (cpu, step);
}

static size_t
scratch_conv_data (TacetCpu *cpu, const TacetStep *step)
{
  const int64_t s = step->attrs.stride;
  size_t bytes = 0;

  for (int64_t phase = 0; phase < s * s; phase++)
    {
      Conv w;
      phase_init (step, TACET_PRECISION_F32, phase, &w);
      if (w.g.ho > 0 && w.g.wo > 0 && w.g.kh > 0 && w.g.kw > 0)
        bytes = tacet_max (bytes, run_scratch (cpu, &w));
    }
  return bytes + (step->packed == NULL ? unpacked_conv_data (cpu, step) : 0);
}

static TacetStatus
run_conv_data (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  const TacetShape x = step->out.shape;
  const int64_t s = step->attrs.stride;
  char *packed = (char *) step->packed;
  float *out = step->out.data;

  if (packed == NULL && unpacked_conv_data (cpu, step) > 0)
    {
      pack_conv_data (cpu, step, scratch, NULL);
      packed = scratch;
      scratch = (char *) scratch + packed_conv_data (cpu, step);
    }
  /* Pixels that no tap reaches. */
  if (s > 1 && (step->in[1].shape.d[1] < s || step->in[1].shape.d[2] < s))
    memset (out, 0, tacet_shape_count (x) * sizeof *out);
  for (int64_t phase = 0; phase < s * s; phase++)
    {
      Conv w;
      phase_init (step, step->packed != NULL ? step->precision : TACET_PRECISION_F32, phase, &w);
      w.packed = packed;
      if (w.g.ho > 0 && w.g.wo > 0 && w.g.kh > 0 && w.g.kw > 0)
        run_way (cpu, &w, step->in[0].data, NULL, out + (w.phase_h * x.d[2] + w.phase_w) * x.d[3], scratch);
      if (packed != NULL)
        packed += packed_bytes (&w);
    }
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_conv = {
  .run = run_conv, .scratch = scratch_conv, .packed_size = packed_conv, .pack_key = key_conv, .pack = pack_conv
};
const TacetCpuOp tacet_cpu_conv_data = { .run = run_conv_data,
                                         .scratch = scratch_conv_data,
                                         .packed_size = packed_conv_data,
                                         .pack_key = key_conv_data,
                                         .pack = pack_conv_data };
