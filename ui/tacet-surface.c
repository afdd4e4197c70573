/* tacet-surface.c: pixels to be shown, and their smaller copies.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-surface"

#include "config.h"

#include "ui/tacet-surface.h"

#include "ui/tacet-parallel.h"

/* What is out of date in a block, in pixels of level 0 from the block's corner; nothing: right is 0. */
typedef struct
{
  guint16 left, top, right, bottom;
} Stale;

struct _TacetSurface
{
  TacetLevel levels[TACET_SURFACE_LEVELS];
  Stale *stale[TACET_SURFACE_LEVELS]; /* rows of blocks */
  int n_levels, columns, rows;
  TacetSurfaceFlags flags;
  TacetSurfaceFill fill;
  gpointer data;
  GDestroyNotify free_data;
};

static gboolean
allocate (TacetSurface *self, int index)
{
  TacetLevel *level = &self->levels[index];
  gsize n = (gsize) level->width * level->height;

  /* The system gives memory to pages when they are first written to. */
  if (level->pixels == NULL)
    level->pixels = g_try_new0 (guint32, n);
  if (level->marks == NULL && (self->flags & TACET_SURFACE_MARKED))
    level->marks = g_try_malloc0 (n + sizeof (guint32)); /* read by words */
  return level->pixels != NULL && (level->marks != NULL || !(self->flags & TACET_SURFACE_MARKED));
}

static void
mark_stale (TacetSurface *self, int from_level, int x, int y, int width, int height)
{
  int right = MIN (x + width, self->levels[0].width), bottom = MIN (y + height, self->levels[0].height);

  x = MAX (x, 0);
  y = MAX (y, 0);
  if (right <= x || bottom <= y)
    return;
  for (int row = y / TACET_SURFACE_BLOCK; row * TACET_SURFACE_BLOCK < bottom; row++)
    for (int column = x / TACET_SURFACE_BLOCK; column * TACET_SURFACE_BLOCK < right; column++)
      {
        int block_x = column * TACET_SURFACE_BLOCK, block_y = row * TACET_SURFACE_BLOCK;
        Stale part = { (guint16) MAX (x - block_x, 0), (guint16) MAX (y - block_y, 0),
                       (guint16) MIN (right - block_x, TACET_SURFACE_BLOCK),
                       (guint16) MIN (bottom - block_y, TACET_SURFACE_BLOCK) };

        for (int i = from_level; i < self->n_levels; i++)
          {
            Stale *stale = &self->stale[i][row * self->columns + column];

            if (stale->right == 0)
              *stale = part;
            else
              *stale = (Stale){ MIN (stale->left, part.left), MIN (stale->top, part.top),
                                MAX (stale->right, part.right), MAX (stale->bottom, part.bottom) };
          }
      }
}

/* Mean of each premultiplied channel over two by two pixels; the last row or column repeats. */
static void
halve (gpointer data, int index, const cairo_rectangle_int_t *part, const TacetLevel *to)
{
  TacetSurface *self = data;
  const TacetLevel *from = &self->levels[index - 1];

  for (int y = part->y; y < part->y + part->height; y++)
    {
      const guint32 *upper = from->pixels + (gsize) 2 * y * from->width;
      const guint32 *lower = 2 * y + 1 < from->height ? upper + from->width : upper;
      guint32 *out = to->pixels + (gsize) y * to->width;

      for (int x = part->x; x < part->x + part->width; x++)
        {
          int x1 = MIN (2 * x + 1, from->width - 1);
          guint32 p[4] = { upper[2 * x], upper[x1], lower[2 * x], lower[x1] };
          guint32 even = 0x00020002, odd = 0x00020002;

          for (int i = 0; i < 4; i++)
            {
              even += p[i] & 0x00ff00ff;
              odd += p[i] >> 8 & 0x00ff00ff;
            }
          out[x] = (even >> 2 & 0x00ff00ff) | (odd >> 2 & 0x00ff00ff) << 8;
        }
    }
}

