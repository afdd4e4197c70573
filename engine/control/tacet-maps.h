/* tacet-maps.h: control maps: their kinds, poses, edges from a picture, silence by kind.
 *
 * Room: engine/control.  Sources: Canny 1986 as in OpenCV (3x3 Sobel, L1 norm); OpenPose's limbs and
 * colours as in lllyasviel/ControlNet.
 */
#pragma once

#include "engine/control/tacet-person.h"
#include "engine/image/tacet-image.h"

G_BEGIN_DECLS

typedef enum
{
  TACET_CONTROL_EDGE,
  TACET_CONTROL_DEPTH,
  TACET_CONTROL_POSE,
  TACET_N_CONTROL_KINDS,
} TacetControlKind;

const char *tacet_control_kind_id (TacetControlKind kind); /* "edge", "depth", "pose" */
gboolean tacet_control_kind_parse (const char *id, TacetControlKind *kind);

#define TACET_POSE_LIMBS 17
extern const int tacet_pose_limbs[TACET_POSE_LIMBS][2]; /* pairs of joints */
/* of a joint; and, at 60 %, of the limb with the same number */
extern const guint8 tacet_pose_colors[TACET_POSE_JOINTS][3];
#define TACET_HAND_BONES (TACET_HAND_POINTS - 1)
extern const guint8 tacet_hand_colors[TACET_HAND_BONES][3]; /* of the bone that ends in the next point */

/* Lengths given at 512 x 512 pixels times this: the ratio of the diagonals. */
double tacet_maps_scale (int width, int height);
/* of the discs, and half the width of the limbs, in pixels */
double tacet_pose_radius (int width, int height);

/* All return NULL when memory runs out. */
/* Gray 0/255, equal to OpenCV's on gray and on RGB (the strongest channel counts; alpha is ignored); thresholds 100 and
 * 200 are customary at 512 pixels */
TacetImage *tacet_canny (const TacetImage *picture, double low, double high);
/* RGB on black: body, hands and face of every person, the first at the bottom; what is hidden is not drawn */
TacetImage *tacet_pose_draw (const TacetPerson *people, int n_people, int width, int height);
/* A part of it made anew: black, and everybody there; not a pixel outside the rectangle, none other than the whole
 * would have. */
void tacet_pose_redraw (TacetImage *map, const TacetPerson *people, int n_people, int x, int y, int width, int height);
/* The pixels that the drawing of a person may touch, inside the picture: x, y, width, height. */
void tacet_pose_area (const TacetPerson *person, int width, int height, int area[4]);
/* Where the kind has something to say (255) or is silent (0), from the map alone: edges: within 8
 * pixels (at 512; scaled with the size) of a value above 0.05; pose: near a limb; depth: everywhere. */
TacetImage *tacet_coverage_from_map (TacetControlKind kind, const TacetImage *map);
/* The same after the map has changed inside the rectangle: up to tacet_coverage_reach () pixels around it the coverage
 * is made right again.  FALSE: no memory. */
gboolean tacet_coverage_update (TacetControlKind kind, const TacetImage *map, TacetImage *coverage, int x, int y,
                                int width, int height);
int tacet_coverage_reach (int width, int height);

G_END_DECLS
