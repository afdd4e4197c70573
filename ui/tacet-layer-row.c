/* tacet-layer-row.c: see tacet-layer-row.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-layer-row"

#include "config.h"

#include "ui/tacet-badge.h"
#include "ui/tacet-hatch.h"
#include "ui/tacet-layer-row.h"
#include "ui/tacet-layer-thumbnail.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define THUMBNAIL 40

struct _TacetLayerRow
{
  GtkListBoxRow parent_instance;

  GtkDrawingArea *thumbnail;
  GtkBox *top;
  GtkImage *kind_icon;
  GtkStack *name_stack;
  GtkLabel *name;
  GtkEntry *entry; /* NULL: never renamed yet */
  GtkWidget *badge;
  GtkToggleButton *lock, *eye;
  GtkSwitch *power;
  GtkMenuButton *menu;
  GtkBox *value_line;
  GtkToggleButton *more;
  GtkLabel *note;
  GtkRevealer *drawer;

  TacetScene *scene;
  TacetLayer *layer;
  int index;
  char *problem, *run_note;
  cairo_surface_t *pixels; /* of the thumbnail */
  int pixels_scale;
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (TacetLayerRow, tacet_layer_row, GTK_TYPE_LIST_BOX_ROW)

enum
{
  SIGNAL_THUMBNAIL_STALE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- thumbnail ---- */

static void
draw_thumbnail (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  TacetLayerRow *self = data;

  if (self->pixels != NULL)
    {
      cairo_set_source_surface (cr, self->pixels, 0, 0);
      cairo_paint (cr);
    }
  /* The colour by which canvas and plot know it; pictures and masks have none. */
  if (tacet_layer_kind_family (tacet_layer_get_kind (self->layer)) <= TACET_FAMILY_REGIONS)
    {
      tacet_palette_set (cr, tacet_palette_control (self->index), 1);
      cairo_rectangle (cr, gtk_widget_get_direction (GTK_WIDGET (area)) == GTK_TEXT_DIR_RTL ? width - 4 : 0, 0, 4,
                       height);
      cairo_fill (cr);
    }
}

static void
update_note (TacetLayerRow *self)
{
  const char *text = self->problem != NULL ? self->problem : self->run_note;

  gtk_label_set_text (self->note, text != NULL ? text : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->note), text);
  gtk_widget_set_visible (GTK_WIDGET (self->note), text != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : tacet_layer_kind_label (tacet_layer_get_kind (self->layer)),
                                  -1);
}

void
tacet_layer_row_set_problem (TacetLayerRow *self, const TacetProblem *problem)
{
  const char *text = problem != NULL ? problem->text : NULL;

  /* What somebody switched off is as it was wanted: words, but no sign. */
  tacet_badge_set_problem (self->badge, self->layer,
                           text != NULL && problem->severity > TACET_SEVERITY_NOTE ? problem : NULL);
  if (g_strcmp0 (self->problem, text) == 0)
    return;
  g_free (self->problem);
  self->problem = g_strdup (text);
  update_note (self);
}

/* Which region of the document it is, from the top; the canvas hatches them by this. */
static int
region_number (TacetLayerRow *self)
{
  GListModel *layers = tacet_scene_get_layers (self->scene);
  int n = 0;

  for (int i = 0; i < self->index; i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (layers, (guint) i);

      n += layer != NULL && tacet_layer_get_kind (layer) == TACET_LAYER_REGION;
    }
  return n;
}

void
tacet_layer_row_update_thumbnail (TacetLayerRow *self)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  TacetLayerThumbnail thumbnail = {
    .kind = tacet_layer_get_kind (self->layer),
    .map = tacet_layer_get_map (self->layer),
    .coverage = tacet_layer_get_coverage (self->layer),
    .picture = tacet_layer_get_picture (self->layer),
    .colour = tacet_palette_control (self->index),
    .hatch = region_number (self) % TACET_N_HATCHES,
  };

  g_clear_pointer (&self->pixels, cairo_surface_destroy);
  self->pixels = tacet_layer_thumbnail_draw (&thumbnail, THUMBNAIL * scale,
                                             adw_style_manager_get_dark (adw_style_manager_get_default ()));
  if (self->pixels != NULL)
    cairo_surface_set_device_scale (self->pixels, scale, scale);
  gtk_widget_queue_draw (GTK_WIDGET (self->thumbnail));
}

