/* tacet-ink-apply.c: ink on a layer; one undo step, which holds the tiles that changed.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <string.h>

typedef struct
{
  const TacetInk *ink;
  TacetPaintRule rule;
  TacetImage *reach; /* edges: what lies near the ink; else NULL */
  TacetImage *planes[2];
  int n_planes;
  int x0, y0, x1, y1; /* what may change */
} Applying;

/* An edge map says "nothing else near" around its marks, as far as the kind's rule goes. */
static gboolean
find_reach (Applying *self)
{
  const TacetInk *ink = self->ink;
  int width = self->planes[0]->width, height = self->planes[0]->height, far = tacet_coverage_reach (width, height);
  g_autoptr (TacetImage) marks = tacet_image_new (width, height, 1);
  self->reach = tacet_image_new (width, height, 1);
  if (!marks || !self->reach)
    return FALSE;
  for (int row = 0; row < ink->height; row++)
    for (int column = 0; column < ink->width; column++)
      {
        gsize from = (gsize) row * ink->width + column;
        int value = ink->value ? ink->value[from] : self->rule.value;
        marks->data[(gsize) (ink->y + row) * width + ink->x + column] = (guint8) (ink->alpha[from] * value / 255);
      }
  self->x0 = MAX (ink->x - far, 0);
  self->y0 = MAX (ink->y - far, 0);
  self->x1 = MIN (ink->x + ink->width + far, width);
  self->y1 = MIN (ink->y + ink->height + far, height);
  return tacet_coverage_update (TACET_CONTROL_EDGE, marks, self->reach, ink->x, ink->y, ink->width, ink->height);
}

static void
apply_pixel (Applying *self, int x, int y)
{
  const TacetInk *ink = self->ink;
  gsize pixel = (gsize) y * self->planes[0]->width + x;
  gboolean inside = x >= ink->x && y >= ink->y && x < ink->x + ink->width && y < ink->y + ink->height;
  gsize at = inside ? (gsize) (y - ink->y) * ink->width + x - ink->x : 0;
  int alpha = inside ? ink->alpha[at] : 0, reach = self->reach ? self->reach->data[pixel] : alpha;
  int value = inside && ink->value ? ink->value[at] : self->rule.value;
  guint8 kept[2][4], *after[2] = { NULL, NULL };
  const guint8 *const before[2] = { kept[0], kept[1] };
  if (!alpha && !reach)
    return;
  for (int i = 0; i < self->n_planes; i++)
    {
      int channels = self->planes[i]->channels;
      after[i] = self->planes[i]->data + pixel * channels;
      memcpy (kept[i], after[i], channels);
    }
  _tacet_paint_pixel (&self->rule, alpha, reach, value, before, after);
}

/* The tiles as they were; NULL: no memory. */
static GPtrArray *
keep_tiles (Applying *self)
{
  g_autoptr (GPtrArray) tiles = g_ptr_array_new_with_free_func (g_free);
  for (int y = self->y0 / TACET_TILE; y <= (self->y1 - 1) / TACET_TILE; y++)
    for (int x = self->x0 / TACET_TILE; x <= (self->x1 - 1) / TACET_TILE; x++)
      for (int i = 0; i < self->n_planes; i++)
        {
          TacetTile *tile = _tacet_tile_new (self->planes[i], i, x, y);
          if (!tile)
            return NULL;
          g_ptr_array_add (tiles, tile);
        }
  return g_steal_pointer (&tiles);
}

static void
forget_unchanged (Applying *self, GPtrArray *tiles)
{
  for (guint i = tiles->len; i-- > 0;)
    {
      const TacetTile *tile = tiles->pdata[i];
      if (_tacet_tile_same (tile, self->planes[tile->plane]))
        g_ptr_array_remove_index_fast (tiles, i);
    }
}

static gboolean
apply (TacetScene *scene, TacetLayer *layer, Applying *self, const char *name)
{
  g_autoptr (GPtrArray) tiles = keep_tiles (self);
  if (!tiles)
    return FALSE;
  for (int y = self->y0; y < self->y1; y++)
    for (int x = self->x0; x < self->x1; x++)
      apply_pixel (self, x, y);
  forget_unchanged (self, tiles);
  if (!tiles->len)
    return TRUE;
  _tacet_history_push (scene, _tacet_step_tiles (layer, name, g_steal_pointer (&tiles)));
  if (layer->kind == TACET_LAYER_POSE)
    _tacet_layer_apply_opinion (layer, self->x0, self->y0, self->x1 - self->x0, self->y1 - self->y0);
  _tacet_layer_damage (layer, self->x0, self->y0, self->x1 - self->x0, self->y1 - self->y0);
  _tacet_scene_changed (scene);
  return TRUE;
}

gboolean
tacet_scene_apply_ink (TacetScene *scene, TacetLayer *layer, const TacetInk *ink, const TacetPaint *paint,
                       const char *name)
{
  g_return_val_if_fail (_tacet_scene_owns (scene, layer) && ink && paint && name, FALSE);
  g_return_val_if_fail (ink->x >= 0 && ink->y >= 0 && ink->x + ink->width <= scene->width &&
                            ink->y + ink->height <= scene->height,
                        FALSE);
  _tacet_scene_finish_stroke (scene);
  if (layer->settings.locked)
    return FALSE;
  if (ink->width < 1 || ink->height < 1)
    return TRUE;
  Applying self = { .ink = ink, .rule = _tacet_paint_rule (layer->kind, paint) };
  self.x0 = ink->x;
  self.y0 = ink->y;
  self.x1 = ink->x + ink->width;
  self.y1 = ink->y + ink->height;
  self.n_planes = _tacet_layer_planes (layer, self.planes);
  gboolean spreads = layer->kind == TACET_LAYER_EDGE && !paint->erase && !paint->silence;
  gboolean done = (!spreads || find_reach (&self)) && apply (scene, layer, &self, name);
  g_clear_pointer (&self.reach, tacet_image_unref);
  return done;
}
