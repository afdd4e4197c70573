/* gemm.h: the one way to the BLAS: a row-major single-threaded product, called from inside tasks.
 *
 * Room: kernels/ (private).  The serial OpenBLAS of Debian guards its buffers with a lock, so that
 * several threads may be inside at once.
 */
#pragma once

#include <cblas.h>
#include <stdbool.h>
#include <stdint.h>

/* c {m,n} = alpha a {m,k} b {k,n} + beta c; ta: a is {k,m}; tb: b is {n,k}; strides of rows in elements. */
static inline void
tacet_gemm (bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t a_stride,
            const float *b, int64_t b_stride, float beta, float *c, int64_t c_stride)
{
  cblas_sgemm (CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, (int) m, (int) n, (int) k,
               alpha, a, (int) a_stride, b, (int) b_stride, beta, c, (int) c_stride);
}
