/* tacet-stroke.c: the brush: dabs along a smooth curve, and what they do to a control.
 *
 * Room: engine/scene.  A stroke keeps the tiles it touches as they were, and how much ink each pixel
 * got (the greatest of all dabs, so that dabs do not add up); a pixel is always computed from these
 * two.  At the end the kept tiles become the undo step.  Curve: centripetal Catmull-Rom (Yuksel,
 * Schaefer, Keyser 2011), drawn one point behind because a piece needs the point after it.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define SPACING      0.1 /* of the diameter, between dabs */
#define MIN_PRESSURE 0.02

typedef struct
{
  TacetTile *before[2]; /* planes as they were */
  guint8 ink[TACET_TILE * TACET_TILE];
  guint8 reach[TACET_TILE * TACET_TILE]; /* edge: where a painted line also says "nothing near" */
  int x0, y0, x1, y1;                    /* dirty, inside the tile */
} StrokeTile;

typedef struct
{
  double x, y, pressure;
} Point;

struct _TacetStroke
{
  TacetLayer *layer;
  TacetBrush brush;
  TacetPaintRule rule;
  double reach;      /* pixels that coverage grows beyond the ink */
  GHashTable *tiles; /* row * 65536 + column -> StrokeTile */
  Point points[4];   /* the newest last */
  int n_points;
  double walked; /* since the last dab */
};

static void
stroke_tile_free (gpointer data)
{
  StrokeTile *self = data;
  g_free (self->before[0]);
  g_free (self->before[1]);
  g_free (self);
}

static StrokeTile *
touch_tile (TacetStroke *self, int x, int y)
{
  gpointer key = GINT_TO_POINTER (y * 65536 + x);
  StrokeTile *tile = g_hash_table_lookup (self->tiles, key);
  if (tile)
    return tile;
  TacetImage *planes[2];
  int n = _tacet_layer_planes (self->layer, planes);
  tile = g_try_new0 (StrokeTile, 1);
  if (!tile)
    return NULL;
  for (int i = 0; i < n; i++)
    if (!(tile->before[i] = _tacet_tile_new (planes[i], i, x, y)))
      {
        stroke_tile_free (tile);
        return NULL;
      }
  g_hash_table_insert (self->tiles, key, tile);
  tile->x0 = tile->y0 = TACET_TILE;
  return tile;
}

/* 1 inside, falling smoothly from `inner` to `radius`; a pixel wide ramp at least */
static double
dab_alpha (double distance, double radius, double inner)
{
  if (radius - inner < 1)
    return CLAMP (radius + 0.5 - distance, 0, 1);
  double t = CLAMP ((distance - inner) / (radius - inner), 0, 1);
  return 1 - t * t * (3 - 2 * t);
}

/* Squares of distances: up to `full` ink is full, from `none` on 0, and up to `reach` the reach is full.  A hair inside
 * the true ones, so that rounding decides nothing; only between them the distance itself is needed. */
typedef struct
{
  double full, none, reach;
} Rings;

static Rings
dab_rings (TacetStroke *self, double radius)
{
  double inner = radius * self->brush.hardness, hair = 1e-6;
  gboolean hard = radius - inner < 1;
  double full = (hard ? radius - 0.5 : inner) - hair, none = (hard ? radius + 0.5 : radius) + hair;
  double reach = self->reach > 0 ? radius + self->reach - 0.5 - hair : 0;
  return (Rings){ full > 0 ? full * full : -1, none * none, reach * reach };
}

