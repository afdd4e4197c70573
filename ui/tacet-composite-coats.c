/* tacet-composite-coats.c: how a layer of each kind is laid over those below it.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-composite"

#include "config.h"

#include "ui/tacet-composite-private.h"
#include "ui/tacet-composite-rows.h"

#include <math.h>
#include <string.h>

gboolean
tacet_coat_shows (const TacetCoat *self, int flags)
{
  switch (self->look)
    {
    case TACET_LOOK_VEIL:
      return TRUE;
    case TACET_LOOK_LINES:
    case TACET_LOOK_FIGURES:
      return (flags & TACET_BLOCK_MAP) && (flags & TACET_BLOCK_COVERAGE);
    default:
      return (flags & TACET_BLOCK_COVERAGE) != 0;
    }
}

gboolean
tacet_coat_same (const TacetCoat *a, const TacetCoat *b)
{
  return a->key == b->key && a->look == b->look && a->rgb == b->rgb && a->opacity == b->opacity && a->mark == b->mark;
}

static TacetCoat
coat (const TacetCompositeLayer *layer, TacetLook look, double opacity)
{
  return (TacetCoat){
    .key = layer->key,
    .look = look,
    .map = layer->map,
    .coverage = layer->coverage,
    .picture = layer->picture,
    .rgb = (guint32) lrint (255 * layer->colour.red) << 16 | (guint32) lrint (255 * layer->colour.green) << 8 |
           (guint32) lrint (255 * layer->colour.blue),
    .opacity = (int) lrint (255 * CLAMP (opacity * layer->opacity, 0, 1)),
  };
}

int
tacet_coats_of_layer (const TacetCompositeLayer *layer, gboolean over_picture, TacetCoat coats[2])
{
  TacetLook lines = layer->kind == TACET_LAYER_POSE ? TACET_LOOK_FIGURES : TACET_LOOK_LINES;

  switch (layer->kind)
    {
    case TACET_LAYER_PICTURE:
      coats[0] = coat (layer, TACET_LOOK_PICTURE, 1);
      return 1;
    case TACET_LAYER_MASK:
      coats[0] = coat (layer, TACET_LOOK_VEIL, layer->selected ? 0.6 : 0.45);
      coats[0].mark = 1 << TACET_HATCH_VEIL;
      return 1;
    case TACET_LAYER_REGION:
      coats[0] = coat (layer, TACET_LOOK_REGION, layer->selected ? 0.4 : 0.25);
      coats[0].mark = (guint8) (1 << layer->hatch);
      return 1;
    case TACET_LAYER_DEPTH:
      if (layer->selected && !over_picture)
        coats[0] = coat (layer, TACET_LOOK_MAP, 1);
      else /* over a picture a second ground would only veil it */
        coats[0] = coat (layer, TACET_LOOK_GROUND, layer->selected ? 0.5 : over_picture ? 0 : 0.3);
      return coats[0].opacity > 0;
    default:
      if (layer->selected && !over_picture)
        {
          coats[0] = coat (layer, TACET_LOOK_MAP, 1);
          return 1;
        }
      coats[0] = coat (layer, lines, 1);
      coats[1] = coat (layer, TACET_LOOK_TINT, 0.1);
      return layer->selected ? 2 : 1;
    }
}

/* Where a row of squares of a level lies in the document. */
typedef struct
{
  int x, y, columns, rows, level;
} Source;

static const guint8 *
get_row (const TacetImage *image, const Source *at, guint8 *scratch)
{
  gsize stride = (gsize) image->width * image->channels;

  return tacet_rows_reduce (image->data + (gsize) at->y * stride + (gsize) at->x * image->channels, stride,
                            image->channels, at->columns, at->rows, at->level, scratch);
}

static void
get_picture_row (const TacetCoat *self, const Source *at, int n, guint32 *out)
{
  const TacetImage *image = self->picture;
  gsize stride = (gsize) image->width * 4;
  guint8 scratch[4 * TACET_ROW];

  tacet_rows_picture (tacet_rows_reduce_picture (image->data + (gsize) at->y * stride + (gsize) at->x * 4, stride,
                                                 at->columns, at->rows, at->level, scratch),
                      self->opacity, n, out);
}

