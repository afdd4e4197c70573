/* tacet-seam.c: a picture made new inside a mask, put into the old one so that no seam shows.
 *
 * Room: engine/image.  Outside the mask every byte stays.  Inside, the difference between old and new along the border
 * is carried inwards and fades out there (in the spirit of the membrane of Perez et al. 2003, "Poisson image editing",
 * but local), so that colours meet; and over the first pixels the new picture fades in.
 */
#include "tacet-image.h"
#include <math.h>
#include <string.h>

#define DIAGONAL    1.41421356f
#define LITTLE      1e-6f /* weights below this are rounding */
#define OTHER_THING 64.0f /* levels */
#define REACH       4.0   /* feathers over which the old colours are carried inwards */

/* The mean over 2 radius + 1 values, zeros outside; sums: n + 1. */
static void
blur_line (float *v, int n, gsize stride, int radius, double *sums)
{
  sums[0] = 0;
  for (int i = 0; i < n; i++)
    sums[i + 1] = sums[i] + v[i * stride];
  for (int i = 0; i < n; i++)
    v[i * stride] = (float) ((sums[MIN (i + radius + 1, n)] - sums[MAX (i - radius, 0)]) / (2.0 * MIN (radius, n) + 1));
}

/* field: height x width x 4.  Twice a box is nearly a bell. */
static gboolean
blur (float *field, int width, int height, int radius)
{
  g_autofree double *sums = g_try_new (double, MAX (width, height) + 1);
  if (sums == NULL)
    return FALSE;
  for (int pass = 0; pass < 2; pass++)
    for (int c = 0; c < 4; c++)
      {
        for (int y = 0; y < height; y++)
          blur_line (field + (gsize) y * width * 4 + c, width, 4, radius, sums);
        for (int x = 0; x < width; x++)
          blur_line (field + x * 4 + c, height, (gsize) width * 4, radius, sums);
      }
  return TRUE;
}

static float
step_back (const float *distances, int width, int height, int x, int y, int dx, int dy)
{
  if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height)
    return G_MAXFLOAT;
  return distances[(gsize) (y + dy) * width + x + dx] + (dx != 0 && dy != 0 ? DIAGONAL : 1);
}

/* From every masked pixel to the nearest that is not: 1 at the border.  Steps along rows, columns and diagonals. */
static void
fill_distances (const TacetImage *mask, float *distances)
{
  int width = mask->width, height = mask->height;
  gsize n = (gsize) width * height;
  for (gsize i = 0; i < n; i++)
    distances[i] = mask->data[i] < 128 ? 0 : G_MAXFLOAT / 4;
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < height; i++)
      for (int j = 0; j < width; j++)
        {
          int y = pass ? height - 1 - i : i, x = pass ? width - 1 - j : j, back = pass ? 1 : -1;
          float *d = &distances[(gsize) y * width + x];
          *d = MIN (*d, step_back (distances, width, height, x, y, back, 0));
          for (int dx = -1; dx <= 1; dx++)
            *d = MIN (*d, step_back (distances, width, height, x, y, dx, back));
        }
}

