/* test-numbers.c: noise as PyTorch makes it, configurations of schedules.
 *
 * Room: tests/sample.  References: make-references.py.
 */
#include "engine/sample/tacet-noise.h"
#include "engine/sample/tacet-schedule.h"
#include "engine/weights/tacet-json.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static JsonNode *
load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "sample", "data", name, NULL);
  g_autoptr (GError) error = NULL;
  JsonNode *node = tacet_json_load (path, 4 << 20, &error);
  g_assert_no_error (error);
  return node;
}

static guint
numbers (JsonObject *object, const char *name, double *values, guint most)
{
  JsonArray *array = json_object_get_array_member (object, name);
  guint n = json_array_get_length (array);
  g_assert_cmpuint (n, <=, most);
  for (guint i = 0; i < n; i++)
    values[i] = json_array_get_double_element (array, i);
  return n;
}

static guint64
seed_of (JsonObject *object)
{
  return g_ascii_strtoull (json_object_get_string_member (object, "seed"), NULL, 10);
}

/* A bit or two of float, also where the cosine nearly vanishes. */
#define assert_same_noise(a, b) g_assert_cmpfloat_with_epsilon (a, b, 1e-6)

static void
check_noise (JsonArray *array, guint index, JsonNode *node, gpointer unused)
{
  JsonObject *object = json_node_get_object (node);
  double expected[64], at[64];
  float values[1024];
  gsize n = json_object_get_int_member (object, "n");
  gint64 calls = json_object_get_int_member_with_default (object, "calls", 1);
  TacetNoise noise;
  tacet_noise_seed (&noise, seed_of (object));
  for (gint64 call = 0; call < calls; call++)
    tacet_noise_normal (&noise, values + call * n, n);
  guint count = numbers (object, "values", expected, 64);
  if (calls == 1)
    numbers (object, "at", at, 64);
  for (guint i = 0; i < count; i++)
    assert_same_noise (values[calls == 1 ? (int) at[i] : (int) i], expected[i]);
}

static void
test_noise (void)
{
  g_autoptr (JsonNode) node = load ("noise.json");
  JsonArray *cases = json_object_get_array_member (json_node_get_object (node), "cases");
  g_assert_cmpuint (json_array_get_length (cases), >, 60);
  json_array_foreach_element (cases, check_noise, NULL);
}

static void
test_latents (void)
{
  g_autoptr (JsonNode) node = load ("noise.json");
  JsonObject *object = json_object_get_object_member (json_node_get_object (node), "latents");
  double expected[120];
  float values[120];
  g_assert_cmpuint (numbers (object, "values", expected, 120), ==, 120);
  TacetNoise noise;
  tacet_noise_seed (&noise, seed_of (object));
  g_assert_true (tacet_noise_latents (&noise, 6, 5, 4, values));
  for (int i = 0; i < 120; i++)
    assert_same_noise (values[i], expected[i]);
}

/* MT19937's published check: the 10000th number of seed 5489. */
static void
test_generator (void)
{
  TacetNoise noise;
  guint32 last = 0;
  tacet_noise_seed (&noise, 5489);
  for (int i = 0; i < 10000; i++)
    last = tacet_noise_next (&noise);
  g_assert_cmpuint (last, ==, 4123659995u);
}

static void
expect_refusal (const char *text)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "tacet-test-bad-scheduler.json", NULL);
  g_autoptr (GError) error = NULL;
  TacetScheduleConfig config;
  g_test_message ("%s", text);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_false (tacet_schedule_config_load (&config, path, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, path));
  g_unlink (path);
}

static void
test_bad_configurations (void)
{
  TacetScheduleConfig config;
  g_autoptr (GError) error = NULL;
  expect_refusal ("");
  expect_refusal ("[]");
  expect_refusal ("{\"num_train_timesteps\": 0}");
  expect_refusal ("{\"num_train_timesteps\": \"many\"}");
  expect_refusal ("{\"beta_schedule\": \"sigmoid\"}");
  expect_refusal ("{\"prediction_type\": \"flow\"}");
  expect_refusal ("{\"beta_end\": 1e300}");
  expect_refusal ("{\"use_beta_sigmas\": true}");
  expect_refusal ("{\"trained_betas\": [0.1, 0.2]}");
  expect_refusal ("{\"num_train_timesteps\": 2, \"trained_betas\": [0.1, \"0.2\"]}");
  expect_refusal ("{\"num_train_timesteps\": 2, \"trained_betas\": [0.1, 2]}");
  expect_refusal ("{\"num_train_timesteps\": 2, \"trained_betas\": [0.1, null]}");
  expect_refusal ("{\"trained_betas\": 0.1}");
  expect_refusal ("{\"disable_corrector\": [-1]}");
  expect_refusal ("{\"disable_corrector\": [1.5]}");
  expect_refusal ("{\"disable_corrector\": [64]}");
  expect_refusal ("{\"disable_corrector\": {}}");
  expect_refusal ("{\"solver_order\": 4}");
  expect_refusal ("{\"timestep_type\": \"continuous\"}");
  expect_refusal ("{\"variance_type\": \"fixed_large_log\"}");
  expect_refusal ("{\"lambda_min_clipped\": NaN}");
  expect_refusal ("{\"sigma_min\": -1}");
  g_assert_false (tacet_schedule_config_load (&config, "/nonexistent/scheduler_config.json", &error));
  g_assert_nonnull (error);

  g_clear_error (&error);
  config = (TacetScheduleConfig){ .n_train = 100, .beta_start = 1e-4, .beta_end = 0.02 };
  TacetScheduleOptions options = tacet_schedule_options (TACET_SAMPLER_DDIM, 101);
  g_assert_null (tacet_schedule_new (&config, &options, &error));
  g_assert_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST);
  options.n_steps = 0;
  g_assert_null (tacet_schedule_new (&config, &options, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/numbers/generator", test_generator);
  g_test_add_func ("/numbers/noise", test_noise);
  g_test_add_func ("/numbers/latents", test_latents);
  g_test_add_func ("/numbers/bad-configurations", test_bad_configurations);
  return g_test_run ();
}
