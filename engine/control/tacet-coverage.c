/* tacet-coverage.c: where a map has something to say, from the map alone.
 *
 * Room: engine/control.  A disc around every mark, exact, in time that grows with the pixels only: the nearest mark in
 * a pixel's row says how far up and down its column the discs of that row reach, and one sweep down and one up the
 * columns joins these intervals.
 */
#include "tacet-maps.h"
#include <math.h>
#include <string.h>

#define REACH_AT_512 8.0 /* pixels */
#define MARK         12  /* the greatest byte that is not above 0.05 */

int
tacet_coverage_reach (int width, int height)
{
  return (int) floor (REACH_AT_512 * tacet_maps_scale (width, height));
}

/* marks[x]: does this pixel say anything; the answer: does one of them. */
static gboolean
find_marks (const guint8 *row, int channels, int width, guint8 *marks)
{
  guint8 any = 0;
  if (channels == 1)
    for (int x = 0; x < width; x++)
      any |= marks[x] = row[x] > MARK;
  else if (channels == 3)
    for (int x = 0; x < width; x++)
      any |= marks[x] = MAX (row[3 * x], MAX (row[3 * x + 1], row[3 * x + 2])) > MARK;
  else
    for (int x = 0; x < width; x++)
      any |= marks[x] = row[4 * x + 3] > MARK && MAX (row[4 * x], MAX (row[4 * x + 1], row[4 * x + 2])) > MARK;
  return any;
}

/* What is needed of the disc: heights[d], the rows that it reaches up and down at d columns from its middle, and one
 * more for the row itself; heights[radius + 1] is 0. */
static guint16 *
disc_heights (double reach, int radius)
{
  guint16 *heights = g_new0 (guint16, radius + 2);
  for (int d = 0; d <= radius; d++)
    {
      int height = radius;
      while ((double) d * d + (double) height * height > reach * reach)
        height--;
      heights[d] = (guint16) (height + 1);
    }
  return heights;
}

/* Of the marks of one row: how far they reach up and down at each of them; `before` more marks stand left of out[0]. */
static void
row_heights (const guint8 *marks, int n_marks, int before, int far, const guint16 *heights, guint16 *out, int n)
{
  /* Away from the first and the last mark there is nothing to find. */
  int first = 0, end = n_marks, last = far;
  while (first < n_marks && !marks[first])
    first++;
  while (end > first && !marks[end - 1])
    end--;
  int from = CLAMP (first - far, before, before + n), to = CLAMP (end + far, from, before + n);
  memset (out, 0, (gsize) (from - before) * sizeof *out);
  memset (out + (to - before), 0, (gsize) (before + n - to) * sizeof *out);
  for (int x = MIN (first, from); x < to; x++)
    {
      last = marks[x] ? 0 : MIN (last + 1, far);
      if (x >= from)
        out[x - before] = (guint16) last;
    }
  last = far;
  for (int x = MAX (end, to) - 1; x >= from; x--)
    {
      last = marks[x] ? 0 : MIN (last + 1, far);
      if (x < to)
        out[x - before] = heights[MIN (out[x - before], last)];
    }
}

/* The same where marks are few: only what is around each of their runs is written. */
static void
sparse_row_heights (const guint8 *marks, int n_marks, int before, int far, const guint16 *heights, guint16 *out, int n)
{
  memset (out, 0, (gsize) n * sizeof (guint16));
  for (int at = 0; at < n_marks;)
    {
      const guint8 *first = memchr (marks + at, 1, (gsize) (n_marks - at));
      if (!first)
        return;
      int from = (int) (first - marks), to = from;
      while (to < n_marks && marks[to])
        to++;
      for (int x = MAX (from - before, 0); x < MIN (to - before, n); x++)
        out[x] = heights[0];
      for (int d = 1; d < far; d++)
        {
          int left = from - before - d, right = to - 1 - before + d;
          if (left >= 0 && left < n)
            out[left] = MAX (out[left], heights[d]);
          if (right >= 0 && right < n)
            out[right] = MAX (out[right], heights[d]);
        }
      at = to;
    }
}

