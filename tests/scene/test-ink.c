/* test-ink.c: shapes as coverage, against slower ways to say the same.
 *
 * Tests of engine/scene.
 */
#include "engine/scene/tacet-ink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 40
#define FINE 24 /* samples along a side of a pixel */

static int
ink_at (const TacetInk *ink, int x, int y)
{
  if (!ink || x < ink->x || y < ink->y || x >= ink->x + ink->width || y >= ink->y + ink->height)
    return 0;
  return ink->alpha[(y - ink->y) * ink->width + x - ink->x];
}

/* ---- areas ---- */

static int
winding (const TacetInkPoint *p, gsize n, double x, double y)
{
  int sum = 0;
  for (gsize i = 0; i < n; i++)
    {
      const TacetInkPoint *a = &p[i], *b = &p[(i + 1) % n];
      double side = (b->x - a->x) * (y - a->y) - (x - a->x) * (b->y - a->y);
      if (a->y <= y && b->y > y && side > 0)
        sum++;
      else if (a->y > y && b->y <= y && side < 0)
        sum--;
    }
  return sum;
}

typedef gboolean (*Inside) (gconstpointer data, double x, double y);

/* Coverage counted point by point. */
static void
assert_covers (const TacetInk *ink, Inside inside, gconstpointer data, int tolerance)
{
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      {
        int n = 0;
        for (int i = 0; i < FINE * FINE; i++)
          n += inside (data, x + (i % FINE + 0.5) / FINE, y + (i / FINE + 0.5) / FINE);
        g_assert_cmpint (abs (ink_at (ink, x, y) - 255 * n / (FINE * FINE)), <=, tolerance);
      }
}

typedef struct
{
  const TacetInkPoint *points;
  gsize n;
  gboolean closed;
} Shape;

static gboolean
inside_polygon (gconstpointer data, double x, double y)
{
  const Shape *shape = data;
  return winding (shape->points, shape->n, x, y) != 0;
}

static void
test_fill (void)
{
  static const TacetInkPoint star[] = { { 20, 3 }, { 30.3, 36.1 }, { 3.2, 14.7 }, { 36.9, 15.2 }, { 9.1, 35.5 } };
  static const TacetInkPoint outside[] = { { -100, 7.25 }, { 300, 7.75 }, { 22.2, 900 } };
  Shape shapes[] = { { star, G_N_ELEMENTS (star) }, { outside, G_N_ELEMENTS (outside) } };
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (TacetInk) ink = tacet_ink_fill (shapes[i].points, shapes[i].n, SIDE, SIDE);
      g_assert_nonnull (ink);
      assert_covers (ink, inside_polygon, &shapes[i], 12);
    }
  /* The middle of the star is wound twice, and inside all the same. */
  g_autoptr (TacetInk) ink = tacet_ink_fill (star, G_N_ELEMENTS (star), SIDE, SIDE);
  g_assert_cmpint (ink_at (ink, 20, 20), ==, 255);
}

/* Whole pixels are whole, halves are halves. */
static void
test_rectangle (void)
{
  g_autoptr (GArray) outline = tacet_ink_rectangle (4, 6.5, 10, 8, 0);
  g_autoptr (TacetInk) ink = tacet_ink_fill ((TacetInkPoint *) (gpointer) outline->data, outline->len, SIDE, SIDE);
  g_assert_cmpint (ink->x, ==, 4);
  g_assert_cmpint (ink->width, ==, 10);
  g_assert_cmpint (ink->height, ==, 9);
  for (int x = 4; x < 14; x++)
    {
      g_assert_cmpint (ink_at (ink, x, 6), ==, 128);
      g_assert_cmpint (ink_at (ink, x, 10), ==, 255);
      g_assert_cmpint (ink_at (ink, x, 14), ==, 128);
    }
  /* A quarter turn exchanges the sides. */
  g_autoptr (GArray) turned = tacet_ink_rectangle (4, 6.5, 10, 8, 90);
  g_autoptr (TacetInk) other = tacet_ink_fill ((TacetInkPoint *) (gpointer) turned->data, turned->len, SIDE, SIDE);
  g_assert_cmpint (other->width, ==, 8);
  g_assert_cmpint (ink_at (other, 9, 5), ==, 128);
}

