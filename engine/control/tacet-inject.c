/* tacet-inject.c: minimal impact inside a graph.
 *
 * Room: engine/control.  Source: arXiv 2506.01672, equations (8) to (12); docs/method.md section 4.5.
 */
#include "tacet-inject.h"
#include <string.h>

typedef struct
{
  TacetInject *inject;
  TacetBalance *balances; /* batch */
  double *grams;          /* batch x (1 + n) x (1 + n) */
  double scales[TACET_MAX_CONTROLS];
} Layer;

struct _TacetInject
{
  int n_controls, batch;
  TacetCombine combine;
  double strengths[TACET_MAX_CONTROLS];
  int first[TACET_MAX_CONTROLS]; /* sample in which a control takes part */
  GPtrArray *layers;             /* of Layer */
};

static void
layer_free (gpointer data)
{
  Layer *layer = data;
  g_free (layer->balances);
  g_free (layer->grams);
  g_free (layer);
}

TacetInject *
tacet_inject_new (int n_controls, int batch)
{
  if (n_controls < 1 || n_controls > TACET_MAX_CONTROLS || batch < 1)
    return NULL;
  TacetInject *self = g_new0 (TacetInject, 1);
  self->n_controls = n_controls;
  self->batch = batch;
  self->combine = tacet_combine_default ();
  for (int k = 0; k < n_controls; k++)
    self->strengths[k] = 1;
  self->layers = g_ptr_array_new_with_free_func (layer_free);
  return self;
}

void
tacet_inject_free (TacetInject *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->layers);
  g_free (self);
}

void
tacet_inject_set (TacetInject *self, const TacetCombine *combine, const double *strengths)
{
  self->combine = *combine;
  memcpy (self->strengths, strengths, self->n_controls * sizeof (double));
}

void
tacet_inject_set_first (TacetInject *self, int control, int first)
{
  g_return_if_fail (control >= 0 && control < self->n_controls);
  self->first[control] = first;
}

void
tacet_inject_set_scale (TacetInject *self, int layer, int control, double scale)
{
  g_return_if_fail (layer >= 0 && layer < tacet_inject_n_layers (self) && control < self->n_controls);
  ((Layer *) g_ptr_array_index (self->layers, layer))->scales[control] = scale;
}

double
tacet_inject_strength (const TacetInject *self, int layer, int control)
{
  g_return_val_if_fail (layer >= 0 && layer < tacet_inject_n_layers (self) && control < self->n_controls, 0);
  return self->strengths[control] * ((Layer *) g_ptr_array_index (self->layers, layer))->scales[control];
}

gboolean
tacet_inject_takes_part (const TacetInject *self, int control, int sample)
{
  return sample >= self->first[control];
}

/* The balance of those that take part, written to their places among all. */
static void
solve_sample (const Layer *layer, int sample, const double *gram, TacetBalance *balance)
{
  const TacetInject *self = layer->inject;
  int rows[TACET_MAX_CONTROLS + 1] = { 0 }, n = 0, stride = self->n_controls + 1; /* rows[0]: f */
  double sub[(TACET_MAX_CONTROLS + 1) * (TACET_MAX_CONTROLS + 1)], strengths[TACET_MAX_CONTROLS];
  TacetCombine combine = self->combine;
  TacetBalance part;
  for (int k = 0; k < self->n_controls; k++)
    if (tacet_inject_takes_part (self, k, sample))
      {
        strengths[n] = self->strengths[k] * layer->scales[k];
        combine.weights[n] = k < self->combine.n_weights ? self->combine.weights[k] : 1;
        rows[++n] = k + 1;
      }
  combine.n_weights = n;
  for (int i = 0; i <= n; i++)
    for (int j = 0; j <= n; j++)
      sub[i * (n + 1) + j] = gram[rows[i] * stride + rows[j]];
  tacet_balance_layer (&combine, sub, n, strengths, &part);

  *balance = part;
  memset (balance->weights, 0, sizeof balance->weights);
  memset (balance->coefficients, 0, sizeof balance->coefficients);
  memset (balance->dropped, 0, sizeof balance->dropped);
  for (int i = 0; i < n; i++)
    {
      int k = rows[i + 1] - 1;
      balance->weights[k] = part.weights[i];
      balance->coefficients[k] = part.coefficients[i];
      balance->dropped[k] = part.dropped[i];
    }
}

