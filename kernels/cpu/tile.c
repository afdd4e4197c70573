/* tile.c: the register tile of all products: rows of results two vectors wide, which stay in registers while one
 * row of b and one element of each row of a after the other come in.
 *
 * Room: kernels/.  With the 32 registers of AVX-512 it has 12 rows of 32 columns, with those of NEON 12 of 8, with
 * AVX2 6 of 16, else 6 of 8.  Each result is one sum in one order, so its bits do not depend on the tile.
 */
#include "gemm.h"
#include "vector.h"

#include <string.h>

#define LANES TACET_LANES
#if TACET_REGISTERS == 32
#define ROWS 12
#else
#define ROWS 6
#endif
#define WIDTH (2 * LANES)
#define LINE  16 /* floats of a line of the cache */

typedef float V __attribute__ ((vector_size (4 * LANES)));

static inline V
load (const float *from)
{
  V v;
  memcpy (&v, from, sizeof v);
  return v;
}

static inline void
store (float *to, V v)
{
  memcpy (to, &v, sizeof v);
}

/* a b + c in one rounding where there is such an instruction: a compiler that sees a b several times might else
 * multiply first, at one level of instructions and not at another. */
static inline V
multiply_add (V a, V b, V c)
{
#if LANES == 16
  return (V) _mm512_fmadd_ps ((__m512) a, (__m512) b, (__m512) c);
#elif defined __FMA__
  return (V) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c);
#else
  return a * b + c;
#endif
}

static inline float
multiply_add_one (float a, float b, float c)
{
#if defined __FMA__ || defined __aarch64__
  return __builtin_fmaf (a, b, c);
#else
  return a * b + c;
#endif
}

/* Where row i starts. */
static inline int64_t
row_at (const int64_t *table, int64_t stride, int64_t i)
{
  return table != NULL ? table[i] : i * stride;
}

static void
store_few (float *c, const float *bias, float alpha, bool add, int64_t columns, const float *results)
{
  for (int64_t i = 0; i < columns; i++)
    {
      const float before = add ? c[i] : bias != NULL ? bias[i] : 0;
      c[i] = multiply_add_one (results[i], alpha, before);
    }
}

/* Fewer columns than the tile has: results {rows, WIDTH} to where they belong. */
static __attribute__ ((noinline)) void
store_part (const TacetTile *t, int64_t first, int64_t column, int rows, const float *results)
{
  const int64_t columns = t->columns - column < WIDTH ? t->columns - column : WIDTH;

  for (int64_t r = 0; r < rows; r++, results += WIDTH)
    store_few (t->c + row_at (t->c_rows, t->c_stride, first + r) + column, t->bias != NULL ? t->bias + column : NULL,
               t->alpha, t->add, columns, results);
}

