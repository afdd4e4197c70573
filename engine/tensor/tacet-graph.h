/* tacet-graph.h: computations as graphs of values, closed under differentiation.
 *
 * Room: engine/tensor.  A model is a function that appends values to a graph.  Gradient and tangent
 * rules return values of the same graph, never kernel calls, so a gradient can be differentiated
 * again.  A plan (tacet-plan.h) runs a graph.
 *
 * Shapes are NHWC as in kernels/tacet-kernels.h.  Ownership: every TacetValue belongs to its graph
 * and lives as long.  Threads: a graph is built by one thread.
 *
 * Errors are sticky: a function called with shapes that do not fit records one message in the graph
 * and returns a harmless value of the graph, so that a builder needs no checks of its own;
 * tacet_plan_new () refuses a graph with an error.  (Configuration files are foreign data; a bad one
 * must end as a message.)
 */
#pragma once

#include "kernels/tacet-kernels.h"
#include <glib.h>

G_BEGIN_DECLS

#define TACET_TENSOR_ERROR (tacet_tensor_error_quark ())
GQuark tacet_tensor_error_quark (void);

typedef enum
{
  TACET_TENSOR_ERROR_SHAPE,
  TACET_TENSOR_ERROR_NO_MEMORY,
  TACET_TENSOR_ERROR_UNSUPPORTED,
  TACET_TENSOR_ERROR_DEVICE,
} TacetTensorError;

/* A tensor on the host: reference-counted, dense.  Data may be written while only one thread knows
 * the tensor (weights in training), and is constant once shared between threads. */
typedef struct
{
  TacetShape shape;
  TacetDtype dtype;
  TacetPrecision precision;
  gboolean trained; /* its values change between runs: plans of frozen weights do not pack it */
  void *data;       /* 64-byte aligned; NULL: a lazy tensor that is not in memory */
} TacetTensor;

TacetTensor *tacet_tensor_new (TacetDtype dtype, TacetShape shape); /* zeros; NULL: no memory */

/* A lazy tensor of f32: its values are computed or read from a file when they are wanted, so that a plan
 * which packs them never holds them twice.  fill writes tacet_shape_count (shape) values in the layout of
 * the shape; FALSE with an error.  It may be called any number of times and gives the same values. */
typedef gboolean (*TacetTensorFill) (gpointer source, float *values, GError **error);
TacetTensor *tacet_tensor_new_lazy (TacetShape shape, TacetPrecision precision, TacetTensorFill fill, gpointer source,
                                    GDestroyNotify free_source);
/* Copies the values, loaded or not. */
gboolean tacet_tensor_read (TacetTensor *self, float *values, GError **error);
/* Data are there until as many calls of unload; of a tensor that is not lazy they always are.
 * One thread at a time, that of the tensor's store. */
gboolean tacet_tensor_load (TacetTensor *self, GError **error);
void tacet_tensor_unload (TacetTensor *self);
TacetTensor *tacet_tensor_ref (TacetTensor *self);
void tacet_tensor_unref (TacetTensor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetTensor, tacet_tensor_unref)
static inline float *
tacet_tensor_f32 (TacetTensor *self)
{
  return (float *) self->data;
}

typedef struct _TacetGraph TacetGraph;
typedef struct _TacetValue TacetValue;

/* Runs on the host between two steps (minimal impact's solver, reports).  Inputs and outputs are
 * host memory.  Called on the thread that runs the plan. */
typedef void (*TacetHostFunc) (gpointer user_data, const TacetOperand *inputs, int n_inputs, TacetOperand *output);

struct _TacetValue
{
  TacetGraph *graph;
  int id; /* position in the graph; inputs always have smaller ids */
  TacetOp op;
  TacetAttrs attrs;
  TacetShape shape;
  TacetDtype dtype;
  int n_inputs;
  TacetValue *in[TACET_MAX_INPUTS];
  char *name;          /* inputs and weights; else NULL */
  gboolean lasting;    /* an input: see tacet_input_lasting () */
  TacetTensor *tensor; /* weights and constants; else NULL */
  TacetHostFunc host;  /* TACET_OP_HOST */
  gpointer host_data;
};

