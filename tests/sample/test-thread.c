/* test-thread.c: the engine on a thread of its own, and the report as a file.
 *
 * Room: tests/sample.
 */
#include "engine/sample/tacet-report.h"
#include "engine/sample/tacet-schedule.h"
#include "tiny-pipeline.h"
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

typedef struct
{
  char *folder;
  TacetEngineThread *thread;
  GMainLoop *loop;
  GThread *main_thread;
  int n_progress, last_step, n_done, n_expected;
  int order[8]; /* of the jobs that ended */
  TacetResult *result;
  GError *error;
  GCancellable *cancel_at_one;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->folder = tiny_pipeline_new (200);
  const char *const path[] = { self->folder, NULL };
  self->thread = tacet_engine_thread_new (1, 0, path);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->main_thread = g_thread_self ();
  self->last_step = -1;
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_clear_pointer (&self->thread, tacet_engine_thread_free);
  g_clear_pointer (&self->result, tacet_result_free);
  g_clear_error (&self->error);
  g_main_loop_unref (self->loop);
  tiny_pipeline_remove (self->folder);
}

static void
progress_cb (TacetProgress *progress, gpointer data)
{
  Fixture *self = data;
  g_assert_true (g_thread_self () == self->main_thread);
  g_assert_cmpint (self->n_done, ==, 0);
  g_assert_cmpint (progress->step, >, self->last_step);
  self->last_step = progress->step;
  self->n_progress++;
  if (self->cancel_at_one != NULL && progress->step >= 1)
    g_cancellable_cancel (self->cancel_at_one);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *self = data;
  g_assert_true (g_thread_self () == self->main_thread);
  g_clear_pointer (&self->result, tacet_result_free);
  g_clear_error (&self->error);
  self->result = tacet_engine_thread_generate_finish (self->thread, result, &self->error);
  g_assert_true ((self->result != NULL) != (self->error != NULL));
  self->order[self->n_done++ % 8] = self->result != NULL ? self->result->progress->n_steps : -1;
  if (self->n_done == self->n_expected)
    g_main_loop_quit (self->loop);
}

static void
test_run (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  tiny_request_add (request, TACET_CONTROL_EDGE);
  request->steps = 12;
  self->n_expected = 1;
  tacet_engine_thread_generate_async (self->thread, request, progress_cb, self, NULL, done_cb, self);
  request->steps = 3; /* the engine has its own copy */
  g_main_loop_run (self->loop);
  g_assert_no_error (self->error);
  g_assert_cmpint (self->last_step, ==, 12);
  g_assert_cmpuint (self->result->progress->reports->len, ==, 24);

  const char *const path[] = { self->folder, NULL };
  g_autoptr (TacetEngine) engine = tacet_engine_new (1, 0, NULL);
  tacet_engine_set_model_path (engine, path);
  request->steps = 12;
  g_autoptr (TacetResult) direct = tacet_engine_generate (engine, request, NULL, NULL, NULL, NULL);
  g_assert_true (tacet_image_equal (direct->picture, self->result->picture));
}

/* A main loop that looks away gets the newest progress only. */
static void
test_coalescing (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  request->steps = 30;
  self->n_expected = 1;
  tacet_engine_thread_generate_async (self->thread, request, progress_cb, self, NULL, done_cb, self);
  g_usleep (400000);
  g_main_loop_run (self->loop);
  g_assert_no_error (self->error);
  g_assert_cmpint (self->last_step, ==, 30);
  g_assert_cmpint (self->n_progress, <=, 31);
  g_test_message ("%d of 31 progress values were delivered", self->n_progress);
}

static void
test_queue (Fixture *self, gconstpointer unused)
{
  self->n_expected = 3;
  for (int i = 1; i <= 3; i++)
    {
      g_autoptr (TacetRequest) request = tiny_request_new ();
      request->steps = i;
      tacet_engine_thread_generate_async (self->thread, request, NULL, NULL, NULL, done_cb, self);
    }
  g_main_loop_run (self->loop);
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (self->order[i], ==, i + 1);
}

static void
test_cancel (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  g_autoptr (GCancellable) running = g_cancellable_new (), waiting = g_cancellable_new ();
  request->steps = 900;
  self->cancel_at_one = running;
  self->n_expected = 1;
  tacet_engine_thread_generate_async (self->thread, request, progress_cb, self, running, done_cb, self);
  g_main_loop_run (self->loop);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (self->last_step, <, 900);

  /* Cancelled before its turn, cancelled before it is asked for: both end at once; the next one works. */
  self->n_expected = 4;
  g_cancellable_cancel (waiting);
  request->steps = 2;
  tacet_engine_thread_generate_async (self->thread, request, NULL, NULL, running, done_cb, self);
  tacet_engine_thread_generate_async (self->thread, request, NULL, NULL, waiting, done_cb, self);
  tacet_engine_thread_generate_async (self->thread, request, NULL, NULL, NULL, done_cb, self);
  g_main_loop_run (self->loop);
  g_assert_no_error (self->error);
  g_assert_cmpint (self->order[1], ==, -1);
  g_assert_cmpint (self->order[2], ==, -1);
  g_assert_cmpint (self->order[3], ==, 2);
}

static void
test_errors (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  request->width = 3;
  self->n_expected = 1;
  tacet_engine_thread_generate_async (self->thread, request, progress_cb, self, NULL, done_cb, self);
  g_main_loop_run (self->loop);
  g_assert_error (self->error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST);
  g_assert_cmpint (self->n_progress, ==, 0);
}

