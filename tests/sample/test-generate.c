/* test-generate.c: whole generations with a tiny random model: what must be equal, what must differ.
 *
 * Room: tests/sample.
 */
#include "engine/sample/tacet-schedule.h"
#include "tiny-pipeline.h"
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

/* The statistics of the norms are found by iteration; a random network makes the most of what is left. */
static void
test_tiled (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  g_autoptr (TacetResult) whole = NULL, tiled = NULL;
  request->image = tacet_image_new (request->width, request->height, 3);
  for (gsize i = 0; i < (gsize) request->width * request->height * 3; i++)
    request->image->data[i] = (guint8) (i * 7 + i / 50);
  request->denoising_strength = 0.5;
  request->vae_tiling = TACET_TILING_OFF;
  whole = generate (self->engine, request);
  request->vae_tiling = TACET_TILING_ON;
  tiled = generate (self->engine, request);
  for (gsize i = 0; i < (gsize) request->width * request->height * 3; i++)
    g_assert_cmpint (ABS (whole->picture->data[i] - tiled->picture->data[i]), <=, 8);
  g_assert_cmpuint (whole->progress->memory, >, 0);
}

/* --- a run --- */

typedef struct
{
  int calls, last_step;
  gboolean previews;
} Seen;

static void
see (TacetProgress *progress, gpointer data)
{
  Seen *seen = data;
  g_assert_cmpint (progress->step, ==, seen->calls);
  g_assert_cmpint (progress->n_steps, ==, 4);
  g_assert_cmpuint (progress->reports->len, ==, 2 * progress->step);
  g_assert_cmpuint (progress->control_names->len, ==, 3);
  g_assert_true (progress->seconds >= 0);
  g_assert_true ((progress->preview != NULL) == (progress->step > 0));
  if (progress->preview != NULL)
    g_assert_true (progress->preview->width == 32 && progress->preview->height == 32 &&
                   progress->preview->channels == 3);
  g_assert_true ((progress->seconds_left >= 0) == (progress->step > 0));
  seen->calls++;
}

static void
test_run (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = three_controls ();
  g_autoptr (GError) error = NULL;
  Seen seen = { 0 };
  g_autoptr (TacetResult) result = tacet_engine_generate (self->engine, request, see, &seen, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (seen.calls, ==, 5);
  g_assert_true (result->picture->width == 32 && result->picture->height == 32 && result->picture->channels == 3);
  g_assert_true (tacet_image_equal (result->picture, result->progress->preview));
  g_assert_cmpuint (result->progress->reports->len, ==, 8);
  g_assert_cmpuint (result->progress->notes->len, ==, 0);
  int most = 0, least = 255;
  for (int i = 0; i < 32 * 32 * 3; i++)
    {
      most = MAX (most, result->picture->data[i]);
      least = MIN (least, result->picture->data[i]);
    }
  g_assert_cmpint (most - least, >, 10);
  for (int i = 0; i < 8; i++)
    {
      const TacetStepReport *report = g_ptr_array_index (result->progress->reports, i);
      g_assert_cmpint (report->step, ==, i / 2);
      g_assert_cmpint (report->timestep, ==, 751 - 250 * (i / 2));
      g_assert_true (report->conditional == (i % 2 == 0));
      g_assert_cmpint (report->n_controls, ==, 3);
      g_assert_cmpint (report->n_layers, ==, 5);
    }
}

/* --- previews --- */

typedef struct
{
  TacetImage *first; /* after the first step */
} Previews;

static void
keep_first (TacetProgress *progress, gpointer data)
{
  Previews *previews = data;
  if (progress->step == 1)
    previews->first = tacet_image_ref (progress->preview);
}

/* of the means of blocks: what a likeness can know */
static double
correlation (const TacetImage *fine_a, const TacetImage *fine_b)
{
  g_autoptr (TacetImage) a = tacet_image_resize (fine_a, 8, 8, FALSE), b = tacet_image_resize (fine_b, 8, 8, FALSE);
  double n = 8 * 8 * 3, sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (int i = 0; i < n; i++)
    {
      double x = a->data[i], y = b->data[i];
      sa += x;
      sb += y;
      saa += x * x;
      sbb += y * y;
      sab += x * y;
    }
  return (sab - sa * sb / n) / sqrt ((saa - sa * sa / n) * (sbb - sb * sb / n));
}

static TacetImage *
first_preview (Fixture *self, const TacetRequest *request)
{
  Previews previews = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetResult) result = tacet_engine_generate (self->engine, request, keep_first, &previews, NULL, &error);
  g_assert_no_error (error);
  return previews.first;
}

