/* test-screen.c: the document on the screen: crisp, without seams, right borders, hatches.  Room: tests/ui. */
#include "draw-test.h"

#include "ui/tacet-canvas-draw.h"
#include "ui/tacet-composite.h"

#include <math.h>
#include <string.h>

static TacetImage *
noise (int width, int height, int channels, guint32 seed)
{
  TacetImage *self = tacet_image_new (width, height, channels);
  GRand *rand = g_rand_new_with_seed (seed);

  for (int i = 0; i < width * height * channels; i++)
    self->data[i] = (guint8) g_rand_int_range (rand, 0, 256);
  g_rand_free (rand);
  return self;
}

static guint32 *
draw (const TacetScreen *screen, cairo_rectangle_int_t part)
{
  guint32 *pixels = g_new (guint32, (gsize) part.width * part.height);

  g_assert_true (tacet_screen_make (screen, &part, G_MAXINT64));
  tacet_screen_draw (screen, &part, pixels);
  return pixels;
}

/* However the screen is cut into parts, each pixel is the same: so there are no seams. */
static void
test_seams (void)
{
  static const double zooms[] = { 0.11, 0.37, 0.77, 1, 1.3, 3.7 }, angles[] = { 0, 17, 90, -133 };
  g_autoptr (TacetImage) picture = noise (300, 220, 3, 1);
  g_autoptr (TacetSurface) surface = tacet_surface_new_from_image (picture);
  GRand *rand = g_rand_new_with_seed (2);

  for (guint z = 0; z < G_N_ELEMENTS (zooms); z++)
    for (guint a = 0; a < G_N_ELEMENTS (angles); a++)
      {
        TacetScreen screen = { { zooms[z], 12, 7, angles[a], a & 1 }, 300, 220, 1 + (int) (z & 1), .below = surface };
        cairo_rectangle_int_t all = tacet_screen_extents (&screen);
        cairo_rectangle_int_t window = { all.x + all.width / 3, all.y + all.height / 4, MIN (all.width / 2, 500),
                                         MIN (all.height / 2, 200) };
        g_autofree guint32 *whole = draw (&screen, window);

        for (int i = 0; i < 3; i++)
          {
            int x = g_rand_int_range (rand, 0, window.width), y = g_rand_int_range (rand, 0, window.height);
            cairo_rectangle_int_t part = { window.x + x, window.y + y, MIN (window.width - x, 40),
                                           MIN (window.height - y, 30) };
            g_autofree guint32 *piece = draw (&screen, part);
            int different = 0;

            for (int v = 0; v < part.height; v++)
              for (int u = 0; u < part.width; u++)
                different += !colour_near (piece[v * part.width + u] & 0xffffff,
                                           whole[(y + v) * window.width + x + u] & 0xffffff, 3);
            /* Steps are counted in 1 / 65536 of a pixel: a rare one may fall on the other side. */
            g_assert_cmpint (different, <=, part.width * part.height / 100);
          }
      }
  g_rand_free (rand);
}

/* From 200 % on every pixel of the document is a square of one colour. */
static void
test_crisp (void)
{
  g_autoptr (TacetImage) picture = noise (40, 30, 3, 5);
  g_autoptr (TacetSurface) surface = tacet_surface_new_from_image (picture);
  TacetScreen screen = { { 12, 0, 0, 0, FALSE }, 40, 30, 1, .below = surface };
  cairo_rectangle_int_t all = tacet_screen_extents (&screen);
  g_autofree guint32 *pixels = draw (&screen, all);

  g_assert_cmpint (all.width, ==, 480);
  g_assert_cmpint (all.height, ==, 360);
  for (int y = 0; y < 360; y++)
    for (int x = 0; x < 480; x++)
      {
        const guint8 *p = picture->data + 3 * (y / 12 * 40 + x / 12);

        g_assert_cmphex (pixels[y * 480 + x], ==, 0xff000000u | (guint32) p[0] << 16 | (guint32) p[1] << 8 | p[2]);
      }
}

