/* peak-loop.c: multiplying and adding in registers, as fast as one level of instructions can.
 *
 * Room: kernels/.
 */
#include "cpu.h"
#include "vector.h"

#define STEPS 20000

/* Chains that do not wait for each other: more than latency times units, and they fit the registers. */
#define CHAINS (TACET_REGISTERS == 32 ? 16 : 12)

double
tacet_peak_loop (float *sum)
{
  const VR a = (VR){ 0 } + 0.999f, b = (VR){ 0 } + 1e-3f;
  VR x[CHAINS], all = { 0 };

  for (int i = 0; i < CHAINS; i++)
    x[i] = a + i * 0.01f;
  for (int k = 0; k < STEPS; k++)
    for (int i = 0; i < CHAINS; i++)
      x[i] = x[i] * a + b;
  for (int i = 0; i < CHAINS; i++)
    all += x[i];
  *sum = all[0];
  return (double) STEPS * CHAINS * TACET_LANES;
}