/* A decoder that costs more than a step is replaced by a likeness; silent controls make the step dearer
 * without changing it, and then the same estimate comes from the decoder. */
static void
test_previews (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  tiny_pipeline_rewrite (self->folder, "heavy-vae", 5);
  g_autoptr (TacetImage) likeness = first_preview (self, request);
  for (int k = 0; k < TACET_MAX_CONTROLS; k++)
    tiny_request_add (request, TACET_CONTROL_EDGE)->model = g_strdup ("tiny/silent");
  g_autoptr (TacetImage) decoded = first_preview (self, request);
  double similar = correlation (likeness, decoded);
  g_test_message ("correlation of the likeness with the decoded estimate: %g", similar);
  g_assert_cmpfloat (similar, >, 0.4);
  g_assert_cmpfloat (similar, <, 0.999);
}

/* A quick decoder makes one preview for many evaluations, which stays meanwhile; another picture has its own. */
static void
count_pictures (TacetProgress *progress, gpointer data)
{
  GPtrArray *seen = data;
  TacetImage *last = seen->len > 0 ? g_ptr_array_index (seen, seen->len - 1) : NULL;
  if (progress->preview != NULL && progress->step < progress->n_steps && progress->preview != last)
    g_ptr_array_add (seen, tacet_image_ref (progress->preview));
}

static void
test_seldom (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = three_controls ();
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_image_unref);
  g_autoptr (GError) error = NULL;
  request->steps = 8;
  request->count = 2;
  g_autoptr (TacetResult) result = tacet_engine_generate (self->engine, request, count_pictures, seen, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (seen->len, ==, 2);
  g_assert_false (tacet_image_equal (g_ptr_array_index (seen, 0), g_ptr_array_index (seen, 1)));
}

static void
assert_same_layers (const TacetStepReport *a, const TacetStepReport *b)
{
  gsize gram = (gsize) (a->n_layers * a->n_controls * a->n_controls) * sizeof (double);
  g_assert_cmpint (a->n_layers, ==, b->n_layers);
  g_assert_cmpint (a->n_controls, ==, b->n_controls);
  g_assert_cmpmem (a->layers[0].gram, gram, b->layers[0].gram, gram);
  for (int i = 0; i < a->n_layers; i++)
    {
      g_assert_cmpint (a->layers[i].layer, ==, b->layers[i].layer);
      g_assert_cmpmem (&a->layers[i].balance, sizeof (TacetBalance), &b->layers[i].balance, sizeof (TacetBalance));
      g_assert_cmpmem (a->layers[i].strengths, sizeof a->layers[i].strengths, b->layers[i].strengths,
                       sizeof b->layers[i].strengths);
    }
}

static void
test_determinism (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = three_controls ();
  g_autoptr (TacetResult) first = generate (self->engine, request);
  g_autoptr (TacetResult) again = generate (self->engine, request);
  g_assert_true (tacet_image_equal (first->picture, again->picture));
  for (int threads = 2; threads <= 3; threads++)
    {
      g_autoptr (TacetEngine) other = new_engine (self->folder, threads, 0);
      g_autoptr (TacetResult) result = generate (other, request);
      g_assert_true (tacet_image_equal (first->picture, result->picture));
      const TacetStepReport *a = g_ptr_array_index (first->progress->reports, 7);
      const TacetStepReport *b = g_ptr_array_index (result->progress->reports, 7);
      assert_same_layers (a, b);
    }
  request->seed = 8;
  g_autoptr (TacetResult) other_seed = generate (self->engine, request);
  g_assert_false (tacet_image_equal (first->picture, other_seed->picture));
}

