/* tacet-fidelity.h: how far a picture does what a control map says, inside the map's coverage.
 *
 * Room: engine/measure.  The picture is read again (edges by Canny, depth and joints by the judge) and compared
 * with the map.  Source of the idea: condition distance of arXiv 2506.01672, section 5.2; F1 as in ControlNet++.
 */
#pragma once

#include "tacet-judge.h"

G_BEGIN_DECLS

/* F1 of edge pixels, 0 .. 1; a pixel counts as found within `tolerance` pixels.  map: gray, of the picture's
 * size; coverage: gray or NULL (everywhere).  -1: neither has an edge there. */
double tacet_fidelity_edges (const TacetImage *picture, const TacetImage *map, const TacetImage *coverage,
                             double tolerance);
/* Mean |depth - map| on the judge's grid, 0 .. 1, after the offset and scale that fit best (a monocular
 * depth has neither).  -1: nothing covered. */
double tacet_fidelity_depth (const TacetVerdict *verdict, const TacetImage *map, const TacetImage *coverage);
/* Mean distance of the joints that `person` shows, in shares of the picture's width. -1: none shown. */
double tacet_fidelity_pose (const TacetVerdict *verdict, const TacetPerson *person, int width);

G_END_DECLS
