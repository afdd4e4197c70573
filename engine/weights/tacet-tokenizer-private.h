/* tacet-tokenizer-private.h: the parts of the tokenizer that its builder needs too.
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

/* Applies the merges (of TacetMerge by its pair) to n symbols in place, always the lowest rank and of
 * that the leftmost; returns how many are left.  */
int tacet_bpe (GHashTable *merges, gint32 *symbols, int n);

/* Letter of CLIP's alphabet for a byte. */
gunichar tacet_byte_letter (guint8 byte);
/* The order of the bytes in a vocabulary, printable ones first. */
void tacet_byte_order (guint8 order[256]);

typedef void (*TacetWordFunc) (const char *word, gsize length, gpointer user_data);
/* Each word of the text (UTF-8) after CLIP's cleaning; "<|startoftext|>" and "<|endoftext|>" in the
 * text itself come as themselves. */
void tacet_for_words (const char *text, TacetWordFunc func, gpointer user_data);

G_END_DECLS
