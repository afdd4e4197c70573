/* test-reference.c: whole generations against diffusers, and minimal impact against a second writing of it.
 *
 * Room: tests/sample.  References: make-pipeline-references.py.
 */
#include "engine/weights/tacet-json.h"
#include "tiny-pipeline.h"
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEED 300
#define SIDE 32

typedef struct
{
  char *folder;
  TacetEngine *engine;
  JsonNode *node;
  JsonObject *references;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "sample", "data", "pipeline.json", NULL);
  self->folder = tiny_pipeline_new (SEED);
  const char *const model_path[] = { self->folder, NULL };
  self->engine = tacet_engine_new (1, 0, &error);
  tacet_engine_set_model_path (self->engine, model_path);
  self->node = tacet_json_load (path, 4 << 20, &error);
  g_assert_no_error (error);
  self->references = json_node_get_object (self->node);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  tacet_engine_free (self->engine);
  json_node_unref (self->node);
  tiny_pipeline_remove (self->folder);
}

static TacetRequest *
request_new (TacetSampler sampler)
{
  TacetRequest *request = tiny_request_new ();
  g_free (request->negative_prompt);
  request->negative_prompt = g_strdup ("blue");
  request->sampler = sampler;
  return request;
}

/* control_map () and coverage () of the script */
static void
add_controls (TacetRequest *request, gboolean with_coverage)
{
  static const double strengths[] = { 1, 0.7, 0.5 }, starts[] = { 0, 0, 0.25 }, ends[] = { 1, 0.5, 1 };
  for (int kind = 0; kind < 3; kind++)
    {
      TacetControlRequest *control = tiny_request_add (request, (TacetControlKind) kind);
      tacet_image_unref (control->map);
      control->map = tacet_image_new (SIDE, SIDE, 3);
      for (int i = 0; i < SIDE * SIDE * 3; i++)
        control->map->data[i] = (guint8) ((i * (kind + 3)) ^ (i >> 4));
      control->strength = strengths[kind];
      control->start = starts[kind];
      control->end = ends[kind];
      if (kind != 1 || !with_coverage)
        continue;
      control->coverage = tacet_image_new (SIDE, SIDE, 1);
      for (int i = 0; i < SIDE * SIDE; i++)
        control->coverage->data[i] = i % SIDE + 2 * (i / SIDE) > 40 ? 255 : 0;
    }
}

static void
compare_picture (Fixture *self, const char *name, const TacetImage *picture)
{
  JsonArray *expected = json_object_get_array_member (self->references, name);
  int worst = 0, n_different = 0, n = SIDE * SIDE * 3;
  g_assert_cmpuint (json_array_get_length (expected), ==, n);
  for (int i = 0; i < n; i++)
    {
      int difference = abs ((int) json_array_get_int_element (expected, (guint) i) - picture->data[i]);
      worst = MAX (worst, difference);
      n_different += difference > 0;
    }
  g_test_message ("%s: at most %d levels apart, %d of %d values differ", name, worst, n_different, n);
  /* One level is a value that lay between two. */
  g_assert_cmpint (worst, <=, 1);
  g_assert_cmpint (n_different, <, n / 100);
}

static void
test_plain (Fixture *self, gconstpointer unused)
{
  for (int sampler = 0; sampler < TACET_N_SAMPLERS; sampler++)
    {
      g_autoptr (TacetRequest) request = request_new ((TacetSampler) sampler);
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetResult) result = tacet_engine_generate (self->engine, request, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_autofree char *name = g_strdup_printf ("plain-%s", tacet_sampler_id ((TacetSampler) sampler));
      compare_picture (self, name, result->picture);
    }
}

