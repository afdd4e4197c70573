/* tacet-window-preferences.c: what the window has of the preferences, and its keys.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-preferences"

#include "config.h"

#include "engine/scene/tacet-candidate.h"
#include "ui/tacet-action-search.h"
#include "ui/tacet-preferences-window.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>

/* ---- windows beside the window ---- */

static void
show_shortcuts_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  GtkWidget *window = tacet_shortcuts_make_window (self->shortcuts);

  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (window));
}

static void
show_preferences_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);

  gtk_window_present (
      GTK_WINDOW (tacet_preferences_window_new (GTK_WINDOW (self), self->preferences, self->shortcuts)));
}

/* ---- the search for actions ---- */

static char *
why_disabled (const TacetAction *action, gpointer data)
{
  TacetWindow *self = data;

  if (g_str_has_prefix (action->name, "win.generate") && self->running == NULL)
    return _tacet_window_why_not (self);
  return NULL;
}

/* A popover that is closed is not needed any more; its parent must not have it when it goes. */
static gboolean
drop_search_cb (gpointer data)
{
  gtk_widget_unparent (data);
  return G_SOURCE_REMOVE;
}

static void
search_closed_cb (TacetWindow *self, GtkWidget *search)
{
  if (self->action_search != search)
    return;
  self->action_search = NULL;
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, drop_search_cb, g_object_ref (search), g_object_unref);
}

static void
search_actions_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  GdkRectangle top = { gtk_widget_get_width (widget) / 2, 46, 1, 1 };

  if (self->action_search != NULL)
    return;
  self->action_search = tacet_action_search_new (self->shortcuts, why_disabled, self);
  gtk_widget_set_parent (self->action_search, GTK_WIDGET (self->toasts));
  gtk_popover_set_pointing_to (GTK_POPOVER (self->action_search), &top);
  g_signal_connect_object (self->action_search, "closed", G_CALLBACK (search_closed_cb), self, G_CONNECT_SWAPPED);
  gtk_popover_popup (GTK_POPOVER (self->action_search));
}

/* ---- what is preferred ---- */

static void
update_wheel (TacetWindow *self)
{
  g_autofree char *wheel = tacet_preferences_dup_string (self->preferences, "wheel");

  tacet_canvas_set_wheel_zooms (self->canvas, g_strcmp0 (wheel, TACET_WHEEL_ZOOMS) == 0);
}

static void
update_pressure (TacetWindow *self)
{
  g_autoptr (GVariant) value = NULL;
  TacetPressure curve;

  g_object_get (self->preferences, "pressure-curve", &value, NULL);
  g_variant_get (value, "(dddd)", &curve.x1, &curve.y1, &curve.x2, &curve.y2);
  tacet_canvas_set_pressure (self->canvas, curve);
}

void
_tacet_window_update_budgets (TacetWindow *self)
{
  guint64 history, results;

  if (self->scene == NULL || self->preferences == NULL)
    return;
  g_object_get (self->preferences, "history-budget", &history, "result-budget", &results, NULL);
  tacet_scene_set_history_budget (self->scene, (gsize) MIN (history, G_MAXSIZE));
  tacet_scene_set_candidate_budget (self->scene, (gsize) MIN (results, G_MAXSIZE));
}

static void
update_autosave (TacetWindow *self)
{
  if (self->recovery != NULL)
    tacet_recovery_set_delay (self->recovery,
                              1000 * (guint) tacet_preferences_get_int (self->preferences, "autosave-interval"));
}

static void
bind_canvas (TacetWindow *self, const char *name)
{
  g_object_bind_property (self->preferences, name, self->canvas, name, G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
}

/* Where each window begins; they do not follow each other. */
static void
restore_state (TacetWindow *self)
{
  int width, height, panel_width;
  gboolean maximized, panel, diagnostics;

  g_object_get (self->preferences, "window-width", &width, "window-height", &height, "maximized", &maximized,
                "show-panel", &panel, "show-diagnostics", &diagnostics, "panel-width", &panel_width, NULL);
  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (maximized)
    gtk_window_maximize (GTK_WINDOW (self));
  adw_flap_set_reveal_flap (self->flap, panel);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->diagnostics_revealer), diagnostics);
  gtk_widget_set_size_request (adw_flap_get_flap (self->flap), panel_width, -1);
}

