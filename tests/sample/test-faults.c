/* test-faults.c: generations that must end as a message: bad requests, missing and broken models, no memory.
 *
 * Room: tests/sample.
 */
#include "engine/sample/tacet-schedule.h"
#include "tiny-pipeline.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

typedef struct
{
  char *folder;
  TacetEngine *engine;
} Fixture;

static TacetEngine *
new_engine (const char *folder, int n_threads, gsize budget)
{
  const char *const path[] = { folder, NULL };
  g_autoptr (GError) error = NULL;
  TacetEngine *engine = tacet_engine_new (n_threads, budget, &error);
  g_assert_no_error (error);
  tacet_engine_set_model_path (engine, path);
  return engine;
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->folder = tiny_pipeline_new (100);
  g_assert_nonnull (self->folder);
  self->engine = new_engine (self->folder, 1, 0);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  tacet_engine_free (self->engine);
  tiny_pipeline_remove (self->folder);
}

static TacetResult *
generate (TacetEngine *engine, const TacetRequest *request)
{
  g_autoptr (GError) error = NULL;
  TacetResult *result = tacet_engine_generate (engine, request, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result);
  return result;
}

static void
expect_error (TacetEngine *engine, const TacetRequest *request, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetResult) result = tacet_engine_generate (engine, request, NULL, NULL, NULL, &error);
  g_assert_null (result);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_error (error, TACET_SAMPLE_ERROR, code);
  g_assert_nonnull (strstr (error->message, part));
}

static void
set_text (char **text, const char *value)
{
  g_free (*text);
  *text = g_strdup (value);
}

static TacetRequest *
three_controls (void)
{
  TacetRequest *request = tiny_request_new ();
  for (int kind = 0; kind < TACET_N_CONTROL_KINDS; kind++)
    tiny_request_add (request, (TacetControlKind) kind);
  return request;
}

static void
test_sizes (Fixture *self, gconstpointer unused)
{
  static const int bad[][2] = { { 33, 32 }, { 32, 0 }, { -8, 32 }, { 32, 100000 }, { G_MAXINT, G_MAXINT }, { 2, 2 } };
  g_autoptr (TacetRequest) request = tiny_request_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      request->width = bad[i][0];
      request->height = bad[i][1];
      expect_error (self->engine, request, TACET_SAMPLE_ERROR_REQUEST, "multiples of 4");
    }
  request->width = 48;
  request->height = 24;
  tiny_request_add (request, TACET_CONTROL_EDGE);
  g_autoptr (TacetResult) result = generate (self->engine, request);
  g_assert_true (result->picture->width == 48 && result->picture->height == 24);
}

static void
test_bad_requests (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  request->steps = 0;
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_REQUEST, "0 steps");
  request->steps = 1001;
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_REQUEST, "1001");
  request->steps = 2;
  request->guidance_scale = NAN;
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_REQUEST, "guidance");
  request->guidance_scale = 2;
  TacetControlRequest *control = tiny_request_add (request, TACET_CONTROL_EDGE);
  control->strength = INFINITY;
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_REQUEST, "edge");
  control->strength = 1;
  for (int i = 0; i < TACET_MAX_CONTROLS; i++)
    tiny_request_add (request, TACET_CONTROL_EDGE);
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_REQUEST, "15");
  g_ptr_array_set_size (request->controls, TACET_MAX_CONTROLS);
  g_autoptr (TacetResult) most = generate (self->engine, request);
  g_assert_nonnull (most);
}

static void
test_notes (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  g_autoptr (GString) endless = g_string_new (NULL);
  for (int i = 0; i < 300; i++)
    g_string_append (endless, "a red mug ");
  set_text (&request->prompt, endless->str);
  g_clear_pointer (&tiny_request_add (request, TACET_CONTROL_EDGE)->map, tacet_image_unref);
  g_autoptr (TacetResult) result = generate (self->engine, request);
  g_assert_cmpuint (result->progress->notes->len, ==, 2);
  g_assert_nonnull (strstr (g_ptr_array_index (result->progress->notes, 0), "no map"));
  g_assert_nonnull (strstr (g_ptr_array_index (result->progress->notes, 1), "448"));
}

