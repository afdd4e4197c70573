/* tacet-screen.h: the document as the screen shows it: checkerboard, result, layers, hatches, soft borders.
 *
 * Room: ui, the part without widgets.  Lengths are pixels of the device (`scale` of them in one of the widget); places
 * are counted from the document's top left corner, rounded to such a pixel, so that what was drawn can be moved.
 */
#pragma once

#include "ui/tacet-surface.h"

G_BEGIN_DECLS

typedef struct
{
  TacetView view;
  int width, height; /* of the document */
  int scale;
  gboolean dark;
  gboolean draft;      /* quickly, for a picture that is shown twice as large: nothing is smoothed or hatched */
  TacetSurface *below; /* the result or preview, of any size; NULL: none */
  TacetSurface *above; /* the layers; NULL: none */
  const guint32 *inks; /* of the hatches; NULL: no hatches */
} TacetScreen;

void tacet_screen_origin (const TacetScreen *self, int *x, int *y); /* of the corner, on the widget */
/* The upright rectangle that the document needs. */
cairo_rectangle_int_t tacet_screen_extents (const TacetScreen *self);
/* Makes what the part needs until the deadline; FALSE: some of it is still as it was, or missing. */
gboolean tacet_screen_make (const TacetScreen *self, const cairo_rectangle_int_t *part, gint64 deadline);
/* Is there something to draw for the part, if not what should be seen. */
gboolean tacet_screen_can_draw (const TacetScreen *self, const cairo_rectangle_int_t *part);
/* Premultiplied ARGB32 from what is made, rows of part->width pixels.  A level that is missing is replaced by a made
 * one near it. */
void tacet_screen_draw (const TacetScreen *self, const cairo_rectangle_int_t *part, guint32 *pixels);
/* The part that a rectangle of the document covers, smoothing included. */
cairo_rectangle_int_t tacet_screen_part (const TacetScreen *self, const cairo_rectangle_int_t *document);

G_END_DECLS
