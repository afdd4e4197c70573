/* tacet-pressure.c: see tacet-pressure.h.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-pressure"

#include "config.h"

#include "ui/tacet-pressure.h"

#include <math.h>

#define HALVINGS 30 /* to a millionth, and more */

TacetPressure
tacet_pressure_sanitize (TacetPressure curve)
{
  if (!isfinite (curve.x1) || !isfinite (curve.y1) || !isfinite (curve.x2) || !isfinite (curve.y2))
    return TACET_PRESSURE_LINEAR;
  return (TacetPressure){ CLAMP (curve.x1, 0, 1), CLAMP (curve.y1, 0, 1), CLAMP (curve.x2, 0, 1),
                          CLAMP (curve.y2, 0, 1) };
}

static double
bezier (double a, double b, double t)
{
  return 3 * (1 - t) * (1 - t) * t * a + 3 * (1 - t) * t * t * b + t * t * t;
}

double
tacet_pressure_apply (const TacetPressure *curve, double pressure)
{
  double low = 0, high = 1;

  if (!(pressure > 0))
    return 0;
  if (pressure >= 1)
    return 1;
  for (int i = 0; i < HALVINGS; i++)
    {
      double middle = (low + high) / 2;

      if (bezier (curve->x1, curve->x2, middle) < pressure)
        low = middle;
      else
        high = middle;
    }
  return CLAMP (bezier (curve->y1, curve->y2, (low + high) / 2), 0, 1);
}
