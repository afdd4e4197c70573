/* test-window.c: the window with an engine that is made up (fake-engine.c).  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-pose-draw.h"
#include "ui/tacet-window-private.h"

#include <glib/gstdio.h>

typedef struct
{
  TacetWindow *window;
  TacetEngineThread *engine;
  char *folder;       /* holds a folder called "starter" */
  const char *wanted; /* text that is waited for */
} Fixture;

static char *
sample (const char *name)
{
  return g_build_filename (g_getenv ("TACET_SOURCE"), "data", "scenes", name, "scene.json", NULL);
}

static gboolean
out_of_time (gpointer data)
{
  g_error ("waited in vain");
  return G_SOURCE_REMOVE;
}

static void
spin_while (gboolean (*func) (Fixture *), Fixture *f)
{
  guint source = g_timeout_add_seconds (20, out_of_time, NULL);

  while (func (f))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
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

static gboolean
is_running (Fixture *f)
{
  return f->window->running != NULL;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  const char *folders[] = { NULL, NULL };
  g_autofree char *model = NULL, *path = sample ("person-chair-brick");

  f->folder = g_dir_make_tmp ("tacet-window-XXXXXX", NULL);
  model = g_build_filename (f->folder, "starter", NULL);
  g_assert_cmpint (g_mkdir (model, 0700), ==, 0);
  folders[0] = f->folder;
  f->engine = tacet_engine_thread_new (1, 0, folders);
  f->window = TACET_WINDOW (tacet_window_new (NULL, path));
  g_object_ref (f->window);
  tacet_window_set_engine (f->window, f->engine, folders);
  g_assert_true (tacet_window_open (f->window, path));
  gtk_window_present (GTK_WINDOW (f->window));
  spin_for (50);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *model = g_build_filename (f->folder, "starter", NULL);

  if (f->window != NULL)
    {
      gtk_window_destroy (GTK_WINDOW (f->window));
      spin_for (50);
      g_assert_finalize_object (G_OBJECT (f->window));
    }
  tacet_engine_thread_free (f->engine);
  g_rmdir (model);
  g_rmdir (f->folder);
  g_free (f->folder);
}

static void
act (Fixture *f, const char *name)
{
  gtk_widget_activate_action (GTK_WIDGET (f->window), name, NULL);
}

static const char *
status (Fixture *f)
{
  return gtk_label_get_text (f->window->status);
}

static TacetLayer *
nth_control (Fixture *f, guint n)
{
  g_autoptr (TacetLayer) control = g_list_model_get_item (tacet_scene_get_layers (f->window->scene), n);

  return control; /* the scene keeps it */
}

/* ---- runs ---- */

static void
test_generate (Fixture *f, gconstpointer data)
{
  gboolean shown, can_undo;

  act (f, "win.generate");
  g_assert_nonnull (f->window->running);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (f->window->run_stack), ==, "cancel");
  spin_while (is_running, f);
  g_assert_nonnull (f->window->result);
  g_assert_true (g_str_has_prefix (status (f), "Done in"));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (f->window->run_stack), ==, "generate");
  g_object_get (f->window->canvas, "show-picture", &shown, NULL);
  g_assert_true (shown);
  g_assert_cmpint (tacet_diagnostics_get_step (f->window->diagnostics), ==, 2);
  act (f, "win.previous-step");
  g_assert_cmpint (tacet_diagnostics_get_step (f->window->diagnostics), ==, 1);
  act (f, "win.next-step");
  act (f, "win.next-step");
  g_assert_cmpint (tacet_diagnostics_get_step (f->window->diagnostics), ==, 2);
  /* A run is no step: nothing is to be undone. */
  g_object_get (f->window->scene, "can-undo", &can_undo, NULL);
  g_assert_false (can_undo);
}

