/* tacet-layer-thumbnail.h: a layer, small: what it says, on the ground of where it says nothing.
 *
 * Room: ui, the part without widgets.  Takes a few thousand samples of the layer, however large the document is.
 */
#pragma once

#include "engine/image/tacet-image.h"
#include "engine/scene/tacet-layer.h"
#include "ui/tacet-palette.h"

G_BEGIN_DECLS

typedef struct
{
  TacetLayerKind kind;
  const TacetImage *map, *coverage, *picture; /* as the layer has them; NULL where it has none */
  TacetRgb colour;                            /* of a region */
  int hatch;                                  /* of a region (tacet-hatch.h) */
} TacetLayerThumbnail;

/* Fitted into a square of `size` pixels, transparent around it; size 1 .. 512.  NULL: no memory. */
cairo_surface_t *tacet_layer_thumbnail_draw (const TacetLayerThumbnail *layer, int size, gboolean dark);

G_END_DECLS
