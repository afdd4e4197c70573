/* tacet-preferences.c: see tacet-preferences.h.  Room: ui. */
#define G_LOG_DOMAIN "tacet-preferences"

#include "config.h"

#include "ui/tacet-preferences.h"

#include <math.h>

struct _TacetPreferences
{
  GObject parent_instance;

  GSettings *settings;     /* NULL: no schema */
  GSettingsSchema *schema; /* of the settings */
  GHashTable *values;      /* name to GVariant: what the settings cannot hold */
};

G_DEFINE_FINAL_TYPE (TacetPreferences, tacet_preferences, G_TYPE_OBJECT)

enum
{
  PROP_0,
  /* the window */
  PROP_WINDOW_WIDTH,
  PROP_WINDOW_HEIGHT,
  PROP_MAXIMIZED,
  PROP_SHOW_PANEL,
  PROP_PANEL_WIDTH,
  PROP_SHOW_DIAGNOSTICS,
  /* general */
  PROP_COLOR_SCHEME,
  PROP_RESTORE_DOCUMENT,
  PROP_TAB_HIDES_PANELS,
  /* canvas and pen */
  PROP_WHEEL,
  PROP_SHOW_RULERS,
  PROP_SHOW_HUD,
  PROP_PRESSURE_CURVE,
  PROP_TOOL_OPTIONS,
  /* files */
  PROP_LAST_DOCUMENT,
  PROP_LAST_FOLDER,
  PROP_AUTOSAVE_INTERVAL,
  PROP_HISTORY_BUDGET,
  PROP_RESULT_BUDGET,
  PROP_PICTURE_METADATA,
  PROP_PICTURE_FIT,
  /* models */
  PROP_MODEL_FOLDERS,
  PROP_SHOW_PREVIEWS,
  PROP_RESULT_SWITCH,
  PROP_SHORTCUTS,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

/* ---- values and variants ---- */

static const GVariantType *
variant_type (GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return G_VARIANT_TYPE_BOOLEAN;
  if (G_IS_PARAM_SPEC_INT (pspec))
    return G_VARIANT_TYPE_INT32;
  if (G_IS_PARAM_SPEC_UINT64 (pspec))
    return G_VARIANT_TYPE_UINT64;
  if (G_IS_PARAM_SPEC_BOXED (pspec))
    return G_VARIANT_TYPE_STRING_ARRAY;
  return G_IS_PARAM_SPEC_VARIANT (pspec) ? ((GParamSpecVariant *) pspec)->type : G_VARIANT_TYPE_STRING;
}

static GVariant *
to_variant (const GValue *value, GParamSpec *pspec)
{
  static const char *const none[] = { NULL };

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return g_variant_new_boolean (g_value_get_boolean (value));
  if (G_IS_PARAM_SPEC_INT (pspec))
    return g_variant_new_int32 (g_value_get_int (value));
  if (G_IS_PARAM_SPEC_UINT64 (pspec))
    return g_variant_new_uint64 (g_value_get_uint64 (value));
  if (G_IS_PARAM_SPEC_BOXED (pspec))
    return g_variant_new_strv (g_value_get_boxed (value) != NULL ? g_value_get_boxed (value) : none, -1);
  if (G_IS_PARAM_SPEC_VARIANT (pspec))
    return g_variant_ref (g_value_get_variant (value));
  return g_variant_new_string (g_value_get_string (value) != NULL ? g_value_get_string (value) : "");
}

static void
from_variant (GVariant *variant, GValue *value, GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (value, g_variant_get_boolean (variant));
  else if (G_IS_PARAM_SPEC_INT (pspec))
    g_value_set_int (value, g_variant_get_int32 (variant));
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    g_value_set_uint64 (value, g_variant_get_uint64 (variant));
  else if (G_IS_PARAM_SPEC_BOXED (pspec))
    g_value_take_boxed (value, g_variant_dup_strv (variant, NULL));
  else if (G_IS_PARAM_SPEC_VARIANT (pspec))
    g_value_set_variant (value, variant);
  else
    g_value_set_string (value, g_variant_get_string (variant, NULL));
}

/* Whether the installed schema knows this key, as what it is to us: one of an older version may not. */
static gboolean
in_settings (TacetPreferences *self, GParamSpec *pspec)
{
  g_autoptr (GSettingsSchemaKey) key = NULL;

  if (self->settings == NULL || !g_settings_schema_has_key (self->schema, pspec->name))
    return FALSE;
  key = g_settings_schema_get_key (self->schema, pspec->name);
  return g_variant_type_equal (g_settings_schema_key_get_value_type (key), variant_type (pspec));
}

static void
tacet_preferences_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TacetPreferences *self = TACET_PREFERENCES (object);
  GVariant *held = g_hash_table_lookup (self->values, pspec->name);