static void
write_part (Fixture *self, const char *file, const char *text)
{
  g_autofree char *path = g_build_filename (self->folder, "tiny", file, NULL);
  if (text != NULL)
    g_assert_true (g_file_set_contents (path, text, -1, NULL));
  else
    g_unlink (path);
}

static void
test_missing_models (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  set_text (&request->model, "nowhere");
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_MODEL, "nowhere");
  set_text (&request->model, "");
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_MODEL, self->folder);
  g_clear_pointer (&request->model, g_free);
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_MODEL, self->folder);
  request->model = g_strdup ("tiny");
  tiny_request_add (request, TACET_CONTROL_EDGE)->model = g_strdup ("tiny/nothing");
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_MODEL, "tiny/nothing");
  g_ptr_array_set_size (request->controls, 0);
  tiny_request_add (request, TACET_CONTROL_EDGE);
  write_part (self, "edge/config.json", NULL);
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_MODEL, "edge");
}

static void
test_broken_models (Fixture *self, gconstpointer unused)
{
  static const char *const files[] = {
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "tokenizer/vocab.json",
    "tokenizer/merges.txt",
    "scheduler/scheduler_config.json",
    "edge/config.json",
    "edge/diffusion_pytorch_model.safetensors",
  };
  g_autoptr (TacetRequest) request = tiny_request_new ();
  tiny_request_add (request, TACET_CONTROL_EDGE);
  g_autoptr (TacetResult) whole = generate (self->engine, request);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, "tiny", files[i], NULL), *good = NULL;
      gsize length = 0;
      g_assert_true (g_file_get_contents (path, &good, &length, NULL));
      for (int how = 0; how < 4; how++)
        {
          g_autoptr (GError) error = NULL;
          if (how == 0)
            g_unlink (path);
          else
            g_assert_true (g_file_set_contents (path, good, how == 1 ? 0 : (gssize) length * (how - 1) / 3, NULL));
          g_autoptr (TacetResult) result = tacet_engine_generate (self->engine, request, NULL, NULL, NULL, &error);
          /* Half a list of merges is still a list of merges. */
          if (g_str_has_suffix (path, "merges.txt") && how > 0)
            continue;
          g_assert_null (result);
          g_assert_nonnull (error);
          g_test_message ("%s", error->message);
          g_assert_true (error->domain == TACET_SAMPLE_ERROR);
        }
      g_assert_true (g_file_set_contents (path, good, (gssize) length, NULL));
      g_autoptr (TacetResult) mended = generate (self->engine, request);
      g_assert_true (tacet_image_equal (whole->picture, mended->picture));
    }
}

/* Weights of another network under the right name. */
static void
test_unfit_models (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  g_autofree char *unet = g_build_filename (self->folder, "tiny/unet/diffusion_pytorch_model.safetensors", NULL);
  g_autofree char *edge = g_build_filename (self->folder, "tiny/edge/diffusion_pytorch_model.safetensors", NULL);
  g_autofree char *data = NULL;
  gsize length = 0;
  tiny_request_add (request, TACET_CONTROL_EDGE);
  g_assert_true (g_file_get_contents (unet, &data, &length, NULL));
  g_assert_true (g_file_set_contents (edge, data, (gssize) length, NULL));
  expect_error (self->engine, request, TACET_SAMPLE_ERROR_MODEL, "edge");
}

