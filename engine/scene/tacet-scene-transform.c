/* tacet-scene-transform.c: a layer moved, scaled, turned as a whole; one undo step.
 *
 * Room: engine/scene.  Pixels are resampled once, weighted by what covers them, so that nothing bleeds out of silence;
 * where the layer shrinks, several samples a pixel are averaged.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_SAMPLES 8 /* a side of a pixel */
#define MAX_THREADS 8
#define LEAST_ROWS  256 /* for one more thread */

typedef struct
{
  double xx, yx, xy, yy, x0, y0;
} Affine;

static gboolean
invert (const double m[6], Affine *out)
{
  double det = m[0] * m[3] - m[1] * m[2];
  for (int i = 0; i < 6; i++)
    if (!isfinite (m[i]))
      return FALSE;
  if (!isfinite (det) || fabs (det) < 1e-9)
    return FALSE;
  *out = (Affine){ m[3] / det, -m[1] / det, -m[2] / det, m[0] / det, 0, 0 };
  out->x0 = -(out->xx * m[4] + out->xy * m[5]);
  out->y0 = -(out->yx * m[4] + out->yy * m[5]);
  return TRUE;
}

/* Value of the plane and of its weight (255 where there is none) about a point, bilinear; outside is nothing. */
static inline __attribute__ ((always_inline)) void
sample (const TacetImage *image, const TacetImage *weight, int channels, double x, double y, double sums[5])
{
  int left = (int) floor (x - 0.5), top = (int) floor (y - 0.5);
  double fx = x - 0.5 - left, fy = y - 0.5 - top;
  const guint8 *weights = channels == 4 ? image->data + 3 : weight ? weight->data : image->data;
  gsize step = channels == 4 ? 4 : 1, first = (gsize) top * image->width + left;
  gboolean inside = left >= 0 && top >= 0 && left + 1 < image->width && top + 1 < image->height;
  /* Layers are empty nearly everywhere. */
  if (inside && (channels != 3 || weight) &&
      !(weights[step * first] | weights[step * (first + 1)] | weights[step * (first + image->width)] |
        weights[step * (first + image->width + 1)]))
    {
      if (channels == 1 && !weight)
        sums[4] += 255;
      return;
    }
  for (int i = 0; i < 4; i++)
    {
      int column = left + (i & 1), row = top + (i >> 1);
      double share = (i & 1 ? fx : 1 - fx) * (i >> 1 ? fy : 1 - fy);
      if (!inside && (column < 0 || row < 0 || column >= image->width || row >= image->height))
        continue;
      gsize at = (gsize) row * image->width + column;
      const guint8 *pixel = image->data + at * channels;
      double alpha = share * (channels == 4 ? pixel[3] : weight ? weight->data[at] : 255);
      for (int k = 0; k < MIN (channels, 3); k++)
        sums[k] += alpha * pixel[k];
      sums[4] += alpha;
    }
}

/* Inlined once for each number of channels.  outside: what a plane without weights has where nothing was. */
static inline __attribute__ ((always_inline)) void
resample_row (const TacetImage *image, const TacetImage *weight, int channels, const Affine *inverse, int outside,
              int n, int row, guint8 *pixel)
{
  for (int column = 0; column < image->width; column++, pixel += channels)
    {
      double sums[5] = { 0 };
      for (int i = 0; i < n * n; i++)
        {
          double x = column + (i % n + 0.5) / n, y = row + (i / n + 0.5) / n;
          sample (image, weight, channels, inverse->xx * x + inverse->xy * y + inverse->x0,
                  inverse->yx * x + inverse->yy * y + inverse->y0, sums);
        }
      for (int k = 0; k < MIN (channels, 3); k++)
        {
          double whole = 255.0 * n * n;
          double value = channels == 4 || weight ? (sums[4] > 0 ? sums[k] / sums[4] : 0)
                                                 : (sums[k] + outside * (whole - sums[4])) / whole;
          pixel[k] = (guint8) CLAMP (value + 0.5, 0, 255);
        }
      if (channels == 4)
        pixel[3] = (guint8) (sums[4] / (n * n) + 0.5);
    }
}

/* By whole pixels: the same as resampling, without its work. */
static gboolean
is_shift (const Affine *inverse)
{
  return inverse->xx == 1 && inverse->yy == 1 && inverse->xy == 0 && inverse->yx == 0 &&
         fabs (inverse->x0) < G_MAXINT / 4 && fabs (inverse->y0) < G_MAXINT / 4 && inverse->x0 == floor (inverse->x0) &&
         inverse->y0 == floor (inverse->y0);
}

