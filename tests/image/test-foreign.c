/* test-foreign.c: pictures that other programs wrote (foreign/, by make-foreign.py), and files that are none.
 *
 * Room: tests/image.
 */
#include "engine/image/tacet-image-file.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *
foreign (const char *name)
{
  return g_build_filename (g_getenv ("TACET_SOURCE"), "tests", "image", "foreign", name, NULL);
}

/* NULL: the format has no decoder here. */
static TacetImage *
load (const char *name, GPtrArray *notes)
{
  g_autofree char *path = foreign (name);
  g_autoptr (GError) error = NULL;
  TacetImageLoading loading = { .notes = notes };
  if (!tacet_image_has_suffix (name))
    {
      g_test_message ("%s: no decoder", name);
      return NULL;
    }
  TacetImage *image = tacet_image_load (path, &loading, &error);
  g_assert_no_error (error);
  return image;
}

static TacetImage *
expected (const char *name)
{
  g_autofree char *plain = g_strdup_printf ("expected/%s.png", name), *path = NULL;
  g_autoptr (GError) error = NULL;
  *strchr (plain, '.') = '-';
  path = foreign (plain);
  TacetImage *image = tacet_image_load_png (path, &error);
  g_assert_no_error (error);
  return image;
}

/* Largest difference where something can be seen. */
static int
difference (const TacetImage *a, const TacetImage *b)
{
  int worst = 0;
  g_autoptr (TacetImage) one = tacet_image_convert (a, 4), other = tacet_image_convert (b, 4);
  for (gsize i = 0; i < (gsize) a->width * a->height; i++)
    for (int c = 0; c < 4; c++)
      if (c == 3 || other->data[4 * i + 3] > 32)
        worst = MAX (worst, ABS (one->data[4 * i + c] - other->data[4 * i + c]));
  return worst;
}

/* The same pixels as Pillow sees; what lossy formats may differ by is rounding, and how colours are spread. */
static void
test_pixels (void)
{
  static const struct
  {
    const char *name;
    int most;
  } files[] = {
    { "plain.jpg", 2 },       { "usual.jpg", 6 },        { "gray.jpg", 2 },      { "cmyk.jpg", 4 },
    { "progressive.jpg", 6 }, { "plain.webp", 6 },       { "alpha.webp", 0 },    { "turned.webp", 0 },
    { "profile.webp", 0 },    { "lossy-alpha.webp", 6 }, { "animated.webp", 0 }, { "plain.gif", 0 },
    { "clear.gif", 0 },       { "animated.gif", 0 },     { "plain.tiff", 0 },    { "alpha.tiff", 4 },
    { "packed.tiff", 0 },     { "gray.tiff", 0 },        { "gray16.tiff", 1 },   { "pages.tiff", 0 },
    { "plain.bmp", 0 },       { "palette.bmp", 0 },      { "gray.bmp", 0 },      { "alpha.bmp", 0 },
    { "plain.avif", 6 },      { "alpha.avif", 6 },       { "gray16.png", 1 },    { "palette.png", 0 },
    { "one-bit.png", 0 },     { "gray-alpha.png", 0 },   { "turned.png", 0 },    { "profile.png", 0 },
    { "srgb.png", 0 },        { "animated.png", 0 },     { "profile.jpg", 6 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (TacetImage) image = load (files[i].name, NULL);
      g_autoptr (TacetImage) wanted = expected (files[i].name);
      if (image == NULL)
        continue;
      g_test_message ("%s: %d × %d, %d channels", files[i].name, image->width, image->height, image->channels);
      g_assert_cmpint (image->width, ==, wanted->width);
      g_assert_cmpint (image->height, ==, wanted->height);
      g_assert_cmpint (image->channels == 4, ==, wanted->channels == 4);
      g_assert_cmpint (difference (image, wanted), <=, files[i].most);
    }
}

static void
test_orientation (void)
{
  g_autoptr (TacetImage) upright = load ("turned-1.jpg", NULL);
  for (int i = 1; i <= 8; i++)
    {
      g_autofree char *name = g_strdup_printf ("turned-%d.jpg", i), *tiff = g_strdup_printf ("turned-%d.tiff", i);
      g_autoptr (TacetImage) image = load (name, NULL), wanted = expected (name);
      g_autoptr (TacetImage) page = load (tiff, NULL), wanted_page = expected (tiff);
      g_autoptr (TacetImage) turned = tacet_image_orient (upright, i);
      g_assert_cmpint (image->width, ==, i < 5 ? 21 : 13);
      g_assert_cmpint (difference (image, wanted), <=, 2);
      g_assert_true (tacet_image_equal (image, turned));
      g_assert_cmpint (page->width, ==, i < 5 ? 21 : 13);
      g_assert_cmpint (difference (page, wanted_page), ==, 0);
    }
}

static void
check_note (const char *name, const char *words)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (TacetImage) image = load (name, notes);
  if (image == NULL)
    return;
  g_assert_cmpuint (notes->len, ==, words != NULL);
  if (words != NULL)
    g_assert_nonnull (strstr (notes->pdata[0], words));
}

