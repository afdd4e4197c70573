/* test-trajectories.c: every sampler as diffusers walks it.
 *
 * Room: tests/sample.  References: make-references.py.
 */
#include "engine/sample/tacet-schedule.h"
#include "engine/weights/tacet-json.h"
#include <glib/gstdio.h>
#include <math.h>

#define N        32
#define CHANNELS 4
#define PLANE    (N / CHANNELS)

/* Values {h,w,c} of the engine as {c,h,w}, and back. */
static void
to_planes (const float *x, float *planes)
{
  for (int c = 0; c < CHANNELS; c++)
    for (int i = 0; i < PLANE; i++)
      planes[c * PLANE + i] = x[i * CHANNELS + c];
}

static void
from_planes (const float *planes, float *x)
{
  for (int c = 0; c < CHANNELS; c++)
    for (int i = 0; i < PLANE; i++)
      x[i * CHANNELS + c] = planes[c * PLANE + i];
}

/* network () of the script */
static void
network (const float *x, double t, int n_train, double scale, float *out)
{
  float planes[N], result[N];
  to_planes (x, planes);
  for (int i = 0; i < N; i++)
    {
      double v = planes[i] * scale, before = planes[(i + N - 1) % N] * scale;
      result[i] = (float) (0.6 * v + 0.3 * sin (3 * v + 0.01 * i) + 0.2 * (t / n_train - 0.5) * before);
    }
  from_planes (result, out);
}

/* Against every stride-th value of the list, in planes. */
static double
relative_error (JsonObject *object, const char *name, const float *x)
{
  JsonArray *array = json_object_get_array_member (object, name);
  int n = (int) json_array_get_length (array), stride = (N + n - 1) / n;
  float planes[N];
  double difference = 0, norm = 0;
  to_planes (x, planes);
  for (int i = 0; i < n; i++)
    {
      double wanted = json_array_get_double_element (array, (guint) i);
      difference += (planes[i * stride] - wanted) * (planes[i * stride] - wanted);
      norm += wanted * wanted;
    }
  return sqrt (difference / norm);
}

typedef struct
{
  JsonArray *configs;
  double worst[TACET_N_SAMPLERS];
  guint n[TACET_N_SAMPLERS];
} Sum;

typedef struct
{
  JsonObject *object;
  const char *text;
  TacetScheduleConfig config;
  TacetSampler sampler;
  TacetSchedule *schedule;
  TacetNoise noise;
  float start_noise[N], clean[N], x[N];
  double limit, worst;
} Walk;

static void
load_config (Walk *walk, Sum *sum)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "tacet-test-trajectory-scheduler.json", NULL);
  walk->text =
      json_array_get_string_element (sum->configs, (guint) json_object_get_int_member (walk->object, "config"));
  g_assert_true (g_file_set_contents (path, walk->text, -1, NULL));
  g_assert_true (tacet_schedule_config_load (&walk->config, path, &error));
  g_assert_no_error (error);
  g_unlink (path);
}

static void
make_schedule (Walk *walk)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object = walk->object;
  g_assert_true (tacet_sampler_parse (json_object_get_string_member (object, "sampler"), &walk->sampler));
  TacetScheduleOptions options =
      tacet_schedule_options (walk->sampler, (int) json_object_get_int_member (object, "steps"));
  const char *spacing = json_object_get_string_member_with_default (object, "spacing", "default");
  g_assert_true (tacet_spacing_parse (spacing, &options.spacing));
  if (json_object_has_member (object, "karras"))
    options.karras = json_object_get_boolean_member (object, "karras") ? TACET_KARRAS_ON : TACET_KARRAS_OFF;
  options.eta = json_object_get_double_member_with_default (object, "eta", 0);
  options.strength = json_object_get_double_member_with_default (object, "strength", 1);
  walk->schedule = tacet_schedule_new (&walk->config, &options, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tacet_schedule_n_evaluations (walk->schedule), ==, json_object_get_int_member (object, "n"));
}

static void
expect (Walk *walk, JsonObject *object, const char *name, const float *x)
{
  double difference = relative_error (object, name, x);
  walk->worst = MAX (walk->worst, difference);
  if (!(difference < walk->limit))
    g_test_message ("%s is off by %g", name, difference);
  g_assert_cmpfloat (difference, <, walk->limit);
}

