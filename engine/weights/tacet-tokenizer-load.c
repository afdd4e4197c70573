/* tacet-tokenizer-load.c: vocabularies from files, in every form that people have.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "tacet-json.h"
#include "tacet-tokenizer-private.h"
#include "tacet-weights.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_FILE   (16u << 20)
#define MAX_TOKENS (1 << 22)
/* Merges of bpe_simple_vocab_16e6.txt that CLIP uses: with bytes, final bytes, start and end 49,408 tokens. */
#define CLIP_MERGES 48894

static gboolean fault (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fault (GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID, text);
  return FALSE;
}

static void
clear_special (gpointer special)
{
  g_free (((TacetSpecial *) special)->text);
}

static TacetTokenizer *
new_tokenizer (void)
{
  TacetTokenizer *self = g_new0 (TacetTokenizer, 1);
  self->ref_count = 1;
  self->ids = g_hash_table_new (g_str_hash, g_str_equal);
  self->tokens = g_ptr_array_new_with_free_func (g_free);
  self->merges = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  self->specials = g_array_new (FALSE, FALSE, sizeof (TacetSpecial));
  g_array_set_clear_func (self->specials, clear_special);
  return self;
}

/* Start, end and the bytes, once all tokens are known. */
static gboolean
find_roles (TacetTokenizer *self, const char *path, GError **error)
{
  self->start = tacet_tokenizer_lookup (self, TACET_TOKEN_START);
  self->end = self->pad = tacet_tokenizer_lookup (self, TACET_TOKEN_END);
  if (self->start < 0 || self->end < 0)
    return fault (error, _ ("The vocabulary %s lacks the token %s"), path,
                  self->start < 0 ? TACET_TOKEN_START : TACET_TOKEN_END);
  for (int b = 0; b < 256; b++)
    {
      char text[16] = "";
      int n = g_unichar_to_utf8 (tacet_byte_letter ((guint8) b), text);
      self->letters[b] = tacet_tokenizer_lookup (self, text);
      memcpy (text + n, TACET_TOKEN_WORD_END, sizeof TACET_TOKEN_WORD_END);
      self->finals[b] = tacet_tokenizer_lookup (self, text);
    }
  return TRUE;
}

/* --- tokens and merges --- */

static gboolean
read_tokens (TacetTokenizer *self, JsonObject *object, const char *path, GError **error)
{
  guint size = json_object_get_size (object);
  if (size == 0 || size > MAX_TOKENS)
    return fault (error, _ ("%s holds no vocabulary"), path);
  g_ptr_array_set_size (self->tokens, (int) size);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    {
      gint64 id = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
                      ? json_node_get_int (node)
                      : -1;
      if (id < 0 || id >= size || g_ptr_array_index (self->tokens, id))
        return fault (error, _ ("The number of the token “%.40s” in %s is not usable: they must be 0 to %u, each once"),
                      name, path, size - 1);
      char *token = g_strdup (name);
      g_ptr_array_index (self->tokens, id) = token;
      g_hash_table_insert (self->ids, token, GINT_TO_POINTER ((int) id + 1));
    }
  return find_roles (self, path, error);
}

static gboolean
add_merge (TacetTokenizer *self, const char *left_token, const char *right_token)
{
  g_autofree char *joined = g_strconcat (left_token, right_token, NULL);
  gint32 left = tacet_tokenizer_lookup (self, left_token), right = tacet_tokenizer_lookup (self, right_token);
  gint32 id = tacet_tokenizer_lookup (self, joined);
  if (left < 0 || right < 0 || id < 0)
    return FALSE;
  TacetMerge *merge = g_new (TacetMerge, 1);
  *merge = (TacetMerge){ .pair = tacet_pair (left, right), .rank = g_hash_table_size (self->merges), .id = id };
  if (g_hash_table_contains (self->merges, &merge->pair))
    g_free (merge);
  else
    g_hash_table_insert (self->merges, &merge->pair, merge);
  return TRUE;
}

