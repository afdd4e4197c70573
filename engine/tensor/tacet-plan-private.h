/* tacet-plan-private.h: what planning and running share. */
#pragma once

#include "tacet-graph-private.h"
#include "tacet-plan.h"

G_BEGIN_DECLS

/* A weight as the backend packed it, for one kind of step (tacet-packed.c). */
typedef struct _TacetPacked TacetPacked;
struct _TacetPacked
{
  TacetPacked *next; /* of the same tensor */
  TacetTensor *tensor;
  TacetBackend *backend;
  TacetOp op;
  TacetAttrs attrs;
  TacetShape shape; /* as operand; from byte `offset` of the tensor on */
  size_t offset;
  TacetPrecision precision;
  uint64_t key;
  guint n_uses;
  gboolean filled;
  void *data;
  size_t bytes;
};

/* Found or allocated; NULL: no memory.  For the thread of the backend. */
TacetPacked *_tacet_packed_get (TacetTensor *tensor, size_t offset, TacetBackend *backend, const TacetStep *step,
                                size_t bytes);
void _tacet_packed_release (gpointer packed);
/* The list that hangs on the tensor (tacet-tensor.c). */
TacetPacked **_tacet_tensor_packed_lock (TacetTensor *tensor);
void _tacet_tensor_packed_unlock (TacetTensor *tensor);

/* Where the bytes of a value lie. */
typedef enum
{
  TACET_PLACE_NONE,   /* not part of this plan */
  TACET_PLACE_ARENA,  /* offset into the arena */
  TACET_PLACE_WEIGHT, /* a tensor of the host, or its copy on the device */
  TACET_PLACE_ALIAS,  /* inside another value */
  TACET_PLACE_CALLER, /* an output in the caller's memory */
} TacetPlace;

typedef struct
{
  TacetPlace place;
  size_t offset;  /* bytes, into the arena or into `base` */
  int base;       /* id of the value that owns the memory; itself if no alias */
  int last_use;   /* of owners: position in the order after which the memory is free; G_MAXINT: never */
  void *device;   /* of weights and what is the caller's: address */
  gboolean kept;  /* depends on lasting inputs and weights alone, and is to be kept */
  gboolean fused; /* computed together with what it reads: SiLU with the normalisation, GEGLU with the matrix product */
} TacetStorageSlot;

struct _TacetPlan
{
  TacetGraph *graph;
  TacetBackend *backend;
  TacetPlanFlags flags;
  gboolean on_host;        /* device memory is host memory */
  guint n_values;          /* length of the graph when planned */
  TacetStorageSlot *slots; /* by value id */
  int *order;              /* ids of values that are computed, in order */
  guint n_order;
  guint n_kept;   /* the first of them, which run only when `stale` */
  gboolean stale; /* a lasting input was set since they ran */

  GArray *steps;       /* TacetStep */
  GArray *values;      /* TacetValue *, one per step */
  GPtrArray *packed;   /* TacetPacked, one per step that has packed weights, in order */
  GPtrArray *loaded;   /* tensors of the host that this plan keeps in memory */
  size_t loaded_bytes; /* of those that it loaded, as part of backend->used */
  void *read_buffer;   /* while weights are packed: one of them as it is */
  size_t read_bytes;
  guint8 *arena;
  size_t arena_bytes;
  guint8 *scratch;
  size_t scratch_bytes;

  double *seconds; /* of each step at best, while they are measured */
};

/* The value whose operation computes y: y itself, or the normalisation or matrix product fused into it. */
static inline TacetValue *
_tacet_plan_source (TacetPlan *self, TacetValue *y)
{
  TacetValue *x = y;
  if (!self->slots[y->id].fused)
    return y;
  do
    x = x->in[0];
  while (x->op == TACET_OP_SLICE || x->op == TACET_OP_VIEW);
  return x;
}

/* What that operation reads; returns how many there are. */
static inline int
_tacet_plan_operands (TacetPlan *self, TacetValue *y, TacetValue *in[TACET_MAX_INPUTS])
{
  TacetValue *source = _tacet_plan_source (self, y);
  for (int i = 0; i < source->n_inputs; i++)
    in[i] = source->in[i];
  return source->n_inputs;
}

/* Errors; FALSE. */
gboolean _tacet_plan_status_error (TacetPlan *self, TacetStatus status, const char *what, GError **error);
gboolean _tacet_plan_no_memory (TacetPlan *self, size_t bytes, const char *what, GError **error);
/* NULL with an error */
void *_tacet_plan_allocate (TacetPlan *self, size_t bytes, const char *what, GError **error);
void _tacet_plan_release (TacetPlan *self, void *data, size_t bytes);

/* Weights (tacet-plan-weights.c), in this order: which steps use packed ones; filling these; all others. */
void _tacet_plan_init_weights (TacetPlan *self);
gboolean _tacet_plan_choose_packed (TacetPlan *self, GError **error);
gboolean _tacet_plan_pack (TacetPlan *self, GError **error);
gboolean _tacet_plan_load (TacetPlan *self, TacetValue *const *outputs, int n_outputs, GError **error);
void _tacet_plan_free_weights (TacetPlan *self);

/* Fills slots, order and arena_bytes.  places: NULL, or where the caller wants outputs. */
void _tacet_plan_layout (TacetPlan *self, TacetValue *const *outputs, void *const *places, int n_outputs);
void *_tacet_plan_address (TacetPlan *self, const TacetValue *value);

G_END_DECLS
