/* tacet-vocabulary.c: the vocabulary for models that come without one.
 *
 * Room: engine/weights.  A single-file checkpoint holds no vocabulary.  All models of Stable Diffusion's
 * kind share CLIP's, so it is asked for once and kept.
 */
#include "config.h"

#include "tacet-tokenizer-private.h"
#include "tacet-weights.h"
#include <errno.h>
#include <glib/gi18n-lib.h>

static const char *const names[] = { "", "clip", "tokenizer", "bpe_simple_vocab_16e6.txt.gz",
                                     "bpe_simple_vocab_16e6.txt" };

static char *
stored_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "tacet", "clip", "tokenizer.json", NULL);
}

char *
tacet_vocabulary_store (const char *path, GError **error)
{
  g_autofree char *stored = stored_path (), *folder = g_path_get_dirname (stored);
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_open (path, error);
  if (!tokenizer)
    return NULL;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_FAILED, _ ("The folder %s cannot be made: %s"),
                   folder, g_strerror (errno));
      return NULL;
    }
  return tacet_tokenizer_save (tokenizer, stored, error) ? g_steal_pointer (&stored) : NULL;
}

/* Whether a folder or file may be a vocabulary, cheaply. */
static gboolean
looks_like_one (const char *path)
{
  static const char *const files[] = { "vocab.json", "tokenizer.json" };
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_file_test (path, G_FILE_TEST_EXISTS);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *file = g_build_filename (path, files[i], NULL);
      if (g_file_test (file, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return FALSE;
}

/* What is damaged or of another size is passed over: another place may hold the right one. */
static TacetTokenizer *
try_place (const char *path, int size)
{
  g_autoptr (TacetTokenizer) tokenizer = looks_like_one (path) ? tacet_tokenizer_open (path, NULL) : NULL;
  return tokenizer && tacet_tokenizer_size (tokenizer) == size ? g_steal_pointer (&tokenizer) : NULL;
}

static TacetTokenizer *
try_folder (const char *folder, int size)
{
  TacetTokenizer *found = NULL;
  for (gsize i = 0; !found && i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      found = try_place (path, size);
    }
  return found;
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

/* The models in a folder, in an order that stays. */
static TacetTokenizer *
try_models (const char *folder, int size)
{
  g_autoptr (GPtrArray) models = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  TacetTokenizer *found = NULL;
  while (dir && (name = g_dir_read_name (dir)))
    g_ptr_array_add (models, g_build_filename (folder, name, "tokenizer", NULL));
  g_ptr_array_sort (models, compare_paths);
  for (guint i = 0; !found && i < models->len; i++)
    found = try_place (g_ptr_array_index (models, i), size);
  return found;
}

TacetTokenizer *
tacet_vocabulary_find (const char *model, const char *const *folders, int size, GError **error)
{
  g_autofree char *stored = stored_path ();
  gboolean is_folder = model && g_file_test (model, G_FILE_TEST_IS_DIR);
  g_autofree char *beside = !model ? NULL : is_folder ? g_strdup (model) : g_path_get_dirname (model);
  TacetTokenizer *found = beside ? try_folder (beside, size) : NULL;
  if (!found)
    found = try_place (stored, size);
  for (int i = 0; !found && folders && folders[i]; i++)
    found = try_folder (folders[i], size);
  for (int i = 0; !found && folders && folders[i]; i++)
    found = try_models (folders[i], size);
  if (!found)
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                 _ ("it has no vocabulary of its own, and none with %d tokens was found. Every diffusers folder of "
                    "Stable Diffusion 1.5 holds one in tokenizer/, and the PyPI packages open_clip_torch and "
                    "clip-anytorch hold bpe_simple_vocab_16e6.txt.gz. Say once where it is: tacet models vocabulary "
                    "PATH"),
                 size);
  return found;
}
