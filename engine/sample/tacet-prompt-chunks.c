/* tacet-prompt-chunks.c: prompts of any length, in chunks of the text encoder's.
 *
 * Room: engine/sample.
 */
#include "tacet-prompt.h"
#include <string.h>

/* A comma this near to the end of a full chunk is where it is cut. */
#define BACKTRACK 20

typedef struct
{
  TacetTokenizer *tokenizer;
  int room;        /* tokens of a chunk without start and end */
  GArray *ids;     /* gint32, of the chunk that is being filled */
  GArray *weights; /* float */
  int last_comma;  /* in it; -1: none */
  int n;           /* chunks done */
  GArray *all_ids, *all_weights;
  gboolean cut;
} Filling;

static void
append (Filling *f, gint32 id, float weight)
{
  g_array_append_val (f->all_ids, id);
  g_array_append_val (f->all_weights, weight);
}

/* The first n tokens become a chunk, the others begin the next. */
static void
finish_chunk (Filling *f, guint n)
{
  if (f->n == TACET_PROMPT_MAX_CHUNKS)
    {
      f->cut = TRUE;
      n = f->ids->len;
    }
  else
    {
      gint32 end = tacet_tokenizer_end (f->tokenizer), pad = tacet_tokenizer_pad (f->tokenizer);
      append (f, tacet_tokenizer_start (f->tokenizer), 1);
      for (guint i = 0; i < n; i++)
        append (f, g_array_index (f->ids, gint32, i), g_array_index (f->weights, float, i));
      append (f, end, 1);
      for (int i = (int) n; i < f->room; i++)
        append (f, pad, 1);
      f->n++;
    }
  g_array_remove_range (f->ids, 0, n);
  g_array_remove_range (f->weights, 0, n);
  f->last_comma = -1;
}

static void
add_token (Filling *f, gint32 id, float weight, gint32 comma)
{
  int count = (int) f->ids->len;
  if (id == comma)
    f->last_comma = count;
  else if (count == f->room && f->last_comma >= 0 && count - f->last_comma <= BACKTRACK)
    finish_chunk (f, (guint) f->last_comma + 1);
  if ((int) f->ids->len == f->room)
    finish_chunk (f, f->ids->len);
  g_array_append_val (f->ids, id);
  g_array_append_val (f->weights, weight);
}

static void
fill (Filling *f, GArray *parts)
{
  gint32 comma = tacet_tokenizer_lookup (f->tokenizer, ",</w>");
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  for (guint i = 0; i < parts->len && !f->cut; i++)
    {
      const TacetPromptPart *part = &g_array_index (parts, TacetPromptPart, i);
      g_array_set_size (ids, 0);
      if (part->is_break)
        finish_chunk (f, f->ids->len);
      else
        tacet_tokenizer_append (f->tokenizer, part->text, ids);
      for (guint k = 0; k < ids->len && !f->cut; k++)
        add_token (f, g_array_index (ids, gint32, k), (float) part->weight, comma);
    }
  if (!f->cut && (f->ids->len > 0 || f->n == 0))
    finish_chunk (f, f->ids->len);
}

static gboolean
too_long (const char *prompt)
{
  return prompt != NULL && strnlen (prompt, TACET_PROMPT_MAX_BYTES + 1) > TACET_PROMPT_MAX_BYTES;
}

TacetPromptChunks *
tacet_prompt_chunks (TacetTokenizer *tokenizer, const char *first, const char *second, int length)
{
  g_return_val_if_fail (length >= 3, NULL);
  g_autoptr (GArray) parts = tacet_prompt_parse_both (first, second);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GArray) weights = g_array_new (FALSE, FALSE, sizeof (float));
  Filling f = { .tokenizer = tokenizer,
                .room = length - 2,
                .ids = ids,
                .weights = weights,
                .last_comma = -1,
                .all_ids = g_array_new (FALSE, FALSE, sizeof (gint32)),
                .all_weights = g_array_new (FALSE, FALSE, sizeof (float)) };
  fill (&f, parts);
  TacetPromptChunks *self = g_new0 (TacetPromptChunks, 1);
  self->length = length;
  self->n = f.n;
  self->cut = f.cut || too_long (first) || too_long (second);
  for (guint i = 0; i < f.all_weights->len; i++)
    self->weighted |= g_array_index (f.all_weights, float, i) != 1;
  self->ids = (gint32 *) (gpointer) g_array_free (f.all_ids, FALSE);
  self->weights = (float *) (gpointer) g_array_free (f.all_weights, FALSE);
  return self;
}

void
tacet_prompt_chunks_free (TacetPromptChunks *self)
{
  g_free (self->ids);
  g_free (self->weights);
  g_free (self);
}
