/* tacet-ink-flood.c: the flood fill.
 *
 * Room: engine/scene.  Gaps are closed as a ball of the gap's width would see them: only pixels that are half a gap
 * away from every border carry the flood on; the narrow rest then goes to whichever flooded or dry part is nearest, so
 * that corners are filled and an opening is shut in its middle.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-ink.h"
#include <stdlib.h>
#include <string.h>

/* Distances by the 5-7-11 chamfer: steps aside, across a corner and as a knight's move, 5 to a pixel. */
#define ASIDE  5
#define CORNER 7
#define KNIGHT 11
#define FAR    (1 << 28)

enum
{
  DRY,    /* unlike the seed */
  LIKE,   /* like it, not reached */
  WET,    /* reached */
  BEYOND, /* narrow, and nearer to a part that is not reached */
};

typedef struct
{
  const TacetImage *image;
  int width, height;
  guint8 *difference; /* from the seed, the greatest of the channels */
  guint8 *state;
  int *queue, *distance; /* distance: NULL without a gap */
  int tail;
} Flood;

static void
flood_clear (Flood *self)
{
  g_free (self->difference);
  g_free (self->state);
  g_free (self->queue);
  g_free (self->distance);
}

/* A colour that cannot be seen is no other colour: it is compared multiplied by its alpha. */
static int
channel (const TacetImage *image, int at, int i)
{
  const guint8 *p = image->data + (gsize) at * image->channels;
  return image->channels == 4 && i < 3 ? p[i] * p[3] / 255 : p[i];
}

static gboolean
flood_init (Flood *self, const TacetImage *image, int seed, const TacetInkFlood *how)
{
  gsize n = (gsize) image->width * image->height;
  *self =
      (Flood){ image, image->width, image->height, g_try_malloc (n), g_try_malloc (n), g_try_new (int, n), NULL, 0 };
  if (how->contiguous && how->gap > 0)
    self->distance = g_try_new (int, n);
  if (!self->difference || !self->state || !self->queue || (how->contiguous && how->gap > 0 && !self->distance))
    return FALSE;
  for (gsize at = 0; at < n; at++)
    {
      int most = 0;
      for (int i = 0; i < image->channels; i++)
        most = MAX (most, abs (channel (image, (int) at, i) - channel (image, seed, i)));
      self->difference[at] = (guint8) most;
      self->state[at] = most <= how->tolerance ? LIKE : DRY;
    }
  return TRUE;
}

/* ---- spreading ---- */

static void
reach (Flood *self, int at, guint8 state)
{
  self->state[at] = state;
  self->queue[self->tail++] = at;
}

/* To the four neighbours that are LIKE and farther than `radius` from every border. */
static void
spread (Flood *self, int head, int radius, gboolean all_eight)
{
  for (; head < self->tail; head++)
    {
      int at = self->queue[head], x = at % self->width, y = at / self->width;
      for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
          {
            int to = at + dy * self->width + dx;
            if ((!all_eight && dx != 0 && dy != 0) || x + dx < 0 || x + dx >= self->width || y + dy < 0 ||
                y + dy >= self->height)
              continue;
            if (self->state[to] == LIKE && (!self->distance || self->distance[to] > radius))
              reach (self, to, self->state[at]);
          }
    }
}

static int
nearer (const Flood *self, int x, int y, int dx, int dy, int step)
{
  if (x + dx < 0 || x + dx >= self->width || y + dy < 0 || y + dy >= self->height)
    return FAR;
  return self->distance[(y + dy) * self->width + x + dx] + step;
}

/* From every pixel to the nearest border. */
static void
measure (Flood *self)
{
  static const int steps[8][3] = { { -1, 0, ASIDE },   { 0, -1, ASIDE },  { -1, -1, CORNER }, { 1, -1, CORNER },
                                   { -2, -1, KNIGHT }, { 2, -1, KNIGHT }, { -1, -2, KNIGHT }, { 1, -2, KNIGHT } };
  int n = self->width * self->height;
  for (int at = 0; at < n; at++)
    self->distance[at] = self->state[at] == DRY ? 0 : FAR;
  for (int pass = 0; pass < 2; pass++)
    for (int row = 0; row < self->height; row++)
      for (int column = 0; column < self->width; column++)
        {
          int sign = pass ? -1 : 1, x = pass ? self->width - 1 - column : column;
          int y = pass ? self->height - 1 - row : row, least = self->distance[y * self->width + x];
          for (int s = 0; least > 0 && s < 8; s++)
            least = MIN (least, nearer (self, x, y, sign * steps[s][0], sign * steps[s][1], steps[s][2]));
          self->distance[y * self->width + x] = least;
        }
}

