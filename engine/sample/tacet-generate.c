/* tacet-generate.c: one generation: the loop over the steps, its progress and its reports.
 *
 * Room: engine/sample.  Source: docs/method.md section 4.5; step windows and guidance as in diffusers'
 * StableDiffusionControlNetPipeline.
 */
#include "config.h"
#include "tacet-engine-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* --- one evaluation --- */

static int
choose_active (const TacetRun *run, int index, int *active)
{
  int n = 0;
  for (int k = 0; k < run->n_controls; k++)
    if (_tacet_run_in_window (run->controls[k].request, index, tacet_schedule_n_evaluations (run->schedule)))
      active[n++] = k;
  return n;
}

static gboolean
set_masks (TacetRun *run, GError **error)
{
  for (guint i = 0; i < run->denoiser->masks->len; i++)
    {
      const TacetMaskInput *mask = &g_array_index (run->denoiser->masks, TacetMaskInput, i);
      const TacetRunControl *control = &run->controls[run->active[mask->control]];
      int height = (int) mask->value->shape.d[1], width = (int) mask->value->shape.d[2];
      g_autofree float *values = g_try_new (float, (gsize) height *width);
      if (values == NULL || !_tacet_run_fill_mask (control, height, width, values))
        {
          g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY, "masks");
          return FALSE;
        }
      if (!tacet_plan_set (run->denoiser->plan, mask->value, values, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
set_shares (TacetRun *run, GError **error)
{
  for (guint i = 0; i < run->denoiser->shares->len; i++)
    {
      TacetValue *value = g_array_index (run->denoiser->shares, TacetValue *, i);
      int height = (int) value->shape.d[1], width = (int) value->shape.d[2];
      g_autofree float *values = g_try_new (float, (gsize) tacet_shape_count (value->shape));
      if (values == NULL || !_tacet_run_fill_shares (run, height, width, values))
        {
          g_set_error (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY, "shares");
          return FALSE;
        }
      if (!tacet_plan_set (run->denoiser->plan, value, values, error))
        return FALSE;
    }
  return TRUE;
}

/* Fixed weights belong to the request's controls by position. */
static TacetCombine
combine_of_active (const TacetRun *run)
{
  TacetCombine combine = run->request->combine;
  for (int k = 0; k < run->n_active && combine.kind == TACET_COMBINE_WEIGHTS; k++)
    {
      int index = run->controls[run->active[k]].index;
      combine.weights[k] = index < run->request->combine.n_weights ? run->request->combine.weights[index] : 1;
    }
  combine.n_weights = combine.kind == TACET_COMBINE_WEIGHTS ? run->n_active : 0;
  return combine;
}

/* The factor of a guess mode on one layer. */
static double
guess_scale (const TacetRun *run, int k, int layer, int n_layers)
{
  switch (run->request->guess)
    {
    case TACET_GUESS_CLDM:
      return pow (0.825, n_layers - 1 - layer);
    case TACET_GUESS_DIFFUSERS:
      return run->controls[run->active[k]].net->config.global_pool ? 1 : pow (10, (double) layer / (n_layers - 1) - 1);
    default:
      return 1;
    }
}

static void
set_inject (TacetRun *run)
{
  TacetInject *inject = run->denoiser->inject;
  TacetCombine combine = combine_of_active (run);
  double strengths[TACET_MAX_CONTROLS];
  int n_layers = tacet_inject_n_layers (inject);
  for (int k = 0; k < run->n_active; k++)
    {
      strengths[k] = run->controls[run->active[k]].request->strength;
      for (int layer = 0; layer < n_layers; layer++)
        tacet_inject_set_scale (inject, layer, k, guess_scale (run, k, layer, n_layers));
    }
  tacet_inject_set (inject, &combine, strengths);
}

/* What stays the same from step to step, as long as the set of active controls does. */
static gboolean
set_constant_inputs (TacetRun *run, GError **error)
{
  TacetDenoiser *denoiser = run->denoiser;
  if (!tacet_plan_set (denoiser->plan, denoiser->context, run->context, error) ||
      (denoiser->masking != NULL && !tacet_plan_set (denoiser->plan, denoiser->masking, run->masking, error)))
    return FALSE;
  for (int k = 0; k < run->n_active; k++)
    if (!tacet_plan_set (denoiser->plan, denoiser->hints[k], run->controls[run->active[k]].hint, error))
      return FALSE;
  if (denoiser->inject != NULL)
    set_inject (run);
  return set_masks (run, error) && set_shares (run, error);
}

static gboolean
use_denoiser (TacetRun *run, int index, GError **error)
{
  int active[TACET_MAX_CONTROLS], n = choose_active (run, index, active);
  if (run->denoiser != NULL && n == run->n_active && memcmp (active, run->active, n * sizeof (int)) == 0)
    return TRUE;
  TacetDenoiserSpec spec = { .pipeline = run->engine->pipeline,
                             .height = run->height,
                             .width = run->width,
                             .batch = run->batch,
                             .n_texts = run->n_texts,
                             .n_controls = n };
  for (int i = 0; i < run->n_texts; i++)
    spec.n_tokens[i] = run->texts[i].n_tokens;
  for (int k = 0; k < n; k++)
    {
      spec.nets[k] = run->controls[active[k]].net;
      spec.masked[k] = run->controls[active[k]].masked;
      spec.conditional_only[k] = run->controls[active[k]].conditional_only;
    }
  memcpy (run->active, active, sizeof active);
  run->n_active = n;
  run->denoiser = _tacet_engine_denoiser (run->engine, &spec, error);
  if (run->denoiser == NULL)
    return FALSE;
  run->denoiser_flops = _tacet_plan_flops (run->denoiser->plan);
  GError *cause = NULL;
  if (set_constant_inputs (run, &cause))
    return TRUE;
  _tacet_sample_propagate (error, cause, run->engine->pipeline->folder);
  return FALSE;
}

static gboolean
evaluate (TacetRun *run, int index, GError **error)
{
  TacetDenoiser *denoiser = run->denoiser;
  float timesteps[2], scale = (float) tacet_schedule_input_scale (run->schedule, index);
  timesteps[0] = timesteps[1] = (float) tacet_schedule_timestep (run->schedule, index);
  for (int half = 0; half < run->batch; half++)
    for (gsize i = 0; i < run->n; i++)
      run->input[half * run->n + i] = run->latents[i] * scale;
  GError *cause = NULL;
  if (tacet_plan_set (denoiser->plan, denoiser->sample, run->input, &cause) &&
      tacet_plan_set (denoiser->plan, denoiser->timestep, timesteps, &cause) &&
      tacet_plan_run (denoiser->plan, run->cancellable, &cause) &&
      tacet_plan_get (denoiser->plan, denoiser->out, run->output, &cause))
    return TRUE;
  _tacet_sample_propagate (error, cause, run->engine->pipeline->folder);
  return FALSE;
}

static double
deviation (const float *values, gsize n)
{
  double sum = 0, squares = 0;
  for (gsize i = 0; i < n; i++)
    sum += values[i];
  for (gsize i = 0; i < n; i++)
    squares += (values[i] - sum / (double) n) * (values[i] - sum / (double) n);
  return sqrt (squares / (double) MAX (n - 1, 1));
}

/* Lin et al. 2024, section 3.4: guidance stretches the values; a share of them is given the spread back
 * that they had without it. */
static void
rescale_guided (TacetRun *run, const float *conditional)
{
  double share = run->request->guidance_rescale, spread = deviation (run->guided, run->n);
  if (share <= 0 || !(spread > 0))
    return;
  float factor = (float) (share * deviation (conditional, run->n) / spread + 1 - share);
  for (gsize i = 0; i < run->n; i++)
    run->guided[i] *= factor;
}

static gboolean
guide (TacetRun *run, int index, GError **error)
{
  const float *conditional = run->output + (run->batch - 1) * run->n;
  float scale = run->batch == 2 ? (float) run->request->guidance_scale : 1;
  double sum = 0;
  for (gsize i = 0; i < run->n; i++)
    {
      run->guided[i] = run->batch == 2 ? run->output[i] + scale * (conditional[i] - run->output[i]) : conditional[i];
      sum += run->guided[i];
    }
  if (run->batch == 2)
    rescale_guided (run, conditional);
  if (isfinite (sum))
    return TRUE;
  g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NUMBERS,
               _ ("The network's values overflowed at step %d. Lower the strengths or the guidance scale; if that does "
                  "not help, the model's files are damaged."),
               MIN (tacet_schedule_steps_done (run->schedule, index) + 1, tacet_schedule_n_steps (run->schedule)));
  return FALSE;
}

/* --- reports --- */

/* The controls that took part in this half: positions among the active ones. */
static int
half_controls (const TacetRun *run, int half, int *positions)
{
  int n = 0;
  for (int k = 0; k < run->n_active && run->denoiser->inject != NULL; k++)
    if (tacet_inject_takes_part (run->denoiser->inject, k, half))
      positions[n++] = k;
  return n;
}

static void
fill_layer (const TacetRun *run, int layer, int half, const int *positions, int n, TacetLayerReport *report)
{
  const TacetInject *inject = run->denoiser->inject;
  const double *gram = tacet_inject_gram (inject, layer, half);
  const TacetBalance *balance = tacet_inject_balance (inject, layer, half);
  int stride = run->n_active + 1;
  report->layer = layer;
  report->balance = *balance;
  for (int k = 0; k < n; k++)
    {
      report->balance.weights[k] = balance->weights[positions[k]];
      report->balance.coefficients[k] = balance->coefficients[positions[k]];
      report->balance.dropped[k] = balance->dropped[positions[k]];
      report->strengths[k] = tacet_inject_strength (inject, layer, positions[k]);
      for (int l = 0; l < n; l++)
        report->gram[k * n + l] = gram[(positions[k] + 1) * stride + positions[l] + 1];
    }
}

static void
add_report (TacetRun *run, int index, int half)
{
  TacetInject *inject = run->denoiser->inject;
  int n_layers = inject != NULL ? tacet_inject_n_layers (inject) : 0, positions[TACET_MAX_CONTROLS];
  int n_controls = half_controls (run, half, positions);
  TacetStepReport *report = _tacet_step_report_new (n_layers, n_controls);
  report->step = index;
  report->timestep = (int) lrint (tacet_schedule_timestep (run->schedule, index));
  report->conditional = half == run->batch - 1;
  report->n_regions = run->n_regions;
  memcpy (report->regions, run->regions, sizeof run->regions);
  for (int k = 0; k < n_controls; k++)
    {
      const TacetRunControl *control = &run->controls[run->active[positions[k]]];
      report->controls[k] = control->index;
      report->strengths[k] = control->request->strength;
    }
  for (int layer = 0; layer < n_layers; layer++)
    fill_layer (run, layer, half, positions, n_controls, &report->layers[layer]);
  g_ptr_array_add (run->reports, report);
}

static void
add_reports (TacetRun *run, int index)
{
  for (int half = run->batch - 1; half >= 0; half--)
    add_report (run, index, half);
}

/* --- progress --- */

static TacetProgress *
make_progress (TacetRun *run, int n_done, TacetImage *preview)
{
  TacetProgress *progress = _tacet_progress_new (run->reports, run->names, run->region_names, run->notes);
  gint64 now = g_get_monotonic_time ();
  int n_all = tacet_schedule_n_evaluations (run->schedule), before = run->picture * n_all;
  progress->picture = run->picture;
  progress->n_pictures = run->request->count;
  progress->step = tacet_schedule_steps_done (run->schedule, n_done);
  progress->n_steps = tacet_schedule_n_steps (run->schedule);
  progress->n_evaluations = n_all;
  progress->seconds = 1e-6 * (double) (now - run->started);
  progress->memory = run->engine->backend->peak;
  progress->preview = preview;
  if (before + n_done > 0)
    progress->seconds_left =
        1e-6 * (double) (now - run->loop_started) / (before + n_done) * (run->request->count * n_all - before - n_done);
  return progress;
}

/* preview: taken */
static void
tell (TacetRun *run, int n_done, TacetImage *preview)
{
  g_autoptr (TacetProgress) progress = make_progress (run, n_done, preview);
  run->func (progress, run->user_data);
}

static gboolean
run_evaluation (TacetRun *run, int index, GError **error)
{
  if (!use_denoiser (run, index, error) || !evaluate (run, index, error) || !guide (run, index, error))
    return FALSE;
  tacet_sampling_step (run->sampling, run->latents, run->guided, run->denoised);
  add_reports (run, index);
  if (!_tacet_run_keep_image (run, index, error))
    return FALSE;
  if (run->func == NULL || index + 1 == tacet_schedule_n_evaluations (run->schedule))
    return TRUE;
  GError *cause = NULL;
  TacetImage *preview = _tacet_run_preview (run, &cause);
  if (cause != NULL)
    {
      g_propagate_error (error, cause);
      return FALSE;
    }
  tell (run, index + 1, _tacet_run_blend (run, preview, 0));
  return TRUE;
}

/* With a denoising strength of 0 nothing is left to do. */
static TacetImage *
make_picture (TacetRun *run, GError **error)
{
  TacetImage *picture = NULL;
  if (run->request->image != NULL && run->request->denoising_strength <= 0)
    picture = tacet_image_convert (run->original, 3);
  else
    {
      for (int i = 0; i < tacet_schedule_n_evaluations (run->schedule); i++)
        if (!run_evaluation (run, i, error))
          return NULL;
      picture = _tacet_run_decode (run, run->latents, error);
      if (picture == NULL)
        return NULL;
      picture = _tacet_run_blend (run, picture, run->request->mask_feather);
    }
  if (picture == NULL)
    _tacet_run_no_memory (error);
  return picture;
}

static TacetPicture *
run_picture (TacetRun *run, GError **error)
{
  guint64 seed = run->request->seed + run->picture;
  g_ptr_array_set_size (run->reports, 0);
  if (!_tacet_run_start (run, seed, error))
    return NULL;
  if (run->func != NULL)
    tell (run, 0, NULL);
  TacetImage *image = make_picture (run, error);
  if (image == NULL)
    return NULL;
  TacetPicture *picture = g_new0 (TacetPicture, 1);
  picture->seed = seed;
  picture->image = image;
  picture->progress = make_progress (run, tacet_schedule_n_evaluations (run->schedule), tacet_image_ref (image));
  if (run->func != NULL)
    run->func (picture->progress, run->user_data);
  return picture;
}

static TacetResult *
run_all (TacetRun *run, GError **error)
{
  if (!_tacet_run_prepare (run, error))
    return NULL;
  g_autoptr (GPtrArray) pictures = _tacet_pictures_new ();
  run->loop_started = g_get_monotonic_time ();
  for (run->picture = 0; run->picture < run->request->count; run->picture++)
    {
      TacetPicture *picture = run_picture (run, error);
      if (picture == NULL)
        return NULL;
      g_ptr_array_add (pictures, picture);
    }
  const TacetPicture *first = g_ptr_array_index (pictures, 0);
  TacetResult *result = g_new0 (TacetResult, 1);
  result->picture = tacet_image_ref (first->image);
  result->progress = tacet_progress_ref (first->progress);
  result->pictures = g_steal_pointer (&pictures);
  return result;
}

TacetResult *
tacet_engine_generate (TacetEngine *self, const TacetRequest *request, TacetProgressFunc func, gpointer user_data,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (TacetRequest) copy = tacet_request_copy (request);
  TacetRun run = { .engine = self,
                   .request = copy,
                   .cancellable = cancellable,
                   .func = func,
                   .user_data = user_data,
                   .reports = _tacet_step_reports_new (),
                   .names = g_ptr_array_new_with_free_func (g_free),
                   .region_names = g_ptr_array_new_with_free_func (g_free),
                   .notes = g_ptr_array_new_with_free_func (g_free),
                   .started = g_get_monotonic_time () };
  self->backend->peak = self->backend->used;
  TacetResult *result = run_all (&run, error);
  _tacet_run_clear (&run);
  return result;
}
