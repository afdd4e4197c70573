/* tacet-image.c: pictures in memory: making, sharing, comparing, changing channels.
 *
 * Room: engine/image.
 */
#define _DEFAULT_SOURCE /* madvise */
#include "tacet-image.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE  ((gsize) 2 << 20)
#define MANY_PAGES 4

GQuark
tacet_image_error_quark (void)
{
  return g_quark_from_static_string ("tacet-image-error");
}

typedef struct
{
  TacetImage image; /* first: a TacetImage is a pointer to this */
  gatomicrefcount refs;
} SharedImage;

gsize
tacet_image_bytes (const TacetImage *self)
{
  return self ? (gsize) self->width * self->height * self->channels : 0;
}

gboolean
tacet_image_is_filled (const TacetImage *self, guint8 value)
{
  return self->data[0] == value && memcmp (self->data, self->data + 1, tacet_image_bytes (self) - 1) == 0;
}

TacetImage *
tacet_image_alpha (const TacetImage *self)
{
  TacetImage *alpha = tacet_image_new (self->width, self->height, 1);
  gsize n = (gsize) self->width * self->height;
  for (gsize i = 0; alpha && i < n; i++)
    alpha->data[i] = self->channels == 4 ? self->data[4 * i + 3] : 255;
  return alpha;
}

TacetImage *
tacet_image_with_alpha (const TacetImage *colours, const TacetImage *alpha)
{
  TacetImage *image = tacet_image_new (alpha->width, alpha->height, 4);
  gsize n = (gsize) alpha->width * alpha->height;
  int channels = colours ? colours->channels : 0;
  for (gsize i = 0; image && i < n; i++)
    {
      guint8 *pixel = image->data + 4 * i;
      for (int k = 0; k < 3; k++)
        pixel[k] = channels ? colours->data[channels * i + (channels >= 3 ? k : 0)] : 255;
      pixel[3] = alpha->data[i];
    }
  return image;
}

/* A large copy is made between two points of a stroke: with huge pages it takes a quarter of the time, as the kernel
 * hands out a few pages instead of thousands. */
static guint8 *
allocate (gsize size, gboolean zeros)
{
  gpointer data = NULL;
  if (zeros)
    return g_try_malloc0 (size); /* nothing is touched until it is written */
  if (size < MANY_PAGES * HUGE_PAGE)
    return g_try_malloc (size);
  if (posix_memalign (&data, HUGE_PAGE, size) != 0)
    return NULL;
  madvise (data, size, MADV_HUGEPAGE); /* a wish */
  return data;
}

static TacetImage *
new_image (int width, int height, int channels, gboolean zeros)
{
  if (width < 1 || height < 1 || width > TACET_IMAGE_MAX_SIDE || height > TACET_IMAGE_MAX_SIDE)
    return NULL;
  if (channels != 1 && channels != 3 && channels != 4)
    return NULL;

  SharedImage *shared = g_try_new0 (SharedImage, 1);
  if (shared == NULL)
    return NULL;
  shared->image = (TacetImage){ .width = width, .height = height, .channels = channels };
  shared->image.data = allocate (tacet_image_bytes (&shared->image), zeros);
  if (shared->image.data == NULL)
    {
      g_free (shared);
      return NULL;
    }
  g_atomic_ref_count_init (&shared->refs);
  return &shared->image;
}

TacetImage *
tacet_image_new (int width, int height, int channels)
{
  return new_image (width, height, channels, TRUE);
}

TacetImage *
tacet_image_ref (TacetImage *self)
{
  g_atomic_ref_count_inc (&((SharedImage *) self)->refs);
  return self;
}

void
tacet_image_unref (TacetImage *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&((SharedImage *) self)->refs))
    return;
  g_free (self->data);
  g_free (self);
}

TacetImage *
tacet_image_copy (const TacetImage *self)
{
  TacetImage *copy = new_image (self->width, self->height, self->channels, FALSE);
  if (copy != NULL)
    memcpy (copy->data, self->data, tacet_image_bytes (self));
  return copy;
}

/* A reference more can only come from the caller, who is the one that asks. */
gboolean
tacet_image_make_writable (TacetImage **image)
{
  if (*image == NULL || g_atomic_ref_count_compare (&((SharedImage *) *image)->refs, 1))
    return TRUE;
  TacetImage *copy = tacet_image_copy (*image);
  if (copy == NULL)
    return FALSE;
  tacet_image_unref (*image);
  *image = copy;
  return TRUE;
}

gboolean
tacet_image_equal (const TacetImage *a, const TacetImage *b)
{
  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL)
    return FALSE;
  return a->width == b->width && a->height == b->height && a->channels == b->channels &&
         memcmp (a->data, b->data, tacet_image_bytes (a)) == 0;
}

/* Rec. 601 in 15-bit fixed point, rounded: the weights of cv::cvtColor, so that gray edges agree. */
static guint8
luma (const guint8 *rgb)
{
  return (guint8) ((rgb[0] * 9798 + rgb[1] * 19235 + rgb[2] * 3735 + (1 << 14)) >> 15);
}

static void
convert_pixel (const guint8 *from, int from_channels, guint8 *to, int to_channels)
{
  if (to_channels == 1)
    {
      to[0] = from_channels == 1 ? from[0] : luma (from);
      return;
    }
  for (int c = 0; c < 3; c++)
    to[c] = from[from_channels == 1 ? 0 : c];
  if (to_channels == 4)
    to[3] = from_channels == 4 ? from[3] : 255;
}

TacetImage *
tacet_image_convert (const TacetImage *self, int channels)
{
  if (channels == self->channels)
    return tacet_image_copy (self);
  TacetImage *converted = tacet_image_new (self->width, self->height, channels);
  if (converted == NULL)
    return NULL;
  gsize n = (gsize) self->width * self->height;
  for (gsize i = 0; i < n; i++)
    convert_pixel (self->data + i * self->channels, self->channels, converted->data + i * channels, channels);
  return converted;
}
