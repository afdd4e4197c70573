/* tacet-canvas-hud-draw.c: words and rulers over the canvas.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-canvas-draw"

#include "config.h"

#include "ui/tacet-canvas-draw.h"

#include "ui/tacet-palette.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>

#define HUD_MARGIN 12
#define HUD_PAD    8
#define HUD_ROUND  7
#define RULER      TACET_CANVAS_RULER

static PangoLayout *
make_layout (const TacetCanvasState *state, cairo_t *cr, const char *text, double scale)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  g_autoptr (PangoFontDescription) font =
      state->font != NULL ? pango_font_description_copy (state->font) : pango_font_description_from_string ("Sans 10");
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (scale));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_font_description (layout, font);
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_text (layout, text, -1);
  pango_attr_list_unref (attributes);
  return layout;
}

static void
add_round_box (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

/* Legible on every picture: light on a dark box, as labels over films. */
void
tacet_canvas_draw_hud (const TacetCanvasState *state, cairo_t *cr)
{
  g_autoptr (PangoLayout) layout = make_layout (state, cr, state->hud, 0.9);
  int width, height, room = MAX (state->widget_width - 2 * (HUD_MARGIN + HUD_PAD), 40);
  double x, y;

  pango_layout_set_width (layout, room * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_height (layout, -4); /* lines of a paragraph */
  pango_layout_set_auto_dir (layout, FALSE);
  pango_layout_get_pixel_size (layout, &width, &height);
  pango_layout_set_width (layout, width * PANGO_SCALE);
  pango_layout_set_alignment (layout, state->right_to_left ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
  x = HUD_MARGIN + (state->rulers && state->view.angle == 0 ? RULER : 0);
  if (state->right_to_left)
    x = state->widget_width - HUD_MARGIN - width - 2 * HUD_PAD;
  y = state->widget_height - HUD_MARGIN - height - HUD_PAD;
  add_round_box (cr, x, y, width + 2 * HUD_PAD, height + HUD_PAD, HUD_ROUND);
  cairo_set_source_rgba (cr, 0.08, 0.08, 0.1, 0.72);
  cairo_fill (cr);
  cairo_move_to (cr, x + HUD_PAD, y + HUD_PAD / 2.0);
  cairo_set_source_rgb (cr, 1, 1, 1);
  pango_cairo_show_layout (cr, layout);
}

/* ---- rulers ---- */

double
tacet_canvas_ruler_step (double zoom)
{
  static const double steps[] = { 1, 2, 5, 10 };
  double decade = pow (10, floor (log10 (MAX (64 / zoom, 1))));

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i] * decade * zoom >= 64)
      return steps[i] * decade;
  return 10 * decade;
}

/* A label, upright beside the upper ruler's tick, one letter below the other beside the left one's. */
static void
draw_label (const TacetCanvasState *state, cairo_t *cr, double at, gboolean down, int value)
{
  g_autofree char *text = g_strdup_printf ("%d", value);
  g_autoptr (PangoLayout) layout = make_layout (state, cr, text, 0.72);

  cairo_save (cr);
  if (down)
    {
      cairo_translate (cr, 1, at - 3);
      cairo_rotate (cr, -G_PI_2);
    }
  else
    cairo_translate (cr, at + 3, 1);
  cairo_move_to (cr, 0, 0);
  pango_cairo_show_layout (cr, layout);
  cairo_restore (cr);
}

static void
draw_ruler (const TacetCanvasState *state, cairo_t *cr, gboolean down)
{
  double step = tacet_canvas_ruler_step (state->view.zoom), small = step / (step >= 10 ? 10 : step);
  double length = down ? state->widget_height : state->widget_width, x0, y0, x1, y1, first, last;

  while (small * state->view.zoom < 5)
    small *= small * 10 == step || small * 5 == step ? (small * 10 == step ? 2 : 5) : 10;
  tacet_view_to_image (&state->view, 0, 0, &x0, &y0);
  tacet_view_to_image (&state->view, state->widget_width, state->widget_height, &x1, &y1);
  first = down ? y0 : MIN (x0, x1);
  last = down ? y1 : MAX (x0, x1);
  for (double value = floor (first / step) * step; value <= last; value += small)
    {
      double x, y, at;
      gboolean large = fabs (remainder (value, step)) < small / 4;

      tacet_view_to_widget (&state->view, down ? 0 : value, down ? value : 0, &x, &y);
      at = floor (down ? y : x) + 0.5;
      if (at < RULER || at > length)
        continue;
      cairo_move_to (cr, down ? RULER : at, down ? at : RULER);
      cairo_line_to (cr, down ? (large ? 0 : RULER - 5) : at, down ? at : (large ? 0 : RULER - 5));
      cairo_stroke (cr);
      if (large)
        draw_label (state, cr, at, down, (int) lrint (value));
    }
}

void
tacet_canvas_draw_rulers (const TacetCanvasState *state, cairo_t *cr)
{
  double width = state->widget_width, height = state->widget_height;
  TacetRgb ink = tacet_palette_ink (state->dark);

  if (state->view.angle != 0)
    return; /* there is no such thing as its upper side */
  cairo_rectangle (cr, 0, 0, width, RULER);
  cairo_rectangle (cr, 0, RULER, RULER, height - RULER);
  if (state->dark)
    cairo_set_source_rgba (cr, 0.16, 0.16, 0.16, 0.96);
  else
    cairo_set_source_rgba (cr, 0.98, 0.98, 0.98, 0.96);
  cairo_fill (cr);
  cairo_set_line_width (cr, 1);
  tacet_palette_set (cr, ink, 0.25);
  cairo_move_to (cr, RULER, RULER - 0.5);
  cairo_line_to (cr, width, RULER - 0.5);
  cairo_move_to (cr, RULER - 0.5, RULER);
  cairo_line_to (cr, RULER - 0.5, height);
  cairo_stroke (cr);
  tacet_palette_set (cr, ink, 0.6);
  draw_ruler (state, cr, FALSE);
  draw_ruler (state, cr, TRUE);
}

void
tacet_canvas_draw_ruler_mark (const TacetCanvasState *state, cairo_t *cr, gboolean down)
{
  double at = down ? state->ring_y : state->ring_x;

  cairo_move_to (cr, down ? RULER - 1 : at, down ? at : RULER - 1);
  cairo_line_to (cr, down ? RULER - 7 : at - 4, down ? at - 4 : RULER - 7);
  cairo_line_to (cr, down ? RULER - 7 : at + 4, down ? at + 4 : RULER - 7);
  cairo_close_path (cr);
  tacet_palette_set (cr, tacet_palette_ink (state->dark), 0.9);
  cairo_fill (cr);
}