/* What is left out is said; sRGB profiles are no news. */
static void
test_notes (void)
{
  check_note ("plain.jpg", NULL);
  check_note ("srgb.jpg", NULL);
  check_note ("srgb.png", NULL);
  check_note ("profile.jpg", "Display P3");
  check_note ("profile.webp", "Adobe RGB (1998)");
  check_note ("profile.png", "ProPhoto RGB");
  check_note ("animated.gif", "more than one");
  check_note ("animated.webp", "more than one");
  check_note ("animated.png", "more than one");
  check_note ("pages.tiff", "more than one");
  check_note ("cut-plain.jpg", "too early");
  check_note ("cut-alpha.webp", "too early");
  check_note ("plain.gif", NULL);
  check_note ("plain.tiff", NULL);
  check_note ("plain.avif", NULL);
}

static void
test_header (void)
{
  static const struct
  {
    const char *name;
    TacetImageFormat format;
    guint32 width, height;
    int orientation;
  } files[] = {
    { "plain.jpg", TACET_FORMAT_JPEG, 21, 13, 1 },     { "progressive.jpg", TACET_FORMAT_JPEG, 21, 13, 1 },
    { "turned-6.jpg", TACET_FORMAT_JPEG, 21, 13, 6 },  { "plain.webp", TACET_FORMAT_WEBP, 21, 13, 1 },
    { "alpha.webp", TACET_FORMAT_WEBP, 21, 13, 1 },    { "turned.webp", TACET_FORMAT_WEBP, 21, 13, 6 },
    { "animated.webp", TACET_FORMAT_WEBP, 21, 13, 1 }, { "plain.gif", TACET_FORMAT_GIF, 21, 13, 1 },
    { "plain.tiff", TACET_FORMAT_TIFF, 21, 13, 1 },    { "turned-8.tiff", TACET_FORMAT_TIFF, 21, 13, 8 },
    { "plain.bmp", TACET_FORMAT_BMP, 21, 13, 1 },      { "plain.avif", TACET_FORMAT_AVIF, 21, 13, 1 },
    { "turned.png", TACET_FORMAT_PNG, 21, 13, 5 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = foreign (files[i].name), *data = NULL;
      g_auto (TacetImageHeader) header = { 0 };
      gsize size;
      g_assert_true (g_file_get_contents (path, &data, &size, NULL));
      g_assert_true (tacet_image_header_read (&header, data, size));
      g_assert_cmpint (header.format, ==, files[i].format);
      g_assert_cmpint (header.width, ==, files[i].width);
      g_assert_cmpint (header.height, ==, files[i].height);
      g_assert_cmpint (header.orientation, ==, files[i].orientation);
      for (gsize cut = 0; cut < size; cut++) /* any beginning is read without harm */
        {
          g_auto (TacetImageHeader) part = { 0 };
          g_autofree char *copy = g_memdup2 (data, cut);
          tacet_image_header_read (&part, copy, cut);
        }
    }
}

static void
test_bad_files (void)
{
  g_autofree char *folder = foreign ("bad");
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR); /* some decoders warn, and that is all */
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetImage) image = tacet_image_load (path, NULL, &error);
      g_test_message ("%s: %s", name, error != NULL ? error->message : "read");
      g_assert_null (image);
      g_assert_true (error->domain == TACET_IMAGE_ERROR);
      g_assert_nonnull (strstr (error->message, name));
      if (g_str_has_prefix (name, "huge") && tacet_image_has_suffix (name))
        g_assert_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_TOO_LARGE);
    }
}

