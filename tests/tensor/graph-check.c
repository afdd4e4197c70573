/* graph-check.c: derivatives of graphs checked against each other and against differences. */
#include "tests/tensor/graph-check.h"

#include <math.h>

TacetTensor *
check_random_tensor (TacetShape shape, guint seed, gboolean positive)
{
  TacetTensor *tensor = tacet_tensor_new (TACET_F32, shape);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  for (int64_t i = 0; i < tacet_shape_count (shape); i++)
    tacet_tensor_f32 (tensor)[i] =
        (float) (positive ? g_rand_double_range (rand, 0.5, 1.5) : g_rand_double_range (rand, -1, 1));
  return tensor;
}

static double
scalar_of (TacetPlan *plan, TacetValue *value)
{
  float number = 0;
  if (value)
    g_assert_true (tacet_plan_get (plan, value, &number, NULL));
  return number;
}

static TacetValue *
inner (TacetValue *a, TacetValue *b)
{
  return tacet_sum_to (tacet_mul (a, b), tacet_shape (1, 1, 1, 1));
}

static void
set_shifted (TacetPlan *plan, TacetValue **x, TacetTensor **x0, TacetTensor **v, int n, double h)
{
  for (int i = 0; i < n; i++)
    {
      g_autoptr (TacetTensor) moved = tacet_tensor_new (TACET_F32, x[i]->shape);
      for (int64_t k = 0; k < tacet_shape_count (x[i]->shape); k++)
        tacet_tensor_f32 (moved)[k] = (float) (tacet_tensor_f32 (x0[i])[k] + h * tacet_tensor_f32 (v[i])[k]);
      g_assert_true (tacet_plan_set (plan, x[i], moved->data, NULL));
    }
}

void
check_derivatives (TacetGraph *g, TacetValue **x, int n_inputs, TacetValue **outputs, int n_outputs, gboolean positive)
{
  TacetTensor *x0[8], *v[8];
  TacetValue *tangents[8], *cotangents[8], *gradients[8], *results[8];
  for (int i = 0; i < n_inputs; i++)
    {
      x0[i] = check_random_tensor (x[i]->shape, (guint) i + 1, positive);
      v[i] = check_random_tensor (x[i]->shape, (guint) i + 11, FALSE);
      tangents[i] = tacet_constant (g, v[i]);
    }
  for (int i = 0; i < n_outputs; i++)
    {
      g_autoptr (TacetTensor) u = check_random_tensor (outputs[i]->shape, (guint) i + 21, FALSE);
      cotangents[i] = tacet_constant (g, u);
    }
  tacet_tangent (g, x, tangents, n_inputs, outputs, n_outputs, results);
  tacet_gradient (g, outputs, cotangents, n_outputs, x, n_inputs, gradients);

  TacetValue *forward = NULL, *reverse = NULL, *value = NULL;
  for (int i = 0; i < n_outputs; i++)
    {
      TacetValue *part = inner (outputs[i], cotangents[i]);
      value = value ? tacet_add (value, part) : part;
      if (!results[i])
        continue;
      part = inner (results[i], cotangents[i]);
      forward = forward ? tacet_add (forward, part) : part;
    }
  for (int i = 0; i < n_inputs; i++)
    if (gradients[i])
      {
        TacetValue *part = inner (gradients[i], tangents[i]);
        reverse = reverse ? tacet_add (reverse, part) : part;
      }

  g_autoptr (GError) error = NULL;
  TacetBackend *backend = tacet_cpu_backend_new (1);
  TacetValue *wanted[3] = { value, forward ? forward : value, reverse ? reverse : value };
  g_autoptr (TacetPlan) plan = tacet_plan_new (g, wanted, 3, backend, TACET_PLAN_DEFAULT, &error);
  g_assert_no_error (error);
  const double h = 4e-3;
  double f[2];
  for (int side = 0; side < 2; side++)
    {
      set_shifted (plan, x, x0, v, n_inputs, side ? -h : h);
      g_assert_true (tacet_plan_run (plan, NULL, &error));
      f[side] = scalar_of (plan, value);
    }
  set_shifted (plan, x, x0, v, n_inputs, 0);
  g_assert_true (tacet_plan_run (plan, NULL, &error));
  double jv = scalar_of (plan, forward), ju = scalar_of (plan, reverse), quotient = (f[0] - f[1]) / (2 * h);
  double size = fabs (jv) + fabs (ju) + fabs (scalar_of (plan, value)) * 0.1 + 0.1;
  g_test_message ("tangent %.9g, gradient %.9g, difference %.9g", jv, ju, quotient);
  g_assert_cmpfloat (fabs (jv - ju), <, 2e-5 * size);
  g_assert_cmpfloat (fabs (jv - quotient), <, 5e-3 * size);

  g_clear_pointer (&plan, tacet_plan_free);
  backend->klass->destroy (backend);
  for (int i = 0; i < n_inputs; i++)
    {
      tacet_tensor_unref (x0[i]);
      tacet_tensor_unref (v[i]);
    }
}
