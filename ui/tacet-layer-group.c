/* tacet-layer-group.c: see tacet-layer-group.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-layer-group"

#include "config.h"

#include "ui/tacet-layer-group.h"

#include <glib/gi18n.h>

struct _TacetLayerGroup
{
  GtkWidget parent_instance;

  GtkBox *header;
  GtkToggleButton *fold;
  GtkImage *arrow;
  GtkLabel *title, *subtitle;
  GtkMenuButton *balance; /* NULL: not the group of the controls */
  GtkRevealer *revealer;
  GtkListBox *list;

  TacetLayerFamily family;
};

G_DEFINE_FINAL_TYPE (TacetLayerGroup, tacet_layer_group, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_EXPANDED,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

/* subtitle: what the layers of the family say to the model */
static const struct
{
  const char *title, *subtitle, *add, *menu;
} families[TACET_N_FAMILIES] = {
  { N_ ("Controls"), N_ ("shape here"), N_ ("Add a control"), "add_control" },
  { N_ ("Regions"), N_ ("words here"), N_ ("Add a region"), "add_region" },
  { N_ ("Masks"), N_ ("what may change"), N_ ("Add a mask"), "add_mask" },
  { N_ ("Pictures"), N_ ("what is there"), N_ ("Add a picture"), "add_picture" },
};

static void
fold_toggled_cb (TacetLayerGroup *self)
{
  gboolean open = gtk_toggle_button_get_active (self->fold);

  gtk_image_set_from_icon_name (self->arrow, open ? "pan-down-symbolic" : "pan-end-symbolic");
  gtk_revealer_set_reveal_child (self->revealer, open);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->fold), GTK_ACCESSIBLE_STATE_EXPANDED, open, -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EXPANDED]);
}

TacetLayerFamily
tacet_layer_group_get_family (TacetLayerGroup *self)
{
  return self->family;
}

GtkListBox *
tacet_layer_group_get_list (TacetLayerGroup *self)
{
  return self->list;
}

void
tacet_layer_group_set_expanded (TacetLayerGroup *self, gboolean expanded)
{
  gtk_toggle_button_set_active (self->fold, expanded);
}

gboolean
tacet_layer_group_get_expanded (TacetLayerGroup *self)
{
  return gtk_toggle_button_get_active (self->fold);
}

void
tacet_layer_group_set_balance (TacetLayerGroup *self, const char *text)
{
  if (self->balance != NULL)
    gtk_menu_button_set_label (self->balance, text);
}

/* ---- class ---- */

static void
tacet_layer_group_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_EXPANDED)
    g_value_set_boolean (value, tacet_layer_group_get_expanded (TACET_LAYER_GROUP (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tacet_layer_group_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_EXPANDED)
    tacet_layer_group_set_expanded (TACET_LAYER_GROUP (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tacet_layer_group_dispose (GObject *object)
{
  TacetLayerGroup *self = TACET_LAYER_GROUP (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  gtk_widget_dispose_template (GTK_WIDGET (self), TACET_TYPE_LAYER_GROUP);
  g_clear_pointer (&child, gtk_widget_unparent);
  G_OBJECT_CLASS (tacet_layer_group_parent_class)->dispose (object);
}

static void
tacet_layer_group_class_init (TacetLayerGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = tacet_layer_group_dispose;
  G_OBJECT_CLASS (class)->get_property = tacet_layer_group_get_property;
  G_OBJECT_CLASS (class)->set_property = tacet_layer_group_set_property;
  properties[PROP_EXPANDED] = g_param_spec_boolean (
      "expanded", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/tacet/Tacet/ui/tacet-layer-group.ui");
  gtk_widget_class_bind_template_child (widget_class, TacetLayerGroup, header);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerGroup, fold);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerGroup, arrow);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerGroup, title);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerGroup, subtitle);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerGroup, revealer);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerGroup, list);
  gtk_widget_class_bind_template_callback (widget_class, fold_toggled_cb);
}

static void
tacet_layer_group_init (TacetLayerGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static GtkMenuButton *
append_menu (TacetLayerGroup *self, const char *menu, const char *tooltip)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/io/github/tacet/Tacet/ui/tacet-layer-menus.ui");
  GtkMenuButton *button = GTK_MENU_BUTTON (gtk_menu_button_new ());

  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (gtk_builder_get_object (builder, menu)));
  gtk_menu_button_set_has_frame (button, FALSE);
  gtk_widget_set_valign (GTK_WIDGET (button), GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (GTK_WIDGET (button), tooltip);
  gtk_box_append (self->header, GTK_WIDGET (button));
  return button;
}

GtkWidget *
tacet_layer_group_new (TacetLayerFamily family)
{
  TacetLayerGroup *self = g_object_new (TACET_TYPE_LAYER_GROUP, NULL);
  const char *title = _ (families[family].title), *add_text = _ (families[family].add);
  GtkMenuButton *add;

  self->family = family;
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->subtitle, _ (families[family].subtitle));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->fold), _ ("Fold or unfold"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->fold), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  if (family == TACET_FAMILY_CONTROLS)
    {
      self->balance = append_menu (self, "balance", _ ("How the controls share"));
      gtk_widget_add_css_class (GTK_WIDGET (self->balance), "balance");
      gtk_widget_add_css_class (GTK_WIDGET (self->balance), "caption");
    }
  add = append_menu (self, families[family].menu, add_text);
  gtk_menu_button_set_icon_name (add, "list-add-symbolic");
  gtk_accessible_update_property (GTK_ACCESSIBLE (add), GTK_ACCESSIBLE_PROPERTY_LABEL, add_text, -1);
  fold_toggled_cb (self);
  return GTK_WIDGET (self);
}
