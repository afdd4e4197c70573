/* tacet-source.h: what a tensor of a store is made of: one of a checkpoint, plus differences of others.
 *
 * Room: engine/weights; for its own files.  A source is constant once a tensor was made of it, and keeps
 * its checkpoints open, so that lazy tensors may outlive their store.
 */
#pragma once

#include "tacet-checkpoint.h"

G_BEGIN_DECLS

typedef struct _TacetSource TacetSource;

/* what: the path for messages. */
TacetSource *tacet_source_new (const char *what, TacetCheckpoint *checkpoint, const TacetFileTensor *tensor);
TacetSource *tacet_source_ref (TacetSource *self);
void tacet_source_unref (TacetSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetSource, tacet_source_unref)

const TacetFileTensor *tacet_source_tensor (const TacetSource *self); /* the first, which gives shape and type */
TacetPrecision tacet_source_precision (const TacetSource *self);

gboolean tacet_source_add_tensor (TacetSource *self, TacetCheckpoint *checkpoint, const TacetFileTensor *other,
                                  float factor, GError **error);
gboolean tacet_source_add_product (TacetSource *self, TacetCheckpoint *checkpoint, const TacetFileTensor *up,
                                   const TacetFileTensor *mid, const TacetFileTensor *down, float factor,
                                   GError **error);

/* All values.  taps: 0: as on disk; else [O,I,taps] on disk becomes {O,taps,I}.  finite: values that are
 * not numbers are an error. */
gboolean tacet_source_read (TacetSource *self, gsize taps, gboolean finite, float *values, GError **error);
/* As they are in the file, of any type. */
gboolean tacet_source_read_bytes (TacetSource *self, guint8 *bytes, GError **error);

G_END_DECLS
