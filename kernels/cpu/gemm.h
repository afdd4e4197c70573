/* gemm.h: products of row-major matrices by one thread, and the register tile under them that the
 * convolutions use directly.
 *
 * Room: kernels/ (private).
 *
 * Why not a BLAS: the serial OpenBLAS that distributions ship does not lock its work buffers, so two
 * threads inside it may share one and spoil each other's result; and convolutions want the tile.
 */
#pragma once

#include "kernels/tacet-kernels.h"
#include "names.h"
#include "vector.h"

#define TACET_TILE_ROWS    12 /* a multiple of the rows of every tile */
#define TACET_TILE_COLUMNS 16 /* of a panel of b */
#define TACET_TILE_WIDTH   32 /* columns that the widest tile does at once: two panels */

/* Whether b may rest as f16: AVX-512 widens a panel's row by one instruction. */
#define TACET_TILE_READS_F16 (TACET_LANES == 16)

/* Memory that will be read soon: pieces of `bytes`, `stride` bytes apart. */
typedef struct
{
  const void *at; /* NULL: none */
  int64_t pieces, bytes, stride;
} TacetAhead;

/* Any number of rows and columns, done in tiles:
 * c[r][0 .. columns - 1] = alpha sum a[r][x] b[y] (+ bias), or that added to c.  The sum runs over n_runs runs
 * of length elements: in run s, a[r] is read from a_at[s] on in steps of a_step, b from b_at[s] on, one row
 * of b_stride floats after the other; the next 16 columns of b lie b_panel floats further on.  Whole panels of b
 * are read in any case. */
typedef struct
{
  const float *a;
  float *c;
  const int64_t *a_rows, *c_rows; /* where each row starts, in floats from a and c; NULL: a_stride, c_stride apart */
  int64_t a_stride, c_stride, a_step;
  const void *b;              /* f32; f16 with b_is_half */
  const int64_t *a_at, *b_at; /* in floats */
  int64_t n_runs, length, b_stride, b_panel;
  const float *bias; /* columns floats, or NULL; not together with add */
  float alpha;
  bool add;
  bool b_is_half; /* only with TACET_TILE_READS_F16 and rows of a a_stride apart */
  /* In the memory or a cache of all cores: sent for before they are needed.  Of a, whose rows lie a_stride apart in
   * one run, with steps of 1: the rows of a strip while the first columns of the strip before are multiplied. */
  bool c_is_far, a_is_far;
  TacetAhead ahead; /* is sent for to the second cache, a share of it with each strip of rows */
  int64_t rows, columns;
} TacetTile;

void tacet_tile_run (const TacetTile *tile);

/* How many of the rows that are left to do at once, at most `most`: a few that remain share with the last full tile,
 * since one of one or two rows waits for its own sums. */
static inline int64_t
tacet_tile_strip (int64_t left, int64_t most)
{
  if (left >= most + most / 2 || left == most)
    return most;
  return left > most ? (left + 1) / 2 : left;
}

/* c {m,n} (row stride c_stride) = alpha a b + bias, or with add: c += alpha a b. */
typedef struct
{
  int64_t m, n, k;
  float alpha;
  const float *a; /* {m,k}; {k,m} with trans_a */
  const float *b; /* {k,n}; {n,k} with trans_b; ignored with packed */
  int64_t a_stride, b_stride, c_stride;
  bool trans_a, trans_b, add;
  const void *packed; /* b as tacet_gemm_pack () or, in another precision, tacet_gemm_pack_as () left it, or NULL */
  TacetPrecision precision; /* of packed */
  bool reads_f16;           /* packed f16 where it lies, if the tile can: TACET_TILE_READS_F16 */
  const float *bias;        /* n floats, or NULL; not together with add */
  float *c;
} TacetGemm;

/* Floats of work that one run needs. */
int64_t tacet_gemm_work (const TacetGemm *g);
void tacet_gemm_run (const TacetGemm *g, float *work);

/* b for many runs: panels {k, 16} of 16 columns, the last filled up with zeros. */
static inline int64_t
tacet_gemm_panels (int64_t n)
{
  return (n + TACET_TILE_COLUMNS - 1) / TACET_TILE_COLUMNS;
}

static inline int64_t
tacet_gemm_packed_floats (int64_t n, int64_t k)
{
  return tacet_gemm_panels (n) * TACET_TILE_COLUMNS * k;
}

/* Packs columns first .. last - 1, first a multiple of 16, where they belong in packed. */
void tacet_gemm_pack (const float *b, int64_t b_stride, bool trans_b, int64_t k, int64_t first, int64_t last,
                      float *packed);

/* The same in any precision; packed has the size tacet_precision_bytes () times floats. */
void tacet_gemm_pack_as (TacetPrecision precision, const float *b, int64_t b_stride, bool trans_b, int64_t k,
                         int64_t first, int64_t last, void *packed);

static inline int64_t
tacet_precision_bytes (TacetPrecision precision)
{
  return precision == TACET_PRECISION_F32 ? 4 : 2;
}

/* Element i of what rests in some precision. */
static inline const void *
tacet_precision_at (TacetPrecision precision, const void *packed, int64_t i)
{
  return (const char *) packed + i * tacet_precision_bytes (precision);
}

/* Between f32 and 16 bits, without loss if the values are of that precision; n is a multiple of 8. */
void tacet_widen (TacetPrecision precision, const void *from, int64_t n, float *to);
void tacet_narrow (TacetPrecision precision, const float *from, int64_t n, void *to);

/* to {columns, rows} = from {rows, columns} */
void tacet_transpose (const float *from, int64_t from_stride, int64_t rows, int64_t columns, float *to,
                      int64_t to_stride);
