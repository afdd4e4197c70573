/* tacet-coefficient-plot-draw.h: how much of each control entered each layer, drawn.
 *
 * Room: ui, the part without widgets: only cairo and pango, so that the command line writes the same
 * picture that the window shows.
 */
#pragma once

#include "engine/sample/tacet-generate.h"
#include "ui/tacet-palette.h"

#include <pango/pango.h>

G_BEGIN_DECLS

#define TACET_PLOT_LAST_STEP -1

typedef struct
{
  gboolean dark;
  int hover_layer;                  /* drawn emphasised; -1: none */
  const PangoFontDescription *font; /* NULL: the system's */
  const int *colour_of_control;     /* index into the palette per control of the request; NULL: its own index */
  int n_colours;
} TacetPlotStyle;

/* The report of the conditional half (else of the other one) of a step; NULL: none yet.
 * TACET_PLOT_LAST_STEP: of the newest step. */
const TacetStepReport *tacet_coefficient_plot_find (const TacetProgress *progress, int step);
/* Which layer's column is at x, or -1. */
int tacet_coefficient_plot_layer_at (double width, int n_layers, double x);
/* "1", "2" ... "middle". */
char *tacet_coefficient_plot_layer_name (const TacetStepReport *report, int index);
/* One line that reads a column out: weights, lambda, norms, cosine. */
char *tacet_coefficient_plot_read_out (const TacetProgress *progress, const TacetStepReport *report, int index);
/* Fills (0, 0, width, height); leaves the ground alone. */
void tacet_coefficient_plot_draw (cairo_t *cr, double width, double height, const TacetProgress *progress, int step,
                                  const TacetPlotStyle *style);
/* The plot of one step as a picture of its own. */
gboolean tacet_coefficient_plot_write_png (const TacetProgress *progress, int step, const char *path, GError **error);

G_END_DECLS
