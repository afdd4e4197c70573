/* conv.h: a convolution read straight from the picture by the register tile, and the geometry that all
 * three operations reduce to.
 *
 * Room: kernels/ (private).
 */
#pragma once

#include "cpu.h"

/* out {n,ho,wo,co} from x {n,h,w,ci}: out[i,j] = sum over taps of x[i stride - top + tap ..].  top and left
 * may be negative, pixels outside are 0.  The output pixels may lie apart: in strides. */
typedef struct
{
  int64_t n, h, w, ci;
  int64_t ho, wo, co;
  int64_t kh, kw, stride, top, left;
  int64_t out_sample, out_row, out_column; /* floats from one to the next */
} TacetConv;

/* Blocks of output pixels: whole samples, or rows of one sample. */
typedef struct
{
  int64_t samples, rows;           /* per block */
  int64_t row_blocks, blocks;      /* per sample, in all */
  int64_t most;                    /* pixels in a block */
  int64_t band_rows, band_columns; /* of x under one block */
  bool copies;                     /* x has to be copied into a band with its padding */
} TacetConvBlocks;

/* One block at work. */
typedef struct
{
  int64_t sample, samples, row, rows, pixels;
  const float *x;     /* of the first pixel's first tap */
  int64_t row_floats; /* between rows of x as read */
  int64_t *from, *to; /* per pixel: floats from x, from out */
} TacetConvBlock;

TacetConv tacet_conv_geometry (TacetShape x, TacetShape out, TacetShape weight, const TacetAttrs *attrs);
TacetConvBlocks tacet_conv_blocks (const TacetConv *g);
/* Bytes of one thread: tables and band. */
size_t tacet_conv_block_bytes (const TacetConv *g, const TacetConvBlocks *blocks);
/* Copies the band if need be and fills the tables. */
void tacet_conv_block_open (const TacetConv *g, const TacetConvBlocks *blocks, int64_t index, const float *x,
                            void *memory, TacetConvBlock *block);

/* To very few channels (conv-few.c): packed are the weights {co,kh,kw,ci} as they are, in f32. */
bool tacet_conv_few_pays (const TacetConv *g);
size_t tacet_conv_few_packed_bytes (const TacetConv *g);
void tacet_conv_few_pack (const TacetConv *g, const float *weights, float *packed);
size_t tacet_conv_few_scratch (TacetCpu *cpu, const TacetConv *g);
void tacet_conv_few (TacetCpu *cpu, const TacetConv *g, const float *x, const float *packed, const float *bias,
                     float *out, void *scratch);

/* packed: weights {kh kw ci, co} in panels of 16 columns, in that precision. */
size_t tacet_conv_direct_scratch (TacetCpu *cpu, const TacetConv *g);
void tacet_conv_direct (TacetCpu *cpu, const TacetConv *g, TacetPrecision precision, const float *x, const void *packed,
                        const float *bias, float *out, void *scratch);
