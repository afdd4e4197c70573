/* tacet-safetensors.c: reading safetensors: the header's grammar and every check of its numbers.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "tacet-safetensors.h"
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_HEADER  100000000u
#define MAX_NAME    1024
#define MAX_TENSORS 1000000u

GQuark
tacet_weights_error_quark (void)
{
  return g_quark_from_static_string ("tacet-weights-error");
}

typedef struct
{
  const char *p, *end;
} Scanner;

gboolean
tacet_file_invalid (GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  if (error && !*error)
    *error = g_error_new_valist (TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID, format, args);
  va_end (args);
  return FALSE;
}

static void
skip_space (Scanner *s)
{
  while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
    s->p++;
}

static gboolean
accept (Scanner *s, char c)
{
  skip_space (s);
  if (s->p >= s->end || *s->p != c)
    return FALSE;
  s->p++;
  return TRUE;
}

static gboolean
at_end (Scanner *s)
{
  skip_space (s);
  return s->p == s->end;
}

static gboolean
scan_hex4 (Scanner *s, gunichar *out)
{
  if (s->end - s->p < 4)
    return FALSE;
  gunichar u = 0;
  for (int i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (*s->p++);
      if (digit < 0)
        return FALSE;
      u = u << 4 | (gunichar) digit;
    }
  *out = u;
  return TRUE;
}

static gboolean
scan_unicode_escape (Scanner *s, GString *out)
{
  gunichar u = 0, low = 0;
  if (!scan_hex4 (s, &u))
    return FALSE;
  if (u >= 0xd800 && u < 0xdc00)
    {
      if (s->end - s->p < 2 || s->p[0] != '\\' || s->p[1] != 'u')
        return FALSE;
      s->p += 2;
      if (!scan_hex4 (s, &low) || low < 0xdc00 || low > 0xdfff)
        return FALSE;
      u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
    }
  /* A lone half of a pair, or a NUL that would end our strings early. */
  if (u == 0 || !g_unichar_validate (u))
    return FALSE;
  g_string_append_unichar (out, u);
  return TRUE;
}

/* The text is valid UTF-8 already. */
static gboolean
scan_string (Scanner *s, GString *out)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  g_string_truncate (out, 0);
  if (!accept (s, '"'))
    return FALSE;
  while (s->p < s->end)
    {
      char c = *s->p++;
      if (c == '"')
        return TRUE;
      if ((guchar) c < 0x20)
        return FALSE;
      if (c != '\\')
        {
          g_string_append_c (out, c);
          continue;
        }
      if (s->p >= s->end)
        return FALSE;
      c = *s->p++;
      const char *known = c ? strchr (from, c) : NULL;
      if (known)
        g_string_append_c (out, to[known - from]);
      else if (c != 'u' || !scan_unicode_escape (s, out))
        return FALSE;
    }
  return FALSE;
}

static gboolean
scan_uint (Scanner *s, guint64 *out)
{
  skip_space (s);
  const char *start = s->p;
  guint64 value = 0;
  while (s->p < s->end && g_ascii_isdigit (*s->p))
    {
      guint64 digit = (guint64) (*s->p++ - '0');
      if (value > (G_MAXINT64 - digit) / 10)
        return FALSE;
      value = value * 10 + digit;
    }
  gsize n = (gsize) (s->p - start);
  *out = value;
  return n > 0 && (n == 1 || *start != '0');
}

/* [a, b, ...], at most max numbers. */
static gboolean
scan_uints (Scanner *s, guint64 *out, int max, int *n)
{
  *n = 0;
  if (!accept (s, '['))
    return FALSE;
  if (accept (s, ']'))
    return TRUE;
  do
    {
      if (*n == max || !scan_uint (s, &out[*n]))
        return FALSE;
      ++*n;
    }
  while (accept (s, ','));
  return accept (s, ']');
}

