/* tacet-run-setup.c: from a request to everything that the loop needs.
 *
 * Room: engine/sample.
 */
#include "config.h"
#include "tacet-engine-private.h"
#include "tacet-noise.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

void
_tacet_run_note (TacetRun *run, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_ptr_array_add (run->notes, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST, message);
  return FALSE;
}

gboolean
_tacet_run_no_memory (GError **error)
{
  g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NO_MEMORY, "%s",
               _ ("There is not enough memory for this picture. Choose a smaller size or fewer controls."));
  return FALSE;
}

static gboolean
check_numbers (const TacetRequest *request, GError **error)
{
  if (!isfinite (request->guidance_scale) || fabs (request->guidance_scale) > 1000)
    return refuse (error, _ ("The guidance scale must be a number between −1000 and 1000."));
  if (!(request->guidance_rescale >= 0 && request->guidance_rescale <= 1))
    return refuse (error, _ ("The guidance rescale must be a share from 0 to 1."));
  if (request->count < 1 || request->count > TACET_MAX_PICTURES)
    return refuse (error, _ ("%d pictures are asked for; from 1 to %d can be made in one run."), request->count,
                   TACET_MAX_PICTURES);
  if (request->clip_skip < 1)
    return refuse (error, _ ("The clip skip counts the layers of the text encoder from its end, beginning with 1."));
  if (request->controls->len > TACET_MAX_CONTROLS)
    return refuse (error, _ ("%u controls are switched on; at most %d can be used at once."), request->controls->len,
                   TACET_MAX_CONTROLS);
  if (request->regions->len > TACET_MAX_REGIONS)
    return refuse (error, _ ("%u regions are switched on; at most %d can be used at once."), request->regions->len,
                   TACET_MAX_REGIONS);
  for (guint i = 0; i < request->controls->len; i++)
    {
      const TacetControlRequest *control = g_ptr_array_index (request->controls, i);
      if (!isfinite (control->strength) || fabs (control->strength) > 1000)
        return refuse (error, _ ("The strength of “%s” is not a usable number."), control->name);
      if (!isfinite (control->start) || !isfinite (control->end))
        return refuse (error, _ ("Start or end of “%s” is not a number."), control->name);
    }
  return TRUE;
}

static gboolean
check_size (TacetRun *run, GError **error)
{
  const TacetPipeline *pipeline = run->engine->pipeline;
  int unit = _tacet_pipeline_vae_factor (pipeline), width = run->request->width, height = run->request->height;
  int most = TACET_IMAGE_MAX_SIDE / unit * unit;
  if (width < unit || height < unit || width > most || height > most || width % unit != 0 || height % unit != 0)
    {
      int near_width = CLAMP ((CLAMP (width, 0, most) + unit / 2) / unit * unit, unit, most);
      int near_height = CLAMP ((CLAMP (height, 0, most) + unit / 2) / unit * unit, unit, most);
      return refuse (error,
                     _ ("A picture of %d × %d pixels cannot be made with this model: width and height must be "
                        "multiples of %d, from %d to %d. The nearest size is %d × %d."),
                     width, height, unit, unit, most, near_width, near_height);
    }
  run->height = height / _tacet_pipeline_vae_factor (pipeline);
  run->width = width / _tacet_pipeline_vae_factor (pipeline);
  run->channels = pipeline->vae.latent_channels;
  run->n = (gsize) run->height * run->width * run->channels;
  run->batch = run->request->guidance_scale > 1 ? 2 : 1;
  return TRUE;
}

static gboolean
allocate (TacetRun *run, GError **error)
{
  run->latents = g_try_new0 (float, run->n);
  run->denoised = g_try_new0 (float, run->n);
  run->guided = g_try_new0 (float, run->n);
  run->input = g_try_new0 (float, run->n * run->batch);
  run->output = g_try_new0 (float, run->n * run->batch);
  if (run->latents == NULL || run->denoised == NULL || run->guided == NULL || run->input == NULL || run->output == NULL)
    return _tacet_run_no_memory (error);
  return TRUE;
}

