/* tacet-init.c: initial values of new weights.
 *
 * Room: engine/weights.  Value i of a tensor is a function of (seed, name, i) in integers and single
 * roundings, so it does not depend on the machine, the threads or the order in which a model asks.
 */
#include "tacet-safetensors.h"
#include <math.h>

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014). */
static guint64
mix (guint64 x)
{
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

static guint64
stream_of (guint64 seed, const char *name)
{
  guint64 h = mix (seed);
  for (const guchar *p = (const guchar *) name; *p; p++)
    h = mix (h ^ *p);
  return h;
}

/* Sum of twelve uniform numbers: variance 1, exact in integers; its tails end at 6. */
static double
normal (guint64 stream, guint64 i)
{
  gint64 sum = 0;
  for (guint64 k = 0; k < 6; k++)
    {
      guint64 bits = mix (stream + 6 * i + k);
      sum += (gint64) (bits >> 32) + (gint64) (bits & 0xffffffffu);
    }
  return (double) (sum - 6 * (gint64) 0xffffffff) * 0x1p-32;
}

static double
uniform (guint64 stream, guint64 i)
{
  return ((double) (gint64) (mix (stream + i) >> 11) + 0.5) * 0x1p-52 - 1.0;
}

void
tacet_init_fill (float *data, gsize n, guint64 seed, const char *name, TacetInit init, float gain, double fan_in)
{
  guint64 stream = stream_of (seed, name);
  double scale = init == TACET_INIT_NORMAL ? gain : 1.0 / sqrt (MAX (fan_in, 1.0));
  if (init == TACET_INIT_KAIMING)
    scale *= gain;
  for (gsize i = 0; i < n; i++)
    switch (init)
      {
      case TACET_INIT_ZERO:
        data[i] = 0.0f;
        break;
      case TACET_INIT_ONE:
        data[i] = 1.0f;
        break;
      case TACET_INIT_LINEAR:
        data[i] = (float) (scale * uniform (stream, i));
        break;
      case TACET_INIT_KAIMING:
      case TACET_INIT_NORMAL:
        data[i] = (float) (scale * normal (stream, i));
        break;
      }
}
