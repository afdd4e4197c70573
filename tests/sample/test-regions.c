/* test-regions.c: words for parts of the picture, against an attention processor for diffusers; what must be equal,
 * what must differ.
 *
 * Room: tests/sample.  References: make-region-references.py.
 */
#include "engine/sample/tacet-engine-private.h"
#include "engine/sample/tacet-report.h"
#include "engine/sample/tacet-schedule.h"
#include "engine/weights/tacet-json.h"
#include "tiny-pipeline.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEED   300
#define WIDTH  36
#define HEIGHT 20

typedef struct
{
  char *folder;
  TacetEngine *engine;
} Fixture;

static TacetEngine *
new_engine (const char *folder, int n_threads)
{
  const char *const path[] = { folder, NULL };
  g_autoptr (GError) error = NULL;
  TacetEngine *engine = tacet_engine_new (n_threads, 0, &error);
  g_assert_no_error (error);
  tacet_engine_set_model_path (engine, path);
  return engine;
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->folder = tiny_pipeline_new (SEED);
  g_assert_nonnull (self->folder);
  self->engine = new_engine (self->folder, 1);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  tacet_engine_free (self->engine);
  tiny_pipeline_remove (self->folder);
}

static void
set_text (char **text, const char *value)
{
  g_free (*text);
  *text = g_strdup (value);
}

/* --- masks of the script --- */

typedef enum
{
  CORNER,
  FADING,
  DISC, /* twice the picture's size */
  WHOLE,
  EMPTY,
} Shape;

static TacetImage *
mask_new (Shape shape)
{
  int scale = shape == DISC ? 2 : 1, width = WIDTH * scale, height = HEIGHT * scale;
  TacetImage *mask = tacet_image_new (width, height, 1);
  for (int i = 0; i < width * height; i++)
    {
      int x = i % width, y = i / width, value = 0;
      if (shape == CORNER)
        value = x < 20 && y < 13 ? 255 : 0;
      else if (shape == FADING)
        value = CLAMP ((x - 14) * 23, 0, 255);
      else if (shape == DISC)
        value = (x - 40) * (x - 40) + (y - 18) * (y - 18) < 300 ? 255 : 0;
      else if (shape == WHOLE)
        value = 255;
      mask->data[i] = (guint8) value;
    }
  return mask;
}

/* pattern () of the script */
static TacetImage *
pattern_new (void)
{
  TacetImage *image = tacet_image_new (WIDTH, HEIGHT, 3);
  for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
    {
      int x = i / 3 % WIDTH, y = i / 3 / WIDTH, c = i % 3;
      image->data[i] = (guint8) (x * 3 + y * 5 + c * 40 + x * y / 16);
    }
  return image;
}

/* repainted () of the script */
static TacetImage *
repainted_new (void)
{
  TacetImage *mask = tacet_image_new (WIDTH, HEIGHT, 1);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    {
      int x = i % WIDTH - 20, y = i / WIDTH - 8;
      mask->data[i] = x * x + y * y < 60 ? 255 : 0;
    }
  return mask;
}

static void
add_region (TacetRequest *request, Shape shape, const char *prompt, const char *negative)
{
  static const char *const names[] = { "corner", "fading", "disc", "whole", "empty" };
  g_ptr_array_add (request->regions, tacet_region_request_new (names[shape], prompt, negative, mask_new (shape)));
}

static void
add_two (TacetRequest *request)
{
  add_region (request, CORNER, "a blue person", NULL);
  add_region (request, DISC, "mug", "red");
}

static void
add_soft (TacetRequest *request)
{
  add_region (request, FADING, "a person", "person");
  add_region (request, CORNER, "blue BREAK a red mug", "");
  add_region (request, DISC, "red red", "mug BREAK a");
}

static void
add_controls (TacetRequest *request)
{
  static const double strengths[] = { 1, 0.7, 0.5 }, starts[] = { 0, 0, 0.25 }, ends[] = { 1, 0.5, 1 };
  for (int kind = 0; kind < 3; kind++)
    {
      TacetControlRequest *control = tiny_request_add (request, (TacetControlKind) kind);
      tacet_image_unref (control->map);
      control->map = tacet_image_new (WIDTH, HEIGHT, 3);
      for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
        control->map->data[i] = (guint8) ((i * (kind + 3)) ^ (i >> 4));
      control->strength = strengths[kind];
      control->start = starts[kind];
      control->end = ends[kind];
    }
}

