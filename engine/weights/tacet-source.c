/* tacet-source.c: what a tensor of a store is made of, and its values, some rows at a time.
 *
 * Room: engine/weights.  A row is what lies behind one index of the first dimension: the weights of one
 * output channel.  Low-rank products are those of LoRA (Hu et al. 2021) and of LoCon with its optional core
 * (Yeh et al., LyCORIS): W[o,i,y,x] += factor * sum_st up[o,s] mid[s,t,y,x] down[t,i].
 */
#include "config.h"

#include "tacet-source.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Values that are made at once. */
#define PIECE (64 * 1024)

typedef struct
{
  TacetCheckpoint *checkpoint;
  const TacetFileTensor *up, *mid, *down; /* down NULL: `up` itself is added; mid: may be NULL */
  float factor;
} Delta;

struct _TacetSource
{
  gatomicrefcount refs;
  char *what;
  TacetCheckpoint *checkpoint;
  const TacetFileTensor *tensor;
  GArray *deltas;
};

static void
clear_delta (gpointer delta)
{
  tacet_checkpoint_unref (((Delta *) delta)->checkpoint);
}

TacetSource *
tacet_source_new (const char *what, TacetCheckpoint *checkpoint, const TacetFileTensor *tensor)
{
  TacetSource *self = g_new0 (TacetSource, 1);
  g_atomic_ref_count_init (&self->refs);
  self->what = g_strdup (what);
  self->checkpoint = tacet_checkpoint_ref (checkpoint);
  self->tensor = tensor;
  self->deltas = g_array_new (FALSE, FALSE, sizeof (Delta));
  g_array_set_clear_func (self->deltas, clear_delta);
  return self;
}

TacetSource *
tacet_source_ref (TacetSource *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tacet_source_unref (TacetSource *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_array_unref (self->deltas);
  tacet_checkpoint_unref (self->checkpoint);
  g_free (self->what);
  g_free (self);
}

const TacetFileTensor *
tacet_source_tensor (const TacetSource *self)
{
  return self->tensor;
}

TacetPrecision
tacet_source_precision (const TacetSource *self)
{
  if (self->deltas->len > 0)
    return TACET_PRECISION_F32;
  return self->tensor->dtype == TACET_FILE_F16    ? TACET_PRECISION_F16
         : self->tensor->dtype == TACET_FILE_BF16 ? TACET_PRECISION_BF16
                                                  : TACET_PRECISION_F32;
}

static gint64
dimension (const TacetFileTensor *t, int i)
{
  return i < t->rank ? t->dims[i] : 1;
}

static gboolean
same_shape (const TacetFileTensor *a, const TacetFileTensor *b)
{
  for (int i = 0; i < TACET_FILE_MAX_RANK; i++)
    if (dimension (a, i) != dimension (b, i))
      return FALSE;
  return TRUE;
}

/* Up to the fourth: convolutions. */
static gboolean
has_shape (const TacetFileTensor *t, gint64 a, gint64 b, gint64 c, gint64 d)
{
  return t->rank <= 4 && dimension (t, 0) == a && dimension (t, 1) == b && dimension (t, 2) == c &&
         dimension (t, 3) == d;
}

static gboolean
add (TacetSource *self, TacetCheckpoint *checkpoint, Delta delta, gboolean fits, GError **error)
{
  const gboolean floats = self->tensor->dtype <= TACET_FILE_F64 && delta.up->dtype <= TACET_FILE_F64 &&
                          (!delta.mid || delta.mid->dtype <= TACET_FILE_F64) &&
                          (!delta.down || delta.down->dtype <= TACET_FILE_F64);
  if (!fits || !floats)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_SHAPE,
                   _ ("The tensor “%s” in %s does not fit “%s” in %s; the two files are not made for each other"),
                   delta.up->name, tacet_checkpoint_path (checkpoint), self->tensor->name, self->what);
      return FALSE;
    }
  delta.checkpoint = tacet_checkpoint_ref (checkpoint);
  g_array_append_val (self->deltas, delta);
  return TRUE;
}

gboolean
tacet_source_add_tensor (TacetSource *self, TacetCheckpoint *checkpoint, const TacetFileTensor *other, float factor,
                         GError **error)
{
  return add (self, checkpoint, (Delta){ .up = other, .factor = factor }, same_shape (self->tensor, other), error);
}

