/* tacet-help-draw.h: the small pictures of the help.
 *
 * Room: ui, no widgets.
 */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TACET_HELP_SHAPES,  /* layers that say where something stands */
  TACET_HELP_SILENCE, /* a part of a map that was erased */
  TACET_HELP_WORDS,   /* regions with words of their own */
  TACET_HELP_RESULTS, /* the strip of results */
  TACET_HELP_BALANCE, /* how controls share */
  TACET_N_HELPS,
} TacetHelpPicture;

/* Fills a picture of 3 to 2; in any size. */
void tacet_help_draw (TacetHelpPicture picture, cairo_t *cr, double width, double height, gboolean dark);

G_END_DECLS
