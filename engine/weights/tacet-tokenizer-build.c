/* tacet-tokenizer-build.c: a small vocabulary in which each of a list of words is one token.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "engine/image/tacet-image.h"
#include "tacet-json.h"
#include "tacet-tokenizer-private.h"
#include "tacet-weights.h"
#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  GPtrArray *tokens;  /* of char*, by id */
  GHashTable *ids;    /* char* -> id + 1 */
  GHashTable *merges; /* of TacetMerge */
  GString *text;      /* merges.txt */
  gint32 letters[256], finals[256];
} Builder;

static gint32
add_token (Builder *b, const char *token)
{
  int id = GPOINTER_TO_INT (g_hash_table_lookup (b->ids, token));
  if (id == 0)
    {
      char *copy = g_strdup (token);
      g_ptr_array_add (b->tokens, copy);
      id = (int) b->tokens->len;
      g_hash_table_insert (b->ids, copy, GINT_TO_POINTER (id));
    }
  return id - 1;
}

static void
add_bytes (Builder *b, const char *ending, gint32 *ids)
{
  guint8 order[256];
  tacet_byte_order (order);
  for (int i = 0; i < 256; i++)
    {
      char text[16] = "";
      g_unichar_to_utf8 (tacet_byte_letter (order[i]), text);
      g_strlcat (text, ending, sizeof text);
      ids[order[i]] = add_token (b, text);
    }
}

/* The merge gets the lowest priority of all, so words that are one token already stay so: while a merge
 * of theirs is left, it goes first. */
static void
add_merge (Builder *b, gint32 left, gint32 right)
{
  const char *l = g_ptr_array_index (b->tokens, left), *r = g_ptr_array_index (b->tokens, right);
  g_autofree char *joined = g_strconcat (l, r, NULL);
  TacetMerge *merge = g_new (TacetMerge, 1);
  g_string_append_printf (b->text, "%s %s\n", l, r);
  *merge = (TacetMerge){ .pair = tacet_pair (left, right),
                         .rank = g_hash_table_size (b->merges),
                         .id = add_token (b, joined) };
  g_hash_table_insert (b->merges, &merge->pair, merge);
}

typedef struct
{
  Builder *builder;
  int n_words;
} Adding;

/* Adds a merge, encodes again, until one token is left: each merge makes at least one symbol less. */
static void
add_word (const char *word, gsize length, const TacetSpecial *special, gpointer user_data)
{
  Adding *adding = user_data;
  Builder *b = adding->builder;
  adding->n_words++;
  g_autofree gint32 *symbols = g_new (gint32, length);
  for (;;)
    {
      for (gsize i = 0; i < length; i++)
        symbols[i] = i + 1 == length ? b->finals[(guint8) word[i]] : b->letters[(guint8) word[i]];
      if (tacet_bpe (b->merges, symbols, (int) length) <= 1)
        return;
      add_merge (b, symbols[0], symbols[1]);
    }
}

static gboolean
write_files (Builder *b, const char *folder, GError **error)
{
  g_autoptr (GString) json = g_string_new ("{");
  g_autofree char *vocabulary = g_build_filename (folder, "vocab.json", NULL);
  g_autofree char *merges = g_build_filename (folder, "merges.txt", NULL);
  for (guint i = 0; i < b->tokens->len; i++)
    {
      tacet_json_append_string (json, g_ptr_array_index (b->tokens, i));
      g_string_append_printf (json, ":%u%s", i, i + 1 < b->tokens->len ? "," : "}\n");
    }
  return tacet_write_file (vocabulary, json->str, json->len, error) &&
         tacet_write_file (merges, b->text->str, b->text->len, error);
}

gboolean
tacet_tokenizer_build (const char *const *words, const char *folder, GError **error)
{
  Builder b = { .tokens = g_ptr_array_new_with_free_func (g_free),
                .ids = g_hash_table_new (g_str_hash, g_str_equal),
                .merges = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free),
                .text = g_string_new ("#version: 0.2\n") };
  gboolean good = TRUE;
  add_bytes (&b, "", b.letters);
  add_bytes (&b, TACET_TOKEN_WORD_END, b.finals);
  for (gsize i = 0; good && words[i]; i++)
    {
      Adding adding = { &b, 0 };
      if (strlen (words[i]) < 256)
        tacet_for_words (words[i], NULL, add_word, &adding);
      good = adding.n_words == 1;
      if (!good)
        g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID,
                     _ ("“%.60s” cannot be one token: it is not one word"), words[i]);
    }
  add_token (&b, TACET_TOKEN_START);
  add_token (&b, TACET_TOKEN_END);
  good = good && write_files (&b, folder, error);
  g_string_free (b.text, TRUE);
  g_hash_table_unref (b.merges);
  g_hash_table_unref (b.ids);
  g_ptr_array_unref (b.tokens);
  return good;
}
