/* test-preferences.c: what is remembered, with and without a schema.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-preferences.h"

#include <string.h>

static TacetPreferences *
with_schema (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("TACET_BUILD"), "data", NULL);

  return tacet_preferences_new (folder);
}

/* The schema and the object tell the same: keys, kinds, defaults and limits. */
static void
test_schema (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("TACET_BUILD"), "data", NULL);
  g_autoptr (GSettingsSchemaSource) source = g_settings_schema_source_new_from_directory (folder, NULL, FALSE, NULL);
  g_autoptr (GSettingsSchema) schema = g_settings_schema_source_lookup (source, "io.github.tacet.Tacet", FALSE);
  g_autoptr (GSettings) settings = g_settings_new_full (schema, NULL, NULL);
  g_autoptr (TacetPreferences) held = tacet_preferences_new_in_memory (), stored = with_schema ();
  g_auto (GStrv) keys = g_settings_schema_list_keys (schema);
  g_autofree GParamSpec **properties = NULL;
  guint n_properties;

  properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (held), &n_properties);
  g_assert_cmpuint (g_strv_length (keys), ==, n_properties);
  for (guint i = 0; i < n_properties; i++)
    {
      g_auto (GValue) mine = G_VALUE_INIT, theirs = G_VALUE_INIT;
      g_autofree char *a = NULL, *b = NULL;

      g_assert_true (g_settings_schema_has_key (schema, properties[i]->name));
      g_value_init (&mine, properties[i]->value_type);
      g_value_init (&theirs, properties[i]->value_type);
      g_object_get_property (G_OBJECT (held), properties[i]->name, &mine);
      g_object_get_property (G_OBJECT (stored), properties[i]->name, &theirs);
      a = g_strdup_value_contents (&mine);
      b = g_strdup_value_contents (&theirs);
      g_assert_cmpstr (a, ==, b);
      if (G_IS_PARAM_SPEC_INT (properties[i]))
        {
          GParamSpecInt *limits = G_PARAM_SPEC_INT (properties[i]);
          g_autoptr (GSettingsSchemaKey) key = g_settings_schema_get_key (schema, properties[i]->name);

          g_assert_true (g_settings_schema_key_range_check (key, g_variant_new_int32 (limits->minimum)));
          g_assert_true (g_settings_schema_key_range_check (key, g_variant_new_int32 (limits->maximum)));
          g_assert_false (g_settings_schema_key_range_check (key, g_variant_new_int32 (limits->minimum - 1)));
          g_assert_false (g_settings_schema_key_range_check (key, g_variant_new_int32 (limits->maximum + 1)));
        }
    }
}

static void
count_cb (gpointer object, GParamSpec *pspec, int *count)
{
  (*count)++;
}

static void
check_values (TacetPreferences *preferences)
{
  const char *const folders[] = { "/a", "/b c", NULL };
  g_auto (GStrv) read = NULL;
  g_autofree char *wheel = NULL;
  int changes = 0;

  g_signal_connect (preferences, "notify::panel-width", G_CALLBACK (count_cb), &changes);
  g_object_set (preferences, "panel-width", 420, NULL);
  g_object_set (preferences, "panel-width", 420, NULL);
  g_assert_cmpint (tacet_preferences_get_int (preferences, "panel-width"), ==, 420);
  g_assert_cmpint (changes, ==, 1);
  g_object_set (preferences, "model-folders", folders, "wheel", TACET_WHEEL_ZOOMS, NULL);
  g_object_get (preferences, "model-folders", &read, NULL);
  g_assert_cmpstrv (read, folders);
  wheel = tacet_preferences_dup_string (preferences, "wheel");
  g_assert_cmpstr (wheel, ==, TACET_WHEEL_ZOOMS);
  tacet_preferences_reset (preferences, "panel-width");
  g_assert_cmpint (tacet_preferences_get_int (preferences, "panel-width"), ==, 352);
  g_assert_cmpint (changes, ==, 2);
  g_assert_cmpfloat (tacet_preferences_get_tool_option (preferences, "brush-size", 7), ==, 7);
  tacet_preferences_set_tool_option (preferences, "brush-size", 12);
  tacet_preferences_set_tool_option (preferences, "other", 0.5);
  tacet_preferences_set_tool_option (preferences, "brush-size", 13);
  g_assert_cmpfloat (tacet_preferences_get_tool_option (preferences, "brush-size", 7), ==, 13);
  g_assert_cmpfloat (tacet_preferences_get_tool_option (preferences, "other", 7), ==, 0.5);
}

static void
test_in_memory (void)
{
  g_autoptr (TacetPreferences) preferences = tacet_preferences_new_in_memory ();

  check_values (preferences);
}

static void
test_stored (void)
{
  g_autoptr (TacetPreferences) preferences = with_schema (), other = with_schema ();

  check_values (preferences);
  /* A second window of the program, or the program started again. */
  g_assert_cmpfloat (tacet_preferences_get_tool_option (other, "brush-size", 7), ==, 13);
}

/* No schema is no fault: neither a missing folder nor an empty one. */
static void
test_no_schema (void)
{
  g_autoptr (TacetPreferences) preferences = tacet_preferences_new ("/no/such/folder");

  check_values (preferences);
}

int
main (int argc, char **argv)
{
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preferences/schema", test_schema);
  g_test_add_func ("/preferences/in-memory", test_in_memory);
  g_test_add_func ("/preferences/stored", test_stored);
  g_test_add_func ("/preferences/no-schema", test_no_schema);
  return g_test_run ();
}
