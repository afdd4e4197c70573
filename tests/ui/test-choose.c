/* test-choose.c: the list of installed models, and the row of the start picture.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-model-chooser.h"
#include "ui/tacet-start-row.h"
#include "ui/tacet-window.h"

#include <string.h>

/* The first child of a type below the widget, whose text is as given (NULL: any). */
static GtkWidget *
find (GtkWidget *widget, GType type, const char *title)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *inner;

      if (g_type_is_a (G_OBJECT_TYPE (child), type) &&
          (title == NULL || (ADW_IS_PREFERENCES_ROW (child) &&
                             g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (child)), title) == 0)))
        return child;
      inner = find (child, type, title);
      if (inner != NULL)
        return inner;
    }
  return NULL;
}

static GtkWidget *
wait_for (GtkWidget *widget, GType type, const char *title)
{
  gint64 end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  GtkWidget *found = NULL;

  while ((found = find (widget, type, title)) == NULL && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_nonnull (found);
  return found;
}

static void
chosen_cb (GtkWidget *chooser, const char *name, GString *chosen)
{
  g_string_append_printf (chosen, "[%s]", name != NULL ? name : "none");
}

static GtkWidget *
show (const TacetModelQuestion *question, GString *chosen)
{
  g_autofree char *folder = g_build_filename (g_getenv ("TACET_SOURCE"), "data", "models", NULL);
  const char *const folders[] = { folder, NULL };
  GtkWidget *chooser = tacet_model_chooser_new (NULL, folders, question);

  g_signal_connect (chooser, "chosen", G_CALLBACK (chosen_cb), chosen);
  gtk_window_present (GTK_WINDOW (chooser));
  return chooser;
}

static void
activate (GtkWidget *row)
{
  g_signal_emit_by_name (gtk_widget_get_parent (row), "row-activated", row);
}

static void
test_choose (void)
{
  g_autoptr (GString) chosen = g_string_new (NULL);
  GtkWidget *chooser = show (&(TacetModelQuestion){ .kind = TACET_MODEL_BASE, .title = "Base" }, chosen);
  GtkWidget *row = wait_for (chooser, ADW_TYPE_ACTION_ROW, "starter");

  g_assert_true (gtk_widget_get_sensitive (row));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "F16"));
  g_assert_null (find (chooser, ADW_TYPE_ACTION_ROW, "starter/edge"));
  activate (row);
  g_assert_cmpstr (chosen->str, ==, "[starter]");
}

static void
test_own (void)
{
  g_autoptr (GString) chosen = g_string_new (NULL);
  const TacetModelQuestion question = {
    .kind = TACET_MODEL_CONTROLNET, .title = "Net", .model = "starter", .current = "starter/edge", .own = "Its own"
  };
  GtkWidget *chooser = show (&question, chosen);
  GtkWidget *row = wait_for (chooser, ADW_TYPE_ACTION_ROW, "starter/edge");

  g_assert_nonnull (find (row, GTK_TYPE_IMAGE, NULL)); /* the mark of what is chosen now */
  activate (find (chooser, ADW_TYPE_ACTION_ROW, "Its own"));
  g_assert_cmpstr (chosen->str, ==, "[none]");
}

/* Closed before its folders are read. */
static void
test_closed (void)
{
  g_autoptr (GString) chosen = g_string_new (NULL);
  GtkWidget *chooser = show (&(TacetModelQuestion){ .kind = TACET_MODEL_LORA, .title = "LoRA" }, chosen);

  gtk_window_destroy (GTK_WINDOW (chooser));
  for (int i = 0; i < 200; i++)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_cmpstr (chosen->str, ==, "");
}

static void
test_start_row (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  g_autoptr (TacetImage) image = tacet_image_new (320, 20, 3), mask = tacet_image_new (64, 64, 1);
  GtkWidget *row = g_object_ref_sink (g_object_new (TACET_TYPE_START_ROW, NULL));
  GtkWidget *change;

  tacet_start_row_set_scene (TACET_START_ROW (row), scene);
  change = find (row, GTK_TYPE_SCALE, NULL);
  g_assert_false (gtk_widget_is_sensitive (change));
  g_assert_true (tacet_scene_set_image (scene, image));
  g_assert_true (gtk_widget_get_sensitive (find (row, ADW_TYPE_ACTION_ROW, "Change")));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (find (row, ADW_TYPE_ACTION_ROW, "Picture"))), ==,
                   "64 × 64");
  gtk_range_set_value (GTK_RANGE (change), 0.25);
  g_assert_cmpfloat (tacet_scene_get_denoising_strength (scene), ==, 0.25);
  g_assert_cmpstr (adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (row)), ==, "25 % changed");
  g_assert_true (tacet_scene_set_mask (scene, mask));
  g_assert_cmpstr (adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (row)), ==, "25 % changed, inside the mask");
  while (tacet_scene_undo (scene))
    ;
  g_assert_cmpstr (adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (row)), ==, "From nothing");
  g_object_unref (row);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  g_test_add_func ("/choose/model", test_choose);
  g_test_add_func ("/choose/own", test_own);
  g_test_add_func ("/choose/closed", test_closed);
  g_test_add_func ("/choose/start-row", test_start_row);
  return g_test_run ();
}
