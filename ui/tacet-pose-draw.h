/* tacet-pose-draw.h: people on the canvas as bones and handles, and which handle is under the pointer.
 *
 * Room: ui, the part without widgets.
 */
#pragma once

#include "engine/control/tacet-maps.h"
#include "ui/tacet-view.h"

#include <cairo.h>

G_BEGIN_DECLS

typedef struct
{
  int person, joint; /* -1: none */
} TacetJointRef;
#define TACET_JOINT_NONE ((TacetJointRef){ -1, -1 })

gboolean tacet_joint_ref_equal (TacetJointRef a, TacetJointRef b);
/* Bones thin, joints as handles, hidden joints hollow; in widget coordinates, so they keep their size. */
void tacet_pose_draw_handles (cairo_t *cr, const TacetView *view, const TacetPerson *people, int n_people,
                              TacetJointRef selected, TacetJointRef hovered);
/* The nearest joint within reach of the pointer; of equally near ones the later drawn. */
TacetJointRef tacet_pose_hit (const TacetView *view, const TacetPerson *people, int n_people, double x, double y);
/* "right wrist", translated. */
const char *tacet_pose_joint_name (int joint);
/* A standing person, `height` tall, centred at (x, y). */
TacetPerson tacet_pose_standing (double x, double y, double height);

G_END_DECLS
