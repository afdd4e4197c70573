/* tacet-composite.c: maps laid over each other.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-composite"

#include "config.h"

#include "ui/tacet-composite.h"

#include <math.h>

typedef struct
{
  float red, green, blue, alpha; /* straight, 0 .. 1 */
} Pixel;

static void
blend (Pixel *under, Pixel over) /* `under` is premultiplied */
{
  under->red = over.red * over.alpha + under->red * (1 - over.alpha);
  under->green = over.green * over.alpha + under->green * (1 - over.alpha);
  under->blue = over.blue * over.alpha + under->blue * (1 - over.alpha);
  under->alpha = over.alpha + under->alpha * (1 - over.alpha);
}

static Pixel
map_pixel (const TacetImage *map, int x, int y)
{
  const guint8 *p = map->data + ((gsize) y * map->width + x) * map->channels;
  int green = map->channels >= 3 ? 1 : 0, blue = map->channels >= 3 ? 2 : 0;

  return (Pixel){ p[0] / 255.0f, p[green] / 255.0f, p[blue] / 255.0f, 1 };
}

static float
coverage_at (const TacetCompositeLayer *layer, int x, int y)
{
  if (layer->coverage == NULL)
    return 1;
  return layer->coverage->data[((gsize) y * layer->coverage->width + x) * layer->coverage->channels] / 255.0f;
}

static Pixel
layer_pixel (const TacetCompositeLayer *layer, gboolean over_picture, int x, int y)
{
  Pixel pixel = map_pixel (layer->map, x, y);
  float coverage = coverage_at (layer, x, y);
  float strongest = MAX (pixel.red, MAX (pixel.green, pixel.blue));

  if (layer->selected && !over_picture)
    pixel.alpha = coverage;
  else if (layer->kind == TACET_LAYER_DEPTH && over_picture)
    pixel.alpha = layer->selected ? coverage * 0.5f : 0; /* a second ground would only veil the picture */
  else if (layer->kind == TACET_LAYER_DEPTH)
    pixel.alpha = coverage * 0.3f;
  else if (layer->kind == TACET_LAYER_POSE)
    pixel.alpha = coverage * strongest;
  else
    pixel = (Pixel){ layer->colour.red, layer->colour.green, layer->colour.blue, coverage * strongest };
  return pixel;
}

/* Grounds below, then the selected map, then lines. */
static int
layer_rank (const TacetCompositeLayer *layer, gboolean over_picture)
{
  if (layer->selected && !over_picture)
    return 1;
  return layer->kind == TACET_LAYER_DEPTH ? 0 : 2;
}

static guint32
pack (Pixel p)
{
  guint32 alpha = (guint32) lrintf (p.alpha * 255), red = (guint32) lrintf (p.red * 255);
  guint32 green = (guint32) lrintf (p.green * 255), blue = (guint32) lrintf (p.blue * 255);

  return alpha << 24 | MIN (red, alpha) << 16 | MIN (green, alpha) << 8 | MIN (blue, alpha);
}

void
tacet_composite_update (TacetSurface *surface, const TacetCompositeLayer *layers, int n_layers, gboolean over_picture,
                        int x, int y, int width, int height)
{
  int right = MIN (x + width, tacet_surface_get_width (surface));
  int bottom = MIN (y + height, tacet_surface_get_height (surface));
  int stride;
  guint32 *pixels = tacet_surface_begin (surface, &stride);

  x = MAX (x, 0);
  y = MAX (y, 0);
  for (int row = y; row < bottom; row++)
    for (int column = x; column < right; column++)
      {
        Pixel sum = { 0 };

        for (int rank = 0; rank <= 2; rank++)
          for (int i = 0; i < n_layers; i++)
            if (layer_rank (&layers[i], over_picture) == rank)
              blend (&sum, layer_pixel (&layers[i], over_picture, column, row));
        pixels[(gsize) row * stride + column] = pack (sum);
      }
  tacet_surface_changed (surface, x, y, right - x, bottom - y);
}

TacetSurface *
tacet_composite_thumbnail (const TacetCompositeLayer *layer, int size, gboolean dark)
{
  g_autoptr (TacetSurface) self = tacet_surface_new (size, size);
  int width = layer->map->width, height = layer->map->height, longest = MAX (MAX (width, height), 1), stride;
  guint32 *pixels;

  if (self == NULL)
    return NULL;
  pixels = tacet_surface_begin (self, &stride);
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      {
        /* Mean over the part of the map under this pixel, so that thin lines do not vanish. */
        int x0 = (x * longest - (longest - width) * size / 2) / size, x1 = x0 + MAX (longest / size, 1);
        int y0 = (y * longest - (longest - height) * size / 2) / size, y1 = y0 + MAX (longest / size, 1);
        float ground = ((x / 4 + y / 4) & 1 ? 0.04f : 0) + (dark ? 0.26f : 0.84f);
        Pixel mean = { 0 };
        int n = 0;

        for (int v = MAX (y0, 0); v < MIN (y1, height); v++)
          for (int u = MAX (x0, 0); u < MIN (x1, width); u++, n++)
            {
              Pixel sum = { ground, ground, ground, 1 };
              blend (&sum, layer_pixel (layer, FALSE, u, v));
              mean.red += sum.red;
              mean.green += sum.green;
              mean.blue += sum.blue;
            }
        if (n == 0)
          continue;
        pixels[(gsize) y * stride + x] = pack ((Pixel){ mean.red / n, mean.green / n, mean.blue / n, 1 });
      }
  tacet_surface_changed (self, 0, 0, size, size);
  return g_steal_pointer (&self);
}
