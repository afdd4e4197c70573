/* tacet-hatch.h: patterns that tell regions apart without colour, in pixels of the screen.
 *
 * Room: ui, the part without widgets.  Hatches keep their size and direction however the document is enlarged or
 * turned, and move with it.  A pixel of the document carries one bit for each hatch that lies over it, so two regions
 * that overlap show both.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TACET_N_HATCHES    7 /* of regions */
#define TACET_HATCH_VEIL   7 /* of what a mask keeps; sparse */
#define TACET_HATCH_PERIOD 16
#define TACET_HATCH_SCALES 4

/* Row y of the pattern, TACET_HATCH_PERIOD * scale opacities; scale 1 .. TACET_HATCH_SCALES: pixels of the device in
 * one of the widget. */
const guint8 *tacet_hatch_row (int hatch, int scale, int y);

G_END_DECLS
