/* tacet-scene-convert.c: a layer becomes one of another kind, or one with the layer below.
 *
 * Room: engine/scene.  What a kind means by its pixels decides what they become:
 *
 *   from \ to        edge, depth                  pose             region, mask            picture
 *   picture          its edges; its brightness    under people     alpha, else brightness
 *   control          map and coverage             map              coverage                map, coverage as alpha
 *   region, mask     white where it covers        white            coverage                white, coverage as alpha
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#define CANNY_LOW  100
#define CANNY_HIGH 200

/* RGBA of what the layer shows. */
static TacetImage *
as_picture (TacetLayer *layer)
{
  return layer->picture ? tacet_image_copy (layer->picture) : tacet_image_with_alpha (layer->map, layer->coverage);
}

/* What the layer covers; of an opaque picture, what is bright. */
static TacetImage *
as_coverage (TacetLayer *layer)
{
  if (layer->coverage)
    return tacet_image_copy (layer->coverage);
  g_autoptr (TacetImage) alpha = tacet_image_alpha (layer->picture);
  if (alpha && tacet_image_is_filled (alpha, 255))
    return tacet_image_convert (layer->picture, 1);
  return g_steal_pointer (&alpha);
}

static gboolean
fill_control (TacetLayer *to, TacetLayer *from)
{
  g_autoptr (TacetImage) map = NULL;
  g_autoptr (TacetImage) coverage = NULL;
  g_autoptr (TacetImage) picture = from->map ? NULL : as_picture (from);
  if (from->map)
    map = tacet_image_convert (from->map, 1);
  else if (picture && from->picture && to->kind == TACET_LAYER_EDGE)
    map = tacet_canny (picture, CANNY_LOW, CANNY_HIGH);
  else if (picture)
    map = tacet_image_convert (picture, 1);
  if (from->coverage)
    coverage = tacet_image_copy (from->coverage);
  else if (map && to->kind == TACET_LAYER_EDGE)
    coverage = tacet_coverage_from_map (TACET_CONTROL_EDGE, map);
  else if (picture)
    coverage = tacet_image_alpha (picture);
  if (!map || !coverage)
    return FALSE;
  _tacet_image_replace (&to->map, &map);
  _tacet_image_replace (&to->coverage, &coverage);
  return TRUE;
}

static gboolean
fill_pose (TacetLayer *to, TacetLayer *from)
{
  g_autoptr (TacetImage) picture = as_picture (from);
  g_autoptr (TacetImage) base = picture ? tacet_image_convert (picture, 3) : NULL;
  if (!base)
    return FALSE;
  _tacet_image_replace (&to->base, &base);
  return _tacet_layer_redraw (to);
}

static gboolean
fill (TacetLayer *to, TacetLayer *from)
{
  g_autoptr (TacetImage) image = NULL;
  if (to->kind == TACET_LAYER_POSE)
    return fill_pose (to, from);
  if (tacet_layer_kind_is_control (to->kind))
    return fill_control (to, from);
  if (to->kind == TACET_LAYER_PICTURE)
    {
      image = as_picture (from);
      return image ? (_tacet_image_replace (&to->picture, &image), TRUE) : FALSE;
    }
  image = as_coverage (from);
  return image ? (_tacet_image_replace (&to->coverage, &image), TRUE) : FALSE;
}

TacetLayer *
tacet_scene_convert_layer (TacetScene *self, TacetLayer *layer, TacetLayerKind kind, gboolean keep)
{
  g_return_val_if_fail (_tacet_scene_owns (self, layer) && (guint) kind < TACET_N_LAYER_KINDS, NULL);
  if (kind == layer->kind)
    return keep ? tacet_scene_duplicate_layer (self, layer) : layer;
  g_autoptr (TacetLayer) filled = _tacet_layer_new (kind, "", self->width, self->height);
  if (!filled || !fill (filled, layer))
    return NULL;
  /* Translators: names of undo steps */
  tacet_scene_group_begin (self, keep ? _ ("Copy Layer") : _ ("Convert Layer"));
  if (!keep)
    tacet_scene_remove_layer (self, layer);
  TacetLayer *made = tacet_scene_add_layer (self, kind);
  if (made)
    {
      TacetImage **from[2], **to[2];
      int n = _tacet_layer_slots (filled, from);
      _tacet_history_push (self, _tacet_step_planes (made, ""));
      _tacet_layer_slots (made, to);
      for (int i = 0; i < n; i++)
        _tacet_image_replace (to[i], from[i]);
      if (kind == TACET_LAYER_POSE)
        {
          _tacet_image_replace (&made->base, &filled->base);
          _tacet_layer_redraw (made);
        }
      _tacet_scene_end_pixels (self, made);
    }
  tacet_scene_group_end (self);
  if (!made && !keep)
    tacet_scene_undo (self);
  return made;
}

