/* conv-weight.c: the gradient of a convolution with respect to its weights: g' times the patches, summed
 * over blocks of pixels.
 *
 * Room: kernels/.  Slices of the blocks have sums of their own, added in order at the end.
 */
#include "conv.h"
#include "gemm.h"
#include "winograd.h"

#include <string.h>

#define PANEL      TACET_TILE_COLUMNS
#define SLICES     8
#define SUM_BYTES  (16 << 20) /* of all slices together */
#define FEW_SLICES 4          /* with fewer slices the weights are cut too */

typedef struct
{
  TacetConv g;
  TacetConvBlocks blocks;
  const float *x, *grad;
  float *out, *sums;     /* sums {slices, co, kh, kw, ci}; slice 0 is out itself */
  int64_t slices, parts; /* parts of the panels of kw ci columns */
  char *memory;
  size_t stride; /* bytes of one thread: block, panel {pixels, 16} */
} Weight;

static int64_t
weight_floats (const TacetConv *g)
{
  return g->co * g->kh * g->kw * g->ci;
}

static void
weight_init (Weight *w, const TacetStep *step)
{
  const TacetConv *g = &w->g;
  int64_t panels;

  w->g = tacet_conv_geometry (step->in[0].shape, step->in[1].shape, step->out.shape, &step->attrs);
  w->blocks = tacet_conv_blocks (g);
  w->x = step->in[0].data;
  w->grad = step->in[1].data;
  w->out = step->out.data;
  w->slices = tacet_min (SLICES, SUM_BYTES / (weight_floats (g) * (int64_t) sizeof (float)));
  w->slices = tacet_max (1, tacet_min (w->slices, w->blocks.blocks));
  panels = g->kh * tacet_gemm_panels (g->kw * g->ci);
  w->parts = w->slices < FEW_SLICES ? tacet_min (panels, SLICES / w->slices) : 1;
  w->stride = tacet_conv_block_bytes (g, &w->blocks) + tacet_aligned (w->blocks.most * PANEL * sizeof (float));
}

/* panel {pixels, 16}: columns j .. of row kh of every patch */
static void
fill_panel (const TacetConv *g, const TacetConvBlock *at, int64_t kh, int64_t j, int64_t n, float *panel)
{
  const float *x = at->x + kh * at->row_floats + j;

  if (n == PANEL)
    for (int64_t i = 0; i < at->pixels; i++)
      memcpy (panel + i * PANEL, x + at->from[i], PANEL * sizeof *panel);
  else
    for (int64_t i = 0; i < at->pixels; i++)
      {
        memcpy (panel + i * PANEL, x + at->from[i], n * sizeof *panel);
        memset (panel + i * PANEL + n, 0, (PANEL - n) * sizeof *panel);
      }
}

/* sum {co, kh, kw ci} (+)= g' times the patches, for panels first .. last - 1 */
static void
add_block (const Weight *w, const TacetConvBlock *at, float *panel, int64_t first, int64_t last, float *sum, bool add)
{
  const TacetConv *g = &w->g;
  const int64_t row = g->kw * g->ci, panels = tacet_gemm_panels (row), zero = 0;
  /* g' is read column by column where it lies. */
  TacetTile tile = { .a = w->grad + at->to[0],
                     .a_stride = 1,
                     .a_step = g->co,
                     .c_stride = g->kh * row,
                     .rows = g->co,
                     .b = panel,
                     .a_at = &zero,
                     .b_at = &zero,
                     .n_runs = 1,
                     .length = at->pixels,
                     .b_stride = PANEL,
                     .alpha = 1,
                     .add = add };

  for (int64_t p = first; p < last; p++)
    {
      const int64_t kh = p / panels, j = p % panels * PANEL;
      tile.columns = (int) tacet_min (PANEL, row - j);
      fill_panel (g, at, kh, j, tile.columns, panel);
      tile.c = sum + kh * row + j;
      tacet_tile_run (&tile);
    }
}

static void
weight_task (void *context, int64_t index, int thread)
{
  const Weight *w = context;
  const TacetConv *g = &w->g;
  const int64_t slice = index / w->parts, part = index % w->parts;
  const int64_t panels = g->kh * tacet_gemm_panels (g->kw * g->ci);
  const int64_t first = w->blocks.blocks * slice / w->slices, stop = w->blocks.blocks * (slice + 1) / w->slices;
  float *sum = slice == 0 ? w->out : w->sums + (slice - 1) * weight_floats (g);
  char *memory = w->memory + thread * w->stride;
  float *panel = (float *) (memory + tacet_conv_block_bytes (g, &w->blocks));

  for (int64_t block = first; block < stop; block++)
    {
      TacetConvBlock at;
      tacet_conv_block_open (g, &w->blocks, block, w->x, memory, &at);
      add_block (w, &at, panel, panels * part / w->parts, panels * (part + 1) / w->parts, sum, block > first);
    }
}

static void
add_slices (void *context, int64_t first, int64_t last)
{
  const Weight *w = context;
  const int64_t size = weight_floats (&w->g);

  for (int64_t slice = 0; slice < w->slices - 1; slice++)
    for (int64_t i = first; i < last; i++)
      w->out[i] += w->sums[slice * size + i];
}

static size_t
sums_bytes (const Weight *w)
{
  return tacet_aligned ((w->slices - 1) * weight_floats (&w->g) * sizeof (float));
}

static size_t
scratch_weight (TacetCpu *cpu, const TacetStep *step)
{
  Weight w;

  weight_init (&w, step);
  if (tacet_winograd_pays (&w.g))
    return tacet_winograd_weight_scratch (cpu, &w.g);
  return sums_bytes (&w) + w.stride * tacet_cpu_threads (cpu);
}

static TacetStatus
run_weight (TacetCpu *cpu, const TacetStep *step, void *scratch)
{
  Weight w;

  weight_init (&w, step);
  if (tacet_winograd_pays (&w.g))
    {
      tacet_winograd_weight (cpu, &w.g, w.x, w.grad, w.out, scratch);
      return TACET_OK;
    }
  w.sums = scratch;
  w.memory = (char *) scratch + sums_bytes (&w);
  tacet_pool_run (cpu->pool, w.slices * w.parts, weight_task, &w);
  if (w.slices > 1)
    tacet_pool_range (cpu->pool, weight_floats (&w.g), TACET_GRAIN / 4, add_slices, &w);
  return TACET_OK;
}

const TacetCpuOp tacet_cpu_conv_weight = { .run = run_weight, .scratch = scratch_weight };
