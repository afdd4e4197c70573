/* test-data.c: random numbers, rebalanced masks, folders of pictures, caches of latents.
 *
 * Room: tests/train.
 */
#include "engine/train/tacet-latents.h"
#include "engine/train/tacet-rebalance.h"
#include "engine/train/tacet-train-data.h"
#include "test-train.h"
#include <math.h>

#define SIZE 32

static void
test_random (void)
{
  enum
  {
    N = 40001
  };
  g_autofree float *x = g_new (float, N);
  double sum = 0, squares = 0, uniform = 0;
  TacetRandom a = tacet_random (1, TACET_STREAM_TRAIN, 2, 3), b = a;
  tacet_random_normal (&a, x, N);
  for (int i = 0; i < N; i++)
    {
      sum += x[i];
      squares += (double) x[i] * x[i];
      const double u = tacet_random_uniform (&b);
      g_assert_true (u >= 0 && u < 1);
      uniform += u;
      g_assert_cmpuint (tacet_random_below (&b, 7), <, 7);
    }
  g_assert_cmpfloat (fabs (sum / N), <, 0.02);
  g_assert_cmpfloat (fabs (squares / N - 1), <, 0.03);
  g_assert_cmpfloat (fabs (uniform / N - 0.5), <, 0.01);
  /* every one of the four numbers counts */
  const guint64 first = tacet_random (1, TACET_STREAM_TRAIN, 2, 3).state;
  g_assert_cmpuint (first, ==, tacet_random (1, TACET_STREAM_TRAIN, 2, 3).state);
  g_assert_cmpuint (first, !=, tacet_random (2, TACET_STREAM_TRAIN, 2, 3).state);
  g_assert_cmpuint (first, !=, tacet_random (1, TACET_STREAM_HELD_OUT, 2, 3).state);
  g_assert_cmpuint (first, !=, tacet_random (1, TACET_STREAM_TRAIN, 3, 3).state);
  g_assert_cmpuint (first, !=, tacet_random (1, TACET_STREAM_TRAIN, 2, 4).state);
  g_assert_cmpuint (tacet_random (1, TACET_STREAM_TRAIN, 3, 2).state, !=, first);
}

/* Four quarters; the last holds one lonely pixel of another number. */
static void
quarters (guint8 *objects)
{
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      objects[y * SIZE + x] = (guint8) (1 + (x >= SIZE / 2) + 2 * (y >= SIZE / 2));
  objects[(SIZE - 3) * SIZE + SIZE - 3] = 9;
}

static void
test_regions (void)
{
  guint8 objects[SIZE * SIZE];
  guint16 regions[SIZE * SIZE];
  TacetRebalance *r = tacet_rebalance_new (SIZE);
  quarters (objects);
  g_assert_cmpint (tacet_rebalance_regions (r, objects, regions), ==, 4);
  for (int i = 0; i < SIZE * SIZE; i++)
    for (int k = 0; k < SIZE * SIZE; k += 37)
      if (objects[i] != 9 && objects[k] != 9)
        g_assert_cmpint (regions[i] == regions[k], ==, objects[i] == objects[k]);
  g_assert_cmpint (regions[(SIZE - 3) * SIZE + SIZE - 3], ==, regions[SIZE * SIZE - 1]);
  /* one number in two places is two regions */
  memset (objects, 0, sizeof objects);
  for (int y = 0; y < SIZE; y++)
    objects[y * SIZE + SIZE / 2] = 1;
  g_assert_cmpint (tacet_rebalance_regions (r, objects, regions), ==, 3);
  memset (objects, 7, sizeof objects);
  g_assert_cmpint (tacet_rebalance_regions (r, objects, regions), ==, 1);
  tacet_rebalance_free (r);
}