static void
thumbnail_stale_cb (TacetLayerRow *self)
{
  g_signal_emit (self, signals[SIGNAL_THUMBNAIL_STALE], 0);
}

/* ---- the layer and the row ---- */

void
tacet_layer_label_part (GtkWidget *widget, const char *format, TacetLayer *layer)
{
  g_auto (GStrv) pieces = g_strsplit (_ (format), "%s", 2);
  g_autofree char *text = g_strjoinv (tacet_layer_get_name (layer), pieces);

  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
label_parts (TacetLayerRow *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  tacet_layer_get_name (self->layer), -1);
  /* Translators: accessible names of the parts of a layer's row; %s is the name of the layer */
  tacet_layer_label_part (GTK_WIDGET (self->power), N_ ("Power of %s"), self->layer);
  tacet_layer_label_part (GTK_WIDGET (self->eye), N_ ("Visibility of %s"), self->layer);
  tacet_layer_label_part (GTK_WIDGET (self->lock), N_ ("Lock of %s"), self->layer);
  tacet_layer_label_part (GTK_WIDGET (self->menu), N_ ("Menu of %s"), self->layer);
  tacet_layer_label_part (GTK_WIDGET (self->more), N_ ("Details of %s"), self->layer);
}

static void
show_toggle (GtkToggleButton *button, gboolean active, const char *on, const char *off)
{
  gtk_toggle_button_set_active (button, active);
  gtk_button_set_icon_name (GTK_BUTTON (button), active ? on : off);
}

static void
layer_notify_cb (TacetLayerRow *self)
{
  const char *name = tacet_layer_get_name (self->layer);

  self->syncing = TRUE;
  gtk_label_set_text (self->name, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name), name);
  show_toggle (self->lock, tacet_layer_get_locked (self->layer), "tacet-lock-symbolic", "tacet-unlock-symbolic");
  show_toggle (self->eye, tacet_layer_get_visible (self->layer), "view-reveal-symbolic", "view-conceal-symbolic");
  gtk_switch_set_active (self->power, tacet_layer_get_enabled (self->layer));
  if (tacet_layer_get_enabled (self->layer))
    gtk_widget_remove_css_class (GTK_WIDGET (self), "layer-off");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self), "layer-off");
  self->syncing = FALSE;
  label_parts (self);
}

static void
power_changed_cb (TacetLayerRow *self)
{
  if (!self->syncing)
    tacet_scene_set_layer_enabled (self->scene, self->layer, gtk_switch_get_active (self->power));
}

static void
eye_toggled_cb (TacetLayerRow *self)
{
  if (!self->syncing)
    tacet_scene_set_layer_visible (self->scene, self->layer, gtk_toggle_button_get_active (self->eye));
}

static void
lock_toggled_cb (TacetLayerRow *self)
{
  if (!self->syncing)
    tacet_scene_set_layer_locked (self->scene, self->layer, gtk_toggle_button_get_active (self->lock));
}

static void
select_self (TacetLayerRow *self)
{
  GtkWidget *list = gtk_widget_get_parent (GTK_WIDGET (self));

  if (GTK_IS_LIST_BOX (list))
    gtk_list_box_select_row (GTK_LIST_BOX (list), GTK_LIST_BOX_ROW (self));
}

/* ---- the drawer ---- */

