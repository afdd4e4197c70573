/* test-view.c: the view's arithmetic.  Room: tests/ui. */
#include "ui/tacet-view.h"

#include <math.h>

static void
test_inverse (void)
{
  for (int i = 0; i < 200; i++)
    {
      TacetView view = { g_test_rand_double_range (0.05, 64), g_test_rand_double_range (-4000, 4000),
                         g_test_rand_double_range (-4000, 4000), i % 3 ? g_test_rand_double_range (-180, 180) : 0,
                         i % 2 };
      double x = g_test_rand_double_range (-2000, 2000), y = g_test_rand_double_range (-2000, 2000), u, v, x2, y2;

      tacet_view_to_image (&view, x, y, &u, &v);
      tacet_view_to_widget (&view, u, v, &x2, &y2);
      g_assert_cmpfloat_with_epsilon (x, x2, 1e-6);
      g_assert_cmpfloat_with_epsilon (y, y2, 1e-6);
    }
}

static void
test_zoom_keeps_point (void)
{
  TacetView view = { 7, 100, 50 };

  for (int i = 0; i < 100; i++)
    {
      double x = g_test_rand_double_range (0, 800), y = g_test_rand_double_range (0, 600), u, v, u2, v2;

      tacet_view_to_image (&view, x, y, &u, &v);
      tacet_view_zoom_at (&view, g_test_rand_double_range (0.5, 2), x, y);
      tacet_view_to_image (&view, x, y, &u2, &v2);
      g_assert_cmpfloat_with_epsilon (u, u2, 1e-6);
      g_assert_cmpfloat_with_epsilon (v, v2, 1e-6);
      g_assert_cmpfloat (view.zoom, >=, TACET_VIEW_MIN_ZOOM);
      g_assert_cmpfloat (view.zoom, <=, TACET_VIEW_MAX_ZOOM);
    }
}

static void
test_zoom_limits (void)
{
  TacetView view = { 1, 10, 20 };
  double u, v;

  tacet_view_zoom_at (&view, 1e9, 300, 200);
  g_assert_cmpfloat (view.zoom, ==, TACET_VIEW_MAX_ZOOM);
  tacet_view_to_image (&view, 300, 200, &u, &v);
  g_assert_cmpfloat_with_epsilon (u, 290, 1e-9);
  g_assert_cmpfloat_with_epsilon (v, 180, 1e-9);
  tacet_view_zoom_at (&view, 1e-9, 300, 200);
  g_assert_cmpfloat (view.zoom, ==, TACET_VIEW_MIN_ZOOM);
}

static void
test_fit (void)
{
  TacetView view = { 0 };

  tacet_view_fit (&view, 64, 64, 700, 500, 20);
  g_assert_cmpfloat (view.zoom, ==, 7); /* 460 / 64 = 7.2, in whole steps */
  g_assert_cmpfloat (view.off_x, ==, 126);
  g_assert_cmpfloat (view.off_y, ==, 26);
  tacet_view_fit (&view, 2000, 1000, 700, 500, 20);
  g_assert_cmpfloat_with_epsilon (view.zoom, 0.33, 1e-12);
  g_assert_cmpfloat (view.off_x, ==, 20);
  tacet_view_fit (&view, 64, 64, 0, 0, 20); /* before the first allocation */
  g_assert_cmpfloat (view.zoom, >, 0);
  g_assert_true (isfinite (view.off_x) && isfinite (view.off_y));
}

static void
test_keep_visible (void)
{
  TacetView view = { 2, -5000, 9000 };

  tacet_view_keep_visible (&view, 100, 100, 700, 500, 40);
  g_assert_cmpfloat (view.off_x, ==, 40 - 200);
  g_assert_cmpfloat (view.off_y, ==, 500 - 40);
  view = (TacetView){ 2, 30, 60 };
  tacet_view_keep_visible (&view, 100, 100, 700, 500, 40);
  g_assert_cmpfloat (view.off_x, ==, 30);
  g_assert_cmpfloat (view.off_y, ==, 60);
  view = (TacetView){ 0.1, 9999, 0 }; /* smaller than what is to be kept */
  tacet_view_keep_visible (&view, 100, 100, 20, 20, 40);
  g_assert_cmpfloat (view.off_x, <=, 20);
}

