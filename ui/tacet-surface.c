/* tacet-surface.c: kept pixels and their halved copies.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-surface"

#include "config.h"

#include "ui/tacet-surface.h"

#define MAX_LEVELS 8

typedef struct
{
  cairo_surface_t *pixels; /* NULL: not made yet */
  int width, height;
  cairo_rectangle_int_t stale; /* part that must be made again from the level before */
} Level;

struct _TacetSurface
{
  Level levels[MAX_LEVELS];
  int n_levels;
};

static cairo_surface_t *
create_pixels (int width, int height)
{
  cairo_surface_t *pixels = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);

  if (cairo_surface_status (pixels) == CAIRO_STATUS_SUCCESS)
    return pixels;
  cairo_surface_destroy (pixels);
  return NULL;
}

TacetSurface *
tacet_surface_new (int width, int height)
{
  cairo_surface_t *pixels = create_pixels (width, height);
  TacetSurface *self;

  if (pixels == NULL)
    return NULL;
  self = g_new0 (TacetSurface, 1);
  self->levels[0] = (Level){ .pixels = pixels, .width = width, .height = height };
  for (self->n_levels = 1; self->n_levels < MAX_LEVELS; self->n_levels++)
    {
      const Level *before = &self->levels[self->n_levels - 1];
      Level *level = &self->levels[self->n_levels];

      if (before->width < 64 || before->height < 64)
        break;
      level->width = (before->width + 1) / 2;
      level->height = (before->height + 1) / 2;
      level->stale = (cairo_rectangle_int_t){ 0, 0, level->width, level->height };
    }
  return self;
}

TacetSurface *
tacet_surface_new_from_image (const TacetImage *image)
{
  g_autoptr (TacetSurface) self = tacet_surface_new (image->width, image->height);
  int stride;
  guint32 *pixels;

  if (self == NULL)
    return NULL;
  pixels = tacet_surface_begin (self, &stride);
  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      {
        const guint8 *p = image->data + ((gsize) y * image->width + x) * image->channels;
        guint32 red = p[0], green = image->channels >= 3 ? p[1] : p[0], blue = image->channels >= 3 ? p[2] : p[0];
        guint32 alpha = image->channels == 4 ? p[3] : 255;

        pixels[(gsize) y * stride + x] = alpha << 24 | ((red * alpha + 127) / 255) << 16 |
                                         ((green * alpha + 127) / 255) << 8 | (blue * alpha + 127) / 255;
      }
  tacet_surface_changed (self, 0, 0, image->width, image->height);
  return g_steal_pointer (&self);
}

void
tacet_surface_free (TacetSurface *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < self->n_levels; i++)
    g_clear_pointer (&self->levels[i].pixels, cairo_surface_destroy);
  g_free (self);
}

int
tacet_surface_get_width (const TacetSurface *self)
{
  return self->levels[0].width;
}

int
tacet_surface_get_height (const TacetSurface *self)
{
  return self->levels[0].height;
}

guint32 *
tacet_surface_begin (TacetSurface *self, int *stride_in_pixels)
{
  cairo_surface_flush (self->levels[0].pixels);
  *stride_in_pixels = cairo_image_surface_get_stride (self->levels[0].pixels) / 4;
  return (guint32 *) (void *) cairo_image_surface_get_data (self->levels[0].pixels);
}

static cairo_rectangle_int_t
rectangle_union (cairo_rectangle_int_t a, cairo_rectangle_int_t b)
{
  int right = MAX (a.x + a.width, b.x + b.width), bottom = MAX (a.y + a.height, b.y + b.height);

  if (a.width <= 0 || a.height <= 0)
    return b;
  if (b.width <= 0 || b.height <= 0)
    return a;
  a.x = MIN (a.x, b.x);
  a.y = MIN (a.y, b.y);
  a.width = right - a.x;
  a.height = bottom - a.y;
  return a;
}

