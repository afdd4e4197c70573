/* test-samplers.c: samplers at their edges: few and many steps, what is refused, what is counted.
 *
 * Room: tests/sample.
 */
#include "engine/sample/tacet-schedule.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define N 4

static void
load_config (TacetScheduleConfig *config, const char *text)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "tacet-test-samplers.json", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_true (tacet_schedule_config_load (config, path, &error));
  g_assert_no_error (error);
  g_unlink (path);
}

/* Over a network that says half of what it sees; x stays a number and the time steps go down. */
static void
walk (const TacetSchedule *schedule)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetSampling) sampling = tacet_sampling_new (schedule, NULL, 1, N, &error);
  float x[N] = { 1, -0.5f, 0.25f, 2 }, output[N], x0[N];
  g_assert_no_error (error);
  for (int i = 0; i < tacet_schedule_n_evaluations (schedule); i++)
    {
      double t = tacet_schedule_timestep (schedule, i), scale = tacet_schedule_input_scale (schedule, i);
      g_assert_cmpfloat (t, >=, 0);
      g_assert_cmpfloat (t, <=, 999);
      for (int k = 0; k < N; k++)
        output[k] = (float) (0.5 * x[k] * scale);
      tacet_sampling_step (sampling, x, output, x0);
      if (!isfinite (x[0]))
        g_test_message ("evaluation %d: t %g, scale %g, x %g, x0 %g, output %g", i, t, scale, x[0], x0[0], output[0]);
      for (int k = 0; k < N; k++)
        g_assert_true (isfinite (x[k]) && isfinite (x0[k]));
    }
  g_assert_cmpint (tacet_schedule_steps_done (schedule, tacet_schedule_n_evaluations (schedule)), ==,
                   tacet_schedule_n_steps (schedule));
}

/* Every number of steps either works or is refused in words. */
static gboolean
try (const TacetScheduleConfig *config, const TacetScheduleOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetSchedule) schedule = tacet_schedule_new (config, options, &error);
  if (schedule == NULL)
    {
      g_assert_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST);
      return FALSE;
    }
  g_test_message ("%s, %d steps, %s, Karras %d, strength %g", tacet_sampler_id (options->sampler), options->n_steps,
                  tacet_spacing_id (options->spacing), options->karras, options->strength);
  if (options->strength >= 1)
    g_assert_cmpint (tacet_schedule_n_steps (schedule), ==, options->n_steps);
  walk (schedule);
  return TRUE;
}

static void
test_any_steps (void)
{
  static const int steps[] = { 1, 2, 3, 4, 5, 14, 15, 49, 51, 61, 103, 998, 999, 1000 };
  static const char *const texts[] = {
    "{\"beta_start\": 0.00085, \"beta_end\": 0.012, \"beta_schedule\": \"scaled_linear\", \"clip_sample\": false}",
    "{\"steps_offset\": 1, \"prediction_type\": \"v_prediction\", \"solver_order\": 3, \"lower_order_final\": false, "
    "\"rescale_betas_zero_snr\": true, \"skip_prk_steps\": true}",
    "{\"prediction_type\": \"sample\", \"final_sigmas_type\": \"sigma_min\", \"predict_x0\": false, "
    "\"solver_order\": 3, \"solver_type\": \"bh1\"}",
    "{\"prediction_type\": \"sample\", \"predict_x0\": false, \"solver_type\": \"bh1\", \"lower_order_final\": false}",
  };
  for (gsize c = 0; c < G_N_ELEMENTS (texts); c++)
    {
      TacetScheduleConfig config;
      load_config (&config, texts[c]);
      for (int sampler = 0; sampler < TACET_N_SAMPLERS; sampler++)
        {
          int worked = 0;
          for (gsize i = 0; i < G_N_ELEMENTS (steps) * TACET_N_SPACINGS * 2; i++)
            {
              TacetScheduleOptions options =
                  tacet_schedule_options ((TacetSampler) sampler, steps[i % G_N_ELEMENTS (steps)]);
              options.spacing = (TacetSpacing) (i / G_N_ELEMENTS (steps) % TACET_N_SPACINGS);
              options.karras = i / G_N_ELEMENTS (steps) / TACET_N_SPACINGS == 0 ? TACET_KARRAS_OFF : TACET_KARRAS_ON;
              options.strength = i % 3 == 2 ? 0.6 : 1;
              options.eta = i % 2 == 0 ? 0 : 1;
              worked += try (&config, &options);
            }
          g_assert_cmpint (worked, >, sampler == TACET_SAMPLER_LCM ? 55 : 90);
        }
    }
}

static void
expect_refusal (const char *text, TacetSampler sampler, int n_steps, double strength, double eta, const char *word)
{
  g_autoptr (GError) error = NULL;
  TacetScheduleConfig config;
  TacetScheduleOptions options = tacet_schedule_options (sampler, n_steps);
  options.strength = strength;
  options.eta = eta;
  load_config (&config, text);
  g_assert_null (tacet_schedule_new (&config, &options, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, word));
  tacet_schedule_config_clear (&config);
}

