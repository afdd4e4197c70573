/* tacet-zip.c: the directory of a zip archive, every number of it checked, and the bytes of an entry.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "tacet-safetensors.h"
#include "tacet-zip.h"
#include <glib/gi18n-lib.h>
#include <string.h>
#include <zlib.h>

#define MAX_ENTRIES   100000u
#define MAX_DIRECTORY (32u << 20)
#define MAX_NAME      1024
#define LOCAL_SIZE    30
#define CENTRAL_SIZE  46
#define END_SIZE      22
#define LOCATOR_SIZE  20
#define END64_SIZE    56
#define ENCRYPTED     (1 | 64 | 8192) /* of the flags */

static guint32
u16 (const guint8 *p)
{
  return p[0] | (guint32) p[1] << 8;
}

static guint64
u32 (const guint8 *p)
{
  return u16 (p) | (guint64) u16 (p + 2) << 16;
}

static guint64
u64 (const guint8 *p)
{
  return u32 (p) | u32 (p + 4) << 32;
}

static void
entry_free (TacetZipEntry *self)
{
  g_free (self->name);
  g_free (self);
}

void
tacet_zip_free (TacetZip *self)
{
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

const TacetZipEntry *
tacet_zip_find (TacetZip *self, const char *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

static gboolean
damaged (GError **error)
{
  return tacet_file_invalid (error, _ ("the directory of the archive is damaged"));
}

/* The directory, and what ends it. */
typedef struct
{
  guint64 count, offset, size, end;
} Directory;

/* The numbers of a large archive; those that fitted the small record must be the same there. */
static gboolean
read_end64 (int fd, guint64 locator_at, Directory *d, GError **error)
{
  guint8 locator[LOCATOR_SIZE], r[END64_SIZE];
  if (!tacet_file_read (fd, locator_at, locator, sizeof locator, error))
    return FALSE;
  if (memcmp (locator, "PK\6\7", 4) != 0)
    return TRUE; /* not such an archive */
  const guint64 at = u64 (locator + 8);
  if (u32 (locator + 4) != 0 || u32 (locator + 16) != 1 || at > locator_at || locator_at - at < END64_SIZE)
    return damaged (error);
  if (!tacet_file_read (fd, at, r, sizeof r, error))
    return FALSE;
  if (memcmp (r, "PK\6\6", 4) != 0 || u64 (r + 4) != locator_at - at - 12 || u32 (r + 16) != 0 || u32 (r + 20) != 0 ||
      u64 (r + 24) != u64 (r + 32))
    return damaged (error);
  const Directory large = { u64 (r + 32), u64 (r + 48), u64 (r + 40), at };
  if ((d->count != 0xffff && d->count != large.count) || (d->size != 0xffffffff && d->size != large.size) ||
      (d->offset != 0xffffffff && d->offset != large.offset))
    return damaged (error);
  *d = large;
  return TRUE;
}

/* The last record of the file, behind which only a comment may follow. */
static gboolean
find_directory (int fd, guint64 file_size, Directory *d, GError **error)
{
  const gsize n = (gsize) MIN (file_size, END_SIZE + 0xffff);
  if (n < END_SIZE)
    return tacet_file_invalid (error, _ ("the archive is cut short"));
  g_autofree guint8 *tail = g_malloc (n);
  if (!tacet_file_read (fd, file_size - n, tail, n, error))
    return FALSE;
  for (gsize i = n - END_SIZE + 1; i-- > 0;)
    {
      const guint8 *r = tail + i;
      if (memcmp (r, "PK\5\6", 4) != 0 || u16 (r + 20) != n - i - END_SIZE)
        continue;
      const guint64 at = file_size - n + i;
      *d = (Directory){ u16 (r + 10), u32 (r + 16), u32 (r + 12), at };
      if (u16 (r + 4) != 0 || u16 (r + 6) != 0 || u16 (r + 8) != u16 (r + 10))
        return damaged (error);
      if (at >= LOCATOR_SIZE && !read_end64 (fd, at - LOCATOR_SIZE, d, error))
        return FALSE;
      if (d->offset > d->end || d->size > d->end - d->offset || d->count > d->size / CENTRAL_SIZE)
        return damaged (error);
      if (d->count > MAX_ENTRIES || d->size > MAX_DIRECTORY)
        return tacet_file_invalid (error, _ ("the archive has too many entries"));
      return TRUE;
    }
  return tacet_file_invalid (error, _ ("the archive is cut short: the download may not have been finished"));
}

/* The extra field with the numbers that did not fit, in their order. */
static gboolean
read_extra (const guint8 *extra, gsize length, TacetZipEntry *e)
{
  guint64 *const wanted[] = { &e->unpacked, &e->size, &e->start };
  while (length >= 4)
    {
      const gsize n = u16 (extra + 2);
      if (n > length - 4)
        return FALSE;
      if (u16 (extra) == 1)
        {
          gsize at = 0;
          for (int i = 0; i < 3; i++)
            if (*wanted[i] == 0xffffffff)
              {
                if (n - at < 8)
                  return FALSE;
                *wanted[i] = u64 (extra + 4 + at);
                at += 8;
              }
          return TRUE;
        }
      extra += 4 + n;
      length -= 4 + n;
    }
  /* Without it, 0xffffffff is a size like any other, and the file's size will tell. */
  return TRUE;
}

/* The entry's own header, which lies before its bytes, must tell the same. */
static gboolean
check_local (int fd, guint64 limit, TacetZipEntry *e, GError **error)
{
  guint8 head[LOCAL_SIZE + MAX_NAME];
  const gsize length = strlen (e->name);
  if (e->start > limit || limit - e->start < LOCAL_SIZE + length)
    return tacet_file_invalid (error, _ ("the archive's entry “%s” lies outside of the file"), e->name);
  if (!tacet_file_read (fd, e->start, head, LOCAL_SIZE + length, error))
    return FALSE;
  const guint64 extra = u16 (head + 28), size = u32 (head + 18);
  /* Bit 3: the sizes come after the bytes and are zero here; 0xffffffff: they are in the extra field. */
  const gboolean fits = size == e->size || size == 0xffffffff || (size == 0 && (u16 (head + 6) & 8) != 0);
  if (memcmp (head, "PK\3\4", 4) != 0 || u16 (head + 26) != length ||
      memcmp (head + LOCAL_SIZE, e->name, length) != 0 || u16 (head + 8) != e->method || !fits)
    return tacet_file_invalid (error, _ ("the archive's entry “%s” is described in two ways that differ"), e->name);
  e->offset = e->start + LOCAL_SIZE + length + extra;
  if (e->offset > limit || e->size > limit - e->offset)
    return tacet_file_invalid (error, _ ("the archive's entry “%s” lies outside of the file"), e->name);
  return TRUE;
}

static gboolean
add_entry (TacetZip *self, int fd, guint64 limit, const guint8 **p, gsize *left, GError **error)
{
  const guint8 *r = *p;
  if (*left < CENTRAL_SIZE || memcmp (r, "PK\1\2", 4) != 0)
    return damaged (error);
  const gsize name = u16 (r + 28), extra = u16 (r + 30), comment = u16 (r + 32),
              all = CENTRAL_SIZE + name + extra + comment;
  if (all > *left)
    return damaged (error);
  const char *text = (const char *) r + CENTRAL_SIZE;
  if (name == 0 || name > MAX_NAME || !g_utf8_validate_len (text, name, NULL))
    return tacet_file_invalid (error, _ ("the archive has an entry with an impossible name"));
  TacetZipEntry *e = g_new0 (TacetZipEntry, 1);
  e->name = g_strndup (text, name);
  g_ptr_array_add (self->entries, e);
  e->unpacked = u32 (r + 24);
  e->size = u32 (r + 20);
  e->start = u32 (r + 42);
  e->crc = (guint32) u32 (r + 16);
  e->method = u16 (r + 10);
  if (!read_extra (r + CENTRAL_SIZE + name, extra, e) || u16 (r + 34) != 0 ||
      (e->method == 0 && e->unpacked != e->size))
    return damaged (error);
  if (u16 (r + 8) & ENCRYPTED)
    return tacet_file_invalid (error, _ ("the archive is encrypted"));
  if (!g_hash_table_insert (self->by_name, e->name, e))
    return tacet_file_invalid (error, _ ("the archive has two entries with the name “%s”"), e->name);
  self->compressed |= e->method != 0;
  *p += all;
  *left -= all;
  return check_local (fd, limit, e, error);
}

static int
by_start (gconstpointer a, gconstpointer b)
{
  const TacetZipEntry *x = *(TacetZipEntry *const *) a, *y = *(TacetZipEntry *const *) b;
  return x->start < y->start ? -1 : x->start > y->start;
}

static gboolean
check_overlap (TacetZip *self, GError **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_copy (self->entries, NULL, NULL);
  g_ptr_array_set_free_func (sorted, NULL);
  g_ptr_array_sort (sorted, by_start);
  for (guint i = 0; i + 1 < sorted->len; i++)
    {
      const TacetZipEntry *e = g_ptr_array_index (sorted, i), *next = g_ptr_array_index (sorted, i + 1);
      if (e->offset + e->size > next->start)
        return tacet_file_invalid (error, _ ("the archive's entries “%s” and “%s” overlap"), e->name, next->name);
    }
  return TRUE;
}

TacetZip *
tacet_zip_read (int fd, guint64 file_size, GError **error)
{
  Directory d = { 0 };
  if (!find_directory (fd, file_size, &d, error))
    return NULL;
  g_autoptr (TacetZip) self = g_new0 (TacetZip, 1);
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  gsize left = (gsize) d.size;
  g_autofree guint8 *directory = g_try_malloc (MAX (left, 1));
  if (!directory)
    {
      g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY, _ ("there is not enough memory"));
      return NULL;
    }
  if (!tacet_file_read (fd, d.offset, directory, left, error))
    return NULL;
  const guint8 *p = directory;
  for (guint64 i = 0; i < d.count; i++)
    if (!add_entry (self, fd, d.offset, &p, &left, error))
      return NULL;
  if (left > 0)
    {
      damaged (error);
      return NULL;
    }
  return check_overlap (self, error) ? g_steal_pointer (&self) : NULL;
}

static gboolean
no_memory (GError **error)
{
  g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY, _ ("there is not enough memory"));
  return FALSE;
}

