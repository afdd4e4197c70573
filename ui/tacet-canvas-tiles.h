/* tacet-canvas-tiles.h: the part of the screen that shows the document, kept in tiles.
 *
 * Room: ui.  A tile that has not changed is the same render node as in the last frame, so GTK draws only what is
 * different; moving the view moves the tiles.
 */
#pragma once

#include "ui/tacet-screen.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _TacetCanvasTiles TacetCanvasTiles;

TacetCanvasTiles *tacet_canvas_tiles_new (void);
void tacet_canvas_tiles_free (TacetCanvasTiles *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetCanvasTiles, tacet_canvas_tiles_free)
/* A part of the document looks different. */
void tacet_canvas_tiles_damage (TacetCanvasTiles *self, const TacetScreen *screen, const cairo_region_t *part);
void tacet_canvas_tiles_damage_all (TacetCanvasTiles *self);
/* On a widget of this size.  FALSE: the time for a frame was over before all was right; it should be called again. */
gboolean tacet_canvas_tiles_snapshot (TacetCanvasTiles *self, const TacetScreen *screen, int width, int height,
                                      GtkSnapshot *snapshot);

G_END_DECLS
