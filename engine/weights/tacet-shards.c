/* tacet-shards.c: a model in several files, with an index that says which tensor is in which.
 *
 * Room: engine/weights.  { "metadata": {}, "weight_map": { "name": "file in the same folder" } }, as
 * transformers and diffusers write it.
 */
#include "config.h"

#include "tacet-checkpoint-private.h"
#include "tacet-json.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_INDEX  (16u << 20)
#define MAX_SHARDS 256u

/* In the folder itself: an index must not point anywhere else. */
static gboolean
is_plain_name (const char *name)
{
  return *name && *name != '.' && strlen (name) <= 255 && !strpbrk (name, "/\\");
}

static int
by_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The files, sorted, each once. */
static GPtrArray *
list_files (JsonObject *map, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObjectIter iter;
  const char *tensor;
  JsonNode *node;
  json_object_iter_init (&iter, map);
  while (json_object_iter_next (&iter, &tensor, &node))
    {
      const char *name = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
                             ? json_node_get_string (node)
                             : "";
      if (g_hash_table_contains (seen, name))
        continue;
      if (!is_plain_name (name))
        {
          tacet_file_invalid (error, _ ("the place of tensor “%s” is not a file in the same folder"), tensor);
          return NULL;
        }
      if (files->len >= MAX_SHARDS)
        {
          tacet_file_invalid (error, _ ("it names more than %u files"), MAX_SHARDS);
          return NULL;
        }
      g_ptr_array_add (files, g_strdup (name));
      g_hash_table_add (seen, g_ptr_array_index (files, files->len - 1));
    }
  g_ptr_array_sort (files, by_text);
  return g_steal_pointer (&files);
}

/* Tensors that the index does not have in this file do not count. */
static gboolean
is_mapped (JsonObject *map, const TacetFileTensor *t, const char *file)
{
  JsonNode *node = json_object_get_member (map, t->name);
  return node && g_strcmp0 (json_node_get_string (node), file) == 0;
}

static gboolean
add_shard (TacetCheckpoint *self, JsonObject *map, const char *folder, const char *file, GError **error)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  const guint before = self->tensors->len;
  if (!_tacet_checkpoint_add_file (self, path, error))
    {
      g_prefix_error (error, "%s: ", file);
      return FALSE;
    }
  guint kept = before;
  for (guint i = before; i < self->tensors->len; i++)
    {
      TacetFileTensor *t = g_ptr_array_index (self->tensors, i);
      if (is_mapped (map, t, file))
        {
          g_ptr_array_index (self->tensors, i) = g_ptr_array_index (self->tensors, kept);
          g_ptr_array_index (self->tensors, kept++) = t;
        }
    }
  g_ptr_array_set_size (self->tensors, (int) kept);
  return TRUE;
}

static gboolean
check_complete (TacetCheckpoint *self, JsonObject *map, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < self->tensors->len; i++)
    g_hash_table_add (names, ((TacetFileTensor *) g_ptr_array_index (self->tensors, i))->name);
  JsonObjectIter iter;
  const char *tensor;
  JsonNode *node;
  json_object_iter_init (&iter, map);
  while (json_object_iter_next (&iter, &tensor, &node))
    if (!g_hash_table_contains (names, tensor))
      return tacet_file_invalid (error, _ ("the file %s lacks the tensor “%s”"), json_node_get_string (node), tensor);
  return TRUE;
}

gboolean
_tacet_checkpoint_add_shards (TacetCheckpoint *self, const char *path, GError **error)
{
  g_autoptr (JsonNode) root = tacet_json_load (path, MAX_INDEX, error);
  if (!root)
    return FALSE;
  JsonNode *node = json_object_get_member (json_node_get_object (root), "weight_map");
  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    return tacet_file_invalid (error, _ ("it is a JSON file, but no index of weights: it has no “weight_map”"));
  JsonObject *map = json_node_get_object (node);
  g_autoptr (GPtrArray) files = list_files (map, error);
  if (!files)
    return FALSE;
  g_autofree char *folder = g_path_get_dirname (path);
  for (guint i = 0; i < files->len; i++)
    if (!add_shard (self, map, folder, g_ptr_array_index (files, i), error))
      return FALSE;
  return check_complete (self, map, error);
}
