/* tacet-preferences-shortcuts.c: the page of shortcuts in the preferences.  Room: ui. */
#define G_LOG_DOMAIN "tacet-preferences-shortcuts"

#include "config.h"

#include "ui/tacet-preferences-window.h"
#include "ui/tacet-shortcut-dialog.h"

#include <glib/gi18n.h>

typedef struct
{
  const TacetAction *action;
  TacetShortcuts *shortcuts;
  GtkWidget *row, *keys, *reset;
} Row;

static Row *
get_row (gpointer row)
{
  return g_object_get_data (G_OBJECT (row), "shortcut");
}

static void
update_row (GtkWidget *widget)
{
  Row *row = get_row (widget);
  g_auto (GStrv) keys = tacet_shortcuts_dup_keys (row->shortcuts, row->action->name);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (row->keys)) != NULL)
    gtk_box_remove (GTK_BOX (row->keys), child);
  for (int i = 0; keys[i] != NULL && i < 2; i++)
    gtk_box_append (GTK_BOX (row->keys), gtk_shortcut_label_new (keys[i]));
  gtk_widget_set_visible (row->reset, !tacet_shortcuts_is_default (row->shortcuts, row->action->name));
}

static void
changed_cb (TacetShortcuts *shortcuts, GtkWidget *widget)
{
  update_row (widget);
}

static void
reset_cb (GtkWidget *widget)
{
  Row *row = get_row (widget);

  tacet_shortcuts_set_keys (row->shortcuts, row->action->name, NULL);
}

static void
activated_cb (GtkWidget *widget)
{
  Row *row = get_row (widget);
  GtkWidget *dialog =
      tacet_shortcut_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), row->shortcuts, row->action);

  gtk_window_present (GTK_WINDOW (dialog));
}

static GtkWidget *
make_row (TacetShortcuts *shortcuts, const TacetAction *action)
{
  GtkWidget *widget = adw_action_row_new ();
  Row *row = g_new0 (Row, 1);
  /* Translators: %s is an action, such as "Zoom in" */
  g_autofree char *label = g_strdup_printf (_ ("Usual keys for “%s” again"), _ (action->title));

  row->action = action;
  row->shortcuts = shortcuts;
  row->row = widget;
  row->keys = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_valign (row->keys, GTK_ALIGN_CENTER);
  row->reset = gtk_button_new_from_icon_name ("edit-undo-symbolic");
  gtk_widget_set_valign (row->reset, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (row->reset, "flat");
  gtk_widget_set_tooltip_text (row->reset, _ ("The usual keys again"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->reset), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data_full (G_OBJECT (widget), "shortcut", row, g_free);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (widget), _ (action->title));
  adw_action_row_add_suffix (ADW_ACTION_ROW (widget), row->keys);
  adw_action_row_add_suffix (ADW_ACTION_ROW (widget), row->reset);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (widget), TRUE);
  g_signal_connect (widget, "activated", G_CALLBACK (activated_cb), NULL);
  g_signal_connect_object (row->reset, "clicked", G_CALLBACK (reset_cb), widget, G_CONNECT_SWAPPED);
  g_signal_connect_object (shortcuts, "changed", G_CALLBACK (changed_cb), widget, 0);
  update_row (widget);
  return widget;
}

void
_tacet_preferences_fill_shortcuts (AdwPreferencesPage *page, TacetShortcuts *shortcuts)
{
  gsize n;
  const TacetAction *actions = tacet_actions_get (&n);

  for (int group = 0; group < TACET_N_GROUPS; group++)
    {
      GtkWidget *widget = adw_preferences_group_new ();

      adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (widget), tacet_actions_group_title (group));
      adw_preferences_page_add (page, ADW_PREFERENCES_GROUP (widget));
      for (gsize i = 0; i < n; i++)
        if ((int) actions[i].group == group)
          adw_preferences_group_add (ADW_PREFERENCES_GROUP (widget), make_row (shortcuts, &actions[i]));
    }
}

static gboolean
fits (const Row *row, const char *typed)
{
  g_autofree char *key = tacet_shortcuts_dup_label (row->shortcuts, row->action->name);

  return tacet_actions_match (typed, _ (row->action->title)) > 0 ||
         (key != NULL && tacet_actions_match (typed, key) > 0);
}

/* Groups without a row that fits are hidden too; returns whether any row below fits. */
static gboolean
filter (GtkWidget *widget, const char *typed)
{
  const Row *row = get_row (widget);
  gboolean any = FALSE;

  if (row != NULL)
    {
      any = fits (row, typed);
      gtk_widget_set_visible (widget, any);
      return any;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    any |= filter (child, typed);
  if (ADW_IS_PREFERENCES_GROUP (widget) && adw_preferences_group_get_title (ADW_PREFERENCES_GROUP (widget)) != NULL &&
      *adw_preferences_group_get_title (ADW_PREFERENCES_GROUP (widget)) != '\0')
    gtk_widget_set_visible (widget, any);
  return any;
}

void
_tacet_preferences_filter_shortcuts (AdwPreferencesPage *page, const char *typed)
{
  filter (GTK_WIDGET (page), typed);
}
