/* test-composite.c: layers laid over each other, and what is done again when one of them changes.  Room: tests/ui. */
#include "draw-test.h"

#include "ui/tacet-composite.h"

#include <string.h>

static TacetImage *
image (int width, int height, int channels, int value)
{
  TacetImage *self = tacet_image_new (width, height, channels);

  memset (self->data, value, (gsize) width * height * channels);
  return self;
}

static TacetCompositeLayer
layer_of (const char *key, TacetLayerKind kind, const TacetImage *map, const TacetImage *coverage)
{
  return (TacetCompositeLayer){
    .key = key, .kind = kind, .map = map, .coverage = coverage, .colour = tacet_palette_control (0), .opacity = 1
  };
}

static const TacetLevel *
made (TacetComposite *composite, int level)
{
  TacetSurface *surface = tacet_composite_get_surface (composite);

  g_assert_true (tacet_surface_make (surface, level, 0, 0, tacet_surface_get_width (surface),
                                     tacet_surface_get_height (surface), G_MAXINT64));
  return tacet_surface_get_level (surface, level);
}

static guint32
pixel_of (TacetComposite *composite, int x, int y)
{
  const TacetLevel *level = made (composite, 0);

  return level->pixels[y * level->width + x];
}

static guint8
marks_of (TacetComposite *composite, int x, int y)
{
  const TacetLevel *level = made (composite, 0);

  return level->marks[y * level->width + x];
}

/* ---- what each kind looks like ---- */

static void
test_controls (void)
{
  g_autoptr (TacetImage) edges = image (4, 4, 1, 0), depth = image (4, 4, 1, 200), spoken = image (4, 4, 1, 255);
  g_autoptr (TacetComposite) composite = tacet_composite_new (4, 4);
  TacetCompositeLayer layers[] = { layer_of ("edges", TACET_LAYER_EDGE, edges, spoken),
                                   layer_of ("depth", TACET_LAYER_DEPTH, depth, spoken) };

  spoken->data[0] = 0;  /* (0, 0) is silent */
  edges->data[5] = 255; /* (1, 1) is a line */
  layers[0].selected = TRUE;
  tacet_composite_set_layers (composite, layers, 1, FALSE);
  g_assert_cmphex (pixel_of (composite, 0, 0), ==, 0);          /* the checkerboard */
  g_assert_cmphex (pixel_of (composite, 1, 1), ==, 0xffffffff); /* as it is */
  g_assert_cmphex (pixel_of (composite, 2, 2), ==, 0xff000000);
  /* Not selected: a line in its colour, nothing else. */
  layers[0].selected = FALSE;
  tacet_composite_set_layers (composite, layers, 1, FALSE);
  g_assert_cmphex (pixel_of (composite, 2, 2), ==, 0);
  g_assert_true (colour_near (pixel_of (composite, 1, 1) & 0xffffff, 0x3584e4, 2));
  /* Depth that is not selected is a faint ground, under the lines whatever the order. */
  tacet_composite_set_layers (composite, layers, 2, FALSE);
  g_assert_cmpint (pixel_of (composite, 2, 2) >> 24, ==, 76);
  g_assert_true (colour_near (pixel_of (composite, 1, 1) & 0xffffff, 0x3584e4, 2));
  /* Half as opaque. */
  layers[0].opacity = 0.5;
  tacet_composite_set_layers (composite, layers, 1, FALSE);
  g_assert_cmpint (pixel_of (composite, 1, 1) >> 24, ==, 128);
  layers[0].opacity = 1;
  /* Over a picture nothing that has no line is opaque; a faint tint tells where the selected one speaks. */
  tacet_composite_set_layers (composite, layers, 2, TRUE);
  g_assert_cmphex (pixel_of (composite, 2, 2), ==, 0);
  layers[0].selected = TRUE;
  tacet_composite_set_layers (composite, layers, 2, TRUE);
  g_assert_cmphex (pixel_of (composite, 0, 0), ==, 0);
  g_assert_cmpint (pixel_of (composite, 2, 2) >> 24, <, 40);
  g_assert_cmpint (pixel_of (composite, 2, 2) >> 24, >, 15);
  layers[0].selected = FALSE;
  layers[1].selected = TRUE;
  tacet_composite_set_layers (composite, layers, 2, TRUE);
  g_assert_cmpint (pixel_of (composite, 2, 2) >> 24, ==, 128);
}

