/* tacet-surface.h: pixels to be shown, whole and in smaller copies, each made only where it is seen.
 *
 * Room: ui, the part without widgets.  Level 0 has a pixel for each of the picture's, every further level one for four
 * of the level before.  Who owns the surface either writes level 0 (tacet_surface_begin) and the others follow, or
 * gives a function that makes any part of any level.  What is out of date is known in blocks of TACET_SURFACE_BLOCK
 * pixels of level 0.  Memory is taken where something was made, for nothing else.
 */
#pragma once

#include "engine/image/tacet-image.h"
#include "ui/tacet-view.h"

#include <cairo.h>

G_BEGIN_DECLS

#define TACET_SURFACE_BLOCK  256
#define TACET_SURFACE_LEVELS 8

typedef struct _TacetSurface TacetSurface;

typedef struct
{
  int width, height;
  guint32 *pixels; /* premultiplied native ARGB32, rows without padding */
  guint8 *marks;   /* bits of hatches (tacet-hatch.h), the same way; NULL: none */
} TacetLevel;

TacetSurface *tacet_surface_new (int width, int height);              /* transparent; NULL: no memory */
TacetSurface *tacet_surface_new_from_image (const TacetImage *image); /* a copy to write to */
void tacet_surface_free (TacetSurface *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetSurface, tacet_surface_free)
gboolean tacet_surface_is_opaque (const TacetSurface *self);
int tacet_surface_get_width (const TacetSurface *self);
int tacet_surface_get_height (const TacetSurface *self);

/* Level 0 to write to; call tacet_surface_changed () afterwards. */
guint32 *tacet_surface_begin (TacetSurface *self, int *stride_in_pixels);
void tacet_surface_changed (TacetSurface *self, int x, int y, int width, int height);

/* Makes the part (in pixels of the level, inside one block), on any thread. */
typedef void (*TacetSurfaceFill) (gpointer data, int level, const cairo_rectangle_int_t *part, const TacetLevel *to);
typedef enum
{
  TACET_SURFACE_MARKED = 1, /* has marks */
  TACET_SURFACE_OPAQUE = 2, /* nothing shows through */
} TacetSurfaceFlags;
TacetSurface *tacet_surface_new_filled (int width, int height, TacetSurfaceFlags flags, TacetSurfaceFill fill,
                                        gpointer data, GDestroyNotify free_data);
/* Of a picture that stays as it is, which is kept. */
TacetSurface *tacet_surface_new_of_image (TacetImage *image);

/* Level by level: the smallest that has at least half the pixels of the screen at this scale. */
int tacet_surface_level_for (const TacetSurface *self, double scale);
/* Makes what is out of date around the rectangle (of level 0) until g_get_monotonic_time () is `deadline`.  FALSE: some
 * of it is still out of date.  Without the memory for a level there is nothing to make, and the answer is TRUE. */
gboolean tacet_surface_make (TacetSurface *self, int level, int x, int y, int width, int height, gint64 deadline);
gboolean tacet_surface_is_made (TacetSurface *self, int level, int x, int y, int width, int height);
const TacetLevel *tacet_surface_get_level (TacetSurface *self, int level); /* pixels NULL: nothing was made */

/* From here on coordinates are those of the document. */
void tacet_surface_transform (cairo_t *cr, const TacetView *view);
/* Paints into the rectangle where `view` puts a document of the given size: unsmoothed from 200 % on, smoothed between,
 * from a smaller copy below 50 %. */
void tacet_surface_paint (TacetSurface *self, cairo_t *cr, const TacetView *view, int document_width,
                          int document_height);

G_END_DECLS
