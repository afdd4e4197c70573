/* test-shortcuts.c: actions, keys and menus fit together, and keys can be changed.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-window-private.h"

/* Parameters and choices of other actions: nothing that a person would look for by itself. */
/* clang-format off */
static const char *const internal[] = {
  "win.balance",
  "win.open-recent",
  "win.picture-fit",
  "win.pose-add",
  "win.result-switch",
  "win.tool",
  "win.zoom-to",
  NULL
};
/* clang-format on */

static TacetWindow *
make_window (void)
{
  TacetWindow *window = TACET_WINDOW (tacet_window_new (NULL, NULL));

  return g_object_ref (window);
}

static void
destroy_window (TacetWindow *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (G_OBJECT (window));
}

/* ---- the table, the window and the menus ---- */

/* What "app." actions there are, the program knows (app/tacet-application.c). */
static gboolean
action_exists (TacetWindow *window, const char *detailed)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;
  const GVariantType *type;
  const char *class_name, *property;
  GType owner;

  g_assert_true (g_action_parse_detailed_name (detailed, &name, &target, NULL));
  if (!g_str_has_prefix (name, "win."))
    return g_str_has_prefix (name, "app.") || g_str_has_prefix (name, "window.");
  if (g_action_group_has_action (G_ACTION_GROUP (window), name + strlen ("win.")))
    return TRUE;
  for (guint i = 0;
       gtk_widget_class_query_action (GTK_WIDGET_GET_CLASS (window), i, &owner, &class_name, &type, &property); i++)
    if (g_strcmp0 (class_name, name) == 0)
      return TRUE;
  return FALSE;
}

static void
collect_menu (GMenuModel *menu, GHashTable *found)
{
  for (int i = 0; i < g_menu_model_get_n_items (menu); i++)
    {
      g_autofree char *action = NULL;
      g_autoptr (GVariant) target = g_menu_model_get_item_attribute_value (menu, i, "target", NULL);

      if (g_menu_model_get_item_attribute (menu, i, "action", "s", &action))
        g_hash_table_add (found, g_action_print_detailed_name (action, target));
      for (int link = 0; link < 2; link++)
        {
          g_autoptr (GMenuModel) below =
              g_menu_model_get_item_link (menu, i, link == 0 ? G_MENU_LINK_SECTION : G_MENU_LINK_SUBMENU);

          if (below != NULL)
            collect_menu (below, found);
        }
    }
}

/* Every menu of the file of menus. */
static GHashTable *
collect_menus (void)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/io/github/tacet/Tacet/ui/tacet-menus.ui");
  g_autoptr (GSList) objects = gtk_builder_get_objects (builder);
  GHashTable *found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (GSList *l = objects; l != NULL; l = l->next)
    if (G_IS_MENU_MODEL (l->data))
      collect_menu (l->data, found);
  return found;
}

static void
test_actions_are_in_table (void)
{
  TacetWindow *window = make_window ();
  g_auto (GStrv) added = g_action_group_list_actions (G_ACTION_GROUP (window));
  const GVariantType *type;
  const char *name, *property;
  GType owner;

  for (guint i = 0; gtk_widget_class_query_action (GTK_WIDGET_GET_CLASS (window), i, &owner, &name, &type, &property);
       i++)
    if (g_str_has_prefix (name, "win.") && tacet_actions_find (name) == NULL && !g_strv_contains (internal, name))
      g_error ("%s is an action, but not in the table of tacet-actions.c", name);
  for (int i = 0; added[i] != NULL; i++)
    {
      g_autofree char *whole = g_strconcat ("win.", added[i], NULL);

      if (tacet_actions_find (whole) == NULL && !g_strv_contains (internal, whole))
        g_error ("%s is an action, but not in the table of tacet-actions.c", whole);
    }
  destroy_window (window);
}

static void
test_table_is_in_menus (void)
{
  static const char *const of_the_frame[] = { "window.close", "app.quit", NULL };
  g_autoptr (GHashTable) menus = collect_menus ();
  TacetWindow *window = make_window ();
  gsize n;
  const TacetAction *actions = tacet_actions_get (&n);

  for (gsize i = 0; i < n; i++)
    {
      if (!action_exists (window, actions[i].name))
        g_error ("%s is in the table, but no action", actions[i].name);
      if (!g_hash_table_contains (menus, actions[i].name) && !g_strv_contains (of_the_frame, actions[i].name))
        g_error ("%s is in no menu of tacet-menus.ui", actions[i].name);
    }
  destroy_window (window);
}

