/* tacet-tokenizer.c: CLIP's byte-pair tokenizer.
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
/* Letters of one word that are looked at: far more than any model has positions. */
#define MAX_WORD 4096

struct _TacetTokenizer
{
  int ref_count;
  GHashTable *ids;    /* char* -> id + 1 */
  GPtrArray *tokens;  /* of char*, by id */
  GHashTable *merges; /* of TacetMerge */
  gint32 start, end;
  gint32 letters[256], finals[256]; /* a byte within a word, and at its end; -1: not in the vocabulary */
};

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

static gint32
lookup (TacetTokenizer *self, const char *token)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->ids, token)) - 1;
}

static gboolean
load_vocabulary (TacetTokenizer *self, const char *path, GError **error)
{
  g_autoptr (JsonNode) root = tacet_json_load (path, MAX_FILE, error);
  if (!root)
    return FALSE;
  JsonObject *object = json_node_get_object (root);
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
  self->start = lookup (self, TACET_TOKEN_START);
  self->end = lookup (self, TACET_TOKEN_END);
  if (self->start < 0 || self->end < 0)
    return fault (error, _ ("The vocabulary %s lacks the token %s"), path,
                  self->start < 0 ? TACET_TOKEN_START : TACET_TOKEN_END);
  return TRUE;
}

static void
find_letters (TacetTokenizer *self)
{
  for (int b = 0; b < 256; b++)
    {
      char text[16] = "";
      int n = g_unichar_to_utf8 (tacet_byte_letter ((guint8) b), text);
      self->letters[b] = lookup (self, text);
      memcpy (text + n, TACET_TOKEN_WORD_END, sizeof TACET_TOKEN_WORD_END);
      self->finals[b] = lookup (self, text);
    }
}

