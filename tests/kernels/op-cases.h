/* op-cases.h: the one list of operations with shapes and attributes on which every backend is
 * checked and timed.
 *
 * Room: tests/kernels (C11, no GLib).
 */
#pragma once

#include "kernels/tacet-kernels.h"

typedef struct
{
  const char *name;
  TacetStep step; /* shapes, dtypes and attributes; every data pointer is NULL */
} TacetCase;

/* Small and awkward shapes: every operation, odd sizes, every way to broadcast. */
const TacetCase *tacet_op_cases (int *n_cases);
/* Shapes of real work, for timing. */
const TacetCase *tacet_bench_cases (int *n_cases);

/* Fills input i of a step with reproducible numbers that suit the operation: positive where a
 * logarithm is taken, row numbers where the table is looked up. */
void tacet_case_fill (const TacetStep *step, int input, void *data);
/* Rounds n values so that this precision holds them. */
void tacet_case_round (TacetPrecision precision, float *values, int64_t n);
/* What lies in the output before the run: the parameters of an optimiser step, rubbish otherwise. */
void tacet_case_fill_out (const TacetStep *step, void *data);
