/* tacet-weights.h: the named tensors of one network, new or from files.
 *
 * Room: engine/weights.  Names are those of diffusers ("down_blocks.0.resnets.0.conv1.weight").
 * In memory weights are f32 in the kernels' layout: convolutions [O,I,kh,kw] on disk are {O,kh,kw,I}
 * here; linear layers [out,in] are {1,1,out,in}; vectors {1,1,1,n}; embeddings [V,c] are {1,1,V,c}.
 * A store of files holds no values until they are wanted: tacet_weights_value () hands out lazy tensors,
 * tacet_weights_get () loads one for as long as the store lives.  One name is one tensor object.
 * Ownership: the store owns its tensors; tacet_weights_get () lends them.  Threads: as TacetTensor.
 * Source: safetensors' reference reader (every check of it), docs/formats.md.
 */
#pragma once

#include "engine/tensor/tacet-graph.h"
#include <gio/gio.h>

G_BEGIN_DECLS

#define TACET_WEIGHTS_ERROR (tacet_weights_error_quark ())
GQuark tacet_weights_error_quark (void);

typedef enum
{
  TACET_WEIGHTS_ERROR_INVALID, /* not a file of its kind, or damaged */
  TACET_WEIGHTS_ERROR_MISSING, /* a tensor or field that the model needs */
  TACET_WEIGHTS_ERROR_SHAPE,
  TACET_WEIGHTS_ERROR_UNSUPPORTED,
  TACET_WEIGHTS_ERROR_NO_MEMORY,
  TACET_WEIGHTS_ERROR_FAILED, /* reading or writing */
} TacetWeightsError;

typedef enum
{
  TACET_STORE_F32,
  TACET_STORE_F16,
  TACET_STORE_BF16
} TacetStorage;

typedef struct _TacetWeights TacetWeights;
typedef struct _TacetCheckpoint TacetCheckpoint; /* tacet-checkpoint.h */

/* An empty store that creates what a model asks for (training from scratch). seed: initial values. */
TacetWeights *tacet_weights_new (guint64 seed);
/* A view of files: nothing is in it but what is mapped.  what: the path for messages. */
TacetWeights *tacet_weights_new_view (const char *what);
/* `name` (diffusers) is `tensor_name` of that checkpoint.  A view may draw from several; it keeps them open. */
gboolean tacet_weights_map (TacetWeights *self, const char *name, TacetCheckpoint *checkpoint, const char *tensor_name,
                            GError **error);
/* What is mapped, plus factor times another tensor of the same shape ("difference" ControlNets).  Additions come
 * before the tensor is handed out. */
gboolean tacet_weights_add_tensor (TacetWeights *self, const char *name, TacetCheckpoint *checkpoint,
                                   const char *tensor_name, float factor, GError **error);
/* LoRA: W [o,i] or [o,i,y,x] += factor * up [o,r] . down [r,i] or [r,i,y,x]; with mid (LoCon's core [s,r,y,x]; NULL:
 * none) up is [o,s] and down [r,i].  Trailing dimensions of 1 do not count. */
gboolean tacet_weights_add_product (TacetWeights *self, const char *name, TacetCheckpoint *checkpoint, const char *up,
                                    const char *mid, const char *down, float factor, GError **error);
/* A view of everything in a file of any format that tacet-checkpoint.h knows, under its own names. */
TacetWeights *tacet_weights_open (const char *path, GError **error);
TacetWeights *tacet_weights_ref (TacetWeights *self);
void tacet_weights_unref (TacetWeights *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetWeights, tacet_weights_unref)

typedef enum
{
  TACET_INIT_ZERO,
  TACET_INIT_ONE,
  TACET_INIT_LINEAR,  /* torch's default: uniform +-1/sqrt(fan_in); also biases, with gain = fan_in */
  TACET_INIT_KAIMING, /* normal, std = gain / sqrt(fan_in) */
  TACET_INIT_NORMAL,  /* normal, std = gain */
} TacetInit;

/* A 1x1 convolution [o,i,1,1] (or linear layer [o,i]) on disk, asked for as linear {1,1,o,i}. */
#define TACET_RANK_POINTWISE 41

/* The tensor `name` in the kernels' layout.  rank: of the tensor on disk (4 convolution, 2 linear or
 * embedding, 1 vector, TACET_RANK_POINTWISE), which decides how disk and memory layouts correspond.
 * A store from a file:
 * NULL with an error naming the tensor if it is missing, holds NaN or infinity, or has another shape (trailing 1s of
 * the disk shape do not count).  A new store: made and initialised. */
TacetTensor *tacet_weights_get (TacetWeights *self, const char *name, int rank, TacetShape shape, TacetInit init,
                                float gain, GError **error);
/* As above, as a value of the graph; an error goes into the graph (sticky).  A store of files gives a lazy tensor:
 * its values are read, and checked to be numbers, when a plan wants them. */
TacetValue *tacet_weights_value (TacetWeights *self, TacetGraph *g, const char *name, int rank, TacetShape shape,
                                 TacetInit init, float gain);

guint tacet_weights_length (TacetWeights *self); /* tensors handed out so far, or in the file */
/* Sorted by name.  tensor: NULL, or set to the tensor (loaded if need be, in the layout that it was or
 * would be asked for by its rank), or to NULL if it is no float tensor or cannot be read. */
const char *tacet_weights_nth (TacetWeights *self, guint i, TacetTensor **tensor);
/* Rank and dimensions on disk (at most 8); -1: no such tensor. */
int tacet_weights_disk_shape (TacetWeights *self, const char *name, gint64 dims[8]);
gboolean tacet_weights_has (TacetWeights *self, const char *name);
const char *tacet_weights_metadata (TacetWeights *self, const char *key); /* NULL: none */
void tacet_weights_set_metadata (TacetWeights *self, const char *key, const char *value);
/* All tensors in disk layout; temporary file, sync, rename.  A value that half precision cannot hold is
 * an error. */
gboolean tacet_weights_save (TacetWeights *self, const char *path, TacetStorage storage, GError **error);
/* Copies every tensor of `from` that exists here (was handed out) with the same shape; returns how many. */
guint tacet_weights_copy (TacetWeights *self, TacetWeights *from);

/* Raw tensors by name in disk layout, for run-module and reference files. */
typedef struct
{
  char *name;
  TacetDtype dtype; /* f16 and bf16 on disk are F32 here, i64 is I32 */
  int rank;
  int64_t dims[8];
  void *data;
} TacetRawTensor;
GPtrArray *tacet_safetensors_read (const char *path, GError **error); /* of TacetRawTensor, sorted by name, owned */
/* I32 is written as I64, as torch has it. */
gboolean tacet_safetensors_write (const char *path, GPtrArray *tensors, GHashTable *metadata, GError **error);
TacetRawTensor *tacet_raw_tensor_new (const char *name, TacetDtype dtype, int rank,
                                      const int64_t *dims); /* NULL: memory */
void tacet_raw_tensor_free (TacetRawTensor *self);
int64_t tacet_raw_tensor_count (const TacetRawTensor *self);
TacetRawTensor *tacet_raw_tensor_find (GPtrArray *tensors, const char *name); /* NULL: none */

G_END_DECLS
