/* test-openraster.c: OpenRaster files of others, good and bad, and our own read back.
 *
 * Tests of engine/scene.
 */
#include "engine/scene/tacet-openraster.h"
#include "scene-test.h"
#include <math.h>
#include <string.h>

static char *
archive_path (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".ora", NULL);
  return g_test_build_filename (G_TEST_DIST, "scene", "archives", file, NULL);
}

static TacetRaster *
read_archive (const char *name)
{
  g_autofree char *path = archive_path (name);
  g_autoptr (GError) error = NULL;
  TacetRaster *raster = tacet_raster_read (path, &error);
  g_assert_no_error (error);
  g_assert_nonnull (raster);
  return raster;
}

static const TacetRasterLayer *
layer (const TacetRaster *raster, guint i)
{
  g_assert_cmpuint (i, <, raster->layers->len);
  return raster->layers->pdata[i];
}

/* Every file of the folder: "good" ones open, "bad" ones are refused with a message. */
static void
test_corpus (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "scene", "archives", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  int n = 0;
  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetRaster) raster = tacet_raster_read (path, &error);
      g_test_message ("%s: %s", name, error ? error->message : "opens");
      g_assert_true (raster ? error == NULL : error != NULL && *error->message);
      g_assert_true (g_str_has_prefix (name, raster ? "good-" : "bad-"));
      for (guint i = 0; raster && i < raster->layers->len; i++)
        {
          g_autoptr (TacetImage) image = tacet_raster_layer_image (layer (raster, i), NULL);
          g_assert_true (!image || image->channels == 4);
        }
      n++;
    }
  g_assert_cmpint (n, >, 20);
}

static void
test_read (void)
{
  static const char *const names[] = { "good-stored", "good-deflated", "good-no-type", "good-type-with-newline" };
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (TacetRaster) raster = read_archive (names[i]);
      const TacetRasterLayer *one = layer (raster, 0);
      g_autoptr (TacetImage) image = tacet_raster_layer_image (one, NULL);
      g_assert_cmpint (raster->width, ==, 16);
      g_assert_cmpuint (raster->layers->len, ==, 1);
      g_assert_cmpuint (raster->notes->len, ==, 0);
      g_assert_cmpstr (one->name, ==, "one");
      g_assert_false (one->visible);
      g_assert_true (one->locked);
      g_assert_cmpfloat (one->opacity, ==, 0.5);
      g_assert_cmpint (one->x, ==, 2);
      g_assert_cmpint (one->y, ==, -3);
      g_assert_cmpmem (image->data, 4, "\xff\0\0\xff", 4);
    }
}

static void
test_oddities (void)
{
  g_autoptr (TacetRaster) groups = read_archive ("good-groups");
  g_assert_cmpfloat (layer (groups, 0)->opacity, ==, 0.5);
  g_assert_false (layer (groups, 0)->visible);
  g_assert_true (layer (groups, 1)->visible);
  g_assert_cmpuint (groups->notes->len, ==, 1);
  g_autoptr (TacetRaster) unknown = read_archive ("good-unknown-elements");
  g_assert_cmpuint (unknown->layers->len, ==, 1);
  g_assert_cmpuint (unknown->notes->len, ==, 2);
  g_autoptr (TacetRaster) numbers = read_archive ("good-strange-numbers");
  g_assert_cmpint (layer (numbers, 0)->x, ==, 0);
  g_assert_cmpint (layer (numbers, 0)->y, ==, 12);
  g_assert_cmpfloat (layer (numbers, 0)->opacity, ==, 1);
  g_autoptr (TacetRaster) own = read_archive ("good-own-files");
  g_assert_cmpuint (own->files->len, ==, 1);
  g_assert_cmpuint (g_bytes_get_size (tacet_raster_find_file (own, "tacet/x")), ==, 1);
}

/* What cannot be read of one layer is a note, not the end of the file. */
static void
test_placeholders (void)
{
  static const char *const names[] = { "good-no-picture",
                                       "good-outside-source",
                                       "good-picture-larger-than-said",
                                       "good-picture-smaller-than-said",
                                       "good-picture-claims-gigabytes",
                                       "good-picture-of-other-method",
                                       "good-picture-with-wrong-checksum" };
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (TacetRaster) raster = read_archive (names[i]);
      g_autoptr (GError) error = NULL;
      g_assert_null (layer (raster, 0)->png);
      g_assert_cmpuint (raster->notes->len, ==, raster->layers->len);
      g_assert_null (tacet_raster_layer_image (layer (raster, 0), &error));
      g_assert_nonnull (error);
    }
}

