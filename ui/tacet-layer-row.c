/* tacet-layer-row.c: one control in the list.  Room: ui. */
#define G_LOG_DOMAIN "tacet-layer-row"

#include "config.h"

#include "ui/tacet-layer-row.h"

#include "ui/tacet-composite.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define THUMBNAIL 44

struct _TacetLayerRow
{
  GtkListBoxRow parent_instance;

  GtkDrawingArea *thumbnail;
  GtkImage *kind_icon;
  GtkLabel *name;
  GtkToggleButton *eye;
  GtkSwitch *power;
  GtkMenuButton *menu;
  GtkScale *strength;
  GtkLabel *note;

  TacetScene *scene;
  TacetCanvas *canvas;
  TacetLayer *control;
  int index;
  char *run_note;
  TacetSurface *pixels; /* of the thumbnail */
  guint thumbnail_source;
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (TacetLayerRow, tacet_layer_row, GTK_TYPE_LIST_BOX_ROW)

static const char *const kind_icons[TACET_N_CONTROL_KINDS] = { "tacet-edge-symbolic", "tacet-depth-symbolic",
                                                               "tacet-pose-symbolic" };

/* ---- thumbnail ---- */

static void
draw_thumbnail (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  TacetLayerRow *self = data;
  TacetView view = { .zoom = 1 };

  if (self->pixels != NULL)
    tacet_surface_paint (self->pixels, cr, &view, width, height);
  tacet_palette_set (cr, tacet_palette_control (self->index), 1);
  cairo_rectangle (cr, 0, 0, 4, height);
  cairo_fill (cr);
}

static gboolean
is_silent (const TacetImage *coverage)
{
  gsize n = (gsize) coverage->width * coverage->height * coverage->channels;

  for (gsize i = 0; i < n; i++)
    if (coverage->data[i] != 0)
      return FALSE;
  return TRUE;
}

/* One reason at a time, the nearest first. */
static void
update_note (TacetLayerRow *self)
{
  const TacetImage *coverage = tacet_layer_get_coverage (self->control);
  const char *text = self->run_note;

  if (!tacet_layer_get_enabled (self->control))
    text = _ ("Off: not used by the next run.");
  else if (tacet_layer_get_strength (self->control) <= 0)
    text = _ ("Strength is 0: it has no effect.");
  else if (coverage != NULL && is_silent (coverage))
    text = tacet_layer_get_kind (self->control) == TACET_LAYER_POSE
               ? _ ("Silent everywhere. Add a person from its menu.")
               : _ ("Silent everywhere. Draw on the canvas, or import a map from its menu.");
  gtk_label_set_text (self->note, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->note), text != NULL);
}

static gboolean
update_thumbnail_cb (gpointer data)
{
  TacetLayerRow *self = data;
  TacetCompositeLayer layer = {
    .kind = tacet_layer_get_kind (self->control),
    .map = tacet_layer_get_map (self->control),
    .coverage = tacet_layer_get_coverage (self->control),
    .colour = tacet_palette_control (self->index),
    .selected = TRUE,
  };

  self->thumbnail_source = 0;
  g_clear_pointer (&self->pixels, tacet_surface_free);
  if (layer.map != NULL)
    self->pixels =
        tacet_composite_thumbnail (&layer, THUMBNAIL, adw_style_manager_get_dark (adw_style_manager_get_default ()));
  gtk_widget_queue_draw (GTK_WIDGET (self->thumbnail));
  update_note (self);
  return G_SOURCE_REMOVE;
}

/* A stroke changes the map many times a second; the thumbnail follows at a calmer pace. */
static void
queue_thumbnail (TacetLayerRow *self)
{
  if (self->thumbnail_source == 0)
    self->thumbnail_source = g_timeout_add (120, update_thumbnail_cb, self);
}

/* ---- the document and the row ---- */

void
tacet_layer_row_update (TacetLayerRow *self)
{
  gboolean visible = tacet_canvas_get_control_visible (self->canvas, self->control);

  self->syncing = TRUE;
  gtk_label_set_text (self->name, tacet_layer_get_name (self->control));
  gtk_range_set_value (GTK_RANGE (self->strength), tacet_layer_get_strength (self->control));
  gtk_switch_set_active (self->power, tacet_layer_get_enabled (self->control));
  gtk_toggle_button_set_active (self->eye, visible);
  gtk_button_set_icon_name (GTK_BUTTON (self->eye), visible ? "view-reveal-symbolic" : "view-conceal-symbolic");
  gtk_widget_set_sensitive (GTK_WIDGET (self->strength), tacet_layer_get_enabled (self->control));
  self->syncing = FALSE;
  update_note (self);
}

static void
strength_changed_cb (TacetLayerRow *self)
{
  if (!self->syncing)
    tacet_scene_set_layer_strength (self->scene, self->control, gtk_range_get_value (GTK_RANGE (self->strength)));
}

static void
power_changed_cb (TacetLayerRow *self)
{
  if (!self->syncing)
    tacet_scene_set_layer_enabled (self->scene, self->control, gtk_switch_get_active (self->power));
}

static void
eye_toggled_cb (TacetLayerRow *self)
{
  if (self->syncing)
    return;
  tacet_canvas_set_control_visible (self->canvas, self->control, gtk_toggle_button_get_active (self->eye));
  tacet_layer_row_update (self);
}

static void
select_self (TacetLayerRow *self)
{
  GtkWidget *list = gtk_widget_get_parent (GTK_WIDGET (self));

  if (GTK_IS_LIST_BOX (list))
    gtk_list_box_select_row (GTK_LIST_BOX (list), GTK_LIST_BOX_ROW (self));
}

