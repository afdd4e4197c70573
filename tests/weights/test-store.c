/* test-store.c: the store of named tensors: layouts, saving, new values, copies, faults.
 *
 * Tests of engine/weights.
 */
#include "engine/weights/tacet-safetensors.h"
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char *
scratch_file (void)
{
  char *path = NULL;
  int fd = g_file_open_tmp ("tacet-test-XXXXXX.safetensors", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  return path;
}

/* A file with tensors whose values count up. */
static char *
counting_file (void)
{
  static const struct
  {
    const char *name;
    int rank;
    int64_t dims[4];
  } wanted[] = {
    { "conv", 4, { 2, 3, 3, 2 } },  { "linear", 2, { 3, 4 } }, { "vector", 1, { 5 } },
    { "point", 4, { 3, 2, 1, 1 } }, { "scalar", 0, { 0 } },    { "ids", 1, { 4 } },
  };
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raw_tensor_free);
  char *path = scratch_file ();
  for (gsize k = 0; k < G_N_ELEMENTS (wanted); k++)
    {
      TacetDtype dtype = strcmp (wanted[k].name, "ids") == 0 ? TACET_I32 : TACET_F32;
      TacetRawTensor *raw = tacet_raw_tensor_new (wanted[k].name, dtype, wanted[k].rank, wanted[k].dims);
      for (int i = 0; dtype == TACET_F32 && i < tacet_raw_tensor_count (raw); i++)
        ((float *) raw->data)[i] = (float) i;
      g_ptr_array_add (tensors, raw);
    }
  g_assert_true (tacet_safetensors_write (path, tensors, NULL, NULL));
  return path;
}

static TacetTensor *
get (TacetWeights *w, const char *name, int rank, TacetShape shape, GError **error)
{
  return tacet_weights_get (w, name, rank, shape, TACET_INIT_LINEAR, 1.0f, error);
}

static void
test_layout (void)
{
  g_autofree char *path = counting_file ();
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetWeights) w = tacet_weights_open (path, &error);
  g_assert_no_error (error);
  g_unlink (path);
  g_assert_cmpuint (tacet_weights_length (w), ==, 6);
  g_assert_true (tacet_weights_has (w, "conv"));
  g_assert_false (tacet_weights_has (w, "conf"));
  TacetTensor *conv = get (w, "conv", 4, tacet_shape (2, 3, 2, 3), &error);
  g_assert_no_error (error);
  for (int o = 0; o < 2; o++)
    for (int i = 0; i < 3; i++)
      for (int y = 0; y < 3; y++)
        for (int x = 0; x < 2; x++)
          g_assert_cmpfloat (tacet_tensor_f32 (conv)[((o * 3 + y) * 2 + x) * 3 + i], ==, ((o * 3 + i) * 3 + y) * 2 + x);
  g_assert_true (get (w, "conv", 4, tacet_shape (2, 3, 2, 3), NULL) == conv);
  /* A 1x1 convolution as linear, by either rank; trailing ones do not count. */
  TacetTensor *point = get (w, "point", TACET_RANK_POINTWISE, tacet_shape (1, 1, 3, 2), &error);
  g_assert_no_error (error);
  g_assert_true (get (w, "point", 2, tacet_shape (1, 1, 3, 2), NULL) == point);
  TacetTensor *linear = get (w, "linear", TACET_RANK_POINTWISE, tacet_shape (1, 1, 3, 4), &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (tacet_tensor_f32 (linear)[7], ==, 7);
  g_assert_nonnull (get (w, "vector", 1, tacet_shape (1, 1, 1, 5), &error));
  gint64 dims[8];
  g_assert_cmpint (tacet_weights_disk_shape (w, "point", dims), ==, 4);
  g_assert_cmpint (tacet_weights_disk_shape (w, "nothing", dims), ==, -1);
}

