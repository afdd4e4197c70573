/* test-image.c: pictures in memory, sizes, files that are written whole or not at all.
 *
 * Room: tests/image.
 */
#include "engine/image/tacet-image.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->folder = g_dir_make_tmp ("tacet-image-XXXXXX", NULL);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      if (g_unlink (path) != 0)
        g_rmdir (path);
    }
  g_rmdir (self->folder);
  g_free (self->folder);
}

static char *
path_of (Fixture *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static TacetImage *
random_image (int width, int height, int channels, guint32 seed)
{
  TacetImage *image = tacet_image_new (width, height, channels);
  GRand *rand = g_rand_new_with_seed (seed);
  for (int i = 0; i < width * height * channels; i++)
    image->data[i] = (guint8) g_rand_int_range (rand, 0, 256);
  g_rand_free (rand);
  return image;
}

/* --- memory --- */

static void
test_values (Fixture *self, gconstpointer unused)
{
  g_assert_null (tacet_image_new (0, 1, 1));
  g_assert_null (tacet_image_new (1, -1, 1));
  g_assert_null (tacet_image_new (TACET_IMAGE_MAX_SIDE + 1, 1, 1));
  g_assert_null (tacet_image_new (1, 1, 2));
  g_autoptr (TacetImage) a = random_image (5, 4, 3, 1), b = tacet_image_copy (a);
  g_assert_true (tacet_image_equal (a, b));
  b->data[59] ^= 1;
  g_assert_false (tacet_image_equal (a, b));
  g_assert_false (tacet_image_equal (a, NULL));
  g_assert_true (tacet_image_equal (NULL, NULL));
  g_autoptr (TacetImage) again = tacet_image_ref (a);
  g_assert_true (again == a);
}

static void
test_convert (Fixture *self, gconstpointer unused)
{
  static const guint8 pixels[] = { 255, 255, 255, 0, 255, 0, 0, 10, 0, 255, 0, 200, 0, 0, 255, 255 };
  static const guint8 grays[] = { 255, 76, 150, 29 };
  g_autoptr (TacetImage) rgba = tacet_image_new (2, 2, 4);
  memcpy (rgba->data, pixels, sizeof pixels);
  g_autoptr (TacetImage) gray = tacet_image_convert (rgba, 1), rgb = tacet_image_convert (rgba, 3);
  g_assert_cmpmem (gray->data, 4, grays, 4);
  g_assert_cmpmem (rgb->data + 3, 3, pixels + 4, 3);
  g_autoptr (TacetImage) wide = tacet_image_convert (gray, 4);
  g_assert_cmpmem (wide->data + 4, 4, ((guint8[]){ 76, 76, 76, 255 }), 4);
  g_autoptr (TacetImage) same = tacet_image_convert (rgb, 3);
  g_assert_true (same != rgb && tacet_image_equal (same, rgb));
}

/* --- sizes --- */

static double
overlap (double a0, double a1, double b0, double b1)
{
  return MAX (0.0, MIN (a1, b1) - MAX (a0, b0));
}

/* Shrinking against the area integral, written as four nested loops. */
static void
test_area (Fixture *self, gconstpointer unused)
{
  static const int sizes[][4] = { { 12, 8, 4, 4 }, { 17, 9, 5, 4 }, { 30, 1, 7, 1 }, { 10, 10, 9, 3 } };
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      int w = sizes[s][0], h = sizes[s][1], nw = sizes[s][2], nh = sizes[s][3];
      g_autoptr (TacetImage) image = random_image (w, h, 3, 2);
      g_autoptr (TacetImage) small = tacet_image_resize (image, nw, nh, FALSE);
      double sx = (double) w / nw, sy = (double) h / nh;
      for (int i = 0; i < nw * nh * 3; i++)
        {
          int c = i % 3, x = i / 3 % nw, y = i / 3 / nw;
          double sum = 0;
          for (int v = 0; v < h; v++)
            for (int u = 0; u < w; u++)
              sum += image->data[(v * w + u) * 3 + c] * overlap (u, u + 1, x * sx, (x + 1) * sx) *
                     overlap (v, v + 1, y * sy, (y + 1) * sy);
          g_assert_cmpfloat_with_epsilon (small->data[i], sum / (sx * sy), 0.51);
        }
    }
}

