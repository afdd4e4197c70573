/* test-image.c: pictures in memory and as files.
 *
 * Room: tests/image.
 */
#include "engine/image/tacet-image.h"
#include "hostile.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
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

/* --- PNG --- */

static void
test_round_trip (Fixture *self, gconstpointer unused)
{
  static const int sizes[][2] = { { 1, 1 }, { 7, 3 }, { 64, 64 }, { 1000, 2 } };
  g_autofree char *path = path_of (self, "a.png");
  for (gsize i = 0; i < 3 * G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      int channels = (const int[]){ 1, 3, 4 }[i % 3];
      g_autoptr (TacetImage) image = random_image (sizes[i / 3][0], sizes[i / 3][1], channels, (guint32) i);
      g_assert_true (tacet_image_save_png (image, path, NULL, &error));
      g_autoptr (TacetImage) back = tacet_image_load_png (path, &error);
      g_assert_no_error (error);
      g_assert_true (tacet_image_equal (image, back));
    }
}

static void
test_texts (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = path_of (self, "a.png"), *longer = g_strnfill (5000, 'x');
  g_autofree char *longer_utf8 = g_strconcat (longer, "\xc3\xa9", NULL);
  const char *texts[] = { "Title",      "A mug", "Author",     "Zo\xc3\xab \xe2\x9c\x93",
                          "tacet-long", longer,  "tacet-utf8", longer_utf8,
                          "empty",      "",      NULL };
  g_autoptr (TacetImage) image = random_image (4, 4, 3, 1);
  g_autoptr (GError) error = NULL;
  g_assert_true (tacet_image_save_png (image, path, texts, &error));
  for (int i = 0; texts[i] != NULL; i += 2)
    {
      g_autofree char *text = tacet_image_load_png_text (path, texts[i], &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, texts[i + 1]);
    }
  g_assert_null (tacet_image_load_png_text (path, "none", &error));
  g_assert_no_error (error);
  g_autoptr (TacetImage) back = tacet_image_load_png (path, &error);
  g_assert_true (tacet_image_equal (image, back));

  static const char *const bad[][3] = { { "", "x", NULL },
                                        { " lead", "x", NULL },
                                        { "two  spaces", "x", NULL },
                                        { "k\xc3\xa9y", "x", NULL },
                                        { "key", "\xff\xfe", NULL } };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_clear_error (&error);
      g_assert_false (tacet_image_save_png (image, path, bad[i], &error));
      g_assert_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT);
    }
}

static void
write_png (const char *path, GByteArray *png)
{
  hostile_png_chunk (png, "IEND", NULL, 0);
  g_assert_true (g_file_set_contents (path, (const char *) png->data, png->len, NULL));
}

/* Bit depths and palettes: 4 pixels from 0 to the largest value. */
static void
test_depths (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    int depth, color;
    guint8 row[9], n;
    guint8 expected[4];
  } cases[] = {
    { 1, 0, { 0, 0x50 }, 2, { 0, 255, 0, 255 } },
    { 2, 0, { 0, 0x1b }, 2, { 0, 85, 170, 255 } },
    { 4, 0, { 0, 0x05, 0xaf }, 3, { 0, 85, 170, 255 } },
    { 8, 0, { 0, 0, 85, 170, 255 }, 5, { 0, 85, 170, 255 } },
    { 16, 0, { 0, 0, 0, 0x55, 0x55, 0xaa, 0xaa, 0xff, 0xff }, 9, { 0, 85, 170, 255 } },
  };
  g_autofree char *path = path_of (self, "depth.png");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) png = hostile_png_new ();
      g_autoptr (GError) error = NULL;
      hostile_png_header (png, 4, 1, cases[i].depth, cases[i].color, 0);
      hostile_png_pixels (png, cases[i].row, cases[i].n);
      write_png (path, png);
      g_autoptr (TacetImage) image = tacet_image_load_png (path, &error);
      g_assert_no_error (error);
      g_assert_cmpint (image->channels, ==, 1);
      g_assert_cmpmem (image->data, 4, cases[i].expected, 4);
    }
}

static void
test_palette (Fixture *self, gconstpointer unused)
{
  static const guint8 palette[] = { 1, 2, 3, 40, 50, 60, 200, 210, 220 }, alpha[] = { 0, 128 };
  static const guint8 row[] = { 0, 0x18 }; /* indices 0 1 2 0 */
  g_autofree char *path = path_of (self, "palette.png");
  for (int transparent = 0; transparent < 2; transparent++)
    {
      g_autoptr (GByteArray) png = hostile_png_new ();
      g_autoptr (GError) error = NULL;
      hostile_png_header (png, 4, 1, 2, 3, 0);
      hostile_png_chunk (png, "PLTE", palette, sizeof palette);
      if (transparent)
        hostile_png_chunk (png, "tRNS", alpha, sizeof alpha);
      hostile_png_pixels (png, row, sizeof row);
      write_png (path, png);
      g_autoptr (TacetImage) image = tacet_image_load_png (path, &error);
      g_assert_no_error (error);
      g_assert_cmpint (image->channels, ==, transparent ? 4 : 3);
      g_assert_cmpmem (image->data + image->channels, 3, palette + 3, 3);
      if (transparent)
        g_assert_cmpmem (((guint8[]){ image->data[3], image->data[7], image->data[11] }), 3,
                         ((guint8[]){ 0, 128, 255 }), 3);
    }
}

