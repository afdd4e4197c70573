/* tacet-layout-refuse.c: files of other kinds, by the names that give them away.
 *
 * Room: engine/model.
 */
#include "config.h"

#include "tacet-layout.h"
#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  const char *sign; /* a beginning; with a leading '*': anywhere in a name; with a leading '=': the whole name */
  const char *what, *advice;
} Foreign;

#define SD1        N_ ("Tacet works with Stable Diffusion 1.x and 2.x and models of their kind; choose one of those.")
#define PLAIN      N_ ("Choose a ControlNet file (control_v11p_sd15_…) instead.")
#define EMBEDDING  N_ ("Tacet has no place for learned words yet; leave it out of the model folders.")
#define LORA_PLAIN N_ ("Choose a LoRA or LoCon file instead.")
#define OTHER      N_ ("It is no part of a picture model that Tacet can run.")

/* The first that fits counts, so special cases come first. */
static const Foreign foreign[] = {
  { "=lora_controlnet", N_ ("a Control-LoRA"), PLAIN },
  { "lllite_", N_ ("a ControlNet-LLLite"), PLAIN },
  { "adapter.body.", N_ ("a T2I-Adapter"), PLAIN },
  { "body.0.block1.", N_ ("a T2I-Adapter"), PLAIN },
  { "body.0.resnets.", N_ ("a T2I-Adapter"), PLAIN },
  { "body.0.in_conv.", N_ ("a T2I-Adapter"), PLAIN },
  { "ip_adapter.", N_ ("an IP-Adapter"), PLAIN },
  { "image_proj.", N_ ("an IP-Adapter"), PLAIN },
  { "local_adapter.", N_ ("a Uni-ControlNet"), PLAIN },
  { "global_adapter.", N_ ("a Uni-ControlNet"), PLAIN },
  { "*motion_modules.", N_ ("a motion module (AnimateDiff)"), OTHER },
  { "*.quant_state.", N_ ("a model with quantised weights"), N_ ("Choose the same model with f16 or f32 weights.") },
  { "emb_params", N_ ("a textual inversion"), EMBEDDING },
  { "string_to_param", N_ ("a textual inversion"), EMBEDDING },
  { "=clip_g", N_ ("a textual inversion for Stable Diffusion XL"), EMBEDDING },
  { "lora_te1_", N_ ("a LoRA for Stable Diffusion XL"), SD1 },
  { "lora_te2_", N_ ("a LoRA for Stable Diffusion XL"), SD1 },
  { "text_encoder_2.", N_ ("a LoRA for Stable Diffusion XL"), SD1 },
  { "lora_transformer_", N_ ("a LoRA for a diffusion transformer (Flux or Stable Diffusion 3)"), SD1 },
  { "lora_unet_double_blocks_", N_ ("a LoRA for a diffusion transformer (Flux or Stable Diffusion 3)"), SD1 },
  { "lora_unet_joint_blocks_", N_ ("a LoRA for a diffusion transformer (Flux or Stable Diffusion 3)"), SD1 },
  { "transformer.", N_ ("a LoRA for a diffusion transformer (Flux or Stable Diffusion 3)"), SD1 },
  { "*.hada_w1_a", N_ ("a LoHa (LyCORIS)"), LORA_PLAIN },
  { "*.lokr_w1", N_ ("a LoKr (LyCORIS)"), LORA_PLAIN },
  { "*.lokr_w2", N_ ("a LoKr (LyCORIS)"), LORA_PLAIN },
  { "*.oft_blocks", N_ ("an OFT (LyCORIS)"), LORA_PLAIN },
  { "*.oft_diag", N_ ("an OFT (LyCORIS)"), LORA_PLAIN },
  { "*.dora_scale", N_ ("a DoRA"), LORA_PLAIN },
  { "*.lora_magnitude_vector", N_ ("a DoRA"), LORA_PLAIN },
  { "*transformer_blocks_1_attn", N_ ("a LoRA for Stable Diffusion XL"), SD1 },
  { "model.diffusion_model.joint_blocks.", N_ ("a Stable Diffusion 3 model"), SD1 },
  { "joint_blocks.", N_ ("a Stable Diffusion 3 model"), SD1 },
  { "model.diffusion_model.double_blocks.", N_ ("a Flux model"), SD1 },
  { "double_blocks.", N_ ("a Flux model"), SD1 },
  { "single_transformer_blocks.", N_ ("a Flux model"), SD1 },
  { "transformer_blocks.0.", N_ ("a diffusion transformer"), SD1 },
  { "conditioner.embedders.", N_ ("a Stable Diffusion XL model (base or refiner)"), SD1 },
  { "control_model.label_emb.", N_ ("a ControlNet for Stable Diffusion XL"), SD1 },
  { "model.diffusion_model.label_emb.0.", N_ ("a Stable Diffusion XL model (base or refiner)"), SD1 },
  { "model.diffusion_model.label_emb.weight", N_ ("an upscaler of Stable Diffusion 2"), SD1 },
  { "class_embedding.", N_ ("an upscaler of Stable Diffusion 2"), SD1 },
  { "*time_embedding.cond_proj.", N_ ("a consistency model with guidance built in"),
    N_ ("Choose the LCM LoRA of the same model instead.") },
  { "*.fuser.", N_ ("a GLIGEN model"), SD1 },
  { "cond_stage_model.model.", N_ ("a Stable Diffusion 2 model in a single file, with OpenCLIP's text encoder"),
    N_ ("Use the same model as a diffusers folder (unet, vae, text_encoder ...), which Tacet opens.") },
  { "body.0.rdb1.", N_ ("an upscaler of pictures (ESRGAN)"), OTHER },
  { "model.1.sub.", N_ ("an upscaler of pictures (ESRGAN)"), OTHER },
  { "concept_embeds", N_ ("a safety checker"), OTHER },
};

