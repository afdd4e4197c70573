/* tacet-help-draw.c: see tacet-help-draw.h.  Room: ui, no widgets.
 *
 * Everything is drawn in a field of 120 by 80.
 */
#define G_LOG_DOMAIN "tacet-help-draw"

#include "config.h"

#include "ui/tacet-help-draw.h"
#include "ui/tacet-palette.h"

#include <math.h>

#define WIDTH  120
#define HEIGHT 80

typedef struct
{
  cairo_t *cr;
  TacetRgb ink, paper;
} Pen;

static void
ink (Pen *pen, double alpha)
{
  tacet_palette_set (pen->cr, pen->ink, alpha);
}

static void
layer (Pen *pen, int index, double alpha)
{
  tacet_palette_set (pen->cr, tacet_palette_control (index), alpha);
}

static void
round_box (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

/* The sheet that is drawn on. */
static void
sheet (Pen *pen, double x, double y, double width, double height)
{
  round_box (pen->cr, x, y, width, height, 2.5);
  tacet_palette_set (pen->cr, pen->paper, 1);
  cairo_fill_preserve (pen->cr);
  ink (pen, 0.25);
  cairo_set_line_width (pen->cr, 0.7);
  cairo_stroke (pen->cr);
}

static void
house (cairo_t *cr, double x, double y, double size)
{
  cairo_rectangle (cr, x, y + size * 0.45, size, size * 0.55);
  cairo_move_to (cr, x - size * 0.12, y + size * 0.47);
  cairo_line_to (cr, x + size / 2, y);
  cairo_line_to (cr, x + size * 1.12, y + size * 0.47);
  cairo_rectangle (cr, x + size * 0.4, y + size * 0.65, size * 0.22, size * 0.35);
  cairo_rectangle (cr, x + size * 0.1, y + size * 0.58, size * 0.18, size * 0.16);
}

static void
person (Pen *pen, double x, double y, double size)
{
  static const double limbs[][4] = { { 0, 0.18, 0, 0.5 },       { 0, 0.22, -0.2, 0.38 },    { -0.2, 0.38, -0.14, 0.55 },
                                     { 0, 0.22, 0.22, 0.12 },   { 0.22, 0.12, 0.3, -0.08 }, { 0, 0.5, -0.12, 0.74 },
                                     { -0.12, 0.74, -0.14, 1 }, { 0, 0.5, 0.13, 0.74 },     { 0.13, 0.74, 0.15, 1 } };

  cairo_set_line_width (pen->cr, 2.2);
  cairo_set_line_cap (pen->cr, CAIRO_LINE_CAP_ROUND);
  for (gsize i = 0; i < G_N_ELEMENTS (limbs); i++)
    {
      tacet_palette_set (pen->cr, tacet_palette_joint ((int) i * 2), 1);
      cairo_move_to (pen->cr, x + limbs[i][0] * size, y + limbs[i][1] * size);
      cairo_line_to (pen->cr, x + limbs[i][2] * size, y + limbs[i][3] * size);
      cairo_stroke (pen->cr);
    }
  tacet_palette_set (pen->cr, tacet_palette_joint (0), 1);
  cairo_arc (pen->cr, x, y + size * 0.08, size * 0.07, 0, 2 * G_PI);
  cairo_fill (pen->cr);
}

static void
checks (Pen *pen, double x, double y, double width, double height)
{
  cairo_save (pen->cr);
  cairo_rectangle (pen->cr, x, y, width, height);
  cairo_clip (pen->cr);
  ink (pen, 0.09);
  for (int row = 0; row * 4 < height; row++)
    for (int column = row % 2; column * 4 < width; column += 2)
      cairo_rectangle (pen->cr, x + column * 4, y + row * 4, 4, 4);
  cairo_fill (pen->cr);
  cairo_restore (pen->cr);
}

static void
draw_shapes (Pen *pen)
{
  sheet (pen, 14, 8, 92, 64);
  checks (pen, 14, 8, 92, 64);
  ink (pen, 0.9);
  cairo_set_line_width (pen->cr, 1.6);
  house (pen->cr, 26, 24, 36);
  cairo_stroke (pen->cr);
  person (pen, 84, 22, 40);
}

static void
draw_silence (Pen *pen)
{
  sheet (pen, 14, 8, 92, 64);
  checks (pen, 14, 8, 92, 64);
  cairo_save (pen->cr);
  cairo_rectangle (pen->cr, 14, 8, 48, 64);
  cairo_clip (pen->cr);
  ink (pen, 0.9);
  cairo_set_line_width (pen->cr, 1.6);
  house (pen->cr, 40, 22, 42);
  cairo_stroke (pen->cr);
  cairo_restore (pen->cr);
  cairo_set_dash (pen->cr, (const double[]){ 2.5, 2 }, 2, 0);
  ink (pen, 0.25);
  cairo_set_line_width (pen->cr, 1);
  house (pen->cr, 40, 22, 42);
  cairo_stroke (pen->cr);
  cairo_set_dash (pen->cr, NULL, 0, 0);
  /* The eraser, where it stopped. */
  layer (pen, 0, 1);
  cairo_set_line_width (pen->cr, 1.3);
  cairo_arc (pen->cr, 72, 40, 10, 0, 2 * G_PI);
  cairo_stroke (pen->cr);
}

static void
hatch (Pen *pen, double slope, double x, double y, double width, double height)
{
  cairo_save (pen->cr);
  cairo_rectangle (pen->cr, x, y, width, height);
  cairo_clip (pen->cr);
  for (double at = -HEIGHT; at < WIDTH + HEIGHT; at += 5)
    {
      cairo_move_to (pen->cr, at, y);
      cairo_line_to (pen->cr, at + slope * height, y + height);
    }
  cairo_set_line_width (pen->cr, 0.9);
  cairo_stroke (pen->cr);
  cairo_restore (pen->cr);
}

/* A line of writing, as gray bars. */
static void
words (Pen *pen, int index, double x, double y, const double *lengths, int n)
{
  round_box (pen->cr, x - 3, y - 3.5, 46, 9, 2.5);
  tacet_palette_set (pen->cr, pen->paper, 1);
  cairo_fill_preserve (pen->cr);
  layer (pen, index, 1);
  cairo_set_line_width (pen->cr, 1);
  cairo_stroke (pen->cr);
  ink (pen, 0.7);
  cairo_set_line_width (pen->cr, 2);
  cairo_set_line_cap (pen->cr, CAIRO_LINE_CAP_ROUND);
  for (int i = 0; i < n; i++)
    {
      cairo_move_to (pen->cr, x, y + 1);
      cairo_line_to (pen->cr, x + lengths[i], y + 1);
      x += lengths[i] + 4.5;
    }
  cairo_stroke (pen->cr);
}

static void
draw_words (Pen *pen)
{
  sheet (pen, 14, 8, 92, 64);
  layer (pen, 4, 0.12);
  cairo_rectangle (pen->cr, 14, 8, 92, 30);
  cairo_fill (pen->cr);
  layer (pen, 4, 0.6);
  hatch (pen, 1, 14, 8, 92, 30);
  layer (pen, 2, 0.14);
  cairo_rectangle (pen->cr, 14, 38, 92, 34);
  cairo_fill (pen->cr);
  layer (pen, 2, 0.7);
  hatch (pen, 0, 14, 38, 92, 34);
  words (pen, 4, 40, 21, (const double[]){ 13, 20 }, 2);
  words (pen, 2, 40, 54, (const double[]){ 20, 9 }, 2);
}

static void
star (cairo_t *cr, double x, double y, double radius)
{
  for (int i = 0; i < 10; i++)
    {
      double angle = i * G_PI / 5 - G_PI_2, length = i % 2 == 0 ? radius : radius * 0.45;

      cairo_line_to (cr, x + length * cos (angle), y + length * sin (angle));
    }
  cairo_close_path (cr);
}

static void
draw_results (Pen *pen)
{
  for (int i = 0; i < 3; i++)
    {
      double x = 10 + i * 35;

      sheet (pen, x, 24, 30, 32);
      layer (pen, (i + 5) % 8, 0.35);
      cairo_rectangle (pen->cr, x + 1, 25, 28, 17);
      cairo_fill (pen->cr);
      layer (pen, 2, 0.45);
      cairo_rectangle (pen->cr, x + 1, 42, 28, 13);
      cairo_fill (pen->cr);
      ink (pen, 0.8);
      cairo_set_line_width (pen->cr, 1.1);
      house (pen->cr, x + 8 + i, 33 - i, 13);
      cairo_stroke (pen->cr);
    }
  layer (pen, 0, 1);
  cairo_set_line_width (pen->cr, 2);
  round_box (pen->cr, 43, 22, 34, 36, 4);
  cairo_stroke (pen->cr);
  layer (pen, 4, 1);
  star (pen->cr, 73, 26, 5);
  cairo_fill_preserve (pen->cr);
  ink (pen, 0.6);
  cairo_set_line_width (pen->cr, 0.6);
  cairo_stroke (pen->cr);
}

static void
draw_balance (Pen *pen)
{
  static const double shares[] = { 0.35, 0.4, 0.55, 0.7, 0.62, 0.5, 0.42, 0.3, 0.25, 0.33, 0.45, 0.52, 0.6 };

  for (gsize i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      double x = 14 + 7.2 * (double) i, part = 46 * shares[i];

      layer (pen, 0, 0.85);
      cairo_rectangle (pen->cr, x, 64 - part, 5, part);
      cairo_fill (pen->cr);
      layer (pen, 1, 0.85);
      cairo_rectangle (pen->cr, x, 18, 5, 46 - part);
      cairo_fill (pen->cr);
    }
  ink (pen, 0.5);
  cairo_set_line_width (pen->cr, 0.8);
  cairo_move_to (pen->cr, 11, 64.5);
  cairo_line_to (pen->cr, 109, 64.5);
  cairo_stroke (pen->cr);
}

void
tacet_help_draw (TacetHelpPicture picture, cairo_t *cr, double width, double height, gboolean dark)
{
  static void (*const draws[TACET_N_HELPS]) (Pen *) = { draw_shapes, draw_silence, draw_words, draw_results,
                                                        draw_balance };
  Pen pen = { cr, tacet_palette_ink (dark), tacet_palette_paper (dark) };
  double scale = MIN (width / WIDTH, height / HEIGHT);

  g_return_if_fail ((guint) picture < TACET_N_HELPS);
  cairo_save (cr);
  cairo_translate (cr, (width - WIDTH * scale) / 2, (height - HEIGHT * scale) / 2);
  cairo_scale (cr, scale, scale);
  draws[picture](&pen);
  cairo_restore (cr);
}