/* At 100 % nothing is smoothed, wherever the document stands. */
static void
test_true_size (void)
{
  g_autoptr (TacetImage) picture = noise (64, 48, 3, 6);
  g_autoptr (TacetSurface) surface = tacet_surface_new_from_image (picture);
  TacetScreen screen = { { 1, 33, -5, 0, FALSE }, 64, 48, 1, .below = surface };
  g_autofree guint32 *pixels = draw (&screen, (cairo_rectangle_int_t){ 0, 0, 64, 48 });

  for (int i = 0; i < 64 * 48; i++)
    g_assert_cmphex (pixels[i] & 0xffffff, ==,
                     (guint32) picture->data[3 * i] << 16 | (guint32) picture->data[3 * i + 1] << 8 |
                         picture->data[3 * i + 2]);
}

/* Through what is transparent in a result the checkerboard is seen. */
static void
test_see_through (void)
{
  g_autoptr (TacetImage) picture = noise (64, 48, 4, 6);
  g_autoptr (TacetSurface) surface = NULL;
  TacetScreen screen = { { 1, 0, 0, 0, FALSE }, 64, 48, 1 };
  g_autofree guint32 *ground = draw (&screen, (cairo_rectangle_int_t){ 0, 0, 64, 48 }), *pixels = NULL;

  for (int i = 0; i < 64 * 48; i++)
    picture->data[4 * i + 3] = i & 1 ? 255 : 0;
  surface = tacet_surface_new_of_image (picture);
  screen.below = surface;
  pixels = draw (&screen, (cairo_rectangle_int_t){ 0, 0, 64, 48 });
  for (int i = 0; i < 64 * 48; i += 2)
    {
      g_assert_cmphex (pixels[i], ==, ground[i]);
      g_assert_cmphex (pixels[i + 1] >> 16 & 255, ==, picture->data[4 * i + 4]);
    }
}

/* A border that falls between two pixels of the screen is as opaque as it covers. */
static void
test_border (void)
{
  g_autoptr (TacetImage) picture = noise (10, 10, 3, 7);
  g_autoptr (TacetSurface) surface = tacet_surface_new_from_image (picture);
  TacetScreen screen = { { 1.05, 0, 0, 0, FALSE }, 10, 10, 1, .below = surface };
  g_autofree guint32 *pixels = draw (&screen, (cairo_rectangle_int_t){ 0, 0, 12, 12 });

  g_assert_cmpint (pixels[5 * 12 + 9] >> 24, ==, 255);
  g_assert_cmpint (pixels[5 * 12 + 10] >> 24, >=, 126);
  g_assert_cmpint (pixels[5 * 12 + 10] >> 24, <=, 129);
  g_assert_cmphex (pixels[5 * 12 + 11], ==, 0);
}

/* What a rectangle of the document covers: nothing outside changes with it. */
static void
test_part (void)
{
  g_autoptr (TacetImage) picture = noise (200, 150, 3, 8);
  g_autoptr (TacetSurface) surface = tacet_surface_new_from_image (picture);
  cairo_rectangle_int_t changed = { 60, 50, 9, 12 };

  for (int round = 0; round < 12; round++)
    {
      TacetScreen screen = { { 0.17 * (round + 1), 3, 5, 33 * round, round & 1 }, 200, 150, 1, .below = surface };
      cairo_rectangle_int_t all = tacet_screen_extents (&screen), part = tacet_screen_part (&screen, &changed);
      g_autofree guint32 *before = draw (&screen, all), *after = NULL;
      int stride, inside = 0;
      guint32 *pixels = tacet_surface_begin (surface, &stride);

      for (int y = changed.y; y < changed.y + changed.height; y++)
        for (int x = changed.x; x < changed.x + changed.width; x++)
          pixels[y * stride + x] ^= 0xffffff;
      tacet_surface_changed (surface, changed.x, changed.y, changed.width, changed.height);
      after = draw (&screen, all);
      for (int y = 0; y < all.height; y++)
        for (int x = 0; x < all.width; x++)
          if (before[y * all.width + x] != after[y * all.width + x])
            {
              int u = all.x + x - part.x, v = all.y + y - part.y;

              g_assert_true (u >= 0 && u < part.width && v >= 0 && v < part.height);
              inside++;
            }
      g_assert_cmpint (inside, >, 0);
    }
}

