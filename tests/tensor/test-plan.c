/* test-plan.c: plans: memory that is used again never changes a result; refusals are messages. */
#include "tests/tensor/graph-check.h"

#include <string.h>

typedef struct
{
  TacetGraph *graph;
  TacetBackend *backend;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->graph = tacet_graph_new ();
  f->backend = tacet_cpu_backend_new (2);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (f->backend->used, ==, 0);
  tacet_graph_free (f->graph);
  f->backend->klass->destroy (f->backend);
}

static TacetValue *
random_weight (Fixture *f, const char *name, TacetShape shape, guint seed)
{
  g_autoptr (TacetTensor) tensor = check_random_tensor (shape, seed, FALSE);
  return tacet_weight (f->graph, name, tensor);
}

/* A small residual network with views, branches and a gradient: much memory to reuse. */
static TacetValue *
network (Fixture *f, TacetValue *x)
{
  int64_t c = x->shape.d[3];
  TacetValue *w = random_weight (f, "w", tacet_shape (c, 3, 3, c), 3);
  TacetValue *gamma = random_weight (f, "gamma", tacet_shape (1, 1, 1, c), 4);
  TacetValue *beta = random_weight (f, "beta", tacet_shape (1, 1, 1, c), 5);
  TacetValue *m = random_weight (f, "m", tacet_shape (1, 1, 2 * c, c), 6);
  for (int i = 0; i < 3; i++)
    {
      TacetValue *h = tacet_fn (tacet_group_norm (x, gamma, beta, 2, 1e-5f), TACET_FN_QUICK_GELU);
      h = tacet_scale (tacet_conv (h, w, NULL, (TacetConv){ 1, 1, 1, 1, 1 }), 0.2f);
      x = tacet_add (x, h);
      TacetValue *wide = tacet_linear (x, m, NULL);
      x = tacet_add (x,
                     tacet_fn_mul (tacet_slice (wide, 3, 0, c), tacet_slice (wide, 3, c, c), TACET_FN_GELU, 0, 0, 0));
      TacetShape s = x->shape;
      TacetValue *tokens = tacet_reshape (x, tacet_shape (s.d[0], 1, s.d[1] * s.d[2], c));
      x = tacet_reshape (tacet_add (tokens, tacet_attention (tokens, tokens, tokens, 2, false, 0.5f)), s);
    }
  TacetValue *loss = tacet_mean (tacet_mul (x, x)), *gradient;
  TacetValue *one = tacet_scalar (f->graph, 1);
  tacet_gradient (f->graph, &loss, &one, 1, &w, 1, &gradient);
  return gradient;
}

static void
test_memory_reuse (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TacetShape shape = tacet_shape (2, 6, 5, 8);
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, shape);
  TacetValue *out = network (f, x);
  g_autoptr (TacetTensor) picture = check_random_tensor (shape, 1, FALSE);

  /* Every value kept alive: nothing can overwrite anything. */
  guint n = tacet_graph_length (f->graph);
  g_autofree TacetValue **all = g_new (TacetValue *, n);
  for (guint i = 0; i < n; i++)
    all[i] = tacet_graph_nth (f->graph, i);
  g_autoptr (TacetPlan) roomy = tacet_plan_new (f->graph, all, (int) n, f->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_no_error (error);
  g_autoptr (TacetPlan) tight = tacet_plan_new (f->graph, &out, 1, f->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tacet_plan_arena_bytes (tight) * 3, <, tacet_plan_arena_bytes (roomy) * 2);

  size_t bytes = (size_t) tacet_shape_count (out->shape) * 4;
  g_autofree float *a = g_malloc (bytes), *b = g_malloc (bytes);
  for (int run = 0; run < 2; run++)
    {
      TacetPlan *plans[] = { roomy, tight };
      for (int i = 0; i < 2; i++)
        {
          g_assert_true (tacet_plan_set (plans[i], x, picture->data, &error));
          g_assert_true (tacet_plan_run (plans[i], NULL, &error));
          g_assert_true (tacet_plan_get (plans[i], out, i ? b : a, &error));
        }
      g_assert_cmpmem (a, bytes, b, bytes);
    }
}

