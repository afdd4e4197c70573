/* tacet-zip.h: zip archives: where the entries lie in their file, what is in one, and a new archive.
 *
 * Room: engine/weights.  Opening reads the directory only; entries are read on demand, in place (as PyTorch stores
 * them) or unpacked.  ZIP64 is known.  Archives are hostile: the two descriptions of an entry must agree, no entry may
 * overlap another or lie outside the file, no name may come twice.  Source: PKWARE's APPNOTE.TXT 6.3.10.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *name;
  guint64 start;        /* of its local header in the file */
  guint64 offset, size; /* its bytes, as they are in the file */
  guint64 unpacked;     /* how many they are after unpacking, as the file says */
  guint32 method, crc;  /* method: 0 stored, 8 deflated */
} TacetZipEntry;

typedef struct
{
  GPtrArray *entries;  /* of TacetZipEntry, in the order of the file's directory */
  GHashTable *by_name; /* lends names and entries */
  gboolean compressed; /* some entry is */
} TacetZip;

TacetZip *tacet_zip_read (int fd, guint64 file_size, GError **error);
void tacet_zip_free (TacetZip *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetZip, tacet_zip_free)
const TacetZipEntry *tacet_zip_find (TacetZip *self, const char *name); /* NULL: none */
/* What is in an entry of at most max bytes; its checksum must be right. */
GBytes *tacet_zip_unpack (int fd, const TacetZipEntry *entry, guint64 max, GError **error);

/* A new archive at the place where fd stands.  Entries are stored as they are, their headers complete and without
 * extra fields, so that what is looked for at a fixed place of a file is there (the type of OpenRaster and EPUB).
 * The functions return 0, or an errno. */
typedef struct _TacetZipWriter TacetZipWriter;
TacetZipWriter *tacet_zip_writer_new (int fd);
void tacet_zip_writer_free (TacetZipWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetZipWriter, tacet_zip_writer_free)
int tacet_zip_writer_add (TacetZipWriter *self, const char *name, gconstpointer data, gsize size);
int tacet_zip_writer_finish (TacetZipWriter *self);

G_END_DECLS
