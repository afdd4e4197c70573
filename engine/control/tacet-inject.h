/* tacet-inject.h: minimal impact inside a graph: encoder features and control residuals in, the
 * features that the decoder sees out.
 *
 * Room: engine/control.  Per layer three values: the Gram matrix of (f, c_1 .. c_n) per sample, the
 * solver on the host (tacet-balance.h), and f + sum_k coefficient_k c_k.  Coefficients are scalars per
 * sample and layer, so both halves of classifier-free guidance have their own.
 * Threads: used by the thread that runs the plan.  Ownership: must outlive every plan of its graph.
 */
#pragma once

#include "engine/tensor/tacet-graph.h"
#include "tacet-balance.h"

G_BEGIN_DECLS

typedef struct _TacetInject TacetInject;

/* For batches of up to `batch` samples.  NULL: no memory, or numbers outside 1 .. TACET_MAX_CONTROLS. */
TacetInject *tacet_inject_new (int n_controls, int batch);
void tacet_inject_free (TacetInject *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetInject, tacet_inject_free)

/* What the next run of the plan uses; strengths: one per control.  May change between runs.  Fixed
 * weights in `combine` are those of these controls, in this order. */
void tacet_inject_set (TacetInject *self, const TacetCombine *combine, const double *strengths);
/* The control takes part in the samples from `first` on; in those before it the balance is made without it, and its
 * residuals there must be 0.  0 at first. */
void tacet_inject_set_first (TacetInject *self, int control, int first);
/* A factor on the control's strength at one layer, for guess modes; 1 at first. */
void tacet_inject_set_scale (TacetInject *self, int layer, int control, double scale);

/* One more layer. f {n,h,w,c}; controls: n_controls residuals of the same shape; masks: NULL, or per
 * control NULL or {1,h,w,1} or {n,h,w,1} in [0,1], multiplied onto its residual before the balance. */
TacetValue *tacet_inject_layer (TacetInject *self, TacetValue *f, TacetValue *const *controls,
                                TacetValue *const *masks);

int tacet_inject_n_layers (const TacetInject *self);
/* strength times the layer's factor */
double tacet_inject_strength (const TacetInject *self, int layer, int control);
gboolean tacet_inject_takes_part (const TacetInject *self, int control, int sample);
/* Of the last run; weights and coefficients of controls that do not take part in the sample are 0. */
const TacetBalance *tacet_inject_balance (const TacetInject *self, int layer, int sample);
/* (1 + n) x (1 + n), f first */
const double *tacet_inject_gram (const TacetInject *self, int layer, int sample);

/* The differentiable form of one control for training: f + lambda h, lambda of the detached values per
 * sample, no gradient through it.  h = 0 keeps its gradient path (f + cap h).  The cap is
 * TACET_LAMBDA_CAP.  lambda: {n,1,1,1} for reports; may be NULL. */
TacetValue *tacet_inject_train (TacetValue *f, TacetValue *h, TacetValue **lambda);

G_END_DECLS