static void
test_fused_norm (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TacetShape shape = tacet_shape (2, 4, 4, 12);
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, shape);
  TacetValue *gamma = random_weight (f, "gamma", tacet_shape (1, 1, 1, 12), 4);
  TacetValue *beta = random_weight (f, "beta", tacet_shape (1, 1, 1, 12), 5);
  TacetValue *norm = tacet_group_norm (x, gamma, beta, 3, 1e-5f), *y = tacet_fn (norm, TACET_FN_SILU);
  TacetValue *both[] = { y, norm };
  g_autoptr (TacetPlan) fused = tacet_plan_new (f->graph, both, 1, f->backend, TACET_PLAN_DEFAULT, &error);
  g_autoptr (TacetPlan) apart = tacet_plan_new (f->graph, both, 2, f->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_cmpuint (tacet_plan_n_steps (fused), ==, 1);
  g_assert_cmpuint (tacet_plan_n_steps (apart), ==, 2);
  g_autoptr (TacetTensor) picture = check_random_tensor (shape, 1, FALSE);
  float a[2 * 4 * 4 * 12], b[G_N_ELEMENTS (a)];
  TacetPlan *plans[] = { fused, apart };
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (tacet_plan_set (plans[i], x, picture->data, &error));
      g_assert_true (tacet_plan_run (plans[i], NULL, &error));
      g_assert_true (tacet_plan_get (plans[i], y, i ? b : a, &error));
    }
  for (guint i = 0; i < G_N_ELEMENTS (a); i++)
    g_assert_cmpfloat_with_epsilon (a[i], b[i], 1e-6f);
}

static void
test_fused_gate (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TacetShape shape = tacet_shape (2, 1, 7, 12);
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, shape);
  TacetValue *both_halves = tacet_linear (x, random_weight (f, "w", tacet_shape (1, 1, 20, 12), 8),
                                          random_weight (f, "bias", tacet_shape (1, 1, 1, 20), 9));
  TacetValue *first = tacet_slice (both_halves, 3, 0, 10), *second = tacet_slice (both_halves, 3, 10, 10);
  TacetValue *y = tacet_fn_mul (first, second, TACET_FN_GELU, 0, 0, 0);
  TacetValue *turned = tacet_fn_mul (second, first, TACET_FN_GELU, 0, 0, 0);
  TacetValue *both[] = { y, first };
  g_autoptr (TacetPlan) fused = tacet_plan_new (f->graph, both, 1, f->backend, TACET_PLAN_DEFAULT, &error);
  g_autoptr (TacetPlan) apart = tacet_plan_new (f->graph, both, 2, f->backend, TACET_PLAN_DEFAULT, &error);
  g_autoptr (TacetPlan) other = tacet_plan_new (f->graph, &turned, 1, f->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_cmpuint (tacet_plan_n_steps (fused), ==, 1);
  g_assert_cmpuint (tacet_plan_n_steps (apart), ==, 4);
  g_assert_cmpuint (tacet_plan_n_steps (other), ==, 4);
  g_autoptr (TacetTensor) tokens = check_random_tensor (shape, 1, FALSE);
  float a[2 * 7 * 10], b[G_N_ELEMENTS (a)];
  TacetPlan *plans[] = { fused, apart };
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (tacet_plan_set (plans[i], x, tokens->data, &error));
      g_assert_true (tacet_plan_run (plans[i], NULL, &error));
      g_assert_true (tacet_plan_get (plans[i], y, i ? b : a, &error));
    }
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
}

