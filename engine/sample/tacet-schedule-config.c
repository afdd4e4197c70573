/* tacet-schedule-config.c: scheduler_config.json.
 *
 * Room: engine/sample.
 */
#include "config.h"
#include "engine/weights/tacet-json.h"
#include "tacet-schedule.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

GQuark
tacet_sample_error_quark (void)
{
  return g_quark_from_static_string ("tacet-sample-error");
}

void
tacet_schedule_config_init (TacetScheduleConfig *config)
{
  *config = (TacetScheduleConfig){ .n_train = 1000,
                                   .beta_start = -1,
                                   .beta_end = -1,
                                   .set_alpha_to_one = -1,
                                   .clip_sample = -1,
                                   .clip_range = 1,
                                   .threshold_ratio = 0.995,
                                   .threshold_max = 1,
                                   .lambda_min_clipped = -INFINITY,
                                   .solver_order = 2,
                                   .lower_order_final = TRUE,
                                   .original_steps = 50,
                                   .timestep_scaling = 10 };
}

void
tacet_schedule_config_clear (TacetScheduleConfig *config)
{
  g_clear_pointer (&config->trained_betas, g_bytes_unref);
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
is_given (JsonObject *object, const char *field)
{
  return json_object_has_member (object, field) && !json_object_get_null_member (object, field);
}

static gboolean
wrong_list (const char *field, GError **error)
{
  g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL,
               _ ("“%s” of the scheduler is not a list of usable numbers"), field);
  return FALSE;
}

/* NULL without an error: not given */
static gboolean
get_list (JsonObject *object, const char *field, JsonArray **array, GError **error)
{
  *array = NULL;
  if (!is_given (object, field))
    return TRUE;
  JsonNode *node = json_object_get_member (object, field);
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return wrong_list (field, error);
  *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (*array); i++)
    {
      JsonNode *element = json_array_get_element (*array, i);
      if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) == G_TYPE_STRING)
        return wrong_list (field, error);
    }
  return TRUE;
}

static gboolean
read_trained_betas (TacetScheduleConfig *config, JsonObject *object, GError **error)
{
  JsonArray *array;
  if (!get_list (object, "trained_betas", &array, error))
    return FALSE;
  if (array == NULL)
    return TRUE;
  guint n = json_array_get_length (array);
  if (n != (guint) config->n_train)
    return wrong_list ("trained_betas", error);
  g_autofree float *betas = g_new (float, n);
  for (guint i = 0; i < n; i++)
    {
      double beta = json_node_get_double (json_array_get_element (array, i));
      if (!(beta >= 0 && beta <= 1))
        return wrong_list ("trained_betas", error);
      betas[i] = (float) beta;
    }
  config->trained_betas = g_bytes_new_take (g_steal_pointer (&betas), n * sizeof (float));
  return TRUE;
}

static gboolean
read_disable_corrector (TacetScheduleConfig *config, JsonObject *object, GError **error)
{
  JsonArray *array;
  if (!get_list (object, "disable_corrector", &array, error))
    return FALSE;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      double step = json_node_get_double (json_array_get_element (array, i));
      if (!(step >= 0 && step < 64) || step != floor (step))
        return wrong_list ("disable_corrector", error);
      config->disable_corrector |= (guint64) 1 << (int) step;
    }
  return TRUE;
}

static gboolean
read_betas (TacetScheduleConfig *config, JsonObject *object, GError **error)
{
  static const char *const betas[] = { "", "linear", "scaled_linear", "squaredcos_cap_v2", NULL };
  int beta = TACET_BETAS_DEFAULT;
  if (!(tacet_json_get_int (object, "num_train_timesteps", 1, 100000, &config->n_train, error) &&
        tacet_json_get_double (object, "beta_start", 0, 0.999, &config->beta_start, error) &&
        tacet_json_get_double (object, "beta_end", 0, 0.999, &config->beta_end, error) &&
        tacet_json_get_boolean (object, "rescale_betas_zero_snr", &config->zero_terminal_snr, error) &&
        get_choice (object, "beta_schedule", betas, &beta, error)))
    return FALSE;
  config->betas = (TacetBetas) beta;
  return read_trained_betas (config, object, error);
}

/* Where the network is asked, and at which noise levels. */
static gboolean
read_grid (TacetScheduleConfig *config, JsonObject *object, GError **error)
{
  static const char *const spacings[] = { "", "leading", "trailing", "linspace", NULL };
  static const char *const types[] = { "discrete", NULL }, *const interpolations[] = { "linear", "log_linear", NULL };
  static const char *const finals[] = { "zero", "sigma_min", NULL };
  static const char *const unknown[] = { "use_beta_sigmas", "use_flow_sigmas" };
  int spacing = TACET_SPACING_DEFAULT, type = 0;
  if (!(get_choice (object, "timestep_spacing", spacings, &spacing, error) &&
        get_choice (object, "timestep_type", types, &type, error) &&
        get_choice (object, "interpolation_type", interpolations, &config->log_linear, error) &&
        get_choice (object, "final_sigmas_type", finals, &config->end_at_sigma_min, error) &&
        tacet_json_get_int (object, "steps_offset", 0, 1000, &config->steps_offset, error) &&
        tacet_json_get_boolean (object, "use_karras_sigmas", &config->karras, error) &&
        tacet_json_get_boolean (object, "use_exponential_sigmas", &config->exponential, error) &&
        tacet_json_get_boolean (object, "use_lu_lambdas", &config->lu, error) &&
        tacet_json_get_double (object, "sigma_min", 0, 1e6, &config->sigma_min, error) &&
        tacet_json_get_double (object, "sigma_max", 0, 1e6, &config->sigma_max, error) &&
        tacet_json_get_double (object, "lambda_min_clipped", -1e6, 1e6, &config->lambda_min_clipped, error) &&
        tacet_json_get_int (object, "original_inference_steps", 1, 100000, &config->original_steps, error)))
    return FALSE;
  config->spacing = (TacetSpacing) spacing;
  for (gsize i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      gboolean wanted = FALSE;
      if (!tacet_json_get_boolean (object, unknown[i], &wanted, error))
        return FALSE;
      if (wanted)
        return refuse_field (unknown[i], error);
    }
  return TRUE;
}

