/* tacet-cli-vocabulary.c: tacet models vocabulary: keeps CLIP's vocabulary for models that come without one.
 *
 * Room: app.
 */
#include "tacet-cli.h"

#include "engine/weights/tacet-tokenizer.h"

int
tacet_cli_models_vocabulary (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *stored = tacet_vocabulary_store (path, &error);
  g_autoptr (TacetTokenizer) tokenizer = stored ? tacet_tokenizer_open (stored, &error) : NULL;
  if (!tokenizer)
    return tacet_cli_failed (error);
  tacet_cli_say (_ ("%d tokens are kept in %s, for models that bring no vocabulary."), tacet_tokenizer_size (tokenizer),
                 stored);
  return TACET_EXIT_DONE;
}
