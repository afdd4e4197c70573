/* tacet-weights.c: the store: tensors by name, read or made when a model asks for them.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "tacet-safetensors.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  char *name;
  int rank; /* as asked for; 0: not yet */
  TacetTensor *tensor;
  TacetFileTensor *file; /* its place in the file (of the index), or NULL */
  int disk_rank;
  gint64 disk[TACET_FILE_MAX_RANK];
} Entry;

struct _TacetWeights
{
  int ref_count;
  guint64 seed;
  char *path; /* NULL: a new store */
  int fd;
  TacetFileIndex *index; /* NULL: a new store */
  GHashTable *by_name;   /* char* -> Entry, owns */
  GPtrArray *sorted;     /* of Entry, or NULL: to be made */
  GHashTable *metadata;
};

static void
entry_free (Entry *e)
{
  if (e->tensor)
    tacet_tensor_unref (e->tensor);
  g_free (e->name);
  g_free (e);
}

static TacetWeights *
new_store (void)
{
  TacetWeights *self = g_new0 (TacetWeights, 1);
  self->ref_count = 1;
  self->fd = -1;
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) entry_free);
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

TacetWeights *
tacet_weights_new (guint64 seed)
{
  TacetWeights *self = new_store ();
  self->seed = seed;
  return self;
}

TacetWeights *
tacet_weights_open (const char *path, GError **error)
{
  g_autoptr (TacetWeights) self = new_store ();
  self->path = g_filename_display_name (path);
  self->fd = tacet_file_open (path, error);
  self->index = self->fd >= 0 ? tacet_file_index_read (self->fd, error) : NULL;
  if (!self->index)
    {
      g_prefix_error (error, _ ("The weights %s cannot be used: "), self->path);
      return NULL;
    }
  for (guint i = 0; i < self->index->tensors->len; i++)
    {
      Entry *e = g_new0 (Entry, 1);
      e->file = g_ptr_array_index (self->index->tensors, i);
      e->name = g_strdup (e->file->name);
      e->disk_rank = e->file->rank;
      memcpy (e->disk, e->file->dims, sizeof e->disk);
      g_hash_table_insert (self->by_name, e->name, e);
    }
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, self->index->metadata);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (self->metadata, g_strdup (key), g_strdup (value));
  return g_steal_pointer (&self);
}

TacetWeights *
tacet_weights_ref (TacetWeights *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
tacet_weights_unref (TacetWeights *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_clear_pointer (&self->sorted, g_ptr_array_unref);
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->metadata);
  g_clear_pointer (&self->index, tacet_file_index_free);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}

/* The disk shape of a tensor asked for; returns its rank. */
static int
disk_shape (int rank, TacetShape shape, gint64 *dims)
{
  const gint64 conv[] = { shape.d[0], shape.d[3], shape.d[1], shape.d[2] };
  const gint64 pointwise[] = { shape.d[2], shape.d[3], 1, 1 };
  if (rank == 4 || rank == TACET_RANK_POINTWISE)
    {
      memcpy (dims, rank == 4 ? conv : pointwise, sizeof conv);
      return 4;
    }
  for (int i = 0; i < rank; i++)
    dims[i] = shape.d[4 - rank + i];
  return rank;
}

static int
without_trailing_ones (const gint64 *dims, int rank)
{
  while (rank > 0 && dims[rank - 1] == 1)
    rank--;
  return rank;
}

static char *
dims_text (const gint64 *dims, int rank)
{
  g_autoptr (GString) text = g_string_new ("[");
  for (int i = 0; i < rank; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i ? ", " : "", dims[i]);
  g_string_append_c (text, ']');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
check_shape (TacetWeights *self, const Entry *e, int rank, TacetShape shape, GError **error)
{
  gint64 dims[TACET_FILE_MAX_RANK];
  int n = disk_shape (rank, shape, dims);
  int a = without_trailing_ones (dims, n), b = without_trailing_ones (e->disk, e->disk_rank);
  if (a == b && memcmp (dims, e->disk, sizeof dims[0] * (gsize) a) == 0 &&
      (!e->tensor || tacet_shape_equal (e->tensor->shape, shape)))
    return TRUE;
  g_autofree char *wanted = dims_text (dims, n), *found = dims_text (e->disk, e->disk_rank);
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_SHAPE,
               _ ("The tensor “%s” in %s has the shape %s, but the model's configuration asks for %s"), e->name,
               self->path ? self->path : _ ("the new model"), found, wanted);
  return FALSE;
}

