/* tacet-image-header.c: what the head of a picture file says: format, size, which way is up, how many pictures.
 *
 * Room: engine/image.  Sources: PNG (W3C, third edition) 5, 11.3; JFIF 1.02 and ITU-T T.81 annex B; RFC 9649 (WebP);
 * GIF89a; ISO/IEC 23008-12 and 14496-12 (boxes); TIFF 6.0; the BITMAPINFOHEADER of Windows.  Files are hostile: what
 * lies outside the bytes reads as zero, and every loop moves on.
 */
#define _GNU_SOURCE /* memmem */
#include "config.h"
#include "tacet-exif.h"
#include "tacet-image-file.h"
#include <string.h>

#define MAX_CHUNKS  100000
#define MAX_PROFILE (256 << 10) /* of a compressed one, which can be a bomb */
#define UNTIL_END   G_MAXSIZE

static void
take_exif (TacetImageHeader *self, TacetSpan span)
{
  TacetTags tags;
  if (tacet_span_is (span, 0, "Exif"))
    span = tacet_span (span, 6, UNTIL_END);
  if (tacet_tags_read (&tags, span))
    self->orientation = tags.orientation;
}

static void
take_profile (TacetImageHeader *self, TacetSpan profile)
{
  if (self->profile == NULL)
    self->profile = tacet_profile_name (profile);
}

/* ---- PNG ---- */

/* A name, a zero, the method, then a zlib stream of which the beginning is enough. */
static void
take_packed_profile (TacetImageHeader *self, TacetSpan chunk)
{
  const guint8 *zero = memchr (chunk.data, 0, chunk.size);
  g_autofree guint8 *out = zero != NULL ? g_try_malloc (MAX_PROFILE) : NULL;
  if (out == NULL)
    return;
  TacetSpan packed = tacet_span (chunk, (gsize) (zero - chunk.data) + 2, UNTIL_END);
  g_autoptr (GZlibDecompressor) zlib = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  gsize read, written = 0;
  if (packed.size > 0 && g_converter_convert (G_CONVERTER (zlib), packed.data, packed.size, out, MAX_PROFILE,
                                              G_CONVERTER_NO_FLAGS, &read, &written, NULL) != G_CONVERTER_ERROR)
    take_profile (self, (TacetSpan){ out, written });
}

static void
read_png (TacetImageHeader *self, TacetSpan file)
{
  gsize at = 8;
  self->width = tacet_span_big (file, 16, 4);
  self->height = tacet_span_big (file, 20, 4);
  for (int i = 0; i < MAX_CHUNKS && at < file.size && !tacet_span_is (file, at + 4, "IEND"); i++)
    {
      TacetSpan chunk = tacet_span (file, at + 8, tacet_span_big (file, at, 4));
      if (tacet_span_is (file, at + 4, "iCCP"))
        take_packed_profile (self, chunk);
      else if (tacet_span_is (file, at + 4, "eXIf"))
        take_exif (self, chunk);
      else if (tacet_span_is (file, at + 4, "acTL"))
        self->several = tacet_span_big (chunk, 0, 4) > 1;
      at += 12 + chunk.size;
    }
}

/* ---- JPEG ---- */

static void
read_jpeg (TacetImageHeader *self, TacetSpan file)
{
  gsize at = 2;
  while (at < file.size)
    {
      guint32 marker = tacet_span_big (file, at, 2);
      if (marker < 0xff01 || marker == 0xffff || (marker >= 0xffd0 && marker <= 0xffd8))
        {
          at += 1 + (marker > 0xff00 && marker != 0xffff); /* padding, or a marker without a length */
          continue;
        }
      if (marker == 0xffda) /* the pixels begin */
        {
          self->cut = memmem (file.data + at, file.size - at, "\xff\xd9", 2) == NULL;
          return;
        }
      TacetSpan segment = tacet_span (file, at + 4, MAX (tacet_span_big (file, at + 2, 2), 2) - 2);
      if (marker >= 0xffc0 && marker <= 0xffcf && marker != 0xffc4 && marker != 0xffc8 && marker != 0xffcc)
        {
          self->height = tacet_span_big (segment, 1, 2);
          self->width = tacet_span_big (segment, 3, 2);
        }
      else if (marker == 0xffe1 && tacet_span_is (segment, 0, "Exif"))
        take_exif (self, segment);
      else if (marker == 0xffe2 && tacet_span_is (segment, 0, "ICC_PROFILE"))
        take_profile (self, tacet_span (segment, 14, UNTIL_END)); /* its first part has the name */
      at += 4 + segment.size;
    }
}