/* A string, number or word of a field that we do not know. */
static gboolean
skip_scalar (Scanner *s, GString *scratch)
{
  skip_space (s);
  if (s->p < s->end && *s->p == '"')
    return scan_string (s, scratch);
  const char *start = s->p;
  while (s->p < s->end && (g_ascii_isalnum (*s->p) || strchr ("+-.", *s->p)))
    s->p++;
  return s->p > start;
}

static const struct
{
  const char *name;
  TacetFileDtype dtype;
  int bits;
} dtypes[] = {
  { "F32", TACET_FILE_F32, 32 },          { "F16", TACET_FILE_F16, 16 },          { "BF16", TACET_FILE_BF16, 16 },
  { "F64", TACET_FILE_F64, 64 },          { "I64", TACET_FILE_I64, 64 },          { "I32", TACET_FILE_I32, 32 },
  { "BOOL", TACET_FILE_OTHER, 8 },        { "U8", TACET_FILE_OTHER, 8 },          { "I8", TACET_FILE_OTHER, 8 },
  { "F8_E5M2", TACET_FILE_OTHER, 8 },     { "F8_E4M3", TACET_FILE_OTHER, 8 },     { "F8_E8M0", TACET_FILE_OTHER, 8 },
  { "F8_E4M3FNUZ", TACET_FILE_OTHER, 8 }, { "F8_E5M2FNUZ", TACET_FILE_OTHER, 8 }, { "I16", TACET_FILE_OTHER, 16 },
  { "U16", TACET_FILE_OTHER, 16 },        { "U32", TACET_FILE_OTHER, 32 },        { "U64", TACET_FILE_OTHER, 64 },
  { "C64", TACET_FILE_OTHER, 64 },        { "F4", TACET_FILE_OTHER, 4 },          { "F6_E2M3", TACET_FILE_OTHER, 6 },
  { "F6_E3M2", TACET_FILE_OTHER, 6 },
};

gboolean
tacet_file_tensor_set_dtype (TacetFileTensor *t, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (strcmp (dtypes[i].name, name) == 0)
      {
        t->dtype = dtypes[i].dtype;
        t->bits = dtypes[i].bits;
        g_strlcpy (t->dtype_name, name, sizeof t->dtype_name);
        return TRUE;
      }
  return FALSE;
}