static gboolean
inside_ellipse (gconstpointer data, double x, double y)
{
  double turn = 30 * G_PI / 180, dx = x - 20, dy = y - 19;
  double u = dx * cos (turn) + dy * sin (turn), v = -dx * sin (turn) + dy * cos (turn);
  return u * u / (15.5 * 15.5) + v * v / (7.25 * 7.25) <= 1;
}

static void
test_ellipse (void)
{
  g_autoptr (GArray) outline = tacet_ink_ellipse (4.5, 11.75, 31, 14.5, 30);
  g_autoptr (TacetInk) ink = tacet_ink_fill ((TacetInkPoint *) (gpointer) outline->data, outline->len, SIDE, SIDE);
  double sum = 0;
  assert_covers (ink, inside_ellipse, NULL, 12);
  for (int i = 0; i < ink->width * ink->height; i++)
    sum += ink->alpha[i] / 255.0;
  g_assert_cmpfloat_with_epsilon (sum, G_PI * 15.5 * 7.25, 0.5);
}

/* ---- lines ---- */

/* In the union of the discs whose middle and width run from a to b. */
static gboolean
inside_piece (const TacetInkPoint *a, const TacetInkPoint *b, double x, double y)
{
  for (int i = 0; i <= 400; i++)
    {
      double t = i / 400.0, dx = x - (a->x + (b->x - a->x) * t), dy = y - (a->y + (b->y - a->y) * t);
      double radius = (a->width + (b->width - a->width) * t) / 2;
      if (dx * dx + dy * dy <= radius * radius)
        return TRUE;
    }
  return FALSE;
}

static gboolean
inside_line (gconstpointer data, double x, double y)
{
  const Shape *shape = data;
  gboolean inside = FALSE;
  for (gsize i = 0; i + (shape->closed ? 0 : 1) < shape->n && !inside; i++)
    inside = inside_piece (&shape->points[i], &shape->points[(i + 1) % shape->n], x, y);
  return inside;
}

static void
test_line (void)
{
  static const TacetInkPoint points[] = { { 6, 8, 5 }, { 30, 12.5, 1.5 }, { 12, 33, 9 } };
  for (int closed = 0; closed < 2; closed++)
    {
      Shape shape = { points, G_N_ELEMENTS (points), closed };
      g_autoptr (TacetInk) ink = tacet_ink_line (points, G_N_ELEMENTS (points), closed, SIDE, SIDE);
      assert_covers (ink, inside_line, &shape, 12);
    }
  /* One point is a dot; a disc of three pixels across. */
  g_autoptr (TacetInk) dot = tacet_ink_line (&(TacetInkPoint){ 10.5, 10.5, 3 }, 1, FALSE, SIDE, SIDE);
  g_assert_cmpint (ink_at (dot, 10, 10), ==, 255);
  g_assert_cmpint (ink_at (dot, 12, 10), ==, 0);
  /* Pieces that overlap do not add up, whichever way they turn. */
  static const TacetInkPoint there_and_back[] = { { 5, 5, 4 }, { 35, 5, 4 }, { 5, 5, 4 } };
  g_autoptr (TacetInk) twice = tacet_ink_line (there_and_back, 3, FALSE, SIDE, SIDE);
  g_autoptr (TacetInk) once = tacet_ink_line (there_and_back, 2, FALSE, SIDE, SIDE);
  for (int i = 0; i < SIDE * SIDE; i++)
    g_assert_cmpint (ink_at (twice, i % SIDE, i / SIDE), ==, ink_at (once, i % SIDE, i / SIDE));
}

static void
test_curve (void)
{
  static const TacetInkPoint nodes[] = { { 3, 20, 2 }, { 12, 6, 6 }, { 25, 30, 1 }, { 36, 18, 4 } };
  for (int closed = 0; closed < 2; closed++)
    {
      g_autoptr (GArray) curve = tacet_ink_curve (nodes, G_N_ELEMENTS (nodes), closed);
      const TacetInkPoint *p = (TacetInkPoint *) (gpointer) curve->data;
      /* Through every node with its width, in steps that are small, with no corner. */
      for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
        {
          gboolean there = FALSE;
          for (guint j = 0; j < curve->len && !there; j++)
            there = memcmp (&p[j], &nodes[i], sizeof *p) == 0;
          g_assert_true (there);
        }
      for (guint j = 2; j < curve->len; j++)
        {
          double ax = p[j - 1].x - p[j - 2].x, ay = p[j - 1].y - p[j - 2].y;
          double bx = p[j].x - p[j - 1].x, by = p[j].y - p[j - 1].y;
          g_assert_cmpfloat (hypot (bx, by), <, 4);
          g_assert_cmpfloat ((ax * bx + ay * by) / (hypot (ax, ay) * hypot (bx, by)), >, 0.5);
          g_assert_true (p[j].width >= 1 && p[j].width <= 6);
        }
    }
  /* Points in a row give the straight line. */
  static const TacetInkPoint row[] = { { 2, 5, 1 }, { 9, 5, 1 }, { 33, 5, 1 } };
  g_autoptr (GArray) straight = tacet_ink_curve (row, 3, FALSE);
  for (guint i = 0; i < straight->len; i++)
    g_assert_cmpfloat_with_epsilon (g_array_index (straight, TacetInkPoint, i).y, 5, 1e-9);
}

