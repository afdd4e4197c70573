/* tacet-window-panes.c: the parts of the window: walking through them, hiding them.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-panes"

#include "config.h"

#include "ui/tacet-window-private.h"

#define EDGE      6 /* of the panel, where it can be taken */
#define STEP      40
#define NARROWEST 300
#define WIDEST    700

/* ---- walking ---- */

/* A pane is a widget of one of these style classes (or the canvas), in the order in which the window shows them. */
static gboolean
is_pane (GtkWidget *widget)
{
  static const char *const classes[] = { "tool-strip", "tool-options", "staging",   "diagnostics",
                                         "side-panel", "run-bar",      "import-bar" };

  if (TACET_IS_CANVAS (widget) || ADW_IS_HEADER_BAR (widget))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    if (gtk_widget_has_css_class (widget, classes[i]))
      return TRUE;
  return FALSE;
}

static void
collect_panes (GtkWidget *widget, GPtrArray *panes)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (is_pane (widget))
    g_ptr_array_add (panes, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect_panes (child, panes);
}

/* The first widget inside that takes the focus; panes inside this one are stops of their own. */
static gboolean
focus_first (GtkWidget *widget)
{
  if (gtk_widget_get_focusable (widget) && gtk_widget_is_sensitive (widget) && gtk_widget_grab_focus (widget))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_mapped (child) && !is_pane (child) && focus_first (child))
      return TRUE;
  return FALSE;
}

/* The innermost pane that holds the focus; -1: none does. */
static int
current_pane (TacetWindow *self, GPtrArray *panes)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  for (; focus != NULL; focus = gtk_widget_get_parent (focus))
    for (guint i = 0; i < panes->len; i++)
      if (panes->pdata[i] == focus)
        return (int) i;
  return -1;
}

static void
walk_panes_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  g_autoptr (GPtrArray) panes = g_ptr_array_new ();
  int by = g_str_equal (name, "win.next-pane") ? 1 : -1, at, n;

  collect_panes (GTK_WIDGET (self->toasts), panes);
  n = (int) panes->len;
  at = current_pane (self, panes);
  if (at < 0)
    at = by > 0 ? -1 : 0;
  for (int i = 0; i < n; i++)
    {
      at = (at + by + n) % n;
      if (focus_first (panes->pdata[at]))
        break;
    }
  gtk_window_set_focus_visible (GTK_WINDOW (self), TRUE);
}

/* ---- hiding ---- */

/* The strip, and the line of options that it stands beside. */
static void
show_tools (TacetWindow *self, gboolean show)
{
  GtkWidget *options = gtk_widget_get_parent (self->picture_switch);

  gtk_widget_set_visible (GTK_WIDGET (self->tool_strip), show);
  gtk_widget_set_visible (options, show);
}

void
_tacet_window_show_panels (TacetWindow *self)
{
  if (!self->panels_hidden)
    return;
  self->panels_hidden = FALSE;
  show_tools (self, TRUE);
  adw_flap_set_reveal_flap (self->flap, self->panel_was_shown);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->diagnostics_revealer), self->diagnostics_were_shown);
}

/* Together, and back as they were. */
static void
toggle_panels_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (self->panels_hidden)
    {
      _tacet_window_show_panels (self);
      return;
    }
  self->panels_hidden = TRUE;
  self->panel_was_shown = adw_flap_get_reveal_flap (self->flap);
  self->diagnostics_were_shown = gtk_revealer_get_reveal_child (GTK_REVEALER (self->diagnostics_revealer));
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
  show_tools (self, FALSE);
  adw_flap_set_reveal_flap (self->flap, FALSE);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->diagnostics_revealer), FALSE);
}

/* ---- the width of the panel ---- */

static void
set_panel_width (TacetWindow *self, double width)
{
  gtk_widget_set_size_request (adw_flap_get_flap (self->flap), (int) CLAMP (width, NARROWEST, WIDEST), -1);
}

static void
panel_width_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  set_panel_width (self, gtk_widget_get_width (adw_flap_get_flap (self->flap)) +
                             (g_str_has_suffix (name, "wider") ? STEP : -STEP));
}

/* How far x is from the edge towards the canvas, into the panel. */
static double
from_edge (GtkWidget *panel, double x)
{
  return gtk_widget_get_direction (panel) == GTK_TEXT_DIR_RTL ? gtk_widget_get_width (panel) - x : x;
}

static void
edge_motion_cb (GtkEventController *controller, double x)
{
  GtkWidget *panel = gtk_event_controller_get_widget (controller);

  gtk_widget_set_cursor_from_name (panel, from_edge (panel, x) <= EDGE ? "col-resize" : NULL);
}

static void
edge_begin_cb (GtkGestureDrag *drag, double x, double y, TacetWindow *self)
{
  GtkWidget *panel = adw_flap_get_flap (self->flap);

  if (from_edge (panel, x) > EDGE)
    gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_DENIED);
  else
    gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
}

/* The panel grows under the pointer, so that the offset is always that from the edge as it is now. */
static void
edge_update_cb (GtkGestureDrag *drag, double dx, double dy, TacetWindow *self)
{
  GtkWidget *panel = adw_flap_get_flap (self->flap);
  gboolean mirrored = gtk_widget_get_direction (panel) == GTK_TEXT_DIR_RTL;

  set_panel_width (self, gtk_widget_get_width (panel) + (mirrored ? dx : -dx));
}

void
_tacet_window_init_panes (TacetWindow *self)
{
  GtkWidget *panel = adw_flap_get_flap (self->flap);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();

  g_signal_connect (motion, "motion", G_CALLBACK (edge_motion_cb), NULL);
  gtk_widget_add_controller (panel, motion);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (drag), GTK_PHASE_CAPTURE);
  g_signal_connect_object (drag, "drag-begin", G_CALLBACK (edge_begin_cb), self, 0);
  g_signal_connect_object (drag, "drag-update", G_CALLBACK (edge_update_cb), self, 0);
  gtk_widget_add_controller (panel, GTK_EVENT_CONTROLLER (drag));
}

void
_tacet_window_class_init_panes (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "win.panel-wider", NULL, panel_width_cb);
  gtk_widget_class_install_action (class, "win.panel-narrower", NULL, panel_width_cb);
  gtk_widget_class_install_action (class, "win.next-pane", NULL, walk_panes_cb);
  gtk_widget_class_install_action (class, "win.previous-pane", NULL, walk_panes_cb);
  gtk_widget_class_install_action (class, "win.toggle-panels", NULL, toggle_panels_cb);
}