static TacetRequest *
request_new (const char *sampler)
{
  TacetRequest *request = tiny_request_new ();
  set_text (&request->negative_prompt, "blue");
  request->width = WIDTH;
  request->height = HEIGHT;
  request->steps = 6;
  request->combine.kind = TACET_COMBINE_SUM;
  g_assert_true (tacet_sampler_parse (sampler, &request->sampler));
  return request;
}

static TacetResult *
generate (TacetEngine *engine, const TacetRequest *request)
{
  g_autoptr (GError) error = NULL;
  TacetResult *result = tacet_engine_generate (engine, request, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return result;
}

static void
assert_same (TacetEngine *engine, const TacetRequest *a, const TacetRequest *b, gboolean same)
{
  g_autoptr (TacetResult) first = generate (engine, a);
  g_autoptr (TacetResult) second = generate (engine, b);
  g_assert_true (tacet_image_equal (first->picture, second->picture) == same);
}

/* --- references --- */

/* but: of a mask, where the picture is not compared; NULL: none */
static void
compare (const JsonObject *references, const char *name, const char *sampler, const TacetImage *picture,
         const TacetImage *but)
{
  g_autofree char *key = g_strdup_printf ("%s-%s", name, sampler);
  gsize length;
  int worst = 0, n_different = 0, n = WIDTH * HEIGHT * 3;
  g_assert_true (json_object_has_member ((JsonObject *) references, key));
  g_autofree guint8 *expected =
      g_base64_decode (json_object_get_string_member ((JsonObject *) references, key), &length);
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
test_references (Fixture *self, gconstpointer unused)
{
  static const char *const kinds[] = { "two", "soft", "full", "controls", "img2img", "inpaint" };
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "sample", "data", "regions.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = tacet_json_load (path, 4 << 20, &error);
  g_assert_no_error (error);
  const JsonObject *references = json_node_get_object (node);
  for (int i = 0; i < TACET_N_SAMPLERS; i++)
    for (int kind = 0; kind < 6; kind++)
      {
        const char *sampler = tacet_sampler_id ((TacetSampler) i);
        if (kind > 0 && !g_str_equal (sampler, "ddim") && !g_str_equal (sampler, "euler"))
          continue;
        g_autoptr (TacetRequest) request = request_new (sampler);
        if (kind == 0)
          add_two (request);
        else if (kind == 2)
          {
            add_region (request, FADING, "a person", NULL);
            add_region (request, WHOLE, "blue", NULL);
          }
        else
          add_soft (request);
        if (kind == 3)
          add_controls (request);
        request->image = kind >= 4 ? pattern_new () : NULL;
        request->mask = kind == 5 ? repainted_new () : NULL;
        request->denoising_strength = kind == 5 ? 0.6 : 0.75;
        request->mask_feather = 0;
        g_autoptr (TacetResult) result = generate (self->engine, request);
        compare (references, kinds[kind], sampler, result->picture, request->mask);
      }
}

/* --- properties --- */

/* A region everywhere is the same as its words before the prompt, bit for bit, and costs the same. */
static void
test_whole (Fixture *self, gconstpointer unused)
{
  for (int kind = 0; kind < 4; kind++)
    {
      g_autoptr (TacetRequest) region = request_new ("ddim");
      g_autoptr (TacetRequest) plain = request_new ("ddim");
      if (kind == 1)
        {
          add_controls (region);
          add_controls (plain);
          ((TacetControlRequest *) g_ptr_array_index (region->controls, 1))->end = 1;
          ((TacetControlRequest *) g_ptr_array_index (region->controls, 2))->start = 0;
          ((TacetControlRequest *) g_ptr_array_index (plain->controls, 1))->end = 1;
          ((TacetControlRequest *) g_ptr_array_index (plain->controls, 2))->start = 0;
        }
      region->guidance_scale = plain->guidance_scale = kind == 2 ? 1 : 3;
      region->image = kind == 3 ? pattern_new () : NULL;
      plain->image = kind == 3 ? pattern_new () : NULL;
      region->denoising_strength = plain->denoising_strength = 0.6;
      add_region (region, WHOLE, "(a blue:1.2) person", "red BREAK (mug");
      set_text (&plain->prompt, "(a blue:1.2) person, a red mug");
      set_text (&plain->negative_prompt, "red BREAK (mug), blue");
      g_autoptr (TacetResult) a = generate (self->engine, region);
      g_autoptr (TacetResult) b = generate (self->engine, plain);
      g_assert_true (tacet_image_equal (a->picture, b->picture));
      g_assert_cmpuint (self->engine->denoisers->len, ==, 1); /* one plan serves both */
      _tacet_engine_forget_plans (self->engine);
    }
}

/* Without words of its own a region is the rest; what it covers is not said twice. */
static void
test_empty_words (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) plain = request_new ("ddim");
  g_autoptr (TacetRequest) wordless = request_new ("ddim");
  add_region (wordless, CORNER, "", NULL);
  add_region (wordless, FADING, NULL, "");
  assert_same (self->engine, plain, wordless, TRUE);
  /* It hides what lies below. */
  g_autoptr (TacetRequest) hiding = request_new ("ddim");
  add_region (hiding, WHOLE, "", NULL);
  add_region (hiding, CORNER, "blue person", NULL);
  assert_same (self->engine, plain, hiding, TRUE);
  /* With an empty prompt of the request a region has its own words alone. */
  g_autoptr (TacetRequest) alone = request_new ("ddim");
  g_autoptr (TacetRequest) said = request_new ("ddim");
  set_text (&alone->prompt, " ");
  set_text (&said->prompt, "blue person");
  add_region (alone, WHOLE, "blue person", NULL);
  assert_same (self->engine, alone, said, TRUE);
}

/* Upper regions hide lower ones; hidden and empty ones change nothing and are said. */
static void
test_hidden (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) two = request_new ("euler");
  g_autoptr (TacetRequest) more = request_new ("euler");
  g_autoptr (TacetRequest) turned = request_new ("euler");
  add_two (two);
  add_two (more);
  add_region (more, EMPTY, "person", NULL);
  add_region (more, CORNER, "red", "a");
  g_ptr_array_add (more->regions, tacet_region_request_new ("nothing", "red", NULL, NULL));
  assert_same (self->engine, two, more, TRUE);
  g_autoptr (TacetResult) result = generate (self->engine, more);
  g_assert_cmpuint (result->progress->notes->len, ==, 3);
  g_assert_nonnull (strstr (g_ptr_array_index (result->progress->notes, 0), "empty"));
  g_assert_nonnull (strstr (g_ptr_array_index (result->progress->notes, 1), "corner"));
  g_assert_nonnull (strstr (g_ptr_array_index (result->progress->notes, 2), "nothing"));
  /* The order among those that overlap counts, that of hidden ones does not. */
  add_region (turned, DISC, "mug", "red");
  add_region (turned, CORNER, "a blue person", NULL);
  assert_same (self->engine, two, turned, FALSE);
  g_ptr_array_insert (more->regions, 2, g_ptr_array_steal_index (more->regions, 3));
  assert_same (self->engine, two, more, TRUE);
  /* Regions of the same words need no border between them. */
  g_autoptr (TacetRequest) split = request_new ("euler");
  g_autoptr (TacetRequest) one = request_new ("euler");
  add_region (split, FADING, "blue", NULL);
  add_region (split, WHOLE, "blue", "");
  add_region (one, WHOLE, "blue", NULL);
  assert_same (self->engine, split, one, TRUE);
}

