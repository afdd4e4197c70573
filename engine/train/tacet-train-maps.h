/* tacet-train-maps.h: control maps of a cache's records, partly silenced, as a ControlNet is trained on them.
 *
 * Room: engine/train.
 */
#pragma once

#include "tacet-latents.h"
#include "tacet-rebalance.h"
#include "tacet-train-plan.h"

G_BEGIN_DECLS

/* map: RGB, 0 where silent.  coverage: gray, 255 where it speaks, as the artist's scene would have it: by
 * the kind's rule or by region. */
typedef struct
{
  TacetImage *map, *coverage;
} TacetTrainMap;

void tacet_train_map_clear (TacetTrainMap *self);

/* rebalance NULL: the whole map.  FALSE: no memory, or the record has nothing to draw such a map from. */
gboolean tacet_train_map_draw (const TacetTrainPlan *plan, const TacetLatents *cache, gint64 record,
                               TacetRebalance *rebalance, TacetRandom *random, TacetTrainMap *map, GError **error);

G_END_DECLS