static void
test_figures (void)
{
  g_autoptr (TacetImage) map = image (4, 1, 3, 0), spoken = image (4, 1, 1, 255);
  g_autoptr (TacetComposite) composite = tacet_composite_new (4, 1);
  TacetCompositeLayer layer = layer_of ("pose", TACET_LAYER_POSE, map, spoken);

  map->data[3] = 153; /* a limb */
  map->data[7] = 255; /* a joint */
  tacet_composite_set_layers (composite, &layer, 1, FALSE);
  g_assert_cmphex (pixel_of (composite, 0, 0), ==, 0);
  g_assert_cmphex (pixel_of (composite, 1, 0), ==, 0xff990000);
  g_assert_cmphex (pixel_of (composite, 2, 0), ==, 0xff00ff00);
}

static void
test_pictures (void)
{
  g_autoptr (TacetImage) lower = image (4, 4, 4, 255), upper = image (4, 4, 4, 0), spoken = image (4, 4, 1, 255);
  g_autoptr (TacetImage) map = image (4, 4, 1, 0);
  g_autoptr (TacetComposite) composite = tacet_composite_new (4, 4);
  TacetCompositeLayer layers[] = { layer_of ("edges", TACET_LAYER_EDGE, map, spoken),
                                   layer_of ("upper", TACET_LAYER_PICTURE, NULL, NULL),
                                   layer_of ("lower", TACET_LAYER_PICTURE, NULL, NULL) };

  layers[0].selected = TRUE;
  layers[1].picture = upper;
  layers[2].picture = lower;
  memcpy (upper->data + 4, "\xff\x00\x00\x80", 4); /* (1, 0): red, half transparent */
  tacet_composite_set_layers (composite, layers + 1, 2, FALSE);
  g_assert_cmphex (pixel_of (composite, 0, 0), ==, 0xffffffff);
  g_assert_true (colour_near (pixel_of (composite, 1, 0) & 0xffffff, 0xff7f7f, 1));
  layers[1].opacity = 0.5;
  tacet_composite_set_layers (composite, layers + 1, 2, FALSE);
  g_assert_true (colour_near (pixel_of (composite, 1, 0) & 0xffffff, 0xffbfbf, 1));
  /* The selected map does not hide pictures. */
  tacet_composite_set_layers (composite, layers, 3, FALSE);
  g_assert_true (colour_near (pixel_of (composite, 3, 3) & 0xffffff, 0xebf3fc, 4));
  /* A result hides them. */
  tacet_composite_set_layers (composite, layers + 1, 2, TRUE);
  g_assert_cmphex (pixel_of (composite, 0, 0), ==, 0);
}

static void
test_regions (void)
{
  g_autoptr (TacetImage) left = image (8, 1, 1, 0), right = image (8, 1, 1, 0), edges = image (8, 1, 1, 0);
  g_autoptr (TacetImage) spoken = image (8, 1, 1, 255);
  g_autoptr (TacetComposite) composite = tacet_composite_new (8, 1);
  TacetCompositeLayer layers[] = { layer_of ("edges", TACET_LAYER_EDGE, edges, spoken),
                                   layer_of ("right", TACET_LAYER_REGION, NULL, right),
                                   layer_of ("left", TACET_LAYER_REGION, NULL, left) };

  layers[1].hatch = 2;
  layers[1].colour = tacet_palette_control (1);
  memset (left->data, 255, 5);
  memset (right->data + 3, 255, 5);
  edges->data[7] = 255;
  tacet_composite_set_layers (composite, layers, 3, FALSE);
  g_assert_cmpint (marks_of (composite, 0, 0), ==, 1);
  g_assert_cmpint (marks_of (composite, 3, 0), ==, 1 | 4); /* both can be told */
  g_assert_cmpint (marks_of (composite, 6, 0), ==, 4);
  g_assert_cmpint (marks_of (composite, 7, 0), ==, 0); /* a line lies over it */
  g_assert_cmphex (tacet_composite_get_inks (composite)[0], ==, 0x783584e4);
  g_assert_cmphex (tacet_composite_get_inks (composite)[2], ==, 0x78ff991f);
  g_assert_cmpint (pixel_of (composite, 0, 0) >> 24, ==, 64);
  g_assert_cmpint (pixel_of (composite, 4, 0) >> 24, >, 64);
}

