/* test-balance.c: the behaviour tables and checks of minimal impact (docs/method.md, sections 2 to 4).
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

/* Section 3.2, row by row: f = e1, h = (a, b). */
static void
test_injection_table (void)
{
  static const struct
  {
    double f, a, b, lambda;
  } rows[] = {
    { 1, 0, 0, 20 },   { 1, 0.5, 0, 20 }, { 1, 1, 0, 1 },    { 1, 2, 0, 0 },         { 1, -0.5, 0, 2 },
    { 1, -1, 0, 1 },   { 1, -2, 0, .5 },  { 1, 0, 0.1, 20 }, { 1, 0, 0.3, 1 / .09 }, { 1, 0, 1, 1 },
    { 1, 0, 5, 0.04 }, { 0, 3, 4, 0 },    { 0, 0, 0, 1 },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      double hh = rows[i].a * rows[i].a + rows[i].b * rows[i].b;
      double lambda = tacet_injection (rows[i].f * rows[i].f, rows[i].f * rows[i].a, hh, TACET_LAMBDA_CAP);
      g_assert_cmpfloat_with_epsilon (lambda, rows[i].lambda, 1e-12);
    }
}

static void
test_injection_is_ratio_of_weights (void)
{
  GRand *rand = g_rand_new_with_seed (5);
  int interior = 0;
  for (int i = 0; i < 1000; i++)
    {
      double v[2][DIMENSIONS], gram[4];
      random_vector (rand, v[0]);
      random_vector (rand, v[1]);
      gram_of (v, 2, gram);
      double g = tacet_minnorm_pair (gram[0], gram[1], gram[3]);
      double lambda = tacet_injection (gram[0], gram[1], gram[3], TACET_LAMBDA_CAP);
      double ratio = g > 0 ? MIN ((1 - g) / g, TACET_LAMBDA_CAP) : TACET_LAMBDA_CAP;
      g_assert_cmpfloat_with_epsilon (lambda, ratio, 1e-10 * (1 + ratio));
      interior += g > 0.05 && g < 1;
    }
  g_assert_cmpint (interior, >, 300);
  g_rand_free (rand);
}

/* Gram matrix of (f, c_1 .. c_n) from orthogonal vectors of these squared norms. */
static void
orthogonal_gram (double ff, const double *squares, int n, double *gram)
{
  memset (gram, 0, (n + 1) * (n + 1) * sizeof (double));
  gram[0] = ff;
  for (int k = 0; k < n; k++)
    gram[(k + 1) * (n + 2)] = squares[k];
}

static void
test_layer (void)
{
  TacetCombine combine = tacet_combine_default ();
  TacetBalance balance;
  double gram[16], ones[3] = { 1, 1, 1 };

  /* Orthogonal and of equal norm: exactly the plain sum. */
  orthogonal_gram (100, (double[]){ 4, 4, 4 }, 3, gram);
  tacet_balance_layer (&combine, gram, 3, ones, &balance);
  g_assert_cmpfloat_with_epsilon (balance.combined_norm, sqrt (12), 1e-12);
  g_assert_cmpfloat_with_epsilon (balance.lambda, 100. / 12, 1e-12);
  g_assert_cmpfloat_with_epsilon (balance.coefficients[1], 100. / 12, 1e-12);
  g_assert_cmpfloat_with_epsilon (balance.unet_norm, 10, 1e-12);

  /* The weaker control gets the larger weight: w ~ 1 / |c|^2. */
  orthogonal_gram (100, (double[]){ 1, 4 }, 2, gram);
  tacet_balance_layer (&combine, gram, 2, ones, &balance);
  g_assert_cmpfloat_with_epsilon (balance.weights[0], 0.8, 1e-12);
  g_assert_cmpfloat_with_epsilon (balance.weights[1], 0.2, 1e-12);

  /* combine_total 1 halves the combined feature of two. */
  double norm = balance.combined_norm;
  combine.total_one = TRUE;
  tacet_balance_layer (&combine, gram, 2, ones, &balance);
  g_assert_cmpfloat_with_epsilon (balance.combined_norm, norm / 2, 1e-12);
  combine.total_one = FALSE;

  /* Antiparallel controls combine to nothing. */
  double opposite[9] = { 100, 3, -3, 3, 4, -4, -3, -4, 4 };
  tacet_balance_layer (&combine, opposite, 2, ones, &balance);
  g_assert_cmpfloat (balance.combined_norm, ==, 0);
  g_assert_cmpfloat (balance.weights[0], ==, 0.5);
}

