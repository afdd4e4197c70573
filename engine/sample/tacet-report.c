/* tacet-report.c: what a run did, as JSON for other programs.
 *
 * Room: engine/sample.
 */
#include "tacet-report.h"
#include "engine/image/tacet-image.h"
#include <math.h>
#include <string.h>

static gboolean
reads_back (double value, int digits, char text[G_ASCII_DTOSTR_BUF_SIZE])
{
  char format[8];
  g_snprintf (format, sizeof format, "%%.%dg", digits);
  g_ascii_formatd (text, G_ASCII_DTOSTR_BUF_SIZE, format, value);
  return g_ascii_strtod (text, NULL) == value;
}

/* The shortest of the forms that read back as the same number: nearly all that were computed need 16 or 17 digits. */
static void
append_number (GString *json, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  if (!isfinite (value))
    {
      g_string_append (json, "null");
      return;
    }
  int digits = reads_back (value, 15, text) ? 1 : 16;
  while (digits < 17 && !reads_back (value, digits, text))
    digits++;
  if (digits == 17)
    reads_back (value, 17, text);
  g_string_append (json, text);
}

static void
append_string (GString *json, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_string_append_c (json, '"');
  for (const char *c = valid; *c != '\0'; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (json, "\\%c", *c);
    else if ((guchar) *c < 0x20)
      g_string_append_printf (json, "\\u%04x", *c);
    else
      g_string_append_c (json, *c);
  g_string_append_c (json, '"');
}

static void
append_key (GString *json, const char *key)
{
  g_string_append_printf (json, ", \"%s\": ", key);
}

static void
append_numbers (GString *json, const double *values, int n)
{
  g_string_append_c (json, '[');
  for (int i = 0; i < n; i++)
    {
      g_string_append (json, i > 0 ? ", " : "");
      append_number (json, values[i]);
    }
  g_string_append_c (json, ']');
}

static void
append_if (GString *json, const char *key, double value, double usual)
{
  if (value == usual)
    return;
  append_key (json, key);
  append_number (json, value);
}

static void
append_loras (GString *json, const GPtrArray *loras)
{
  for (guint i = 0; i < loras->len; i++)
    {
      const TacetLora *lora = g_ptr_array_index (loras, i);
      g_string_append (json, i > 0 ? ", { \"path\": " : ", \"loras\": [{ \"path\": ");
      append_string (json, lora->path);
      append_key (json, "weight");
      append_number (json, lora->weight);
      g_string_append (json, i + 1 < loras->len ? " }" : " }]");
    }
}

static void
append_scene_control (GString *json, const TacetControlRequest *control)
{
  g_string_append_printf (json, "{ \"kind\": \"%s\"", tacet_control_kind_id (control->kind));
  if (control->model != NULL)
    {
      append_key (json, "model");
      append_string (json, control->model);
    }
  append_key (json, "strength");
  append_number (json, control->strength);
  append_key (json, "start");
  append_number (json, control->start);
  append_key (json, "end");
  append_number (json, control->end);
  g_string_append (json, ", \"enabled\": true }");
}

static void
append_scene_region (GString *json, const TacetRegionRequest *region)
{
  g_string_append (json, "{ \"kind\": \"region\"");
  append_key (json, "name");
  append_string (json, region->name);
  append_key (json, "prompt");
  append_string (json, region->prompt);
  append_key (json, "negative_prompt");
  append_string (json, region->negative_prompt);
  g_string_append (json, ", \"enabled\": true }");
}

/* Fields that are not as usual, as scene files have them; pictures are left out. */
static void
append_details (GString *json, const TacetRequest *request)
{
  if (request->spacing != TACET_SPACING_DEFAULT)
    g_string_append_printf (json, ", \"spacing\": \"%s\"", tacet_spacing_id (request->spacing));
  if (request->karras != TACET_KARRAS_DEFAULT)
    g_string_append_printf (json, ", \"karras\": %s", request->karras == TACET_KARRAS_ON ? "true" : "false");
  append_if (json, "eta", request->eta, 0);
  append_if (json, "guidance_rescale", request->guidance_rescale, 0);
  append_if (json, "clip_skip", request->clip_skip, 1);
  append_if (json, "count", request->count, 1);
  if (request->guess != TACET_GUESS_NONE)
    g_string_append_printf (json, ", \"guess\": \"%s\"", tacet_guess_id (request->guess));
  if (request->prefer_ema)
    g_string_append (json, ", \"prefer_ema\": true");
  if (request->control_conditional_only)
    g_string_append (json, ", \"control_conditional_only\": true");
  if (request->vae != NULL)
    {
      append_key (json, "vae");
      append_string (json, request->vae);
    }
  append_loras (json, request->loras);
  if (request->image != NULL)
    {
      append_key (json, "denoising_strength");
      append_number (json, request->denoising_strength);
    }
  if (request->mask != NULL)
    {
      append_key (json, "mask_feather");
      append_number (json, request->mask_feather);
    }
}

static void
append_scene (GString *json, const TacetRequest *request)
{
  g_autofree char *combine = tacet_combine_to_string (&request->combine);
  g_string_append (json, "{ \"format\": \"tacet-scene\", \"version\": 2");
  g_string_append_printf (json, ", \"width\": %d, \"height\": %d", request->width, request->height);
  append_key (json, "model");
  append_string (json, request->model);
  append_key (json, "prompt");
  append_string (json, request->prompt);
  append_key (json, "negative_prompt");
  append_string (json, request->negative_prompt);
  g_string_append_printf (json, ", \"seed\": %" G_GUINT64_FORMAT ", \"steps\": %d, \"sampler\": \"%s\"", request->seed,
                          request->steps, tacet_sampler_id (request->sampler));
  append_key (json, "guidance_scale");
  append_number (json, request->guidance_scale);
  append_key (json, "combine");
  append_string (json, combine);
  append_details (json, request);
  append_key (json, "layers");
  g_string_append_c (json, '[');
  for (guint i = 0; i < request->controls->len; i++)
    {
      g_string_append (json, i > 0 ? ", " : "");
      append_scene_control (json, g_ptr_array_index (request->controls, i));
    }
  for (guint i = 0; i < request->regions->len; i++)
    {
      g_string_append (json, i + request->controls->len > 0 ? ", " : "");
      append_scene_region (json, g_ptr_array_index (request->regions, i));
    }
  g_string_append (json, "] }");
}

static void
append_texts (GString *json, const GPtrArray *texts)
{
  g_string_append_c (json, '[');
  for (guint i = 0; i < texts->len; i++)
    {
      g_string_append (json, i > 0 ? ", " : "");
      append_string (json, g_ptr_array_index (texts, i));
    }
  g_string_append_c (json, ']');
}

static void
append_layer (GString *json, const TacetStepReport *step, const TacetLayerReport *layer)
{
  const TacetBalance *balance = &layer->balance;
  int n = step->n_controls, n_dropped = 0;
  g_string_append_printf (json, "{ \"layer\": %d", layer->layer);
  append_key (json, "unet_norm");
  append_number (json, balance->unet_norm);
  append_key (json, "combined_norm");
  append_number (json, balance->combined_norm);
  append_key (json, "unet_dot_combined");
  append_number (json, balance->unet_dot_combined);
  append_key (json, "lambda");
  append_number (json, balance->lambda);
  append_key (json, "gram");
  for (int k = 0; k < n; k++)
    {
      g_string_append (json, k > 0 ? ", " : "[");
      append_numbers (json, layer->gram + k * n, n);
    }
  g_string_append_c (json, ']');
  append_key (json, "weights");
  append_numbers (json, balance->weights, n);
  append_key (json, "strengths");
  append_numbers (json, layer->strengths, n);
  append_key (json, "coefficients");
  append_numbers (json, balance->coefficients, n);
  append_key (json, "dropped");
  g_string_append_c (json, '[');
  for (int k = 0; k < n; k++)
    if (balance->dropped[k])
      g_string_append_printf (json, "%s%d", n_dropped++ > 0 ? ", " : "", step->controls[k]);
  g_string_append (json, "] }");
}

static void
append_step (GString *json, const TacetStepReport *step)
{
  g_string_append_printf (json, "{ \"step\": %d, \"timestep\": %d, \"half\": \"%s\", \"active\": [", step->step,
                          step->timestep, step->conditional ? "conditional" : "unconditional");
  for (int k = 0; k < step->n_controls; k++)
    g_string_append_printf (json, "%s%d", k > 0 ? ", " : "", step->controls[k]);
  g_string_append (json, "], \"regions\": [");
  for (int k = 0; k < step->n_regions; k++)
    g_string_append_printf (json, "%s%d", k > 0 ? ", " : "", step->regions[k]);
  g_string_append (json, "],\n      \"layers\": [");
  for (int i = 0; i < step->n_layers; i++)
    {
      g_string_append (json, i > 0 ? ",\n        " : "\n        ");
      append_layer (json, step, &step->layers[i]);
    }
  g_string_append (json, "] }");
}

char *
tacet_report_to_json (const TacetRequest *request, const TacetProgress *progress, const char *scene)
{
  GString *json = g_string_new ("{ \"format\": \"tacet-report\", \"version\": 1,\n  \"scene\": ");
  if (scene != NULL)
    g_string_append (json, scene);
  else
    append_scene (json, request);
  g_string_append (json, ",\n  \"controls\": ");
  append_texts (json, progress->control_names);
  g_string_append (json, ",\n  \"regions\": ");
  append_texts (json, progress->region_names);
  g_string_append (json, ",\n  \"notes\": ");
  append_texts (json, progress->notes);
  g_string_append (json, ",\n  \"seconds\": ");
  append_number (json, progress->seconds);
  g_string_append_printf (json, ",\n  \"memory\": %" G_GSIZE_FORMAT, progress->memory);
  g_string_append (json, ",\n  \"steps\": [");
  for (guint i = 0; i < progress->reports->len; i++)
    {
      g_string_append (json, i > 0 ? ",\n    " : "\n    ");
      append_step (json, g_ptr_array_index (progress->reports, i));
    }
  g_string_append (json, "]\n}\n");
  return g_string_free (json, FALSE);
}

gboolean
tacet_report_write (const char *path, const TacetRequest *request, const TacetProgress *progress, const char *scene,
                    GError **error)
{
  g_autofree char *json = tacet_report_to_json (request, progress, scene);
  return tacet_write_file (path, json, strlen (json), error);
}
