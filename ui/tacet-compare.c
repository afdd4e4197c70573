/* tacet-compare.c: see tacet-compare.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-compare"

#include "config.h"

#include "ui/tacet-compare.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define STEP 0.02

struct _TacetCompare
{
  GtkWidget parent_instance;

  GtkWidget *box, *area, *modes[TACET_N_COMPARE_MODES];
  GtkLabel *mean_label;

  TacetImage *left_image, *right_image;
  TacetSurface *left, *right, *difference;
  char *left_label, *right_label;
  double mean;
  TacetCompareMode mode;
  double split;
};

G_DEFINE_FINAL_TYPE (TacetCompare, tacet_compare, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_MODE,
  N_PROPS
};
enum
{
  SIGNAL_CLOSE,
  N_SIGNALS
};
static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static const struct
{
  const char *id, *title;
} modes[TACET_N_COMPARE_MODES] = {
  { "split", N_ ("_Split") },
  { "side", N_ ("Side _by Side") },
  { "difference", N_ ("_Difference") },
};

static TacetCompareState
make_state (TacetCompare *self)
{
  return (TacetCompareState){
    .left = self->left,
    .right = self->right,
    .difference = self->difference,
    .left_label = self->left_label,
    .right_label = self->right_label,
    .font = pango_context_get_font_description (gtk_widget_get_pango_context (self->area)),
    .mode = self->mode,
    .split = self->split,
    .dark = adw_style_manager_get_dark (adw_style_manager_get_default ()),
  };
}

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  TacetCompare *self = data;
  TacetCompareState state = make_state (self);

  if (self->left != NULL)
    tacet_compare_draw (&state, cr, width, height);
}

static void
show_state (TacetCompare *self)
{
  /* Translators: %s are names of results, such as "seed 8" */
  g_autofree char *text = NULL;

  for (int i = 0; i < TACET_N_COMPARE_MODES; i++)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->modes[i]), i == (int) self->mode);
  if (self->mode == TACET_COMPARE_DIFFERENCE)
    /* Translators: how much two pictures differ, in percent of the greatest difference there can be */
    text = g_strdup_printf (_ ("%.2f %% on average, shown four times as bright"), 100 * self->mean);
  gtk_label_set_text (self->mean_label, text != NULL ? text : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 1.0, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
                                  self->split, -1);
  gtk_widget_queue_draw (self->area);
}

/* ---- what is compared ---- */

void
tacet_compare_clear (TacetCompare *self)
{
  g_clear_pointer (&self->left_image, tacet_image_unref);
  g_clear_pointer (&self->right_image, tacet_image_unref);
  g_clear_pointer (&self->left, tacet_surface_free);
  g_clear_pointer (&self->right, tacet_surface_free);
  g_clear_pointer (&self->difference, tacet_surface_free);
  g_clear_pointer (&self->left_label, g_free);
  g_clear_pointer (&self->right_label, g_free);
}

gboolean
tacet_compare_set (TacetCompare *self, TacetImage *left, const char *left_label, TacetImage *right,
                   const char *right_label)
{
  tacet_compare_clear (self);
  self->left_image = tacet_image_ref (left);
  self->right_image = tacet_image_ref (right);
  self->left = tacet_surface_new_from_image (left);
  self->right = tacet_surface_new_from_image (right);
  self->left_label = g_strdup (left_label);
  self->right_label = g_strdup (right_label);
  if (self->left == NULL || self->right == NULL)
    {
      tacet_compare_clear (self);
      return FALSE;
    }
  self->split = 0.5;
  tacet_compare_set_mode (self, self->mode);
  show_state (self);
  return TRUE;
}

void
tacet_compare_swap (TacetCompare *self)
{
  TacetImage *image = self->left_image;
  TacetSurface *surface = self->left;
  char *label = self->left_label;

  self->left_image = self->right_image;
  self->left = self->right;
  self->left_label = self->right_label;
  self->right_image = image;
  self->right = surface;
  self->right_label = label;
  show_state (self);
}

void
tacet_compare_set_mode (TacetCompare *self, TacetCompareMode mode)
{
  g_return_if_fail ((guint) mode < TACET_N_COMPARE_MODES);
  if (mode == TACET_COMPARE_DIFFERENCE && self->difference == NULL && self->left_image != NULL)
    {
      g_autoptr (TacetImage) difference = tacet_compare_difference (self->left_image, self->right_image, &self->mean);

      self->difference = difference != NULL ? tacet_surface_new_from_image (difference) : NULL;
    }
  self->mode = mode;
  show_state (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODE]);
}

double
tacet_compare_get_split (TacetCompare *self)
{
  return self->split;
}

void
tacet_compare_set_split (TacetCompare *self, double split)
{
  self->split = CLAMP (split, 0, 1);
  show_state (self);
}

