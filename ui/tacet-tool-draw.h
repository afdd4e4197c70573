/* tacet-tool-draw.h: what tools draw over the document: outlines and handles that are seen on every ground.
 *
 * Room: ui, the part without widgets.
 */
#pragma once

#include "engine/scene/tacet-ink.h"
#include "ui/tacet-view.h"

#include <cairo.h>

G_BEGIN_DECLS

#define TACET_HANDLE_RADIUS 5.0
#define TACET_HANDLE_REACH  11.0 /* of the pointer, in pixels of the widget */

typedef enum
{
  TACET_SHADE_PAINT,
  TACET_SHADE_ERASE,
} TacetShade;

/* The points as a path in coordinates of the widget. */
void tacet_tool_path (cairo_t *cr, const TacetView *view, const TacetInkPoint *points, gsize n, gboolean closed);
/* What the path will cover, and its outline in light and dark dashes; takes the path. */
void tacet_tool_shade (cairo_t *cr, TacetShade shade);
void tacet_tool_outline (cairo_t *cr, gboolean dashed);
/* A line of changing width through the points, as it will be drawn. */
void tacet_tool_shade_line (cairo_t *cr, const TacetView *view, const TacetInkPoint *points, gsize n, gboolean closed,
                            TacetShade shade);
/* Round: turns or bends; else square. */
void tacet_tool_handle (cairo_t *cr, double x, double y, gboolean round, gboolean active);
gboolean tacet_tool_near (const TacetView *view, double x, double y, double widget_x, double widget_y);

G_END_DECLS
