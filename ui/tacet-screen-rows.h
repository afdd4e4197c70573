/* tacet-screen-rows.h: rows of the screen, taken from a level wherever the view puts them.
 *
 * Room: ui, the part without widgets.
 */
#pragma once

#include "ui/tacet-surface.h"

G_BEGIN_DECLS

/* Where the middle of a row's first pixel lies on a level, and how far the next is: pixels times 65536. */
typedef struct
{
  gint32 x, y, dx, dy;
} TacetWalk;

/* Outside the level its border goes on. */
void tacet_screen_nearest (const TacetLevel *level, TacetWalk walk, int n, guint32 *out);
void tacet_screen_smooth (const TacetLevel *level, TacetWalk walk, int n, guint32 *out);
void tacet_screen_marks (const TacetLevel *level, TacetWalk walk, int n, guint8 *out);
/* Ink (0xaarrggbb) where the bit is set, as much as the pattern (period pixels, a power of two) has; `at` is the row's
 * first place in it.  The row is opaque. */
void tacet_screen_ink (guint32 *row, const guint8 *marks, int bit, const guint8 *pattern, int period, int at,
                       guint32 ink, int n);
void tacet_screen_fade (guint32 *row, const guint8 *shares, int n);

G_END_DECLS