/* The narrow rest: to the part that is nearest. */
static void
share_rest (Flood *self, int radius)
{
  int n = self->width * self->height;
  for (int at = 0; at < n; at++)
    if (self->state[at] == LIKE && self->distance[at] > radius)
      reach (self, at, BEYOND);
  g_clear_pointer (&self->distance, g_free);
  /* The queue holds every part that is wide; going on from all of them at once, the nearest comes first. */
  spread (self, 0, 0, TRUE);
}

static void
run (Flood *self, int seed, const TacetInkFlood *how)
{
  int radius = how->gap * ASIDE / 2;
  if (!how->contiguous)
    {
      for (int at = 0; at < self->width * self->height; at++)
        if (self->state[at] == LIKE)
          self->state[at] = WET;
      return;
    }
  if (self->distance)
    measure (self);
  /* In a place that is narrow all over there are no gaps to close. */
  if (self->distance && self->distance[seed] <= radius)
    g_clear_pointer (&self->distance, g_free);
  reach (self, seed, WET);
  spread (self, 0, radius, FALSE);
  if (self->distance)
    share_rest (self, radius);
}

/* ---- what it covers ---- */

/* Beside the flood a line rises softly: there the pixel is covered as far as it is not yet the line. */
static int
soft_edge (const Flood *self, int x, int y, int tolerance)
{
  int most = 0, wet = FALSE;
  for (int v = MAX (y - 2, 0); v <= MIN (y + 2, self->height - 1); v++)
    for (int u = MAX (x - 2, 0); u <= MIN (x + 2, self->width - 1); u++)
      {
        int at = v * self->width + u;
        most = MAX (most, self->difference[at]);
        wet |= self->state[at] == WET && abs (u - x) + abs (v - y) == 1;
      }
  if (!wet || most <= tolerance)
    return 0;
  return 255 * (most - self->difference[y * self->width + x]) / (most - tolerance);
}

static TacetInk *
make_ink (const Flood *self, int tolerance)
{
  int x0 = self->width, y0 = self->height, x1 = -1, y1 = -1;
  for (int at = 0; at < self->width * self->height; at++)
    if (self->state[at] == WET)
      {
        x0 = MIN (x0, at % self->width);
        x1 = MAX (x1, at % self->width);
        y0 = MIN (y0, at / self->width);
        y1 = MAX (y1, at / self->width);
      }
  x0 = MAX (x0 - 1, 0);
  y0 = MAX (y0 - 1, 0);
  x1 = MIN (x1 + 1, self->width - 1);
  y1 = MIN (y1 + 1, self->height - 1);
  TacetInk *ink = g_new0 (TacetInk, 1);
  *ink = (TacetInk){ x0, y0, x1 - x0 + 1, y1 - y0 + 1, NULL, NULL };
  if (!(ink->alpha = g_try_malloc ((gsize) ink->width * ink->height)))
    {
      tacet_ink_free (ink);
      return NULL;
    }
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++)
      {
        int state = self->state[y * self->width + x];
        ink->alpha[(y - y0) * ink->width + x - x0] = (guint8) (state == WET   ? 255
                                                               : state == DRY ? soft_edge (self, x, y, tolerance)
                                                                              : 0);
      }
  return ink;
}

TacetInk *
tacet_ink_flood (const TacetImage *image, int x, int y, const TacetInkFlood *how)
{
  g_return_val_if_fail (image != NULL && how != NULL, NULL);
  if (x < 0 || y < 0 || x >= image->width || y >= image->height)
    return NULL;
  Flood flood;
  TacetInk *ink = NULL;
  if (flood_init (&flood, image, y * image->width + x, how))
    {
      run (&flood, y * image->width + x, how);
      ink = make_ink (&flood, CLAMP (how->tolerance, 0, 255));
    }
  flood_clear (&flood);
  return ink;
}