/* "left right", the line without its end. */
static gboolean
add_merge (TacetTokenizer *self, char *line, GError **error)
{
  char *space = strchr (line, ' ');
  if (!space || strchr (space + 1, ' '))
    return FALSE;
  *space = 0;
  g_autofree char *joined = g_strconcat (line, space + 1, NULL);
  gint32 left = lookup (self, line), right = lookup (self, space + 1), id = lookup (self, joined);
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

static gboolean
load_merges (TacetTokenizer *self, const char *path, GError **error)
{
  gsize length = 0;
  g_autofree char *text = tacet_read_text (path, MAX_FILE, &length, error);
  if (!text)
    return FALSE;
  if (!g_utf8_validate_len (text, length, NULL))
    return fault (error, _ ("%s is not a text file"), path);
  int number = 0;
  for (char *line = text, *end = text + length, *next; line < end; line = next)
    {
      next = memchr (line, '\n', (gsize) (end - line));
      next = next ? next + 1 : end + 1;
      next[-1] = 0;
      g_strchomp (line);
      if (number++ == 0 && g_str_has_prefix (line, "#version"))
        continue;
      if (*line && !add_merge (self, line, error))
        return fault (error, _ ("Line %d of %s is not a merge of two known tokens"), number, path);
    }
  return TRUE;
}

TacetTokenizer *
tacet_tokenizer_load (const char *folder, GError **error)
{
  g_autoptr (TacetTokenizer) self = g_new0 (TacetTokenizer, 1);
  g_autofree char *vocabulary = g_build_filename (folder, "vocab.json", NULL);
  g_autofree char *merges = g_build_filename (folder, "merges.txt", NULL);
  self->ref_count = 1;
  self->ids = g_hash_table_new (g_str_hash, g_str_equal);
  self->tokens = g_ptr_array_new_with_free_func (g_free);
  self->merges = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  if (!load_vocabulary (self, vocabulary, error) || !load_merges (self, merges, error))
    return NULL;
  find_letters (self);
  return g_steal_pointer (&self);
}

TacetTokenizer *
tacet_tokenizer_ref (TacetTokenizer *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
tacet_tokenizer_unref (TacetTokenizer *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_hash_table_unref (self->merges);
  g_hash_table_unref (self->ids);
  g_ptr_array_unref (self->tokens);
  g_free (self);
}

int
tacet_tokenizer_size (TacetTokenizer *self)
{
  return (int) self->tokens->len;
}

int
tacet_tokenizer_start (TacetTokenizer *self)
{
  return self->start;
}

int
tacet_tokenizer_end (TacetTokenizer *self)
{
  return self->end;
}

static const TacetMerge *
find_merge (GHashTable *merges, gint32 left, gint32 right)
{
  guint64 pair = tacet_pair (left, right);
  return g_hash_table_lookup (merges, &pair);
}

int
tacet_bpe (GHashTable *merges, gint32 *symbols, int n)
{
  g_autofree const TacetMerge **at = g_new0 (const TacetMerge *, MAX (n, 1));
  for (int i = 0; i + 1 < n; i++)
    at[i] = find_merge (merges, symbols[i], symbols[i + 1]);
  for (;;)
    {
      int best = -1;
      for (int i = 0; i + 1 < n; i++)
        if (at[i] && (best < 0 || at[i]->rank < at[best]->rank))
          best = i;
      if (best < 0)
        return n;
      symbols[best] = at[best]->id;
      n--;
      memmove (symbols + best + 1, symbols + best + 2, sizeof *symbols * (gsize) (n - best - 1));
      memmove (at + best, at + best + 1, sizeof *at * (gsize) (n - best));
      at[best] = best + 1 < n ? find_merge (merges, symbols[best], symbols[best + 1]) : NULL;
      if (best > 0)
        at[best - 1] = find_merge (merges, symbols[best - 1], symbols[best]);
    }
}

typedef struct
{
  TacetTokenizer *self;
  gint32 *ids;
  int n, count; /* room, tokens so far including start */
} Encoding;

static void
put (Encoding *e, gint32 id)
{
  if (e->count < e->n - 1)
    e->ids[e->count] = id;
  e->count++;
}

static void
encode_word (const char *word, gsize length, gpointer user_data)
{
  Encoding *e = user_data;
  TacetTokenizer *self = e->self;
  gint32 symbols[MAX_WORD];
  if (length > 2 && word[0] == '<' && word[1] == '|' && word[length - 1] == '>')
    {
      if (strncmp (word, TACET_TOKEN_START, length) == 0 && length == strlen (TACET_TOKEN_START))
        {
          put (e, self->start);
          return;
        }
      if (strncmp (word, TACET_TOKEN_END, length) == 0 && length == strlen (TACET_TOKEN_END))
        {
          put (e, self->end);
          return;
        }
    }
  int n = (int) MIN (length, MAX_WORD);
  for (int i = 0; i < n; i++)
    {
      guint8 byte = (guint8) word[i];
      gint32 id = (gsize) i + 1 == length ? self->finals[byte] : self->letters[byte];
      /* What a vocabulary lacks becomes its unknown token, which CLIP lets be the end token. */
      symbols[i] = id >= 0 ? id : self->end;
    }
  n = tacet_bpe (self->merges, symbols, n);
  for (int i = 0; i < n; i++)
    put (e, symbols[i]);
}

int
tacet_tokenizer_encode (TacetTokenizer *self, const char *text, gint32 *ids, int n)
{
  g_return_val_if_fail (n >= 2, 0);
  Encoding e = { self, ids, n, 0 };
  put (&e, self->start);
  tacet_for_words (text, encode_word, &e);
  for (int i = MIN (e.count, n - 1); i < n; i++)
    ids[i] = self->end;
  return e.count + 1;
}

char *
tacet_tokenizer_show (TacetTokenizer *self, int id)
{
  if (id < 0 || id >= (int) self->tokens->len)
    return NULL;
  const char *token = g_ptr_array_index (self->tokens, id);
  if (!g_str_has_suffix (token, TACET_TOKEN_WORD_END))
    return g_strdup (token);
  g_autofree char *bare = g_strndup (token, strlen (token) - strlen (TACET_TOKEN_WORD_END));
  return g_strconcat (bare, " ", NULL);
}
