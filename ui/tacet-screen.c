/* tacet-screen.c: the document as the screen shows it.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-screen"

#include "config.h"

#include "ui/tacet-screen.h"

#include "ui/tacet-composite-rows.h"
#include "ui/tacet-hatch.h"
#include "ui/tacet-screen-rows.h"

#include <math.h>
#include <string.h>

#define CHECKER  10 /* pixels of the widget */
#define MAX_PART 2048

void
tacet_screen_origin (const TacetScreen *self, int *x, int *y)
{
  *x = (int) lrint (self->view.off_x * self->scale);
  *y = (int) lrint (self->view.off_y * self->scale);
}

/* Of the document, where the middle of a pixel lies. */
static void
to_document (const TacetScreen *self, double x, double y, double *document_x, double *document_y)
{
  double size = self->view.zoom * self->scale;

  tacet_view_direction (&self->view, x / size, y / size, document_x, document_y);
}

static cairo_rectangle_int_t
around (double x0, double y0, double x1, double y1)
{
  int left = (int) floor (x0), top = (int) floor (y0);

  return (cairo_rectangle_int_t){ left, top, (int) ceil (x1) - left, (int) ceil (y1) - top };
}

cairo_rectangle_int_t
tacet_screen_part (const TacetScreen *self, const cairo_rectangle_int_t *document)
{
  TacetView view = self->view;
  double x0 = G_MAXDOUBLE, y0 = G_MAXDOUBLE, x1 = -G_MAXDOUBLE, y1 = -G_MAXDOUBLE;
  double more = MAX (1 / view.zoom, 1) + 1; /* smoothing reaches one pixel of the level */

  view.off_x = view.off_y = 0;
  view.zoom *= self->scale;
  for (int corner = 0; corner < 4; corner++)
    {
      double x, y;

      tacet_view_to_widget (&view, corner & 1 ? document->x + document->width + more : document->x - more,
                            corner & 2 ? document->y + document->height + more : document->y - more, &x, &y);
      x0 = MIN (x0, x);
      y0 = MIN (y0, y);
      x1 = MAX (x1, x);
      y1 = MAX (y1, y);
    }
  return around (x0, y0, x1, y1);
}

cairo_rectangle_int_t
tacet_screen_extents (const TacetScreen *self)
{
  TacetView view = self->view;
  double x, y, width, height;

  view.off_x = view.off_y = 0;
  view.zoom *= self->scale;
  tacet_view_extents (&view, self->width, self->height, &x, &y, &width, &height);
  return around (x, y, x + width, y + height);
}

/* What of the document is seen in a part. */
static cairo_rectangle_int_t
document_part (const TacetScreen *self, const cairo_rectangle_int_t *part)
{
  double x0 = G_MAXDOUBLE, y0 = G_MAXDOUBLE, x1 = -G_MAXDOUBLE, y1 = -G_MAXDOUBLE;

  for (int corner = 0; corner < 4; corner++)
    {
      double x, y;

      to_document (self, part->x + (corner & 1 ? part->width : 0), part->y + (corner & 2 ? part->height : 0), &x, &y);
      x0 = MIN (x0, x);
      y0 = MIN (y0, y);
      x1 = MAX (x1, x);
      y1 = MAX (y1, y);
    }
  return around (x0, y0, x1, y1);
}

/* ---- which pixels of a surface ---- */

static double
surface_scale (const TacetScreen *self, const TacetSurface *surface)
{
  return self->view.zoom * self->scale * self->width / tacet_surface_get_width (surface);
}

static cairo_rectangle_int_t
surface_part (const TacetScreen *self, const TacetSurface *surface, const cairo_rectangle_int_t *document)
{
  double x = (double) tacet_surface_get_width (surface) / self->width;
  double y = (double) tacet_surface_get_height (surface) / self->height;

  return around (document->x * x, document->y * y, (document->x + document->width) * x,
                 (document->y + document->height) * y);
}

static gboolean
make_surface (const TacetScreen *self, TacetSurface *surface, const cairo_rectangle_int_t *document, gint64 deadline)
{
  cairo_rectangle_int_t part = surface_part (self, surface, document);

  return tacet_surface_make (surface, tacet_surface_level_for (surface, surface_scale (self, surface)), part.x, part.y,
                             part.width, part.height, deadline);
}

