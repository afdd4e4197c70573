/* tacet-rebalance.h: which part of a control map is kept, so that training meets silence.
 *
 * Room: engine/train.  Source: arXiv 2506.01672, section 4.1 and appendix F.1; docs/method.md says what
 * is ours (shares, small regions, samples with one region).
 */
#pragma once

#include "tacet-train-random.h"

G_BEGIN_DECLS

typedef struct _TacetRebalance TacetRebalance; /* work space; one per thread */

TacetRebalance *tacet_rebalance_new (int size); /* NULL: no memory */
void tacet_rebalance_free (TacetRebalance *self);

/* Connected parts of equal number, parts under 0.5 % of the picture joined to their largest neighbour:
 * regions {size,size} of 0 .. n - 1; returns n. */
int tacet_rebalance_regions (TacetRebalance *self, const guint8 *objects, guint16 *regions);

/* mask {size,size}: 255 kept, 0 silent.  With probability `full` everything; else each region with
 * probability `keep`, neither all nor none; a picture of one region: a random box or half-plane every
 * second time.  Kept regions grow by `grow` pixels, so that they keep their contours.  objects NULL: one
 * region. */
void tacet_rebalance_mask (TacetRebalance *self, const guint8 *objects, double full, double keep, int grow,
                           TacetRandom *random, guint8 *mask);

G_END_DECLS