/* A row of any coat but a veil. */
static void
get_coat_row (const TacetCoat *self, const Source *at, int n, guint32 *out, guint8 *marks)
{
  guint8 map_scratch[3 * TACET_ROW], coverage_scratch[TACET_ROW];
  const guint8 *coverage = self->coverage != NULL ? get_row (self->coverage, at, coverage_scratch) : NULL;
  const guint8 *map = NULL;

  if (self->map != NULL && self->look >= TACET_LOOK_GROUND)
    map = get_row (self->map, at, map_scratch);
  switch (self->look)
    {
    case TACET_LOOK_PICTURE:
      get_picture_row (self, at, n, out);
      break;
    case TACET_LOOK_LINES:
      tacet_rows_colour (map, coverage, self->rgb, self->opacity, n, out);
      break;
    case TACET_LOOK_FIGURES:
      tacet_rows_figures (map, coverage, self->opacity, n, out);
      break;
    case TACET_LOOK_GROUND:
    case TACET_LOOK_MAP:
      if (self->map->channels == 3)
        tacet_rows_rgb (map, coverage, self->opacity, n, out);
      else
        tacet_rows_gray (map, coverage, self->opacity, n, out);
      break;
    default:
      tacet_rows_colour (NULL, coverage, self->rgb, self->opacity, n, out);
      if (marks != NULL && coverage != NULL && self->mark != 0)
        tacet_rows_mark (marks, coverage, self->mark, n);
    }
  if (marks != NULL && self->look >= TACET_LOOK_GROUND)
    tacet_rows_unmark (marks, out, n);
}

/* What none of the masks has: one veil for all of them. */
static int
get_veil_row (const TacetCoat *coats, int n_coats, const Source *at, int n, guint32 *out, guint8 *marks)
{
  guint8 veil[TACET_ROW], scratch[TACET_ROW];
  int i, opacity = 0;

  memset (veil, 255, (gsize) n);
  for (i = 0; i < n_coats && coats[i].look == TACET_LOOK_VEIL; i++)
    {
      const guint8 *coverage = get_row (coats[i].coverage, at, scratch);

      opacity = MAX (opacity, coats[i].opacity);
      for (int x = 0; x < n; x++)
        {
          int rest = 255 - coverage[x];

          veil[x] = (guint8) MIN (veil[x], rest);
        }
    }
  tacet_rows_colour (veil, NULL, 0x0c0c10, opacity, n, out);
  if (marks != NULL)
    tacet_rows_mark (marks, veil, coats[0].mark, n);
  return i;
}

static void
paint_row (const TacetCoat *coats, int n_coats, const Source *at, int n, guint32 *out, guint8 *marks)
{
  guint32 row[TACET_ROW];

  memset (out, 0, 4 * (gsize) n);
  if (marks != NULL)
    memset (marks, 0, (gsize) n);
  for (int i = 0; i < n_coats;)
    {
      if (coats[i].look == TACET_LOOK_VEIL)
        i += get_veil_row (coats + i, n_coats - i, at, n, row, marks);
      else
        get_coat_row (&coats[i++], at, n, row, marks);
      tacet_rows_over (out, row, n);
    }
}

void
tacet_coats_paint (const TacetCoat *coats, int n, int level, const cairo_rectangle_int_t *part, const TacetLevel *to)
{
  const TacetImage *any = NULL;

  for (int i = 0; i < n && any == NULL; i++)
    any = coats[i].coverage != NULL ? coats[i].coverage : coats[i].picture != NULL ? coats[i].picture : coats[i].map;
  for (int y = part->y; y < part->y + part->height; y++)
    {
      gsize first = (gsize) y * to->width + part->x;
      guint32 *out = to->pixels + first;
      guint8 *marks = to->marks != NULL ? to->marks + first : NULL;
      Source at = { part->x << level, y << level, 0, 0, level };

      if (any != NULL)
        {
          at.columns = MIN (part->width << level, any->width - at.x);
          at.rows = MIN (1 << level, any->height - at.y);
          paint_row (coats, n, &at, part->width, out, marks);
        }
      else if (tacet_rows_any ((const guint8 *) out, 4 * (gsize) part->width))
        memset (out, 0, 4 * (gsize) part->width); /* memory that nothing was written to costs nothing */
      if (any == NULL && marks != NULL && tacet_rows_any (marks, (gsize) part->width))
        memset (marks, 0, (gsize) part->width);
    }
}
