/* tacet-plan.c: making a plan and running it.  Room: engine/tensor. */
#define G_LOG_DOMAIN "tacet-plan"
#include "tacet-plan-private.h"

#include "kernels/tacet-roofline.h"

#include <string.h>

gboolean
_tacet_plan_status_error (TacetPlan *self, TacetStatus status, const char *what, GError **error)
{
  TacetTensorError code = status == TACET_NO_MEMORY     ? TACET_TENSOR_ERROR_NO_MEMORY
                          : status == TACET_UNSUPPORTED ? TACET_TENSOR_ERROR_UNSUPPORTED
                                                        : TACET_TENSOR_ERROR_DEVICE;
  const char *message = self->backend->klass->message (self->backend);
  g_set_error (error, TACET_TENSOR_ERROR, code, "%s (%s): %s", what, self->backend->klass->name,
               message ? message : "no reason given");
  return FALSE;
}

gboolean
_tacet_plan_no_memory (TacetPlan *self, size_t bytes, const char *what, GError **error)
{
  g_autofree char *wanted = g_format_size (bytes);
  g_autofree char *used = g_format_size (self->backend->used);
  if (self->backend->budget > 0)
    {
      g_autofree char *budget = g_format_size (self->backend->budget);
      g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY,
                   "Not enough memory: %s more are needed for %s, %s of %s are in use.", wanted, what, used, budget);
    }
  else
    g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY,
                 "Not enough memory: %s more are needed for %s, %s are in use.", wanted, what, used);
  return FALSE;
}

void *
_tacet_plan_allocate (TacetPlan *self, size_t bytes, const char *what, GError **error)
{
  void *data = self->backend->klass->alloc (self->backend, MAX (bytes, (size_t) TACET_ALIGNMENT));
  if (!data)
    _tacet_plan_no_memory (self, bytes, what, error);
  return data;
}

void *
_tacet_plan_address (TacetPlan *self, const TacetValue *value)
{
  if ((guint) value->id >= self->n_values)
    return NULL;
  const TacetStorageSlot *slot = &self->slots[value->id], *owner = &self->slots[slot->base];
  size_t offset = slot->place == TACET_PLACE_ALIAS ? slot->offset : 0;
  if (owner->place == TACET_PLACE_WEIGHT || owner->place == TACET_PLACE_CALLER)
    return owner->device ? (guint8 *) owner->device + offset : NULL;
  return owner->place == TACET_PLACE_ARENA ? self->arena + owner->offset + offset : NULL;
}

static TacetOperand
operand (TacetPlan *self, const TacetValue *value)
{
  return (TacetOperand){ _tacet_plan_address (self, value), value->shape, value->dtype };
}

static gboolean
make_steps (TacetPlan *self, GError **error)
{
  for (guint position = 0; position < self->n_order; position++)
    {
      TacetValue *y = tacet_graph_nth (self->graph, (guint) self->order[position]);
      const TacetValue *source = _tacet_plan_source (self, y);
      TacetStep step = { .op = source->op, .attrs = source->attrs, .out = operand (self, y) };
      TacetValue *in[TACET_MAX_INPUTS];
      step.attrs.silu = source->op == TACET_OP_NORM && source != y;
      step.attrs.gated = source->op == TACET_OP_MATMUL && source != y;
      if (step.attrs.gated)
        {
          step.attrs.fn = y->attrs.fn;
          step.out.shape = source->shape; /* y may be a view of these rows */
          step.out.shape.d[3] = y->shape.d[3];
        }
      step.n_inputs = _tacet_plan_operands (self, y, in);
      for (int i = 0; i < step.n_inputs; i++)
        step.in[i] = operand (self, in[i]);
      if (y->op != TACET_OP_HOST)
        {
          if (!self->backend->klass->supports (self->backend, &step))
            {
              char text[96];
              g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_UNSUPPORTED,
                           "The device \"%s\" cannot compute %s with a result %s.", self->backend->klass->name,
                           tacet_op_name (y->op), _tacet_shape_text (y->shape, text));
              return FALSE;
            }
        }
      g_array_append_val (self->steps, step);
      g_array_append_val (self->values, y);
    }
  return TRUE;
}

