/* tacet-noise.h: normal noise, the numbers of torch.randn on the CPU.
 *
 * Room: engine/sample.  Source: Matsumoto & Nishimura 1998 (MT19937); PyTorch's order of Box-Muller
 * pairs (DistributionTemplates.h: from 16 values on in blocks of 16, below that one by one in double).
 * Equal up to the last bit or two of log, sin and cos.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint32 state[624];
  int next;
  gboolean has_spare; /* the second of a pair, kept between short calls */
  double spare;
} TacetNoise;

/* As torch.manual_seed (): the low 32 bits count. */
void tacet_noise_seed (TacetNoise *self, guint64 seed);
guint32 tacet_noise_next (TacetNoise *self);
/* As torch.randn (n). */
void tacet_noise_normal (TacetNoise *self, float *values, gsize n);
/* As torch.randn (1, channels, height, width), stored {height, width, channels}.  FALSE: no memory. */
gboolean tacet_noise_latents (TacetNoise *self, int height, int width, int channels, float *values);

G_END_DECLS
