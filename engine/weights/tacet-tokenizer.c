/* tacet-tokenizer.c: CLIP's byte-pair tokenizer.
 *
 * Room: engine/weights.
 */
#include "tacet-tokenizer-private.h"
#include <string.h>

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
  g_array_unref (self->specials);
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

int
tacet_tokenizer_pad (TacetTokenizer *self)
{
  return self->pad;
}

int
tacet_tokenizer_lookup (TacetTokenizer *self, const char *token)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->ids, token)) - 1;
}

typedef struct
{
  TacetTokenizer *self;
  GArray *ids;
} Encoding;

static void
append_word (const char *word, gsize length, const TacetSpecial *special, gpointer user_data)
{
  Encoding *e = user_data;
  if (special)
    {
      g_array_append_val (e->ids, special->id);
      return;
    }
  guint first = e->ids->len;
  g_array_set_size (e->ids, first + (guint) length);
  gint32 *symbols = &g_array_index (e->ids, gint32, first);
  for (gsize i = 0; i < length; i++)
    {
      guint8 byte = (guint8) word[i];
      gint32 id = i + 1 == length ? e->self->finals[byte] : e->self->letters[byte];
      /* What a vocabulary lacks becomes its unknown token, which CLIP lets be the end token. */
      symbols[i] = id >= 0 ? id : e->self->end;
    }
  g_array_set_size (e->ids, first + (guint) tacet_bpe (e->self->merges, symbols, (int) length));
}

void
tacet_tokenizer_append (TacetTokenizer *self, const char *text, GArray *ids)
{
  Encoding e = { self, ids };
  tacet_for_words (text, self->specials, append_word, &e);
}

int
tacet_tokenizer_encode (TacetTokenizer *self, const char *text, gint32 *ids, int n)
{
  g_return_val_if_fail (n >= 2, 0);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (gint32));
  tacet_tokenizer_append (self, text, all);
  int used = (int) MIN (all->len, (guint) n - 2);
  ids[0] = self->start;
  for (int i = 0; i < used; i++)
    ids[i + 1] = g_array_index (all, gint32, i);
  ids[used + 1] = self->end;
  for (int i = used + 2; i < n; i++)
    ids[i] = self->pad;
  return (int) all->len + 2;
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
