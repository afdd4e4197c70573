/* test-choose.c: the list of installed models, and the row of the start picture.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-model-chooser.h"
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  g_test_add_func ("/choose/model", test_choose);
  g_test_add_func ("/choose/own", test_own);
  g_test_add_func ("/choose/closed", test_closed);
  return g_test_run ();
}
