/* tacet-composite.c: which layers are laid over each other, and where that has to be done again.
 *
 * Room: ui, no widgets.
 */
#define G_LOG_DOMAIN "tacet-composite"

#include "config.h"

#include "ui/tacet-composite-private.h"
#include "ui/tacet-composite-rows.h"
#include "ui/tacet-parallel.h"

#include <math.h>
#include <string.h>

struct _TacetComposite
{
  int width, height, columns, rows; /* the last two of blocks */
  TacetSurface *surface;
  cairo_region_t *damage;
  GHashTable *contents; /* key -> Contents */
  TacetCoat coats[TACET_MAX_COATS];
  int n_coats;
  guint32 inks[TACET_N_HATCHES + 1];
};

/* What a layer has in every block: TacetBlockFlags, 0 where it has changed since. */
typedef struct
{
  guint8 *flags;
  gboolean used;
} Contents;

static void
contents_free (gpointer data)
{
  Contents *self = data;

  g_free (self->flags);
  g_free (self);
}

static void
fill_part (gpointer data, int level, const cairo_rectangle_int_t *part, const TacetLevel *to)
{
  TacetComposite *self = data;
  int n = 0, columns = self->columns, block_x = (part->x << level) / TACET_SURFACE_BLOCK;
  int block = ((part->y << level) / TACET_SURFACE_BLOCK) * columns + block_x;
  gboolean veiled = TRUE;
  TacetCoat coats[TACET_MAX_COATS];

  for (int i = 0; i < self->n_coats; i++)
    veiled &= self->coats[i].look != TACET_LOOK_VEIL || !(self->coats[i].flags[block] & TACET_BLOCK_FULL);
  for (int i = 0; i < self->n_coats; i++)
    {
      const TacetCoat *coat = &self->coats[i];
      int flags = coat->flags[block];

      /* An opaque picture hides all before it. */
      if (coat->look == TACET_LOOK_PICTURE && coat->opacity == 255 && (flags & TACET_BLOCK_FULL))
        n = 0;
      if (tacet_coat_shows (coat, flags) && (veiled || coat->look != TACET_LOOK_VEIL))
        coats[n++] = *coat;
    }
  tacet_coats_paint (coats, n, level, part, to);
}

TacetComposite *
tacet_composite_new (int width, int height)
{
  TacetComposite *self = g_new0 (TacetComposite, 1);

  self->width = width;
  self->height = height;
  self->columns = (width + TACET_SURFACE_BLOCK - 1) / TACET_SURFACE_BLOCK;
  self->rows = (height + TACET_SURFACE_BLOCK - 1) / TACET_SURFACE_BLOCK;
  self->surface = tacet_surface_new_filled (width, height, TACET_SURFACE_MARKED, fill_part, self, NULL);
  self->damage = cairo_region_create ();
  self->contents = g_hash_table_new_full (NULL, NULL, NULL, contents_free);
  return self;
}

void
tacet_composite_free (TacetComposite *self)
{
  if (self == NULL)
    return;
  tacet_surface_free (self->surface);
  cairo_region_destroy (self->damage);
  g_hash_table_unref (self->contents);
  g_free (self);
}

TacetSurface *
tacet_composite_get_surface (TacetComposite *self)
{
  return self->surface;
}

const guint32 *
tacet_composite_get_inks (TacetComposite *self)
{
  return self->inks;
}

cairo_region_t *
tacet_composite_take_damage (TacetComposite *self)
{
  cairo_region_t *damage = self->damage;

  self->damage = cairo_region_create ();
  return damage;
}

static void
add_damage (TacetComposite *self, int x, int y, int width, int height)
{
  cairo_rectangle_int_t part = { x, y, width, height };

  tacet_surface_changed (self->surface, x, y, width, height);
  cairo_region_union_rectangle (self->damage, &part);
}

/* ---- what layers have in each block ---- */

