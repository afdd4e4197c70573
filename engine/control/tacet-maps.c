/* tacet-maps.c: kinds of control maps, and where a map has something to say.
 *
 * Room: engine/control.
 */
#include "tacet-maps.h"
#include <math.h>
#include <string.h>

static const char *const kind_ids[TACET_N_CONTROL_KINDS] = { "edge", "depth", "pose" };

const char *
tacet_control_kind_id (TacetControlKind kind)
{
  g_return_val_if_fail (kind < TACET_N_CONTROL_KINDS, "");
  return kind_ids[kind];
}

gboolean
tacet_control_kind_parse (const char *id, TacetControlKind *kind)
{
  for (int i = 0; id != NULL && i < TACET_N_CONTROL_KINDS; i++)
    if (strcmp (id, kind_ids[i]) == 0)
      {
        *kind = (TacetControlKind) i;
        return TRUE;
      }
  return FALSE;
}

#define REACH_AT_512 8.0  /* pixels */
#define MARK         12.0 /* the greatest byte that is not above 0.05 */

double
tacet_maps_scale (int width, int height)
{
  return hypot (width, height) / hypot (512, 512);
}

static gboolean
is_mark (const guint8 *pixel, int channels)
{
  if (channels == 4 && pixel[3] <= MARK)
    return FALSE;
  for (int c = 0; c < MIN (channels, 3); c++)
    if (pixel[c] > MARK)
      return TRUE;
  return FALSE;
}

/* distance[x]: to the nearest mark in this row, at most `far`. */
static void
row_distances (const TacetImage *map, int y, int far, int *distance)
{
  const guint8 *row = map->data + (gsize) y * map->width * map->channels;
  int last = far;
  for (int x = 0; x < map->width; x++)
    {
      last = is_mark (row + (gsize) x * map->channels, map->channels) ? 0 : MIN (last + 1, far);
      distance[x] = last;
    }
  last = far;
  for (int x = map->width - 1; x >= 0; x--)
    {
      last = distance[x] == 0 ? 0 : MIN (last + 1, far);
      distance[x] = MIN (distance[x], last);
    }
}

/* A disc of this radius around every mark: distance along the rows first, then down the columns. */
static gboolean
dilate_marks (const TacetImage *map, double reach, TacetImage *out)
{
  int radius = (int) floor (reach), far = radius + 1, width = map->width;
  int *distances = g_try_malloc_n ((gsize) width * (2 * radius + 1), sizeof (int));
  if (distances == NULL)
    return FALSE;
  for (int y = -radius; y < map->height; y++)
    {
      int ahead = y + radius, slots = 2 * radius + 1;
      if (ahead < map->height)
        row_distances (map, ahead, far, distances + (gsize) (ahead % slots) * width);
      for (int x = 0; y >= 0 && x < width; x++)
        for (int dy = MAX (-radius, -y); dy <= MIN (radius, map->height - 1 - y); dy++)
          {
            double dx = distances[(gsize) ((y + dy) % slots) * width + x];
            if (dx * dx + dy * dy > reach * reach)
              continue;
            out->data[(gsize) y * width + x] = 255;
            break;
          }
    }
  g_free (distances);
  return TRUE;
}

TacetImage *
tacet_coverage_from_map (TacetControlKind kind, const TacetImage *map)
{
  TacetImage *coverage = tacet_image_new (map->width, map->height, 1);
  if (coverage == NULL)
    return NULL;
  if (kind == TACET_CONTROL_DEPTH)
    memset (coverage->data, 255, (gsize) map->width * map->height);
  else if (!dilate_marks (map, REACH_AT_512 * tacet_maps_scale (map->width, map->height), coverage))
    g_clear_pointer (&coverage, tacet_image_unref);
  return coverage;
}
