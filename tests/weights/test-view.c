/* test-view.c: stores as views over several files: renaming, differences, low-rank products, lazy values.
 *
 * Tests of engine/weights.
 */
#include "engine/tensor/tacet-plan.h"
#include "engine/weights/tacet-checkpoint.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  const char *name;
  int rank;
  int64_t dims[4];
} Wanted;

/* Any number, the same for (name, i). */
static float
number (const char *name, int64_t i)
{
  return (float) ((g_str_hash (name) + (guint) i * 2654435761u) % 4001) / 1000 - 2;
}

static char *
make_file (const Wanted *wanted, gsize n, TacetStorage storage)
{
  char *path = NULL;
  int fd = g_file_open_tmp ("tacet-test-XXXXXX.safetensors", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raw_tensor_free);
  for (gsize k = 0; k < n; k++)
    {
      TacetRawTensor *raw = tacet_raw_tensor_new (wanted[k].name, TACET_F32, wanted[k].rank, wanted[k].dims);
      for (int64_t i = 0; i < tacet_raw_tensor_count (raw); i++)
        ((float *) raw->data)[i] = number (wanted[k].name, i);
      g_ptr_array_add (tensors, raw);
    }
  g_assert_true (tacet_safetensors_write (path, tensors, NULL, NULL));
  if (storage != TACET_STORE_F32)
    {
      g_autoptr (TacetWeights) again = tacet_weights_open (path, NULL);
      g_assert_true (tacet_weights_save (again, path, storage, NULL));
    }
  return path;
}

/* The file is gone from the folder, yet open. */
static TacetCheckpoint *
make_checkpoint (const Wanted *wanted, gsize n)
{
  g_autofree char *path = make_file (wanted, n, TACET_STORE_F32);
  g_autoptr (GError) error = NULL;
  TacetCheckpoint *checkpoint = tacet_checkpoint_open (path, &error);
  g_assert_no_error (error);
  g_unlink (path);
  return checkpoint;
}

static TacetTensor *
get (TacetWeights *w, const char *name, int rank, TacetShape shape)
{
  g_autoptr (GError) error = NULL;
  TacetTensor *t = tacet_weights_get (w, name, rank, shape, TACET_INIT_ZERO, 1, &error);
  g_assert_no_error (error);
  return t;
}

static void
test_names (void)
{
  static const Wanted one[] = { { "x.q", 2, { 3, 4 } }, { "x.b", 1, { 3 } } }, two[] = { { "y.b", 1, { 3 } } };
  g_autoptr (TacetCheckpoint) a = make_checkpoint (one, 2), b = make_checkpoint (two, 1);
  g_autoptr (GError) error = NULL;
  TacetWeights *w = tacet_weights_new_view ("two files");
  g_assert_cmpuint (tacet_weights_length (w), ==, 0);
  g_assert_true (tacet_weights_map (w, "to_q.weight", a, "x.q", &error));
  g_assert_true (tacet_weights_map (w, "to_q.bias", a, "x.b", &error));
  g_assert_true (tacet_weights_map (w, "to_q.bias", b, "y.b", &error)); /* takes the other's place */
  g_assert_false (tacet_weights_map (w, "to_k.bias", b, "x.b", &error));
  g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING);
  g_assert_cmpuint (tacet_weights_length (w), ==, 2);
  g_assert_false (tacet_weights_has (w, "x.q"));
  g_clear_error (&error);
  g_assert_null (tacet_weights_get (w, "x.q", 2, tacet_shape (1, 1, 3, 4), TACET_INIT_ZERO, 1, &error));
  g_assert_nonnull (strstr (error->message, "two files"));
  TacetTensor *bias = get (w, "to_q.bias", 1, tacet_shape (1, 1, 1, 3));
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat (tacet_tensor_f32 (bias)[i], ==, number ("y.b", i));
  /* What was handed out as a value outlives the store, in the file. */
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  TacetValue *v = tacet_weights_value (w, g, "to_q.weight", 2, tacet_shape (1, 1, 3, 4), TACET_INIT_ZERO, 1);
  g_assert_null (v->tensor->data);
  g_assert_true (tacet_weights_value (w, g, "to_q.weight", 2, tacet_shape (1, 1, 3, 4), TACET_INIT_ZERO, 1) == v);
  tacet_weights_unref (w);
  float values[12];
  g_assert_true (tacet_tensor_read (v->tensor, values, &error));
  for (int i = 0; i < 12; i++)
    g_assert_cmpfloat (values[i], ==, number ("x.q", i));
}

