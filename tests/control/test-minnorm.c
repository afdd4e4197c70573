/* test-minnorm.c: the point of least norm, against slower ways to find it (docs/method.md, section 2).
 *
 * Room: tests/control.
 */
#include "engine/control/tacet-balance.h"
#include <math.h>
#include <string.h>

#define DIMENSIONS 12
#define N_MAX      8

static double
dot (const double *a, const double *b, int n)
{
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

static void
gram_of (double (*v)[DIMENSIONS], int n, double *gram)
{
  for (int k = 0; k < n; k++)
    for (int l = 0; l < n; l++)
      gram[k * n + l] = dot (v[k], v[l], DIMENSIONS);
}

static double
value_of (const double *gram, int n, const double *w)
{
  double value = 0;
  for (int k = 0; k < n; k++)
    value += w[k] * dot (gram + k * n, w, n);
  return value;
}

static double
normal (GRand *rand)
{
  return sqrt (-2 * log (1 - g_rand_double (rand))) * cos (2 * G_PI * g_rand_double (rand));
}

static void
random_vector (GRand *rand, double *v)
{
  double scale = pow (10, g_rand_double_range (rand, -1.5, 1.5));
  for (int i = 0; i < DIMENSIONS; i++)
    v[i] = scale * normal (rand);
}

static double
norm_at (double g, double g11, double g12, double g22)
{
  return g * g * g11 + 2 * g * (1 - g) * g12 + (1 - g) * (1 - g) * g22;
}

static void
test_pair (void)
{
  GRand *rand = g_rand_new_with_seed (1);
  double worst = 0;
  for (int i = 0; i < 2000; i++)
    {
      double v[2][DIMENSIONS], gram[4], low = 0, high = 1;
      random_vector (rand, v[0]);
      random_vector (rand, v[1]);
      double mix = g_rand_double_range (rand, -1, 1);
      for (int j = 0; j < DIMENSIONS; j++)
        v[1][j] += mix * v[0][j];
      gram_of (v, 2, gram);
      for (int round = 0; round < 200; round++)
        {
          double a = low + (high - low) / 3, b = high - (high - low) / 3;
          if (norm_at (a, gram[0], gram[1], gram[3]) < norm_at (b, gram[0], gram[1], gram[3]))
            high = b;
          else
            low = a;
        }
      double least = norm_at ((low + high) / 2, gram[0], gram[1], gram[3]);
      double g = tacet_minnorm_pair (gram[0], gram[1], gram[3]);
      double excess = norm_at (g, gram[0], gram[1], gram[3]) - least;
      worst = MAX (worst, excess / MAX (gram[0], gram[3]));
      g_assert_true (g >= 0 && g <= 1);
    }
  g_test_message ("worst relative excess %g", worst);
  g_assert_cmpfloat (worst, <, 1e-14);
  g_assert_cmpfloat (tacet_minnorm_pair (4, 4, 4), ==, 0.5);
  g_assert_cmpfloat (tacet_minnorm_pair (0, 0, 0), ==, 0.5);
  g_assert_cmpfloat (tacet_minnorm_pair (1, 1, 4), ==, 1);
  g_assert_cmpfloat (tacet_minnorm_pair (4, 1, 1), ==, 0);
  g_assert_cmpfloat (tacet_minnorm_pair (1, 0, 0), ==, 0);
  g_rand_free (rand);
}

/* The KKT system of one support by plain elimination with row pivots; FALSE: singular or outside. */
static gboolean
solve_support (const double *gram, int n, guint mask, double *w)
{
  double a[N_MAX + 1][N_MAX + 2] = { { 0 } };
  int index[N_MAX], m = 0;
  for (int k = 0; k < n; k++)
    if (mask & (1u << k))
      index[m++] = k;
  double scale = 0;
  for (int i = 0; i < m; i++)
    scale = MAX (scale, gram[index[i] * n + index[i]]);
  for (int i = 0; i < m; i++)
    {
      a[m][i] = a[i][m] = 1;
      for (int j = 0; j < m; j++)
        a[i][j] = gram[index[i] * n + index[j]] / (scale > 0 ? scale : 1);
    }
  a[m][m + 1] = 1;
  for (int c = 0; c <= m; c++)
    {
      int best = c;
      for (int r = c; r <= m; r++)
        best = fabs (a[r][c]) > fabs (a[best][c]) ? r : best;
      if (fabs (a[best][c]) < 1e-11)
        return FALSE;
      for (int j = 0; j <= m + 1; j++)
        {
          double t = a[c][j];
          a[c][j] = a[best][j];
          a[best][j] = t;
        }
      for (int r = 0; r <= m; r++)
        for (int j = m + 1; r != c && j >= c; j--)
          a[r][j] -= a[r][c] / a[c][c] * a[c][j];
    }
  memset (w, 0, n * sizeof (double));
  for (int i = 0; i < m; i++)
    {
      w[index[i]] = a[i][m + 1] / a[i][i];
      if (w[index[i]] < 0)
        return FALSE;
    }
  return TRUE;
}

static double
enumerate_supports (const double *gram, int n)
{
  double least = INFINITY, w[N_MAX];
  for (guint mask = 1; mask < 1u << n; mask++)
    if (solve_support (gram, n, mask, w))
      least = MIN (least, value_of (gram, n, w));
  return least;
}

static void
hard_case (GRand *rand, int n, double (*v)[DIMENSIONS])
{
  for (int k = 0; k < n; k++)
    {
      int other = k > 0 ? g_rand_int_range (rand, 0, k) : 0, what = g_rand_int_range (rand, 0, 8);
      random_vector (rand, v[k]);
      for (int i = 0; i < DIMENSIONS; i++)
        if (k > 0 && what == 0)
          v[k][i] = v[other][i];
        else if (k > 0 && what == 1)
          v[k][i] = -v[other][i];
        else if (what == 2)
          v[k][i] = 0;
        else if (k > 0 && what == 3)
          v[k][i] = 2 * v[other][i];
    }
}

static void
test_wolfe (void)
{
  GRand *rand = g_rand_new_with_seed (2);
  double worst = 0, worst_gap = 0;
  for (int i = 0; i < 1500; i++)
    {
      int n = 2 + i % (N_MAX - 1);
      double v[N_MAX][DIMENSIONS], gram[N_MAX * N_MAX], w[N_MAX], trace = 0, sum = 0, gap = 0;
      hard_case (rand, n, v);
      gram_of (v, n, gram);
      tacet_minnorm (gram, n, w);
      double value = value_of (gram, n, w);
      for (int k = 0; k < n; k++)
        {
          trace += gram[k * n + k];
          sum += w[k];
          g_assert_cmpfloat (w[k], >=, 0);
          gap = MAX (gap, value - dot (gram + k * n, w, n));
        }
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-12);
      if (trace == 0)
        continue;
      worst = MAX (worst, (value - enumerate_supports (gram, n)) / trace);
      worst_gap = MAX (worst_gap, gap / trace);
    }
  g_test_message ("excess over enumeration %g, KKT gap %g, of the trace", worst, worst_gap);
  g_assert_cmpfloat (worst, <, 2e-12);
  g_assert_cmpfloat (worst_gap, <, 2e-12);
  g_rand_free (rand);
}

