/* tacet-tensor.c: tensors on the host, reference-counted; some read their values when these are wanted.
 *
 * Room: engine/tensor.
 */
#define G_LOG_DOMAIN "tacet-tensor"
#include "tacet-plan-private.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  TacetTensor tensor;
  gatomicrefcount refs;
  TacetTensorFill fill; /* NULL: not lazy */
  gpointer source;
  GDestroyNotify free_source;
  guint loads;
  GMutex packed_lock;
  TacetPacked *packed;
} OwnedTensor;

GQuark
tacet_tensor_error_quark (void)
{
  return g_quark_from_static_string ("tacet-tensor-error-quark");
}

static OwnedTensor *
new_owned (TacetDtype dtype, TacetShape shape)
{
  OwnedTensor *self = calloc (1, sizeof *self);
  if (!self)
    return NULL;
  self->tensor = (TacetTensor){ .shape = shape, .dtype = dtype };
  g_atomic_ref_count_init (&self->refs);
  return self;
}

/* 0: impossible */
static size_t
padded_bytes (TacetDtype dtype, TacetShape shape)
{
  size_t bytes = tacet_dtype_size (dtype);
  for (int i = 0; i < TACET_RANK; i++)
    if (shape.d[i] < 1 || shape.d[i] > (int64_t) 1 << 40 || !g_size_checked_mul (&bytes, bytes, (size_t) shape.d[i]))
      return 0;
  return bytes > G_MAXSIZE - TACET_ALIGNMENT ? 0 : (bytes + TACET_ALIGNMENT - 1) / TACET_ALIGNMENT * TACET_ALIGNMENT;
}

static gboolean
allocate (TacetTensor *self)
{
  size_t bytes = padded_bytes (self->dtype, self->shape);
  self->data = bytes > 0 ? aligned_alloc (TACET_ALIGNMENT, bytes) : NULL;
  if (self->data)
    memset (self->data, 0, bytes);
  return self->data != NULL;
}

TacetTensor *
tacet_tensor_new (TacetDtype dtype, TacetShape shape)
{
  OwnedTensor *self = new_owned (dtype, shape);
  if (self && allocate (&self->tensor))
    return &self->tensor;
  free (self);
  return NULL;
}

TacetTensor *
tacet_tensor_new_lazy (TacetShape shape, TacetPrecision precision, TacetTensorFill fill, gpointer source,
                       GDestroyNotify free_source)
{
  OwnedTensor *self = padded_bytes (TACET_F32, shape) > 0 ? new_owned (TACET_F32, shape) : NULL;
  if (!self)
    {
      if (free_source)
        free_source (source);
      return NULL;
    }
  self->tensor.precision = precision;
  self->fill = fill;
  self->source = source;
  self->free_source = free_source;
  return &self->tensor;
}

gboolean
tacet_tensor_read (TacetTensor *self, float *values, GError **error)
{
  OwnedTensor *owned = (OwnedTensor *) self;
  if (!self->data)
    return owned->fill (owned->source, values, error);
  memcpy (values, self->data, (size_t) tacet_shape_count (self->shape) * tacet_dtype_size (self->dtype));
  return TRUE;
}

gboolean
tacet_tensor_load (TacetTensor *self, GError **error)
{
  OwnedTensor *owned = (OwnedTensor *) self;
  if (!owned->fill)
    return TRUE;
  if (!self->data && !allocate (self))
    {
      g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY, "Not enough memory for weights");
      return FALSE;
    }
  if (owned->loads == 0 && !owned->fill (owned->source, self->data, error))
    {
      g_clear_pointer (&self->data, free);
      return FALSE;
    }
  owned->loads++;
  return TRUE;
}

void
tacet_tensor_unload (TacetTensor *self)
{
  OwnedTensor *owned = (OwnedTensor *) self;
  if (owned->fill && --owned->loads == 0)
    g_clear_pointer (&self->data, free);
}

TacetPacked **
_tacet_tensor_packed_lock (TacetTensor *self)
{
  g_mutex_lock (&((OwnedTensor *) self)->packed_lock);
  return &((OwnedTensor *) self)->packed;
}

void
_tacet_tensor_packed_unlock (TacetTensor *self)
{
  g_mutex_unlock (&((OwnedTensor *) self)->packed_lock);
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
  if (owned->free_source)
    owned->free_source (owned->source);
  g_mutex_clear (&owned->packed_lock);
  free (self->data);
  free (owned);
}