static void
test_table (Fixture *f, gconstpointer data)
{
  GtkWidget *child;
  int cells = 0;

  g_object_set (f->window->diagnostics, "show-table", TRUE, NULL);
  act (f, "win.generate");
  spin_while (is_running, f);
  for (child = gtk_widget_get_first_child (GTK_WIDGET (f->window->diagnostics)); child != NULL && !GTK_IS_GRID (child);)
    {
      /* Down the only way there is: the last child of each box, the last page of the stack. */
      child = GTK_IS_SCROLLED_WINDOW (child) ? gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (child))
              : GTK_IS_VIEWPORT (child)      ? gtk_viewport_get_child (GTK_VIEWPORT (child))
                                             : gtk_widget_get_last_child (child);
    }
  g_assert_nonnull (child);
  for (child = gtk_widget_get_first_child (child); child != NULL; child = gtk_widget_get_next_sibling (child))
    cells++;
  g_assert_cmpint (cells, ==, (7 + 1) * (1 + 3 + 4));
}

static void
test_fault (Fixture *f, gconstpointer data)
{
  act (f, "win.generate");
  spin_while (is_running, f);
  tacet_scene_set_prompt (f->window->scene, "fail");
  act (f, "win.generate");
  spin_while (is_running, f);
  g_assert_true (g_str_has_prefix (status (f), "The run ended"));
  g_assert_nonnull (f->window->result); /* the good one is still there */
  g_assert_true (gtk_widget_get_sensitive (GTK_WIDGET (f->window->generate)));
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  gboolean shown;

  tacet_scene_set_prompt (f->window->scene, "wait");
  act (f, "win.generate");
  spin_for (120);
  g_assert_nonnull (f->window->running);
  g_assert_null (f->window->result);
  act (f, "win.cancel");
  spin_while (is_running, f);
  g_assert_cmpstr (status (f), ==, "Cancelled.");
  g_object_get (f->window->canvas, "show-picture", &shown, NULL);
  g_assert_false (shown);
}

/* Editing goes on during a run; the run keeps what it was started with. */
static void
test_edit_during_run (Fixture *f, gconstpointer data)
{
  TacetBrush brush = { 4, 1, { 1, FALSE, .opacity = 1 } };

  tacet_scene_set_prompt (f->window->scene, "wait");
  act (f, "win.generate");
  spin_for (60);
  tacet_scene_stroke_begin (f->window->scene, nth_control (f, 1), &brush);
  tacet_scene_stroke_to (f->window->scene, 5, 5, 1);
  tacet_scene_stroke_to (f->window->scene, 30, 9, 1);
  tacet_scene_stroke_end (f->window->scene);
  act (f, "win.undo");
  act (f, "win.layer-remove");
  spin_for (60);
  act (f, "win.cancel");
  spin_while (is_running, f);
}

static void
test_close_during_run (Fixture *f, gconstpointer data)
{
  tacet_scene_set_prompt (f->window->scene, "wait");
  act (f, "win.generate");
  spin_for (60);
  gtk_window_destroy (GTK_WINDOW (f->window));
  spin_for (120);
  g_assert_finalize_object (G_OBJECT (f->window));
  f->window = NULL;
}

static void
test_open_during_run (Fixture *f, gconstpointer data)
{
  g_autofree char *other = sample ("house-pine");

  tacet_scene_set_prompt (f->window->scene, "wait");
  act (f, "win.generate");
  spin_for (60);
  g_assert_true (tacet_window_open (f->window, other));
  spin_while (is_running, f);
  g_assert_null (f->window->result);
  g_assert_cmpint (tacet_diagnostics_get_step (f->window->diagnostics), ==, -1);
}

