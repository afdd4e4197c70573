/* benchmark-overhead.c: what balance, report and preview take of a step with three controls and guidance.
 *
 * Room: tests/sample.  Every step of a real run is followed, inside its progress callback, by the same networks without
 * any of the three: residuals added as they are, nothing told, nothing shown.  So both take turns within one process
 * and the difference of neighbours counts.  A difference of two long times says little about a small part of them;
 * beside it stand the parts as clocks inside the step saw them: what the plan's own steps took, and what was left.
 * A measurement, no test.
 *
 * benchmark-overhead [STEPS THREADS SIDE MODEL CONTROL...]: without MODEL the starter's sizes in random numbers.
 */
#include "engine/sample/tacet-engine-private.h"
#include "engine/sample/tacet-report.h"
#include "kernels/tacet-roofline.h"
#include "tiny-pipeline.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_CONTROLS 3

enum
{
  NETWORKS,
  GRAM,
  SOLVE,
  COMBINE,
  MASKS,
  SHOW, /* preview, report, the sampler's arithmetic: what is outside of the plan's steps, less what that is without */
  WHOLE,
  PLAIN,
  DIFFERENCE,
  N_PARTS
};

static const char *const part_names[N_PARTS] = { "networks", "gram",  "solve", "combine",   "masks",
                                                 "show",     "whole", "plain", "difference" };

typedef struct
{
  TacetEngine *engine;
  TacetGraph *graph; /* the networks alone */
  TacetPlan *plan;
  TacetValue *sample, *timestep, *context, *hints[N_CONTROLS], *out;
  double since, reading; /* seconds that one reading of the clock takes */
  double kept;           /* seconds of what the first step computes for all */
  GCancellable *cancellable;
  TacetProgress *last;
  GArray *parts[N_PARTS]; /* of double: seconds of each step */
} Measurement;

/* With one thread its own processor time, so that other programs do not count. */
static double
now (TacetEngine *engine)
{
  return tacet_cpu_backend_clock (engine->backend);
}

/* --- the same networks, residuals added as they are --- */

static void
build_plain (Measurement *self, const TacetDenoiser *full)
{
  TacetPipeline *pipeline = self->engine->pipeline;
  TacetGraph *g = self->graph = tacet_graph_new ();
  TacetFeatures features = { 0 };
  g_autoptr (GError) error = NULL;
  self->sample = tacet_input (g, "sample", TACET_F32, full->sample->shape);
  self->timestep = tacet_input (g, "timestep", TACET_F32, full->timestep->shape);
  self->context = tacet_input_lasting (g, "context", TACET_F32, full->context->shape);
  tacet_unet_encoder (g, &pipeline->unet, pipeline->unet_weights, self->sample, self->timestep, self->context, NULL,
                      &features);
  for (int k = 0; k < N_CONTROLS; k++)
    {
      GPtrArray *nets = self->engine->controlnets;
      TacetControlnet *net = g_ptr_array_index (nets, (guint) k % nets->len);
      TacetFeatures residuals = { 0 };
      self->hints[k] = tacet_input_lasting (g, "hint", TACET_F32, full->hints[k]->shape);
      tacet_controlnet (g, &net->config, net->weights, self->sample, self->timestep, self->context, NULL,
                        self->hints[k], &residuals);
      for (int i = 0; i < features.n; i++)
        features.r[i] = tacet_add (features.r[i], residuals.r[i]);
    }
  self->out = tacet_unet_decoder (g, &pipeline->unet, pipeline->unet_weights, self->context, NULL, &features);
  self->plan = tacet_plan_new (g, &self->out, 1, self->engine->backend,
                               TACET_PLAN_CONSTANT_WEIGHTS | TACET_PLAN_KEEP_LASTING, &error);
  g_assert_no_error (error);
  g_assert_true (tacet_plan_set (self->plan, self->context, tacet_plan_data (full->plan, full->context), NULL));
  for (int k = 0; k < N_CONTROLS; k++)
    g_assert_true (tacet_plan_set (self->plan, self->hints[k], tacet_plan_data (full->plan, full->hints[k]), NULL));
}

