/* test-settings.c: the page of settings without a window.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-settings.h"
#include "ui/tacet-window.h"

#include <adwaita.h>

static AdwComboRow *
find_combo (GtkWidget *widget, const char *title)
{
  AdwComboRow *found = NULL;

  if (ADW_IS_COMBO_ROW (widget) && g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title) == 0)
    return ADW_COMBO_ROW (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_combo (child, title);
  return found;
}

static void
test_samplers (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  GtkWidget *settings = g_object_ref_sink (g_object_new (TACET_TYPE_SETTINGS, NULL));
  AdwComboRow *sampler = find_combo (settings, "Sampler"), *spacing = find_combo (settings, "Spacing of the Steps");
  AdwComboRow *karras = find_combo (settings, "Karras Noise Levels");

  tacet_settings_set_scene (TACET_SETTINGS (settings), scene);
  g_assert_cmpuint (g_list_model_get_n_items (adw_combo_row_get_model (sampler)), ==, TACET_N_SAMPLERS);
  g_assert_cmpuint (g_list_model_get_n_items (adw_combo_row_get_model (spacing)), ==, TACET_N_SPACINGS);
  for (int i = TACET_N_SAMPLERS - 1; i >= 0; i--)
    {
      GtkStringObject *item;

      adw_combo_row_set_selected (sampler, (guint) i);
      item = adw_combo_row_get_selected_item (sampler);
      g_assert_cmpint (tacet_scene_get_sampler (scene), ==, i);
      g_assert_cmpstr (gtk_string_object_get_string (item), ==, tacet_sampler_name ((TacetSampler) i));
      g_assert_cmpint (gtk_widget_get_sensitive (GTK_WIDGET (karras)), ==, tacet_sampler_has_karras ((TacetSampler) i));
      g_assert_cmpint (gtk_widget_get_sensitive (GTK_WIDGET (spacing)), ==, i != TACET_SAMPLER_LCM);
    }
  tacet_scene_set_sampler (scene, TACET_SAMPLER_UNIPC);
  g_assert_cmpuint (adw_combo_row_get_selected (sampler), ==, TACET_SAMPLER_UNIPC);
  adw_combo_row_set_selected (karras, TACET_KARRAS_ON);
  g_assert_cmpint (tacet_scene_get_karras (scene), ==, TACET_KARRAS_ON);
  adw_combo_row_set_selected (spacing, TACET_SPACING_TRAILING);
  g_assert_cmpint (tacet_scene_get_spacing (scene), ==, TACET_SPACING_TRAILING);
  tacet_scene_undo (scene);
  g_assert_cmpuint (adw_combo_row_get_selected (spacing), ==, TACET_SPACING_DEFAULT);
  g_object_unref (settings);
}

static GtkWidget *
find_labelled (GtkWidget *widget, GType type, const char *action_row)
{
  GtkWidget *found = NULL, *row = gtk_widget_get_ancestor (widget, ADW_TYPE_ACTION_ROW);

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) && row != NULL &&
      g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), action_row) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_labelled (child, type, action_row);
  return found;
}

/* How much of the pictures changes can be said only where there is one. */
static void
test_change (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  GtkWidget *settings = g_object_ref_sink (g_object_new (TACET_TYPE_SETTINGS, NULL));
  GtkWidget *change = find_labelled (settings, GTK_TYPE_SCALE, "Change");
  GtkWidget *count = find_labelled (settings, GTK_TYPE_SPIN_BUTTON, "Pictures in a Run");
  TacetLayer *picture;

  tacet_settings_set_scene (TACET_SETTINGS (settings), scene);
  g_assert_false (gtk_widget_get_sensitive (change));
  picture = tacet_scene_add_layer (scene, TACET_LAYER_PICTURE);
  g_assert_true (gtk_widget_get_sensitive (change));
  gtk_range_set_value (GTK_RANGE (change), 0.25);
  g_assert_cmpfloat (tacet_scene_get_denoising_strength (scene), ==, 0.25);
  tacet_scene_set_layer_enabled (scene, picture, FALSE);
  g_assert_false (gtk_widget_get_sensitive (change));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (count), 3);
  g_assert_cmpint (tacet_scene_get_count (scene), ==, 3);
  adw_combo_row_set_selected (find_combo (settings, "Guess Mode"), TACET_GUESS_CLDM);
  g_assert_cmpint (tacet_scene_get_guess (scene), ==, TACET_GUESS_CLDM);
  while (tacet_scene_undo (scene))
    ;
  g_assert_cmpfloat (gtk_range_get_value (GTK_RANGE (change)), ==, 1);
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (count)), ==, 1);
  g_object_unref (settings);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  g_test_add_func ("/settings/samplers", test_samplers);
  g_test_add_func ("/settings/change", test_change);
  return g_test_run ();
}
