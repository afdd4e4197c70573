/* winograd-transform.h: the four one-dimensional transforms of F(4,3), on as many channels as the widest register
 * holds.
 *
 * Room: kernels/ (private).
 *
 * Lavin and Gray 2016, https://arxiv.org/abs/1509.09308; the matrices follow from the points by Cook and
 * Toom's construction.  The points are 0, +-5/8, +-3/2 and infinity: on random data their error is
 * half of that of the usual 0, +-1, +-2 (7e-7 against 1.6e-6, 64 channels), at the same cost.
 */
#pragma once

#include "vector.h"

#define WA  0.625f
#define WB  1.5f
#define WA2 (WA * WA)
#define WB2 (WB * WB)

/* 6 inputs -> 6: B' d */
static inline __attribute__ ((always_inline)) void
tacet_winograd_input (VW d0, VW d1, VW d2, VW d3, VW d4, VW d5, VW v[6])
{
  const VW even_a = d4 - WB2 * d2, odd_a = WA * (d3 - WB2 * d1);
  const VW even_b = d4 - WA2 * d2, odd_b = WB * (d3 - WA2 * d1);

  v[0] = (WA2 * WB2) * d0 - (WA2 + WB2) * d2 + d4;
  v[1] = even_a + odd_a;
  v[2] = even_a - odd_a;
  v[3] = even_b + odd_b;
  v[4] = even_b - odd_b;
  v[5] = (WA2 * WB2) * d1 - (WA2 + WB2) * d3 + d5;
}

/* What the matrix G of the weights would divide by stands in A' instead: weights are transformed most often, and
 * without it a transform is six multiply-adds. */
#define WN0 (1 / (WA2 * WB2))
#define WNA (1 / (2 * WA2 * (WA2 - WB2)))
#define WNB (1 / (2 * WB2 * (WB2 - WA2)))

/* 6 products -> 4 outputs: A' m */
static inline __attribute__ ((always_inline)) void
tacet_winograd_output (VW m0, VW m1, VW m2, VW m3, VW m4, VW m5, VW y[4])
{
  const VW sum_a = m1 + m2, dif_a = m1 - m2, sum_b = m3 + m4, dif_b = m3 - m4;

  y[0] = WN0 * m0 + WNA * sum_a + WNB * sum_b;
  y[1] = (WNA * WA) * dif_a + (WNB * WB) * dif_b;
  y[2] = (WNA * WA2) * sum_a + (WNB * WB2) * sum_b;
  y[3] = (WNA * WA * WA2) * dif_a + (WNB * WB * WB2) * dif_b + m5;
}

/* 4 gradients of outputs -> 6: A g */
static inline __attribute__ ((always_inline)) void
tacet_winograd_grad (VW g0, VW g1, VW g2, VW g3, VW m[6])
{
  const VW even_a = WNA * (g0 + WA2 * g2), odd_a = (WNA * WA) * (g1 + WA2 * g3);
  const VW even_b = WNB * (g0 + WB2 * g2), odd_b = (WNB * WB) * (g1 + WB2 * g3);

  m[0] = WN0 * g0;
  m[1] = even_a + odd_a;
  m[2] = even_a - odd_a;
  m[3] = even_b + odd_b;
  m[4] = even_b - odd_b;
  m[5] = g3;
}

/* 3 weights -> 6: G w */
static inline __attribute__ ((always_inline)) void
tacet_winograd_kernel (VW w0, VW w1, VW w2, VW u[6])
{
  const VW even_a = w0 + WA2 * w2, even_b = w0 + WB2 * w2;

  u[0] = w0;
  u[1] = even_a + WA * w1;
  u[2] = even_a - WA * w1;
  u[3] = even_b + WB * w1;
  u[4] = even_b - WB * w1;
  u[5] = w2;
}

/* The six rows of transformed weights are made in pairs, which share sums: rows 0 and 5, 1 and 2, 3 and 4. */
#define WINOGRAD_PAIRS 3

static inline int
tacet_winograd_row (int pair, int second)
{
  return pair > 0 ? 2 * pair - 1 + second : 5 * second;
}

/* nine {3,3} of some outputs each -> a pair of rows, the six of the first at to, of the second at next, plane apart */
static inline __attribute__ ((always_inline)) void
tacet_winograd_kernel_rows (const int pair, const VW k[9], const int lanes, float *to, float *next, int64_t plane)
{
  const float at = pair == 1 ? WA : WB;
  VW first[3], second[3], v[6];

  for (int i = 0; i < 3; i++)
    {
      const VW even = k[i] + at * at * k[6 + i], odd = at * k[3 + i];
      first[i] = pair == 0 ? k[i] : even + odd;
      second[i] = pair == 0 ? k[6 + i] : even - odd;
    }
  tacet_winograd_kernel (first[0], first[1], first[2], v);
  for (int b = 0; b < 6; b++)
    vw_store_some (to + b * plane, v[b], lanes);
  tacet_winograd_kernel (second[0], second[1], second[2], v);
  for (int b = 0; b < 6; b++)
    vw_store_some (next + b * plane, v[b], lanes);
}

/* ... -> all 36, plane apart */
static inline __attribute__ ((always_inline)) void
tacet_winograd_kernel_square (const VW k[9], const int lanes, float *to, int64_t plane)
{
  tacet_winograd_kernel_rows (0, k, lanes, to, to + 30 * plane, plane);
  tacet_winograd_kernel_rows (1, k, lanes, to + 6 * plane, to + 12 * plane, plane);
  tacet_winograd_kernel_rows (2, k, lanes, to + 18 * plane, to + 24 * plane, plane);
}

/* 6 gradients of transformed weights -> 3: G' u */
static inline __attribute__ ((always_inline)) void
tacet_winograd_kernel_grad (VW u0, VW u1, VW u2, VW u3, VW u4, VW u5, VW w[3])
{
  const VW sum_a = u1 + u2, sum_b = u3 + u4;

  w[0] = u0 + sum_a + sum_b;
  w[1] = WA * (u1 - u2) + WB * (u3 - u4);
  w[2] = WA2 * sum_a + WB2 * sum_b + u5;
}
