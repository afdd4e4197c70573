/* tacet-window-actions.c: everything the user can do in a window, by name.  Keys: tacet-actions.c.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-window-actions"

#include "config.h"

#include "ui/tacet-pose-draw.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>
#include <math.h>

#define TURN 15 /* degrees */

/* ---- document ---- */

static void
open_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  _tacet_window_ask_open (TACET_WINDOW (widget));
}

static void
open_example (TacetWindow *self)
{
  tacet_window_open (self, self->example);
}

static void
open_example_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  _tacet_window_guard_unsaved (TACET_WINDOW (widget), open_example);
}

static void
save_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  _tacet_window_save (TACET_WINDOW (widget));
}

static void
save_as_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  _tacet_window_save_as (TACET_WINDOW (widget));
}

static void
save_picture_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  _tacet_window_save_picture (TACET_WINDOW (widget));
}

static void
undo_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  tacet_scene_undo (TACET_WINDOW (widget)->scene);
}

static void
redo_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  tacet_scene_redo (TACET_WINDOW (widget)->scene);
}

static void
show_history_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  gtk_menu_button_popup (self->history_button);
  tacet_history_list_show_present (self->history);
}

static void
random_seed_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  /* Nine digits: easy to read out and to type. */
  tacet_scene_set_seed (TACET_WINDOW (widget)->scene, (guint64) g_random_int_range (0, 1000000000));
}

static void
choose_model_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *control = tacet_canvas_get_selected (self->canvas);

  if (g_str_has_suffix (name, "lora"))
    _tacet_window_add_lora (self);
  else if (g_str_has_suffix (name, "vae"))
    _tacet_window_choose_vae (self);
  else if (!g_str_has_suffix (name, "control-model"))
    _tacet_window_choose_model (self);
  else if (control != NULL)
    _tacet_window_choose_control_model (self, control);
}

static void
focus_prompt_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  adw_flap_set_reveal_flap (self->flap, TRUE);
  tacet_settings_focus_prompt (self->settings);
}

/* ---- runs ---- */

static void
generate_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  _tacet_window_generate (TACET_WINDOW (widget));
}

static void
generate_new_seed_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  random_seed_cb (widget, name, NULL);
  _tacet_window_generate (TACET_WINDOW (widget));
}

static void
cancel_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  _tacet_window_cancel (TACET_WINDOW (widget));
}

static void
step_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  tacet_diagnostics_step_by (TACET_WINDOW (widget)->diagnostics, g_str_has_suffix (name, "next-step") ? 1 : -1);
}

/* ---- view ---- */

static void
zoom_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (g_str_has_suffix (name, "fit"))
    tacet_canvas_zoom_fit (self->canvas);
  else
    tacet_canvas_zoom_by (self->canvas, g_str_has_suffix (name, "in") ? M_SQRT2 : M_SQRT1_2);
}

static void
turn_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  if (g_str_has_suffix (name, "upright"))
    tacet_canvas_turn_upright (self->canvas);
  else
    tacet_canvas_turn (self->canvas, g_str_has_suffix (name, "left") ? -TURN : TURN);
}

static void
zoom_to_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  tacet_canvas_zoom_to (TACET_WINDOW (widget)->canvas, g_variant_get_double (parameter));
}

static void
fullscreen_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_object_set (widget, "fullscreened", !gtk_window_is_fullscreen (GTK_WINDOW (widget)), NULL);
}

/* ---- controls ---- */

static void
import_map_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *control = tacet_canvas_get_selected (self->canvas);

  if (control != NULL)
    _tacet_window_import (self, control, strstr (name, "picture") != NULL);
}

static void
import_pose_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  _tacet_window_import_pose (TACET_WINDOW (widget));
}

static void
export_pose_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  TacetLayer *control = tacet_canvas_get_selected (self->canvas);

  if (control != NULL && tacet_layer_get_kind (control) == TACET_LAYER_POSE)
    _tacet_window_export_pose (self, control);
}

