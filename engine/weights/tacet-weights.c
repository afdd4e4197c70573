/* tacet-weights.c: the store: tensors by name, read or made when a model asks for them.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "tacet-source.h"
#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  char *name;
  int rank; /* as asked for; 0: not yet */
  TacetTensor *tensor;
  gboolean held;       /* a lazy tensor that the store keeps loaded */
  gboolean swapped;    /* a convolution: {O,kh,kw,I} for [O,I,kh,kw] on disk */
  TacetSource *source; /* NULL: of a new store */
  int disk_rank;
  gint64 disk[TACET_FILE_MAX_RANK];
} Entry;

struct _TacetWeights
{
  int ref_count;
  guint64 seed;
  char *what;          /* the path for messages; NULL: a new store */
  GHashTable *by_name; /* char* -> Entry, owns */
  GPtrArray *sorted;   /* of Entry, or NULL: to be made */
  GHashTable *metadata;
};

static void
entry_free (Entry *e)
{
  if (e->held)
    tacet_tensor_unload (e->tensor);
  if (e->tensor)
    tacet_tensor_unref (e->tensor);
  g_clear_pointer (&e->source, tacet_source_unref);
  g_free (e->name);
  g_free (e);
}

static TacetWeights *
new_store (void)
{
  TacetWeights *self = g_new0 (TacetWeights, 1);
  self->ref_count = 1;
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
tacet_weights_new_view (const char *what)
{
  TacetWeights *self = new_store ();
  self->what = g_strdup (what);
  return self;
}

static void
map (TacetWeights *self, const char *name, TacetCheckpoint *checkpoint, const TacetFileTensor *tensor)
{
  Entry *e = g_new0 (Entry, 1);
  e->name = g_strdup (name);
  e->source = tacet_source_new (self->what, checkpoint, tensor);
  e->disk_rank = tensor->rank;
  memcpy (e->disk, tensor->dims, sizeof e->disk);
  g_hash_table_replace (self->by_name, e->name, e);
  g_clear_pointer (&self->sorted, g_ptr_array_unref);
}

static const TacetFileTensor *
find (TacetCheckpoint *checkpoint, const char *name, GError **error)
{
  const TacetFileTensor *t = tacet_checkpoint_find (checkpoint, name);
  if (!t)
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING, _ ("The file %s lacks the tensor “%s”"),
                 tacet_checkpoint_path (checkpoint), name);
  return t;
}

gboolean
tacet_weights_map (TacetWeights *self, const char *name, TacetCheckpoint *checkpoint, const char *tensor_name,
                   GError **error)
{
  g_return_val_if_fail (self->what != NULL, FALSE);
  const TacetFileTensor *t = find (checkpoint, tensor_name, error);
  if (t)
    map (self, name, checkpoint, t);
  return t != NULL;
}

/* NULL: an error; or a mistake of the program, for what was handed out does not change. */
static Entry *
entry_to_change (TacetWeights *self, const char *name, GError **error)
{
  Entry *e = g_hash_table_lookup (self->by_name, name);
  if (!e)
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                 _ ("There is nothing to add to: %s has no tensor “%s”"), self->what, name);
  g_return_val_if_fail (!e || (e->source && !e->tensor), NULL);
  return e;
}

gboolean
tacet_weights_add_tensor (TacetWeights *self, const char *name, TacetCheckpoint *checkpoint, const char *tensor_name,
                          float factor, GError **error)
{
  Entry *e = entry_to_change (self, name, error);
  const TacetFileTensor *t = e ? find (checkpoint, tensor_name, error) : NULL;
  return t && tacet_source_add_tensor (e->source, checkpoint, t, factor, error);
}

gboolean
tacet_weights_add_product (TacetWeights *self, const char *name, TacetCheckpoint *checkpoint, const char *up,
                           const char *mid, const char *down, float factor, GError **error)
{
  Entry *e = entry_to_change (self, name, error);
  const TacetFileTensor *u = e ? find (checkpoint, up, error) : NULL, *d = u ? find (checkpoint, down, error) : NULL,
                        *m = d && mid ? find (checkpoint, mid, error) : NULL;
  return d && (!mid || m) && tacet_source_add_product (e->source, checkpoint, u, m, d, factor, error);
}

TacetWeights *
tacet_weights_open (const char *path, GError **error)
{
  g_autoptr (TacetCheckpoint) checkpoint = tacet_checkpoint_open (path, error);
  if (!checkpoint)
    return NULL;
  TacetWeights *self = tacet_weights_new_view (tacet_checkpoint_path (checkpoint));
  for (guint i = 0; i < tacet_checkpoint_length (checkpoint); i++)
    {
      const TacetFileTensor *t = tacet_checkpoint_nth (checkpoint, i);
      map (self, t->name, checkpoint, t);
    }
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, tacet_checkpoint_metadata_table (checkpoint));
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (self->metadata, g_strdup (key), g_strdup (value));
  return self;
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
  g_free (self->what);
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