static void
test_constant_weights (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TacetShape shape = tacet_shape (1, 8, 8, 16);
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, shape);
  TacetValue *w = random_weight (f, "w", tacet_shape (24, 3, 3, 16), 3);
  TacetValue *y = tacet_conv (x, w, NULL, (TacetConv){ 1, 1, 1, 1, 1 });
  g_autoptr (TacetTensor) picture = check_random_tensor (shape, 1, FALSE);
  float out[2][64 * 24];
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (TacetPlan) plan =
          tacet_plan_new (f->graph, &y, 1, f->backend, i ? TACET_PLAN_CONSTANT_WEIGHTS : TACET_PLAN_DEFAULT, &error);
      g_assert_no_error (error);
      g_assert_true (tacet_plan_set (plan, x, picture->data, &error));
      g_assert_true (tacet_plan_run (plan, NULL, &error));
      g_assert_true (tacet_plan_get (plan, y, out[i], &error));
    }
  for (int i = 0; i < 64 * 24; i++)
    g_assert_cmpfloat_with_epsilon (out[0][i], out[1][i], 2e-5f);
}

/* x {n,h,w,c} changes with every run, hint {1,h,w,c} seldom: much memory to reuse on both sides. */
static TacetValue *
guided_network (Fixture *f, TacetValue *x, TacetValue *hint)
{
  int64_t c = x->shape.d[3];
  const TacetConv same = { 1, 1, 1, 1, 1 };
  TacetValue *w = random_weight (f, "w", tacet_shape (c, 3, 3, c), 3), *guide = hint;
  TacetValue *gamma = random_weight (f, "gamma", tacet_shape (1, 1, 1, c), 4);
  TacetValue *beta = random_weight (f, "beta", tacet_shape (1, 1, 1, c), 5);
  for (int i = 0; i < 3; i++)
    guide = tacet_fn (tacet_group_norm (tacet_conv (guide, w, NULL, same), gamma, beta, 2, 1e-5f), TACET_FN_SILU);
  TacetValue *view = tacet_reshape (guide, tacet_shape (1, 1, x->shape.d[1] * x->shape.d[2], c));
  TacetValue *scale = tacet_fn (tacet_add (gamma, beta), TACET_FN_SIN); /* of weights alone */
  x = tacet_add (x, guide);
  for (int i = 0; i < 3; i++)
    x = tacet_add (tacet_scale (tacet_conv (tacet_mul (x, scale), w, NULL, same), 0.2f), x);
  TacetValue *tokens = tacet_reshape (x, tacet_shape (x->shape.d[0], 1, x->shape.d[1] * x->shape.d[2], c));
  return tacet_mul (tokens, tacet_mul (view, tacet_reshape (scale, tacet_shape (1, 1, 1, c))));
}

static void
run_both (TacetPlan *const *plans, TacetValue *out, TacetValue *input, const void *values, float *result, gsize bytes)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *other = g_malloc (bytes);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (tacet_plan_set (plans[i], input, values, &error));
      g_assert_true (tacet_plan_run (plans[i], NULL, &error));
      g_assert_true (tacet_plan_get (plans[i], out, i ? other : result, &error));
    }
  g_assert_cmpmem (result, bytes, other, bytes);
}