static void
test_masks (void)
{
  guint8 objects[SIZE * SIZE], mask[SIZE * SIZE];
  guint16 regions[SIZE * SIZE];
  int whole = 0, kept_of_first = 0, cut = 0;
  TacetRebalance *r = tacet_rebalance_new (SIZE);
  quarters (objects);
  const int n = tacet_rebalance_regions (r, objects, regions);
  for (guint64 i = 0; i < 2000; i++)
    {
      TacetRandom random = tacet_random (1, TACET_STREAM_SAMPLE, 0, i);
      int state[4] = { -1, -1, -1, -1 }, kept = 0;
      tacet_rebalance_mask (r, objects, 0.1, 0.5, 0, &random, mask);
      for (int k = 0; k < SIZE * SIZE; k++)
        {
          g_assert_true (mask[k] == 0 || mask[k] == 255);
          g_assert_true (state[regions[k]] == -1 || state[regions[k]] == mask[k]);
          state[regions[k]] = mask[k];
        }
      for (int k = 0; k < n; k++)
        kept += state[k] == 255;
      g_assert_cmpint (kept, >, 0);
      whole += kept == n;
      kept_of_first += kept < n && state[0] == 255;
    }
  /* 10 % whole; of the others each region is kept in half of the cases */
  g_assert_cmpint (abs (whole - 200), <, 60);
  g_assert_cmpint (abs (kept_of_first - 900), <, 90);

  memset (objects, 1, sizeof objects);
  for (guint64 i = 0; i < 1000; i++)
    {
      TacetRandom random = tacet_random (2, TACET_STREAM_SAMPLE, 0, i);
      int kept = 0;
      tacet_rebalance_mask (r, i % 2 ? objects : NULL, 0, 0.5, 0, &random, mask);
      for (int k = 0; k < SIZE * SIZE; k++)
        kept += mask[k] == 255;
      g_assert_cmpint (kept, >, 0);
      cut += kept < SIZE * SIZE;
    }
  g_assert_cmpint (abs (cut - 500), <, 80);
  tacet_rebalance_free (r);
}

static void
test_grow (void)
{
  guint8 objects[SIZE * SIZE], plain[SIZE * SIZE], grown[SIZE * SIZE];
  TacetRebalance *r = tacet_rebalance_new (SIZE);
  quarters (objects);
  for (guint64 i = 0; i < 50; i++)
    {
      TacetRandom a = tacet_random (3, TACET_STREAM_SAMPLE, 0, i), b = a;
      tacet_rebalance_mask (r, objects, 0, 0.5, 0, &a, plain);
      tacet_rebalance_mask (r, objects, 0, 0.5, 1, &b, grown);
      for (int k = 0; k < SIZE * SIZE; k++)
        {
          const int x = k % SIZE, y = k / SIZE;
          const gboolean near = plain[k] || (x > 0 && plain[k - 1]) || (x + 1 < SIZE && plain[k + 1]) ||
                                (y > 0 && plain[k - SIZE]) || (y + 1 < SIZE && plain[k + SIZE]);
          g_assert_cmpint (grown[k] == 255, ==, near);
        }
    }
  tacet_rebalance_free (r);
}

static void
save_picture (const char *folder, const char *name, int width, int height, guint8 value)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (TacetImage) image = tacet_image_new (width, height, 3);
  g_autoptr (GError) error = NULL;
  memset (image->data, value, (gsize) width * height * 3);
  memset (image->data, 255 - value, (gsize) width * 3 * (height / 2));
  g_assert_true (tacet_image_save_png (image, path, NULL, &error));
}

