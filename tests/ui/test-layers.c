/* test-layers.c: the list of layers and its actions, in a window without an engine.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-layer-group.h"
#include "ui/tacet-range-slider.h"
#include "ui/tacet-window-private.h"

typedef struct
{
  TacetWindow *window;
  TacetScene *scene;
  TacetLayerPanel *panel;
} Fixture;

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
set_up (Fixture *f, gconstpointer data)
{
  f->window = TACET_WINDOW (tacet_window_new (NULL, NULL));
  g_object_ref (f->window);
  f->scene = f->window->scene;
  f->panel = f->window->layers;
  gtk_window_present (GTK_WINDOW (f->window));
  spin_for (50);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  spin_for (50);
  g_assert_finalize_object (G_OBJECT (f->window));
}

static void
act (Fixture *f, const char *name)
{
  gtk_widget_activate_action (GTK_WIDGET (f->window), name, NULL);
}

static TacetLayer *
nth (Fixture *f, guint n)
{
  g_autoptr (TacetLayer) layer = g_list_model_get_item (tacet_scene_get_layers (f->scene), n);

  return layer; /* the scene keeps it */
}

static guint
count (Fixture *f)
{
  return g_list_model_get_n_items (tacet_scene_get_layers (f->scene));
}

static TacetLayer *
chosen (Fixture *f)
{
  return tacet_layer_panel_get_selected (f->panel);
}

/* The first widget below of this type and, if it is wanted, with this accessible name or tooltip. */
static GtkWidget *
find (GtkWidget *widget, GType type, const char *name)
{
  GtkWidget *found = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) &&
      (name == NULL || g_strcmp0 (gtk_widget_get_tooltip_text (widget), name) == 0))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find (child, type, name);
  return found;
}

static GtkWidget *
row_of (Fixture *f, TacetLayer *layer)
{
  return GTK_WIDGET (tacet_layer_panel_get_row (f->panel, layer));
}

/* The rows stand as the layers do: family after family, in the order of the document. */
static void
assert_follows (Fixture *f)
{
  guint n_rows = 0;

  for (GtkWidget *group = gtk_widget_get_first_child (GTK_WIDGET (f->panel)); group != NULL;
       group = gtk_widget_get_next_sibling (group))
    {
      GtkListBox *list = tacet_layer_group_get_list (TACET_LAYER_GROUP (group));
      GtkListBoxRow *row;

      for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
        {
          TacetLayer *layer = tacet_layer_row_get_layer (TACET_LAYER_ROW (row));

          g_assert_true (layer == nth (f, n_rows));
          g_assert_cmpint (tacet_layer_kind_family (tacet_layer_get_kind (layer)), ==,
                           tacet_layer_group_get_family (TACET_LAYER_GROUP (group)));
          g_assert_cmpint (gtk_list_box_row_is_selected (row), ==, layer == chosen (f));
          n_rows++;
        }
    }
  g_assert_cmpuint (n_rows, ==, count (f));
  g_assert_true (tacet_canvas_get_selected (f->window->canvas) == chosen (f));
}

static void
test_groups (Fixture *f, gconstpointer data)
{
  static const char *const kinds[] = { "picture", "pose", "mask", "region", "edge", "depth", "region" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *action = g_strconcat ("win.add-", kinds[i], NULL);

      act (f, action);
      g_assert_cmpstr (tacet_layer_kind_id (tacet_layer_get_kind (chosen (f))), ==, kinds[i]);
      assert_follows (f);
    }
  act (f, "win.layer-remove");
  g_assert_cmpuint (count (f), ==, G_N_ELEMENTS (kinds) - 1);
  g_assert_nonnull (chosen (f)); /* its neighbour */
  assert_follows (f);
  act (f, "win.undo");
  assert_follows (f);
  while (tacet_scene_undo (f->scene))
    assert_follows (f);
  g_assert_null (chosen (f));
  while (tacet_scene_redo (f->scene))
    assert_follows (f);
}

static void
test_order (Fixture *f, gconstpointer data)
{
  TacetLayer *edge, *depth;
  GtkWidget *row;

  act (f, "win.add-edge");
  act (f, "win.add-depth");
  act (f, "win.add-picture");
  edge = nth (f, 0);
  depth = nth (f, 1);
  row = row_of (f, depth);
  tacet_layer_panel_set_selected (f->panel, depth);
  act (f, "win.layer-down"); /* the last of its family stays */
  g_assert_true (nth (f, 1) == depth);
  act (f, "win.layer-up");
  g_assert_true (nth (f, 0) == depth);
  g_assert_true (row_of (f, depth) == row); /* the same row, with all its state */
  assert_follows (f);
  act (f, "win.layer-next");
  g_assert_true (chosen (f) == edge);
  act (f, "win.layer-next");
  act (f, "win.layer-next");
  g_assert_true (chosen (f) == nth (f, 2));
  act (f, "win.layer-previous");
  g_assert_true (chosen (f) == edge);
  act (f, "win.undo");
  g_assert_true (nth (f, 0) == edge);
  assert_follows (f);
}

