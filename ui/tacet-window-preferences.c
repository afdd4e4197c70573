/* tacet-window-preferences.c: what the window has of the preferences, and its keys.  Room: ui. */
#define G_LOG_DOMAIN "tacet-window-preferences"

#include "config.h"

#include "ui/tacet-window-private.h"

static void
show_shortcuts_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TacetWindow *self = TACET_WINDOW (widget);
  GtkWidget *window = tacet_shortcuts_make_window (self->shortcuts);

  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (window));
}

void
tacet_window_set_preferences (TacetWindow *self, TacetPreferences *preferences, TacetShortcuts *shortcuts)
{
  g_autoptr (GPropertyAction) fit = g_property_action_new ("picture-fit", preferences, "picture-fit");

  g_set_object (&self->preferences, preferences);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (fit));
  g_set_object (&self->shortcuts, shortcuts);
  _tacet_window_follow_result_switch (self);
  tacet_shortcuts_attach (shortcuts, GTK_WIDGET (self));
}

void
_tacet_window_class_init_preferences (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "win.show-shortcuts", NULL, show_shortcuts_cb);
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