void
_tacet_window_keep_state (TacetWindow *self)
{
  gboolean maximized = gtk_window_is_maximized (GTK_WINDOW (self));
  int width, height, panel_width;

  _tacet_window_keep_tools (self);
  _tacet_window_show_panels (self); /* hidden by Tab they are not gone for good */
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  gtk_widget_get_size_request (adw_flap_get_flap (self->flap), &panel_width, NULL);
  g_object_set (self->preferences, "maximized", maximized, "show-diagnostics",
                gtk_revealer_get_reveal_child (GTK_REVEALER (self->diagnostics_revealer)), NULL);
  if (panel_width > 0)
    g_object_set (self->preferences, "panel-width", panel_width, NULL);
  /* A folded panel lies over the canvas and is put away for that reason alone. */
  if (!adw_flap_get_folded (self->flap))
    g_object_set (self->preferences, "show-panel", adw_flap_get_reveal_flap (self->flap), NULL);
  if (!maximized && width > 0 && height > 0)
    g_object_set (self->preferences, "window-width", width, "window-height", height, NULL);
}

void
tacet_window_set_preferences (TacetWindow *self, TacetPreferences *preferences, TacetShortcuts *shortcuts)
{
  g_autoptr (GPropertyAction) fit = g_property_action_new ("picture-fit", preferences, "picture-fit");

  if (self->preferences != NULL)
    g_signal_handlers_disconnect_by_data (self->preferences, self);
  g_set_object (&self->preferences, preferences);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (fit));
  g_set_object (&self->shortcuts, shortcuts);
  _tacet_window_follow_result_switch (self);
  g_signal_connect_object (preferences, "notify::wheel", G_CALLBACK (update_wheel), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (preferences, "notify::pressure-curve", G_CALLBACK (update_pressure), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (preferences, "notify::history-budget", G_CALLBACK (_tacet_window_update_budgets), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (preferences, "notify::result-budget", G_CALLBACK (_tacet_window_update_budgets), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (preferences, "notify::autosave-interval", G_CALLBACK (update_autosave), self,
                           G_CONNECT_SWAPPED);
  update_wheel (self);
  update_pressure (self);
  update_autosave (self);
  _tacet_window_update_budgets (self);
  tacet_shortcuts_attach (shortcuts, GTK_WIDGET (self), GTK_WIDGET (self->canvas));
}

/* The program's window begins as the last one was left. */
void
tacet_window_share_preferences (TacetWindow *self, TacetPreferences *preferences, TacetShortcuts *shortcuts)
{
  tacet_window_set_preferences (self, preferences, shortcuts);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (self->canvas), "show-rulers") != NULL)
    {
      bind_canvas (self, "show-rulers");
      bind_canvas (self, "show-hud");
    }
  restore_state (self);
  _tacet_window_restore_tools (self);
}

void
_tacet_window_class_init_preferences (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "win.show-shortcuts", NULL, show_shortcuts_cb);
  gtk_widget_class_install_action (class, "win.preferences", NULL, show_preferences_cb);
  gtk_widget_class_install_action (class, "win.search-actions", NULL, search_actions_cb);
}

void
_tacet_window_init_preferences (TacetWindow *self)
{
  g_autoptr (TacetPreferences) preferences = tacet_preferences_new_in_memory ();
  g_autoptr (TacetShortcuts) shortcuts = tacet_shortcuts_new (preferences);

  tacet_window_set_preferences (self, preferences, shortcuts);
}

void
_tacet_window_dispose_preferences (TacetWindow *self)
{
  g_clear_object (&self->preferences);
  g_clear_object (&self->shortcuts);
}
