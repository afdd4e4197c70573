/* tacet-canvas-tiles.c: the shown document in tiles.  Room: ui. */
#define G_LOG_DOMAIN "tacet-canvas"

#include "config.h"

#include "ui/tacet-canvas-tiles.h"

#include "ui/tacet-parallel.h"

#define SIDE   256       /* pixels of the widget */
#define BUDGET 9000      /* microseconds of a frame for what must be made; drawing and GTK need the rest */
#define HURRY  6000      /* the same while a large view moves, whose drawing takes longer */
#define BATCH  8         /* tiles drawn between two looks at the clock */
#define LARGE  (5 << 19) /* pixels: a larger part of the screen is drawn roughly while the view moves */

typedef struct
{
  int column, row;
  cairo_rectangle_int_t part; /* as tacet-screen.h counts */
  GskRenderNode *node;        /* NULL: not drawn yet */
  cairo_surface_t *pixels;    /* while it is being drawn */
  gboolean stale, seen;
} Tile;

struct _TacetCanvasTiles
{
  GHashTable *tiles; /* key -> Tile */
  TacetScreen screen;
};

static gpointer
tile_key (int column, int row)
{
  return GINT_TO_POINTER ((gint32) (((guint32) row & 0xffff) << 16 | ((guint32) column & 0xffff)));
}

static void
tile_free (gpointer data)
{
  Tile *tile = data;

  g_clear_pointer (&tile->node, gsk_render_node_unref);
  g_clear_pointer (&tile->pixels, cairo_surface_destroy);
  g_free (tile);
}

TacetCanvasTiles *
tacet_canvas_tiles_new (void)
{
  TacetCanvasTiles *self = g_new0 (TacetCanvasTiles, 1);

  self->tiles = g_hash_table_new_full (NULL, NULL, NULL, tile_free);
  return self;
}

void
tacet_canvas_tiles_free (TacetCanvasTiles *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->tiles);
  g_free (self);
}

static gboolean
intersects (const cairo_rectangle_int_t *a, const cairo_rectangle_int_t *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height && b->y < a->y + a->height;
}

static cairo_rectangle_int_t
intersection (const cairo_rectangle_int_t *a, const cairo_rectangle_int_t *b)
{
  int x = MAX (a->x, b->x), y = MAX (a->y, b->y);

  return (cairo_rectangle_int_t){ x, y, MAX (MIN (a->x + a->width, b->x + b->width) - x, 0),
                                  MAX (MIN (a->y + a->height, b->y + b->height) - y, 0) };
}

static cairo_rectangle_int_t
around_both (const cairo_rectangle_int_t *a, const cairo_rectangle_int_t *b)
{
  int x = MIN (a->x, b->x), y = MIN (a->y, b->y);

  return (cairo_rectangle_int_t){ x, y, MAX (a->x + a->width, b->x + b->width) - x,
                                  MAX (a->y + a->height, b->y + b->height) - y };
}

void
tacet_canvas_tiles_damage (TacetCanvasTiles *self, const TacetScreen *screen, const cairo_region_t *part)
{
  GHashTableIter iter;
  gpointer value;

  for (int i = 0; i < cairo_region_num_rectangles (part); i++)
    {
      cairo_rectangle_int_t changed;

      cairo_region_get_rectangle (part, i, &changed);
      changed = tacet_screen_part (screen, &changed);
      g_hash_table_iter_init (&iter, self->tiles);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        ((Tile *) value)->stale |= intersects (&((Tile *) value)->part, &changed);
    }
}

void
tacet_canvas_tiles_damage_all (TacetCanvasTiles *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    ((Tile *) value)->stale = TRUE;
}

/* Drawn tiles can be moved, but not enlarged or turned. */
static gboolean
same_view (const TacetScreen *a, const TacetScreen *b)
{
  return a->view.zoom == b->view.zoom && a->view.angle == b->view.angle && a->view.mirrored == b->view.mirrored &&
         a->width == b->width && a->height == b->height && a->scale == b->scale && a->dark == b->dark;
}

static int
floor_divide (int a, int b)
{
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* The tiles that are seen, those that must be drawn first in `wanted`; the others are forgotten when they are far. */
static void
find_tiles (TacetCanvasTiles *self, const cairo_rectangle_int_t *seen, const cairo_rectangle_int_t *extents,
            GPtrArray *wanted)
{
  int side = SIDE * self->screen.scale;
  cairo_rectangle_int_t near = { seen->x - side, seen->y - side, seen->width + 2 * side, seen->height + 2 * side };
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      ((Tile *) value)->seen = FALSE;
      if (!intersects (&((Tile *) value)->part, &near))
        g_hash_table_iter_remove (&iter);
    }
  for (int row = floor_divide (seen->y, side); seen->width > 0 && row * side < seen->y + seen->height; row++)
    for (int column = floor_divide (seen->x, side); column * side < seen->x + seen->width; column++)
      {
        Tile *tile = g_hash_table_lookup (self->tiles, tile_key (column, row));

        if (tile == NULL)
          {
            cairo_rectangle_int_t whole = { column * side, row * side, side, side };

            tile = g_new0 (Tile, 1);
            *tile = (Tile){ column, row, intersection (&whole, extents), NULL, NULL, TRUE, FALSE };
            g_hash_table_insert (self->tiles, tile_key (column, row), tile);
          }
        tile->seen = TRUE;
        if (tile->stale && tile->part.width > 0 && tile->part.height > 0)
          g_ptr_array_add (wanted, tile);
      }
}

/* Makes the layers' pixels under the tiles while there is time, then takes those tiles out of the list that can wait
 * because they show something.  FALSE: there are such, or some that show the wrong level. */