/* "left right" is cut in two; NULL: it is not of this form. */
static char *
cut_pair (char *line)
{
  char *space = strchr (line, ' ');
  if (!space || strchr (space + 1, ' '))
    return NULL;
  *space = 0;
  return space + 1;
}

/* The next line without its end; the text is cut up. */
static char *
next_line (char **text, char *end)
{
  char *line = *text;
  if (line >= end)
    return NULL;
  char *stop = memchr (line, '\n', (gsize) (end - line));
  *text = stop ? stop + 1 : end;
  if (stop)
    *stop = 0;
  return g_strchomp (line);
}

static gboolean
load_merges (TacetTokenizer *self, const char *path, GError **error)
{
  gsize length = 0;
  g_autofree char *text = tacet_read_text (path, MAX_FILE, &length, error);
  if (!text)
    return FALSE;
  if (!g_utf8_validate_len (text, length, NULL))
    return fault (error, _ ("%s is not a text file"), path);
  char *rest = text, *line;
  for (int number = 1; (line = next_line (&rest, text + length)); number++)
    {
      if (!*line || (number == 1 && g_str_has_prefix (line, "#version")))
        continue;
      const char *right = cut_pair (line);
      if (!right || !add_merge (self, line, right))
        return fault (error, _ ("Line %d of %s is not a merge of two known tokens"), number, path);
    }
  return TRUE;
}

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static const char *
node_text (JsonNode *node)
{
  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static const char *
get_text (JsonObject *object, const char *name)
{
  return object ? node_text (json_object_get_member (object, name)) : NULL;
}

/* A merge of tokenizer.json: "left right", or lately ["left", "right"]. */
static gboolean
add_merge_node (TacetTokenizer *self, JsonNode *node)
{
  if (node_text (node))
    {
      g_autofree char *line = g_strdup (node_text (node));
      const char *right = cut_pair (line);
      return right && add_merge (self, line, right);
    }
  JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (!pair || json_array_get_length (pair) != 2)
    return FALSE;
  const char *left = node_text (json_array_get_element (pair, 0)),
             *right = node_text (json_array_get_element (pair, 1));
  return left && right && add_merge (self, left, right);
}

/* --- special tokens --- */

/* The first to say something about a text is right. */
static void
add_special (TacetTokenizer *self, const char *text, gboolean after)
{
  gint32 id = text && *text ? tacet_tokenizer_lookup (self, text) : -1;
  for (guint i = 0; i < self->specials->len; i++)
    if (g_array_index (self->specials, TacetSpecial, i).id == id)
      return;
  if (id < 0 || self->specials->len >= 16)
    return;
  TacetSpecial special = { g_strdup (text), id, after };
  g_array_append_val (self->specials, special);
}

static void
add_described (TacetTokenizer *self, JsonNode *node)
{
  JsonObject *object = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *after = object ? json_object_get_member (object, "normalized") : NULL;
  if (object)
    add_special (self, get_text (object, "content"),
                 after && JSON_NODE_HOLDS_VALUE (after) && json_node_get_boolean (after));
}

/* What a role is set to: the later file counts.  *after: FALSE if any role of that text says so. */
static const char *
role_text (JsonObject *map, JsonObject *config, const char *role, gboolean *after)
{
  JsonNode *node = map ? json_object_get_member (map, role) : NULL;
  node = node ? node : config ? json_object_get_member (config, role) : NULL;
  JsonObject *object = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *flag = object ? json_object_get_member (object, "normalized") : NULL;
  *after = flag && JSON_NODE_HOLDS_VALUE (flag) && json_node_get_boolean (flag);
  return object ? get_text (object, "content") : node_text (node);
}

static JsonNode *
load_optional (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? tacet_json_load (path, MAX_FILE, NULL) : NULL;
}

/* As transformers settles it: the list of added tokens, else the roles; a text counts as written before
 * cleaning if any of its roles is a bare string. */
static void
find_specials (TacetTokenizer *self, const char *folder)
{
  static const char *const roles[] = { "bos_token", "eos_token", "unk_token", "pad_token" };
  g_autoptr (JsonNode) config_root = load_optional (folder, "tokenizer_config.json");
  g_autoptr (JsonNode) map_root = load_optional (folder, "special_tokens_map.json");
  JsonObject *config = config_root ? json_node_get_object (config_root) : NULL;
  JsonObject *map = map_root ? json_node_get_object (map_root) : NULL;
  const char *texts[G_N_ELEMENTS (roles)];
  gboolean after[G_N_ELEMENTS (roles)];
  g_autoptr (GList) added = get_object (config, "added_tokens_decoder")
                                ? json_object_get_values (get_object (config, "added_tokens_decoder"))
                                : NULL;
  for (GList *node = added; node; node = node->next)
    add_described (self, node->data);
  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      /* A role that nobody set is the bare string of CLIPTokenizer's defaults. */
      texts[i] = role_text (map, config, roles[i], &after[i]);
      texts[i] = texts[i] ? texts[i] : i == 0 ? TACET_TOKEN_START : TACET_TOKEN_END;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      gboolean all = after[i];
      for (gsize k = 0; k < G_N_ELEMENTS (roles); k++)
        all = all && (g_strcmp0 (texts[i], texts[k]) != 0 || after[k]);
      add_special (self, texts[i], all);
    }
  gint32 pad = tacet_tokenizer_lookup (self, texts[3]);
  self->pad = pad >= 0 && (config || map) ? pad : self->pad;
}