gboolean
tacet_source_add_product (TacetSource *self, TacetCheckpoint *checkpoint, const TacetFileTensor *up,
                          const TacetFileTensor *mid, const TacetFileTensor *down, float factor, GError **error)
{
  const TacetFileTensor *w = self->tensor;
  const gint64 height = dimension (w, 2), width = dimension (w, 3), rank = dimension (down, 0);
  gboolean fits = w->rank >= 1 && w->rank <= 4;
  if (mid)
    fits = fits && has_shape (down, rank, dimension (w, 1), 1, 1) &&
           has_shape (mid, dimension (up, 1), rank, height, width) &&
           has_shape (up, dimension (w, 0), dimension (up, 1), 1, 1);
  else
    fits =
        fits && has_shape (down, rank, dimension (w, 1), height, width) && has_shape (up, dimension (w, 0), rank, 1, 1);
  return add (self, checkpoint, (Delta){ .up = up, .mid = mid, .down = down, .factor = factor }, fits, error);
}

static gboolean
no_memory (const TacetSource *self, GError **error)
{
  g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY,
               _ ("There is not enough memory for the weights “%s”"), self->tensor->name);
  return FALSE;
}

static gboolean
read_floats (TacetCheckpoint *checkpoint, const TacetFileTensor *t, guint64 start, guint64 n, float *values,
             GError **error)
{
  if (tacet_checkpoint_read_floats (checkpoint, t, start, n, values, error))
    return TRUE;
  g_prefix_error (error, _ ("The weights %s cannot be used: "), tacet_checkpoint_path (checkpoint));
  return FALSE;
}

static float *
read_all (const TacetSource *self, TacetCheckpoint *checkpoint, const TacetFileTensor *t, GError **error)
{
  const gsize n = (gsize) tacet_file_tensor_count (t);
  g_autofree float *values = g_try_new (float, MAX (n, 1));
  if (!values)
    no_memory (self, error);
  return values && read_floats (checkpoint, t, 0, n, values, error) ? g_steal_pointer (&values) : NULL;
}

/* y += sum_k a[k] x[k] over k < n, rows of `length`; four rows at a time, as y is in the cache and x is not. */
static void
add_rows (float *y, const float *a, const float *x, gsize n, gsize length, float factor)
{
  gsize k = 0;
  for (; k + 4 <= n; k += 4, x += 4 * length)
    {
      const float a0 = factor * a[k], a1 = factor * a[k + 1], a2 = factor * a[k + 2], a3 = factor * a[k + 3];
      for (gsize i = 0; i < length; i++)
        y[i] += (a0 * x[i] + a1 * x[length + i]) + (a2 * x[2 * length + i] + a3 * x[3 * length + i]);
    }
  for (; k < n; k++, x += length)
    for (gsize i = 0; i < length; i++)
      y[i] += factor * a[k] * x[i];
}

/* mid [s,t,taps], down [t,inputs] -> [s,inputs,taps]. */
static float *
join_core (const TacetSource *self, const Delta *d, const float *mid, const float *down, GError **error)
{
  const gsize s = (gsize) dimension (d->mid, 0), t = (gsize) dimension (d->mid, 1),
              taps = (gsize) (dimension (d->mid, 2) * dimension (d->mid, 3)), inputs = (gsize) dimension (d->down, 1);
  gsize row, count;
  float *joined = g_size_checked_mul (&row, inputs, taps) && g_size_checked_mul (&count, row, s)
                      ? g_try_new0 (float, MAX (count, 1))
                      : NULL;
  if (!joined)
    {
      no_memory (self, error);
      return NULL;
    }
  for (gsize k = 0; k < s; k++)
    for (gsize j = 0; j < t; j++)
      for (gsize i = 0; i < inputs; i++)
        for (gsize x = 0; x < taps; x++)
          joined[(k * inputs + i) * taps + x] += mid[(k * t + j) * taps + x] * down[j * inputs + i];
  return joined;
}

/* A delta in memory, as far as every row needs it. */
typedef struct
{
  float *up, *down; /* [O,rank] and [rank,row] */
  gsize rank;
} Loaded;