/* ---- pointer and keys ---- */

static void
drag_to (TacetCompare *self, double x)
{
  TacetCompareState state = make_state (self);

  if (self->left != NULL && self->mode == TACET_COMPARE_SPLIT)
    tacet_compare_set_split (self, tacet_compare_split_at (&state, gtk_widget_get_width (self->area),
                                                           gtk_widget_get_height (self->area), x));
}

static void
drag_begin_cb (TacetCompare *self, double x, double y)
{
  gtk_widget_grab_focus (self->area);
  drag_to (self, x);
}

static void
drag_update_cb (TacetCompare *self, double dx, double dy, GtkGestureDrag *gesture)
{
  double x, y;

  if (gtk_gesture_drag_get_start_point (gesture, &x, &y))
    drag_to (self, x + dx);
}

static gboolean
key_cb (TacetCompare *self, guint key, guint code, GdkModifierType state)
{
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_Right:
      tacet_compare_set_split (self, self->split + (key == GDK_KEY_Left ? -STEP : STEP));
      return GDK_EVENT_STOP;
    case GDK_KEY_c:
    case GDK_KEY_C:
      tacet_compare_swap (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_m:
    case GDK_KEY_M:
      tacet_compare_set_mode (self, (self->mode + 1) % TACET_N_COMPARE_MODES);
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape:
      g_signal_emit (self, signals[SIGNAL_CLOSE], 0);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
mode_toggled_cb (TacetCompare *self, GtkToggleButton *button)
{
  for (int i = 0; i < TACET_N_COMPARE_MODES; i++)
    if (self->modes[i] == GTK_WIDGET (button) && gtk_toggle_button_get_active (button) && i != (int) self->mode)
      tacet_compare_set_mode (self, i);
}

static void
close_clicked_cb (TacetCompare *self)
{
  g_signal_emit (self, signals[SIGNAL_CLOSE], 0);
}

/* ---- class ---- */

static void
tacet_compare_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_MODE)
    g_value_set_static_string (value, modes[TACET_COMPARE (object)->mode].id);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tacet_compare_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id != PROP_MODE)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  for (int i = 0; i < TACET_N_COMPARE_MODES; i++)
    if (g_strcmp0 (g_value_get_string (value), modes[i].id) == 0)
      tacet_compare_set_mode (TACET_COMPARE (object), i);
}

static void
tacet_compare_dispose (GObject *object)
{
  TacetCompare *self = TACET_COMPARE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  tacet_compare_clear (self);
  G_OBJECT_CLASS (tacet_compare_parent_class)->dispose (object);
}

static void
tacet_compare_class_init (TacetCompareClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = tacet_compare_dispose;
  object_class->get_property = tacet_compare_get_property;
  object_class->set_property = tacet_compare_set_property;
  properties[PROP_MODE] = g_param_spec_string ("mode", NULL, NULL, "split",
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_CLOSE] =
      g_signal_new ("close", TACET_TYPE_COMPARE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "compare");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_bar (TacetCompare *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *linked = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *swap = gtk_button_new_from_icon_name ("object-flip-horizontal-symbolic");
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic"), *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (linked, "linked");
  for (int i = 0; i < TACET_N_COMPARE_MODES; i++)
    {
      self->modes[i] = gtk_toggle_button_new_with_mnemonic (_ (modes[i].title));
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->modes[i]), GTK_TOGGLE_BUTTON (self->modes[0]));
      g_signal_connect_object (self->modes[i], "toggled", G_CALLBACK (mode_toggled_cb), self, G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (linked), self->modes[i]);
    }
  self->mean_label = GTK_LABEL (label);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_set_tooltip_text (swap, _ ("Swap (C)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (swap), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Swap"), -1);
  gtk_widget_add_css_class (swap, "flat");
  g_signal_connect_object (swap, "clicked", G_CALLBACK (tacet_compare_swap), self, G_CONNECT_SWAPPED);
  gtk_widget_set_tooltip_text (close, _ ("End the comparison (Esc)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("End the comparison"), -1);
  gtk_widget_add_css_class (close, "flat");
  g_signal_connect_object (close, "clicked", G_CALLBACK (close_clicked_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (bar), linked);
  gtk_box_append (GTK_BOX (bar), label);
  gtk_box_append (GTK_BOX (bar), swap);
  gtk_box_append (GTK_BOX (bar), close);
  gtk_widget_add_css_class (bar, "compare-bar");
  return bar;
}

static void
tacet_compare_init (TacetCompare *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->split = 0.5;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->area = g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_SLIDER, "focusable", TRUE,
                             "vexpand", TRUE, "hexpand", TRUE, NULL);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->box), make_bar (self));
  gtk_box_append (GTK_BOX (self->box), self->area);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->area), draw_cb, self, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Comparison"), -1);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (self->area, GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  show_state (self);
}
