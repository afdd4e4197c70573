/* winograd-stream.h: weights of convolutions that are transformed while they are used, some channels of 16 outputs at a
 * time.
 *
 * Room: kernels/ (private).
 */
#pragma once

#include "gemm.h"
#include "vector.h"
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

/* Where there are registers enough, up to so many tiles are multiplied without transformed weights in memory. */
#if VW_LANES == 16
#define TACET_STREAM_FEW 4
#else
#define TACET_STREAM_FEW 0
#endif

/* Products of some channels with 16 outputs, all of the 36 and some tiles. */
typedef struct
{
  TacetPrecision precision;
  const void *weights;                /* {channels, 9, 16} */
  int64_t channels;                   /* a multiple of 16 */
  bool add;                           /* to what stands in c */
  int64_t panel, in_plane, out_plane; /* floats: from 16 channels of a to the next; between the 36 of a, of c */
  const void *next;                   /* `ahead` bytes that are sent for meanwhile */
  int64_t ahead;
} TacetStreamFew;

/* a {channels / 16, 36, tiles, 16}, c {36, tiles, 16}; tiles: 1 .. TACET_STREAM_FEW */
void tacet_winograd_stream_few (const TacetStreamFew *f, int64_t tiles, const float *a, float *c);