static gboolean
check_shape (TacetWeights *self, const Entry *e, int rank, TacetShape shape, GError **error)
{
  gint64 dims[TACET_FILE_MAX_RANK];
  int n = disk_shape (rank, shape, dims);
  int a = tacet_rank_without_ones (dims, n), b = tacet_rank_without_ones (e->disk, e->disk_rank);
  if (a == b && memcmp (dims, e->disk, sizeof dims[0] * (gsize) a) == 0 &&
      (!e->tensor || tacet_shape_equal (e->tensor->shape, shape)))
    return TRUE;
  g_autofree char *wanted = tacet_dims_text (dims, n), *found = tacet_dims_text (e->disk, e->disk_rank);
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_SHAPE,
               _ ("The tensor “%s” in %s has the shape %s, but the model's configuration asks for %s"), e->name,
               self->what ? self->what : _ ("the new model"), found, wanted);
  return FALSE;
}

static TacetTensor *
no_memory (const char *name, GError **error)
{
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY,
               _ ("There is not enough memory for the weights “%s”"), name);
  return NULL;
}

typedef struct
{
  TacetSource *source;
  gsize taps; /* 0: as on disk */
} Fill;

static gboolean
fill (gpointer data, float *values, GError **error)
{
  const Fill *self = data;
  return tacet_source_read (self->source, self->taps, TRUE, values, error);
}

static void
fill_free (gpointer data)
{
  tacet_source_unref (((Fill *) data)->source);
  g_free (data);
}

/* The tensor in the kernels' layout, its values still in the file. */
static TacetTensor *
make_lazy (const Entry *e, int rank, TacetShape shape, GError **error)
{
  const TacetFileTensor *t = tacet_source_tensor (e->source);
  if (t->dtype > TACET_FILE_F64)
    {
      tacet_source_read (e->source, 0, TRUE, NULL, error); /* says so */
      return NULL;
    }
  const gsize taps = (gsize) (shape.d[1] * shape.d[2]);
  Fill *source = g_new0 (Fill, 1);
  source->source = tacet_source_ref (e->source);
  source->taps = rank == 4 && taps > 1 ? taps : 0;
  TacetTensor *tensor = tacet_tensor_new_lazy (shape, tacet_source_precision (e->source), fill, source, fill_free);
  return tensor ? tensor : no_memory (e->name, error);
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
  e->swapped = rank == 4;
  e->disk_rank = disk_shape (rank, shape, e->disk);
  g_hash_table_insert (self->by_name, e->name, e);
  g_clear_pointer (&self->sorted, g_ptr_array_unref);
  return e;
}

/* Its values may still be in the file. */
static Entry *
look_up (TacetWeights *self, const char *name, int rank, TacetShape shape, TacetInit init, float gain, GError **error)
{
  g_return_val_if_fail (rank == 1 || rank == 2 || rank == 4 || rank == TACET_RANK_POINTWISE, NULL);
  Entry *e = g_hash_table_lookup (self->by_name, name);
  if (!e && self->what)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_MISSING,
                   _ ("The weights %s lack the tensor “%s”, which the model's configuration asks for"), self->what,
                   name);
      return NULL;
    }
  if (!e)
    e = create (self, name, rank, shape, init, gain, error);
  if (!e || !check_shape (self, e, rank, shape, error))
    return NULL;
  if (!e->tensor)
    {
      e->tensor = make_lazy (e, rank, shape, error);
      e->swapped = rank == 4;
    }
  e->rank = rank;
  return e->tensor ? e : NULL;
}

/* From now on its data are there. */
static gboolean
hold (Entry *e, GError **error)
{
  if (!e->held && e->source && !tacet_tensor_load (e->tensor, error))
    return FALSE;
  e->held = e->source != NULL;
  return TRUE;
}

TacetTensor *
tacet_weights_get (TacetWeights *self, const char *name, int rank, TacetShape shape, TacetInit init, float gain,
                   GError **error)
{
  Entry *e = look_up (self, name, rank, shape, init, gain, error);
  return e && hold (e, error) ? e->tensor : NULL;
}

