/* tacet-canvas-input.c: pointer, pen, wheel and keys on the canvas: what moves the view, and what goes to the tool.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-canvas-input"
#define UPRIGHT      4   /* degrees */
#define SIZE_DOUBLES 100 /* a drag this far doubles the size of the tool, or of the view */

#include "config.h"

#include "ui/tacet-canvas-private.h"

#include <glib/gi18n.h>
#include <math.h>

static TacetTool *
get_tool (TacetCanvas *self, TacetToolClass **class)
{
  TacetTool *tool = self->tools[self->tool];

  *class = TACET_TOOL_GET_CLASS (tool);
  return tool;
}

/* ---- cursor and hover ---- */

void
_tacet_canvas_update_cursor (TacetCanvas *self)
{
  TacetToolClass *class;
  TacetTool *tool = get_tool (self, &class);
  const char *name;

  if (self->drag == TACET_DRAG_PAN)
    name = "grabbing";
  else if (self->space_held)
    name = "grab";
  else
    name = class->cursor (tool);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), name);
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

/* Devices without pressure press fully, and so does a whole pressure on every curve. */
static double
felt_pressure (TacetCanvas *self, double pressure)
{
  return tacet_pressure_apply (&self->pressure, pressure);
}

static gboolean
event_is_eraser (GdkEvent *event)
{
  GdkDeviceTool *tool = event != NULL ? gdk_event_get_device_tool (event) : NULL;

  return tool != NULL && gdk_device_tool_get_tool_type (tool) == GDK_DEVICE_TOOL_TYPE_ERASER;
}

static TacetPointer
make_pointer (TacetCanvas *self, GtkEventController *controller, double x, double y)
{
  GdkEvent *event = gtk_event_controller_get_current_event (controller);
  TacetPointer at = {
    .widget_x = x,
    .widget_y = y,
    .pressure = felt_pressure (self, event_pressure (event)),
    .state = gtk_event_controller_get_current_event_state (controller),
    .eraser = event_is_eraser (event),
    .n_press = self->n_press,
  };

  tacet_view_to_image (&self->view, x, y, &at.x, &at.y);
  return at;
}

