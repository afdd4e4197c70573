/* tacet-torch.c: the tensors of a file that torch.save () wrote: a zip with a pickle and one entry per storage.
 *
 * Room: engine/weights.  The pickle says, for each tensor, which storage it lies in, where, and how it strides;
 * it is only ever looked at, see tacet-pickle.h.
 * Source: torch/serialization.py and torch/_utils.py of PyTorch 1.6 to 2.x, as a description of the format.
 */
#include "config.h"

#include "tacet-checkpoint-private.h"
#include "tacet-pickle.h"
#include "tacet-zip.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_NAME 1024
/* A view that repeats its storage may be larger than it by so much: else a few bytes could claim terabytes. */
#define MAX_REPEATED (1 << 20)
/* How deep dicts are looked into for the one with the tensors. */
#define MAX_DEPTH 3

typedef TacetPickleObject Object;

typedef struct
{
  TacetZip *zip;
  char *root; /* the folder in the archive */
  guint part;
} Archive;

/* Types of elements by the names of storages and of dtypes; those without a name of safetensors are not listed. */
static const struct
{
  const char *storage, *dtype, *name;
} types[] = {
  { "FloatStorage", "float32", "F32" },
  { "HalfStorage", "float16", "F16" },
  { "BFloat16Storage", "bfloat16", "BF16" },
  { "DoubleStorage", "float64", "F64" },
  { "LongStorage", "int64", "I64" },
  { "IntStorage", "int32", "I32" },
  { "ShortStorage", "int16", "I16" },
  { "CharStorage", "int8", "I8" },
  { "ByteStorage", "uint8", "U8" },
  { "BoolStorage", "bool", "BOOL" },
  { "ComplexFloatStorage", "complex64", "C64" },
  { NULL, "uint16", "U16" },
  { NULL, "uint32", "U32" },
  { NULL, "uint64", "U64" },
  { NULL, "float8_e4m3fn", "F8_E4M3" },
  { NULL, "float8_e5m2", "F8_E5M2" },
};

static gboolean
is_tuple (const Object *o, guint at_least)
{
  return o->type == TACET_PICKLE_TUPLE && o->n >= at_least;
}

/* FALSE: not a type that we know. */
static gboolean
set_type (TacetFileTensor *t, const Object *storage, const Object *dtype)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (dtype ? tacet_pickle_is_global (dtype, "torch", types[i].dtype)
              : types[i].storage && tacet_pickle_is_global (storage, "torch", types[i].storage))
      return tacet_file_tensor_set_dtype (t, types[i].name);
  return FALSE;
}

/* The bytes of ('storage', type, key, place, length) in the archive; FALSE: there is no such thing. */
static gboolean
find_storage (const Archive *archive, const Object *id, const TacetZipEntry **entry)
{
  const Object *key = id->items[2];
  if (key->type != TACET_PICKLE_TEXT || key->n > MAX_NAME)
    return FALSE;
  g_autofree char *text = g_strndup (key->text, key->n), *name = g_strconcat (archive->root, "/data/", text, NULL);
  *entry = tacet_zip_find (archive->zip, name);
  return *entry != NULL;
}

/* Both tuples of as many whole numbers that are not negative. */
static gboolean
set_shape (TacetFileTensor *t, const Object *size, const Object *stride)
{
  if (!is_tuple (size, 0) || !is_tuple (stride, 0) || size->n != stride->n || size->n > TACET_FILE_MAX_RANK)
    return FALSE;
  t->rank = (int) size->n;
  t->strides = g_new0 (gint64, TACET_FILE_MAX_RANK);
  for (int i = 0; i < t->rank; i++)
    {
      const Object *d = size->items[i], *s = stride->items[i];
      if (d->type != TACET_PICKLE_INTEGER || s->type != TACET_PICKLE_INTEGER || d->integer < 0 || s->integer < 0)
        return FALSE;
      t->dims[i] = d->integer;
      t->strides[i] = s->integer;
    }
  return TRUE;
}

/* Row-major tensors need no strides. */
static void
forget_plain_strides (TacetFileTensor *t)
{
  gint64 expected = 1;
  for (int i = t->rank - 1; i >= 0; i--)
    {
      if (t->dims[i] != 1 && t->strides[i] != expected)
        return;
      expected *= t->dims[i];
    }
  g_clear_pointer (&t->strides, g_free);
}

/* Every element must lie in the storage, whose `length` elements must lie in its entry. */
static gboolean
set_place (TacetFileTensor *t, const TacetZipEntry *entry, guint64 length, gint64 offset)
{
  const guint64 size = (guint64) t->bits / 8;
  guint64 count = 1, last = (guint64) offset, step;
  if (offset < 0 || length > entry->size / size)
    return FALSE;
  for (int i = 0; i < t->rank; i++)
    if (t->dims[i] == 0)
      {
        g_clear_pointer (&t->strides, g_free);
        t->begin = t->end = entry->offset;
        return TRUE;
      }
  for (int i = 0; i < t->rank; i++)
    if (!g_uint64_checked_mul (&count, count, (guint64) t->dims[i]) ||
        !g_uint64_checked_mul (&step, (guint64) (t->dims[i] - 1), (guint64) t->strides[i]) ||
        !g_uint64_checked_add (&last, last, step))
      return FALSE;
  if (last >= length || count > MAX (length, MAX_REPEATED))
    return FALSE;
  t->begin = entry->offset + (guint64) offset * size;
  t->end = t->begin + count * size;
  forget_plain_strides (t);
  return TRUE;
}