static void
test_faults (void)
{
  static const struct
  {
    const char *name;
    int rank;
    TacetShape shape;
    int code;
  } cases[] = {
    { "conf", 4, { { 2, 3, 2, 3 } }, TACET_WEIGHTS_ERROR_MISSING },
    { "conv", 4, { { 2, 2, 3, 3 } }, TACET_WEIGHTS_ERROR_SHAPE },
    { "conv", 2, { { 1, 1, 2, 18 } }, TACET_WEIGHTS_ERROR_SHAPE },
    { "linear", 2, { { 1, 1, 4, 3 } }, TACET_WEIGHTS_ERROR_SHAPE },
    { "linear", 1, { { 1, 1, 1, 12 } }, TACET_WEIGHTS_ERROR_SHAPE },
    { "ids", 1, { { 1, 1, 1, 4 } }, TACET_WEIGHTS_ERROR_UNSUPPORTED },
  };
  g_autofree char *path = counting_file ();
  g_autoptr (TacetWeights) w = tacet_weights_open (path, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (get (w, cases[i].name, cases[i].rank, cases[i].shape, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, TACET_WEIGHTS_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].name));
    }
  /* As a value the fault lands in the graph. */
  g_autoptr (TacetGraph) g = tacet_graph_new ();
  g_assert_nonnull (tacet_weights_value (w, g, "conf", 1, tacet_shape (1, 1, 1, 3), TACET_INIT_ZERO, 1));
  g_assert_nonnull (strstr (tacet_graph_error (g)->message, "conf"));
  g_autoptr (TacetGraph) g2 = tacet_graph_new ();
  g_assert_nonnull (tacet_weights_value (w, g2, "conv", 4, tacet_shape (-1, 3, 3, 1), TACET_INIT_ZERO, 1));
  g_assert_nonnull (tacet_graph_error (g2));
  /* The file shrinks after it was opened. */
  g_assert_cmpint (truncate (path, 600), ==, 0);
  g_autoptr (GError) error = NULL;
  if (!get (w, "point", TACET_RANK_POINTWISE, tacet_shape (1, 1, 3, 2), &error))
    g_assert_nonnull (error);
  g_assert_cmpint (truncate (path, 0), ==, 0);
  g_clear_error (&error);
  g_assert_null (get (w, "vector", 1, tacet_shape (1, 1, 1, 5), &error));
  g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID);
  g_unlink (path);
}

static void
test_not_numbers (void)
{
  static const int64_t dims[] = { 3 };
  g_autofree char *path = scratch_file ();
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raw_tensor_free);
  g_autoptr (GError) error = NULL;
  g_ptr_array_add (tensors, tacet_raw_tensor_new ("broken", TACET_F32, 1, dims));
  ((float *) ((TacetRawTensor *) g_ptr_array_index (tensors, 0))->data)[1] = NAN;
  g_assert_true (tacet_safetensors_write (path, tensors, NULL, NULL));
  g_autoptr (TacetWeights) w = tacet_weights_open (path, NULL);
  g_assert_null (get (w, "broken", 1, tacet_shape (1, 1, 1, 3), &error));
  g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID);
  g_unlink (path);
}

static void
test_save (void)
{
  static const TacetStorage storages[] = { TACET_STORE_F32, TACET_STORE_F16, TACET_STORE_BF16 };
  g_autofree char *path = counting_file (), *copy = scratch_file ();
  for (int k = 0; k < 3; k++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetWeights) w = tacet_weights_open (path, &error);
      get (w, "conv", 4, tacet_shape (2, 3, 2, 3), NULL);
      get (w, "point", TACET_RANK_POINTWISE, tacet_shape (1, 1, 3, 2), NULL);
      tacet_weights_set_metadata (w, "step", "12");
      g_assert_true (tacet_weights_save (w, copy, storages[k], &error));
      g_assert_no_error (error);
      g_autoptr (GPtrArray) before = tacet_safetensors_read (path, &error),
                            after = tacet_safetensors_read (copy, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (before->len, ==, after->len);
      for (guint i = 0; i < before->len; i++)
        {
          TacetRawTensor *a = g_ptr_array_index (before, i), *b = g_ptr_array_index (after, i);
          g_assert_cmpstr (a->name, ==, b->name);
          g_assert_cmpint (a->rank, ==, b->rank);
          g_assert_cmpmem (a->dims, 8 * (gsize) a->rank, b->dims, 8 * (gsize) b->rank);
          gsize size = (gsize) tacet_raw_tensor_count (a) * tacet_dtype_size (a->dtype);
          g_assert_cmpmem (a->data, size, b->data, size); /* small whole numbers fit every type */
        }
      g_autoptr (TacetWeights) again = tacet_weights_open (copy, &error);
      g_assert_cmpstr (tacet_weights_metadata (again, "step"), ==, "12");
      g_assert_cmpstr (tacet_weights_metadata (again, "format"), ==, "pt");
    }
  g_unlink (path);
  g_unlink (copy);
}