/* ---- merging ---- */

static TacetLayer *
layer_below (TacetScene *self, TacetLayer *layer)
{
  guint position;
  if (!g_list_store_find (self->layers, layer, &position) || position + 1 >= _tacet_scene_n_layers (self))
    return NULL;
  TacetLayer *below = _tacet_scene_get_layer (self, position + 1);
  return below->kind == layer->kind ? below : NULL;
}

gboolean
tacet_scene_can_merge_down (TacetScene *self, TacetLayer *layer)
{
  g_return_val_if_fail (_tacet_scene_owns (self, layer), FALSE);
  TacetLayer *below = layer_below (self, layer);
  if (!below || below->settings.locked || layer->settings.locked)
    return FALSE;
  return !layer->people || layer->people->len + below->people->len <= TACET_MAX_PEOPLE;
}

/* Painted over: where the upper one speaks, its value counts. */
static void
merge_depth (TacetImage *map, TacetImage *coverage, const TacetLayer *over)
{
  gsize n = (gsize) map->width * map->height;
  for (gsize i = 0; i < n; i++)
    {
      int alpha = over->coverage->data[i], rest = coverage->data[i] * (255 - alpha), all = alpha * 255 + rest;
      if (!alpha)
        continue;
      map->data[i] = (guint8) ((over->map->data[i] * alpha * 255 + map->data[i] * rest + all / 2) / all);
      coverage->data[i] = (guint8) ((all + 127) / 255);
    }
}

static void
merge_pose (TacetLayer *below, TacetLayer *layer)
{
  gsize n = (gsize) below->opinion->width * below->opinion->height;
  g_array_append_vals (below->people, layer->people->data, layer->people->len);
  for (gsize i = 0; i < n; i++)
    if (layer->opinion->data[i] != TACET_NEUTRAL)
      below->opinion->data[i] = layer->opinion->data[i];
  if (!below->base && layer->base)
    below->base = tacet_image_ref (layer->base);
  _tacet_layer_redraw (below);
}

static void
merge_planes (TacetLayer *below, TacetLayer *layer)
{
  if (layer->kind == TACET_LAYER_PICTURE)
    {
      gsize n = (gsize) layer->picture->width * layer->picture->height;
      int opacity = (int) (below->settings.opacity * 255 + 0.5);
      for (gsize i = 0; i < n; i++)
        below->picture->data[4 * i + 3] = (guint8) ((below->picture->data[4 * i + 3] * opacity + 127) / 255);
      _tacet_picture_over (below->picture->data, layer->picture->data, n, (int) (layer->settings.opacity * 255 + 0.5));
    }
  else if (layer->kind == TACET_LAYER_POSE)
    merge_pose (below, layer);
  else if (layer->kind == TACET_LAYER_DEPTH)
    merge_depth (below->map, below->coverage, layer);
  else
    {
      if (layer->map)
        _tacet_plane_max (below->map, layer->map);
      _tacet_plane_max (below->coverage, layer->coverage);
    }
}

static void
merge_settings (TacetScene *self, TacetLayer *below, TacetLayer *layer)
{
  if (layer->kind == TACET_LAYER_PICTURE)
    tacet_scene_set_layer_opacity (self, below, 1);
  if (layer->kind != TACET_LAYER_REGION || !*layer->settings.prompt)
    return;
  g_autofree char *prompt = *below->settings.prompt
                                ? g_strdup_printf ("%s, %s", below->settings.prompt, layer->settings.prompt)
                                : g_strdup (layer->settings.prompt);
  tacet_scene_set_layer_prompt (self, below, prompt);
}

gboolean
tacet_scene_merge_down (TacetScene *self, TacetLayer *layer)
{
  if (!tacet_scene_can_merge_down (self, layer))
    return FALSE;
  TacetLayer *below = layer_below (self, layer);
  TacetImage **slots[2], *copies[2] = { NULL, NULL };
  int n = _tacet_layer_slots (below, slots);
  for (int i = 0; i < n; i++)
    copies[i] = tacet_image_copy (*slots[i]);
  if (!copies[0] || (n > 1 && !copies[1]))
    {
      g_clear_pointer (&copies[0], tacet_image_unref);
      g_clear_pointer (&copies[1], tacet_image_unref);
      return FALSE;
    }
  tacet_scene_group_begin (self, _ ("Merge Layers"));
  _tacet_history_push (self, _tacet_step_planes (below, ""));
  for (int i = 0; i < n; i++)
    _tacet_image_replace (slots[i], &copies[i]);
  merge_planes (below, layer);
  merge_settings (self, below, layer);
  tacet_scene_remove_layer (self, layer);
  _tacet_scene_end_pixels (self, below);
  tacet_scene_group_end (self);
  return TRUE;
}
