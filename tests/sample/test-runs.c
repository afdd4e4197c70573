/* test-runs.c: the kinds of runs against diffusers' pipelines: image to image, inpainting, guess modes, odd sizes,
 * several pictures.
 *
 * Room: tests/sample.  References: make-run-references.py.
 */
#include "engine/sample/tacet-schedule.h"
#include "engine/weights/tacet-json.h"
#include "tiny-pipeline.h"
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED   300
#define WIDTH  36
#define HEIGHT 20

typedef struct
{
  char *folder;
  TacetEngine *engine;
  JsonNode *node;
} Fixture;

static const char *const samplers[] = { "ddim", "euler" };

static void
write_model (const char *folder)
{
  tiny_pipeline_write (folder, SEED, &tiny_sizes);
  tiny_pipeline_rewrite (folder, "shuffle", SEED + 20);
  tiny_pipeline_rewrite (folder, "unet9", SEED + 21);
  /* As every Stable Diffusion has it; with these steps diffusers counts strength otherwise than it walks. */
  g_autofree char *path = g_build_filename (folder, "tiny", "scheduler", "scheduler_config.json", NULL);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_autofree char *more = g_strconcat ("{\"skip_prk_steps\": true, ", text + 1, NULL);
  g_assert_true (g_file_set_contents (path, more, -1, NULL));
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "sample", "data", "runs.json", NULL);
  self->folder = g_dir_make_tmp ("tacet-runs-XXXXXX", NULL);
  write_model (self->folder);
  const char *const model_path[] = { self->folder, NULL };
  self->engine = tacet_engine_new (1, 0, &error);
  tacet_engine_set_model_path (self->engine, model_path);
  self->node = tacet_json_load (path, 4 << 20, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  tacet_engine_free (self->engine);
  json_node_unref (self->node);
  tiny_pipeline_remove (self->folder);
}

/* From here on the model is one for inpainting. */
static void
use_unet9 (Fixture *self)
{
  g_autofree char *own = g_build_filename (self->folder, "tiny", "unet", NULL);
  g_autofree char *away = g_build_filename (self->folder, "tiny", "unet4", NULL);
  g_autofree char *nine = g_build_filename (self->folder, "tiny", "unet9", NULL);
  g_assert_cmpint (g_rename (own, away), ==, 0);
  g_assert_cmpint (g_rename (nine, own), ==, 0);
}

static TacetRequest *
request_new (const char *sampler)
{
  TacetRequest *request = tiny_request_new ();
  g_free (request->negative_prompt);
  request->negative_prompt = g_strdup ("blue");
  request->width = WIDTH;
  request->height = HEIGHT;
  request->steps = 6;
  request->combine.kind = TACET_COMBINE_SUM;
  g_assert_true (tacet_sampler_parse (sampler, &request->sampler));
  return request;
}

/* pattern () of the script */
static TacetImage *
pattern_new (int width, int height, int factor)
{
  TacetImage *image = tacet_image_new (width, height, 3);
  for (int i = 0; i < width * height * 3; i++)
    {
      int x = i / 3 % width, y = i / 3 / width, c = i % 3;
      image->data[i] = (guint8) (x * factor + y * (factor + 2) + c * 40 + x * y / 16);
    }
  return image;
}

static TacetImage *
mask_new (void)
{
  TacetImage *mask = tacet_image_new (WIDTH, HEIGHT, 1);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    {
      int x = i % WIDTH - 20, y = i / WIDTH - 8;
      mask->data[i] = x * x + y * y < 60 ? 255 : 0;
    }
  return mask;
}

/* kinds: as in the script, 3: the shuffle net */
static void
add_controls (TacetRequest *request, const char *kinds)
{
  static const double strengths[] = { 1, 0.7, 0.5, 0.8 }, starts[] = { 0, 0, 0.25, 0 }, ends[] = { 1, 0.5, 1, 1 };
  for (const char *k = kinds; *k != '\0'; k++)
    {
      int kind = *k - '0';
      TacetControlRequest *control = tiny_request_add (request, (TacetControlKind) MIN (kind, 2));
      tacet_image_unref (control->map);
      control->map = tacet_image_new (WIDTH, HEIGHT, 3);
      for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
        control->map->data[i] = (guint8) ((i * (kind + 3)) ^ (i >> 4));
      control->model = g_strdup (kind == 3 ? "tiny/shuffle" : NULL);
      control->strength = strengths[kind];
      control->start = starts[kind];
      control->end = ends[kind];
    }
}

