/* test-stroke.c: what the brush leaves on each kind of control.
 *
 * Tests of engine/scene.
 */
#include "scene-test.h"
#include <math.h>

#define SIZE 128

static int
at (const TacetImage *image, int x, int y)
{
  return image->data[(y * image->width + x) * image->channels];
}

static double
area (const TacetImage *image)
{
  double sum = 0;
  for (int i = 0; i < image->width * image->height; i++)
    sum += image->data[i] / 255.0;
  return sum;
}

static void
dot (TacetScene *scene, TacetLayer *control, const TacetBrush *brush, double x, double y, double pressure)
{
  tacet_scene_stroke_begin (scene, control, brush);
  tacet_scene_stroke_to (scene, x, y, pressure);
  tacet_scene_stroke_end (scene);
}

/* A hard dot is a disc; its area follows size and pressure. */
static void
test_dot (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (SIZE, SIZE);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_DEPTH);
  TacetBrush brush = { 40, 1, { 1, FALSE, .opacity = 1 } };
  dot (scene, control, &brush, 64, 64, 1);
  g_assert_cmpfloat_with_epsilon (area (tacet_layer_get_coverage (control)), G_PI * 400, 12);
  tacet_scene_undo (scene);
  g_assert_cmpfloat (area (tacet_layer_get_coverage (control)), ==, 0);
  dot (scene, control, &brush, 64, 64, 0.5);
  g_assert_cmpfloat_with_epsilon (area (tacet_layer_get_coverage (control)), G_PI * 100, 6);
  tacet_scene_undo (scene);
  brush.hardness = 0;
  dot (scene, control, &brush, 64, 64, 1);
  const TacetImage *soft = tacet_layer_get_coverage (control);
  g_assert_cmpfloat (area (soft), <, G_PI * 400 * 0.5);
  for (int x = 64; x < 84; x++)
    g_assert_cmpint (at (soft, x, 64), >=, at (soft, x + 1, 64));
}

/* What pressure changes is the brush's choice: the size, the opacity, both or nothing. */
static void
test_pressure (void)
{
  for (int steady = 0; steady < 2; steady++)
    for (int fades = 0; fades < 2; fades++)
      {
        g_autoptr (TacetScene) scene = tacet_scene_new (SIZE, SIZE);
        TacetLayer *layer = tacet_scene_add_layer (scene, TACET_LAYER_MASK);
        TacetBrush brush = { 40, 1, { 1, FALSE, .opacity = 1 }, .steady = steady, .fades = fades };
        dot (scene, layer, &brush, 64, 64, 0.5);
        const TacetImage *coverage = tacet_layer_get_coverage (layer);
        g_assert_cmpint (at (coverage, 64, 64), ==, fades ? 128 : 255);
        g_assert_cmpint (at (coverage, 64 + 15, 64), ==, !steady ? 0 : fades ? 128 : 255);
      }
}

/* A line covers what a line covers, without gaps or bulges, and its width follows the pressure. */
static void
test_line (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (SIZE, SIZE);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_DEPTH);
  TacetBrush brush = { 10, 1, { 1, FALSE, .opacity = 1 } };
  scene_test_stroke (scene, control, &brush, 20, 64, 108, 64);
  const TacetImage *map = tacet_layer_get_coverage (control);
  g_assert_cmpfloat_with_epsilon (area (map), 88 * 10 + G_PI * 25, 14);
  for (int x = 20; x < 108; x++)
    {
      g_assert_cmpint (at (map, x, 64), ==, 255);
      g_assert_cmpint (at (map, x, 60), >=, 250);
      g_assert_cmpint (at (map, x, 70), ==, 0);
    }
  tacet_scene_undo (scene);
  tacet_scene_stroke_begin (scene, control, &brush);
  tacet_scene_stroke_to (scene, 20, 64, 0);
  tacet_scene_stroke_to (scene, 108, 64, 1);
  tacet_scene_stroke_end (scene);
  double left = 0, right = 0;
  map = tacet_layer_get_coverage (control);
  for (int y = 0; y < SIZE; y++)
    {
      left += at (map, 30, y) / 255.0;
      right += at (map, 100, y) / 255.0;
    }
  g_assert_cmpfloat_with_epsilon (left, 10 * 10.0 / 88, 1);
  g_assert_cmpfloat_with_epsilon (right, 10 * 80.0 / 88, 1);
}

/* Points on a circle: the curve between them stays close to it, where straight pieces would not. */
static void
test_curve (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (SIZE, SIZE);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  TacetBrush brush = { 2, 1, { 1, FALSE, .opacity = 1 } };
  tacet_scene_stroke_begin (scene, control, &brush);
  for (int i = 0; i <= 9; i++) /* more than a turn: the pieces looked at have neighbours */
    tacet_scene_stroke_to (scene, 64 + 40 * cos (i * G_PI / 4), 64 + 40 * sin (i * G_PI / 4), 1);
  tacet_scene_stroke_end (scene);
  const TacetImage *map = tacet_layer_get_map (control);
  double sagitta = 40 * (1 - cos (G_PI / 8)); /* 3.04: how far a straight piece would be off */
  for (int i = 1; i < 8; i++)
    {
      double angle = (i + 0.5) * G_PI / 4;
      double on = 40, off = 40 - sagitta;
      g_assert_cmpint (at (map, (int) (64 + on * cos (angle)), (int) (64 + on * sin (angle))), >, 60);
      g_assert_cmpint (at (map, (int) (64 + off * cos (angle)), (int) (64 + off * sin (angle))), <, 60);
    }
}

