/* tacet-compare-draw.h: two results, one against the other.
 *
 * Room: ui, the part without widgets.
 */
#pragma once

#include "ui/tacet-surface.h"

#include <pango/pango.h>

G_BEGIN_DECLS

typedef enum
{
  TACET_COMPARE_SPLIT,      /* one over the other, cut at a line */
  TACET_COMPARE_SIDE,       /* beside each other */
  TACET_COMPARE_DIFFERENCE, /* black where they are equal */
  TACET_N_COMPARE_MODES,
} TacetCompareMode;

typedef struct
{
  TacetSurface *left, *right, *difference; /* difference may be NULL in the other modes */
  const char *left_label, *right_label;
  const PangoFontDescription *font; /* NULL: some */
  TacetCompareMode mode;
  double split; /* 0 .. 1 of the picture's width */
  gboolean dark;
} TacetCompareState;

/* RGB, of the size of the first; the second is resized to it.  Differences are four times as bright as they are.
 * mean: of all channels, 0 .. 1, not brightened; may be NULL.  NULL: no memory. */
TacetImage *tacet_compare_difference (const TacetImage *left, const TacetImage *right, double *mean);
void tacet_compare_draw (const TacetCompareState *state, cairo_t *cr, double width, double height);
/* Where in an area of this size the line stands, and which split a place in it means. */
double tacet_compare_line (const TacetCompareState *state, double width, double height);
double tacet_compare_split_at (const TacetCompareState *state, double width, double height, double x);

G_END_DECLS
