/* tacet-compare-draw.c: see tacet-compare-draw.h.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-compare-draw"

#include "config.h"

#include "ui/tacet-compare-draw.h"

#include "ui/tacet-palette.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>

#define MARGIN   20
#define BRIGHTER 4
#define KNOB     10

TacetImage *
tacet_compare_difference (const TacetImage *left, const TacetImage *right, double *mean)
{
  g_autoptr (TacetImage) a = tacet_image_convert (left, 3);
  g_autoptr (TacetImage) resized = tacet_image_resize (right, left->width, left->height, FALSE);
  g_autoptr (TacetImage) b = resized != NULL ? tacet_image_convert (resized, 3) : NULL;
  g_autoptr (TacetImage) difference = tacet_image_new (left->width, left->height, 3);
  gsize n = (gsize) left->width * left->height * 3;
  guint64 sum = 0;

  if (a == NULL || b == NULL || difference == NULL)
    return NULL;
  for (gsize i = 0; i < n; i++)
    {
      int one = abs (a->data[i] - b->data[i]);

      sum += (guint64) one;
      difference->data[i] = (guint8) MIN (one * BRIGHTER, 255);
    }
  if (mean != NULL)
    *mean = (double) sum / (double) n / 255;
  return g_steal_pointer (&difference);
}

static TacetView
fit (const TacetSurface *surface, double left, double width, double height)
{
  TacetView view = { .zoom = 1 };

  tacet_view_fit (&view, tacet_surface_get_width (surface), tacet_surface_get_height (surface), width, height, MARGIN);
  view.off_x += left;
  return view;
}

static void
paint (const TacetSurface *surface, const TacetSurface *sized, cairo_t *cr, const TacetView *view)
{
  tacet_surface_paint ((TacetSurface *) surface, cr, view, tacet_surface_get_width (sized),
                       tacet_surface_get_height (sized));
}

/* A name on a plate, its middle at x, or against an edge of the picture: align 0 .. 1 of its width. */
static void
draw_plate (const TacetCompareState *state, cairo_t *cr, const char *text, double x, double y, double align)
{
  g_autoptr (PangoLayout) layout = pango_cairo_create_layout (cr);
  g_autoptr (PangoFontDescription) font =
      state->font ? pango_font_description_copy (state->font) : pango_font_description_from_string ("Sans 10");
  int width, height;

  if (text == NULL || *text == '\0')
    return;
  pango_layout_set_font_description (layout, font);
  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  x -= align * (width + 16);
  tacet_palette_set (cr, tacet_palette_paper (state->dark), 0.85);
  cairo_rectangle (cr, x, y, width + 16, height + 6);
  cairo_fill (cr);
  tacet_palette_set (cr, tacet_palette_ink (state->dark), 1);
  cairo_move_to (cr, x + 8, y + 3);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_line (cairo_t *cr, double x, double top, double height)
{
  double middle = top + height / 2;

  /* White on black: seen on every picture. */
  cairo_set_source_rgba (cr, 0, 0, 0, 0.55);
  cairo_rectangle (cr, x - 2, top, 4, height);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_rectangle (cr, x - 1, top, 2, height);
  cairo_fill (cr);
  cairo_arc (cr, x, middle, KNOB, 0, 2 * G_PI);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.55);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_set_source_rgb (cr, 0.2, 0.2, 0.2);
  for (int side = -1; side <= 1; side += 2)
    {
      cairo_move_to (cr, x + side * 6, middle);
      cairo_line_to (cr, x + side * 2, middle - 4);
      cairo_line_to (cr, x + side * 2, middle + 4);
      cairo_close_path (cr);
    }
  cairo_fill (cr);
}

double
tacet_compare_line (const TacetCompareState *state, double width, double height)
{
  TacetView view = fit (state->left, 0, width, height);

  return view.off_x + state->split * tacet_surface_get_width (state->left) * view.zoom;
}

double
tacet_compare_split_at (const TacetCompareState *state, double width, double height, double x)
{
  TacetView view = fit (state->left, 0, width, height);

  return CLAMP ((x - view.off_x) / (tacet_surface_get_width (state->left) * view.zoom), 0, 1);
}

static void
draw_split (const TacetCompareState *state, cairo_t *cr, double width, double height)
{
  TacetView view = fit (state->left, 0, width, height);
  double right = view.off_x + tacet_surface_get_width (state->left) * view.zoom;
  double tall = tacet_surface_get_height (state->left) * view.zoom;
  double line = round (tacet_compare_line (state, width, height));

  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, line, height);
  cairo_clip (cr);
  paint (state->left, state->left, cr, &view);
  draw_plate (state, cr, state->left_label, view.off_x, view.off_y, 0);
  cairo_restore (cr);
  cairo_save (cr);
  cairo_rectangle (cr, line, 0, width - line, height);
  cairo_clip (cr);
  paint (state->right, state->left, cr, &view);
  draw_plate (state, cr, state->right_label, right, view.off_y, 1);
  cairo_restore (cr);
  draw_line (cr, line, view.off_y, tall);
}

static void
draw_side (const TacetCompareState *state, cairo_t *cr, double width, double height)
{
  TacetView left = fit (state->left, 0, width / 2, height), right = fit (state->left, width / 2, width / 2, height);

  paint (state->left, state->left, cr, &left);
  paint (state->right, state->left, cr, &right);
  draw_plate (state, cr, state->left_label, left.off_x, left.off_y, 0);
  draw_plate (state, cr, state->right_label, right.off_x, right.off_y, 0);
}

void
tacet_compare_draw (const TacetCompareState *state, cairo_t *cr, double width, double height)
{
  TacetView view = fit (state->left, 0, width, height);

  switch (state->mode)
    {
    case TACET_COMPARE_SIDE:
      draw_side (state, cr, width, height);
      break;
    case TACET_COMPARE_DIFFERENCE:
      if (state->difference != NULL)
        paint (state->difference, state->left, cr, &view);
      break;
    default:
      draw_split (state, cr, width, height);
    }
}
