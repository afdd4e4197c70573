/* tacet-prompt.h: weights in prompts, and long prompts in chunks.
 *
 * Room: engine/sample.  The common convention: (word) counts 1.1 times, ((word)) 1.1 x 1.1, (word:1.3) 1.3
 * times, [word] 1/1.1 times; all nest and multiply.  \( \) \[ \] \\ are the signs themselves; a bracket that is
 * never closed reaches to the end, one that was never opened is text.  BREAK begins a new chunk.  A prompt is
 * encoded in chunks of the text encoder's length, each with start and end.
 * Source: AUTOMATIC1111/stable-diffusion-webui, prompt_parser.py and sd_hijack_clip.py, emphasis "Original"
 * (parses checked against it), but for: BREAK within brackets breaks too; a weight that is no number
 * is text; weights are at most 1000.  Prompt editing ([a:b:0.5], [a|b], AND) is not done.
 */
#pragma once

#include "engine/weights/tacet-tokenizer.h"

G_BEGIN_DECLS

/* Bytes of a prompt and chunks that are read at most: far more than any model attends to. */
#define TACET_PROMPT_MAX_BYTES  65536
#define TACET_PROMPT_MAX_CHUNKS 32

typedef struct
{
  char *text;
  double weight;
  gboolean is_break; /* instead of text */
} TacetPromptPart;

/* Of TacetPromptPart, at least one; owns them.  Neighbours of the same weight are one part. */
GArray *tacet_prompt_parse (const char *prompt);
/* The same of two prompts as one, with a comma between them; brackets end with theirs.  Either may be NULL or blank:
 * then it is the other alone. */
GArray *tacet_prompt_parse_both (const char *first, const char *second);

typedef struct
{
  int length, n;     /* of a chunk with start and end; chunks, at least 1 */
  gint32 *ids;       /* n x length */
  float *weights;    /* n x length */
  gboolean weighted; /* any weight is not 1 */
  gboolean cut;      /* the prompt goes on */
} TacetPromptChunks;

/* Of both prompts, as tacet_prompt_parse_both () joins them.  length: the text encoder's positions, at least 3.  A
 * phrase is not split if a comma stands among the last 20 tokens of a chunk: what follows it goes to the next. */
TacetPromptChunks *tacet_prompt_chunks (TacetTokenizer *tokenizer, const char *first, const char *second, int length);
void tacet_prompt_chunks_free (TacetPromptChunks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetPromptChunks, tacet_prompt_chunks_free)

/* hidden: one chunk, length x width, times the weights {length}; then its mean is made what it was. */
void tacet_prompt_weigh (float *hidden, const float *weights, int length, int width);

G_END_DECLS