static int
image_flags (const TacetImage *image, int x, int y, int width, int height, int channel, int some)
{
  gboolean any = FALSE, all = TRUE;

  for (int row = y; row < y + height && (all || !any); row++)
    {
      const guint8 *data = image->data + ((gsize) row * image->width + x) * image->channels;

      if (channel == 0)
        {
          any = any || tacet_rows_any (data, (gsize) width * image->channels);
          all = all && tacet_rows_all (data, (gsize) width * image->channels);
        }
      else
        for (int i = 0; i < width; i++)
          {
            any |= data[4 * i + channel] != 0;
            all &= data[4 * i + channel] == 255;
          }
    }
  return (any ? some : 0) | (all ? TACET_BLOCK_FULL : 0);
}

typedef struct
{
  TacetComposite *self;
  const TacetCompositeLayer *layer;
  guint8 *flags;
} Looking;

static void
look_at_block (gpointer data, int block)
{
  Looking *looking = data;
  const TacetCompositeLayer *layer = looking->layer;
  TacetComposite *self = looking->self;
  int x = block % self->columns * TACET_SURFACE_BLOCK, y = block / self->columns * TACET_SURFACE_BLOCK;
  int width = MIN (TACET_SURFACE_BLOCK, self->width - x), height = MIN (TACET_SURFACE_BLOCK, self->height - y);
  int flags = TACET_BLOCK_KNOWN;

  if (looking->flags[block] != 0)
    return;
  if (layer->picture != NULL)
    flags |= image_flags (layer->picture, x, y, width, height, 3, TACET_BLOCK_COVERAGE);
  else if (layer->coverage != NULL)
    flags |= image_flags (layer->coverage, x, y, width, height, 0, TACET_BLOCK_COVERAGE);
  else
    flags |= TACET_BLOCK_COVERAGE | TACET_BLOCK_FULL;
  if (layer->map != NULL)
    flags |= image_flags (layer->map, x, y, width, height, 0, TACET_BLOCK_MAP) & TACET_BLOCK_MAP;
  looking->flags[block] = (guint8) flags;
}

/* What the layer has anywhere. */
static int
look_at_layer (TacetComposite *self, const TacetCompositeLayer *layer)
{
  Contents *contents = g_hash_table_lookup (self->contents, layer->key);
  int n = self->columns * self->rows, any = 0;
  gboolean known = contents != NULL;

  if (contents == NULL)
    {
      contents = g_new0 (Contents, 1);
      contents->flags = g_new0 (guint8, n);
      g_hash_table_insert (self->contents, (gpointer) layer->key, contents);
    }
  contents->used = TRUE;
  if (known)
    known = memchr (contents->flags, 0, (gsize) n) == NULL;
  if (!known)
    tacet_parallel (n, look_at_block, &(Looking){ self, layer, contents->flags });
  for (int i = 0; i < n; i++)
    any |= contents->flags[i];
  return any;
}

static gboolean
is_unused (gpointer key, gpointer value, gpointer data)
{
  return !((Contents *) value)->used;
}

/* ---- which coats there are ---- */

typedef struct
{
  const TacetCompositeLayer *layers;
  int any[TACET_COMPOSITE_MAX_LAYERS];
  int n;
  gboolean over_result, over_picture;
} Stack;

/* Grounds below, then the selected map, then lines. */
static int
coat_rank (const TacetCoat *coat)
{
  return coat->look == TACET_LOOK_GROUND ? 0 : coat->look == TACET_LOOK_MAP || coat->look == TACET_LOOK_TINT ? 1 : 2;
}

/* The selected region stands out; the others do not hide what they lie over. */
static guint32
ink_of (const TacetCompositeLayer *layer, guint32 rgb)
{
  return (guint32) lrint ((layer->selected ? 230 : 120) * CLAMP (layer->opacity, 0, 1)) << 24 | rgb;
}

static void
add_coats (TacetComposite *self, const Stack *stack, TacetLayerFamily family, int rank)
{
  for (int i = stack->n - 1; i >= 0; i--)
    {
      TacetCoat coats[2];
      int n = 0;

      if (tacet_layer_kind_family (stack->layers[i].kind) == family)
        n = tacet_coats_of_layer (&stack->layers[i], stack->over_picture, coats);
      if (family == TACET_FAMILY_MASKS && !(stack->any[i] & TACET_BLOCK_COVERAGE))
        n = 0; /* an empty mask keeps nothing from being changed */
      for (int c = 0; c < n; c++)
        if (coat_rank (&coats[c]) == rank || family != TACET_FAMILY_CONTROLS)
          {
            Contents *contents = g_hash_table_lookup (self->contents, coats[c].key);

            coats[c].flags = contents->flags;
            self->coats[self->n_coats++] = coats[c];
            for (int bit = 0; bit < TACET_N_HATCHES; bit++)
              if (coats[c].mark == 1 << bit)
                self->inks[bit] = ink_of (&stack->layers[i], coats[c].rgb);
          }
    }
}

