/* tacet-drop-zones.c: the zones as they are seen.  Room: ui. */
#define G_LOG_DOMAIN "tacet-drop"

#include "config.h"

#include "ui/tacet-drop.h"

#include <glib/gi18n.h>

/* As text of a label, so that it wraps where a zone is small. */
static const struct
{
  const char *icon, *title, *hint;
} looks[TACET_N_ZONES] = {
  [TACET_ZONE_LAYER] = { "edit-copy-symbolic", N_ ("Copy of the Layer"), N_ ("with its kind, settings and people") },
  [TACET_ZONE_PICTURE] = { "tacet-picture-symbolic", N_ ("New Picture"),
                           N_ ("what is seen, and what a run starts from") },
  [TACET_ZONE_EDGES] = { "tacet-edge-symbolic", N_ ("Edges from It"), N_ ("lines are found in the picture") },
  [TACET_ZONE_EDGE_MAP] = { "tacet-edge-symbolic", N_ ("As Edge Map"), N_ ("light lines on dark") },
  [TACET_ZONE_DEPTH_MAP] = { "tacet-depth-symbolic", N_ ("As Depth Map"), N_ ("light is near, dark is far") },
  [TACET_ZONE_POSE] = { "tacet-pose-symbolic", N_ ("New Pose"), N_ ("the people of the file") },
  [TACET_ZONE_REGION] = { "tacet-region-symbolic", N_ ("New Region"),
                          N_ ("words where it is light, or not transparent") },
  [TACET_ZONE_MASK] = { "tacet-mask-symbolic", N_ ("New Mask"),
                        N_ ("may change where it is light, or not transparent") },
  [TACET_ZONE_PROJECT] = { "document-open-symbolic", N_ ("Open as Project"),
                           N_ ("with its layers and settings, instead of this scene") },
};

struct _TacetDropZones
{
  GtkWidget parent_instance;

  GtkWidget *zones[TACET_N_ZONES];
  GtkWidget *controls, *title, *nothing;
  guint set;
  TacetZone pointed;
  TacetDropLayout layout;
};

G_DEFINE_FINAL_TYPE (TacetDropZones, tacet_drop_zones, GTK_TYPE_WIDGET)

static GtkWidget *
wrapping_label (const char *text, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_label_set_width_chars (GTK_LABEL (label), 8);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_lines (GTK_LABEL (label), 3);
  gtk_widget_add_css_class (label, class);
  return label;
}

static GtkWidget *
zone_new (TacetZone zone)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *middle = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *icon = gtk_image_new_from_icon_name (looks[zone].icon), *hint;

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 28);
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (looks[zone].title), -1);
  gtk_widget_add_css_class (box, "drop-zone");
  gtk_widget_set_valign (middle, GTK_ALIGN_CENTER);
  gtk_widget_set_vexpand (middle, TRUE);
  gtk_box_append (GTK_BOX (middle), icon);
  gtk_box_append (GTK_BOX (middle), wrapping_label (_ (looks[zone].title), "heading"));
  hint = wrapping_label (_ (looks[zone].hint), "dim-label");
  gtk_widget_add_css_class (hint, "caption");
  gtk_box_append (GTK_BOX (middle), hint);
  gtk_box_append (GTK_BOX (box), middle);
  gtk_widget_set_overflow (box, GTK_OVERFLOW_HIDDEN);
  return box;
}

/* ---- size ---- */

static void
tacet_drop_zones_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                          int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = 0; /* it lies over something that has a size */
}

static void
place (GtkWidget *child, const GdkRectangle *at)
{
  gboolean visible = at->width > 0 && at->height > 0;
  int width, height;

  gtk_widget_set_child_visible (child, visible);
  if (!visible)
    return;
  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  width = MAX (width, at->width);
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
  gtk_widget_size_allocate (child, &(GtkAllocation){ at->x, at->y, width, MAX (height, at->height) }, -1);
}

static void
tacet_drop_zones_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TacetDropZones *self = TACET_DROP_ZONES (widget);
  GdkRectangle all = { 0, 0, self->set == 0 ? width : 0, height };

  tacet_drop_layout (&self->layout, self->set, width, height);
  place (self->controls, &self->layout.controls);
  place (self->title, &self->layout.title);
  for (int i = 0; i < TACET_N_ZONES; i++)
    place (self->zones[i], &self->layout.zones[i]);
  place (self->nothing, &all);
}

/* ---- state ---- */

void
tacet_drop_zones_set (TacetDropZones *self, guint zones)
{
  g_return_if_fail (TACET_IS_DROP_ZONES (self));
  self->set = zones;
  for (int i = 0; i < TACET_N_ZONES; i++)
    gtk_widget_set_visible (self->zones[i], (zones & 1u << i) != 0);
  gtk_widget_set_visible (self->nothing, zones == 0);
  if (self->pointed != TACET_NO_ZONE && (zones & 1u << self->pointed) == 0)
    tacet_drop_zones_point (self, TACET_NO_ZONE);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

TacetZone
tacet_drop_zones_at (TacetDropZones *self, double x, double y)
{
  TacetDropLayout layout;
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));

  g_return_val_if_fail (TACET_IS_DROP_ZONES (self), TACET_NO_ZONE);
  tacet_drop_layout (&layout, self->set, width, height);
  return tacet_drop_layout_at (&layout, x, y);
}

void
tacet_drop_zones_point (TacetDropZones *self, TacetZone zone)
{
  g_return_if_fail (TACET_IS_DROP_ZONES (self));
  if (zone == self->pointed)
    return;
  if (self->pointed != TACET_NO_ZONE)
    gtk_widget_remove_css_class (self->zones[self->pointed], "pointed");
  self->pointed = zone;
  if (zone != TACET_NO_ZONE)
    gtk_widget_add_css_class (self->zones[zone], "pointed");
}

TacetZone
tacet_drop_zones_get_pointed (TacetDropZones *self)
{
  g_return_val_if_fail (TACET_IS_DROP_ZONES (self), TACET_NO_ZONE);
  return self->pointed;
}

/* ---- class ---- */

static void
tacet_drop_zones_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (tacet_drop_zones_parent_class)->dispose (object);
}

static void
tacet_drop_zones_class_init (TacetDropZonesClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = tacet_drop_zones_dispose;
  widget_class->measure = tacet_drop_zones_measure;
  widget_class->size_allocate = tacet_drop_zones_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "drop-zones");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
tacet_drop_zones_init (TacetDropZones *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->pointed = TACET_NO_ZONE;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What the dragged file becomes"), -1);
  gtk_widget_set_can_target (widget, FALSE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  self->controls = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->controls, "drop-controls");
  gtk_widget_set_parent (self->controls, widget);
  self->title = wrapping_label (_ ("New Control"), "title-4");
  gtk_widget_set_parent (self->title, widget);
  for (int i = 0; i < TACET_N_ZONES; i++)
    {
      self->zones[i] = zone_new ((TacetZone) i);
      gtk_widget_set_parent (self->zones[i], widget);
    }
  self->nothing = wrapping_label (
      _ ("Nothing here can be used. Tacet reads pictures, scenes, OpenRaster files and OpenPose JSON."), "title-4");
  gtk_label_set_max_width_chars (GTK_LABEL (self->nothing), 40);
  gtk_widget_set_halign (self->nothing, GTK_ALIGN_CENTER);
  gtk_widget_set_parent (self->nothing, widget);
  tacet_drop_zones_set (self, 0);
}

GtkWidget *
tacet_drop_zones_new (void)
{
  return g_object_new (TACET_TYPE_DROP_ZONES, NULL);
}