static void
dab_into_tile (TacetStroke *self, StrokeTile *tile, double x, double y, double radius, double strength)
{
  const TacetTile *area = tile->before[0];
  double wide = radius + self->reach + 1, cx = x - area->x * TACET_TILE, cy = y - area->y * TACET_TILE;
  int x0 = MAX (0, (int) floor (cx - wide)), x1 = MIN (area->width, (int) ceil (cx + wide));
  int y0 = MAX (0, (int) floor (cy - wide)), y1 = MIN (area->height, (int) ceil (cy + wide));
  double inner = radius * self->brush.hardness, wide2 = wide * wide;
  Rings rings = dab_rings (self, radius);
  int full = (int) (255 * strength + 0.5);
  for (int row = y0; row < y1; row++)
    for (int column = x0; column < x1; column++)
      {
        double dx = column + 0.5 - cx, dy = row + 0.5 - cy, distance2 = dx * dx + dy * dy;
        int at = row * TACET_TILE + column;
        if (distance2 >= wide2)
          continue;
        if (distance2 <= rings.full)
          tile->ink[at] = MAX (tile->ink[at], full);
        if (distance2 <= rings.full || (distance2 >= rings.none && distance2 <= rings.reach))
          {
            tile->reach[at] = MAX (tile->reach[at], full);
            continue;
          }
        double distance = sqrt (distance2);
        int ink = (int) (255 * strength * dab_alpha (distance, radius, inner) + 0.5);
        int reach =
            self->reach > 0 ? (int) (255 * strength * CLAMP (radius + self->reach + 0.5 - distance, 0, 1) + 0.5) : ink;
        tile->ink[at] = MAX (tile->ink[at], ink);
        tile->reach[at] = MAX (tile->reach[at], reach);
      }
  if (x0 >= x1 || y0 >= y1)
    return;
  tile->x0 = MIN (tile->x0, x0);
  tile->y0 = MIN (tile->y0, y0);
  tile->x1 = MAX (tile->x1, x1);
  tile->y1 = MAX (tile->y1, y1);
}

static void
dab (TacetStroke *self, Point at)
{
  TacetImage *planes[2];
  _tacet_layer_planes (self->layer, planes);
  const TacetImage *map = planes[0];
  double radius = MAX (0.35, self->brush.size / 2 * (self->brush.steady ? 1 : MAX (at.pressure, MIN_PRESSURE)));
  double strength = self->brush.fades ? at.pressure : 1;
  double wide = radius + self->reach + 1;
  if (at.x + wide < 0 || at.y + wide < 0 || at.x - wide > map->width || at.y - wide > map->height)
    return;
  int x0 = MAX (0, (int) (at.x - wide)) / TACET_TILE, x1 = MIN (map->width - 1, (int) (at.x + wide)) / TACET_TILE;
  int y0 = MAX (0, (int) (at.y - wide)) / TACET_TILE, y1 = MIN (map->height - 1, (int) (at.y + wide)) / TACET_TILE;
  for (int row = y0; row <= y1; row++)
    for (int column = x0; column <= x1; column++)
      {
        StrokeTile *tile = touch_tile (self, column, row);
        if (tile)
          dab_into_tile (self, tile, at.x, at.y, radius, strength);
      }
}

/* Every pixel from what it was and what ink it got, so that dabs do not add up. */
static void
ink_tile (TacetStroke *self, StrokeTile *tile, TacetImage *planes[2], int n_planes)
{
  const TacetTile *area = tile->before[0];
  for (int row = tile->y0; row < tile->y1; row++)
    for (int column = tile->x0; column < tile->x1; column++)
      {
        const guint8 *before[2] = { NULL, NULL };
        guint8 *after[2] = { NULL, NULL };
        int at = row * TACET_TILE + column;
        if (!tile->ink[at] && !tile->reach[at])
          continue;
        for (int i = 0; i < n_planes; i++)
          {
            before[i] = tile->before[i]->data + row * tile->before[i]->row_bytes + column * planes[i]->channels;
            after[i] = _tacet_tile_row (area, planes[i], row) + column * planes[i]->channels;
          }
        _tacet_paint_pixel (&self->rule, tile->ink[at], tile->reach[at], self->rule.value, before, after);
      }
}

