/* tacet-plan-weights.c: how the weights of a plan come into memory.
 *
 * Room: engine/tensor.  Constant weights that only products read are packed and never held as they are: each is
 * read into one buffer, packed, and the buffer goes on to the next.  What other operations read is loaded and stays
 * as long as the plan.
 */
#define G_LOG_DOMAIN "tacet-plan-weights"
#include "tacet-plan-private.h"

static size_t
tensor_bytes (const TacetTensor *tensor)
{
  return (size_t) tacet_shape_count (tensor->shape) * tacet_dtype_size (tensor->dtype);
}

static TacetTensor *
weight_tensor (TacetPlan *self, const TacetValue *value)
{
  const TacetStorageSlot *slot = &self->slots[value->id];
  if (self->slots[slot->base].place != TACET_PLACE_WEIGHT)
    return NULL;
  return ((TacetValue *) tacet_graph_nth (self->graph, (guint) slot->base))->tensor;
}

/* Products whose second operand is a weight that does not change keep it in the form the kernel likes. */
gboolean
_tacet_plan_choose_packed (TacetPlan *self, GError **error)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      TacetStep *step = &g_array_index (self->steps, TacetStep, i);
      if (step->op != TACET_OP_CONV && step->op != TACET_OP_MATMUL && step->op != TACET_OP_CONV_DATA)
        continue;
      const TacetValue *weight = _tacet_plan_source (self, g_array_index (self->values, TacetValue *, i))->in[1];
      TacetTensor *tensor = weight_tensor (self, weight);
      if (!tensor || (tensor->trained && !(self->flags & TACET_PLAN_CONSTANT_WEIGHTS)))
        continue;
      step->precision = tensor->precision;
      gsize bytes = self->backend->klass->packed_size (self->backend, step);
      if (bytes == 0)
        continue;
      const TacetStorageSlot *slot = &self->slots[weight->id];
      gsize offset = slot->place == TACET_PLACE_ALIAS ? slot->offset : 0;
      TacetPacked *packed = _tacet_packed_get (tensor, offset, self->backend, step, bytes);
      if (!packed)
        return _tacet_plan_no_memory (self, bytes, "prepared weights", error);
      g_ptr_array_add (self->packed, packed);
      step->packed = packed->data;
    }
  return TRUE;
}

/* Values of a tensor that need not stay: its own, or read into the plan's buffer, or uploaded from there. */
static void *
read_tensor (TacetPlan *self, TacetTensor *tensor, GError **error)
{
  if (tensor->data && self->on_host)
    return tensor->data;
  gsize bytes = tensor_bytes (tensor);
  if (bytes > self->read_bytes)
    {
      _tacet_plan_release (self, self->read_buffer, self->read_bytes);
      self->read_bytes = 0;
      self->read_buffer = _tacet_plan_allocate (self, bytes, "weights", error);
      if (!self->read_buffer)
        return NULL;
      self->read_bytes = bytes;
    }
  if (self->on_host)
    return tacet_tensor_read (tensor, self->read_buffer, error) ? self->read_buffer : NULL;
  if (!tacet_tensor_load (tensor, error))
    return NULL;
  TacetStatus status = self->backend->klass->upload (self->backend, self->read_buffer, tensor->data, bytes);
  tacet_tensor_unload (tensor);
  if (status == TACET_OK)
    return self->read_buffer;
  _tacet_plan_status_error (self, status, "Sending weights to the device failed", error);
  return NULL;
}

gboolean
_tacet_plan_pack (TacetPlan *self, GError **error)
{
  gboolean ok = TRUE;
  for (guint i = 0, next = 0; ok && i < self->steps->len; i++)
    {
      TacetStep step = g_array_index (self->steps, TacetStep, i);
      if (!step.packed)
        continue;
      TacetPacked *packed = g_ptr_array_index (self->packed, next++);
      if (packed->filled)
        continue;
      guint8 *values = read_tensor (self, packed->tensor, error);
      if (!values)
        {
          ok = FALSE;
          break;
        }
      step.in[1].data = values + packed->offset;
      TacetStatus status = self->backend->klass->pack (self->backend, &step, packed->data, self->scratch);
      packed->filled = status == TACET_OK;
      ok = packed->filled || _tacet_plan_status_error (self, status, "Preparing weights failed", error);
    }
  _tacet_plan_release (self, self->read_buffer, self->read_bytes);
  self->read_buffer = NULL;
  self->read_bytes = 0;
  return ok;
}

