/* tacet-swatches.c: see tacet-swatches.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-swatches"

#include "config.h"

#include "ui/tacet-swatches.h"

#include <glib/gi18n.h>
#include <math.h>

#define BOTH (G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL)

struct _TacetSwatches
{
  GObject parent_instance;

  GdkRGBA colors[2]; /* foreground, background */
  double values[2];
};

G_DEFINE_FINAL_TYPE (TacetSwatches, tacet_swatches, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_FOREGROUND,
  PROP_BACKGROUND,
  PROP_VALUE,
  PROP_OTHER_VALUE,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

static void
set_color (TacetSwatches *self, int i, const GdkRGBA *color)
{
  if (color == NULL || gdk_rgba_equal (&self->colors[i], color))
    return;
  self->colors[i] = *color;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOREGROUND + i]);
}

static void
set_value (TacetSwatches *self, int i, double value)
{
  if (self->values[i] == value)
    return;
  self->values[i] = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUE + i]);
}

void
tacet_swatches_swap (TacetSwatches *self)
{
  GdkRGBA color = self->colors[0];
  double value = self->values[0];

  set_color (self, 0, &self->colors[1]);
  set_color (self, 1, &color);
  set_value (self, 0, self->values[1]);
  set_value (self, 1, value);
}

void
tacet_swatches_reset (TacetSwatches *self)
{
  static const GdkRGBA black = { 0, 0, 0, 1 }, white = { 1, 1, 1, 1 };

  set_color (self, 0, &black);
  set_color (self, 1, &white);
  set_value (self, 0, 1);
  set_value (self, 1, 0);
}

void
tacet_swatches_get_color (TacetSwatches *self, gboolean background, guint8 color[3])
{
  const GdkRGBA *rgba = &self->colors[background ? 1 : 0];

  color[0] = (guint8) lroundf (255 * CLAMP (rgba->red, 0, 1));
  color[1] = (guint8) lroundf (255 * CLAMP (rgba->green, 0, 1));
  color[2] = (guint8) lroundf (255 * CLAMP (rgba->blue, 0, 1));
}

void
tacet_swatches_set_color (TacetSwatches *self, const guint8 color[3])
{
  GdkRGBA rgba = { color[0] / 255.0f, color[1] / 255.0f, color[2] / 255.0f, 1 };

  set_color (self, 0, &rgba);
}

double
tacet_swatches_get_value (TacetSwatches *self, gboolean background)
{
  return self->values[background ? 1 : 0];
}

void
tacet_swatches_set_value (TacetSwatches *self, double value)
{
  set_value (self, 0, CLAMP (value, 0, 1));
}

/* ---- widgets ---- */

static GtkWidget *
color_button_new (TacetSwatches *self, const char *property, const char *label)
{
  GtkWidget *button = gtk_color_button_new ();

  gtk_color_button_set_title (GTK_COLOR_BUTTON (button), label);
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  /* The button inside is the one that is worked. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_first_child (button)), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  g_object_bind_property (self, property, button, "rgba", BOTH);
  return button;
}

static GtkWidget *
value_slider_new (TacetSwatches *self)
{
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 0.01);

  gtk_scale_set_draw_value (GTK_SCALE (scale), TRUE);
  gtk_scale_set_value_pos (GTK_SCALE (scale), GTK_POS_RIGHT);
  gtk_scale_set_digits (GTK_SCALE (scale), 2);
  gtk_widget_set_size_request (scale, 96, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Nearness"), -1);
  g_object_bind_property (self, "value", gtk_range_get_adjustment (GTK_RANGE (scale)), "value", BOTH);
  return scale;
}

static GtkWidget *
action_button_new (const char *icon, const char *action, const char *label)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_add_css_class (button, "flat");
  return button;
}

GtkWidget *
tacet_swatches_row_new (TacetSwatches *self, TacetLayerKind kind)
{
  GtkWidget *row;

  if (kind != TACET_LAYER_PICTURE && kind != TACET_LAYER_DEPTH)
    return NULL;
  row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  gtk_widget_add_css_class (row, "swatches");
  if (kind == TACET_LAYER_PICTURE)
    {
      gtk_box_append (GTK_BOX (row), color_button_new (self, "foreground", _ ("Colour to paint with")));
      gtk_box_append (GTK_BOX (row), color_button_new (self, "background", _ ("Other colour")));
    }
  else
    {
      GtkWidget *label = gtk_label_new (_ ("Nearness"));

      gtk_widget_add_css_class (label, "dim-label");
      gtk_box_append (GTK_BOX (row), label);
      gtk_box_append (GTK_BOX (row), value_slider_new (self));
    }
  gtk_box_append (GTK_BOX (row), action_button_new ("tacet-swap-symbolic", "win.swap-colours",
                                                    kind == TACET_LAYER_PICTURE ? _ ("Exchange the colours")
                                                                                : _ ("Exchange with the other value")));
  for (GtkWidget *child = gtk_widget_get_first_child (row); child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_valign (child, GTK_ALIGN_CENTER);
  return row;
}

/* ---- class ---- */

static void
tacet_swatches_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TacetSwatches *self = TACET_SWATCHES (object);

  if (id == PROP_FOREGROUND || id == PROP_BACKGROUND)
    g_value_set_boxed (value, &self->colors[id - PROP_FOREGROUND]);
  else
    g_value_set_double (value, self->values[id - PROP_VALUE]);
}

static void
tacet_swatches_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TacetSwatches *self = TACET_SWATCHES (object);

  if (id == PROP_FOREGROUND || id == PROP_BACKGROUND)
    set_color (self, (int) id - PROP_FOREGROUND, g_value_get_boxed (value));
  else
    set_value (self, (int) id - PROP_VALUE, g_value_get_double (value));
}

static void
tacet_swatches_class_init (TacetSwatchesClass *class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = tacet_swatches_get_property;
  object_class->set_property = tacet_swatches_set_property;
  properties[PROP_FOREGROUND] = g_param_spec_boxed ("foreground", NULL, NULL, GDK_TYPE_RGBA, flags);
  properties[PROP_BACKGROUND] = g_param_spec_boxed ("background", NULL, NULL, GDK_TYPE_RGBA, flags);
  properties[PROP_VALUE] = g_param_spec_double ("value", NULL, NULL, 0, 1, 1, flags);
  properties[PROP_OTHER_VALUE] = g_param_spec_double ("other-value", NULL, NULL, 0, 1, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tacet_swatches_init (TacetSwatches *self)
{
  tacet_swatches_reset (self);
}

TacetSwatches *
tacet_swatches_new (void)
{
  return g_object_new (TACET_TYPE_SWATCHES, NULL);
}
