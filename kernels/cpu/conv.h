/* conv.h: the geometry of a convolution, as its three operations and their kernels see it.
 *
 * Room: kernels/ (private).
 */
#pragma once

#include "cpu.h"

typedef struct
{
  int64_t n, h, w, ci; /* input */
  int64_t ho, wo, co;  /* output */
  int64_t kh, kw;
  int64_t stride, top, left;
  int64_t patch; /* kh kw ci */
} TacetConv;

static inline TacetConv
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
    .patch = weight.d[1] * weight.d[2] * weight.d[3],
  };
}

static inline bool
tacet_conv_is_product (const TacetConv *g)
{
  return g->kh == 1 && g->kw == 1 && g->stride == 1 && g->top == 0 && g->left == 0 && g->ho == g->h && g->wo == g->w;
}

/* Output pixels per block, so that the patches of one block stay in a cache of its core. */
static inline int64_t
tacet_conv_block (const TacetConv *g)
{
  return tacet_max (32, tacet_min (65536 / g->patch / 16 * 16, 1024));
}

/* The patches {count, kh kw ci} of output pixels first .. first + count - 1 (over n, ho, wo). */
void tacet_conv_patches (const TacetConv *g, const float *x, int64_t first, int64_t count, float *patches);

/* The general way of the forward operation: patches and a product.  weights {co, patch}. */
size_t tacet_conv_forward_scratch (TacetCpu *cpu, const TacetConv *g);
void tacet_conv_forward (TacetCpu *cpu, const TacetConv *g, const float *x, const float *weights, const float *bias,
                         float *out, void *scratch);
