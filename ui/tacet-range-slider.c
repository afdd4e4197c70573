/* tacet-range-slider.c: see tacet-range-slider.h.  Room: ui.
 *
 * The two handles are widgets of their own, so that each has a focus, keys, and a voice for screen readers.
 */
#define G_LOG_DOMAIN "tacet-range-slider"

#include "config.h"

#include "ui/tacet-range-slider.h"

#include <glib/gi18n.h>
#include <math.h>

#define STEP   0.05
#define KNOB   18
#define TROUGH 4
#define N_ENDS 2

struct _TacetRangeSlider
{
  GtkWidget parent_instance;

  GtkWidget *knobs[N_ENDS], *labels[N_ENDS];
  double values[N_ENDS]; /* start <= end */
  int dragged;           /* which end; -1: none */
};

G_DEFINE_FINAL_TYPE (TacetRangeSlider, tacet_range_slider, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- a handle ---- */

#define TACET_TYPE_RANGE_KNOB (tacet_range_knob_get_type ())
G_DECLARE_FINAL_TYPE (TacetRangeKnob, tacet_range_knob, TACET, RANGE_KNOB, GtkWidget)
struct _TacetRangeKnob
{
  GtkWidget parent_instance;
};
G_DEFINE_FINAL_TYPE (TacetRangeKnob, tacet_range_knob, GTK_TYPE_WIDGET)

static void move_end (TacetRangeSlider *self, int end, double value);

static gboolean
knob_key (GtkWidget *widget, GVariant *parameter, gpointer data)
{
  TacetRangeSlider *self = TACET_RANGE_SLIDER (gtk_widget_get_parent (widget));
  int end = widget == self->knobs[1];
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  double by;
  gboolean sideways;

  g_variant_get (parameter, "(db)", &by, &sideways);
  move_end (self, end, self->values[end] + (sideways && mirrored ? -by : by));
  return GDK_EVENT_STOP;
}

static void
tacet_range_knob_class_init (TacetRangeKnobClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  static const struct
  {
    guint key;
    double by;
    gboolean sideways;
  } keys[] = {
    { GDK_KEY_Left, -STEP, TRUE },       { GDK_KEY_Right, STEP, TRUE },
    { GDK_KEY_Down, -STEP, FALSE },      { GDK_KEY_Up, STEP, FALSE },
    { GDK_KEY_Page_Down, -0.25, FALSE }, { GDK_KEY_Page_Up, 0.25, FALSE },
    { GDK_KEY_Home, -1, FALSE },         { GDK_KEY_End, 1, FALSE },
    { GDK_KEY_minus, -STEP, FALSE },     { GDK_KEY_plus, STEP, FALSE },
    { GDK_KEY_KP_Left, -STEP, TRUE },    { GDK_KEY_KP_Right, STEP, TRUE },
    { GDK_KEY_KP_Add, STEP, FALSE },     { GDK_KEY_KP_Subtract, -STEP, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].key, 0, knob_key, "(db)", keys[i].by, keys[i].sideways);
  gtk_widget_class_set_css_name (widget_class, "rangeknob");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
}

static void
tacet_range_knob_init (TacetRangeKnob *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
}

/* ---- values ---- */

static void
show_values (TacetRangeSlider *self)
{
  for (int i = 0; i < N_ENDS; i++)
    {
      /* Translators: a share in percent */
      g_autofree char *text = g_strdup_printf (_ ("%.0f %%"), 100 * self->values[i]);

      gtk_label_set_text (GTK_LABEL (self->labels[i]), text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->knobs[i]), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                      GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 1.0, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
                                      self->values[i], GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
    }
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
tacet_range_slider_set (TacetRangeSlider *self, double start, double end)
{
  if (self->values[0] == start && self->values[1] == end)
    return;
  self->values[0] = CLAMP (start, 0, 1);
  self->values[1] = CLAMP (end, self->values[0], 1);
  show_values (self);
}

double
tacet_range_slider_get_start (TacetRangeSlider *self)
{
  return self->values[0];
}

/* An end that is moved against the other one stops there: nothing can be without a part of the steps. */
static void
move_end (TacetRangeSlider *self, int end, double value)
{
  double before = self->values[end];

  value = round (value / STEP) * STEP;
  self->values[end] =
      end == 0 ? CLAMP (value, 0, MAX (self->values[1] - STEP, 0)) : CLAMP (value, MIN (self->values[0] + STEP, 1), 1);
  if (self->values[end] == before)
    return;
  show_values (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, self->values[0], self->values[1]);
}

/* ---- place and drawing ---- */

static void
label_widths (TacetRangeSlider *self, int widths[N_ENDS])
{
  for (int i = 0; i < N_ENDS; i++)
    gtk_widget_measure (self->labels[i], GTK_ORIENTATION_HORIZONTAL, -1, NULL, &widths[i], NULL, NULL);
}

static void
trough (TacetRangeSlider *self, double *left, double *width)
{
  int widths[N_ENDS], first = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;

  label_widths (self, widths);
  *left = widths[first] + 6 + KNOB / 2.0;
  *width = MAX (gtk_widget_get_width (GTK_WIDGET (self)) - widths[0] - widths[1] - 12 - KNOB, 1);
}

static double
place_of (TacetRangeSlider *self, double value)
{
  double left, width;

  trough (self, &left, &width);
  return left + width * (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? 1 - value : value);
}

static double
value_at (TacetRangeSlider *self, double x)
{
  double left, width, value;

  trough (self, &left, &width);
  value = (x - left) / width;
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? 1 - value : value;
}

static void
tacet_range_slider_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
  TacetRangeSlider *self = TACET_RANGE_SLIDER (widget);
  int widths[N_ENDS], height;

  label_widths (self, widths);
  gtk_widget_measure (self->labels[0], GTK_ORIENTATION_VERTICAL, -1, NULL, &height, NULL, NULL);
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? widths[0] + widths[1] + 12 + 3 * KNOB : MAX (height, KNOB + 6);
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? *minimum + 60 : *minimum;
}

static void
tacet_range_slider_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TacetRangeSlider *self = TACET_RANGE_SLIDER (widget);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int widths[N_ENDS];

  label_widths (self, widths);
  for (int i = 0; i < N_ENDS; i++)
    {
      gboolean at_left = (i == 0) != mirrored;
      GtkAllocation knob = { (int) round (place_of (self, self->values[i]) - KNOB / 2.0), (height - KNOB) / 2, KNOB,
                             KNOB };
      GtkAllocation label = { at_left ? 0 : width - widths[i], 0, widths[i], height };

      gtk_widget_size_allocate (self->knobs[i], &knob, -1);
      gtk_widget_size_allocate (self->labels[i], &label, -1);
    }
}

