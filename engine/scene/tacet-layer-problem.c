/* tacet-layer-problem.c: see tacet-layer-problem.h.  Room: engine/scene. */
#include "config.h"
#include "tacet-layer-problem.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#define CHUNK 4096

void
tacet_problem_clear (TacetProblem *self)
{
  g_free (self->text);
  *self = (TacetProblem){ TACET_PROBLEM_NONE };
}

/* Takes the text. */
static gboolean
say (TacetProblem *problem, TacetProblemKind kind, TacetSeverity severity, char *text)
{
  *problem = (TacetProblem){ kind, severity, text };
  return TRUE;
}

/* ---- pixels ---- */

static gsize
n_pixels (const TacetImage *gray)
{
  return (gsize) gray->width * (gsize) gray->height;
}

/* Whether any pixel is left of `coverage` (gray) where none of the upper ones is full.  A document may have sixteen
 * million pixels, and this is asked after every change: the first that is left ends it. */
static gboolean
shows (const TacetImage *coverage, const TacetImage *const *upper, guint n_upper)
{
  for (gsize at = 0, n = n_pixels (coverage); at < n; at += CHUNK)
    {
      gsize here = MIN (CHUNK, n - at);
      guint8 left[CHUNK], any = 0;
      memcpy (left, coverage->data + at, here);
      for (guint k = 0; k < n_upper; k++)
        for (gsize i = 0; i < here; i++)
          left[i] = upper[k]->data[at + i] == 255 ? 0 : left[i];
      for (gsize i = 0; i < here; i++)
        any |= left[i];
      if (any != 0)
        return TRUE;
    }
  return FALSE;
}

/* ---- controls ---- */

static gboolean
is_missing (TacetLayer *layer, const TacetModelStock *stock)
{
  const char *model = tacet_layer_get_model (layer);
  return model != NULL && g_hash_table_contains (stock->missing, model);
}

static gboolean
control_model_problem (TacetLayer *layer, const TacetModelStock *stock, TacetProblem *problem)
{
  TacetLayerKind kind = tacet_layer_get_kind (layer);
  if (stock == NULL || stock->model_problem != NULL)
    return FALSE;
  if (is_missing (layer, stock))
    return say (problem, TACET_PROBLEM_FILE_MISSING, TACET_SEVERITY_ERROR,
                g_strdup_printf (_ ("The ControlNet “%s” is not there. Choose another, or switch the layer off."),
                                 tacet_layer_get_model (layer)));
  if (tacet_layer_get_model (layer) == NULL && !stock->controls[kind])
    return say (problem, TACET_PROBLEM_NO_MODEL, TACET_SEVERITY_ERROR,
                /* Translators: the first %s is a kind of layer, such as "Depth"; the second the name of a model */
                g_strdup_printf (_ ("No ControlNet for %s is installed that goes with “%s”. Choose one, or switch the "
                                    "layer off."),
                                 tacet_layer_kind_label (kind), stock->model));
  return FALSE;
}

static gboolean
control_problem (TacetLayer *layer, const TacetModelStock *stock, TacetProblem *problem)
{
  TacetLayerKind kind = tacet_layer_get_kind (layer);
  const TacetImage *coverage = tacet_layer_get_coverage (layer);
  if (tacet_layer_get_strength (layer) <= 0)
    return say (problem, TACET_PROBLEM_NO_STRENGTH, TACET_SEVERITY_WARNING,
                g_strdup (_ ("Strength is 0: it has no effect.")));
  if (tacet_layer_get_start (layer) >= tacet_layer_get_end (layer))
    return say (problem, TACET_PROBLEM_NO_STEPS, TACET_SEVERITY_WARNING,
                g_strdup (_ ("It ends before it starts: it has no effect.")));
  if (kind == TACET_LAYER_POSE && tacet_layer_is_empty (layer))
    return say (problem, TACET_PROBLEM_EMPTY, TACET_SEVERITY_WARNING, g_strdup (_ ("Nobody is here. Add a person.")));
  if (tacet_layer_is_empty (layer))
    return say (problem, TACET_PROBLEM_EMPTY, TACET_SEVERITY_WARNING,
                g_strdup (_ ("Empty: silent everywhere. Draw on the canvas, or import a map.")));
  if (coverage != NULL && !shows (coverage, NULL, 0))
    return say (problem, TACET_PROBLEM_SILENT, TACET_SEVERITY_WARNING,
                g_strdup (kind == TACET_LAYER_POSE ? _ ("Silent everywhere: every joint is hidden, or erased.")
                                                   : _ ("Silent everywhere: all of it is erased.")));
  return control_model_problem (layer, stock, problem);
}

/* ---- regions, masks, pictures ---- */

/* Those above the region that take effect; borrowed. */
static GPtrArray *
regions_above (TacetScene *scene, TacetLayer *layer)
{
  GListModel *layers = tacet_scene_get_layers (scene);
  GPtrArray *above = g_ptr_array_new ();
  for (guint i = 0; i < g_list_model_get_n_items (layers); i++)
    {
      g_autoptr (TacetLayer) other = g_list_model_get_item (layers, i);
      if (other == layer)
        break;
      if (tacet_layer_get_kind (other) == TACET_LAYER_REGION && tacet_layer_get_enabled (other) &&
          *tacet_layer_get_prompt (other) != '\0' && tacet_layer_get_coverage (other) != NULL)
        g_ptr_array_add (above, (gpointer) tacet_layer_get_coverage (other));
    }
  return above;
}

