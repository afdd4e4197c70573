/* tacet-pressure-editor.c: see tacet-pressure-editor.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-pressure-editor"

#include "config.h"

#include "ui/tacet-pressure-editor.h"
#include "ui/tacet-palette.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define SIDE   168
#define MARGIN 12
#define STEP   0.02
#define N_DOTS 48

struct _TacetPressureEditor
{
  GtkWidget parent_instance;

  TacetPressure curve;
  int point; /* 0 or 1: which one is moved */
  double grab_x, grab_y;
};

G_DEFINE_FINAL_TYPE (TacetPressureEditor, tacet_pressure_editor, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- places ---- */

static double
side_of (TacetPressureEditor *self)
{
  return MAX (MIN (gtk_widget_get_width (GTK_WIDGET (self)), gtk_widget_get_height (GTK_WIDGET (self))) - 2 * MARGIN,
              1);
}

static void
to_widget (TacetPressureEditor *self, double x, double y, double *out_x, double *out_y)
{
  double side = side_of (self);

  *out_x = (gtk_widget_get_width (GTK_WIDGET (self)) - side) / 2 + x * side;
  *out_y = (gtk_widget_get_height (GTK_WIDGET (self)) + side) / 2 - y * side;
}

static void
get_point (TacetPressureEditor *self, int point, double *x, double *y)
{
  *x = point == 0 ? self->curve.x1 : self->curve.x2;
  *y = point == 0 ? self->curve.y1 : self->curve.y2;
}

static void
describe (TacetPressureEditor *self)
{
  double x, y;
  g_autofree char *text = NULL;

  get_point (self, self->point, &x, &y);
  /* Translators: which of the two points of a curve is moved, and where it is, in percent of both sides */
  text = g_strdup_printf (_ ("Point %d at %.0f, %.0f percent. Space takes the other, arrows move it."), self->point + 1,
                          x * 100, y * 100);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
move_point (TacetPressureEditor *self, double x, double y)
{
  if (self->point == 0)
    {
      self->curve.x1 = x;
      self->curve.y1 = y;
    }
  else
    {
      self->curve.x2 = x;
      self->curve.y2 = y;
    }
  self->curve = tacet_pressure_sanitize (self->curve);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* ---- drawing ---- */

static void
draw_curve (TacetPressureEditor *self, cairo_t *cr)
{
  double x, y;

  for (int i = 0; i <= N_DOTS; i++)
    {
      double pressure = (double) i / N_DOTS;

      to_widget (self, pressure, tacet_pressure_apply (&self->curve, pressure), &x, &y);
      cairo_line_to (cr, x, y);
    }
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
}

static void
draw_point (TacetPressureEditor *self, cairo_t *cr, int point, TacetRgb paper)
{
  TacetRgb colour = tacet_palette_control (0);
  double x, y, corner_x, corner_y;

  get_point (self, point, &x, &y);
  to_widget (self, x, y, &x, &y);
  to_widget (self, point, point, &corner_x, &corner_y);
  tacet_palette_set (cr, colour, 0.6);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, corner_x, corner_y);
  cairo_line_to (cr, x, y);
  cairo_stroke (cr);
  cairo_arc (cr, x, y, 6, 0, 2 * G_PI);
  tacet_palette_set (cr, colour, 1);
  cairo_fill_preserve (cr);
  cairo_set_line_width (cr, 1.5);
  tacet_palette_set (cr, paper, 1);
  cairo_stroke (cr);
  if (point == self->point && gtk_widget_has_visible_focus (GTK_WIDGET (self)))
    {
      cairo_arc (cr, x, y, 9.5, 0, 2 * G_PI);
      tacet_palette_set (cr, colour, 1);
      cairo_stroke (cr);
    }
}

static void
tacet_pressure_editor_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TacetPressureEditor *self = TACET_PRESSURE_EDITOR (widget);
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  TacetRgb ink = tacet_palette_ink (dark), paper = tacet_palette_paper (dark);
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget)));
  double x, y, end_x, end_y;

  to_widget (self, 0, 1, &x, &y);
  cairo_rectangle (cr, x, y, side_of (self), side_of (self));
  tacet_palette_set (cr, ink, 0.05);
  cairo_fill_preserve (cr);
  tacet_palette_set (cr, ink, 0.25);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  for (int i = 1; i < 4; i++)
    {
      to_widget (self, i / 4.0, 0, &x, &y);
      to_widget (self, i / 4.0, 1, &end_x, &end_y);
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, end_x, end_y);
      to_widget (self, 0, i / 4.0, &x, &y);
      to_widget (self, 1, i / 4.0, &end_x, &end_y);
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, end_x, end_y);
    }
  tacet_palette_set (cr, ink, 0.1);
  cairo_stroke (cr);
  tacet_palette_set (cr, ink, 0.9);
  draw_curve (self, cr);
  for (int point = 0; point < 2; point++)
    draw_point (self, cr, point, paper);
  cairo_destroy (cr);
}

static void
tacet_pressure_editor_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                               int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = SIDE + 2 * MARGIN;
}

/* ---- input ---- */

static void
drag_begin_cb (TacetPressureEditor *self, double x, double y)
{
  double nearest = G_MAXDOUBLE;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  for (int point = 0; point < 2; point++)
    {
      double at_x, at_y;

      get_point (self, point, &at_x, &at_y);
      to_widget (self, at_x, at_y, &at_x, &at_y);
      if (hypot (at_x - x, at_y - y) < nearest)
        {
          nearest = hypot (at_x - x, at_y - y);
          self->point = point;
          self->grab_x = at_x;
          self->grab_y = at_y;
        }
    }
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_update_cb (TacetPressureEditor *self, double dx, double dy)
{
  double zero_x, zero_y;

  to_widget (self, 0, 0, &zero_x, &zero_y);
  move_point (self, (self->grab_x + dx - zero_x) / side_of (self), (zero_y - self->grab_y - dy) / side_of (self));
}

static gboolean
key_pressed_cb (TacetPressureEditor *self, guint key, guint code, GdkModifierType state)
{
  double x, y, dx = (key == GDK_KEY_Right) - (key == GDK_KEY_Left), dy = (key == GDK_KEY_Up) - (key == GDK_KEY_Down);

  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  if (key == GDK_KEY_space || key == GDK_KEY_Return)
    {
      self->point = 1 - self->point;
      describe (self);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return TRUE;
    }
  if (dx == 0 && dy == 0)
    return FALSE;
  get_point (self, self->point, &x, &y);
  move_point (self, x + dx * STEP, y + dy * STEP);
  return TRUE;
}

/* ---- class ---- */

void
tacet_pressure_editor_set (TacetPressureEditor *self, TacetPressure curve)
{
  self->curve = tacet_pressure_sanitize (curve);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

TacetPressure
tacet_pressure_editor_get (TacetPressureEditor *self)
{
  return self->curve;
}

static void
tacet_pressure_editor_class_init (TacetPressureEditorClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  widget_class->snapshot = tacet_pressure_editor_snapshot;
  widget_class->measure = tacet_pressure_editor_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "pressureeditor");
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", TACET_TYPE_PRESSURE_EDITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tacet_pressure_editor_init (TacetPressureEditor *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->curve = TACET_PRESSURE_LINEAR;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Curve of pressure"), -1);
  describe (self);
}