/* What is made of the network's output. */
static gboolean
read_output (TacetScheduleConfig *config, JsonObject *object, GError **error)
{
  static const char *const predictions[] = { "epsilon", "v_prediction", "sample", "original_sample", NULL };
  static const char *const variances[] = { "fixed_small", "fixed_small_log", "fixed_large",
                                           "learned",     "learned_range",   NULL };
  const char *class_name = NULL;
  int prediction = TACET_PREDICT_EPSILON, variance = 0;
  if (!(tacet_json_get_string (object, "_class_name", &class_name, error) &&
        get_choice (object, "prediction_type", predictions, &prediction, error) &&
        get_choice (object, "variance_type", variances, &variance, error) &&
        tacet_json_get_boolean (object, "set_alpha_to_one", &config->set_alpha_to_one, error) &&
        tacet_json_get_boolean (object, "clip_sample", &config->clip_sample, error) &&
        tacet_json_get_double (object, "clip_sample_range", 0, 1e6, &config->clip_range, error) &&
        tacet_json_get_boolean (object, "thresholding", &config->thresholding, error) &&
        tacet_json_get_double (object, "dynamic_thresholding_ratio", 0, 1, &config->threshold_ratio, error) &&
        tacet_json_get_double (object, "sample_max_value", 0, 1e6, &config->threshold_max, error) &&
        tacet_json_get_double (object, "timestep_scaling", 0, 1e6, &config->timestep_scaling, error)))
    return FALSE;
  config->prediction = (TacetPrediction) MIN (prediction, TACET_PREDICT_SAMPLE);
  config->large_variance = variance == 2;
  config->learned_variance = variance > 2;
  /* Latents are no pictures between -1 and 1: only a class that clips by itself is believed to mean it. */
  if (config->clip_sample < 0 && g_strcmp0 (class_name, "DDIMScheduler") != 0 &&
      g_strcmp0 (class_name, "DDPMScheduler") != 0)
    config->clip_sample = FALSE;
  return TRUE;
}

static gboolean
read_solver (TacetScheduleConfig *config, JsonObject *object, GError **error)
{
  const char *type = NULL;
  gboolean predict_x0 = TRUE;
  if (!(tacet_json_get_int (object, "solver_order", 1, 3, &config->solver_order, error) &&
        tacet_json_get_string (object, "solver_type", &type, error) &&
        tacet_json_get_boolean (object, "lower_order_final", &config->lower_order_final, error) &&
        tacet_json_get_boolean (object, "euler_at_final", &config->euler_at_final, error) &&
        tacet_json_get_boolean (object, "predict_x0", &predict_x0, error) &&
        tacet_json_get_boolean (object, "skip_prk_steps", &config->skip_prk_steps, error) &&
        read_disable_corrector (config, object, error)))
    return FALSE;
  config->predict_noise = !predict_x0;
  config->solver_heun = g_strcmp0 (type, "heun") == 0;
  config->solver_bh1 = g_strcmp0 (type, "bh1") == 0;
  return TRUE;
}

/* Python writes infinities as no other program reads them; here they say no more than a missing field. */
static void
blank_infinities (char *text)
{
  static const char *const words[] = { "-Infinity", "Infinity" };
  gboolean inside = FALSE;
  for (char *p = text; *p != '\0'; p++)
    {
      if (*p == '"')
        inside = !inside;
      else if (inside && *p == '\\' && p[1] != '\0')
        p++;
      for (gsize i = 0; i < G_N_ELEMENTS (words) && !inside; i++)
        if (g_str_has_prefix (p, words[i]))
          {
            memset (p, ' ', strlen (words[i]));
            memcpy (p, "null", 4);
          }
    }
}

gboolean
tacet_schedule_config_load (TacetScheduleConfig *config, const char *path, GError **error)
{
  gsize length = 0;
  tacet_schedule_config_init (config);
  g_autofree char *text = tacet_read_text (path, 4 << 20, &length, error);
  if (text == NULL)
    return FALSE;
  blank_infinities (text);
  g_autoptr (JsonNode) node = tacet_json_parse (text, length, path, error);
  if (node == NULL)
    return FALSE;
  JsonObject *object = json_node_get_object (node);
  if (read_betas (config, object, error) && read_grid (config, object, error) && read_output (config, object, error) &&
      read_solver (config, object, error))
    return TRUE;
  tacet_schedule_config_clear (config);
  g_prefix_error (error, "%s: ", path);
  return FALSE;
}

void
tacet_schedule_config_usual (TacetScheduleConfig *config, gboolean v_prediction, gboolean zero_terminal_snr)
{
  tacet_schedule_config_init (config);
  config->beta_start = 0.00085;
  config->beta_end = 0.012;
  config->betas = TACET_BETAS_SCALED_LINEAR;
  config->steps_offset = 1;
  config->set_alpha_to_one = FALSE;
  config->clip_sample = FALSE;
  config->prediction = v_prediction ? TACET_PREDICT_V : TACET_PREDICT_EPSILON;
  config->zero_terminal_snr = zero_terminal_snr;
}