/* rest: of this what was none of the plan's steps */
static double
run_plain (Measurement *self, const TacetDenoiser *full, double *rest)
{
  g_autofree float *out = g_new (float, (gsize) tacet_shape_count (self->out->shape));
  guint first = tacet_plan_n_kept (self->plan), n = tacet_plan_n_steps (self->plan) - first;
  tacet_plan_measure (self->plan); /* anew: the best of one run is that run */
  double start = now (self->engine);
  g_assert_true (tacet_plan_set (self->plan, self->sample, tacet_plan_data (full->plan, full->sample), NULL) &&
                 tacet_plan_set (self->plan, self->timestep, tacet_plan_data (full->plan, full->timestep), NULL) &&
                 tacet_plan_run (self->plan, NULL, NULL) && tacet_plan_get (self->plan, self->out, out, NULL));
  double whole = *rest = now (self->engine) - start - 2 * n * self->reading;
  for (guint i = first; i < first + n; i++)
    *rest -= tacet_plan_step_seconds (self->plan, i) - self->reading;
  return whole;
}

/* --- the real run --- */

static gboolean
is_mask (const TacetDenoiser *full, const TacetValue *y)
{
  for (guint i = 0; i < full->masks->len; i++)
    if (y->n_inputs == 2 && y->in[1] == g_array_index (full->masks, TacetMaskInput, i).value)
      return TRUE;
  return FALSE;
}

static int
part_of (const TacetDenoiser *full, const TacetValue *y)
{
  switch (y->op)
    {
    case TACET_OP_GRAM:
      return GRAM;
    case TACET_OP_HOST:
      return SOLVE;
    case TACET_OP_COMBINE:
      return COMBINE;
    default:
      return is_mask (full, y) ? MASKS : NETWORKS;
    }
}

/* Every step is timed by two readings of the clock; about one of them lies within what they measure. */
static void
keep (Measurement *self, const TacetDenoiser *full, double whole)
{
  double seconds[N_PARTS] = { 0 };
  guint first = tacet_plan_n_kept (full->plan), n = tacet_plan_n_steps (full->plan) - first;
  seconds[SHOW] = seconds[WHOLE] = whole - 2 * n * self->reading;
  for (guint i = first; i < first + n; i++)
    {
      double step = tacet_plan_step_seconds (full->plan, i) - self->reading;
      seconds[part_of (full, tacet_plan_step_value (full->plan, i))] += step;
      seconds[SHOW] -= step;
    }
  double rest;
  seconds[PLAIN] = run_plain (self, full, &rest);
  seconds[SHOW] -= rest;
  seconds[DIFFERENCE] = seconds[WHOLE] - seconds[PLAIN];
  for (int part = 0; part < N_PARTS; part++)
    g_array_append_val (self->parts[part], seconds[part]);
}

/* Between two steps, on their thread.  The first step makes the plans and does not count; after the last the run is
 * over: nobody waits for its picture. */
static void
between_steps (TacetProgress *progress, gpointer data)
{
  Measurement *self = data;
  double whole = now (self->engine) - self->since;
  if (progress->step == 0)
    return;
  TacetDenoiser *full = _tacet_engine_last_denoiser (self->engine);
  if (self->plan == NULL)
    {
      double rest;
      build_plain (self, full);
      run_plain (self, full, &rest);
      for (guint i = 0; i < tacet_plan_n_kept (self->plan); i++)
        self->kept += tacet_plan_step_seconds (self->plan, i) - self->reading;
    }
  else
    keep (self, full, whole);
  if (progress->step + 1 == progress->n_steps)
    {
      self->last = tacet_progress_ref (progress);
      g_cancellable_cancel (self->cancellable);
    }
  tacet_plan_measure (full->plan); /* anew: the best of one run is that run */
  self->since = now (self->engine);
}

/* --- what is asked for --- */

/* A map of blocks; half of the control is silent, a different half for each, as where it was erased. */
static void
add_control (TacetRequest *request, int k, const char *model)
{
  TacetControlRequest *control = tacet_control_request_new ((TacetControlKind) k);
  int side = request->width;
  control->model = g_strdup (model);
  control->map = tacet_image_new (side, side, 3);
  control->coverage = tacet_image_new (side, side, 1);
  for (int i = 0; i < side * side * 3; i++)
    control->map->data[i] = (guint8) (32 + (i / 3 % side / 16 * 37 + i / 3 / side / 16 * 59 + i % 3 * 83 * k) % 192);
  for (int i = 0; i < side * side; i++)
    control->coverage->data[i] = (k == 1 ? i % side : i / side) * 2 < side + side / 2 * k ? 255 : 0;
  g_ptr_array_add (request->controls, control);
}