static void
test_notes (Fixture *f, gconstpointer data)
{
  g_autofree char *note = NULL;
  TacetLayerRow *row = tacet_layer_panel_get_row (f->window->layers, nth_control (f, 0));

  act (f, "win.generate");
  spin_while (is_running, f);
  note = tacet_layer_row_dup_note (row);
  g_assert_nonnull (strstr (note, "was left out"));
  g_free (note);
  note = tacet_layer_row_dup_note (tacet_layer_panel_get_row (f->window->layers, nth_control (f, 1)));
  g_assert_null (note);
  tacet_scene_set_layer_enabled (f->window->scene, nth_control (f, 0), FALSE);
  _tacet_window_update_problems (f->window);
  g_free (note);
  note = tacet_layer_row_dup_note (row);
  g_assert_true (g_str_has_prefix (note, "Off"));
}

static void
test_missing_model (Fixture *f, gconstpointer data)
{
  tacet_scene_set_model (f->window->scene, "no-such-model");
  g_assert_nonnull (strstr (status (f), "no-such-model"));
  g_assert_false (gtk_widget_get_sensitive (GTK_WIDGET (f->window->generate)) &&
                  gtk_widget_get_sensitive (gtk_widget_get_first_child (GTK_WIDGET (f->window->generate))));
  act (f, "win.generate");
  g_assert_null (f->window->running);
  act (f, "win.undo");
  g_assert_cmpstr (status (f), ==, "");
}

/* ---- the document ---- */

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(gboolean *) data = tacet_candidate_save_finish (TACET_CANDIDATE (source), result, NULL);
}

/* A saved picture opens as the scene that made it, also when the document has gone on; it is no file to save to. */
static void
test_open_picture (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "picture.png", NULL), *made = NULL, *opened = NULL;
  gboolean saved = FALSE;

  tacet_scene_set_model (f->window->scene, "starter");
  made = tacet_scene_digest (f->window->scene);
  act (f, "win.generate");
  spin_while (is_running, f);
  tacet_scene_set_prompt (f->window->scene, "something else");
  tacet_candidate_save_async (tacet_staging_get_selected (f->window->staging), path, TRUE, saved_cb, &saved);
  for (int i = 0; !saved && i < 200; i++)
    spin_for (20);
  g_assert_true (saved);
  g_assert_true (tacet_window_open (f->window, path));
  g_assert_null (f->window->path);
  opened = tacet_scene_digest (f->window->scene);
  g_assert_cmpstr (opened, ==, made);
  g_unlink (path);
}

static void
test_broken_file (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "broken.json", NULL);
  TacetScene *before = f->window->scene;

  g_assert_false (tacet_window_open (f->window, path)); /* is not there */
  g_assert_true (g_file_set_contents (path, "{ \"format\": \"tacet-scene\", \"wid", -1, NULL));
  g_assert_false (tacet_window_open (f->window, path));
  g_assert_true (f->window->scene == before);
  spin_for (50);
  g_unlink (path);
}

static gboolean
says (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
      strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (says (child, text))
      return TRUE;
  return FALSE;
}

static gboolean
is_silent_about (Fixture *f)
{
  return !says (GTK_WIDGET (f->window), f->wanted);
}

/* Waits until the window says it somewhere. */
static void
assert_says (Fixture *f, const char *text)
{
  f->wanted = text;
  spin_while (is_silent_about, f);
}

static void
test_save_fails (Fixture *f, gconstpointer data)
{
  g_free (f->window->path);
  f->window->path = g_build_filename (f->folder, "no", "such", "scene.json", NULL);
  tacet_scene_set_prompt (f->window->scene, "changed");
  act (f, "win.save");
  assert_says (f, "could not be saved");
  g_assert_true (tacet_scene_get_modified (f->window->scene)); /* nothing is lost, nothing pretended */
}

