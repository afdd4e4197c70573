/* tacet-composite-private.h: one coat of paint: how a layer is laid over those below it.
 *
 * Room: ui, the part without widgets.
 */
#pragma once

#include "ui/tacet-composite.h"

G_BEGIN_DECLS

typedef enum
{
  TACET_LOOK_PICTURE, /* as it is */
  TACET_LOOK_VEIL,    /* dark where no mask of those that follow each other has anything */
  TACET_LOOK_REGION,  /* a colour, and a mark for its hatch */
  TACET_LOOK_TINT,    /* a colour where the layer speaks */
  TACET_LOOK_GROUND,  /* the gray map where it speaks */
  TACET_LOOK_MAP,     /* the same, above the grounds */
  TACET_LOOK_LINES,   /* a colour as much as the map has and where it speaks */
  TACET_LOOK_FIGURES, /* people */
} TacetLook;

#define TACET_MAX_COATS (2 * TACET_COMPOSITE_MAX_LAYERS)

/* What a layer has in one block. */
typedef enum
{
  TACET_BLOCK_KNOWN = 1,
  TACET_BLOCK_MAP = 2,      /* anything in the map */
  TACET_BLOCK_COVERAGE = 4, /* anything in the coverage; a picture: anything that is not transparent */
  TACET_BLOCK_FULL = 8,     /* the coverage is 255 everywhere; a picture: opaque */
} TacetBlockFlags;

typedef struct
{
  gconstpointer key;
  TacetLook look;
  const TacetImage *map, *coverage, *picture;
  guint32 rgb;
  int opacity; /* 0 .. 255 */
  guint8 mark; /* bit of the hatch */
  const guint8 *flags;
} TacetCoat;

/* Is anything of the coat seen in a block; does it look the same as another, pixels apart. */
gboolean tacet_coat_shows (const TacetCoat *self, int flags);
gboolean tacet_coat_same (const TacetCoat *a, const TacetCoat *b);
/* The coats of a layer, at most two; answers how many. */
int tacet_coats_of_layer (const TacetCompositeLayer *layer, gboolean over_picture, TacetCoat coats[2]);
/* Paints a part, given in pixels of the level and inside one block; the first coat is the lowest. */
void tacet_coats_paint (const TacetCoat *coats, int n, int level, const cairo_rectangle_int_t *part,
                        const TacetLevel *to);

G_END_DECLS
