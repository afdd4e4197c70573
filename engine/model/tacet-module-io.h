/* tacet-module-io.h: between tensors of a file (NCHW) and values of a graph (NHWC).
 *
 * Room: engine/model, for its own files.
 */
#pragma once

#include "tacet-models.h"

G_BEGIN_DECLS

/* A tensor of the file that is an input or output of the network. */
typedef struct
{
  char *name;
  TacetValue *value;
  int rank;       /* 4: [n,c,h,w]; 3: [n,t,c]; 2: [n,c], or [n,t] of identifiers; 1: [n]; 0 */
  gint64 dims[4]; /* in the file */
} TacetPort;

typedef struct
{
  TacetGraph *g;
  TacetWeights *weights;
  GPtrArray *file;    /* of TacetRawTensor */
  GPtrArray *inputs;  /* of TacetPort */
  GPtrArray *outputs; /* of TacetPort */
  gboolean later;     /* what a generation sets once is set once here too */
} TacetModuleIo;

/* The tensor `name` of the file as an input of the graph: rank 4 {n,h,w,c}, 3 {n,1,t,c}, 2 {n,1,t,1} i32.
 * NULL with an error if it is missing or of another rank or type. */
TacetValue *tacet_module_input (TacetModuleIo *io, const char *name, int rank, GError **error);
/* The same of what all steps of a generation share: text, control maps. */
TacetValue *tacet_module_input_shared (TacetModuleIo *io, const char *name, int rank, GError **error);
/* "timestep", a scalar or [1] or [n], -> {n,1,1,1} */
TacetValue *tacet_module_timestep (TacetModuleIo *io, gint64 n, GError **error);
gboolean tacet_module_has (TacetModuleIo *io, const char *name);
void tacet_module_output (TacetModuleIo *io, const char *name, TacetValue *value, int rank);
TacetPort *tacet_port_new (const char *name, TacetValue *value, int rank, const gint64 *dims);
void tacet_port_free (TacetPort *self);

/* The tensor's elements in the graph's layout, g_free () them; `like` says which. */
void *tacet_port_pack (const TacetPort *like, const TacetRawTensor *raw, GError **error);
/* A tensor of the file from elements in the graph's layout. NULL: no memory. */
TacetRawTensor *tacet_port_unpack (const TacetPort *like, const char *name, const float *data);

G_END_DECLS
