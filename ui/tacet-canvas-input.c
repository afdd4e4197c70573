/* tacet-canvas-input.c: pointer, pen, wheel and keys on the canvas.  Room: ui. */
#define G_LOG_DOMAIN "tacet-canvas-input"
#define UPRIGHT      4 /* degrees */

#include "config.h"

#include "ui/tacet-canvas-private.h"

#include <glib/gi18n.h>
#include <math.h>

/* ---- cursor and hover ---- */

void
_tacet_canvas_update_cursor (TacetCanvas *self)
{
  const char *name = "default";

  if (self->drag == TACET_DRAG_PAN || self->drag == TACET_DRAG_JOINT)
    name = "grabbing";
  else if (self->space_held || self->tool == TACET_TOOL_HAND)
    name = "grab";
  else if (self->tool == TACET_TOOL_POSE)
    name = self->hovered.joint >= 0 ? "grab" : "default";
  else if (self->selected != NULL)
    name = "crosshair";
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), name);
}

static void
update_hover (TacetCanvas *self)
{
  int n_people;
  const TacetPerson *people = _tacet_canvas_get_people (self, &n_people);
  TacetJointRef hit = TACET_JOINT_NONE;

  if (people != NULL && self->pointer_inside)
    hit = tacet_pose_hit (&self->view, people, n_people, self->pointer_x, self->pointer_y);
  if (!tacet_joint_ref_equal (hit, self->hovered))
    {
      g_autofree char *text = NULL;

      self->hovered = hit;
      if (hit.joint >= 0)
        text = g_strdup (tacet_pose_joint_name (hit.joint));
      gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
      _tacet_canvas_update_cursor (self);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (TacetCanvas *self, double x, double y)
{
  self->pointer_x = x;
  self->pointer_y = y;
  self->pointer_inside = TRUE;
  if (self->drag == TACET_DRAG_NONE)
    update_hover (self);
  else
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave_cb (TacetCanvas *self)
{
  self->pointer_inside = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- strokes ---- */

static void
stroke_point (TacetCanvas *self, double x, double y, double pressure)
{
  double image_x, image_y;

  tacet_view_to_image (&self->view, x, y, &image_x, &image_y);
  tacet_scene_stroke_to (self->scene, image_x, image_y, pressure);
  self->last_x = image_x;
  self->last_y = image_y;
}

/* Devices without pressure press fully. */
static double
event_pressure (GdkEvent *event)
{
  double pressure = 1;

  if (event == NULL || gdk_event_get_device_tool (event) == NULL ||
      !gdk_event_get_axis (event, GDK_AXIS_PRESSURE, &pressure) || !(pressure > 0))
    return 1;
  return MIN (pressure, 1);
}

static gboolean
event_is_eraser (GdkEvent *event)
{
  GdkDeviceTool *tool = event != NULL ? gdk_event_get_device_tool (event) : NULL;

  return tool != NULL && gdk_device_tool_get_tool_type (tool) == GDK_DEVICE_TOOL_TYPE_ERASER;
}

/* GTK delivers one motion per frame and keeps those in between in its history; a stroke needs them. */
static void
stroke_history (TacetCanvas *self, GdkEvent *event)
{
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  g_autofree GdkTimeCoord *history = NULL;
  double native_x, native_y;
  guint n = 0;

  if (event == NULL || native == NULL)
    return;
  history = gdk_event_get_history (event, &n);
  gtk_native_get_surface_transform (native, &native_x, &native_y);
  for (guint i = 0; i < n; i++)
    {
      gboolean pressed = (history[i].flags & GDK_AXIS_FLAG_PRESSURE) != 0 && history[i].axes[GDK_AXIS_PRESSURE] > 0;
      double x, y;

      if ((history[i].flags & (GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y)) != (GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y))
        continue;
      if (gtk_widget_translate_coordinates (GTK_WIDGET (native), GTK_WIDGET (self),
                                            history[i].axes[GDK_AXIS_X] - native_x,
                                            history[i].axes[GDK_AXIS_Y] - native_y, &x, &y))
        stroke_point (self, x, y, pressed ? MIN (history[i].axes[GDK_AXIS_PRESSURE], 1) : 1);
    }
}

static gboolean
stroke_begin (TacetCanvas *self, GdkEvent *event, double x, double y, gboolean straight)
{
  TacetBrush brush = {
    .size = self->brush_size,
    .hardness = self->brush_hardness,
    .value =
        self->selected != NULL && tacet_layer_get_kind (self->selected) == TACET_LAYER_DEPTH ? self->brush_value : 1,
    .erase = self->tool == TACET_TOOL_ERASER || event_is_eraser (event),
  };

  if (self->selected == NULL)
    {
      _tacet_canvas_hint (self,
                          _ ("There is nothing to paint on yet. Add a control with + in the list, or select one."));
      return FALSE;
    }
  if (!tacet_canvas_get_control_visible (self, self->selected))
    {
      _tacet_canvas_hint (self, _ ("This control is hidden. Switch its eye on to paint on it."));
      return FALSE;
    }
  if (!_tacet_canvas_shows_maps (self))
    g_object_set (self, "show-picture", FALSE, NULL);
  self->pointer_erases = brush.erase;
  tacet_scene_stroke_begin (self->scene, self->selected, &brush);
  if (straight && self->has_last)
    tacet_scene_stroke_to (self->scene, self->last_x, self->last_y, 1);
  stroke_point (self, x, y, event_pressure (event));
  return TRUE;
}

/* ---- joints ---- */

static gboolean
joint_begin (TacetCanvas *self, double x, double y)
{
  int n_people;
  const TacetPerson *people;
  double joint_x, joint_y;

  /* A picture without its maps hides the joints; whoever wants to move one wants to see them. */
  if (self->selected != NULL && !_tacet_canvas_shows_maps (self))
    g_object_set (self, "show-picture", FALSE, NULL);
  people = _tacet_canvas_get_people (self, &n_people);
  if (people == NULL)
    {
      if (self->selected != NULL && !tacet_canvas_get_control_visible (self, self->selected))
        _tacet_canvas_hint (self, _ ("This control is hidden. Switch its eye on to move its joints."));
      else
        _tacet_canvas_hint (self, _ ("Select a pose control in the list, or add one, to move its joints."));
      return FALSE;
    }
  self->joint = tacet_pose_hit (&self->view, people, n_people, x, y);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->joint.joint < 0)
    return FALSE;
  tacet_view_to_widget (&self->view, people[self->joint.person].joints[self->joint.joint].x,
                        people[self->joint.person].joints[self->joint.joint].y, &joint_x, &joint_y);
  self->grab_x = joint_x - x;
  self->grab_y = joint_y - y;
  self->joint_moved = FALSE;
  tacet_scene_group_begin (self->scene, _ ("Move Joint"));
  return TRUE;
}

static void
joint_update (TacetCanvas *self, double x, double y)
{
  int n_people;
  const TacetPerson *people = _tacet_canvas_get_people (self, &n_people);
  TacetJoint before;
  const TacetJoint *joint;
  double image_x, image_y;

  if (people == NULL || self->joint.person >= n_people)
    return;
  before = people[self->joint.person].joints[self->joint.joint];
  tacet_view_to_image (&self->view, x + self->grab_x, y + self->grab_y, &image_x, &image_y);
  tacet_scene_move_joint (self->scene, self->selected, self->joint.person, self->joint.joint, (float) image_x,
                          (float) image_y);
  joint = &_tacet_canvas_get_people (self, &n_people)[self->joint.person].joints[self->joint.joint];
  self->joint_moved |= joint->x != before.x || joint->y != before.y;
}

static void
toggle_joint (TacetCanvas *self, TacetJointRef ref)
{
  int n_people;
  const TacetPerson *people = _tacet_canvas_get_people (self, &n_people);

  if (people == NULL || ref.person < 0 || ref.person >= n_people || ref.joint < 0)
    return;
  tacet_scene_show_joint (self->scene, self->selected, ref.person, ref.joint,
                          people[ref.person].joints[ref.joint].confidence <= 0);
}

/* ---- drags ---- */

void
_tacet_canvas_cancel_drag (TacetCanvas *self)
{
  TacetDrag drag = self->drag;

  self->drag = TACET_DRAG_NONE;
  self->pointer_erases = FALSE;
  if (drag == TACET_DRAG_STROKE)
    tacet_scene_stroke_cancel (self->scene);
  else if (drag == TACET_DRAG_JOINT)
    {
      tacet_scene_group_end (self->scene);
      /* A group that changed nothing leaves no step to take back. */
      if (self->joint_moved)
        tacet_scene_undo (self->scene);
    }
  _tacet_canvas_update_cursor (self);
}

static void
drag_begin_cb (TacetCanvas *self, double x, double y, GtkGestureDrag *gesture)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture));
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->scene == NULL || self->drag != TACET_DRAG_NONE)
    return;
  self->pointer_x = x;
  self->pointer_y = y;
  if (self->space_held || self->tool == TACET_TOOL_HAND)
    {
      self->pan_x = self->view.off_x;
      self->pan_y = self->view.off_y;
      self->drag = TACET_DRAG_PAN;
    }
  else if (self->tool == TACET_TOOL_POSE)
    self->drag = joint_begin (self, x, y) ? TACET_DRAG_JOINT : TACET_DRAG_NONE;
  else
    self->drag = stroke_begin (self, event, x, y, (state & GDK_SHIFT_MASK) != 0) ? TACET_DRAG_STROKE : TACET_DRAG_NONE;
  _tacet_canvas_update_cursor (self);
}