static void
test_menus_name_actions (void)
{
  g_autoptr (GHashTable) menus = collect_menus ();
  TacetWindow *window = make_window ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, menus);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!action_exists (window, name))
      g_error ("the menu names %s, which is no action", (char *) name);
  destroy_window (window);
}

/* No two actions on one key, and none on that of a gesture. */
static void
test_keys_unique (void)
{
  g_autoptr (TacetPreferences) preferences = tacet_preferences_new_in_memory ();
  g_autoptr (TacetShortcuts) shortcuts = tacet_shortcuts_new (preferences);
  gsize n;
  const TacetAction *actions = tacet_actions_get (&n);

  for (gsize i = 0; i < n; i++)
    for (int k = 0; actions[i].keys[k] != NULL; k++)
      {
        guint key;
        GdkModifierType modifiers;

        if (!gtk_accelerator_parse (actions[i].keys[k], &key, &modifiers) || key == 0)
          g_error ("%s has %s, which is no key", actions[i].name, actions[i].keys[k]);
        if (tacet_shortcuts_find (shortcuts, key, modifiers) != &actions[i])
          g_error ("%s is on %s, and so is %s", actions[i].name, actions[i].keys[k],
                   tacet_shortcuts_find (shortcuts, key, modifiers)->name);
        if (tacet_shortcuts_find_gesture (key, modifiers) != NULL)
          g_error ("%s is on %s, the key of a gesture", actions[i].name, actions[i].keys[k]);
      }
}

/* ---- changing them ---- */

static void
count_cb (gpointer object, int *count)
{
  (*count)++;
}

static void
assert_keys (TacetShortcuts *shortcuts, const char *action, const char *wanted)
{
  g_auto (GStrv) keys = tacet_shortcuts_dup_keys (shortcuts, action);
  g_autofree char *joined = g_strjoinv (" ", keys);

  g_assert_cmpstr (joined, ==, wanted);
}

static void
test_change (void)
{
  const char *const one[] = { "<Control>j", NULL }, *const none[] = { NULL };
  g_autoptr (TacetPreferences) preferences = tacet_preferences_new_in_memory ();
  g_autoptr (TacetShortcuts) shortcuts = tacet_shortcuts_new (preferences), later = NULL;
  g_autofree char *label = NULL;
  int changes = 0;

  g_signal_connect (shortcuts, "changed", G_CALLBACK (count_cb), &changes);
  tacet_shortcuts_set_keys (shortcuts, "win.tool-brush", one);
  g_assert_cmpint (changes, ==, 1);
  assert_keys (shortcuts, "win.tool-brush", "<Control>j");
  g_assert_false (tacet_shortcuts_is_default (shortcuts, "win.tool-brush"));
  g_assert_cmpstr (tacet_shortcuts_find (shortcuts, GDK_KEY_j, GDK_CONTROL_MASK)->name, ==, "win.tool-brush");
  g_assert_null (tacet_shortcuts_find (shortcuts, GDK_KEY_b, 0));
  label = tacet_shortcuts_dup_label (shortcuts, "win.tool-brush");
  g_assert_cmpstr (label, ==, "Ctrl+J");
  tacet_shortcuts_set_keys (shortcuts, "win.undo", none);
  assert_keys (shortcuts, "win.undo", "");
  g_assert_null (tacet_shortcuts_dup_label (shortcuts, "win.undo"));
  /* The next start finds the same. */
  later = tacet_shortcuts_new (preferences);
  assert_keys (later, "win.tool-brush", "<Control>j");
  assert_keys (later, "win.undo", "");
  assert_keys (later, "win.redo", "<Control><Shift>z <Control>y");
  tacet_shortcuts_set_keys (later, "win.tool-brush", NULL);
  assert_keys (shortcuts, "win.tool-brush", "b");
  g_assert_true (tacet_shortcuts_is_default (shortcuts, "win.tool-brush"));
  tacet_shortcuts_reset_all (shortcuts);
  assert_keys (later, "win.undo", "<Control>z");
}