static void
test_masks (void)
{
  g_autoptr (TacetImage) one = image (8, 1, 1, 0), two = image (8, 1, 1, 0);
  g_autoptr (TacetComposite) composite = tacet_composite_new (8, 1);
  TacetCompositeLayer layers[] = { layer_of ("one", TACET_LAYER_MASK, NULL, one),
                                   layer_of ("two", TACET_LAYER_MASK, NULL, two) };

  /* An empty mask is none. */
  tacet_composite_set_layers (composite, layers, 2, FALSE);
  g_assert_cmphex (pixel_of (composite, 0, 0), ==, 0);
  /* What one of them lets change has no veil, the rest has one, whose opacities do not add up. */
  one->data[0] = two->data[1] = 255;
  tacet_composite_changed (composite, "one", 0, 0, 8, 1);
  tacet_composite_changed (composite, "two", 0, 0, 8, 1);
  tacet_composite_set_layers (composite, layers, 2, FALSE);
  g_assert_cmphex (pixel_of (composite, 0, 0), ==, 0);
  g_assert_cmphex (pixel_of (composite, 1, 0), ==, 0);
  g_assert_cmpint (pixel_of (composite, 2, 0) >> 24, ==, 115);
  g_assert_cmpint (marks_of (composite, 2, 0), ==, 1 << TACET_HATCH_VEIL);
  g_assert_cmpint (marks_of (composite, 0, 0), ==, 0);
}

/* ---- changes ---- */

#define WIDTH  700
#define HEIGHT 530

typedef struct
{
  TacetImage *images[8];
  TacetCompositeLayer layers[6];
} Document;

static void
scribble (GRand *rand, TacetImage *self, int *x, int *y, int *width, int *height)
{
  *x = g_rand_int_range (rand, 0, WIDTH);
  *y = g_rand_int_range (rand, 0, HEIGHT);
  *width = g_rand_int_range (rand, 1, MIN (WIDTH - *x, 200) + 1);
  *height = g_rand_int_range (rand, 1, MIN (HEIGHT - *y, 200) + 1);
  for (int row = *y; row < *y + *height; row++)
    for (int i = *x * self->channels; i < (*x + *width) * self->channels; i++)
      self->data[row * WIDTH * self->channels + i] = g_rand_boolean (rand) ? 0 : g_rand_int_range (rand, 0, 256);
}

static Document
document_new (void)
{
  static const TacetLayerKind kinds[] = { TACET_LAYER_EDGE,   TACET_LAYER_POSE, TACET_LAYER_DEPTH,
                                          TACET_LAYER_REGION, TACET_LAYER_MASK, TACET_LAYER_PICTURE };
  static const char *const keys[] = { "edge", "pose", "depth", "region", "mask", "picture" };
  Document self = { 0 };

  for (int i = 0; i < 6; i++)
    {
      self.layers[i] = layer_of (keys[i], kinds[i], NULL, NULL);
      self.layers[i].opacity = i == 1 ? 0.7 : 1;
      if (i < 3)
        self.layers[i].map = self.images[i] = image (WIDTH, HEIGHT, i == 1 ? 3 : 1, 0);
      if (i == 5)
        self.layers[i].picture = self.images[5] = image (WIDTH, HEIGHT, 4, 0);
      else
        self.layers[i].coverage = self.images[i < 3 ? 6 : i] =
            i == 1 || i == 2 ? self.images[6] : image (WIDTH, HEIGHT, 1, 0);
    }
  return self;
}

static void
document_clear (Document *self)
{
  for (int i = 0; i < 8; i++)
    g_clear_pointer (&self->images[i], tacet_image_unref);
}

static void
assert_same (TacetComposite *a, TacetComposite *b)
{
  for (int level = 0; level < 4; level++)
    {
      const TacetLevel *one = made (a, level), *two = made (b, level);
      gsize n = (gsize) one->width * one->height;

      g_assert_cmpmem (one->pixels, 4 * n, two->pixels, 4 * n);
      g_assert_cmpmem (one->marks, n, two->marks, n);
    }
}

/* Whatever is changed, made visible, moved or selected: the same as all of it done anew, at every level. */
static void
test_changes (void)
{
  GRand *rand = g_rand_new_with_seed (3);
  Document document = document_new ();
  g_autoptr (TacetComposite) composite = tacet_composite_new (WIDTH, HEIGHT);
  TacetCompositeLayer shown[6];

  for (int change = 0; change < 60; change++)
    {
      g_autoptr (TacetComposite) fresh = tacet_composite_new (WIDTH, HEIGHT);
      gboolean over_result = g_rand_int_range (rand, 0, 8) == 0;
      int n = 0, which = g_rand_int_range (rand, 0, 7), x, y, width, height;

      if (document.images[which] != NULL)
        {
          scribble (rand, document.images[which], &x, &y, &width, &height);
          for (int i = 0; i < 6; i++)
            tacet_composite_changed (composite, document.layers[i].key, x, y, width, height);
        }
      for (int i = 0; i < 6; i++)
        if (g_rand_int_range (rand, 0, 5) != 0)
          {
            shown[n] = document.layers[i];
            shown[n++].selected = g_rand_int_range (rand, 0, 5) == 0;
          }
      tacet_composite_set_layers (composite, shown, n, over_result);
      tacet_composite_set_layers (fresh, shown, n, over_result);
      assert_same (composite, fresh);
    }
  document_clear (&document);
  g_rand_free (rand);
}