static void
test_enlarge (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetImage) image = tacet_image_new (2, 1, 1);
  image->data[1] = 200;
  g_autoptr (TacetImage) smooth = tacet_image_resize (image, 8, 3, FALSE);
  static const guint8 row[] = { 0, 0, 25, 75, 125, 175, 200, 200 };
  for (int y = 0; y < 3; y++)
    g_assert_cmpmem (smooth->data + 8 * y, 8, row, 8);
  g_autoptr (TacetImage) hard = tacet_image_resize (image, 5, 2, TRUE);
  static const guint8 hard_row[] = { 0, 0, 200, 200, 200 };
  g_assert_cmpmem (hard->data + 5, 5, hard_row, 5);
  g_autoptr (TacetImage) one = tacet_image_new (1, 1, 3), big = tacet_image_resize (one, 50, 20, FALSE);
  g_assert_nonnull (big);
  g_assert_null (tacet_image_resize (one, 0, 5, FALSE));
  g_assert_null (tacet_image_resize (one, 5, 100000, TRUE));
}

/* A flat picture stays flat, whatever the sizes. */
static void
test_flat (Fixture *self, gconstpointer unused)
{
  GRand *rand = g_rand_new_with_seed (3);
  for (int round = 0; round < 100; round++)
    {
      int channels = (const int[]){ 1, 3, 4 }[round % 3];
      g_autoptr (TacetImage) image =
          tacet_image_new (g_rand_int_range (rand, 1, 60), g_rand_int_range (rand, 1, 60), channels);
      memset (image->data, 137, image->width * image->height * channels);
      g_autoptr (TacetImage) other =
          tacet_image_resize (image, g_rand_int_range (rand, 1, 90), g_rand_int_range (rand, 1, 90), round % 5 == 0);
      for (int i = 0; i < other->width * other->height * channels; i++)
        g_assert_cmpint (other->data[i], ==, 137);
    }
  g_rand_free (rand);
}

/* Hidden colours do not bleed. */
static void
test_alpha (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetImage) image = tacet_image_new (2, 1, 4);
  memcpy (image->data, ((guint8[]){ 10, 20, 30, 255, 200, 200, 200, 0 }), 8);
  g_autoptr (TacetImage) one = tacet_image_resize (image, 1, 1, FALSE);
  g_assert_cmpmem (one->data, 4, ((guint8[]){ 10, 20, 30, 128 }), 4);
}

static void
test_resample (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetImage) image = random_image (33, 21, 1, 4);
  float values[7 * 5];
  g_assert_true (tacet_image_resample (image, 7, 5, values));
  g_autoptr (TacetImage) small = tacet_image_resize (image, 7, 5, FALSE);
  for (int i = 0; i < 35; i++)
    g_assert_cmpfloat_with_epsilon (values[i], small->data[i], 0.501);
  /* One covered pixel of many is not lost. */
  g_autoptr (TacetImage) speck = tacet_image_new (512, 512, 1);
  speck->data[0] = 255;
  g_assert_true (tacet_image_resample (speck, 2, 2, values));
  g_assert_cmpfloat_with_epsilon (values[0], 255.0 / 65536, 1e-6);
}

/* --- whole files --- */

static void
expect_contents (const char *path, const char *expected)
{
  g_autofree char *data = NULL;
  g_assert_true (g_file_get_contents (path, &data, NULL, NULL));
  g_assert_cmpstr (data, ==, expected);
}

static int
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_write (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = path_of (self, "file.txt"), *link = path_of (self, "link");
  g_autoptr (GError) error = NULL;
  GStatBuf status;
  g_assert_true (tacet_write_file (path, "one", 3, &error));
  expect_contents (path, "one");
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_assert_cmpint (symlink ("file.txt", link), ==, 0);
  g_assert_true (tacet_write_file (link, "two!", 4, &error));
  expect_contents (path, "two!");
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0640);
  g_assert_true (tacet_write_file (path, NULL, 0, &error));
  expect_contents (path, "");
  g_assert_no_error (error);
  g_assert_cmpint (count_files (self->folder), ==, 2);
}