/* A missing level is replaced by one that is there. */
static void
test_fallback (void)
{
  g_autoptr (TacetImage) picture = noise (512, 512, 3, 9);
  g_autoptr (TacetSurface) surface = tacet_surface_new_from_image (picture);
  TacetScreen screen = { { 0.2, 0, 0, 0, FALSE }, 512, 512, 1, .below = surface };
  cairo_rectangle_int_t part = { 0, 0, 50, 50 };
  guint32 pixels[2500];

  g_assert_false (tacet_screen_make (&screen, &part, 0));
  g_assert_true (tacet_screen_can_draw (&screen, &part));
  tacet_screen_draw (&screen, &part, pixels);
  g_assert_cmpint (pixels[60] >> 24, ==, 255);
  g_assert_true (tacet_screen_make (&screen, &part, G_MAXINT64));
}

/* A picture shown part by part is the picture, at every size and with every number of channels. */
static void
test_of_image (void)
{
  static const int channels[] = { 1, 3, 4 };

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (TacetImage) picture = noise (301, 270, channels[i], 10 + (guint32) i);
      g_autoptr (TacetSurface) copy = tacet_surface_new_from_image (picture);
      g_autoptr (TacetSurface) shown = tacet_surface_new_of_image (picture);

      for (int level = 0; level < 3; level++)
        {
          const TacetLevel *a = tacet_surface_get_level (copy, level), *b = tacet_surface_get_level (shown, level);

          g_assert_true (tacet_surface_make (copy, level, 0, 0, 301, 270, G_MAXINT64));
          g_assert_true (tacet_surface_make (shown, level, 0, 0, 301, 270, G_MAXINT64));
          for (int y = 0; y < a->height - 1; y++)
            for (int x = 0; x < a->width - 1; x++)
              {
                guint32 one = a->pixels[y * a->width + x], two = b->pixels[y * b->width + x];

                g_assert_true (colour_near (one, two, level) && colour_near (one >> 8, two >> 8, level));
              }
        }
    }
}

/* Two regions that overlap, a mask's veil, a picture under them: in light and dark. */
static void
draw_layers (gboolean dark, double angle, const char *golden)
{
  g_autoptr (TacetComposite) composite = tacet_composite_new (64, 48);
  g_autoptr (TacetImage) picture = tacet_image_new (64, 48, 4), mask = tacet_image_new (64, 48, 1), drawn = NULL;
  TacetImage *regions[7];
  TacetCompositeLayer layers[9] = { 0 };
  TacetCanvasState state = { .view = { 6, 40, 30, angle, FALSE }, .width = 64, .height = 48, .dark = dark };
  cairo_t *cr = draw_begin (520, 380);

  for (int i = 0; i < 7; i++)
    {
      regions[i] = tacet_image_new (64, 48, 1);
      for (int y = 2 + 6 * i; y < MIN (12 + 6 * i, 46); y++)
        memset (regions[i]->data + y * 64 + 3 + 3 * i, 255, 36);
      layers[i] = (TacetCompositeLayer){ .key = regions[i],
                                         .kind = TACET_LAYER_REGION,
                                         .coverage = regions[i],
                                         .colour = tacet_palette_control (i),
                                         .hatch = i,
                                         .opacity = 1 };
    }
  for (int i = 0; i < 64 * 48; i++)
    memcpy (picture->data + 4 * i, (guint8[]){ 120, 160, (guint8) (i % 64 * 4), (guint8) (i / 64 < 24 ? 255 : 0) }, 4);
  for (int y = 0; y < 40; y++)
    memset (mask->data + y * 64, 255, 52);
  layers[7] = (TacetCompositeLayer){ .key = mask, .kind = TACET_LAYER_MASK, .coverage = mask, .opacity = 1 };
  layers[8] = (TacetCompositeLayer){ .key = picture, .kind = TACET_LAYER_PICTURE, .picture = picture, .opacity = 1 };
  tacet_composite_set_layers (composite, layers, 9, FALSE);
  state.layers = tacet_composite_get_surface (composite);
  state.inks = tacet_composite_get_inks (composite);
  tacet_canvas_draw_document (&state, cr);
  drawn = draw_end (cr);
  assert_golden (drawn, golden, 24);
  for (int i = 0; i < 7; i++)
    tacet_image_unref (regions[i]);
}

static void
test_layers_light (void)
{
  draw_layers (FALSE, 0, "layers-light");
}

static void
test_layers_dark (void)
{
  draw_layers (TRUE, 0, "layers-dark");
}

