/* tacet-preferences.h: what stays the way a person wants it, from one start to the next.
 *
 * Room: ui.  An object with one property for each key of data/io.github.tacet.Tacet.gschema.xml, by the same names.
 * Where the schema is not installed, or is an older one, what it lacks is remembered until the program ends.  Bind to
 * the properties; writing one writes the setting.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TACET_TYPE_PREFERENCES (tacet_preferences_get_type ())
G_DECLARE_FINAL_TYPE (TacetPreferences, tacet_preferences, TACET, PREFERENCES, GObject)

/* What the wheel does: scrolls, and zooms with Ctrl; or zooms, and sizes the brush with Ctrl. */
#define TACET_WHEEL_SCROLLS "scroll"
#define TACET_WHEEL_ZOOMS   "zoom"

/* schema_folder: where a compiled schema lies that comes before the installed ones, or NULL. */
TacetPreferences *tacet_preferences_new (const char *schema_folder);
/* In memory only, with the defaults. */
TacetPreferences *tacet_preferences_new_in_memory (void);
/* Back to the default. */
void tacet_preferences_reset (TacetPreferences *self, const char *name);
gboolean tacet_preferences_get_boolean (TacetPreferences *self, const char *name);
int tacet_preferences_get_int (TacetPreferences *self, const char *name);
char *tacet_preferences_dup_string (TacetPreferences *self, const char *name);
/* A value that a tool remembers, by a name such as "brush-size-depth"; for what has no property. */
double tacet_preferences_get_tool_option (TacetPreferences *self, const char *name, double fallback);
void tacet_preferences_set_tool_option (TacetPreferences *self, const char *name, double value);

G_END_DECLS
