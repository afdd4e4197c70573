/* winograd-stream.h: weights of convolutions that are transformed while they are used, some channels of 16 outputs at a
 * time.
 *
 * Room: kernels/ (private).
 */
#pragma once

#include "gemm.h"
#include "winograd.h"

#define TACET_STREAM_PLANES 12 /* of a pair of rows of the 36 */

/* Where the weights {channels, 9, 16} of channels c .. and 16 outputs o .. lie, and in which precision: as they are
 * packed, or in lines, if they are not or if widening them each time would take too long. */
TacetPrecision tacet_winograd_stream_precision (const TacetWinogradKernel *kernel);
const void *tacet_winograd_stream_weights (const TacetConv *g, const TacetWinogradKernel *kernel, int64_t o, int64_t c,
                                           int64_t channels, float *lines);

/* ... -> a pair of rows (tacet_winograd_row ()) of the transformed weights, {12, channels, 16}, plane floats apart. The
 * first pair expects them to come from the memory, the others from a cache. */
void tacet_winograd_stream_transform (TacetPrecision precision, int pair, const void *weights, int64_t channels,
                                      float *to, int64_t plane);
