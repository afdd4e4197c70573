/* tacet-view.h: where the document stands on the canvas: mirrored, enlarged, turned, moved, in this order.
 *
 * Room: ui, the part without widgets.  Plain numbers; lengths in logical pixels of the widget and in
 * pixels of the document.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TACET_VIEW_MIN_ZOOM 0.05
#define TACET_VIEW_MAX_ZOOM 64.0

typedef struct
{
  double zoom;
  double off_x, off_y; /* of the document's top left corner */
  double angle;        /* degrees, clockwise, -180 .. 180 */
  gboolean mirrored;   /* left and right exchanged */
} TacetView;

void tacet_view_to_image (const TacetView *self, double x, double y, double *image_x, double *image_y);
void tacet_view_to_widget (const TacetView *self, double image_x, double image_y, double *x, double *y);
/* The step of the document that is seen as the step (x, y) of one document pixel's length on the widget. */
void tacet_view_direction (const TacetView *self, double x, double y, double *image_x, double *image_y);
/* widget = [xx xy; yx yy] document + offset, as cairo orders it: xx, yx, xy, yy. */
void tacet_view_matrix (const TacetView *self, double matrix[4]);
/* The upright rectangle around the document on the widget. */
void tacet_view_extents (const TacetView *self, double image_width, double image_height, double *x, double *y,
                         double *width, double *height);
/* Both about a point of the widget, under which the document's point stays. */
void tacet_view_turn_at (TacetView *self, double degrees, double x, double y);
void tacet_view_mirror_at (TacetView *self, double x);
/* Multiplies the zoom within the limits; the document's point under (x, y) stays there. */
void tacet_view_zoom_at (TacetView *self, double factor, double x, double y);
/* The whole document, centred, with a margin, turned and mirrored as it is; upright and from 200 % on in whole
 * steps, so that pixels are even. */
void tacet_view_fit (TacetView *self, double image_width, double image_height, double width, double height,
                     double margin);
/* Moves the document back until at least `keep` pixels of it can be seen on each axis. */
void tacet_view_keep_visible (TacetView *self, double image_width, double image_height, double width, double height,
                              double keep);

G_END_DECLS
