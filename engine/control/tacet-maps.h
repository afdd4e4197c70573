/* tacet-maps.h: control maps: edges from a picture, a pose drawn as a map, silence by kind.
 *
 * Room: engine/control.  Sources: Canny 1986 as in OpenCV (3x3 Sobel, L1 norm); OpenPose's limb
 * colours as in lllyasviel/ControlNet.
 */
#pragma once

#include "engine/sample/tacet-generate.h"
#include "engine/studio/tacet-studio.h"

G_BEGIN_DECLS

/* gray 0/255, OpenCV-compatible; thresholds 100 and 200 are customary at 512 pixels */
TacetImage *tacet_canny (const TacetImage *picture, double low, double high);
/* RGB on black, limbs and joints of every person; joints with confidence 0 are not drawn */
TacetImage *tacet_pose_draw (const TacetPerson *people, int n_people, int width, int height);
/* Where the kind has something to say (255) or is silent (0), from the map alone: edges: within 8
 * pixels (at 512; scaled with the size) of a value above 0.05; pose: near a limb; depth: everywhere. */
TacetImage *tacet_coverage_from_map (TacetControlKind kind, const TacetImage *map);

G_END_DECLS
