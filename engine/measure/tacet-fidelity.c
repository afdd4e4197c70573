/* tacet-fidelity.c: comparing a picture with the maps that it was made from.  Room: engine/measure. */
#include "config.h"

#include "tacet-fidelity.h"

#include <math.h>

static gboolean
is_covered (const TacetImage *coverage, gsize i)
{
  return !coverage || coverage->data[i] > 127;
}

/* Whether `image` has a mark within `radius` pixels of (x, y). */
static gboolean
mark_near (const TacetImage *image, int x, int y, double radius)
{
  const int reach = (int) radius;
  for (int dy = -reach; dy <= reach; dy++)
    for (int dx = -reach; dx <= reach; dx++)
      {
        const int px = x + dx, py = y + dy;
        if (px < 0 || py < 0 || px >= image->width || py >= image->height || dx * dx + dy * dy > radius * radius)
          continue;
        if (image->data[(gsize) py * image->width + px] > 127)
          return TRUE;
      }
  return FALSE;
}

/* Marks of a, and how many of them b has too. */
static void
count_found (const TacetImage *a, const TacetImage *b, const TacetImage *coverage, double tolerance, int *all,
             int *found)
{
  *all = *found = 0;
  for (int y = 0; y < a->height; y++)
    for (int x = 0; x < a->width; x++)
      {
        const gsize i = (gsize) y * a->width + x;
        if (a->data[i] <= 127 || !is_covered (coverage, i))
          continue;
        ++*all;
        *found += mark_near (b, x, y, tolerance);
      }
}

double
tacet_fidelity_edges (const TacetImage *picture, const TacetImage *map, const TacetImage *coverage, double tolerance)
{
  g_autoptr (TacetImage) edges = tacet_canny (picture, 100, 200);
  g_autoptr (TacetImage) gray = tacet_image_convert (map, 1);
  int n_edges, n_marks, right, found;
  g_return_val_if_fail (!gray || (gray->width == picture->width && gray->height == picture->height), -1);
  if (!edges || !gray)
    return -1;
  count_found (edges, gray, coverage, tolerance, &n_edges, &right);
  count_found (gray, edges, coverage, tolerance, &n_marks, &found);
  if (n_edges == 0 && n_marks == 0)
    return -1;
  const double precision = n_edges ? (double) right / n_edges : 0, recall = n_marks ? (double) found / n_marks : 0;
  return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

double
tacet_fidelity_depth (const TacetVerdict *verdict, const TacetImage *map, const TacetImage *coverage)
{
  enum
  {
    N = TACET_JUDGE_GRID
  };
  g_autoptr (TacetImage) gray = tacet_image_convert (map, 1);
  g_autoptr (TacetImage) small = gray ? tacet_image_resize (gray, N, N, FALSE) : NULL;
  g_autoptr (TacetImage) covered = coverage ? tacet_image_resize (coverage, N, N, TRUE) : NULL;
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, error = 0;
  for (gsize i = 0; small && i < N * N; i++)
    if (is_covered (covered, i))
      {
        const double x = verdict->depth[i], y = small->data[i] / 255.0;
        n++, sx += x, sy += y, sxx += x * x, sxy += x * y;
      }
  if (n == 0)
    return -1;
  const double variance = sxx - sx * sx / n;
  const double scale = variance > 1e-9 ? MAX (0, (sxy - sx * sy / n) / variance) : 0, offset = (sy - scale * sx) / n;
  for (gsize i = 0; i < N * N; i++)
    if (is_covered (covered, i))
      error += fabs (scale * verdict->depth[i] + offset - small->data[i] / 255.0);
  return error / n;
}

double
tacet_fidelity_pose (const TacetVerdict *verdict, const TacetPerson *person, int width)
{
  double sum = 0;
  int n = 0;
  for (int j = 0; j < TACET_POSE_JOINTS; j++)
    if (person->joints[j].confidence > 0)
      {
        n++;
        sum += hypot (verdict->person.joints[j].x - person->joints[j].x,
                      verdict->person.joints[j].y - person->joints[j].y);
      }
  return n ? sum / n / width : -1;
}
