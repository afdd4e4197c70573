/* tacet-table.h: every weight that a network asks for, from its configuration alone.
 *
 * Room: engine/model.  Names are those of diffusers and transformers, shapes those on disk.  A file is held
 * against the table when it is opened, so that what is missing is said at once and not in the middle of a run.
 * SD 1.5 has 686 (U-Net), 340 (ControlNet), 248 (VAE) and 196 (text) of them.
 */
#pragma once

#include "tacet-models.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  int rank; /* 1, 2 or 4; a pointwise convolution may be stored with two dimensions as well as with four */
  gint64 dims[4];
} TacetTableEntry;

/* Arrays of TacetTableEntry, owned, in the order of computation. */
GPtrArray *tacet_unet_table (const TacetUnetConfig *config);
GPtrArray *tacet_controlnet_table (const TacetControlnetConfig *config);
GPtrArray *tacet_vae_table (const TacetVaeConfig *config);
GPtrArray *tacet_text_table (const TacetTextConfig *config);
GPtrArray *tacet_taesd_table (const TacetTaesdConfig *config, gboolean encoder, gboolean decoder);

G_END_DECLS