/* The place of the first name that is not before `name`. */
static guint
lower_bound (const TacetFileTensor *const *tensors, guint n, const char *name)
{
  guint low = 0, high = n;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (strcmp (tensors[middle]->name, name) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

gboolean
tacet_layout_has (const TacetFileTensor *const *tensors, guint n, const char *prefix)
{
  guint i = lower_bound (tensors, n, prefix);
  return i < n && g_str_has_prefix (tensors[i]->name, prefix);
}

const TacetFileTensor *
tacet_layout_find (const TacetFileTensor *const *tensors, guint n, const char *name)
{
  guint i = lower_bound (tensors, n, name);
  return i < n && strcmp (tensors[i]->name, name) == 0 ? tensors[i] : NULL;
}

static gboolean
has_sign (const TacetFileTensor *const *tensors, guint n, const char *sign)
{
  if (*sign == '=')
    return tacet_layout_find (tensors, n, sign + 1) != NULL;
  if (*sign != '*')
    return tacet_layout_has (tensors, n, sign);
  for (guint i = 0; i < n; i++)
    if (strstr (tensors[i]->name, sign + 1))
      return TRUE;
  return FALSE;
}

static char *
message (const char *what, const char *advice)
{
  return g_strdup_printf (_ ("This is %s. %s"), _ (what), _ (advice));
}

/* One vector or a few of a text encoder's width, under the word they stand for. */
static gboolean
is_embedding (const TacetFileTensor *const *tensors, guint n)
{
  const TacetFileTensor *t = n == 1 ? tensors[0] : NULL;
  return t && (t->rank == 1 || (t->rank == 2 && t->dims[0] <= 77)) &&
         (t->dims[t->rank - 1] == 768 || t->dims[t->rank - 1] == 1024) && !strchr (t->name, '.');
}

char *
tacet_layout_refusal (const TacetFileTensor *const *tensors, guint n)
{
  gboolean control =
      tacet_layout_has (tensors, n, "input_hint_block.") || tacet_layout_has (tensors, n, "controlnet_cond_embedding.");
  /* Transformers of more than one block are XL's, and so is what the time embedding is given there. */
  if (tacet_layout_has (tensors, n, "label_emb.0.") || tacet_layout_has (tensors, n, "add_embedding.") ||
      has_sign (tensors, n, "*.transformer_blocks.1."))
    {
      gboolean lora = has_sign (tensors, n, "*lora");
      return message (control ? N_ ("a ControlNet for Stable Diffusion XL")
                      : lora  ? N_ ("a LoRA for Stable Diffusion XL")
                              : N_ ("a Stable Diffusion XL model (base or refiner)"),
                      SD1);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (foreign); i++)
    if (has_sign (tensors, n, foreign[i].sign))
      return message (foreign[i].what, foreign[i].advice);
  if (is_embedding (tensors, n))
    return message (N_ ("a textual inversion"), EMBEDDING);
  if (tacet_layout_has (tensors, n, "vision_model.") && !tacet_layout_has (tensors, n, "text_model."))
    return message (N_ ("an image encoder (CLIP vision)"), OTHER);
  return NULL;
}

const char *
tacet_unet_refusal (const TacetUnetConfig *config)
{
  if (config->out_channels != 4)
    return NULL;
  switch (config->in_channels)
    {
    case 5:
      return _ ("This is a model that takes depth beside the latents (Stable Diffusion 2 depth). Use a plain model "
                "with a depth ControlNet instead.");
    case 7:
      return _ ("This is an upscaler of Stable Diffusion 2. Tacet makes pictures from noise; choose another model.");
    case 8:
      return _ ("This is an InstructPix2Pix model, which changes a picture by instruction. Tacet cannot run it; use "
                "image to image with a plain model.");
    default:
      return NULL;
    }
}