static TacetResult *
generate (Fixture *self, const TacetRequest *request)
{
  g_autoptr (GError) error = NULL;
  TacetResult *result = tacet_engine_generate (self->engine, request, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return result;
}

/* but: of a mask, where the picture is not compared; NULL: none */
static void
compare (Fixture *self, const char *name, const char *sampler, const TacetImage *picture, const TacetImage *but)
{
  g_autofree char *key = g_strdup_printf ("%s-%s", name, sampler);
  JsonObject *references = json_node_get_object (self->node);
  gsize length;
  g_assert_true (json_object_has_member (references, key));
  g_autofree guint8 *expected = g_base64_decode (json_object_get_string_member (references, key), &length);
  int worst = 0, n_different = 0, n = WIDTH * HEIGHT * 3;
  g_assert_cmpuint (length, ==, n);
  for (int i = 0; i < n; i++)
    {
      int difference = but != NULL && but->data[i / 3] == 0 ? 0 : abs (expected[i] - picture->data[i]);
      worst = MAX (worst, difference);
      n_different += difference > 0;
    }
  g_test_message ("%s: at most %d levels apart, %d of %d values differ", key, worst, n_different, n);
  /* One level is a value that lay between two. */
  g_assert_cmpint (worst, <=, 1);
  g_assert_cmpint (n_different, <, n / 50);
}

static void
test_sizes (Fixture *self, gconstpointer unused)
{
  for (gsize i = 0; i < G_N_ELEMENTS (samplers); i++)
    {
      g_autoptr (TacetRequest) request = request_new (samplers[i]);
      g_autoptr (TacetResult) plain = generate (self, request);
      add_controls (request, "012");
      g_autoptr (TacetResult) summed = generate (self, request);
      compare (self, "plain", samplers[i], plain->picture, NULL);
      compare (self, "sum", samplers[i], summed->picture, NULL);
    }
}

/* Every sampler, plain, from a picture and inside a mask: their orders of draws, their first steps, their memories. */
static void
test_samplers (Fixture *self, gconstpointer unused)
{
  static const char *const names[] = { "plain", "img2img-0.75", "inpaint-0.6", "inpaint9-0.6" };
  for (int kind = 0; kind < 4; kind++)
    {
      if (kind == 3)
        use_unet9 (self);
      for (int i = 0; i < TACET_N_SAMPLERS; i++)
        {
          const char *id = tacet_sampler_id ((TacetSampler) i);
          g_autoptr (TacetRequest) request = request_new (id);
          request->image = kind > 0 ? pattern_new (WIDTH, HEIGHT, 3) : NULL;
          request->mask = kind > 1 ? mask_new () : NULL;
          request->denoising_strength = kind == 1 ? 0.75 : 0.6;
          request->mask_feather = 0;
          g_autoptr (TacetResult) result = generate (self, request);
          compare (self, names[kind], id, result->picture, request->mask);
        }
    }
}

static void
test_guess (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const char *name, *controls;
    TacetGuess guess;
    gboolean conditional_only;
  } cases[] = {
    { "guess-diffusers", "012", TACET_GUESS_DIFFUSERS, FALSE },
    { "guess-cldm", "012", TACET_GUESS_CLDM, FALSE },
    { "conditional-only", "012", TACET_GUESS_NONE, TRUE },
    { "shuffle", "3", TACET_GUESS_NONE, FALSE },
    { "shuffle-guess", "3", TACET_GUESS_DIFFUSERS, FALSE },
    { "shuffle-all-guess", "03", TACET_GUESS_DIFFUSERS, TRUE },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (samplers); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (cases); j++)
      {
        g_autoptr (TacetRequest) request = request_new (samplers[i]);
        request->guess = cases[j].guess;
        request->control_conditional_only = cases[j].conditional_only;
        add_controls (request, cases[j].controls);
        g_autoptr (TacetResult) result = generate (self, request);
        compare (self, cases[j].name, samplers[i], result->picture, NULL);
      }
}

