/* reference.h: what every operation means, in f64 and without any cleverness.
 *
 * Room: tests/kernels (C11, no GLib).
 */
#pragma once

#include "kernels/tacet-kernels.h"

/* in[i] holds input i as f64 (row numbers too), out the result; ADAMW also changes in[1], in[2] and
 * expects the parameter in out. */
void tacet_reference_run (const TacetStep *step, double *const in[TACET_MAX_INPUTS], double *out);
