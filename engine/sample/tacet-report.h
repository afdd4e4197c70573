/* tacet-report.h: what a run did, as JSON for other programs.
 *
 * Room: engine/sample.  Format "tacet-report" version 1, docs/formats.md.  Numbers have as many digits
 * as it takes to read back the same double, whatever the locale.  Values that are not finite are null.
 */
#pragma once

#include "tacet-generate.h"

G_BEGIN_DECLS

/* scene: a JSON object for the field "scene", or NULL: written from the request (without pictures). */
char *tacet_report_to_json (const TacetRequest *request, const TacetProgress *progress, const char *scene);
/* Written whole or not at all. */
gboolean tacet_report_write (const char *path, const TacetRequest *request, const TacetProgress *progress,
                             const char *scene, GError **error);

G_END_DECLS