/* The menu's actions are the window's and work on the selected control. */
static void
menu_active_cb (TacetLayerRow *self)
{
  if (gtk_widget_get_visible (GTK_WIDGET (gtk_menu_button_get_popover (self->menu))))
    select_self (self);
}

static char *
format_strength (GtkScale *scale, double value, gpointer data)
{
  return g_strdup_printf ("%.2f", value);
}

static void
label_parts (TacetLayerRow *self)
{
  const char *name = tacet_layer_get_name (self->control);
  /* Translators: accessible names of the parts of a control's row; %s is the name of the control */
  const char *const formats[] = { N_ ("Strength of %s"), N_ ("Power of %s"), N_ ("Visibility of %s"),
                                  N_ ("Menu of %s") };
  GtkWidget *parts[] = { GTK_WIDGET (self->strength), GTK_WIDGET (self->power), GTK_WIDGET (self->eye),
                         GTK_WIDGET (self->menu) };

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_auto (GStrv) pieces = g_strsplit (_ (formats[i]), "%s", 2);
      g_autofree char *text = g_strjoinv (name, pieces);

      gtk_accessible_update_property (GTK_ACCESSIBLE (parts[i]), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
    }
}

static void
control_notify_cb (TacetLayerRow *self)
{
  tacet_layer_row_update (self);
  label_parts (self);
}

TacetLayer *
tacet_layer_row_get_control (TacetLayerRow *self)
{
  return self->control;
}

void
tacet_layer_row_set_note (TacetLayerRow *self, const char *note)
{
  g_free (self->run_note);
  self->run_note = g_strdup (note);
  update_note (self);
}

char *
tacet_layer_row_dup_note (TacetLayerRow *self)
{
  return gtk_widget_get_visible (GTK_WIDGET (self->note)) ? g_strdup (gtk_label_get_text (self->note)) : NULL;
}

static void
tacet_layer_row_dispose (GObject *object)
{
  TacetLayerRow *self = TACET_LAYER_ROW (object);

  g_clear_handle_id (&self->thumbnail_source, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), TACET_TYPE_LAYER_ROW);
  g_clear_object (&self->control);
  g_clear_object (&self->canvas);
  g_clear_object (&self->scene);
  G_OBJECT_CLASS (tacet_layer_row_parent_class)->dispose (object);
}

static void
tacet_layer_row_finalize (GObject *object)
{
  TacetLayerRow *self = TACET_LAYER_ROW (object);

  g_clear_pointer (&self->pixels, tacet_surface_free);
  g_free (self->run_note);
  G_OBJECT_CLASS (tacet_layer_row_parent_class)->finalize (object);
}

static void
tacet_layer_row_class_init (TacetLayerRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = tacet_layer_row_dispose;
  G_OBJECT_CLASS (class)->finalize = tacet_layer_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/tacet/Tacet/ui/tacet-layer-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TacetLayerRow, thumbnail);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerRow, kind_icon);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerRow, name);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerRow, eye);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerRow, power);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerRow, menu);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerRow, strength);
  gtk_widget_class_bind_template_child (widget_class, TacetLayerRow, note);
  gtk_widget_class_bind_template_callback (widget_class, strength_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, power_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, eye_toggled_cb);
}

static void
tacet_layer_row_init (TacetLayerRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_drawing_area_set_draw_func (self->thumbnail, draw_thumbnail, self, NULL);
  gtk_scale_set_format_value_func (self->strength, format_strength, NULL, NULL);
}

static GMenuModel *
make_menu (TacetLayerKind kind)
{
  GMenu *menu = g_menu_new (), *fill = g_menu_new (), *rest = g_menu_new ();

  if (kind == TACET_LAYER_POSE)
    {
      g_menu_append (fill, _ ("Add _Person"), "win.add-person");
      g_menu_append (fill, _ ("_Import Pose…"), "win.import-pose");
      g_menu_append (fill, _ ("E_xport Pose…"), "win.export-pose");
    }
  else
    g_menu_append (fill, _ ("_Import Map…"), "win.import-map");
  if (kind == TACET_LAYER_EDGE)
    g_menu_append (fill, _ ("_Edges from Picture…"), "win.edges-from-picture");
  g_menu_append (rest, _ ("Choose Control_Net…"), "win.choose-control-model");
  g_menu_append (rest, _ ("Re_name…"), "win.rename-control");
  g_menu_append (rest, _ ("_Clear"), "win.clear-control");
  g_menu_append (rest, _ ("_Remove"), "win.remove-control");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (fill));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (rest));
  g_object_unref (fill);
  g_object_unref (rest);
  return G_MENU_MODEL (menu);
}

GtkWidget *
tacet_layer_row_new (TacetScene *scene, TacetCanvas *canvas, TacetLayer *control, int index)
{
  TacetLayerRow *self = g_object_new (TACET_TYPE_LAYER_ROW, NULL);
  TacetLayerKind kind = tacet_layer_get_kind (control);
  g_autoptr (GMenuModel) menu = make_menu (kind);

  self->scene = g_object_ref (scene);
  self->canvas = g_object_ref (canvas);
  self->control = g_object_ref (control);
  self->index = index;
  gtk_image_set_from_icon_name (self->kind_icon, kind_icons[kind]);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->kind_icon), tacet_layer_kind_label (kind));
  gtk_menu_button_set_menu_model (self->menu, menu);
  g_signal_connect_object (gtk_menu_button_get_popover (self->menu), "notify::visible", G_CALLBACK (menu_active_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (control, "notify", G_CALLBACK (control_notify_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (control, "map-changed", G_CALLBACK (queue_thumbnail), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (queue_thumbnail), self,
                           G_CONNECT_SWAPPED);
  update_thumbnail_cb (self);
  control_notify_cb (self);
  return GTK_WIDGET (self);
}
