/* gemm.c: products cut into blocks that fit the caches, and the packing of their operands.
 *
 * Room: kernels/.  The order of every sum depends on the shapes only.
 */
#include "gemm.h"

#include <string.h>

#define BLOCK_K     320 /* two panels of b: 40 KiB, read from the second level where the first is smaller */
#define BLOCK_M     256 /* a block of a: 320 KiB */
#define BLOCK_N     512 /* a block of b that is packed on the way */
#define FEW_COLUMNS 128
#define SHORT_ROWS  384 /* floats; longer rows fall into too few lines of the cache */
#define REUSE       24  /* from this many rows on, packing b costs less than it saves */

static inline int64_t
least (int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* One panel {k, 16} of the columns first .. first + n - 1. */
static void
pack_panel (const float *b, int64_t b_stride, bool trans_b, int64_t k, int64_t first, int64_t n, float *to)
{
  if (n < TACET_TILE_COLUMNS)
    memset (to, 0, k * TACET_TILE_COLUMNS * sizeof *to);
  if (trans_b)
    tacet_transpose (b + first * b_stride, b_stride, n, k, to, TACET_TILE_COLUMNS);
  else if (n == TACET_TILE_COLUMNS)
    for (int64_t i = 0; i < k; i++)
      memcpy (to + i * TACET_TILE_COLUMNS, b + i * b_stride + first, TACET_TILE_COLUMNS * sizeof *to);
  else
    for (int64_t i = 0; i < k; i++)
      memcpy (to + i * TACET_TILE_COLUMNS, b + i * b_stride + first, n * sizeof *to);
}

void
tacet_gemm_pack (const float *b, int64_t b_stride, bool trans_b, int64_t k, int64_t first, int64_t last, float *packed)
{
  for (int64_t j = first; j < last; j += TACET_TILE_COLUMNS)
    pack_panel (b, b_stride, trans_b, k, j, least (TACET_TILE_COLUMNS, last - j), packed + j * k);
}

void
tacet_gemm_pack_as (TacetPrecision precision, const float *b, int64_t b_stride, bool trans_b, int64_t k, int64_t first,
                    int64_t last, void *packed)
{
  float panel[BLOCK_K * TACET_TILE_COLUMNS];

  if (precision == TACET_PRECISION_F32)
    {
      tacet_gemm_pack (b, b_stride, trans_b, k, first, last, packed);
      return;
    }
  for (int64_t j = first; j < last; j += TACET_TILE_COLUMNS)
    for (int64_t k0 = 0; k0 < k; k0 += BLOCK_K)
      {
        const int64_t n = least (BLOCK_K, k - k0);
        pack_panel (trans_b ? b + k0 : b + k0 * b_stride, b_stride, trans_b, n, j, least (TACET_TILE_COLUMNS, last - j),
                    panel);
        tacet_narrow (precision, panel, n * TACET_TILE_COLUMNS, (uint16_t *) packed + j * k + k0 * TACET_TILE_COLUMNS);
      }
}

/* b may be read where it lies. */
static bool
reads_b (const TacetGemm *g)
{
  return g->packed == NULL && !g->trans_b && g->n % TACET_TILE_COLUMNS == 0 && g->m < REUSE;
}

/* So may a transposed a, element by element of its rows, if they are not read often. */
static bool
reads_a (const TacetGemm *g)
{
  return g->n <= FEW_COLUMNS && g->a_stride <= SHORT_ROWS;
}

/* Rows of b at once: stretches of one length, as few as there can be. */
static int64_t
stretch (const TacetGemm *g)
{
  const int64_t n = (g->k + BLOCK_K - 1) / BLOCK_K;

  return n > 1 ? (g->k / n + 15) / 16 * 16 : g->k;
}

static bool
widens (const TacetGemm *g)
{
  const bool reads = g->precision == TACET_PRECISION_F16 && g->reads_f16 && TACET_TILE_READS_F16;

  return g->precision != TACET_PRECISION_F32 && !reads;
}

static int64_t
panel_floats (const TacetGemm *g)
{
  const int64_t k = stretch (g);

  if (g->packed != NULL)
    return widens (g) ? least (tacet_gemm_panels (g->n), 2) * TACET_TILE_COLUMNS * k : 0;
  return reads_b (g) ? 0 : tacet_gemm_packed_floats (least (g->n, BLOCK_N), k);
}

int64_t
tacet_gemm_work (const TacetGemm *g)
{
  return panel_floats (g) + (g->trans_a && !reads_a (g) ? least (g->m, BLOCK_M) * stretch (g) : 0);
}

/* Columns n0 .. and k rows of b in panels; those of 16 bits that a tile does not read are widened two at a time, into
 * buffer. */
typedef struct
{
  const void *at;
  TacetPrecision precision;
  int64_t panel_stride, row_stride;
  int64_t n0, n, k0, k;
  float *buffer;
} Panels;

static Panels
find_panels (const TacetGemm *g, int64_t n0, int64_t k0, float *work)
{
  Panels b = { .at = work,
               .n0 = n0,
               .n = least (BLOCK_N, g->n - n0),
               .k0 = k0,
               .k = least (stretch (g), g->k - k0),
               .row_stride = TACET_TILE_COLUMNS,
               .buffer = work };

  b.panel_stride = TACET_TILE_COLUMNS * b.k;
  if (g->packed != NULL)
    {
      b.precision = g->precision;
      b.at = tacet_precision_at (g->precision, g->packed, n0 * g->k + k0 * TACET_TILE_COLUMNS);
      b.panel_stride = TACET_TILE_COLUMNS * g->k;
    }
  else if (reads_b (g))
    {
      b.at = g->b + k0 * g->b_stride + n0;
      b.panel_stride = TACET_TILE_COLUMNS;
      b.row_stride = g->b_stride;
    }
  else
    tacet_gemm_pack (g->trans_b ? g->b + n0 * g->b_stride + k0 : g->b + k0 * g->b_stride + n0, g->b_stride, g->trans_b,
                     b.k, 0, b.n, work);
  return b;
}

/* The panels of some columns, as f32 one after the other. */
static const float *
widen_panels (const Panels *b, const void *panels, int64_t columns)
{
  const int64_t floats = TACET_TILE_COLUMNS * b->k;

  for (int64_t i = 0; i < tacet_gemm_panels (columns); i++)
    tacet_widen (b->precision, tacet_precision_at (b->precision, panels, i * b->panel_stride), floats,
                 b->buffer + i * floats);
  return b->buffer;
}

/* The panels of 16 bits that are read after those before column `next`: they come from the memory. */
static TacetAhead
panels_ahead (const TacetGemm *g, const Panels *b, int64_t next)
{
  TacetAhead ahead = { .pieces = 2, .bytes = b->k * TACET_TILE_COLUMNS * 2, .stride = b->panel_stride * 2 };

  if (next < b->n)
    ahead.at = tacet_precision_at (b->precision, b->at, next / TACET_TILE_COLUMNS * b->panel_stride);
  else if (b->k0 + b->k < g->k)
    ahead.at = tacet_precision_at (b->precision, g->packed, b->n0 * g->k + (b->k0 + b->k) * TACET_TILE_COLUMNS);
  return ahead;
}

/* m rows of a and of c from m0 on; a is the first of them. */
static void
run_block (const TacetGemm *g, const float *a, int64_t a_stride, int64_t a_step, int64_t m0, int64_t m, const Panels *b)
{
  const int64_t zero = 0;
  const bool halves = b->precision != TACET_PRECISION_F32, widened = halves && widens (g);
  TacetTile tile = { .a = a,
                     .a_stride = a_stride,
                     .a_step = a_step,
                     .c_stride = g->c_stride,
                     .a_at = &zero,
                     .b_at = &zero,
                     .n_runs = 1,
                     .length = b->k,
                     .b_stride = b->row_stride,
                     .b_is_half = halves && !widened,
                     .b_panel = widened ? TACET_TILE_COLUMNS * b->k : b->panel_stride,
                     .alpha = g->alpha,
                     .add = g->add || b->k0 > 0,
                     .c_is_far = b->k0 == 0,
                     .rows = m };

  for (int64_t j = 0; j < b->n; j += tile.columns)
    {
      const void *panels = tacet_precision_at (b->precision, b->at, j / TACET_TILE_COLUMNS * b->panel_stride);
      tile.columns = halves ? least (TACET_TILE_WIDTH, b->n - j) : b->n;
      tile.b = widened ? widen_panels (b, panels, tile.columns) : panels;
      tile.bias = g->bias != NULL && b->k0 == 0 ? g->bias + b->n0 + j : NULL;
      tile.c = g->c + m0 * g->c_stride + b->n0 + j;
      tile.a_is_far = j == 0 && b->n0 == 0 && a_step == 1;
      if (halves && m0 == 0)
        tile.ahead = panels_ahead (g, b, j + tile.columns);
      tacet_tile_run (&tile);
    }
}

void
tacet_gemm_run (const TacetGemm *g, float *work)
{
  float *a_work = work + panel_floats (g);

  for (int64_t n0 = 0; n0 < g->n; n0 += BLOCK_N)
    for (int64_t k0 = 0; k0 < g->k; k0 += stretch (g))
      {
        const Panels b = find_panels (g, n0, k0, work);
        for (int64_t m0 = 0; m0 < g->m; m0 += BLOCK_M)
          {
            const int64_t m = least (BLOCK_M, g->m - m0);
            const float *a = g->a + m0 * g->a_stride + k0;
            int64_t a_stride = g->a_stride, a_step = 1;
            if (g->trans_a && reads_a (g))
              {
                a = g->a + k0 * g->a_stride + m0;
                a_stride = 1;
                a_step = g->a_stride;
              }
            else if (g->trans_a)
              {
                tacet_transpose (g->a + k0 * g->a_stride + m0, g->a_stride, b.k, m, a_work, b.k);
                a = a_work;
                a_stride = b.k;
              }
            run_block (g, a, a_stride, a_step, m0, m, &b);
          }
      }
}
