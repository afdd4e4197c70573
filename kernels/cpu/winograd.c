/* winograd.c: see winograd.h; forward and gradient with respect to the input.
 *
 * Room: kernels/.  A block of tiles goes through three stages while it lies in a cache: the input
 * transformed, {36, tiles, ci}; 36 products with the transformed weights, {36, tiles, co}; the outputs.
 */
#include "winograd.h"
#include "winograd-tiles.h"
#include "winograd-transform.h"
#include "gemm.h"

#include <string.h>

#define PANEL         TACET_TILE_COLUMNS
#define LARGE_WEIGHTS 65536 /* ci co */

bool
tacet_winograd_pays (const TacetConv *g)
{
  const int64_t tiles = g->n * tacet_div_up (g->ho, 4) * tacet_div_up (g->wo, 4);

  return g->kh == 3 && g->kw == 3 && g->stride == 1 && g->out_column == g->co && g->ci % 8 == 0 && g->co % 8 == 0 &&
         g->ci >= 8 && g->co >= 8 && tiles >= 12 && g->n * g->ho * g->wo >= tiles * 9;
}

/* ---- weights ---- */

typedef struct
{
  const TacetConv *g;
  const float *weights;
  float *packed;
  bool turned;
  int64_t plane; /* floats of one of the 36 */
} Pack;

/* Half a panel: eight outputs o ..; all ci. */
static void
pack_task (void *context, int64_t index, int thread)
{
  const Pack *w = context;
  const int64_t ci = w->g->ci, co = w->g->co, o = index * 8;
  float *to = w->packed + o / PANEL * PANEL * ci + o % PANEL;
  float lines[9][8][8];

  for (int64_t c = 0; c < ci; c += 8)
    {
      if (!w->turned)
        for (int tap = 0; tap < 9; tap++)
          tacet_transpose (w->weights + (o * 9 + tap) * ci + c, 9 * ci, 8, 8, lines[tap][0], 8);
      for (int64_t i = 0; i < 8; i++)
        {
          VW k[9];
          for (int tap = 0; tap < 9; tap++)
            k[tap] = vw_load_some (w->turned ? w->weights + ((c + i) * 9 + 8 - tap) * co + o : lines[tap][i], 8);
          tacet_winograd_kernel_square (k, 8, to + (c + i) * PANEL, w->plane);
        }
    }
  /* The last panel may be half empty; it is multiplied all the same. */
  if (o + 8 >= co && o % PANEL == 0)
    for (int64_t t = 0; t < 36; t++)
      for (int64_t c = 0; c < ci; c++)
        memset (to + t * w->plane + c * PANEL + 8, 0, 8 * sizeof *to);
}

static int64_t
packed_plane (const TacetConv *g)
{
  return tacet_gemm_packed_floats (g->co, g->ci);
}

size_t
tacet_winograd_packed_bytes (const TacetConv *g)
{
  return tacet_aligned (36 * packed_plane (g) * sizeof (float));
}

void
tacet_winograd_pack (TacetCpu *cpu, const TacetConv *g, const float *weights, bool turned, float *packed)
{
  Pack w = { g, weights, packed, turned, packed_plane (g) };

  tacet_pool_run (cpu->pool, g->co / 8, pack_task, &w);
}

/* ---- blocks of tiles ---- */

TacetWinogradTiles
tacet_winograd_tiles (const TacetConv *g, int64_t floats, int64_t most)
{
  TacetWinogradTiles t = { .down = tacet_div_up (g->ho, 4), .across = tacet_div_up (g->wo, 4) };

  t.all = g->n * t.down * t.across;
  /* Each block reads all transformed weights; where these fill a cache by themselves, fewer blocks are better
   * than blocks that fit. */
  t.block = tacet_max (floats / (36 * (g->ci + g->co)), g->ci * g->co > LARGE_WEIGHTS ? 48 : 24);
  t.block = tacet_min (t.block, most);
  t.blocks = tacet_div_up (t.all, t.block);
  t.block = tacet_div_up (tacet_div_up (t.all, t.blocks), TACET_TILE_ROWS) * TACET_TILE_ROWS;
  t.blocks = tacet_div_up (t.all, t.block);
  /* A multiple of a page between the 36 would put them all into the same few lines of the cache. */
  t.in_plane = t.block * ((g->ci + 15) / 16 * 16) + 16;
  t.out_plane = (t.block * g->co + 15) / 16 * 16 + 16;
  return t;
}

