/* tacet-model-files.h: opening models: folders as diffusers writes them, and single files of any layout.
 *
 * Room: engine/model.  Opening reads indices and configurations, no weights; those stay in their files until a plan
 * wants them.  Every weight that the network will ask for is looked up at once, so that a damaged or foreign file is
 * refused here, by its name and the names of what is missing.  Reference of the rules: docs/formats.md.
 * A folder is that of one network (config.json and its weights: safetensors or PyTorch's, sharded or not, also with
 * ".fp16" before the suffix), or that of a pipeline with a subfolder for each network.
 * Threads: a model belongs to one thread.
 */
#pragma once

#include "tacet-layout.h"

G_BEGIN_DECLS

typedef struct
{
  const char *vae;     /* file or folder of another VAE; NULL: the model's own */
  gboolean prefer_ema; /* the averaged weights, if a file has both kinds */
} TacetModelOptions;

/* A whole model. */
typedef struct
{
  char *path;
  TacetUnetConfig unet;
  TacetVaeConfig vae;
  TacetTextConfig text;
  TacetWeights *unet_weights, *vae_weights, *text_weights;
  char *tokenizer;                          /* its folder; NULL: the model has none */
  gboolean v_prediction, zero_terminal_snr; /* of single files, which have no scheduler_config.json */
  GPtrArray *notes;                         /* of char*, translated: what was in the files and is not used */
  /* Where the U-Net's weights lie, for ControlNets that hold differences. */
  TacetCheckpoint *unet_checkpoint;
  GHashTable *unet_names; /* name -> tensor of the checkpoint, lent */
} TacetModelFiles;

/* options: NULL for none */
TacetModelFiles *tacet_model_files_open (const char *path, const TacetModelOptions *options, GError **error);
void tacet_model_files_free (TacetModelFiles *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetModelFiles, tacet_model_files_free)

/* One network of a file, of its folder, or of a pipeline's.  config: that of the part, set.  notes: NULL, or gets
 * translated texts, owned. */
TacetWeights *tacet_network_open (TacetPart part, const char *path, gpointer config, GPtrArray *notes, GError **error);
/* As above; a file of differences is added to the base's U-Net. */
TacetWeights *tacet_controlnet_open (const char *path, TacetControlnetConfig *config, const TacetModelFiles *base,
                                     GPtrArray *notes, GError **error);

/* Sizes and times of all files that opening the path may read: what is the same need not be opened again.
 * Free with g_free. */
char *tacet_model_stamp (const char *path);
/* The file that holds the weights of one network's folder, or its index; NULL: none.  Free with g_free. */
char *tacet_model_weights_file (const char *folder);

G_END_DECLS