static gboolean
place (TacetPlan *self, TacetTensor *tensor, TacetStorageSlot *slot, GError **error)
{
  if (self->on_host)
    {
      gsize bytes = tensor->data ? 0 : tensor_bytes (tensor);
      TacetBackend *backend = self->backend;
      if (backend->budget > 0 && (backend->used > backend->budget || bytes > backend->budget - backend->used))
        return _tacet_plan_no_memory (self, bytes, "weights", error);
      if (!tacet_tensor_load (tensor, error))
        return FALSE;
      g_ptr_array_add (self->loaded, tacet_tensor_ref (tensor));
      self->loaded_bytes += bytes;
      backend->used += bytes;
      backend->peak = MAX (backend->peak, backend->used);
      slot->device = tensor->data;
      return TRUE;
    }
  slot->device = _tacet_plan_allocate (self, tensor_bytes (tensor), "weights", error);
  return slot->device != NULL;
}

static gboolean
place_value (TacetPlan *self, const TacetValue *value, GError **error)
{
  TacetStorageSlot *owner = &self->slots[self->slots[value->id].base];
  TacetTensor *tensor = weight_tensor (self, value);
  return !tensor || owner->device || place (self, tensor, owner, error);
}

gboolean
_tacet_plan_load (TacetPlan *self, TacetValue *const *outputs, int n_outputs, GError **error)
{
  for (int i = 0; i < n_outputs; i++)
    if (!place_value (self, outputs[i], error))
      return FALSE;
  for (guint i = 0; i < self->steps->len; i++)
    {
      TacetStep *step = &g_array_index (self->steps, TacetStep, i);
      TacetValue *in[TACET_MAX_INPUTS];
      _tacet_plan_operands (self, g_array_index (self->values, TacetValue *, i), in);
      for (int k = 0; k < step->n_inputs; k++)
        {
          if (step->packed && k == 1)
            continue;
          if (!place_value (self, in[k], error))
            return FALSE;
          step->in[k].data = _tacet_plan_address (self, in[k]);
        }
    }
  return tacet_plan_refresh_weights (self, error);
}

gboolean
tacet_plan_refresh_weights (TacetPlan *self, GError **error)
{
  for (guint id = 0; !self->on_host && id < self->n_values; id++)
    {
      TacetTensor *tensor = ((TacetValue *) tacet_graph_nth (self->graph, id))->tensor;
      if (self->slots[id].place != TACET_PLACE_WEIGHT || !self->slots[id].device)
        continue;
      if (!tacet_tensor_load (tensor, error))
        return FALSE;
      TacetStatus status =
          self->backend->klass->upload (self->backend, self->slots[id].device, tensor->data, tensor_bytes (tensor));
      tacet_tensor_unload (tensor);
      if (status != TACET_OK)
        return _tacet_plan_status_error (self, status, "Sending weights to the device failed", error);
    }
  return TRUE;
}

size_t
tacet_plan_bytes (TacetPlan *self)
{
  size_t bytes = self->arena_bytes + self->scratch_bytes + self->loaded_bytes;
  for (guint i = 0; i < self->packed->len; i++)
    bytes += ((TacetPacked *) g_ptr_array_index (self->packed, i))->bytes;
  return bytes;
}

static void
unload (gpointer tensor)
{
  tacet_tensor_unload (tensor);
  tacet_tensor_unref (tensor);
}

void
_tacet_plan_init_weights (TacetPlan *self)
{
  self->packed = g_ptr_array_new_with_free_func (_tacet_packed_release);
  self->loaded = g_ptr_array_new_with_free_func (unload);
}

void
_tacet_plan_free_weights (TacetPlan *self)
{
  g_ptr_array_unref (self->packed);
  g_ptr_array_unref (self->loaded);
  self->backend->used -= MIN (self->loaded_bytes, self->backend->used);
  for (guint id = 0; !self->on_host && id < self->n_values; id++)
    if (self->slots[id].place == TACET_PLACE_WEIGHT)
      _tacet_plan_release (self, self->slots[id].device,
                           tensor_bytes (((TacetValue *) tacet_graph_nth (self->graph, id))->tensor));
}
