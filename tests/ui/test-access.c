/* test-access.c: whoever hears the window instead of seeing it finds a name on everything that can be worked.
 *
 * Room: tests/ui.  Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-action-search.h"
#include "ui/tacet-badge.h"
#include "ui/tacet-help.h"
#include "ui/tacet-model-chooser.h"
#include "ui/tacet-preferences-window.h"
#include "ui/tacet-pressure-editor.h"
#include "ui/tacet-shortcut-dialog.h"
#include "ui/tacet-window-private.h"

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

/* ---- names ---- */

static gboolean
has_text (const char *text)
{
  return text != NULL && *text != '\0';
}

/* Any label inside: buttons and rows are called by what stands in them. */
static gboolean
contains_text (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && has_text (gtk_label_get_text (GTK_LABEL (widget))))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (contains_text (child))
      return TRUE;
  return FALSE;
}

static gboolean
has_name (GtkWidget *widget)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);

  return gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL) ||
         gtk_test_accessible_has_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY) ||
         has_text (gtk_widget_get_tooltip_text (widget)) ||
         ((GTK_IS_BUTTON (widget) || GTK_IS_LIST_BOX_ROW (widget) || GTK_IS_MENU_BUTTON (widget) ||
           GTK_IS_FLOW_BOX_CHILD (widget)) &&
          contains_text (widget));
}

static gboolean
is_interactive (GtkWidget *widget)
{
  return GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_SWITCH (widget) || GTK_IS_SCALE (widget) ||
         GTK_IS_SPIN_BUTTON (widget) || GTK_IS_EDITABLE (widget) || GTK_IS_TEXT_VIEW (widget) ||
         GTK_IS_DROP_DOWN (widget) || GTK_IS_LIST_BOX_ROW (widget) || GTK_IS_COLOR_BUTTON (widget) ||
         TACET_IS_CANVAS (widget) || TACET_IS_PRESSURE_EDITOR (widget);
}