static void
drag_update_cb (TacetCanvas *self, double offset_x, double offset_y, GtkGestureDrag *gesture)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture));
  double x, y;

  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  x += offset_x;
  y += offset_y;
  self->pointer_x = x;
  self->pointer_y = y;
  if (self->drag == TACET_DRAG_PAN)
    {
      self->view.off_x = self->pan_x + offset_x;
      self->view.off_y = self->pan_y + offset_y;
      _tacet_canvas_view_changed (self, TRUE);
    }
  else if (self->drag == TACET_DRAG_JOINT)
    joint_update (self, x, y);
  else if (self->drag == TACET_DRAG_STROKE)
    {
      stroke_history (self, event);
      stroke_point (self, x, y, event_pressure (event));
    }
}

static void
drag_end_cb (TacetCanvas *self, double offset_x, double offset_y)
{
  if (self->drag == TACET_DRAG_STROKE)
    {
      tacet_scene_stroke_end (self->scene);
      self->has_last = TRUE;
    }
  else if (self->drag == TACET_DRAG_JOINT)
    tacet_scene_group_end (self->scene);
  self->drag = TACET_DRAG_NONE;
  self->pointer_erases = FALSE;
  update_hover (self);
  _tacet_canvas_update_cursor (self);
}

static void
pan_begin_cb (TacetCanvas *self, double x, double y)
{
  if (self->scene == NULL || self->drag != TACET_DRAG_NONE)
    return;
  self->pan_x = self->view.off_x;
  self->pan_y = self->view.off_y;
  self->drag = TACET_DRAG_PAN;
  _tacet_canvas_update_cursor (self);
}

