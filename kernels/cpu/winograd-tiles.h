/* winograd-tiles.h: tiles of 4 x 4 outputs in blocks, shared by the two files of Winograd's way.
 *
 * Room: kernels/ (private).
 */
#pragma once

#include "conv.h"

typedef struct
{
  int64_t down, across, all;   /* tiles of a picture, of all pictures */
  int64_t block, blocks;       /* tiles of a block; blocks */
  int64_t in_plane, out_plane; /* floats between the 36 matrices {tiles, ci} and {tiles, co} */
} TacetWinogradTiles;

/* Blocks of about so many floats for both transforms, at most so many tiles. */
TacetWinogradTiles tacet_winograd_tiles (const TacetConv *g, int64_t floats, int64_t most);

/* The transformed input of one tile, into 36 matrices in_plane apart: 16 channels in a row at to, the next 16 at
 * to + panel ...; panel is 16 where a row holds all channels.  zeros: ci of them. */
void tacet_winograd_read (const TacetConv *g, const TacetWinogradTiles *t, const float *x, int64_t tile,
                          const float *zeros, float *to, int64_t panel);
/* Some channels of one tile of outputs from its 36 products, out_plane apart; out and bias: of the first channel. */
void tacet_winograd_write (const TacetConv *g, const TacetWinogradTiles *t, const float *from, int64_t channels,
                           const float *bias, int64_t tile, float *out);