static void
test_switches (Fixture *f, gconstpointer data)
{
  TacetLayer *layer;
  GtkWidget *eye, *lock, *power;

  act (f, "win.add-edge");
  layer = chosen (f);
  eye = find (row_of (f, layer), GTK_TYPE_TOGGLE_BUTTON, "Show on the canvas");
  lock = find (row_of (f, layer), GTK_TYPE_TOGGLE_BUTTON, "Lock: its pixels do not change");
  power = find (row_of (f, layer), GTK_TYPE_SWITCH, NULL);
  act (f, "win.layer-toggle-eye");
  g_assert_false (tacet_layer_get_visible (layer));
  g_assert_false (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (eye)));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (eye), TRUE);
  g_assert_true (tacet_layer_get_visible (layer));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (lock), TRUE);
  g_assert_true (tacet_layer_get_locked (layer));
  act (f, "win.layer-fill-coverage"); /* refused */
  g_assert_cmpint (tacet_layer_get_coverage (layer)->data[0], ==, 0);
  act (f, "win.layer-lock");
  g_assert_false (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (lock)));
  gtk_switch_set_active (GTK_SWITCH (power), FALSE);
  g_assert_false (tacet_layer_get_enabled (layer));
  act (f, "win.undo");
  g_assert_true (gtk_switch_get_active (GTK_SWITCH (power)));
}

static void
test_coverage (Fixture *f, gconstpointer data)
{
  TacetBrush brush = { .size = 8, .hardness = 1, .paint = { .value = 1, .opacity = 1 } };
  TacetLayer *layer;

  act (f, "win.add-edge");
  layer = chosen (f);
  tacet_scene_stroke_begin (f->scene, layer, &brush);
  tacet_scene_stroke_to (f->scene, 20, 20, 1);
  tacet_scene_stroke_end (f->scene);
  act (f, "win.layer-fill-coverage");
  g_assert_cmpint (tacet_layer_get_coverage (layer)->data[0], ==, 255);
  act (f, "win.layer-rule-coverage");
  g_assert_cmpint (tacet_layer_get_coverage (layer)->data[0], ==, 0);
  g_assert_cmpint (tacet_layer_get_coverage (layer)->data[20 * 64 + 20], ==, 255);
  act (f, "win.layer-invert-coverage");
  g_assert_cmpint (tacet_layer_get_coverage (layer)->data[0], ==, 255);
  g_assert_cmpint (tacet_layer_get_coverage (layer)->data[20 * 64 + 20], ==, 0);
  act (f, "win.undo");
  act (f, "win.undo");
  act (f, "win.undo"); /* each was one step */
  g_assert_cmpint (tacet_layer_get_coverage (layer)->data[20 * 64 + 20], ==, 255);
  g_assert_cmpint (tacet_layer_get_coverage (layer)->data[0], ==, 0);
}

static void
test_convert (Fixture *f, gconstpointer data)
{
  act (f, "win.add-region");
  act (f, "win.layer-fill-coverage");
  act (f, "win.layer-copy-to-mask");
  g_assert_cmpuint (count (f), ==, 2);
  g_assert_cmpint (tacet_layer_get_kind (chosen (f)), ==, TACET_LAYER_MASK);
  g_assert_cmpint (tacet_layer_get_coverage (chosen (f))->data[0], ==, 255);
  act (f, "win.layer-convert-region");
  g_assert_cmpuint (count (f), ==, 2);
  assert_follows (f);
  tacet_layer_panel_set_selected (f->panel, nth (f, 0));
  act (f, "win.layer-merge-down");
  g_assert_cmpuint (count (f), ==, 1);
  g_assert_true (chosen (f) == nth (f, 0));
  act (f, "win.layer-duplicate");
  g_assert_cmpuint (count (f), ==, 2);
  assert_follows (f);
}

static void
test_rename (Fixture *f, gconstpointer data)
{
  GtkWidget *entry;

  act (f, "win.add-edge");
  act (f, "win.layer-rename");
  entry = find (row_of (f, chosen (f)), GTK_TYPE_ENTRY, NULL);
  g_assert_nonnull (entry);
  gtk_editable_set_text (GTK_EDITABLE (entry), "  Window frame ");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpstr (tacet_layer_get_name (chosen (f)), ==, "Window frame");
  act (f, "win.layer-rename");
  gtk_editable_set_text (GTK_EDITABLE (entry), "   "); /* nothing is no name */
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpstr (tacet_layer_get_name (chosen (f)), ==, "Window frame");
}

