/* tacet-view.c: where the document stands on the canvas.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-view"

#include "config.h"

#include "ui/tacet-view.h"

#include <math.h>

/* Exact at the quarters, where pixels must stay even. */
static void
get_rotation (double degrees, double *cosine, double *sine)
{
  double quarter = degrees / 90;

  *cosine = cos (degrees * G_PI / 180);
  *sine = sin (degrees * G_PI / 180);
  if (quarter == floor (quarter))
    {
      *cosine = round (*cosine);
      *sine = round (*sine);
    }
}

void
tacet_view_matrix (const TacetView *self, double matrix[4])
{
  double cosine, sine, side = self->mirrored ? -self->zoom : self->zoom;

  get_rotation (self->angle, &cosine, &sine);
  matrix[0] = cosine * side;
  matrix[1] = sine * side;
  matrix[2] = -sine * self->zoom;
  matrix[3] = cosine * self->zoom;
}

void
tacet_view_direction (const TacetView *self, double x, double y, double *image_x, double *image_y)
{
  double cosine, sine;

  get_rotation (self->angle, &cosine, &sine);
  *image_x = (cosine * x + sine * y) * (self->mirrored ? -1 : 1);
  *image_y = cosine * y - sine * x;
}

void
tacet_view_to_image (const TacetView *self, double x, double y, double *image_x, double *image_y)
{
  tacet_view_direction (self, (x - self->off_x) / self->zoom, (y - self->off_y) / self->zoom, image_x, image_y);
}

void
tacet_view_to_widget (const TacetView *self, double image_x, double image_y, double *x, double *y)
{
  double m[4];

  tacet_view_matrix (self, m);
  *x = m[0] * image_x + m[2] * image_y + self->off_x;
  *y = m[1] * image_x + m[3] * image_y + self->off_y;
}

void
tacet_view_extents (const TacetView *self, double image_width, double image_height, double *x, double *y, double *width,
                    double *height)
{
  double m[4];

  tacet_view_matrix (self, m);
  *x = self->off_x + MIN (m[0] * image_width, 0) + MIN (m[2] * image_height, 0);
  *y = self->off_y + MIN (m[1] * image_width, 0) + MIN (m[3] * image_height, 0);
  *width = fabs (m[0]) * image_width + fabs (m[2]) * image_height;
  *height = fabs (m[1]) * image_width + fabs (m[3]) * image_height;
}

void
tacet_view_turn_at (TacetView *self, double degrees, double x, double y)
{
  double image_x, image_y, now_x, now_y;

  tacet_view_to_image (self, x, y, &image_x, &image_y);
  self->angle = remainder (self->angle + degrees, 360);
  tacet_view_to_widget (self, image_x, image_y, &now_x, &now_y);
  self->off_x += x - now_x;
  self->off_y += y - now_y;
}

void
tacet_view_mirror_at (TacetView *self, double x)
{
  self->mirrored = !self->mirrored;
  self->angle = -self->angle;
  self->off_x = 2 * x - self->off_x;
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
  double x, y, extent_x, extent_y, zoom;

  self->zoom = 1;
  tacet_view_extents (self, image_width, image_height, &x, &y, &extent_x, &extent_y);
  zoom = MIN (room_x / MAX (extent_x, 1), room_y / MAX (extent_y, 1));
  if (zoom >= 2 && self->angle == 0)
    zoom = floor (zoom);
  self->zoom = CLAMP (zoom, TACET_VIEW_MIN_ZOOM, TACET_VIEW_MAX_ZOOM);
  self->off_x = self->off_y = 0;
  tacet_view_extents (self, image_width, image_height, &x, &y, &extent_x, &extent_y);
  self->off_x = round ((width - extent_x) / 2 - x);
  self->off_y = round ((height - extent_y) / 2 - y);
}

/* How far an extent must move. */
static double
missing (double start, double length, double room, double keep)
{
  double least = MIN (keep, length), most = MAX (room - least, least - length);
  return CLAMP (start, least - length, most) - start;
}

void
tacet_view_keep_visible (TacetView *self, double image_width, double image_height, double width, double height,
                         double keep)
{
  double x, y, extent_x, extent_y;

  tacet_view_extents (self, image_width, image_height, &x, &y, &extent_x, &extent_y);
  self->off_x += missing (x, extent_x, width, keep);
  self->off_y += missing (y, extent_y, height, keep);
}