static void
test_undo_everything (Fixture *f, gconstpointer data)
{
  g_autofree char *first = tacet_scene_digest (f->window->scene), *changed = NULL, *last = NULL;
  gboolean can_undo = TRUE;
  int steps = 0;

  act (f, "win.add-pose");
  act (f, "win.add-person");
  act (f, "win.add-edge");
  act (f, "win.add-depth");
  act (f, "win.layer-toggle-power");
  act (f, "win.layer-clear");
  act (f, "win.layer-previous");
  act (f, "win.layer-remove");
  act (f, "win.random-seed");
  tacet_scene_set_prompt (f->window->scene, "something else");
  changed = tacet_scene_digest (f->window->scene);
  g_assert_cmpstr (changed, !=, first);
  for (; can_undo && steps < 100; steps++)
    {
      act (f, "win.undo");
      g_object_get (f->window->scene, "can-undo", &can_undo, NULL);
    }
  last = tacet_scene_digest (f->window->scene);
  g_assert_cmpstr (last, ==, first);
  g_assert_cmpint (steps, >=, 6);
  for (int i = 0; i < steps; i++)
    act (f, "win.redo");
  g_free (last);
  last = tacet_scene_digest (f->window->scene);
  g_assert_cmpstr (last, ==, changed);
}

static void
test_add_pose (Fixture *f, gconstpointer data)
{
  TacetLayer *control;
  g_autofree char *name = NULL;
  int n_people;

  act (f, "win.add-pose");
  control = tacet_canvas_get_selected (f->window->canvas);
  g_assert_cmpint (tacet_layer_get_kind (control), ==, TACET_LAYER_POSE);
  g_assert_cmpint (tacet_canvas_get_tool (f->window->canvas), ==, TACET_TOOL_POSE);
  tacet_layer_get_people (control, &n_people);
  g_assert_cmpint (n_people, ==, 1);
  g_object_get (f->window->scene, "undo-name", &name, NULL);
  g_assert_nonnull (name);
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (f->window->undo), name));
  act (f, "win.undo"); /* one step */
  g_assert_cmpint (g_list_model_get_n_items (tacet_scene_get_layers (f->window->scene)), ==, 3);
}

static void
test_settings_follow (Fixture *f, gconstpointer data)
{
  GtkWidget *settings = GTK_WIDGET (f->window->settings);
  GtkTextBuffer *prompt = tacet_settings_get_prompt_buffer (TACET_SETTINGS (settings));
  g_autofree char *text = NULL;
  GtkTextIter start, end;

  gtk_text_buffer_set_text (prompt, "typed by hand", -1);
  g_assert_cmpstr (tacet_scene_get_prompt (f->window->scene), ==, "typed by hand");
  act (f, "win.undo");
  gtk_text_buffer_get_bounds (prompt, &start, &end);
  text = gtk_text_buffer_get_text (prompt, &start, &end, FALSE);
  g_assert_cmpstr (text, ==, tacet_scene_get_prompt (f->window->scene));
  g_assert_cmpstr (text, !=, "typed by hand");
}

/* Eye and power are two things: a hidden layer still works. */
static void
test_eye (Fixture *f, gconstpointer data)
{
  TacetLayer *control = tacet_canvas_get_selected (f->window->canvas);

  g_assert_nonnull (control);
  act (f, "win.layer-toggle-eye");
  g_assert_false (tacet_canvas_get_control_visible (f->window->canvas, control));
  g_assert_true (tacet_layer_get_enabled (control));
  act (f, "win.layer-toggle-power");
  g_assert_false (tacet_layer_get_enabled (control));
  g_assert_false (tacet_canvas_get_control_visible (f->window->canvas, control));
  act (f, "win.layer-isolate"); /* shown alone it is seen */
  g_assert_true (tacet_canvas_get_control_visible (f->window->canvas, control));
  g_assert_false (tacet_canvas_get_control_visible (f->window->canvas, nth_control (f, 1)));
  act (f, "win.layer-isolate");
  act (f, "win.undo");
  act (f, "win.undo");
  g_assert_true (tacet_canvas_get_control_visible (f->window->canvas, control));
}

