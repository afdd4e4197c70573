/* vector.h: eight floats at a time, and the functions of one variable on them.
 *
 * Room: kernels/ (private).  The polynomials were fitted for this file (weighted least squares until
 * the largest relative error no longer fell); errors stated are relative and hold before rounding.
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

/* A NaN in x stays. */
static inline V8
v8_clamp (V8 x, float low, float high)
{
  return v8_min (v8_set (high), v8_max (v8_set (low), x));
}

static inline V8
v8_abs (V8 x)
{
  return (V8) ((I8) x & 0x7fffffff);
}

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

/* e^x = f 2^n, 1e-7, for x in the range of the result; f in [0.7, 1.42]. */
static inline V8
v8_exp_parts (V8 x, I8 *n)
{
  const float magic = 12582912.0f; /* 1.5 2^23: adding it rounds to an integer */
  V8 k = x * 1.44269504f + magic, p;

  *n = (I8) k - (I8) v8_set (magic);
  k -= magic;
  x = x - k * 0.693359375f + k * 2.12194440e-4f;
  p = 1.990773267e-04f * x + 1.393375341e-03f;
  p = p * x + 8.333285796e-03f;
  p = p * x + 4.166646399e-02f;
  p = p * x + 1.666666676e-01f;
  p = p * x + 5.000000014e-01f;
  return p * (x * x) + x + 1.0f;
}

/* e^x; 0 far below, infinity far above, as expf. */
static inline V8
v8_exp (V8 x)
{
  I8 n, half;
  V8 p = v8_exp_parts (v8_clamp (x, -104.0f, 89.0f), &n);

  /* Two factors, so that 2^128 becomes infinity and 2^-140 a subnormal number. */
  half = n >> 1;
  return p * (V8) ((half + 127) << 23) * (V8) ((n - half + 127) << 23);
}

/* e^x for x whose result matters only beside 1: 1e-38 for all that is below, 1e38 for all above. */
static inline V8
v8_exp_near (V8 x)
{
  I8 n;
  V8 p = v8_exp_parts (v8_clamp (x, -87.0f, 87.0f), &n);

  return (V8) ((I8) p + (n << 23));
}

/* 2^x = p 2^k with p a polynomial of x - k, |x - k| <= 1/2, from the highest power on; 1e-7. */
#define EXP2_POWERS 6
static const float exp2_part[EXP2_POWERS] = { 1.326459066e-03f, 9.671619238e-03f, 5.550735034e-02f,
                                              2.402224046e-01f, 6.931469764e-01f, 1.0f };
#define EXP2_PART(X)                                                                                                   \
  (((((exp2_part[0] * (X) + exp2_part[1]) * (X) + exp2_part[2]) * (X) + exp2_part[3]) * (X) + exp2_part[4]) * (X) +    \
   exp2_part[5])

/* 2^x for x <= 100 and for -infinity; 1e-38 for all that is below -126. */
static inline V8
v8_exp2_below (V8 x)
{
  const float magic = 12582912.0f; /* 1.5 2^23: adding it rounds to an integer, which stands in the low bits */
  V8 k, p;

  x = v8_max (v8_set (-126.0f), x);
  k = x + magic;
  x -= k - magic;
  p = EXP2_PART (x);
  return (V8) ((I8) p + ((I8) k << 23));
}

/* As many floats as the widest register holds, at least eight. */
#ifdef __AVX512F__
#define VW_LANES   16
#define VW_AT_ONCE 8 /* whose chains of operations go side by side, at most */
#define VW         VR
#define vw_load    vr_load
#define vw_store   vr_store

/* b where one of them is a NaN. */
static inline VW
vw_max (VW a, VW b)
{
  return (VW) _mm512_max_ps ((__m512) a, (__m512) b);
}

/* 2^x for finite x <= 100: rounding and scaling are instructions here. */
static inline VW
vw_exp2_below (VW x)
{
  const VW k = (VW) _mm512_roundscale_ps ((__m512) x, _MM_FROUND_TO_NEAREST_INT);
  const VW rest = x - k;

  return (VW) _mm512_scalef_ps ((__m512) EXP2_PART (rest), (__m512) k);
}

/* n at once, x up to 100; for greater ones at least 2^100 or a NaN.  Each step is taken for all of them, for no
 * processor looks as far ahead as the next of such chains is. */
static inline __attribute__ ((always_inline)) void
vw_exp2_some (VW *x, const int n)
{
  VW k[VW_AT_ONCE], p[VW_AT_ONCE];

  for (int i = 0; i < n; i++)
    k[i] = (VW) _mm512_roundscale_ps ((__m512) x[i], _MM_FROUND_TO_NEAREST_INT);
  for (int i = 0; i < n; i++)
    x[i] -= k[i];
  for (int i = 0; i < n; i++)
    p[i] = exp2_part[0] * x[i] + exp2_part[1];
  for (int power = 2; power < EXP2_POWERS; power++)
    for (int i = 0; i < n; i++)
      p[i] = p[i] * x[i] + exp2_part[power];
  for (int i = 0; i < n; i++)
    x[i] = (VW) _mm512_scalef_ps ((__m512) p[i], (__m512) k[i]);
}

/* All lanes; not those that are a NaN. */
static inline int
vw_all_below (VW x, float limit)
{
  return _mm512_cmp_ps_mask ((__m512) x, _mm512_set1_ps (limit), _CMP_LT_OQ) == 0xffff;
}

#else
#define VW_LANES      8
#define VW_AT_ONCE    2
#define VW            V8
#define vw_load       v8_load
#define vw_store      v8_store
#define vw_max        v8_max
#define vw_exp2_below v8_exp2_below

static inline __attribute__ ((always_inline)) void
vw_exp2_some (VW *x, const int n)
{
  for (int i = 0; i < n; i++)
    x[i] = v8_exp2_below (v8_min (v8_set (100), x[i]));
}

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

static inline V8
v8_sigmoid (V8 x)
{
  return 1.0f / (1.0f + v8_exp_near (-x));
}

/* 2e-7. */
static inline V8
v8_tanh (V8 x)
{
  V8 u = x * x, a = v8_abs (x), p, q;

  p = -5.799847251e-03f * u + 2.078108551e-02f;
  p = p * u - 5.380285373e-02f;
  p = p * u + 1.333243871e-01f;
  p = p * u - 3.333332556e-01f;
  p = p * u * a + a;
  q = 1.0f - 2.0f / (v8_exp_near (2.0f * a) + 1.0f);
  p = v8_select (v8_less (a, v8_set (0.625f)), p, q);
  return (V8) ((I8) p | ((I8) x & (int32_t) 0x80000000u));
}

/* Phi (x), the normal distribution function, and its density; tail is Phi (-|x|), 1e-7 of itself
 * near 0 and never more than 1e-7 of the value 1. */
static inline V8
v8_normal (V8 x, V8 *density)
{
  V8 a = v8_abs (x), e = v8_exp2_below (-0.721347520f * x * x), t = 1.0f / (1.0f + 0.3f * a), p;

  p = -1.972784886e-02f * t + 1.078782672e-01f;
  p = p * t - 2.182389755e-01f;
  p = p * t + 1.794970993e-01f;
  p = p * t - 7.006537758e-02f;
  p = p * t + 9.160297868e-02f;
  p = p * t + 7.980057306e-02f;
  p = p * t + 1.099679636e-01f;
  p = p * t + 1.195998712e-01f;
  p = p * t + 1.196854524e-01f;
  p = p * t * e;
  *density = 0.398942280f * e;
  return v8_select (v8_less (x, v8_set (0)), p, 1.0f - p);
}