static void
test_folder (void)
{
  g_autofree char *folder = tiny_folder ();
  g_autofree char *list = g_build_filename (folder, "prompt.json", NULL);
  g_autoptr (GError) error = NULL;
  TacetTrainSample sample;
  const TacetDataPlan plan = { .folder = folder, .size = 16 };
  save_picture (folder, "a.png", 40, 20, 10);
  save_picture (folder, "b.png", 16, 16, 20);
  save_picture (folder, "map.png", 32, 32, 255);

  g_assert_null (tacet_train_data_open (&plan, &error));
  g_assert_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, folder));
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (list,
                                      "{\"target\": \"a.png\", \"source\": \"map.png\", \"prompt\": \"a wall\"}\n\n"
                                      "{\"image\": \"b.png\", \"text\": \"a floor\", \"seg\": \"b.png\"}\n"
                                      "{\"target\": \"gone.png\", \"prompt\": \"nothing\"}\n",
                                      -1, NULL));
  g_autoptr (TacetTrainData) data = tacet_train_data_open (&plan, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tacet_train_data_count (data), ==, 3);
  g_assert_true (tacet_train_data_get (data, 0, &sample, &error));
  g_assert_cmpstr (sample.caption, ==, "a wall");
  g_assert_cmpint (sample.picture->width, ==, 16);
  g_assert_cmpint (sample.picture->height, ==, 16);
  g_assert_cmpint (sample.picture->data[0], ==, 245);
  g_assert_cmpint (sample.map->data[0], ==, 0);
  g_assert_null (sample.depth);
  tacet_train_sample_clear (&sample);
  g_assert_true (tacet_train_data_get (data, 1, &sample, &error));
  g_assert_cmpint (sample.objects->data[0], ==, 1);
  g_assert_cmpint (sample.objects->data[255], ==, 2);
  tacet_train_sample_clear (&sample);
  g_assert_false (tacet_train_data_get (data, 2, &sample, &error));
  g_assert_nonnull (strstr (error->message, "gone.png"));
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (list, "{\"target\": \"a.png\"}\n{\"prompt\": \"no picture\"}\n", -1, NULL));
  g_assert_null (tacet_train_data_open (&plan, &error));
  g_assert_nonnull (strstr (error->message, "line 2"));
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (list, "{\"target\": 7}\n", -1, NULL));
  g_assert_null (tacet_train_data_open (&plan, &error));
  g_assert_nonnull (strstr (error->message, "target"));
  g_clear_error (&error);
  remove_tree (folder);
}

static void
test_studio (void)
{
  g_autoptr (GError) error = NULL;
  TacetTrainSample a, b;
  const TacetDataPlan plan = { .size = 16, .samples = 1, .seed = 3 };
  g_autoptr (TacetTrainData) data = tacet_train_data_open (&plan, &error);
  g_assert_no_error (error);
  g_assert_true (tacet_train_data_get (data, 12345, &a, &error));
  g_assert_true (tacet_train_data_get (data, 12345, &b, &error));
  g_assert_true (tacet_image_equal (a.picture, b.picture));
  g_assert_cmpstr (a.caption, ==, b.caption);
  g_assert_nonnull (a.depth);
  g_assert_nonnull (a.objects);
  tacet_train_sample_clear (&b);
  g_assert_true (tacet_train_data_get (data, 12346, &b, &error));
  g_assert_false (tacet_image_equal (a.picture, b.picture));
  tacet_train_sample_clear (&a);
  tacet_train_sample_clear (&b);
}

static void
test_picture_range (void)
{
  g_autoptr (TacetImage) image = tacet_image_new (16, 16, 3), back = tacet_image_new (48, 32, 3);
  float x[16 * 16 * 3];
  for (int i = 0; i < 16 * 16 * 3; i++)
    image->data[i] = (guint8) i;
  tacet_train_from_image (image, x);
  g_assert_cmpfloat (x[0], ==, -1);
  g_assert_cmpfloat (fabsf (x[255] - 1), <, 1e-6);
  tacet_train_to_image (x, back, 32, 16, 16);
  for (int row = 0; row < 16; row++)
    g_assert_cmpmem (back->data + ((16 + row) * 48 + 32) * 3, 48, image->data + row * 48, 48);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/data/random", test_random);
  g_test_add_func ("/train/data/regions", test_regions);
  g_test_add_func ("/train/data/masks", test_masks);
  g_test_add_func ("/train/data/grow", test_grow);
  g_test_add_func ("/train/data/folder", test_folder);
  g_test_add_func ("/train/data/studio", test_studio);
  g_test_add_func ("/train/data/picture-range", test_picture_range);
  return g_test_run ();
}
