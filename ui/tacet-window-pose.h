/* tacet-window-pose.h: what the pose tool shows beside the canvas.
 *
 * Room: ui.  The actions win.pose-... are the window's; here is what leads to them.
 */
#pragma once

#include "ui/tacet-tool.h"

G_BEGIN_DECLS

/* The menu of what is selected, at a point of the canvas. */
void tacet_pose_menu_popup (TacetTool *tool, double x, double y);
/* Add Person with its figures, hands, flip, the list of people. */
void tacet_pose_add_widgets (TacetTool *tool, GtkBox *row);
/* Persons and their parts with eye, lock and group (tacet-people-list.c). */
GtkWidget *tacet_people_list_new (TacetTool *tool);

G_END_DECLS