static void
hover_at (TacetCanvas *self, const TacetPointer *at)
{
  TacetToolClass *class;
  TacetTool *tool = get_tool (self, &class);

  if (self->scene != NULL && self->drag == TACET_DRAG_NONE)
    class->hover (tool, at);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (TacetCanvas *self, double x, double y, GtkEventController *controller)
{
  TacetPointer at = make_pointer (self, controller, x, y);

  self->pointer_x = x;
  self->pointer_y = y;
  self->pointer_inside = TRUE;
  hover_at (self, &at);
}

static void
leave_cb (TacetCanvas *self)
{
  self->pointer_inside = FALSE;
  hover_at (self, NULL);
}

/* ---- drags ---- */

/* GTK delivers one motion per frame and keeps those in between in its history; a stroke needs them. */
static void
send_history (TacetCanvas *self, GdkEvent *event, TacetPointer at)
{
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  g_autofree GdkTimeCoord *history = NULL;
  TacetToolClass *class;
  TacetTool *tool = get_tool (self, &class);
  double native_x, native_y;
  guint n = 0;

  if (event == NULL || native == NULL)
    return;
  history = gdk_event_get_history (event, &n);
  gtk_native_get_surface_transform (native, &native_x, &native_y);
  for (guint i = 0; i < n; i++)
    {
      gboolean pressed = (history[i].flags & GDK_AXIS_FLAG_PRESSURE) != 0 && history[i].axes[GDK_AXIS_PRESSURE] > 0;

      if ((history[i].flags & (GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y)) != (GDK_AXIS_FLAG_X | GDK_AXIS_FLAG_Y))
        continue;
      if (!gtk_widget_translate_coordinates (GTK_WIDGET (native), GTK_WIDGET (self),
                                             history[i].axes[GDK_AXIS_X] - native_x,
                                             history[i].axes[GDK_AXIS_Y] - native_y, &at.widget_x, &at.widget_y))
        continue;
      tacet_view_to_image (&self->view, at.widget_x, at.widget_y, &at.x, &at.y);
      at.pressure = felt_pressure (self, pressed ? MIN (history[i].axes[GDK_AXIS_PRESSURE], 1) : 1);
      class->motion (tool, &at);
    }
}

void
_tacet_canvas_cancel_drag (TacetCanvas *self)
{
  TacetToolClass *class;
  TacetTool *tool = get_tool (self, &class);

  self->drag = TACET_DRAG_NONE;
  /* Tools may have more to forget than the drag: corners set, a layer half moved. */
  if (self->scene != NULL)
    class->cancel (tool);
  _tacet_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Two presses near each other in place and time are a double click, by the desktop's own measure. */
static void
count_press (TacetCanvas *self, GdkEvent *event, double x, double y)
{
  guint32 time = event != NULL ? gdk_event_get_time (event) : 0;
  int within_time, within_distance;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-double-click-time", &within_time,
                "gtk-double-click-distance", &within_distance, NULL);
  self->n_press = self->n_press > 0 && time - self->press_time < (guint32) within_time &&
                          hypot (x - self->press_x, y - self->press_y) <= within_distance
                      ? self->n_press + 1
                      : 1;
  self->press_time = time;
  self->press_x = x;
  self->press_y = y;
}

static void
begin_pan (TacetCanvas *self, double x, double y)
{
  self->drag_x = x;
  self->drag_y = y;
  self->drag = TACET_DRAG_PAN;
}

static gboolean
begin_size (TacetCanvas *self, double x)
{
  if (tacet_tool_find_option (self->tools[self->tool], "size") == NULL)
    return FALSE;
  g_object_get (self->tools[self->tool], "size", &self->size_from, NULL);
  self->drag_x = x;
  self->drag = TACET_DRAG_SIZE;
  return TRUE;
}

static void
drag_begin_cb (TacetCanvas *self, double x, double y, GtkGestureDrag *gesture)
{
  TacetToolClass *class;
  TacetTool *tool = get_tool (self, &class);
  TacetPointer at;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->scene == NULL || self->drag != TACET_DRAG_NONE)
    return;
  count_press (self, gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture)), x, y);
  at = make_pointer (self, GTK_EVENT_CONTROLLER (gesture), x, y);
  self->pointer_x = x;
  self->pointer_y = y;
  self->n_uses++;
  if (self->space_held || class->pans)
    begin_pan (self, x, y);
  else if (!self->size_held || !begin_size (self, x))
    {
      self->drag_x = x;
      self->drag_y = y;
      self->drag = TACET_DRAG_TOOL;
      if (!class->press (tool, &at))
        self->drag = TACET_DRAG_NONE;
    }
  _tacet_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pan_to (TacetCanvas *self, double x, double y)
{
  self->view.off_x += x - self->drag_x;
  self->view.off_y += y - self->drag_y;
  _tacet_canvas_view_changed (self, TRUE);
}

static void
drag_update_cb (TacetCanvas *self, double offset_x, double offset_y, GtkGestureDrag *gesture)
{
  TacetToolClass *class;
  TacetTool *tool = get_tool (self, &class);
  double x, y;

  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  x += offset_x;
  y += offset_y;
  if (self->drag == TACET_DRAG_SIZE)
    {
      /* The ring stays where it is, and grows. */
      g_object_set (tool, "size", CLAMP (self->size_from * exp2 ((x - self->drag_x) / SIZE_DOUBLES), 1, 1024), NULL);
      return;
    }
  self->pointer_x = x;
  self->pointer_y = y;
  if (self->drag == TACET_DRAG_ZOOM)
    {
      tacet_view_zoom_at (&self->view, exp2 ((self->drag_y - y) / SIZE_DOUBLES), self->press_x, self->press_y);
      _tacet_canvas_view_changed (self, TRUE);
    }
  /* Space moves the view in the middle of a gesture too. */
  else if (self->drag == TACET_DRAG_PAN || (self->drag == TACET_DRAG_TOOL && self->space_held))
    pan_to (self, x, y);
  else if (self->drag == TACET_DRAG_TOOL)
    {
      TacetPointer at = make_pointer (self, GTK_EVENT_CONTROLLER (gesture), x, y);

      send_history (self, gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture)), at);
      class->motion (tool, &at);
    }
  self->drag_x = x;
  self->drag_y = y;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end_cb (TacetCanvas *self, double offset_x, double offset_y, GtkGestureDrag *gesture)
{
  TacetToolClass *class;
  TacetTool *tool = get_tool (self, &class);
  TacetPointer at = make_pointer (self, GTK_EVENT_CONTROLLER (gesture), self->pointer_x, self->pointer_y);
  TacetDrag drag = self->drag;

  self->drag = TACET_DRAG_NONE;
  if (drag == TACET_DRAG_TOOL)
    class->release (tool, &at);
  hover_at (self, self->pointer_inside ? &at : NULL);
  _tacet_canvas_update_cursor (self);
}

