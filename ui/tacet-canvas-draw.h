/* tacet-canvas-draw.h: everything that the canvas shows, drawn from plain values.
 *
 * Room: ui, the part without widgets: tests compare its pictures without a display.  Coordinates of the
 * cairo context are those of the widget.
 */
#pragma once

#include "ui/tacet-screen.h"

#include <pango/pango.h>

G_BEGIN_DECLS

#define TACET_CANVAS_RULER 18 /* their breadth, pixels of the widget */

typedef struct
{
  TacetView view;
  int width, height; /* of the document */
  int widget_width, widget_height;
  gboolean dark, right_to_left, rulers;
  const PangoFontDescription *font; /* NULL: the system's */

  TacetSurface *picture;   /* preview or result; NULL: the checkerboard */
  TacetSurface *layers;    /* over it; NULL: none */
  const guint32 *inks;     /* of the hatches of the layers */
  const char *frame_label; /* "Preview"; NULL: no frame */
  const char *hud;         /* what is said in the lower corner, in lines; NULL: nothing */

  gboolean show_ring;
  double ring_x, ring_y; /* widget */
  double ring_diameter;  /* document */
  gboolean ring_dashed;  /* the eraser's */
} TacetCanvasState;

/* The extents of the document on the widget. */
void tacet_canvas_extents (const TacetCanvasState *state, double *x, double *y, double *width, double *height);
TacetScreen tacet_canvas_get_screen (const TacetCanvasState *state, int scale); /* pixels of the device */
void tacet_canvas_draw_shadow (const TacetCanvasState *state, cairo_t *cr);
void tacet_canvas_draw_document (const TacetCanvasState *state, cairo_t *cr); /* the whole of it at once */
void tacet_canvas_draw_overlays (const TacetCanvasState *state, cairo_t *cr);
void tacet_canvas_draw_rulers (const TacetCanvasState *state, cairo_t *cr);
/* Where the pointer stands, on the upper ruler or (down) the left one, within TACET_CANVAS_RULER of that place. */
void tacet_canvas_draw_ruler_mark (const TacetCanvasState *state, cairo_t *cr, gboolean down);
double tacet_canvas_ruler_step (double zoom); /* document pixels from label to label: 1, 2, 5, 10 ... */
void tacet_canvas_draw_hud (const TacetCanvasState *state, cairo_t *cr);
void tacet_canvas_draw_ring (const TacetCanvasState *state, cairo_t *cr);
void tacet_canvas_draw (const TacetCanvasState *state, cairo_t *cr);

G_END_DECLS
