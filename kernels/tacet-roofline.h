/* tacet-roofline.h: what a device can do at best, and the least time that a step takes on it.
 *
 * Room: kernels/ (C11, no GLib).  For measurements: `tacet run-module --profile` and the benchmarks.
 */
#pragma once

#include "tacet-kernels.h"

#ifdef __cplusplus
extern "C"
{
#endif

  /* Multiply-adds (each counted as two) and bytes moved, per second. */
  typedef struct
  {
    double flops, bytes;
  } TacetPeak;

  /* Measures a CPU backend with its threads, in a third of a second: independent multiply-adds in registers, and a
   * copy of what no cache holds (read and written bytes).  FALSE: no memory. */
  bool tacet_cpu_backend_peak (TacetBackend *self, TacetPeak *peak);
  /* Seconds of a clock for timing steps: with one thread that thread's own, which stands still while another program
   * has the processor. */
  double tacet_cpu_backend_clock (TacetBackend *self);

  /* Operations that a step needs at least: those of tacet_step_flops (), of 3x3 convolutions those of Winograd's way
   * where that is faster; and its least bytes: every operand once, weights of products as they are packed. */
  typedef struct
  {
    double flops, bytes, seconds;
  } TacetLeast;

  /* The longer of arithmetic and memory, whichever way is fastest: plain, F(2x2, 3x3) or F(4x4, 3x3), whose
   * transformed weights are 16/9 and 4 times as large.  What a transform does inside the caches counts nothing. */
  TacetLeast tacet_step_least (const TacetStep *step, const TacetPeak *peak);

#ifdef __cplusplus
}
#endif
