/* test-maps.c: kinds, edges as OpenCV finds them, poses, coverage.
 *
 * Room: tests/control.  References: make-canny.py.
 */
#include "engine/control/tacet-maps.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
test_kinds (void)
{
  TacetControlKind kind;
  for (int i = 0; i < TACET_N_CONTROL_KINDS; i++)
    {
      g_assert_true (tacet_control_kind_parse (tacet_control_kind_id ((TacetControlKind) i), &kind));
      g_assert_cmpint (kind, ==, i);
    }
  g_assert_false (tacet_control_kind_parse ("edges", &kind));
  g_assert_false (tacet_control_kind_parse (NULL, &kind));
}

/* --- Canny --- */

/* pattern () of the script */
static int
pattern (int kind, int width, int height, guint32 x, guint32 y, guint32 c, guint32 seed)
{
  guint32 state = x * 374761393u + y * 668265263u + c * 2246822519u + seed * 3266489917u;
  state = (state ^ (state >> 13)) * 1274126177u;
  int noise = (state ^ (state >> 16)) & 0xff, v;
  int dx = (int) x - width / 3, dy = (int) y - height / 2, radius = height / 3;
  switch (kind)
    {
    case 0:
      return noise;
    case 1:
      v = dx * dx + dy * dy < radius * radius ? 60 + 50 * (int) c : 190 - 40 * (int) c;
      return CLAMP (v + noise / 16, 0, 255);
    case 2:
      v = (int) ((x * (3 + c) + y * (5 - c)) % 256);
      return (x > y ? v : 255 - v) / 2 + noise / 32;
    default:
      v = (int) ((x / 7 + y / 5 + c) % 2) * 140 + (int) (x * 70) / width + noise / 24;
      return CLAMP (v, 0, 255);
    }
}

static gsize
check_canny (const char *data, gsize at)
{
  int width, height, channels, kind;
  guint seed;
  double low, high;
  g_assert_cmpint (
      sscanf (data + at, "%d %d %d %lf %lf %d %u\n", &width, &height, &channels, &low, &high, &kind, &seed), ==, 7);
  const guint8 *bits = (const guint8 *) strchr (data + at, '\n') + 1;
  g_autoptr (TacetImage) picture = tacet_image_new (width, height, channels);
  for (int y = 0, i = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < channels; c++)
        picture->data[i++] = (guint8) pattern (kind, width, height, x, y, c, seed);
  g_autoptr (TacetImage) edges = tacet_canny (picture, low, high);
  g_assert_cmpint (edges->channels, ==, 1);
  int n = width * height, wrong = 0;
  for (int i = 0; i < n; i++)
    {
      int expected = (bits[i / 8] >> (7 - i % 8)) & 1 ? 255 : 0;
      wrong += edges->data[i] != expected;
    }
  if (wrong > 0)
    g_test_message ("%dx%dx%d, pattern %d, thresholds %g %g: %d differ", width, height, channels, kind, low, high,
                    wrong);
  g_assert_cmpint (wrong, ==, 0);
  return (gsize) ((const char *) bits - data) + (gsize) (n + 7) / 8;
}

static void
test_canny (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "control", "data", "canny.bin", NULL);
  g_autofree char *data = NULL;
  gsize length = 0, at = 0;
  int n = 0;
  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  for (; at < length; n++)
    at = check_canny (data, at);
  g_assert_cmpuint (at, ==, length);
  g_assert_cmpint (n, ==, 192);
}

/* Alpha is ignored. */
static void
test_canny_alpha (void)
{
  g_autoptr (TacetImage) rgb = tacet_image_new (32, 32, 3);
  for (int i = 0; i < 32 * 32 * 3; i++)
    rgb->data[i] = (guint8) pattern (1, 32, 32, i / 3 % 32, i / 96, i % 3, 5);
  g_autoptr (TacetImage) rgba = tacet_image_convert (rgb, 4);
  g_autoptr (TacetImage) a = tacet_canny (rgb, 100, 200), b = tacet_canny (rgba, 100, 200);
  g_assert_true (tacet_image_equal (a, b));
}

/* --- poses --- */

static TacetPerson
standing (double size)
{
  static const float at[TACET_POSE_JOINTS][2] = {
    { .5f, .15f },  { .5f, .28f },  { .38f, .28f }, { .3f, .42f },  { .26f, .55f }, { .62f, .28f },
    { .7f, .42f },  { .74f, .55f }, { .43f, .55f }, { .42f, .74f }, { .41f, .93f }, { .57f, .55f },
    { .58f, .74f }, { .59f, .93f }, { .47f, .12f }, { .53f, .12f }, { .43f, .14f }, { .57f, .14f },
  };
  TacetPerson person = { 0 };
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    person.joints[i] = (TacetJoint){ (float) (at[i][0] * size), (float) (at[i][1] * size), 1 };
  return person;
}

