/* tacet-layout.h: what a model file is, and which networks lie in it.
 *
 * Room: engine/model.  Works on the index of a file alone (names, types, shapes); nothing is read.  Prefixes are
 * stripped, names of any layout become those of diffusers (tacet-names.h); what Tacet cannot use is refused by the
 * name of what it is.  Pure functions over foreign data: any index ends as a layout or as a message.
 */
#pragma once

#include "engine/weights/tacet-checkpoint.h"
#include "tacet-names.h"

G_BEGIN_DECLS

typedef enum
{
  TACET_MODEL_BASE,       /* U-Net, VAE and text encoder in one */
  TACET_MODEL_CONTROLNET, /* perhaps with the whole base model beside it (version 1.0) */
  TACET_MODEL_VAE,
  TACET_MODEL_TAESD,
  TACET_MODEL_LORA,
  TACET_MODEL_UNET, /* alone */
  TACET_MODEL_TEXT, /* alone */
  TACET_N_MODEL_KINDS
} TacetModelKind;
const char *tacet_model_kind_id (TacetModelKind kind); /* "base", "controlnet", "vae", "taesd", "lora", ... */

typedef struct
{
  TacetModelKind kind;
  gboolean original;                /* names of the original repositories; else diffusers' */
  GHashTable *parts[TACET_N_PARTS]; /* name of diffusers (owned) -> const TacetFileTensor *, lent; never NULL */
  GHashTable *ema;                  /* the U-Net's averaged weights, likewise; empty: none */
  gboolean difference;              /* a ControlNet whose trunk is to be added to the base U-Net's */
  gboolean v_prediction, zero_terminal_snr;
  GPtrArray *unknown; /* of const char *, lent: names that belong to nothing */
} TacetLayout;

/* tensors: n of them, sorted by name; they outlive the layout.  metadata: NULL or char* -> char*. */
TacetLayout *tacet_layout_new (const TacetFileTensor *const *tensors, guint n, GHashTable *metadata, GError **error);
TacetLayout *tacet_layout_of (TacetCheckpoint *checkpoint, GError **error);
void tacet_layout_free (TacetLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetLayout, tacet_layout_free)

/* Configurations from names and shapes, for files without a config.json.  What shapes do not tell is as in Stable
 * Diffusion 1.x and 2.x: the number of heads, groups of 32, the VAE's scaling factor. */
gboolean tacet_unet_config_infer (TacetUnetConfig *config, GHashTable *names, GError **error);
gboolean tacet_controlnet_config_infer (TacetControlnetConfig *config, GHashTable *names, GError **error);
gboolean tacet_vae_config_infer (TacetVaeConfig *config, GHashTable *names, GError **error);
gboolean tacet_text_config_infer (TacetTextConfig *config, GHashTable *names, GError **error);
gboolean tacet_taesd_config_infer (TacetTaesdConfig *config, GHashTable *names, GError **error);

/* Holds the names against a table (tacet-table.h).  What is missing is one error with the first names and the count;
 * a wrong shape or type is one that names the tensor. */
gboolean tacet_layout_check (GHashTable *names, GPtrArray *table, GError **error);

/* For files of the room: NULL, or what a foreign file is and what to do (translated). */
char *tacet_layout_refusal (const TacetFileTensor *const *tensors, guint n);
/* A U-Net that takes more than latents (and a mask): what it is. NULL: none of these. */
const char *tacet_unet_refusal (const TacetUnetConfig *config);
/* Whether any name begins so; the names are sorted. */
gboolean tacet_layout_has (const TacetFileTensor *const *tensors, guint n, const char *prefix);
/* NULL: no such tensor */
const TacetFileTensor *tacet_layout_find (const TacetFileTensor *const *tensors, guint n, const char *name);

G_END_DECLS