/* Whoever edits the file of settings by hand can write anything. */
static void
test_strange_settings (void)
{
  g_autoptr (TacetPreferences) preferences = tacet_preferences_new_in_memory ();
  g_autoptr (TacetShortcuts) shortcuts = tacet_shortcuts_new (preferences);

  g_object_set (
      preferences, "shortcuts",
      g_variant_new_parsed ("{'win.undo': ['nonsense<'], 'win.none': ['<Control>u'], 'win.redo': ['<Alt>r']}"), NULL);
  assert_keys (shortcuts, "win.undo", "<Control>z");
  assert_keys (shortcuts, "win.redo", "<Alt>r");
  assert_keys (shortcuts, "win.none", "");
}

static void
test_plain (void)
{
  g_assert_true (tacet_key_is_plain (GDK_KEY_b, 0));
  g_assert_true (tacet_key_is_plain (GDK_KEY_X, GDK_SHIFT_MASK)); /* a capital letter */
  g_assert_true (tacet_key_is_plain (GDK_KEY_Tab, 0));
  g_assert_true (tacet_key_is_plain (GDK_KEY_Home, 0));
  g_assert_false (tacet_key_is_plain (GDK_KEY_b, GDK_CONTROL_MASK));
  g_assert_false (tacet_key_is_plain (GDK_KEY_bracketleft, GDK_ALT_MASK));
  g_assert_false (tacet_key_is_plain (GDK_KEY_F6, 0));
  g_assert_false (tacet_key_is_plain (GDK_KEY_F6, GDK_SHIFT_MASK));
}

static GtkWidget *
find_button (GtkWidget *widget, const char *action, const char *target)
{
  GtkWidget *found = NULL;

  if (GTK_IS_ACTIONABLE (widget) && g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action) == 0)
    {
      GVariant *value = gtk_actionable_get_action_target_value (GTK_ACTIONABLE (widget));

      if (target == NULL || (value != NULL && g_strcmp0 (g_variant_get_string (value, NULL), target) == 0))
        return widget;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_button (child, action, target);
  return found;
}

/* Tooltips name the key that is in force. */
static void
test_tooltips (void)
{
  const char *const one[] = { "<Control>j", NULL }, *const none[] = { NULL };
  TacetWindow *window = make_window ();
  GtkWidget *brush = find_button (GTK_WIDGET (window), "win.tool", "brush");
  GtkWidget *save = find_button (GTK_WIDGET (window), "win.save", NULL);

  g_assert_cmpstr (gtk_widget_get_tooltip_text (brush), ==, "Brush (B)");
  g_assert_cmpstr (gtk_widget_get_tooltip_text (save), ==, "Save (Ctrl+S)");
  tacet_shortcuts_set_keys (window->shortcuts, "win.tool-brush", one);
  g_assert_cmpstr (gtk_widget_get_tooltip_text (brush), ==, "Brush (Ctrl+J)");
  tacet_shortcuts_set_keys (window->shortcuts, "win.tool-brush", none);
  g_assert_cmpstr (gtk_widget_get_tooltip_text (brush), ==, "Brush");
  destroy_window (window);
}

static int
count_shortcuts (GtkWidget *widget)
{
  int n = GTK_IS_SHORTCUTS_SHORTCUT (widget);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_shortcuts (child);
  return n;
}

static void
test_shortcuts_window (void)
{
  TacetWindow *window = make_window ();
  GtkWidget *shown = tacet_shortcuts_make_window (window->shortcuts);
  gsize n, n_gestures;
  const TacetAction *actions = tacet_actions_get (&n);
  int with_keys = 0;

  for (gsize i = 0; i < n; i++)
    with_keys += actions[i].keys[0] != NULL;
  tacet_actions_get_gestures (&n_gestures);
  g_assert_true (GTK_IS_SHORTCUTS_WINDOW (shown));
  g_assert_cmpint (count_shortcuts (shown), >=, with_keys + (int) n_gestures);
  gtk_window_destroy (GTK_WINDOW (shown));
  destroy_window (window);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  g_test_add_func ("/shortcuts/actions-are-in-table", test_actions_are_in_table);
  g_test_add_func ("/shortcuts/table-is-in-menus", test_table_is_in_menus);
  g_test_add_func ("/shortcuts/menus-name-actions", test_menus_name_actions);
  g_test_add_func ("/shortcuts/keys-unique", test_keys_unique);
  g_test_add_func ("/shortcuts/change", test_change);
  g_test_add_func ("/shortcuts/strange-settings", test_strange_settings);
  g_test_add_func ("/shortcuts/plain", test_plain);
  g_test_add_func ("/shortcuts/tooltips", test_tooltips);
  g_test_add_func ("/shortcuts/window", test_shortcuts_window);
  return g_test_run ();
}
