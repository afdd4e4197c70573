/* tile.c: the register tile of all products: rows of results two vectors wide, which stay in registers while one
 * row of b and one element of each row of a after the other come in.
 *
 * Room: kernels/.  With the 32 registers of AVX-512 it has 12 rows of 32 columns, with those of NEON 12 of 8, with
 * AVX2 6 of 16, else 6 of 8.  Each result is one sum in one order, so its bits do not depend on the tile.
 */
#include "cpu.h"
#include "gemm.h"
#include "halves.h"

#include <string.h>

#define LANES TACET_LANES
#if TACET_REGISTERS == 32
#define ROWS 12
#else
#define ROWS 6
#endif
#define WIDTH (2 * LANES)
#define GROUP 3 /* rows that one pointer serves: none, one and two strides from it */
#define PAIR  2 /* the same of rows that tables find */
#define LINE  TACET_LINE

/* a b + c in one rounding where there is such an instruction: a compiler that sees a b several times might else
 * multiply first, at one level of instructions and not at another. */
static inline VR
multiply_add (VR a, VR b, VR c)
{
#if LANES == 16
  return (VR) _mm512_fmadd_ps ((__m512) a, (__m512) b, (__m512) c);
#elif defined __FMA__
  return (VR) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c);
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

static void
store_few (float *c, const float *bias, float alpha, bool add, int64_t columns, const float *results)
{
  for (int64_t i = 0; i < columns; i++)
    {
      const float before = add ? c[i] : bias != NULL ? bias[i] : 0;
      c[i] = multiply_add_one (results[i], alpha, before);
    }
}

/* Fewer columns than the tile has, or a factor: results {rows, WIDTH} to where they belong. */
static __attribute__ ((noinline)) void
store_part (const TacetTile *t, int64_t first, int64_t column, int rows, const float *results)
{
  const int64_t columns = t->columns - column < WIDTH ? t->columns - column : WIDTH;

  for (int64_t r = first; r < first + rows; r++, results += WIDTH)
    store_few (t->c + (t->c_rows != NULL ? t->c_rows[r] : r * t->c_stride) + column,
               t->bias != NULL ? t->bias + column : NULL, t->alpha, t->add, columns, results);
}

/* What a tile is, known when it is compiled. */
typedef struct
{
  int rows;
  bool narrow; /* one vector wide */
  bool table;  /* rows lie where tables say, those of a in pairs a distance apart */
  bool half;   /* b rests as f16 */
  bool sends;  /* for the rows of the next tile, which are far */
} Kind;

#define EACH_ROW _Pragma ("GCC unroll 12") for (int r = 0; r < kind.rows; r++)

/* Element i of b. */
static inline __attribute__ ((always_inline)) const char *
place_in_b (const Kind kind, const char *b, int64_t i)
{
  return b + i * (kind.half ? sizeof (uint16_t) : sizeof (float));
}

static inline __attribute__ ((always_inline)) VR
load_b (const Kind kind, const char *b)
{
#if TACET_TILE_READS_F16
  if (kind.half)
    return vw_of_f16 ((const uint16_t *) b);
#endif
  return vr_load ((const float *) b);
}