static void
test_wolfe_pair (void)
{
  GRand *rand = g_rand_new_with_seed (3);
  for (int i = 0; i < 500; i++)
    {
      double v[2][DIMENSIONS], gram[4], w[2];
      random_vector (rand, v[0]);
      random_vector (rand, v[1]);
      gram_of (v, 2, gram);
      tacet_minnorm (gram, 2, w);
      g_assert_cmpfloat_with_epsilon (w[0], tacet_minnorm_pair (gram[0], gram[1], gram[3]), 1e-11);
    }
  g_rand_free (rand);
}

static void
check_weights (const double *gram, int n, const double *expected)
{
  double w[TACET_MAX_CONTROLS];
  tacet_minnorm (gram, n, w);
  for (int k = 0; k < n; k++)
    g_assert_cmpfloat_with_epsilon (w[k], expected[k], 1e-12);
}

static void
test_fixed_cases (void)
{
  check_weights ((double[]){ 1, 0, 2, 0, 1, 2, 2, 2, 8 }, 3, (double[]){ .5, .5, 0 });
  check_weights ((double[]){ 1, -1, 0, -1, 1, 0, 0, 0, 1 }, 3, (double[]){ .5, .5, 0 });
  check_weights ((double[]){ 1, 0, 0, 0, 4, 0, 0, 0, 9 }, 3, (double[]){ 36. / 49, 9. / 49, 4. / 49 });
  /* Equal vectors share; a third, orthogonal one keeps what it would have against one of them. */
  check_weights ((double[]){ 1, 1, 1, 1 }, 2, (double[]){ .5, .5 });
  check_weights ((double[]){ 1, 1, 0, 1, 1, 0, 0, 0, 1 }, 3, (double[]){ .25, .25, .5 });
  check_weights ((double[]){ 0, 0, 0, 0 }, 2, (double[]){ .5, .5 });
  check_weights ((double[]){ 0, 0, 0, 4 }, 2, (double[]){ 1, 0 });
  check_weights ((double[]){ 7 }, 1, (double[]){ 1 });
  /* Not numbers in, no endless loop. */
  check_weights ((double[]){ NAN, 0, 0, 1 }, 2, (double[]){ .5, .5 });
  check_weights ((double[]){ INFINITY, 0, 0, 1 }, 2, (double[]){ .5, .5 });
}

static void
test_most_controls (void)
{
  GRand *rand = g_rand_new_with_seed (4);
  for (int round = 0; round < 50; round++)
    {
      int n = TACET_MAX_CONTROLS;
      double v[TACET_MAX_CONTROLS][DIMENSIONS], gram[TACET_MAX_CONTROLS * TACET_MAX_CONTROLS], w[TACET_MAX_CONTROLS];
      double trace = 0;
      hard_case (rand, n, v);
      gram_of (v, n, gram);
      tacet_minnorm (gram, n, w);
      double value = value_of (gram, n, w);
      for (int k = 0; k < n; k++)
        trace += gram[k * n + k];
      for (int k = 0; k < n; k++)
        g_assert_cmpfloat (value - dot (gram + k * n, w, n), <=, 2e-12 * trace);
    }
  g_rand_free (rand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/minnorm/pair", test_pair);
  g_test_add_func ("/minnorm/wolfe", test_wolfe);
  g_test_add_func ("/minnorm/wolfe-pair", test_wolfe_pair);
  g_test_add_func ("/minnorm/fixed-cases", test_fixed_cases);
  g_test_add_func ("/minnorm/most-controls", test_most_controls);
  return g_test_run ();
}