/* The pixels that the next tile will read and this one does not: streams of a few hundred bytes are too short for
 * the processor to guess. */
static inline void
prefetch_right (const float *const from[6][6], int64_t distance)
{
  for (int i = 0; i < 6; i++)
    for (int j = 2; j < 6; j++)
      __builtin_prefetch (from[i][j] + distance);
}

/* Some channels c .. of a tile. */
static inline __attribute__ ((always_inline)) void
read_channels (const float *const from[6][6], int64_t c, const int lanes, float *to, int64_t plane)
{
  VW half[6][6], v[6];

  for (int j = 0; j < 6; j++)
    {
      tacet_winograd_input (vw_load_some (from[0][j] + c, lanes), vw_load_some (from[1][j] + c, lanes),
                            vw_load_some (from[2][j] + c, lanes), vw_load_some (from[3][j] + c, lanes),
                            vw_load_some (from[4][j] + c, lanes), vw_load_some (from[5][j] + c, lanes), v);
      for (int i = 0; i < 6; i++)
        half[i][j] = v[i];
    }
  for (int i = 0; i < 6; i++)
    {
      tacet_winograd_input (half[i][0], half[i][1], half[i][2], half[i][3], half[i][4], half[i][5], v);
      for (int j = 0; j < 6; j++)
        vw_store_some (to + (i * 6 + j) * plane, v[j], lanes);
    }
}

void
tacet_winograd_read (const TacetConv *g, const TacetWinogradTiles *t, const float *x, int64_t tile, const float *zeros,
                     float *to, int64_t panel)
{
  const int64_t h0 = tile / t->across % t->down * 4 - g->top, w0 = tile % t->across * 4 - g->left;
  const float *sample = x + tile / t->across / t->down * g->h * g->w * g->ci;
  const float *from[6][6];
  int64_t c = 0;

  for (int64_t i = 0; i < 6; i++)
    for (int64_t j = 0; j < 6; j++)
      {
        const int64_t h = h0 + i, w = w0 + j;
        from[i][j] = h >= 0 && h < g->h && w >= 0 && w < g->w ? sample + (h * g->w + w) * g->ci : zeros;
      }
  for (; c + VW_LANES <= g->ci; c += VW_LANES)
    {
      if (c % 16 == 0)
        prefetch_right (from, 4 * g->ci + c);
      read_channels (from, c, VW_LANES, to + c / 16 * panel + c % 16, t->in_plane);
    }
  for (; c < g->ci; c += 8)
    read_channels (from, c, 8, to + c / 16 * panel + c % 16, t->in_plane);
}

/* Where the pixels of a tile of outputs go. */
typedef struct
{
  float *to;
  int64_t rows, columns, row, column; /* those inside the picture; floats from one to the next */
} Pixels;

/* Some channels of a tile. */
static inline __attribute__ ((always_inline)) void
write_channels (const float *from, int64_t plane, const float *bias, const int lanes, const Pixels *p, int64_t c)
{
  const VW add = bias != NULL ? vw_load_some (bias + c, lanes) : (VW){ 0 };
  VW half[4][6], y[4];

  /* The pixels of the next tile: what is written has to be fetched first, too. */
  for (int i = 0; i < 4; i++)
    for (int j = 4; j < 8; j++)
      __builtin_prefetch (p->to + i * p->row + j * p->column + c, 1);
  for (int j = 0; j < 6; j++)
    {
      const float *m = from + j * plane + c;
      const int64_t step = 6 * plane;
      tacet_winograd_output (vw_load_some (m, lanes), vw_load_some (m + step, lanes),
                             vw_load_some (m + 2 * step, lanes), vw_load_some (m + 3 * step, lanes),
                             vw_load_some (m + 4 * step, lanes), vw_load_some (m + 5 * step, lanes), y);
      for (int i = 0; i < 4; i++)
        half[i][j] = y[i];
    }
  for (int i = 0; i < 4; i++)
    {
      if (i >= p->rows)
        break;
      tacet_winograd_output (half[i][0], half[i][1], half[i][2], half[i][3], half[i][4], half[i][5], y);
      for (int j = 0; j < 4; j++)
        if (j < p->columns)
          vw_store_some (p->to + i * p->row + j * p->column + c, y[j] + add, lanes);
    }
}