TacetSurface *
tacet_surface_new_filled (int width, int height, TacetSurfaceFlags flags, TacetSurfaceFill fill, gpointer data,
                          GDestroyNotify free_data)
{
  TacetSurface *self = g_new0 (TacetSurface, 1);

  self->fill = fill;
  self->data = data;
  self->free_data = free_data;
  self->flags = flags;
  self->columns = (width + TACET_SURFACE_BLOCK - 1) / TACET_SURFACE_BLOCK;
  self->rows = (height + TACET_SURFACE_BLOCK - 1) / TACET_SURFACE_BLOCK;
  self->levels[0] = (TacetLevel){ .width = width, .height = height };
  for (self->n_levels = 1; self->n_levels < TACET_SURFACE_LEVELS; self->n_levels++)
    {
      const TacetLevel *before = &self->levels[self->n_levels - 1];

      if (before->width < 64 || before->height < 64)
        break;
      self->levels[self->n_levels].width = (before->width + 1) / 2;
      self->levels[self->n_levels].height = (before->height + 1) / 2;
    }
  for (int i = 0; i < self->n_levels; i++)
    self->stale[i] = g_new0 (Stale, (gsize) self->columns * self->rows);
  mark_stale (self, 0, 0, 0, width, height);
  return self;
}

TacetSurface *
tacet_surface_new (int width, int height)
{
  TacetSurface *self = tacet_surface_new_filled (width, height, 0, halve, NULL, NULL);

  self->data = self;
  if (!allocate (self, 0))
    g_clear_pointer (&self, tacet_surface_free);
  return self;
}

TacetSurface *
tacet_surface_new_from_image (const TacetImage *image)
{
  TacetSurface *self = tacet_surface_new (image->width, image->height);
  int channels = image->channels;
  gsize n = (gsize) image->width * image->height;
  guint32 *pixels = self != NULL ? self->levels[0].pixels : NULL;
  const guint8 *p = image->data;

  if (self == NULL)
    return NULL;
  if (channels != 4)
    self->flags |= TACET_SURFACE_OPAQUE;
  if (channels == 3)
    for (gsize i = 0; i < n; i++)
      pixels[i] = 0xff000000u | (guint32) p[3 * i] << 16 | (guint32) p[3 * i + 1] << 8 | p[3 * i + 2];
  else if (channels == 1)
    for (gsize i = 0; i < n; i++)
      pixels[i] = 0xff000000u | p[i] * 0x010101u;
  else
    for (gsize i = 0; i < n; i++)
      {
        guint32 red = p[4 * i], green = p[4 * i + 1], blue = p[4 * i + 2], alpha = p[4 * i + 3];

        pixels[i] = alpha << 24 | ((red * alpha + 127) / 255) << 16 | ((green * alpha + 127) / 255) << 8 |
                    (blue * alpha + 127) / 255;
      }
  return self;
}

void
tacet_surface_free (TacetSurface *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < self->n_levels; i++)
    {
      g_free (self->levels[i].pixels);
      g_free (self->levels[i].marks);
      g_free (self->stale[i]);
    }
  if (self->free_data != NULL)
    self->free_data (self->data);
  g_free (self);
}

gboolean
tacet_surface_is_opaque (const TacetSurface *self)
{
  return (self->flags & TACET_SURFACE_OPAQUE) != 0;
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
  *stride_in_pixels = self->levels[0].width;
  return self->levels[0].pixels;
}

void
tacet_surface_changed (TacetSurface *self, int x, int y, int width, int height)
{
  mark_stale (self, self->fill == halve ? 1 : 0, x, y, width, height);
}

