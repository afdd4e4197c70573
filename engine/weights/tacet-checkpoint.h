/* tacet-checkpoint.h: the named tensors of model files as people have them, whatever the format.
 *
 * Room: engine/weights.  Opening reads the index only (milliseconds, however large the file); the values
 * stay in the file until they are asked for.  They are read with pread and never mapped: a file that
 * shrinks under a mapping kills the process.
 * Formats: safetensors; PyTorch's zip of a pickle (read as data, nothing in it is executed); shards with an
 * index (model.safetensors.index.json, pytorch_model.bin.index.json) as one.
 * What is not one of these is refused with the name of what it is.
 * Threads: reading from several threads at once is allowed.  Files are hostile, docs/formats.md.
 */
#pragma once

#include "tacet-safetensors.h"

G_BEGIN_DECLS

TacetCheckpoint *tacet_checkpoint_open (const char *path, GError **error);
TacetCheckpoint *tacet_checkpoint_ref (TacetCheckpoint *self);
void tacet_checkpoint_unref (TacetCheckpoint *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetCheckpoint, tacet_checkpoint_unref)

const char *tacet_checkpoint_path (TacetCheckpoint *self); /* for messages: UTF-8 */
guint tacet_checkpoint_length (TacetCheckpoint *self);
/* Sorted by name; lent. */
const TacetFileTensor *tacet_checkpoint_nth (TacetCheckpoint *self, guint i);
const TacetFileTensor *tacet_checkpoint_find (TacetCheckpoint *self, const char *name); /* NULL: none */
const char *tacet_checkpoint_metadata (TacetCheckpoint *self, const char *key);         /* NULL: none */
GHashTable *tacet_checkpoint_metadata_table (TacetCheckpoint *self);                    /* lent */
/* The tensor's elements, dense and row-major, in its own dtype: (end - begin) bytes. */
gboolean tacet_checkpoint_read (TacetCheckpoint *self, const TacetFileTensor *tensor, guint8 *bytes, GError **error);
/* Elements start .. start + n - 1 of it, for elements of whole bytes. */
gboolean tacet_checkpoint_read_part (TacetCheckpoint *self, const TacetFileTensor *tensor, guint64 start, guint64 n,
                                     guint8 *bytes, GError **error);
/* As above, of a float tensor, as f32. */
gboolean tacet_checkpoint_read_floats (TacetCheckpoint *self, const TacetFileTensor *tensor, guint64 start, guint64 n,
                                       float *values, GError **error);

/* Of shapes: trailing dimensions of 1 do not count. */
int tacet_rank_without_ones (const gint64 *dims, int rank);
/* "[4, 3]"; free with g_free. */
char *tacet_dims_text (const gint64 *dims, int rank);

G_END_DECLS
