/* tacet-kernels.h: the one table of numeric operations, and the backends that run them.
 *
 * Room: kernels/ (C11, no GLib; builds alone on a bare machine).
 *
 * A step is one operation on dense tensors.  A backend (the CPU, a CUDA device) is a table of
 * functions that runs steps.  Who decides which steps run, in which order and where the results
 * lie is engine/tensor; nothing here allocates while a step runs.
 *
 * Shapes are {n, h, w, c}, c varies fastest (NHWC).  A sequence of T tokens of width C is
 * {n, 1, T, C}.  A matrix is {1, 1, rows, columns}.  A vector per channel is {1, 1, 1, C}.
 * Convolution weights are {c_out, kh, kw, c_in}.
 *
 * Memory: the output of ADD, MUL, AFFINE, FN, FN_MUL, SOFTMAX, SOFTMAX_BACK and COMBINE (for f) may be the
 * memory of an input of the same shape; every other operation wants an output of its own.
 *
 * Threads: a backend instance is used by one thread at a time; several instances may run side by
 * side.  Results do not depend on the number of threads (fixed partition of every reduction).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

#define TACET_RANK       4
#define TACET_MAX_INPUTS 16
#define TACET_ALIGNMENT  64 /* bytes; of every buffer, arena offset and scratch area */

  typedef enum
  {
    TACET_F32,
    TACET_F64,
    TACET_I32,
  } TacetDtype;

  /* What values can be stored in without loss. */
  typedef enum
  {
    TACET_PRECISION_F32,
    TACET_PRECISION_F16,
    TACET_PRECISION_BF16,
  } TacetPrecision;

  typedef struct
  {
    int64_t d[TACET_RANK]; /* n, h, w, c */
  } TacetShape;

  static inline int64_t
  tacet_shape_count (TacetShape s)
  {
    return s.d[0] * s.d[1] * s.d[2] * s.d[3];
  }

  static inline size_t
  tacet_dtype_size (TacetDtype t)
  {
    return t == TACET_F64 ? 8 : 4;
  }

  static inline bool
  tacet_shape_equal (TacetShape a, TacetShape b)
  {
    return a.d[0] == b.d[0] && a.d[1] == b.d[1] && a.d[2] == b.d[2] && a.d[3] == b.d[3];
  }

  /* Functions of one variable.  Every kind exists in orders 0..3: order k is the k-th derivative, so
   * the gradient of an element-wise function is again one of the table. */
  typedef enum
  {
    TACET_FN_POWER, /* x^p, p = attrs.a */
    TACET_FN_EXP,
    TACET_FN_LOG,
    TACET_FN_SIN,
    TACET_FN_COS,
    TACET_FN_TANH,
    TACET_FN_SIGMOID,
    TACET_FN_SILU,       /* x sigmoid(x) */
    TACET_FN_GELU,       /* x Phi(x), exact (erf) */
    TACET_FN_QUICK_GELU, /* x sigmoid(1.702 x) */
    TACET_FN_ABS,
    TACET_FN_CLAMP, /* to [attrs.a, attrs.b] */
    TACET_N_FN,
  } TacetFn;

  typedef enum
  {
    /* Leaves and aliases: never handed to a backend. */
    TACET_OP_INPUT,
    TACET_OP_WEIGHT,
    TACET_OP_CONST,
    TACET_OP_VIEW,   /* same memory, other shape, from element attrs.offset on */
    TACET_OP_DETACH, /* same memory, no gradient flows */
    TACET_OP_HOST,   /* a function of the engine, run on the host between steps */

    /* Element-wise.  Each dimension of a and b is that of the output or 1 (broadcast). */
    TACET_OP_ADD,       /* a, b             -> attrs.a * a + attrs.b * b */
    TACET_OP_MUL,       /* a, b             -> attrs.a * a * b */
    TACET_OP_AFFINE,    /* x                -> attrs.a * x + attrs.b */
    TACET_OP_FN,        /* x                -> fn^(order) (x) */
    TACET_OP_FN_MUL,    /* g, x (one shape) -> g * fn^(order) (x) */
    TACET_OP_SUM,       /* x                -> summed over every dimension that is 1 in the output */
    TACET_OP_BROADCAST, /* x                -> repeated along dimensions that are 1 in x */

    /* Moving data. */
    TACET_OP_PERMUTE,     /* x   -> output dimension i is input dimension attrs.perm[i] */
    TACET_OP_CONCAT,      /* x.. -> along attrs.axis */
    TACET_OP_SLICE,       /* x   -> attrs.start .. + output size, along attrs.axis */
    TACET_OP_PAD,         /* x   -> zeros of the output's shape with x at attrs.start along attrs.axis */
    TACET_OP_UPSAMPLE,    /* x {n,h,w,c}  -> {n,2h,2w,c}, nearest */
    TACET_OP_DOWNSUM,     /* x {n,2h,2w,c} -> {n,h,w,c}, sum of 2x2 (the adjoint of UPSAMPLE) */
    TACET_OP_GATHER,      /* table {1,1,V,c}, ids {n,1,t,1} i32 -> {n,1,t,c} */
    TACET_OP_SCATTER_ADD, /* g {n,1,t,c}, ids {n,1,t,1} i32 -> {1,1,V,c} (the adjoint of GATHER) */

    /* Products. */
    TACET_OP_MATMUL,      /* a {p,q,m,k}, b {p,q,k,n}, optional bias {1,1,1,n} -> {p,q,m,n}, times attrs.a
                             (before the bias); attrs.trans_a: a is {p,q,k,m}; attrs.trans_b: b is
                             {p,q,n,k}; p, q of an input may be 1 (shared).  attrs.gated: b {1,1,k,2n} and
                             bias {1,1,1,2n} give {p,q,m,2n}, and the result is the first half of its columns
                             times fn of the second (GEGLU); only functions without parameters */
    TACET_OP_CONV,        /* x {n,h,w,ci}, w {co,kh,kw,ci}, optional bias {1,1,1,co} -> {n,ho,wo,co} */
    TACET_OP_CONV_DATA,   /* g {n,ho,wo,co}, w {co,kh,kw,ci} -> {n,h,w,ci} */
    TACET_OP_CONV_WEIGHT, /* x {n,h,w,ci}, g {n,ho,wo,co}    -> {co,kh,kw,ci} */

    /* Normalisation over (h, w, c/groups) per sample; LayerNorm is groups = 1 on {n*t,1,1,c}. */
    TACET_OP_NORM,             /* x [, gamma {1,1,1,c}, beta {1,1,1,c}] -> like x; attrs.groups, attrs.a = eps;
                                  attrs.silu: SiLU applied to the result */
    TACET_OP_NORM_BACK_DATA,   /* g, x [, gamma] -> dx (attrs.silu never set) */
    TACET_OP_NORM_BACK_WEIGHT, /* g, x -> {1,1,2,c}: row 0 dgamma, row 1 dbeta */

    /* Attention.  Softmax runs over c; attrs.causal: position j > row index (dimension w) is masked. */
    TACET_OP_SOFTMAX,        /* x -> like x */
    TACET_OP_SOFTMAX_BACK,   /* g, y -> y * (g - sum_c (g y)) */
    TACET_OP_ATTENTION,      /* q {n,1,t,c}, k {n,1,s,c}, v {n,1,s,c} -> {n,1,t,c}; attrs.heads,
                                attrs.causal, attrs.a = scale of the scores */
    TACET_OP_ATTENTION_BACK, /* g, q, k, v -> flat {1,1,1,|q|+|k|+|v|}: dq, then dk, then dv */

    /* Minimal impact. */
    TACET_OP_GRAM,    /* v_0 .. v_{m-1} (one shape {n,h,w,c}) -> f64 {n,1,m,m}, inner products per sample */
    TACET_OP_COMBINE, /* f {n,h,w,c}, coef {n,1,1,k}, c_1 .. c_k -> f + sum_k coef[n,k] c_k;
                         a sample whose coefficients are all 0 is f, bit for bit */

    /* Optimiser; the one operation that writes into its inputs. */
    TACET_OP_ADAMW, /* grad, m, v [, average] -> parameter (in place; m, v and average too): attrs.lr, beta1, beta2,
                       a = eps, b = weight decay, scale = factor on grad, step = 1, 2, ...; then
                       average += attrs.rest (parameter - average) */

    TACET_N_OPS,
  } TacetOp;

  typedef struct
  {
    float a, b;
    TacetFn fn;
    int order;
    int axis;
    int64_t start, offset;
    int perm[TACET_RANK];
    bool trans_a, trans_b;
    int stride, pad_top, pad_left; /* convolutions; bottom and right follow from the shapes */
    int groups, heads;
    bool causal, silu, gated;
    float lr, beta1, beta2, scale, rest; /* ADAMW */
    int64_t step;
  } TacetAttrs;

  typedef struct
  {
    void *data;
    TacetShape shape;
    TacetDtype dtype;
  } TacetOperand;

  typedef struct
  {
    TacetOp op;
    TacetAttrs attrs;
    int n_inputs;
    TacetOperand in[TACET_MAX_INPUTS];
    TacetOperand out;
    const void *packed; /* weights as the backend packed them, or NULL: see pack () */
    /* Of the weight operand's values; the same in packed_size (), pack () and run ().  Packed weights may rest
     * in it; results have the same bits with every precision that is true. */
    TacetPrecision precision;
  } TacetStep;

  typedef enum
  {
    TACET_OK,
    TACET_NO_MEMORY,
    TACET_UNSUPPORTED,
    TACET_DEVICE_ERROR,
  } TacetStatus;

  typedef struct TacetBackend TacetBackend;

  /* Every function may be called from the thread that owns the instance only. */
  typedef struct
  {
    const char *name; /* "cpu", "cuda" */

    /* bytes of 64-byte aligned device memory; NULL when the budget or the device is exhausted. */
    void *(*alloc) (TacetBackend *self, size_t bytes);
    void (*free) (TacetBackend *self, void *data, size_t bytes);
    TacetStatus (*upload) (TacetBackend *self, void *device, const void *host, size_t bytes);
    TacetStatus (*download) (TacetBackend *self, void *host, const void *device, size_t bytes);

    bool (*supports) (TacetBackend *self, const TacetStep *step);
    /* Bytes of scratch that run () needs for this step; data pointers are not read. */
    size_t (*scratch) (TacetBackend *self, const TacetStep *step);
    /* For a step whose weight operand stays constant over many runs: bytes of the packed form
     * (0: nothing to gain), and the packing itself, into memory from alloc (). */
    size_t (*packed_size) (TacetBackend *self, const TacetStep *step);
    /* Steps with the same weight, operation, attributes and key have the same packed form: it may be shared. */
    uint64_t (*pack_key) (TacetBackend *self, const TacetStep *step);
    TacetStatus (*pack) (TacetBackend *self, const TacetStep *step, void *packed, void *scratch);

    TacetStatus (*run) (TacetBackend *self, const TacetStep *step, void *scratch);
    /* One English sentence about the last status that was not TACET_OK. */
    const char *(*message) (TacetBackend *self);
    void (*destroy) (TacetBackend *self);
  } TacetBackendClass;

  struct TacetBackend
  {
    const TacetBackendClass *klass;
    size_t budget; /* bytes that alloc () may hand out in all; 0: no limit */
    size_t used;   /* bytes handed out now */
    size_t peak;   /* most so far; may be set back to used */
  };

  /* A CPU backend with a pool of n_threads (0: one per core), which runs the code of the best level of instructions
   * that the machine has; the environment variable TACET_CPU_LEVEL may name a lower one.  NULL: no memory.
   * Free with klass->destroy. */
  TacetBackend *tacet_cpu_backend_new (int n_threads);
  int tacet_cpu_backend_threads (TacetBackend *self);
  /* "x86-64-v4", "x86-64-v3", "x86-64", "aarch64" or "generic". */
  const char *tacet_cpu_backend_level (TacetBackend *self);

  /* Whether dtypes, shapes and attributes of a step belong together; what does not is refused by every
   * backend. */
  bool tacet_step_fits (const TacetStep *step);

  const char *tacet_op_name (TacetOp op);
  const char *tacet_fn_name (TacetFn fn);
  /* Multiply-adds counted as two; bytes that must at least be read and written.  For benchmarks. */
  double tacet_step_flops (const TacetStep *step);
  double tacet_step_bytes (const TacetStep *step);

  /* Partition of work: runs task (context, i) for i in 0 .. n_tasks - 1 on the backend's pool and
   * returns when all are done.  CPU backend only. */
  typedef void (*TacetTask) (void *context, int64_t index);
  void tacet_cpu_backend_parallel (TacetBackend *self, int64_t n_tasks, TacetTask task, void *context);

#ifdef __cplusplus
}
#endif
