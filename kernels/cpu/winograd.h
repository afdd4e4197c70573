/* winograd.h: 3x3 convolutions of stride 1 by Winograd's F(4x4, 3x3): 36 products per 16 outputs
 * instead of 144.
 *
 * Room: kernels/ (private).
 */
#pragma once

#include "conv.h"

/* Shapes for which it is the faster way.  The same answer with and without packed weights. */
bool tacet_winograd_pays (const TacetConv *g);

/* Transformed weights, 36 times {ci, co} in panels of 16.  weights are {co,3,3,ci}; turned: {ci,3,3,co}
 * of the convolution whose gradient this is, to be turned by half a turn. */
size_t tacet_winograd_packed_bytes (const TacetConv *g);
void tacet_winograd_pack (TacetCpu *cpu, const TacetConv *g, const float *weights, bool turned, float *packed);

size_t tacet_winograd_scratch (TacetCpu *cpu, const TacetConv *g);
void tacet_winograd_run (TacetCpu *cpu, const TacetConv *g, const float *x, const float *packed, const float *bias,
                         float *out, void *scratch);

/* The same with weights that are transformed while they are used (winograd-stream.c): large weights. */
bool tacet_winograd_streams (const TacetConv *g);

/* Weights as above, or packed; then the others are not read. */
typedef struct
{
  const float *weights;
  bool turned;
  const void *packed;
  TacetPrecision precision; /* of packed */
} TacetWinogradKernel;

size_t tacet_winograd_stream_packed_bytes (const TacetConv *g, TacetPrecision precision);
void tacet_winograd_stream_pack (TacetCpu *cpu, const TacetConv *g, const TacetWinogradKernel *kernel, void *packed);
size_t tacet_winograd_stream_scratch (TacetCpu *cpu, const TacetConv *g);
void tacet_winograd_stream_run (TacetCpu *cpu, const TacetConv *g, const TacetWinogradKernel *kernel, const float *x,
                                const float *bias, float *out, void *scratch);

/* The gradient with respect to the weights: grad {n,ho,wo,co} -> out {co,3,3,ci}. */
size_t tacet_winograd_weight_scratch (TacetCpu *cpu, const TacetConv *g);
void tacet_winograd_weight (TacetCpu *cpu, const TacetConv *g, const float *x, const float *grad, float *out,
                            void *scratch);