/* What stands under the pointer stays there, and a whole turn is none. */
static void
test_turn (void)
{
  for (int i = 0; i < 50; i++)
    {
      TacetView view = { 3, 40, 30, 0, i % 2 };
      double x = g_test_rand_double_range (0, 800), y = g_test_rand_double_range (0, 600), u, v, u2, v2;

      tacet_view_to_image (&view, x, y, &u, &v);
      for (int step = 0; step < 24; step++)
        {
          tacet_view_turn_at (&view, 15, x, y);
          tacet_view_to_image (&view, x, y, &u2, &v2);
          g_assert_cmpfloat_with_epsilon (u, u2, 1e-6);
          g_assert_cmpfloat_with_epsilon (v, v2, 1e-6);
        }
      g_assert_cmpfloat_with_epsilon (view.angle, 0, 1e-9);
      g_assert_cmpfloat_with_epsilon (view.off_x, 40, 1e-6);
    }
}

static void
test_quarter (void)
{
  TacetView view = { 2, 0, 0, 90, FALSE };
  double x, y, width, height;

  tacet_view_to_widget (&view, 10, 3, &x, &y); /* clockwise: right becomes down */
  g_assert_cmpfloat (x, ==, -6);
  g_assert_cmpfloat (y, ==, 20);
  tacet_view_direction (&view, 0, 1, &x, &y); /* down on the screen is right in the document */
  g_assert_cmpfloat (x, ==, 1);
  g_assert_cmpfloat (y, ==, 0);
  tacet_view_extents (&view, 100, 50, &x, &y, &width, &height);
  g_assert_cmpfloat (x, ==, -100);
  g_assert_cmpfloat (y, ==, 0);
  g_assert_cmpfloat (width, ==, 100);
  g_assert_cmpfloat (height, ==, 200);
}

/* The picture on the screen, mirrored about a line of the screen, whatever the turn. */
static void
test_mirror (void)
{
  TacetView view = { 1.5, 70, 20, 30, FALSE }, before = view;
  double x, y, x2, y2;

  tacet_view_mirror_at (&view, 200);
  for (int i = 0; i < 4; i++)
    {
      tacet_view_to_widget (&before, i % 2 * 64, i / 2 * 48, &x, &y);
      tacet_view_to_widget (&view, i % 2 * 64, i / 2 * 48, &x2, &y2);
      g_assert_cmpfloat_with_epsilon (x2, 400 - x, 1e-9);
      g_assert_cmpfloat_with_epsilon (y2, y, 1e-9);
    }
  tacet_view_mirror_at (&view, 200);
  g_assert_false (view.mirrored);
  g_assert_cmpfloat_with_epsilon (view.angle, 30, 1e-12);
  g_assert_cmpfloat_with_epsilon (view.off_x, 70, 1e-12);
}

static void
test_fit_turned (void)
{
  TacetView view = { 1, 0, 0, 37, TRUE };
  double x, y, width, height;

  tacet_view_fit (&view, 300, 100, 700, 500, 20);
  tacet_view_extents (&view, 300, 100, &x, &y, &width, &height);
  g_assert_cmpfloat (x, >=, 19);
  g_assert_cmpfloat (x + width, <=, 681);
  g_assert_cmpfloat (y + height, <=, 481);
  g_assert_cmpfloat_with_epsilon (x + width / 2, 350, 0.51);
  g_assert_cmpfloat_with_epsilon (y + height / 2, 250, 0.51);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/inverse", test_inverse);
  g_test_add_func ("/view/zoom-keeps-point", test_zoom_keeps_point);
  g_test_add_func ("/view/zoom-limits", test_zoom_limits);
  g_test_add_func ("/view/fit", test_fit);
  g_test_add_func ("/view/turn", test_turn);
  g_test_add_func ("/view/quarter", test_quarter);
  g_test_add_func ("/view/mirror", test_mirror);
  g_test_add_func ("/view/fit-turned", test_fit_turned);
  g_test_add_func ("/view/keep-visible", test_keep_visible);
  return g_test_run ();
}
