/* tacet-scene-render.c: the layers as a run sees them: pictures over each other, masks as one.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <string.h>

void
_tacet_picture_over (guint8 *under, const guint8 *over, gsize n, int opacity)
{
  for (gsize i = 0; i < n; i++, under += 4, over += 4)
    {
      int alpha = (over[3] * opacity + 127) / 255, rest = under[3] * (255 - alpha), all = alpha * 255 + rest;
      if (!alpha)
        continue;
      for (int k = 0; k < 3; k++)
        under[k] = (guint8) ((over[k] * alpha * 255 + under[k] * rest + all / 2) / all);
      under[3] = (guint8) ((all + 127) / 255);
    }
}

void
_tacet_plane_max (TacetImage *into, const TacetImage *other)
{
  gsize n = (gsize) into->width * into->height * into->channels;
  for (gsize i = 0; i < n; i++)
    into->data[i] = MAX (into->data[i], other->data[i]);
}

static gboolean
takes_part (TacetLayer *layer, TacetLayerKind kind)
{
  return layer->kind == kind && layer->settings.enabled;
}

gboolean
tacet_scene_has_picture (TacetScene *self)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), FALSE);
  for (guint i = 0; i < _tacet_scene_n_layers (self); i++)
    if (takes_part (_tacet_scene_get_layer (self, i), TACET_LAYER_PICTURE))
      return TRUE;
  return FALSE;
}

gboolean
tacet_scene_has_mask (TacetScene *self)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), FALSE);
  for (guint i = 0; i < _tacet_scene_n_layers (self); i++)
    if (takes_part (_tacet_scene_get_layer (self, i), TACET_LAYER_MASK))
      return TRUE;
  return FALSE;
}

TacetImage *
tacet_scene_render_picture (TacetScene *self)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), NULL);
  TacetImage *all = tacet_image_new (self->width, self->height, 4);
  for (guint i = _tacet_scene_n_layers (self); all && i-- > 0;)
    {
      TacetLayer *layer = _tacet_scene_get_layer (self, i);
      if (takes_part (layer, TACET_LAYER_PICTURE))
        _tacet_picture_over (all->data, layer->picture->data, (gsize) self->width * self->height,
                             (int) (layer->settings.opacity * 255 + 0.5));
    }
  return all;
}

TacetImage *
tacet_scene_render_mask (TacetScene *self)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), NULL);
  TacetImage *all = tacet_image_new (self->width, self->height, 1);
  for (guint i = 0; all && i < _tacet_scene_n_layers (self); i++)
    {
      TacetLayer *layer = _tacet_scene_get_layer (self, i);
      if (takes_part (layer, TACET_LAYER_MASK))
        _tacet_plane_max (all, layer->coverage);
    }
  return all;
}
