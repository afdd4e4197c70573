/* test-inject.c: minimal impact inside a graph, run by a plan on the CPU.
 *
 * Room: tests/control.
 */
#include "engine/control/tacet-inject.h"
#include "engine/tensor/tacet-plan.h"
#include <math.h>
#include <string.h>

#define BATCH    2
#define CONTROLS 3
#define HEIGHT   4
#define WIDTH    6
#define CHANNELS 8
#define COUNT    (HEIGHT * WIDTH * CHANNELS)

typedef struct
{
  TacetBackend *backend;
  TacetGraph *graph;
  TacetPlan *plan;
  TacetInject *inject;
  TacetValue *f, *c[CONTROLS], *mask, *out;
  float f_data[BATCH * COUNT], c_data[CONTROLS][BATCH * COUNT], mask_data[HEIGHT * WIDTH];
} Fixture;

static void
fill (GRand *rand, float *values, int n, double scale)
{
  for (int i = 0; i < n; i++)
    values[i] = (float) (scale * g_rand_double_range (rand, -1, 1));
}

/* The second control has a mask; `user` data: NULL. */
static void
set_up (Fixture *self, gconstpointer unused)
{
  TacetShape shape = tacet_shape (BATCH, HEIGHT, WIDTH, CHANNELS);
  g_autoptr (GError) error = NULL;
  GRand *rand = g_rand_new_with_seed (1);
  self->backend = tacet_cpu_backend_new (1);
  self->graph = tacet_graph_new ();
  self->inject = tacet_inject_new (CONTROLS, BATCH);
  self->f = tacet_input (self->graph, "f", TACET_F32, shape);
  self->mask = tacet_input (self->graph, "mask", TACET_F32, tacet_shape (1, HEIGHT, WIDTH, 1));
  fill (rand, self->f_data, BATCH * COUNT, 2);
  for (int i = 0; i < HEIGHT * WIDTH; i++)
    self->mask_data[i] = i % WIDTH < 3 ? 0 : 0.5f;
  for (int k = 0; k < CONTROLS; k++)
    {
      self->c[k] = tacet_input (self->graph, "c", TACET_F32, shape);
      fill (rand, self->c_data[k], BATCH * COUNT, 0.5 + k);
    }
  TacetValue *masks[CONTROLS] = { NULL, self->mask, NULL };
  self->out = tacet_inject_layer (self->inject, self->f, self->c, masks);
  self->plan = tacet_plan_new (self->graph, &self->out, 1, self->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_no_error (error);
  g_rand_free (rand);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  tacet_plan_free (self->plan);
  tacet_graph_free (self->graph);
  tacet_inject_free (self->inject);
  self->backend->klass->destroy (self->backend);
}

static void
run (Fixture *self, float *out)
{
  g_autoptr (GError) error = NULL;
  gboolean done = tacet_plan_set (self->plan, self->f, self->f_data, &error) &&
                  tacet_plan_set (self->plan, self->mask, self->mask_data, &error);
  for (int k = 0; done && k < CONTROLS; k++)
    done = tacet_plan_set (self->plan, self->c[k], self->c_data[k], &error);
  done = done && tacet_plan_run (self->plan, NULL, &error) && tacet_plan_get (self->plan, self->out, out, &error);
  g_assert_no_error (error);
  g_assert_true (done);
}

static double
masked (const Fixture *self, int k, int i)
{
  double value = self->c_data[k][i];
  return k == 1 ? value * self->mask_data[i % COUNT / CHANNELS] : value;
}

/* The same in plain loops over one sample. */
static void
expect (const Fixture *self, const TacetCombine *combine, const double *strengths, int sample, const float *out)
{
  double gram[(CONTROLS + 1) * (CONTROLS + 1)] = { 0 };
  TacetBalance balance;
  for (int i = sample * COUNT; i < (sample + 1) * COUNT; i++)
    {
      double v[CONTROLS + 1] = { self->f_data[i] };
      for (int k = 0; k < CONTROLS; k++)
        v[k + 1] = masked (self, k, i);
      for (int k = 0; k <= CONTROLS; k++)
        for (int l = 0; l <= CONTROLS; l++)
          gram[k * (CONTROLS + 1) + l] += v[k] * v[l];
    }
  tacet_balance_layer (combine, gram, CONTROLS, strengths, &balance);
  for (int i = sample * COUNT; i < (sample + 1) * COUNT; i++)
    {
      double value = self->f_data[i];
      for (int k = 0; k < CONTROLS; k++)
        value += balance.coefficients[k] * masked (self, k, i);
      g_assert_cmpfloat_with_epsilon (out[i], value, 2e-5 * (1 + fabs (value)));
    }
  const TacetBalance *reported = tacet_inject_balance (self->inject, 0, sample);
  const double *reported_gram = tacet_inject_gram (self->inject, 0, sample);
  g_assert_cmpfloat_with_epsilon (reported->lambda, balance.lambda, 1e-4 * (1 + balance.lambda));
  for (int k = 0; k < CONTROLS; k++)
    g_assert_cmpfloat_with_epsilon (reported->weights[k], balance.weights[k], 1e-5);
  for (int k = 0; k < (CONTROLS + 1) * (CONTROLS + 1); k++)
    g_assert_cmpfloat_with_epsilon (reported_gram[k], gram[k], 1e-4 * (1 + fabs (gram[k])));
}

static void
test_layer (Fixture *self, gconstpointer unused)
{
  static const char *const rules[] = { "minimal-impact", "sum", "weights:0.5,1.5,0.25" };
  static const double strengths[][CONTROLS] = { { 1, 1, 1 }, { 0.5, 2, 0 } };
  float out[BATCH * COUNT];
  for (int i = 0; i < 6; i++)
    {
      TacetCombine combine;
      g_assert_true (tacet_combine_parse (&combine, rules[i / 2], NULL));
      tacet_inject_set (self->inject, &combine, strengths[i % 2]);
      run (self, out);
      for (int sample = 0; sample < BATCH; sample++)
        expect (self, &combine, strengths[i % 2], sample, out);
    }
}

/* A control that does not take part in a sample is as good as not there, under every rule and without the guard too. */
static void
test_absent (Fixture *self, gconstpointer unused)
{
  static const char *const rules[] = { "minimal-impact", "sum", "star", "weights:0.5,1.5,0.25" };
  static const double strengths[CONTROLS] = { 1, 0.7, 0.5 };
  float out[BATCH * COUNT];
  memset (self->c_data[0], 0, COUNT * sizeof (float));
  tacet_inject_set_first (self->inject, 0, 1);
  tacet_inject_set_scale (self->inject, 0, 2, 0.3);
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      TacetCombine combine;
      TacetBalance balance;
      double gram[9], sub[2] = { 0.7, 0.5 * 0.3 }, all[CONTROLS] = { 1, 0.7, 0.5 * 0.3 };
      g_assert_true (tacet_combine_parse (&combine, rules[i], NULL));
      combine.silent_guard = FALSE;
      tacet_inject_set (self->inject, &combine, strengths);
      run (self, out);
      const double *whole = tacet_inject_gram (self->inject, 0, 0);
      for (int k = 0; k < 3; k++)
        for (int l = 0; l < 3; l++)
          gram[3 * k + l] = whole[(k ? k + 1 : 0) * (CONTROLS + 1) + (l ? l + 1 : 0)];
      TacetCombine two = combine;
      two.n_weights = MAX (two.n_weights - 1, 0);
      memmove (two.weights, two.weights + 1, 2 * sizeof (double));
      tacet_balance_layer (&two, gram, 2, sub, &balance);
      const TacetBalance *reported = tacet_inject_balance (self->inject, 0, 0);
      g_assert_false (tacet_inject_takes_part (self->inject, 0, 0));
      g_assert_true (tacet_inject_takes_part (self->inject, 0, 1));
      g_assert_cmpfloat (tacet_inject_strength (self->inject, 0, 2), ==, 0.5 * 0.3);
      g_assert_cmpfloat (reported->coefficients[0], ==, 0);
      g_assert_cmpfloat (reported->lambda, ==, balance.lambda);
      for (int k = 0; k < 2; k++)
        g_assert_cmpfloat (reported->coefficients[k + 1], ==, balance.coefficients[k]);
      expect (self, &combine, all, 1, out);
    }
  /* Nothing takes part: f, bit for bit. */
  for (int k = 0; k < CONTROLS; k++)
    {
      memset (self->c_data[k], 0, COUNT * sizeof (float));
      tacet_inject_set_first (self->inject, k, 1);
    }
  run (self, out);
  g_assert_cmpmem (out, COUNT * sizeof (float), self->f_data, COUNT * sizeof (float));
}

