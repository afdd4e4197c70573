/* tacet-view.c: where the document stands on the canvas.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-view"

#include "config.h"

#include "ui/tacet-view.h"

#include <math.h>

void
tacet_view_to_image (const TacetView *self, double x, double y, double *image_x, double *image_y)
{
  *image_x = (x - self->off_x) / self->zoom;
  *image_y = (y - self->off_y) / self->zoom;
}

void
tacet_view_to_widget (const TacetView *self, double image_x, double image_y, double *x, double *y)
{
  *x = image_x * self->zoom + self->off_x;
  *y = image_y * self->zoom + self->off_y;
}

void
tacet_view_zoom_at (TacetView *self, double factor, double x, double y)
{
  double zoom = CLAMP (self->zoom * factor, TACET_VIEW_MIN_ZOOM, TACET_VIEW_MAX_ZOOM);
  double ratio = zoom / self->zoom;

  self->off_x = x - (x - self->off_x) * ratio;
  self->off_y = y - (y - self->off_y) * ratio;
  self->zoom = zoom;
}

void
tacet_view_fit (TacetView *self, double image_width, double image_height, double width, double height, double margin)
{
  double room_x = MAX (width - 2 * margin, 1), room_y = MAX (height - 2 * margin, 1);
  double zoom = MIN (room_x / MAX (image_width, 1), room_y / MAX (image_height, 1));

  if (zoom >= 2)
    zoom = floor (zoom);
  self->zoom = CLAMP (zoom, TACET_VIEW_MIN_ZOOM, TACET_VIEW_MAX_ZOOM);
  self->off_x = round ((width - image_width * self->zoom) / 2);
  self->off_y = round ((height - image_height * self->zoom) / 2);
}

static double
keep_axis (double offset, double length, double room, double keep)
{
  double least = MIN (keep, length), most = MAX (room - least, least - length);
  return CLAMP (offset, least - length, most);
}

void
tacet_view_keep_visible (TacetView *self, double image_width, double image_height, double width, double height,
                         double keep)
{
  self->off_x = keep_axis (self->off_x, image_width * self->zoom, width, keep);
  self->off_y = keep_axis (self->off_y, image_height * self->zoom, height, keep);
}
