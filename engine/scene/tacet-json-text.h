/* tacet-json-text.h: JSON as people like to read it.
 *
 * Room: engine/scene.  Two spaces a level; arrays of plain values stay on one line; a number is the
 * shortest text that reads back as the same double, whatever the locale.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Ends with a newline; free with g_free. */
char *tacet_json_text (JsonNode *node);
/* A node that is written and read back as exactly this float, without the digits of a double. */
JsonNode *tacet_json_float (float value);

G_END_DECLS
