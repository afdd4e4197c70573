/* tacet-tool-pose.h: the pose tool: people of a pose layer are posed where they stand.
 *
 * Room: ui.  What it does to the document is one undo step each; what is selected is no part of it.  The window's
 * actions (tacet-window-pose.c) and the list of people (tacet-people-list.c) work on the same selection.
 */
#pragma once

#include "ui/tacet-pose-draw.h"
#include "ui/tacet-tool.h"

G_BEGIN_DECLS

/* Signal "selection-changed": another person, part or point is selected. */
TacetPoseRef tacet_tool_pose_get_selection (TacetTool *self);
void tacet_tool_pose_select (TacetTool *self, TacetPoseRef ref);
/* The people that can be posed now, and whom they belong to; NULL: none. */
const TacetPerson *tacet_tool_pose_get_people (TacetTool *self, int *n_people);
/* The selected person, or the only one; NULL: nobody. */
const TacetPerson *tacet_tool_pose_get_person (TacetTool *self, int *index);
/* Puts another in its place, as one undo step of this name (translated).  FALSE: it is locked. */
gboolean tacet_tool_pose_change (TacetTool *self, int index, const TacetPerson *person, const char *name);
/* At the middle of what is seen, of a size that fits there; selected.  Makes a pose layer if none is selected. */
void tacet_tool_pose_add (TacetTool *self, TacetFigure figure);
/* Hides or shows what is selected. */
void tacet_tool_pose_toggle (TacetTool *self);
/* The next or previous joint of all people. */
void tacet_tool_pose_walk (TacetTool *self, int by);

G_END_DECLS