/* Words, negative words and masks all count; negative ones only with guidance. */
static void
test_counts (Fixture *self, gconstpointer unused)
{
  for (int kind = 0; kind < 5; kind++)
    {
      g_autoptr (TacetRequest) one = request_new ("ddim");
      g_autoptr (TacetRequest) other = request_new ("ddim");
      add_two (one);
      if (kind > 0)
        add_two (other);
      TacetRegionRequest *region = kind > 0 ? g_ptr_array_index (other->regions, 1) : NULL;
      if (kind == 1)
        set_text (&region->prompt, "(mug:1.4)");
      else if (kind == 2 || kind == 4)
        set_text (&region->negative_prompt, "a");
      else if (kind == 3)
        memset (region->mask->data, 255, 10 * 72);
      one->guidance_scale = other->guidance_scale = kind == 4 ? 1 : 3;
      assert_same (self->engine, one, other, kind == 4);
    }
}

/* With LoRA-less plain runs between, several pictures, threads, clip skip: nothing is left over from other runs. */
static void
test_determinism (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetEngine) threads = new_engine (self->folder, 3);
  g_autoptr (TacetRequest) plain = request_new ("ddim");
  g_autoptr (TacetRequest) regions = request_new ("ddim");
  g_autoptr (TacetResult) before = generate (self->engine, plain);
  add_soft (regions);
  add_controls (regions);
  regions->combine = tacet_combine_default ();
  regions->clip_skip = 2;
  regions->count = 2;
  g_autoptr (TacetResult) one = generate (self->engine, regions);
  g_autoptr (TacetResult) many = generate (threads, regions);
  for (guint i = 0; i < 2; i++)
    {
      const TacetPicture *a = g_ptr_array_index (one->pictures, i), *b = g_ptr_array_index (many->pictures, i);
      g_assert_true (tacet_image_equal (a->image, b->image));
    }
  g_autoptr (TacetResult) after = generate (self->engine, plain);
  g_assert_true (tacet_image_equal (before->picture, after->picture));
  regions->count = 1;
  regions->seed++;
  g_autoptr (TacetResult) second = generate (self->engine, regions);
  g_assert_true (tacet_image_equal (second->picture, ((TacetPicture *) g_ptr_array_index (one->pictures, 1))->image));
  regions->clip_skip = 1;
  g_autoptr (TacetResult) other = generate (self->engine, regions);
  g_assert_false (tacet_image_equal (second->picture, other->picture));
}

