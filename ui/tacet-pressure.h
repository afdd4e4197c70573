/* tacet-pressure.h: how the pressure of a pen is felt.
 *
 * Room: ui, no widgets.  A cubic Bézier curve from (0, 0) to (1, 1); its two inner points stay in the square, so that
 * it is a function that rises.  All zeros is the straight line.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  double x1, y1, x2, y2;
} TacetPressure;

#define TACET_PRESSURE_LINEAR ((TacetPressure){ 0.25, 0.25, 0.75, 0.75 })
#define TACET_PRESSURE_SOFT   ((TacetPressure){ 0.1, 0.5, 0.5, 0.95 }) /* much from little */
#define TACET_PRESSURE_FIRM   ((TacetPressure){ 0.5, 0.05, 0.9, 0.5 })

/* Into the square; what is no number becomes the straight line. */
TacetPressure tacet_pressure_sanitize (TacetPressure curve);
/* 0 .. 1 to 0 .. 1 */
double tacet_pressure_apply (const TacetPressure *curve, double pressure);

G_END_DECLS