/* Everything that should change the picture does. */
static void
test_everything_counts (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = three_controls ();
  g_autoptr (TacetResult) base = generate (self->engine, request);
  for (int what = 0; what < 8; what++)
    {
      g_autoptr (TacetRequest) changed = tacet_request_copy (request);
      TacetControlRequest *control = g_ptr_array_index (changed->controls, 0);
      g_autoptr (TacetImage) black = tacet_image_new (8, 8, 3);
      switch (what)
        {
        case 0:
          set_text (&changed->prompt, "a blue person");
          break;
        case 1:
          set_text (&changed->negative_prompt, "red");
          break;
        case 2:
          changed->guidance_scale = 4;
          break;
        case 3:
          changed->sampler = TACET_SAMPLER_EULER;
          break;
        case 4:
          control->strength = 0.5;
          break;
        case 5:
          control->end = 0.5;
          break;
        case 6:
          tacet_image_unref (control->map);
          control->map = tacet_image_ref (black);
          break;
        default:
          changed->combine.kind = TACET_COMBINE_SUM;
          break;
        }
      g_autoptr (TacetResult) result = generate (self->engine, changed);
      g_assert_false (tacet_image_equal (base->picture, result->picture));
    }
}

/* --- silence --- */

static void
cover (TacetControlRequest *control, int value)
{
  g_clear_pointer (&control->coverage, tacet_image_unref);
  control->coverage = tacet_image_new (32, 32, 1);
  memset (control->coverage->data, value, 32 * 32);
}

static void
test_silent_coverage (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) plain = tiny_request_new (), request = three_controls ();
  g_autoptr (TacetResult) uncontrolled = generate (self->engine, plain);
  for (guint i = 0; i < 3; i++)
    cover (g_ptr_array_index (request->controls, i), 0);
  g_autoptr (TacetResult) silent = generate (self->engine, request);
  g_assert_true (tacet_image_equal (uncontrolled->picture, silent->picture));
  g_assert_cmpuint (silent->progress->notes->len, ==, 3);
  g_assert_nonnull (strstr (g_ptr_array_index (silent->progress->notes, 1), "depth"));
  const TacetStepReport *report = g_ptr_array_index (silent->progress->reports, 0);
  g_assert_cmpint (report->n_controls, ==, 0);

  /* One of them speaks: as if the others were not there. */
  g_autoptr (TacetRequest) one = tiny_request_new ();
  tiny_request_add (one, TACET_CONTROL_DEPTH);
  g_autoptr (TacetResult) alone = generate (self->engine, one);
  cover (g_ptr_array_index (request->controls, 1), 255);
  g_autoptr (TacetResult) left = generate (self->engine, request);
  g_assert_true (tacet_image_equal (alone->picture, left->picture));
  g_assert_false (tacet_image_equal (alone->picture, uncontrolled->picture));
}

/* Networks whose residuals are exactly zero, under every rule, with and without the guard. */
static void
test_silent_networks (Fixture *self, gconstpointer unused)
{
  static const char *const rules[] = { "minimal-impact", "sum", "star", "weights:0.5,1.5" };
  g_autoptr (TacetRequest) plain = tiny_request_new ();
  g_autoptr (TacetResult) uncontrolled = generate (self->engine, plain);
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (TacetRequest) request = tiny_request_new ();
      for (guint k = 0; k < 1 + i % 3; k++)
        tiny_request_add (request, TACET_CONTROL_EDGE)->model = g_strdup ("tiny/silent");
      g_assert_true (tacet_combine_parse (&request->combine, rules[i / 2], NULL));
      request->combine.silent_guard = i % 2 == 0;
      g_autoptr (TacetResult) result = generate (self->engine, request);
      g_assert_true (tacet_image_equal (uncontrolled->picture, result->picture));
      const TacetStepReport *report = g_ptr_array_index (result->progress->reports, 0);
      g_assert_cmpfloat (report->layers[0].balance.combined_norm, ==, 0);
      g_assert_cmpfloat (report->layers[0].balance.unet_norm, >, 0);
    }
}

