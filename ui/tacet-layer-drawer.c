/* tacet-layer-drawer.c: the values of a layer as widgets: the one that stands in its row, the others in the drawer.
 *
 * Room: ui.  Every widget here is a field: it shows one value of the layer, and writes it through the scene.
 */
#define G_LOG_DOMAIN "tacet-layer-drawer"

#include "config.h"

#include "ui/tacet-layer-row.h"
#include "ui/tacet-range-slider.h"

#include <glib/gi18n.h>
#include <math.h>

typedef struct
{
  const char *name;    /* accessible, with %s for the name of the layer */
  const char *tooltip; /* NULL: the same as the placeholder */
  double lower, upper, step;
  double (*get) (TacetScene *scene, TacetLayer *layer);
  void (*set) (TacetScene *scene, TacetLayer *layer, double value);
  char *(*format) (GtkScale *scale, double value, gpointer data);
} Number;

typedef struct
{
  const char *name;
  const char *placeholder;
  const char *(*get) (TacetLayer *layer);
  void (*set) (TacetScene *scene, TacetLayer *layer, const char *text);
} Text;

typedef struct
{
  TacetScene *scene;
  TacetLayer *layer;
  const Number *number; /* one of these two */
  const Text *text;
  gboolean syncing;
} Field;

static void
field_free (Field *self)
{
  g_object_unref (self->scene);
  g_object_unref (self->layer);
  g_free (self);
}

static void
show_field (GtkWidget *widget, Field *self)
{
  self->syncing = TRUE;
  if (self->text != NULL)
    {
      const char *text = self->text->get (self->layer);

      /* Setting equal text would move the cursor while the user types. */
      if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (widget)), text) != 0)
        gtk_editable_set_text (GTK_EDITABLE (widget), text);
    }
  else if (GTK_IS_RANGE (widget))
    gtk_range_set_value (GTK_RANGE (widget), self->number->get (self->scene, self->layer));
  else
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (widget), self->number->get (self->scene, self->layer));
  self->syncing = FALSE;
  tacet_layer_label_part (widget, self->text != NULL ? self->text->name : self->number->name, self->layer);
}

static void
field_changed_cb (GtkWidget *widget, Field *self)
{
  if (self->syncing)
    return;
  self->syncing = TRUE;
  if (self->text != NULL)
    self->text->set (self->scene, self->layer, gtk_editable_get_text (GTK_EDITABLE (widget)));
  else
    self->number->set (self->scene, self->layer,
                       GTK_IS_RANGE (widget) ? gtk_range_get_value (GTK_RANGE (widget))
                                             : gtk_spin_button_get_value (GTK_SPIN_BUTTON (widget)));
  self->syncing = FALSE;
}

static void
source_changed_cb (GtkWidget *widget)
{
  Field *self = g_object_get_data (G_OBJECT (widget), "field");

  if (!self->syncing)
    show_field (widget, self);
}

static GtkWidget *
make_field (GtkWidget *widget, const Number *number, const Text *text, TacetScene *scene, TacetLayer *layer)
{
  Field *self = g_new0 (Field, 1);

  self->scene = g_object_ref (scene);
  self->layer = g_object_ref (layer);
  self->number = number;
  self->text = text;
  g_object_set_data_full (G_OBJECT (widget), "field", self, (GDestroyNotify) field_free);
  g_signal_connect (widget, text != NULL ? "changed" : "value-changed", G_CALLBACK (field_changed_cb), self);
  g_signal_connect_object (layer, "notify", G_CALLBACK (source_changed_cb), widget, G_CONNECT_SWAPPED);
  show_field (widget, self);
  return widget;
}

/* The wheel scrolls the list; a slider that takes it changes by accident. */
static void
leave_wheel_alone (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_NONE);
    }
}

static GtkAdjustment *
make_adjustment (const Number *number)
{
  return gtk_adjustment_new (number->lower, number->lower, number->upper, number->step, number->step * 5, 0);
}

static GtkWidget *
make_scale (const Number *number, TacetScene *scene, TacetLayer *layer)
{
  GtkWidget *scale = gtk_scale_new (GTK_ORIENTATION_HORIZONTAL, make_adjustment (number));

  gtk_scale_set_draw_value (GTK_SCALE (scale), TRUE);
  gtk_scale_set_value_pos (GTK_SCALE (scale), GTK_POS_RIGHT);
  gtk_scale_set_format_value_func (GTK_SCALE (scale), number->format, NULL, NULL);
  /* The handle stops where the value is round; a pull of it leaves no long fraction behind. */
  gtk_range_set_round_digits (GTK_RANGE (scale), number->upper > 8 ? 0 : 2);
  gtk_widget_set_hexpand (scale, TRUE);
  gtk_widget_set_tooltip_text (scale, _ (number->tooltip));
  leave_wheel_alone (scale);
  return make_field (scale, number, NULL, scene, layer);
}

