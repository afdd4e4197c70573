/* tacet-tensor.c: tensors on the host, reference-counted.  Room: engine/tensor. */
#define G_LOG_DOMAIN "tacet-tensor"
#include "tacet-graph.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  TacetTensor tensor;
  gatomicrefcount refs;
} OwnedTensor;

GQuark
tacet_tensor_error_quark (void)
{
  return g_quark_from_static_string ("tacet-tensor-error-quark");
}

TacetTensor *
tacet_tensor_new (TacetDtype dtype, TacetShape shape)
{
  for (int i = 0; i < TACET_RANK; i++)
    if (shape.d[i] < 1 || shape.d[i] > (int64_t) 1 << 40)
      return NULL;
  size_t count = 1;
  for (int i = 0; i < TACET_RANK; i++)
    if (!g_size_checked_mul (&count, count, (size_t) shape.d[i]))
      return NULL;
  size_t bytes;
  if (!g_size_checked_mul (&bytes, count, tacet_dtype_size (dtype)) || bytes > G_MAXSIZE - TACET_ALIGNMENT)
    return NULL;
  bytes = (bytes + TACET_ALIGNMENT - 1) / TACET_ALIGNMENT * TACET_ALIGNMENT;

  OwnedTensor *self = calloc (1, sizeof *self);
  if (!self)
    return NULL;
  self->tensor = (TacetTensor){ .shape = shape, .dtype = dtype, .data = aligned_alloc (TACET_ALIGNMENT, bytes) };
  if (!self->tensor.data)
    {
      free (self);
      return NULL;
    }
  memset (self->tensor.data, 0, bytes);
  g_atomic_ref_count_init (&self->refs);
  return &self->tensor;
}

TacetTensor *
tacet_tensor_ref (TacetTensor *self)
{
  g_atomic_ref_count_inc (&((OwnedTensor *) self)->refs);
  return self;
}

void
tacet_tensor_unref (TacetTensor *self)
{
  OwnedTensor *owned = (OwnedTensor *) self;
  if (!self || !g_atomic_ref_count_dec (&owned->refs))
    return;
  free (self->data);
  free (owned);
}