void
tacet_surface_changed (TacetSurface *self, int x, int y, int width, int height)
{
  int right = MIN (x + width, self->levels[0].width), bottom = MIN (y + height, self->levels[0].height);

  x = MAX (x, 0);
  y = MAX (y, 0);
  if (right <= x || bottom <= y)
    return;
  cairo_surface_mark_dirty_rectangle (self->levels[0].pixels, x, y, right - x, bottom - y);
  for (int i = 1; i < self->n_levels; i++)
    {
      Level *level = &self->levels[i];
      cairo_rectangle_int_t stale;

      x /= 2;
      y /= 2;
      right = MIN ((right + 1) / 2, level->width);
      bottom = MIN ((bottom + 1) / 2, level->height);
      stale = (cairo_rectangle_int_t){ x, y, right - x, bottom - y };
      level->stale = rectangle_union (level->stale, stale);
    }
}

/* Mean of each premultiplied channel over two by two pixels; the last row or column repeats. */
static void
halve (const Level *from, Level *to)
{
  const guint32 *in = (const guint32 *) (void *) cairo_image_surface_get_data (from->pixels);
  guint32 *out = (guint32 *) (void *) cairo_image_surface_get_data (to->pixels);
  int in_stride = cairo_image_surface_get_stride (from->pixels) / 4;
  int out_stride = cairo_image_surface_get_stride (to->pixels) / 4;

  for (int y = to->stale.y; y < to->stale.y + to->stale.height; y++)
    for (int x = to->stale.x; x < to->stale.x + to->stale.width; x++)
      {
        int x1 = MIN (2 * x + 1, from->width - 1), y1 = MIN (2 * y + 1, from->height - 1);
        guint32 p[4] = { in[(gsize) 2 * y * in_stride + 2 * x], in[(gsize) 2 * y * in_stride + x1],
                         in[(gsize) y1 * in_stride + 2 * x], in[(gsize) y1 * in_stride + x1] };
        guint32 even = 0x00020002, odd = 0x00020002;

        for (int i = 0; i < 4; i++)
          {
            even += p[i] & 0x00ff00ff;
            odd += p[i] >> 8 & 0x00ff00ff;
          }
        out[(gsize) y * out_stride + x] = (even >> 2 & 0x00ff00ff) | (odd >> 2 & 0x00ff00ff) << 8;
      }
}

/* Makes what is missing up to `index`; answers the level that can be drawn. */
static const Level *
get_level (TacetSurface *self, int index)
{
  for (int i = 1; i <= index; i++)
    {
      Level *level = &self->levels[i];

      if (level->stale.width <= 0)
        continue;
      if (level->pixels == NULL)
        level->pixels = create_pixels (level->width, level->height);
      if (level->pixels == NULL)
        return &self->levels[i - 1];
      cairo_surface_flush (self->levels[i - 1].pixels);
      cairo_surface_flush (level->pixels);
      halve (&self->levels[i - 1], level);
      cairo_surface_mark_dirty_rectangle (level->pixels, level->stale.x, level->stale.y, level->stale.width,
                                          level->stale.height);
      level->stale = (cairo_rectangle_int_t){ 0, 0, 0, 0 };
    }
  return &self->levels[index];
}

int
tacet_surface_level_for (const TacetSurface *self, double scale)
{
  int level = 0;

  while (scale < 0.5 && level < self->n_levels - 1)
    {
      scale *= 2;
      level++;
    }
  return level;
}

void
tacet_surface_transform (cairo_t *cr, const TacetView *view)
{
  double m[4];
  cairo_matrix_t matrix;

  tacet_view_matrix (view, m);
  cairo_matrix_init (&matrix, m[0], m[1], m[2], m[3], view->off_x, view->off_y);
  cairo_transform (cr, &matrix);
}

void
tacet_surface_paint (TacetSurface *self, cairo_t *cr, const TacetView *view, int document_width, int document_height)
{
  double scale = document_width * view->zoom / self->levels[0].width;
  const Level *level = get_level (self, tacet_surface_level_for (self, scale));

  cairo_save (cr);
  tacet_surface_transform (cr, view);
  cairo_rectangle (cr, 0, 0, document_width, document_height);
  cairo_clip (cr);
  cairo_scale (cr, (double) document_width / level->width, (double) document_height / level->height);
  cairo_set_source_surface (cr, level->pixels, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), scale >= 2 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint (cr);
  cairo_restore (cr);
}
