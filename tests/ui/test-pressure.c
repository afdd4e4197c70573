/* test-pressure.c: the curve of pressure.  Room: tests/ui.  No display. */
#include "ui/tacet-pressure.h"

#include <math.h>

static void
test_line (void)
{
  const TacetPressure line = TACET_PRESSURE_LINEAR, zeros = { 0 };

  for (double p = 0; p <= 1; p += 1.0 / 64)
    {
      g_assert_cmpfloat_with_epsilon (tacet_pressure_apply (&line, p), p, 1e-6);
      g_assert_cmpfloat_with_epsilon (tacet_pressure_apply (&zeros, p), p, 1e-6);
    }
}

/* Whatever the points: from 0 to 1, and never back. */
static void
test_rises (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (int i = 0; i < 200; i++)
    {
      TacetPressure curve = { g_rand_double (rand), g_rand_double (rand), g_rand_double (rand), g_rand_double (rand) };
      double before = 0;

      g_assert_cmpfloat (tacet_pressure_apply (&curve, 0), ==, 0);
      g_assert_cmpfloat (tacet_pressure_apply (&curve, 1), ==, 1);
      for (double p = 0; p <= 1; p += 1.0 / 64)
        {
          double felt = tacet_pressure_apply (&curve, p);

          g_assert_cmpfloat (felt, >=, before - 1e-6);
          g_assert_cmpfloat (felt, <=, 1);
          before = felt;
        }
    }
}

static void
test_presets (void)
{
  const TacetPressure soft = TACET_PRESSURE_SOFT, firm = TACET_PRESSURE_FIRM;

  for (double p = 0.1; p < 0.95; p += 0.1)
    {
      g_assert_cmpfloat (tacet_pressure_apply (&soft, p), >, p);
      g_assert_cmpfloat (tacet_pressure_apply (&firm, p), <, p);
    }
}

static void
test_strange (void)
{
  const TacetPressure line = TACET_PRESSURE_LINEAR;
  TacetPressure curve = tacet_pressure_sanitize ((TacetPressure){ NAN, 0, 1, 1 });

  g_assert_cmpfloat (curve.x1, ==, 0.25);
  curve = tacet_pressure_sanitize ((TacetPressure){ -3, 0.5, 7, 1e300 });
  g_assert_cmpfloat (curve.x1, ==, 0);
  g_assert_cmpfloat (curve.x2, ==, 1);
  g_assert_cmpfloat (curve.y2, ==, 1);
  g_assert_cmpfloat (tacet_pressure_apply (&line, -1), ==, 0);
  g_assert_cmpfloat (tacet_pressure_apply (&line, 9), ==, 1);
  g_assert_cmpfloat (tacet_pressure_apply (&line, NAN), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pressure/line", test_line);
  g_test_add_func ("/pressure/rises", test_rises);
  g_test_add_func ("/pressure/presets", test_presets);
  g_test_add_func ("/pressure/strange", test_strange);
  return g_test_run ();
}