/* What happens in one corner of a network with hard borders stays the corner's: a mask that fades passes through
 * all pictures between. */
static void
test_fade (Fixture *self, gconstpointer unused)
{
  double last = -1;
  g_autoptr (TacetRequest) none = request_new ("ddim");
  g_autoptr (TacetResult) without = generate (self->engine, none);
  for (int level = 0; level <= 255; level += 51)
    {
      g_autoptr (TacetRequest) request = request_new ("ddim");
      double distance = 0;
      add_region (request, WHOLE, "blue person", NULL);
      TacetRegionRequest *region = g_ptr_array_index (request->regions, 0);
      memset (region->mask->data, level, WIDTH * HEIGHT);
      g_autoptr (TacetResult) result = generate (self->engine, request);
      for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
        distance += abs (result->picture->data[i] - without->picture->data[i]);
      g_assert_true (level == 0 ? distance == 0 : distance > last);
      last = distance;
    }
}

static void
test_many (Fixture *self, gconstpointer unused)
{
  static const char *const words[] = { "a", "red", "blue", "mug", "person" };
  g_autoptr (TacetRequest) request = request_new ("ddim");
  for (int i = 0; i < TACET_MAX_REGIONS; i++)
    {
      g_autofree char *prompt = g_strdup_printf ("%s %s", words[i % 5], words[i / 5]);
      add_region (request, EMPTY, prompt, i % 3 == 0 ? "red BREAK a" : NULL);
      TacetRegionRequest *region = g_ptr_array_index (request->regions, i);
      for (int k = 0; k < 40; k++)
        region->mask->data[i * 40 + k] = (guint8) (100 + i * 9);
    }
  g_autoptr (TacetResult) result = generate (self->engine, request);
  g_assert_cmpuint (result->progress->notes->len, ==, 0);
  const TacetStepReport *report = g_ptr_array_index (result->progress->reports, 0);
  g_assert_cmpint (report->n_regions, ==, TACET_MAX_REGIONS);
}

/* A mask of one pixel is as good as a large one. */
static void
test_small_mask (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) large = request_new ("ddim");
  g_autoptr (TacetRequest) small = request_new ("ddim");
  TacetImage *pixel = tacet_image_new (1, 1, 3); /* RGB is read as gray */
  memset (pixel->data, 255, 3);
  add_region (large, WHOLE, "blue", NULL);
  g_ptr_array_add (small->regions, tacet_region_request_new (NULL, "blue", NULL, pixel));
  assert_same (self->engine, large, small, TRUE);
}

/* How far two pictures of one size are apart, in levels. */
static int
levels_apart (const TacetImage *a, const TacetImage *b)
{
  int worst = 0;
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpint (a->channels, ==, b->channels);
  for (int i = 0; i < a->width * a->height * a->channels; i++)
    worst = MAX (worst, abs (a->data[i] - b->data[i]));
  return worst;
}

