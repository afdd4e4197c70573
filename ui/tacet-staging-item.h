/* tacet-staging-item.h: one result in the strip: thumbnail, ring of progress, star, seed.
 *
 * Room: ui.
 */
#pragma once

#include "engine/scene/tacet-candidate.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_STAGING_ITEM (tacet_staging_item_get_type ())
G_DECLARE_FINAL_TYPE (TacetStagingItem, tacet_staging_item, TACET, STAGING_ITEM, GtkWidget)

GtkWidget *tacet_staging_item_new (TacetCandidate *candidate);
/* One that is still in the making. */
GtkWidget *tacet_staging_item_new_pending (guint64 seed);
TacetCandidate *tacet_staging_item_get_candidate (TacetStagingItem *self); /* NULL: pending */
/* Of a pending one; fraction 0 .. 1; preview: NULL: as before. */
void tacet_staging_item_set_progress (TacetStagingItem *self, double fraction, TacetImage *preview);
void tacet_staging_item_set_selected (TacetStagingItem *self, gboolean selected);
/* The one the others are compared with. */
void tacet_staging_item_set_compared (TacetStagingItem *self, gboolean compared);

G_END_DECLS
