/* test-people.c: the search for actions, the window of preferences, recent scenes, the parts of the window.
 *
 * Room: tests/ui.  Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-action-search.h"
#include "ui/tacet-preferences-window.h"
#include "ui/tacet-shortcut-dialog.h"
#include "ui/tacet-window-private.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

static TacetWindow *
make_window (void)
{
  TacetWindow *window = TACET_WINDOW (tacet_window_new (NULL, NULL));

  gtk_window_present (GTK_WINDOW (window));
  return g_object_ref (window);
}

static gboolean
tick_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
spin_for (guint milliseconds)
{
  gboolean over = FALSE;

  g_timeout_add (milliseconds, tick_cb, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

static void
destroy_window (TacetWindow *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
  spin_for (50);
  g_assert_finalize_object (G_OBJECT (window));
}

static void
act (TacetWindow *window, const char *name)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), name, NULL));
}

/* ---- the search for actions ---- */

static void
test_search (void)
{
  TacetWindow *window = make_window ();
  TacetActionSearch *search;

  act (window, "win.search-actions");
  search = TACET_ACTION_SEARCH (window->action_search);
  g_assert_nonnull (search);
  spin_for (50);
  tacet_action_search_type (search, "zoom fit");
  g_assert_null (tacet_action_search_get_choice (search));
  tacet_action_search_type (search, "mirror");
  g_assert_cmpstr (tacet_action_search_get_choice (search)->name, ==, "win.mirror-view");
  tacet_action_search_type (search, "hide all panels");
  g_assert_cmpstr (tacet_action_search_get_choice (search)->name, ==, "win.toggle-panels");
  /* Nothing was changed yet: undo is there, grey, and Enter does not run it. */
  tacet_action_search_type (search, "undo");
  g_assert_true (tacet_action_search_get_choice (search) == NULL ||
                 g_strcmp0 (tacet_action_search_get_choice (search)->name, "win.undo") != 0);
  tacet_scene_set_prompt (window->scene, "changed");
  spin_for (20);
  tacet_action_search_type (search, "undo");
  g_assert_cmpstr (tacet_action_search_get_choice (search)->name, ==, "win.undo");
  gtk_popover_popdown (GTK_POPOVER (search));
  spin_for (300);
  g_assert_null (window->action_search);
  /* A window that is closed while it is open takes it along. */
  act (window, "win.search-actions");
  destroy_window (window);
}

/* ---- asking for a key ---- */

static void
assert_keys (TacetShortcuts *shortcuts, const char *action, const char *wanted)
{
  g_auto (GStrv) keys = tacet_shortcuts_dup_keys (shortcuts, action);
  g_autofree char *joined = g_strjoinv (" ", keys);

  g_assert_cmpstr (joined, ==, wanted);
}

static void
test_capture (void)
{
  TacetWindow *window = make_window ();
  TacetShortcuts *shortcuts = window->shortcuts;
  const TacetAction *mirror = tacet_actions_find ("win.mirror-view");
  GtkWidget *dialog = tacet_shortcut_dialog_new (GTK_WINDOW (window), shortcuts, mirror);

  g_assert_false (adw_message_dialog_get_response_enabled (ADW_MESSAGE_DIALOG (dialog), "set"));
  tacet_shortcut_dialog_take (dialog, GDK_KEY_space, 0); /* that of a gesture */
  g_assert_false (adw_message_dialog_get_response_enabled (ADW_MESSAGE_DIALOG (dialog), "set"));
  tacet_shortcut_dialog_take (dialog, GDK_KEY_y, GDK_CONTROL_MASK); /* one of two of Redo */
  g_assert_true (adw_message_dialog_get_response_enabled (ADW_MESSAGE_DIALOG (dialog), "set"));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "set");
  assert_keys (shortcuts, "win.mirror-view", "<Control>y");
  assert_keys (shortcuts, "win.redo", "<Control><Shift>z");
  gtk_window_destroy (GTK_WINDOW (dialog));
  dialog = tacet_shortcut_dialog_new (GTK_WINDOW (window), shortcuts, mirror);
  tacet_shortcut_dialog_take (dialog, GDK_KEY_F12, 0);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  assert_keys (shortcuts, "win.mirror-view", "<Control>y");
  gtk_window_destroy (GTK_WINDOW (dialog));
  dialog = tacet_shortcut_dialog_new (GTK_WINDOW (window), shortcuts, mirror);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "clear");
  assert_keys (shortcuts, "win.mirror-view", "");
  gtk_window_destroy (GTK_WINDOW (dialog));
  destroy_window (window);
}

/* ---- the window of preferences ---- */

static GtkWidget *
find_by_label (GtkWidget *widget, GType type, const char *title)
{
  GtkWidget *found = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) &&
      g_strcmp0 (adw_preferences_row_get_title (
                     ADW_PREFERENCES_ROW (gtk_widget_get_ancestor (widget, ADW_TYPE_PREFERENCES_ROW))),
                 title) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_by_label (child, type, title);
  return found;
}