static void
more_toggled_cb (TacetLayerRow *self)
{
  gboolean open = gtk_toggle_button_get_active (self->more);

  gtk_button_set_icon_name (GTK_BUTTON (self->more), open ? "pan-down-symbolic" : "pan-end-symbolic");
  if (open && gtk_revealer_get_child (self->drawer) == NULL)
    gtk_revealer_set_child (self->drawer, _tacet_layer_drawer_new (self->scene, self->layer));
  gtk_revealer_set_reveal_child (self->drawer, open);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->more), GTK_ACCESSIBLE_STATE_EXPANDED, open, -1);
}

void
tacet_layer_row_open_drawer (TacetLayerRow *self, gboolean open)
{
  if (_tacet_layer_has_drawer (self->layer))
    gtk_toggle_button_set_active (self->more, open);
}

/* ---- the name ---- */

static void
end_rename (TacetLayerRow *self, gboolean take_over)
{
  g_autofree char *text = NULL;

  if (self->entry == NULL || gtk_stack_get_visible_child (self->name_stack) != GTK_WIDGET (self->entry))
    return;
  text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  gtk_stack_set_visible_child (self->name_stack, GTK_WIDGET (self->name));
  if (take_over && *text != '\0')
    tacet_scene_set_layer_name (self->scene, self->layer, text);
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static void
entry_activate_cb (TacetLayerRow *self)
{
  end_rename (self, TRUE);
}

static gboolean
entry_key_cb (TacetLayerRow *self, guint key)
{
  if (key != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  end_rename (self, FALSE);
  return GDK_EVENT_STOP;
}

static void
make_entry (TacetLayerRow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new (), *focus = gtk_event_controller_focus_new ();

  self->entry = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_has_frame (self->entry, FALSE);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->entry), 4);
  gtk_widget_add_css_class (GTK_WIDGET (self->entry), "rename");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("New name"), -1);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (entry_key_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (entry_activate_cb), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (entry_activate_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), keys);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), focus);
  gtk_stack_add_child (self->name_stack, GTK_WIDGET (self->entry));
}

void
tacet_layer_row_rename (TacetLayerRow *self)
{
  if (self->entry == NULL)
    make_entry (self);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), tacet_layer_get_name (self->layer));
  gtk_stack_set_visible_child (self->name_stack, GTK_WIDGET (self->entry));
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
}

static void
name_pressed_cb (TacetLayerRow *self, int n_press)
{
  if (n_press == 2)
    tacet_layer_row_rename (self);
}

/* ---- the menu ---- */

/* The menu's actions are the window's and work on the chosen layer. */
static void
create_menu (GtkMenuButton *button, gpointer data)
{
  TacetLayerRow *self = data;
  g_autoptr (GMenuModel) model = NULL;

  select_self (self);
  if (gtk_menu_button_get_popover (button) != NULL)
    return;
  model = _tacet_layer_menu_new (self->layer);
  gtk_menu_button_set_popover (button, gtk_popover_menu_new_from_model (model));
}

void
tacet_layer_row_popup_menu (TacetLayerRow *self)
{
  select_self (self);
  gtk_menu_button_popup (self->menu);
}

static void
row_secondary_cb (TacetLayerRow *self, int n_press, double x, double y, GtkGesture *gesture)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  tacet_layer_row_popup_menu (self);
}

static gboolean
menu_key_cb (GtkWidget *widget, GVariant *parameter, gpointer data)
{
  tacet_layer_row_popup_menu (TACET_LAYER_ROW (widget));
  return GDK_EVENT_STOP;
}

/* ---- for others ---- */

TacetLayer *
tacet_layer_row_get_layer (TacetLayerRow *self)
{
  return self->layer;
}

void
tacet_layer_row_set_index (TacetLayerRow *self, int index)
{
  if (self->index == index)
    return;
  self->index = index;
  thumbnail_stale_cb (self); /* its colour may be in it */
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

/* ---- class ---- */

static void
tacet_layer_row_dispose (GObject *object)
{
  TacetLayerRow *self = TACET_LAYER_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TACET_TYPE_LAYER_ROW);
  g_clear_object (&self->layer);
  g_clear_object (&self->scene);
  G_OBJECT_CLASS (tacet_layer_row_parent_class)->dispose (object);
}