/* ---- what is wild ---- */

static void
test_wild (void)
{
  GRand *rand = g_rand_new_with_seed (7);
  static const double wild[] = { -1e300, 1e300, -1e9, 1e9, NAN, INFINITY, -INFINITY, 0, 4.5, SIDE };
  for (int i = 0; i < 400; i++)
    {
      TacetInkPoint points[9];
      gsize n = (gsize) g_rand_int_range (rand, 0, 10);
      for (gsize j = 0; j < n; j++)
        points[j] = (TacetInkPoint){ wild[g_rand_int_range (rand, 0, G_N_ELEMENTS (wild))],
                                     g_rand_double_range (rand, -80, 80), g_rand_double_range (rand, -5, 90) };
      TacetInk *inks[] = { tacet_ink_fill (points, n, SIDE, SIDE), tacet_ink_line (points, n, i & 1, SIDE, SIDE) };
      g_autoptr (GArray) curve = tacet_ink_curve (points, MIN (n, 4), i & 1);
      for (int k = 0; k < 2; k++)
        {
          const TacetInk *ink = inks[k];
          g_assert_true (!ink || (ink->x >= 0 && ink->y >= 0 && ink->width > 0 && ink->height > 0 &&
                                  ink->x + ink->width <= SIDE && ink->y + ink->height <= SIDE));
          tacet_ink_free (inks[k]);
        }
    }
  g_autoptr (TacetInk) flat = tacet_ink_gradient (TACET_INK_LINEAR, 3, 3, 3, 3, 0, 1, SIDE, SIDE);
  g_assert_null (flat);
  g_autoptr (TacetInk) away = tacet_ink_fill ((TacetInkPoint[]){ { 90, 90 }, { 99, 90 }, { 95, 99 } }, 3, SIDE, SIDE);
  g_assert_null (away);
  g_rand_free (rand);
}

/* ---- floods ---- */

static void
naive_flood (const TacetImage *image, int x, int y, int seed, int tolerance, guint8 *reached)
{
  int at = y * image->width + x;
  if (x < 0 || y < 0 || x >= image->width || y >= image->height || reached[at] ||
      abs (image->data[at] - seed) > tolerance)
    return;
  reached[at] = 1;
  naive_flood (image, x + 1, y, seed, tolerance, reached);
  naive_flood (image, x - 1, y, seed, tolerance, reached);
  naive_flood (image, x, y + 1, seed, tolerance, reached);
  naive_flood (image, x, y - 1, seed, tolerance, reached);
}

static void
test_flood (void)
{
  GRand *rand = g_rand_new_with_seed (11);
  g_autoptr (TacetImage) image = tacet_image_new (SIDE, SIDE, 1);
  for (int round = 0; round < 20; round++)
    {
      guint8 reached[SIDE * SIDE] = { 0 };
      int tolerance = g_rand_int_range (rand, 0, 140), x = g_rand_int_range (rand, 0, SIDE),
          y = g_rand_int_range (rand, 0, SIDE);
      for (int i = 0; i < SIDE * SIDE; i++)
        image->data[i] = (guint8) g_rand_int_range (rand, 0, 256);
      int seed = image->data[y * SIDE + x];
      naive_flood (image, x, y, seed, tolerance, reached);
      g_autoptr (TacetInk) near = tacet_ink_flood (image, x, y, &(TacetInkFlood){ tolerance, TRUE, 0 });
      g_autoptr (TacetInk) all = tacet_ink_flood (image, x, y, &(TacetInkFlood){ tolerance, FALSE, 0 });
      for (int i = 0; i < SIDE * SIDE; i++)
        {
          gboolean like = abs (image->data[i] - seed) <= tolerance;
          if (reached[i])
            g_assert_cmpint (ink_at (near, i % SIDE, i / SIDE), ==, 255);
          else if (like)
            g_assert_cmpint (ink_at (near, i % SIDE, i / SIDE), ==, 0);
          if (like)
            g_assert_cmpint (ink_at (all, i % SIDE, i / SIDE), ==, 255);
        }
    }
  g_assert_null (tacet_ink_flood (image, -1, 3, &(TacetInkFlood){ 0, TRUE, 0 }));
  g_rand_free (rand);
}