static void
test_options (Fixture *self, gconstpointer unused)
{
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (TacetRequest) request = request_new (i == 0 ? TACET_SAMPLER_DDIM : TACET_SAMPLER_DPMPP_2M);
      g_autoptr (GError) error = NULL;
      request->eta = i == 0 ? 0.7 : 0;
      request->spacing = i == 0 ? TACET_SPACING_TRAILING : TACET_SPACING_DEFAULT;
      request->karras = i == 0 ? TACET_KARRAS_DEFAULT : TACET_KARRAS_ON;
      request->guidance_rescale = i == 0 ? 0 : 0.7;
      g_autoptr (TacetResult) result = tacet_engine_generate (self->engine, request, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      compare_picture (self, i == 0 ? "eta" : "karras", result->picture);
    }
}

static void
test_sum (Fixture *self, gconstpointer unused)
{
  static const TacetSampler samplers[] = { TACET_SAMPLER_DDIM, TACET_SAMPLER_EULER, TACET_SAMPLER_HEUN };
  for (gsize i = 0; i < G_N_ELEMENTS (samplers); i++)
    {
      g_autoptr (TacetRequest) request = request_new (samplers[i]);
      g_autofree char *name = g_strdup_printf ("sum-%s", tacet_sampler_id (samplers[i]));
      g_autoptr (GError) error = NULL;
      add_controls (request, FALSE);
      request->combine.kind = TACET_COMBINE_SUM;
      g_autoptr (TacetResult) result = tacet_engine_generate (self->engine, request, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      compare_picture (self, name, result->picture);
    }
}

static void
compare_number (JsonObject *expected, const char *name, double value)
{
  double wanted = json_object_get_double_member (expected, name);
  g_assert_cmpfloat_with_epsilon (value, wanted, 2e-4 * (1e-3 + fabs (wanted)));
}

static void
compare_report (JsonObject *expected, const TacetStepReport *report)
{
  JsonArray *layers = json_object_get_array_member (expected, report->conditional ? "conditional" : "unconditional");
  JsonArray *active = json_object_get_array_member (expected, "active");
  g_assert_cmpuint (json_array_get_length (active), ==, report->n_controls);
  g_assert_cmpuint (json_array_get_length (layers), ==, report->n_layers);
  for (int k = 0; k < report->n_controls; k++)
    g_assert_cmpint (json_array_get_int_element (active, (guint) k), ==, report->controls[k]);
  for (int i = 0; i < report->n_layers; i++)
    {
      JsonObject *layer = json_array_get_object_element (layers, (guint) i);
      const TacetBalance *balance = &report->layers[i].balance;
      JsonArray *weights = json_object_get_array_member (layer, "weights");
      compare_number (layer, "lambda", balance->lambda);
      compare_number (layer, "unet_norm", balance->unet_norm);
      compare_number (layer, "combined_norm", balance->combined_norm);
      for (int k = 0; k < report->n_controls; k++)
        g_assert_cmpfloat_with_epsilon (balance->weights[k], json_array_get_double_element (weights, (guint) k), 1e-4);
    }
}

static void
test_minimal_impact (Fixture *self, gconstpointer unused)
{
  JsonArray *steps = json_object_get_array_member (self->references, "steps");
  for (int sampler = TACET_SAMPLER_DDIM; sampler <= TACET_SAMPLER_EULER; sampler++)
    {
      g_autoptr (TacetRequest) request = request_new ((TacetSampler) sampler);
      g_autoptr (GError) error = NULL;
      add_controls (request, TRUE);
      g_autoptr (TacetResult) result = tacet_engine_generate (self->engine, request, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      compare_picture (self, sampler == TACET_SAMPLER_DDIM ? "minimal-ddim" : "minimal-euler", result->picture);
      for (guint i = 0; sampler == TACET_SAMPLER_DDIM && i < result->progress->reports->len; i++)
        {
          const TacetStepReport *report = g_ptr_array_index (result->progress->reports, i);
          compare_report (json_array_get_object_element (steps, (guint) report->step), report);
        }
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/reference/plain", test_plain },
    { "/reference/options", test_options },
    { "/reference/sum", test_sum },
    { "/reference/minimal-impact", test_minimal_impact },
  };
  if (argc == 3 && strcmp (argv[1], "--write") == 0)
    {
      tiny_pipeline_write (argv[2], SEED, &tiny_sizes);
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