/* The half without controls is the uncontrolled one, whatever the rule; the other has a balance as always. */
static void
test_guess_reports (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = request_new ("ddim");
  g_autoptr (TacetRequest) plain = request_new ("ddim");
  request->combine = tacet_combine_default ();
  request->guess = TACET_GUESS_CLDM;
  add_controls (request, "01");
  g_autoptr (TacetResult) result = generate (self, request);
  for (guint i = 0; i < result->progress->reports->len; i++)
    {
      const TacetStepReport *report = g_ptr_array_index (result->progress->reports, i);
      g_assert_cmpint (report->n_controls, ==, report->conditional ? (report->step < 3 ? 2 : 1) : 0);
      g_assert_cmpint (report->n_layers, ==, 5);
      for (int layer = 0; layer < report->n_layers && report->conditional; layer++)
        {
          const TacetLayerReport *at = &report->layers[layer];
          double scale = 1;
          for (int k = layer; k < 4; k++)
            scale *= 0.825;
          g_assert_cmpfloat_with_epsilon (at->strengths[0], scale, 1e-12);
          g_assert_cmpfloat_with_epsilon (at->balance.coefficients[0],
                                          at->balance.lambda * report->n_controls * at->balance.weights[0] * scale,
                                          1e-9 * at->balance.lambda);
        }
    }
  /* Silent nets and a guard that is off: what does not take part must not take the balance either. */
  request->combine.silent_guard = FALSE;
  request->guidance_scale = plain->guidance_scale = 3;
  for (guint i = 0; i < request->controls->len; i++)
    {
      TacetControlRequest *control = g_ptr_array_index (request->controls, i);
      g_free (control->model);
      control->model = g_strdup ("tiny/silent");
    }
  g_autoptr (TacetResult) silent = generate (self, request);
  g_autoptr (TacetResult) without = generate (self, plain);
  g_assert_true (tacet_image_equal (silent->picture, without->picture));
}

static void
test_img2img (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const char *name;
    double strength;
  } cases[] = { { "img2img-0.3", 0.3 }, { "img2img-0.75", 0.75 }, { "img2img-1.0", 1 }, { "control-img2img", 0.75 } };
  for (gsize i = 0; i < G_N_ELEMENTS (samplers); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (cases); j++)
      {
        g_autoptr (TacetRequest) request = request_new (samplers[i]);
        request->image = pattern_new (WIDTH, HEIGHT, 3);
        request->denoising_strength = cases[j].strength;
        if (g_str_has_prefix (cases[j].name, "control"))
          add_controls (request, "012");
        g_autoptr (TacetResult) result = generate (self, request);
        compare (self, cases[j].name, samplers[i], result->picture, NULL);
        if (j == 1)
          g_assert_cmpint (result->progress->n_steps, ==, 4);
      }
}

static void
test_unchanged (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = request_new ("euler");
  request->image = pattern_new (WIDTH, HEIGHT, 3);
  request->denoising_strength = 0;
  g_autoptr (TacetResult) result = generate (self, request);
  g_assert_true (tacet_image_equal (result->picture, request->image));
}

static void
check_inpaint (Fixture *self, const char *name, double strength, gboolean controlled)
{
  for (gsize i = 0; i < G_N_ELEMENTS (samplers); i++)
    {
      g_autoptr (TacetRequest) request = request_new (samplers[i]);
      request->image = pattern_new (WIDTH, HEIGHT, 3);
      request->mask = mask_new ();
      request->denoising_strength = strength;
      request->mask_feather = 0;
      if (controlled)
        add_controls (request, "012");
      g_autoptr (TacetResult) result = generate (self, request);
      /* Diffusers shows the decoder's picture outside the mask; ours is the original there. */
      compare (self, name, samplers[i], result->picture, request->mask);
      for (int k = 0; k < WIDTH * HEIGHT * 3; k++)
        if (request->mask->data[k / 3] == 0)
          g_assert_cmpint (result->picture->data[k], ==, request->image->data[k]);
    }
}

static void
test_inpaint (Fixture *self, gconstpointer unused)
{
  check_inpaint (self, "inpaint-0.6", 0.6, FALSE);
  check_inpaint (self, "inpaint-1.0", 1, FALSE);
  check_inpaint (self, "control-inpaint", 0.75, TRUE);
  use_unet9 (self);
  check_inpaint (self, "inpaint9-0.6", 0.6, FALSE);
  check_inpaint (self, "inpaint9-1.0", 1, FALSE);
  check_inpaint (self, "control-inpaint9", 0.75, TRUE);
  /* Without a picture it makes one from nothing. */
  g_autoptr (TacetRequest) request = request_new ("ddim");
  g_autoptr (TacetResult) result = generate (self, request);
  request->denoising_strength = 0.2; /* of nothing */
  g_autoptr (TacetResult) same = generate (self, request);
  g_assert_true (tacet_image_equal (result->picture, same->picture));
}

