/* test-transform.c: a layer moved and turned as a whole, pixel by pixel.  Room: tests/scene. */
#include "engine/scene/tacet-scene.h"

#define WIDTH  90
#define HEIGHT 70

static TacetImage *
noise (int channels, guint32 seed)
{
  TacetImage *self = tacet_image_new (WIDTH, HEIGHT, channels);
  GRand *rand = g_rand_new_with_seed (seed);
  for (int i = 0; i < WIDTH * HEIGHT * channels; i++)
    self->data[i] = (guint8) (g_rand_int_range (rand, 0, 3) == 0 ? 0 : g_rand_int_range (rand, 0, 256));
  g_rand_free (rand);
  return self;
}

/* The value that a pixel has after what was at (x, y) came to it. */
static int
expected (const TacetImage *image, const TacetImage *weight, int x, int y, int channel)
{
  if (x < 0 || y < 0 || x >= image->width || y >= image->height)
    return 0;
  int at = y * image->width + x;
  if (image->channels == 4 && channel < 3 && image->data[4 * at + 3] == 0)
    return 0; /* no colour where nothing covers */
  if (weight && weight->data[at] == 0)
    return 0;
  return image->data[at * image->channels + channel];
}

static void
assert_moved (const TacetImage *before, const TacetImage *weight, const TacetImage *after, int dx, int dy,
              gboolean turned)
{
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      for (int c = 0; c < before->channels; c++)
        {
          /* Turned a quarter clockwise: (u, v) comes to (dx - v, dy + u). */
          int u = turned ? y - dy : x - dx, v = turned ? dx - 1 - x : y - dy;
          g_assert_cmpint (after->data[(y * WIDTH + x) * before->channels + c], ==, expected (before, weight, u, v, c));
        }
}

static void
check (TacetLayerKind kind, int dx, int dy, gboolean turned)
{
  const double matrix[6] = { turned ? 0 : 1, turned ? 1 : 0, turned ? -1 : 0, turned ? 0 : 1, dx, dy };
  g_autoptr (TacetScene) scene = tacet_scene_new (WIDTH, HEIGHT);
  g_autoptr (TacetImage) pixels = noise (kind == TACET_LAYER_PICTURE ? 4 : 1, 4), coverage = noise (1, 5);
  TacetLayer *layer = tacet_scene_add_layer (scene, kind);
  if (kind == TACET_LAYER_PICTURE)
    g_assert_true (tacet_scene_set_layer_picture (scene, layer, pixels));
  else if (kind == TACET_LAYER_DEPTH)
    g_assert_true (tacet_scene_set_layer_map (scene, layer, pixels, coverage));
  else
    g_assert_true (tacet_scene_set_layer_coverage (scene, layer, coverage));
  g_assert_true (tacet_scene_transform_layer (scene, layer, matrix));
  if (kind == TACET_LAYER_PICTURE)
    assert_moved (pixels, NULL, tacet_layer_get_picture (layer), dx, dy, turned);
  else
    assert_moved (coverage, NULL, tacet_layer_get_coverage (layer), dx, dy, turned);
  if (kind == TACET_LAYER_DEPTH)
    assert_moved (pixels, coverage, tacet_layer_get_map (layer), dx, dy, turned);
}

static void
test_moved (void)
{
  static const TacetLayerKind kinds[] = { TACET_LAYER_PICTURE, TACET_LAYER_DEPTH, TACET_LAYER_REGION };
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      check (kinds[i], 7, -12, FALSE);
      check (kinds[i], -40, 33, FALSE);
      check (kinds[i], 200, 0, FALSE); /* out of sight */
    }
}

static void
test_turned (void)
{
  static const TacetLayerKind kinds[] = { TACET_LAYER_PICTURE, TACET_LAYER_DEPTH, TACET_LAYER_REGION };
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    check (kinds[i], 70, 3, TRUE);
}

/* Empty is what has nothing, to the last pixel. */
static void
test_empty (void)
{
  for (int kind = 0; kind < TACET_N_LAYER_KINDS; kind++)
    {
      g_autoptr (TacetScene) scene = tacet_scene_new (WIDTH, HEIGHT);
      TacetLayer *layer = tacet_scene_add_layer (scene, kind);
      g_autoptr (TacetImage) last = tacet_image_new (WIDTH, HEIGHT, kind == TACET_LAYER_PICTURE ? 4 : 1);
      g_assert_true (tacet_layer_is_empty (layer));
      last->data[WIDTH * HEIGHT * last->channels - 1] = 255;
      if (kind == TACET_LAYER_PICTURE)
        g_assert_true (tacet_scene_set_layer_picture (scene, layer, last));
      else
        g_assert_true (tacet_scene_set_layer_coverage (scene, layer, last));
      g_assert_false (tacet_layer_is_empty (layer));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/transform/moved", test_moved);
  g_test_add_func ("/scene/transform/turned", test_turned);
  g_test_add_func ("/scene/transform/empty", test_empty);
  return g_test_run ();
}