/* A silent network beside one that speaks is dropped by the guard, and the rest is as without it. */
static void
test_silent_beside (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) alone = tiny_request_new (), both = tiny_request_new ();
  tiny_request_add (alone, TACET_CONTROL_POSE);
  tiny_request_add (both, TACET_CONTROL_POSE);
  tiny_request_add (both, TACET_CONTROL_EDGE)->model = g_strdup ("tiny/silent");
  g_autoptr (TacetResult) a = generate (self->engine, alone), b = generate (self->engine, both);
  g_assert_true (tacet_image_equal (a->picture, b->picture));
  const TacetStepReport *report = g_ptr_array_index (b->progress->reports, 3);
  for (int layer = 0; layer < report->n_layers; layer++)
    {
      g_assert_true (report->layers[layer].balance.dropped[1]);
      g_assert_false (report->layers[layer].balance.dropped[0]);
    }
}

static void
test_masks (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  TacetControlRequest *control = tiny_request_add (request, TACET_CONTROL_EDGE);
  g_autoptr (TacetResult) bare = generate (self->engine, request);
  cover (control, 255);
  g_autoptr (TacetResult) full = generate (self->engine, request);
  g_assert_true (tacet_image_equal (bare->picture, full->picture));
  cover (control, 255);
  memset (control->coverage->data, 0, 32 * 16);
  g_autoptr (TacetResult) half = generate (self->engine, request);
  g_assert_false (tacet_image_equal (bare->picture, half->picture));
  /* Less is left of its residuals, at every layer of the first step. */
  const TacetStepReport *a = g_ptr_array_index (bare->progress->reports, 0);
  const TacetStepReport *b = g_ptr_array_index (half->progress->reports, 0);
  for (int layer = 0; layer < a->n_layers; layer++)
    {
      g_assert_cmpfloat (b->layers[layer].gram[0], >, 0);
      g_assert_cmpfloat (b->layers[layer].gram[0], <, a->layers[layer].gram[0]);
      g_assert_cmpfloat (a->layers[layer].balance.unet_norm, ==, b->layers[layer].balance.unet_norm);
    }
}

/* --- reports --- */

