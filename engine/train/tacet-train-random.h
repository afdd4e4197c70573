/* tacet-train-random.h: random numbers as a function of (seed, stream, step, sample), without state.
 *
 * Room: engine/train.  SplitMix64 (Steele, Lea, Flood 2014) started from a hash of the four numbers.
 */
#pragma once

#include <glib.h>
#include <math.h>

/* What a number is drawn for; held-out data never meets training data. */
typedef enum
{
  TACET_STREAM_TRAIN = 1,
  TACET_STREAM_HELD_OUT,
  TACET_STREAM_SCENE,
  TACET_STREAM_SAMPLE,
  TACET_STREAM_INIT,
} TacetStream;

typedef struct
{
  guint64 state;
} TacetRandom;

static inline guint64
tacet_random_mix (guint64 z)
{
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static inline guint64
tacet_random_next (TacetRandom *self)
{
  self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return tacet_random_mix (self->state);
}

static inline TacetRandom
tacet_random (guint64 seed, TacetStream stream, guint64 step, guint64 sample)
{
  const guint64 parts[4] = { seed, stream, step, sample };
  TacetRandom r = { 0 };
  for (int i = 0; i < 4; i++)
    {
      r.state ^= parts[i];
      r.state = tacet_random_next (&r);
    }
  return r;
}

/* [0, 1) */
static inline double
tacet_random_uniform (TacetRandom *self)
{
  return (double) (tacet_random_next (self) >> 11) * 0x1p-53;
}

/* 0 .. n - 1 */
static inline guint64
tacet_random_below (TacetRandom *self, guint64 n)
{
  return (guint64) (tacet_random_uniform (self) * (double) n);
}

/* Standard normal numbers (Box and Muller). */
static inline void
tacet_random_normal (TacetRandom *self, float *x, gsize n)
{
  for (gsize i = 0; i < n; i += 2)
    {
      const float u = (float) (1.0 - tacet_random_uniform (self));
      const float angle = (float) (2.0 * G_PI * tacet_random_uniform (self));
      const float radius = sqrtf (-2.0f * logf (u));
      x[i] = radius * cosf (angle);
      if (i + 1 < n)
        x[i + 1] = radius * sinf (angle);
    }
}
