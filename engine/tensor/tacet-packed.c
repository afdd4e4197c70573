/* tacet-packed.c: packed weights, shared by all plans that multiply by the same tensor in the same way.
 *
 * Room: engine/tensor.  Packed forms hang on their tensor and are counted: several plans of one network (other
 * sizes, other sets of controls) hold its weights once.  The tensor lives as long as its packed forms.
 */
#define G_LOG_DOMAIN "tacet-packed"
#include "tacet-plan-private.h"

static gboolean
same_attributes (const TacetAttrs *a, const TacetAttrs *b)
{
  return a->trans_b == b->trans_b && a->stride == b->stride && a->pad_top == b->pad_top && a->pad_left == b->pad_left;
}

TacetPacked *
_tacet_packed_get (TacetTensor *tensor, size_t offset, TacetBackend *backend, const TacetStep *step, size_t bytes)
{
  const uint64_t key = backend->klass->pack_key (backend, step);
  TacetPacked **head = _tacet_tensor_packed_lock (tensor), *self = *head;
  for (; self; self = self->next)
    if (self->backend == backend && self->op == step->op && self->key == key && self->offset == offset &&
        self->bytes == bytes && self->precision == step->precision &&
        tacet_shape_equal (self->shape, step->in[1].shape) && same_attributes (&self->attrs, &step->attrs))
      {
        self->n_uses++;
        _tacet_tensor_packed_unlock (tensor);
        return self;
      }
  _tacet_tensor_packed_unlock (tensor);

  void *data = backend->klass->alloc (backend, bytes);
  if (!data)
    return NULL;
  self = g_new0 (TacetPacked, 1);
  *self = (TacetPacked){ .tensor = tacet_tensor_ref (tensor),
                         .backend = backend,
                         .op = step->op,
                         .attrs = step->attrs,
                         .shape = step->in[1].shape,
                         .precision = step->precision,
                         .key = key,
                         .offset = offset,
                         .n_uses = 1,
                         .data = data,
                         .bytes = bytes };
  head = _tacet_tensor_packed_lock (tensor);
  self->next = *head;
  *head = self;
  _tacet_tensor_packed_unlock (tensor);
  return self;
}

void
_tacet_packed_release (gpointer data)
{
  TacetPacked *self = data;
  if (--self->n_uses > 0)
    return;
  TacetPacked **link = _tacet_tensor_packed_lock (self->tensor);
  while (*link != self)
    link = &(*link)->next;
  *link = self->next;
  _tacet_tensor_packed_unlock (self->tensor);
  self->backend->klass->free (self->backend, self->data, self->bytes);
  tacet_tensor_unref (self->tensor);
  g_free (self);
}
