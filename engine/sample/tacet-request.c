/* tacet-request.c: requests, progress and results as values.
 *
 * Room: engine/sample.
 */
#include "tacet-sample-private.h"

static const char *const guess_ids[TACET_N_GUESSES] = { "none", "guess-cldm", "guess-diffusers" };

const char *
tacet_guess_id (TacetGuess guess)
{
  g_return_val_if_fail (guess < TACET_N_GUESSES, "");
  return guess_ids[guess];
}

gboolean
tacet_guess_parse (const char *id, TacetGuess *guess)
{
  for (int i = 0; id != NULL && i < TACET_N_GUESSES; i++)
    if (strcmp (id, guess_ids[i]) == 0)
      {
        *guess = (TacetGuess) i;
        return TRUE;
      }
  return FALSE;
}

TacetLora *
tacet_lora_new (const char *path, double weight)
{
  TacetLora *self = g_new0 (TacetLora, 1);
  self->path = g_strdup (path);
  self->weight = weight;
  return self;
}

void
tacet_lora_free (TacetLora *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self);
}

static gpointer
copy_lora (gconstpointer source, gpointer unused)
{
  const TacetLora *from = source;
  return tacet_lora_new (from->path, from->weight);
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

TacetRegionRequest *
tacet_region_request_new (const char *name, const char *prompt, const char *negative_prompt, TacetImage *mask)
{
  TacetRegionRequest *self = g_new0 (TacetRegionRequest, 1);
  self->name = g_strdup (name);
  self->prompt = g_strdup (prompt);
  self->negative_prompt = g_strdup (negative_prompt);
  self->mask = mask;
  return self;
}

void
tacet_region_request_free (TacetRegionRequest *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->prompt);
  g_free (self->negative_prompt);
  g_clear_pointer (&self->mask, tacet_image_unref);
  g_free (self);
}

static GPtrArray *
copy_array (GPtrArray *from, GCopyFunc copy, GDestroyNotify free_func)
{
  guint n = from != NULL ? from->len : 0;
  GPtrArray *array = g_ptr_array_new_full (n, free_func);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (array, copy (g_ptr_array_index (from, i), NULL));
  return array;
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

static gpointer
copy_region (gconstpointer source, gpointer unused)
{
  const TacetRegionRequest *from = source;
  return tacet_region_request_new (from->name, from->prompt, from->negative_prompt,
                                   from->mask != NULL ? tacet_image_ref (from->mask) : NULL);
}

TacetRequest *
tacet_request_new (void)
{
  TacetRequest *self = g_new0 (TacetRequest, 1);
  self->model = g_strdup ("starter");
  self->prompt = g_strdup ("");
  self->negative_prompt = g_strdup ("");
  self->clip_skip = 1;
  self->width = self->height = 64;
  self->count = 1;
  self->steps = 20;
  self->sampler = TACET_SAMPLER_DDIM;
  self->guidance_scale = 3;
  self->combine = tacet_combine_default ();
  self->controls = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_control_request_free);
  self->regions = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_region_request_free);
  self->loras = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_lora_free);
  self->denoising_strength = 1;
  self->mask_feather = TACET_MASK_FEATHER;
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
  copy->vae = g_strdup (self->vae);
  copy->controls = copy_array (self->controls, copy_control, (GDestroyNotify) tacet_control_request_free);
  copy->regions = copy_array (self->regions, copy_region, (GDestroyNotify) tacet_region_request_free);
  copy->loras = copy_array (self->loras, copy_lora, (GDestroyNotify) tacet_lora_free);
  copy->image = self->image != NULL ? tacet_image_ref (self->image) : NULL;
  copy->mask = self->mask != NULL ? tacet_image_ref (self->mask) : NULL;
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
  g_free (self->vae);
  g_clear_pointer (&self->controls, g_ptr_array_unref);
  g_clear_pointer (&self->regions, g_ptr_array_unref);
  g_clear_pointer (&self->loras, g_ptr_array_unref);
  g_clear_pointer (&self->image, tacet_image_unref);
  g_clear_pointer (&self->mask, tacet_image_unref);
  g_free (self);
}

/* Step reports are shared by all later snapshots of a run. */
static void
step_report_clear (gpointer data)
{
  TacetStepReport *self = data;
  g_free (self->layers[0].gram);
  g_free (self->layers);
}

/* The matrices of all layers are one piece of memory, of which the first layer has the beginning. */
TacetStepReport *
_tacet_step_report_new (int n_layers, int n_controls)
{
  TacetStepReport *self = g_atomic_rc_box_new0 (TacetStepReport);
  double *gram = g_new0 (double, MAX (n_layers * n_controls * n_controls, 1));
  self->layers = g_new0 (TacetLayerReport, MAX (n_layers, 1));
  self->n_layers = n_layers;
  self->n_controls = n_controls;
  for (int i = 0; i < MAX (n_layers, 1); i++)
    self->layers[i].gram = gram + i * n_controls * n_controls;
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

TacetProgress *
_tacet_progress_new (GPtrArray *reports, GPtrArray *names, GPtrArray *region_names, GPtrArray *notes)
{
  TacetProgress *self = g_atomic_rc_box_new0 (TacetProgress);
  self->reports = copy_array (reports, acquire_report, step_report_release);
  self->control_names = copy_array (names, copy_text, g_free);
  self->region_names = copy_array (region_names, copy_text, g_free);
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
  g_clear_pointer (&self->region_names, g_ptr_array_unref);
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
  g_clear_pointer (&self->pictures, g_ptr_array_unref);
  g_free (self);
}

static void
picture_free (gpointer data)
{
  TacetPicture *self = data;
  tacet_image_unref (self->image);
  tacet_progress_unref (self->progress);
  g_free (self);
}

GPtrArray *
_tacet_pictures_new (void)
{
  return g_ptr_array_new_with_free_func (picture_free);
}