static gboolean
make_ready (TacetCanvasTiles *self, GPtrArray *wanted, gboolean draft)
{
  cairo_rectangle_int_t all = { 0 };
  gboolean all_ready = TRUE;

  for (guint i = 0; i < wanted->len; i++)
    all = i == 0 ? ((Tile *) wanted->pdata[0])->part : around_both (&all, &((Tile *) wanted->pdata[i])->part);
  if (wanted->len > 0)
    tacet_screen_make (&self->screen, &all, g_get_monotonic_time () + (draft ? HURRY : BUDGET));
  for (guint i = 0; i < wanted->len;)
    {
      Tile *tile = wanted->pdata[i];
      gboolean ready = tacet_screen_make (&self->screen, &tile->part, 0);

      if (!ready && tile->node == NULL && !tacet_screen_can_draw (&self->screen, &tile->part))
        ready = tacet_screen_make (&self->screen, &tile->part, G_MAXINT64);
      all_ready &= ready;
      tile->stale = !ready;
      if (!ready && tile->node != NULL)
        g_ptr_array_remove_index_fast (wanted, i);
      else
        i++;
    }
  return all_ready;
}

typedef struct
{
  TacetScreen screen;
  Tile **tiles;
} Drawing;

static void
draw_tile (gpointer data, int index)
{
  Drawing *drawing = data;
  Tile *tile = drawing->tiles[index];
  cairo_rectangle_int_t part = tile->part;

  if (drawing->screen.draft)
    part = (cairo_rectangle_int_t){ floor_divide (part.x, 2), floor_divide (part.y, 2), (part.width + 1) / 2,
                                    (part.height + 1) / 2 };
  tile->pixels = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, part.width, part.height);
  if (cairo_surface_status (tile->pixels) == CAIRO_STATUS_SUCCESS)
    tacet_screen_draw (&drawing->screen, &part, (guint32 *) (void *) cairo_image_surface_get_data (tile->pixels));
  else
    g_clear_pointer (&tile->pixels, cairo_surface_destroy);
}

/* GTK's software renderer draws a surface at once, but copies a texture first. */
static void
make_node (Tile *tile, int scale, gboolean draft)
{
  double pixel = draft ? scale / 2.0 : scale;
  graphene_rect_t bounds =
      GRAPHENE_RECT_INIT (0, 0, (float) tile->part.width / (float) scale, (float) tile->part.height / (float) scale);
  cairo_t *cr;

  g_clear_pointer (&tile->node, gsk_render_node_unref);
  if (tile->pixels == NULL)
    return;
  tile->node = gsk_cairo_node_new (&bounds);
  cr = gsk_cairo_node_get_draw_context (tile->node);
  cairo_surface_mark_dirty (tile->pixels);
  cairo_surface_set_device_scale (tile->pixels, pixel, pixel);
  cairo_set_source_surface (cr, tile->pixels, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_destroy (cr);
  /* The drawing keeps the pixels, without a copy because nobody else does. */
  g_clear_pointer (&tile->pixels, cairo_surface_destroy);
}

/* Those that show nothing yet, and as many of the others as there is time for; draft: roughly, to be done again. FALSE:
 * not all are as they should be. */
static gboolean
draw_tiles (TacetCanvasTiles *self, GPtrArray *wanted, gboolean draft)
{
  gint64 deadline = g_get_monotonic_time () + BUDGET;
  Drawing drawing = { .screen = self->screen };
  gboolean all = !draft || wanted->len == 0;

  drawing.screen.draft = draft;
  if (draft)
    drawing.screen.view.zoom /= 2;
  for (guint i = 0; i < wanted->len; i += BATCH)
    {
      guint n = MIN (BATCH, wanted->len - i);
      gboolean late = i > 0 && g_get_monotonic_time () > deadline;

      drawing.tiles = (Tile **) wanted->pdata + i;
      for (guint j = 0; late && j < n; j++)
        late = drawing.tiles[j]->node != NULL;
      if (!late)
        tacet_parallel ((int) n, draw_tile, &drawing);
      for (guint j = 0; j < n; j++)
        {
          drawing.tiles[j]->stale |= late || draft;
          if (!late)
            make_node (drawing.tiles[j], self->screen.scale, draft);
        }
      all &= !late;
    }
  return all;
}

gboolean
tacet_canvas_tiles_snapshot (TacetCanvasTiles *self, const TacetScreen *screen, int width, int height,
                             GtkSnapshot *snapshot)
{
  cairo_rectangle_int_t extents = tacet_screen_extents (screen), seen;
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;
  gboolean ready, draft, moving = !same_view (screen, &self->screen);
  int x, y;

  if (moving)
    g_hash_table_remove_all (self->tiles);
  if (screen->below != self->screen.below || screen->above != self->screen.above)
    tacet_canvas_tiles_damage_all (self);
  self->screen = *screen;
  tacet_screen_origin (screen, &x, &y);
  seen = (cairo_rectangle_int_t){ -x, -y, width * screen->scale, height * screen->scale };
  seen = intersection (&seen, &extents);
  find_tiles (self, &seen, &extents, wanted);
  draft = moving && seen.width * seen.height > LARGE;
  ready = make_ready (self, wanted, draft);
  ready &= draw_tiles (self, wanted, draft);
  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Tile *tile = value;

      if (!tile->seen || tile->node == NULL)
        continue;
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (x + tile->part.x) / (float) screen->scale,
                                                              (float) (y + tile->part.y) / (float) screen->scale));
      gtk_snapshot_append_node (snapshot, tile->node);
      gtk_snapshot_restore (snapshot);
    }
  return ready;
}