/* Applies what the dabs left, and tells. */
static void
flush (TacetScene *scene)
{
  TacetStroke *self = scene->stroke;
  TacetImage *planes[2];
  GHashTableIter iter;
  gpointer value;
  int x0 = G_MAXINT, y0 = G_MAXINT, x1 = 0, y1 = 0;
  int n_planes = _tacet_layer_planes (self->layer, planes);
  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      StrokeTile *tile = value;
      int left = tile->before[0]->x * TACET_TILE, top = tile->before[0]->y * TACET_TILE;
      if (tile->x0 >= tile->x1 || tile->y0 >= tile->y1)
        continue;
      ink_tile (self, tile, planes, n_planes);
      x0 = MIN (x0, left + tile->x0);
      y0 = MIN (y0, top + tile->y0);
      x1 = MAX (x1, left + tile->x1);
      y1 = MAX (y1, top + tile->y1);
      tile->x0 = tile->y0 = TACET_TILE;
      tile->x1 = tile->y1 = 0;
    }
  if (x0 >= x1 || y0 >= y1)
    return;
  if (self->layer->kind == TACET_LAYER_POSE)
    _tacet_layer_apply_opinion (self->layer, x0, y0, x1 - x0, y1 - y0);
  _tacet_layer_damage (self->layer, x0, y0, x1 - x0, y1 - y0);
  _tacet_scene_changed (scene);
}

static double
tangent (double before, double from, double to, double d0, double d1)
{
  return ((from - before) / d0 - (to - before) / (d0 + d1) + (to - from) / d1) * d1;
}

static double
knot (const Point *a, const Point *b)
{
  return sqrt (MAX (hypot (b->x - a->x, b->y - a->y), 1e-6));
}

/* Dabs along the piece from b to c; a and d are its neighbours (b itself, c itself at the ends). */
static void
draw_piece (TacetStroke *self, const Point *a, const Point *b, const Point *c, const Point *d)
{
  double d1 = knot (b, c), d0 = a == b ? d1 : knot (a, b), d2 = c == d ? d1 : knot (c, d);
  double chord = d1 * d1;
  double mx0 = a == b ? c->x - b->x : tangent (a->x, b->x, c->x, d0, d1);
  double my0 = a == b ? c->y - b->y : tangent (a->y, b->y, c->y, d0, d1);
  double mx1 = c == d ? c->x - b->x : tangent (d->x, c->x, b->x, d2, d1) * -1;
  double my1 = c == d ? c->y - b->y : tangent (d->y, c->y, b->y, d2, d1) * -1;
  int n = (int) CLAMP (ceil (chord * 4), 1, 1 << 17);
  Point last = *b;
  for (int i = 1; i <= n; i++)
    {
      double t = (double) i / n, s = 1 - t;
      double h00 = (1 + 2 * t) * s * s, h10 = t * s * s, h01 = t * t * (3 - 2 * t), h11 = -t * t * s;
      Point at = { h00 * b->x + h10 * mx0 + h01 * c->x + h11 * mx1, h00 * b->y + h10 * my0 + h01 * c->y + h11 * my1,
                   b->pressure * s + c->pressure * t };
      self->walked += hypot (at.x - last.x, at.y - last.y);
      last = at;
      if (self->walked < MAX (0.5, SPACING * self->brush.size * (self->brush.steady ? 1 : at.pressure)))
        continue;
      self->walked = 0;
      dab (self, at);
    }
}

/* The rule of the kind, as in tacet_coverage_from_map. */
static double
rule_radius (TacetScene *scene)
{
  return MAX (1.0, 8.0 * tacet_maps_scale (scene->width, scene->height));
}

void
tacet_scene_stroke_begin (TacetScene *scene, TacetLayer *layer, const TacetBrush *brush)
{
  g_return_if_fail (TACET_IS_SCENE (scene) && brush != NULL && _tacet_scene_owns (scene, layer));
  _tacet_scene_finish_stroke (scene);
  if (layer->settings.locked)
    return;
  TacetStroke *self = g_new0 (TacetStroke, 1);
  self->layer = g_object_ref (layer);
  self->brush = *brush;
  self->brush.size = isfinite (brush->size) ? CLAMP (brush->size, 0.5, TACET_SCENE_MAX_SIDE) : 1;
  self->brush.hardness = isfinite (brush->hardness) ? CLAMP (brush->hardness, 0, 1) : 1;
  self->rule = _tacet_paint_rule (layer->kind, &brush->paint);
  if (layer->kind == TACET_LAYER_EDGE && !self->rule.erase && !self->rule.silence && self->rule.value > 0)
    self->reach = rule_radius (scene);
  self->tiles = g_hash_table_new_full (NULL, NULL, NULL, stroke_tile_free);
  scene->stroke = self;
}

