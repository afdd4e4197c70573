/* norm.h: the sums over pixels and the per-channel factors that normalisation and its gradients share.
 *
 * Room: kernels/ (private).
 *
 * A sample {h w, c} is worked in slices of pixels.  Sums are taken of d = x - x0, where x0 is the
 * channel's first pixel in the sample, so that a large mean costs no digits.
 */
#pragma once

#include "cpu.h"
#include "vector.h"

enum
{
  TACET_SUM_D,  /* of d */
  TACET_SUM_DD, /* of d d */
  TACET_SUM_G,  /* of the gradient */
  TACET_SUM_GD, /* of gradient times d */
  TACET_N_SUMS,
};

typedef struct
{
  const float *x, *g, *gamma, *beta;
  float *out;
  int64_t n, size, c, groups; /* size = h w */
  int64_t slices, slice_rows;
  int n_sums;     /* per channel and slice: 2 without a gradient, 4 with one */
  double *sums;   /* {n, slices, n_sums, c} */
  double *totals; /* {2, c} */
  float *lines;   /* {4, c}; per sample, of LayerNorm's weights: per thread */
  float eps;
  bool silu;
} TacetNorm;

/* mean and 1 / sqrt (variance + eps) of one group of one sample; the two means are those of
 * gamma g and of gamma g xhat, 0 without a gradient. */
typedef struct
{
  double mean, inverse, mean_g, mean_gx;
} TacetGroup;

void tacet_norm_init (TacetNorm *w, const TacetStep *step, int x_input, bool back);
/* Rows are samples of one pixel in one group: LayerNorm. */
bool tacet_norm_is_rows (const TacetNorm *w);
/* Points sums, totals and lines into the scratch; returns bytes. */
size_t tacet_norm_place (TacetNorm *w, TacetCpu *cpu, void *scratch);
void tacet_norm_sum_slice (const TacetNorm *w, int64_t sample, int64_t slice);
/* One of the sums over all slices of a sample. */
double tacet_norm_total (const TacetNorm *w, int64_t sample, int kind, int64_t channel);
void tacet_norm_group (const TacetNorm *w, int64_t sample, int64_t group, TacetGroup *out);
/* Mean (and what rounding took from it) and inverse deviation of one row of c floats. */
typedef struct
{
  float mean, rest, inverse;
} TacetRow;

TacetRow tacet_norm_row (const float *x, int64_t c, float eps);
