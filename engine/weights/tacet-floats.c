/* tacet-floats.c: f16, bf16, f64 and f32; layouts of convolutions.
 *
 * Room: engine/weights.  Bit arithmetic instead of compiler types, so that every machine agrees
 * (F16C does: the conversion to f32 is exact).
 */
#include "tacet-safetensors.h"
#include <math.h>
#include <string.h>
#ifdef __F16C__
#include <immintrin.h>
#endif

static float
half_to_float (guint16 h)
{
  guint32 sign = (guint32) (h & 0x8000) << 16, exponent = (h >> 10) & 31, mantissa = h & 0x3ff, bits;
  if (exponent == 0)
    {
      float tiny = (float) mantissa * 0x1p-24f;
      return sign ? -tiny : tiny;
    }
  bits = exponent == 31 ? sign | 0x7f800000u | mantissa << 13 : sign | (exponent + 112) << 23 | mantissa << 13;
  float f;
  memcpy (&f, &bits, 4);
  return f;
}

/* Round to nearest, ties to even. */
static guint16
float_to_half (float f)
{
  guint32 bits;
  memcpy (&bits, &f, 4);
  guint16 sign = (guint16) (bits >> 16 & 0x8000);
  bits &= 0x7fffffffu;
  if (bits > 0x7f800000u)
    return sign | 0x7e00;
  if (bits >= 0x477ff000u)
    return sign | 0x7c00;
  if (bits < 0x38800000u)
    {
      /* Subnormal: the addition itself rounds at the last place of a half. */
      float magnitude;
      memcpy (&magnitude, &bits, 4);
      magnitude += 0.5f;
      memcpy (&bits, &magnitude, 4);
      return sign | (guint16) (bits - 0x3f000000u);
    }
  bits += 0xfff + (bits >> 13 & 1);
  return sign | (guint16) ((bits >> 13) - (112 << 10));
}

static guint16
float_to_bfloat (float f)
{
  guint32 bits;
  memcpy (&bits, &f, 4);
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return (guint16) (bits >> 16 | 0x40);
  bits += 0x7fff + (bits >> 16 & 1);
  return (guint16) (bits >> 16);
}

/* The bulk of them; returns how many. */
static gsize
decode_halves (const guint8 *src, float *dst, gsize n)
{
  gsize i = 0;
#ifdef __F16C__
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps (dst + i, _mm256_cvtph_ps (_mm_loadu_si128 ((const __m128i *) (src + 2 * i))));
#endif
  return i;
}

void
tacet_floats_decode (TacetFileDtype dtype, const guint8 *src, float *dst, gsize n)
{
  if (dtype == TACET_FILE_F32 && n > 0)
    memcpy (dst, src, n * 4);
  else if (dtype == TACET_FILE_F16)
    for (gsize i = decode_halves (src, dst, n); i < n; i++)
      dst[i] = half_to_float ((guint16) (src[2 * i] | src[2 * i + 1] << 8));
  else if (dtype == TACET_FILE_BF16)
    for (gsize i = 0; i < n; i++)
      {
        guint32 bits = (guint32) (src[2 * i] | src[2 * i + 1] << 8) << 16;
        memcpy (&dst[i], &bits, 4);
      }
  else if (dtype == TACET_FILE_F64)
    for (gsize i = 0; i < n; i++)
      {
        double d;
        memcpy (&d, src + 8 * i, 8);
        dst[i] = (float) d;
      }
}

gboolean
tacet_floats_encode (TacetFileDtype dtype, const float *src, guint8 *dst, gsize n)
{
  gboolean fits = TRUE;
  if (dtype == TACET_FILE_F32 && n > 0)
    memmove (dst, src, n * 4);
  else if (dtype == TACET_FILE_F16 || dtype == TACET_FILE_BF16)
    for (gsize i = 0; i < n; i++)
      {
        guint16 h = dtype == TACET_FILE_F16 ? float_to_half (src[i]) : float_to_bfloat (src[i]);
        guint16 infinite = dtype == TACET_FILE_F16 ? 0x7c00 : 0x7f80;
        fits &= (h & 0x7fff) != infinite || isinf (src[i]);
        dst[2 * i] = h & 0xff;
        dst[2 * i + 1] = h >> 8;
      }
  return fits;
}

void
tacet_floats_swap (const float *src, float *dst, gsize o, gsize a, gsize b)
{
  for (gsize k = 0; k < o; k++, src += a * b, dst += a * b)
    for (gsize i = 0; i < a; i++)
      for (gsize j = 0; j < b; j++)
        dst[j * a + i] = src[i * b + j];
}
