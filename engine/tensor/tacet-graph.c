/* tacet-graph.c: the container of values, leaves and aliases.  Room: engine/tensor. */
#define G_LOG_DOMAIN "tacet-graph"
#include "tacet-graph-private.h"

struct _TacetGraph
{
  GPtrArray *values;
  GHashTable *leaves; /* TacetTensor -> TacetValue, so that one tensor is one leaf */
  GError *error;
};

static void
value_free (gpointer data)
{
  TacetValue *value = data;
  g_free (value->name);
  tacet_tensor_unref (value->tensor);
  g_free (value);
}

TacetGraph *
tacet_graph_new (void)
{
  TacetGraph *self = g_new0 (TacetGraph, 1);
  self->values = g_ptr_array_new_with_free_func (value_free);
  self->leaves = g_hash_table_new (NULL, NULL);
  return self;
}

void
tacet_graph_free (TacetGraph *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->leaves);
  g_ptr_array_unref (self->values);
  g_clear_error (&self->error);
  g_free (self);
}

const GError *
tacet_graph_error (TacetGraph *self)
{
  return self->error;
}

static void
set_error_valist (TacetGraph *self, const char *format, va_list args)
{
  if (!self->error)
    self->error = g_error_new_valist (TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_SHAPE, format, args);
}

void
tacet_graph_set_error (TacetGraph *self, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  set_error_valist (self, format, args);
  va_end (args);
}

guint
tacet_graph_length (TacetGraph *self)
{
  return self->values->len;
}

TacetValue *
tacet_graph_nth (TacetGraph *self, guint id)
{
  return g_ptr_array_index (self->values, id);
}

const char *
_tacet_shape_text (TacetShape s, char buffer[96])
{
  g_snprintf (buffer, 96, "{%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "}",
              s.d[0], s.d[1], s.d[2], s.d[3]);
  return buffer;
}

gboolean
_tacet_shape_valid (TacetShape s)
{
  double count = 1;
  for (int i = 0; i < TACET_RANK; i++)
    {
      if (s.d[i] < 1)
        return FALSE;
      count *= (double) s.d[i];
    }
  return count < 1e12;
}

static TacetValue *
append (TacetGraph *g, TacetOp op, TacetDtype dtype, TacetShape shape)
{
  TacetValue *value = g_new0 (TacetValue, 1);
  value->graph = g;
  value->id = (int) g->values->len;
  value->op = op;
  value->dtype = dtype;
  value->shape = shape;
  g_ptr_array_add (g->values, value);
  return value;
}

TacetValue *
_tacet_value_bad (TacetGraph *g, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  set_error_valist (g, format, args);
  va_end (args);
  return append (g, TACET_OP_INPUT, TACET_F32, tacet_shape (1, 1, 1, 1));
}

TacetValue *
_tacet_value_misfit (TacetOp op, TacetValue *a, TacetValue *b)
{
  char sa[96], sb[96];
  return _tacet_value_bad (a->graph, "%s: %s and %s do not fit together", tacet_op_name (op),
                           _tacet_shape_text (a->shape, sa), _tacet_shape_text (b->shape, sb));
}

TacetValue *
_tacet_value_new (TacetGraph *g, TacetOp op, TacetDtype dtype, TacetShape shape, const TacetAttrs *attrs,
                  TacetValue *const *inputs, int n_inputs)
{
  char text[96];
  if (n_inputs > TACET_MAX_INPUTS)
    return _tacet_value_bad (g, "%s with %d inputs; at most %d are possible", tacet_op_name (op), n_inputs,
                             TACET_MAX_INPUTS);
  if (!_tacet_shape_valid (shape))
    return _tacet_value_bad (g, "%s would have the impossible shape %s", tacet_op_name (op),
                             _tacet_shape_text (shape, text));
  TacetValue *value = append (g, op, dtype, shape);
  if (attrs)
    value->attrs = *attrs;
  value->n_inputs = n_inputs;
  for (int i = 0; i < n_inputs; i++)
    value->in[i] = inputs[i];
  return value;
}

TacetValue *
tacet_input (TacetGraph *g, const char *name, TacetDtype dtype, TacetShape shape)
{
  TacetValue *value = _tacet_value_new (g, TACET_OP_INPUT, dtype, shape, NULL, NULL, 0);
  value->name = g_strdup (name);
  return value;
}

TacetValue *
tacet_input_lasting (TacetGraph *g, const char *name, TacetDtype dtype, TacetShape shape)
{
  TacetValue *input = tacet_input (g, name, dtype, shape);
  input->lasting = TRUE;
  return input;
}

static TacetValue *
leaf (TacetGraph *g, TacetOp op, const char *name, TacetTensor *tensor)
{
  TacetValue *value = g_hash_table_lookup (g->leaves, tensor);
  if (value)
    return value;
  value = append (g, op, tensor->dtype, tensor->shape);
  value->name = g_strdup (name);
  value->tensor = tacet_tensor_ref (tensor);
  g_hash_table_insert (g->leaves, tensor, value);
  return value;
}

TacetValue *
tacet_weight (TacetGraph *g, const char *name, TacetTensor *tensor)
{
  return leaf (g, TACET_OP_WEIGHT, name, tensor);
}

TacetValue *
tacet_constant (TacetGraph *g, TacetTensor *tensor)
{
  return leaf (g, TACET_OP_CONST, NULL, tensor);
}

TacetValue *
tacet_scalar (TacetGraph *g, float number)
{
  g_autoptr (TacetTensor) tensor = tacet_tensor_new (TACET_F32, tacet_shape (1, 1, 1, 1));
  if (!tensor)
    return _tacet_value_bad (g, "no memory for a constant");
  tacet_tensor_f32 (tensor)[0] = number;
  return tacet_constant (g, tensor);
}

TacetValue *
tacet_full (TacetGraph *g, TacetShape shape, float number)
{
  return tacet_broadcast (tacet_scalar (g, number), shape);
}

TacetValue *
tacet_view (TacetValue *x, int64_t offset, TacetShape shape)
{
  char a[96], b[96];
  if (!_tacet_shape_valid (shape) || offset < 0 || offset > tacet_shape_count (x->shape) - tacet_shape_count (shape))
    return _tacet_value_bad (x->graph, "a view %s does not fit in %s", _tacet_shape_text (shape, a),
                             _tacet_shape_text (x->shape, b));
  if (offset == 0 && tacet_shape_equal (x->shape, shape))
    return x;
  TacetAttrs attrs = { .offset = offset };
  return _tacet_value_new (x->graph, TACET_OP_VIEW, x->dtype, shape, &attrs, &x, 1);
}

TacetValue *
tacet_reshape (TacetValue *x, TacetShape shape)
{
  char a[96], b[96];
  if (!_tacet_shape_valid (shape) || tacet_shape_count (x->shape) != tacet_shape_count (shape))
    return _tacet_value_bad (x->graph, "%s cannot be read as %s", _tacet_shape_text (x->shape, a),
                             _tacet_shape_text (shape, b));
  return tacet_view (x, 0, shape);
}

TacetValue *
tacet_detach (TacetValue *x)
{
  return _tacet_value_new (x->graph, TACET_OP_DETACH, x->dtype, x->shape, NULL, &x, 1);
}

TacetValue *
tacet_host (TacetValue *const *inputs, int n, TacetDtype dtype, TacetShape shape, TacetHostFunc func,
            gpointer user_data)
{
  TacetValue *value = _tacet_value_new (inputs[0]->graph, TACET_OP_HOST, dtype, shape, NULL, inputs, n);
  value->host = func;
  value->host_data = user_data;
  return value;
}
