/* tacet-surface.h: pixels kept in cairo's own format, with halved copies for small views.
 *
 * Room: ui, the part without widgets.  Why not textures: design notes in ARCHITECTURE.md; drawn by
 * cairo, a kept surface is many times faster than a texture and stays crisp when enlarged.
 */
#pragma once

#include "engine/image/tacet-image.h"
#include "ui/tacet-view.h"

#include <cairo.h>

G_BEGIN_DECLS

typedef struct _TacetSurface TacetSurface;

TacetSurface *tacet_surface_new (int width, int height); /* transparent; NULL: no memory */
TacetSurface *tacet_surface_new_from_image (const TacetImage *image);
void tacet_surface_free (TacetSurface *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetSurface, tacet_surface_free)
int tacet_surface_get_width (const TacetSurface *self);
int tacet_surface_get_height (const TacetSurface *self);

/* Premultiplied native ARGB32 to write to; call tacet_surface_changed () afterwards. */
guint32 *tacet_surface_begin (TacetSurface *self, int *stride_in_pixels);
void tacet_surface_changed (TacetSurface *self, int x, int y, int width, int height);

/* From here on coordinates are those of the document. */
void tacet_surface_transform (cairo_t *cr, const TacetView *view);
/* Paints into the rectangle where `view` puts a document of the given size: unsmoothed from 200 % on,
 * from a halved copy below 50 %. */
void tacet_surface_paint (TacetSurface *self, cairo_t *cr, const TacetView *view, int document_width,
                          int document_height);
/* The halved copy to use at this scale: 0 is the full size. */
int tacet_surface_level_for (const TacetSurface *self, double scale);

G_END_DECLS
