/* tacet-staging.h: the strip of results under the canvas, run by run; what a run is making stands at its end.
 *
 * Room: ui.  Left and right go from result to result, Home and End to the ends; other keys run the window's actions.
 */
#pragma once

#include "engine/scene/tacet-candidate.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_STAGING (tacet_staging_get_type ())
G_DECLARE_FINAL_TYPE (TacetStaging, tacet_staging, TACET, STAGING, GtkWidget)

/* Properties: "selected" TacetCandidate (NULL: none).  Its actions are the window's, "win.result-...". */
void tacet_staging_set_scene (TacetStaging *self, TacetScene *scene);
void tacet_staging_set_selected (TacetStaging *self, TacetCandidate *candidate);
TacetCandidate *tacet_staging_get_selected (TacetStaging *self);
/* The next ones, or those before; the first or last if there is none chosen. */
void tacet_staging_select_by (TacetStaging *self, int by);
/* The one that is compared with; NULL: none. */
void tacet_staging_set_compared (TacetStaging *self, TacetCandidate *candidate);
/* What is shown for every result: the menu of the button and of the right click. */
void tacet_staging_set_menu (TacetStaging *self, GMenuModel *menu);

/* A run of n pictures, by their seeds from the first on. */
void tacet_staging_begin_run (TacetStaging *self, const char *prompt, guint64 seed, int n);
void tacet_staging_set_progress (TacetStaging *self, int picture, double fraction, TacetImage *preview);
void tacet_staging_end_run (TacetStaging *self);

G_END_DECLS