static void
no_progress (TacetProgress *progress, gpointer data)
{
  g_assert_not_reached ();
}

/* Freed in the middle of a run, with another waiting: both callbacks still come, as cancelled, and no
 * progress after the thread is gone. */
static void
test_teardown (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  request->steps = 900;
  self->n_expected = 2;
  tacet_engine_thread_generate_async (self->thread, request, no_progress, NULL, NULL, done_cb, self);
  tacet_engine_thread_generate_async (self->thread, request, no_progress, NULL, NULL, done_cb, self);
  g_usleep (100000);
  g_clear_pointer (&self->thread, tacet_engine_thread_free);
  g_main_loop_run (self->loop);
  g_assert_cmpint (self->order[0], ==, -1);
  g_assert_cmpint (self->order[1], ==, -1);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- the report --- */

static JsonObject *
member (JsonObject *object, const char *name, guint index)
{
  return json_array_get_object_element (json_object_get_array_member (object, name), index);
}

static void
check_layer (JsonObject *json, const TacetStepReport *step, const TacetLayerReport *layer)
{
  static const char *const names[] = { "unet_norm", "combined_norm", "unet_dot_combined", "lambda" };
  const TacetBalance *b = &layer->balance;
  const double values[] = { b->unet_norm, b->combined_norm, b->unet_dot_combined, b->lambda };
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat (json_object_get_double_member (json, names[i]), ==, values[i]);
  JsonArray *gram = json_object_get_array_member (json, "gram");
  JsonArray *weights = json_object_get_array_member (json, "weights");
  JsonArray *strengths = json_object_get_array_member (json, "strengths");
  int n = step->n_controls;
  g_assert_cmpuint (json_array_get_length (gram), ==, n);
  for (int k = 0; k < n; k++)
    {
      g_assert_cmpfloat (json_array_get_double_element (weights, k), ==, b->weights[k]);
      g_assert_cmpfloat (json_array_get_double_element (strengths, k), ==, layer->strengths[k]);
      for (int l = 0; l < n; l++)
        g_assert_cmpfloat (json_array_get_double_element (json_array_get_array_element (gram, k), l), ==,
                           layer->gram[k * n + l]);
    }
  JsonArray *dropped = json_object_get_array_member (json, "dropped");
  g_assert_cmpuint (json_array_get_length (dropped), ==, 1);
  g_assert_cmpint (json_array_get_int_element (dropped, 0), ==, 2);
}

static void
test_report (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  g_free (request->prompt);
  request->prompt = g_strdup ("a \"red\"\n\\ mug\t\xc3\xa9 \xff");
  request->seed = G_MAXUINT64;
  request->guidance_rescale = 0.25;
  request->image = tacet_image_new (8, 8, 3);
  request->denoising_strength = 0.75;
  request->steps = 6; /* of which 4 are left */
  tiny_request_add (request, TACET_CONTROL_EDGE)->strength = 0.1;
  tiny_request_add (request, TACET_CONTROL_DEPTH)->strength = 1.0 / 3;
  tiny_request_add (request, TACET_CONTROL_POSE)->model = g_strdup ("tiny/silent");
  self->n_expected = 1;
  tacet_engine_thread_generate_async (self->thread, request, NULL, NULL, NULL, done_cb, self);
  g_main_loop_run (self->loop);
  g_assert_no_error (self->error);

  g_autofree char *path = g_build_filename (self->folder, "report.json", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (tacet_report_write (path, request, self->result->progress, NULL, &error));
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_assert_true (json_parser_load_from_file (parser, path, &error));
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  g_assert_cmpstr (json_object_get_string_member (root, "format"), ==, "tacet-report");
  g_assert_cmpint (json_object_get_int_member (root, "version"), ==, 1);
  JsonObject *scene = json_object_get_object_member (root, "scene");
  g_assert_cmpstr (json_object_get_string_member (scene, "prompt"), ==, "a \"red\"\n\\ mug\t\xc3\xa9 \xef\xbf\xbd");
  g_assert_cmpfloat (json_object_get_double_member (scene, "denoising_strength"), ==, 0.75);
  g_assert_cmpfloat (json_object_get_double_member (scene, "guidance_rescale"), ==, 0.25);
  g_assert_false (json_object_has_member (scene, "mask_feather") || json_object_has_member (scene, "loras"));
  g_assert_cmpfloat (json_object_get_double_member (member (scene, "layers", 1), "strength"), ==, 1.0 / 3);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "controls")), ==, 3);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "steps")), ==, 8);
  for (guint i = 0; i < 8; i++)
    {
      const TacetStepReport *step = g_ptr_array_index (self->result->progress->reports, i);
      JsonObject *json = member (root, "steps", i);
      g_assert_cmpint (json_object_get_int_member (json, "step"), ==, step->step);
      g_assert_cmpint (json_object_get_int_member (json, "timestep"), ==, step->timestep);
      g_assert_cmpstr (json_object_get_string_member (json, "half"), ==,
                       step->conditional ? "conditional" : "unconditional");
      for (int layer = 0; layer < step->n_layers; layer++)
        check_layer (member (json, "layers", layer), step, &step->layers[layer]);
    }
  g_assert_false (tacet_report_write ("/nonexistent/report.json", request, self->result->progress, NULL, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/thread/run", test_run },       { "/thread/coalescing", test_coalescing }, { "/thread/queue", test_queue },
    { "/thread/cancel", test_cancel }, { "/thread/errors", test_errors },         { "/thread/teardown", test_teardown },
    { "/thread/report", test_report },
  };
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
