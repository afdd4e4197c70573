/* tacet-tokenizer.h: CLIP's byte-pair tokenizer, from vocab.json and merges.txt.
 *
 * Room: engine/weights.  Text -> NFC, lower case, words (CLIP's pattern), bytes as letters of CLIP's
 * alphabet, the last with "</w>", merged in the order of merges.txt.  Any vocabulary of that form
 * works, also a small one.  Immutable after loading: may be shared by threads.
 * Source: openai/CLIP simple_tokenizer.py; transformers CLIPTokenizer (checked against it).
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TacetTokenizer TacetTokenizer;

/* folder: holds vocab.json and merges.txt.  Both are checked: identifiers are 0 .. n-1, the start and
 * end tokens exist, every merge gives a known token. */
TacetTokenizer *tacet_tokenizer_load (const char *folder, GError **error);
TacetTokenizer *tacet_tokenizer_ref (TacetTokenizer *self);
void tacet_tokenizer_unref (TacetTokenizer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetTokenizer, tacet_tokenizer_unref)

int tacet_tokenizer_size (TacetTokenizer *self);
int tacet_tokenizer_start (TacetTokenizer *self); /* <|startoftext|> */
int tacet_tokenizer_end (TacetTokenizer *self);   /* <|endoftext|>, also pads */

/* Fills ids[0 .. n-1], n >= 2: start, the text's tokens (as many as fit), end, and end again to the
 * last.  Returns the length that the whole text would need, so a larger result means that its end was
 * cut off.  Text that is not UTF-8 is read up to the fault. */
int tacet_tokenizer_encode (TacetTokenizer *self, const char *text, gint32 *ids, int n);
/* The token's letters, "</w>" becoming a space; NULL: no such token.  For showing. */
char *tacet_tokenizer_show (TacetTokenizer *self, int id);

/* Writes vocab.json and merges.txt of a small vocabulary to `folder`: all bytes, all bytes that end a
 * word, what it takes to make each of `words` one token, start and end.  Any text can be encoded with it.
 * A word must be one word to CLIP's pattern (letters only, or one digit, or signs). */
gboolean tacet_tokenizer_build (const char *const *words, const char *folder, GError **error);

G_END_DECLS