/* A pair with one of the two in the other's role as `one control` equals the lone path. */
static void
test_lone_control (void)
{
  TacetCombine combine = tacet_combine_default ();
  TacetBalance lone, twice;
  double gram[4] = { 9, 1, 1, 2 }, doubled[9] = { 9, 1, 1, 1, 2, 2, 1, 2, 2 }, ones[2] = { 1, 1 };
  tacet_balance_layer (&combine, gram, 1, ones, &lone);
  g_assert_cmpfloat (lone.weights[0], ==, 1);
  g_assert_cmpfloat_with_epsilon (lone.lambda, (9. - 1) / (2 - 1), 1e-12);
  combine.total_one = TRUE;
  tacet_balance_layer (&combine, doubled, 2, ones, &twice);
  g_assert_cmpfloat (twice.lambda, ==, lone.lambda);
  g_assert_cmpfloat_with_epsilon (twice.coefficients[0] + twice.coefficients[1], lone.coefficients[0], 1e-12);
  /* Never dropped, however small. */
  double faint[4] = { 1e6, 0, 0, 1e-20 };
  tacet_balance_layer (&combine, faint, 1, ones, &lone);
  g_assert_false (lone.dropped[0]);
  g_assert_cmpfloat (lone.lambda, ==, 20);
}

static void
test_silent_guard (void)
{
  TacetCombine combine = tacet_combine_default ();
  TacetBalance with, alone;
  double gram[9], ones[2] = { 1, 1 }, single[4] = { 100, 0, 0, 4 };
  tacet_balance_layer (&combine, single, 1, ones, &alone);

  /* Below a thousandth of the loudest: dropped, and the rest is as if it were alone. */
  orthogonal_gram (100, (double[]){ 4, 4 * 0.9e-6 }, 2, gram);
  tacet_balance_layer (&combine, gram, 2, ones, &with);
  g_assert_true (with.dropped[1]);
  g_assert_false (with.dropped[0]);
  g_assert_cmpfloat (with.weights[1], ==, 0);
  g_assert_cmpfloat (with.coefficients[1], ==, 0);
  g_assert_cmpfloat (with.coefficients[0], ==, alone.coefficients[0]);

  /* Just above: kept, and its weight is nearly 1, as the rule says. */
  orthogonal_gram (100, (double[]){ 4, 4 * 1.1e-6 }, 2, gram);
  tacet_balance_layer (&combine, gram, 2, ones, &with);
  g_assert_false (with.dropped[1]);
  g_assert_cmpfloat (with.weights[1], >, 0.999);

  /* Without the guard a silent control erases the others. */
  combine.silent_guard = FALSE;
  orthogonal_gram (100, (double[]){ 4, 0 }, 2, gram);
  tacet_balance_layer (&combine, gram, 2, ones, &with);
  g_assert_cmpfloat (with.combined_norm, ==, 0);
  g_assert_cmpfloat (with.coefficients[0], ==, 0);
  g_assert_cmpfloat (with.coefficients[1], ==, 0);

  /* All zero: nothing enters, with and without the guard. */
  for (int guard = 0; guard < 2; guard++)
    {
      combine.silent_guard = guard;
      orthogonal_gram (100, (double[]){ 0, 0 }, 2, gram);
      tacet_balance_layer (&combine, gram, 2, ones, &with);
      g_assert_cmpfloat (with.coefficients[0], ==, 0);
      g_assert_cmpfloat (with.coefficients[1], ==, 0);
      g_assert_cmpfloat (with.lambda, ==, 20);
    }
}

/* 4.2: one control at a tenth of the other's norm: the direction follows the weak one. */
static void
test_nearly_silent (void)
{
  TacetCombine combine = tacet_combine_default ();
  TacetBalance balance;
  double gram[9], ones[2] = { 1, 1 };
  orthogonal_gram (1e4, (double[]){ 1, 0.01 }, 2, gram);
  tacet_balance_layer (&combine, gram, 2, ones, &balance);
  double cosine = 2 * balance.weights[0] * 1 / balance.combined_norm;
  g_assert_cmpfloat_with_epsilon (cosine, 0.0995, 1e-3);
}

static void
test_strength (void)
{
  TacetCombine combine = tacet_combine_default ();
  GRand *rand = g_rand_new_with_seed (6);
  for (int round = 0; round < 200; round++)
    {
      double v[3][DIMENSIONS], gram[9], last = 0, lambda = 0;
      for (int k = 0; k < 3; k++)
        random_vector (rand, v[k]);
      gram_of (v, 3, gram);
      for (int step = 0; step < 5; step++)
        {
          TacetBalance balance;
          double strengths[2] = { 0.5 * step, 1 };
          tacet_balance_layer (&combine, gram, 2, strengths, &balance);
          if (step > 0)
            {
              g_assert_cmpfloat (balance.lambda, ==, lambda);
              g_assert_cmpfloat (balance.coefficients[0], >=, last);
              if (balance.weights[0] > 0 && balance.lambda > 0)
                g_assert_cmpfloat (balance.coefficients[0], >, last);
            }
          lambda = balance.lambda;
          last = balance.coefficients[0];
        }
    }
  g_rand_free (rand);
}

