/* tacet-diagnostics.h: the pane under the canvas: plot, table, scrubber through the steps.
 *
 * Room: ui.
 */
#pragma once

#include "engine/sample/tacet-generate.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_DIAGNOSTICS (tacet_diagnostics_get_type ())
G_DECLARE_FINAL_TYPE (TacetDiagnostics, tacet_diagnostics, TACET, DIAGNOSTICS, GtkWidget)

/* Properties: "follow" boolean: the newest step is shown; "show-table" boolean. */
void tacet_diagnostics_set_progress (TacetDiagnostics *self, TacetProgress *progress, const int *colours,
                                     int n_colours);
/* Which step is shown: 0 is the first; -1: none yet. */
int tacet_diagnostics_get_step (TacetDiagnostics *self);
void tacet_diagnostics_step_by (TacetDiagnostics *self, int by); /* ends following */

G_END_DECLS
