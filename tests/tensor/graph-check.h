/* graph-check.h: derivatives of graphs checked against each other and against differences. */
#pragma once

#include "engine/tensor/tacet-plan.h"

/* Uniform in [-1, 1], or [0.5, 1.5]; the same numbers for the same seed. */
TacetTensor *check_random_tensor (TacetShape shape, guint seed, gboolean positive);

/* For random x, v, u:  <J v, u> by tangents = <v, J' u> by gradients = difference quotient of <f, u>. */
void check_derivatives (TacetGraph *g, TacetValue **x, int n_inputs, TacetValue **outputs, int n_outputs,
                        gboolean positive);
