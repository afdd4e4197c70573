/* test-balance.c: injection, combination, silence, strength, presets (docs/method.md, sections 3 and 4).
 *
 * Room: tests/control.
 */
#include "engine/control/tacet-balance.h"
#include <math.h>
#include <string.h>

#define DIMENSIONS 12

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
