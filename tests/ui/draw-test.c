/* draw-test.c: pictures drawn in memory.  Room: tests/ui. */
#include "draw-test.h"

#include <stdlib.h>
#include <string.h>

cairo_t *
draw_begin (int width, int height)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (surface);

  cairo_surface_destroy (surface);
  cairo_set_source_rgb (cr, 0.95, 0.95, 0.95);
  cairo_paint (cr);
  return cr;
}

TacetImage *
draw_end (cairo_t *cr)
{
  cairo_surface_t *surface = cairo_get_target (cr);
  int width = cairo_image_surface_get_width (surface), height = cairo_image_surface_get_height (surface);
  int stride = cairo_image_surface_get_stride (surface);
  TacetImage *image = tacet_image_new (width, height, 3);

  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_surface_flush (surface);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint32 pixel;

        memcpy (&pixel, cairo_image_surface_get_data (surface) + y * stride + 4 * x, 4);
        image->data[3 * (y * width + x)] = pixel >> 16;
        image->data[3 * (y * width + x) + 1] = pixel >> 8;
        image->data[3 * (y * width + x) + 2] = pixel;
      }
  cairo_destroy (cr);
  return image;
}

guint32
pixel_at (const TacetImage *image, int x, int y)
{
  const guint8 *p = image->data + 3 * (y * image->width + x);

  return (guint32) p[0] << 16 | (guint32) p[1] << 8 | p[2];
}

gboolean
colour_near (guint32 a, guint32 b, int tolerance)
{
  for (int shift = 0; shift <= 16; shift += 8)
    if (abs ((int) (a >> shift & 255) - (int) (b >> shift & 255)) > tolerance)
      return FALSE;
  return TRUE;
}

void
assert_golden (const TacetImage *image, const char *name, int tolerance)
{
  g_autofree char *file = g_strconcat (name, ".png", NULL);
  g_autofree char *path = g_build_filename (g_getenv ("TACET_SOURCE"), "tests", "ui", "golden", file, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetImage) golden = NULL;
  int different = 0;

  if (g_getenv ("TACET_UPDATE_GOLDEN") != NULL)
    {
      g_assert_true (tacet_image_save_png (image, path, NULL, &error));
      return;
    }
  golden = tacet_image_load_png (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (golden->width, ==, image->width);
  g_assert_cmpint (golden->height, ==, image->height);
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      different += !colour_near (pixel_at (golden, x, y), pixel_at (image, x, y), tolerance);
  g_assert_cmpint (different, <=, image->width * image->height / 100);
}