static void
check_layer (const TacetStepReport *step, const TacetLayerReport *layer)
{
  const TacetBalance *balance = &layer->balance;
  double weights[TACET_MAX_CONTROLS], hh = 0, sum = 0;
  int n = step->n_controls;
  tacet_minnorm (layer->gram, n, weights);
  for (int k = 0; k < n; k++)
    {
      g_assert_cmpfloat (weights[k], ==, balance->weights[k]);
      sum += weights[k];
      for (int l = 0; l < n; l++)
        hh += n * n * weights[k] * weights[l] * layer->gram[k * n + l];
    }
  g_assert_cmpfloat_with_epsilon (sum, 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (sqrt (hh) / balance->combined_norm, 1, 1e-9);
  double lambda = tacet_injection (balance->unet_norm * balance->unet_norm, balance->unet_dot_combined,
                                   balance->combined_norm * balance->combined_norm, TACET_LAMBDA_CAP);
  g_assert_cmpfloat_with_epsilon (lambda, balance->lambda, 1e-9 * (1 + lambda));
  for (int k = 0; k < n; k++)
    g_assert_cmpfloat_with_epsilon (balance->coefficients[k], balance->lambda * n * step->strengths[k] * weights[k],
                                    1e-9 * (1 + fabs (balance->coefficients[k])));
}

static void
test_reports (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = three_controls ();
  ((TacetControlRequest *) g_ptr_array_index (request->controls, 1))->strength = 0.7;
  g_autoptr (TacetResult) result = generate (self->engine, request);
  for (guint i = 0; i < result->progress->reports->len; i++)
    {
      const TacetStepReport *step = g_ptr_array_index (result->progress->reports, i);
      g_assert_cmpfloat (step->strengths[1], ==, 0.7);
      for (int layer = 0; layer < step->n_layers; layer++)
        check_layer (step, &step->layers[layer]);
    }
}

/* Coefficients are per sample: the conditional half does not care what else is in the batch. */
static void
test_halves (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = three_controls ();
  g_autoptr (TacetResult) both = generate (self->engine, request);
  request->guidance_scale = 1;
  g_autoptr (TacetResult) one = generate (self->engine, request);
  g_assert_cmpuint (one->progress->reports->len, ==, 4);
  const TacetStepReport *a = g_ptr_array_index (both->progress->reports, 0);
  const TacetStepReport *b = g_ptr_array_index (one->progress->reports, 0);
  const TacetStepReport *u = g_ptr_array_index (both->progress->reports, 1);
  g_assert_true (a->conditional && b->conditional && !u->conditional);
  gboolean differs = FALSE;
  for (int layer = 0; layer < a->n_layers; layer++)
    {
      double x = a->layers[layer].balance.lambda, y = b->layers[layer].balance.lambda;
      g_assert_cmpfloat_with_epsilon (x, y, 1e-4 * (1 + x));
      differs = differs || x != u->layers[layer].balance.lambda;
    }
  g_assert_true (differs);
}

static void
test_windows (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = three_controls ();
  TacetControlRequest **controls = (TacetControlRequest **) request->controls->pdata;
  controls[0]->end = 0.5;
  controls[1]->start = 0.5;
  controls[2]->start = 0.3; /* none of 4 steps */
  controls[2]->end = 0.45;
  g_autoptr (TacetResult) result = generate (self->engine, request);
  g_assert_cmpuint (result->progress->notes->len, ==, 1);
  for (int step = 0; step < 4; step++)
    {
      const TacetStepReport *report = g_ptr_array_index (result->progress->reports, 2 * step);
      g_assert_cmpint (report->n_controls, ==, 1);
      g_assert_cmpint (report->controls[0], ==, step < 2 ? 0 : 1);
    }
  /* Fixed weights stay with their control, also when it is the only one left. */
  g_assert_true (tacet_combine_parse (&request->combine, "weights:0.25,0.75", NULL));
  g_autoptr (TacetResult) fixed = generate (self->engine, request);
  const TacetStepReport *last = g_ptr_array_index (fixed->progress->reports, 6);
  g_assert_cmpfloat (last->layers[0].balance.coefficients[0], ==, 0.75);
}

/* A control alone in the first half, then nothing: the second half has reports without layers. */
static void
test_empty_window (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  tiny_request_add (request, TACET_CONTROL_EDGE)->end = 0.5;
  g_autoptr (TacetResult) result = generate (self->engine, request);
  const TacetStepReport *first = g_ptr_array_index (result->progress->reports, 0);
  const TacetStepReport *last = g_ptr_array_index (result->progress->reports, 7);
  g_assert_cmpint (first->n_controls, ==, 1);
  g_assert_cmpint (last->n_controls, ==, 0);
  g_assert_cmpint (last->n_layers, ==, 0);
}

/* --- cancel --- */

static void
cancel_at_two (TacetProgress *progress, gpointer data)
{
  if (progress->step == 2)
    g_cancellable_cancel (G_CANCELLABLE (data));
  g_assert_cmpint (progress->step, <=, 2);
}

static void
test_cancel (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = three_controls ();
  g_autoptr (TacetResult) before = generate (self->engine, request);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  for (int round = 0; round < 2; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TacetResult) result =
          tacet_engine_generate (self->engine, request, cancel_at_two, cancellable, cancellable, &error);
      g_assert_null (result);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  g_autoptr (TacetResult) after = generate (self->engine, request);
  g_assert_true (tacet_image_equal (before->picture, after->picture));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/generate/tiled", test_tiled },
    { "/generate/run", test_run },
    { "/generate/previews", test_previews },
    { "/generate/seldom", test_seldom },
    { "/generate/determinism", test_determinism },
    { "/generate/everything-counts", test_everything_counts },
    { "/generate/silent-coverage", test_silent_coverage },
    { "/generate/silent-networks", test_silent_networks },
    { "/generate/silent-beside", test_silent_beside },
    { "/generate/masks", test_masks },
    { "/generate/reports", test_reports },
    { "/generate/halves", test_halves },
    { "/generate/windows", test_windows },
    { "/generate/empty-window", test_empty_window },
    { "/generate/cancel", test_cancel },
  };
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