/* All silent, by zeros or by a mask: f, bit for bit, even where f holds a negative zero. */
static void
test_silent (Fixture *self, gconstpointer unused)
{
  static const char *const rules[] = { "minimal-impact", "sum", "star", "weights:1,2,3" };
  float out[BATCH * COUNT];
  double ones[CONTROLS] = { 1, 1, 1 };
  self->f_data[5] = -0.0f;
  memset (self->c_data[0], 0, sizeof self->c_data[0]);
  memset (self->c_data[2], 0, sizeof self->c_data[2]);
  memset (self->mask_data, 0, sizeof self->mask_data);
  for (int i = 0; i < 8; i++)
    {
      TacetCombine combine;
      g_assert_true (tacet_combine_parse (&combine, rules[i / 2], NULL));
      combine.silent_guard = i % 2 == 0;
      tacet_inject_set (self->inject, &combine, ones);
      run (self, out);
      g_assert_cmpmem (out, sizeof out, self->f_data, sizeof self->f_data);
    }
}

/* Scalars of one sample do not depend on its batch mates. */
static void
test_samples_are_independent (Fixture *self, gconstpointer unused)
{
  float out[BATCH * COUNT], other[BATCH * COUNT];
  run (self, out);
  TacetBalance first = *tacet_inject_balance (self->inject, 0, 0);
  for (int i = COUNT; i < 2 * COUNT; i++)
    self->f_data[i] *= -3;
  run (self, other);
  g_assert_cmpmem (out, COUNT * sizeof (float), other, COUNT * sizeof (float));
  g_assert_cmpmem (&first, sizeof first, tacet_inject_balance (self->inject, 0, 0), sizeof first);
}