static TacetTensor *
no_memory (const char *name, GError **error)
{
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY,
               _ ("There is not enough memory for the weights “%s”"), name);
  return NULL;
}

/* Such weights give black pictures at best. */
static gboolean
all_numbers (TacetWeights *self, const Entry *e, const float *values, gsize n, GError **error)
{
  gboolean good = TRUE;
  for (gsize i = 0; i < n; i++)
    good &= isfinite (values[i]) != 0;
  if (!good)
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID,
                 _ ("The tensor “%s” in %s holds values that are not numbers; the file is damaged"), e->name,
                 self->path);
  return good;
}

/* From the file into the kernels' layout. */
static TacetTensor *
load (TacetWeights *self, Entry *e, int rank, TacetShape shape, GError **error)
{
  if (e->file->dtype > TACET_FILE_F64)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
                   _ ("The tensor “%s” in %s has elements of type %s where weights are expected"), e->name, self->path,
                   e->file->dtype_name);
      return NULL;
    }
  g_autofree guint8 *bytes = tacet_file_read_tensor (self->fd, self->index, e->file, error);
  if (!bytes)
    {
      g_prefix_error (error, _ ("The weights %s cannot be used: "), self->path);
      return NULL;
    }
  gsize n = (gsize) tacet_shape_count (shape), taps = (gsize) (shape.d[1] * shape.d[2]);
  g_autoptr (TacetTensor) tensor = tacet_tensor_new (TACET_F32, shape);
  if (!tensor)
    return no_memory (e->name, error);
  gboolean swap = rank == 4 && taps > 1 && e->disk_rank == 4 && (e->disk[2] != 1 || e->disk[3] != 1);
  g_autofree float *plain = swap ? g_try_new (float, MAX (n, 1)) : NULL;
  if (swap && !plain)
    return no_memory (e->name, error);
  float *values = swap ? plain : tacet_tensor_f32 (tensor);
  tacet_floats_decode (e->file->dtype, bytes, values, n);
  if (!all_numbers (self, e, values, n, error))
    return NULL;
  if (swap)
    tacet_floats_swap (plain, tacet_tensor_f32 (tensor), (gsize) shape.d[0], (gsize) shape.d[3], taps);
  return g_steal_pointer (&tensor);
}

static Entry *
create (TacetWeights *self, const char *name, int rank, TacetShape shape, TacetInit init, float gain, GError **error)
{
  TacetTensor *tensor = tacet_tensor_new (TACET_F32, shape);
  if (!tensor)
    {
      no_memory (name, error);
      return NULL;
    }
  double fan_in = rank == 1 ? gain : (double) (rank == 4 ? shape.d[1] * shape.d[2] * shape.d[3] : shape.d[3]);
  tacet_init_fill (tacet_tensor_f32 (tensor), (gsize) tacet_shape_count (shape), self->seed, name, init, gain, fan_in);
  Entry *e = g_new0 (Entry, 1);
  e->name = g_strdup (name);
  e->tensor = tensor;
  e->rank = rank;
  e->disk_rank = disk_shape (rank, shape, e->disk);
  g_hash_table_insert (self->by_name, e->name, e);
  g_clear_pointer (&self->sorted, g_ptr_array_unref);
  return e;
}

TacetTensor *
tacet_weights_get (TacetWeights *self, const char *name, int rank, TacetShape shape, TacetInit init, float gain,
                   GError **error)
{
  g_return_val_if_fail (rank == 1 || rank == 2 || rank == 4 || rank == TACET_RANK_POINTWISE, NULL);
  Entry *e = g_hash_table_lookup (self->by_name, name);
  if (!e && self->index)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                   _ ("The weights %s lack the tensor “%s”, which the model's configuration asks for"), self->path,
                   name);
      return NULL;
    }
  if (!e)
    e = create (self, name, rank, shape, init, gain, error);
  if (!e || !check_shape (self, e, rank, shape, error))
    return NULL;
  if (!e->tensor)
    e->tensor = load (self, e, rank, shape, error);
  e->rank = rank;
  return e->tensor;
}

