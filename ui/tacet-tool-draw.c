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
    cairo_set_source_rgba (cr, 0.21, 0.52, 0.89, 0.45);
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

void
tacet_tool_shade_line (cairo_t *cr, const TacetView *view, const TacetInkPoint *points, gsize n, gboolean closed,
                       TacetShade shade)
{
  /* A group, so that pieces that overlap do not add up. */
  cairo_push_group (cr);
  cairo_set_source_rgb (cr, shade == TACET_SHADE_PAINT ? 0.21 : 0.88, shade == TACET_SHADE_PAINT ? 0.52 : 0.11,
                        shade == TACET_SHADE_PAINT ? 0.89 : 0.14);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (gsize i = 0; i < n && (i + 1 < n || closed || n == 1); i++)
    {
      const TacetInkPoint *a = &points[i], *b = &points[(i + 1) % n];
      double x, y;

      tacet_view_to_widget (view, a->x, a->y, &x, &y);
      cairo_move_to (cr, x, y);
      tacet_view_to_widget (view, b->x, b->y, &x, &y);
      cairo_line_to (cr, x, y);
      cairo_set_line_width (cr, MAX ((a->width + b->width) / 2 * view->zoom, 1));
      cairo_stroke (cr);
    }
  cairo_pop_group_to_source (cr);
  cairo_paint_with_alpha (cr, 0.75);
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
