/* tacet-composite.h: the maps of all controls, laid over each other as the canvas shows them.
 *
 * Room: ui, the part without widgets.  The selected map stands as it is where it speaks and lets the
 * checkerboard through where it is silent; the others are lines in their colours or a faint ground.
 */
#pragma once

#include "engine/scene/tacet-layer.h"
#include "ui/tacet-palette.h"
#include "ui/tacet-surface.h"

G_BEGIN_DECLS

typedef struct
{
  TacetLayerKind kind;
  const TacetImage *map, *coverage; /* of the document's size */
  TacetRgb colour;
  gboolean selected;
} TacetCompositeLayer;

/* over_picture: nothing is opaque, so that a picture underneath stays visible. */
void tacet_composite_update (TacetSurface *surface, const TacetCompositeLayer *layers, int n_layers,
                             gboolean over_picture, int x, int y, int width, int height);
/* One map on the ground of a silent area, for thumbnails; square, `size` pixels.  NULL: no memory. */
TacetSurface *tacet_composite_thumbnail (const TacetCompositeLayer *layer, int size, gboolean dark);

G_END_DECLS