TacetValue *
tacet_weights_value (TacetWeights *self, TacetGraph *g, const char *name, int rank, TacetShape shape, TacetInit init,
                     float gain)
{
  g_autoptr (GError) error = NULL;
  TacetTensor *tensor = NULL;
  gboolean sane = TRUE;
  for (int i = 0; i < TACET_RANK; i++)
    sane = sane && shape.d[i] > 0 && shape.d[i] <= 1 << 24;
  if (!sane || tacet_graph_error (g))
    tacet_graph_set_error (g, _ ("The shape of the weights “%s” is impossible"), name);
  else if (!(tensor = tacet_weights_get (self, name, rank, shape, init, gain, &error)))
    tacet_graph_set_error (g, "%s", error->message);
  /* After an error any value of the right shape will do. */
  return tensor ? tacet_weight (g, name, tensor) : tacet_full (g, sane ? shape : tacet_shape (1, 1, 1, 1), 0.0f);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(Entry *const *) a)->name, (*(Entry *const *) b)->name);
}

static GPtrArray *
sorted (TacetWeights *self)
{
  if (!self->sorted)
    {
      GHashTableIter iter;
      gpointer e;
      self->sorted = g_ptr_array_new ();
      g_hash_table_iter_init (&iter, self->by_name);
      while (g_hash_table_iter_next (&iter, NULL, &e))
        g_ptr_array_add (self->sorted, e);
      g_ptr_array_sort (self->sorted, by_name);
    }
  return self->sorted;
}

guint
tacet_weights_length (TacetWeights *self)
{
  return g_hash_table_size (self->by_name);
}

/* The layout that a tensor nobody asked for would have. */
static TacetTensor *
load_plain (TacetWeights *self, Entry *e)
{
  TacetShape s = tacet_shape (1, 1, 1, 1);
  if (e->disk_rank > 4 || tacet_file_tensor_count (e->file) == 0)
    return NULL;
  if (e->disk_rank == 4 && e->disk[2] == 1 && e->disk[3] == 1)
    s = tacet_shape (1, 1, e->disk[0], e->disk[1]);
  else if (e->disk_rank == 4)
    s = tacet_shape (e->disk[0], e->disk[2], e->disk[3], e->disk[1]);
  else
    for (int i = 0; i < e->disk_rank; i++)
      s.d[4 - e->disk_rank + i] = e->disk[i];
  return load (self, e, e->disk_rank, s, NULL);
}

const char *
tacet_weights_nth (TacetWeights *self, guint i, TacetTensor **tensor)
{
  g_return_val_if_fail (i < tacet_weights_length (self), NULL);
  Entry *e = g_ptr_array_index (sorted (self), i);
  if (tensor)
    {
      if (!e->tensor)
        e->tensor = load_plain (self, e);
      *tensor = e->tensor;
    }
  return e->name;
}

int
tacet_weights_disk_shape (TacetWeights *self, const char *name, gint64 dims[8])
{
  const Entry *e = g_hash_table_lookup (self->by_name, name);
  if (!e)
    return -1;
  memcpy (dims, e->disk, sizeof e->disk);
  return e->disk_rank;
}

gboolean
tacet_weights_has (TacetWeights *self, const char *name)
{
  return g_hash_table_contains (self->by_name, name);
}

const char *
tacet_weights_metadata (TacetWeights *self, const char *key)
{
  return g_hash_table_lookup (self->metadata, key);
}

void
tacet_weights_set_metadata (TacetWeights *self, const char *key, const char *value)
{
  g_hash_table_insert (self->metadata, g_strdup (key), g_strdup (value));
}

