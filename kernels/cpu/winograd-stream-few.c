/* winograd-stream-few.c: products of a few tiles with weights whose transform never leaves the registers.
 *
 * Room: kernels/.  One row of the 36 at a time: the six transformed weights of a channel, in 16 outputs, meet the six
 * inputs of up to four tiles, whose 24 sums stay in registers: with so few, writing transformed weights and reading
 * them again costs as much as the products.
 */
#include "winograd-stream.h"

#if TACET_STREAM_FEW > 0

#include "halves.h"
#include "winograd-transform.h"

#define PANEL TACET_TILE_COLUMNS
#define TILES TACET_STREAM_FEW

/* One column of a row of G w, from the column's three weights 3 lines apart; edge: the row of points 0 or infinity. */
static inline __attribute__ ((always_inline)) VW
row_column (const TacetPrecision precision, const bool edge, const void *from, int64_t at, float point)
{
  if (edge)
    return vw_load_as (precision, from, at);
  const VW even = vw_load_as (precision, from, at) + point * point * vw_load_as (precision, from, at + 6 * PANEL);
  return even + point * vw_load_as (precision, from, at + 3 * PANEL);
}

/* c {6, tiles, 16} = or += a {6, tiles, channels} b {channels, 6, 16}: b is a row of the transformed weights.
 * Meanwhile a sixth of the next weights is sent for. */
static inline __attribute__ ((always_inline)) void
multiply_row (const TacetStreamFew *f, const TacetPrecision precision, const bool edge, const int tiles, int row,
              const float *a, float *c)
{
  static const float points[] = { 0, WA, -WA, WB, -WB };
  const int64_t first = row == 5 ? 6 * PANEL : 0, third = 3 * f->in_plane;
  const float point = points[row % 5];
  const int64_t share = f->ahead / (6 * f->channels);
  const char *next = (const char *) f->next + f->ahead * row / 6;
  VW sum[6][TILES];

  for (int j = 0; j < 6; j++)
    for (int t = 0; t < tiles; t++)
      sum[j][t] = f->add ? vw_load (c + j * f->out_plane + t * PANEL) : (VW){ 0 };
  for (int64_t i = 0; i < f->channels; i += PANEL, a += f->panel)
    for (int k = 0; k < PANEL; k++)
      {
        const int64_t at = (i + k) * 9 * PANEL + first;
        const float *x = a + k, *y = x + third;
        VW w[3], u[6];

        for (int j = 0; j < 3; j++)
          w[j] = row_column (precision, edge, f->weights, at + j * PANEL, point);
        tacet_winograd_kernel (w[0], w[1], w[2], u);
        for (int j = 0; j < 6; j++)
          for (int t = 0; t < tiles; t++)
            sum[j][t] += (j < 3 ? x : y)[j % 3 * f->in_plane + t * PANEL] * u[j];
        __builtin_prefetch (next);
        next += share;
      }
  for (int j = 0; j < 6; j++)
    for (int t = 0; t < tiles; t++)
      vw_store (c + j * f->out_plane + t * PANEL, sum[j][t]);
}

static inline __attribute__ ((always_inline)) void
multiply_as (const TacetStreamFew *f, const TacetPrecision precision, const int tiles, const float *a, float *c)
{
  for (int row = 0; row < 6; row++, a += 6 * f->in_plane, c += 6 * f->out_plane)
    if (row % 5 == 0)
      multiply_row (f, precision, true, tiles, row, a, c);
    else
      multiply_row (f, precision, false, tiles, row, a, c);
}

static inline __attribute__ ((always_inline)) void
multiply_tiles (const TacetStreamFew *f, const int tiles, const float *a, float *c)
{
  if (f->precision == TACET_PRECISION_F32)
    multiply_as (f, TACET_PRECISION_F32, tiles, a, c);
  else if (f->precision == TACET_PRECISION_F16)
    multiply_as (f, TACET_PRECISION_F16, tiles, a, c);
  else
    multiply_as (f, TACET_PRECISION_BF16, tiles, a, c);
}

void
tacet_winograd_stream_few (const TacetStreamFew *f, int64_t tiles, const float *a, float *c)
{
  if (tiles == 1)
    multiply_tiles (f, 1, a, c);
  else if (tiles == 2)
    multiply_tiles (f, 2, a, c);
  else if (tiles == 3)
    multiply_tiles (f, 3, a, c);
  else
    multiply_tiles (f, 4, a, c);
}

#endif