static void
test_plan (void)
{
  static const Wanted one[] = { { "w", 2, { 3, 4 } } };
  g_autofree char *path = make_file (one, 1, TACET_STORE_F32);
  g_autoptr (TacetWeights) w = tacet_weights_open (path, NULL);
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_autoptr (GError) error = NULL;
  TacetBackend *backend = tacet_cpu_backend_new (1);
  TacetValue *v = tacet_weights_value (w, g, "w", 2, tacet_shape (1, 1, 3, 4), TACET_INIT_ZERO, 1);
  TacetValue *y = tacet_scale (v, 2);
  TacetPlan *plan = tacet_plan_new (g, &y, 1, backend, TACET_PLAN_CONSTANT_WEIGHTS, &error);
  g_assert_no_error (error);
  g_assert_nonnull (v->tensor->data);
  float result[12];
  g_assert_true (tacet_plan_run (plan, NULL, &error));
  g_assert_true (tacet_plan_get (plan, y, result, &error));
  for (int i = 0; i < 12; i++)
    g_assert_cmpfloat (result[i], ==, 2 * number ("w", i));
  tacet_plan_free (plan);
  g_assert_null (v->tensor->data); /* and its memory is free again */
  /* The file shrinks after it was opened: no plan, but a message. */
  g_assert_cmpint (truncate (path, 100), ==, 0);
  g_assert_null (tacet_plan_new (g, &y, 1, backend, TACET_PLAN_CONSTANT_WEIGHTS, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, path));
  backend->klass->destroy (backend);
  g_unlink (path);
}

static void
test_precision (void)
{
  static const Wanted one[] = { { "w", 2, { 3, 4 } }, { "d", 2, { 3, 4 } } };
  static const TacetPrecision precisions[] = { TACET_PRECISION_F32, TACET_PRECISION_F16, TACET_PRECISION_BF16 };
  for (int k = 0; k < 3; k++)
    {
      g_autofree char *path = make_file (one, 2, (TacetStorage) k);
      g_autoptr (TacetCheckpoint) file = tacet_checkpoint_open (path, NULL);
      g_autoptr (TacetWeights) w = tacet_weights_new_view (path);
      g_autoptr (TacetGraph) g = tacet_graph_new ();
      g_unlink (path);
      g_assert_true (tacet_weights_map (w, "a", file, "w", NULL));
      g_assert_true (tacet_weights_map (w, "b", file, "w", NULL));
      g_assert_true (tacet_weights_add_tensor (w, "b", file, "d", 0.5f, NULL));
      TacetShape s = tacet_shape (1, 1, 3, 4);
      TacetTensor *a = tacet_weights_value (w, g, "a", 2, s, TACET_INIT_ZERO, 1)->tensor,
                  *b = tacet_weights_value (w, g, "b", 2, s, TACET_INIT_ZERO, 1)->tensor;
      g_assert_cmpint (a->precision, ==, precisions[k]);
      g_assert_cmpint (b->precision, ==, TACET_PRECISION_F32);
      float x[12], y[12];
      g_assert_true (tacet_tensor_read (a, x, NULL) && tacet_tensor_read (b, y, NULL));
      for (int i = 0; i < 12; i++)
        {
          g_assert_cmpfloat (fabsf (x[i] - number ("w", i)), <=, k == 0 ? 0 : k == 1 ? 1e-3f : 1e-2f);
          g_assert_cmpfloat (fabsf (y[i] - x[i] - 0.5f * number ("d", i)), <=, k == 0 ? 1e-6f : 1e-2f);
        }
    }
}

