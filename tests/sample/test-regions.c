/* test-regions.c: words for parts of the picture.
 *
 * Room: tests/sample.
 */
#include "engine/sample/tacet-schedule.h"
#include "tiny-pipeline.h"
#include <string.h>

typedef struct
{
  char *folder;
  TacetEngine *engine;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->folder = tiny_pipeline_new (100);
  const char *const path[] = { self->folder, NULL };
  self->engine = tacet_engine_new (1, 0, NULL);
  g_assert_nonnull (self->engine);
  tacet_engine_set_model_path (self->engine, path);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  tacet_engine_free (self->engine);
  tiny_pipeline_remove (self->folder);
}

/* 255 inside, gray. */
static TacetImage *
rectangle (int width, int height, int left, int top, int right, int bottom)
{
  TacetImage *mask = tacet_image_new (width, height, 1);
  for (int y = top; y < bottom; y++)
    memset (mask->data + (gsize) y * width + left, 255, (gsize) (right - left));
  return mask;
}

static void
add_region (TacetRequest *request, const char *name, const char *prompt, const char *negative, TacetImage *mask)
{
  g_ptr_array_add (request->regions, tacet_region_request_new (name, prompt, negative, mask));
}

static void
test_copy (Fixture *self, gconstpointer unused)
{
  g_autoptr (TacetRequest) request = tiny_request_new ();
  add_region (request, "left", "a red mug", NULL, rectangle (8, 8, 0, 0, 4, 8));
  add_region (request, "nothing", NULL, "blue", NULL);
  g_autoptr (TacetRequest) copy = tacet_request_copy (request);
  g_assert_true (copy->regions != request->regions);
  g_assert_cmpuint (copy->regions->len, ==, 2);
  for (guint i = 0; i < 2; i++)
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
    add_region (request, "region", "mug", NULL, rectangle (8, 8, 0, 0, 4, 8));
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
    { "/regions/copy", test_copy },
    { "/regions/too-many", test_too_many },
  };
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
