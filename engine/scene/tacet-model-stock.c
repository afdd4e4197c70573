/* tacet-model-stock.c: what is installed, as far as the layers of one document ask; see tacet-layer-problem.h.
 *
 * Room: engine/scene.
 */
#include "config.h"
#include "tacet-layer-problem.h"
#include "engine/model/tacet-library.h"
#include <glib/gi18n-lib.h>

/* As the pipeline finds them (engine/sample): beside the model, else a file that fits.  Of a model that cannot be read
 * nothing is known; a run says what is wrong with it. */
static void
look_for_controls (TacetModelStock *self, const char *const *folders, const TacetLibraryEntry *model)
{
  for (int kind = 0; kind < TACET_N_CONTROL_KINDS; kind++)
    {
      const char *id = tacet_control_kind_id (kind);
      g_autofree char *own = g_build_filename (model->path, id, NULL);
      g_autofree char *found = tacet_library_find (NULL, own, TACET_MODEL_CONTROLNET);
      if (found == NULL)
        found = tacet_library_find_control (folders, id, model->base);
      self->controls[kind] = found != NULL || model->problem != NULL;
    }
}

static char *
no_model (const char *model, gboolean any, const char *const *folders)
{
  g_autofree char *places = folders != NULL ? g_strjoinv (", ", (char **) folders) : NULL;
  if (model == NULL || *model == '\0')
    return g_strdup (
        any ? _ ("No model is chosen. Choose one under Model.")
            : _ ("No model is installed. You can paint, pose and make edge maps now; to generate, add one."));
  return g_strdup_printf (_ ("The model “%s” is not installed. Looked in %s. Choose another, or install it."), model,
                          places != NULL && *places != '\0' ? places : _ ("no folder at all"));
}

static gboolean
is_any_installed (const char *const *folders)
{
  for (; folders != NULL && *folders != NULL; folders++)
    {
      g_autoptr (GDir) dir = g_dir_open (*folders, 0, NULL);
      if (dir != NULL && g_dir_read_name (dir) != NULL)
        return TRUE;
    }
  return FALSE;
}

TacetModelStock *
tacet_model_stock_new (const char *const *folders, const char *model, const char *const *controlnets)
{
  TacetModelStock *self = g_new0 (TacetModelStock, 1);
  g_autofree char *path = tacet_library_find (folders, model, TACET_MODEL_BASE);
  self->model = g_strdup (model != NULL ? model : "");
  self->missing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->any_model = is_any_installed (folders);
  if (path == NULL)
    self->model_problem = no_model (model, self->any_model, folders);
  else
    {
      g_autoptr (TacetLibraryEntry) entry = tacet_library_look (path);
      look_for_controls (self, folders, entry);
    }
  for (; controlnets != NULL && *controlnets != NULL; controlnets++)
    {
      g_autofree char *found = tacet_library_find (folders, *controlnets, TACET_MODEL_CONTROLNET);
      if (found == NULL)
        g_hash_table_add (self->missing, g_strdup (*controlnets));
    }
  return self;
}

void
tacet_model_stock_free (TacetModelStock *self)
{
  g_free (self->model);
  g_free (self->model_problem);
  g_hash_table_unref (self->missing);
  g_free (self);
}