static void
append_bar (GtkSnapshot *snapshot, double left, double right, double middle, const GdkRGBA *colour)
{
  GskRoundedRect shape;
  graphene_rect_t bar = GRAPHENE_RECT_INIT ((float) MIN (left, right), (float) (middle - TROUGH / 2.0),
                                            (float) fabs (right - left), TROUGH);

  gsk_rounded_rect_init_from_rect (&shape, &bar, TROUGH / 2.0f);
  gtk_snapshot_push_rounded_clip (snapshot, &shape);
  gtk_snapshot_append_color (snapshot, colour, &bar);
  gtk_snapshot_pop (snapshot);
}

static void
tacet_range_slider_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TacetRangeSlider *self = TACET_RANGE_SLIDER (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  double left, width, middle = gtk_widget_get_height (widget) / 2.0;
  GdkRGBA ground, full;

  gtk_style_context_get_color (style, &ground);
  ground.alpha *= 0.15f;
  if (!gtk_style_context_lookup_color (style, "accent_bg_color", &full))
    gtk_style_context_get_color (style, &full);
  trough (self, &left, &width);
  append_bar (snapshot, left, left + width, middle, &ground);
  append_bar (snapshot, place_of (self, self->values[0]), place_of (self, self->values[1]), middle, &full);
  GTK_WIDGET_CLASS (tacet_range_slider_parent_class)->snapshot (widget, snapshot);
}

/* ---- pointer ---- */

static void
drag_begin_cb (TacetRangeSlider *self, double x, double y, GtkGesture *gesture)
{
  double value = value_at (self, x), to_start = fabs (value - self->values[0]), to_end = fabs (value - self->values[1]);

  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  self->dragged = to_start < to_end || (to_start == to_end && value < self->values[0]) ? 0 : 1;
  gtk_widget_grab_focus (self->knobs[self->dragged]);
  move_end (self, self->dragged, value);
}

static void
drag_update_cb (TacetRangeSlider *self, double dx, double dy, GtkGesture *gesture)
{
  double x, y;

  if (self->dragged >= 0 && gtk_gesture_drag_get_start_point (GTK_GESTURE_DRAG (gesture), &x, &y))
    move_end (self, self->dragged, value_at (self, x + dx));
}

static void
drag_end_cb (TacetRangeSlider *self)
{
  self->dragged = -1;
}

/* ---- class ---- */

static void
tacet_range_slider_dispose (GObject *object)
{
  TacetRangeSlider *self = TACET_RANGE_SLIDER (object);

  for (int i = 0; i < N_ENDS; i++)
    {
      g_clear_pointer (&self->knobs[i], gtk_widget_unparent);
      g_clear_pointer (&self->labels[i], gtk_widget_unparent);
    }
  G_OBJECT_CLASS (tacet_range_slider_parent_class)->dispose (object);
}

static void
tacet_range_slider_class_init (TacetRangeSliderClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = tacet_range_slider_dispose;
  widget_class->measure = tacet_range_slider_measure;
  widget_class->size_allocate = tacet_range_slider_size_allocate;
  widget_class->snapshot = tacet_range_slider_snapshot;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", TACET_TYPE_RANGE_SLIDER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  gtk_widget_class_set_css_name (widget_class, "rangeslider");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
tacet_range_slider_init (TacetRangeSlider *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  const char *const names[N_ENDS] = { _ ("Start of its steps"), _ ("End of its steps") };

  self->values[1] = 1;
  self->dragged = -1;
  for (int i = 0; i < N_ENDS; i++)
    {
      self->labels[i] = gtk_label_new (NULL);
      gtk_label_set_width_chars (GTK_LABEL (self->labels[i]), 5);
      gtk_label_set_xalign (GTK_LABEL (self->labels[i]), i == 0 ? 0 : 1);
      gtk_widget_add_css_class (self->labels[i], "numeric");
      gtk_widget_add_css_class (self->labels[i], "caption");
      gtk_widget_set_parent (self->labels[i], GTK_WIDGET (self));
    }
  for (int i = 0; i < N_ENDS; i++)
    {
      self->knobs[i] = g_object_new (TACET_TYPE_RANGE_KNOB, NULL);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->knobs[i]), GTK_ACCESSIBLE_PROPERTY_LABEL, names[i], -1);
      gtk_widget_set_parent (self->knobs[i], GTK_WIDGET (self));
    }
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  show_values (self);
}

GtkWidget *
tacet_range_slider_new (void)
{
  return g_object_new (TACET_TYPE_RANGE_SLIDER, NULL);
}
