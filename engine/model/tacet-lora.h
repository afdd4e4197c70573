/* tacet-lora.h: LoRA files merged into a model's weights.
 *
 * Room: engine/model.  W += weight * alpha / rank * up . down, computed when a plan wants W.  Namings: kohya's
 * (lora_unet_..., lora_te_..., blocks in diffusers' or in the original's names), diffusers' and peft's (unet.,
 * text_encoder.; lora_A and lora_B, lora.up and lora.down, processor.to_q_lora).  LoCon's convolutions and cores too.
 * Reference: diffusers' load_lora_weights and fuse_lora; kohya's sd-scripts.
 */
#pragma once

#include "tacet-model-files.h"

G_BEGIN_DECLS

/* weight: usually 0 .. 1, any number does.  Before the model's weights are handed out.  What fits nothing becomes a
 * note of the model; nothing fits: an error that says what the file seems to be for. */
gboolean tacet_lora_apply (const char *path, double weight, TacetModelFiles *model, GError **error);

G_END_DECLS
