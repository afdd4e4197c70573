/* tacet-train-maps.c: control maps of a cache's records, partly silenced.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-train-maps.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define RULE_SHARE 0.75 /* samples whose coverage follows the kind's rule, not only the regions */

void
tacet_train_map_clear (TacetTrainMap *self)
{
  g_clear_pointer (&self->map, tacet_image_unref);
  g_clear_pointer (&self->coverage, tacet_image_unref);
}

static TacetImage *
gray_to_rgb (const guint8 *gray, guint8 bits, int size)
{
  TacetImage *image = tacet_image_new (size, size, 3);
  for (gsize i = 0; image && i < (gsize) size * size; i++)
    memset (image->data + 3 * i, bits ? (gray[i] & bits ? 255 : 0) : gray[i], 3);
  return image;
}

/* The whole map; NULL: no memory, or the cache was made without what it takes. */
static TacetImage *
draw_whole (const TacetTrainPlan *plan, const TacetLatents *cache, gint64 record, TacetRandom *random)
{
  const int size = cache->layout.size;
  const guint8 *own = tacet_latents_map (cache, record);
  const guint8 *gray =
      plan->control == TACET_CONTROL_DEPTH ? tacet_latents_depth (cache, record) : tacet_latents_bits (cache, record);
  const gboolean canny = tacet_random_uniform (random) < plan->canny;
  TacetPerson people[4];
  if (own)
    {
      TacetImage *image = tacet_image_new (size, size, 3);
      if (image)
        memcpy (image->data, own, (gsize) size * size * 3);
      return image;
    }
  if (plan->control == TACET_CONTROL_POSE)
    return tacet_pose_draw (people, tacet_latents_people (cache, record, people), size, size);
  if (!gray)
    return NULL;
  return gray_to_rgb (gray, plan->control == TACET_CONTROL_DEPTH ? 0 : canny ? TACET_BIT_CANNY : TACET_BIT_EDGE, size);
}

static gboolean
any (const TacetImage *image)
{
  for (gsize i = 0; i < (gsize) image->width * image->height * image->channels; i++)
    if (image->data[i])
      return TRUE;
  return FALSE;
}

static void
silence (TacetImage *map, const TacetImage *mask)
{
  for (gsize i = 0; i < (gsize) map->width * map->height; i++)
    if (!mask->data[i])
      memset (map->data + 3 * i, 0, 3);
}

/* Narrows `coverage` to where the kind has something to say in this map. */
static gboolean
follow_rule (const TacetTrainPlan *plan, const TacetImage *map, TacetImage *coverage)
{
  g_autoptr (TacetImage) rule = tacet_coverage_from_map (plan->control, map);
  for (gsize i = 0; rule && i < (gsize) map->width * map->height; i++)
    coverage->data[i] = MIN (coverage->data[i], rule->data[i]);
  return rule != NULL;
}

gboolean
tacet_train_map_draw (const TacetTrainPlan *plan, const TacetLatents *cache, gint64 record, TacetRebalance *rebalance,
                      TacetRandom *random, TacetTrainMap *map, GError **error)
{
  const int size = cache->layout.size;
  g_autoptr (TacetImage) whole = draw_whole (plan, cache, record, random);
  *map = (TacetTrainMap){ whole ? tacet_image_copy (whole) : NULL, tacet_image_new (size, size, 1) };
  const gboolean rule = tacet_random_uniform (random) < RULE_SHARE;
  gboolean good = map->map && map->coverage;
  if (good)
    {
      memset (map->coverage->data, 255, (gsize) size * size);
      if (rebalance)
        tacet_rebalance_mask (rebalance, tacet_latents_objects (cache, record), plan->rebalance_full,
                              plan->rebalance_keep, MAX (1, size / 64), random, map->coverage->data);
      silence (map->map, map->coverage);
      /* A map that says nothing teaches nothing. */
      if (!any (map->map))
        {
          memset (map->coverage->data, 255, (gsize) size * size);
          memcpy (map->map->data, whole->data, (gsize) size * size * 3);
        }
      good = !rule || follow_rule (plan, map->map, map->coverage);
    }
  if (good)
    return TRUE;
  tacet_train_map_clear (map);
  g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_DATA,
               _ ("No %s map can be drawn: the cache of latents was made without maps (field “maps” of its plan), or "
                  "memory is short."),
               tacet_control_kind_id (plan->control));
  return FALSE;
}
