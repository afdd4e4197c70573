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

/* Each appends the tensors of an open file of `size` bytes, with places from its start. */
gboolean _tacet_checkpoint_add_safetensors (TacetCheckpoint *self, int fd, guint part, GError **error);

G_END_DECLS