  if (in_settings (self, pspec))
    {
      g_autoptr (GVariant) set = g_settings_get_value (self->settings, pspec->name);

      from_variant (set, value, pspec);
    }
  else if (held != NULL)
    from_variant (held, value, pspec);
  else if (G_IS_PARAM_SPEC_BOXED (pspec))
    g_value_take_boxed (value, g_new0 (char *, 1));
  else
    g_value_copy (g_param_spec_get_default_value (pspec), value);
  /* Files of settings can be written by hand. */
  g_param_value_validate (pspec, value);
}

static void
tacet_preferences_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TacetPreferences *self = TACET_PREFERENCES (object);
  g_autoptr (GVariant) now = g_variant_take_ref (to_variant (value, pspec));
  g_auto (GValue) before = G_VALUE_INIT;
  g_autoptr (GVariant) was = NULL;

  g_value_init (&before, pspec->value_type);
  tacet_preferences_get_property (object, id, &before, pspec);
  was = g_variant_take_ref (to_variant (&before, pspec));
  if (g_variant_equal (was, now))
    return;
  if (in_settings (self, pspec))
    g_settings_set_value (self->settings, pspec->name, now); /* notifies */
  else
    {
      g_hash_table_replace (self->values, (char *) pspec->name, g_variant_ref (now));
      g_object_notify_by_pspec (object, pspec);
    }
}

static void
setting_changed_cb (TacetPreferences *self, const char *name)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (self), name);

  if (pspec != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

void
tacet_preferences_reset (TacetPreferences *self, const char *name)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (self), name);

  g_return_if_fail (pspec != NULL);
  if (in_settings (self, pspec))
    g_settings_reset (self->settings, pspec->name);
  else if (g_hash_table_remove (self->values, pspec->name))
    g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

gboolean
tacet_preferences_get_boolean (TacetPreferences *self, const char *name)
{
  gboolean value;

  g_object_get (self, name, &value, NULL);
  return value;
}

int
tacet_preferences_get_int (TacetPreferences *self, const char *name)
{
  int value;

  g_object_get (self, name, &value, NULL);
  return value;
}

char *
tacet_preferences_dup_string (TacetPreferences *self, const char *name)
{
  char *value;

  g_object_get (self, name, &value, NULL);
  return value;
}

/* ---- tools ---- */

double
tacet_preferences_get_tool_option (TacetPreferences *self, const char *name, double fallback)
{
  g_autoptr (GVariant) options = NULL;
  double value;

  g_object_get (self, "tool-options", &options, NULL);
  return g_variant_lookup (options, name, "d", &value) && isfinite (value) ? value : fallback;
}

void
tacet_preferences_set_tool_option (TacetPreferences *self, const char *name, double value)
{
  g_autoptr (GVariant) options = NULL;
  GVariantBuilder changed;
  GVariantIter iter;
  const char *key;
  double old;

  g_object_get (self, "tool-options", &options, NULL);
  g_variant_builder_init (&changed, G_VARIANT_TYPE ("a{sd}"));
  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sd}", &key, &old))
    if (g_strcmp0 (key, name) != 0)
      g_variant_builder_add (&changed, "{sd}", key, old);
  g_variant_builder_add (&changed, "{sd}", name, value);
  g_object_set (self, "tool-options", g_variant_builder_end (&changed), NULL);
}

/* ---- class ---- */

static void
tacet_preferences_finalize (GObject *object)
{
  TacetPreferences *self = TACET_PREFERENCES (object);

  g_clear_object (&self->settings);
  g_clear_pointer (&self->schema, g_settings_schema_unref);
  g_hash_table_unref (self->values);
  G_OBJECT_CLASS (tacet_preferences_parent_class)->finalize (object);
}

/* Defaults and limits are those of the schema; tests/ui/test-preferences.c compares them. */
static void
install_window (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  properties[PROP_WINDOW_WIDTH] = g_param_spec_int ("window-width", NULL, NULL, 360, 16384, 1280, flags);
  properties[PROP_WINDOW_HEIGHT] = g_param_spec_int ("window-height", NULL, NULL, 300, 16384, 800, flags);
  properties[PROP_MAXIMIZED] = g_param_spec_boolean ("maximized", NULL, NULL, FALSE, flags);
  properties[PROP_SHOW_PANEL] = g_param_spec_boolean ("show-panel", NULL, NULL, TRUE, flags);
  properties[PROP_PANEL_WIDTH] = g_param_spec_int ("panel-width", NULL, NULL, 300, 700, 352, flags);
  properties[PROP_SHOW_DIAGNOSTICS] = g_param_spec_boolean ("show-diagnostics", NULL, NULL, FALSE, flags);
  properties[PROP_COLOR_SCHEME] = g_param_spec_string ("color-scheme", NULL, NULL, "follow", flags);
  properties[PROP_RESTORE_DOCUMENT] = g_param_spec_boolean ("restore-document", NULL, NULL, TRUE, flags);
  properties[PROP_TAB_HIDES_PANELS] = g_param_spec_boolean ("tab-hides-panels", NULL, NULL, TRUE, flags);
}

