/* tile.c: the register tile of all products: 6 rows by 16 columns, 12 of the 16 vector registers hold
 * results, one row of b and one broadcast element of a the rest.
 *
 * Room: kernels/.
 */
#include "gemm.h"

#include <immintrin.h>

/* Eight lanes of -1, eight of 0: eight from 8 - n on are the mask of the first n. */
static const int32_t lane_masks[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };

static inline __m256i
lanes (int n)
{
  return _mm256_loadu_si256 ((const __m256i *) (lane_masks + 8 - (n < 0 ? 0 : n > 8 ? 8 : n)));
}

static inline __attribute__ ((always_inline)) void
store_row (const TacetTile *t, float *c, __m256 x, __m256 y)
{
  const __m256 alpha = _mm256_set1_ps (t->alpha);
  const float *to = t->add ? c : t->bias;

  if (t->columns == TACET_TILE_COLUMNS)
    {
      x = to != NULL ? _mm256_fmadd_ps (x, alpha, _mm256_loadu_ps (to)) : _mm256_mul_ps (x, alpha);
      y = to != NULL ? _mm256_fmadd_ps (y, alpha, _mm256_loadu_ps (to + 8)) : _mm256_mul_ps (y, alpha);
      _mm256_storeu_ps (c, x);
      _mm256_storeu_ps (c + 8, y);
    }
  else
    {
      const __m256i low = lanes (t->columns), high = lanes (t->columns - 8);
      x = _mm256_mul_ps (x, alpha);
      y = _mm256_mul_ps (y, alpha);
      if (to != NULL)
        {
          x = _mm256_add_ps (x, _mm256_maskload_ps (to, low));
          if (t->columns > 8)
            y = _mm256_add_ps (y, _mm256_maskload_ps (to + 8, high));
        }
      _mm256_maskstore_ps (c, low, x);
      if (t->columns > 8)
        _mm256_maskstore_ps (c + 8, high, y);
    }
}

/* Rows first .. first + rows - 1; table: they start where a_rows and c_rows say; narrow: at most 8 columns. */
static inline __attribute__ ((always_inline)) void
tile (const TacetTile *t, const int64_t first, const int rows, const bool table, const bool narrow)
{
#define A_ROW(R) (t->a + (table ? t->a_rows[first + (R)] : (first + (R)) * t->a_stride))
  const float *a0 = A_ROW (0), *a1 = A_ROW (rows > 1 ? 1 : 0), *a2 = A_ROW (rows > 2 ? 2 : 0),
              *a3 = A_ROW (rows > 3 ? 3 : 0), *a4 = A_ROW (rows > 4 ? 4 : 0), *a5 = A_ROW (rows > 5 ? 5 : 0);
#undef A_ROW
  const int64_t length = t->length, a_step = t->a_step, b_stride = t->b_stride;
  __m256 x0 = _mm256_setzero_ps (), x1 = x0, x2 = x0, x3 = x0, x4 = x0, x5 = x0;
  __m256 y0 = x0, y1 = x0, y2 = x0, y3 = x0, y4 = x0, y5 = x0;

  for (int64_t run = 0; run < t->n_runs; run++)
    {
      const float *b = t->b + t->b_at[run];
      int64_t i = t->a_at[run];
#pragma GCC unroll 4
      for (int64_t k = 0; k < length; k++, b += b_stride, i += a_step)
        {
          const __m256 p = _mm256_loadu_ps (b), q = narrow ? p : _mm256_loadu_ps (b + 8);
#define ROW(R)                                                                                                         \
  if (rows > R)                                                                                                        \
    {                                                                                                                  \
      const __m256 e = _mm256_broadcast_ss (a##R + i);                                                                 \
      x##R = _mm256_fmadd_ps (e, p, x##R);                                                                             \
      if (!narrow)                                                                                                     \
        y##R = _mm256_fmadd_ps (e, q, y##R);                                                                           \
    }
          ROW (0)
          ROW (1)
          ROW (2)
          ROW (3)
          ROW (4)
          ROW (5)
#undef ROW
        }
    }
#define STORE(R)                                                                                                       \
  if (rows > R)                                                                                                        \
    store_row (t, t->c + (table ? t->c_rows[first + (R)] : (first + (R)) * t->c_stride), x##R, y##R);
  STORE (0)
  STORE (1)
  STORE (2)
  STORE (3)
  STORE (4)
  STORE (5)
#undef STORE
}

static inline __attribute__ ((always_inline)) void
strip (const TacetTile *t, const bool table, const bool narrow)
{
  int64_t i = 0;

  for (; i + TACET_TILE_ROWS <= t->rows; i += TACET_TILE_ROWS)
    tile (t, i, TACET_TILE_ROWS, table, narrow);
  switch (t->rows - i)
    {
    case 5:
      tile (t, i, 5, table, narrow);
      break;
    case 4:
      tile (t, i, 4, table, narrow);
      break;
    case 3:
      tile (t, i, 3, table, narrow);
      break;
    case 2:
      tile (t, i, 2, table, narrow);
      break;
    case 1:
      tile (t, i, 1, table, narrow);
      break;
    default:
      break;
    }
}

void
tacet_tile_run (const TacetTile *t)
{
  const bool narrow = t->columns <= 8;

  if (t->a_rows != NULL && narrow)
    strip (t, true, true);
  else if (t->a_rows != NULL)
    strip (t, true, false);
  else if (narrow)
    strip (t, false, true);
  else
    strip (t, false, false);
}