static void
test_refusals (void)
{
  static const char *zero = "{\"rescale_betas_zero_snr\": true, \"timestep_spacing\": \"trailing\"}";
  for (int sampler = 0; sampler < TACET_N_SAMPLERS; sampler++)
    {
      expect_refusal ("{}", (TacetSampler) sampler, 1001, 1, 0, "1001");
      expect_refusal ("{}", (TacetSampler) sampler, 0, 1, 0, "0");
      expect_refusal ("{}", (TacetSampler) sampler, -5, 1, 0, "-5");
      expect_refusal ("{}", (TacetSampler) sampler, 20, 0.04, 0, "0.04");
      expect_refusal ("{}", (TacetSampler) sampler, 20, NAN, 0, "0 ");
    }
  expect_refusal ("{}", TACET_SAMPLER_DDIM, 20, 1, 1.5, "1");
  expect_refusal ("{}", TACET_SAMPLER_PNDM, 3, 1, 0, "4");
  expect_refusal ("{}", TACET_SAMPLER_LCM, 51, 1, 0, "50");
  expect_refusal ("{}", TACET_SAMPLER_UNIPC, 1000, 1, 0, "999");
  expect_refusal ("{\"variance_type\": \"learned_range\"}", TACET_SAMPLER_DDPM, 20, 1, 0, "variance_type");
  expect_refusal (zero, TACET_SAMPLER_DDIM, 20, 1, 0, "Euler");
  expect_refusal (zero, TACET_SAMPLER_LCM, 20, 1, 0, "Euler");
}

static void
test_counts (void)
{
  static const struct
  {
    TacetSampler sampler;
    const char *text;
    int n_steps, n_evaluations, halfway;
    double strength;
  } cases[] = {
    { TACET_SAMPLER_DDIM, "{}", 20, 20, 10, 1 },  { TACET_SAMPLER_HEUN, "{}", 20, 39, 9, 1 },
    { TACET_SAMPLER_HEUN, "{}", 1, 1, 0, 1 },     { TACET_SAMPLER_HEUN, "{}", 20, 19, 4, 0.5 },
    { TACET_SAMPLER_PNDM, "{}", 20, 29, 5, 1 },   { TACET_SAMPLER_PNDM, "{\"skip_prk_steps\": true}", 20, 21, 9, 1 },
    { TACET_SAMPLER_PNDM, "{}", 20, 11, 5, 0.5 }, /* no Runge-Kutta start in the middle */
    { TACET_SAMPLER_LCM, "{}", 4, 4, 2, 1 },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      TacetScheduleConfig config;
      TacetScheduleOptions options = tacet_schedule_options (cases[i].sampler, cases[i].n_steps);
      options.strength = cases[i].strength;
      load_config (&config, cases[i].text);
      g_autoptr (TacetSchedule) schedule = tacet_schedule_new (&config, &options, &error);
      g_assert_no_error (error);
      g_assert_cmpint (tacet_schedule_n_evaluations (schedule), ==, cases[i].n_evaluations);
      g_assert_cmpint (tacet_schedule_steps_done (schedule, cases[i].n_evaluations / 2), ==, cases[i].halfway);
    }
}

static void
test_infinities (void)
{
  TacetScheduleConfig config;
  load_config (&config, "{\"_class_name\": \"a \\\"-Infinity\\\" of Infinity\", \"lambda_min_clipped\": -Infinity, "
                        "\"sigma_max\": Infinity, \"solver_order\": 3}");
  g_assert_cmpint (config.solver_order, ==, 3);
  g_assert_true (isinf (config.lambda_min_clipped));
  g_assert_cmpfloat (config.sigma_max, ==, 0);
}

/* The same numbers whatever was walked before: a walk has no memory but its own. */
static void
test_walks_are_alone (void)
{
  TacetScheduleConfig config;
  TacetScheduleOptions options = tacet_schedule_options (TACET_SAMPLER_DPMPP_2M_SDE, 6);
  g_autoptr (GError) error = NULL;
  load_config (&config, "{}");
  g_autoptr (TacetSchedule) schedule = tacet_schedule_new (&config, &options, &error);
  g_autoptr (TacetSampling) one = tacet_sampling_new (schedule, NULL, 1, N, &error);
  g_autoptr (TacetSampling) two = tacet_sampling_new (schedule, NULL, 1, N, &error);
  float x[N] = { 1, 2, 3, 4 }, y[N] = { 1, 2, 3, 4 }, z[N] = { 0 };
  for (int i = 0; i < 6; i++)
    tacet_sampling_step (one, x, z, NULL);
  for (int i = 0; i < 6; i++)
    tacet_sampling_step (two, y, z, NULL);
  g_assert_cmpmem (x, sizeof x, y, sizeof y);
}

static void
test_names (void)
{
  for (int i = 0; i < TACET_N_SAMPLERS; i++)
    {
      TacetSampler parsed = TACET_SAMPLER_DDIM;
      g_autofree char *ids = tacet_sampler_ids ();
      const char *id = tacet_sampler_id ((TacetSampler) i);
      g_assert_true (tacet_sampler_parse (id, &parsed));
      g_assert_cmpint (parsed, ==, i);
      g_assert_nonnull (strstr (ids, id));
      g_assert_cmpuint (strlen (tacet_sampler_name (parsed)), >, 2);
    }
  g_assert_cmpstr (tacet_sampler_id (0), ==, "ddim");
  g_assert_cmpstr (tacet_sampler_id (1), ==, "euler");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/samplers/any-steps", test_any_steps);
  g_test_add_func ("/samplers/refusals", test_refusals);
  g_test_add_func ("/samplers/counts", test_counts);
  g_test_add_func ("/samplers/infinities", test_infinities);
  g_test_add_func ("/samplers/walks-are-alone", test_walks_are_alone);
  g_test_add_func ("/samplers/names", test_names);
  return g_test_run ();
}