typedef enum
{
  NOT_A_TENSOR,
  TENSOR,
  BROKEN,
} Found;

/* (storage, offset, size, stride, ...); version 3 names the type of the elements. */
static Found
read_tensor (const Archive *archive, const Object *arguments, gboolean version3, TacetFileTensor *t)
{
  if (!is_tuple (arguments, version3 ? 7 : 4) || arguments->items[0]->type != TACET_PICKLE_PERSISTENT)
    return NOT_A_TENSOR;
  const Object *id = arguments->items[0]->a, *offset = arguments->items[1], *dtype = NULL;
  const TacetZipEntry *entry = NULL;
  if (!is_tuple (id, 5) || !tacet_pickle_is_text (id->items[0], "storage"))
    return NOT_A_TENSOR;
  if (version3)
    dtype = arguments->items[6];
  if (!set_type (t, id->items[1], dtype))
    return NOT_A_TENSOR;
  const Object *length = id->items[4];
  if (length->type != TACET_PICKLE_INTEGER || length->integer < 0 || offset->type != TACET_PICKLE_INTEGER ||
      !find_storage (archive, id, &entry) || !set_shape (t, arguments->items[2], arguments->items[3]))
    return BROKEN;
  /* Untyped storages count bytes. */
  const guint64 n = (guint64) length->integer / (version3 ? (guint64) t->bits / 8 : 1);
  t->part = archive->part;
  return set_place (t, entry, n, offset->integer) ? TENSOR : BROKEN;
}

/* What torch would have called; wrappers are looked through. */
static Found
find_tensor (const Archive *archive, const Object *o, TacetFileTensor *t)
{
  for (int depth = 0; depth < 8 && o->type == TACET_PICKLE_CALL; depth++)
    {
      const Object *what = o->a, *arguments = o->b;
      /* A subclass, or a tensor with attributes: (function, class, its arguments, state). */
      if (tacet_pickle_is_global (what, "torch._tensor", "_rebuild_from_type_v2") && is_tuple (arguments, 4))
        {
          what = arguments->items[0];
          arguments = arguments->items[2];
        }
      if (tacet_pickle_is_global (what, "torch._utils", "_rebuild_tensor_v2") ||
          tacet_pickle_is_global (what, "torch._utils", "_rebuild_tensor"))
        return read_tensor (archive, arguments, FALSE, t);
      if (tacet_pickle_is_global (what, "torch._utils", "_rebuild_tensor_v3"))
        return read_tensor (archive, arguments, TRUE, t);
      if (!is_tuple (arguments, 1) || (!tacet_pickle_is_global (what, "torch._utils", "_rebuild_parameter") &&
                                       !tacet_pickle_is_global (what, "torch._utils", "_rebuild_parameter_with_state")))
        break;
      o = arguments->items[0];
    }
  return NOT_A_TENSOR;
}

static gboolean
is_dict (const Object *o)
{
  return o->type == TACET_PICKLE_DICT ||
         (o->type == TACET_PICKLE_CALL && (tacet_pickle_is_global (o->a, "collections", "OrderedDict") ||
                                           tacet_pickle_is_global (o->a, "collections", "defaultdict")));
}

static const Object *
get_item (const Object *dict, const char *key)
{
  for (guint i = dict->n; i >= 2; i -= 2)
    if (tacet_pickle_is_text (dict->items[i - 2], key))
      return dict->items[i - 1];
  return NULL;
}

static guint
count_tensors (const Archive *archive, const Object *dict)
{
  guint n = 0;
  for (guint i = 1; i < dict->n; i += 2)
    {
      g_autoptr (TacetFileTensor) t = g_new0 (TacetFileTensor, 1);
      n += find_tensor (archive, dict->items[i], t) != NOT_A_TENSOR;
    }
  return n;
}

/* The dict with most tensors among the root and those that trainers put into it. */
static const Object *
find_dict (const Archive *archive, const Object *root)
{
  static const char *const names[] = { "state_dict", "model", "params_ema", "params", "model_state_dict",
                                       "module",     "unet",  "weights",    "ema" };
  const Object *best = NULL;
  guint most = 0;
  for (int depth = 0; depth < MAX_DEPTH && root && is_dict (root); depth++)
    {
      const guint own = count_tensors (archive, root);
      const Object *inner = NULL;
      if (own > most)
        {
          most = own;
          best = root;
        }
      for (gsize i = 0; i < G_N_ELEMENTS (names) && !inner; i++)
        {
          const Object *o = get_item (root, names[i]);
          inner = o && is_dict (o) ? o : NULL;
        }
      root = inner;
    }
  return best;
}

