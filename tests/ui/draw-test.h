/* draw-test.h: pictures drawn in memory, and their comparison with those that somebody looked at.
 *
 * Room: tests/ui.
 */
#pragma once

#include "engine/image/tacet-image.h"

#include <cairo.h>

cairo_t *draw_begin (int width, int height);
/* RGB; ends the drawing. */
TacetImage *draw_end (cairo_t *cr);
/* Compares with tests/ui/golden/NAME.png: no pixel in a hundred may differ by more than the tolerance.
 * With TACET_UPDATE_GOLDEN set the file is written instead: look at it before you commit it. */
void assert_golden (const TacetImage *image, const char *name, int tolerance);
guint32 pixel_at (const TacetImage *image, int x, int y); /* 0xRRGGBB */
/* Whether each channel is within the tolerance. */
gboolean colour_near (guint32 a, guint32 b, int tolerance);
