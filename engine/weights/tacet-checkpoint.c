/* tacet-checkpoint.c: model files of any format as one list of tensors, and the reading of their values.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "tacet-checkpoint-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes that are read at once where they are not what the caller wants. */
#define PIECE (256 * 1024)

static void
close_file (gpointer fd)
{
  close (*(int *) fd);
}

static TacetCheckpoint *
checkpoint_new (const char *path)
{
  TacetCheckpoint *self = g_new0 (TacetCheckpoint, 1);
  g_atomic_ref_count_init (&self->refs);
  self->path = g_filename_display_name (path);
  self->files = g_array_new (FALSE, FALSE, sizeof (int));
  g_array_set_clear_func (self->files, close_file);
  self->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_file_tensor_free);
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

TacetCheckpoint *
tacet_checkpoint_ref (TacetCheckpoint *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tacet_checkpoint_unref (TacetCheckpoint *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_ptr_array_unref (self->tensors);
  g_hash_table_unref (self->metadata);
  g_array_unref (self->files);
  g_free (self->path);
  g_free (self);
}

static gboolean
add_safetensors (TacetCheckpoint *self, int fd, guint part, GError **error)
{
  g_autoptr (TacetFileIndex) index = tacet_file_index_read (fd, error);
  if (!index)
    return FALSE;
  for (guint i = 0; i < index->tensors->len; i++)
    {
      TacetFileTensor *t = g_ptr_array_index (index->tensors, i);
      t->begin += index->data_start;
      t->end += index->data_start;
      t->part = part;
    }
  g_ptr_array_extend_and_steal (self->tensors, g_steal_pointer (&index->tensors));
  index->tensors = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, index->metadata);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (self->metadata, g_strdup (key), g_strdup (value));
  return TRUE;
}

gboolean
_tacet_checkpoint_add_file (TacetCheckpoint *self, const char *path, GError **error)
{
  const guint part = self->files->len;
  struct stat st;
  guint8 head[TACET_FILE_HEAD];
  int fd = tacet_file_open (path, error);
  if (fd < 0)
    return FALSE;
  g_array_append_val (self->files, fd);
  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    return tacet_file_invalid (error, S_ISDIR (st.st_mode) ? _ ("it is a folder") : _ ("it is not a regular file"));
  const guint64 size = (guint64) st.st_size, n = MIN (size, sizeof head);
  if (!tacet_file_read (fd, 0, head, n, error))
    return FALSE;
  switch (_tacet_file_kind (head, n, size, error))
    {
    case TACET_FILE_KIND_SAFETENSORS:
      return add_safetensors (self, fd, part, error);
    case TACET_FILE_KIND_ZIP:
      return _tacet_checkpoint_add_torch (self, fd, size, part, error);
    default:
      return FALSE;
    }
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(TacetFileTensor *const *) a)->name, (*(TacetFileTensor *const *) b)->name);
}

static gboolean
sort_tensors (TacetCheckpoint *self, GError **error)
{
  g_ptr_array_sort (self->tensors, by_name);
  for (guint i = 0; i + 1 < self->tensors->len; i++)
    {
      const TacetFileTensor *t = g_ptr_array_index (self->tensors, i), *next = g_ptr_array_index (self->tensors, i + 1);
      if (strcmp (t->name, next->name) == 0)
        return tacet_file_invalid (error, _ ("it names the tensor “%s” twice"), t->name);
    }
  return TRUE;
}

TacetCheckpoint *
tacet_checkpoint_open (const char *path, GError **error)
{
  g_autoptr (TacetCheckpoint) self = checkpoint_new (path);
  const gboolean added = g_str_has_suffix (path, ".json") ? _tacet_checkpoint_add_shards (self, path, error)
                                                          : _tacet_checkpoint_add_file (self, path, error);
  if (!added || !sort_tensors (self, error))
    {
      g_prefix_error (error, _ ("%s cannot be used: "), self->path);
      return NULL;
    }
  return g_steal_pointer (&self);
}

const char *
tacet_checkpoint_path (TacetCheckpoint *self)
{
  return self->path;
}

guint
tacet_checkpoint_length (TacetCheckpoint *self)
{
  return self->tensors->len;
}

const TacetFileTensor *
tacet_checkpoint_nth (TacetCheckpoint *self, guint i)
{
  g_return_val_if_fail (i < self->tensors->len, NULL);
  return g_ptr_array_index (self->tensors, i);
}

const TacetFileTensor *
tacet_checkpoint_find (TacetCheckpoint *self, const char *name)
{
  guint low = 0, high = self->tensors->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const TacetFileTensor *t = g_ptr_array_index (self->tensors, middle);
      int order = strcmp (name, t->name);
      if (order == 0)
        return t;
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return NULL;
}