TacetFileTensor *
tacet_file_tensor_new (const char *name, TacetFileDtype dtype, int rank, const gint64 *dims)
{
  TacetFileTensor *t = g_new0 (TacetFileTensor, 1);
  t->name = g_strdup (name);
  t->rank = rank;
  for (int i = 0; i < rank; i++)
    t->dims[i] = dims[i];
  for (gsize i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (dtypes[i].dtype == dtype)
      {
        tacet_file_tensor_set_dtype (t, dtypes[i].name);
        break;
      }
  return t;
}

void
tacet_file_tensor_free (TacetFileTensor *self)
{
  g_free (self->name);
  g_free (self->strides);
  g_free (self);
}

gint64
tacet_file_tensor_count (const TacetFileTensor *tensor)
{
  gint64 n = 1;
  /* With a zero among them the other dimensions were not bounded by the file's size. */
  for (int i = 0; i < tensor->rank; i++)
    if (tensor->dims[i] == 0)
      return 0;
  for (int i = 0; i < tensor->rank; i++)
    n *= tensor->dims[i];
  return n;
}

/* The size that dtype and shape ask for must be that of the offsets. */
static gboolean
check_size (const TacetFileTensor *t, GError **error)
{
  guint64 bits = (guint64) t->bits;
  gboolean zero = FALSE, too_big = FALSE;
  for (int i = 0; i < t->rank; i++)
    zero |= t->dims[i] == 0;
  for (int i = 0; i < t->rank && !zero; i++)
    too_big |= !g_uint64_checked_mul (&bits, bits, (guint64) t->dims[i]);
  if (too_big)
    tacet_file_invalid (error, _ ("tensor “%s” is impossibly large"), t->name);
  else if (t->end < t->begin || (zero ? 0 : bits) != (t->end - t->begin) * 8 || t->end - t->begin > G_MAXUINT64 / 8)
    tacet_file_invalid (error, _ ("the size of tensor “%s” does not fit its shape"), t->name);
  else
    return TRUE;
  return FALSE;
}

static gboolean
scan_tensor (Scanner *s, TacetFileTensor *t, GString *scratch, GError **error)
{
  enum
  {
    DTYPE = 1,
    SHAPE = 2,
    OFFSETS = 4
  } seen = 0,
    field;
  guint64 numbers[TACET_FILE_MAX_RANK];
  int n = 0;
  gboolean good = accept (s, '{');
  while (good)
    {
      good = scan_string (s, scratch) && accept (s, ':');
      field = strcmp (scratch->str, "dtype") == 0          ? DTYPE
              : strcmp (scratch->str, "shape") == 0        ? SHAPE
              : strcmp (scratch->str, "data_offsets") == 0 ? OFFSETS
                                                           : 0;
      good = good && !(seen & field);
      seen |= field;
      if (good && field == DTYPE)
        {
          good = scan_string (s, scratch);
          if (good && !tacet_file_tensor_set_dtype (t, scratch->str))
            {
              tacet_file_invalid (error, _ ("tensor “%s” has the unknown element type “%.20s”"), t->name, scratch->str);
              return FALSE;
            }
        }
      else if (good && field == SHAPE)
        {
          good = scan_uints (s, numbers, TACET_FILE_MAX_RANK, &t->rank);
          for (int i = 0; good && i < t->rank; i++)
            t->dims[i] = (gint64) numbers[i];
        }
      else if (good && field == OFFSETS)
        {
          good = scan_uints (s, numbers, 2, &n) && n == 2;
          t->begin = good ? numbers[0] : 0;
          t->end = good ? numbers[1] : 0;
        }
      else if (good)
        good = skip_scalar (s, scratch);
      if (!good || !accept (s, ','))
        break;
    }
  if (!good || !accept (s, '}') || seen != (DTYPE | SHAPE | OFFSETS))
    {
      tacet_file_invalid (error, _ ("the description of tensor “%s” is damaged"), t->name);
      return FALSE;
    }
  return check_size (t, error);
}

static gboolean
scan_metadata (Scanner *s, GHashTable *metadata, GString *scratch)
{
  if (!accept (s, '{'))
    return FALSE;
  if (accept (s, '}'))
    return TRUE;
  do
    {
      if (!scan_string (s, scratch) || g_hash_table_contains (metadata, scratch->str) || !accept (s, ':'))
        return FALSE;
      g_autofree char *key = g_strdup (scratch->str);
      if (!scan_string (s, scratch))
        return FALSE;
      g_hash_table_insert (metadata, g_steal_pointer (&key), g_strdup (scratch->str));
    }
  while (accept (s, ','));
  return accept (s, '}');
}

static gboolean
scan_header (Scanner *s, TacetFileIndex *index, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) scratch = g_string_new (NULL);
  gboolean have_metadata = FALSE;
  if (!accept (s, '{'))
    return FALSE;
  if (accept (s, '}'))
    return at_end (s);
  do
    {
      if (!scan_string (s, scratch) || !accept (s, ':'))
        return FALSE;
      if (strcmp (scratch->str, "__metadata__") == 0)
        {
          if (have_metadata || !scan_metadata (s, index->metadata, scratch))
            return FALSE;
          have_metadata = TRUE;
          continue;
        }
      if (scratch->len > MAX_NAME || index->tensors->len >= MAX_TENSORS)
        {
          tacet_file_invalid (error, _ ("it holds too many tensors or too long names"));
          return FALSE;
        }
      TacetFileTensor *t = g_new0 (TacetFileTensor, 1);
      t->name = g_strdup (scratch->str);
      g_ptr_array_add (index->tensors, t);
      if (!g_hash_table_add (names, t->name))
        {
          tacet_file_invalid (error, _ ("it names the tensor “%s” twice"), t->name);
          return FALSE;
        }
      if (!scan_tensor (s, t, scratch, error))
        return FALSE;
    }
  while (accept (s, ','));
  return accept (s, '}') && at_end (s);
}