/* The definition, in double precision. */
static double
low_rank (gboolean core, int o, int i, int tap, int r, int s, int inputs, int taps)
{
  double sum = 0;
  for (int b = 0; b < s; b++)
    {
      double down = core ? 0 : number ("down", (b * inputs + i) * taps + tap);
      for (int a = 0; core && a < r; a++)
        down += (double) number ("mid", (b * r + a) * taps + tap) * number ("down", a * inputs + i);
      sum += number ("up", o * s + b) * down;
    }
  return sum;
}

static void
test_products (void)
{
  static const struct
  {
    const char *what;
    int o, i, height, width, r, s; /* r: of down; s: of up */
    gboolean core;
    int ranks[4]; /* of w, up, mid, down on disk */
  } cases[] = {
    { "linear", 5, 6, 1, 1, 3, 3, FALSE, { 2, 2, 0, 2 } },
    { "linear from 1x1 parts", 5, 6, 1, 1, 2, 2, FALSE, { 2, 4, 0, 4 } },
    { "1x1 from linear parts", 5, 6, 1, 1, 9, 9, FALSE, { 4, 2, 0, 2 } },
    { "3x3", 5, 6, 3, 3, 4, 4, FALSE, { 4, 4, 0, 4 } },
    { "3x2", 4, 3, 3, 2, 5, 5, FALSE, { 4, 4, 0, 4 } },
    { "3x3 with a core", 5, 6, 3, 3, 3, 2, TRUE, { 4, 4, 4, 4 } },
    { "many rows", 700, 130, 1, 1, 6, 6, FALSE, { 2, 2, 0, 2 } },
  };
  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      const int o = cases[k].o, n = cases[k].i, h = cases[k].height, x = cases[k].width, r = cases[k].r, s = cases[k].s;
      Wanted wanted[] = { { "w", cases[k].ranks[0], { o, n, h, x } },
                          { "up", cases[k].ranks[1], { o, s, 1, 1 } },
                          { "down", cases[k].ranks[3], { r, n, h, x } },
                          { "mid", cases[k].ranks[2], { s, r, h, x } } };
      if (cases[k].core)
        wanted[2].dims[2] = wanted[2].dims[3] = 1;
      g_autoptr (TacetCheckpoint) file = make_checkpoint (wanted, cases[k].core ? 4 : 3);
      g_autoptr (TacetWeights) w = tacet_weights_new_view ("lora");
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", cases[k].what);
      tacet_weights_map (w, "w", file, "w", NULL);
      tacet_weights_add_product (w, "w", file, "up", cases[k].core ? "mid" : NULL, "down", -0.7f, &error);
      g_assert_no_error (error);
      const int taps = h * x;
      TacetTensor *t = taps > 1 ? get (w, "w", 4, tacet_shape (o, h, x, n))
                                : get (w, "w", TACET_RANK_POINTWISE, tacet_shape (1, 1, o, n));
      for (int a = 0; a < o; a++)
        for (int tap = 0; tap < taps; tap++)
          for (int b = 0; b < n; b++)
            {
              double right =
                  number ("w", (a * n + b) * taps + tap) - 0.7f * low_rank (cases[k].core, a, b, tap, r, s, n, taps);
              g_assert_cmpfloat (fabs (tacet_tensor_f32 (t)[(a * taps + tap) * n + b] - right), <, 1e-4);
            }
    }
}

