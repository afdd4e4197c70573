/* tacet-names.h: names of weights in the original single files, and in diffusers.
 *
 * Room: engine/model.  "Original" is the layout of CompVis' and lllyasviel's repositories without the prefixes of
 * the parts (input_blocks.1.0.in_layers.0.weight); Tacet's own names are those of diffusers
 * (down_blocks.0.resnets.0.norm1.weight).  For one numbering the map is a bijection.  Pure functions.
 */
#pragma once

#include "tacet-models.h"

G_BEGIN_DECLS

#define TACET_NAME_SIZE 192

typedef enum
{
  TACET_PART_UNET,
  TACET_PART_VAE,
  TACET_PART_TEXT,
  TACET_PART_CONTROLNET,
  TACET_PART_TAESD,
  TACET_N_PARTS
} TacetPart;

/* What the numbers in the names depend on. */
typedef struct
{
  int n_levels;                            /* VAE: counted from the other end */
  int layers_per_block;                    /* U-Net, ControlNet: blocks are numbered through */
  int n_hint;                              /* ControlNet: which convolution of the hint is the last */
  gboolean up_attention[TACET_MAX_LEVELS]; /* U-Net, towards the original: where the upsampling stands */
} TacetNumbering;

TacetNumbering tacet_unet_numbering (const TacetUnetConfig *config);
TacetNumbering tacet_controlnet_numbering (const TacetControlnetConfig *config);
TacetNumbering tacet_vae_numbering (const TacetVaeConfig *config);

/* FALSE: no such name in the layout, or one that is too long; out is then undefined.  Names of the text encoder
 * are the same in both.  Those of TAESD's decoder and encoder lie in files of their own in the original layout
 * ("1.weight"), with the same numbers; towards_diffusers takes them as "decoder.1.weight". */
gboolean tacet_name_to_diffusers (TacetPart part, const TacetNumbering *n, const char *original,
                                  char out[TACET_NAME_SIZE]);
gboolean tacet_name_to_original (TacetPart part, const TacetNumbering *n, const char *name, char out[TACET_NAME_SIZE]);
/* Names that diffusers and transformers had at other times become those of today. */
gboolean tacet_name_modern (TacetPart part, const char *name, char out[TACET_NAME_SIZE]);

G_END_DECLS