static void
right_click_cb (TacetCanvas *self, int n_press, double x, double y)
{
  int n_people;
  const TacetPerson *people = _tacet_canvas_get_people (self, &n_people);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (people == NULL || self->drag != TACET_DRAG_NONE)
    return;
  self->joint = tacet_pose_hit (&self->view, people, n_people, x, y);
  toggle_joint (self, self->joint);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- wheel and fingers ---- */

static gboolean
scroll_cb (TacetCanvas *self, double dx, double dy, GtkEventControllerScroll *controller)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;
  double distance = wheel ? 60 : 1;

  if ((state & GDK_CONTROL_MASK) != 0)
    tacet_view_zoom_at (&self->view, pow (2, -dy * (wheel ? 0.25 : 0.01)), self->pointer_x, self->pointer_y);
  else
    {
      gboolean sideways = (state & GDK_SHIFT_MASK) != 0;

      self->view.off_x -= (sideways ? dy : dx) * distance;
      self->view.off_y -= (sideways ? 0 : dy) * distance;
    }
  _tacet_canvas_view_changed (self, TRUE);
  return TRUE;
}

static void
pinch_begin_cb (TacetCanvas *self)
{
  self->pinch = self->view.zoom;
  self->turn = self->view.angle;
}

/* Two fingers turn the document; near upright it stays upright. */
static void
turn_cb (TacetCanvas *self, double angle, double delta, GtkGesture *gesture)
{
  double x = self->pointer_x, y = self->pointer_y;
  double wanted = remainder (self->turn + delta * 180 / G_PI, 360);

  gtk_gesture_get_bounding_box_center (gesture, &x, &y);
  if (fabs (wanted) < UPRIGHT)
    wanted = 0;
  tacet_view_turn_at (&self->view, wanted - self->view.angle, x, y);
  _tacet_canvas_view_changed (self, TRUE);
}