static void
install_work (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  properties[PROP_WHEEL] = g_param_spec_string ("wheel", NULL, NULL, TACET_WHEEL_SCROLLS, flags);
  properties[PROP_SHOW_RULERS] = g_param_spec_boolean ("show-rulers", NULL, NULL, FALSE, flags);
  properties[PROP_SHOW_HUD] = g_param_spec_boolean ("show-hud", NULL, NULL, TRUE, flags);
  /* A line from corner to corner; see tacet-pressure.h. */
  properties[PROP_PRESSURE_CURVE] = g_param_spec_variant ("pressure-curve", NULL, NULL, G_VARIANT_TYPE ("(dddd)"),
                                                          g_variant_new ("(dddd)", 0.25, 0.25, 0.75, 0.75), flags);
  properties[PROP_TOOL_OPTIONS] = g_param_spec_variant ("tool-options", NULL, NULL, G_VARIANT_TYPE ("a{sd}"),
                                                        g_variant_new_array (G_VARIANT_TYPE ("{sd}"), NULL, 0), flags);
  properties[PROP_LAST_DOCUMENT] = g_param_spec_string ("last-document", NULL, NULL, "", flags);
  properties[PROP_LAST_FOLDER] = g_param_spec_string ("last-folder", NULL, NULL, "", flags);
  properties[PROP_AUTOSAVE_INTERVAL] = g_param_spec_int ("autosave-interval", NULL, NULL, 1, 60, 4, flags);
  properties[PROP_HISTORY_BUDGET] =
      g_param_spec_uint64 ("history-budget", NULL, NULL, 16 << 20, G_MAXINT64, 256 << 20, flags);
  properties[PROP_RESULT_BUDGET] =
      g_param_spec_uint64 ("result-budget", NULL, NULL, 16 << 20, G_MAXINT64, 512 << 20, flags);
  properties[PROP_PICTURE_METADATA] = g_param_spec_boolean ("picture-metadata", NULL, NULL, TRUE, flags);
  properties[PROP_PICTURE_FIT] = g_param_spec_string ("picture-fit", NULL, NULL, "whole", flags);
  properties[PROP_MODEL_FOLDERS] = g_param_spec_boxed ("model-folders", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_SHOW_PREVIEWS] = g_param_spec_boolean ("show-previews", NULL, NULL, TRUE, flags);
  properties[PROP_RESULT_SWITCH] = g_param_spec_string ("result-switch", NULL, NULL, "start", flags);
  properties[PROP_SHORTCUTS] = g_param_spec_variant ("shortcuts", NULL, NULL, G_VARIANT_TYPE ("a{sas}"),
                                                     g_variant_new_array (G_VARIANT_TYPE ("{sas}"), NULL, 0), flags);
}

static void
tacet_preferences_class_init (TacetPreferencesClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = tacet_preferences_finalize;
  object_class->get_property = tacet_preferences_get_property;
  object_class->set_property = tacet_preferences_set_property;
  install_window ();
  install_work ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tacet_preferences_init (TacetPreferences *self)
{
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_variant_unref);
}

TacetPreferences *
tacet_preferences_new_in_memory (void)
{
  return g_object_new (TACET_TYPE_PREFERENCES, NULL);
}

TacetPreferences *
tacet_preferences_new (const char *schema_folder)
{
  TacetPreferences *self = tacet_preferences_new_in_memory ();
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) source = NULL;

  if (schema_folder != NULL)
    source = g_settings_schema_source_new_from_directory (schema_folder, installed, FALSE, NULL);
  if (source == NULL && installed != NULL)
    source = g_settings_schema_source_ref (installed);
  if (source != NULL)
    self->schema = g_settings_schema_source_lookup (source, TACET_APP_ID, TRUE);
  if (self->schema == NULL)
    {
      g_message ("the schema of the settings is not installed: they last until the program ends");
      return self;
    }
  self->settings = g_settings_new_full (self->schema, NULL, NULL);
  g_signal_connect_object (self->settings, "changed", G_CALLBACK (setting_changed_cb), self, G_CONNECT_SWAPPED);
  return self;
}
