/* fuzz-prompt.c: any prompt ends as chunks of the right form; the first byte chooses their length, what follows a zero
 * is a second prompt. */
#include "fuzz.h"
#include "engine/sample/tacet-prompt.h"
#include <math.h>
#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static TacetTokenizer *tokenizer;
  static const char *const words[] = { "a", "red", "mug", "BREAK", NULL };
  if (tokenizer == NULL)
    {
      g_autofree char *folder = g_dir_make_tmp ("tacet-fuzz-XXXXXX", NULL);
      g_assert (tacet_tokenizer_build (words, folder, NULL));
      tokenizer = tacet_tokenizer_load (folder, NULL);
      g_assert (tokenizer != NULL);
    }
  if (size == 0)
    return 0;
  int length = 3 + data[0] % 75;
  g_autofree char *text = g_strndup ((const char *) data + 1, size - 1);
  gsize first = strlen (text) + 2;
  g_autofree char *second = first <= size ? g_strndup ((const char *) data + first, size - first) : NULL;
  g_autoptr (GArray) parts = tacet_prompt_parse_both (text, second);
  for (guint i = 0; i < parts->len; i++)
    {
      const TacetPromptPart *part = &g_array_index (parts, TacetPromptPart, i);
      g_assert (g_utf8_validate (part->text, -1, NULL) && fabs (part->weight) <= 1000);
    }
  g_autoptr (TacetPromptChunks) chunks = tacet_prompt_chunks (tokenizer, text, second, length);
  g_assert (chunks->n >= 1 && chunks->n <= TACET_PROMPT_MAX_CHUNKS && chunks->length == length);
  for (int i = 0; i < chunks->n * length; i++)
    {
      g_assert (chunks->ids[i] >= 0 && chunks->ids[i] < tacet_tokenizer_size (tokenizer));
      g_assert (isfinite (chunks->weights[i]));
      if (i % length == 0)
        g_assert (chunks->ids[i] == tacet_tokenizer_start (tokenizer) && chunks->weights[i] == 1);
    }
  return 0;
}