static void
test_gray_alpha (Fixture *self, gconstpointer unused)
{
  static const guint8 row[] = { 0, 10, 20, 30, 40 }, key[] = { 0, 10 };
  g_autofree char *path = path_of (self, "ga.png");
  g_autoptr (GByteArray) png = hostile_png_new (), keyed = hostile_png_new ();
  hostile_png_header (png, 2, 1, 8, 4, 0);
  hostile_png_pixels (png, row, 5);
  write_png (path, png);
  g_autoptr (TacetImage) image = tacet_image_load_png (path, NULL);
  g_assert_cmpint (image->channels, ==, 4);
  g_assert_cmpmem (image->data, 8, ((guint8[]){ 10, 10, 10, 20, 30, 30, 30, 40 }), 8);
  hostile_png_header (keyed, 4, 1, 8, 0, 0);
  hostile_png_chunk (keyed, "tRNS", key, 2);
  hostile_png_pixels (keyed, row, 5);
  write_png (path, keyed);
  g_autoptr (TacetImage) hidden = tacet_image_load_png (path, NULL);
  g_assert_cmpmem (hidden->data, 8, ((guint8[]){ 10, 10, 10, 0, 20, 20, 20, 255 }), 8);
}

/* Adam7: a 3 x 2 picture in its passes. */
static void
test_interlaced (Fixture *self, gconstpointer unused)
{
  /* pass 1: (0,0); pass 4: (2,0); pass 6: (1,0); pass 7: row 1 */
  static const guint8 raw[] = { 0, 10, 0, 30, 0, 20, 0, 40, 50, 60 };
  g_autofree char *path = path_of (self, "i.png");
  g_autoptr (GByteArray) png = hostile_png_new ();
  g_autoptr (GError) error = NULL;
  hostile_png_header (png, 3, 2, 8, 0, 1);
  hostile_png_pixels (png, raw, sizeof raw);
  write_png (path, png);
  g_autoptr (TacetImage) image = tacet_image_load_png (path, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (image->data, 6, ((guint8[]){ 10, 20, 30, 40, 50, 60 }), 6);
}

/* --- hostile files --- */

static void
expect_refusal (const char *path, GQuark domain)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetImage) image = tacet_image_load_png (path, &error);
  g_assert_null (image);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_true (error->domain == domain);
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_missing (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = path_of (self, "missing.png"), *fifo = path_of (self, "fifo");
  expect_refusal (path, G_FILE_ERROR);
  expect_refusal (self->folder, G_FILE_ERROR);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  expect_refusal (fifo, G_FILE_ERROR);
  expect_refusal ("/dev/zero", G_FILE_ERROR);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  expect_refusal (path, TACET_IMAGE_ERROR);
  g_assert_true (g_file_set_contents (path, "GIF89a is not a PNG file at all", -1, NULL));
  expect_refusal (path, TACET_IMAGE_ERROR);
  g_assert_null (tacet_image_load_png_text (path, "Title", NULL));
}

static void
test_huge (Fixture *self, gconstpointer unused)
{
  static const guint32 sizes[][2] = { { 16385, 1 }, { 1, 0x7fffffff }, { 0xffffffff, 0xffffffff }, { 16384, 16384 } };
  g_autofree char *path = path_of (self, "huge.png");
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GByteArray) png = hostile_png_new ();
      hostile_png_header (png, sizes[i][0], sizes[i][1], 8, 6, 0);
      hostile_png_pixels (png, "\0\0\0\0\0", 5);
      write_png (path, png);
      expect_refusal (path, TACET_IMAGE_ERROR);
    }
}

/* Cut anywhere, and every byte wrong once: a picture or a message, never a fault. */
static void
test_damaged (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = path_of (self, "cut.png"), *data = NULL;
  g_autoptr (TacetImage) image = random_image (9, 7, 4, 5);
  gsize length = 0;
  int read = 0;
  g_assert_true (tacet_image_save_png (image, path, (const char *const[]){ "Title", "mug", NULL }, NULL));
  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  for (gsize cut = 0; cut < 2 * length; cut++)
    {
      g_autofree char *copy = g_memdup2 (data, length);
      g_autoptr (GError) error = NULL;
      if (cut >= length)
        copy[cut - length] ^= (char) (1 << (cut % 8));
      g_assert_true (g_file_set_contents (path, copy, (gssize) MIN (cut, length), NULL));
      g_autoptr (TacetImage) back = tacet_image_load_png (path, &error);
      g_assert_true ((back != NULL) != (error != NULL));
      g_autofree char *text = tacet_image_load_png_text (path, "Title", NULL);
      read += back != NULL;
    }
  /* Damage behind the pixels or in the text does no harm. */
  g_assert_cmpint (read, >, 10);
  g_assert_cmpint (read, <, (int) length);
}

static void
test_corpus (Fixture *self, gconstpointer unused)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "image", "corpus", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  int n = 0;
  g_assert_nonnull (dir);
  for (; (name = g_dir_read_name (dir)) != NULL; n++)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetImage) image = tacet_image_load_png (path, &error);
      g_test_message ("%s: %s", name, image != NULL ? "a picture" : error->message);
      g_assert_true ((image != NULL) != (error != NULL));
      g_assert_true ((image != NULL) == g_str_has_prefix (name, "good"));
    }
  g_assert_cmpint (n, >=, 12);
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
    { "/image/round-trip", test_round_trip },
    { "/image/texts", test_texts },
    { "/image/depths", test_depths },
    { "/image/palette", test_palette },
    { "/image/gray-alpha", test_gray_alpha },
    { "/image/interlaced", test_interlaced },
    { "/image/missing", test_missing },
    { "/image/huge", test_huge },
    { "/image/damaged", test_damaged },
    { "/image/corpus", test_corpus },
    { "/image/write", test_write },
    { "/image/write-refused", test_write_refused },
    { "/image/full-disk", test_full_disk },
  };
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