/* ---- WebP ---- */

static void
read_webp_chunk (TacetImageHeader *self, TacetSpan file, gsize at, TacetSpan chunk)
{
  gboolean first = self->width == 0;
  if (tacet_span_is (file, at, "VP8X"))
    {
      self->several = (tacet_span_little (chunk, 0, 2) & 2) != 0;
      self->width = (tacet_span_little (chunk, 4, 4) & 0xffffff) + 1;
      self->height = (tacet_span_little (chunk, 6, 4) >> 8) + 1;
    }
  else if (tacet_span_is (file, at, "VP8 ") && first)
    {
      self->width = tacet_span_little (chunk, 6, 2) & 0x3fff;
      self->height = tacet_span_little (chunk, 8, 2) & 0x3fff;
    }
  else if (tacet_span_is (file, at, "VP8L") && first)
    {
      self->width = (tacet_span_little (chunk, 1, 4) & 0x3fff) + 1;
      self->height = (tacet_span_little (chunk, 1, 4) >> 14 & 0x3fff) + 1;
    }
  else if (tacet_span_is (file, at, "EXIF"))
    take_exif (self, chunk);
  else if (tacet_span_is (file, at, "ICCP"))
    take_profile (self, chunk);
}

static void
read_webp (TacetImageHeader *self, TacetSpan file)
{
  gsize at = 12;
  self->cut = tacet_span_little (file, 4, 4) > file.size - 8;
  for (int i = 0; i < MAX_CHUNKS && at < file.size; i++)
    {
      TacetSpan chunk = tacet_span (file, at + 8, tacet_span_little (file, at + 4, 4));
      read_webp_chunk (self, file, at, chunk);
      at += 8 + chunk.size + (chunk.size & 1);
    }
}

/* ---- GIF ---- */

/* Behind the blocks that begin at `at`: each has a length, the last has none. */
static gsize
skip_blocks (TacetSpan file, gsize at)
{
  while (at < file.size && file.data[at] != 0)
    at += 1 + (gsize) file.data[at];
  return at + 1;
}

static gsize
table_size (guint32 flags)
{
  return (flags & 0x80) != 0 ? (gsize) 3 << ((flags & 7) + 1) : 0;
}

static void
read_gif (TacetImageHeader *self, TacetSpan file)
{
  gsize at = 13 + table_size (tacet_span_big (file, 10, 1));
  int n_pictures = 0;
  self->width = tacet_span_little (file, 6, 2);
  self->height = tacet_span_little (file, 8, 2);
  while (at < file.size && n_pictures < 2)
    {
      guint32 kind = tacet_span_big (file, at, 1);
      if (kind == 0x21) /* an extension */
        at = skip_blocks (file, at + 2);
      else if (kind == 0x2c)
        {
          n_pictures++;
          at = skip_blocks (file, at + 11 + table_size (tacet_span_big (file, at + 9, 1)));
          if (n_pictures == 1)
            self->first_end = MIN (at, file.size);
        }
      else
        break;
    }
  self->several = n_pictures > 1;
}

/* ---- boxes of AVIF and HEIC ---- */