static gboolean
is_sparse (const guint8 *marks, int n_marks, int far)
{
  int n_runs = marks[0];
  for (int x = 1; x < n_marks; x++)
    n_runs += marks[x] & (marks[x - 1] ^ 1);
  return n_runs * far < n_marks / 2;
}

static void
sweep_row (guint16 *left, const guint16 *heights, int n)
{
  for (int x = 0; x < n; x++)
    {
      guint16 less = left[x] ? (guint16) (left[x] - 1) : 0;
      left[x] = MAX (less, heights[x]);
    }
}

typedef struct
{
  int x, y, right, bottom;
} Area;

/* The discs' part inside the area. */
static gboolean
dilate_marks (const TacetImage *map, double reach, TacetImage *out, Area area)
{
  int radius = (int) floor (reach), width = area.right - area.x;
  Area from = { MAX (area.x - radius, 0), MAX (area.y - radius, 0), MIN (area.right + radius, map->width),
                MIN (area.bottom + radius, map->height) };
  int n_rows = from.bottom - from.y, n_marks = from.right - from.x;
  g_autofree guint16 *rows = g_try_malloc_n ((gsize) width * n_rows, sizeof (guint16));
  g_autofree guint8 *marks = g_try_malloc (n_marks);
  g_autofree guint16 *left = g_try_malloc0_n (width, sizeof (guint16));
  g_autofree guint16 *heights = disc_heights (reach, radius);
  if (!rows || !marks || !left)
    return FALSE;
  for (int y = from.y; y < from.bottom; y++)
    {
      guint16 *row = rows + (gsize) (y - from.y) * width;
      guint8 *to = out->data + (gsize) y * out->width + area.x;
      const guint8 *pixels = map->data + ((gsize) y * map->width + from.x) * map->channels;
      if (!find_marks (pixels, map->channels, n_marks, marks))
        memset (row, 0, (gsize) width * sizeof (guint16));
      else if (is_sparse (marks, n_marks, radius + 1))
        sparse_row_heights (marks, n_marks, area.x - from.x, radius + 1, heights, row, width);
      else
        row_heights (marks, n_marks, area.x - from.x, radius + 1, heights, row, width);
      sweep_row (left, row, width);
      for (int x = 0; y >= area.y && y < area.bottom && x < width; x++)
        to[x] = left[x] ? 255 : 0;
    }
  memset (left, 0, (gsize) width * sizeof (guint16));
  for (int y = from.bottom - 1; y >= area.y; y--)
    {
      guint8 *to = out->data + (gsize) y * out->width + area.x;
      sweep_row (left, rows + (gsize) (y - from.y) * width, width);
      for (int x = 0; y < area.bottom && x < width; x++)
        to[x] |= left[x] ? 255 : 0;
    }
  return TRUE;
}

gboolean
tacet_coverage_update (TacetControlKind kind, const TacetImage *map, TacetImage *coverage, int x, int y, int width,
                       int height)
{
  double reach = REACH_AT_512 * tacet_maps_scale (map->width, map->height);
  int radius = (int) floor (reach);
  Area area = { MAX (x - radius, 0), MAX (y - radius, 0), MIN (x + width + radius, map->width),
                MIN (y + height + radius, map->height) };
  g_return_val_if_fail (coverage->width == map->width && coverage->height == map->height, FALSE);
  if (area.x >= area.right || area.y >= area.bottom)
    return TRUE;
  if (kind != TACET_CONTROL_DEPTH)
    return dilate_marks (map, reach, coverage, area);
  for (int row = area.y; row < area.bottom; row++)
    memset (coverage->data + (gsize) row * coverage->width + area.x, 255, area.right - area.x);
  return TRUE;
}

TacetImage *
tacet_coverage_from_map (TacetControlKind kind, const TacetImage *map)
{
  TacetImage *coverage = tacet_image_new (map->width, map->height, 1);
  if (coverage && !tacet_coverage_update (kind, map, coverage, 0, 0, map->width, map->height))
    g_clear_pointer (&coverage, tacet_image_unref);
  return coverage;
}