static gboolean
add_tensor (TacetCheckpoint *self, const Archive *archive, const Object *key, const Object *value, GError **error)
{
  g_autoptr (TacetFileTensor) t = g_new0 (TacetFileTensor, 1);
  const Found found = find_tensor (archive, value, t);
  if (found == NOT_A_TENSOR || key->type != TACET_PICKLE_TEXT)
    return TRUE;
  if (key->n > MAX_NAME || !g_utf8_validate_len (key->text, key->n, NULL))
    return tacet_file_invalid (error, _ ("it has a tensor with an impossible name"));
  t->name = g_strndup (key->text, key->n);
  if (found == BROKEN)
    return tacet_file_invalid (error, _ ("the tensor “%s” does not lie in the data that the file has"), t->name);
  g_ptr_array_add (self->tensors, g_steal_pointer (&t));
  return TRUE;
}

static gboolean
no_tensors (const Object *root, GError **error)
{
  const Object *what = root->type == TACET_PICKLE_CALL ? root->a : root;
  g_autofree char *name = tacet_pickle_global_name (what);
  if (name && !is_dict (root))
    return tacet_file_invalid (
        error, _ ("it holds a Python object (%s) and not a list of tensors; save its state_dict ()"), name);
  return tacet_file_invalid (error, _ ("it is a PyTorch file without tensors where a model has them"));
}

static guint8 *
read_entry (int fd, const TacetZipEntry *entry, guint64 max, GError **error)
{
  if (entry->size > max)
    {
      tacet_file_invalid (error, _ ("the archive's entry “%s” is too large"), entry->name);
      return NULL;
    }
  g_autofree guint8 *bytes = g_try_malloc (MAX (entry->size, 1));
  if (!bytes)
    {
      g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY, _ ("there is not enough memory"));
      return NULL;
    }
  return tacet_file_read (fd, entry->offset, bytes, entry->size, error) ? g_steal_pointer (&bytes) : NULL;
}

static const TacetZipEntry *
find_in_root (const Archive *archive, const char *name)
{
  g_autofree char *full = g_strconcat (archive->root, "/", name, NULL);
  return tacet_zip_find (archive->zip, full);
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED, why);
  return FALSE;
}

static gboolean
check_archive (const Archive *archive, int fd, GError **error)
{
  if (find_in_root (archive, "constants.pkl"))
    return refuse (error, _ ("it is a TorchScript program; Tacet reads weights, not programs. Save its state_dict ()"));
  if (archive->zip->compressed)
    return refuse (error, _ ("it is a compressed zip archive, which PyTorch does not write; perhaps the model lies in "
                             "it: unpack it"));
  if (!find_in_root (archive, "data.pkl"))
    return refuse (error, _ ("it is a zip archive, but not one that PyTorch wrote"));
  const TacetZipEntry *order = find_in_root (archive, "byteorder");
  g_autofree guint8 *text = order ? read_entry (fd, order, 64, error) : NULL;
  if (order && !text)
    return FALSE;
  if (order && (order->size != 6 || memcmp (text, "little", 6) != 0))
    return refuse (error, _ ("its numbers are stored in an order of bytes that Tacet does not read"));
  return TRUE;
}

static gboolean
add_tensors (TacetCheckpoint *self, const Archive *archive, int fd, GError **error)
{
  const TacetZipEntry *entry = find_in_root (archive, "data.pkl");
  g_autofree guint8 *bytes = read_entry (fd, entry, TACET_PICKLE_MAX_BYTES, error);
  g_autoptr (TacetPickle) pickle = bytes ? tacet_pickle_parse (bytes, (gsize) entry->size, error) : NULL;
  if (!pickle)
    return FALSE;
  const Object *root = tacet_pickle_root (pickle), *dict = find_dict (archive, root);
  if (!dict)
    return no_tensors (root, error);
  for (guint i = 0; i + 1 < dict->n; i += 2)
    if (!add_tensor (self, archive, dict->items[i], dict->items[i + 1], error))
      return FALSE;
  return TRUE;
}

gboolean
_tacet_checkpoint_add_torch (TacetCheckpoint *self, int fd, guint64 size, guint part, GError **error)
{
  g_autoptr (TacetZip) zip = tacet_zip_read (fd, size, error);
  if (!zip)
    return FALSE;
  if (zip->entries->len == 0)
    return refuse (error, _ ("it is an empty zip archive"));
  const char *first = ((TacetZipEntry *) g_ptr_array_index (zip->entries, 0))->name, *slash = strchr (first, '/');
  g_autofree char *root = slash ? g_strndup (first, (gsize) (slash - first)) : g_strdup ("");
  const Archive archive = { zip, root, part };
  return check_archive (&archive, fd, error) && add_tensors (self, &archive, fd, error);
}
