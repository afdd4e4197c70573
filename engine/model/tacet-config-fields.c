/* tacet-config-fields.c: reading fields of foreign configurations.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-config-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>

gboolean
tacet_config_refuse (GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED, text);
  return FALSE;
}

gboolean
tacet_config_ints (JsonObject *o, const char *name, int max, int low, int high, int *values, int *n, GError **error)
{
  JsonNode *node = json_object_get_member (o, name);
  *n = 0;
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      *n = 1;
      return tacet_json_get_int (o, name, low, high, values, error);
    }
  JsonArray *array = json_node_get_array (node);
  if (json_array_get_length (array) == 0 || json_array_get_length (array) > (guint) max)
    return tacet_config_refuse (error, _ ("The list “%s” must hold 1 to %d numbers"), name, max);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);
      gint64 x = JSON_NODE_HOLDS_VALUE (item) && json_node_get_value_type (item) == G_TYPE_INT64
                     ? json_node_get_int (item)
                     : G_MININT64;
      if (x < low || x > high)
        return tacet_config_refuse (error, _ ("The list “%s” must hold whole numbers from %d to %d"), name, low, high);
      values[(*n)++] = (int) x;
    }
  return TRUE;
}

gboolean
tacet_config_same_int (JsonObject *o, const char *name, int low, int high, int *value, GError **error)
{
  int values[TACET_MAX_LEVELS], n = 0;
  if (!tacet_config_ints (o, name, TACET_MAX_LEVELS, low, high, values, &n, error))
    return FALSE;
  for (int i = 1; i < n; i++)
    if (values[i] != values[0])
      return tacet_config_refuse (error, _ ("Tacet needs the same “%s” at every level"), name);
  if (n > 0)
    *value = values[0];
  return TRUE;
}

gboolean
tacet_config_types (JsonObject *o, const char *name, const char *plain, const char *other, gboolean *values, int *n,
                    GError **error)
{
  JsonNode *node = json_object_get_member (o, name);
  *n = 0;
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint length = array ? json_array_get_length (array) : 0;
  if (length == 0 || length > TACET_MAX_LEVELS)
    return tacet_config_refuse (error, _ ("The field “%s” must be a list of 1 to %d texts"), name, TACET_MAX_LEVELS);
  for (guint i = 0; i < length; i++)
    {
      JsonNode *item = json_array_get_element (array, i);
      const char *text = JSON_NODE_HOLDS_VALUE (item) && json_node_get_value_type (item) == G_TYPE_STRING
                             ? json_node_get_string (item)
                             : "?";
      gboolean is_other = other && strcmp (text, other) == 0;
      if (!is_other && strcmp (text, plain) != 0)
        return tacet_config_refuse (error, _ ("“%s” asks for the block “%.60s”, which Tacet cannot compute"), name,
                                    text);
      values[(*n)++] = is_other;
    }
  return TRUE;
}

static char *
node_text (JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("null");
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  if (type == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  if (type == G_TYPE_STRING)
    return g_strndup (json_node_get_string (node), 60);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
    return g_strdup (g_ascii_formatd (number, sizeof number, "%.9g", json_node_get_double (node)));
  return g_strdup ("{…}");
}

static gboolean
check_node (JsonNode *node, const TacetConfigRule *rule, gboolean within_list, GError **error)
{
  if (JSON_NODE_HOLDS_ARRAY (node) && !within_list)
    {
      JsonArray *array = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (array); i++)
        if (!check_node (json_array_get_element (array, i), rule, TRUE, error))
          return FALSE;
      return TRUE;
    }
  g_autofree char *text = node_text (node);
  g_auto (GStrv) allowed = g_strsplit (rule->allowed, "|", -1);
  if (g_strv_contains ((const char *const *) allowed, text))
    return TRUE;
  g_autofree char *choices = g_strjoinv (_ (" or "), allowed);
  return tacet_config_refuse (error, _ ("“%s” is “%s”; Tacet can only compute models with %s"), rule->name, text,
                              choices);
}

gboolean
tacet_config_check (JsonObject *o, const TacetConfigRule *rules, gsize n_rules, GError **error)
{
  for (gsize i = 0; i < n_rules; i++)
    {
      JsonNode *node = json_object_get_member (o, rules[i].name);
      if (node && !check_node (node, &rules[i], FALSE, error))
        return FALSE;
    }
  return TRUE;
}