const char *
tacet_checkpoint_metadata (TacetCheckpoint *self, const char *key)
{
  return g_hash_table_lookup (self->metadata, key);
}

GHashTable *
tacet_checkpoint_metadata_table (TacetCheckpoint *self)
{
  return self->metadata;
}

/* Everything between the first and the last row of the part is read at once, then picked from. */
static gboolean
read_strided (int fd, const TacetFileTensor *t, guint64 start, guint64 n, guint8 *bytes, GError **error)
{
  const gsize size = (gsize) t->bits / 8;
  gint64 at[TACET_FILE_MAX_RANK] = { 0 };
  guint64 rest = start, row = 1, extent = 1;
  for (int i = t->rank - 1; i >= 0; i--)
    {
      at[i] = (gint64) (rest % (guint64) t->dims[i]);
      rest /= (guint64) t->dims[i];
    }
  for (int i = 1; i < t->rank; i++)
    {
      row *= (guint64) t->dims[i];
      extent += (guint64) (t->dims[i] - 1) * (guint64) t->strides[i];
    }
  const gint64 first = at[0] * t->strides[0], last = (gint64) ((start + n - 1) / row) * t->strides[0];
  extent += (guint64) (last - first);
  g_autofree guint8 *all = g_try_malloc_n (extent, size);
  if (!all)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY,
                   _ ("there is not enough memory for tensor “%s”"), t->name);
      return FALSE;
    }
  if (!tacet_file_read (fd, t->begin + (guint64) first * size, all, extent * size, error))
    return FALSE;
  for (guint64 k = 0; k < n; k++)
    {
      gint64 place = -first;
      for (int i = 0; i < t->rank; i++)
        place += at[i] * t->strides[i];
      memcpy (bytes + k * size, all + (gsize) place * size, size);
      for (int i = t->rank - 1; i >= 0 && ++at[i] == t->dims[i]; i--)
        at[i] = 0;
    }
  return TRUE;
}

gboolean
tacet_checkpoint_read_part (TacetCheckpoint *self, const TacetFileTensor *tensor, guint64 start, guint64 n,
                            guint8 *bytes, GError **error)
{
  const guint64 size = (guint64) tensor->bits / 8, count = (guint64) tacet_file_tensor_count (tensor);
  int fd = g_array_index (self->files, int, tensor->part);
  g_return_val_if_fail (tensor->bits % 8 == 0 && start <= count && n <= count - start, FALSE);
  if (tensor->strides && n > 0)
    return read_strided (fd, tensor, start, n, bytes, error);
  return tacet_file_read (fd, tensor->begin + start * size, bytes, n * size, error);
}

gboolean
tacet_checkpoint_read (TacetCheckpoint *self, const TacetFileTensor *tensor, guint8 *bytes, GError **error)
{
  if (tensor->bits % 8 == 0)
    return tacet_checkpoint_read_part (self, tensor, 0, (guint64) tacet_file_tensor_count (tensor), bytes, error);
  return tacet_file_read (g_array_index (self->files, int, tensor->part), tensor->begin, bytes,
                          tensor->end - tensor->begin, error);
}

gboolean
tacet_checkpoint_read_floats (TacetCheckpoint *self, const TacetFileTensor *tensor, guint64 start, guint64 n,
                              float *values, GError **error)
{
  g_return_val_if_fail (tensor->dtype <= TACET_FILE_F64, FALSE);
  if (tensor->dtype == TACET_FILE_F32)
    return tacet_checkpoint_read_part (self, tensor, start, n, (guint8 *) values, error);
  const guint64 step = PIECE / ((guint64) tensor->bits / 8);
  g_autofree guint8 *bytes = g_malloc (PIECE);
  for (guint64 k = 0; k < n; k += step)
    {
      const guint64 some = MIN (step, n - k);
      if (!tacet_checkpoint_read_part (self, tensor, start + k, some, bytes, error))
        return FALSE;
      tacet_floats_decode (tensor->dtype, bytes, values + k, some);
    }
  return TRUE;
}

int
tacet_rank_without_ones (const gint64 *dims, int rank)
{
  while (rank > 0 && dims[rank - 1] == 1)
    rank--;
  return rank;
}

char *
tacet_dims_text (const gint64 *dims, int rank)
{
  g_autoptr (GString) text = g_string_new ("[");
  for (int i = 0; i < rank; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i ? ", " : "", dims[i]);
  g_string_append_c (text, ']');
  return g_string_free (g_steal_pointer (&text), FALSE);
}
