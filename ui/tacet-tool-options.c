/* tacet-tool-options.c: the row above the canvas: widgets for the options of a tool, bound to its properties.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-tool-options"

#include "config.h"

#include "ui/tacet-canvas.h"

#include <glib/gi18n.h>
#include <math.h>

#define BOTH (G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL)

/* ---- sliders ---- */

static gboolean
size_to_slider (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_double (to, log2 (g_value_get_double (from)));
  return TRUE;
}

/* Sizes one can say: whole from ten on, tenths below. */
static gboolean
slider_to_size (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  double size = exp2 (g_value_get_double (from));

  g_value_set_double (to, size < 10 ? round (size * 10) / 10 : round (size));
  return TRUE;
}

static char *
format_size (GtkScale *scale, double value, gpointer data)
{
  double size = exp2 (value);

  return g_strdup_printf (size < 9.95 && fabs (size - round (size)) > 0.05 ? "%.1f" : "%.0f", size);
}

static char *
format_percent (GtkScale *scale, double value, gpointer data)
{
  /* Translators: a share of the whole, such as the hardness of a brush */
  return g_strdup_printf (_ ("%.0f %%"), value * 100);
}

static GtkWidget *
slider_new (TacetTool *tool, const TacetToolOption *option)
{
  gboolean size = option->type == TACET_OPTION_SIZE;
  double low = size ? log2 (option->low) : option->low, high = size ? log2 (option->high) : option->high;
  GtkAdjustment *adjustment = gtk_adjustment_new (low, low, high, (high - low) / 40, (high - low) / 8, 0);
  GtkWidget *scale = gtk_scale_new (GTK_ORIENTATION_HORIZONTAL, adjustment);

  gtk_scale_set_draw_value (GTK_SCALE (scale), TRUE);
  gtk_scale_set_value_pos (GTK_SCALE (scale), GTK_POS_RIGHT);
  gtk_scale_set_digits (GTK_SCALE (scale), size ? 3 : option->digits);
  gtk_range_set_round_digits (GTK_RANGE (scale), -1);
  gtk_widget_set_size_request (scale, 116, -1);
  gtk_widget_set_focus_on_click (scale, FALSE); /* Enter and Escape stay the canvas's */
  if (size)
    {
      gtk_scale_set_format_value_func (GTK_SCALE (scale), format_size, NULL, NULL);
      g_object_bind_property_full (tool, option->name, adjustment, "value", BOTH, size_to_slider, slider_to_size, NULL,
                                   NULL);
      return scale;
    }
  if (option->type == TACET_OPTION_PERCENT)
    gtk_scale_set_format_value_func (GTK_SCALE (scale), format_percent, NULL, NULL);
  g_object_bind_property (tool, option->name, adjustment, "value", BOTH);
  return scale;
}

static GtkWidget *
entry_new (TacetTool *tool, const TacetToolOption *option)
{
  double step = option->digits > 0 ? 0.1 : 1;
  GtkWidget *spin = gtk_spin_button_new_with_range (option->low, option->high, step);

  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), (guint) option->digits);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (spin), 5);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 5);
  /* There is room for the numbers alone; the arrow keys and the wheel do what the buttons would. */
  for (GtkWidget *child = gtk_widget_get_first_child (spin); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child))
      gtk_widget_set_visible (child, FALSE);
  g_object_bind_property (tool, option->name, spin, "value", BOTH);
  return spin;
}

/* ---- choices ---- */

static char *
action_name (TacetTool *tool, const TacetToolOption *option)
{
  return g_strdup_printf ("tool.%s-%s", tacet_tool_id (TACET_TOOL_GET_CLASS (tool)->id), option->name);
}

static GtkWidget *
choice_new (TacetTool *tool, const TacetToolOption *option)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  g_autofree char *action = action_name (tool, option);

  gtk_widget_add_css_class (box, "linked");
  for (const TacetToolChoice *choice = option->choices; choice->id != NULL; choice++)
    {
      GtkWidget *button = gtk_toggle_button_new ();

      if (choice->icon != NULL)
        gtk_button_set_icon_name (GTK_BUTTON (button), choice->icon);
      else
        gtk_button_set_label (GTK_BUTTON (button), _ (choice->label));
      gtk_widget_set_tooltip_text (button, _ (choice->label));
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (choice->label), -1);
      gtk_widget_set_focus_on_click (button, FALSE);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", choice->id);
      gtk_box_append (GTK_BOX (box), button);
    }
  return box;
}

