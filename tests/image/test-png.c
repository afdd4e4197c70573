/* test-png.c: PNG files: every depth, texts, damage.
 *
 * Room: tests/image.
 */
#include "engine/image/tacet-image.h"
#include "hostile.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
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

/* A new file each time: rewriting one in place, or g_file_set_contents (), would wait for the disk. */
static void
write_bytes (const char *path, const char *data, gsize size)
{
  g_unlink (path);
  int fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  g_assert_true (g_close (fd, NULL));
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
      write_bytes (path, copy, MIN (cut, length));
      g_autoptr (TacetImage) back = tacet_image_load_png (path, &error);
      g_assert_true ((back != NULL) != (error != NULL));
      g_autofree char *text = tacet_image_load_png_text (path, "Title", NULL);
      read += back != NULL;
    }
  /* Damage behind the pixels or in the text does no harm. */
  g_assert_cmpint (read, >, 10);
  g_assert_cmpint (read, <, (int) length);
}

/* Texts wherever they stand, in all three chunks; a damaged, oversized or foreign one harms nothing but itself. */
static void
test_text_chunks (Fixture *self, gconstpointer unused)
{
  g_autoptr (GByteArray) png = hostile_png_new ();
  g_autofree char *path = path_of (self, "t.png");
  g_autoptr (GError) error = NULL;
  static const guint8 row[] = { 0, 7 };
  g_autofree guint8 *large = g_malloc0 (70u << 20);
  g_autoptr (GByteArray) bomb = g_byte_array_new (), wrapped = g_byte_array_new ();
  hostile_png_header (png, 1, 1, 8, 0, 0);
  hostile_png_chunk (png, "tEXt", "Latin\0Zo\xeb", 9);
  hostile_png_chunk (png, "iTXt", "Plain\0\0\0de\0Titel\0\xe2\x9c\x93", 20);
  hostile_png_chunk (png, "iTXt", "Short\0\0", 7);
  hostile_png_chunk (png, "iTXt", "Loose\0\0\0de", 10);
  hostile_png_chunk (png, "zTXt", "Rot\0\0garbage", 12);
  hostile_png_chunk (png, "zTXt", "Method\0\1x", 9);
  hostile_png_chunk (png, "tEXt", "No end", 6);
  hostile_png_chunk (png, "tEXt", "", 0);
  hostile_png_pixels (png, row, 2);
  /* what inflates to more than the limit: the pixels' own stream behind a key */
  hostile_png_pixels (bomb, large, 70u << 20);
  g_byte_array_append (wrapped, (const guint8 *) "Bomb\0", 6);
  g_byte_array_append (wrapped, bomb->data + 8, bomb->len - 12);
  hostile_png_chunk (png, "zTXt", wrapped->data, wrapped->len);
  guint broken = png->len;
  hostile_png_chunk (png, "tEXt", "Sum\0x", 5);
  png->data[broken + 8 + 4] ^= 1;
  hostile_png_chunk (png, "tEXt", "Late\0behind the pixels", 22);
  hostile_png_chunk (png, "IEND", "", 0);
  hostile_png_chunk (png, "tEXt", "After\0all", 9);
  g_assert_true (g_file_set_contents (path, (const char *) png->data, png->len, NULL));

  g_autoptr (TacetImage) image = tacet_image_load_png (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (image->data[0], ==, 7);
  static const char *const good[][2] = { { "Latin", "Zo\xc3\xab" },
                                         { "Plain", "\xe2\x9c\x93" },
                                         { "Late", "behind the pixels" } };
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *text = tacet_image_load_png_text (path, good[i][0], &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, good[i][1]);
    }
  static const char *const bad[] = { "Short", "Loose", "Rot", "Method", "Bomb", "Sum" };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (tacet_image_load_png_text (path, bad[i], &error));
      g_assert_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT);
      g_clear_error (&error);
    }
  g_assert_null (tacet_image_load_png_text (path, "After", &error));
  g_assert_null (tacet_image_load_png_text (path, "No end", &error));
  g_assert_no_error (error);
}

static void
test_in_memory (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetImage) image = random_image (13, 9, 4, 5);
  g_autoptr (GBytes) png = tacet_image_encode_png (image, &error);
  g_assert_no_error (error);
  gsize size;
  gconstpointer data = g_bytes_get_data (png, &size);
  g_autoptr (TacetImage) back = tacet_image_decode_png (data, size, "it", &error);
  g_assert_no_error (error);
  g_assert_true (tacet_image_equal (image, back));
  for (gsize cut = 0; cut < size - 20; cut += 7)
    {
      g_autoptr (GError) fault = NULL;
      g_assert_null (tacet_image_decode_png (data, cut, "it", &fault));
      g_assert_nonnull (strstr (fault->message, "it"));
    }
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

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/png/round-trip", test_round_trip },   { "/png/texts", test_texts },
    { "/png/depths", test_depths },           { "/png/palette", test_palette },
    { "/png/gray-alpha", test_gray_alpha },   { "/png/interlaced", test_interlaced },
    { "/png/missing", test_missing },         { "/png/huge", test_huge },
    { "/png/damaged", test_damaged },         { "/png/corpus", test_corpus },
    { "/png/text-chunks", test_text_chunks }, { "/png/in-memory", test_in_memory },
  };
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
