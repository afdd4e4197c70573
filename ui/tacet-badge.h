/* tacet-badge.h: the sign on a row that something is wrong with its layer, with the reason and what helps.
 *
 * Room: ui.
 */
#pragma once

#include "engine/scene/tacet-layer-problem.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A GtkMenuButton, hidden until there is a problem.  Its popover says the problem and holds a button that helps; the
 * actions work on the selected layer, so select the row's when "active" becomes TRUE. */
GtkWidget *tacet_badge_new (void);
/* problem NULL or without text: none; copied. */
void tacet_badge_set_problem (GtkWidget *self, TacetLayer *layer, const TacetProblem *problem);
/* The action of the window that helps, and the label of a button for it, translated; FALSE: only hands do. */
gboolean tacet_problem_remedy (TacetProblemKind problem, TacetLayerKind layer, const char **action, const char **label);

G_END_DECLS
