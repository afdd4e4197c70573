/* tacet-train-nets.h: parts of a pipeline folder as the trainer needs them, and plans that only go forward.
 *
 * Room: engine/train.  A pipeline folder is diffusers': vae/, unet/, text_encoder/, tokenizer/, scheduler/
 * and, ours, edge/, depth/, pose/.
 */
#pragma once

#include "engine/tensor/tacet-plan.h"
#include "tacet-train-plan.h"

G_BEGIN_DECLS

/* FOLDER/PART/config.json, FOLDER/PART/weights. */
char *tacet_part_config_path (const char *folder, const char *part);
char *tacet_part_weights_path (const char *folder, const char *part);
/* Half precision, with the run's metadata; beside parts of a pipeline model_index.json and scheduler/. */
gboolean tacet_part_save (TacetWeights *weights, const char *folder, const char *part, GHashTable *metadata,
                          GError **error);
TacetWeights *tacet_part_open (const char *folder, const char *part, GError **error);

TacetTensor *tacet_store_find (TacetWeights *store, const char *name); /* borrowed; NULL: none */

typedef struct
{
  TacetGraph *graph;
  TacetPlan *plan;
  TacetValue *in[16], *out[2];
  int n_in, n_out;
} TacetForward;

TacetForward *tacet_forward_new (void); /* append to graph, fill in and out, then plan */
gboolean tacet_forward_plan (TacetForward *self, TacetBackend *backend, GError **error);
gboolean tacet_forward_run (TacetForward *self, const void *const *in, float *const *out, GCancellable *cancellable,
                            GError **error);
void tacet_forward_free (TacetForward *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetForward, tacet_forward_free)

int tacet_vae_factor (const TacetVaeConfig *config);
/* n pictures of size x size: in {n,S,S,3}, out mean {n,S/f,S/f,L}, unscaled. */
TacetForward *tacet_forward_encode (const TacetVaeConfig *config, TacetWeights *weights, int n, int size,
                                    TacetBackend *backend, GError **error);
/* in {n,h,w,L}, unscaled, out {n,H,W,3}. */
TacetForward *tacet_forward_decode (const TacetVaeConfig *config, TacetWeights *weights, int n, int side,
                                    TacetBackend *backend, GError **error);

G_END_DECLS
