/* tacet-safetensors-write.c: writing safetensors piece by piece, whole or not at all.
 *
 * Room: engine/weights.  A network may be larger than the memory that is left, so the file is never
 * assembled in memory (which is why tacet_write_file () does not serve here).
 */
#include "config.h"

#include "tacet-safetensors.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _TacetFileWriter
{
  char *path, *temporary;
  int fd;
  guint64 left; /* bytes of data still to come */
};

static gboolean
fail (TacetFileWriter *self, int code, GError **error)
{
  g_autofree char *name = g_filename_display_name (self->path);
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), _ ("%s could not be written: %s"), name,
               g_strerror (code));
  return FALSE;
}

static gboolean
write_all (TacetFileWriter *self, const char *data, gsize size, GError **error)
{
  while (size > 0)
    {
      gssize n = write (self->fd, data, MIN (size, 1u << 30));
      if (n < 0 && errno != EINTR)
        return fail (self, errno, error);
      if (n > 0)
        {
          data += n;
          size -= (gsize) n;
        }
    }
  return TRUE;
}

static void
append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p; p++)
    if (*p == '"' || *p == '\\')
      g_string_append_printf (out, "\\%c", *p);
    else if ((guchar) *p < 0x20)
      g_string_append_printf (out, "\\u%04x", *p);
    else
      g_string_append_c (out, *p);
  g_string_append_c (out, '"');
}

static void
append_metadata (GString *out, GHashTable *metadata)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (metadata), (GCompareFunc) strcmp);
  g_string_append (out, "\"__metadata__\":{");
  for (GList *l = keys; l; l = l->next)
    {
      append_string (out, l->data);
      g_string_append_c (out, ':');
      append_string (out, g_hash_table_lookup (metadata, l->data));
      g_string_append (out, l->next ? "," : "}");
    }
}

static int
by_alignment_and_name (gconstpointer a, gconstpointer b)
{
  const TacetFileTensor *x = *(TacetFileTensor *const *) a, *y = *(TacetFileTensor *const *) b;
  if (x->bits != y->bits)
    return x->bits > y->bits ? -1 : 1;
  return strcmp (x->name, y->name);
}

static GString *
make_header (GPtrArray *tensors, GHashTable *metadata)
{
  GString *out = g_string_new ("{");
  guint64 at = 0;
  if (metadata && g_hash_table_size (metadata) > 0)
    {
      append_metadata (out, metadata);
      if (tensors->len > 0)
        g_string_append_c (out, ',');
    }
  g_ptr_array_sort (tensors, by_alignment_and_name);
  for (guint i = 0; i < tensors->len; i++)
    {
      TacetFileTensor *t = g_ptr_array_index (tensors, i);
      t->begin = at;
      at = t->end = at + (guint64) tacet_file_tensor_count (t) * (guint64) t->bits / 8;
      append_string (out, t->name);
      g_string_append_printf (out, ":{\"dtype\":\"%s\",\"shape\":[", t->dtype_name);
      for (int k = 0; k < t->rank; k++)
        g_string_append_printf (out, "%s%" G_GINT64_FORMAT, k ? "," : "", t->dims[k]);
      g_string_append_printf (out, "],\"data_offsets\":[%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "]}%s", t->begin,
                              t->end, i + 1 < tensors->len ? "," : "");
    }
  g_string_append_c (out, '}');
  while (out->len % 8)
    g_string_append_c (out, ' ');
  return out;
}

TacetFileWriter *
tacet_file_writer_new (const char *path, GPtrArray *tensors, GHashTable *metadata, GError **error)
{
  g_autoptr (TacetFileWriter) self = g_new0 (TacetFileWriter, 1);
  self->path = g_strdup (path);
  self->temporary = g_strconcat (path, ".XXXXXX", NULL);
  self->fd = g_mkstemp_full (self->temporary, O_RDWR | O_CLOEXEC, 0666);
  if (self->fd < 0)
    {
      int code = errno;
      g_clear_pointer (&self->temporary, g_free);
      fail (self, code, error);
      return NULL;
    }
  GString *header = make_header (tensors, metadata);
  guint8 head[8];
  for (int i = 0; i < 8; i++)
    head[i] = (guint8) ((guint64) header->len >> 8 * i);
  gboolean good = write_all (self, (const char *) head, 8, error) && write_all (self, header->str, header->len, error);
  g_string_free (header, TRUE);
  if (tensors->len > 0)
    self->left = ((TacetFileTensor *) g_ptr_array_index (tensors, tensors->len - 1))->end;
  return good ? g_steal_pointer (&self) : NULL;
}

gboolean
tacet_file_writer_write (TacetFileWriter *self, const void *data, gsize size, GError **error)
{
  g_return_val_if_fail (size <= self->left, FALSE);
  self->left -= size;
  return write_all (self, data, size, error);
}

/* So that the rename itself survives a power cut; a file system that cannot do it is not an error. */
static void
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  (void) fsync (fd);
  close (fd);
}

gboolean
tacet_file_writer_commit (TacetFileWriter *self, GError **error)
{
  g_return_val_if_fail (self->left == 0, FALSE);
  int fd = self->fd;
  self->fd = -1;
  if (fsync (fd) != 0)
    {
      int code = errno;
      close (fd);
      return fail (self, code, error);
    }
  if (close (fd) != 0 || g_rename (self->temporary, self->path) != 0)
    return fail (self, errno, error);
  g_clear_pointer (&self->temporary, g_free);
  sync_folder (self->path);
  return TRUE;
}

void
tacet_file_writer_free (TacetFileWriter *self)
{
  if (self->fd >= 0)
    close (self->fd);
  if (self->temporary)
    (void) g_unlink (self->temporary);
  g_free (self->temporary);
  g_free (self->path);
  g_free (self);
}