/* --- the forms --- */

static TacetTokenizer *
finish (TacetTokenizer *self)
{
  add_special (self, TACET_TOKEN_START, FALSE);
  add_special (self, TACET_TOKEN_END, FALSE);
  return self;
}

static TacetTokenizer *
load_pair (const char *folder, GError **error)
{
  g_autoptr (TacetTokenizer) self = new_tokenizer ();
  g_autofree char *vocabulary = g_build_filename (folder, "vocab.json", NULL);
  g_autofree char *merges = g_build_filename (folder, "merges.txt", NULL);
  g_autoptr (JsonNode) root = tacet_json_load (vocabulary, MAX_FILE, error);
  if (!root || !read_tokens (self, json_node_get_object (root), vocabulary, error) ||
      !load_merges (self, merges, error))
    return NULL;
  find_specials (self, folder);
  return finish (g_steal_pointer (&self));
}

static TacetTokenizer *
load_json (const char *path, GError **error)
{
  g_autoptr (TacetTokenizer) self = new_tokenizer ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (JsonNode) root = tacet_json_load (path, MAX_FILE, error);
  if (!root)
    return NULL;
  JsonObject *top = json_node_get_object (root), *model = get_object (top, "model");
  JsonObject *tokens = get_object (model, "vocab");
  JsonArray *merges = get_array (model, "merges"), *added = get_array (top, "added_tokens");
  const char *ending = get_text (model, "end_of_word_suffix");
  if (!tokens || !merges || g_strcmp0 (ending, TACET_TOKEN_WORD_END) != 0)
    {
      fault (error, _ ("%s is not a tokenizer of CLIP's kind: byte pairs whose words end in %s"), path,
             TACET_TOKEN_WORD_END);
      return NULL;
    }
  if (!read_tokens (self, tokens, path, error))
    return NULL;
  for (guint i = 0; i < json_array_get_length (merges); i++)
    if (!add_merge_node (self, json_array_get_element (merges, i)))
      {
        fault (error, _ ("Merge %u of %s is not one of two known tokens"), i + 1, path);
        return NULL;
      }
  for (guint i = 0; added && i < json_array_get_length (added); i++)
    add_described (self, json_array_get_element (added, i));
  const char *pad = get_text (get_object (top, "padding"), "pad_token");
  gint32 pad_id = pad ? tacet_tokenizer_lookup (self, pad) : -1;
  self->pad = pad_id >= 0 ? pad_id : self->pad;
  find_specials (self, folder);
  return finish (g_steal_pointer (&self));
}

TacetTokenizer *
tacet_tokenizer_load (const char *folder, GError **error)
{
  g_autofree char *vocabulary = g_build_filename (folder, "vocab.json", NULL);
  g_autofree char *whole = g_build_filename (folder, "tokenizer.json", NULL);
  if (!g_file_test (vocabulary, G_FILE_TEST_EXISTS) && g_file_test (whole, G_FILE_TEST_EXISTS))
    return load_json (whole, error);
  return load_pair (folder, error);
}

