/* test-compare.c: two results against each other, drawn without a display.  Room: tests/ui. */
#include "ui/tacet-compare-draw.h"

#include "draw-test.h"

#include <math.h>
#include <string.h>

#define WIDTH  240
#define HEIGHT 140

static TacetImage *
plain (int width, int height, guint8 red, guint8 green, guint8 blue)
{
  TacetImage *image = tacet_image_new (width, height, 3);

  for (int i = 0; i < width * height; i++)
    {
      image->data[3 * i] = red;
      image->data[3 * i + 1] = green;
      image->data[3 * i + 2] = blue;
    }
  return image;
}

static TacetImage *
draw (const TacetCompareState *state)
{
  cairo_t *cr = draw_begin (WIDTH, HEIGHT);

  tacet_compare_draw (state, cr, WIDTH, HEIGHT);
  return draw_end (cr);
}

static void
test_difference (void)
{
  g_autoptr (TacetImage) left = plain (8, 6, 100, 100, 100), right = plain (8, 6, 100, 110, 100);
  g_autoptr (TacetImage) large = plain (16, 12, 100, 110, 100), same = NULL, one = NULL, other = NULL;
  double mean = -1;

  same = tacet_compare_difference (left, left, &mean);
  g_assert_cmpfloat (mean, ==, 0);
  g_assert_cmpint (same->data[0] + same->data[1] + same->data[2], ==, 0);
  one = tacet_compare_difference (left, right, &mean);
  g_assert_cmpfloat_with_epsilon (mean, 10.0 / 3 / 255, 1e-12);
  g_assert_cmpint (one->data[1], ==, 40);
  g_assert_cmpint (one->data[0], ==, 0);
  other = tacet_compare_difference (left, large, NULL); /* of another size: as the first */
  g_assert_true (tacet_image_equal (one, other));
}

static void
test_split (void)
{
  g_autoptr (TacetImage) red = plain (50, 25, 200, 0, 0), blue = plain (50, 25, 0, 0, 200);
  g_autoptr (TacetSurface) left = tacet_surface_new_from_image (red), right = tacet_surface_new_from_image (blue);
  TacetCompareState state = { .left = left, .right = right, .mode = TACET_COMPARE_SPLIT };

  for (double split = 0.2; split < 0.9; split += 0.3)
    {
      g_autoptr (TacetImage) picture = NULL;
      double line;

      state.split = split;
      line = tacet_compare_line (&state, WIDTH, HEIGHT);
      g_assert_cmpfloat_with_epsilon (tacet_compare_split_at (&state, WIDTH, HEIGHT, line), split, 1e-9);
      picture = draw (&state);
      g_assert_cmphex (pixel_at (picture, (int) line - 8, 40), ==, 0xc80000);
      g_assert_cmphex (pixel_at (picture, (int) line + 8, 40), ==, 0x0000c8);
    }
  g_assert_cmpfloat (tacet_compare_split_at (&state, WIDTH, HEIGHT, -50), ==, 0);
  g_assert_cmpfloat (tacet_compare_split_at (&state, WIDTH, HEIGHT, 1e6), ==, 1);
}

static void
test_modes (void)
{
  g_autoptr (TacetImage) red = plain (50, 25, 200, 0, 0), blue = plain (50, 25, 0, 0, 200), both = NULL;
  g_autoptr (TacetImage) side = NULL, difference = NULL;
  g_autoptr (TacetSurface) left = tacet_surface_new_from_image (red), right = tacet_surface_new_from_image (blue);
  g_autoptr (TacetSurface) differing = NULL;
  TacetCompareState state = { .left = left, .right = right, .mode = TACET_COMPARE_SIDE, .split = 0.5 };

  side = draw (&state);
  g_assert_cmphex (pixel_at (side, WIDTH / 4, HEIGHT / 2), ==, 0xc80000);
  g_assert_cmphex (pixel_at (side, WIDTH * 3 / 4, HEIGHT / 2), ==, 0x0000c8);
  both = tacet_compare_difference (red, blue, NULL);
  differing = tacet_surface_new_from_image (both);
  state.difference = differing;
  state.mode = TACET_COMPARE_DIFFERENCE;
  difference = draw (&state);
  g_assert_cmphex (pixel_at (difference, WIDTH / 2, HEIGHT / 2), ==, 0xff00ff);
  g_assert_cmphex (pixel_at (difference, 2, 2), ==, pixel_at (side, 2, 2)); /* around it nothing is drawn */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compare/difference", test_difference);
  g_test_add_func ("/compare/split", test_split);
  g_test_add_func ("/compare/modes", test_modes);
  return g_test_run ();
}