/* Parts of these are worked by their owner, which has the name. */
static gboolean
is_whole (GtkWidget *widget)
{
  return GTK_IS_SPIN_BUTTON (widget) || GTK_IS_DROP_DOWN (widget) || GTK_IS_COLOR_BUTTON (widget) ||
         GTK_IS_EDITABLE (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_WINDOW_CONTROLS (widget) ||
         GTK_IS_SCROLLBAR (widget) || GTK_IS_SHORTCUTS_SHORTCUT (widget);
}

static GtkWidget *
owner_of (GtkWidget *widget)
{
  for (GtkWidget *above = gtk_widget_get_parent (widget); above != NULL; above = gtk_widget_get_parent (above))
    if (is_whole (above))
      return above;
  return NULL;
}

/* Rows of a combo row or an expander hold private buttons and popovers that carry no name of their own in GTK 4.8. */
static gboolean
is_private (GtkWidget *widget)
{
  GtkWidget *row = gtk_widget_get_ancestor (widget, ADW_TYPE_COMBO_ROW);

  /* The search of a window of preferences is libadwaita's own, and has no name there. */
  if (GTK_IS_SEARCH_ENTRY (widget) && gtk_widget_get_ancestor (widget, ADW_TYPE_HEADER_BAR) != NULL &&
      ADW_IS_PREFERENCES_WINDOW (gtk_widget_get_root (widget)))
    return TRUE;
  return (row != NULL && widget != row) || gtk_widget_get_ancestor (widget, ADW_TYPE_VIEW_SWITCHER) != NULL ||
         gtk_widget_get_ancestor (widget, ADW_TYPE_VIEW_SWITCHER_BAR) != NULL;
}

static int
check (GtkWidget *widget, const char *where)
{
  int n = 0;

  if (is_interactive (widget) && gtk_widget_get_visible (widget) && owner_of (widget) == NULL && !is_private (widget))
    {
      n++;
      if (!has_name (widget))
        {
          g_autoptr (GString) path = g_string_new (G_OBJECT_TYPE_NAME (widget));

          for (GtkWidget *above = gtk_widget_get_parent (widget); above != NULL; above = gtk_widget_get_parent (above))
            g_string_append_printf (path, " in %s", G_OBJECT_TYPE_NAME (above));
          g_test_message ("%s: no name: %s", where, path->str);
          g_test_fail ();
        }
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += check (child, where);
  return n;
}

/* ---- places ---- */

static TacetWindow *
make_window (void)
{
  TacetWindow *window = TACET_WINDOW (tacet_window_new (NULL, NULL));

  gtk_window_present (GTK_WINDOW (window));
  return g_object_ref (window);
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

static void
test_window (void)
{
  static const char *const kinds[] = { "win.add-edge",   "win.add-depth", "win.add-pose",
                                       "win.add-region", "win.add-mask",  "win.add-picture" };
  TacetWindow *window = make_window ();

  g_assert_cmpint (check (GTK_WIDGET (window), "new"), >, 20);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    act (window, kinds[i]);
  gtk_revealer_set_reveal_child (GTK_REVEALER (window->diagnostics_revealer), TRUE);
  spin_for (300);
  g_assert_cmpint (check (GTK_WIDGET (window), "layers"), >, 40);
  for (int tool = 0; tool < TACET_N_TOOLS; tool++)
    {
      tacet_canvas_set_tool (window->canvas, tool);
      spin_for (20);
      check (GTK_WIDGET (window), tacet_tool_id (tool));
    }
  act (window, "win.show-history");
  spin_for (100);
  check (GTK_WIDGET (window), "history");
  act (window, "win.search-actions");
  spin_for (100);
  check (GTK_WIDGET (window), "search");
  destroy_window (window);
}

static void
check_shown (TacetWindow *window, GtkWidget *shown, const char *where)
{
  gtk_window_present (GTK_WINDOW (shown));
  spin_for (100);
  g_assert_cmpint (check (shown, where), >, 0);
  gtk_window_destroy (GTK_WINDOW (shown));
}

static void
test_dialogs (void)
{
  TacetWindow *window = make_window ();
  GtkWindow *parent = GTK_WINDOW (window);
  const char *folders[] = { NULL };
  TacetModelQuestion question = { .kind = TACET_MODEL_BASE, .title = "Base Model" };

  check_shown (window, tacet_preferences_window_new (parent, window->preferences, window->shortcuts), "preferences");
  check_shown (window, tacet_help_new (parent, window->shortcuts), "help");
  check_shown (window, tacet_shortcut_dialog_new (parent, window->shortcuts, tacet_actions_find ("win.undo")), "keys");
  check_shown (window, tacet_model_chooser_new (parent, folders, &question), "models");
  destroy_window (window);
}

/* What keeps a layer from working is read out with the button that says so. */
static void
test_badge (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  TacetLayer *layer = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  GtkWidget *badge = g_object_ref_sink (tacet_badge_new ());
  g_auto (TacetProblem) problem = { TACET_PROBLEM_NONE };

  g_assert_false (gtk_widget_get_visible (badge));
  g_assert_true (tacet_layer_problem (scene, layer, NULL, &problem));
  tacet_badge_set_problem (badge, layer, &problem);
  g_assert_true (gtk_widget_get_visible (badge));
  g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (badge), GTK_ACCESSIBLE_PROPERTY_LABEL));
  g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (badge), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION));
  tacet_badge_set_problem (badge, layer, NULL);
  g_assert_false (gtk_widget_get_visible (badge));
  g_object_unref (badge);
}

/* Every remedy is an action of the window. */
static void
test_remedies (void)
{
  for (int kind = TACET_PROBLEM_OFF; kind <= TACET_PROBLEM_HIDDEN; kind++)
    for (int layer = 0; layer < TACET_N_LAYER_KINDS; layer++)
      {
        const char *action, *label;

        if (tacet_problem_remedy (kind, layer, &action, &label))
          {
            g_assert_nonnull (tacet_actions_find (action));
            g_assert_true (has_text (label));
          }
      }
}

/* An empty layer says what it is for; the first stroke ends that. */
static void
test_hints (void)
{
  TacetWindow *window = make_window ();

  spin_for (50);
  g_assert_true (gtk_widget_get_visible (window->empty_hint));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window->layer_hint)));
  act (window, "win.add-region");
  spin_for (300);
  g_assert_false (gtk_widget_get_visible (window->empty_hint));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window->layer_hint)));
  g_assert_true (g_str_has_prefix (gtk_label_get_text (window->layer_hint), "Words here"));
  act (window, "win.layer-fill-coverage");
  spin_for (300);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window->layer_hint)));
  destroy_window (window);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  g_test_add_func ("/access/window", test_window);
  g_test_add_func ("/access/dialogs", test_dialogs);
  g_test_add_func ("/access/badge", test_badge);
  g_test_add_func ("/access/remedies", test_remedies);
  g_test_add_func ("/access/hints", test_hints);
  return g_test_run ();
}
