/* tacet-noise.c: normal noise, the numbers of torch.randn on the CPU.
 *
 * Room: engine/sample.
 */
#include "tacet-noise.h"
#include <math.h>

#define N 624
#define M 397

void
tacet_noise_seed (TacetNoise *self, guint64 seed)
{
  self->state[0] = (guint32) seed;
  for (int i = 1; i < N; i++)
    self->state[i] = 1812433253u * (self->state[i - 1] ^ (self->state[i - 1] >> 30)) + (guint32) i;
  self->next = N;
  self->has_spare = FALSE;
}

static void
renew (TacetNoise *self)
{
  for (int i = 0; i < N; i++)
    {
      guint32 y = (self->state[i] & 0x80000000u) | (self->state[(i + 1) % N] & 0x7fffffffu);
      self->state[i] = self->state[(i + M) % N] ^ (y >> 1) ^ ((y & 1) ? 0x9908b0dfu : 0);
    }
  self->next = 0;
}

guint32
tacet_noise_next (TacetNoise *self)
{
  if (self->next == N)
    renew (self);
  guint32 y = self->state[self->next++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

/* [0, 1), 24 bits */
static float
uniform_float (TacetNoise *self)
{
  return (float) (tacet_noise_next (self) & 0xffffff) * 0x1p-24f;
}

/* [0, 1), 53 bits; the first number is the upper half */
static double
uniform_double (TacetNoise *self)
{
  guint64 high = tacet_noise_next (self), low = tacet_noise_next (self);
  return (double) (((high << 32) | low) & (((guint64) 1 << 53) - 1)) * 0x1p-53;
}

/* 16 uniform values become 8 pairs: the i-th and the (i + 8)-th. */
static void
box_muller_16 (float *v)
{
  for (int i = 0; i < 8; i++)
    {
      float u1 = 1 - v[i], u2 = v[i + 8];
      float radius = sqrtf (-2 * (float) log (u1)), theta = 6.283185307179586f * u2;
      v[i] = radius * (float) cos (theta);
      v[i + 8] = radius * (float) sin (theta);
    }
}

static double
normal_double (TacetNoise *self)
{
  if (self->has_spare)
    {
      self->has_spare = FALSE;
      return self->spare;
    }
  double u1 = uniform_double (self), u2 = uniform_double (self);
  double radius = sqrt (-2 * log1p (-u2)), theta = 2 * G_PI * u1;
  self->spare = radius * sin (theta);
  self->has_spare = TRUE;
  return radius * cos (theta);
}

void
tacet_noise_normal (TacetNoise *self, float *values, gsize n)
{
  if (n < 16)
    {
      for (gsize i = 0; i < n; i++)
        values[i] = (float) normal_double (self);
      return;
    }
  for (gsize i = 0; i < n; i++)
    values[i] = uniform_float (self);
  for (gsize i = 0; i + 16 <= n; i += 16)
    box_muller_16 (values + i);
  if (n % 16 == 0)
    return;
  /* The last 16 are drawn again, whole. */
  float *tail = values + n - 16;
  for (int i = 0; i < 16; i++)
    tail[i] = uniform_float (self);
  box_muller_16 (tail);
}

gboolean
tacet_noise_latents (TacetNoise *self, int height, int width, int channels, float *values)
{
  gsize plane = (gsize) height * width;
  g_autofree float *planes = g_try_malloc_n (plane * channels, sizeof (float));
  if (planes == NULL)
    return FALSE;
  tacet_noise_normal (self, planes, plane * channels);
  for (int c = 0; c < channels; c++)
    for (gsize i = 0; i < plane; i++)
      values[i * channels + c] = planes[c * plane + i];
  return TRUE;
}
