/* halves.h: some numbers of 16 bits, from and to f32; exactly, if they are of that precision.
 *
 * Room: kernels/ (private).
 */
#pragma once

#include "kernels/tacet-kernels.h"
#include "vector.h"

#include <stdbool.h>

/* Whether f16 is widened by an instruction, cheaply enough to do it several times. */
#if defined __F16C__ || defined __ARM_FP16_FORMAT_IEEE
#define TACET_WIDENS_FAST true
#else
#define TACET_WIDENS_FAST false
#endif

#ifdef __F16C__
static inline V8
v8_of_f16 (const uint16_t *from)
{
  return (V8) _mm256_cvtph_ps (_mm_loadu_si128 ((const __m128i *) from));
}

static inline void
v8_to_f16 (V8 v, uint16_t *to)
{
  _mm_storeu_si128 ((__m128i *) to, _mm256_cvtps_ph ((__m256) v, _MM_FROUND_TO_NEAREST_INT));
}
#elif defined __ARM_FP16_FORMAT_IEEE
static inline V8
v8_of_f16 (const uint16_t *from)
{
  V8 v;
  for (int i = 0; i < 8; i++)
    v[i] = ((const __fp16 *) from)[i];
  return v;
}

static inline void
v8_to_f16 (V8 v, uint16_t *to)
{
  for (int i = 0; i < 8; i++)
    ((__fp16 *) to)[i] = (__fp16) v[i];
}
#else
static inline float
float_of (uint32_t bits)
{
  float x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

static inline uint32_t
bits_of (float x)
{
  uint32_t bits;

  memcpy (&bits, &x, sizeof bits);
  return bits;
}

/* 2^112 moves the exponent of one to that of the other, numbers below the normal ones included. */
static inline V8
v8_of_f16 (const uint16_t *from)
{
  V8 v;
  for (int i = 0; i < 8; i++)
    {
      const uint32_t size = from[i] & 0x7fffu, sign = (uint32_t) (from[i] & 0x8000u) << 16;
      const uint32_t finite = bits_of (float_of (size << 13) * 0x1p112f);
      v[i] = float_of (sign | (size >= 0x7c00 ? size << 13 | 0x7f800000 : finite));
    }
  return v;
}

static inline void
v8_to_f16 (V8 v, uint16_t *to)
{
  for (int i = 0; i < 8; i++)
    {
      const uint32_t bits = bits_of (v[i]), size = bits & 0x7fffffff;
      const uint32_t finite = bits_of (float_of (size) * 0x1p-112f) >> 13;
      to[i] = (uint16_t) (bits >> 16 & 0x8000) | (uint16_t) (size >= 0x7f800000 ? size >> 13 & 0x7fff : finite);
    }
}
#endif

/* The upper half of f32. */
static inline V8
v8_of_bf16 (const uint16_t *from)
{
  uint16_t bits[8];
  I8 wide;

  memcpy (bits, from, sizeof bits);
  for (int i = 0; i < 8; i++)
    wide[i] = (int32_t) ((uint32_t) bits[i] << 16);
  return (V8) wide;
}

/* As many as the widest register holds. */
#if VW_LANES == 16
static inline VW
vw_of_f16 (const uint16_t *from)
{
  return (VW) _mm512_cvtph_ps (_mm256_loadu_si256 ((const __m256i *) from));
}

static inline VW
vw_of_bf16 (const uint16_t *from)
{
  const __m512i wide = _mm512_cvtepu16_epi32 (_mm256_loadu_si256 ((const __m256i *) from));

  return (VW) _mm512_slli_epi32 (wide, 16);
}
#else
#define vw_of_f16  v8_of_f16
#define vw_of_bf16 v8_of_bf16
#endif

/* Number i and those after it of what rests in a precision that is known when this is compiled. */
static inline __attribute__ ((always_inline)) VW
vw_load_as (const TacetPrecision precision, const void *from, int64_t i)
{
  return precision == TACET_PRECISION_F32   ? vw_load ((const float *) from + i)
         : precision == TACET_PRECISION_F16 ? vw_of_f16 ((const uint16_t *) from + i)
                                            : vw_of_bf16 ((const uint16_t *) from + i);
}