static void
start (Walk *walk)
{
  float planes[N];
  for (int i = 0; i < N; i++)
    planes[i] = sinf ((float) i);
  from_planes (planes, walk->clean);
  tacet_noise_seed (&walk->noise, 11);
  g_assert_true (tacet_noise_latents (&walk->noise, 4, 2, CHANNELS, walk->start_noise));
  if (json_object_has_member (walk->object, "strength"))
    tacet_schedule_add_noise (walk->schedule, 0, walk->clean, walk->start_noise, N, walk->x);
  else
    for (int i = 0; i < N; i++)
      walk->x[i] = (float) (walk->start_noise[i] * tacet_schedule_init_sigma (walk->schedule));
  expect (walk, walk->object, "start", walk->x);
}

static void
check_row (Walk *walk, JsonObject *row, double t, const float *x0)
{
  float noised[N];
  g_assert_cmpfloat_with_epsilon (t, json_object_get_double_member (row, "t"), 1e-4 * (1 + t));
  expect (walk, row, "x0", x0);
  expect (walk, row, "x", walk->x);
  if (!json_object_has_member (row, "noised"))
    return;
  int next = (int) json_object_get_int_member (row, "i") + 1;
  tacet_schedule_add_noise (walk->schedule, next, walk->clean, walk->start_noise, N, noised);
  expect (walk, row, "noised", noised);
}

static void
go (Walk *walk)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetSampling) sampling = tacet_sampling_new (walk->schedule, &walk->noise, CHANNELS, N, &error);
  JsonArray *rows = json_object_get_array_member (walk->object, "rows");
  float out[N], x0[N];
  double t_sum = 0, t_wanted = json_object_get_double_member (walk->object, "t_sum");
  guint row = 0;
  g_assert_no_error (error);
  for (int i = 0; i < tacet_schedule_n_evaluations (walk->schedule); i++)
    {
      double t = tacet_schedule_timestep (walk->schedule, i);
      t_sum += t;
      network (walk->x, t, walk->config.n_train, tacet_schedule_input_scale (walk->schedule, i), out);
      tacet_sampling_step (sampling, walk->x, out, x0);
      JsonObject *expected = json_array_get_object_element (rows, row);
      if (json_object_get_int_member (expected, "i") != i)
        continue;
      check_row (walk, expected, t, x0);
      row++;
    }
  g_assert_cmpuint (row, ==, json_array_get_length (rows));
  g_assert_cmpfloat_with_epsilon (t_sum, t_wanted, 1e-4 * (1 + t_wanted));
  expect (walk, walk->object, "final", walk->x);
}

static void
check_steps (const TacetSchedule *schedule)
{
  int before = 0, n = tacet_schedule_n_evaluations (schedule);
  for (int i = 0; i <= n; i++)
    {
      int done = tacet_schedule_steps_done (schedule, i);
      g_assert_cmpint (done, >=, before);
      g_assert_cmpint (done, <=, before + 1);
      before = done;
    }
  g_assert_cmpint (before, ==, tacet_schedule_n_steps (schedule));
}

/* From a first sigma in the thousands the reference itself loses digits: its float subtracts
 * x - 4095/4096 x. */
static double
tolerance (const Walk *walk)
{
  return walk->config.zero_terminal_snr || walk->config.betas == TACET_BETAS_COSINE ? 1e-3 : 1e-5;
}

static void
check_trajectory (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  Sum *sum = data;
  Walk walk = { .object = json_node_get_object (node) };
  load_config (&walk, sum);
  make_schedule (&walk);
  g_test_message ("%u: %s, %d steps, %s", index, tacet_sampler_id (walk.sampler),
                  (int) json_object_get_int_member (walk.object, "steps"), walk.text);
  walk.limit = tolerance (&walk);
  start (&walk);
  go (&walk);
  check_steps (walk.schedule);
  sum->n[walk.sampler]++;
  sum->worst[walk.sampler] = MAX (sum->worst[walk.sampler], walk.worst);
  tacet_schedule_free (walk.schedule);
  tacet_schedule_config_clear (&walk.config);
}

static void
test_trajectories (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "sample", "data", "trajectories.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = tacet_json_load (path, 4 << 20, &error);
  g_assert_no_error (error);
  JsonObject *object = json_node_get_object (node);
  Sum sum = { .configs = json_object_get_array_member (object, "configs") };
  json_array_foreach_element (json_object_get_array_member (object, "cases"), check_trajectory, &sum);
  for (int i = 0; i < TACET_N_SAMPLERS; i++)
    {
      g_test_message ("%s: worst relative error of %u trajectories: %g", tacet_sampler_id ((TacetSampler) i), sum.n[i],
                      sum.worst[i]);
      g_assert_cmpuint (sum.n[i], >, 20);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trajectories/diffusers", test_trajectories);
  return g_test_run ();
}
