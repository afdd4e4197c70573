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

/* Some channels c .. of a tile of gradients. */
static inline __attribute__ ((always_inline)) void
grad_channels (const float *const from[4][4], int64_t c, const int lanes, float *to, int64_t plane)
{
  VW half[6][4], m[6];

  for (int j = 0; j < 4; j++)
    {
      tacet_winograd_grad (vw_load_some (from[0][j] + c, lanes), vw_load_some (from[1][j] + c, lanes),
                           vw_load_some (from[2][j] + c, lanes), vw_load_some (from[3][j] + c, lanes), m);
      for (int i = 0; i < 6; i++)
        half[i][j] = m[i];
    }
  for (int i = 0; i < 6; i++)
    {
      tacet_winograd_grad (half[i][0], half[i][1], half[i][2], half[i][3], m);
      for (int j = 0; j < 6; j++)
        vw_store_some (to + (i * 6 + j) * plane, m[j], lanes);
    }
}

static void
read_grad (const Weight *w, int64_t tile, float *to)
{
  const TacetConv *g = w->g;
  const TacetWinogradTiles *t = &w->tiles;
  const int64_t h0 = tile / t->across % t->down * 4, w0 = tile % t->across * 4;
  const float *sample = w->grad + tile / t->across / t->down * g->ho * g->wo * g->co, *from[4][4];
  int64_t c = 0;

  for (int64_t i = 0; i < 4; i++)
    for (int64_t j = 0; j < 4; j++)
      from[i][j] = h0 + i < g->ho && w0 + j < g->wo ? sample + ((h0 + i) * g->wo + w0 + j) * g->co : w->zeros;
  for (; c + VW_LANES <= g->co; c += VW_LANES)
    grad_channels (from, c, VW_LANES, to + c, t->out_plane);
  for (; c < g->co; c += 8)
    grad_channels (from, c, 8, to + c, t->out_plane);
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

/* Gradients of weights from u, their transforms, plane apart, to nine lines of ci. */
static inline __attribute__ ((always_inline)) void
write_channels (const float *u, int64_t plane, const int lanes, float *to, int64_t ci)
{
  VW half[3][6], k[3];

  for (int j = 0; j < 6; j++)
    {
      const float *at = u + j * plane;
      const int64_t step = 6 * plane;
      tacet_winograd_kernel_grad (vw_load_some (at, lanes), vw_load_some (at + step, lanes),
                                  vw_load_some (at + 2 * step, lanes), vw_load_some (at + 3 * step, lanes),
                                  vw_load_some (at + 4 * step, lanes), vw_load_some (at + 5 * step, lanes), k);
      for (int i = 0; i < 3; i++)
        half[i][j] = k[i];
    }
  for (int i = 0; i < 3; i++)
    {
      tacet_winograd_kernel_grad (half[i][0], half[i][1], half[i][2], half[i][3], half[i][4], half[i][5], k);
      for (int j = 0; j < 3; j++)
        vw_store_some (to + (i * 3 + j) * ci, k[j], lanes);
    }
}

/* The gradients of the weights of one output channel. */
static void
write_task (void *context, int64_t o, int thread)
{
  const Weight *w = context;
  const int64_t ci = w->g->ci, plane = w->g->co * ci;
  int64_t c = 0;

  for (; c + VW_LANES <= ci; c += VW_LANES)
    write_channels (w->sums + o * ci + c, plane, VW_LANES, w->out + o * 9 * ci + c, ci);
  for (; c < ci; c += 8)
    write_channels (w->sums + o * ci + c, plane, 8, w->out + o * 9 * ci + c, ci);
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
