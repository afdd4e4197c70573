/* test-staging.c: results in the strip: chosen, applied, compared, discarded.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.  Runs are made up (fake-engine.c).
 */
#include "ui/tacet-window-private.h"

#include <glib/gstdio.h>

typedef struct
{
  TacetWindow *window;
  TacetEngineThread *engine;
  char *folder; /* holds a folder called "starter" */
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
  const char *folders[] = { NULL, NULL };
  g_autofree char *model = NULL;
  g_autofree char *path =
      g_build_filename (g_getenv ("TACET_SOURCE"), "data", "scenes", "person-chair-brick", "scene.json", NULL);

  f->folder = g_dir_make_tmp ("tacet-staging-XXXXXX", NULL);
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

  gtk_window_destroy (GTK_WINDOW (f->window));
  spin_for (50);
  g_assert_finalize_object (G_OBJECT (f->window));
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

static TacetCandidate *
chosen (Fixture *f)
{
  return tacet_staging_get_selected (f->window->staging);
}

static guint
n_results (Fixture *f)
{
  return g_list_model_get_n_items (tacet_scene_get_candidates (f->window->scene));
}

static guint
n_layers (Fixture *f)
{
  return g_list_model_get_n_items (tacet_scene_get_layers (f->window->scene));
}

static void
generate (Fixture *f)
{
  act (f, "win.generate");
  g_assert_nonnull (f->window->running);
  for (int i = 0; f->window->running != NULL && i < 400; i++)
    spin_for (25);
  g_assert_null (f->window->running);
}

static void
test_run (Fixture *f, gconstpointer data)
{
  gboolean shown;

  g_assert_null (chosen (f));
  generate (f);
  g_assert_cmpuint (n_results (f), ==, 1);
  g_assert_nonnull (chosen (f));
  g_assert_true (f->window->result == tacet_candidate_get_image (chosen (f)));
  g_object_get (f->window->canvas, "show-picture", &shown, NULL);
  g_assert_true (shown);
  generate (f);
  g_assert_cmpuint (n_results (f), ==, 2);
  act (f, "win.result-previous");
  g_assert_cmpint (tacet_candidate_get_run (chosen (f)), ==, 1);
  act (f, "win.result-previous"); /* there is none before it */
  g_assert_cmpint (tacet_candidate_get_run (chosen (f)), ==, 1);
  act (f, "win.result-next");
  g_assert_cmpint (tacet_candidate_get_run (chosen (f)), ==, 2);
}

/* A run that fails leaves what was shown. */
static void
test_fault (Fixture *f, gconstpointer data)
{
  TacetCandidate *before;

  generate (f);
  before = chosen (f);
  tacet_scene_set_prompt (f->window->scene, "fail");
  generate (f);
  g_assert_true (chosen (f) == before);
  g_assert_cmpuint (n_results (f), ==, 1);
}

static void
test_apply (Fixture *f, gconstpointer data)
{
  guint before = n_layers (f);
  gboolean shown;
  TacetLayer *layer;

  generate (f);
  act (f, "win.result-apply");
  g_assert_cmpuint (n_layers (f), ==, before + 1);
  layer = tacet_layer_panel_get_selected (f->window->layers);
  g_assert_cmpint (tacet_layer_get_kind (layer), ==, TACET_LAYER_PICTURE);
  g_assert_true (tacet_candidate_get_starred (chosen (f)));
  g_object_get (f->window->canvas, "show-picture", &shown, NULL);
  g_assert_false (shown); /* the document is seen, with its new layer */
  g_assert_cmpstr (adw_split_button_get_label (f->window->generate), ==, "Generate");
  tacet_scene_set_denoising_strength (f->window->scene, 0.5);
  g_assert_cmpstr (adw_split_button_get_label (f->window->generate), ==, "Refine");
  act (f, "win.undo");
  act (f, "win.undo");
  g_assert_cmpuint (n_layers (f), ==, before);
  g_assert_false (tacet_candidate_get_starred (chosen (f)));
}

static void
test_apply_as (Fixture *f, gconstpointer data)
{
  static const char *const kinds[] = { "edge", "depth", "mask", "region" };
  guint before = n_layers (f);

  generate (f);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *action = g_strconcat ("win.result-as-", kinds[i], NULL);
      TacetLayer *layer;

      act (f, action);
      layer = tacet_layer_panel_get_selected (f->window->layers);
      g_assert_cmpuint (n_layers (f), ==, before + 1);
      g_assert_cmpstr (tacet_layer_kind_id (tacet_layer_get_kind (layer)), ==, kinds[i]);
      act (f, "win.undo"); /* one step */
      g_assert_cmpuint (n_layers (f), ==, before);
    }
  act (f, "win.add-picture");
  act (f, "win.result-apply-into");
  g_assert_false (tacet_layer_is_empty (tacet_layer_panel_get_selected (f->window->layers)));
}