/* --- controls --- */

static gboolean
image_is (const TacetImage *image, guint8 value)
{
  gsize n = (gsize) image->width * image->height;
  for (gsize i = 0; i < n; i++)
    if (image->data[i * image->channels] != value)
      return FALSE;
  return TRUE;
}

gboolean
_tacet_run_in_window (const TacetControlRequest *control, int evaluation, int n_evaluations)
{
  return (double) evaluation / n_evaluations >= control->start && (evaluation + 1.0) / n_evaluations <= control->end;
}

static gboolean
has_an_evaluation (const TacetControlRequest *control, int n)
{
  for (int i = 0; i < n; i++)
    if (_tacet_run_in_window (control, i, n))
      return TRUE;
  return FALSE;
}

/* Why a control is left out, as a note; else it is wanted. */
static gboolean
is_wanted (TacetRun *run, const TacetControlRequest *control)
{
  if (control->map == NULL)
    _tacet_run_note (run, _ ("“%s” was left out: it has no map."), control->name);
  else if (control->coverage != NULL && image_is (control->coverage, 0))
    _tacet_run_note (run, _ ("“%s” was left out: it is silent everywhere."), control->name);
  else if (!has_an_evaluation (control, tacet_schedule_n_evaluations (run->schedule)))
    _tacet_run_note (run, _ ("“%s” was left out: none of the %d steps lies between its start and its end."),
                     control->name, run->request->steps);
  else
    return TRUE;
  return FALSE;
}

gboolean
_tacet_run_fill_mask (const TacetRunControl *control, int height, int width, float *values)
{
  g_autoptr (TacetImage) gray = tacet_image_convert (control->request->coverage, 1);
  if (gray == NULL || !tacet_image_resample (gray, width, height, values))
    return FALSE;
  for (gsize i = 0; i < (gsize) width * height; i++)
    values[i] /= 255;
  return TRUE;
}

/* A ControlNet sees black where its control is silent, as in training; values: height x width x channels. */
static gboolean
blacken_silence (const TacetRunControl *control, int height, int width, int channels, float *values)
{
  gsize n = (gsize) height * width;
  g_autofree float *spoken = g_try_new (float, n);
  if (spoken == NULL || !_tacet_run_fill_mask (control, height, width, spoken))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (spoken[i] <= 0)
      memset (values + i * channels, 0, channels * sizeof (float));
  return TRUE;
}

/* Both halves of guidance see the same map. */
static gboolean
fill_hint (TacetRun *run, TacetRunControl *control, GError **error)
{
  int width = run->request->width, height = run->request->height;
  int channels = control->net->config.conditioning_channels;
  gsize n = (gsize) width * height * channels;
  g_autoptr (TacetImage) map = tacet_image_convert (control->request->map, channels);
  control->hint = g_try_malloc_n (n, sizeof (float));
  if (map == NULL || control->hint == NULL || !tacet_image_resample (map, width, height, control->hint))
    return _tacet_run_no_memory (error);
  if (control->masked && !blacken_silence (control, height, width, channels, control->hint))
    return _tacet_run_no_memory (error);
  for (gsize i = 0; i < n; i++)
    control->hint[i] /= 255;
  return TRUE;
}

