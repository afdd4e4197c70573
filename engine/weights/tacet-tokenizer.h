/* tacet-tokenizer.h: CLIP's byte-pair tokenizer and where its vocabulary comes from.
 *
 * Room: engine/weights.  Text -> NFC, lower case, words (CLIP's pattern), bytes as letters of CLIP's
 * alphabet, the last with "</w>", merged in the order of the merges.  Any vocabulary of that form works,
 * also a small one.  Immutable after loading: may be shared by threads.
 * Source: transformers 5 CLIPTokenizer (which diffusers loads; checked against it), openai/CLIP
 * simple_tokenizer.py for the vocabulary.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TacetTokenizer TacetTokenizer;

/* folder: holds vocab.json and merges.txt, or tokenizer.json; tokenizer_config.json and
 * special_tokens_map.json are heeded.  All is checked: identifiers are 0 .. n-1, the start and end tokens
 * exist, every merge gives a known token. */
TacetTokenizer *tacet_tokenizer_load (const char *folder, GError **error);
/* Any form of a vocabulary that people have: such a folder, a model's folder (its tokenizer/), one of the
 * files in such a folder, or bpe_simple_vocab_16e6.txt of openai/CLIP, also packed (.gz). */
TacetTokenizer *tacet_tokenizer_open (const char *path, GError **error);
/* As one tokenizer.json, which other programs read too; whole or not at all. */
gboolean tacet_tokenizer_save (TacetTokenizer *self, const char *path, GError **error);
TacetTokenizer *tacet_tokenizer_ref (TacetTokenizer *self);
void tacet_tokenizer_unref (TacetTokenizer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetTokenizer, tacet_tokenizer_unref)

int tacet_tokenizer_size (TacetTokenizer *self);
int tacet_tokenizer_start (TacetTokenizer *self); /* <|startoftext|> */
int tacet_tokenizer_end (TacetTokenizer *self);   /* <|endoftext|> */
int tacet_tokenizer_pad (TacetTokenizer *self);   /* mostly the end too */
/* Of a token as files write it (",</w>"); -1: there is none. */
int tacet_tokenizer_lookup (TacetTokenizer *self, const char *token);

/* Appends the tokens (gint32) of the whole text to ids, without start and end.  Text that is not UTF-8 is
 * read up to the fault.  n log n in the length. */
void tacet_tokenizer_append (TacetTokenizer *self, const char *text, GArray *ids);
/* Fills ids[0 .. n-1], n >= 2: start, the text's tokens (as many as fit), end, and padding to the last.
 * Returns the length that the whole text would need, so a larger result means that its end was cut off. */
int tacet_tokenizer_encode (TacetTokenizer *self, const char *text, gint32 *ids, int n);
/* The token's letters, "</w>" becoming a space; NULL: no such token.  For showing. */
char *tacet_tokenizer_show (TacetTokenizer *self, int id);

/* Writes vocab.json and merges.txt of a small vocabulary to `folder`: all bytes, all bytes that end a
 * word, what it takes to make each of `words` one token, start and end.  Any text can be encoded with it.
 * A word must be one word to CLIP's pattern (letters only, or one digit, or signs). */
gboolean tacet_tokenizer_build (const char *const *words, const char *folder, GError **error);

/* --- the vocabulary for models that come without one (tacet-vocabulary.c) --- */

/* Checks the vocabulary at `path` (as tacet_tokenizer_open) and keeps it for the user, in
 * $XDG_DATA_HOME/tacet/clip/tokenizer.json; returns that name. */
char *tacet_vocabulary_store (const char *path, GError **error);
/* The first vocabulary of `size` tokens: beside the model file `model` (or in that folder), the stored
 * one, in a folder of `folders`, or in the tokenizer/ of a model there.  model, folders: may be NULL.  None:
 * an error that says what is missing, where it is usually found, and the command. */
TacetTokenizer *tacet_vocabulary_find (const char *model, const char *const *folders, int size, GError **error);

G_END_DECLS