/* Values under alpha 0 survive, as do odd names. */
static void
test_round_trip (void)
{
  char *folder = scene_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "ours.ora", NULL);
  g_autoptr (TacetRaster) raster = tacet_raster_new (300, 20);
  g_autoptr (TacetImage) gray = tacet_image_new (300, 20, 1), alpha = tacet_image_new (300, 20, 1);
  g_autoptr (GError) error = NULL;
  for (int i = 0; i < 6000; i++)
    {
      gray->data[i] = (guint8) (i * 7);
      alpha->data[i] = (guint8) (i % 5 ? 0 : i);
    }
  g_autoptr (GBytes) png = tacet_image_encode_png_fast (gray, alpha, &error);
  g_assert_no_error (error);
  TacetRasterLayer *one = tacet_raster_layer_new ("<&\"'größe\n", "data/0.png", png);
  one->opacity = 1.0 / 3;
  one->x = -7;
  g_ptr_array_add (raster->layers, one);
  g_ptr_array_add (raster->layers, tacet_raster_layer_new ("again", "data/0.png", png));
  g_autoptr (GBytes) file = g_bytes_new_static ("{}", 2);
  tacet_raster_add_file (raster, "tacet/scene.json", file);
  g_assert_true (tacet_raster_write (raster, path, &error));
  g_assert_no_error (error);

  g_autoptr (TacetRaster) back = tacet_raster_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (back->width, ==, 300);
  g_assert_cmpuint (back->layers->len, ==, 2);
  g_assert_cmpstr (layer (back, 0)->name, ==, "<&\"'größe ");
  g_assert_cmpfloat (fabs (layer (back, 0)->opacity - 1.0 / 3), <, 1e-6);
  g_assert_cmpint (layer (back, 0)->x, ==, -7);
  g_autoptr (TacetImage) image = tacet_raster_layer_image (layer (back, 1), &error);
  g_assert_no_error (error);
  for (int i = 0; i < 6000; i++)
    {
      g_assert_cmpint (image->data[4 * i], ==, gray->data[i]);
      g_assert_cmpint (image->data[4 * i + 3], ==, alpha->data[i]);
    }
  g_assert_nonnull (tacet_raster_find_file (back, "tacet/scene.json"));
  scene_test_remove_folder (folder);
}

static GBytes *
one_colour (int width, int height, const char *rgba)
{
  g_autoptr (TacetImage) image = tacet_image_new (width, height, 4);
  for (int i = 0; i < width * height; i++)
    memcpy (image->data + 4 * i, rgba, 4);
  return tacet_image_encode_png (image, NULL);
}

/* The merged picture, against numbers worked out by hand. */
static void
test_render (void)
{
  g_autoptr (TacetRaster) raster = tacet_raster_new (4, 4);
  g_autoptr (GBytes) red = one_colour (2, 2, "\xff\0\0\xff"), blue = one_colour (4, 4, "\0\0\xff\x80");
  TacetRasterLayer *above = tacet_raster_layer_new ("red", "data/0.png", red);
  above->x = above->y = -1;
  above->opacity = 0.5;
  g_ptr_array_add (raster->layers, above);
  g_ptr_array_add (raster->layers, tacet_raster_layer_new ("blue", "data/1.png", blue));
  TacetRasterLayer *hidden = tacet_raster_layer_new ("hidden", "data/0.png", red);
  hidden->visible = FALSE;
  g_ptr_array_add (raster->layers, hidden);
  g_autoptr (TacetImage) all = tacet_raster_render (raster, NULL);
  g_assert_cmpmem (all->data + 4 * 5, 4, "\0\0\xff\x80", 4);
  /* alpha = 0.5 + 0.5 * 128 / 255; red = 0.5 / alpha */
  g_assert_cmpmem (all->data, 4, "\xaa\0\x55\xc0", 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openraster/corpus", test_corpus);
  g_test_add_func ("/openraster/read", test_read);
  g_test_add_func ("/openraster/oddities", test_oddities);
  g_test_add_func ("/openraster/placeholders", test_placeholders);
  g_test_add_func ("/openraster/round-trip", test_round_trip);
  g_test_add_func ("/openraster/render", test_render);
  return g_test_run ();
}
