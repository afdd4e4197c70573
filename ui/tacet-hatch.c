/* tacet-hatch.c: patterns that tell regions apart.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-hatch"

#include "config.h"

#include "ui/tacet-hatch.h"

#include <math.h>

#define PERIOD    TACET_HATCH_PERIOD
#define THICKNESS 1.4
#define DOT       1.7

/* From the nearest of the lines that stand `apart`. */
static double
from_line (double at, double apart)
{
  double rest = at - floor (at / apart) * apart;

  return fabs (rest - apart / 2);
}

/* How far a point lies outside the ink; negative inside. */
static double
outside (int hatch, double x, double y)
{
  double rising = from_line (x + y, 8) * G_SQRT2 / 2, falling = from_line (x - y, 8) * G_SQRT2 / 2;

  switch (hatch)
    {
    case 0:
      return rising - THICKNESS / 2;
    case 1:
      return hypot (from_line (x, 8), from_line (y, 8)) - DOT;
    case 2:
      return MIN (from_line (x, 8), from_line (y, 8)) - THICKNESS / 2;
    case 3:
      return falling - THICKNESS / 2;
    case 4:
      return from_line (y, 8) - THICKNESS / 2;
    case 5:
      return MIN (from_line (x + y, 16), from_line (x - y, 16)) * G_SQRT2 / 2 - THICKNESS / 2;
    case 6:
      return from_line (x, 8) - THICKNESS / 2;
    default:
      return from_line (x - y, 16) * G_SQRT2 / 2 - 0.2;
    }
}

const guint8 *
tacet_hatch_row (int hatch, int scale, int y)
{
  static guint8 *tables[TACET_HATCH_SCALES + 1];
  static gsize made;
  int side;

  scale = CLAMP (scale, 1, TACET_HATCH_SCALES);
  side = PERIOD * scale;
  if (g_once_init_enter (&made))
    {
      for (int s = 1; s <= TACET_HATCH_SCALES; s++)
        {
          guint8 *p = tables[s] = g_malloc ((gsize) (TACET_N_HATCHES + 1) * PERIOD * s * PERIOD * s);

          for (int h = 0; h <= TACET_N_HATCHES; h++)
            for (int v = 0; v < PERIOD * s; v++)
              for (int u = 0; u < PERIOD * s; u++)
                *p++ = (guint8) lrint (255 * CLAMP (0.5 - s * outside (h, (u + 0.5) / s, (v + 0.5) / s), 0, 1));
        }
      g_once_init_leave (&made, 1);
    }
  y = (y % side + side) % side;
  return tables[scale] + ((gsize) hatch * side + y) * side;
}
