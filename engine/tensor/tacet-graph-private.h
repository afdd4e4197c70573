/* tacet-graph-private.h: what the files of engine/tensor share: making values, checking shapes. */
#pragma once

#include "tacet-graph.h"

G_BEGIN_DECLS

/* Appends a value; dtype and attributes as given.  All inputs belong to g. */
TacetValue *_tacet_value_new (TacetGraph *g, TacetOp op, TacetDtype dtype, TacetShape shape, const TacetAttrs *attrs,
                              TacetValue *const *inputs, int n_inputs);
/* Records an error and returns a scalar that is safe to build on. */
TacetValue *_tacet_value_bad (TacetGraph *g, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The same, naming the shapes of two operands of `op` that do not fit together. */
TacetValue *_tacet_value_misfit (TacetOp op, TacetValue *a, TacetValue *b);
/* "{2, 8, 8, 64}"; valid until the next call with the same buffer. */
const char *_tacet_shape_text (TacetShape shape, char buffer[96]);
gboolean _tacet_shape_valid (TacetShape shape);

/* Gradients that leave value y for its inputs, given the cotangent g of y; entries for inputs that
 * need none may be skipped (needed[i] FALSE) and stay NULL. */
void _tacet_gradient_rule (TacetValue *y, TacetValue *g, const gboolean *needed, TacetValue **gradients);

/* Back operations, made by gradient rules. */
TacetValue *_tacet_norm_back_data (TacetValue *g, TacetValue *x, TacetValue *gamma, int groups, float eps);
TacetValue *_tacet_norm_back_weight (TacetValue *g, TacetValue *x, int groups, float eps);
TacetValue *_tacet_softmax_back (TacetValue *g, TacetValue *y);
TacetValue *_tacet_attention_back (TacetValue *g, TacetValue *q, TacetValue *k, TacetValue *v, int heads,
                                   gboolean causal, float scale);
/* Whether no derivative flows through y. */
static inline gboolean
_tacet_value_is_stop (const TacetValue *y)
{
  return y->op == TACET_OP_DETACH || y->op == TACET_OP_HOST || y->op == TACET_OP_GRAM || y->dtype != TACET_F32;
}
/* a + b where either may be NULL (zero). */
TacetValue *_tacet_add_or_null (TacetValue *a, TacetValue *b);

G_END_DECLS
