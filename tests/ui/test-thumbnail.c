/* test-thumbnail.c: layers, small; no display.  Room: tests/ui. */
#include "ui/tacet-layer-thumbnail.h"

#include <string.h>

#define SIZE 40

static guint32
pixel (cairo_surface_t *surface, int x, int y)
{
  return ((guint32 *) (gpointer) (cairo_image_surface_get_data (surface) +
                                  (gsize) y * cairo_image_surface_get_stride (surface)))[x];
}

static int
brightness (cairo_surface_t *surface, int x, int y)
{
  guint32 p = pixel (surface, x, y);

  return (int) ((p >> 16 & 255) + (p >> 8 & 255) + (p & 255)) / 3;
}

static TacetImage *
gray (int width, int height, int value)
{
  TacetImage *image = tacet_image_new (width, height, 1);

  memset (image->data, value, (gsize) width * height);
  return image;
}

/* A line of three pixels in a large map is seen, and what is silent is not black. */
static void
test_line (void)
{
  g_autoptr (TacetImage) map = gray (2048, 2048, 0), coverage = gray (2048, 2048, 0);
  TacetLayerThumbnail thumbnail = { .kind = TACET_LAYER_EDGE, .map = map, .coverage = coverage };
  cairo_surface_t *surface;
  int brightest = 0;

  for (int y = 0; y < 2048; y++)
    {
      memset (map->data + (gsize) y * 2048 + 1020, 255, 3);
      memset (coverage->data + (gsize) y * 2048 + 900, 255, 250);
    }
  surface = tacet_layer_thumbnail_draw (&thumbnail, SIZE, TRUE);
  for (int x = 18; x < 22; x++)
    brightest = MAX (brightest, brightness (surface, x, 20));
  g_assert_cmpint (brightest, >, 30);
  g_assert_cmpint (brightness (surface, 18, 20), <, 20); /* spoken, and black */
  g_assert_cmpint (brightness (surface, 2, 20), >, 50);  /* silent: the ground */
  cairo_surface_destroy (surface);
}

/* Wide documents are fitted in; around them is nothing. */
static void
test_shape (void)
{
  g_autoptr (TacetImage) coverage = gray (200, 50, 255);
  TacetLayerThumbnail thumbnail = { .kind = TACET_LAYER_MASK, .coverage = coverage };
  cairo_surface_t *surface = tacet_layer_thumbnail_draw (&thumbnail, SIZE, FALSE);

  g_assert_cmphex (pixel (surface, 20, 20), ==, 0xffffffff);
  g_assert_cmphex (pixel (surface, 0, 20), ==, 0xffffffff);
  g_assert_cmphex (pixel (surface, 20, 2), ==, 0);
  g_assert_cmphex (pixel (surface, 20, SIZE - 3), ==, 0);
  cairo_surface_destroy (surface);
}

/* Regions are told apart by their hatches where colours are not. */
static void
test_hatch (void)
{
  g_autoptr (TacetImage) coverage = gray (64, 64, 255);
  TacetLayerThumbnail thumbnail = { .kind = TACET_LAYER_REGION, .coverage = coverage, .colour = { 1, 0, 0 } };
  cairo_surface_t *surfaces[3];
  int differing[2] = { 0 }, shades = 0;

  for (int i = 0; i < 3; i++)
    {
      thumbnail.hatch = i;
      surfaces[i] = tacet_layer_thumbnail_draw (&thumbnail, SIZE, FALSE);
    }
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      {
        for (int i = 0; i < 2; i++)
          differing[i] += pixel (surfaces[0], x, y) != pixel (surfaces[i + 1], x, y);
        shades += brightness (surfaces[0], x, y) != brightness (surfaces[0], 0, 0);
      }
  for (int i = 0; i < 2; i++)
    g_assert_cmpint (differing[i], >, SIZE * SIZE / 8);
  g_assert_cmpint (shades, >, SIZE * SIZE / 8);
  for (int i = 0; i < 3; i++)
    cairo_surface_destroy (surfaces[i]);
}

static void
test_picture (void)
{
  g_autoptr (TacetImage) picture = tacet_image_new (64, 64, 4);
  TacetLayerThumbnail thumbnail = { .kind = TACET_LAYER_PICTURE, .picture = picture };
  cairo_surface_t *surface;

  for (int i = 0; i < 64 * 32; i++) /* the upper half is green, the rest transparent */
    {
      picture->data[4 * i + 1] = 200;
      picture->data[4 * i + 3] = 255;
    }
  surface = tacet_layer_thumbnail_draw (&thumbnail, SIZE, FALSE);
  g_assert_cmphex (pixel (surface, 20, 5), ==, 0xff00c800);
  g_assert_cmpint (brightness (surface, 20, 35), >, 200);
  cairo_surface_destroy (surface);
  picture->data[3] = 0;
  thumbnail.picture = NULL; /* no pixels at all: the ground */
  surface = tacet_layer_thumbnail_draw (&thumbnail, SIZE, TRUE);
  g_assert_cmpint (brightness (surface, 20, 5), <, 90);
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/thumbnail/line", test_line);
  g_test_add_func ("/thumbnail/shape", test_shape);
  g_test_add_func ("/thumbnail/hatch", test_hatch);
  g_test_add_func ("/thumbnail/picture", test_picture);
  return g_test_run ();
}