static const guint8 *
pixel (const TacetImage *image, double x, double y)
{
  return image->data + ((gsize) y * image->width + (gsize) x) * image->channels;
}

static void
test_pose_colors (void)
{
  TacetPerson person = standing (512);
  g_autoptr (TacetImage) map = tacet_pose_draw (&person, 1, 512, 512);
  g_assert_cmpfloat_with_epsilon (tacet_pose_radius (512, 512), 4, 1e-9);
  /* Joints in their own colour, limbs at 60 % of theirs. */
  static const int joints[] = { 0, 3, 4, 7, 10, 13 };
  for (gsize i = 0; i < G_N_ELEMENTS (joints); i++)
    {
      const TacetJoint *j = &person.joints[joints[i]];
      g_assert_cmpmem (pixel (map, j->x, j->y), 3, tacet_pose_colors[joints[i]], 3);
    }
  static const int limbs[] = { 2, 3, 4, 5, 7, 8, 10, 11 };
  for (gsize i = 0; i < G_N_ELEMENTS (limbs); i++)
    {
      const TacetJoint *a = &person.joints[tacet_pose_limbs[limbs[i]][0]];
      const TacetJoint *b = &person.joints[tacet_pose_limbs[limbs[i]][1]];
      const guint8 *p = pixel (map, (a->x + b->x) / 2, (a->y + b->y) / 2);
      for (int c = 0; c < 3; c++)
        g_assert_cmpint (abs (p[c] - (int) (0.6 * tacet_pose_colors[limbs[i]][c])), <=, 1);
    }
  g_assert_cmpint (pixel (map, 5, 5)[0], ==, 0);
}

static void
test_pose_hidden (void)
{
  TacetPerson person = standing (128);
  g_autoptr (TacetImage) whole = tacet_pose_draw (&person, 1, 128, 128);
  for (int i = 0; i < TACET_POSE_JOINTS; i++)
    person.joints[i].confidence = 0;
  g_autoptr (TacetImage) none = tacet_pose_draw (&person, 1, 128, 128);
  g_autoptr (TacetImage) black = tacet_image_new (128, 128, 3);
  g_assert_true (tacet_image_equal (none, black));
  g_assert_false (tacet_image_equal (whole, black));
  person.joints[4].confidence = 0.3f;
  g_autoptr (TacetImage) wrist = tacet_pose_draw (&person, 1, 128, 128);
  const TacetJoint *j = &person.joints[4];
  g_assert_cmpmem (pixel (wrist, j->x, j->y), 3, tacet_pose_colors[4], 3);
  j = &person.joints[3];
  g_assert_cmpint (pixel (wrist, j->x, j->y)[0], ==, 0);
}

/* Joints far outside, not numbers, or one on the other: no fault, and what is inside is drawn. */
static void
test_pose_hostile (void)
{
  static const float values[] = { NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 1e9f, 0, -5, 64 };
  GRand *rand = g_rand_new_with_seed (8);
  for (int round = 0; round < 200; round++)
    {
      TacetPerson person = standing (64);
      for (int i = 0; i < TACET_POSE_JOINTS; i++)
        if (g_rand_boolean (rand))
          {
            person.joints[i].x = values[g_rand_int_range (rand, 0, G_N_ELEMENTS (values))];
            person.joints[i].y = values[g_rand_int_range (rand, 0, G_N_ELEMENTS (values))];
          }
      person.joints[0].confidence = NAN;
      g_autoptr (TacetImage) map = tacet_pose_draw (&person, 1, 64, 64);
      g_assert_nonnull (map);
    }
  g_assert_null (tacet_pose_draw (NULL, 0, 0, 64));
  g_autoptr (TacetImage) nobody = tacet_pose_draw (NULL, 0, 8, 8);
  g_assert_nonnull (nobody);
  g_rand_free (rand);
}

/* The outline is smooth: the lit area of a disc is that of a circle, wherever its centre lies. */
static void
test_pose_smooth (void)
{
  for (int i = 0; i < 20; i++)
    {
      TacetPerson person = { 0 };
      person.joints[12] = (TacetJoint){ 30 + 0.05f * (float) i, 31 + 0.09f * (float) i, 1 };
      g_autoptr (TacetImage) map = tacet_pose_draw (&person, 1, 512, 512);
      double area = 0;
      for (int p = 0; p < 512 * 512; p++)
        area += map->data[p * 3 + 2] / 255.0;
      g_assert_cmpfloat_with_epsilon (area, G_PI * 16, 0.6);
    }
}

