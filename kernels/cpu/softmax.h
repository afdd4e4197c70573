/* softmax.h: rows of scores, as softmax and attention need them.
 *
 * Room: kernels/ (private).
 */
#pragma once

#include "cpu.h"
#include "vector.h"

#include <math.h>

/* The largest of scale x and of least. */
static inline float
tacet_row_highest (const float *x, int64_t n, float scale, float least)
{
  V8 top = v8_set (least);
  float highest;
  int64_t i = 0;

  for (; i + 8 <= n; i += 8)
    top = v8_max (v8_load (x + i) * scale, top);
  highest = v8_highest (top);
  for (; i < n; i++)
    highest = x[i] * scale > highest ? x[i] * scale : highest;
  return highest;
}

static inline float
tacet_row_dot (const float *a, const float *b, int64_t n)
{
  V8 sums = { 0 };
  float sum;
  int64_t i = 0;

  for (; i + 8 <= n; i += 8)
    sums += v8_load (a + i) * v8_load (b + i);
  sum = v8_sum (sums);
  for (; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* out = exp (scale x - top) with top the largest of scale x and *highest, which is updated; returns the sum. */
float tacet_softmax_row (float *out, const float *x, int64_t n, float scale, float *highest);
