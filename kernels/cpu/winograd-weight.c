/* winograd-weight.c: the gradient with respect to the weights by Winograd's way.
 *
 * Room: kernels/.  Forward is A'[(G w G') . (B' x B)]A; so the gradient is G'[sum over tiles of
 * (A g A')' (B' x B)]G: again 36 products, summed over tiles, at a quarter of the arithmetic.
 * The inputs are written as the panels that the product wants.
 * The pool works on one block of tiles at a time: tiles while transforming, matrices while multiplying, so
 * that every sum has one order and one place.
 */
#include "winograd.h"
#include "winograd-tiles.h"
#include "winograd-transform.h"
#include "gemm.h"

#include <string.h>

#define BLOCK_FLOATS 393216
#define MOST_TILES   192
#define PANEL        TACET_TILE_COLUMNS
#define SOME_TILES   8 /* per task */

typedef struct
{
  const TacetConv *g;
  TacetWinogradTiles tiles;
  const float *x, *grad;
  float *out, *zeros, *in, *grads, *sums, *work; /* sums {36, co, ci} */
  int64_t first, count;                          /* tiles of the present block */
  int64_t work_stride;
} Weight;

static void
read_grad (const Weight *w, int64_t tile, float *to)
{
  const TacetConv *g = w->g;
  const TacetWinogradTiles *t = &w->tiles;
  const int64_t h0 = tile / t->across % t->down * 4, w0 = tile % t->across * 4;
  const float *sample = w->grad + tile / t->across / t->down * g->ho * g->wo * g->co, *from[4][4];

  for (int64_t i = 0; i < 4; i++)
    for (int64_t j = 0; j < 4; j++)
      from[i][j] = h0 + i < g->ho && w0 + j < g->wo ? sample + ((h0 + i) * g->wo + w0 + j) * g->co : w->zeros;
  for (int64_t c = 0; c < g->co; c += 8)
    {
      V8 half[6][4], m[6];
      for (int j = 0; j < 4; j++)
        {
          tacet_winograd_grad (v8_load (from[0][j] + c), v8_load (from[1][j] + c), v8_load (from[2][j] + c),
                               v8_load (from[3][j] + c), m);
          for (int i = 0; i < 6; i++)
            half[i][j] = m[i];
        }
      for (int i = 0; i < 6; i++)
        {
          tacet_winograd_grad (half[i][0], half[i][1], half[i][2], half[i][3], m);
          for (int j = 0; j < 6; j++)
            v8_store (to + (i * 6 + j) * t->out_plane + c, m[j]);
        }
    }
}

static void
read_range (void *context, int64_t first, int64_t last)
{
  const Weight *w = context;

  for (int64_t i = first; i < last; i++)
    {
      tacet_winograd_read (w->g, &w->tiles, w->x, w->first + i, w->zeros, w->in + i * PANEL, w->count * PANEL);
      read_grad (w, w->first + i, w->grads + i * w->g->co);
    }
}

static TacetGemm
product (const Weight *w, int64_t k)
{
  const TacetConv *g = w->g;

  return (TacetGemm){ .m = g->co,
                      .n = g->ci,
                      .k = w->count,
                      .alpha = 1,
                      .a = w->grads + k * w->tiles.out_plane,
                      .a_stride = g->co,
                      .trans_a = true,
                      .packed = w->in + k * w->tiles.in_plane,
                      .add = w->first > 0,
                      .c = w->sums + k * g->co * g->ci,
                      .c_stride = g->ci };
}

static void
product_task (void *context, int64_t k, int thread)
{
  const Weight *w = context;
  TacetGemm p = product (w, k);

  tacet_gemm_run (&p, w->work + thread * w->work_stride);
}

/* The gradients of the weights of one output channel. */
static void
write_task (void *context, int64_t o, int thread)
{
  const Weight *w = context;
  const int64_t ci = w->g->ci, plane = w->g->co * ci;

  for (int64_t c = 0; c < ci; c += 8)
    {
      const float *u = w->sums + o * ci + c;
      V8 half[3][6], k[3];
      for (int j = 0; j < 6; j++)
        {
          tacet_winograd_kernel_grad (v8_load (u + j * plane), v8_load (u + (6 + j) * plane),
                                      v8_load (u + (12 + j) * plane), v8_load (u + (18 + j) * plane),
                                      v8_load (u + (24 + j) * plane), v8_load (u + (30 + j) * plane), k);
          for (int i = 0; i < 3; i++)
            half[i][j] = k[i];
        }
      for (int i = 0; i < 3; i++)
        {
          tacet_winograd_kernel_grad (half[i][0], half[i][1], half[i][2], half[i][3], half[i][4], half[i][5], k);
          for (int j = 0; j < 3; j++)
            v8_store (w->out + ((o * 3 + i) * 3 + j) * ci + c, k[j]);
        }
    }
}

/* Lays out the scratch; returns floats. */
static int64_t
place (TacetCpu *cpu, Weight *w, float *scratch)
{
  const TacetConv *g = w->g;
  int64_t at = 0;
  TacetGemm p;

  w->tiles = tacet_winograd_tiles (g, BLOCK_FLOATS, MOST_TILES);
  w->count = tacet_min (w->tiles.block, w->tiles.all);
  p = product (w, 0);
  w->work_stride = (tacet_gemm_work (&p) + 15) / 16 * 16;
  w->zeros = scratch;
  at += (tacet_max (g->ci, g->co) + 15) / 16 * 16;
  w->in = scratch + at;
  at += 36 * w->tiles.in_plane;
  w->grads = scratch + at;
  at += 36 * w->tiles.out_plane;
  w->sums = scratch + at;
  at += 36 * g->co * g->ci;
  w->work = scratch + at;
  return at + w->work_stride * tacet_cpu_threads (cpu);
}

size_t
tacet_winograd_weight_scratch (TacetCpu *cpu, const TacetConv *g)
{
  Weight w = { .g = g };

  return place (cpu, &w, NULL) * sizeof (float);
}

void
tacet_winograd_weight (TacetCpu *cpu, const TacetConv *g, const float *x, const float *grad, float *out, void *scratch)
{
  Weight w = { .g = g, .x = x, .grad = grad, .out = out };

  place (cpu, &w, scratch);
  memset (w.zeros, 0, tacet_max (g->ci, g->co) * sizeof (float));
  for (w.first = 0; w.first < w.tiles.all; w.first += w.tiles.block)
    {
      w.count = tacet_min (w.tiles.block, w.tiles.all - w.first);
      tacet_pool_range (cpu->pool, w.count, SOME_TILES, read_range, &w);
      tacet_pool_run (cpu->pool, 36, product_task, &w);
    }
  tacet_pool_run (cpu->pool, g->co, write_task, &w);
}
