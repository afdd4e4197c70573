/* tacet-json.h: JSON files that others wrote, read without trusting them.
 *
 * Room: engine/weights.  json-glib descends by recursion, so size and nesting are checked before it
 * sees the text.  The getters report a wrong type by the field's name; a missing or null field is not
 * an error and leaves the value as it was.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define TACET_JSON_MAX_DEPTH 64

/* A whole file as text, NUL-terminated; refuses files above max_bytes before reading them. */
char *tacet_read_text (const char *path, gsize max_bytes, gsize *length, GError **error);
/* The top-level object.  The node owns it; free with json_node_unref. `what` names the text in messages. */
JsonNode *tacet_json_parse (const char *text, gsize length, const char *what, GError **error);
JsonNode *tacet_json_load (const char *path, gsize max_bytes, GError **error);

/* FALSE with an error if the field exists with another type or lies outside [low, high]. */
gboolean tacet_json_get_int (JsonObject *object, const char *name, int low, int high, int *value, GError **error);
gboolean tacet_json_get_double (JsonObject *object, const char *name, double low, double high, double *value,
                                GError **error);
gboolean tacet_json_get_boolean (JsonObject *object, const char *name, gboolean *value, GError **error);
/* Lends the string; it lives as long as the node. */
gboolean tacet_json_get_string (JsonObject *object, const char *name, const char **value, GError **error);

/* Appends the text (UTF-8) as a JSON string with its quotes. */
void tacet_json_append_string (GString *out, const char *text);

G_END_DECLS