static void
make_coats (TacetComposite *self, const Stack *stack)
{
  self->n_coats = 0;
  self->inks[TACET_HATCH_VEIL] = 0x60c8c8d0;
  if (!stack->over_result)
    add_coats (self, stack, TACET_FAMILY_PICTURES, 0);
  add_coats (self, stack, TACET_FAMILY_MASKS, 0);
  add_coats (self, stack, TACET_FAMILY_REGIONS, 0);
  for (int rank = 0; rank <= 2; rank++)
    add_coats (self, stack, TACET_FAMILY_CONTROLS, rank);
}

/* Where it was seen, as far as is known. */
static void
damage_coat (TacetComposite *self, const TacetCoat *coat)
{
  for (int block = 0; block < self->columns * self->rows; block++)
    if (coat->flags[block] == 0 || tacet_coat_shows (coat, coat->flags[block]))
      {
        int x = block % self->columns * TACET_SURFACE_BLOCK, y = block / self->columns * TACET_SURFACE_BLOCK;

        add_damage (self, x, y, MIN (TACET_SURFACE_BLOCK, self->width - x),
                    MIN (TACET_SURFACE_BLOCK, self->height - y));
      }
}

/* Coats that came, went, or changed places. */
static void
damage_difference (TacetComposite *self, const TacetCoat *before, int n_before)
{
  int first = 0, last = 0;

  while (first < n_before && first < self->n_coats && tacet_coat_same (&before[first], &self->coats[first]))
    first++;
  while (last < n_before - first && last < self->n_coats - first &&
         tacet_coat_same (&before[n_before - 1 - last], &self->coats[self->n_coats - 1 - last]))
    last++;
  for (int i = first; i < n_before - last; i++)
    damage_coat (self, &before[i]);
  for (int i = first; i < self->n_coats - last; i++)
    damage_coat (self, &self->coats[i]);
}

void
tacet_composite_set_layers (TacetComposite *self, const TacetCompositeLayer *layers, int n_layers, gboolean over_result)
{
  Stack stack = { .layers = layers, .n = MIN (n_layers, TACET_COMPOSITE_MAX_LAYERS), .over_result = over_result };
  GHashTableIter iter;
  gpointer value;
  int n_before = self->n_coats;
  g_autofree TacetCoat *before = g_memdup2 (self->coats, sizeof (TacetCoat) * (gsize) n_before);

  g_hash_table_iter_init (&iter, self->contents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    ((Contents *) value)->used = FALSE;
  stack.over_picture = over_result;
  for (int i = 0; i < stack.n; i++)
    {
      stack.any[i] = look_at_layer (self, &layers[i]);
      if (layers[i].kind == TACET_LAYER_PICTURE && (stack.any[i] & TACET_BLOCK_COVERAGE) && layers[i].opacity > 0)
        stack.over_picture = TRUE;
    }
  make_coats (self, &stack);
  damage_difference (self, before, n_before);
  g_hash_table_foreach_remove (self->contents, is_unused, NULL);
}

void
tacet_composite_changed (TacetComposite *self, gconstpointer key, int x, int y, int width, int height)
{
  Contents *contents = g_hash_table_lookup (self->contents, key);
  int right = MIN (x + width, self->width), bottom = MIN (y + height, self->height);

  x = MAX (x, 0);
  y = MAX (y, 0);
  if (contents == NULL || x >= right || y >= bottom)
    return;
  for (int row = y / TACET_SURFACE_BLOCK; row * TACET_SURFACE_BLOCK < bottom; row++)
    for (int column = x / TACET_SURFACE_BLOCK; column * TACET_SURFACE_BLOCK < right; column++)
      contents->flags[row * self->columns + column] = 0;
  add_damage (self, x, y, right - x, bottom - y);
}
