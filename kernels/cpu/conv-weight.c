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
#define TOGETHER   16         /* panels: so many columns of a row of sums lie in one page */
#define ROWS       96         /* of sums that are added to together: each lies in a page of its own */

typedef struct
{
  TacetConv g;
  TacetConvBlocks blocks;
  const float *x, *grad;
  float *out, *sums;     /* sums {slices, co, kh, kw, ci}; slice 0 is out itself */
  int64_t slices, parts; /* parts of the panels of kw ci columns */
  char *memory;
  size_t stride; /* bytes of one thread: block, g' {co, pixels}, panels {pixels, 16} */
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
  w->stride = tacet_conv_block_bytes (g, &w->blocks) +
              tacet_aligned (w->blocks.most * (g->co + TOGETHER * PANEL) * sizeof (float));
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

/* sum {co, kh, kw ci} (+)= g' {co, pixels} times the patches, for panels first .. last - 1 */
static void
add_block (const Weight *w, const TacetConvBlock *at, const float *grad, float *panel, int64_t first, int64_t last,
           float *sum, bool add)
{
  const TacetConv *g = &w->g;
  const int64_t row = g->kw * g->ci, panels = tacet_gemm_panels (row), zero = 0;
  TacetTile tile = { .a_stride = at->pixels,
                     .a_step = 1,
                     .c_stride = g->kh * row,
                     .b = panel,
                     .b_panel = at->pixels * PANEL,
                     .a_at = &zero,
                     .b_at = &zero,
                     .n_runs = 1,
                     .length = at->pixels,
                     .b_stride = PANEL,
                     .alpha = 1,
                     .add = add,
                     .c_is_far = true };
  int64_t n;

  for (int64_t p = first; p < last; p += n)
    {
      const int64_t kh = p / panels, j = p % panels * PANEL;
      n = tacet_min (tacet_min (TOGETHER, last - p), panels - p % panels);
      tile.columns = tacet_min (n * PANEL, row - j);
      for (int64_t i = 0; i < n; i++)
        fill_panel (g, at, kh, j + i * PANEL, tacet_min (PANEL, row - j - i * PANEL), panel + i * tile.b_panel);
      for (int64_t o = 0; o < g->co; o += ROWS)
        {
          tile.rows = tacet_min (ROWS, g->co - o);
          tile.a = grad + o * at->pixels;
          tile.c = sum + o * tile.c_stride + kh * row + j;
          tacet_tile_run (&tile);
        }
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
  float *grad = (float *) (memory + tacet_conv_block_bytes (g, &w->blocks));

  for (int64_t block = first; block < stop; block++)
    {
      TacetConvBlock at;
      tacet_conv_block_open (g, &w->blocks, block, w->x, memory, &at);
      tacet_transpose (w->grad + at.to[0], g->co, at.pixels, g->co, grad, at.pixels);
      add_block (w, &at, grad, grad + at.pixels * g->co, panels * part / w->parts, panels * (part + 1) / w->parts, sum,
                 block > first);
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
