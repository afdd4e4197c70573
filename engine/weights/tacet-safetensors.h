/* tacet-safetensors.h: the index of a safetensors file, and its reading and writing in pieces.
 *
 * Room: engine/weights; for its own files and tests, others use tacet-weights.h.
 * Format: u64 (little endian) N, N bytes of JSON, data.  The JSON maps names to dtype, shape and
 * [begin, end) in the data, which must be covered without holes or overlap.
 * Files are hostile: every number is checked before it is used, nothing is mapped (a file that
 * shrinks under a mapping kills the process), no function recurses.
 */
#pragma once

#include "tacet-weights.h"

G_BEGIN_DECLS

#define TACET_FILE_MAX_RANK 8

typedef enum
{
  TACET_FILE_F32,
  TACET_FILE_F16,
  TACET_FILE_BF16,
  TACET_FILE_F64,
  TACET_FILE_I64,
  TACET_FILE_I32,
  TACET_FILE_OTHER, /* listed, not loaded */
} TacetFileDtype;

typedef struct
{
  char *name;
  char dtype_name[12];
  TacetFileDtype dtype;
  int bits; /* of one element */
  int rank;
  gint64 dims[TACET_FILE_MAX_RANK];
  guint64 begin, end; /* of a file's index: in the data; of a checkpoint: from the start of the file */
  guint part;         /* which file of the checkpoint */
  gint64 *strides;    /* in elements, as many as dimensions; NULL: dense and row-major */
} TacetFileTensor;

typedef struct
{
  GPtrArray *tensors;   /* of TacetFileTensor, sorted by name */
  GHashTable *metadata; /* char* -> char* */
  guint64 data_start;   /* in the file */
} TacetFileIndex;

/* json: the header without its length; data_size: bytes after it. */
TacetFileIndex *tacet_file_index_parse (const char *json, gsize length, guint64 data_size, GError **error);
TacetFileIndex *tacet_file_index_read (int fd, GError **error);
void tacet_file_index_free (TacetFileIndex *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetFileIndex, tacet_file_index_free)

int tacet_file_open (const char *path, GError **error); /* -1: error; close () it */
gboolean tacet_file_read (int fd, guint64 offset, void *buffer, gsize size, GError **error);
gint64 tacet_file_tensor_count (const TacetFileTensor *tensor);

/* Elements between files and f32.  src need not be aligned; dtype is a float. */
void tacet_floats_decode (TacetFileDtype dtype, const guint8 *src, float *dst, gsize n);
/* FALSE: a finite value became infinite. */
gboolean tacet_floats_encode (TacetFileDtype dtype, const float *src, guint8 *dst, gsize n);
/* [O,I,kh,kw] <-> {O,kh,kw,I}: swaps the two inner dimensions of o x a x b elements. */
void tacet_floats_swap (const float *src, float *dst, gsize o, gsize a, gsize b);

/* A file written in pieces: header, then the tensors in the order of the array, and committed whole
 * (temporary sibling, fsync, rename) or not at all. */
typedef struct _TacetFileWriter TacetFileWriter;
/* Sorts `tensors` (of TacetFileTensor: name, dtype, rank, dims) into the order of writing and sets
 * their offsets. metadata: NULL or char* -> char*. */
TacetFileWriter *tacet_file_writer_new (const char *path, GPtrArray *tensors, GHashTable *metadata, GError **error);
gboolean tacet_file_writer_write (TacetFileWriter *self, const void *data, gsize size, GError **error);
gboolean tacet_file_writer_commit (TacetFileWriter *self, GError **error);
void tacet_file_writer_free (TacetFileWriter *self); /* removes what was not committed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetFileWriter, tacet_file_writer_free)

TacetFileTensor *tacet_file_tensor_new (const char *name, TacetFileDtype dtype, int rank, const gint64 *dims);
void tacet_file_tensor_free (TacetFileTensor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetFileTensor, tacet_file_tensor_free)
/* name: as the format writes it, "BF16"; FALSE: there is no such type. */
gboolean tacet_file_tensor_set_dtype (TacetFileTensor *self, const char *name);
/* Sets the error unless there is one already; FALSE. */
gboolean tacet_file_invalid (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The initial values of a new tensor: the same bits on every machine, whatever the order of asking. */
void tacet_init_fill (float *data, gsize n, guint64 seed, const char *name, TacetInit init, float gain, double fan_in);

G_END_DECLS