/* Weights so large that the sums overflow: no picture of nothing, and no endless solver. */
static void
test_overflow (Fixture *self, gconstpointer unused)
{
  static const char *const files[] = { "tiny/unet/diffusion_pytorch_model.safetensors",
                                       "tiny/edge/diffusion_pytorch_model.safetensors" };
  g_autoptr (TacetRequest) request = tiny_request_new ();
  tiny_request_add (request, TACET_CONTROL_EDGE);
  tiny_request_add (request, TACET_CONTROL_DEPTH);
  for (gsize i = G_N_ELEMENTS (files); i-- > 0;)
    {
      g_autofree char *path = g_build_filename (self->folder, files[i], NULL), *data = NULL;
      gsize length = 0;
      g_assert_true (g_file_get_contents (path, &data, &length, NULL));
      for (gsize at = length - 4000; at < length; at += 4)
        memcpy (data + at, &(float){ 3e38f }, 4);
      g_assert_true (g_file_set_contents (path, data, (gssize) length, NULL));
      expect_error (self->engine, request, TACET_SAMPLE_ERROR_NUMBERS, "step 1");
    }
}

/* A model that is replaced while the engine runs is read again. */
static void
test_reload (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  tiny_request_add (request, TACET_CONTROL_EDGE);
  g_autoptr (TacetResult) before = generate (self->engine, request);
  tiny_pipeline_rewrite (self->folder, "edge", 999);
  g_autoptr (TacetResult) edge = generate (self->engine, request);
  g_assert_false (tacet_image_equal (before->picture, edge->picture));
  tiny_pipeline_rewrite (self->folder, "unet", 998);
  g_autoptr (TacetResult) unet = generate (self->engine, request);
  g_assert_false (tacet_image_equal (edge->picture, unet->picture));
  g_autoptr (TacetEngine) fresh = new_engine (self->folder, 1, 0);
  g_autoptr (TacetResult) again = generate (fresh, request);
  g_assert_true (tacet_image_equal (again->picture, unet->picture));
}

static void
ignore_progress (TacetProgress *progress, gpointer unused)
{
}

/* Any budget gives either the same picture or a message; some are too small and some large enough. */
static void
test_no_memory (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = three_controls ();
  ((TacetControlRequest *) g_ptr_array_index (request->controls, 0))->end = 0.5;
  g_autoptr (TacetResult) whole = generate (self->engine, request);
  int refused = 0, made = 0;
  for (gsize budget = 1000; budget < 64 << 20; budget = budget * 3 / 2)
    {
      g_autoptr (TacetEngine) engine = new_engine (self->folder, 1, budget);
      g_autoptr (GError) error = NULL;
      TacetProgressFunc func = made % 2 ? ignore_progress : NULL;
      g_autoptr (TacetResult) result = tacet_engine_generate (engine, request, func, NULL, NULL, &error);
      if (result != NULL)
        {
          g_assert_true (tacet_image_equal (whole->picture, result->picture));
          made++;
          continue;
        }
      g_assert_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NO_MEMORY);
      g_assert_nonnull (strstr (error->message, "memory"));
      refused++;
      /* Nothing is lost: a smaller wish on the same engine still gets an answer. */
      g_autoptr (TacetRequest) small = tiny_request_new ();
      small->width = small->height = 8;
      small->guidance_scale = 1;
      g_clear_error (&error);
      g_autoptr (TacetResult) other = tacet_engine_generate (engine, small, NULL, NULL, NULL, &error);
      g_assert_true ((other != NULL) != (error != NULL));
    }
  g_test_message ("%d budgets refused, %d enough", refused, made);
  g_assert_cmpint (refused, >, 3);
  g_assert_cmpint (made, >, 3);
}

/* A picture much too large for the machine is refused, not attempted to death. */
static void
test_too_large (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetEngine) engine = new_engine (self->folder, 1, 256 << 20);
  g_autoptr (TacetRequest) request = tiny_request_new ();
  request->width = request->height = 8192;
  expect_error (engine, request, TACET_SAMPLE_ERROR_NO_MEMORY, "memory");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/faults/sizes", test_sizes },
    { "/faults/bad-requests", test_bad_requests },
    { "/faults/notes", test_notes },
    { "/faults/missing-models", test_missing_models },
    { "/faults/broken-models", test_broken_models },
    { "/faults/unfit-models", test_unfit_models },
    { "/faults/overflow", test_overflow },
    { "/faults/reload", test_reload },
    { "/faults/no-memory", test_no_memory },
    { "/faults/too-large", test_too_large },
  };
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
