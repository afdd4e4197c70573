/* tacet-tool-pose.c: people of a pose layer: joints are dragged, hidden, and walked with the keys.  Room: ui. */
#define G_LOG_DOMAIN "tacet-tool-pose"

#include "config.h"

#include "ui/tacet-canvas.h"
#include "ui/tacet-pose-draw.h"

#include <glib/gi18n.h>

typedef struct
{
  TacetTool parent_instance;

  TacetJointRef joint, hovered;
  gboolean dragging, moved;
  double grab_x, grab_y; /* from the pointer to the joint */
} TacetToolPose;
typedef struct
{
  TacetToolClass parent_class;
} TacetToolPoseClass;

#define TACET_TOOL_POSE_CAST(object) ((TacetToolPose *) (object))

G_DEFINE_TYPE (TacetToolPose, tacet_tool_pose, TACET_TYPE_TOOL)

/* People whose handles can be dragged; else NULL. */
static const TacetPerson *
get_people (TacetTool *tool, int *n_people)
{
  TacetCanvas *canvas = tacet_tool_get_canvas (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);

  *n_people = 0;
  if (layer == NULL || tacet_layer_get_kind (layer) != TACET_LAYER_POSE || !tacet_canvas_shows_layer (canvas, layer))
    return NULL;
  return tacet_layer_get_people (layer, n_people);
}

static TacetJointRef
joint_at (TacetTool *tool, const TacetPointer *at)
{
  int n_people;
  const TacetPerson *people = get_people (tool, &n_people);

  if (people == NULL || at == NULL)
    return TACET_JOINT_NONE;
  return tacet_pose_hit (tacet_tool_get_view (tool), people, n_people, at->widget_x, at->widget_y);
}

static void
hover (TacetTool *tool, const TacetPointer *at)
{
  TacetToolPose *self = TACET_TOOL_POSE_CAST (tool);
  TacetJointRef hit = joint_at (tool, at);

  if (tacet_joint_ref_equal (hit, self->hovered))
    return;
  self->hovered = hit;
  gtk_widget_set_tooltip_text (GTK_WIDGET (tacet_tool_get_canvas (tool)),
                               hit.joint >= 0 ? tacet_pose_joint_name (hit.joint) : NULL);
  tacet_tool_update_cursor (tool);
}

/* ---- dragging ---- */

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolPose *self = TACET_TOOL_POSE_CAST (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);
  int n_people;
  const TacetPerson *people;

  if (layer == NULL || tacet_layer_get_kind (layer) != TACET_LAYER_POSE)
    tacet_tool_hint (tool, _ ("Select a pose layer in the list, or add one, to move its joints."));
  else
    layer = tacet_tool_need_layer (tool);
  people = get_people (tool, &n_people);
  if (people == NULL || layer == NULL)
    return FALSE;
  self->joint = joint_at (tool, at);
  tacet_tool_redraw (tool);
  if (self->joint.joint < 0)
    return FALSE;
  self->grab_x = people[self->joint.person].joints[self->joint.joint].x - at->x;
  self->grab_y = people[self->joint.person].joints[self->joint.joint].y - at->y;
  self->moved = FALSE;
  self->dragging = TRUE;
  tacet_scene_group_begin (tacet_tool_get_scene (tool), _ ("Move Joint"));
  return TRUE;
}

static void
motion (TacetTool *tool, const TacetPointer *at)
{
  TacetToolPose *self = TACET_TOOL_POSE_CAST (tool);
  int n_people;
  const TacetPerson *people = get_people (tool, &n_people);
  TacetJoint before;
  const TacetJoint *joint;

  if (people == NULL || self->joint.person >= n_people)
    return;
  before = people[self->joint.person].joints[self->joint.joint];
  tacet_scene_move_joint (tacet_tool_get_scene (tool), tacet_tool_get_layer (tool), self->joint.person,
                          self->joint.joint, (float) (at->x + self->grab_x), (float) (at->y + self->grab_y));
  joint = &get_people (tool, &n_people)[self->joint.person].joints[self->joint.joint];
  self->moved |= joint->x != before.x || joint->y != before.y;
}

static void
release (TacetTool *tool, const TacetPointer *at)
{
  TACET_TOOL_POSE_CAST (tool)->dragging = FALSE;
  tacet_scene_group_end (tacet_tool_get_scene (tool));
}

static gboolean
cancel (TacetTool *tool)
{
  TacetToolPose *self = TACET_TOOL_POSE_CAST (tool);

  if (!self->dragging)
    return FALSE;
  self->dragging = FALSE;
  tacet_scene_group_end (tacet_tool_get_scene (tool));
  /* A group that changed nothing leaves no step to take back. */
  if (self->moved)
    tacet_scene_undo (tacet_tool_get_scene (tool));
  return TRUE;
}