static void
test_write_refused (Fixture *self, gconstpointer unused)
{
  g_autofree char *nowhere = path_of (self, "no/such/folder/file");
  g_autoptr (GError) error = NULL;
  g_assert_false (tacet_write_file (nowhere, "x", 1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_false (tacet_write_file (self->folder, "x", 1, &error));
  g_assert_nonnull (error);
}

/* A write that fails half-way: the limit on file sizes stands in for a full disk. */
static void
test_full_disk (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = path_of (self, "picture.png");
  g_autoptr (TacetImage) first = random_image (8, 8, 3, 1), large = random_image (200, 200, 3, 2);
  g_autoptr (GError) error = NULL;
  struct rlimit before, tight;
  g_assert_true (tacet_image_save_png (first, path, NULL, NULL));
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  tight = before;
  tight.rlim_cur = 20000;
  void (*handler) (int) = signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &tight), ==, 0);
  gboolean saved = tacet_image_save_png (large, path, NULL, &error);
  setrlimit (RLIMIT_FSIZE, &before);
  signal (SIGXFSZ, handler);
  g_assert_false (saved);
  g_assert_true (error->domain == G_FILE_ERROR);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, path));
  g_autoptr (TacetImage) back = tacet_image_load_png (path, NULL);
  g_assert_true (tacet_image_equal (back, first));
  g_assert_cmpint (count_files (self->folder), ==, 1);
}

/* Copy on write: whoever else holds the image keeps its pixels; also of a size for which pages are asked for at once.
 */
static void
test_make_writable (void)
{
  static const int sides[] = { 5, 2048 };
  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      g_autoptr (TacetImage) image = tacet_image_new (sides[i], sides[i], 4);
      memset (image->data, 7, (gsize) sides[i] * sides[i] * 4);
      TacetImage *before = image;
      g_assert_true (tacet_image_make_writable (&image));
      g_assert_true (image == before); /* nobody else has it */
      g_autoptr (TacetImage) other = tacet_image_ref (image);
      g_assert_true (tacet_image_make_writable (&image));
      g_assert_true (image != other);
      g_assert_true (tacet_image_equal (image, other));
      image->data[3] = 8;
      g_assert_cmpint (other->data[3], ==, 7);
    }
}

/* Colour and opacity that lie apart, in one file and back, also under alpha 0. */
static void
test_encode_fast (void)
{
  g_autoptr (TacetImage) alpha = tacet_image_new (9, 7, 1);
  for (int i = 0; i < 63; i++)
    alpha->data[i] = (guint8) (i % 3 ? i * 4 : 0);
  for (int channels = 0; channels <= 3; channels++)
    {
      g_autoptr (TacetImage) color = channels == 1 || channels == 3 ? tacet_image_new (9, 7, channels) : NULL;
      for (int i = 0; color && i < 63 * channels; i++)
        color->data[i] = (guint8) (i * 5);
      g_autoptr (GBytes) png = tacet_image_encode_png_fast (color, alpha, NULL);
      g_autoptr (TacetImage) back =
          tacet_image_decode_png (g_bytes_get_data (png, NULL), g_bytes_get_size (png), "it", NULL);
      g_assert_cmpint (back->channels, ==, 4);
      for (int i = 0; i < 63; i++)
        {
          for (int c = 0; c < 3; c++)
            g_assert_cmpint (back->data[4 * i + c], ==, color ? color->data[channels == 3 ? 3 * i + c : i] : 255);
          g_assert_cmpint (back->data[4 * i + 3], ==, alpha->data[i]);
        }
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/image/values", test_values },
    { "/image/convert", test_convert },
    { "/image/area", test_area },
    { "/image/enlarge", test_enlarge },
    { "/image/flat", test_flat },
    { "/image/alpha", test_alpha },
    { "/image/resample", test_resample },
    { "/image/write", test_write },
    { "/image/write-refused", test_write_refused },
    { "/image/full-disk", test_full_disk },
  };
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  g_test_add_func ("/image/make-writable", test_make_writable);
  g_test_add_func ("/image/encode-fast", test_encode_fast);
  return g_test_run ();
}
