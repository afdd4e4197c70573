/* tacet-paint.c: what paint does to a pixel.  Room: engine/scene. */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-paint.h"
#include <math.h>
#include <string.h>

static int
to_byte (double share, double otherwise)
{
  return (int) lround (255 * (isfinite (share) ? CLAMP (share, 0, 1) : otherwise));
}

TacetPaintRule
_tacet_paint_rule (TacetLayerKind kind, const TacetPaint *paint)
{
  TacetPaintRule self = { kind, to_byte (paint->value, 1), to_byte (paint->opacity, 1), paint->erase, paint->silence };
  memcpy (self.color, paint->color, 3);
  return self;
}

static int
mix (int from, int to, int amount)
{
  return (from * (255 - amount) + to * amount + 127) / 255;
}

static void
paint_picture (const TacetPaintRule *self, int ink, const guint8 *before, guint8 *after)
{
  int under = before[3] * (255 - ink), all = ink * 255 + under;
  memcpy (after, before, 4);
  if (self->erase)
    after[3] = (guint8) ((under + 127) / 255);
  else if (!self->silence && all)
    {
      for (int k = 0; k < 3; k++)
        after[k] = (guint8) ((self->color[k] * ink * 255 + before[k] * under + all / 2) / all);
      after[3] = (guint8) ((all + 127) / 255);
    }
}

/* Map and coverage of edges and depth. */
static void
paint_map (const TacetPaintRule *self, int ink, int reach, int value, const guint8 *const before[2],
           guint8 *const after[2])
{
  gboolean edge = self->kind == TACET_LAYER_EDGE;
  *after[0] = *before[0];
  *after[1] = mix (*before[1], self->erase ? 0 : 255, self->erase || self->silence || !edge ? ink : reach);
  if (self->silence)
    return;
  if (edge)
    *after[0] = mix (*before[0], self->erase ? 0 : value, ink);
  else if (self->erase)
    *after[0] = *after[1] ? *before[0] : 0;
  else if (*after[1]) /* "over": what was silent has no depth to mix with */
    *after[0] = (*before[0] * (*after[1] - ink) + value * ink + *after[1] / 2) / *after[1];
}

void
_tacet_paint_pixel (const TacetPaintRule *self, int ink, int reach, int value, const guint8 *const before[2],
                    guint8 *const after[2])
{
  ink = (ink * self->opacity + 127) / 255;
  if (self->kind == TACET_LAYER_PICTURE)
    paint_picture (self, ink, before[0], after[0]);
  else if (self->kind == TACET_LAYER_EDGE || self->kind == TACET_LAYER_DEPTH)
    paint_map (self, ink, self->opacity ? reach : 0, value, before, after);
  else
    *after[0] = mix (*before[0], self->erase ? 0 : 255, ink);
}
