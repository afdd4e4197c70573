/* tacet-resize.c: pictures at other sizes.
 *
 * Room: engine/image.  Each axis is a list of taps (source positions with weights that sum to 1):
 * a box of exact area when it shrinks, two neighbours when it grows.  Rows stream through a cache of
 * two, so the extra memory is a few rows whatever the size.
 */
#include "tacet-image.h"
#include <math.h>
#include <string.h>

typedef struct
{
  int first, n;
  float *weights; /* into Axis.pool */
} Tap;

typedef struct
{
  Tap *taps; /* one per output position */
  float *pool;
} Axis;

static void
axis_clear (Axis *axis)
{
  g_free (axis->taps);
  g_free (axis->pool);
}

static int
fill_box (double from, double to, int size, float *weights, int *first)
{
  *first = MIN ((int) floor (from), size - 1);
  int last = CLAMP ((int) ceil (to) - 1, *first, size - 1);
  double sum = 0;
  for (int i = *first; i <= last; i++)
    sum += MAX (0.0, MIN (to, i + 1.0) - MAX (from, (double) i));
  for (int i = *first; i <= last; i++)
    weights[i - *first] = (float) (MAX (0.0, MIN (to, i + 1.0) - MAX (from, (double) i)) / sum);
  return last - *first + 1;
}

static int
fill_linear (double centre, int size, float *weights, int *first)
{
  double at = CLAMP (centre - 0.5, 0.0, size - 1.0);
  *first = MIN ((int) at, MAX (size - 2, 0));
  double share = at - *first;
  weights[0] = (float) (1.0 - share);
  if (size == 1)
    return 1;
  weights[1] = (float) share;
  return 2;
}

static gboolean
axis_init (Axis *axis, int size, int new_size)
{
  double scale = (double) size / new_size;
  int most = MAX ((int) ceil (scale) + 2, 2);
  axis->taps = g_try_new0 (Tap, new_size);
  axis->pool = g_try_malloc_n ((gsize) new_size * most, sizeof (float));
  if (axis->taps == NULL || axis->pool == NULL)
    return FALSE;
  for (int i = 0; i < new_size; i++)
    {
      Tap *tap = &axis->taps[i];
      tap->weights = axis->pool + (gsize) i * most;
      if (new_size <= size)
        tap->n = fill_box (i * scale, (i + 1) * scale, size, tap->weights, &tap->first);
      else
        tap->n = fill_linear ((i + 0.5) * scale, size, tap->weights, &tap->first);
    }
  return TRUE;
}

/* One source row at the new width; RGBA comes out multiplied by alpha, so that hidden colours do not
 * bleed into visible ones. */
static void
resize_row (const guint8 *row, int channels, const Axis *axis, int new_width, float *out)
{
  for (int x = 0; x < new_width; x++)
    {
      const Tap *tap = &axis->taps[x];
      float sum[4] = { 0, 0, 0, 0 };
      for (int i = 0; i < tap->n; i++)
        {
          const guint8 *pixel = row + (gsize) (tap->first + i) * channels;
          float weight = tap->weights[i];
          float colour = channels == 4 ? weight * pixel[3] / 255.0f : weight;
          for (int c = 0; c < MIN (channels, 3); c++)
            sum[c] += colour * pixel[c];
          if (channels == 4)
            sum[3] += weight * pixel[3];
        }
      memcpy (out + (gsize) x * channels, sum, channels * sizeof (float));
    }
}

static guint8
to_byte (float value)
{
  return (guint8) CLAMP (value + 0.5f, 0.0f, 255.0f);
}

static void
store_bytes (const float *sum, int y, gpointer target)
{
  TacetImage *to = target;
  int channels = to->channels;
  guint8 *out = to->data + (gsize) y * to->width * channels;
  for (int x = 0; x < to->width; x++, sum += channels, out += channels)
    {
      float unmultiply = channels == 4 && sum[3] > 0 ? 255.0f / sum[3] : 1.0f;
      for (int c = 0; c < MIN (channels, 3); c++)
        out[c] = to_byte (sum[c] * unmultiply);
      if (channels == 4)
        out[3] = to_byte (sum[3]);
    }
}

typedef struct
{
  float *out;
  gsize length; /* of a row */
} Floats;

static void
store_floats (const float *sum, int y, gpointer target)
{
  Floats *floats = target;
  memcpy (floats->out + y * floats->length, sum, floats->length * sizeof (float));
}

/* Gives every new row, as sums over source rows, to `store`. */
typedef void (*StoreFunc) (const float *sum, int y, gpointer target);

static void
stream_rows (const TacetImage *from, int width, int height, const Axis *across, const Axis *down, float *rows,
             StoreFunc store, gpointer target)
{
  gsize length = (gsize) width * from->channels;
  float *cache[2] = { rows, rows + length }, *sum = rows + 2 * length;
  int cached[2] = { -1, -1 };

  for (int y = 0; y < height; y++)
    {
      const Tap *tap = &down->taps[y];
      memset (sum, 0, length * sizeof (float));
      for (int i = 0; i < tap->n; i++)
        {
          int source = tap->first + i, slot = source & 1;
          if (cached[slot] != source)
            resize_row (from->data + (gsize) source * from->width * from->channels, from->channels, across, width,
                        cache[slot]);
          cached[slot] = source;
          for (gsize j = 0; j < length; j++)
            sum[j] += tap->weights[i] * cache[slot][j];
        }
      store (sum, y, target);
    }
}

static gboolean
resize_smooth (const TacetImage *from, int width, int height, StoreFunc store, gpointer target)
{
  Axis across = { 0 }, down = { 0 };
  float *rows = g_try_malloc_n ((gsize) 3 * width * from->channels, sizeof (float));
  gboolean ready = rows != NULL && axis_init (&across, from->width, width) && axis_init (&down, from->height, height);
  if (ready)
    stream_rows (from, width, height, &across, &down, rows, store, target);
  axis_clear (&across);
  axis_clear (&down);
  g_free (rows);
  return ready;
}

static void
resize_nearest (const TacetImage *from, TacetImage *to)
{
  int channels = from->channels;
  for (int y = 0; y < to->height; y++)
    {
      gsize source_y = ((gsize) 2 * y + 1) * from->height / (2 * (gsize) to->height);
      for (int x = 0; x < to->width; x++)
        {
          gsize source_x = ((gsize) 2 * x + 1) * from->width / (2 * (gsize) to->width);
          memcpy (to->data + ((gsize) y * to->width + x) * channels,
                  from->data + (source_y * from->width + source_x) * channels, channels);
        }
    }
}

TacetImage *
tacet_image_resize (const TacetImage *self, int width, int height, gboolean nearest)
{
  if (width == self->width && height == self->height)
    return tacet_image_copy (self);
  TacetImage *resized = tacet_image_new (width, height, self->channels);
  if (resized == NULL)
    return NULL;
  if (nearest)
    {
      resize_nearest (self, resized);
      return resized;
    }

  if (!resize_smooth (self, width, height, store_bytes, resized))
    g_clear_pointer (&resized, tacet_image_unref);
  return resized;
}

gboolean
tacet_image_resample (const TacetImage *self, int width, int height, float *out)
{
  Floats floats = { out, (gsize) width * self->channels };
  g_return_val_if_fail (width >= 1 && height >= 1, FALSE);
  return resize_smooth (self, width, height, store_floats, &floats);
}
