/* tacet-ink.h: shapes as antialiased coverage of a rectangle of the document: what every tool but the brush makes.
 *
 * Room: engine/scene.  Pure functions without state; any thread.  Points are document pixels, the centre of the first
 * one is (0.5, 0.5).  What lies outside the document (width by height) is cut off before memory is asked for, so wild
 * coordinates cost nothing; points that are not numbers are left out.  NULL: no memory, or nothing is covered.
 */
#pragma once

#include "engine/image/tacet-image.h"

G_BEGIN_DECLS

typedef struct
{
  int x, y, width, height; /* inside the document */
  guint8 *alpha;           /* width * height: how much of each pixel is covered */
  guint8 *value;           /* the same size: what is painted there; NULL: the same everywhere */
} TacetInk;
void tacet_ink_free (TacetInk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetInk, tacet_ink_free)

typedef struct
{
  double x, y;
  double width; /* of the line here; ignored where an area is filled */
} TacetInkPoint;

/* ---- areas and lines; coverage is exact along rows and sampled 16 times down a pixel ---- */

/* The inside of the closed polygon, by nonzero winding. */
TacetInk *tacet_ink_fill (const TacetInkPoint *points, gsize n, int width, int height);
/* A line through the points with round joins and ends, its width running evenly from each to the next; one point is a
 * dot. */
TacetInk *tacet_ink_line (const TacetInkPoint *points, gsize n, gboolean closed, int width, int height);

/* Outlines to fill or draw; free with g_array_unref.  angle in degrees, clockwise, about the middle. */
GArray *tacet_ink_rectangle (double x, double y, double width, double height, double angle);
GArray *tacet_ink_ellipse (double x, double y, double width, double height, double angle);
/* The smooth curve through the points: centripetal Catmull-Rom, as the brush draws it, flattened to a quarter pixel. */
GArray *tacet_ink_curve (const TacetInkPoint *points, gsize n, gboolean closed);

/* ---- floods ---- */

typedef struct
{
  int tolerance;       /* 0 .. 255: how far a channel may differ from the pixel at the seed */
  gboolean contiguous; /* only what is connected with the seed */
  int gap;             /* contiguous: openings up to so many pixels are closed; 0: none */
} TacetInkFlood;
/* image: any channels; the ink has its size.  Its edge is soft where it ends at a line.  NULL also: the seed is
 * outside. */
TacetInk *tacet_ink_flood (const TacetImage *image, int x, int y, const TacetInkFlood *how);

/* ---- gradients ---- */

typedef enum
{
  TACET_INK_LINEAR, /* from the first point to the second, and on in the end values */
  TACET_INK_RADIAL, /* from the first point in the middle to the second on the rim */
} TacetInkGradient;
/* Covers the whole document; value runs from `from` to `to` (0 .. 1). */
TacetInk *tacet_ink_gradient (TacetInkGradient kind, double x0, double y0, double x1, double y1, double from, double to,
                              int width, int height);

G_END_DECLS