/* 4.5 from scratch on vectors: f + lambda N sum_k s_k w_k c_k. */
static void
test_order_of_controls (void)
{
  TacetCombine combine = tacet_combine_default ();
  GRand *rand = g_rand_new_with_seed (7);
  for (int round = 0; round < 100; round++)
    {
      double v[4][DIMENSIONS], swapped[4][DIMENSIONS], gram[16];
      TacetBalance a, b;
      for (int k = 0; k < 4; k++)
        random_vector (rand, v[k]);
      memcpy (swapped, v, sizeof v);
      memcpy (swapped[1], v[3], sizeof v[0]);
      memcpy (swapped[3], v[1], sizeof v[0]);
      gram_of (v, 4, gram);
      tacet_balance_layer (&combine, gram, 3, (double[]){ 0.5, 1, 1.5 }, &a);
      gram_of (swapped, 4, gram);
      tacet_balance_layer (&combine, gram, 3, (double[]){ 1.5, 1, 0.5 }, &b);
      g_assert_cmpfloat_with_epsilon (a.coefficients[0], b.coefficients[2], 1e-7 * (1 + a.coefficients[0]));
      g_assert_cmpfloat_with_epsilon (a.coefficients[1], b.coefficients[1], 1e-7 * (1 + a.coefficients[1]));
    }
  g_rand_free (rand);
}

static void
test_presets (void)
{
  TacetCombine combine;
  TacetBalance balance;
  double gram[9] = { 100, 1, 2, 1, 4, 1, 2, 1, 9 }, strengths[2] = { 0.5, 2 };

  g_assert_true (tacet_combine_parse (&combine, "sum", NULL));
  tacet_balance_layer (&combine, gram, 2, strengths, &balance);
  g_assert_cmpfloat (balance.coefficients[0], ==, 0.5);
  g_assert_cmpfloat (balance.coefficients[1], ==, 2);
  g_assert_cmpfloat (balance.lambda, ==, 1);
  g_assert_cmpfloat_with_epsilon (balance.combined_norm, sqrt (4 + 9 + 2), 1e-12);

  g_assert_true (tacet_combine_parse (&combine, "weights:0.5,1.5", NULL));
  tacet_balance_layer (&combine, gram, 2, strengths, &balance);
  g_assert_cmpfloat_with_epsilon (balance.coefficients[0], 0.25, 1e-15);
  g_assert_cmpfloat_with_epsilon (balance.coefficients[1], 3, 1e-15);

  TacetBalance star;
  g_assert_true (tacet_combine_parse (&combine, "star", NULL));
  tacet_balance_layer (&combine, gram, 2, strengths, &star);
  g_assert_true (tacet_combine_parse (&combine, "minimal-impact", NULL));
  tacet_balance_layer (&combine, gram, 2, strengths, &balance);
  g_assert_cmpmem (&star, sizeof star, &balance, sizeof balance);
}

static void
test_text_forms (void)
{
  static const char *const good[] = { "minimal-impact", "sum", "star", "weights:0.5,1.5", "weights:0.1,2,-3" };
  static const char *const bad[] = { "",
                                     "Sum",
                                     "weights:",
                                     "weights:1,,2",
                                     "weights:1;2",
                                     "weights:nan",
                                     "weights:1e99",
                                     "weights:1,2,3,4,5,6,7,8,9,10,11,12,13,14,15" };
  TacetCombine combine;
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (tacet_combine_parse (&combine, good[i], NULL));
      g_autofree char *text = tacet_combine_to_string (&combine);
      g_assert_cmpstr (text, ==, good[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      TacetCombine before = tacet_combine_default (), after = before;
      g_assert_false (tacet_combine_parse (&after, bad[i], &error));
      g_assert_error (error, TACET_CONTROL_ERROR, TACET_CONTROL_ERROR_COMBINE);
      g_assert_cmpmem (&before, sizeof before, &after, sizeof after);
    }
  g_assert_false (tacet_combine_parse (&combine, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/balance/pair", test_pair);
  g_test_add_func ("/balance/wolfe", test_wolfe);
  g_test_add_func ("/balance/wolfe-pair", test_wolfe_pair);
  g_test_add_func ("/balance/fixed-cases", test_fixed_cases);
  g_test_add_func ("/balance/most-controls", test_most_controls);
  g_test_add_func ("/balance/injection-table", test_injection_table);
  g_test_add_func ("/balance/injection-ratio", test_injection_is_ratio_of_weights);
  g_test_add_func ("/balance/layer", test_layer);
  g_test_add_func ("/balance/lone-control", test_lone_control);
  g_test_add_func ("/balance/silent-guard", test_silent_guard);
  g_test_add_func ("/balance/nearly-silent", test_nearly_silent);
  g_test_add_func ("/balance/strength", test_strength);
  g_test_add_func ("/balance/order", test_order_of_controls);
  g_test_add_func ("/balance/presets", test_presets);
  g_test_add_func ("/balance/text", test_text_forms);
  return g_test_run ();
}
