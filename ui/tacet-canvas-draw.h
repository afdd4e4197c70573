/* tacet-canvas-draw.h: everything that the canvas shows, drawn from plain values.
 *
 * Room: ui, the part without widgets: tests compare its pictures without a display.  Coordinates of the
 * cairo context are those of the widget.
 */
#pragma once

#include "ui/tacet-surface.h"

#include <pango/pango.h>

G_BEGIN_DECLS

typedef struct
{
  TacetView view;
  int width, height; /* of the document */
  gboolean dark;
  const PangoFontDescription *font; /* NULL: the system's */

  TacetSurface *picture;   /* preview or result; NULL: the checkerboard */
  TacetSurface *maps;      /* over it; NULL: none */
  const char *frame_label; /* "Preview"; NULL: no frame */

  gboolean show_ring;
  double ring_x, ring_y; /* widget */
  double ring_diameter;  /* document */
  gboolean ring_dashed;  /* the eraser's */
} TacetCanvasState;

/* The extents of the document on the widget. */
void tacet_canvas_extents (const TacetCanvasState *state, double *x, double *y, double *width, double *height);
void tacet_canvas_draw_document (const TacetCanvasState *state, cairo_t *cr);
void tacet_canvas_draw_overlays (const TacetCanvasState *state, cairo_t *cr);
void tacet_canvas_draw_ring (const TacetCanvasState *state, cairo_t *cr);
void tacet_canvas_draw (const TacetCanvasState *state, cairo_t *cr);

G_END_DECLS