/* --- coverage --- */

static void
test_coverage (void)
{
  g_autoptr (TacetImage) map = tacet_image_new (512, 512, 3);
  map->data[(200 * 512 + 100) * 3 + 1] = 13; /* just above 0.05 */
  map->data[(300 * 512 + 400) * 3 + 1] = 12; /* not */
  g_autoptr (TacetImage) edge = tacet_coverage_from_map (TACET_CONTROL_EDGE, map);
  g_autoptr (TacetImage) pose = tacet_coverage_from_map (TACET_CONTROL_POSE, map);
  g_autoptr (TacetImage) depth = tacet_coverage_from_map (TACET_CONTROL_DEPTH, map);
  g_assert_true (tacet_image_equal (edge, pose));
  for (int y = 0; y < 512; y++)
    for (int x = 0; x < 512; x++)
      {
        int dx = x - 100, dy = y - 200;
        g_assert_cmpint (edge->data[y * 512 + x], ==, dx * dx + dy * dy <= 64 ? 255 : 0);
        g_assert_cmpint (depth->data[y * 512 + x], ==, 255);
      }
}

/* Against every pair of pixels, at several sizes; marks at the borders too. */
static void
test_coverage_slow (void)
{
  static const int sizes[][2] = { { 64, 64 }, { 100, 37 }, { 1, 50 }, { 200, 3 }, { 300, 260 } };
  GRand *rand = g_rand_new_with_seed (9);
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      int width = sizes[s][0], height = sizes[s][1], marks[12][2];
      double reach = 8 * tacet_maps_scale (width, height);
      g_autoptr (TacetImage) map = tacet_image_new (width, height, 1);
      for (int m = 0; m < 12; m++)
        {
          marks[m][0] = g_rand_int_range (rand, 0, width);
          marks[m][1] = m < 6 ? g_rand_int_range (rand, 0, height) : (m % 2) * (height - 1);
          map->data[marks[m][1] * width + marks[m][0]] = 255;
        }
      g_autoptr (TacetImage) coverage = tacet_coverage_from_map (TACET_CONTROL_EDGE, map);
      for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
          {
            gboolean near = FALSE;
            for (int m = 0; m < 12; m++)
              near = near || hypot (x - marks[m][0], y - marks[m][1]) <= reach;
            g_assert_cmpint (coverage->data[y * width + x], ==, near ? 255 : 0);
          }
    }
  g_rand_free (rand);
}

/* Changes here and there, followed piece by piece: the same as from the whole map. */
static void
test_coverage_update (void)
{
  GRand *rand = g_rand_new_with_seed (10);
  g_autoptr (TacetImage) map = tacet_image_new (300, 200, 3);
  g_autoptr (TacetImage) coverage = tacet_coverage_from_map (TACET_CONTROL_POSE, map);
  for (int change = 0; change < 40; change++)
    {
      int x = g_rand_int_range (rand, -5, 300), y = g_rand_int_range (rand, -5, 200);
      int width = g_rand_int_range (rand, 1, 60), height = g_rand_int_range (rand, 1, 60);
      for (int row = MAX (y, 0); row < MIN (y + height, 200); row++)
        for (int column = MAX (x, 0); column < MIN (x + width, 300); column++)
          map->data[(row * 300 + column) * 3 + change % 3] = g_rand_int_range (rand, 0, 60) == 0 ? 255 : 0;
      g_assert_true (tacet_coverage_update (TACET_CONTROL_POSE, map, coverage, x, y, width, height));
      g_autoptr (TacetImage) whole = tacet_coverage_from_map (TACET_CONTROL_POSE, map);
      g_assert_true (tacet_image_equal (coverage, whole));
    }
  g_rand_free (rand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/maps/kinds", test_kinds);
  g_test_add_func ("/maps/canny", test_canny);
  g_test_add_func ("/maps/canny-alpha", test_canny_alpha);
  g_test_add_func ("/maps/pose-colors", test_pose_colors);
  g_test_add_func ("/maps/pose-hidden", test_pose_hidden);
  g_test_add_func ("/maps/pose-hostile", test_pose_hostile);
  g_test_add_func ("/maps/pose-smooth", test_pose_smooth);
  g_test_add_func ("/maps/coverage", test_coverage);
  g_test_add_func ("/maps/coverage-slow", test_coverage_slow);
  g_test_add_func ("/maps/coverage-update", test_coverage_update);
  return g_test_run ();
}
