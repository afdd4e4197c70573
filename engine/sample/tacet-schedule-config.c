/* tacet-schedule-config.c: scheduler_config.json.
 *
 * Room: engine/sample.
 */
#include "config.h"
#include "engine/weights/tacet-json.h"
#include "tacet-schedule.h"
#include <glib/gi18n-lib.h>

GQuark
tacet_sample_error_quark (void)
{
  return g_quark_from_static_string ("tacet-sample-error");
}

/* A name of a list in the configuration; absent: `value` stays. */
static gboolean
get_choice (JsonObject *object, const char *field, const char *const *names, int *value, GError **error)
{
  const char *name = NULL;
  if (!tacet_json_get_string (object, field, &name, error))
    return FALSE;
  for (int i = 0; name != NULL && names[i] != NULL; i++)
    if (g_str_equal (name, names[i]))
      {
        *value = i;
        return TRUE;
      }
  if (name == NULL)
    return TRUE;
  g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL,
               _ ("“%s” of the scheduler is “%s”, which is not supported"), field, name);
  return FALSE;
}

static gboolean
refuse_field (const char *field, GError **error)
{
  g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL, _ ("“%s” of the scheduler is not supported"),
               field);
  return FALSE;
}

static gboolean
read_fields (TacetScheduleConfig *config, JsonObject *object, GError **error)
{
  static const char *const betas[] = { "linear", "scaled_linear", "squaredcos_cap_v2", NULL };
  static const char *const spacings[] = { "", "leading", "trailing", "linspace", NULL };
  static const char *const predictions[] = { "epsilon", "v_prediction", "sample", NULL };
  const char *class_name = NULL;
  int beta = TACET_BETAS_LINEAR, spacing = TACET_SPACING_DEFAULT, prediction = TACET_PREDICT_EPSILON;
  gboolean thresholding = FALSE;
  if (!tacet_json_get_string (object, "_class_name", &class_name, error))
    return FALSE;

  *config = (TacetScheduleConfig){
    .n_train = 1000, .beta_start = 1e-4, .beta_end = 0.02, .set_alpha_to_one = TRUE, .clip_range = 1
  };
  /* diffusers' defaults; other classes know no clipping. */
  config->clip_sample = g_strcmp0 (class_name, "DDIMScheduler") == 0;
  if (!(tacet_json_get_int (object, "num_train_timesteps", 1, 100000, &config->n_train, error) &&
        tacet_json_get_double (object, "beta_start", 0, 0.999, &config->beta_start, error) &&
        tacet_json_get_double (object, "beta_end", 0, 0.999, &config->beta_end, error) &&
        tacet_json_get_int (object, "steps_offset", 0, 1000, &config->steps_offset, error) &&
        tacet_json_get_boolean (object, "set_alpha_to_one", &config->set_alpha_to_one, error) &&
        tacet_json_get_boolean (object, "rescale_betas_zero_snr", &config->zero_terminal_snr, error) &&
        tacet_json_get_boolean (object, "clip_sample", &config->clip_sample, error) &&
        tacet_json_get_boolean (object, "thresholding", &thresholding, error) &&
        tacet_json_get_double (object, "clip_sample_range", 0, 1e6, &config->clip_range, error) &&
        get_choice (object, "beta_schedule", betas, &beta, error) &&
        get_choice (object, "timestep_spacing", spacings, &spacing, error) &&
        get_choice (object, "prediction_type", predictions, &prediction, error)))
    return FALSE;
  config->betas = (TacetBetas) beta;
  config->spacing = (TacetSpacing) spacing;
  config->prediction = (TacetPrediction) prediction;
  if (thresholding)
    return refuse_field ("thresholding", error);
  if (json_object_has_member (object, "trained_betas") && !json_object_get_null_member (object, "trained_betas"))
    return refuse_field ("trained_betas", error);
  return TRUE;
}

gboolean
tacet_schedule_config_load (TacetScheduleConfig *config, const char *path, GError **error)
{
  g_autoptr (JsonNode) node = tacet_json_load (path, 1 << 20, error);
  if (node == NULL)
    return FALSE;
  if (read_fields (config, json_node_get_object (node), error))
    return TRUE;
  g_prefix_error (error, "%s: ", path);
  return FALSE;
}