static GtkWidget *
switch_new (TacetTool *tool, const TacetToolOption *option)
{
  GtkWidget *check = gtk_check_button_new_with_label (_ (option->label));
  g_autofree char *action = action_name (tool, option);

  gtk_widget_set_focus_on_click (check, FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (check), action);
  return check;
}

static GtkWidget *
option_new (TacetTool *tool, const TacetToolOption *option)
{
  GtkWidget *box, *label, *widget;

  if (option->type == TACET_OPTION_SWITCH)
    return switch_new (tool, option);
  if (option->type == TACET_OPTION_CHOICE)
    widget = choice_new (tool, option);
  else if (option->type == TACET_OPTION_ENTRY)
    widget = entry_new (tool, option);
  else
    widget = slider_new (tool, option);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (option->label), -1);
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  if (option->type == TACET_OPTION_CHOICE && !option->more)
    return widget; /* its buttons say what it is */
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  label = gtk_label_new (_ (option->label));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  if (option->more)
    gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), widget);
  return box;
}

/* ---- the row ---- */

static void
show_swatches (GtkWidget *row, TacetTool *tool)
{
  TacetToolClass *class = TACET_TOOL_GET_CLASS (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);
  int kind = layer != NULL ? (int) tacet_layer_get_kind (layer) : -1;

  GtkWidget *colour = g_object_get_data (G_OBJECT (row), "colour"),
            *value = g_object_get_data (G_OBJECT (row), "value");

  if (!class->paints)
    return;
  gtk_widget_set_visible (colour, kind == TACET_LAYER_PICTURE);
  gtk_widget_set_visible (value, kind == TACET_LAYER_DEPTH);
}

static void
layer_changed_cb (GtkWidget *row)
{
  show_swatches (row, g_object_get_data (G_OBJECT (row), "tool"));
}

static GtkWidget *
more_new (GtkWidget **list)
{
  GtkWidget *button = gtk_menu_button_new (), *popover = gtk_popover_new ();

  *list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  g_object_set (*list, "margin-top", 6, "margin-bottom", 6, "margin-start", 6, "margin-end", 6, NULL);
  gtk_popover_set_child (GTK_POPOVER (popover), *list);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-more-symbolic");
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("More options of the tool"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("More options of the tool"), -1);
  return button;
}

static void
add_swatches (GtkWidget *row, TacetTool *tool, TacetLayerKind kind, const char *name)
{
  GtkWidget *swatches = tacet_swatches_row_new (tacet_tool_get_swatches (tool), kind);

  gtk_box_append (GTK_BOX (row), swatches);
  g_object_set_data (G_OBJECT (row), name, swatches);
}

GtkWidget *
tacet_tool_options_new (TacetTool *tool)
{
  TacetToolClass *class = TACET_TOOL_GET_CLASS (tool);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *more = NULL, *list = NULL;

  g_object_set_data_full (G_OBJECT (row), "tool", g_object_ref (tool), g_object_unref);
  if (class->paints)
    {
      add_swatches (row, tool, TACET_LAYER_PICTURE, "colour");
      add_swatches (row, tool, TACET_LAYER_DEPTH, "value");
    }
  for (guint i = 0; i < class->n_options; i++)
    {
      GtkWidget *widget = option_new (tool, &class->options[i]);

      if (class->options[i].more && more == NULL)
        more = more_new (&list);
      gtk_box_append (GTK_BOX (class->options[i].more ? list : row), widget);
    }
  class->add_widgets (tool, GTK_BOX (row));
  if (more != NULL)
    gtk_box_append (GTK_BOX (row), more);
  g_signal_connect_object (tacet_tool_get_canvas (tool), "notify::selected", G_CALLBACK (layer_changed_cb), row,
                           G_CONNECT_SWAPPED);
  show_swatches (row, tool);
  return row;
}