static void
test_misfits (void)
{
  static const Wanted wanted[] = {
    { "w", 2, { 5, 6 } },    { "conv", 4, { 5, 6, 3, 3 } }, { "v", 2, { 6, 5 } },          { "up", 2, { 5, 2 } },
    { "down", 2, { 2, 6 } }, { "narrow", 2, { 2, 5 } },     { "core", 4, { 2, 2, 2, 3 } }, { "deep", 2, { 3, 6 } },
  };
  static const struct
  {
    const char *name, *up, *mid, *down;
  } cases[] = {
    { "w", "up", NULL, "narrow" },  { "w", "up", NULL, "deep" },      { "w", "down", NULL, "up" },
    { "conv", "up", NULL, "down" }, { "conv", "up", "core", "down" }, { "w", "up", "core", "down" },
    { "w", "v", NULL, NULL },       { "conv", "w", NULL, NULL },      { "w", "none", NULL, NULL },
    { "w", "up", NULL, "none" },    { "w", "up", "none", "down" },    { "none", "up", NULL, "down" },
  };
  g_autoptr (TacetCheckpoint) file = make_checkpoint (wanted, G_N_ELEMENTS (wanted));
  g_autoptr (TacetWeights) w = tacet_weights_new_view ("lora");
  tacet_weights_map (w, "w", file, "w", NULL);
  tacet_weights_map (w, "conv", file, "conv", NULL);
  for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (cases[k].down ? tacet_weights_add_product (w, cases[k].name, file, cases[k].up, cases[k].mid,
                                                                 cases[k].down, 1, &error)
                                    : tacet_weights_add_tensor (w, cases[k].name, file, cases[k].up, 1, &error));
      g_test_message ("%s", error->message);
      g_assert_cmpint ((int) error->domain, ==, (int) TACET_WEIGHTS_ERROR);
    }
  /* And nothing was changed by them. */
  TacetTensor *t = get (w, "w", 2, tacet_shape (1, 1, 5, 6));
  for (int i = 0; i < 30; i++)
    g_assert_cmpfloat (tacet_tensor_f32 (t)[i], ==, number ("w", i));
}

/* A view can be written as a file of its own. */
static void
test_save (void)
{
  static const Wanted wanted[] = { { "w", 4, { 5, 6, 3, 3 } }, { "d", 4, { 5, 6, 3, 3 } } };
  g_autofree char *path = make_file (wanted, 2, TACET_STORE_F32);
  g_autoptr (TacetCheckpoint) file = tacet_checkpoint_open (path, NULL);
  for (int asked = 0; asked < 3; asked++)
    {
      g_autoptr (TacetWeights) w = tacet_weights_new_view (path);
      g_autoptr (TacetGraph) g = tacet_graph_new ();
      tacet_weights_map (w, "conv.weight", file, "w", NULL);
      tacet_weights_add_tensor (w, "conv.weight", file, "d", 2, NULL);
      if (asked == 1)
        tacet_weights_value (w, g, "conv.weight", 4, tacet_shape (5, 3, 3, 6), TACET_INIT_ZERO, 1);
      else if (asked == 2)
        get (w, "conv.weight", 4, tacet_shape (5, 3, 3, 6));
      g_assert_true (tacet_weights_save (w, path, TACET_STORE_F32, NULL));
      g_autoptr (GPtrArray) saved = tacet_safetensors_read (path, NULL);
      g_assert_cmpuint (saved->len, ==, 1);
      const TacetRawTensor *raw = tacet_raw_tensor_find (saved, "conv.weight");
      for (int i = 0; i < 270; i++)
        g_assert_cmpfloat (((float *) raw->data)[i], ==, number ("w", i) + 2 * number ("d", i));
    }
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/names", test_names);
  g_test_add_func ("/view/plan", test_plan);
  g_test_add_func ("/view/precision", test_precision);
  g_test_add_func ("/view/products", test_products);
  g_test_add_func ("/view/misfits", test_misfits);
  g_test_add_func ("/view/save", test_save);
  return g_test_run ();
}