static TacetRequest *
make_request (int steps, int side, const char *model, char **controls, int n)
{
  TacetRequest *request = tiny_request_new ();
  request->width = request->height = side;
  request->steps = steps + 2;
  request->guidance_scale = 5;
  if (model != NULL)
    {
      g_free (request->model);
      request->model = g_strdup (model);
    }
  for (int k = 0; k < N_CONTROLS; k++)
    add_control (request, k, n > 0 ? controls[k % n] : NULL);
  return request;
}

/* --- figures --- */

static int
by_value (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return x < y ? -1 : x > y;
}

/* share: 0 .. 1 of the sorted values */
static double
quantile (const GArray *sorted, double share)
{
  return g_array_index (sorted, double, (guint) lround (share * (sorted->len - 1)));
}

static double
mean (const GArray *values)
{
  double sum = 0;
  for (guint i = 0; i < values->len; i++)
    sum += g_array_index (values, double, i);
  return sum / values->len;
}

/* JSON to be read by a program, one line a part: seconds, the middle, the quarters below and above it, and the mean
 * (some previews cost more than others). */
static void
print_parts (Measurement *self, double json_seconds)
{
  printf ("{ \"steps\": %u, \"report_file\": %.6f, \"once\": %.6f", self->parts[WHOLE]->len, json_seconds, self->kept);
  for (int part = 0; part < N_PARTS; part++)
    {
      GArray *values = self->parts[part];
      g_array_sort (values, by_value);
      printf (",\n  \"%s\": { \"low\": %.6f, \"middle\": %.6f, \"high\": %.6f, \"mean\": %.6f }", part_names[part],
              quantile (values, 0.25), quantile (values, 0.5), quantile (values, 0.75), mean (values));
    }
  printf (" }\n");
}

/* Of the report's file for each step. */
static double
time_report (TacetEngine *engine, const TacetRequest *request, const TacetProgress *progress)
{
  double start = now (engine);
  g_autofree char *json = tacet_report_to_json (request, progress, NULL);
  return (now (engine) - start) / progress->step;
}

static double
time_reading (TacetEngine *engine)
{
  double start = now (engine);
  for (int i = 0; i < 100000; i++)
    now (engine);
  return (now (engine) - start) / 100000;
}

/* A small picture at once, so that plans which are made once do not count; a large one's are made by the first step. */
static void
warm_up (TacetEngine *engine, const TacetRequest *request)
{
  g_autoptr (TacetRequest) once = tacet_request_copy (request);
  once->steps = 1;
  if (once->width <= 128)
    tacet_result_free (tacet_engine_generate (engine, once, NULL, NULL, NULL, NULL));
}

static void
measure (TacetEngine *engine, const TacetRequest *request)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Measurement self = { .engine = engine, .cancellable = cancellable };
  g_autoptr (GError) error = NULL;
  for (int part = 0; part < N_PARTS; part++)
    self.parts[part] = g_array_new (FALSE, FALSE, sizeof (double));
  self.reading = time_reading (engine);
  warm_up (engine, request);
  g_autoptr (TacetResult) result = tacet_engine_generate (engine, request, between_steps, &self, cancellable, &error);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_error ("%s", error->message);
  print_parts (&self, time_report (engine, request, self.last));
  for (int part = 0; part < N_PARTS; part++)
    g_array_unref (self.parts[part]);
  tacet_progress_unref (self.last);
  g_clear_pointer (&self.plan, tacet_plan_free);
  g_clear_pointer (&self.graph, tacet_graph_free);
}

int
main (int argc, char **argv)
{
  int steps = argc > 1 ? atoi (argv[1]) : 40, threads = argc > 2 ? atoi (argv[2]) : 0;
  int side = argc > 3 ? atoi (argv[3]) : 64;
  g_autofree char *folder = argc > 4 ? NULL : g_dir_make_tmp ("tacet-benchmark-XXXXXX", NULL);
  const char *const path[] = { folder, NULL };
  if (folder != NULL)
    tiny_pipeline_write (folder, 1, &starter_sizes);
  g_autoptr (TacetEngine) engine = tacet_engine_new (threads, 0, NULL);
  g_autoptr (TacetRequest) request =
      make_request (MAX (steps, 1), side, argc > 4 ? argv[4] : NULL, argv + 5, MAX (argc - 5, 0));
  if (folder != NULL)
    tacet_engine_set_model_path (engine, path);
  measure (engine, request);
  if (folder != NULL)
    tiny_pipeline_remove (g_steal_pointer (&folder));
  return 0;
}