static void
shift_row (const TacetImage *image, const TacetImage *weight, int x, int y, int outside, guint8 *to)
{
  int channels = image->channels, left = CLAMP (-x, 0, image->width),
      right = CLAMP (image->width - x, left, image->width);
  gboolean weighted = channels == 4 || weight != NULL;
  if (!weighted)
    memset (to, outside, (gsize) image->width * channels);
  if (y < 0 || y >= image->height || left >= right)
    return;
  gsize from = (gsize) y * image->width + left + x, n = (gsize) (right - left);
  to += (gsize) left * channels;
  memcpy (to, image->data + from * channels, n * channels);
  for (gsize i = 0; weighted && i < n; i++) /* what nothing covers has no colour */
    if ((channels == 4 ? to[4 * i + 3] : weight->data[from + i]) == 0)
      memset (to + i * channels, 0, channels);
}

/* Rows for one thread. */
typedef struct
{
  const TacetImage *image, *weight;
  const Affine *inverse;
  TacetImage *out;
  int outside, n, first, end;
  GThread *thread;
} Rows;

static gpointer
resample_rows (gpointer data)
{
  const Rows *self = data;
  const TacetImage *image = self->image, *weight = self->weight;
  const Affine *inverse = self->inverse;
  for (int row = self->first; row < self->end; row++)
    {
      guint8 *to = self->out->data + (gsize) row * image->width * image->channels;
      if (is_shift (inverse))
        shift_row (image, weight, (int) inverse->x0, row + (int) inverse->y0, self->outside, to);
      else if (image->channels == 4)
        resample_row (image, NULL, 4, inverse, self->outside, self->n, row, to);
      else if (image->channels == 3)
        resample_row (image, weight, 3, inverse, self->outside, self->n, row, to);
      else
        resample_row (image, weight, 1, inverse, self->outside, self->n, row, to);
    }
  return NULL;
}

static TacetImage *
resample (const TacetImage *image, const TacetImage *weight, const Affine *inverse, int outside)
{
  TacetImage *out = tacet_image_new (image->width, image->height, image->channels);
  int n = (int) ceil (MAX (hypot (inverse->xx, inverse->yx), hypot (inverse->xy, inverse->yy)) - 1e-6);
  Rows rows[MAX_THREADS];
  int n_parts = CLAMP ((int) g_get_num_processors (), 1, MIN (MAX_THREADS, image->height / LEAST_ROWS + 1));
  for (int i = 0; out && i < n_parts; i++)
    {
      rows[i] = (Rows){ image,
                        weight,
                        inverse,
                        out,
                        outside,
                        CLAMP (n, 1, MAX_SAMPLES),
                        image->height * i / n_parts,
                        image->height * (i + 1) / n_parts,
                        NULL };
      /* The last part is ours, as is one that gets no thread. */
      if (i < n_parts - 1)
        rows[i].thread = g_thread_try_new ("transform", resample_rows, &rows[i], NULL);
      if (!rows[i].thread)
        resample_rows (&rows[i]);
    }
  for (int i = 0; out && i < n_parts; i++)
    if (rows[i].thread)
      g_thread_join (rows[i].thread);
  return out;
}

static gboolean
transform_planes (TacetLayer *layer, const Affine *inverse, TacetImage *planes[2])
{
  TacetImage **slots[2];
  int n = _tacet_layer_slots (layer, slots);
  gboolean weighted = layer->map && !layer->people;
  planes[0] = resample (*slots[0], weighted ? layer->coverage : NULL, inverse, layer->people ? TACET_NEUTRAL : 0);
  planes[1] = n > 1 ? resample (*slots[1], NULL, inverse, 0) : NULL;
  return planes[0] && (n < 2 || planes[1]);
}

static void
transform_people (TacetLayer *layer, const double m[6])
{
  for (guint i = 0; i < layer->people->len; i++)
    tacet_person_transform (&g_array_index (layer->people, TacetPerson, i), TACET_BODY_PERSON, m);
}

gboolean
tacet_scene_transform_layer (TacetScene *self, TacetLayer *layer, const double matrix[6])
{
  static const double identity[6] = { 1, 0, 0, 1, 0, 0 };
  g_return_val_if_fail (_tacet_scene_owns (self, layer), FALSE);
  TacetImage *planes[2] = { NULL, NULL }, **slots[2];
  Affine inverse;
  _tacet_scene_finish_stroke (self);
  if (layer->settings.locked || !invert (matrix, &inverse))
    return FALSE;
  if (memcmp (matrix, identity, sizeof identity) == 0)
    return TRUE;
  g_autoptr (TacetImage) base = layer->base ? resample (layer->base, NULL, &inverse, 0) : NULL;
  if (!transform_planes (layer, &inverse, planes) || (layer->base && !base))
    {
      g_clear_pointer (&planes[0], tacet_image_unref);
      g_clear_pointer (&planes[1], tacet_image_unref);
      return FALSE;
    }
  _tacet_history_push (self, _tacet_step_planes (layer, _ ("Transform Layer")));
  int n = _tacet_layer_slots (layer, slots);
  for (int i = 0; i < n; i++)
    _tacet_image_replace (slots[i], &planes[i]);
  if (layer->people)
    {
      _tacet_image_replace (&layer->base, &base);
      transform_people (layer, matrix);
      _tacet_layer_redraw (layer);
    }
  _tacet_scene_end_pixels (self, layer);
  return TRUE;
}