/* ---- what can be used ---- */

static void
name_step (TacetWindow *self, GtkWidget *button, const char *property, const char *plain, const char *named)
{
  g_autofree char *step = NULL, *text = NULL, *tooltip = NULL;
  g_auto (GStrv) pieces = g_strsplit (named, "%s", 2);

  g_object_get (self->scene, property, &step, NULL);
  text = step != NULL ? g_strjoinv (step, pieces) : g_strdup (plain);
  tooltip =
      tacet_shortcuts_dup_tooltip (self->shortcuts, gtk_actionable_get_action_name (GTK_ACTIONABLE (button)), text);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

/* The document changes many times a second; whoever watches an action hears of it only when it changes. */
void
_tacet_window_enable (TacetWindow *self, const char *action, gboolean enabled)
{
  gpointer known = g_hash_table_lookup (self->enabled, action), now = GINT_TO_POINTER (enabled ? 1 : 2);

  if (known == now)
    return;
  g_hash_table_insert (self->enabled, g_strdup (action), now);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), action, enabled);
}

static void
set_enabled (TacetWindow *self, const char *first, ...)
{
  va_list list;

  va_start (list, first);
  for (const char *name = first; name != NULL; name = va_arg (list, const char *))
    _tacet_window_enable (self, name, va_arg (list, int));
  va_end (list);
}

/* The button says what will happen. */
static const char *
run_label (TacetScene *scene)
{
  if (!tacet_scene_has_picture (scene))
    return _ ("Generate");
  if (tacet_scene_has_mask (scene))
    return _ ("Fill");
  return tacet_scene_get_denoising_strength (scene) < 1 ? _ ("Refine") : _ ("Generate");
}

static void
update_generate (TacetWindow *self)
{
  g_autofree char *why_not = _tacet_window_why_not (self);

  set_enabled (self, "win.generate", why_not == NULL && self->running == NULL, "win.generate-new-seed",
               why_not == NULL && self->running == NULL, NULL);
  adw_split_button_set_label (self->generate, run_label (self->scene));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->generate),
                               why_not != NULL ? why_not : _ ("Make a picture from the controls and the prompt"));
  if (self->running != NULL)
    return;
  if (why_not != NULL)
    _tacet_window_set_status (self, why_not, TRUE);
  else if (gtk_widget_has_css_class (GTK_WIDGET (self->status), "status-reason"))
    _tacet_window_set_status (self, "", FALSE);
}

void
_tacet_window_update_actions (TacetWindow *self)
{
  TacetLayer *control = tacet_canvas_get_selected (self->canvas);
  gboolean some = control != NULL, can_undo, can_redo;
  int n_people = 0;
  gboolean pose = some && tacet_layer_get_kind (control) == TACET_LAYER_POSE;
  gboolean edge = some && tacet_layer_get_kind (control) == TACET_LAYER_EDGE;
  gboolean depth = some && tacet_layer_get_kind (control) == TACET_LAYER_DEPTH;

  if (pose)
    tacet_layer_get_people (control, &n_people);
  g_object_get (self->scene, "can-undo", &can_undo, "can-redo", &can_redo, NULL);
  set_enabled (self, "win.undo", can_undo, "win.redo", can_redo, "win.import-map", edge || depth,
               "win.edges-from-picture", edge, "win.export-pose", n_people > 0, "win.cancel",
               self->running != NULL && !g_cancellable_is_cancelled (self->running), "win.open-example",
               self->example != NULL, "win.previous-step", self->progress != NULL, "win.next-step",
               self->progress != NULL, NULL);
  /* Translators: %s is the name of a step, such as "Brush Stroke" */
  name_step (self, self->undo, "undo-name", _ ("Undo"), _ ("Undo %s"));
  /* Translators: %s is the name of a step, such as "Brush Stroke" */
  name_step (self, self->redo, "redo-name", _ ("Redo"), _ ("Redo %s"));
  update_generate (self);
  _tacet_window_update_pose (self);
  _tacet_window_update_layer_actions (self);
  _tacet_window_update_result_actions (self);
  _tacet_window_update_clipboard_actions (self);
  _tacet_window_update_export_actions (self);
  gtk_widget_set_visible (self->empty_hint, g_list_model_get_n_items (tacet_scene_get_layers (self->scene)) == 0 &&
                                                self->result == NULL && self->running == NULL);
  gtk_widget_set_sensitive (self->picture_switch, self->result != NULL || self->running != NULL);
}