/* The text of a file that may be packed by gzip, at most MAX_FILE bytes of it. */
static char *
read_packed (const char *path, gsize *length, GError **error)
{
  g_autofree char *raw = tacet_read_text (path, MAX_FILE, length, error);
  if (!raw || *length < 2 || (guchar) raw[0] != 0x1f || (guchar) raw[1] != 0x8b)
    return g_steal_pointer (&raw);
  g_autoptr (GInputStream) packed = g_memory_input_stream_new_from_data (raw, (gssize) *length, NULL);
  g_autoptr (GZlibDecompressor) zlib = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GInputStream) plain = g_converter_input_stream_new (packed, G_CONVERTER (zlib));
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[65536];
  gssize n;
  while ((n = g_input_stream_read (plain, buffer, sizeof buffer, NULL, error)) > 0 && text->len <= MAX_FILE)
    g_string_append_len (text, buffer, n);
  if (n < 0)
    {
      g_prefix_error (error, _ ("%s cannot be unpacked: "), path);
      return NULL;
    }
  if (text->len > MAX_FILE)
    {
      fault (error, _ ("%s is too large for a vocabulary"), path);
      return NULL;
    }
  *length = text->len;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
add_token (TacetTokenizer *self, char *token)
{
  g_ptr_array_add (self->tokens, token);
  if (!g_hash_table_contains (self->ids, token))
    g_hash_table_insert (self->ids, token, GINT_TO_POINTER (self->tokens->len));
}

static void
add_bytes (TacetTokenizer *self)
{
  guint8 order[256];
  tacet_byte_order (order);
  for (int i = 0; i < 512; i++)
    {
      char letter[8] = "";
      g_unichar_to_utf8 (tacet_byte_letter (order[i % 256]), letter);
      add_token (self, g_strconcat (letter, i < 256 ? "" : TACET_TOKEN_WORD_END, NULL));
    }
}

/* openai/CLIP's own file: a comment, then more merges than CLIP uses; the tokens follow from them. */
static TacetTokenizer *
load_bpe (const char *path, GError **error)
{
  g_autoptr (TacetTokenizer) self = new_tokenizer ();
  gsize length = 0;
  g_autofree char *text = read_packed (path, &length, error);
  if (!text)
    return NULL;
  gboolean good = g_utf8_validate_len (text, length, NULL);
  char *rest = text, *line = next_line (&rest, text + length);
  good = good && line && strstr (line, "bpe_simple_vocab") != NULL;
  add_bytes (self);
  for (int i = 0; good && i < CLIP_MERGES; i++)
    {
      char *right = (line = next_line (&rest, text + length)) ? cut_pair (line) : NULL;
      good = right != NULL;
      if (good)
        add_token (self, g_strconcat (line, right, NULL));
      good = good && add_merge (self, line, right);
    }
  if (!good)
    {
      fault (error,
             _ ("%s is not CLIP's vocabulary: it would be a vocab.json with merges.txt, a tokenizer.json, or "
                "bpe_simple_vocab_16e6.txt, also packed (.gz)"),
             path);
      return NULL;
    }
  add_token (self, g_strdup (TACET_TOKEN_START));
  add_token (self, g_strdup (TACET_TOKEN_END));
  return find_roles (self, path, error) ? finish (g_steal_pointer (&self)) : NULL;
}

TacetTokenizer *
tacet_tokenizer_open (const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *inner = g_build_filename (path, "tokenizer", NULL);
      return tacet_tokenizer_load (g_file_test (inner, G_FILE_TEST_IS_DIR) ? inner : path, error);
    }
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *folder = g_path_get_dirname (path);
  if (g_str_equal (name, "vocab.json") || g_str_equal (name, "merges.txt"))
    return load_pair (folder, error);
  return g_str_has_suffix (name, ".json") ? load_json (path, error) : load_bpe (path, error);
}
