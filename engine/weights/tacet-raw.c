/* tacet-raw.c: whole safetensors files as lists of tensors in disk layout.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "tacet-checkpoint.h"
#include <glib/gi18n-lib.h>
#include <string.h>

void
tacet_raw_tensor_free (TacetRawTensor *self)
{
  g_free (self->name);
  g_free (self->data);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetRawTensor, tacet_raw_tensor_free)

int64_t
tacet_raw_tensor_count (const TacetRawTensor *self)
{
  int64_t n = 1;
  for (int i = 0; i < self->rank; i++)
    if (self->dims[i] == 0)
      return 0;
  for (int i = 0; i < self->rank; i++)
    n *= self->dims[i];
  return n;
}

TacetRawTensor *
tacet_raw_tensor_new (const char *name, TacetDtype dtype, int rank, const int64_t *dims)
{
  g_return_val_if_fail (rank >= 0 && rank <= TACET_FILE_MAX_RANK, NULL);
  TacetRawTensor *self = g_new0 (TacetRawTensor, 1);
  self->name = g_strdup (name);
  self->dtype = dtype;
  self->rank = rank;
  for (int i = 0; i < rank; i++)
    self->dims[i] = dims[i];
  gsize n = (gsize) tacet_raw_tensor_count (self);
  self->data = g_try_malloc0_n (MAX (n, 1), tacet_dtype_size (dtype));
  if (!self->data)
    g_clear_pointer (&self, tacet_raw_tensor_free);
  return self;
}

TacetRawTensor *
tacet_raw_tensor_find (GPtrArray *tensors, const char *name)
{
  for (guint i = 0; i < tensors->len; i++)
    {
      TacetRawTensor *t = g_ptr_array_index (tensors, i);
      if (strcmp (t->name, name) == 0)
        return t;
    }
  return NULL;
}

static gboolean
narrow (const guint8 *src, gint32 *dst, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      gint64 x;
      memcpy (&x, src + 8 * i, 8);
      if (x < G_MININT32 || x > G_MAXINT32)
        return FALSE;
      dst[i] = (gint32) x;
    }
  return TRUE;
}

static TacetRawTensor *
read_one (TacetCheckpoint *file, const TacetFileTensor *t, GError **error)
{
  gboolean integer = t->dtype == TACET_FILE_I64 || t->dtype == TACET_FILE_I32;
  if (t->dtype == TACET_FILE_OTHER)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
                   _ ("tensor “%s” has elements of type %s, which Tacet cannot read"), t->name, t->dtype_name);
      return NULL;
    }
  gsize n = (gsize) tacet_file_tensor_count (t);
  TacetDtype dtype = integer ? TACET_I32 : t->dtype == TACET_FILE_F64 ? TACET_F64 : TACET_F32;
  g_autofree guint8 *data = g_try_malloc (MAX (t->end - t->begin, 1));
  g_autoptr (TacetRawTensor) raw = data ? tacet_raw_tensor_new (t->name, dtype, t->rank, t->dims) : NULL;
  if (!raw)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY,
                   _ ("there is not enough memory for tensor “%s”"), t->name);
      return NULL;
    }
  if (!tacet_checkpoint_read (file, t, data, error))
    return NULL;
  if (t->dtype == TACET_FILE_F64 || t->dtype == TACET_FILE_I32)
    memcpy (raw->data, data, n * tacet_dtype_size (dtype));
  else if (!integer)
    tacet_floats_decode (t->dtype, data, raw->data, n);
  else if (!narrow (data, raw->data, n))
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
                   _ ("tensor “%s” holds numbers beyond 32 bits"), t->name);
      return NULL;
    }
  return g_steal_pointer (&raw);
}

GPtrArray *
tacet_safetensors_read (const char *path, GError **error)
{
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raw_tensor_free);
  g_autoptr (TacetCheckpoint) file = tacet_checkpoint_open (path, error);
  if (!file)
    return NULL;
  for (guint i = 0; i < tacet_checkpoint_length (file); i++)
    {
      TacetRawTensor *raw = read_one (file, tacet_checkpoint_nth (file, i), error);
      if (!raw)
        {
          g_prefix_error (error, _ ("%s cannot be used: "), tacet_checkpoint_path (file));
          return NULL;
        }
      g_ptr_array_add (tensors, raw);
    }
  return g_steal_pointer (&tensors);
}

static gboolean
write_one (TacetFileWriter *writer, const TacetRawTensor *raw, GError **error)
{
  gsize n = (gsize) tacet_raw_tensor_count (raw);
  if (raw->dtype != TACET_I32)
    return tacet_file_writer_write (writer, raw->data, n * tacet_dtype_size (raw->dtype), error);
  const gint32 *src = raw->data;
  for (gsize i = 0; i < n;)
    {
      gint64 wide[256];
      gsize k = 0;
      for (; k < G_N_ELEMENTS (wide) && i < n; k++, i++)
        wide[k] = src[i];
      if (!tacet_file_writer_write (writer, wide, k * sizeof wide[0], error))
        return FALSE;
    }
  return TRUE;
}

gboolean
tacet_safetensors_write (const char *path, GPtrArray *tensors, GHashTable *metadata, GError **error)
{
  g_autoptr (GPtrArray) index = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_file_tensor_free);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < tensors->len; i++)
    {
      TacetRawTensor *raw = g_ptr_array_index (tensors, i);
      TacetFileDtype dtype = raw->dtype == TACET_I32   ? TACET_FILE_I64
                             : raw->dtype == TACET_F64 ? TACET_FILE_F64
                                                       : TACET_FILE_F32;
      g_hash_table_insert (by_name, raw->name, raw);
      g_ptr_array_add (index, tacet_file_tensor_new (raw->name, dtype, raw->rank, raw->dims));
    }
  g_return_val_if_fail (g_hash_table_size (by_name) == tensors->len, FALSE);
  g_autoptr (TacetFileWriter) writer = tacet_file_writer_new (path, index, metadata, error);
  if (!writer)
    return FALSE;
  for (guint i = 0; i < index->len; i++)
    {
      TacetFileTensor *t = g_ptr_array_index (index, i);
      if (!write_one (writer, g_hash_table_lookup (by_name, t->name), error))
        return FALSE;
    }
  return tacet_file_writer_commit (writer, error);
}
