/* tacet-zip.h: where the entries of a zip archive lie in their file.
 *
 * Room: engine/weights; for its own files.  Nothing is unpacked: what is wanted are places in the file, to be
 * read on demand, of entries that are stored as they are, as PyTorch writes them.  ZIP64 is known.  Archives are
 * hostile: the two descriptions of an entry must agree, no entry may overlap another or lie outside the file, no name
 * may come twice. Source: PKWARE's APPNOTE.TXT 6.3.10.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *name;
  guint64 start;        /* of its local header in the file */
  guint64 offset, size; /* its bytes, as they are in the file */
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

G_END_DECLS
