/* tacet-window-tools.c: the tools in the window: their strip, their options, their keys.
 *
 * Room: ui.  Everything here is made from the table of tools (tacet-tool.h).
 */
#define G_LOG_DOMAIN "tacet-window-tools"

#include "config.h"

#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>
#include <math.h>

#define LATIN_ENDS 0x250 /* the first letter of Unicode that is of another script, or rare */

/* ---- actions ---- */

static void
tool_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetToolId tool;

  if (tacet_tool_parse (name + strlen ("win.tool-"), &tool))
    tacet_canvas_set_tool (TACET_WINDOW (widget)->canvas, tool);
}

static void
brush_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetTool *tool = tacet_canvas_get_tool_object (self->canvas, tacet_canvas_get_tool (self->canvas));
  const TacetToolOption *option = tacet_tool_find_option (tool, "size");
  gboolean larger = g_str_has_suffix (name, "larger");
  double size, next;

  if (option == NULL)
    return;
  g_object_get (tool, "size", &size, NULL);
  next = larger ? MAX (size * 1.2, size + 1) : MIN (size / 1.2, size - 1);
  g_object_set (tool, "size", CLAMP (next < 2 ? next : round (next), option->low, option->high), NULL);
}

static void
colours_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetSwatches *swatches = tacet_canvas_get_swatches (TACET_WINDOW (widget)->canvas);

  if (g_str_equal (name, "win.swap-colours"))
    tacet_swatches_swap (swatches);
  else
    tacet_swatches_reset (swatches);
}

/* They choose the tool too: what they do is seen, and can still be applied or forgotten. */
static void
transform_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetCanvas *canvas = TACET_WINDOW (widget)->canvas;
  TacetTool *tool = tacet_canvas_get_tool_object (canvas, TACET_TOOL_MOVE);

  if (g_str_has_suffix (name, "apply"))
    TACET_TOOL_GET_CLASS (tool)->apply (tool);
  else if (g_str_has_suffix (name, "cancel"))
    TACET_TOOL_GET_CLASS (tool)->cancel (tool);
  else
    {
      tacet_canvas_set_tool (canvas, TACET_TOOL_MOVE);
      if (g_str_has_suffix (name, "fit"))
        tacet_tool_move_fit (tool);
      else
        tacet_tool_move_mirror (tool, g_str_has_suffix (name, "upside-down"));
    }
}

/* ---- keys ---- */

/* Letters by place, as X11 and Wayland number the keys. */
static guint
letter_at (guint code)
{
  static const char *const rows[] = { "qwertyuiop", "asdfghjkl", "zxcvbnm" };
  static const guint first[] = { 24, 38, 52 };

  for (int i = 0; i < 3; i++)
    if (code >= first[i] && code < first[i] + strlen (rows[i]))
      return (guint) rows[i][code - first[i]];
  return 0;
}

/* Brackets lie beside the P; on most layouts these keys have other signs, and brackets need a third hand. */
static guint
bracket_at (guint code)
{
  return code == 34 ? GDK_KEY_bracketleft : code == 35 ? GDK_KEY_bracketright : 0;
}

/* What no shortcut took: on layouts without Latin letters, or without brackets, keys mean what they do where they
 * lie. */
static gboolean
key_by_place_cb (GtkEventController *controller, guint key, guint code, GdkModifierType state, TacetWindow *self)
{
  GdkModifierType held = state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_SHIFT_MASK);
  guint letter = letter_at (code), bracket = bracket_at (code);
  const TacetAction *action;

  if (bracket != 0 && key != bracket && (held & ~GDK_ALT_MASK) == 0)
    letter = bracket;
  else if (letter == 0 || (held & ~GDK_SHIFT_MASK) != 0 || gdk_keyval_to_unicode (key) < LATIN_ENDS)
    return FALSE;
  action = tacet_shortcuts_find (self->shortcuts, letter, held);
  return action != NULL && gtk_widget_activate_action (GTK_WIDGET (self), action->name, NULL);
}

/* A key that switches the tool lends it only, if it is held while the tool is used.  Whatever key that is: it is seen
 * before the shortcuts see it, and what it did is seen when it is let go. */
static gboolean
key_goes_down_cb (TacetWindow *self, guint key, guint code, GdkModifierType state, GtkEventController *controller)
{
  if (self->lent_code == 0 && !gdk_key_event_is_modifier (gtk_event_controller_get_current_event (controller)))
    {
      self->lent_code = code;
      self->lent_from = tacet_canvas_get_tool (self->canvas);
      self->lent_uses = tacet_canvas_get_n_uses (self->canvas);
    }
  return FALSE;
}

static void
key_goes_up_cb (TacetWindow *self, guint key, guint code)
{
  if (code != self->lent_code)
    return;
  self->lent_code = 0;
  if (tacet_canvas_get_n_uses (self->canvas) != self->lent_uses)
    tacet_canvas_set_tool (self->canvas, self->lent_from);
}

static void
forget_key_cb (TacetWindow *self)
{
  self->lent_code = 0;
}

static void
add_keys (TacetWindow *self)
{
  GtkEventController *before = gtk_event_controller_key_new (), *after = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (before, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (before, "key-pressed", G_CALLBACK (key_goes_down_cb), self);
  g_signal_connect_swapped (before, "key-released", G_CALLBACK (key_goes_up_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), before);
  g_signal_connect_object (after, "key-pressed", G_CALLBACK (key_by_place_cb), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), after);
  g_signal_connect_object (self, "notify::is-active", G_CALLBACK (forget_key_cb), self, G_CONNECT_SWAPPED);
}