/* Exactly as many bytes as the directory says. */
static gboolean
inflate_entry (const TacetZipEntry *entry, guint8 *packed, guint8 *bytes)
{
  z_stream stream = { .next_in = packed, .avail_in = (uInt) entry->size };
  guint8 more;
  if (inflateInit2 (&stream, -MAX_WBITS) != Z_OK)
    return FALSE;
  stream.next_out = entry->unpacked ? bytes : &more;
  stream.avail_out = (uInt) MAX (entry->unpacked, 1);
  int end = inflate (&stream, Z_FINISH);
  gboolean good = end == Z_STREAM_END && stream.total_out == entry->unpacked && stream.avail_in == 0;
  inflateEnd (&stream);
  return good;
}

GBytes *
tacet_zip_unpack (int fd, const TacetZipEntry *entry, guint64 max, GError **error)
{
  if ((entry->method != 0 && entry->method != 8) || entry->unpacked > MIN (max, G_MAXINT32) ||
      entry->size > MIN (max, G_MAXINT32))
    {
      if (entry->method == 0 || entry->method == 8)
        tacet_file_invalid (error, _ ("the archive's entry “%s” is too large"), entry->name);
      else
        tacet_file_invalid (error, _ ("the archive's entry “%s” is packed in a way that Tacet does not know"),
                            entry->name);
      return NULL;
    }
  g_autofree guint8 *packed = g_try_malloc (MAX (entry->size, 1)), *bytes = NULL;
  if (!packed)
    {
      no_memory (error);
      return NULL;
    }
  if (!tacet_file_read (fd, entry->offset, packed, (gsize) entry->size, error))
    return NULL;
  if (entry->method == 0)
    bytes = g_steal_pointer (&packed);
  else if (!(bytes = g_try_malloc (MAX (entry->unpacked, 1))))
    {
      no_memory (error);
      return NULL;
    }
  if ((packed && !inflate_entry (entry, packed, bytes)) || crc32_z (0, bytes, (gsize) entry->unpacked) != entry->crc)
    {
      tacet_file_invalid (error, _ ("the archive's entry “%s” is damaged"), entry->name);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&bytes), (gsize) entry->unpacked);
}