/* Of steps whose packed weights are known. */
static gboolean
allocate_scratch (TacetPlan *self, GError **error)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      const TacetStep *step = &g_array_index (self->steps, TacetStep, i);
      if (step->op != TACET_OP_HOST)
        self->scratch_bytes = MAX (self->scratch_bytes, self->backend->klass->scratch (self->backend, step));
    }
  self->scratch = _tacet_plan_allocate (self, self->scratch_bytes, "scratch", error);
  return self->scratch != NULL;
}

TacetPlan *
tacet_plan_new (TacetGraph *graph, TacetValue *const *outputs, int n_outputs, TacetBackend *backend,
                TacetPlanFlags flags, GError **error)
{
  return tacet_plan_new_into (graph, outputs, NULL, n_outputs, backend, flags, error);
}

TacetPlan *
tacet_plan_new_into (TacetGraph *graph, TacetValue *const *outputs, void *const *places, int n_outputs,
                     TacetBackend *backend, TacetPlanFlags flags, GError **error)
{
  if (tacet_graph_error (graph))
    {
      g_propagate_error (error, g_error_copy (tacet_graph_error (graph)));
      return NULL;
    }
  g_autoptr (TacetPlan) self = g_new0 (TacetPlan, 1);
  self->graph = graph;
  self->backend = backend;
  self->flags = flags;
  self->stale = TRUE;
  self->on_host = g_str_equal (backend->klass->name, "cpu");
  self->n_values = tacet_graph_length (graph);
  self->slots = g_new0 (TacetStorageSlot, self->n_values);
  self->order = g_new0 (int, self->n_values);
  self->steps = g_array_new (FALSE, TRUE, sizeof (TacetStep));
  self->values = g_array_new (FALSE, TRUE, sizeof (TacetValue *));
  _tacet_plan_init_weights (self);
  _tacet_plan_layout (self, outputs, self->on_host ? places : NULL, n_outputs);
  if (!(self->arena = _tacet_plan_allocate (self, self->arena_bytes, "intermediate results", error)))
    return NULL;
  if (!make_steps (self, error) ||
      ((flags & (TACET_PLAN_CONSTANT_WEIGHTS | TACET_PLAN_FROZEN_WEIGHTS)) &&
       !_tacet_plan_choose_packed (self, error)) ||
      !allocate_scratch (self, error) || !_tacet_plan_pack (self, error) ||
      !_tacet_plan_load (self, outputs, n_outputs, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
_tacet_plan_release (TacetPlan *self, void *data, size_t bytes)
{
  if (data)
    self->backend->klass->free (self->backend, data, MAX (bytes, (size_t) TACET_ALIGNMENT));
}

void
tacet_plan_free (TacetPlan *self)
{
  if (!self)
    return;
  _tacet_plan_free_weights (self);
  _tacet_plan_release (self, self->read_buffer, self->read_bytes);
  _tacet_plan_release (self, self->arena, self->arena_bytes);
  _tacet_plan_release (self, self->scratch, self->scratch_bytes);
  g_array_unref (self->steps);
  g_array_unref (self->values);
  g_free (self->slots);
  g_free (self->order);
  g_free (self->seconds);
  g_free (self);
}

static size_t
bytes_of (const TacetValue *value)
{
  return (size_t) tacet_shape_count (value->shape) * tacet_dtype_size (value->dtype);
}

gboolean
tacet_plan_set (TacetPlan *self, TacetValue *input, const void *data, GError **error)
{
  void *device = _tacet_plan_address (self, input);
  if (!device)
    return TRUE; /* no output depends on it */
  self->stale = self->stale || input->lasting;
  TacetStatus status = self->backend->klass->upload (self->backend, device, data, bytes_of (input));
  return status == TACET_OK || _tacet_plan_status_error (self, status, "Sending an input to the device failed", error);
}

gboolean
tacet_plan_get (TacetPlan *self, TacetValue *output, void *data, GError **error)
{
  const void *device = _tacet_plan_address (self, output);
  g_return_val_if_fail (device != NULL, FALSE);
  TacetStatus status = self->backend->klass->download (self->backend, data, device, bytes_of (output));
  return status == TACET_OK ||
         _tacet_plan_status_error (self, status, "Reading a result from the device failed", error);
}

void *
tacet_plan_data (TacetPlan *self, TacetValue *value)
{
  return _tacet_plan_address (self, value);
}

/* On a device the operands of a host function are staged; they are small. */
static gboolean
run_host (TacetPlan *self, TacetValue *y, const TacetStep *step, GError **error)
{
  TacetOperand in[TACET_MAX_INPUTS], out = step->out;
  memcpy (in, step->in, sizeof in);
  if (self->on_host)
    {
      y->host (y->host_data, in, step->n_inputs, &out);
      return TRUE;
    }
  g_autoptr (GPtrArray) staged = g_ptr_array_new_with_free_func (g_free);
  TacetStatus status = TACET_OK;
  for (int i = 0; i < step->n_inputs && status == TACET_OK; i++)
    {
      in[i].data = g_malloc (bytes_of (y->in[i]));
      g_ptr_array_add (staged, in[i].data);
      status = self->backend->klass->download (self->backend, in[i].data, step->in[i].data, bytes_of (y->in[i]));
    }
  out.data = g_malloc0 (bytes_of (y));
  g_ptr_array_add (staged, out.data);
  if (status == TACET_OK)
    {
      y->host (y->host_data, in, step->n_inputs, &out);
      status = self->backend->klass->upload (self->backend, step->out.data, out.data, bytes_of (y));
    }
  return status == TACET_OK || _tacet_plan_status_error (self, status, "Exchanging data with the device failed", error);
}

gboolean
tacet_plan_run (TacetPlan *self, GCancellable *cancellable, GError **error)
{
  for (guint i = self->stale ? 0 : self->n_kept; i < self->steps->len; i++)
    {
      const TacetStep *step = &g_array_index (self->steps, TacetStep, i);
      if (i == self->n_kept)
        self->stale = FALSE;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      double start = self->seconds ? tacet_cpu_backend_clock (self->backend) : 0;
      if (step->op == TACET_OP_HOST)
        {
          if (!run_host (self, g_array_index (self->values, TacetValue *, i), step, error))
            return FALSE;
        }
      else
        {
          TacetStatus status = self->backend->klass->run (self->backend, step, self->scratch);
          if (status != TACET_OK)
            return _tacet_plan_status_error (self, status, tacet_op_name (step->op), error);
        }
      if (self->seconds)
        self->seconds[i] = MIN (self->seconds[i], tacet_cpu_backend_clock (self->backend) - start);
    }
  return TRUE;
}

size_t
tacet_plan_arena_bytes (TacetPlan *self)
{
  return self->arena_bytes;
}

guint
tacet_plan_n_steps (TacetPlan *self)
{
  return self->steps->len;
}

guint
tacet_plan_n_kept (TacetPlan *self)
{
  return self->n_kept;
}

const TacetStep *
tacet_plan_step (TacetPlan *self, guint index)
{
  return &g_array_index (self->steps, TacetStep, index);
}

TacetValue *
tacet_plan_step_value (TacetPlan *self, guint index)
{
  return g_array_index (self->values, TacetValue *, index);
}

void
tacet_plan_measure (TacetPlan *self)
{
  if (!self->seconds)
    self->seconds = g_new (double, MAX (self->steps->len, 1));
  for (guint i = 0; i < self->steps->len; i++)
    self->seconds[i] = G_MAXDOUBLE;
}

double
tacet_plan_step_seconds (TacetPlan *self, guint index)
{
  return self->seconds && self->seconds[index] < G_MAXDOUBLE ? self->seconds[index] : 0;
}