/* A painted line speaks of its neighbourhood too: nothing near it.  Erased means silent. */
static void
test_edge (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (512, 512);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  TacetBrush brush = { 4, 1, { 1, FALSE, .opacity = 1 } }, eraser = { 30, 1, { 1, TRUE, .opacity = 1 } };
  g_autofree char *before = tacet_scene_digest (scene);
  scene_test_stroke (scene, control, &brush, 100, 250, 400, 250);
  const TacetImage *map = tacet_layer_get_map (control), *coverage = tacet_layer_get_coverage (control);
  g_assert_cmpint (at (map, 250, 250), ==, 255);
  g_assert_cmpint (at (map, 250, 255), ==, 0);
  g_assert_cmpint (at (coverage, 250, 258), ==, 255); /* 2 + 8 pixels */
  g_assert_cmpint (at (coverage, 250, 262), ==, 0);
  g_autoptr (TacetImage) rule = tacet_coverage_from_map (TACET_CONTROL_EDGE, map);
  int differ = 0;
  for (int i = 0; i < 512 * 512; i++)
    differ += (rule->data[i] > 127) != (coverage->data[i] > 127);
  g_assert_cmpint (differ, <, 512 * 512 / 500); /* the brush's rule is the kind's rule */
  scene_test_stroke (scene, control, &eraser, 250, 220, 250, 280);
  g_assert_cmpint (at (map, 250, 250), ==, 0);
  g_assert_cmpint (at (coverage, 250, 250), ==, 0);
  g_assert_cmpint (at (coverage, 200, 250), ==, 255);
  tacet_scene_undo (scene);
  g_assert_cmpint (at (tacet_layer_get_coverage (control), 250, 250), ==, 255);
  tacet_scene_undo (scene);
  scene_test_assert_digest (scene, before);
}

/* Depth under a soft brush: silent ground gives no depth of its own to the mixture. */
static void
test_depth (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (SIZE, SIZE);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_DEPTH);
  TacetBrush soft = { 60, 0, { 0.5, FALSE, .opacity = 1 } }, over = { 20, 1, { 1, FALSE, .opacity = 1 } },
             eraser = { 20, 1, { 0, TRUE, .opacity = 1 } };
  dot (scene, control, &soft, 64, 64, 1);
  const TacetImage *map = tacet_layer_get_map (control), *coverage = tacet_layer_get_coverage (control);
  for (int i = 0; i < SIZE * SIZE; i++)
    {
      if (coverage->data[i])
        g_assert_cmpint (ABS (map->data[i] - 128), <=, 1);
      else
        g_assert_cmpint (map->data[i], ==, 0);
    }
  dot (scene, control, &over, 64, 64, 1);
  g_assert_cmpint (at (map, 64, 64), ==, 255);
  dot (scene, control, &eraser, 64, 64, 1);
  g_assert_cmpint (at (map, 64, 64), ==, 0);
  g_assert_cmpint (at (coverage, 64, 64), ==, 0);
}

/* Erasing on a pose leaves the people, and what is silent stays so when they move. */
static void
test_pose (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (SIZE, SIZE);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  TacetPerson person = scene_test_person (64, 20, 100);
  TacetBrush eraser = { 20, 1, { 1, TRUE, .opacity = 1 } }, pen = { 20, 1, { 1, FALSE, .opacity = 1 } };
  int n = 0;
  tacet_scene_add_person (scene, control, &person);
  g_autoptr (TacetImage) map = tacet_image_copy (tacet_layer_get_map (control));
  g_autoptr (TacetImage) rule = tacet_coverage_from_map (TACET_CONTROL_POSE, map);
  g_assert_true (tacet_image_equal (rule, tacet_layer_get_coverage (control)));
  g_autofree char *before = tacet_scene_digest (scene);
  int neck = at (rule, 64, 20);
  g_assert_cmpint (neck, ==, 255);
  dot (scene, control, &eraser, 64, 20, 1);
  g_assert_true (tacet_image_equal (map, tacet_layer_get_map (control)));
  g_assert_cmpint (at (tacet_layer_get_coverage (control), 64, 20), ==, 0);
  scene_test_move (scene, control, 0, 4, 100, 100);
  g_assert_cmpint (at (tacet_layer_get_coverage (control), 64, 20), ==, 0);
  g_assert_cmpint (at (tacet_layer_get_coverage (control), 100, 100), ==, 255);
  dot (scene, control, &pen, 10, 10, 1);
  g_assert_cmpint (at (tacet_layer_get_coverage (control), 10, 10), ==, 255);
  dot (scene, control, &pen, 64, 20, 1);
  g_assert_cmpint (at (tacet_layer_get_coverage (control), 64, 20), ==, 255);
  for (int i = 0; i < 4; i++)
    g_assert_true (tacet_scene_undo (scene));
  scene_test_assert_digest (scene, before);
  g_assert_nonnull (tacet_layer_get_people (control, &n));
  g_assert_cmpint (n, ==, 1);
}