const TacetLevel *
tacet_surface_get_level (TacetSurface *self, int level)
{
  return &self->levels[level];
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

/* ---- making what is seen ---- */

typedef struct
{
  int first, end; /* blocks */
} Span;

/* The blocks that hold what is needed to show pixels start .. start + length, smoothed: a pixel of the level more. */
static Span
blocks_around (int start, int length, int level, int n_blocks)
{
  int more = 1 << level, block = TACET_SURFACE_BLOCK;

  return (Span){ CLAMP ((start - more) / block, 0, n_blocks - 1),
                 CLAMP ((start + length + more + block - 1) / block, 1, n_blocks) };
}

typedef struct
{
  TacetSurface *self;
  int level;
  gint64 deadline;
  GArray *blocks; /* of int */
  int n_left;     /* atomic: not made in time */
} Making;

static void
make_block (gpointer data, int index)
{
  Making *making = data;
  TacetSurface *self = making->self;
  int block = g_array_index (making->blocks, int, index), level = making->level, round = (1 << level) - 1;
  Stale *stale = &self->stale[level][block];
  int x = block % self->columns * TACET_SURFACE_BLOCK, y = block / self->columns * TACET_SURFACE_BLOCK;
  cairo_rectangle_int_t part = { (x + stale->left) >> level, (y + stale->top) >> level };

  if (making->deadline != G_MAXINT64 && g_get_monotonic_time () >= making->deadline)
    {
      g_atomic_int_inc (&making->n_left);
      return;
    }
  part.width = MIN ((x + stale->right + round) >> level, self->levels[level].width) - part.x;
  part.height = MIN ((y + stale->bottom + round) >> level, self->levels[level].height) - part.y;
  self->fill (self->data, level, &part, &self->levels[level]);
  *stale = (Stale){ 0 };
}

static gboolean
make_level (TacetSurface *self, int level, Span columns, Span rows, gint64 deadline)
{
  Making making = { .self = self, .level = level, .deadline = deadline };

  making.blocks = g_array_new (FALSE, FALSE, sizeof (int));
  for (int row = rows.first; row < rows.end; row++)
    for (int column = columns.first; column < columns.end; column++)
      {
        int block = row * self->columns + column;

        if (self->stale[level][block].right != 0)
          g_array_append_val (making.blocks, block);
      }
  if (making.blocks->len > 0 && allocate (self, level))
    tacet_parallel ((int) making.blocks->len, make_block, &making);
  g_array_unref (making.blocks);
  return making.n_left == 0;
}

gboolean
tacet_surface_make (TacetSurface *self, int level, int x, int y, int width, int height, gint64 deadline)
{
  Span columns = blocks_around (x, width, level, self->columns), rows = blocks_around (y, height, level, self->rows);

  if (self->fill != halve)
    return make_level (self, level, columns, rows, deadline);
  for (int i = 1; i <= level; i++)
    if (!make_level (self, i, columns, rows, deadline))
      return FALSE;
  return TRUE;
}

gboolean
tacet_surface_is_made (TacetSurface *self, int level, int x, int y, int width, int height)
{
  Span columns = blocks_around (x, width, level, self->columns), rows = blocks_around (y, height, level, self->rows);

  if (self->levels[level].pixels == NULL)
    return FALSE;
  for (int row = rows.first; row < rows.end; row++)
    for (int column = columns.first; column < columns.end; column++)
      if (self->stale[level][row * self->columns + column].right != 0 && !(level == 0 && self->fill == halve))
        return FALSE;
  return TRUE;
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
  int width = self->levels[0].width, height = self->levels[0].height;
  double scale = document_width * view->zoom / width;
  int index = tacet_surface_level_for (self, scale);
  TacetLevel level;
  cairo_surface_t *pixels;

  if (!tacet_surface_make (self, index, 0, 0, width, height, G_MAXINT64))
    return;
  level = self->levels[index];
  pixels = cairo_image_surface_create_for_data ((guint8 *) level.pixels, CAIRO_FORMAT_ARGB32, level.width, level.height,
                                                4 * level.width);
  cairo_save (cr);
  tacet_surface_transform (cr, view);
  cairo_rectangle (cr, 0, 0, document_width, document_height);
  cairo_clip (cr);
  cairo_scale (cr, (double) document_width / width * (1 << index), (double) document_height / height * (1 << index));
  cairo_set_source_surface (cr, pixels, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), scale >= 2 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_surface_destroy (pixels);
}
