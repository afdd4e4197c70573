/* tacet-module-io.c: between tensors of a file (NCHW) and values of a graph (NHWC).
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-module-io.h"
#include "engine/weights/tacet-safetensors.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_ELEMENTS (G_GINT64_CONSTANT (1) << 31)

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_INVALID, text);
  return FALSE;
}

TacetPort *
tacet_port_new (const char *name, TacetValue *value, int rank, const gint64 *dims)
{
  TacetPort *self = g_new0 (TacetPort, 1);
  self->name = g_strdup (name);
  self->value = value;
  self->rank = rank;
  memcpy (self->dims, dims, sizeof *dims * (gsize) rank);
  return self;
}

void
tacet_port_free (TacetPort *self)
{
  g_free (self->name);
  g_free (self);
}

gboolean
tacet_module_has (TacetModuleIo *io, const char *name)
{
  return tacet_raw_tensor_find (io->file, name) != NULL;
}

static TacetRawTensor *
find (TacetModuleIo *io, const char *name, GError **error)
{
  TacetRawTensor *raw = tacet_raw_tensor_find (io->file, name);
  gint64 n = 1;
  if (!raw)
    {
      refuse (error, _ ("The input lacks the tensor “%s”"), name);
      return NULL;
    }
  for (int i = 0; i < raw->rank && n > 0; i++)
    n = raw->dims[i] > MAX_ELEMENTS / n ? 0 : n * raw->dims[i];
  if (n > 0 && n <= MAX_ELEMENTS)
    return raw;
  refuse (error, _ ("The tensor “%s” of the input is empty or too large"), name);
  return NULL;
}

static void
add_input (TacetModuleIo *io, TacetValue *value, const TacetRawTensor *raw)
{
  g_ptr_array_add (io->inputs, tacet_port_new (raw->name, value, raw->rank, raw->dims));
}

TacetValue *
tacet_module_input (TacetModuleIo *io, const char *name, int rank, GError **error)
{
  TacetRawTensor *raw = find (io, name, error);
  if (!raw)
    return NULL;
  gboolean ids = rank == 2;
  if (raw->rank != rank || (raw->dtype == TACET_I32) != ids)
    {
      refuse (error, _ ("The tensor “%s” of the input must have %d dimensions and hold %s"), name, rank,
              ids ? _ ("whole numbers") : _ ("floating-point numbers"));
      return NULL;
    }
  const gint64 *d = raw->dims;
  TacetShape shape = rank == 4   ? tacet_shape (d[0], d[2], d[3], d[1])
                     : rank == 3 ? tacet_shape (d[0], 1, d[1], d[2])
                                 : tacet_shape (d[0], 1, d[1], 1);
  TacetValue *value = tacet_input (io->g, name, ids ? TACET_I32 : TACET_F32, shape);
  add_input (io, value, raw);
  return value;
}

TacetValue *
tacet_module_input_shared (TacetModuleIo *io, const char *name, int rank, GError **error)
{
  TacetValue *value = tacet_module_input (io, name, rank, error);
  if (value)
    value->lasting = io->later;
  return value;
}

TacetValue *
tacet_module_timestep (TacetModuleIo *io, gint64 n, GError **error)
{
  TacetRawTensor *raw = find (io, "timestep", error);
  if (!raw)
    return NULL;
  gint64 count = tacet_raw_tensor_count (raw);
  if (raw->rank > 1 || (count != 1 && count != n))
    {
      refuse (error, _ ("The tensor “timestep” of the input must hold one number, or %d"), (int) n);
      return NULL;
    }
  TacetValue *value = tacet_input (io->g, "timestep", TACET_F32, tacet_shape (count, 1, 1, 1));
  add_input (io, value, raw);
  return tacet_broadcast (value, tacet_shape (n, 1, 1, 1));
}

void
tacet_module_output (TacetModuleIo *io, const char *name, TacetValue *value, int rank)
{
  TacetShape s = value->shape;
  const gint64 image[] = { s.d[0], s.d[3], s.d[1], s.d[2] };
  const gint64 sequence[] = { s.d[0], s.d[2], s.d[3] };
  const gint64 vector[] = { s.d[0] * s.d[2], s.d[3] };
  g_ptr_array_add (io->outputs, tacet_port_new (name, value, rank, rank == 4 ? image : rank == 3 ? sequence : vector));
}

static void
to_floats (const TacetRawTensor *raw, float *out, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = raw->dtype == TACET_F64   ? (float) ((const double *) raw->data)[i]
             : raw->dtype == TACET_I32 ? (float) ((const gint32 *) raw->data)[i]
                                       : ((const float *) raw->data)[i];
}

void *
tacet_port_pack (const TacetPort *like, const TacetRawTensor *raw, GError **error)
{
  gsize n = (gsize) tacet_shape_count (like->value->shape);
  gboolean same =
      raw->rank == like->rank && memcmp (raw->dims, like->dims, sizeof raw->dims[0] * (gsize) raw->rank) == 0;
  if (!same)
    {
      refuse (error, _ ("The tensor “%s” of the input does not have the shape of what it belongs to"), raw->name);
      return NULL;
    }
  g_autofree float *plain = g_try_new (float, n), *packed = g_try_new (float, n);
  if (!plain || !packed)
    {
      g_set_error (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY,
                   _ ("There is not enough memory for the tensor “%s”"), raw->name);
      return NULL;
    }
  if (like->value->dtype == TACET_I32)
    {
      memcpy (packed, raw->data, n * sizeof (gint32));
      return g_steal_pointer (&packed);
    }
  to_floats (raw, plain, n);
  if (like->rank != 4)
    return g_steal_pointer (&plain);
  tacet_floats_swap (plain, packed, (gsize) like->dims[0], (gsize) like->dims[1],
                     (gsize) (like->dims[2] * like->dims[3]));
  return g_steal_pointer (&packed);
}

TacetRawTensor *
tacet_port_unpack (const TacetPort *like, const char *name, const float *data)
{
  TacetRawTensor *raw = tacet_raw_tensor_new (name, TACET_F32, like->rank, like->dims);
  if (!raw)
    return NULL;
  gsize n = (gsize) tacet_raw_tensor_count (raw);
  if (like->rank == 4)
    tacet_floats_swap (data, raw->data, (gsize) like->dims[0], (gsize) (like->dims[2] * like->dims[3]),
                       (gsize) like->dims[1]);
  else
    memcpy (raw->data, data, n * sizeof *data);
  return raw;
}
