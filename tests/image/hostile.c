/* hostile.c: PNG files made by hand, chunk by chunk, right and wrong.
 *
 * Room: tests/image.
 */
#include "hostile.h"
#include <string.h>
#include <zlib.h>

GByteArray *
hostile_png_new (void)
{
  return g_byte_array_append (g_byte_array_new (), (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
}

static void
append_u32 (GByteArray *png, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);
  g_byte_array_append (png, (const guint8 *) &big, 4);
}

void
hostile_png_chunk (GByteArray *png, const char *type, gconstpointer data, gsize size)
{
  append_u32 (png, (guint32) size);
  g_byte_array_append (png, (const guint8 *) type, 4);
  if (size > 0)
    g_byte_array_append (png, data, (guint) size);
  append_u32 (png, (guint32) crc32 (0, png->data + png->len - size - 4, (uInt) size + 4));
}

void
hostile_png_header (GByteArray *png, guint32 width, guint32 height, int depth, int color, int interlace)
{
  guint8 header[13] = { 0 };
  guint32 sides[2] = { GUINT32_TO_BE (width), GUINT32_TO_BE (height) };
  memcpy (header, sides, 8);
  header[8] = (guint8) depth;
  header[9] = (guint8) color;
  header[12] = (guint8) interlace;
  hostile_png_chunk (png, "IHDR", header, sizeof header);
}

void
hostile_png_pixels (GByteArray *png, gconstpointer raw, gsize size)
{
  uLongf packed_size = compressBound (size);
  guint8 *packed = g_malloc (packed_size);
  compress (packed, &packed_size, raw, size);
  hostile_png_chunk (png, "IDAT", packed, packed_size);
  g_free (packed);
}