/* The size of the largest picture: tiles and thumbnails have sizes of their own. */
static void
read_boxes (TacetImageHeader *self, TacetSpan span, int depth)
{
  gsize at = 0;
  for (int i = 0; i < MAX_CHUNKS && at + 8 <= span.size; i++)
    {
      guint32 size = tacet_span_big (span, at, 4);
      TacetSpan box = tacet_span (span, at + 8, size >= 8 ? size - 8 : size == 0 ? UNTIL_END : 0);
      if (tacet_span_is (span, at + 4, "meta") && depth < 4)
        read_boxes (self, tacet_span (box, 4, UNTIL_END), depth + 1);
      else if ((tacet_span_is (span, at + 4, "iprp") || tacet_span_is (span, at + 4, "ipco")) && depth < 4)
        read_boxes (self, box, depth + 1);
      else if (tacet_span_is (span, at + 4, "ispe"))
        {
          self->width = MAX (self->width, tacet_span_big (box, 4, 4));
          self->height = MAX (self->height, tacet_span_big (box, 8, 4));
        }
      else if (tacet_span_is (span, at + 4, "colr") && tacet_span_is (box, 0, "prof"))
        take_profile (self, tacet_span (box, 4, UNTIL_END));
      at += 8 + box.size;
    }
}

static void
read_avif (TacetImageHeader *self, TacetSpan file)
{
  self->several = tacet_span_is (file, 8, "avis") || tacet_span_is (file, 8, "msf1");
  read_boxes (self, file, 0);
}

/* ---- the plain ones ---- */

static void
read_tiff (TacetImageHeader *self, TacetSpan file)
{
  TacetTags tags;
  if (!tacet_tags_read (&tags, file))
    return;
  self->width = tags.width;
  self->height = tags.height;
  self->orientation = tags.orientation;
  self->several = tags.several;
  take_profile (self, tags.profile);
}

static void
read_bmp (TacetImageHeader *self, TacetSpan file)
{
  gboolean old = tacet_span_little (file, 14, 4) == 12;
  guint32 height = old ? tacet_span_little (file, 20, 2) : tacet_span_little (file, 22, 4);
  self->width = tacet_span_little (file, 18, old ? 2 : 4);
  self->height = !old && height > G_MAXINT32 ? 0 - height : height; /* negative: from the top */
}

/* ---- which one it is ---- */

static gboolean
is_avif (TacetSpan file)
{
  static const char *const brands[] = { "avif", "avis", "heic", "heix", "mif1", "msf1" };
  gboolean is = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (brands) && tacet_span_is (file, 4, "ftyp"); i++)
    is = is || tacet_span_is (file, 8, brands[i]);
  return is;
}

static TacetImageFormat
find_format (TacetSpan file)
{
  if (tacet_span_is (file, 0, "\x89PNG\r\n\x1a\n"))
    return TACET_FORMAT_PNG;
  if (tacet_span_is (file, 0, "\xff\xd8\xff"))
    return TACET_FORMAT_JPEG;
  if (tacet_span_is (file, 0, "RIFF") && tacet_span_is (file, 8, "WEBP"))
    return TACET_FORMAT_WEBP;
  if (tacet_span_is (file, 0, "GIF87a") || tacet_span_is (file, 0, "GIF89a"))
    return TACET_FORMAT_GIF;
  if (tacet_span_big (file, 0, 4) == 0x49492a00 || tacet_span_big (file, 0, 4) == 0x4d4d002a)
    return TACET_FORMAT_TIFF;
  if (tacet_span_is (file, 0, "BM") && file.size > 26)
    return TACET_FORMAT_BMP;
  return is_avif (file) ? TACET_FORMAT_AVIF : TACET_FORMAT_NONE;
}

gboolean
tacet_image_header_read (TacetImageHeader *self, gconstpointer data, gsize size)
{
  static void (*const readers[TACET_N_FORMATS]) (TacetImageHeader *, TacetSpan) = {
    [TACET_FORMAT_PNG] = read_png,   [TACET_FORMAT_JPEG] = read_jpeg, [TACET_FORMAT_WEBP] = read_webp,
    [TACET_FORMAT_AVIF] = read_avif, [TACET_FORMAT_TIFF] = read_tiff, [TACET_FORMAT_GIF] = read_gif,
    [TACET_FORMAT_BMP] = read_bmp,
  };
  TacetSpan file = { data, size };
  *self = (TacetImageHeader){ .format = find_format (file), .orientation = 1, .first_end = size };
  if (self->format != TACET_FORMAT_NONE)
    readers[self->format](self, file);
  return self->format != TACET_FORMAT_NONE;
}

void
tacet_image_header_clear (TacetImageHeader *self)
{
  g_clear_pointer (&self->profile, g_free);
}