static int
by_offset (gconstpointer a, gconstpointer b)
{
  const TacetFileTensor *x = *(TacetFileTensor *const *) a, *y = *(TacetFileTensor *const *) b;
  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return x->end < y->end ? -1 : x->end > y->end;
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(TacetFileTensor *const *) a)->name, (*(TacetFileTensor *const *) b)->name);
}

static gboolean
check_cover (GPtrArray *tensors, guint64 data_size, GError **error)
{
  guint64 at = 0;
  g_ptr_array_sort (tensors, by_offset);
  for (guint i = 0; i < tensors->len; i++)
    {
      const TacetFileTensor *t = g_ptr_array_index (tensors, i);
      if (t->begin != at)
        {
          tacet_file_invalid (error, _ ("the data of tensor “%s” do not follow those of the one before"), t->name);
          return FALSE;
        }
      at = t->end;
    }
  if (at == data_size)
    return TRUE;
  if (at > data_size)
    tacet_file_invalid (error, _ ("it is cut short: %" PRIu64 " bytes are missing"), at - data_size);
  else
    tacet_file_invalid (error, _ ("it has %" PRIu64 " bytes that belong to no tensor"), data_size - at);
  return FALSE;
}

void
tacet_file_index_free (TacetFileIndex *self)
{
  g_ptr_array_unref (self->tensors);
  g_hash_table_unref (self->metadata);
  g_free (self);
}

TacetFileIndex *
tacet_file_index_parse (const char *json, gsize length, guint64 data_size, GError **error)
{
  g_autoptr (TacetFileIndex) self = g_new0 (TacetFileIndex, 1);
  self->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_file_tensor_free);
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->data_start = 8 + length;
  g_autoptr (GError) fault = NULL;
  Scanner s = { json, json + length };
  if (!g_utf8_validate_len (json, length, NULL) || !scan_header (&s, self, &fault))
    {
      tacet_file_invalid (&fault, _ ("its header is damaged"));
      g_propagate_error (error, g_steal_pointer (&fault));
      return NULL;
    }
  if (!check_cover (self->tensors, data_size, error))
    return NULL;
  g_ptr_array_sort (self->tensors, by_name);
  return g_steal_pointer (&self);
}

int
tacet_file_open (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (errno), g_strerror (errno));
  return fd;
}

gboolean
tacet_file_read (int fd, guint64 offset, void *buffer, gsize size, GError **error)
{
  gsize done = 0;
  while (done < size)
    {
      gssize n = pread (fd, (char *) buffer + done, size - done, (off_t) (offset + done));
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (errno), g_strerror (errno));
      else if (n == 0)
        tacet_file_invalid (error, _ ("it ends before its data do"));
      if (n <= 0)
        return FALSE;
      done += (gsize) n;
    }
  return TRUE;
}

TacetFileIndex *
tacet_file_index_read (int fd, GError **error)
{
  struct stat st;
  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode) || st.st_size < 8)
    {
      tacet_file_invalid (error, _ ("it is not a safetensors file"));
      return NULL;
    }
  guint8 head[8];
  if (!tacet_file_read (fd, 0, head, 8, error))
    return NULL;
  guint64 length = 0;
  for (int i = 7; i >= 0; i--)
    length = length << 8 | head[i];
  if (length > MAX_HEADER || length > (guint64) st.st_size - 8)
    {
      tacet_file_invalid (error, _ ("it is not a safetensors file, or is cut short"));
      return NULL;
    }
  g_autofree char *json = g_try_malloc (length + 1);
  if (!json)
    {
      g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY, _ ("there is not enough memory"));
      return NULL;
    }
  if (!tacet_file_read (fd, 8, json, length, error))
    return NULL;
  return tacet_file_index_parse (json, length, (guint64) st.st_size - 8 - length, error);
}