gboolean
tacet_screen_make (const TacetScreen *self, const cairo_rectangle_int_t *part, gint64 deadline)
{
  cairo_rectangle_int_t document = document_part (self, part);

  return (self->below == NULL || make_surface (self, self->below, &document, deadline)) &&
         (self->above == NULL || make_surface (self, self->above, &document, deadline));
}

/* A level with something to show, the wanted one if it is made; -1: none. */
static int
choose_level (TacetSurface *surface, int wanted, const cairo_rectangle_int_t *part)
{
  for (int distance = 0; distance < TACET_SURFACE_LEVELS; distance++)
    for (int side = -1; side <= 1; side += 2)
      {
        int level = wanted - side * distance;

        if (level >= 0 && level < TACET_SURFACE_LEVELS && tacet_surface_get_level (surface, level)->width > 0 &&
            tacet_surface_is_made (surface, level, part->x, part->y, part->width, part->height))
          return level;
      }
  return -1;
}

static gboolean
has_level (const TacetScreen *self, TacetSurface *surface, const cairo_rectangle_int_t *document)
{
  cairo_rectangle_int_t part = surface_part (self, surface, document);

  return choose_level (surface, tacet_surface_level_for (surface, surface_scale (self, surface)), &part) >= 0;
}

gboolean
tacet_screen_can_draw (const TacetScreen *self, const cairo_rectangle_int_t *part)
{
  cairo_rectangle_int_t document = document_part (self, part);

  return (self->below == NULL || has_level (self, self->below, &document)) &&
         (self->above == NULL || has_level (self, self->above, &document));
}

/* How rows of the screen lie on a level of a surface. */
typedef struct
{
  TacetLevel level;
  double x, y, dx, dy, down_x, down_y; /* of the part's first pixel; step to the right, step down */
  gboolean smooth;
} Source;

static gboolean
find_source (const TacetScreen *self, TacetSurface *surface, const cairo_rectangle_int_t *part,
             const cairo_rectangle_int_t *document, Source *source)
{
  double scale = surface_scale (self, surface);
  cairo_rectangle_int_t seen = surface_part (self, surface, document);
  int index = choose_level (surface, tacet_surface_level_for (surface, scale), &seen);
  double x = (double) tacet_surface_get_width (surface) / self->width / (1 << MAX (index, 0));
  double y = (double) tacet_surface_get_height (surface) / self->height / (1 << MAX (index, 0));
  double turned = fmod (self->view.angle, 90);

  if (index < 0)
    return FALSE;
  source->level = *tacet_surface_get_level (surface, index);
  to_document (self, part->x + 0.5, part->y + 0.5, &source->x, &source->y);
  to_document (self, 1, 0, &source->dx, &source->dy);
  to_document (self, 0, 1, &source->down_x, &source->down_y);
  source->x *= x;
  source->dx *= x;
  source->down_x *= x;
  source->y *= y;
  source->dy *= y;
  source->down_y *= y;
  /* Pixel on pixel there is nothing to smooth. */
  source->smooth = scale < 2 * self->scale && !(scale == 1 && turned == 0) && !self->draft;
  return TRUE;
}

static TacetWalk
walk_row (const Source *source, int row)
{
  return (TacetWalk){
    .x = (gint32) floor ((source->x + row * source->down_x) * 65536 + 0.5),
    .y = (gint32) floor ((source->y + row * source->down_y) * 65536 + 0.5),
    .dx = (gint32) floor (source->dx * 65536 + 0.5),
    .dy = (gint32) floor (source->dy * 65536 + 0.5),
  };
}

/* ---- rows ---- */

/* Cells of the same size whatever the view, that move with the document. */
static void
draw_checker (const TacetScreen *self, int x, int y, int n, guint32 *row)
{
  int cell = self->draft ? CHECKER * self->scale / 2 : CHECKER * self->scale, period = 2 * cell;
  gboolean odd = ((y % period + period) % period) / cell;
  guint32 colours[2] = { self->dark ? 0xff424242 : 0xffe0e0e0, self->dark ? 0xff4c4c4c : 0xfff0f0f0 };
  int at = (x % period + period) % period;

  for (int i = 0; i < n;)
    {
      int end = MIN (i + cell - at % cell, n);
      guint32 colour = colours[(at / cell) ^ odd];

      for (at = (at + end - i) % period; i < end; i++)
        row[i] = colour;
    }
}