static void
test_discard (Fixture *f, gconstpointer data)
{
  TacetCandidate *second;

  generate (f);
  generate (f);
  second = chosen (f);
  act (f, "win.result-star");
  g_assert_true (tacet_candidate_get_starred (second));
  act (f, "win.result-discard");
  g_assert_cmpuint (n_results (f), ==, 1);
  g_assert_nonnull (chosen (f)); /* its neighbour */
  act (f, "win.result-discard");
  g_assert_null (chosen (f));
  g_assert_null (f->window->result);
  act (f, "win.undo");
  act (f, "win.undo");
  g_assert_cmpuint (n_results (f), ==, 2);
  act (f, "win.result-next");
  g_assert_nonnull (chosen (f));
}

static void
test_compare (Fixture *f, gconstpointer data)
{
  generate (f);
  act (f, "win.result-compare"); /* with what? */
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (f->window->compare)));
  tacet_scene_set_seed (f->window->scene, 8);
  generate (f);
  act (f, "win.result-compare");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (f->window->compare)));
  tacet_compare_set_mode (f->window->compare, TACET_COMPARE_DIFFERENCE);
  spin_for (50);
  tacet_compare_swap (f->window->compare);
  tacet_compare_set_mode (f->window->compare, TACET_COMPARE_SIDE);
  tacet_compare_set_split (f->window->compare, 2);
  g_assert_cmpfloat (tacet_compare_get_split (f->window->compare), ==, 1);
  spin_for (50);
  g_signal_emit_by_name (f->window->compare, "close");
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (f->window->compare)));
}

static void
test_reuse (Fixture *f, gconstpointer data)
{
  g_autofree char *prompt = g_strdup (tacet_scene_get_prompt (f->window->scene));
  guint64 seed = tacet_scene_get_seed (f->window->scene);

  generate (f);
  tacet_scene_set_prompt (f->window->scene, "another one");
  tacet_scene_set_seed (f->window->scene, seed + 5);
  act (f, "win.result-reuse");
  g_assert_cmpstr (tacet_scene_get_prompt (f->window->scene), ==, prompt);
  g_assert_cmpuint (tacet_scene_get_seed (f->window->scene), ==, seed);
  act (f, "win.result-copy-settings");
  act (f, "win.result-coefficients");
}

/* Whoever wants calm keeps what is on the canvas. */
static void
test_switch (Fixture *f, gconstpointer data)
{
  TacetCandidate *first;

  generate (f);
  first = chosen (f);
  g_object_set (f->window->preferences, "result-switch", "off", NULL);
  generate (f);
  g_assert_true (chosen (f) == first);
  g_object_set (f->window->preferences, "result-switch", "finish", NULL);
  generate (f);
  g_assert_false (chosen (f) == first);
}

static void
test_other_document (Fixture *f, gconstpointer data)
{
  g_autofree char *other =
      g_build_filename (g_getenv ("TACET_SOURCE"), "data", "scenes", "house-pine", "scene.json", NULL);

  generate (f);
  g_assert_true (tacet_window_open (f->window, other));
  g_assert_null (chosen (f));
  g_assert_cmpuint (n_results (f), ==, 0);
  g_assert_null (f->window->result);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/staging/run", test_run },
    { "/staging/fault", test_fault },
    { "/staging/apply", test_apply },
    { "/staging/apply-as", test_apply_as },
    { "/staging/discard", test_discard },
    { "/staging/compare", test_compare },
    { "/staging/reuse", test_reuse },
    { "/staging/switch", test_switch },
    { "/staging/other-document", test_other_document },
  };

  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