static void
test_faults (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autoptr (TacetInject) inject = tacet_inject_new (1, 1);
  TacetValue *f = tacet_input (g, "f", TACET_F32, tacet_shape (1, 2, 2, 4));
  TacetValue *c = tacet_input (g, "c", TACET_F32, tacet_shape (1, 2, 2, 5));
  g_assert_true (tacet_inject_layer (inject, f, &c, NULL) == f);
  g_assert_nonnull (tacet_graph_error (g));
  g_autoptr (TacetGraph) h = tacet_graph_new ();
  TacetValue *wide = tacet_input (h, "f", TACET_F32, tacet_shape (3, 2, 2, 4));
  tacet_inject_layer (inject, wide, &wide, NULL);
  g_assert_nonnull (tacet_graph_error (h));
  g_assert_null (tacet_inject_new (0, 1));
  g_assert_null (tacet_inject_new (TACET_MAX_CONTROLS + 1, 1));
}

/* --- the training form --- */

typedef struct
{
  float f[BATCH * COUNT], h[BATCH * COUNT], g[BATCH * COUNT];
  float out[BATCH * COUNT], df[BATCH * COUNT], dh[BATCH * COUNT], lambda[BATCH];
} Training;

static void
train (Training *t)
{
  TacetShape shape = tacet_shape (BATCH, HEIGHT, WIDTH, CHANNELS);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetGraph) graph = tacet_graph_new ();
  TacetBackend *backend = tacet_cpu_backend_new (1);
  TacetValue *f = tacet_input (graph, "f", TACET_F32, shape), *h = tacet_input (graph, "h", TACET_F32, shape);
  TacetValue *cotangent = tacet_input (graph, "g", TACET_F32, shape), *outputs[4];
  TacetValue *wrt[2] = { f, h };
  outputs[0] = tacet_inject_train (f, h, &outputs[1]);
  tacet_gradient (graph, outputs, &cotangent, 1, wrt, 2, outputs + 2);
  g_assert_nonnull (outputs[2]);
  g_assert_nonnull (outputs[3]);
  TacetPlan *plan = tacet_plan_new (graph, outputs, 4, backend, TACET_PLAN_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_true (tacet_plan_set (plan, f, t->f, NULL) && tacet_plan_set (plan, h, t->h, NULL) &&
                 tacet_plan_set (plan, cotangent, t->g, NULL) && tacet_plan_run (plan, NULL, NULL));
  g_assert_true (tacet_plan_get (plan, outputs[0], t->out, NULL) &&
                 tacet_plan_get (plan, outputs[1], t->lambda, NULL) && tacet_plan_get (plan, outputs[2], t->df, NULL) &&
                 tacet_plan_get (plan, outputs[3], t->dh, NULL));
  tacet_plan_free (plan);
  backend->klass->destroy (backend);
}

static void
test_training (void)
{
  Training *t = g_new0 (Training, 1);
  GRand *rand = g_rand_new_with_seed (2);
  fill (rand, t->f, BATCH * COUNT, 1);
  fill (rand, t->g, BATCH * COUNT, 1);
  /* Sample 0: a fresh control, h = 0. Sample 1: an ordinary one. */
  fill (rand, t->h + COUNT, COUNT, 0.6);
  train (t);
  double gram[3] = { 0 };
  for (int i = COUNT; i < 2 * COUNT; i++)
    {
      gram[0] += (double) t->f[i] * t->f[i];
      gram[1] += (double) t->f[i] * t->h[i];
      gram[2] += (double) t->h[i] * t->h[i];
    }
  double lambda[2] = { TACET_LAMBDA_CAP, tacet_injection (gram[0], gram[1], gram[2], TACET_LAMBDA_CAP) };
  g_assert_cmpfloat (lambda[1], >, 0.5);
  g_assert_cmpfloat (lambda[1], <, 19);
  for (int i = 0; i < 2 * COUNT; i++)
    {
      double l = lambda[i / COUNT];
      g_assert_cmpfloat_with_epsilon (t->lambda[i / COUNT], l, 1e-5 * l);
      g_assert_cmpfloat_with_epsilon (t->out[i], t->f[i] + l * t->h[i], 1e-4);
      /* f is not touched by lambda's gradient; h gets its cotangent times lambda, also at zero. */
      g_assert_cmpfloat_with_epsilon (t->df[i], t->g[i], 1e-6);
      g_assert_cmpfloat_with_epsilon (t->dh[i], l * t->g[i], 1e-4);
    }
  g_assert_cmpmem (t->out, COUNT * sizeof (float), t->f, COUNT * sizeof (float));
  g_rand_free (rand);
  g_free (t);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/inject/layer", test_layer },   { "/inject/absent", test_absent },
    { "/inject/silent", test_silent }, { "/inject/samples-are-independent", test_samples_are_independent },
    { "/inject/faults", test_faults },
  };
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  g_test_add_func ("/inject/training", test_training);
  return g_test_run ();
}