void
tacet_scene_stroke_to (TacetScene *scene, double x, double y, double pressure)
{
  g_return_if_fail (TACET_IS_SCENE (scene));
  TacetStroke *self = scene->stroke;
  if (!self || !isfinite (x) || !isfinite (y))
    return;
  double far = 4.0 * MAX (scene->width, scene->height);
  Point at = { CLAMP (x, -far, far), CLAMP (y, -far, far), isfinite (pressure) ? CLAMP (pressure, 0, 1) : 1 };
  if (self->n_points && hypot (at.x - self->points[3].x, at.y - self->points[3].y) < 0.01)
    return;
  memmove (self->points, self->points + 1, 3 * sizeof (Point));
  self->points[3] = at;
  self->n_points++;
  const Point *p = self->points;
  if (self->n_points == 1)
    dab (self, at);
  else if (self->n_points >= 3)
    draw_piece (self, self->n_points == 3 ? p + 1 : p, p + 1, p + 2, p + 3);
  flush (scene);
}

static void
stroke_free (TacetScene *scene)
{
  TacetStroke *self = g_steal_pointer (&scene->stroke);
  g_hash_table_unref (self->tiles);
  g_object_unref (self->layer);
  g_free (self);
}

/* The tiles that the stroke really changed. */
static GPtrArray *
changed_tiles (TacetStroke *self)
{
  GPtrArray *changed = g_ptr_array_new_with_free_func (g_free);
  TacetImage *planes[2];
  GHashTableIter iter;
  gpointer value;
  int n = _tacet_layer_planes (self->layer, planes);
  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    for (int i = 0; i < n; i++)
      {
        StrokeTile *tile = value;
        if (!_tacet_tile_same (tile->before[i], planes[i]))
          g_ptr_array_add (changed, g_steal_pointer (&tile->before[i]));
      }
  return changed;
}

static const char *
step_name (const TacetPaintRule *rule)
{
  if (rule->silence)
    /* Translators: undo steps: a part of a map is made silent, or made to speak */
    return rule->erase ? _ ("Silence") : _ ("Unsilence");
  return rule->erase ? _ ("Erase") : _ ("Paint");
}

void
tacet_scene_stroke_end (TacetScene *scene)
{
  g_return_if_fail (TACET_IS_SCENE (scene));
  TacetStroke *self = scene->stroke;
  if (!self)
    return;
  const Point *p = self->points;
  if (self->n_points >= 2)
    {
      draw_piece (self, self->n_points == 2 ? p + 2 : p + 1, p + 2, p + 3, p + 3);
      dab (self, p[3]);
    }
  flush (scene);
  GPtrArray *changed = changed_tiles (self);
  if (changed->len)
    _tacet_history_push (scene, _tacet_step_tiles (self->layer, step_name (&self->rule), changed));
  else
    g_ptr_array_unref (changed);
  stroke_free (scene);
  _tacet_scene_changed (scene);
}

void
tacet_scene_stroke_cancel (TacetScene *scene)
{
  g_return_if_fail (TACET_IS_SCENE (scene));
  if (!scene->stroke)
    return;
  GPtrArray *changed = changed_tiles (scene->stroke);
  TacetLayer *layer = scene->stroke->layer;
  if (changed->len)
    {
      TacetStep *step = _tacet_step_tiles (layer, "", changed);
      step->swap (step, scene);
      _tacet_step_free (step);
    }
  else
    g_ptr_array_unref (changed);
  stroke_free (scene);
  _tacet_scene_changed (scene);
}

void
_tacet_scene_finish_stroke (TacetScene *self)
{
  if (self->stroke)
    tacet_scene_stroke_end (self);
}
