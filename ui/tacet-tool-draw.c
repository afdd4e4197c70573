/* tacet-tool-draw.c: see tacet-tool-draw.h.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-tool-draw"

#include "config.h"

#include "ui/tacet-tool-draw.h"

#include <math.h>

void
tacet_tool_path (cairo_t *cr, const TacetView *view, const TacetInkPoint *points, gsize n, gboolean closed)
{
  cairo_new_path (cr);
  for (gsize i = 0; i < n; i++)
    {
      double x, y;

      tacet_view_to_widget (view, points[i].x, points[i].y, &x, &y);
      cairo_line_to (cr, x, y);
    }
  if (closed && n > 0)
    cairo_close_path (cr);
}

static void
set_shade (cairo_t *cr, TacetShade shade)
{
  if (shade == TACET_SHADE_PAINT)
    cairo_set_source_rgba (cr, 0.21, 0.52, 0.89, 0.5);
  else
    cairo_set_source_rgba (cr, 0.88, 0.11, 0.14, 0.4);
}

void
tacet_tool_outline (cairo_t *cr, gboolean dashed)
{
  const double dashes[] = { 5, 5 };

  cairo_set_line_width (cr, 3);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.65);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, 1.25);
  if (dashed)
    cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

void
tacet_tool_shade (cairo_t *cr, TacetShade shade)
{
  set_shade (cr, shade);
  cairo_fill_preserve (cr);
  tacet_tool_outline (cr, shade == TACET_SHADE_ERASE);
}

/* Four corners, turned the way that arcs turn: what overlaps in one path is filled once. */
static void
add_piece (cairo_t *cr, double x0, double y0, double radius0, double x1, double y1, double radius1)
{
  double length = hypot (x1 - x0, y1 - y0), nx = length > 0 ? (y1 - y0) / length : 0,
         ny = length > 0 ? (x0 - x1) / length : 0;

  cairo_move_to (cr, x0 + nx * radius0, y0 + ny * radius0);
  cairo_line_to (cr, x1 + nx * radius1, y1 + ny * radius1);
  cairo_line_to (cr, x1 - nx * radius1, y1 - ny * radius1);
  cairo_line_to (cr, x0 - nx * radius0, y0 - ny * radius0);
  cairo_close_path (cr);
}

void
tacet_tool_shade_line (cairo_t *cr, const TacetView *view, const TacetInkPoint *points, gsize n, gboolean closed,
                       TacetShade shade)
{
  cairo_new_path (cr);
  for (gsize i = 0; i < n; i++)
    {
      const TacetInkPoint *a = &points[i], *b = &points[(i + 1) % n];
      double x0, y0, x1, y1;
      double radius0 = MAX (a->width * view->zoom, 1) / 2, radius1 = MAX (b->width * view->zoom, 1) / 2;

      tacet_view_to_widget (view, a->x, a->y, &x0, &y0);
      tacet_view_to_widget (view, b->x, b->y, &x1, &y1);
      cairo_new_sub_path (cr);
      cairo_arc (cr, x0, y0, radius0, 0, 2 * G_PI);
      cairo_close_path (cr);
      if (i + 1 < n || closed)
        add_piece (cr, x0, y0, radius0, x1, y1, radius1);
    }
  set_shade (cr, shade);
  cairo_fill (cr);
}

void
tacet_tool_handle (cairo_t *cr, double x, double y, gboolean round, gboolean active)
{
  double radius = active ? TACET_HANDLE_RADIUS + 1.5 : TACET_HANDLE_RADIUS;

  cairo_new_path (cr);
  if (round)
    cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  else
    cairo_rectangle (cr, x - radius + 0.5, y - radius + 0.5, 2 * radius - 1, 2 * radius - 1);
  cairo_set_source_rgb (cr, active ? 0.21 : 1, active ? 0.52 : 1, active ? 0.89 : 1);
  cairo_fill_preserve (cr);
  cairo_set_line_width (cr, 1.5);
  cairo_set_source_rgb (cr, active ? 1 : 0.1, active ? 1 : 0.1, active ? 1 : 0.1);
  cairo_stroke (cr);
}

gboolean
tacet_tool_near (const TacetView *view, double x, double y, double widget_x, double widget_y)
{
  double at_x, at_y;

  tacet_view_to_widget (view, x, y, &at_x, &at_y);
  return hypot (at_x - widget_x, at_y - widget_y) <= TACET_HANDLE_REACH;
}
