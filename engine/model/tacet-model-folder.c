/* tacet-model-folder.c: where the files of a network lie in a folder of diffusers' form.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-model-folder.h"
#include "tacet-models.h"
#include <glib/gi18n-lib.h>

static gboolean
is_file (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

gboolean
tacet_model_locate (const char *folder, const char *part, char **config, char **weights, GError **error)
{
  static const char *const names[] = { "diffusion_pytorch_model.safetensors", "model.safetensors",
                                       "diffusion_pytorch_model.fp16.safetensors", "model.fp16.safetensors" };
  static const char *const foreign[] = { "diffusion_pytorch_model.bin", "pytorch_model.bin",
                                         "diffusion_pytorch_model.safetensors.index.json",
                                         "model.safetensors.index.json" };
  g_autofree char *inner = g_build_filename (folder, part, NULL);
  g_autofree char *inner_config = g_build_filename (inner, "config.json", NULL);
  const char *at = is_file (inner_config) ? inner : folder;
  g_autofree char *path = g_build_filename (at, "config.json", NULL);
  g_autofree char *shown = g_filename_display_name (at);
  if (!is_file (path))
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                   _ ("%s is not a model folder: it has no config.json, nor a subfolder %s with one"), shown, part);
      return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (at, names[i], NULL);
      if (!is_file (file))
        continue;
      *config = g_steal_pointer (&path);
      *weights = g_steal_pointer (&file);
      return TRUE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      g_autofree char *file = g_build_filename (at, foreign[i], NULL);
      if (!is_file (file))
        continue;
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
                   _ ("%s holds its weights as %s; Tacet reads one file %s"), shown, foreign[i], names[0]);
      return FALSE;
    }
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING, _ ("%s holds no weights (%s)"), shown,
               names[0]);
  return FALSE;
}
