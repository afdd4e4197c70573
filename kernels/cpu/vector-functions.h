/* vector-functions.h: functions of one variable, on floats side by side.
 *
 * Room: kernels/ (private).  The polynomials were fitted for this file (weighted least squares until
 * the largest relative error no longer fell); errors stated are relative and hold before rounding.
 */
#pragma once

#include "vector.h"

/* A NaN in x stays. */
static inline VW
vw_clamp (VW x, float low, float high)
{
  return vw_min (vw_set (high), vw_max (vw_set (low), x));
}

static inline VW
vw_abs (VW x)
{
  return (VW) ((IW) x & 0x7fffffff);
}

/* e^x = f 2^n, 1e-7, for x in the range of the result; f in [0.7, 1.42]. */
static inline VW
vw_exp_parts (VW x, IW *n)
{
  const float magic = 12582912.0f; /* 1.5 2^23: adding it rounds to an integer */
  VW k = x * 1.44269504f + magic, p;

  *n = (IW) k - (IW) vw_set (magic);
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
static inline VW
vw_exp (VW x)
{
  IW n, half;
  VW p = vw_exp_parts (vw_clamp (x, -104.0f, 89.0f), &n);

  /* Two factors, so that 2^128 becomes infinity and 2^-140 a subnormal number. */
  half = n >> 1;
  return p * (VW) ((half + 127) << 23) * (VW) ((n - half + 127) << 23);
}

/* e^x for x whose result matters only beside 1: 1e-38 for all that is below, 1e38 for all above. */
static inline VW
vw_exp_near (VW x)
{
  IW n;
  VW p = vw_exp_parts (vw_clamp (x, -87.0f, 87.0f), &n);

  return (VW) ((IW) p + (n << 23));
}

/* 2^x = p 2^k with p a polynomial of x - k, |x - k| <= 1/2, from the highest power on; 1e-7. */
#define EXP2_POWERS 6
static const float exp2_part[EXP2_POWERS] = { 1.326459066e-03f, 9.671619238e-03f, 5.550735034e-02f,
                                              2.402224046e-01f, 6.931469764e-01f, 1.0f };
#define EXP2_PART(X)                                                                                                   \
  (((((exp2_part[0] * (X) + exp2_part[1]) * (X) + exp2_part[2]) * (X) + exp2_part[3]) * (X) + exp2_part[4]) * (X) +    \
   exp2_part[5])

/* 2^x for x <= 100; 1e-38 for all that is below -126.  vw_exp2_some () does n at once, with each step for all of them,
 * for no processor looks as far ahead as the next of such chains is; below -126 it may give 0 as well, over 100 it
 * gives at least 2^100 or a NaN. */
#if VW_LANES == 16 /* rounding and scaling are instructions */
static inline VW
vw_exp2_below (VW x)
{
  x = vw_max (vw_set (-126.0f), x);
  const VW k = (VW) _mm512_roundscale_ps ((__m512) x, _MM_FROUND_TO_NEAREST_INT);
  const VW rest = x - k;

  return (VW) _mm512_scalef_ps ((__m512) EXP2_PART (rest), (__m512) k);
}

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
#else
static inline VW
vw_exp2_below (VW x)
{
  const float magic = 12582912.0f; /* 1.5 2^23: adding it rounds to an integer, which stands in the low bits */
  VW k, p;

  x = vw_max (vw_set (-126.0f), x);
  k = x + magic;
  x -= k - magic;
  p = EXP2_PART (x);
  return (VW) ((IW) p + ((IW) k << 23));
}

static inline __attribute__ ((always_inline)) void
vw_exp2_some (VW *x, const int n)
{
  for (int i = 0; i < n; i++)
    x[i] = vw_exp2_below (vw_min (vw_set (100), x[i]));
}
#endif

static inline VW
vw_sigmoid (VW x)
{
  return 1.0f / (1.0f + vw_exp_near (-x));
}

/* 2e-7. */
static inline VW
vw_tanh (VW x)
{
  VW u = x * x, a = vw_abs (x), p, q;

  p = -5.799847251e-03f * u + 2.078108551e-02f;
  p = p * u - 5.380285373e-02f;
  p = p * u + 1.333243871e-01f;
  p = p * u - 3.333332556e-01f;
  p = p * u * a + a;
  q = 1.0f - 2.0f / (vw_exp_near (2.0f * a) + 1.0f);
  p = vw_select (vw_less (a, vw_set (0.625f)), p, q);
  return (VW) ((IW) p | ((IW) x & (int32_t) 0x80000000u));
}

/* Phi (x), the normal distribution function, and its density; tail is Phi (-|x|), 1e-7 of itself
 * near 0 and never more than 1e-7 of the value 1. */
static inline VW
vw_normal (VW x, VW *density)
{
  VW a = vw_abs (x), e = vw_exp2_below (-0.721347520f * x * x), t = 1.0f / (1.0f + 0.3f * a), p;

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
  return vw_select (vw_less (x, vw_set (0)), p, 1.0f - p);
}