/* Transparent parts are made new, opaque ones stay. */
static void
test_outpaint (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = request_new ("ddim");
  g_autoptr (TacetImage) rgb = pattern_new (WIDTH, HEIGHT, 3);
  request->image = tacet_image_convert (rgb, 4);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    request->image->data[4 * i + 3] = i % WIDTH < 20 ? 255 : 0;
  g_autoptr (TacetResult) result = generate (self, request);
  int n_changed = 0;
  for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
    if (i / 3 % WIDTH < 20)
      g_assert_cmpint (result->picture->data[i], ==, rgb->data[i]);
    else
      n_changed += result->picture->data[i] != rgb->data[i];
  g_assert_cmpint (n_changed, >, HEIGHT * 16);
}

typedef struct
{
  int calls, last_picture;
} Seen;

static void
see (TacetProgress *progress, gpointer data)
{
  Seen *seen = data;
  g_assert_cmpint (progress->n_pictures, ==, 3);
  g_assert_cmpint (progress->picture, ==, seen->calls / 7);
  g_assert_cmpint (progress->step, ==, seen->calls % 7);
  g_assert_cmpuint (progress->reports->len, ==, 2 * (seen->calls % 7));
  seen->calls++;
}

/* Every picture is the one of its own run, also where noise is drawn for a picture that comes in. */
static void
test_count (Fixture *self, gconstpointer unused)
{
  for (int with_image = 0; with_image < 2; with_image++)
    {
      g_autoptr (TacetRequest) request = request_new ("ddim");
      g_autoptr (GError) error = NULL;
      Seen seen = { 0 };
      request->count = 3;
      request->image = with_image ? pattern_new (30, 30, 3) : NULL;
      add_controls (request, "01");
      g_autoptr (TacetResult) all = tacet_engine_generate (self->engine, request, see, &seen, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (seen.calls, ==, 21);
      g_assert_cmpuint (all->pictures->len, ==, 3);
      request->count = 1;
      for (guint i = 0; i < 3; i++)
        {
          const TacetPicture *picture = g_ptr_array_index (all->pictures, i);
          g_autoptr (TacetResult) one = generate (self, request);
          g_assert_cmpuint (picture->seed, ==, request->seed++);
          g_assert_true (tacet_image_equal (one->picture, picture->image));
          g_assert_cmpuint (picture->progress->reports->len, ==, 12);
        }
      g_assert_true (all->picture == ((TacetPicture *) g_ptr_array_index (all->pictures, 0))->image);
    }
}

static void
refuse (Fixture *self, const TacetRequest *request, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (tacet_engine_generate (self->engine, request, NULL, NULL, NULL, &error));
  g_assert_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_refused (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = request_new ("ddim");
  request->count = 0;
  refuse (self, request, "pictures");
  request->count = TACET_MAX_PICTURES + 1;
  refuse (self, request, "pictures");
  request->count = 1;
  request->mask = mask_new ();
  refuse (self, request, "mask");
  request->image = pattern_new (WIDTH, HEIGHT, 3);
  request->denoising_strength = 1.5;
  refuse (self, request, "strength");
  request->denoising_strength = 0.0 / 0.0;
  refuse (self, request, "strength");
  request->denoising_strength = 0.5;
  request->mask_feather = -1;
  refuse (self, request, "feather");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/runs/sizes", test_sizes },     { "/runs/samplers", test_samplers },
    { "/runs/guess", test_guess },     { "/runs/guess-reports", test_guess_reports },
    { "/runs/img2img", test_img2img }, { "/runs/unchanged", test_unchanged },
    { "/runs/inpaint", test_inpaint }, { "/runs/outpaint", test_outpaint },
    { "/runs/count", test_count },     { "/runs/refused", test_refused },
  };
  if (argc == 3 && strcmp (argv[1], "--write") == 0)
    {
      write_model (argv[2]);
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