/* What lasts is computed when it was set, and nothing overwrites it; a cancelled run leaves nothing half done. */
static void
test_lasting (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TacetShape shape = tacet_shape (2, 6, 5, 8), one = tacet_shape (1, 6, 5, 8);
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, shape);
  TacetValue *hint = tacet_input_lasting (f->graph, "hint", TACET_F32, one), *out = guided_network (f, x, hint);
  g_autoptr (TacetPlan) always = tacet_plan_new (f->graph, &out, 1, f->backend, TACET_PLAN_CONSTANT_WEIGHTS, &error);
  g_autoptr (TacetPlan) keeping =
      tacet_plan_new (f->graph, &out, 1, f->backend, TACET_PLAN_CONSTANT_WEIGHTS | TACET_PLAN_KEEP_LASTING, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tacet_plan_n_kept (always), ==, 0);
  g_assert_cmpuint (tacet_plan_n_kept (keeping), >=, 6);
  g_assert_cmpuint (tacet_plan_n_kept (keeping), <, tacet_plan_n_steps (keeping));

  TacetPlan *plans[] = { always, keeping };
  gsize bytes = (gsize) tacet_shape_count (out->shape) * sizeof (float);
  float *results[4];
  for (guint i = 0; i < 4; i++)
    results[i] = g_malloc (bytes);
  g_autoptr (TacetTensor) first = check_random_tensor (shape, 1, FALSE), second = check_random_tensor (shape, 2, FALSE);
  g_autoptr (TacetTensor) map = check_random_tensor (one, 7, FALSE), other = check_random_tensor (one, 8, FALSE);
  for (int i = 0; i < 2; i++)
    g_assert_true (tacet_plan_set (plans[i], hint, map->data, &error));
  run_both (plans, out, x, first->data, results[0], bytes);
  tacet_plan_measure (keeping);
  run_both (plans, out, x, second->data, results[1], bytes);
  for (guint i = 0; i < tacet_plan_n_kept (keeping); i++)
    g_assert_cmpfloat (tacet_plan_step_seconds (keeping, i), ==, 0);
  g_assert_cmpint (memcmp (results[0], results[1], bytes), !=, 0);

  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (tacet_plan_set (plans[i], hint, other->data, &error));
      g_assert_false (tacet_plan_run (plans[i], cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
    }
  run_both (plans, out, x, second->data, results[2], bytes);
  g_assert_cmpint (memcmp (results[1], results[2], bytes), !=, 0);
  run_both (plans, out, hint, map->data, results[3], bytes);
  g_assert_cmpmem (results[1], bytes, results[3], bytes);
  for (guint i = 0; i < 4; i++)
    g_free (results[i]);
}

/* Ones and halves, as a file might give them; counts how often it is asked. */
static gboolean
fill_halves (gpointer source, float *values, GError **error)
{
  for (int i = 0; i < 16 * 64; i++)
    values[i] = i % 3 ? 0.5f : 1;
  ++*(int *) source;
  return TRUE;
}

/* A lazy weight that only a product reads: read once, kept packed in its 16 bits, shared by a second plan. */
static void
test_shared_packed (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fills = 0;
  g_autoptr (TacetTensor) lazy =
      tacet_tensor_new_lazy (tacet_shape (1, 1, 64, 16), TACET_PRECISION_F16, fill_halves, &fills, NULL);
  g_autoptr (TacetTensor) bias = check_random_tensor (tacet_shape (1, 1, 1, 64), 2, FALSE);
  g_autoptr (TacetTensor) row = check_random_tensor (tacet_shape (1, 1, 1, 16), 1, FALSE);
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, row->shape), *b = tacet_weight (f->graph, "b", bias);
  TacetValue *y = tacet_linear (x, tacet_weight (f->graph, "w", lazy), b), *z = tacet_scale (y, 2);
  float out[2][64];

  g_autoptr (TacetPlan) first = tacet_plan_new (f->graph, &y, 1, f->backend, TACET_PLAN_CONSTANT_WEIGHTS, &error);
  g_assert_no_error (error);
  g_assert_null (lazy->data);
  size_t used = f->backend->used, own = used - tacet_plan_arena_bytes (first);
  g_assert_cmpuint (own, >=, 64 * 16 * 2);
  g_autoptr (TacetPlan) second = tacet_plan_new (f->graph, &z, 1, f->backend, TACET_PLAN_CONSTANT_WEIGHTS, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fills, ==, 1);
  g_assert_cmpuint (f->backend->used - used, <=, own - 64 * 16 * 2 + tacet_plan_arena_bytes (second));
  g_clear_pointer (&first, tacet_plan_free); /* the second still has its weights */

  g_autoptr (TacetPlan) plain = tacet_plan_new (f->graph, &z, 1, f->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_nonnull (lazy->data);
  TacetPlan *plans[] = { second, plain };
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (tacet_plan_set (plans[i], x, row->data, &error));
      g_assert_true (tacet_plan_run (plans[i], NULL, &error));
      g_assert_true (tacet_plan_get (plans[i], z, out[i], &error));
    }
  g_assert_cmpmem (out[0], sizeof out[0], out[1], sizeof out[1]);
  g_clear_pointer (&plain, tacet_plan_free);
  g_assert_null (lazy->data);
}

