/* tacet-tokenizer-private.h: the parts of the tokenizer, for its loader and its builder.
 *
 * Room: engine/weights, for its own files.
 */
#pragma once

#include "tacet-tokenizer.h"

G_BEGIN_DECLS

#define TACET_TOKEN_START    "<|startoftext|>"
#define TACET_TOKEN_END      "<|endoftext|>"
#define TACET_TOKEN_WORD_END "</w>"

/* A merge: two neighbours become one. */
typedef struct
{
  guint64 pair; /* left << 32 | right */
  guint32 rank;
  gint32 id;
} TacetMerge;

static inline guint64
tacet_pair (gint32 left, gint32 right)
{
  return (guint64) (guint32) left << 32 | (guint32) right;
}

/* A token that is written in the text as it is called: start, end, and what else pads. */
typedef struct
{
  char *text;
  gint32 id;
  gboolean after; /* looked for after cleaning ("normalized" in files), so in any capitals */
} TacetSpecial;

struct _TacetTokenizer
{
  int ref_count;
  GHashTable *ids;    /* char* -> id + 1 */
  GPtrArray *tokens;  /* of char*, by id */
  GHashTable *merges; /* of TacetMerge, by its pair */
  GArray *specials;   /* of TacetSpecial */
  gint32 start, end, pad;
  gint32 letters[256], finals[256]; /* a byte within a word, and at its end; -1: not in the vocabulary */
};

/* Applies the merges (of TacetMerge by its pair) to n symbols in place, always the lowest rank and of
 * that the leftmost; returns how many are left.  n log n. */
int tacet_bpe (GHashTable *merges, gint32 *symbols, int n);

/* Letter of CLIP's alphabet for a byte. */
gunichar tacet_byte_letter (guint8 byte);
/* The order of the bytes in a vocabulary, printable ones first. */
void tacet_byte_order (guint8 order[256]);

/* special: NULL: a word; else what stands there. */
typedef void (*TacetWordFunc) (const char *word, gsize length, const TacetSpecial *special, gpointer user_data);
/* Each word of the text (UTF-8) after CLIP's cleaning.  specials: of TacetSpecial, may be NULL. */
void tacet_for_words (const char *text, GArray *specials, TacetWordFunc func, gpointer user_data);

G_END_DECLS
