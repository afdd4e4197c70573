/* attention.h: what attention and its gradient share.
 *
 * Room: kernels/ (private).
 *
 * Everything is computed transposed: a panel is 16 queries wide and as long as there are channels or keys, so
 * that maxima and sums over the keys run down the lanes of a vector, and keys and values are the operand of a
 * product that is read element by element: they are read where they lie, and nothing of them is packed.
 */
#pragma once

#include "gemm.h"
#include "vector-functions.h"
#include "cpu.h"

#define TACET_PANEL  TACET_TILE_COLUMNS /* queries side by side */
#define TACET_LOWEST (-1e30f) /* a score that counts as nothing; finite, so that two of them may be subtracted */

typedef struct
{
  const float *q, *k, *v;
  int64_t n, t, s, c, heads, d; /* d = c / heads */
  float scale;
  bool causal;
  float *scratch; /* stride floats for each thread */
  int64_t stride;
} TacetAttention;

/* first: the input that is q. */
void tacet_attention_init (TacetAttention *w, const TacetStep *step, int first);

/* The panel {d, 16} of the rows of x {count, d}, at most 16, that lie c floats apart; lanes beyond count are 0. */
void tacet_attention_panel (const TacetAttention *w, const float *x, int64_t count, float scale, float *panel);

/* c {rows, columns} = or += a {rows, k} b {k, columns}, with a[r][i] at a + r a_stride + i a_step; the next 16 columns
 * of b lie b_panel further on.  bias: columns floats that are added to each row, or NULL; not together with add. */
static inline void
tacet_attention_product (int64_t rows, int64_t columns, int64_t k, const float *a, int64_t a_stride, int64_t a_step,
                         const float *b, int64_t b_stride, int64_t b_panel, const float *bias, bool add, float *c,
                         int64_t c_stride)
{
  static const int64_t zero = 0;
  const TacetTile tile = { .a = a,
                           .a_stride = a_stride,
                           .a_step = a_step,
                           .c = c,
                           .c_stride = c_stride,
                           .b = b,
                           .b_stride = b_stride,
                           .b_panel = b_panel,
                           .a_at = &zero,
                           .b_at = &zero,
                           .n_runs = 1,
                           .length = k,
                           .bias = bias,
                           .alpha = 1,
                           .add = add,
                           .rows = rows,
                           .columns = columns };

  tacet_tile_run (&tile);
}

/* Of the keys first .. first + keys - 1, those that query row may not see get the score or the weight `value`. */
static inline void
tacet_attention_mask (float *panel, int64_t stride, int64_t first, int64_t keys, int64_t row, float value)
{
  for (int64_t j = tacet_max (first, row + 1); j < first + keys; j++)
    for (int64_t i = 0; i < tacet_min (TACET_PANEL, j - row); i++)
      panel[(j - first) * stride + i] = value;
}
