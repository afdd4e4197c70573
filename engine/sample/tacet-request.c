/* tacet-request.c: requests, progress and results as values.
 *
 * Room: engine/sample.
 */
#include "tacet-sample-private.h"
#include <string.h>

static const char *const sampler_ids[TACET_N_SAMPLERS] = { "ddim", "euler" };

const char *
tacet_sampler_id (TacetSampler sampler)
{
  g_return_val_if_fail (sampler < TACET_N_SAMPLERS, "");
  return sampler_ids[sampler];
}

gboolean
tacet_sampler_parse (const char *id, TacetSampler *sampler)
{
  for (int i = 0; id != NULL && i < TACET_N_SAMPLERS; i++)
    if (strcmp (id, sampler_ids[i]) == 0)
      {
        *sampler = (TacetSampler) i;
        return TRUE;
      }
  return FALSE;
}

TacetControlRequest *
tacet_control_request_new (TacetControlKind kind)
{
  TacetControlRequest *self = g_new0 (TacetControlRequest, 1);
  self->kind = kind;
  self->name = g_strdup (tacet_control_kind_id (kind));
  self->strength = 1;
  self->end = 1;
  return self;
}

void
tacet_control_request_free (TacetControlRequest *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->model);
  g_clear_pointer (&self->map, tacet_image_unref);
  g_clear_pointer (&self->coverage, tacet_image_unref);
  g_free (self);
}

static gpointer
copy_control (gconstpointer source, gpointer unused)
{
  const TacetControlRequest *from = source;
  TacetControlRequest *copy = g_new0 (TacetControlRequest, 1);
  *copy = *from;
  copy->name = g_strdup (from->name);
  copy->model = g_strdup (from->model);
  copy->map = from->map != NULL ? tacet_image_ref (from->map) : NULL;
  copy->coverage = from->coverage != NULL ? tacet_image_ref (from->coverage) : NULL;
  return copy;
}

TacetRequest *
tacet_request_new (void)
{
  TacetRequest *self = g_new0 (TacetRequest, 1);
  self->model = g_strdup ("starter");
  self->prompt = g_strdup ("");
  self->negative_prompt = g_strdup ("");
  self->width = self->height = 64;
  self->steps = 20;
  self->sampler = TACET_SAMPLER_DDIM;
  self->guidance_scale = 3;
  self->combine = tacet_combine_default ();
  self->controls = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_control_request_free);
  return self;
}

TacetRequest *
tacet_request_copy (const TacetRequest *self)
{
  TacetRequest *copy = g_new0 (TacetRequest, 1);
  *copy = *self;
  copy->model = g_strdup (self->model);
  copy->prompt = g_strdup (self->prompt);
  copy->negative_prompt = g_strdup (self->negative_prompt);
  copy->controls = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_control_request_free);
  for (guint i = 0; self->controls != NULL && i < self->controls->len; i++)
    g_ptr_array_add (copy->controls, copy_control (g_ptr_array_index (self->controls, i), NULL));
  return copy;
}

void
tacet_request_free (TacetRequest *self)
{
  if (self == NULL)
    return;
  g_free (self->model);
  g_free (self->prompt);
  g_free (self->negative_prompt);
  g_clear_pointer (&self->controls, g_ptr_array_unref);
  g_free (self);
}

/* Step reports are shared by all later snapshots of a run. */
static void
step_report_clear (gpointer data)
{
  g_free (((TacetStepReport *) data)->layers);
}

TacetStepReport *
_tacet_step_report_new (int n_layers)
{
  TacetStepReport *self = g_atomic_rc_box_new0 (TacetStepReport);
  self->layers = g_new0 (TacetLayerReport, MAX (n_layers, 1));
  self->n_layers = n_layers;
  return self;
}

static void
step_report_release (gpointer self)
{
  g_atomic_rc_box_release_full (self, step_report_clear);
}

GPtrArray *
_tacet_step_reports_new (void)
{
  return g_ptr_array_new_with_free_func (step_report_release);
}

static gpointer
acquire_report (gconstpointer report, gpointer unused)
{
  return g_atomic_rc_box_acquire ((gpointer) report);
}

static gpointer
copy_text (gconstpointer text, gpointer unused)
{
  return g_strdup (text);
}

static GPtrArray *
copy_array (GPtrArray *from, GCopyFunc copy, GDestroyNotify free_func)
{
  GPtrArray *array = g_ptr_array_new_full (from->len, free_func);
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (array, copy (g_ptr_array_index (from, i), NULL));
  return array;
}

TacetProgress *
_tacet_progress_new (GPtrArray *reports, GPtrArray *names, GPtrArray *notes)
{
  TacetProgress *self = g_atomic_rc_box_new0 (TacetProgress);
  self->reports = copy_array (reports, acquire_report, step_report_release);
  self->control_names = copy_array (names, copy_text, g_free);
  self->notes = copy_array (notes, copy_text, g_free);
  self->seconds_left = -1;
  return self;
}

TacetProgress *
tacet_progress_ref (TacetProgress *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
progress_clear (gpointer data)
{
  TacetProgress *self = data;
  g_clear_pointer (&self->preview, tacet_image_unref);
  g_ptr_array_unref (self->reports);
  g_ptr_array_unref (self->control_names);
  g_ptr_array_unref (self->notes);
}

void
tacet_progress_unref (TacetProgress *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, progress_clear);
}

void
tacet_result_free (TacetResult *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->picture, tacet_image_unref);
  g_clear_pointer (&self->progress, tacet_progress_unref);
  g_free (self);
}