/* ---- the strip and the options ---- */

static GtkWidget *
strip_button_new (TacetTool *tool)
{
  TacetToolClass *class = TACET_TOOL_GET_CLASS (tool);
  GtkWidget *button = gtk_toggle_button_new ();
  g_autofree char *tip = NULL;

  if (class->purpose != NULL)
    /* Translators: name of a tool, what it is good for */
    tip = g_strdup_printf (_ ("%s: %s"), _ (class->name), _ (class->purpose));
  gtk_button_set_icon_name (GTK_BUTTON (button), class->icon);
  gtk_widget_set_tooltip_text (button, tip != NULL ? tip : _ (class->name));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (class->name), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.tool");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", tacet_tool_id (class->id));
  gtk_widget_add_css_class (button, "flat");
  /* The keys of the tool go to the canvas still. */
  gtk_widget_set_focus_on_click (button, FALSE);
  return button;
}

static void
tool_changed_cb (TacetWindow *self)
{
  TacetToolId tool = tacet_canvas_get_tool (self->canvas);
  TacetToolClass *class = TACET_TOOL_GET_CLASS (tacet_canvas_get_tool_object (self->canvas, tool));
  /* Options say enough, and need the room. */
  const char *purpose = class->n_options == 0 && !class->paints ? class->purpose : NULL;

  gtk_stack_set_visible_child_name (self->tool_options, tacet_tool_id (tool));
  gtk_label_set_text (self->tool_hint, purpose != NULL ? _ (purpose) : "");
}

static void
add_option_actions (GActionMap *map, TacetTool *tool)
{
  TacetToolClass *class = TACET_TOOL_GET_CLASS (tool);

  for (guint i = 0; i < class->n_options; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%s", tacet_tool_id (class->id), class->options[i].name);
      g_autoptr (GPropertyAction) action = g_property_action_new (name, tool, class->options[i].name);

      g_action_map_add_action (map, G_ACTION (action));
    }
}

/* ---- what is remembered ---- */

/* func: for every option that a person chose for good, with the name of its key. */
static void
each_option (TacetWindow *self, void (*func) (TacetWindow *, TacetTool *, const TacetToolOption *, const char *))
{
  for (int i = 0; i < TACET_N_TOOLS; i++)
    {
      TacetTool *tool = tacet_canvas_get_tool_object (self->canvas, i);
      TacetToolClass *class = TACET_TOOL_GET_CLASS (tool);

      for (guint k = 0; k < class->n_options; k++)
        {
          g_autofree char *key = g_strdup_printf ("%s-%s", tacet_tool_id (class->id), class->options[k].name);

          if (!class->options[k].passing)
            func (self, tool, &class->options[k], key);
        }
    }
}

static void
restore_option (TacetWindow *self, TacetTool *tool, const TacetToolOption *option, const char *key)
{
  double now = tacet_tool_get_option (tool, option);
  double kept = tacet_preferences_get_tool_option (self->preferences, key, now);

  if (isfinite (kept) && kept != now)
    tacet_tool_set_option (tool, option, kept);
}

static void
keep_option (TacetWindow *self, TacetTool *tool, const TacetToolOption *option, const char *key)
{
  double now = tacet_tool_get_option (tool, option);

  if (now != tacet_preferences_get_tool_option (self->preferences, key, option->value))
    tacet_preferences_set_tool_option (self->preferences, key, now);
}

void
_tacet_window_restore_tools (TacetWindow *self)
{
  each_option (self, restore_option);
}

void
_tacet_window_keep_tools (TacetWindow *self)
{
  each_option (self, keep_option);
}

void
_tacet_window_init_tools (TacetWindow *self)
{
  g_autoptr (GSimpleActionGroup) options = g_simple_action_group_new ();

  for (int i = 0; i < TACET_N_TOOLS; i++)
    {
      TacetTool *tool = tacet_canvas_get_tool_object (self->canvas, i);

      add_option_actions (G_ACTION_MAP (options), tool);
      gtk_box_append (self->tool_strip, strip_button_new (tool));
      gtk_stack_add_named (self->tool_options, tacet_tool_options_new (tool), tacet_tool_id (i));
    }
  gtk_widget_insert_action_group (GTK_WIDGET (self), "tool", G_ACTION_GROUP (options));
  g_signal_connect_object (self->canvas, "notify::tool", G_CALLBACK (tool_changed_cb), self, G_CONNECT_SWAPPED);
  tool_changed_cb (self);
  add_keys (self);
}

void
_tacet_window_class_init_tools (GtkWidgetClass *class)
{
  static const char *const transforms[] = { "win.transform-apply", "win.transform-cancel", "win.transform-fit",
                                            "win.transform-mirror", "win.transform-upside-down" };

  for (int i = 0; i < TACET_N_TOOLS; i++)
    {
      g_autofree char *action = g_strconcat ("win.tool-", tacet_tool_id (i), NULL);

      gtk_widget_class_install_action (class, action, NULL, tool_cb);
    }
  for (guint i = 0; i < G_N_ELEMENTS (transforms); i++)
    gtk_widget_class_install_action (class, transforms[i], NULL, transform_cb);
  gtk_widget_class_install_action (class, "win.swap-colours", NULL, colours_cb);
  gtk_widget_class_install_action (class, "win.default-colours", NULL, colours_cb);
  gtk_widget_class_install_action (class, "win.brush-smaller", NULL, brush_cb);
  gtk_widget_class_install_action (class, "win.brush-larger", NULL, brush_cb);
}
