/* vector.h: floats side by side: eight (V8), a register of this level (VR), or the more of the two (VW).
 *
 * Room: kernels/ (private).
 */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX__
#include <immintrin.h>
#endif

/* Floats of the widest register of this level of instructions, and how many such registers it has. */
#ifdef __AVX512F__
#define TACET_LANES     16
#define TACET_REGISTERS 32
#elif defined __AVX__
#define TACET_LANES     8
#define TACET_REGISTERS 16
#elif defined __aarch64__
#define TACET_LANES     4
#define TACET_REGISTERS 32
#else
#define TACET_LANES     4
#define TACET_REGISTERS 16
#endif

typedef float V8 __attribute__ ((vector_size (32)));
typedef int32_t I8 __attribute__ ((vector_size (32)));
typedef double D4 __attribute__ ((vector_size (32)));

/* One register of this level: for loops that multiply and add in all of them. */
typedef float VR __attribute__ ((vector_size (4 * TACET_LANES)));

static inline VR
vr_load (const float *p)
{
  VR v;
  memcpy (&v, p, sizeof v);
  return v;
}

static inline void
vr_store (float *p, VR v)
{
  memcpy (p, &v, sizeof v);
}

static inline V8
v8_load (const float *p)
{
  V8 v;
  memcpy (&v, p, sizeof v);
  return v;
}

static inline void
v8_store (float *p, V8 v)
{
  memcpy (p, &v, sizeof v);
}

/* The first n of eight; the rest is 0. */
static inline V8
v8_load_part (const float *p, int64_t n)
{
  V8 v = { 0 };
  for (int64_t i = 0; i < n; i++)
    v[i] = p[i];
  return v;
}

static inline void
v8_store_part (float *p, V8 v, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    p[i] = v[i];
}

static inline V8
v8_set (float a)
{
  return (V8){ a, a, a, a, a, a, a, a };
}

#ifdef __AVX__

/* mask ? a : b, lane by lane; mask lanes are 0 or -1. */
static inline V8
v8_select (I8 mask, V8 a, V8 b)
{
  return (V8) _mm256_blendv_ps ((__m256) b, (__m256) a, (__m256) mask);
}

/* b where one of them is a NaN. */
static inline V8
v8_max (V8 a, V8 b)
{
  return (V8) _mm256_max_ps ((__m256) a, (__m256) b);
}

static inline V8
v8_min (V8 a, V8 b)
{
  return (V8) _mm256_min_ps ((__m256) a, (__m256) b);
}

static inline V8
v8_sqrt (V8 x)
{
  return (V8) _mm256_sqrt_ps ((__m256) x);
}

/* Any lane of a mask. */
static inline int
v8_any (I8 mask)
{
  return _mm256_movemask_ps ((__m256) mask) != 0;
}

static inline I8
v8_less (V8 a, V8 b)
{
  return a < b;
}

#else /* The same where a register holds four: the compiler splits arithmetic by itself, but compares lane by lane. */

typedef float V4 __attribute__ ((vector_size (16)));
typedef int32_t I4 __attribute__ ((vector_size (16)));
typedef union
{
  V8 v;
  I8 i;
  V4 half[2];
  I4 mask[2];
  float lane[8];
} V8Parts;

static inline V8
v8_select (I8 mask, V8 a, V8 b)
{
  return (V8) ((((I8) a ^ (I8) b) & mask) ^ (I8) b);
}

static inline I8
v8_less (V8 a, V8 b)
{
  V8Parts x = { a }, y = { b };

  for (int i = 0; i < 2; i++)
    x.mask[i] = x.half[i] < y.half[i];
  return x.i;
}

static inline V8
v8_max (V8 a, V8 b)
{
  return v8_select (v8_less (b, a), a, b);
}

static inline V8
v8_min (V8 a, V8 b)
{
  return v8_select (v8_less (a, b), a, b);
}

static inline V8
v8_sqrt (V8 x)
{
  V8Parts parts = { x };

  for (int i = 0; i < 8; i++)
    parts.lane[i] = sqrtf (parts.lane[i]);
  return parts.v;
}