/* Rows first .. first + rows - 1, columns from `column` on; narrow: one vector of them. */
static inline __attribute__ ((always_inline)) void
tile (const TacetTile *t, const int64_t first, const int64_t column, const int rows, const bool narrow)
{
#define EACH_ROW(DO) DO (0) DO (1) DO (2) DO (3) DO (4) DO (5) DO (6) DO (7) DO (8) DO (9) DO (10) DO (11)
#define START(R)                                                                                                       \
  const float *a##R = t->a + (rows > R ? row_at (t->a_rows, t->a_stride, first + R) : 0);                              \
  V x##R = { 0 }, y##R = { 0 };
  EACH_ROW (START)
#define FETCH(R)                                                                                                       \
  if (rows > R)                                                                                                        \
    for (int i = 0; i < (narrow ? LANES : WIDTH); i += LINE)                                                           \
      __builtin_prefetch (t->c + column + row_at (t->c_rows, t->c_stride, first + R) + i, 1);
  if (t->c_is_far)
    {
      EACH_ROW (FETCH)
    }
  const int64_t length = t->length, a_step = t->a_step, b_stride = t->b_stride;
  const int64_t second = LANES < TACET_TILE_COLUMNS ? LANES : t->b_panel;

  for (int64_t run = 0; run < t->n_runs; run++)
    {
      const float *b = t->b + column / TACET_TILE_COLUMNS * t->b_panel + column % TACET_TILE_COLUMNS + t->b_at[run];
      int64_t i = t->a_at[run];
#pragma GCC unroll 4
      for (int64_t k = 0; k < length; k++, b += b_stride, i += a_step)
        {
          const V p = load (b), q = narrow ? p : load (b + second);
#define STEP(R)                                                                                                        \
  if (rows > R)                                                                                                        \
    {                                                                                                                  \
      x##R += a##R[i] * p;                                                                                             \
      if (!narrow)                                                                                                     \
        y##R += a##R[i] * q;                                                                                           \
    }
          EACH_ROW (STEP)
        }
    }

  if (t->columns - column < (narrow ? LANES : WIDTH))
    {
      float memory[ROWS * WIDTH], *results = memory;
      __asm__("" : "+r"(results)); /* hides its alignment: the address sanitizer of GCC 12 keeps only 32 bytes */
#define KEEP(R)                                                                                                        \
  if (rows > R)                                                                                                        \
    {                                                                                                                  \
      store (results + R * WIDTH, x##R);                                                                               \
      if (!narrow)                                                                                                     \
        store (results + R * WIDTH + LANES, y##R);                                                                     \
    }
      EACH_ROW (KEEP)
      store_part (t, first, column, rows, results);
      return;
    }
#define STORE(R)                                                                                                       \
  if (rows > R)                                                                                                        \
    {                                                                                                                  \
      float *to = c + row_at (t->c_rows, t->c_stride, first + R);                                                      \
      store (to, multiply_add (x##R, alpha, add ? load (to) : p));                                                     \
      if (!narrow)                                                                                                     \
        store (to + LANES, multiply_add (y##R, alpha, add ? load (to + LANES) : q));                                   \
    }
  const V alpha = t->alpha - (V){ 0 };
  float *c = t->c + column;
  V p = { 0 }, q = { 0 };
  if (t->add)
    {
      const bool add = true;
      EACH_ROW (STORE)
    }
  else
    {
      const bool add = false;
      if (t->bias != NULL)
        {
          p = load (t->bias + column);
          q = narrow ? q : load (t->bias + column + LANES);
        }
      EACH_ROW (STORE)
    }
}

typedef void (*Tile) (const TacetTile *t, int64_t first, int64_t column);

#define TILES_OF(N)                                                                                                    \
  static void wide_##N (const TacetTile *t, int64_t first, int64_t column)                                             \
  {                                                                                                                    \
    tile (t, first, column, N, false);                                                                                 \
  }                                                                                                                    \
  static void narrow_##N (const TacetTile *t, int64_t first, int64_t column)                                           \
  {                                                                                                                    \
    tile (t, first, column, N, true);                                                                                  \
  }

TILES_OF (1)
TILES_OF (2)
TILES_OF (3)
TILES_OF (4)
TILES_OF (5)
TILES_OF (6)
#if ROWS == 12
TILES_OF (7)
TILES_OF (8)
TILES_OF (9)
TILES_OF (10)
TILES_OF (11)
TILES_OF (12)
static const Tile wide[] = { NULL,   wide_1, wide_2, wide_3,  wide_4,  wide_5, wide_6,
                             wide_7, wide_8, wide_9, wide_10, wide_11, wide_12 };
static const Tile narrow[] = { NULL,     narrow_1, narrow_2, narrow_3,  narrow_4,  narrow_5, narrow_6,
                               narrow_7, narrow_8, narrow_9, narrow_10, narrow_11, narrow_12 };
#else
static const Tile wide[] = { NULL, wide_1, wide_2, wide_3, wide_4, wide_5, wide_6 };
static const Tile narrow[] = { NULL, narrow_1, narrow_2, narrow_3, narrow_4, narrow_5, narrow_6 };
#endif

/* The rows of the next tile: a few that remain share with the last full tile, since a tile of one or two rows waits
 * for its own sums. */
static inline int64_t
strip (int64_t rows)
{
  if (rows >= ROWS + ROWS / 2 || rows == ROWS)
    return ROWS;
  return rows > ROWS ? (rows + 1) / 2 : rows;
}

void
tacet_tile_run (const TacetTile *t)
{
  for (int64_t column = 0; column < t->columns; column += WIDTH)
    {
      const Tile *tiles = t->columns - column <= LANES ? narrow : wide;
      int64_t i = 0, rows;
      for (; i < t->rows; i += rows)
        {
          rows = strip (t->rows - i);
          tiles[rows](t, i, column);
        }
    }
}
