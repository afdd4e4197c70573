/* tacet-rebalance.c: which part of a control map is kept.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-rebalance.h"

#include <string.h>

#define SMALL 0.005 /* share of the picture under which a region joins its largest neighbour */

struct _TacetRebalance
{
  int size;
  guint16 *regions;
  gint32 *stack, *areas, *border;
  guint16 *target;
  guint8 *scratch;
};

TacetRebalance *
tacet_rebalance_new (int size)
{
  const gsize n = (gsize) size * size;
  TacetRebalance *self = n <= G_MAXUINT16 * (gsize) 64 ? g_new0 (TacetRebalance, 1) : NULL;
  if (!self)
    return NULL;
  self->size = size;
  self->regions = g_try_new0 (guint16, n);
  self->stack = g_try_new0 (gint32, n);
  self->areas = g_try_new0 (gint32, G_MAXUINT16 + 1);
  self->border = g_try_new0 (gint32, G_MAXUINT16 + 1);
  self->target = g_try_new0 (guint16, G_MAXUINT16 + 1);
  self->scratch = g_try_new0 (guint8, n);
  if (self->regions && self->stack && self->areas && self->border && self->target && self->scratch)
    return self;
  tacet_rebalance_free (self);
  return NULL;
}

void
tacet_rebalance_free (TacetRebalance *self)
{
  g_free (self->regions);
  g_free (self->stack);
  g_free (self->areas);
  g_free (self->border);
  g_free (self->target);
  g_free (self->scratch);
  g_free (self);
}

/* The four neighbours of i, -1 beyond the border. */
static void
neighbours (int size, int i, int *out)
{
  const int x = i % size, y = i / size;
  out[0] = x > 0 ? i - 1 : -1;
  out[1] = x + 1 < size ? i + 1 : -1;
  out[2] = y > 0 ? i - size : -1;
  out[3] = y + 1 < size ? i + size : -1;
}

/* Connected parts, numbered in reading order; the last number takes all that would not fit. */
static int
label (TacetRebalance *self, const guint8 *objects, guint16 *regions)
{
  const int n = self->size * self->size;
  int count = 0, near[4];
  memset (regions, 0xff, (gsize) n * sizeof *regions);
  for (int seed = 0; seed < n; seed++)
    {
      if (regions[seed] != G_MAXUINT16)
        continue;
      const guint16 number = (guint16) MIN (count, G_MAXUINT16 - 1);
      int top = 0;
      self->areas[number] = count == number ? 0 : self->areas[number];
      count = MAX (count, number + 1);
      regions[seed] = number;
      self->stack[top++] = seed;
      while (top > 0)
        {
          const int i = self->stack[--top];
          self->areas[number]++;
          neighbours (self->size, i, near);
          for (int k = 0; k < 4; k++)
            if (near[k] >= 0 && regions[near[k]] == G_MAXUINT16 && objects[near[k]] == objects[i])
              {
                regions[near[k]] = number;
                self->stack[top++] = near[k];
              }
        }
    }
  return count;
}

static guint16
resolve (const TacetRebalance *self, guint16 number)
{
  while (self->target[number] != number)
    number = self->target[number];
  return number;
}

/* The largest region that touches this one, or itself. */
static guint16
largest_neighbour (TacetRebalance *self, const guint16 *regions, guint16 number)
{
  const int n = self->size * self->size;
  guint16 best = number;
  int near[4];
  for (int i = 0; i < n; i++)
    if (resolve (self, regions[i]) == number)
      {
        neighbours (self->size, i, near);
        for (int k = 0; k < 4; k++)
          {
            const guint16 other = near[k] >= 0 ? resolve (self, regions[near[k]]) : number;
            if (other != number && (best == number || self->areas[other] > self->areas[best]))
              best = other;
          }
      }
  return best;
}

int
tacet_rebalance_regions (TacetRebalance *self, const guint8 *objects, guint16 *regions)
{
  const int n = self->size * self->size;
  const int count = label (self, objects, regions);
  for (int r = 0; r < count; r++)
    self->target[r] = (guint16) r;
  for (int r = 0; r < count; r++)
    if (self->target[r] == r && self->areas[r] < SMALL * n)
      {
        const guint16 other = largest_neighbour (self, regions, (guint16) r);
        if (other == r)
          continue;
        self->target[r] = other;
        self->areas[other] += self->areas[r];
      }
  int kept = 0;
  for (int r = 0; r < count; r++)
    if (self->target[r] == r)
      self->border[r] = kept++;
  for (int i = 0; i < n; i++)
    regions[i] = (guint16) self->border[resolve (self, regions[i])];
  return kept;
}

/* A box or a half-plane, each of at least a tenth and at most nine tenths of the picture's side. */
static void
cut (TacetRebalance *self, TacetRandom *random, guint8 *mask)
{
  const int size = self->size;
  int from[2] = { 0, 0 }, to[2] = { size, size };
  const gboolean box = tacet_random_uniform (random) < 0.5;
  const int axis = (int) tacet_random_below (random, 2);
  for (int d = 0; d < 2; d++)
    if (box || d == axis)
      {
        const int length = MAX (1, (int) (size * (box ? 0.3 + 0.5 * tacet_random_uniform (random)
                                                      : 0.25 + 0.5 * tacet_random_uniform (random))));
        const gboolean far_side = tacet_random_uniform (random) < 0.5;
        from[d] = box ? (int) tacet_random_below (random, (guint64) (size - length + 1)) : far_side ? size - length : 0;
        to[d] = from[d] + length;
      }
  memset (mask, 0, (gsize) size * size);
  for (int y = from[1]; y < to[1]; y++)
    memset (mask + y * size + from[0], 255, (gsize) (to[0] - from[0]));
}

static void
dilate (TacetRebalance *self, int times, guint8 *mask)
{
  const int n = self->size * self->size;
  int near[4];
  for (int t = 0; t < times; t++)
    {
      memcpy (self->scratch, mask, (gsize) n);
      for (int i = 0; i < n; i++)
        {
          neighbours (self->size, i, near);
          for (int k = 0; k < 4 && !mask[i]; k++)
            if (near[k] >= 0 && self->scratch[near[k]])
              mask[i] = 255;
        }
    }
}

void
tacet_rebalance_mask (TacetRebalance *self, const guint8 *objects, double full, double keep, int grow,
                      TacetRandom *random, guint8 *mask)
{
  const int n = self->size * self->size;
  memset (mask, 255, (gsize) n);
  if (tacet_random_uniform (random) < full)
    return;
  const int count = objects ? tacet_rebalance_regions (self, objects, self->regions) : 1;
  if (count < 2)
    {
      if (tacet_random_uniform (random) < 0.5)
        cut (self, random, mask);
      return;
    }
  int kept = 0;
  /* A fair coin ends this soon; for the rest of the world there is a limit. */
  for (int attempt = 0; attempt < 64 && (kept == 0 || kept == count); attempt++)
    {
      kept = 0;
      for (int r = 0; r < count; r++)
        kept += self->areas[r] = tacet_random_uniform (random) < keep;
    }
  if (kept == 0 || kept == count)
    return;
  for (int i = 0; i < n; i++)
    mask[i] = self->areas[self->regions[i]] ? 255 : 0;
  dilate (self, grow, mask);
}