void
tacet_winograd_write (const TacetConv *g, const TacetWinogradTiles *t, const float *from, int64_t channels,
                      const float *bias, int64_t tile, float *out)
{
  const int64_t h0 = tile / t->across % t->down * 4, w0 = tile % t->across * 4;
  const Pixels pixels = { .to = out + tile / t->across / t->down * g->out_sample + h0 * g->out_row + w0 * g->out_column,
                          .rows = tacet_min (4, g->ho - h0),
                          .columns = tacet_min (4, g->wo - w0),
                          .row = g->out_row,
                          .column = g->out_column };
  int64_t c = 0;

  for (; c + VW_LANES <= channels; c += VW_LANES)
    write_channels (from, t->out_plane, bias, VW_LANES, &pixels, c);
  for (; c < channels; c += 8)
    write_channels (from, t->out_plane, bias, 8, &pixels, c);
}

/* ---- the three stages ---- */

typedef struct
{
  const TacetConv *g;
  TacetWinogradTiles tiles;
  const float *x, *packed, *bias;
  float *out, *zeros, *memory;
  int64_t stride; /* floats of one thread */
} Run;

static void
run_task (void *context, int64_t index, int thread)
{
  const Run *w = context;
  const TacetConv *g = w->g;
  const TacetWinogradTiles *t = &w->tiles;
  const int64_t first = index * t->block, count = tacet_min (t->block, t->all - first);
  float *in = w->memory + thread * w->stride, *products = in + 36 * t->in_plane;

  for (int64_t i = 0; i < count; i++)
    tacet_winograd_read (g, t, w->x, first + i, w->zeros, in + i * g->ci, 16);
  for (int64_t k = 0; k < 36; k++)
    {
      TacetGemm product = { .m = count,
                            .n = g->co,
                            .k = g->ci,
                            .alpha = 1,
                            .a = in + k * t->in_plane,
                            .a_stride = g->ci,
                            .packed = w->packed + k * packed_plane (g),
                            .c = products + k * t->out_plane,
                            .c_stride = g->co };
      tacet_gemm_run (&product, NULL);
    }
  for (int64_t i = 0; i < count; i++)
    tacet_winograd_write (g, t, products + i * g->co, g->co, w->bias, first + i, w->out);
}

#define BLOCK_FLOATS 196608 /* of both transforms of a block: most of a second-level cache */
#define MOST_TILES   96

static int64_t
thread_floats (const TacetWinogradTiles *t)
{
  return 36 * (t->in_plane + t->out_plane);
}

size_t
tacet_winograd_scratch (TacetCpu *cpu, const TacetConv *g)
{
  TacetWinogradTiles t = tacet_winograd_tiles (g, BLOCK_FLOATS, MOST_TILES);

  return tacet_aligned (g->ci * sizeof (float)) + thread_floats (&t) * sizeof (float) * tacet_cpu_threads (cpu);
}

void
tacet_winograd_run (TacetCpu *cpu, const TacetConv *g, const float *x, const float *packed, const float *bias,
                    float *out, void *scratch)
{
  Run w = { g, tacet_winograd_tiles (g, BLOCK_FLOATS, MOST_TILES), x, packed, bias, out, scratch, NULL, 0 };

  memset (w.zeros, 0, g->ci * sizeof (float));
  w.memory = (float *) ((char *) scratch + tacet_aligned (g->ci * sizeof (float)));
  w.stride = thread_floats (&w.tiles);
  tacet_pool_run (cpu->pool, w.tiles.blocks, run_task, &w);
}