static void
tacet_layer_row_finalize (GObject *object)
{
  TacetLayerRow *self = TACET_LAYER_ROW (object);

  g_clear_pointer (&self->pixels, cairo_surface_destroy);
  g_free (self->problem);
  g_free (self->run_note);
  G_OBJECT_CLASS (tacet_layer_row_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *class)
{
  gtk_widget_class_bind_template_child (class, TacetLayerRow, thumbnail);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, kind_icon);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, name_stack);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, name);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, top);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, lock);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, eye);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, power);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, menu);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, value_line);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, more);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, note);
  gtk_widget_class_bind_template_child (class, TacetLayerRow, drawer);
  gtk_widget_class_bind_template_callback (class, power_changed_cb);
  gtk_widget_class_bind_template_callback (class, eye_toggled_cb);
  gtk_widget_class_bind_template_callback (class, lock_toggled_cb);
  gtk_widget_class_bind_template_callback (class, more_toggled_cb);
}

static void
tacet_layer_row_class_init (TacetLayerRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = tacet_layer_row_dispose;
  G_OBJECT_CLASS (class)->finalize = tacet_layer_row_finalize;
  signals[SIGNAL_THUMBNAIL_STALE] =
      g_signal_new ("thumbnail-stale", TACET_TYPE_LAYER_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/tacet/Tacet/ui/tacet-layer-row.ui");
  bind_children (widget_class);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Up, GDK_CONTROL_MASK, "win.layer-up", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Down, GDK_CONTROL_MASK, "win.layer-down", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "win.layer-remove", NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, menu_key_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, menu_key_cb, NULL);
}

static void
add_controllers (TacetLayerRow *self)
{
  GtkGesture *secondary = gtk_gesture_click_new (), *twice = gtk_gesture_click_new ();
  GtkWidget *parts[] = { GTK_WIDGET (self->value_line), GTK_WIDGET (self->drawer), self->badge };

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (secondary), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (secondary, "pressed", G_CALLBACK (row_secondary_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (secondary));
  g_signal_connect_swapped (twice, "pressed", G_CALLBACK (name_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->name), GTK_EVENT_CONTROLLER (twice));
  /* Whoever works on the values of a layer works on that layer. */
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      GtkEventController *focus = gtk_event_controller_focus_new ();

      g_signal_connect_swapped (focus, "enter", G_CALLBACK (select_self), self);
      gtk_widget_add_controller (parts[i], focus);
    }
}

static void
tacet_layer_row_init (TacetLayerRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_drawing_area_set_draw_func (self->thumbnail, draw_thumbnail, self, NULL);
  gtk_menu_button_set_create_popup_func (self->menu, create_menu, self, NULL);
  self->badge = tacet_badge_new ();
  gtk_box_insert_child_after (self->top, self->badge, GTK_WIDGET (self->name_stack));
  add_controllers (self);
}

GtkWidget *
tacet_layer_row_new (TacetScene *scene, TacetLayer *layer, int index)
{
  TacetLayerRow *self = g_object_new (TACET_TYPE_LAYER_ROW, NULL);
  TacetLayerKind kind = tacet_layer_get_kind (layer);

  self->scene = g_object_ref (scene);
  self->layer = g_object_ref (layer);
  self->index = index;
  gtk_image_set_from_icon_name (self->kind_icon, tacet_layer_kind_icon (kind));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->kind_icon), tacet_layer_kind_label (kind));
  gtk_box_prepend (self->value_line, _tacet_layer_value_new (scene, layer));
  gtk_widget_set_visible (GTK_WIDGET (self->more), _tacet_layer_has_drawer (layer));
  g_signal_connect_object (layer, "notify", G_CALLBACK (layer_notify_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (layer, "map-changed", G_CALLBACK (thumbnail_stale_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (thumbnail_stale_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (thumbnail_stale_cb), NULL);
  layer_notify_cb (self);
  return GTK_WIDGET (self);
}