static inline int
v8_any (I8 mask)
{
  const V8Parts parts = { .i = mask };
  const I4 either = parts.mask[0] | parts.mask[1];

  return (either[0] | either[1] | either[2] | either[3]) != 0;
}

#endif

static inline float
v8_sum (V8 v)
{
  return ((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7]));
}

static inline float
v8_highest (V8 v)
{
  float m = v[0];
  for (int i = 1; i < 8; i++)
    m = v[i] > m ? v[i] : m;
  return m;
}

static inline D4
v8_low_double (V8 v)
{
  return (D4){ v[0], v[1], v[2], v[3] };
}

static inline D4
v8_high_double (V8 v)
{
  return (D4){ v[4], v[5], v[6], v[7] };
}

/* As many floats as the widest register holds, at least eight; masks have lanes of 0 or -1. */
#ifdef __AVX512F__
#define VW_LANES   16
#define VW_AT_ONCE 8 /* whose chains of operations go side by side, at most */
#define VW         VR
#define vw_load    vr_load
#define vw_store   vr_store
typedef int32_t IW __attribute__ ((vector_size (64)));

static inline __mmask16
vw_first (int64_t n)
{
  return (__mmask16) ((1u << n) - 1);
}

/* The first n < 16; the rest is 0. */
static inline VW
vw_load_part (const float *p, int64_t n)
{
  return (VW) _mm512_maskz_loadu_ps (vw_first (n), p);
}

static inline void
vw_store_part (float *p, VW v, int64_t n)
{
  _mm512_mask_storeu_ps (p, vw_first (n), (__m512) v);
}

static inline VW
vw_set (float a)
{
  return (VW) _mm512_set1_ps (a);
}

static inline VW
vw_select (IW mask, VW a, VW b)
{
  return (VW) _mm512_mask_blend_ps (_mm512_movepi32_mask ((__m512i) mask), (__m512) b, (__m512) a);
}

static inline IW
vw_less (VW a, VW b)
{
  return a < b;
}

/* b where one of them is a NaN. */
static inline VW
vw_max (VW a, VW b)
{
  return (VW) _mm512_max_ps ((__m512) a, (__m512) b);
}

static inline VW
vw_min (VW a, VW b)
{
  return (VW) _mm512_min_ps ((__m512) a, (__m512) b);
}

static inline VW
vw_sqrt (VW x)
{
  return (VW) _mm512_sqrt_ps ((__m512) x);
}

/* Not where a lane is a NaN. */
static inline int
vw_all_below (VW x, float limit)
{
  return _mm512_cmp_ps_mask ((__m512) x, _mm512_set1_ps (limit), _CMP_LT_OQ) == 0xffff;
}

#else
#define VW_LANES      8
#define VW_AT_ONCE    2
#define VW            V8
#define IW            I8
#define vw_load       v8_load
#define vw_store      v8_store
#define vw_load_part  v8_load_part
#define vw_store_part v8_store_part
#define vw_set        v8_set
#define vw_select     v8_select
#define vw_less       v8_less
#define vw_max        v8_max
#define vw_min        v8_min
#define vw_sqrt       v8_sqrt

static inline int
vw_all_below (V8 x, float limit)
{
  return !v8_any (~(x < limit));
}
#endif

/* VW_LANES of them, or 8, the rest being 0; lanes is known when this is compiled. */
static inline __attribute__ ((always_inline)) VW
vw_load_some (const float *p, const int lanes)
{
#if VW_LANES == 16
  if (lanes == 8)
    return (VW) _mm512_zextps256_ps512 (_mm256_loadu_ps (p));
#endif
  return vw_load (p);
}

static inline __attribute__ ((always_inline)) void
vw_store_some (float *p, VW v, const int lanes)
{
#if VW_LANES == 16
  if (lanes == 8)
    {
      _mm256_storeu_ps (p, _mm512_castps512_ps256 ((__m512) v));
      return;
    }
#endif
  vw_store (p, v);
}