static void
test_preferences (void)
{
  TacetWindow *window = make_window ();
  GtkWidget *shown = tacet_preferences_window_new (GTK_WINDOW (window), window->preferences, window->shortcuts);
  GtkWidget *tab = find_by_label (shown, GTK_TYPE_SWITCH, "Tab hides the panels");
  GtkWidget *undo = find_by_label (shown, GTK_TYPE_SPIN_BUTTON, "Memory for undo");
  GtkWidget *wheel = find_by_label (shown, ADW_TYPE_COMBO_ROW, "Mouse wheel");
  g_autofree char *value = NULL;
  guint64 budget;

  gtk_window_present (GTK_WINDOW (shown));
  spin_for (50);
  g_assert_true (gtk_switch_get_active (GTK_SWITCH (tab)));
  gtk_switch_set_active (GTK_SWITCH (tab), FALSE);
  g_assert_false (tacet_preferences_get_boolean (window->preferences, "tab-hides-panels"));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (undo), 128);
  g_object_get (window->preferences, "history-budget", &budget, NULL);
  g_assert_cmpuint (budget, ==, 128 << 20);
  adw_combo_row_set_selected (ADW_COMBO_ROW (wheel), 1);
  value = tacet_preferences_dup_string (window->preferences, "wheel");
  g_assert_cmpstr (value, ==, TACET_WHEEL_ZOOMS);
  g_assert_true (window->canvas != NULL);
  gtk_window_destroy (GTK_WINDOW (shown));
  destroy_window (window);
}

/* ---- parts of the window ---- */

static void
test_panes (void)
{
  TacetWindow *window = make_window ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  gboolean canvas = FALSE;

  spin_for (100);
  gtk_widget_grab_focus (GTK_WIDGET (window->canvas));
  for (int i = 0; i < 12; i++)
    {
      act (window, "win.next-pane");
      canvas |= gtk_window_get_focus (GTK_WINDOW (window)) == GTK_WIDGET (window->canvas);
      g_hash_table_add (seen, gtk_window_get_focus (GTK_WINDOW (window)));
    }
  g_assert_true (canvas);
  g_assert_cmpuint (g_hash_table_size (seen), >=, 4);
  gtk_widget_grab_focus (GTK_WIDGET (window->canvas));
  act (window, "win.next-pane");
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) != GTK_WIDGET (window->canvas));
  act (window, "win.previous-pane");
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) == GTK_WIDGET (window->canvas));
  destroy_window (window);
}

static void
test_toggle_panels (void)
{
  TacetWindow *window = make_window ();

  adw_flap_set_reveal_flap (window->flap, TRUE);
  gtk_revealer_set_reveal_child (GTK_REVEALER (window->diagnostics_revealer), FALSE);
  act (window, "win.toggle-panels");
  g_assert_false (adw_flap_get_reveal_flap (window->flap));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window->tool_strip)));
  act (window, "win.toggle-panels");
  g_assert_true (adw_flap_get_reveal_flap (window->flap));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window->tool_strip)));
  g_assert_false (gtk_revealer_get_reveal_child (GTK_REVEALER (window->diagnostics_revealer)));
  /* Hidden when the window is closed, they are there at the next start. */
  act (window, "win.toggle-panels");
  _tacet_window_keep_state (window);
  g_assert_true (tacet_preferences_get_boolean (window->preferences, "show-panel"));
  destroy_window (window);
}

static void
test_panel_width (void)
{
  TacetWindow *window = make_window ();
  GtkWidget *panel = adw_flap_get_flap (window->flap);
  int before, width;

  spin_for (100);
  before = gtk_widget_get_width (panel);
  act (window, "win.panel-wider");
  spin_for (100);
  g_assert_cmpint (gtk_widget_get_width (panel), >, before);
  for (int i = 0; i < 30; i++)
    act (window, "win.panel-narrower");
  gtk_widget_get_size_request (panel, &width, NULL);
  _tacet_window_keep_state (window);
  g_assert_cmpint (tacet_preferences_get_int (window->preferences, "panel-width"), ==, width);
  destroy_window (window);
}

/* ---- what was open before ---- */

static gboolean
menu_has (GMenuModel *menu, const char *path)
{
  for (int i = 0; i < g_menu_model_get_n_items (menu); i++)
    {
      g_autoptr (GVariant) target = g_menu_model_get_item_attribute_value (menu, i, "target", G_VARIANT_TYPE_STRING);

      if (target != NULL && g_strcmp0 (g_variant_get_string (target, NULL), path) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
test_recent (void)
{
  TacetWindow *window = make_window ();
  g_autofree char *folder = g_dir_make_tmp ("tacet-recent-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "one_scene.json", NULL), *last = NULL;

  g_assert_true (tacet_scene_save (window->scene, path, NULL));
  g_assert_true (tacet_window_open (window, path));
  for (int i = 0; i < 100 && !menu_has (G_MENU_MODEL (window->recent_menu), path); i++)
    spin_for (50);
  g_assert_true (menu_has (G_MENU_MODEL (window->recent_menu), path));
  last = tacet_preferences_dup_string (window->preferences, "last-document");
  g_assert_cmpstr (last, ==, path);
  g_unlink (path);
  /* It is said that it is gone, and what is open stays. */
  gtk_widget_activate_action (GTK_WIDGET (window), "win.open-recent", "s", path);
  spin_for (50);
  g_assert_cmpstr (window->path, ==, path);
  act (window, "win.clear-recent");
  for (int i = 0; i < 100 && menu_has (G_MENU_MODEL (window->recent_menu), path); i++)
    spin_for (50);
  g_assert_false (menu_has (G_MENU_MODEL (window->recent_menu), path));
  for (GList *l = gtk_window_list_toplevels (); l != NULL; l = g_list_delete_link (l, l))
    if (ADW_IS_MESSAGE_DIALOG (l->data))
      gtk_window_destroy (l->data);
  destroy_window (window);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  g_test_add_func ("/people/search", test_search);
  g_test_add_func ("/people/capture", test_capture);
  g_test_add_func ("/people/preferences", test_preferences);
  g_test_add_func ("/people/panes", test_panes);
  g_test_add_func ("/people/toggle-panels", test_toggle_panels);
  g_test_add_func ("/people/panel-width", test_panel_width);
  g_test_add_func ("/people/recent", test_recent);
  return g_test_run ();
}
