/* tacet-composite.h: the layers of the document laid over each other, as the canvas shows them.
 *
 * Room: ui, the part without widgets.  From below: pictures; a veil over what masks keep; regions as colours with
 * hatches; the grounds, the selected map and the lines of controls.  The selected map stands as it is where it speaks
 * and lets the checkerboard through where it is silent; over pictures nothing of a control is opaque but its lines.
 *
 * The composite keeps what each layer has in every block of the document, so that a change is made good only where it
 * can be seen: give it the layers again whenever they may have changed, it finds out what is different.
 */
#pragma once

#include "engine/scene/tacet-layer.h"
#include "ui/tacet-hatch.h"
#include "ui/tacet-palette.h"
#include "ui/tacet-surface.h"

G_BEGIN_DECLS

#define TACET_COMPOSITE_MAX_LAYERS 64

typedef struct
{
  gconstpointer key; /* tells layers apart */
  TacetLayerKind kind;
  const TacetImage *map, *coverage, *picture; /* of the document's size; borrowed; NULL where the kind has none */
  TacetRgb colour;
  int hatch; /* of a region */
  double opacity;
  gboolean selected;
} TacetCompositeLayer;

typedef struct _TacetComposite TacetComposite;

TacetComposite *tacet_composite_new (int width, int height);
void tacet_composite_free (TacetComposite *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetComposite, tacet_composite_free)
/* The topmost first.  over_result: a picture lies below, which hides those of the document.  The pixels must stay as
 * they are until the next call, or the surface must not be made any more. */
void tacet_composite_set_layers (TacetComposite *self, const TacetCompositeLayer *layers, int n_layers,
                                 gboolean over_result);
/* Pixels of one layer are different. */
void tacet_composite_changed (TacetComposite *self, gconstpointer key, int x, int y, int width, int height);
TacetSurface *tacet_composite_get_surface (TacetComposite *self);
/* The parts that are different since the last call, in pixels of the document; the caller destroys it. */
cairo_region_t *tacet_composite_take_damage (TacetComposite *self);
/* The hatches' ink: how much of it, and its colour: 0xaarrggbb. */
const guint32 *tacet_composite_get_inks (TacetComposite *self);

G_END_DECLS
