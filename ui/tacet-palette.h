/* tacet-palette.h: the colours of layers, poses and plots, for light and dark surroundings.
 *
 * Room: ui, the part without widgets.
 */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  double red, green, blue; /* 0 .. 1 */
} TacetRgb;

/* The colour of the nth control: told apart also by people who see fewer colours; repeats after eight. */
TacetRgb tacet_palette_control (int index);
/* The usual colour of joint or limb `index` of OpenPose. */
TacetRgb tacet_palette_joint (int index);
/* What text and axes are drawn in, and what lies behind them. */
TacetRgb tacet_palette_ink (gboolean dark);
TacetRgb tacet_palette_paper (gboolean dark);
void tacet_palette_set (cairo_t *cr, TacetRgb colour, double alpha);

G_END_DECLS
