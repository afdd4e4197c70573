/* tacet-plan.h: a graph made ready to run: order, kernels, one arena, packed weights; and its run.
 *
 * Room: engine/tensor.  Making a plan allocates everything; running it allocates nothing.
 * Threads: a plan is used by one thread at a time, that of its backend instance.  Plans of several
 * threads may share weight tensors as long as nobody writes them meanwhile.
 */
#pragma once

#include "tacet-graph.h"
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TacetPlan TacetPlan;

typedef enum
{
  TACET_PLAN_DEFAULT = 0,
  /* Weights never change while the plan lives: let the backend pack them. */
  TACET_PLAN_CONSTANT_WEIGHTS = 1 << 0,
  /* As above, but for tensors that are marked as trained. */
  TACET_PLAN_FROZEN_WEIGHTS = 1 << 1,
  /* With constant weights: what depends on lasting inputs alone is computed in the first run after one of them was
   * set, and kept for the others, unless that would need too much of the memory. */
  TACET_PLAN_KEEP_LASTING = 1 << 2,
} TacetPlanFlags;

/* The plan keeps the graph's values alive only by contract: the graph must outlive the plan. */
TacetPlan *tacet_plan_new (TacetGraph *graph, TacetValue *const *outputs, int n_outputs, TacetBackend *backend,
                           TacetPlanFlags flags, GError **error);
/* As above; output i is written to host memory of the caller, places[i], which outlives the plan, if that is not
 * NULL and the backend computes there; what is a view of another value, or an output twice, stays in the plan:
 * tacet_plan_data () says where it is. */
TacetPlan *tacet_plan_new_into (TacetGraph *graph, TacetValue *const *outputs, void *const *places, int n_outputs,
                                TacetBackend *backend, TacetPlanFlags flags, GError **error);
void tacet_plan_free (TacetPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetPlan, tacet_plan_free)

/* Copies count * size bytes in the input's shape.  Inputs keep their value over runs. */
gboolean tacet_plan_set (TacetPlan *self, TacetValue *input, const void *data, GError **error);
/* Sends weights that changed on the host to the device; nothing to do on the CPU. */
gboolean tacet_plan_refresh_weights (TacetPlan *self, GError **error);
/* Cancel is checked between steps; then G_IO_ERROR_CANCELLED. */
gboolean tacet_plan_run (TacetPlan *self, GCancellable *cancellable, GError **error);
/* Copies an output. */
gboolean tacet_plan_get (TacetPlan *self, TacetValue *output, void *data, GError **error);
/* Device address of an output or input, valid until the plan is freed (CPU: plain memory).  Lasting inputs are written
 * by tacet_plan_set () only. */
void *tacet_plan_data (TacetPlan *self, TacetValue *value);

size_t tacet_plan_arena_bytes (TacetPlan *self);
/* All that it holds, what it shares with other plans included: arena, scratch, packed weights, loaded tensors. */
size_t tacet_plan_bytes (TacetPlan *self);
guint tacet_plan_n_steps (TacetPlan *self);
/* The first so many of them run only after a lasting input was set. */
guint tacet_plan_n_kept (TacetPlan *self);
const TacetStep *tacet_plan_step (TacetPlan *self, guint index);
/* The value that the step computes. */
TacetValue *tacet_plan_step_value (TacetPlan *self, guint index);
/* Measures every step of the runs from now on (CPU); the best seconds of each so far; 0: it did not run. */
void tacet_plan_measure (TacetPlan *self);
double tacet_plan_step_seconds (TacetPlan *self, guint index);

G_END_DECLS