/* gram {n,1,1+k,1+k} f64 -> coefficients {n,1,1,k} */
static void
solve_layer (gpointer user_data, const TacetOperand *inputs, int n_inputs, TacetOperand *output)
{
  Layer *layer = user_data;
  const double *gram = inputs[0].data;
  float *coefficients = output->data;
  int n = layer->inject->n_controls, size = (n + 1) * (n + 1), batch = (int) output->shape.d[0];

  memcpy (layer->grams, gram, (gsize) batch * size * sizeof (double));
  for (int i = 0; i < batch; i++)
    {
      solve_sample (layer, i, gram + (gsize) i * size, &layer->balances[i]);
      for (int k = 0; k < n; k++)
        coefficients[i * n + k] = (float) layer->balances[i].coefficients[k];
    }
}

static Layer *
add_layer (TacetInject *self)
{
  gsize size = (gsize) (self->n_controls + 1) * (self->n_controls + 1);
  Layer *layer = g_new0 (Layer, 1);
  layer->inject = self;
  for (int k = 0; k < self->n_controls; k++)
    layer->scales[k] = 1;
  layer->balances = g_try_new0 (TacetBalance, self->batch);
  layer->grams = g_try_new0 (double, self->batch *size);
  if (layer->balances != NULL && layer->grams != NULL)
    {
      g_ptr_array_add (self->layers, layer);
      return layer;
    }
  layer_free (layer);
  return NULL;
}

TacetValue *
tacet_inject_layer (TacetInject *self, TacetValue *f, TacetValue *const *controls, TacetValue *const *masks)
{
  int n = self->n_controls;
  TacetValue *all[TACET_MAX_CONTROLS + 1] = { f };
  for (int k = 0; k < n; k++)
    {
      all[k + 1] = masks != NULL && masks[k] != NULL ? tacet_mul (controls[k], masks[k]) : controls[k];
      if (!tacet_shape_equal (all[k + 1]->shape, f->shape))
        {
          tacet_graph_set_error (f->graph, "control %d, layer %d: its residual has another shape than the feature",
                                 k + 1, tacet_inject_n_layers (self));
          return f;
        }
    }
  Layer *layer = f->shape.d[0] <= self->batch ? add_layer (self) : NULL;
  if (layer == NULL)
    {
      tacet_graph_set_error (f->graph, "minimal impact: not enough memory for a batch of %d", (int) f->shape.d[0]);
      return f;
    }
  TacetValue *gram = tacet_gram (all, n + 1);
  TacetValue *coefficients = tacet_host (&gram, 1, TACET_F32, tacet_shape (f->shape.d[0], 1, 1, n), solve_layer, layer);
  return tacet_combine (f, coefficients, all + 1, n);
}

int
tacet_inject_n_layers (const TacetInject *self)
{
  return (int) self->layers->len;
}

const TacetBalance *
tacet_inject_balance (const TacetInject *self, int layer, int sample)
{
  g_return_val_if_fail (layer >= 0 && layer < tacet_inject_n_layers (self) && sample < self->batch, NULL);
  return &((Layer *) g_ptr_array_index (self->layers, layer))->balances[sample];
}

const double *
tacet_inject_gram (const TacetInject *self, int layer, int sample)
{
  g_return_val_if_fail (layer >= 0 && layer < tacet_inject_n_layers (self) && sample < self->batch, NULL);
  gsize size = (gsize) (self->n_controls + 1) * (self->n_controls + 1);
  return ((Layer *) g_ptr_array_index (self->layers, layer))->grams + sample * size;
}

/* gram {n,1,2,2} of (f, h) -> lambda {n,1,1,1} */
static void
solve_lambda (gpointer user_data, const TacetOperand *inputs, int n_inputs, TacetOperand *output)
{
  const double *gram = inputs[0].data;
  float *lambda = output->data;
  for (int64_t i = 0; i < output->shape.d[0]; i++, gram += 4)
    lambda[i] = (float) tacet_injection (gram[0], gram[1], gram[3], TACET_LAMBDA_CAP);
}

TacetValue *
tacet_inject_train (TacetValue *f, TacetValue *h, TacetValue **lambda)
{
  TacetValue *pair[2] = { tacet_detach (f), tacet_detach (h) };
  TacetValue *gram = tacet_gram (pair, 2);
  TacetValue *coefficient = tacet_host (&gram, 1, TACET_F32, tacet_shape (f->shape.d[0], 1, 1, 1), solve_lambda, NULL);
  if (lambda != NULL)
    *lambda = coefficient;
  return tacet_combine (f, coefficient, &h, 1);
}