TacetValue *
tacet_weights_value (TacetWeights *self, TacetGraph *g, const char *name, int rank, TacetShape shape, TacetInit init,
                     float gain)
{
  g_autoptr (GError) error = NULL;
  Entry *e = NULL;
  gboolean sane = TRUE;
  for (int i = 0; i < TACET_RANK; i++)
    sane = sane && shape.d[i] > 0 && shape.d[i] <= 1 << 24;
  if (!sane || tacet_graph_error (g))
    tacet_graph_set_error (g, _ ("The shape of the weights “%s” is impossible"), name);
  else if (!(e = look_up (self, name, rank, shape, init, gain, &error)))
    tacet_graph_set_error (g, "%s", error->message);
  /* After an error any value of the right shape will do. */
  return e ? tacet_weight (g, name, e->tensor) : tacet_full (g, sane ? shape : tacet_shape (1, 1, 1, 1), 0.0f);
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

static gboolean
is_pointwise (const Entry *e)
{
  return e->disk_rank == 4 && e->disk[2] == 1 && e->disk[3] == 1;
}

/* The layout that a tensor nobody asked for would have. */
static TacetTensor *
make_plain (const Entry *e)
{
  TacetShape s = tacet_shape (1, 1, 1, 1);
  if (e->disk_rank > 4 || tacet_file_tensor_count (tacet_source_tensor (e->source)) == 0)
    return NULL;
  if (is_pointwise (e))
    s = tacet_shape (1, 1, e->disk[0], e->disk[1]);
  else if (e->disk_rank == 4)
    s = tacet_shape (e->disk[0], e->disk[2], e->disk[3], e->disk[1]);
  else
    for (int i = 0; i < e->disk_rank; i++)
      s.d[4 - e->disk_rank + i] = e->disk[i];
  return make_lazy (e, is_pointwise (e) ? TACET_RANK_POINTWISE : e->disk_rank, s, NULL);
}

const char *
tacet_weights_nth (TacetWeights *self, guint i, TacetTensor **tensor)
{
  g_return_val_if_fail (i < tacet_weights_length (self), NULL);
  Entry *e = g_ptr_array_index (sorted (self), i);
  if (tensor)
    {
      if (!e->tensor && (e->tensor = make_plain (e)))
        e->swapped = e->disk_rank == 4 && !is_pointwise (e);
      *tensor = e->tensor && hold (e, NULL) ? e->tensor : NULL;
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
      const int rank = e->rank ? e->rank : e->disk_rank;
      if (!other || !check_shape (from, other, rank, e->tensor->shape, NULL))
        continue;
      g_autoptr (TacetTensor) source =
          other->tensor ? tacet_tensor_ref (other->tensor) : make_lazy (other, rank, e->tensor->shape, NULL);
      if (!source || !hold (e, NULL) || !tacet_tensor_load (source, NULL))
        continue;
      memcpy (e->tensor->data, source->data,
              (gsize) tacet_shape_count (source->shape) * tacet_dtype_size (source->dtype));
      tacet_tensor_unload (source);
      copied++;
    }
  return copied;
}

/* The values in disk layout, g_free () them. */
static float *
values_on_disk (Entry *e, gsize n, GError **error)
{
  g_autofree float *values = g_try_new (float, MAX (n, 1));
  if (!values)
    {
      no_memory (e->name, error);
      return NULL;
    }
  if (!e->tensor || !e->tensor->data)
    return tacet_source_read (e->source, 0, FALSE, values, error) ? g_steal_pointer (&values) : NULL;
  const TacetShape s = e->tensor->shape;
  const gsize taps = (gsize) (s.d[1] * s.d[2]);
  if (e->swapped && taps > 1)
    tacet_floats_swap (tacet_tensor_f32 (e->tensor), values, (gsize) s.d[0], taps, (gsize) s.d[3]);
  else
    memcpy (values, e->tensor->data, n * sizeof *values);
  return g_steal_pointer (&values);
}

/* Elements that are no weights are copied as they are. */
static gboolean
is_foreign (const Entry *e)
{
  return e->source && tacet_source_tensor (e->source)->dtype > TACET_FILE_F64;
}

static gboolean
save_foreign (TacetWeights *self, const Entry *e, TacetFileWriter *writer, gsize size, GError **error)
{
  g_autofree guint8 *bytes = g_try_malloc (MAX (size, 1));
  if (!bytes)
    return no_memory (e->name, error) != NULL;
  if (tacet_source_read_bytes (e->source, bytes, error))
    return tacet_file_writer_write (writer, bytes, size, error);
  g_prefix_error (error, _ ("The weights %s cannot be used: "), self->what);
  return FALSE;
}

static gboolean
save_one (TacetWeights *self, TacetFileWriter *writer, const TacetFileTensor *t, GError **error)
{
  Entry *e = g_hash_table_lookup (self->by_name, t->name);
  gsize n = (gsize) tacet_file_tensor_count (t), size = (gsize) (t->end - t->begin);
  if (is_foreign (e))
    return save_foreign (self, e, writer, size, error);
  g_autofree float *values = values_on_disk (e, n, error);
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
      if (is_foreign (e))
        {
          const TacetFileTensor *file = tacet_source_tensor (e->source);
          t->dtype = file->dtype;
          t->bits = file->bits;
          g_strlcpy (t->dtype_name, file->dtype_name, sizeof t->dtype_name);
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
