/* tacet-zip-write.c: a new zip archive.
 *
 * Room: engine/weights.  All times are the first that the format knows: equal contents are equal archives.
 */
#include "config.h"

#include "engine/image/tacet-image.h"
#include "tacet-zip.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define UTF8_NAMES  0x0800
#define FIRST_DAY   0x0021 /* 1 January 1980 */
#define VERSION     20
#define VERSION64   45
#define UNIX        (3 << 8)
#define PLAIN_FILE  (0100644u << 16)
#define MAX_ENTRIES 65534u
#define MAX_SIZE    0xfffffffeu

typedef struct
{
  char *name;
  guint64 start;
  guint32 size, crc;
} Entry;

struct _TacetZipWriter
{
  int fd;
  gint64 at; /* in the file; < 0: fd cannot tell */
  GPtrArray *entries;
};

static void
entry_free (gpointer data)
{
  Entry *self = data;
  g_free (self->name);
  g_free (self);
}

TacetZipWriter *
tacet_zip_writer_new (int fd)
{
  TacetZipWriter *self = g_new0 (TacetZipWriter, 1);
  self->fd = fd;
  self->at = lseek (fd, 0, SEEK_CUR);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

void
tacet_zip_writer_free (TacetZipWriter *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static void
put (GByteArray *out, guint64 value, int bytes)
{
  for (int i = 0; i < bytes; i++)
    {
      guint8 byte = (guint8) (value >> 8 * i);
      g_byte_array_append (out, &byte, 1);
    }
}

/* From "version needed" to "length of the extra field", which both headers of an entry have. */
static void
put_common (GByteArray *out, const Entry *e, int version, gsize extra)
{
  put (out, version, 2);
  put (out, g_str_is_ascii (e->name) ? 0 : UTF8_NAMES, 2);
  put (out, 0, 2); /* stored */
  put (out, 0, 2);
  put (out, FIRST_DAY, 2);
  put (out, e->crc, 4);
  put (out, e->size, 4);
  put (out, e->size, 4);
  put (out, strlen (e->name), 2);
  put (out, extra, 2);
}

static int
write_out (TacetZipWriter *self, gconstpointer data, gsize size)
{
  int code = tacet_write_bytes (self->fd, data, size);
  if (code == 0)
    self->at += (gint64) size;
  return code;
}

int
tacet_zip_writer_add (TacetZipWriter *self, const char *name, gconstpointer data, gsize size)
{
  g_autoptr (GByteArray) head = g_byte_array_new ();
  if (self->at < 0 || strlen (name) > 0xffff)
    return EINVAL;
  if (size > MAX_SIZE || self->entries->len >= MAX_ENTRIES)
    return EFBIG;
  Entry *e = g_new0 (Entry, 1);
  e->name = g_strdup (name);
  e->start = (guint64) self->at;
  e->size = (guint32) size;
  e->crc = (guint32) crc32_z (0, data, size);
  g_ptr_array_add (self->entries, e);
  put (head, 0x04034b50, 4);
  put_common (head, e, VERSION, 0);
  g_byte_array_append (head, (const guint8 *) name, (guint) strlen (name));
  int code = write_out (self, head->data, head->len);
  return code ? code : write_out (self, data, size);
}

static void
put_directory_entry (GByteArray *out, const Entry *e)
{
  gboolean large = e->start > MAX_SIZE;
  put (out, 0x02014b50, 4);
  put (out, UNIX | (large ? VERSION64 : VERSION), 2);
  put_common (out, e, large ? VERSION64 : VERSION, large ? 12 : 0);
  put (out, 0, 2); /* comment, disk, kind of contents */
  put (out, 0, 2);
  put (out, 0, 2);
  put (out, PLAIN_FILE, 4);
  put (out, large ? 0xffffffff : e->start, 4);
  g_byte_array_append (out, (const guint8 *) e->name, (guint) strlen (e->name));
  if (!large)
    return;
  put (out, 1, 2);
  put (out, 8, 2);
  put (out, e->start, 8);
}

int
tacet_zip_writer_finish (TacetZipWriter *self)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint n = self->entries->len;
  if (self->at < 0)
    return EINVAL;
  for (guint i = 0; i < n; i++)
    put_directory_entry (out, self->entries->pdata[i]);
  guint64 start = (guint64) self->at, size = out->len;
  gboolean large = start + size > MAX_SIZE;
  if (large)
    {
      put (out, 0x06064b50, 4);
      put (out, 44, 8); /* of what follows */
      put (out, UNIX | VERSION64, 2);
      put (out, VERSION64, 2);
      put (out, 0, 4);
      put (out, 0, 4);
      put (out, n, 8);
      put (out, n, 8);
      put (out, size, 8);
      put (out, start, 8);
      put (out, 0x07064b50, 4);
      put (out, 0, 4);
      put (out, start + size, 8);
      put (out, 1, 4);
    }
  put (out, 0x06054b50, 4);
  put (out, 0, 4);
  put (out, n, 2);
  put (out, n, 2);
  put (out, size, 4);
  put (out, large ? 0xffffffff : start, 4);
  put (out, 0, 2);
  return write_out (self, out->data, out->len);
}
