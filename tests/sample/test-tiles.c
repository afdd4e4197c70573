/* test-tiles.c: a local network in tiles is the network on the whole map, for any cut. */
#include "engine/sample/tacet-sample-private.h"

#include <math.h>

#define CHANNELS 16

typedef struct
{
  TacetTensor *first, *second, *third, *gamma, *beta;
  gboolean grows; /* twice the size, else half of it */
} Model;

static TacetTensor *
random_tensor (TacetShape shape, guint seed, double scale, double offset)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  TacetTensor *tensor = tacet_tensor_new (TACET_F32, shape);
  for (gint64 i = 0; i < tacet_shape_count (shape); i++)
    tacet_tensor_f32 (tensor)[i] = (float) (offset + scale * g_rand_double_range (rand, -1, 1));
  return tensor;
}

static TacetValue *
norm_or (const TacetTileNorm *norm, TacetValue *x, TacetValue *gamma, TacetValue *beta)
{
  TacetValue *y =
      norm != NULL ? norm->norm (norm->data, x, gamma, beta, 4, 1e-6f) : tacet_group_norm (x, gamma, beta, 4, 1e-6f);
  return tacet_fn (y, TACET_FN_SILU);
}

/* Two norms, three convolutions, a change of size; and norms of norms, which a first estimate gets all wrong. */
static TacetValue *
build (gpointer data, TacetGraph *g, TacetValue *in, const TacetTileNorm *norm)
{
  Model *model = data;
  const TacetConv same = { 1, 1, 1, 1, 1 }, down = { .stride = 2, .bottom = 1, .right = 1 };
  TacetValue *gamma = tacet_weight (g, "gamma", model->gamma), *beta = tacet_weight (g, "beta", model->beta);
  TacetValue *x = tacet_conv (in, tacet_weight (g, "first", model->first), NULL, same);
  x = norm_or (norm, x, gamma, beta);
  if (model->grows)
    x = tacet_upsample (x);
  x = tacet_conv (x, tacet_weight (g, "second", model->second), NULL, model->grows ? same : down);
  x = norm_or (norm, x, gamma, beta);
  for (int i = 0; i < 6; i++)
    x = norm_or (norm, tacet_add_scaled (tacet_mul (x, x), 1.5f, x, 1), gamma, beta);
  return tacet_conv (x, tacet_weight (g, "third", model->third), NULL, same);
}

/* A map whose parts differ: a slope, a dark half, noise. */
static TacetTensor *
uneven_map (int height, int width)
{
  TacetTensor *map = random_tensor (tacet_shape (1, height, width, 3), 5, 0.3, 0);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < 3; c++)
        tacet_tensor_f32 (map)[(y * width + x) * 3 + c] += (float) (0.02 * x * (c + 1) - (y > height / 2 ? 2 : 0));
  return map;
}

static void
check (TacetBackend *backend, Model *model, int height, int width, int core)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetGraph) graph = tacet_graph_new ();
  g_autoptr (TacetTensor) map = uneven_map (height, width);
  TacetValue *in = tacet_input (graph, "in", TACET_F32, map->shape), *out = build (model, graph, in, NULL);
  g_autoptr (TacetPlan) plan = tacet_plan_new (graph, &out, 1, backend, TACET_PLAN_CONSTANT_WEIGHTS, &error);
  g_assert_no_error (error);
  gsize n = (gsize) tacet_shape_count (out->shape);
  g_autofree float *whole = g_new (float, n), *pieces = g_new0 (float, n);
  g_assert_true (tacet_plan_set (plan, in, map->data, &error) && tacet_plan_run (plan, NULL, &error) &&
                 tacet_plan_get (plan, out, whole, &error));

  int unit = model->grows ? 1 : 2;
  TacetTiles tiles = { build, model, height, width, 3, unit, 6 * unit, core };
  g_assert_true (_tacet_tiles_run (&tiles, backend, map->data, pieces, NULL, &error));
  g_assert_no_error (error);
  double largest = 0, difference = 0;
  for (gsize i = 0; i < n; i++)
    {
      largest = MAX (largest, fabs (whole[i]));
      difference = MAX (difference, fabs (whole[i] - pieces[i]));
    }
  g_assert_cmpfloat (largest, >, 0);
  g_assert_cmpfloat (difference, <, 2e-5 * largest);
}

static void
test_tiles (void)
{
  TacetBackend *backend = tacet_cpu_backend_new (2);
  for (int grows = 0; grows < 2; grows++)
    {
      Model model = { .first = random_tensor (tacet_shape (CHANNELS, 3, 3, 3), 1, 0.4, 0),
                      .second = random_tensor (tacet_shape (CHANNELS, 3, 3, CHANNELS), 2, 0.2, 0),
                      .third = random_tensor (tacet_shape (3, 3, 3, CHANNELS), 3, 0.2, 0),
                      .gamma = random_tensor (tacet_shape (1, 1, 1, CHANNELS), 4, 0.5, 1),
                      .beta = random_tensor (tacet_shape (1, 1, 1, CHANNELS), 5, 0.5, 0),
                      .grows = grows };
      check (backend, &model, 40, 56, 12); /* both sides are cut */
      check (backend, &model, 50, 10, 16); /* one is */
      check (backend, &model, 20, 18, 64); /* none */
      TacetTensor *tensors[] = { model.first, model.second, model.third, model.gamma, model.beta };
      for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
        tacet_tensor_unref (tensors[i]);
    }
  g_assert_cmpuint (backend->used, ==, 0);
  backend->klass->destroy (backend);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tiles/whole", test_tiles);
  return g_test_run ();
}