guint
tacet_weights_copy (TacetWeights *self, TacetWeights *from)
{
  guint copied = 0;
  GPtrArray *entries = sorted (self);
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *e = g_ptr_array_index (entries, i);
      Entry *other = e->tensor ? g_hash_table_lookup (from->by_name, e->name) : NULL;
      if (!other || !check_shape (from, other, e->rank ? e->rank : e->disk_rank, e->tensor->shape, NULL))
        continue;
      TacetTensor *source = other->tensor;
      g_autoptr (TacetTensor) fresh = NULL;
      if (!source)
        source = fresh = load (from, other, e->rank ? e->rank : e->disk_rank, e->tensor->shape, NULL);
      if (!source)
        continue;
      memcpy (e->tensor->data, source->data,
              (gsize) tacet_shape_count (source->shape) * tacet_dtype_size (source->dtype));
      copied++;
    }
  return copied;
}

/* The values in disk layout, g_free () them. */
static float *
values_on_disk (TacetWeights *self, Entry *e, gsize n, GError **error)
{
  g_autofree float *values = g_try_new (float, MAX (n, 1));
  if (!values)
    {
      no_memory (e->name, error);
      return NULL;
    }
  if (!e->tensor)
    {
      g_autofree guint8 *bytes = tacet_file_read_tensor (self->fd, self->index, e->file, error);
      if (!bytes)
        return NULL;
      tacet_floats_decode (e->file->dtype, bytes, values, n);
      return g_steal_pointer (&values);
    }
  TacetShape s = e->tensor->shape;
  gsize taps = (gsize) (s.d[1] * s.d[2]);
  const float *data = tacet_tensor_f32 (e->tensor);
  if (e->disk_rank == 4 && e->rank != TACET_RANK_POINTWISE && e->rank != 2 && taps > 1)
    tacet_floats_swap (data, values, (gsize) s.d[0], taps, (gsize) s.d[3]);
  else
    memcpy (values, data, n * sizeof *values);
  return g_steal_pointer (&values);
}

static gboolean
save_one (TacetWeights *self, TacetFileWriter *writer, const TacetFileTensor *t, GError **error)
{
  Entry *e = g_hash_table_lookup (self->by_name, t->name);
  gsize n = (gsize) tacet_file_tensor_count (t), size = (gsize) (t->end - t->begin);
  if (!e->tensor && e->file->dtype > TACET_FILE_F64)
    {
      g_autofree guint8 *bytes = tacet_file_read_tensor (self->fd, self->index, e->file, error);
      return bytes && tacet_file_writer_write (writer, bytes, size, error);
    }
  g_autofree float *values = values_on_disk (self, e, n, error);
  if (!values)
    return FALSE;
  /* Narrower in place: element i never lies behind what is still to be read. */
  if (!tacet_floats_encode (t->dtype, values, (guint8 *) values, n))
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
                   _ ("The weights “%s” hold values too large for half precision; save them in single precision"),
                   t->name);
      return FALSE;
    }
  return tacet_file_writer_write (writer, values, size, error);
}

gboolean
tacet_weights_save (TacetWeights *self, const char *path, TacetStorage storage, GError **error)
{
  static const TacetFileDtype dtypes[] = { TACET_FILE_F32, TACET_FILE_F16, TACET_FILE_BF16 };
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_file_tensor_free);
  GPtrArray *entries = sorted (self);
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *e = g_ptr_array_index (entries, i);
      TacetFileTensor *t = tacet_file_tensor_new (e->name, dtypes[storage], e->disk_rank, e->disk);
      if (!e->tensor && e->file->dtype > TACET_FILE_F64)
        {
          t->dtype = e->file->dtype;
          t->bits = e->file->bits;
          g_strlcpy (t->dtype_name, e->file->dtype_name, sizeof t->dtype_name);
        }
      g_ptr_array_add (tensors, t);
    }
  /* What diffusers and transformers look for. */
  if (!tacet_weights_metadata (self, "format"))
    tacet_weights_set_metadata (self, "format", "pt");
  g_autoptr (TacetFileWriter) writer = tacet_file_writer_new (path, tensors, self->metadata, error);
  if (!writer)
    return FALSE;
  for (guint i = 0; i < tensors->len; i++)
    if (!save_one (self, writer, g_ptr_array_index (tensors, i), error))
      return FALSE;
  return tacet_file_writer_commit (writer, error);
}
