/* tacet-layer-thumbnail.c: see tacet-layer-thumbnail.h.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-layer-thumbnail"

#include "config.h"

#include "ui/tacet-layer-thumbnail.h"

#include "ui/tacet-hatch.h"

#include <math.h>

#define MAX_SIZE    512
#define SAMPLES     10  /* of a pixel's width and height */
#define LINE_WEIGHT 3.5 /* lines are thin: the mean over a pixel would all but lose them */

typedef struct
{
  double red, green, blue, alpha; /* sums of samples, multiplied by alpha, 0 .. 1 */
} Colour;

static double
sample (const TacetImage *image, int x, int y, int channel)
{
  return image->data[((gsize) y * image->width + x) * image->channels + channel] / 255.0;
}

/* What the layer says at one place of the document. */
static Colour
colour_at (const TacetLayerThumbnail *layer, int x, int y)
{
  const TacetImage *map = layer->kind == TACET_LAYER_PICTURE ? layer->picture : layer->map;
  double alpha = layer->coverage != NULL ? sample (layer->coverage, x, y, 0) : 1;
  gboolean rgb = map != NULL && map->channels >= 3;

  if (layer->kind == TACET_LAYER_REGION)
    return (Colour){ layer->colour.red * alpha, layer->colour.green * alpha, layer->colour.blue * alpha, alpha };
  if (layer->kind == TACET_LAYER_MASK)
    return (Colour){ alpha, alpha, alpha, 1 };
  if (map == NULL)
    return (Colour){ 0 };
  if (map->channels == 4)
    alpha *= sample (map, x, y, 3);
  return (Colour){ sample (map, x, y, 0) * alpha, sample (map, x, y, rgb ? 1 : 0) * alpha,
                   sample (map, x, y, rgb ? 2 : 0) * alpha, alpha };
}

/* Mean over the part of the document from (x, y) on. */
static Colour
mean_colour (const TacetLayerThumbnail *layer, double x, double y, double side, int width, int height)
{
  int n = (int) CLAMP (ceil (side), 1, SAMPLES);
  double line_weight = layer->kind == TACET_LAYER_EDGE || layer->kind == TACET_LAYER_POSE ? LINE_WEIGHT : 1;
  Colour sum = { 0 };

  for (int v = 0; v < n; v++)
    for (int u = 0; u < n; u++)
      {
        Colour one = colour_at (layer, MIN ((int) (x + (u + 0.5) * side / n), width - 1),
                                MIN ((int) (y + (v + 0.5) * side / n), height - 1));

        sum.red += one.red;
        sum.green += one.green;
        sum.blue += one.blue;
        sum.alpha += one.alpha;
      }
  line_weight = 1 + (line_weight - 1) * MIN ((side - 1) / 4, 1);
  sum.alpha = MIN (sum.alpha / (n * n), 1);
  sum.red = MIN (sum.red / (n * n) * line_weight, sum.alpha);
  sum.green = MIN (sum.green / (n * n) * line_weight, sum.alpha);
  sum.blue = MIN (sum.blue / (n * n) * line_weight, sum.alpha);
  return sum;
}

static guint32
pack (Colour over, double ground)
{
  guint32 red = (guint32) lrint ((over.red + ground * (1 - over.alpha)) * 255);
  guint32 green = (guint32) lrint ((over.green + ground * (1 - over.alpha)) * 255);
  guint32 blue = (guint32) lrint ((over.blue + ground * (1 - over.alpha)) * 255);

  return 0xff000000u | MIN (red, 255) << 16 | MIN (green, 255) << 8 | MIN (blue, 255);
}

cairo_surface_t *
tacet_layer_thumbnail_draw (const TacetLayerThumbnail *layer, int size, gboolean dark)
{
  const TacetImage *any = layer->picture != NULL ? layer->picture : layer->map != NULL ? layer->map : layer->coverage;
  cairo_surface_t *surface;
  double scale, left, top;
  int width, height, stride;
  guint8 *data;

  g_return_val_if_fail (size >= 1 && size <= MAX_SIZE, NULL);
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size, size);
  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_destroy (surface);
      return NULL;
    }
  width = any != NULL ? any->width : 1;
  height = any != NULL ? any->height : 1;
  scale = (double) MAX (width, height) / size;
  left = (size - width / scale) / 2;
  top = (size - height / scale) / 2;
  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  stride = cairo_image_surface_get_stride (surface);
  for (int y = (int) ceil (top - 0.5); y < (int) floor (size - top + 0.5); y++)
    for (int x = (int) ceil (left - 0.5); x < (int) floor (size - left + 0.5); x++)
      {
        double ground = ((x / 4 + y / 4) & 1 ? 0.05 : 0) + (dark ? 0.24 : 0.84);
        Colour colour = { 0 };

        if (any != NULL)
          colour = mean_colour (layer, MAX ((x - left) * scale, 0), MAX ((y - top) * scale, 0), scale, width, height);
        /* A region is see-through, but for its hatch. */
        if (layer->kind == TACET_LAYER_REGION)
          {
            double ink =
                0.35 + 0.65 * tacet_hatch_row (layer->hatch, 1, y % TACET_HATCH_PERIOD)[x % TACET_HATCH_PERIOD] / 255.0;

            colour = (Colour){ colour.red * ink, colour.green * ink, colour.blue * ink, colour.alpha * ink };
          }
        ((guint32 *) (data + (gsize) y * stride))[x] = pack (colour, ground);
      }
  cairo_surface_mark_dirty (surface);
  return surface;
}
