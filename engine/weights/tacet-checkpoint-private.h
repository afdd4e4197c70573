/* tacet-checkpoint-private.h: what the readers of the formats share.
 *
 * Room: engine/weights.
 */
#pragma once

#include "tacet-checkpoint.h"

G_BEGIN_DECLS

struct _TacetCheckpoint
{
  gatomicrefcount refs;
  char *path;
  GArray *files;        /* of int: descriptors, by TacetFileTensor.part */
  GPtrArray *tensors;   /* of TacetFileTensor, sorted by name */
  GHashTable *metadata; /* char* -> char* */
};

/* Appends the tensors of one file, with places from its start. */
gboolean _tacet_checkpoint_add_file (TacetCheckpoint *self, const char *path, GError **error);
gboolean _tacet_checkpoint_add_shards (TacetCheckpoint *self, const char *path, GError **error);
gboolean _tacet_checkpoint_add_torch (TacetCheckpoint *self, int fd, guint64 size, guint part, GError **error);

typedef enum
{
  TACET_FILE_KIND_SAFETENSORS,
  TACET_FILE_KIND_ZIP,
  TACET_FILE_KIND_FOREIGN,
} TacetFileKind;

#define TACET_FILE_HEAD 512
/* By the first n bytes (of at most TACET_FILE_HEAD) of a file of `size`.  Foreign: what it is becomes the error. */
TacetFileKind _tacet_file_kind (const guint8 *head, gsize n, guint64 size, GError **error);

G_END_DECLS