static gboolean
prepare_controls (TacetRun *run, GError **error)
{
  gboolean wanted[TACET_MAX_CONTROLS] = { FALSE };
  TacetControlnet *nets[TACET_MAX_CONTROLS] = { NULL };
  const GPtrArray *controls = run->request->controls;
  for (guint i = 0; i < controls->len; i++)
    {
      const TacetControlRequest *control = g_ptr_array_index (controls, i);
      g_ptr_array_add (run->names, g_strdup (control->name != NULL ? control->name : ""));
      wanted[i] = is_wanted (run, control);
    }
  if (!_tacet_engine_use_controlnets (run->engine, run->request, wanted, nets, error))
    return FALSE;
  for (guint i = 0; i < controls->len; i++)
    {
      const TacetControlRequest *request = g_ptr_array_index (controls, i);
      if (!wanted[i])
        continue;
      TacetRunControl *control = &run->controls[run->n_controls++];
      *control = (TacetRunControl){ .index = (int) i, .request = request, .net = nets[i] };
      control->masked = request->coverage != NULL && !image_is (request->coverage, 255);
      control->conditional_only =
          run->batch == 2 && (run->request->control_conditional_only || run->request->guess != TACET_GUESS_NONE ||
                              nets[i]->config.global_pool);
      if (!fill_hint (run, control, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
start_from_noise (TacetRun *run, GError **error)
{
  if (!tacet_noise_latents (&run->generator, run->height, run->width, run->channels, run->latents))
    return _tacet_run_no_memory (error);
  double sigma = tacet_schedule_init_sigma (run->schedule);
  for (gsize i = 0; i < run->n; i++)
    run->latents[i] = (float) (run->latents[i] * sigma);
  return TRUE;
}

gboolean
_tacet_run_start (TacetRun *run, guint64 seed, GError **error)
{
  tacet_noise_seed (&run->generator, seed);
  run->denoiser = NULL; /* its constant inputs are set again */
  g_clear_pointer (&run->preview, tacet_image_unref);
  if (run->image_latents != NULL ? !_tacet_run_start_image (run, error) : !start_from_noise (run, error))
    return FALSE;
  g_clear_pointer (&run->sampling, tacet_sampling_free);
  run->sampling = tacet_sampling_new (run->schedule, &run->generator, run->channels, run->n, error);
  return run->sampling != NULL;
}

static gboolean
make_schedule (TacetRun *run, GError **error)
{
  const TacetRequest *request = run->request;
  TacetScheduleOptions options = tacet_schedule_options (request->sampler, request->steps);
  options.spacing = request->spacing;
  options.karras = request->karras;
  options.eta = request->eta;
  if (request->image != NULL && request->denoising_strength > 0) /* 0: no step is taken */
    options.strength = request->denoising_strength;
  run->schedule = tacet_schedule_new (&run->engine->pipeline->schedule, &options, error);
  return run->schedule != NULL;
}

/* What lies in the model's files and LoRAs and is not used. */
static void
note_model (TacetRun *run)
{
  const GPtrArray *notes = run->engine->pipeline->files->notes;
  for (guint i = 0; i < notes->len; i++)
    _tacet_run_note (run, "%s", (const char *) notes->pdata[i]);
}

gboolean
_tacet_run_prepare (TacetRun *run, GError **error)
{
  if (!check_numbers (run->request, error) || !_tacet_engine_use_pipeline (run->engine, run->request, error) ||
      !check_size (run, error) || !make_schedule (run, error))
    return FALSE;
  note_model (run);
  return !g_cancellable_set_error_if_cancelled (run->cancellable, error) && allocate (run, error) &&
         prepare_controls (run, error) && _tacet_run_prepare_regions (run, error) &&
         _tacet_run_encode_prompts (run, error) && _tacet_run_prepare_image (run, error);
}

void
_tacet_run_clear (TacetRun *run)
{
  _tacet_engine_finish_decoders (run->engine);
  g_clear_pointer (&run->sampling, tacet_sampling_free);
  g_clear_pointer (&run->schedule, tacet_schedule_free);
  g_free (run->latents);
  g_free (run->denoised);
  g_free (run->guided);
  g_free (run->input);
  g_free (run->output);
  g_free (run->context);
  g_free (run->colors);
  g_clear_pointer (&run->preview, tacet_image_unref);
  _tacet_run_clear_image (run);
  for (int k = 0; k < run->n_controls; k++)
    g_free (run->controls[k].hint);
  g_ptr_array_unref (run->reports);
  for (int i = 0; i < run->n_texts; i++)
    g_clear_pointer (&run->texts[i].share, tacet_image_unref);
  g_ptr_array_unref (run->names);
  g_ptr_array_unref (run->region_names);
  g_ptr_array_unref (run->notes);
}
