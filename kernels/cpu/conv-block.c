/* conv-block.c: how a convolution is cut into blocks of output pixels, and where each of them reads.
 *
 * Room: kernels/.  Patches are never copied: one row of a patch, kw ci floats, already lies in one
 * piece; only the padding has to be supplied, by a copy of the few rows that a block needs.
 */
#include "conv.h"

#include <string.h>

/* Of a block: each reads all weights, and widens those of 16 bits. */
#define PIXELS      256
#define FEW_PIXELS  64
#define BAND_FLOATS 131072

TacetConv
tacet_conv_geometry (TacetShape x, TacetShape out, TacetShape weight, const TacetAttrs *attrs)
{
  return (TacetConv){
    .n = x.d[0],
    .h = x.d[1],
    .w = x.d[2],
    .ci = x.d[3],
    .ho = out.d[1],
    .wo = out.d[2],
    .co = out.d[3],
    .kh = weight.d[1],
    .kw = weight.d[2],
    .stride = attrs->stride,
    .top = attrs->pad_top,
    .left = attrs->pad_left,
    .out_sample = out.d[1] * out.d[2] * out.d[3],
    .out_row = out.d[2] * out.d[3],
    .out_column = out.d[3],
  };
}

TacetConvBlocks
tacet_conv_blocks (const TacetConv *g)
{
  const int64_t pixels = tacet_max (FEW_PIXELS, tacet_min (PIXELS, BAND_FLOATS / (g->ci * g->stride * g->stride)));
  TacetConvBlocks b;

  b.samples = tacet_max (1, tacet_min (g->n, pixels / (g->ho * g->wo)));
  b.rows = b.samples > 1 ? g->ho : tacet_max (1, tacet_min (g->ho, pixels / g->wo));
  b.row_blocks = tacet_div_up (g->ho, b.rows);
  b.blocks = tacet_div_up (g->n, b.samples) * b.row_blocks;
  b.most = b.samples * b.rows * g->wo;
  b.band_rows = (b.rows - 1) * g->stride + g->kh;
  b.band_columns = (g->wo - 1) * g->stride + g->kw;
  b.copies = g->top > 0 || g->left > 0 || (g->ho - 1) * g->stride - g->top + g->kh > g->h ||
             (g->wo - 1) * g->stride - g->left + g->kw > g->w;
  return b;
}

static size_t
table_bytes (const TacetConvBlocks *b)
{
  return tacet_aligned (2 * b->most * sizeof (int64_t));
}

size_t
tacet_conv_block_bytes (const TacetConv *g, const TacetConvBlocks *b)
{
  return table_bytes (b) +
         (b->copies ? tacet_aligned (b->samples * b->band_rows * b->band_columns * g->ci * sizeof (float)) : 0);
}

/* band {samples, band_rows, band_columns, ci} */
static void
copy_band (const TacetConv *g, const TacetConvBlocks *b, const TacetConvBlock *at, const float *x, float *band)
{
  const int64_t w0 = -g->left, ci = g->ci;
  const int64_t from = tacet_min (tacet_max (-w0, 0), b->band_columns);
  const int64_t to = tacet_max (tacet_min (g->w - w0, b->band_columns), from);

  for (int64_t n = at->sample; n < at->sample + at->samples; n++)
    for (int64_t row = 0; row < (at->rows - 1) * g->stride + g->kh; row++)
      {
        const int64_t h = at->row * g->stride - g->top + row;
        float *line = band + ((n - at->sample) * b->band_rows + row) * b->band_columns * ci;
        if (h < 0 || h >= g->h)
          {
            memset (line, 0, b->band_columns * ci * sizeof *line);
            continue;
          }
        memset (line, 0, from * ci * sizeof *line);
        memcpy (line + from * ci, x + ((n * g->h + h) * g->w + w0 + from) * ci, (to - from) * ci * sizeof *line);
        memset (line + to * ci, 0, (b->band_columns - to) * ci * sizeof *line);
      }
}

void
tacet_conv_block_open (const TacetConv *g, const TacetConvBlocks *b, int64_t index, const float *x, void *memory,
                       TacetConvBlock *at)
{
  float *band = (float *) ((char *) memory + table_bytes (b));
  int64_t sample_floats = g->h * g->w * g->ci, i = 0;

  at->sample = index / b->row_blocks * b->samples;
  at->samples = tacet_min (b->samples, g->n - at->sample);
  at->row = index % b->row_blocks * b->rows;
  at->rows = tacet_min (b->rows, g->ho - at->row);
  at->pixels = at->samples * at->rows * g->wo;
  at->from = memory;
  at->to = at->from + b->most;
  if (b->copies)
    {
      copy_band (g, b, at, x, band);
      at->x = band;
      at->row_floats = b->band_columns * g->ci;
      sample_floats = b->band_rows * at->row_floats;
    }
  else
    {
      at->row_floats = g->w * g->ci;
      at->x = x + at->sample * sample_floats + (at->row * g->stride - g->top) * at->row_floats - g->left * g->ci;
    }
  for (int64_t n = 0; n < at->samples; n++)
    for (int64_t row = 0; row < at->rows; row++)
      for (int64_t column = 0; column < g->wo; column++, i++)
        {
          at->from[i] = n * sample_floats + row * g->stride * at->row_floats + column * g->stride * g->ci;
          at->to[i] = (at->sample + n) * g->out_sample + (at->row + row) * g->out_row + column * g->out_column;
        }
}