static void
test_values (Fixture *f, gconstpointer data)
{
  TacetLayer *layer;
  GtkWidget *scale, *spin, *entry, *range;
  double start, end;

  act (f, "win.add-edge");
  layer = chosen (f);
  scale = find (row_of (f, layer), GTK_TYPE_SCALE, NULL);
  tacet_layer_row_open_drawer (TACET_LAYER_ROW (row_of (f, layer)), TRUE);
  spin = find (row_of (f, layer), GTK_TYPE_SPIN_BUTTON, NULL);
  gtk_range_set_value (GTK_RANGE (scale), 0.5);
  g_assert_cmpfloat (tacet_layer_get_strength (layer), ==, 0.5);
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin)), ==, 0.5);
  range = find (row_of (f, layer), TACET_TYPE_RANGE_SLIDER, NULL);
  tacet_scene_set_layer_range (f->scene, layer, 0.2, 0.7);
  g_assert_cmpfloat (tacet_range_slider_get_start (TACET_RANGE_SLIDER (range)), ==, 0.2);
  g_signal_emit_by_name (range, "changed", 0.1, 0.6);
  start = tacet_layer_get_start (layer);
  end = tacet_layer_get_end (layer);
  g_assert_cmpfloat (start, ==, 0.1);
  g_assert_cmpfloat (end, ==, 0.6);
  act (f, "win.add-region");
  layer = chosen (f);
  entry = find (row_of (f, layer), GTK_TYPE_ENTRY, "Words for this area");
  gtk_editable_set_text (GTK_EDITABLE (entry), "a red sky");
  g_assert_cmpstr (tacet_layer_get_prompt (layer), ==, "a red sky");
  act (f, "win.undo");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "");
  act (f, "win.add-picture");
  layer = chosen (f);
  gtk_range_set_value (GTK_RANGE (find (row_of (f, layer), GTK_TYPE_SCALE, NULL)), 0.3);
  g_assert_cmpfloat (tacet_layer_get_opacity (layer), ==, 0.3);
}

/* Working on the words of a region chooses it. */
static void
test_words_choose (Fixture *f, gconstpointer data)
{
  TacetLayer *region;

  act (f, "win.add-region");
  region = chosen (f);
  act (f, "win.add-edge");
  g_assert_false (chosen (f) == region);
  gtk_widget_grab_focus (find (row_of (f, region), GTK_TYPE_ENTRY, "Words for this area"));
  spin_for (50);
  g_assert_true (chosen (f) == region);
  assert_follows (f);
}

static void
test_notes (Fixture *f, gconstpointer data)
{
  g_autofree char *note = NULL;
  TacetLayerRow *row;

  act (f, "win.add-edge");
  row = tacet_layer_panel_get_row (f->panel, chosen (f));
  _tacet_window_update_problems (f->window);
  note = tacet_layer_row_dup_note (row);
  g_assert_nonnull (note);
  tacet_layer_row_set_note (row, "from the run");
  act (f, "win.layer-fill-coverage");
  _tacet_window_update_problems (f->window);
  g_free (note);
  note = tacet_layer_row_dup_note (row);
  g_assert_cmpstr (note, ==, "from the run");
  tacet_layer_panel_clear_notes (f->panel);
  g_free (note);
  note = tacet_layer_row_dup_note (row);
  g_assert_null (note);
  act (f, "win.layer-toggle-power");
  _tacet_window_update_problems (f->window);
  note = tacet_layer_row_dup_note (row);
  g_assert_true (g_str_has_prefix (note, "Off"));
}

static void
test_balance (Fixture *f, gconstpointer data)
{
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.balance", "s", "sum");
  g_assert_cmpint (tacet_scene_get_combine (f->scene)->kind, ==, TACET_COMBINE_SUM);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.balance", "s", "weights");
  g_assert_cmpint (tacet_scene_get_combine (f->scene)->n_weights, ==, TACET_MAX_CONTROLS);
  act (f, "win.undo");
  act (f, "win.undo");
  g_assert_cmpint (tacet_scene_get_combine (f->scene)->kind, ==, TACET_COMBINE_MINIMAL_IMPACT);
  g_assert_cmpstr (g_variant_get_string (g_action_group_get_action_state (G_ACTION_GROUP (f->window), "balance"), NULL),
                   ==, "minimal-impact");
}

/* Many layers: every row is there, and every thumbnail comes. */
static void
test_many (Fixture *f, gconstpointer data)
{
  guint n = 0;

  for (int i = 0; i < 64; i++)
    if (tacet_scene_add_layer (f->scene, i % 2 ? TACET_LAYER_REGION : TACET_LAYER_PICTURE) != NULL)
      n++;
  g_assert_cmpuint (n, >=, 32);
  assert_follows (f);
  for (guint i = 0; i + 1 < n; i++)
    act (f, "win.layer-next");
  assert_follows (f);
  spin_for (200);
  for (guint i = 0; i < n; i++)
    act (f, "win.layer-remove");
  g_assert_cmpuint (count (f), ==, 0);
  assert_follows (f);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/layers/groups", test_groups },     { "/layers/order", test_order },
    { "/layers/switches", test_switches }, { "/layers/coverage", test_coverage },
    { "/layers/convert", test_convert },   { "/layers/rename", test_rename },
    { "/layers/values", test_values },     { "/layers/words-choose", test_words_choose },
    { "/layers/notes", test_notes },       { "/layers/balance", test_balance },
    { "/layers/many", test_many },
  };

  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
