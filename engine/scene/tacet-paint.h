/* tacet-paint.h: what paint does to a pixel of a layer, by the layer's kind: one rule for the brush and all tools.
 *
 * Room: engine/scene.
 *
 *   kind           paint                                    erase                    silence (touches no value)
 *   edge           a mark, and nothing else near it         silent, value 0          coverage only
 *   depth          the value over what was said             silent                   coverage only
 *   pose           speaks, whatever the rule says           silent                   as erase and paint
 *   region, mask   covers                                   does not cover           as erase and paint
 *   picture        the colour over what was there           transparent              as erase; paint: nothing
 */
#pragma once

#include "engine/scene/tacet-layer.h"

G_BEGIN_DECLS

typedef struct
{
  double value;     /* 0 .. 1: what is painted on a control (edge: 1) */
  gboolean erase;   /* takes away */
  gboolean silence; /* only where the layer speaks is changed: with erase it falls silent, else it speaks */
  double opacity;   /* 0 .. 1 */
  guint8 color[3];  /* what is painted on a picture */
} TacetPaint;

/* The same, sane and ready for pixels. */
typedef struct
{
  TacetLayerKind kind;
  int value, opacity; /* 0 .. 255 */
  gboolean erase, silence;
  guint8 color[3];
} TacetPaintRule;
TacetPaintRule _tacet_paint_rule (TacetLayerKind kind, const TacetPaint *paint);
/* ink: how much of the pixel is covered; reach: how much of it lies near paint on an edge map; 0 .. 255.  before,
 * after: the pixel in the planes of _tacet_layer_planes (). */
void _tacet_paint_pixel (const TacetPaintRule *self, int ink, int reach, int value, const guint8 *const before[2],
                         guint8 *const after[2]);

G_END_DECLS