/* ---- registration ---- */

void
_tacet_window_class_init_actions (GtkWidgetClass *class)
{
  static const struct
  {
    const char *name;
    GtkWidgetActionActivateFunc func;
  } actions[] = {
    { "win.open", open_cb },
    { "win.open-example", open_example_cb },
    { "win.save", save_cb },
    { "win.save-as", save_as_cb },
    { "win.save-picture", save_picture_cb },
    { "win.undo", undo_cb },
    { "win.redo", redo_cb },
    { "win.show-history", show_history_cb },
    { "win.random-seed", random_seed_cb },
    { "win.choose-model", choose_model_cb },
    { "win.choose-vae", choose_model_cb },
    { "win.add-lora", choose_model_cb },
    { "win.choose-control-model", choose_model_cb },
    { "win.focus-prompt", focus_prompt_cb },
    { "win.generate", generate_cb },
    { "win.generate-new-seed", generate_new_seed_cb },
    { "win.cancel", cancel_cb },
    { "win.previous-step", step_cb },
    { "win.next-step", step_cb },
    { "win.zoom-in", zoom_cb },
    { "win.zoom-out", zoom_cb },
    { "win.zoom-fit", zoom_cb },
    { "win.turn-left", turn_cb },
    { "win.turn-right", turn_cb },
    { "win.turn-upright", turn_cb },
    { "win.fullscreen", fullscreen_cb },
    { "win.import-map", import_map_cb },
    { "win.edges-from-picture", import_map_cb },
    { "win.import-pose", import_pose_cb },
    { "win.export-pose", export_pose_cb },

  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (class, actions[i].name, NULL, actions[i].func);
  gtk_widget_class_install_action (class, "win.zoom-to", "d", zoom_to_cb);
  _tacet_window_class_init_preferences (class);
  _tacet_window_class_init_hints (class);
  _tacet_window_class_init_panes (class);
  _tacet_window_class_init_recent (class);
  _tacet_window_class_init_tools (class);
  _tacet_window_class_init_pictures (class);
  _tacet_window_class_init_clipboard (class);
  _tacet_window_class_init_export (class);
  _tacet_window_class_init_pose (class);
}

static void
add_toggle (TacetWindow *self, const char *name, gpointer object, const char *property)
{
  g_autoptr (GPropertyAction) action = g_property_action_new (name, object, property);

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
}

/* Toggles are properties of the parts that they switch. */
void
_tacet_window_init_actions (TacetWindow *self)
{
  add_toggle (self, "tool", self->canvas, "tool");
  add_toggle (self, "show-picture", self->canvas, "show-picture");
  add_toggle (self, "show-overlays", self->canvas, "show-overlays");
  add_toggle (self, "show-rulers", self->canvas, "show-rulers");
  add_toggle (self, "show-hud", self->canvas, "show-hud");
  add_toggle (self, "mirror-view", self->canvas, "mirrored");
  add_toggle (self, "show-diagnostics", self->diagnostics_revealer, "reveal-child");
  add_toggle (self, "show-panel", self->flap, "reveal-flap");
  add_toggle (self, "follow-steps", self->diagnostics, "follow");
  add_toggle (self, "show-table", self->diagnostics, "show-table");
  _tacet_window_init_tools (self);
  _tacet_window_init_pose (self);
}