static void
drag_cancel_cb (TacetCanvas *self)
{
  if (self->drag == TACET_DRAG_TOOL)
    _tacet_canvas_cancel_drag (self);
  self->drag = TACET_DRAG_NONE;
}

/* The middle button moves the view with every tool; with Ctrl it enlarges it. */
static void
pan_begin_cb (TacetCanvas *self, double x, double y, GtkEventController *gesture)
{
  if (self->scene == NULL || self->drag != TACET_DRAG_NONE)
    return;
  begin_pan (self, x, y);
  if ((gtk_event_controller_get_current_event_state (gesture) & GDK_CONTROL_MASK) != 0)
    self->drag = TACET_DRAG_ZOOM;
  self->press_x = x;
  self->press_y = y;
  self->n_press = 0;
  _tacet_canvas_update_cursor (self);
}

static void
right_click_cb (TacetCanvas *self, int n_press, double x, double y, GtkEventController *controller)
{
  TacetToolClass *class;
  TacetTool *tool = get_tool (self, &class);
  TacetPointer at = make_pointer (self, controller, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->scene == NULL || self->drag != TACET_DRAG_NONE)
    return;
  self->n_uses++;
  class->right_press (tool, &at);
}

/* ---- wheel and fingers ---- */

static gboolean
scroll_cb (TacetCanvas *self, double dx, double dy, GtkEventControllerScroll *controller)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;
  double distance = wheel ? 60 : 1;

  if (self->wheel_zooms && wheel && (state & GDK_CONTROL_MASK) != 0)
    gtk_widget_activate_action (GTK_WIDGET (self), dy < 0 ? "win.brush-larger" : "win.brush-smaller", NULL);
  else if (self->wheel_zooms && wheel ? (state & GDK_SHIFT_MASK) == 0 : (state & GDK_CONTROL_MASK) != 0)
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
set_held (TacetCanvas *self, gboolean *held, gboolean is_held)
{
  if (*held == is_held)
    return;
  *held = is_held;
  _tacet_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
key_pressed_cb (TacetCanvas *self, guint key, guint code, GdkModifierType state)
{
  gboolean plain = (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) == 0, used = FALSE;
  TacetToolClass *class;
  TacetTool *tool = get_tool (self, &class);

  if (self->scene == NULL || !plain)
    return FALSE;
  if (key == GDK_KEY_space || key == GDK_KEY_f)
    {
      set_held (self, key == GDK_KEY_space ? &self->space_held : &self->size_held, TRUE);
      return TRUE;
    }
  if (key == GDK_KEY_Escape)
    {
      gboolean dragging = self->drag != TACET_DRAG_NONE;

      self->drag = TACET_DRAG_NONE;
      used = class->cancel (tool) || dragging;
    }
  else if (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter || key == GDK_KEY_ISO_Enter)
    used = self->drag == TACET_DRAG_NONE && class->apply (tool);
  else
    used = class->key_press (tool, key, state);
  if (!used)
    return FALSE;
  self->n_uses++;
  _tacet_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
}

static void
key_released_cb (TacetCanvas *self, guint key)
{
  if (key == GDK_KEY_space)
    set_held (self, &self->space_held, FALSE);
  else if (key == GDK_KEY_f || key == GDK_KEY_F)
    set_held (self, &self->size_held, FALSE);
}

static void
focus_leave_cb (TacetCanvas *self)
{
  set_held (self, &self->space_held, FALSE);
  set_held (self, &self->size_held, FALSE);
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
  g_signal_connect_swapped (drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
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
