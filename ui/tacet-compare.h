/* tacet-compare.h: two results over the canvas: a line to drag between them, beside each other, or their difference.
 *
 * Room: ui.
 */
#pragma once

#include "ui/tacet-compare-draw.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_COMPARE (tacet_compare_get_type ())
G_DECLARE_FINAL_TYPE (TacetCompare, tacet_compare, TACET, COMPARE, GtkWidget)

/* Property "mode" string: "split", "side", "difference".  Signal "close": the user has seen enough. */
/* Labels say which is which.  FALSE: no memory. */
gboolean tacet_compare_set (TacetCompare *self, TacetImage *left, const char *left_label, TacetImage *right,
                            const char *right_label);
void tacet_compare_clear (TacetCompare *self);
void tacet_compare_swap (TacetCompare *self);
void tacet_compare_set_mode (TacetCompare *self, TacetCompareMode mode);
double tacet_compare_get_split (TacetCompare *self);
void tacet_compare_set_split (TacetCompare *self, double split);

G_END_DECLS