static void
test_tools_and_zoom (Fixture *f, gconstpointer data)
{
  TacetTool *brush = tacet_canvas_get_tool_object (f->window->canvas, TACET_TOOL_BRUSH);
  double size, larger, zoom;

  for (int i = 0; i < TACET_N_TOOLS; i++)
    {
      g_autofree char *action = g_strconcat ("win.tool-", tacet_tool_id (i), NULL);

      act (f, action);
      g_assert_cmpint (tacet_canvas_get_tool (f->window->canvas), ==, i);
    }
  act (f, "win.tool-brush");
  g_object_get (brush, "size", &size, NULL);
  act (f, "win.brush-larger");
  g_object_get (brush, "size", &larger, NULL);
  g_assert_cmpfloat (larger, >, size);
  zoom = tacet_canvas_get_zoom (f->window->canvas);
  act (f, "win.zoom-in");
  g_assert_cmpfloat (tacet_canvas_get_zoom (f->window->canvas), >, zoom);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.zoom-to", "d", 8.0);
  g_assert_cmpfloat_with_epsilon (tacet_canvas_get_zoom (f->window->canvas), 8, 1e-9);
  act (f, "win.zoom-fit");
  g_assert_cmpfloat (tacet_canvas_get_zoom (f->window->canvas), ==, zoom);
}

/* Whoever hears the window instead of seeing it needs a name for everything that can be worked. */
static void
check_labels (GtkWidget *widget)
{
  gboolean unlabelled = GTK_IS_BUTTON (widget) && gtk_button_get_label (GTK_BUTTON (widget)) == NULL &&
                        gtk_button_get_icon_name (GTK_BUTTON (widget)) != NULL &&
                        gtk_widget_get_tooltip_text (widget) == NULL;

  if ((unlabelled || GTK_IS_RANGE (widget)) && !GTK_IS_SCROLLBAR (widget) &&
      !gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL) &&
      !(GTK_IS_RANGE (widget) && GTK_IS_SCROLLBAR (gtk_widget_get_parent (widget))) &&
      !GTK_IS_MENU_BUTTON (gtk_widget_get_parent (widget)) && !GTK_IS_HEADER_BAR (widget) &&
      gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) == NULL &&
      gtk_widget_get_ancestor (widget, GTK_TYPE_SPIN_BUTTON) == NULL)
    g_error ("a %s has no accessible label", G_OBJECT_TYPE_NAME (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_labels (child);
}

static void
test_labels (Fixture *f, gconstpointer data)
{
  check_labels (GTK_WIDGET (f->window));
}

static void
test_empty (Fixture *f, gconstpointer data)
{
  TacetWindow *empty = TACET_WINDOW (tacet_window_new (NULL, NULL));

  g_object_ref (empty);
  g_assert_true (tacet_window_is_fresh (empty));
  g_assert_true (gtk_widget_get_visible (empty->empty_hint));
  gtk_widget_activate_action (GTK_WIDGET (empty), "win.add-edge", NULL);
  g_assert_false (gtk_widget_get_visible (empty->empty_hint));
  g_assert_false (tacet_window_is_fresh (empty));
  gtk_window_destroy (GTK_WINDOW (empty));
  spin_for (20);
  g_assert_finalize_object (G_OBJECT (empty));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/window/generate", test_generate },
    { "/window/table", test_table },
    { "/window/fault", test_fault },
    { "/window/cancel", test_cancel },
    { "/window/edit-during-run", test_edit_during_run },
    { "/window/close-during-run", test_close_during_run },
    { "/window/open-during-run", test_open_during_run },
    { "/window/notes", test_notes },
    { "/window/missing-model", test_missing_model },
    { "/window/broken-file", test_broken_file },
    { "/window/open-picture", test_open_picture },
    { "/window/save-fails", test_save_fails },
    { "/window/undo-everything", test_undo_everything },
    { "/window/add-pose", test_add_pose },
    { "/window/settings-follow", test_settings_follow },
    { "/window/eye", test_eye },
    { "/window/tools-and-zoom", test_tools_and_zoom },
    { "/window/labels", test_labels },
    { "/window/empty", test_empty },
  };

  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