/* A room with a door of three pixels: shut when gaps of four are closed, and filled into its corners. */
static void
test_gaps (void)
{
  g_autoptr (TacetImage) image = tacet_image_new (SIDE, SIDE, 1);
  for (int i = 5; i <= 30; i++)
    image->data[5 * SIDE + i] = image->data[30 * SIDE + i] = image->data[i * SIDE + 5] = image->data[i * SIDE + 30] =
        255;
  for (int i = 16; i <= 18; i++)
    image->data[i * SIDE + 30] = 0;
  g_autoptr (TacetInk) open = tacet_ink_flood (image, 12, 12, &(TacetInkFlood){ 20, TRUE, 0 });
  g_autoptr (TacetInk) shut = tacet_ink_flood (image, 12, 12, &(TacetInkFlood){ 20, TRUE, 4 });
  g_assert_cmpint (ink_at (open, 38, 38), ==, 255);
  g_assert_cmpint (ink_at (shut, 38, 38), ==, 0);
  g_assert_cmpint (ink_at (shut, 34, 17), ==, 0);
  for (int y = 6; y < 30; y++)
    for (int x = 6; x < 29; x++)
      g_assert_cmpint (ink_at (shut, x, y), ==, 255);
  /* A line that rises softly is covered as far as it is not yet the line. */
  image->data[12 * SIDE + 6] = 128;
  g_autoptr (TacetInk) soft = tacet_ink_flood (image, 12, 12, &(TacetInkFlood){ 0, TRUE, 0 });
  g_assert_cmpint (abs (ink_at (soft, 6, 12) - 127), <=, 2);
  g_assert_cmpint (ink_at (soft, 5, 20), ==, 0);
  /* What cannot be seen has no colour. */
  g_autoptr (TacetImage) picture = tacet_image_new (8, 8, 4);
  for (int i = 0; i < 64; i++)
    picture->data[4 * i] = (guint8) (i * 3);
  g_autoptr (TacetInk) whole = tacet_ink_flood (picture, 2, 2, &(TacetInkFlood){ 0, TRUE, 0 });
  for (int i = 0; i < 64; i++)
    g_assert_cmpint (ink_at (whole, i % 8, i / 8), ==, 255);
}

static void
test_gradient (void)
{
  g_autoptr (TacetInk) linear = tacet_ink_gradient (TACET_INK_LINEAR, 10, 5, 30, 5, 0.2, 1, SIDE, SIDE);
  g_autoptr (TacetInk) radial = tacet_ink_gradient (TACET_INK_RADIAL, 20, 20, 20, 30, 1, 0, SIDE, SIDE);
  for (int i = 0; i < SIDE * SIDE; i++)
    {
      int x = i % SIDE, y = i / SIDE;
      double t = CLAMP ((x + 0.5 - 10) / 20, 0, 1), r = MIN (hypot (x + 0.5 - 20, y + 0.5 - 20) / 10, 1);
      g_assert_cmpint (linear->alpha[i], ==, 255);
      g_assert_cmpint (abs (linear->value[i] - (int) lround (255 * (0.2 + 0.8 * t))), <=, 1);
      g_assert_cmpint (abs (radial->value[i] - (int) lround (255 * (1 - r))), <=, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ink/fill", test_fill);
  g_test_add_func ("/ink/rectangle", test_rectangle);
  g_test_add_func ("/ink/ellipse", test_ellipse);
  g_test_add_func ("/ink/line", test_line);
  g_test_add_func ("/ink/curve", test_curve);
  g_test_add_func ("/ink/wild", test_wild);
  g_test_add_func ("/ink/flood", test_flood);
  g_test_add_func ("/ink/gaps", test_gaps);
  g_test_add_func ("/ink/gradient", test_gradient);
  return g_test_run ();
}
