/* tacet-canvas-draw.c: what the canvas shows.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-canvas-draw"

#include "config.h"

#include "ui/tacet-canvas-draw.h"

#include "ui/tacet-palette.h"

#include <math.h>
#include <pango/pangocairo.h>

#define SHADOW 6
#define PART   512

void
tacet_canvas_extents (const TacetCanvasState *state, double *x, double *y, double *width, double *height)
{
  tacet_view_extents (&state->view, state->width, state->height, x, y, width, height);
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

/* A soft edge that lifts the document off the ground, drawn as ever wider, ever fainter frames; nothing is drawn where
 * the document will hide it. */
void
tacet_canvas_draw_shadow (const TacetCanvasState *state, cairo_t *cr)
{
  cairo_save (cr);
  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_EVEN_ODD);
  for (int i = 1; i <= SHADOW; i++)
    {
      add_outline (state, cr, i, 2);
      add_outline (state, cr, -2, 0);
      cairo_set_source_rgba (cr, 0, 0, 0, state->dark ? 0.06 : 0.025);
      cairo_fill (cr);
    }
  cairo_restore (cr);
}

TacetScreen
tacet_canvas_get_screen (const TacetCanvasState *state, int scale)
{
  return (TacetScreen){
    .view = state->view,
    .width = state->width,
    .height = state->height,
    .scale = scale,
    .dark = state->dark,
    .below = state->picture,
    .above = state->layers,
    .inks = state->inks,
  };
}

static void
draw_pixels (const TacetScreen *screen, cairo_t *cr, const cairo_rectangle_int_t *part)
{
  cairo_surface_t *pixels = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, part->width, part->height);
  int x, y;

  tacet_screen_origin (screen, &x, &y);
  if (cairo_surface_status (pixels) == CAIRO_STATUS_SUCCESS)
    {
      tacet_screen_make (screen, part, G_MAXINT64);
      tacet_screen_draw (screen, part, (guint32 *) (void *) cairo_image_surface_get_data (pixels));
      cairo_surface_mark_dirty (pixels);
      cairo_set_source_surface (cr, pixels, x + part->x, y + part->y);
      cairo_paint (cr);
    }
  cairo_surface_destroy (pixels);
}

void
tacet_canvas_draw_document (const TacetCanvasState *state, cairo_t *cr)
{
  TacetScreen screen = tacet_canvas_get_screen (state, 1);
  cairo_rectangle_int_t all = tacet_screen_extents (&screen);

  tacet_canvas_draw_shadow (state, cr);
  for (int y = all.y; y < all.y + all.height; y += PART)
    for (int x = all.x; x < all.x + all.width; x += PART)
      {
        cairo_rectangle_int_t part = { x, y, MIN (PART, all.x + all.width - x), MIN (PART, all.y + all.height - y) };

        draw_pixels (&screen, cr, &part);
      }
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