static void
test_too_large (void)
{
  g_autofree char *path = scratch_file ();
  g_autoptr (TacetWeights) w = tacet_weights_new (1);
  g_autoptr (GError) error = NULL;
  tacet_tensor_f32 (get (w, "big", 1, tacet_shape (1, 1, 1, 2), NULL))[1] = 1e6f;
  g_assert_true (g_file_set_contents (path, "untouched", -1, NULL));
  g_assert_false (tacet_weights_save (w, path, TACET_STORE_F16, &error));
  g_assert_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "untouched");
  g_assert_true (tacet_weights_save (w, path, TACET_STORE_BF16, NULL));
  g_unlink (path);
}

/* A disk that fills up while the file is written: the old file stays, nothing else is left behind. */
static void
test_full_disk (void)
{
  g_autofree char *folder = g_dir_make_tmp ("tacet-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (TacetWeights) w = tacet_weights_new (1);
  g_autoptr (GError) error = NULL;
  get (w, "big", 1, tacet_shape (1, 1, 1, 100000), NULL);
  g_assert_true (g_file_set_contents (path, "untouched", -1, NULL));
  struct rlimit before, tight;
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  tight = before;
  tight.rlim_cur = 4096;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &tight), ==, 0);
  gboolean saved = tacet_weights_save (w, path, TACET_STORE_F32, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_false (saved);
  g_assert_cmpint ((int) error->domain, ==, (int) G_FILE_ERROR);
  g_test_message ("%s", error->message);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "untouched");
  g_unlink (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
moments (TacetTensor *t, double *mean, double *deviation, double *extreme)
{
  gint64 n = tacet_shape_count (t->shape);
  *mean = *deviation = *extreme = 0;
  for (gint64 i = 0; i < n; i++)
    *mean += tacet_tensor_f32 (t)[i] / (double) n;
  for (gint64 i = 0; i < n; i++)
    {
      double d = tacet_tensor_f32 (t)[i] - *mean;
      *deviation += d * d / (double) n;
      *extreme = MAX (*extreme, fabs (tacet_tensor_f32 (t)[i]));
    }
  *deviation = sqrt (*deviation);
}

static void
test_new (void)
{
  g_autoptr (TacetWeights) a = tacet_weights_new (7), b = tacet_weights_new (7), c = tacet_weights_new (8);
  TacetShape conv = tacet_shape (40, 3, 3, 25), matrix = tacet_shape (1, 1, 50, 200),
             vector = tacet_shape (1, 1, 1, 64);
  double mean, deviation, extreme;
  TacetTensor *t = get (a, "conv", 4, conv, NULL);
  moments (t, &mean, &deviation, &extreme);
  double bound = 1.0 / sqrt (225.0);
  g_assert_cmpfloat (fabs (mean), <, 0.03 * bound);
  g_assert_cmpfloat (fabs (deviation / (bound / sqrt (3.0)) - 1), <, 0.03);
  g_assert_true (extreme <= bound && extreme > 0.99 * bound);
  t = tacet_weights_get (a, "kaiming", 2, matrix, TACET_INIT_KAIMING, 1.25f, NULL);
  moments (t, &mean, &deviation, &extreme);
  g_assert_cmpfloat (fabs (deviation / (1.25 / sqrt (200.0)) - 1), <, 0.03);
  t = tacet_weights_get (a, "normal", 2, matrix, TACET_INIT_NORMAL, 0.02f, NULL);
  moments (t, &mean, &deviation, &extreme);
  g_assert_cmpfloat (fabs (deviation / 0.02 - 1), <, 0.03);
  g_assert_cmpfloat (extreme, >, 0.05);
  t = tacet_weights_get (a, "bias", 1, vector, TACET_INIT_LINEAR, 100.0f, NULL);
  moments (t, &mean, &deviation, &extreme);
  g_assert_true (extreme <= 0.1 && extreme > 0.07);
  t = tacet_weights_get (a, "one", 1, vector, TACET_INIT_ONE, 1, NULL);
  g_assert_cmpfloat (tacet_tensor_f32 (t)[63], ==, 1);
  t = tacet_weights_get (a, "zero", 1, vector, TACET_INIT_ZERO, 1, NULL);
  g_assert_cmpfloat (tacet_tensor_f32 (t)[63], ==, 0);
  /* By seed and name, not by order. */
  tacet_weights_get (b, "normal", 2, matrix, TACET_INIT_NORMAL, 0.02f, NULL);
  gsize size = 40 * 3 * 3 * 25 * 4;
  g_assert_cmpmem (get (b, "conv", 4, conv, NULL)->data, size, get (a, "conv", 4, conv, NULL)->data, size);
  g_assert_true (memcmp (get (c, "conv", 4, conv, NULL)->data, get (a, "conv", 4, conv, NULL)->data, size) != 0);
  g_assert_true (memcmp (get (a, "conw", 4, conv, NULL)->data, get (a, "conv", 4, conv, NULL)->data, size) != 0);
  /* Bits that every machine must give. */
  g_assert_cmphex (((guint32 *) get (a, "conv", 4, conv, NULL)->data)[5], ==, 0xbcb835b3);
  t = tacet_weights_get (a, "normal", 2, matrix, TACET_INIT_NORMAL, 0.02f, NULL);
  g_assert_cmphex (((guint32 *) t->data)[5], ==, 0xbad9f842);
  /* Sorted by name, and complete when saved. */
  const char *last = "";
  for (guint i = 0; i < tacet_weights_length (a); i++)
    {
      TacetTensor *tensor = NULL;
      const char *name = tacet_weights_nth (a, i, &tensor);
      g_assert_cmpstr (last, <, name);
      g_assert_nonnull (tensor);
      last = name;
    }
}

static void
test_copy (void)
{
  g_autofree char *path = counting_file ();
  g_autoptr (TacetWeights) from = tacet_weights_open (path, NULL), to = tacet_weights_new (1);
  get (to, "conv", 4, tacet_shape (2, 3, 2, 3), NULL);
  get (to, "linear", 2, tacet_shape (1, 1, 4, 3), NULL); /* another shape */
  get (to, "vector", 1, tacet_shape (1, 1, 1, 5), NULL);
  get (to, "other", 1, tacet_shape (1, 1, 1, 5), NULL);
  g_assert_cmpuint (tacet_weights_copy (to, from), ==, 2);
  gsize size = 36 * 4;
  g_assert_cmpmem (get (to, "conv", 4, tacet_shape (2, 3, 2, 3), NULL)->data, size,
                   get (from, "conv", 4, tacet_shape (2, 3, 2, 3), NULL)->data, size);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/layout", test_layout);
  g_test_add_func ("/store/faults", test_faults);
  g_test_add_func ("/store/not-numbers", test_not_numbers);
  g_test_add_func ("/store/save", test_save);
  g_test_add_func ("/store/too-large", test_too_large);
  g_test_add_func ("/store/full-disk", test_full_disk);
  g_test_add_func ("/store/new", test_new);
  g_test_add_func ("/store/copy", test_copy);
  return g_test_run ();
}