static void
pinch_cb (TacetCanvas *self, double scale, GtkGesture *gesture)
{
  double x = self->pointer_x, y = self->pointer_y;

  gtk_gesture_get_bounding_box_center (gesture, &x, &y);
  tacet_view_zoom_at (&self->view, self->pinch * scale / self->view.zoom, x, y);
  _tacet_canvas_view_changed (self, TRUE);
}

/* ---- keys ---- */

static void
walk_joints (TacetCanvas *self, int by, int n_people)
{
  int n = n_people * TACET_POSE_JOINTS;
  int index = self->joint.joint < 0 ? (by > 0 ? -1 : n) : self->joint.person * TACET_POSE_JOINTS + self->joint.joint;

  index = (index + by + n) % n;
  self->joint = (TacetJointRef){ index / TACET_POSE_JOINTS, index % TACET_POSE_JOINTS };
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  tacet_pose_joint_name (self->joint.joint), -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The whole pose editor works from the keyboard. */
static gboolean
joint_key (TacetCanvas *self, guint key, gboolean shift)
{
  int n_people, dx = 0, dy = 0, far = shift ? 10 : 1;
  const TacetPerson *people = _tacet_canvas_get_people (self, &n_people);
  const TacetJoint *joint;

  if (people == NULL || n_people == 0 || self->drag != TACET_DRAG_NONE)
    return FALSE;
  if (key == GDK_KEY_n || key == GDK_KEY_N)
    {
      walk_joints (self, shift ? -1 : 1, n_people);
      return TRUE;
    }
  if (self->joint.joint < 0 || self->joint.person >= n_people)
    return FALSE;
  dx = (key == GDK_KEY_Right) - (key == GDK_KEY_Left);
  dy = (key == GDK_KEY_Down) - (key == GDK_KEY_Up);
  if (key == GDK_KEY_Delete || key == GDK_KEY_KP_Delete)
    toggle_joint (self, self->joint);
  else if (dx != 0 || dy != 0)
    {
      double step_x, step_y;

      tacet_view_direction (&self->view, dx * far, dy * far, &step_x, &step_y);
      joint = &people[self->joint.person].joints[self->joint.joint];
      tacet_scene_move_joint (self->scene, self->selected, self->joint.person, self->joint.joint,
                              joint->x + (float) step_x, joint->y + (float) step_y);
    }
  else
    return FALSE;
  return TRUE;
}

static gboolean
key_pressed_cb (TacetCanvas *self, guint key, guint code, GdkModifierType state)
{
  gboolean plain = (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) == 0;

  if (key == GDK_KEY_space && plain)
    {
      self->space_held = TRUE;
      _tacet_canvas_update_cursor (self);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return TRUE;
    }
  if (key == GDK_KEY_Escape && self->drag != TACET_DRAG_NONE)
    {
      _tacet_canvas_cancel_drag (self);
      return TRUE;
    }
  return plain && joint_key (self, key, (state & GDK_SHIFT_MASK) != 0);
}

static void
key_released_cb (TacetCanvas *self, guint key)
{
  if (key != GDK_KEY_space)
    return;
  self->space_held = FALSE;
  _tacet_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
focus_leave_cb (TacetCanvas *self)
{
  key_released_cb (self, GDK_KEY_space);
}

static void
add_drags (TacetCanvas *self)
{
  GtkGesture *drag = gtk_gesture_drag_new (), *pan = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new (), *turn = gtk_gesture_rotate_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), GDK_BUTTON_PRIMARY);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect_swapped (drag, "cancel", G_CALLBACK (_tacet_canvas_cancel_drag), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (pan), GDK_BUTTON_MIDDLE);
  g_signal_connect_swapped (pan, "drag-begin", G_CALLBACK (pan_begin_cb), self);
  g_signal_connect_swapped (pan, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (pan, "drag-end", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (pan));

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (right_click_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));

  g_signal_connect_swapped (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect_swapped (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (pinch));

  g_signal_connect_swapped (turn, "angle-changed", G_CALLBACK (turn_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (turn));
  gtk_gesture_group (pinch, turn);
}

void
_tacet_canvas_init_input (TacetCanvas *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new (), *key = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect_swapped (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  g_signal_connect_swapped (key, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect_swapped (key, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (focus_leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  add_drags (self);
}
