/* tacet-palette.c: the colours of layers, poses and plots.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-palette"

#include "config.h"

#include "ui/tacet-palette.h"

#include "engine/control/tacet-maps.h"

#include <math.h>

static const TacetRgb control_colours[] = {
  { 0.208, 0.518, 0.894 }, /* blue */
  { 1.000, 0.600, 0.120 }, /* orange */
  { 0.180, 0.700, 0.530 }, /* green */
  { 0.700, 0.360, 0.800 }, /* purple */
  { 0.900, 0.740, 0.080 }, /* yellow */
  { 0.860, 0.270, 0.330 }, /* red */
  { 0.300, 0.760, 0.870 }, /* sky */
  { 0.600, 0.450, 0.330 }, /* brown */
};

TacetRgb
tacet_palette_control (int index)
{
  return control_colours[MAX (index, 0) % G_N_ELEMENTS (control_colours)];
}

/* Full saturation and value; the joints go once around the circle of hues. */
TacetRgb
tacet_palette_joint (int index)
{
  double hue = 6.0 * (index % TACET_POSE_JOINTS) / TACET_POSE_JOINTS;
  TacetRgb rgb = { fabs (hue - 3) - 1, 2 - fabs (hue - 2), 2 - fabs (hue - 4) };

  rgb.red = CLAMP (rgb.red, 0, 1);
  rgb.green = CLAMP (rgb.green, 0, 1);
  rgb.blue = CLAMP (rgb.blue, 0, 1);
  return rgb;
}

TacetRgb
tacet_palette_ink (gboolean dark)
{
  return dark ? (TacetRgb){ 1, 1, 1 } : (TacetRgb){ 0.12, 0.12, 0.14 };
}

TacetRgb
tacet_palette_paper (gboolean dark)
{
  return dark ? (TacetRgb){ 0.12, 0.12, 0.12 } : (TacetRgb){ 1, 1, 1 };
}

void
tacet_palette_set (cairo_t *cr, TacetRgb colour, double alpha)
{
  cairo_set_source_rgba (cr, colour.red, colour.green, colour.blue, alpha);
}