static void
clear_loaded (gpointer data)
{
  g_free (((Loaded *) data)->up);
  g_free (((Loaded *) data)->down);
}

static GArray *
load_deltas (const TacetSource *self, GError **error)
{
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (Loaded));
  g_array_set_clear_func (all, clear_loaded);
  g_array_set_size (all, self->deltas->len);
  for (guint i = 0; i < all->len; i++)
    {
      const Delta *d = &g_array_index (self->deltas, Delta, i);
      Loaded *l = &g_array_index (all, Loaded, i);
      if (!d->down)
        continue;
      l->rank = (gsize) dimension (d->up, 1);
      if (!(l->up = read_all (self, d->checkpoint, d->up, error)) ||
          !(l->down = read_all (self, d->checkpoint, d->down, error)))
        return NULL;
      if (d->mid)
        {
          g_autofree float *mid = read_all (self, d->checkpoint, d->mid, error), *down = g_steal_pointer (&l->down);
          if (!mid || !(l->down = join_core (self, d, mid, down, error)))
            return NULL;
        }
    }
  return g_steal_pointer (&all);
}

static gboolean
add_deltas (const TacetSource *self, GArray *loaded, gsize first, gsize rows, gsize length, float *values,
            GError **error)
{
  g_autofree float *other = NULL;
  for (guint i = 0; i < self->deltas->len; i++)
    {
      const Delta *d = &g_array_index (self->deltas, Delta, i);
      const Loaded *l = &g_array_index (loaded, Loaded, i);
      if (d->down)
        {
          for (gsize r = 0; r < rows; r++)
            add_rows (values + r * length, l->up + (first + r) * l->rank, l->down, l->rank, length, d->factor);
          continue;
        }
      if (!other && !(other = g_try_new (float, rows *length)))
        return no_memory (self, error);
      if (!read_floats (d->checkpoint, d->up, first * length, rows * length, other, error))
        return FALSE;
      for (gsize k = 0; k < rows * length; k++)
        values[k] += d->factor * other[k];
    }
  return TRUE;
}

/* Such weights give black pictures at best. */
static gboolean
check_numbers (const TacetSource *self, const float *values, gsize n, GError **error)
{
  gboolean good = TRUE;
  for (gsize i = 0; i < n; i++)
    good &= isfinite (values[i]) != 0;
  if (!good)
    g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID,
                 _ ("The tensor “%s” in %s holds values that are not numbers; the file is damaged"), self->tensor->name,
                 self->what);
  return good;
}

gboolean
tacet_source_read (TacetSource *self, gsize taps, gboolean finite, float *values, GError **error)
{
  const TacetFileTensor *t = self->tensor;
  const gsize n = (gsize) tacet_file_tensor_count (t), rows = (gsize) MAX (dimension (t, 0), 1), length = n / rows,
              step = MAX (PIECE / MAX (length, 1), 1);
  if (t->dtype > TACET_FILE_F64)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_UNSUPPORTED,
                   _ ("The tensor “%s” in %s has elements of type %s where weights are expected"), t->name, self->what,
                   t->dtype_name);
      return FALSE;
    }
  g_return_val_if_fail (taps == 0 || length % taps == 0, FALSE);
  g_autoptr (GArray) loaded = load_deltas (self, error);
  g_autofree float *plain = taps > 1 ? g_try_new (float, MIN (step, rows) * length) : NULL;
  if (!loaded || (taps > 1 && !plain))
    return loaded ? no_memory (self, error) : FALSE;
  for (gsize first = 0; first < rows; first += step)
    {
      const gsize some = MIN (step, rows - first);
      float *out = values + first * length, *piece = plain ? plain : out;
      if (!read_floats (self->checkpoint, t, first * length, some * length, piece, error) ||
          !add_deltas (self, loaded, first, some, length, piece, error) ||
          (finite && !check_numbers (self, piece, some * length, error)))
        return FALSE;
      if (plain)
        tacet_floats_swap (plain, out, some, length / taps, taps);
    }
  return TRUE;
}

gboolean
tacet_source_read_bytes (TacetSource *self, guint8 *bytes, GError **error)
{
  return tacet_checkpoint_read (self->checkpoint, self->tensor, bytes, error);
}