static void
damage_cb (TacetLayer *control, int x, int y, int width, int height, gpointer data)
{
  TacetImage *image = data;
  g_assert_cmpint (x, >=, 0);
  g_assert_cmpint (y, >=, 0);
  g_assert_cmpint (x + width, <=, image->width);
  g_assert_cmpint (y + height, <=, image->height);
  for (int row = y; row < y + height; row++)
    for (int column = x; column < x + width; column++)
      image->data[row * image->width + column] = tacet_layer_get_map (control)->data[row * image->width + column];
}

/* Who copies only what the signal names has the whole map in the end, after undo and redo too. */
static void
test_damage (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (200, 150);
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (TacetImage) mirror = tacet_image_new (200, 150, 1);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_DEPTH);
  g_signal_connect (control, "map-changed", G_CALLBACK (damage_cb), mirror);
  for (int i = 0; i < 60; i++)
    {
      TacetBrush brush = { g_rand_double_range (rand, 1, 50),
                           g_rand_double (rand),
                           { g_rand_double (rand), i % 3 == 0, .opacity = 1 } };
      tacet_scene_stroke_begin (scene, control, &brush);
      for (int k = 0; k < 5; k++)
        {
          tacet_scene_stroke_to (scene, g_rand_double_range (rand, -30, 230), g_rand_double_range (rand, -30, 180), 1);
          g_assert_true (tacet_image_equal (mirror, tacet_layer_get_map (control)));
        }
      i % 7 ? tacet_scene_stroke_end (scene) : tacet_scene_stroke_cancel (scene);
      if (i % 5 == 0)
        tacet_scene_undo (scene);
      if (i % 10 == 0)
        tacet_scene_redo (scene);
      g_assert_true (tacet_image_equal (mirror, tacet_layer_get_map (control)));
    }
}

static void
test_nothing (void)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (64, 64);
  TacetLayer *control = tacet_scene_add_layer (scene, TACET_LAYER_EDGE);
  TacetBrush brush = { 10, 1, { 1, FALSE, .opacity = 1 } }, odd = { NAN, NAN, { NAN, FALSE, .opacity = 1 } };
  g_autofree char *before = tacet_scene_digest (scene);
  gboolean can_undo;
  tacet_scene_stroke_to (scene, 5, 5, 1); /* no stroke was begun */
  tacet_scene_stroke_end (scene);
  tacet_scene_stroke_begin (scene, control, &brush);
  tacet_scene_stroke_end (scene); /* no points */
  dot (scene, control, &brush, 1e300, -1e300, 1);
  dot (scene, control, &brush, NAN, INFINITY, NAN);
  tacet_scene_stroke_begin (scene, control, &brush);
  tacet_scene_stroke_to (scene, 30, 30, 1);
  tacet_scene_stroke_cancel (scene);
  scene_test_assert_digest (scene, before);
  g_assert_true (tacet_scene_undo (scene)); /* adding the control is the only step */
  g_assert_false (tacet_scene_undo (scene));
  tacet_scene_redo (scene);
  dot (scene, control, &odd, 30, 30, 7);
  g_assert_cmpint (at (tacet_layer_get_map (control), 30, 30), >, 0);
  tacet_scene_stroke_begin (scene, control, &brush);
  tacet_scene_stroke_to (scene, 10, 10, 1);
  g_assert_true (tacet_scene_undo (scene)); /* ends the stroke and takes it back */
  g_assert_cmpint (at (tacet_layer_get_map (control), 10, 10), ==, 0);
  tacet_scene_stroke_begin (scene, control, &brush);
  tacet_scene_stroke_to (scene, 10, 10, 1);
  tacet_scene_remove_layer (scene, control);
  g_object_get (scene, "can-undo", &can_undo, NULL);
  g_assert_true (can_undo);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/stroke/dot", test_dot);
  g_test_add_func ("/scene/stroke/line", test_line);
  g_test_add_func ("/scene/stroke/curve", test_curve);
  g_test_add_func ("/scene/stroke/edge", test_edge);
  g_test_add_func ("/scene/stroke/depth", test_depth);
  g_test_add_func ("/scene/stroke/pose", test_pose);
  g_test_add_func ("/scene/stroke/damage", test_damage);
  g_test_add_func ("/scene/stroke/nothing", test_nothing);
  g_test_add_func ("/scene/stroke/pressure", test_pressure);
  return g_test_run ();
}