/* The sums of one run are added to x, y. */
static inline __attribute__ ((always_inline)) void
add_run (const TacetTile *t, const Kind kind, const float *a, int64_t first, const char *b, VR *x, VR *y)
{
  const int64_t a_step = t->a_step, b_stride = place_in_b (kind, b, t->b_stride) - b;
  const int64_t second = place_in_b (kind, b, LANES < TACET_TILE_COLUMNS ? LANES : t->b_panel) - b;
  const int64_t stride = !kind.table ? t->a_stride : kind.rows > 1 ? t->a_rows[first + 1] - t->a_rows[first] : 0;
  const int group = kind.table ? PAIR : GROUP;
  const float *at[ROWS];

  EACH_ROW
  if (r % group == 0)
    at[r] = a + (kind.table ? t->a_rows[first + r] : (first + r) * stride);
  for (int64_t left = t->length, some; left > 0; left -= some)
    {
      some = kind.sends && left > LINE ? LINE : left;
      if (kind.sends)
        EACH_ROW __builtin_prefetch (at[r - r % group] + (r % group + kind.rows) * stride, 0, 2);
      for (int64_t k = some; k > 0; k--, b += b_stride)
        {
          const VR p = load_b (kind, b), q = kind.narrow ? p : load_b (kind, b + second);
          EACH_ROW
          {
            const int of = r - r % group;
            if (r == of)
              __asm__("" : "+r"(at[of])); /* or it becomes a pointer for each row, more than there are registers */
            const VR e = at[of][(r - of) * stride] - (VR){ 0 };
            x[r] += e * p;
            if (!kind.narrow)
              y[r] += e * q;
            if (r - of == group - 1 || r == kind.rows - 1)
              at[of] += a_step;
          }
        }
    }
}

static inline __attribute__ ((always_inline)) void
store_results (const TacetTile *t, const Kind kind, int64_t first, int64_t column, const bool add, const VR *x,
               const VR *y)
{
  const int64_t stride = t->c_stride;
  float *to = t->c + column + (kind.table ? 0 : first * stride);
  VR p = { 0 }, q = { 0 };

  if (!add && t->bias != NULL)
    {
      p = vr_load (t->bias + column);
      q = kind.narrow ? q : vr_load (t->bias + column + LANES);
    }
  EACH_ROW
  {
    float *row = kind.table ? to + t->c_rows[first + r] : to;
    vr_store (row, x[r] + (add ? vr_load (row) : p));
    if (!kind.narrow)
      vr_store (row + LANES, y[r] + (add ? vr_load (row + LANES) : q));
    to += kind.table ? 0 : stride;
  }
}

/* Rows first .., columns from `column` on. */
static inline __attribute__ ((always_inline)) void
tile (const TacetTile *t, const Kind kind, const int64_t first, const int64_t column)
{
  const int64_t width = kind.narrow ? LANES : WIDTH;
  const char *b = place_in_b (kind, t->b, column / TACET_TILE_COLUMNS * t->b_panel + column % TACET_TILE_COLUMNS);
  VR x[ROWS] = { { 0 } }, y[ROWS] = { { 0 } };

  if (t->c_is_far)
    for (int64_t r = first; r < first + kind.rows; r++)
      for (int64_t i = 0; i < width; i += LINE)
        __builtin_prefetch (t->c + (kind.table ? t->c_rows[r] : r * t->c_stride) + column + i, 1);
  for (int64_t run = 0; run < t->n_runs; run++)
    add_run (t, kind, t->a + t->a_at[run], first, place_in_b (kind, b, t->b_at[run]), x, y);
  if (t->columns - column < width || t->alpha != 1)
    {
      float memory[ROWS * WIDTH], *results = memory;
      __asm__("" : "+r"(results)); /* hides its alignment: the address sanitizer of GCC 12 keeps only 32 bytes */
      EACH_ROW
      {
        vr_store (results + r * WIDTH, x[r]);
        if (!kind.narrow)
          vr_store (results + r * WIDTH + LANES, y[r]);
      }
      store_part (t, first, column, kind.rows, results);
    }
  else if (t->add)
    store_results (t, kind, first, column, true, x, y);
  else
    store_results (t, kind, first, column, false, x, y);
}

typedef void (*Tile) (const TacetTile *t, int64_t first, int64_t column);

#define TILE(N, NARROW, TABLE, HALF, NAME)                                                                             \
  static void NAME##_##N (const TacetTile *t, int64_t first, int64_t column)                                           \
  {                                                                                                                    \
    tile (t, (Kind){ N, NARROW, TABLE, HALF, false }, first, column);                                                  \
  }