/* A file is what its bytes say. */
static void
test_names_lie (void)
{
  g_autofree char *path = foreign ("plain.gif"), *data = NULL;
  g_autofree char *folder = g_dir_make_tmp ("tacet-foreign-XXXXXX", NULL);
  g_autofree char *other = g_build_filename (folder, "photo.jpg", NULL),
                  *pipe = g_build_filename (folder, "p.jpg", NULL);
  g_autoptr (GError) error = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_true (g_file_set_contents (other, data, (gssize) size, NULL));
  g_autoptr (TacetImage) image = tacet_image_load (other, NULL, &error), wanted = expected ("plain.gif");
  g_assert_no_error (error);
  g_assert_cmpint (difference (image, wanted), ==, 0);

  g_assert_null (tacet_image_load (folder, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (tacet_image_load (pipe, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_clear_error (&error);
  g_unlink (pipe);
  g_assert_null (tacet_image_load (pipe, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_unlink (other);
  g_rmdir (folder);
}

typedef struct
{
  double last;
  GCancellable *cancel; /* when it has begun */
} Watch;

static void
watch_cb (double done, gpointer data)
{
  Watch *watch = data;
  g_assert_cmpfloat (done, >=, watch->last);
  g_assert_cmpfloat (done, <=, 1);
  watch->last = done;
  if (watch->cancel != NULL)
    g_cancellable_cancel (watch->cancel);
}

static void
test_progress (void)
{
  g_autofree char *path = foreign ("plain.jpg");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Watch watch = { 0 };
  TacetImageLoading loading = { .progress = watch_cb, .progress_data = &watch, .cancellable = cancellable };
  g_autoptr (TacetImage) image = tacet_image_load (path, &loading, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (watch.last, >, 0.2);

  watch = (Watch){ .cancel = cancellable };
  g_assert_null (tacet_image_load (path, &loading, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_suffixes (void)
{
  g_assert_true (tacet_image_has_suffix ("a.png"));
  g_assert_true (tacet_image_has_suffix ("/a.b/C.JPEG"));
  g_assert_false (tacet_image_has_suffix ("a.svg"));
  g_assert_false (tacet_image_has_suffix ("png"));
  g_assert_false (tacet_image_has_suffix (NULL));
  for (TacetImageFormat format = TACET_FORMAT_PNG; format < TACET_N_FORMATS; format++)
    {
      g_assert_nonnull (tacet_image_format_mime_types (format)[0]);
      g_assert_nonnull (tacet_image_format_suffixes (format)[0]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image/foreign/pixels", test_pixels);
  g_test_add_func ("/image/foreign/orientation", test_orientation);
  g_test_add_func ("/image/foreign/notes", test_notes);
  g_test_add_func ("/image/foreign/header", test_header);
  g_test_add_func ("/image/foreign/bad-files", test_bad_files);
  g_test_add_func ("/image/foreign/names-lie", test_names_lie);
  g_test_add_func ("/image/foreign/progress", test_progress);
  g_test_add_func ("/image/foreign/suffixes", test_suffixes);
  return g_test_run ();
}