/* A frozen layer under a trained one: the first is packed once, the second may change between runs. */
static void
test_frozen_weights (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TacetShape shape = tacet_shape (1, 1, 4, 16);
  g_autoptr (TacetTensor) tensor = check_random_tensor (tacet_shape (1, 1, 16, 16), 4, FALSE);
  g_autoptr (TacetTensor) rows = check_random_tensor (shape, 1, FALSE);
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, shape);
  TacetValue *frozen = random_weight (f, "frozen", tacet_shape (1, 1, 16, 16), 3);
  TacetValue *y = tacet_linear (tacet_linear (x, frozen, NULL), tacet_weight (f->graph, "trained", tensor), NULL);
  float out[2][64];
  tensor->trained = TRUE;
  g_autoptr (TacetPlan) plan = tacet_plan_new (f->graph, &y, 1, f->backend, TACET_PLAN_FROZEN_WEIGHTS, &error);
  g_assert_no_error (error);
  g_assert_nonnull (tacet_plan_step (plan, 0)->packed);
  g_assert_null (tacet_plan_step (plan, 1)->packed);
  g_assert_true (tacet_plan_set (plan, x, rows->data, &error));
  for (int run = 0; run < 2; run++)
    {
      g_assert_true (tacet_plan_run (plan, NULL, &error));
      g_assert_true (tacet_plan_get (plan, y, out[run], &error));
      for (int i = 0; i < 16 * 16; i++)
        tacet_tensor_f32 (tensor)[i] *= 2;
    }
  for (int i = 0; i < 64; i++)
    g_assert_cmpfloat (out[1][i], ==, 2 * out[0][i]);
}

/* Outputs in the caller's memory; what is a view or asked for twice is found where the plan says. */
static void
test_places (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TacetShape shape = tacet_shape (2, 6, 5, 8);
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, shape), *wide = tacet_scale (x, 3);
  TacetValue *outputs[] = { network (f, x), wide, tacet_view (wide, 8, tacet_shape (1, 1, 1, 8)), tacet_scale (wide, 2),
                            wide };
  g_autoptr (TacetTensor) picture = check_random_tensor (shape, 1, FALSE);
  g_autofree float *memory = g_new0 (float, 4096);
  void *places[] = { memory, memory + 1024, memory + 2048, NULL, memory + 3072 };
  g_autoptr (TacetPlan) inside = tacet_plan_new (f->graph, outputs, 5, f->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_no_error (error);
  g_autoptr (TacetPlan) outside =
      tacet_plan_new_into (f->graph, outputs, places, 5, f->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tacet_plan_arena_bytes (outside), <, tacet_plan_arena_bytes (inside));
  g_assert_true (tacet_plan_data (outside, outputs[0]) == places[0]);
  g_assert_true (tacet_plan_data (outside, wide) == places[1]);
  g_assert_true (tacet_plan_set (inside, x, picture->data, &error));
  g_assert_true (tacet_plan_set (outside, x, picture->data, &error));
  for (int run = 0; run < 2; run++)
    {
      g_assert_true (tacet_plan_run (inside, NULL, &error));
      g_assert_true (tacet_plan_run (outside, NULL, &error));
      for (int i = 0; i < 5; i++)
        {
          const gsize bytes = (gsize) tacet_shape_count (outputs[i]->shape) * sizeof (float);
          g_assert_cmpmem (tacet_plan_data (outside, outputs[i]), bytes, tacet_plan_data (inside, outputs[i]), bytes);
        }
    }
}

static gboolean
fill_badly (gpointer source, float *values, GError **error)
{
  g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_DEVICE, "the file is gone");
  return FALSE;
}