static void
toggle_joint (TacetTool *tool, TacetJointRef ref)
{
  int n_people;
  const TacetPerson *people = get_people (tool, &n_people);

  if (people == NULL || ref.person < 0 || ref.person >= n_people || ref.joint < 0)
    return;
  tacet_scene_show_joint (tacet_tool_get_scene (tool), tacet_tool_get_layer (tool), ref.person, ref.joint,
                          people[ref.person].joints[ref.joint].confidence <= 0);
}

static void
right_press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolPose *self = TACET_TOOL_POSE_CAST (tool);

  self->joint = joint_at (tool, at);
  toggle_joint (tool, self->joint);
  tacet_tool_redraw (tool);
}

/* ---- keys ---- */

static void
walk_joints (TacetTool *tool, int by, int n_people)
{
  TacetToolPose *self = TACET_TOOL_POSE_CAST (tool);
  int n = n_people * TACET_POSE_JOINTS;
  int index = self->joint.joint < 0 ? (by > 0 ? -1 : n) : self->joint.person * TACET_POSE_JOINTS + self->joint.joint;

  index = (index + by + n) % n;
  self->joint = (TacetJointRef){ index / TACET_POSE_JOINTS, index % TACET_POSE_JOINTS };
  gtk_accessible_update_property (GTK_ACCESSIBLE (tacet_tool_get_canvas (tool)), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  tacet_pose_joint_name (self->joint.joint), -1);
  tacet_tool_redraw (tool);
}

/* The whole pose editor works from the keyboard. */
static gboolean
key_press (TacetTool *tool, guint key, GdkModifierType state)
{
  TacetToolPose *self = TACET_TOOL_POSE_CAST (tool);
  gboolean shift = (state & GDK_SHIFT_MASK) != 0;
  int n_people, far = shift ? 10 : 1;
  int dx = (key == GDK_KEY_Right) - (key == GDK_KEY_Left), dy = (key == GDK_KEY_Down) - (key == GDK_KEY_Up);
  const TacetPerson *people = get_people (tool, &n_people);
  const TacetJoint *joint;

  if (people == NULL || n_people == 0 || self->dragging)
    return FALSE;
  if (key == GDK_KEY_n || key == GDK_KEY_N)
    {
      walk_joints (tool, shift ? -1 : 1, n_people);
      return TRUE;
    }
  if (self->joint.joint < 0 || self->joint.person >= n_people)
    return FALSE;
  if (key == GDK_KEY_Delete || key == GDK_KEY_KP_Delete)
    toggle_joint (tool, self->joint);
  else if (dx != 0 || dy != 0)
    {
      double step_x, step_y;

      tacet_view_direction (tacet_tool_get_view (tool), dx * far, dy * far, &step_x, &step_y);
      joint = &people[self->joint.person].joints[self->joint.joint];
      tacet_scene_move_joint (tacet_tool_get_scene (tool), tacet_tool_get_layer (tool), self->joint.person,
                              self->joint.joint, joint->x + (float) step_x, joint->y + (float) step_y);
    }
  else
    return FALSE;
  return TRUE;
}

/* ---- what is seen ---- */

static void
draw (TacetTool *tool, cairo_t *cr, const TacetView *view)
{
  TacetToolPose *self = TACET_TOOL_POSE_CAST (tool);
  int n_people;
  const TacetPerson *people = get_people (tool, &n_people);

  if (people != NULL)
    tacet_pose_draw_handles (cr, view, people, n_people, self->joint, self->hovered);
}

static const char *
cursor (TacetTool *tool)
{
  TacetToolPose *self = TACET_TOOL_POSE_CAST (tool);

  if (self->dragging)
    return "grabbing";
  return self->hovered.joint >= 0 ? "grab" : "default";
}

static void
layer_changed (TacetTool *tool)
{
  TacetToolPose *self = TACET_TOOL_POSE_CAST (tool);

  self->joint = TACET_JOINT_NONE;
  hover (tool, NULL);
}

static void
tacet_tool_pose_class_init (TacetToolPoseClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  tool_class->id = TACET_TOOL_POSE;
  tool_class->name = N_ ("Pose");
  tool_class->icon = "tacet-pose-symbolic";
  tool_class->purpose = N_ ("Drag joints, right-click hides one; N walks, arrows move");
  tool_class->press = press;
  tool_class->motion = motion;
  tool_class->release = release;
  tool_class->hover = hover;
  tool_class->right_press = right_press;
  tool_class->key_press = key_press;
  tool_class->cancel = cancel;
  tool_class->draw = draw;
  tool_class->cursor = cursor;
  tool_class->layer_changed = layer_changed;
}

static void
tacet_tool_pose_init (TacetToolPose *self)
{
  self->joint = self->hovered = TACET_JOINT_NONE;
}