static GtkWidget *
make_spin (const Number *number, TacetScene *scene, TacetLayer *layer)
{
  GtkWidget *spin = gtk_spin_button_new (make_adjustment (number), number->step, 2);

  gtk_widget_set_tooltip_text (spin, _ (number->tooltip));
  gtk_widget_set_hexpand (spin, TRUE);
  leave_wheel_alone (spin);
  return make_field (spin, number, NULL, scene, layer);
}

static GtkWidget *
make_entry (const Text *text, TacetScene *scene, TacetLayer *layer)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ (text->placeholder));
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 6);
  /* The document has one history; text has no second one of its own. */
  gtk_editable_set_enable_undo (GTK_EDITABLE (entry), FALSE);
  gtk_widget_set_tooltip_text (entry, _ (text->placeholder));
  return make_field (entry, NULL, text, scene, layer);
}

/* ---- the values ---- */

static double
get_strength (TacetScene *scene, TacetLayer *layer)
{
  return tacet_layer_get_strength (layer);
}

static double
get_opacity (TacetScene *scene, TacetLayer *layer)
{
  return tacet_layer_get_opacity (layer);
}

static double
get_feather (TacetScene *scene, TacetLayer *layer)
{
  return tacet_scene_get_mask_feather (scene);
}

static void
set_feather (TacetScene *scene, TacetLayer *layer, double value)
{
  tacet_scene_set_mask_feather (scene, value);
}

static char *
format_plain (GtkScale *scale, double value, gpointer data)
{
  return g_strdup_printf ("%.2f", value);
}

static char *
format_percent (GtkScale *scale, double value, gpointer data)
{
  /* Translators: a share in percent */
  return g_strdup_printf (_ ("%.0f %%"), 100 * value);
}

static char *
format_pixels (GtkScale *scale, double value, gpointer data)
{
  /* Translators: a width in pixels */
  return g_strdup_printf (_ ("%.0f px"), value);
}

/* Translators: accessible names of the parts of a layer's row; %s is the name of the layer */
static const Number strength = { N_ ("Strength of %s"),          N_ ("Strength"), 0, 2, 0.05, get_strength,
                                 tacet_scene_set_layer_strength, format_plain };
static const Number exact_strength = {
  N_ ("Exact strength of %s"), N_ ("Strength"), 0, 2, 0.01, get_strength, tacet_scene_set_layer_strength, NULL
};
static const Number opacity = { N_ ("Opacity of %s"),          N_ ("Opacity"), 0, 1, 0.05, get_opacity,
                                tacet_scene_set_layer_opacity, format_percent };
static const Number feather = {
  N_ ("Soft edge of %s"), N_ ("Soft edge of all masks"), 0, 64, 1, get_feather, set_feather, format_pixels
};
static const Text prompt = { N_ ("Words of %s"), N_ ("Words for this area"), tacet_layer_get_prompt,
                             tacet_scene_set_layer_prompt };
static const Text negative_prompt = { N_ ("Negative prompt of %s"), N_ ("What this area must not show"),
                                      tacet_layer_get_negative_prompt, tacet_scene_set_layer_negative_prompt };

GtkWidget *
_tacet_layer_value_new (TacetScene *scene, TacetLayer *layer)
{
  switch (tacet_layer_kind_family (tacet_layer_get_kind (layer)))
    {
    case TACET_FAMILY_REGIONS:
      return make_entry (&prompt, scene, layer);
    case TACET_FAMILY_MASKS:
      {
        GtkWidget *scale = make_scale (&feather, scene, layer);

        g_signal_connect_object (scene, "notify::mask-feather", G_CALLBACK (source_changed_cb), scale,
                                 G_CONNECT_SWAPPED);
        return scale;
      }
    case TACET_FAMILY_PICTURES:
      return make_scale (&opacity, scene, layer);
    default:
      return make_scale (&strength, scene, layer);
    }
}

/* ---- the drawer ---- */

static TacetLayer *
layer_of (GtkWidget *widget)
{
  GtkWidget *row = gtk_widget_get_ancestor (widget, TACET_TYPE_LAYER_ROW);

  return row != NULL ? tacet_layer_row_get_layer (TACET_LAYER_ROW (row)) : NULL;
}

/* The window's actions work on the chosen layer: so this one is chosen first. */
static void
button_clicked_cb (GtkWidget *button, const char *action)
{
  GtkWidget *row = gtk_widget_get_ancestor (button, TACET_TYPE_LAYER_ROW);

  if (row == NULL)
    return;
  gtk_list_box_select_row (GTK_LIST_BOX (gtk_widget_get_parent (row)), GTK_LIST_BOX_ROW (row));
  gtk_widget_activate_action (button, action, NULL);
}