static void
test_unreadable_weight (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTensor) lazy =
      tacet_tensor_new_lazy (tacet_shape (1, 1, 64, 16), TACET_PRECISION_F32, fill_badly, NULL, NULL);
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, tacet_shape (1, 1, 1, 16));
  TacetValue *y = tacet_linear (x, tacet_weight (f->graph, "w", lazy), NULL);
  for (int i = 0; i < 2; i++)
    {
      TacetPlanFlags flags = i ? TACET_PLAN_CONSTANT_WEIGHTS : TACET_PLAN_DEFAULT;
      g_assert_null (tacet_plan_new (f->graph, &y, 1, f->backend, flags, &error));
      g_assert_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_DEVICE);
      g_clear_error (&error);
    }
}

static void
double_it (gpointer user_data, const TacetOperand *inputs, int n_inputs, TacetOperand *output)
{
  for (int64_t i = 0; i < tacet_shape_count (output->shape); i++)
    ((float *) output->data)[i] = 2 * ((const float *) inputs[0].data)[i];
  ++*(int *) user_data;
}

static void
test_host (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int calls = 0;
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, tacet_shape (1, 1, 1, 3));
  TacetValue *h = tacet_host (&x, 1, TACET_F32, x->shape, double_it, &calls);
  TacetValue *y = tacet_add (h, x), *gradient, *one = tacet_full (f->graph, x->shape, 1);
  tacet_gradient (f->graph, &y, &one, 1, &x, 1, &gradient);
  TacetValue *outputs[] = { y, gradient };
  g_autoptr (TacetPlan) plan = tacet_plan_new (f->graph, outputs, 2, f->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_no_error (error);
  const float in[3] = { 1, -2, 3 };
  float out[3], slope[3];
  g_assert_true (tacet_plan_set (plan, x, in, &error));
  g_assert_true (tacet_plan_run (plan, NULL, &error));
  g_assert_true (tacet_plan_get (plan, y, out, &error));
  g_assert_true (tacet_plan_get (plan, gradient, slope, &error));
  g_assert_cmpint (calls, ==, 1);
  for (int i = 0; i < 3; i++)
    {
      g_assert_cmpfloat (out[i], ==, 3 * in[i]);
      g_assert_cmpfloat (slope[i], ==, 1); /* nothing flows through the host function */
    }
}

static void
test_no_memory (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, tacet_shape (4, 64, 64, 64));
  TacetValue *y = tacet_fn (x, TACET_FN_SILU);
  f->backend->budget = 1 << 20;
  g_autoptr (TacetPlan) plan = tacet_plan_new (f->graph, &y, 1, f->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_null (plan);
  g_assert_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY);
  f->backend->budget = 0;
}

static void
test_shape_error (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, tacet_shape (1, 4, 4, 3));
  TacetValue *w = random_weight (f, "w", tacet_shape (8, 3, 3, 4), 3);
  TacetValue *y = tacet_conv (x, w, NULL, (TacetConv){ 1, 1, 1, 1, 1 });
  y = tacet_attention (tacet_softmax (tacet_group_norm (y, NULL, NULL, 7, 1e-5f), true), y, y, 3, false, 1);
  g_autoptr (TacetPlan) plan = tacet_plan_new (f->graph, &y, 1, f->backend, TACET_PLAN_DEFAULT, &error);
  g_assert_null (plan);
  g_assert_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "{1, 4, 4, 3}"));
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TacetValue *x = tacet_input (f->graph, "x", TACET_F32, tacet_shape (1, 1, 1, 3));
  TacetValue *y = tacet_fn (x, TACET_FN_EXP);
  g_autoptr (TacetPlan) plan = tacet_plan_new (f->graph, &y, 1, f->backend, TACET_PLAN_DEFAULT, &error);
  g_cancellable_cancel (cancellable);
  g_assert_false (tacet_plan_run (plan, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/plan/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (memory_reuse);
  ADD (fused_norm);
  ADD (fused_gate);
  ADD (constant_weights);
  ADD (lasting);
  ADD (shared_packed);
  ADD (frozen_weights);
  ADD (places);
  ADD (unreadable_weight);
  ADD (host);
  ADD (no_memory);
  ADD (shape_error);
  ADD (cancel);
  return g_test_run ();
}