/* The damage is what looks different, and no more than needed. */
static void
test_damage (void)
{
  g_autoptr (TacetImage) map = image (1024, 1024, 1, 0), spoken = image (1024, 1024, 1, 255);
  g_autoptr (TacetComposite) composite = tacet_composite_new (1024, 1024);
  TacetCompositeLayer layer = layer_of ("edges", TACET_LAYER_EDGE, map, spoken);
  cairo_rectangle_int_t extents, dab = { 300, 400, 10, 20 };
  cairo_region_t *damage;

  tacet_composite_set_layers (composite, &layer, 1, FALSE);
  cairo_region_destroy (tacet_composite_take_damage (composite));
  for (int y = 400; y < 420; y++)
    memset (map->data + y * 1024 + 300, 255, 10);
  tacet_composite_changed (composite, "edges", 300, 400, 10, 20);
  tacet_composite_set_layers (composite, &layer, 1, FALSE);
  damage = tacet_composite_take_damage (composite);
  cairo_region_get_extents (damage, &extents);
  g_assert_true (memcmp (&extents, &dab, sizeof dab) == 0);
  cairo_region_destroy (damage);
  /* Hidden: only the block where it had something. */
  tacet_composite_set_layers (composite, NULL, 0, FALSE);
  damage = tacet_composite_take_damage (composite);
  cairo_region_get_extents (damage, &extents);
  g_assert_cmpint (extents.x, ==, 256);
  g_assert_cmpint (extents.y, ==, 256);
  g_assert_cmpint (extents.width, ==, 256);
  g_assert_cmpint (extents.height, ==, 256);
  cairo_region_destroy (damage);
  tacet_composite_set_layers (composite, NULL, 0, FALSE);
  damage = tacet_composite_take_damage (composite);
  g_assert_true (cairo_region_is_empty (damage));
  cairo_region_destroy (damage);
}

/* A smaller copy is the mean of what it stands for, made without the larger ones. */
static void
test_levels (void)
{
  g_autoptr (TacetImage) picture = image (301, 203, 4, 255);
  g_autoptr (TacetComposite) composite = tacet_composite_new (301, 203);
  TacetCompositeLayer layer = layer_of ("picture", TACET_LAYER_PICTURE, NULL, NULL);
  const TacetLevel *level;

  layer.picture = picture;
  for (int y = 0; y < 203; y++)
    for (int x = 0; x < 301; x++)
      picture->data[4 * (y * 301 + x)] = (x + y) & 1 ? 255 : 0;
  tacet_composite_set_layers (composite, &layer, 1, FALSE);
  level = made (composite, 2);
  g_assert_cmpint (level->width, ==, 76);
  g_assert_cmpint (level->height, ==, 51);
  for (int y = 0; y < 51; y++)
    for (int x = 0; x < 76; x++)
      g_assert_true (colour_near (level->pixels[y * 76 + x] & 0xffffff, 0x80ffff, x == 75 || y == 50 ? 45 : 1));
}

/* No time: nothing is made, and it is known. */
static void
test_deadline (void)
{
  g_autoptr (TacetImage) picture = image (600, 300, 4, 255);
  g_autoptr (TacetComposite) composite = tacet_composite_new (600, 300);
  TacetSurface *surface = tacet_composite_get_surface (composite);
  TacetCompositeLayer layer = layer_of ("picture", TACET_LAYER_PICTURE, NULL, NULL);

  layer.picture = picture;
  tacet_composite_set_layers (composite, &layer, 1, FALSE);
  g_assert_false (tacet_surface_make (surface, 0, 0, 0, 600, 300, 0));
  g_assert_false (tacet_surface_is_made (surface, 0, 0, 0, 10, 10));
  g_assert_true (tacet_surface_make (surface, 0, 0, 0, 10, 10, G_MAXINT64));
  g_assert_true (tacet_surface_is_made (surface, 0, 0, 0, 10, 10));
  g_assert_false (tacet_surface_is_made (surface, 0, 500, 0, 10, 10));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/composite/controls", test_controls);
  g_test_add_func ("/composite/figures", test_figures);
  g_test_add_func ("/composite/pictures", test_pictures);
  g_test_add_func ("/composite/regions", test_regions);
  g_test_add_func ("/composite/masks", test_masks);
  g_test_add_func ("/composite/changes", test_changes);
  g_test_add_func ("/composite/damage", test_damage);
  g_test_add_func ("/composite/levels", test_levels);
  g_test_add_func ("/composite/deadline", test_deadline);
  return g_test_run ();
}
