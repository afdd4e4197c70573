/* tacet-pixbuf.c: pictures decoded by gdk-pixbuf, piece by piece.
 *
 * Room: engine/image.  The one place that knows it.  The decoder is named by us, so that a file cannot choose an
 * exotic one; what it announces is measured once more before it asks for memory.
 */
#include "config.h"
#include "tacet-pixbuf.h"
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define PIECE 65536

static void
size_prepared_cb (GdkPixbufLoader *loader, int width, int height, gboolean *too_large)
{
  *too_large = width > TACET_IMAGE_MAX_SIDE || height > TACET_IMAGE_MAX_SIDE;
  if (*too_large)
    gdk_pixbuf_loader_set_size (loader, 0, 0); /* decodes nothing */
}

/* Straight alpha of TIFF's premultiplied one. */
static void
divide_by_alpha (guint8 *pixel)
{
  for (int c = 0; c < 3 && pixel[3] > 0; c++)
    pixel[c] = (guint8) MIN ((pixel[c] * 255 + pixel[3] / 2) / pixel[3], 255);
}

static gboolean
is_opaque (const GdkPixbuf *pixbuf)
{
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  int width = gdk_pixbuf_get_width (pixbuf), height = gdk_pixbuf_get_height (pixbuf);
  gsize stride = (gsize) gdk_pixbuf_get_rowstride (pixbuf);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      if (pixels[y * stride + 4 * (gsize) x + 3] != 255)
        return FALSE;
  return TRUE;
}

/* Alpha that says nothing is left out: some decoders always have one. */
static TacetImage *
from_pixbuf (const GdkPixbuf *pixbuf, gboolean premultiplied)
{
  int width = gdk_pixbuf_get_width (pixbuf), height = gdk_pixbuf_get_height (pixbuf);
  int stored = gdk_pixbuf_get_n_channels (pixbuf), channels = stored == 4 && !is_opaque (pixbuf) ? 4 : 3;
  gsize stride = (gsize) gdk_pixbuf_get_rowstride (pixbuf);
  TacetImage *image = tacet_image_new (width, height, channels);
  guint8 *to = image != NULL ? image->data : NULL;
  for (int y = 0; to != NULL && y < height; y++)
    {
      const guint8 *from = gdk_pixbuf_read_pixels (pixbuf) + y * stride;
      for (int x = 0; x < width; x++, from += stored, to += channels)
        {
          memcpy (to, from, (gsize) channels);
          if (channels == 4 && premultiplied)
            divide_by_alpha (to);
        }
    }
  return image;
}

static gboolean
feed (GdkPixbufLoader *loader, const guint8 *data, gsize size, const TacetImageLoading *loading, GError **error)
{
  for (gsize at = 0; at < size; at += PIECE)
    {
      if (g_cancellable_set_error_if_cancelled (loading->cancellable, error) ||
          !gdk_pixbuf_loader_write (loader, data + at, MIN (PIECE, size - at), error))
        return FALSE;
      tacet_image_report_progress (loading, (double) at / (double) size);
    }
  return TRUE;
}

/* The first picture only: what follows it in a GIF would be unpacked for nothing, so the file is ended there. */
static gboolean
feed_all (GdkPixbufLoader *loader, const TacetImageHeader *header, const guint8 *data, gsize size,
          const TacetImageLoading *loading, GError **error)
{
  static const guint8 end_of_gif = 0x3b;
  if (!feed (loader, data, MIN (size, header->first_end), loading, error))
    return FALSE;
  return header->format != TACET_FORMAT_GIF || gdk_pixbuf_loader_write (loader, &end_of_gif, 1, error);
}

TacetImage *
tacet_pixbuf_decode (const TacetImageHeader *header, const guint8 *data, gsize size, const TacetImageLoading *loading,
                     GError **error)
{
  gboolean too_large = FALSE;
  g_autoptr (GdkPixbufLoader) loader =
      gdk_pixbuf_loader_new_with_type (tacet_pixbuf_loader_name (header->format), error);
  if (loader == NULL)
    return NULL;
  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared_cb), &too_large);
  gboolean fed = feed_all (loader, header, data, size, loading, error);
  /* A decoder must be closed in any case, and some decode only then. */
  gboolean closed = gdk_pixbuf_loader_close (loader, fed ? error : NULL);
  if (too_large)
    {
      g_clear_error (error);
      g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_TOO_LARGE, _ ("the limit is %d pixels a side"),
                   TACET_IMAGE_MAX_SIDE);
    }
  GdkPixbuf *pixbuf = fed && closed && !too_large ? gdk_pixbuf_loader_get_pixbuf (loader) : NULL;
  if (pixbuf == NULL)
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT, "%s", _ ("it holds no picture"));
      return NULL;
    }
  gboolean tiff = header->format == TACET_FORMAT_TIFF;
  /* The decoder of TIFF mirrors what it can by itself, and says what remains to be turned. */
  g_autoptr (GdkPixbuf) upright = tiff ? gdk_pixbuf_apply_embedded_orientation (pixbuf) : g_object_ref (pixbuf);
  TacetImage *image = upright != NULL ? from_pixbuf (upright, tiff) : NULL;
  if (image == NULL)
    g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_NO_MEMORY, "%s", _ ("there is not enough memory"));
  return image;
}