/* How much of each pixel of the screen lies inside the document. */
static void
border_shares (const TacetScreen *self, double x, double y, int n, guint8 *shares)
{
  double size = self->view.zoom * self->scale, document_x, document_y, dx, dy;

  to_document (self, x + 0.5, y + 0.5, &document_x, &document_y);
  to_document (self, 1, 0, &dx, &dy);
  for (int i = 0; i < n; i++, document_x += dx, document_y += dy)
    {
      double inside_x = MIN (document_x, self->width - document_x) * size + 0.5;
      double inside_y = MIN (document_y, self->height - document_y) * size + 0.5;

      shares[i] = (guint8) (255 * CLAMP (inside_x, 0, 1) * CLAMP (inside_y, 0, 1) + 0.5);
    }
}

static void
draw_source (const Source *source, int row, int n, gboolean opaque, guint32 *out)
{
  guint32 pixels[MAX_PART];
  TacetWalk walk = walk_row (source, row);

  if (source->smooth)
    tacet_screen_smooth (&source->level, walk, n, opaque ? out : pixels);
  else
    tacet_screen_nearest (&source->level, walk, n, opaque ? out : pixels);
  if (!opaque)
    tacet_rows_over (out, pixels, n);
}

static void
draw_hatches (const TacetScreen *self, const Source *source, const cairo_rectangle_int_t *part, int row, guint32 *out)
{
  guint8 marks[MAX_PART], any = 0;
  int period = TACET_HATCH_PERIOD * self->scale;

  tacet_screen_marks (&source->level, walk_row (source, row), part->width, marks);
  for (int i = 0; i < part->width; i++)
    any |= marks[i];
  for (int bit = 0; any >> bit != 0; bit++)
    if (any >> bit & 1)
      tacet_screen_ink (out, marks, bit, tacet_hatch_row (bit, self->scale, part->y + row), period,
                        part->x & (period - 1), self->inks[bit], part->width);
}

/* Are there any hatches in what is seen?  Looked up once for the part, because mostly there are none. */
static gboolean
has_marks (const Source *source, const cairo_rectangle_int_t *part)
{
  double x1 = source->x + part->width * source->dx, x2 = part->height * source->down_x;
  double y1 = source->y + part->width * source->dy, y2 = part->height * source->down_y;
  int left = (int) floor (MIN (source->x, x1) + MIN (x2, 0)) - 1,
      right = (int) ceil (MAX (source->x, x1) + MAX (x2, 0)) + 1;
  int top = (int) floor (MIN (source->y, y1) + MIN (y2, 0)) - 1,
      bottom = (int) ceil (MAX (source->y, y1) + MAX (y2, 0)) + 1;

  left = CLAMP (left, 0, source->level.width);
  right = CLAMP (right, left, source->level.width);
  for (int y = MAX (top, 0); y < MIN (bottom, source->level.height); y++)
    if (tacet_rows_any (source->level.marks + (gsize) y * source->level.width + left, (gsize) (right - left)))
      return TRUE;
  return FALSE;
}

static gboolean
reaches_border (const TacetScreen *self, const cairo_rectangle_int_t *document)
{
  int more = (int) ceil (1 / self->view.zoom);

  return document->x < more || document->y < more || document->x + document->width > self->width - more ||
         document->y + document->height > self->height - more;
}

void
tacet_screen_draw (const TacetScreen *self, const cairo_rectangle_int_t *part, guint32 *pixels)
{
  cairo_rectangle_int_t document = document_part (self, part);
  Source below, above;
  gboolean has_below = self->below != NULL && find_source (self, self->below, part, &document, &below);
  gboolean has_above = self->above != NULL && find_source (self, self->above, part, &document, &above);
  gboolean border = reaches_border (self, &document);
  gboolean hatched =
      has_above && !self->draft && self->inks != NULL && above.level.marks != NULL && has_marks (&above, part);

  g_return_if_fail (part->width <= MAX_PART);
  for (int y = 0; y < part->height; y++)
    {
      guint32 *row = pixels + (gsize) y * part->width;

      if (!has_below || !tacet_surface_is_opaque (self->below))
        draw_checker (self, part->x, part->y + y, part->width, row);
      if (has_below)
        draw_source (&below, y, part->width, tacet_surface_is_opaque (self->below), row);
      if (has_above)
        draw_source (&above, y, part->width, FALSE, row);
      if (hatched)
        draw_hatches (self, &above, part, y, row);
      if (border)
        {
          guint8 shares[MAX_PART];

          border_shares (self, part->x, part->y + y, part->width, shares);
          tacet_screen_fade (row, shares, part->width);
        }
    }
}
