/* tacet-json.c: JSON files that others wrote, read without trusting them.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "tacet-json.h"
#include "tacet-weights.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
read_all (int fd, char *buffer, gsize size)
{
  gsize done = 0;
  while (done < size)
    {
      gssize n = read (fd, buffer + done, size - done);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      done += (gsize) n;
    }
  return TRUE;
}

char *
tacet_read_text (const char *path, gsize max_bytes, gsize *length, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  struct stat st;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 || fstat (fd, &st) != 0)
    {
      int code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), _ ("%s cannot be read: %s"), name,
                   g_strerror (code));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  char *text = NULL;
  if (!S_ISREG (st.st_mode))
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID, _ ("%s is not a regular file"), name);
  else if ((guint64) st.st_size > max_bytes)
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID,
                 _ ("%s is too large for a file of its kind (%" PRIu64 " bytes)"), name, (guint64) st.st_size);
  else if (!(text = g_try_malloc ((gsize) st.st_size + 1)))
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY, _ ("Not enough memory to read %s"), name);
  else if (!read_all (fd, text, (gsize) st.st_size))
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID, _ ("%s could not be read to its end"),
                   name);
      g_clear_pointer (&text, g_free);
    }
  close (fd);
  if (!text)
    return NULL;
  text[st.st_size] = 0;
  *length = (gsize) st.st_size;
  return text;
}

/* Brackets outside of strings; what is no JSON is left to the parser. */
static gboolean
depth_is_sane (const char *text, gsize length)
{
  int depth = 0;
  gboolean in_string = FALSE;
  for (gsize i = 0; i < length; i++)
    {
      char c = text[i];
      if (in_string)
        {
          if (c == '\\')
            i++;
          else if (c == '"')
            in_string = FALSE;
        }
      else if (c == '"')
        in_string = TRUE;
      else if (c == '{' || c == '[')
        {
          if (++depth > TACET_JSON_MAX_DEPTH)
            return FALSE;
        }
      else if (c == '}' || c == ']')
        depth--;
      /* json-glib also knows comments, in which a quotation mark would mislead this scan. */
      else if (c == '/' || c == '#' || c == '\'')
        return FALSE;
    }
  return TRUE;
}

JsonNode *
tacet_json_parse (const char *text, gsize length, const char *what, GError **error)
{
  if (length > G_MAXSSIZE || !g_utf8_validate_len (text, length, NULL) || !depth_is_sane (text, length))
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID, _ ("%s is not a JSON file"), what);
      return NULL;
    }
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) fault = NULL;
  if (!json_parser_load_from_data (parser, text, (gssize) length, &fault))
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID, _ ("%s is not a JSON file: %s"), what,
                   fault->message);
      return NULL;
    }
  JsonNode *root = json_parser_get_root (parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID, _ ("%s does not hold a JSON object"), what);
      return NULL;
    }
  return json_node_ref (root);
}

JsonNode *
tacet_json_load (const char *path, gsize max_bytes, GError **error)
{
  gsize length = 0;
  g_autofree char *text = tacet_read_text (path, max_bytes, &length, error);
  if (!text)
    return NULL;
  g_autofree char *name = g_filename_display_name (path);
  return tacet_json_parse (text, length, name, error);
}

static gboolean
wrong_type (const char *name, const char *expected, GError **error)
{
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID, _ ("The field “%s” must be %s"), name,
               expected);
  return FALSE;
}

/* NULL: the field is missing or null. */
static JsonNode *
member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

gboolean
tacet_json_get_double (JsonObject *object, const char *name, double low, double high, double *value, GError **error)
{
  JsonNode *node = member (object, name);
  if (!node)
    return TRUE;
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return wrong_type (name, _ ("a number"), error);
  double x = json_node_get_double (node);
  if (!isfinite (x) || x < low || x > high)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID,
                   _ ("The field “%s” must lie between %g and %g"), name, low, high);
      return FALSE;
    }
  *value = x;
  return TRUE;
}

gboolean
tacet_json_get_int (JsonObject *object, const char *name, int low, int high, int *value, GError **error)
{
  double x = *value;
  if (!tacet_json_get_double (object, name, low, high, &x, error))
    return FALSE;
  if (x != floor (x))
    return wrong_type (name, _ ("a whole number"), error);
  *value = (int) x;
  return TRUE;
}

gboolean
tacet_json_get_boolean (JsonObject *object, const char *name, gboolean *value, GError **error)
{
  JsonNode *node = member (object, name);
  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong_type (name, _ ("true or false"), error);
  *value = json_node_get_boolean (node);
  return TRUE;
}

gboolean
tacet_json_get_string (JsonObject *object, const char *name, const char **value, GError **error)
{
  JsonNode *node = member (object, name);
  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return wrong_type (name, _ ("a text"), error);
  *value = json_node_get_string (node);
  return TRUE;
}

void
tacet_json_append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p; p++)
    if ((guchar) *p < 0x20)
      g_string_append_printf (out, "\\u%04x", *p);
    else
      {
        if (*p == '"' || *p == '\\')
          g_string_append_c (out, '\\');
        g_string_append_c (out, *p);
      }
  g_string_append_c (out, '"');
}
