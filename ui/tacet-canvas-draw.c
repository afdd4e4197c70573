/* tacet-canvas-draw.c: what the canvas shows.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-canvas-draw"

#include "config.h"

#include "ui/tacet-canvas-draw.h"

#include "ui/tacet-palette.h"

#include <math.h>
#include <pango/pangocairo.h>

#define CHECKER 10

void
tacet_canvas_extents (const TacetCanvasState *state, double *x, double *y, double *width, double *height)
{
  tacet_view_extents (&state->view, state->width, state->height, x, y, width, height);
}

/* Two cells by two, repeated by cairo; fixed size on the screen, anchored at the document. */
static cairo_pattern_t *
checkerboard (gboolean dark)
{
  cairo_surface_t *cells = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 2 * CHECKER, 2 * CHECKER);
  cairo_t *cr = cairo_create (cells);
  double even = dark ? 0.26 : 0.88, odd = dark ? 0.30 : 0.94;
  cairo_pattern_t *pattern;

  cairo_set_source_rgb (cr, even, even, even);
  cairo_paint (cr);
  cairo_set_source_rgb (cr, odd, odd, odd);
  cairo_rectangle (cr, 0, 0, CHECKER, CHECKER);
  cairo_rectangle (cr, CHECKER, CHECKER, CHECKER, CHECKER);
  cairo_fill (cr);
  cairo_destroy (cr);
  pattern = cairo_pattern_create_for_surface (cells);
  cairo_surface_destroy (cells);
  cairo_pattern_set_extend (pattern, CAIRO_EXTEND_REPEAT);
  cairo_pattern_set_filter (pattern, CAIRO_FILTER_NEAREST);
  return pattern;
}

/* The document's outline, `around` widget pixels wider and `down` lower, as a path in coordinates of the widget. */
static void
add_outline (const TacetCanvasState *state, cairo_t *cr, double around, double down)
{
  double wider = around / state->view.zoom;

  cairo_save (cr);
  cairo_translate (cr, 0, down);
  tacet_surface_transform (cr, &state->view);
  cairo_rectangle (cr, -wider, -wider, state->width + 2 * wider, state->height + 2 * wider);
  cairo_restore (cr);
}

static void
draw_ground (const TacetCanvasState *state, cairo_t *cr)
{
  cairo_pattern_t *pattern = checkerboard (state->dark);

  /* A soft edge that lifts the document off the ground, drawn as ever wider, ever fainter frames. */
  for (int i = 1; i <= 6; i++)
    {
      add_outline (state, cr, i, 2);
      cairo_set_source_rgba (cr, 0, 0, 0, state->dark ? 0.06 : 0.025);
      cairo_fill (cr);
    }
  cairo_save (cr);
  add_outline (state, cr, 0, 0);
  cairo_clip (cr);
  cairo_translate (cr, round (state->view.off_x), round (state->view.off_y));
  cairo_set_source (cr, pattern);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_pattern_destroy (pattern);
}

void
tacet_canvas_draw_document (const TacetCanvasState *state, cairo_t *cr)
{
  draw_ground (state, cr);
  if (state->picture != NULL)
    tacet_surface_paint (state->picture, cr, &state->view, state->width, state->height);
  if (state->maps != NULL)
    tacet_surface_paint (state->maps, cr, &state->view, state->width, state->height);
}

static void
draw_label (const TacetCanvasState *state, cairo_t *cr, double x, double y)
{
  g_autoptr (PangoLayout) layout = pango_cairo_create_layout (cr);
  g_autoptr (PangoFontDescription) font =
      state->font ? pango_font_description_copy (state->font) : pango_font_description_from_string ("Sans 10");
  int width, height;

  pango_font_description_set_weight (font, PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_text (layout, state->frame_label, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  cairo_rectangle (cr, x, y, width + 16, height + 8);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.65);
  cairo_fill (cr);
  cairo_move_to (cr, x + 8, y + 4);
  cairo_set_source_rgb (cr, 1, 1, 1);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_frame (const TacetCanvasState *state, cairo_t *cr)
{
  const double dashes[] = { 7, 7 };
  double x, y, width, height;

  tacet_canvas_extents (state, &x, &y, &width, &height);
  cairo_set_line_width (cr, 2);
  add_outline (state, cr, 1, 0);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.8);
  cairo_stroke_preserve (cr);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  draw_label (state, cr, x, y);
}

void
tacet_canvas_draw_overlays (const TacetCanvasState *state, cairo_t *cr)
{
  if (state->frame_label != NULL)
    draw_frame (state, cr);
}

/* Black and white beside each other: seen on every ground. */
void
tacet_canvas_draw_ring (const TacetCanvasState *state, cairo_t *cr)
{
  const double dashes[] = { 4, 4 };
  double radius = MAX (state->ring_diameter * state->view.zoom / 2, 1.5);

  if (!state->show_ring)
    return;
  cairo_new_path (cr);
  cairo_set_line_width (cr, 1.25);
  cairo_arc (cr, state->ring_x, state->ring_y, radius + 1.25, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.75);
  cairo_stroke (cr);
  if (state->ring_dashed)
    cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_arc (cr, state->ring_x, state->ring_y, radius, 0, 2 * G_PI);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

void
tacet_canvas_draw (const TacetCanvasState *state, cairo_t *cr)
{
  tacet_canvas_draw_document (state, cr);
  tacet_canvas_draw_overlays (state, cr);
  tacet_canvas_draw_ring (state, cr);
}
