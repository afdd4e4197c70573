/* tacet-orient.c: pictures as a camera was held.
 *
 * Room: engine/image.  Source: Exif 2.32, 4.6.4 (orientation): where row 0 and column 0 of the stored picture lie.
 */
#include "tacet-image-file.h"
#include <string.h>

TacetImage *
tacet_image_orient (TacetImage *self, int orientation)
{
  if (orientation <= 1 || orientation > 8)
    return tacet_image_ref (self);
  gboolean across = orientation >= 5; /* rows become columns */
  gboolean from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  gboolean from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  TacetImage *turned =
      tacet_image_new (across ? self->height : self->width, across ? self->width : self->height, self->channels);
  guint8 *to = turned != NULL ? turned->data : NULL;
  for (int y = 0; to != NULL && y < turned->height; y++)
    for (int x = 0; x < turned->width; x++, to += self->channels)
      {
        int column = across ? y : x, row = across ? x : y;
        column = from_right ? self->width - 1 - column : column;
        row = from_below ? self->height - 1 - row : row;
        memcpy (to, self->data + ((gsize) row * self->width + column) * self->channels, (gsize) self->channels);
      }
  return turned;
}