static double
smooth (double t)
{
  t = CLAMP (t, 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

static const guint8 *
pixel (const TacetImage *image, gsize i)
{
  return image->data + i * image->channels;
}

static gboolean
is_there (const TacetImage *image, gsize i)
{
  return image->channels != 4 || pixel (image, i)[3] >= 128;
}

/* field: what old is more than fresh, where both are known, and 1.  A large difference is another thing in the picture
 * rather than another tone: it counts less. */
static void
fill_differences (const TacetImage *old, const TacetImage *fresh, const TacetImage *mask, float *field)
{
  gsize n = (gsize) old->width * old->height;
  for (gsize i = 0; i < n; i++)
    {
      float d[3], most = 0;
      gboolean kept = mask->data[i] < 128;
      for (int c = 0; c < 3; c++)
        {
          d[c] = (float) pixel (old, i)[c] - (float) pixel (fresh, i)[c];
          most = MAX (most, fabsf (d[c]));
        }
      for (int c = 0; c < 3; c++)
        field[4 * i + c] = kept ? d[c] / (1 + powf (most / OTHER_THING, 4)) : 0;
      field[4 * i + 3] = kept;
    }
}

/* How much a pixel at this distance takes from the differences blurred over 2^level pixels: those as wide as it is far
 * from the border, as in a membrane that is held there. */
static double
level_share (double distance, int level)
{
  return MAX (1 - fabs (log2 (distance) - level), 0);
}

/* carried: height x width x 3: the differences along the border, taken inwards.  field: room for one blurred copy. */
static gboolean
carry (const TacetImage *old, const TacetImage *fresh, const TacetImage *mask, const float *distances, double reach,
       float *field, float *carried)
{
  gsize n = (gsize) old->width * old->height;
  memset (carried, 0, 3 * n * sizeof (float));
  for (int level = 0; reach > 0 && level <= ceil (log2 (reach + 1)); level++)
    {
      fill_differences (old, fresh, mask, field);
      if (!blur (field, old->width, old->height, 1 << level))
        return FALSE;
      for (gsize i = 0; i < n; i++)
        {
          double share = mask->data[i] >= 128 && distances[i] <= reach ? level_share (distances[i], level) : 0;
          for (int c = 0; c < 3 && share > 0 && field[4 * i + 3] > LITTLE; c++)
            carried[3 * i + c] += (float) (share * field[4 * i + c] / field[4 * i + 3]);
        }
    }
  return TRUE;
}

static void
blend_pixel (const TacetImage *old, gsize i, double distance, double feather, const float *carried, guint8 *out)
{
  double fresh = is_there (old, i) && feather > 0 ? smooth (distance / (feather + 1)) : 1;
  double share = feather > 0 ? 1 - smooth (distance / (REACH * feather + 1)) : 0;
  for (int c = 0; c < 3; c++)
    {
      double value = fresh * (out[c] + share * carried[c]) + (1 - fresh) * pixel (old, i)[c];
      out[c] = (guint8) CLAMP (value + 0.5, 0.0, 255.0);
    }
}

TacetImage *
tacet_image_inpaint (const TacetImage *old, const TacetImage *fresh, const TacetImage *mask, double feather)
{
  int width = old->width, height = old->height;
  gsize n = (gsize) width * height;
  g_return_val_if_fail (old->channels >= 3 && fresh->channels == 3 && mask->channels == 1, NULL);
  g_return_val_if_fail (fresh->width == width && fresh->height == height, NULL);
  g_return_val_if_fail (mask->width == width && mask->height == height, NULL);
  g_autofree float *field = g_try_new (float, 4 * n), *carried = g_try_new (float, 3 * n);
  g_autofree float *distances = g_try_new (float, n);
  g_autoptr (TacetImage) out = tacet_image_copy (fresh);
  if (field == NULL || carried == NULL || distances == NULL || out == NULL)
    return NULL;
  fill_distances (mask, distances);
  if (!carry (old, fresh, mask, distances, REACH * feather, field, carried))
    return NULL;
  for (gsize i = 0; i < n; i++)
    if (mask->data[i] < 128)
      memcpy (out->data + 3 * i, pixel (old, i), 3);
    else
      blend_pixel (old, i, distances[i], feather, carried + 3 * i, out->data + 3 * i);
  return g_steal_pointer (&out);
}

/* Known pixels as colour and 1, others as zeros. */
static void
fill_known (const TacetImage *image, const guint8 *known, float *field)
{
  gsize n = (gsize) image->width * image->height;
  for (gsize i = 0; i < n; i++)
    {
      for (int c = 0; c < 3; c++)
        field[4 * i + c] = known[i] ? pixel (image, i)[c] : 0;
      field[4 * i + 3] = known[i];
    }
}

/* Pixels that the blurred field reaches become known. */
static gsize
take_reached (TacetImage *image, guint8 *known, const float *field)
{
  gsize n = (gsize) image->width * image->height, n_unknown = 0;
  for (gsize i = 0; i < n; i++)
    {
      const float *from = field + 4 * i;
      for (int c = 0; c < 3 && !known[i] && from[3] > LITTLE; c++)
        image->data[3 * i + c] = (guint8) CLAMP (from[c] / from[3] + 0.5f, 0.0f, 255.0f);
      known[i] = known[i] || from[3] > LITTLE;
      n_unknown += !known[i];
    }
  return n_unknown;
}

TacetImage *
tacet_image_fill_transparent (const TacetImage *self)
{
  gsize n = (gsize) self->width * self->height, n_known = 0;
  g_autoptr (TacetImage) out = tacet_image_convert (self, 3);
  if (self->channels != 4)
    return g_steal_pointer (&out);
  g_autofree guint8 *known = g_try_new (guint8, n);
  g_autofree float *field = g_try_new (float, 4 * n);
  if (out == NULL || known == NULL || field == NULL)
    return NULL;
  for (gsize i = 0; i < n; i++)
    n_known += known[i] = is_there (self, i);
  if (n_known == 0)
    memset (out->data, 128, 3 * n);
  gsize n_unknown = n_known > 0 ? n - n_known : 0;
  for (int radius = 1; n_unknown > 0; radius *= 2)
    {
      fill_known (out, known, field);
      if (!blur (field, self->width, self->height, radius))
        return NULL;
      n_unknown = take_reached (out, known, field);
    }
  return g_steal_pointer (&out);
}