#if TACET_TILE_READS_F16
#define HALF_TILES(N)                                                                                                  \
  TILE (N, false, false, true, half)                                                                                   \
  TILE (N, true, false, true, narrow_half)
#else
#define HALF_TILES(N)
#endif
#define TILES(N)                                                                                                       \
  TILE (N, false, false, false, wide)                                                                                  \
  TILE (N, true, false, false, narrow)                                                                                 \
  TILE (N, false, true, false, table)                                                                                  \
  TILE (N, true, true, false, narrow_table)                                                                            \
  HALF_TILES (N)
#define NAMES_6(NAME)  NULL, NAME##_1, NAME##_2, NAME##_3, NAME##_4, NAME##_5, NAME##_6
#define NAMES_12(NAME) NAMES_6 (NAME), NAME##_7, NAME##_8, NAME##_9, NAME##_10, NAME##_11, NAME##_12

TILES (1)
TILES (2)
TILES (3)
TILES (4)
TILES (5)
TILES (6)
#if ROWS == 12
TILES (7)
TILES (8)
TILES (9)
TILES (10)
TILES (11)
TILES (12)
#define NAMES NAMES_12
#else
#define NAMES NAMES_6
#endif

/* [narrow][rows] */
static const Tile plain_tiles[2][ROWS + 1] = { { NAMES (wide) }, { NAMES (narrow) } };
static const Tile table_tiles[2][ROWS + 1] = { { NAMES (table) }, { NAMES (narrow_table) } };

static void
sending (const TacetTile *t, int64_t first, int64_t column)
{
  tile (t, (Kind){ ROWS, false, false, false, true }, first, column);
}

#if TACET_TILE_READS_F16
static const Tile half_tiles[2][ROWS + 1] = { { NAMES (half) }, { NAMES (narrow_half) } };

static void
sending_half (const TacetTile *t, int64_t first, int64_t column)
{
  tile (t, (Kind){ ROWS, false, false, true, true }, first, column);
}
#else
#define half_tiles   plain_tiles
#define sending_half sending
#endif

/* The share of rows first .. first + rows - 1. */
static void
send_for (const TacetTile *t, int64_t first, int64_t rows)
{
  const TacetAhead *ahead = &t->ahead;
  const int64_t from = ahead->bytes * first / t->rows, to = ahead->bytes * (first + rows) / t->rows;

  for (int64_t i = 0; i < ahead->pieces; i++)
    for (int64_t byte = from; byte < to; byte += LINE * sizeof (float))
      __builtin_prefetch ((const char *) ahead->at + i * ahead->stride + byte, 0, 2);
}

/* How many of some rows that tables find one tile may do: until a pair has another distance than the first. */
static int64_t
even_pairs (const int64_t *at, int64_t rows)
{
  for (int64_t r = PAIR; r + 1 < rows; r += PAIR)
    if (at[r + 1] - at[r] != at[1] - at[0])
      return r;
  return rows;
}

void
tacet_tile_run (const TacetTile *t)
{
  const bool table = t->a_rows != NULL;
  const Tile (*tiles)[ROWS + 1] = table ? table_tiles : t->b_is_half ? half_tiles : plain_tiles;

  for (int64_t column = 0; column < t->columns; column += WIDTH)
    {
      const bool narrow = t->columns - column <= LANES;
      const bool sends = t->a_is_far && column == 0 && !narrow && !table;
      int64_t i = 0, rows;
      for (; i < t->rows; i += rows)
        {
          rows = tacet_tile_strip (t->rows - i, ROWS);
          if (table)
            rows = even_pairs (t->a_rows + i, rows);
          if (t->ahead.at != NULL && column == 0)
            send_for (t, i, rows);
          if (sends && rows == ROWS)
            (t->b_is_half ? sending_half : sending) (t, i, column);
          else
            tiles[narrow][rows](t, i, column);
        }
    }
}
