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

/* The transformed input of one tile: 36 rows of ci floats, in_plane apart.  zeros: ci of them. */
void tacet_winograd_read (const TacetConv *g, const TacetWinogradTiles *t, const float *x, int64_t tile,
                          const float *zeros, float *to);