TacetGraph *tacet_graph_new (void);
void tacet_graph_free (TacetGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetGraph, tacet_graph_free)
const GError *tacet_graph_error (TacetGraph *self); /* NULL while all is well */
void tacet_graph_set_error (TacetGraph *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
guint tacet_graph_length (TacetGraph *self);
TacetValue *tacet_graph_nth (TacetGraph *self, guint id);

static inline TacetShape
tacet_shape (int64_t n, int64_t h, int64_t w, int64_t c)
{
  return (TacetShape){ { n, h, w, c } };
}

/* Leaves.  Weights and constants hold a reference to their tensor; one tensor is one leaf, however
 * often asked for. */
TacetValue *tacet_input (TacetGraph *g, const char *name, TacetDtype dtype, TacetShape shape);
/* An input that is set more seldom than the graph is run: a plan may keep what depends on such inputs alone. */
TacetValue *tacet_input_lasting (TacetGraph *g, const char *name, TacetDtype dtype, TacetShape shape);
TacetValue *tacet_weight (TacetGraph *g, const char *name, TacetTensor *tensor);
TacetValue *tacet_constant (TacetGraph *g, TacetTensor *tensor);
TacetValue *tacet_scalar (TacetGraph *g, float value);                 /* {1,1,1,1} */
TacetValue *tacet_full (TacetGraph *g, TacetShape shape, float value); /* a broadcast scalar */

/* Aliases. */
TacetValue *tacet_reshape (TacetValue *x, TacetShape shape); /* same count */
TacetValue *tacet_view (TacetValue *x, int64_t offset, TacetShape shape);
TacetValue *tacet_detach (TacetValue *x);

/* Element-wise, with broadcasting. */
TacetValue *tacet_add (TacetValue *a, TacetValue *b);
TacetValue *tacet_sub (TacetValue *a, TacetValue *b);
TacetValue *tacet_add_scaled (TacetValue *a, float alpha, TacetValue *b, float beta);
TacetValue *tacet_mul (TacetValue *a, TacetValue *b);
TacetValue *tacet_scale (TacetValue *x, float factor);
TacetValue *tacet_affine (TacetValue *x, float factor, float offset);
TacetValue *tacet_fn (TacetValue *x, TacetFn fn);
TacetValue *tacet_power (TacetValue *x, float p);
TacetValue *tacet_clamp (TacetValue *x, float low, float high);
TacetValue *tacet_fn_order (TacetValue *x, TacetFn fn, int order, float a, float b);
TacetValue *tacet_fn_mul (TacetValue *g, TacetValue *x, TacetFn fn, int order, float a, float b);
TacetValue *tacet_sum_to (TacetValue *x, TacetShape shape);
TacetValue *tacet_mean (TacetValue *x); /* over everything, {1,1,1,1} */
TacetValue *tacet_broadcast (TacetValue *x, TacetShape shape);

/* Moving data. */
TacetValue *tacet_permute (TacetValue *x, int d0, int d1, int d2, int d3);
TacetValue *tacet_concat (TacetValue *const *x, int n, int axis);
TacetValue *tacet_slice (TacetValue *x, int axis, int64_t start, int64_t size);
TacetValue *tacet_pad (TacetValue *x, int axis, int64_t start, int64_t size);
TacetValue *tacet_upsample (TacetValue *x);
TacetValue *tacet_downsum (TacetValue *x);
TacetValue *tacet_gather (TacetValue *table, TacetValue *ids);
TacetValue *tacet_scatter_add (TacetValue *g, TacetValue *ids, int64_t n_rows);

/* Products. */
TacetValue *tacet_matmul (TacetValue *a, bool trans_a, TacetValue *b, bool trans_b, float alpha);
/* x {n,h,w,k}, w {1,1,m,k} (torch's [out, in]), bias {1,1,1,m} or NULL -> {n,h,w,m} */
TacetValue *tacet_linear (TacetValue *x, TacetValue *w, TacetValue *bias);
typedef struct
{
  int stride;
  int top, left, bottom, right; /* zero padding */
} TacetConv;
TacetValue *tacet_conv (TacetValue *x, TacetValue *w, TacetValue *bias, TacetConv conv);
TacetValue *tacet_conv_data (TacetValue *g, TacetValue *w, TacetConv conv, TacetShape x_shape);
TacetValue *tacet_conv_weight (TacetValue *x, TacetValue *g, TacetConv conv, TacetShape w_shape);

/* Normalisation and attention; gamma and beta both or neither NULL. */
TacetValue *tacet_group_norm (TacetValue *x, TacetValue *gamma, TacetValue *beta, int groups, float eps);
TacetValue *tacet_layer_norm (TacetValue *x, TacetValue *gamma, TacetValue *beta, float eps); /* over c */
TacetValue *tacet_softmax (TacetValue *x, bool causal);                                       /* over c */
TacetValue *tacet_attention (TacetValue *q, TacetValue *k, TacetValue *v, int heads, bool causal, float scale);

/* Minimal impact. */
TacetValue *tacet_gram (TacetValue *const *v, int n);
TacetValue *tacet_combine (TacetValue *f, TacetValue *coefficients, TacetValue *const *c, int n);
/* No gradient flows through a host function. */
TacetValue *tacet_host (TacetValue *const *inputs, int n, TacetDtype dtype, TacetShape shape, TacetHostFunc func,
                        gpointer user_data);

/* The plain expansion of a fused value: the same function of the same inputs in operations that
 * have gradient rules of their own; NULL if it has none (then it has a rule). */
TacetValue *tacet_expand (TacetValue *x);

/* Reverse mode: gradients of sum_i <outputs[i], cotangents[i]> with respect to wrt[j].  A gradient
 * that is identically zero comes back as NULL. */
void tacet_gradient (TacetGraph *g, TacetValue *const *outputs, TacetValue *const *cotangents, int n_outputs,
                     TacetValue *const *wrt, int n_wrt, TacetValue **gradients);
/* Forward mode: directional derivatives of outputs along tangents[j] of inputs[j]; NULL: zero. */
void tacet_tangent (TacetGraph *g, TacetValue *const *inputs, TacetValue *const *tangents, int n_inputs,
                    TacetValue *const *outputs, int n_outputs, TacetValue **results);

G_END_DECLS
