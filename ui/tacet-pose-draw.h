/* tacet-pose-draw.h: people on the canvas as bones, handles and a frame, and what of them is under the pointer.
 *
 * Room: ui, the part without widgets.  All is drawn in coordinates of the widget, so that it keeps its size.
 */
#pragma once

#include "engine/control/tacet-maps.h"
#include "ui/tacet-view.h"

#include <cairo.h>

G_BEGIN_DECLS

/* What of whom: a point, or a part as a whole. */
typedef struct
{
  int person;         /* -1: nobody */
  TacetBodyPart part; /* what its frame goes around: the person, a hand, the face */
  int point;          /* -1: the part as a whole */
} TacetPoseRef;
#define TACET_POSE_NONE ((TacetPoseRef){ -1, TACET_BODY_PERSON, -1 })

typedef enum
{
  TACET_POSE_NOTHING,
  TACET_POSE_POINT,
  TACET_POSE_BONE, /* the one that ends in ref.point */
  TACET_POSE_BODY,
  TACET_POSE_SCALE, /* a handle of the frame */
  TACET_POSE_TURN,
} TacetPoseHitKind;

typedef struct
{
  TacetPoseHitKind kind;
  TacetPoseRef ref;
  int handle; /* of the frame: 0 .. 7 from the top left corner clockwise */
} TacetPoseHit;

/* The frame's corners from the top left clockwise, and the points that its handles are at, in document pixels. */
typedef struct
{
  double x[4], y[4];
} TacetPoseFrame;

gboolean tacet_pose_ref_equal (TacetPoseRef a, TacetPoseRef b);
TacetPoseFrame tacet_pose_frame (const TacetView *view, const TacetPerson *person, TacetBodyPart part);
void tacet_pose_frame_transform (TacetPoseFrame *frame, const double matrix[6]);
/* handle 8: the one that turns */
void tacet_pose_frame_handle (const TacetPoseFrame *frame, const TacetView *view, int handle, double *x, double *y);

/* Bones thin, points as handles, hidden ones hollow, locked ones square; the selected part in its frame.  frame NULL:
 * nothing is selected. */
void tacet_pose_draw_handles (cairo_t *cr, const TacetView *view, const TacetPerson *people, int n_people,
                              TacetPoseRef selected, const TacetPoseHit *hovered, const TacetPoseFrame *frame);
/* What a press there takes: handles of the frame first, then the nearest point within reach, bones, bodies; of people
 * over each other the upper one, and the selected one before all.  What is locked is not there. */
TacetPoseHit tacet_pose_hit (const TacetView *view, const TacetPerson *people, int n_people, TacetPoseRef selected,
                             const TacetPoseFrame *frame, double x, double y);

/* ---- in words, translated ---- */

const char *tacet_pose_joint_name (int joint);         /* "right wrist" */
const char *tacet_pose_part_name (TacetBodyPart part); /* "Right arm" */
const char *tacet_pose_figure_name (TacetFigure figure);
char *tacet_pose_point_name (int point); /* "left hand, index finger, tip" */
/* "right wrist of person 2, hidden"; NULL: there is nobody. */
char *tacet_pose_describe (const TacetPerson *people, int n_people, TacetPoseRef ref);

G_END_DECLS
