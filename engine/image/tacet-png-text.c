/* tacet-png-text.c: the text chunks of PNG files, read without decoding the picture.
 *
 * Room: engine/image.  Source: the PNG specification (W3C, third edition), 5.3, 11.3.3.  Files are hostile: chunks are
 * walked by hand, only the one that is asked for is read, and it may inflate to a limit.
 */
#include "config.h"
#include "tacet-png.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define MAX_CHUNKS 100000

typedef struct
{
  FILE *file;
  const char *key;
  char *text;      /* what was found */
  gboolean broken; /* a chunk of this key could not be read */
} Search;

/* CRC-32 of the specification, bit by bit from a table of nibbles. */
static guint32
update_crc (guint32 crc, const guint8 *data, gsize n)
{
  static const guint32 table[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                     0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };
  for (gsize i = 0; i < n; i++)
    {
      crc ^= data[i];
      crc = table[crc & 15] ^ (crc >> 4);
      crc = table[crc & 15] ^ (crc >> 4);
    }
  return crc;
}

static guint32
big_endian (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

/* zlib's format; NULL: damaged, or larger than the limit. */
static char *
inflate (const guint8 *data, gsize n, gsize *length)
{
  g_autoptr (GZlibDecompressor) zlib = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint8 part[16384];
  GConverterResult result = G_CONVERTER_CONVERTED;
  while (result != G_CONVERTER_FINISHED)
    {
      gsize read = 0, written = 0;
      result = g_converter_convert (G_CONVERTER (zlib), data, n, part, sizeof part, G_CONVERTER_INPUT_AT_END, &read,
                                    &written, NULL);
      if (result == G_CONVERTER_ERROR || out->len + written > TACET_PNG_MAX_TEXT)
        return NULL;
      g_byte_array_append (out, part, (guint) written);
      data += read;
      n -= read;
    }
  *length = out->len;
  return g_strndup ((const char *) out->data, out->len);
}

/* The rest of an iTXt chunk after its key: flag, method, language, translated key, text. */
static char *
international (const guint8 *data, gsize n)
{
  if (n < 2)
    return NULL;
  gboolean compressed = data[0] == 1;
  const guint8 *end = data + n, *at = data + 2;
  for (int i = 0; i < 2 && at != NULL; i++)
    {
      at = memchr (at, 0, (gsize) (end - at));
      at = at != NULL ? at + 1 : NULL;
    }
  if (at == NULL || data[0] > 1 || (compressed && data[1] != 0))
    return NULL;
  gsize length = (gsize) (end - at);
  g_autofree char *text = compressed ? inflate (at, length, &length) : g_strndup ((const char *) at, length);
  return text != NULL ? g_utf8_make_valid (text, -1) : NULL;
}

static char *
latin1 (const char *text, gsize length)
{
  return text != NULL ? g_convert (text, (gssize) length, "UTF-8", "ISO-8859-1", NULL, NULL, NULL) : NULL;
}

/* type: that of the chunk; NULL: damaged */
static char *
decode_text (const guint8 *type, const guint8 *data, gsize n)
{
  if (memcmp (type, "tEXt", 4) == 0)
    return latin1 ((const char *) data, n);
  if (memcmp (type, "iTXt", 4) == 0)
    return international (data, n);
  gsize length = 0;
  g_autofree char *text = n >= 1 && data[0] == 0 ? inflate (data + 1, n - 1, &length) : NULL;
  return latin1 (text, length);
}

static gboolean
skip (Search *self, guint32 length)
{
  return fseeko (self->file, (off_t) length + 4, SEEK_CUR) == 0;
}

/* A text chunk; reads it only if its key is the one. */
static gboolean
read_text (Search *self, const guint8 *type, guint32 length)
{
  gsize key_length = strlen (self->key) + 1;
  guint8 key[80], tail[4];
  if (length < key_length || key_length > sizeof key)
    return skip (self, length);
  if (fread (key, 1, key_length, self->file) != key_length)
    return FALSE;
  length -= (guint32) key_length;
  if (memcmp (key, self->key, key_length) != 0)
    return skip (self, length);
  g_autofree guint8 *data = length <= TACET_PNG_MAX_TEXT ? g_try_malloc (MAX (length, 1)) : NULL;
  if (data == NULL)
    {
      self->broken = TRUE;
      return skip (self, length);
    }
  self->broken = fread (data, 1, length, self->file) != length || fread (tail, 1, 4, self->file) != 4;
  if (self->broken)
    return FALSE;
  guint32 crc = update_crc (update_crc (update_crc (0xffffffff, type, 4), key, key_length), data, length);
  self->text = (crc ^ 0xffffffff) == big_endian (tail) ? decode_text (type, data, length) : NULL;
  self->broken = self->text == NULL;
  return TRUE;
}

static void
walk (Search *self)
{
  guint8 header[8];
  for (int i = 0; i < MAX_CHUNKS && self->text == NULL && fread (header, 1, 8, self->file) == 8; i++)
    {
      guint32 length = big_endian (header);
      const guint8 *type = header + 4;
      gboolean is_text =
          memcmp (type, "tEXt", 4) == 0 || memcmp (type, "zTXt", 4) == 0 || memcmp (type, "iTXt", 4) == 0;
      if (length > G_MAXINT32 || memcmp (type, "IEND", 4) == 0)
        return;
      if (is_text ? !read_text (self, type, length) : !skip (self, length))
        return;
    }
}

char *
tacet_image_load_png_text (const char *path, const char *key, GError **error)
{
  TacetPng png = { .path = path };
  Search search = { .key = key };
  if (tacet_png_open_file (&png))
    {
      search.file = png.file;
      walk (&search);
    }
  if (png.file != NULL)
    fclose (png.file);
  if (png.error == NULL && search.text == NULL && search.broken)
    png.error = g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT, _ ("its text “%s” is damaged"), key);
  if (png.error != NULL)
    g_set_error (error, png.error->domain, png.error->code, _ ("“%s” could not be read as a picture: %s."), path,
                 png.error->message);
  g_clear_error (&png.error);
  return search.text;
}

gboolean
tacet_image_is_png (const char *path)
{
  TacetPng png = { .path = path };
  gboolean is_png = tacet_png_open_file (&png);
  if (png.file != NULL)
    fclose (png.file);
  g_clear_error (&png.error);
  return is_png;
}