static void
add_row (GtkGrid *grid, int row, const char *title, GtkWidget *widget)
{
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (label), 8);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "caption");
  gtk_grid_attach (grid, label, 0, row, 1, 1);
  gtk_grid_attach (grid, widget, 1, row, 1, 1);
}

static void
append_button (GtkBox *box, const char *icon, const char *text, const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, text);
  gtk_widget_set_hexpand (button, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  g_signal_connect (button, "clicked", G_CALLBACK (button_clicked_cb), (gpointer) action);
  gtk_box_append (box, button);
}

static GtkWidget *
make_area_buttons (TacetLayerKind kind)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gboolean control = tacet_layer_kind_is_control (kind);

  gtk_widget_add_css_class (box, "linked");
  append_button (GTK_BOX (box), "tacet-cover-all-symbolic", control ? _ ("Speak everywhere") : _ ("Cover everything"),
                 "win.layer-fill-coverage");
  append_button (GTK_BOX (box), "tacet-cover-swap-symbolic", control ? _ ("Swap silent and spoken") : _ ("Invert"),
                 "win.layer-invert-coverage");
  if (control && kind != TACET_LAYER_POSE)
    append_button (GTK_BOX (box), "tacet-cover-rule-symbolic", _ ("Silence by the rule of its kind"),
                   "win.layer-rule-coverage");
  return box;
}

static void
show_range (TacetRangeSlider *slider)
{
  TacetLayer *layer = layer_of (GTK_WIDGET (slider));

  if (layer != NULL)
    tacet_range_slider_set (slider, tacet_layer_get_start (layer), tacet_layer_get_end (layer));
}

static void
range_changed_cb (TacetRangeSlider *slider, double start, double end, TacetScene *scene)
{
  TacetLayer *layer = layer_of (GTK_WIDGET (slider));

  if (layer != NULL)
    tacet_scene_set_layer_range (scene, layer, start, end);
}

static GtkWidget *
make_range (TacetScene *scene, TacetLayer *layer)
{
  GtkWidget *slider = tacet_range_slider_new ();

  gtk_widget_set_tooltip_text (slider, _ ("In which part of the steps it speaks"));
  tacet_range_slider_set (TACET_RANGE_SLIDER (slider), tacet_layer_get_start (layer), tacet_layer_get_end (layer));
  g_signal_connect_object (slider, "changed", G_CALLBACK (range_changed_cb), scene, 0);
  g_signal_connect_object (layer, "notify", G_CALLBACK (show_range), slider, G_CONNECT_SWAPPED);
  return slider;
}

static void
show_model (GtkLabel *label)
{
  TacetLayer *layer = layer_of (GTK_WIDGET (label));
  const char *model = layer != NULL ? tacet_layer_get_model (layer) : NULL;

  gtk_label_set_text (label, model != NULL ? model : _ ("The model’s own"));
}

static GtkWidget *
make_model_button (TacetScene *scene)
{
  GtkWidget *button = gtk_button_new (), *label = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_set_tooltip_text (button, _ ("Choose a ControlNet"));
  gtk_widget_add_css_class (button, "plain");
  g_signal_connect (button, "clicked", G_CALLBACK (button_clicked_cb), (gpointer) "win.choose-control-model");
  g_signal_connect (label, "map", G_CALLBACK (show_model), NULL);
  g_signal_connect_object (scene, "changed", G_CALLBACK (show_model), label, G_CONNECT_SWAPPED);
  return button;
}

gboolean
_tacet_layer_has_drawer (TacetLayer *layer)
{
  return tacet_layer_get_kind (layer) != TACET_LAYER_PICTURE;
}

GtkWidget *
_tacet_layer_drawer_new (TacetScene *scene, TacetLayer *layer)
{
  TacetLayerKind kind = tacet_layer_get_kind (layer);
  GtkGrid *grid;
  int row = 0;

  if (!_tacet_layer_has_drawer (layer))
    return NULL;
  grid = GTK_GRID (gtk_grid_new ());
  gtk_widget_add_css_class (GTK_WIDGET (grid), "layer-drawer");
  gtk_grid_set_row_spacing (grid, 6);
  gtk_grid_set_column_spacing (grid, 8);
  if (tacet_layer_kind_is_control (kind))
    {
      add_row (grid, row++, _ ("Strength"), make_spin (&exact_strength, scene, layer));
      add_row (grid, row++, _ ("Steps"), make_range (scene, layer));
      /* Translators: the network of a control */
      add_row (grid, row++, _ ("ControlNet"), make_model_button (scene));
    }
  else if (kind == TACET_LAYER_REGION)
    add_row (grid, row++, _ ("Without"), make_entry (&negative_prompt, scene, layer));
  add_row (grid, row, tacet_layer_kind_is_control (kind) ? _ ("Silence") : _ ("Area"), make_area_buttons (kind));
  return GTK_WIDGET (grid);
}
