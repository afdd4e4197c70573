/* test-history.c: the list of all steps, and going to any of them.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
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

static void
assert_text (TacetHistoryList *list, guint position, const char *text)
{
  g_autofree char *found = tacet_history_list_dup_text (list, position);

  if (text == NULL)
    g_assert_null (found);
  else
    g_assert_true (g_str_has_prefix (found, text));
}

static void
test_rows (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (32, 32);
  TacetHistoryList *list = TACET_HISTORY_LIST (g_object_ref_sink (tacet_history_list_new ()));

  tacet_history_list_set_scene (list, scene);
  assert_text (list, 0, "Start, the present state");
  assert_text (list, 1, NULL);
  tacet_scene_set_steps (scene, 7);
  tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  tacet_scene_add_layer (scene, TACET_LAYER_MASK);
  assert_text (list, 0, "Start");
  tacet_history_list_activate (list, 1);
  g_assert_cmpuint (tacet_scene_get_history_position (scene), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (tacet_scene_get_layers (scene)), ==, 0);
  g_assert_true (g_str_has_suffix (tacet_history_list_dup_text (list, 1), ", the present state"));
  g_assert_true (g_str_has_suffix (tacet_history_list_dup_text (list, 2), ", undone"));
  tacet_history_list_activate (list, 3);
  g_assert_cmpuint (g_list_model_get_n_items (tacet_scene_get_layers (scene)), ==, 2);
  tacet_history_list_activate (list, 0);
  g_assert_cmpint (tacet_scene_get_steps (scene), !=, 7);
  assert_text (list, 0, "Start, the present state");
  tacet_scene_set_steps (scene, 9); /* what was undone is gone */
  assert_text (list, 2, NULL);
  g_assert_finalize_object (list);
}

static void
test_saved (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (32, 32);
  g_autofree char *folder = g_dir_make_tmp ("tacet-history-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "scene.json", NULL);
  TacetHistoryList *list = TACET_HISTORY_LIST (g_object_ref_sink (tacet_history_list_new ()));
  g_autoptr (GFile) file = g_file_new_for_path (path), parent = g_file_new_for_path (folder);

  tacet_history_list_set_scene (list, scene);
  tacet_scene_set_steps (scene, 7);
  g_assert_true (tacet_scene_save (scene, path, NULL));
  tacet_scene_set_guidance_scale (scene, 3);
  g_assert_true (g_str_has_suffix (tacet_history_list_dup_text (list, 1), ", saved"));
  g_assert_false (g_str_has_suffix (tacet_history_list_dup_text (list, 2), ", saved"));
  g_assert_finalize_object (list);
  g_file_delete (file, NULL, NULL);
  g_file_delete (parent, NULL, NULL);
}

/* Hundreds of steps, in the window; the popover comes by its action. */
static void
test_window (void)
{
  TacetWindow *window = TACET_WINDOW (tacet_window_new (NULL, NULL));

  g_object_ref (window);
  gtk_window_present (GTK_WINDOW (window));
  for (int i = 0; i < 400; i++)
    {
      tacet_scene_set_steps (window->scene, 1 + i % 50);
      tacet_scene_set_guidance_scale (window->scene, i % 17);
    }
  spin_for (50);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.show-history", NULL);
  spin_for (100);
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (window->history)));
  tacet_history_list_activate (window->history, 10);
  spin_for (50);
  g_assert_cmpuint (tacet_scene_get_history_position (window->scene), ==, 10);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.redo", NULL);
  g_assert_cmpuint (tacet_scene_get_history_position (window->scene), ==, 11);
  gtk_window_destroy (GTK_WINDOW (window));
  spin_for (50);
  g_assert_finalize_object (G_OBJECT (window));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  g_test_add_func ("/history/rows", test_rows);
  g_test_add_func ("/history/saved", test_saved);
  g_test_add_func ("/history/window", test_window);
  return g_test_run ();
}
