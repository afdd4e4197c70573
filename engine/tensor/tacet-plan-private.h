/* tacet-plan-private.h: what planning and running share. */
#pragma once

#include "tacet-graph-private.h"
#include "tacet-plan.h"

G_BEGIN_DECLS

/* Where the bytes of a value lie. */
typedef enum
{
  TACET_PLACE_NONE,   /* not part of this plan */
  TACET_PLACE_ARENA,  /* offset into the arena */
  TACET_PLACE_WEIGHT, /* a tensor of the host, or its copy on the device */
  TACET_PLACE_ALIAS,  /* inside another value */
} TacetPlace;

typedef struct
{
  TacetPlace place;
  size_t offset;  /* bytes, into the arena or into `base` */
  int base;       /* id of the value that owns the memory; itself if no alias */
  int last_use;   /* of owners: position in the order after which the memory is free; G_MAXINT: never */
  void *device;   /* weights: address */
  gboolean fused; /* this SiLU is computed together with the normalisation that it reads */
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

  GArray *steps;        /* TacetStep */
  GArray *values;       /* TacetValue *, one per step */
  GPtrArray *packed;    /* packed weights, to be freed */
  GArray *packed_bytes; /* gsize */
  GPtrArray *loaded;    /* tensors of the host that this plan keeps in memory */
  guint8 *arena;
  size_t arena_bytes;
  guint8 *scratch;
  size_t scratch_bytes;

  double *seconds; /* per operation, when profiling */
  guint64 *counts;
};

/* The value whose operation and operands compute y: y itself, or the normalisation fused into it. */
static inline TacetValue *
_tacet_plan_source (TacetPlan *self, TacetValue *y)
{
  return self->slots[y->id].fused ? y->in[0] : y;
}

/* Fills slots, order and arena_bytes. */
void _tacet_plan_layout (TacetPlan *self, TacetValue *const *outputs, int n_outputs);
void *_tacet_plan_address (TacetPlan *self, const TacetValue *value);

G_END_DECLS
