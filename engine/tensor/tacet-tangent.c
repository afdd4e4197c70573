/* tacet-tangent.c: forward mode: directional derivatives as values of the same graph.
 *
 * Room: engine/tensor.  Linear operations repeat themselves on the tangent, bilinear ones do so once
 * per input, fused ones go through their plain expansion. */
#define G_LOG_DOMAIN "tacet-tangent"
#include "tacet-graph-private.h"

typedef struct
{
  TacetGraph *graph;
  GPtrArray *tangents; /* by value id; NULL: zero */
  GByteArray *known;   /* by value id */
} Forward;

static TacetValue *tangent_of (Forward *self, TacetValue *x);

static void
remember (Forward *self, TacetValue *x, TacetValue *tangent)
{
  guint length = MAX (self->known->len, (guint) x->id + 1), old = self->known->len;
  g_byte_array_set_size (self->known, length);
  g_ptr_array_set_size (self->tangents, (int) length);
  if (length > old)
    memset (self->known->data + old, 0, length - old);
  self->known->data[x->id] = 1;
  g_ptr_array_index (self->tangents, x->id) = tangent;
}

/* The same operation with input i replaced. */
static TacetValue *
with_input (TacetValue *y, int i, TacetValue *x, int n_inputs)
{
  TacetValue *in[TACET_MAX_INPUTS];
  for (int k = 0; k < n_inputs; k++)
    in[k] = k == i ? x : y->in[k];
  return _tacet_value_new (y->graph, y->op, y->dtype, y->shape, &y->attrs, in, n_inputs);
}

static TacetValue *
bilinear (TacetValue *y, TacetValue **t)
{
  TacetValue *a = t[0] ? with_input (y, 0, t[0], 2) : NULL;
  TacetValue *b = t[1] ? with_input (y, 1, t[1], 2) : NULL;
  TacetValue *bias = y->n_inputs == 3 && t[2] ? tacet_broadcast (t[2], y->shape) : NULL;
  return _tacet_add_or_null (_tacet_add_or_null (a, b), bias);
}

static TacetValue *
add_rule (TacetValue *y, TacetValue **t)
{
  if (t[0] && t[1])
    return tacet_broadcast (tacet_add_scaled (t[0], y->attrs.a, t[1], y->attrs.b), y->shape);
  TacetValue *one = t[0] ? tacet_scale (t[0], y->attrs.a) : tacet_scale (t[1], y->attrs.b);
  return tacet_broadcast (one, y->shape);
}

static TacetValue *
fn_mul_rule (TacetValue *y, TacetValue **t)
{
  const TacetAttrs *at = &y->attrs;
  TacetValue *g = y->in[0], *x = y->in[1];
  TacetValue *first = t[0] ? tacet_fn_mul (t[0], x, at->fn, at->order, at->a, at->b) : NULL;
  TacetValue *second = t[1] ? tacet_fn_mul (tacet_mul (g, t[1]), x, at->fn, at->order + 1, at->a, at->b) : NULL;
  return _tacet_add_or_null (first, second);
}

static TacetValue *
concat_rule (TacetValue *y, TacetValue **t)
{
  TacetValue *parts[TACET_MAX_INPUTS];
  for (int i = 0; i < y->n_inputs; i++)
    parts[i] = t[i] ? t[i] : tacet_full (y->graph, y->in[i]->shape, 0);
  return tacet_concat (parts, y->n_inputs, y->attrs.axis);
}

static TacetValue *
rule (Forward *self, TacetValue *y, TacetValue **t)
{
  switch (y->op)
    {
    case TACET_OP_VIEW:
    case TACET_OP_AFFINE:
    case TACET_OP_SUM:
    case TACET_OP_BROADCAST:
    case TACET_OP_PERMUTE:
    case TACET_OP_SLICE:
    case TACET_OP_PAD:
    case TACET_OP_UPSAMPLE:
    case TACET_OP_DOWNSUM:
      return y->op == TACET_OP_AFFINE ? tacet_scale (t[0], y->attrs.a) : with_input (y, 0, t[0], 1);
    case TACET_OP_GATHER:
    case TACET_OP_SCATTER_ADD:
      return with_input (y, 0, t[0], 2);
    case TACET_OP_ADD:
      return add_rule (y, t);
    case TACET_OP_MUL:
    case TACET_OP_MATMUL:
    case TACET_OP_CONV:
    case TACET_OP_CONV_DATA:
    case TACET_OP_CONV_WEIGHT:
      return bilinear (y, t);
    case TACET_OP_FN:
      return tacet_fn_mul (t[0], y->in[0], y->attrs.fn, y->attrs.order + 1, y->attrs.a, y->attrs.b);
    case TACET_OP_FN_MUL:
      return fn_mul_rule (y, t);
    case TACET_OP_CONCAT:
      return concat_rule (y, t);
    case TACET_OP_SOFTMAX: /* its Jacobian is symmetric */
      return _tacet_softmax_back (t[0], y);
    default:
      {
        TacetValue *plain = tacet_expand (y);
        if (plain)
          return tangent_of (self, plain);
        tacet_graph_set_error (y->graph, "%s has no tangent", tacet_op_name (y->op));
        return NULL;
      }
    }
}

static GByteArray *
mark_ancestors (TacetGraph *graph, TacetValue *target)
{
  GByteArray *marked = g_byte_array_new ();
  g_byte_array_set_size (marked, (guint) target->id + 1);
  memset (marked->data, 0, marked->len);
  marked->data[target->id] = 1;
  for (int id = target->id; id >= 0; id--)
    if (marked->data[id])
      {
        TacetValue *y = tacet_graph_nth (graph, (guint) id);
        for (int i = 0; i < y->n_inputs; i++)
          marked->data[y->in[i]->id] = 1;
      }
  return marked;
}

/* Inputs have smaller ids, so ascending order serves instead of a recursion as deep as the network.
 * Only ancestors: a rule that expands y calls this again while y itself is not yet known. */
static TacetValue *
tangent_of (Forward *self, TacetValue *target)
{
  g_autoptr (GByteArray) ancestors = mark_ancestors (self->graph, target);
  for (int id = 0; id <= target->id; id++)
    {
      TacetValue *y = tacet_graph_nth (self->graph, (guint) id), *t[TACET_MAX_INPUTS] = { NULL };
      if (!ancestors->data[id] || ((guint) id < self->known->len && self->known->data[id]))
        continue;
      gboolean any = FALSE;
      for (int i = 0; i < y->n_inputs; i++)
        any |= (t[i] = g_ptr_array_index (self->tangents, y->in[i]->id)) != NULL;
      any = any && !_tacet_value_is_stop (y);
      TacetValue *tangent = any ? rule (self, y, t) : NULL;
      remember (self, y, tangent);
    }
  return g_ptr_array_index (self->tangents, target->id);
}

void
tacet_tangent (TacetGraph *g, TacetValue *const *inputs, TacetValue *const *tangents, int n_inputs,
               TacetValue *const *outputs, int n_outputs, TacetValue **results)
{
  Forward self = { g, g_ptr_array_new (), g_byte_array_new () };
  for (int i = 0; i < n_inputs; i++)
    remember (&self, inputs[i], tangents[i]);
  for (int i = 0; i < n_outputs; i++)
    results[i] = tangent_of (&self, outputs[i]);
  g_ptr_array_unref (self.tangents);
  g_byte_array_unref (self.known);
}