static gboolean
region_problem (TacetScene *scene, TacetLayer *layer, TacetProblem *problem)
{
  const TacetImage *coverage = tacet_layer_get_coverage (layer);
  g_autoptr (GPtrArray) above = regions_above (scene, layer);
  if (coverage == NULL || !shows (coverage, NULL, 0))
    return say (problem, TACET_PROBLEM_EMPTY, TACET_SEVERITY_WARNING,
                g_strdup (_ ("Empty. Paint where its words apply.")));
  if (*tacet_layer_get_prompt (layer) == '\0')
    return say (problem, TACET_PROBLEM_NO_WORDS, TACET_SEVERITY_WARNING,
                g_strdup (_ ("It has no words. Write what is to be seen here.")));
  if (!shows (coverage, (const TacetImage *const *) above->pdata, above->len))
    return say (
        problem, TACET_PROBLEM_COVERED, TACET_SEVERITY_WARNING,
        g_strdup (_ ("Regions above cover it whole: its words apply nowhere. Move it up, or erase from them.")));
  return FALSE;
}

static gboolean
has_picture (TacetScene *scene)
{
  GListModel *layers = tacet_scene_get_layers (scene);
  for (guint i = 0; i < g_list_model_get_n_items (layers); i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (layers, i);
      if (tacet_layer_get_kind (layer) == TACET_LAYER_PICTURE && tacet_layer_get_enabled (layer) &&
          !tacet_layer_is_empty (layer))
        return TRUE;
    }
  return FALSE;
}

static gboolean
mask_problem (TacetScene *scene, TacetLayer *layer, TacetProblem *problem)
{
  const TacetImage *coverage = tacet_layer_get_coverage (layer);
  if (coverage == NULL || !shows (coverage, NULL, 0))
    return say (problem, TACET_PROBLEM_EMPTY, TACET_SEVERITY_WARNING,
                g_strdup (_ ("Empty. Paint what may change in the picture.")));
  if (!has_picture (scene))
    return say (problem, TACET_PROBLEM_NO_PICTURE, TACET_SEVERITY_WARNING,
                g_strdup (_ ("There is no picture that the mask could protect. Add a picture layer.")));
  return FALSE;
}

gboolean
tacet_layer_problem (TacetScene *scene, TacetLayer *layer, const TacetModelStock *stock, TacetProblem *problem)
{
  TacetLayerKind kind = tacet_layer_get_kind (layer);
  *problem = (TacetProblem){ TACET_PROBLEM_NONE };
  if (!tacet_layer_get_enabled (layer))
    return say (problem, TACET_PROBLEM_OFF, TACET_SEVERITY_NOTE, g_strdup (_ ("Off: not used by the next run.")));
  if (tacet_layer_kind_is_control (kind))
    return control_problem (layer, stock, problem);
  if (kind == TACET_LAYER_REGION)
    return region_problem (scene, layer, problem);
  if (kind == TACET_LAYER_MASK)
    return mask_problem (scene, layer, problem);
  if (tacet_layer_is_empty (layer))
    return say (problem, TACET_PROBLEM_EMPTY, TACET_SEVERITY_NOTE,
                g_strdup (_ ("Empty. Paint on it, or bring a picture in.")));
  return FALSE;
}

gboolean
tacet_layer_paint_problem (TacetLayer *layer, TacetProblem *problem)
{
  const char *name = tacet_layer_get_name (layer);
  *problem = (TacetProblem){ TACET_PROBLEM_NONE };
  if (tacet_layer_get_locked (layer))
    return say (problem, TACET_PROBLEM_LOCKED, TACET_SEVERITY_NOTE,
                g_strdup_printf (_ ("“%s” is locked. Unlock it to change it."), name));
  if (!tacet_layer_get_visible (layer))
    return say (problem, TACET_PROBLEM_HIDDEN, TACET_SEVERITY_NOTE,
                g_strdup_printf (_ ("“%s” is hidden. Switch its eye on to paint on it."), name));
  return FALSE;
}

/* ---- the run ---- */

char *
tacet_scene_why_no_run (TacetScene *scene, const TacetModelStock *stock)
{
  GListModel *layers = tacet_scene_get_layers (scene);
  g_autoptr (GString) text = g_string_new (stock != NULL ? stock->model_problem : NULL);
  for (guint i = 0; i < g_list_model_get_n_items (layers); i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (layers, i);
      g_auto (TacetProblem) problem = { TACET_PROBLEM_NONE };
      if (tacet_layer_problem (scene, layer, stock, &problem) && problem.severity == TACET_SEVERITY_ERROR)
        /* Translators: the name of a layer, and what is wrong with it */
        g_string_append_printf (text, text->len > 0 ? "\n%s: %s" : "%s: %s", tacet_layer_get_name (layer),
                                problem.text);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}
