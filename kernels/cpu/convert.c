/* convert.c: the same numbers elsewhere: transposed, or in 16 bits.
 *
 * Room: kernels/.
 */
#include "gemm.h"
#include "halves.h"

#include <string.h>

#ifdef __AVX__
static inline void
transpose_8x8 (const float *from, int64_t from_stride, float *to, int64_t to_stride)
{
  V8 r[8], s[8];

  for (int i = 0; i < 8; i++)
    memcpy (&r[i], from + i * from_stride, sizeof *r);
  for (int i = 0; i < 4; i++)
    {
      s[2 * i] = __builtin_shufflevector (r[2 * i], r[2 * i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
      s[2 * i + 1] = __builtin_shufflevector (r[2 * i], r[2 * i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      {
        const V8 a = s[4 * i + j], b = s[4 * i + 2 + j];
        r[4 * i + 2 * j] = __builtin_shufflevector (a, b, 0, 1, 8, 9, 4, 5, 12, 13);
        r[4 * i + 2 * j + 1] = __builtin_shufflevector (a, b, 2, 3, 10, 11, 6, 7, 14, 15);
      }
  for (int i = 0; i < 4; i++)
    {
      const V8 low = __builtin_shufflevector (r[i], r[4 + i], 0, 1, 2, 3, 8, 9, 10, 11);
      const V8 high = __builtin_shufflevector (r[i], r[4 + i], 4, 5, 6, 7, 12, 13, 14, 15);
      memcpy (to + i * to_stride, &low, sizeof low);
      memcpy (to + (4 + i) * to_stride, &high, sizeof high);
    }
}
#else
typedef float V4 __attribute__ ((vector_size (16)));

static inline void
transpose_4x4 (const float *from, int64_t from_stride, float *to, int64_t to_stride)
{
  V4 r[4], s[4];

  for (int i = 0; i < 4; i++)
    memcpy (&r[i], from + i * from_stride, sizeof *r);
  for (int i = 0; i < 2; i++)
    {
      s[2 * i] = __builtin_shufflevector (r[2 * i], r[2 * i + 1], 0, 4, 1, 5);
      s[2 * i + 1] = __builtin_shufflevector (r[2 * i], r[2 * i + 1], 2, 6, 3, 7);
    }
  for (int i = 0; i < 2; i++)
    {
      r[2 * i] = __builtin_shufflevector (s[i], s[2 + i], 0, 1, 4, 5);
      r[2 * i + 1] = __builtin_shufflevector (s[i], s[2 + i], 2, 3, 6, 7);
    }
  for (int i = 0; i < 4; i++)
    memcpy (to + i * to_stride, &r[i], sizeof *r);
}

static inline void
transpose_8x8 (const float *from, int64_t from_stride, float *to, int64_t to_stride)
{
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 8; j += 4)
      transpose_4x4 (from + i * from_stride + j, from_stride, to + j * to_stride + i, to_stride);
}
#endif

void
tacet_transpose (const float *from, int64_t from_stride, int64_t rows, int64_t columns, float *to, int64_t to_stride)
{
  int64_t i = 0;

  for (; i + 8 <= rows; i += 8)
    {
      int64_t j = 0;
      for (; j + 8 <= columns; j += 8)
        transpose_8x8 (from + i * from_stride + j, from_stride, to + j * to_stride + i, to_stride);
      for (; j < columns; j++)
        for (int64_t k = i; k < i + 8; k++)
          to[j * to_stride + k] = from[k * from_stride + j];
    }
  for (; i < rows; i++)
    for (int64_t j = 0; j < columns; j++)
      to[j * to_stride + i] = from[i * from_stride + j];
}

void
tacet_widen (TacetPrecision precision, const void *from, int64_t n, float *to)
{
  const uint16_t *bits = from;
  int64_t i = 0;

  if (precision == TACET_PRECISION_F16)
    {
      for (; i + VW_LANES <= n; i += VW_LANES)
        vw_store (to + i, vw_of_f16 (bits + i));
      if (i < n)
        v8_store (to + i, v8_of_f16 (bits + i));
    }
  else
    {
      for (; i + VW_LANES <= n; i += VW_LANES)
        vw_store (to + i, vw_of_bf16 (bits + i));
      if (i < n)
        v8_store (to + i, v8_of_bf16 (bits + i));
    }
}

void
tacet_narrow (TacetPrecision precision, const float *from, int64_t n, void *to)
{
  uint16_t *bits = to;

  if (precision == TACET_PRECISION_F16)
    for (int64_t i = 0; i < n; i += 8)
      v8_to_f16 (v8_load (from + i), bits + i);
  else
    for (int64_t i = 0; i < n; i++)
      {
        uint32_t word;
        memcpy (&word, from + i, sizeof word);
        bits[i] = (uint16_t) (word >> 16);
      }
}
