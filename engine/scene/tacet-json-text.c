/* tacet-json-text.c: JSON as people like to read it.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-json-text.h"
#include <math.h>
#include <string.h>

static void write_node (GString *text, JsonNode *node, int indent);

static void
write_double (GString *text, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE], format[8];
  if (!isfinite (value))
    {
      g_string_append (text, "null"); /* JSON has no other word for it */
      return;
    }
  for (int digits = 1; digits <= 17; digits++)
    {
      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (number, sizeof number, format, value);
      if (g_ascii_strtod (number, NULL) == value)
        break;
    }
  g_string_append (text, number);
  if (!strpbrk (number, ".e"))
    g_string_append (text, ".0");
}

static void
write_string (GString *text, const char *value)
{
  g_string_append_c (text, '"');
  for (const char *p = value; *p; p++)
    {
      guchar c = *p;
      if (c == '"' || c == '\\')
        g_string_append_c (text, '\\');
      if (c == '\n')
        g_string_append (text, "\\n");
      else if (c == '\t')
        g_string_append (text, "\\t");
      else if (c < 0x20 || c == 0x7f)
        g_string_append_printf (text, "\\u%04x", c);
      else
        g_string_append_c (text, *p);
    }
  g_string_append_c (text, '"');
}

static void
new_line (GString *text, int indent)
{
  g_string_append_c (text, '\n');
  for (int i = 0; i < indent; i++)
    g_string_append (text, "  ");
}

static void
write_object (GString *text, JsonObject *object, int indent)
{
  g_autoptr (GList) names = json_object_get_members (object);
  g_string_append_c (text, '{');
  for (GList *l = names; l; l = l->next)
    {
      new_line (text, indent + 1);
      write_string (text, l->data);
      g_string_append (text, ": ");
      write_node (text, json_object_get_member (object, l->data), indent + 1);
      if (l->next)
        g_string_append_c (text, ',');
    }
  if (names)
    new_line (text, indent);
  g_string_append_c (text, '}');
}

/* Levels of arrays below; objects count as many. */
static int
array_depth (JsonNode *node)
{
  int depth = 0;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return 100;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return 0;
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    depth = MAX (depth, array_depth (json_array_get_element (array, i)));
  return MIN (depth + 1, 100);
}

static void
write_array (GString *text, JsonNode *node, int indent)
{
  JsonArray *array = json_node_get_array (node);
  guint n = json_array_get_length (array);
  gboolean flat = array_depth (node) <= 2;
  g_string_append_c (text, '[');
  for (guint i = 0; i < n; i++)
    {
      if (!flat)
        new_line (text, indent + 1);
      else if (i)
        g_string_append_c (text, ' ');
      write_node (text, json_array_get_element (array, i), indent + 1);
      if (i + 1 < n)
        g_string_append_c (text, ',');
    }
  if (n && !flat)
    new_line (text, indent);
  g_string_append_c (text, ']');
}

static void
write_node (GString *text, JsonNode *node, int indent)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  if (JSON_NODE_HOLDS_OBJECT (node))
    write_object (text, json_node_get_object (node), indent);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    write_array (text, node, indent);
  else if (type == G_TYPE_STRING)
    write_string (text, json_node_get_string (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (text, json_node_get_boolean (node) ? "true" : "false");
  else if (type == G_TYPE_INT64)
    g_string_append_printf (text, "%" G_GINT64_FORMAT, json_node_get_int (node));
  else if (type == G_TYPE_DOUBLE)
    write_double (text, json_node_get_double (node));
  else
    g_string_append (text, "null");
}

char *
tacet_json_text (JsonNode *node)
{
  GString *text = g_string_new (NULL);
  write_node (text, node, 0);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

JsonNode *
tacet_json_float (float value)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  double near = value;
  for (int digits = 1; digits <= 9; digits++)
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE], format[8];
      g_snprintf (format, sizeof format, "%%.%dg", digits);
      near = g_ascii_strtod (g_ascii_formatd (number, sizeof number, format, value), NULL);
      if ((float) near == value)
        break;
    }
  json_node_set_double (node, near);
  return node;
}
