/* tacet-surface-image.c: a picture as a surface: turned into what is shown part by part, and only where it is seen.
 *
 * Room: ui, no widgets.
 */
#define G_LOG_DOMAIN "tacet-surface"

#include "config.h"

#include "ui/tacet-composite-rows.h"
#include "ui/tacet-surface.h"

static void
fill_part (gpointer data, int level, const cairo_rectangle_int_t *part, const TacetLevel *to)
{
  const TacetImage *image = data;
  int x = part->x << level, columns = MIN (part->width << level, image->width - x), channels = image->channels;
  gsize stride = (gsize) image->width * channels;
  guint8 scratch[4 * TACET_ROW];

  for (int y = part->y; y < part->y + part->height; y++)
    {
      int rows = MIN (1 << level, image->height - (y << level));
      const guint8 *in = image->data + (gsize) (y << level) * stride + (gsize) x * channels;
      guint32 *out = to->pixels + (gsize) y * to->width + part->x;

      if (channels == 4)
        in = tacet_rows_reduce_picture (in, stride, columns, rows, level, scratch);
      else
        in = tacet_rows_reduce (in, stride, channels, columns, rows, level, scratch);
      if (channels == 4)
        tacet_rows_picture (in, 255, part->width, out);
      else if (channels == 3)
        tacet_rows_rgb (in, NULL, 255, part->width, out);
      else
        tacet_rows_gray (in, NULL, 255, part->width, out);
    }
}

TacetSurface *
tacet_surface_new_of_image (TacetImage *image)
{
  return tacet_surface_new_filled (image->width, image->height, image->channels == 4 ? 0 : TACET_SURFACE_OPAQUE,
                                   fill_part, tacet_image_ref (image), (GDestroyNotify) tacet_image_unref);
}