/* With any budget it is the picture or a message; where the autoencoder may work in tiles, to within a level. */
static void
check_budgets (Fixture *self, TacetTiling tiling, int most_apart)
{
  g_autoptr (TacetRequest) request = request_new ("ddim");
  add_soft (request);
  add_controls (request);
  g_autoptr (TacetResult) whole = generate (self->engine, request);
  request->vae_tiling = tiling;
  int refused = 0, made = 0;
  for (gsize budget = 1000; budget < 64 << 20; budget = budget * 3 / 2)
    {
      g_autoptr (TacetEngine) engine = new_engine (self->folder, 1);
      g_autoptr (GError) error = NULL;
      engine->backend->budget = budget;
      g_autoptr (TacetResult) result = tacet_engine_generate (engine, request, NULL, NULL, NULL, &error);
      if (result != NULL)
        g_assert_cmpint (levels_apart (whole->picture, result->picture), <=, most_apart);
      else
        g_assert_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NO_MEMORY);
      made += result != NULL;
      refused += result == NULL;
    }
  g_assert_cmpint (refused, >, 3);
  g_assert_cmpint (made, >, 3);
}

static void
test_no_memory (Fixture *self, gconstpointer unused)
{
  check_budgets (self, TACET_TILING_OFF, 0);
  check_budgets (self, TACET_TILING_AUTO, 1);
}

static void
test_report (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = request_new ("ddim");
  add_region (request, EMPTY, "person", NULL);
  add_two (request);
  g_autoptr (TacetResult) result = generate (self->engine, request);
  g_assert_cmpuint (result->progress->region_names->len, ==, 3);
  g_assert_cmpstr (g_ptr_array_index (result->progress->region_names, 2), ==, "disc");
  g_autofree char *json = tacet_report_to_json (request, result->progress, NULL);
  g_autoptr (JsonNode) node = json_from_string (json, NULL);
  g_assert_nonnull (node);
  JsonObject *root = json_node_get_object (node);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "regions")), ==, 3);
  JsonArray *layers = json_object_get_array_member (json_object_get_object_member (root, "scene"), "layers");
  g_assert_cmpuint (json_array_get_length (layers), ==, 3);
  JsonObject *layer = json_array_get_object_element (layers, 2);
  g_assert_cmpstr (json_object_get_string_member (layer, "kind"), ==, "region");
  g_assert_cmpstr (json_object_get_string_member (layer, "negative_prompt"), ==, "red");
  JsonArray *steps = json_object_get_array_member (root, "steps");
  g_assert_cmpuint (json_array_get_length (steps), ==, 12);
  for (guint i = 0; i < 12; i++)
    {
      JsonArray *regions = json_object_get_array_member (json_array_get_object_element (steps, i), "regions");
      g_assert_cmpuint (json_array_get_length (regions), ==, 2);
      g_assert_cmpint (json_array_get_int_element (regions, 0), ==, 1);
      g_assert_cmpint (json_array_get_int_element (regions, 1), ==, 2);
    }
}

static void
test_copy (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  add_two (request);
  g_ptr_array_add (request->regions, tacet_region_request_new ("nothing", NULL, "blue", NULL));
  g_autoptr (TacetRequest) copy = tacet_request_copy (request);
  g_assert_true (copy->regions != request->regions);
  g_assert_cmpuint (copy->regions->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const TacetRegionRequest *a = g_ptr_array_index (request->regions, i);
      const TacetRegionRequest *b = g_ptr_array_index (copy->regions, i);
      g_assert_cmpstr (a->name, ==, b->name);
      g_assert_cmpstr (a->prompt, ==, b->prompt);
      g_assert_cmpstr (a->negative_prompt, ==, b->negative_prompt);
      g_assert_true (a->mask == b->mask);
    }
}

static void
test_too_many (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  for (int i = 0; i <= TACET_MAX_REGIONS; i++)
    add_region (request, CORNER, "mug", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_null (tacet_engine_generate (self->engine, request, NULL, NULL, NULL, &error));
  g_assert_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_REQUEST);
  g_assert_nonnull (strstr (error->message, "16"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/regions/references", test_references },
    { "/regions/whole", test_whole },
    { "/regions/empty-words", test_empty_words },
    { "/regions/hidden", test_hidden },
    { "/regions/counts", test_counts },
    { "/regions/determinism", test_determinism },
    { "/regions/fade", test_fade },
    { "/regions/many", test_many },
    { "/regions/small-mask", test_small_mask },
    { "/regions/no-memory", test_no_memory },
    { "/regions/report", test_report },
    { "/regions/copy", test_copy },
    { "/regions/too-many", test_too_many },
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