static void
test_rulers (void)
{
  g_assert_cmpfloat (tacet_canvas_ruler_step (1), ==, 100);
  g_assert_cmpfloat (tacet_canvas_ruler_step (12), ==, 10);
  g_assert_cmpfloat (tacet_canvas_ruler_step (64), ==, 1);
  g_assert_cmpfloat (tacet_canvas_ruler_step (0.05), ==, 2000);
  g_assert_cmpfloat (tacet_canvas_ruler_step (2), ==, 50);
}

/* Where something was drawn on the plain ground. */
static cairo_rectangle_int_t
drawn_part (cairo_t *cr)
{
  g_autoptr (TacetImage) image = draw_end (cr);
  int x0 = image->width, y0 = image->height, x1 = 0, y1 = 0;

  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      if (!colour_near (pixel_at (image, x, y), 0xf2f2f2, 1))
        {
          x0 = MIN (x0, x);
          y0 = MIN (y0, y);
          x1 = MAX (x1, x + 1);
          y1 = MAX (y1, y + 1);
        }
  return (cairo_rectangle_int_t){ x0, y0, MAX (x1 - x0, 0), MAX (y1 - y0, 0) };
}

/* Words stand in the lower corner where lines begin, and never leave the canvas. */
static void
test_hud (void)
{
  TacetCanvasState state = {
    .view = { 1, 0, 0, 0, FALSE }, .width = 64, .height = 48, .hud = "100 %\nShift: straight"
  };
  cairo_rectangle_int_t part;
  cairo_t *cr;

  state.widget_width = 400;
  state.widget_height = 200;
  for (int rtl = 0; rtl < 2; rtl++)
    {
      state.right_to_left = rtl;
      cr = draw_begin (400, 200);
      tacet_canvas_draw_hud (&state, cr);
      part = drawn_part (cr);
      g_assert_cmpint (part.width, >, 30);
      g_assert_cmpint (part.y, >, 100);
      g_assert_cmpint (rtl ? 400 - part.x - part.width : part.x, ==, 12);
      g_assert_cmpint (part.y + part.height, ==, 200 - 12);
    }
  state.hud = "a text that is much longer than the canvas is wide, and goes on, and on, and on, and on, and on, and on";
  cr = draw_begin (400, 200);
  tacet_canvas_draw_hud (&state, cr);
  part = drawn_part (cr);
  g_assert_cmpint (part.x, >=, 0);
  g_assert_cmpint (part.x + part.width, <=, 400 - 12);
}

/* Along two sides, and only while these are the document's. */
static void
test_rulers_drawn (void)
{
  TacetCanvasState state = { .view = { 3, 40, 50, 0, FALSE }, .width = 64, .height = 48 };
  cairo_rectangle_int_t part;
  cairo_t *cr = draw_begin (400, 200);
  g_autoptr (TacetImage) image = NULL;

  state.widget_width = 400;
  state.widget_height = 200;
  tacet_canvas_draw_rulers (&state, cr);
  image = draw_end (cr);
  /* The tick of 0 is above the document's left side, the canvas itself is free. */
  g_assert_false (colour_near (pixel_at (image, 40, 2), pixel_at (image, 36, 2), 30));
  for (int y = TACET_CANVAS_RULER; y < 200; y++)
    for (int x = TACET_CANVAS_RULER; x < 400; x++)
      g_assert_true (colour_near (pixel_at (image, x, y), 0xf2f2f2, 1));
  state.view.angle = 15;
  cr = draw_begin (400, 200);
  tacet_canvas_draw_rulers (&state, cr);
  part = drawn_part (cr);
  g_assert_cmpint (part.width, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/screen/seams", test_seams);
  g_test_add_func ("/screen/crisp", test_crisp);
  g_test_add_func ("/screen/true-size", test_true_size);
  g_test_add_func ("/screen/see-through", test_see_through);
  g_test_add_func ("/screen/border", test_border);
  g_test_add_func ("/screen/part", test_part);
  g_test_add_func ("/screen/fallback", test_fallback);
  g_test_add_func ("/screen/of-image", test_of_image);
  g_test_add_func ("/screen/layers-light", test_layers_light);
  g_test_add_func ("/screen/layers-dark", test_layers_dark);
  g_test_add_func ("/screen/rulers", test_rulers);
  g_test_add_func ("/screen/rulers-drawn", test_rulers_drawn);
  g_test_add_func ("/screen/hud", test_hud);
  return g_test_run ();
}
