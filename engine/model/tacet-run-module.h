/* tacet-run-module.h: evaluates one network on tensors from a file, to compare Tacet with others.
 *
 * Room: engine/model.  Files are safetensors in diffusers' conventions (NCHW, f32):
 *
 *   module        in                                                    out
 *   text-encoder  input_ids [B,T] i64                                   last_hidden_state [B,T,C],
 *                                                                       pooler_output [B,C]
 *   unet          sample [B,4,h,w], timestep [1 or B] or scalar,        sample [B,4,h,w]
 *                 encoder_hidden_states [B,T,C], optional
 *                 down_residual.0 ... and mid_residual (all or none)
 *   controlnet    the same three, controlnet_cond [B,3,8h,8w] in [0,1]  down_residual.0 ..., mid_residual
 *   vae-encoder   sample [B,3,H,W] in [-1,1]                            mean, logvar [B,4,h,w]
 *   vae-decoder   latent [B,4,h,w], divided by the scaling factor       sample [B,3,H,W]
 *   taesd-encoder sample [B,3,H,W] in [0,1]                             latent [B,4,h,w] as the U-Net has it
 *   taesd-decoder latent [B,4,h,w] as the U-Net has it                  sample [B,3,H,W] in [0,1]
 *
 * With gradients, tensors grad.NAME in the input are cotangents of outputs (at least one; the others
 * are zero), and the output also holds grad.NAME for every float input and grad.weights.NAME for every
 * weight.  Threads: the backend's.
 */
#pragma once

#include "tacet-models.h"

G_BEGIN_DECLS

#define TACET_RUN_MODULES "text-encoder, unet, controlnet, vae-encoder, vae-decoder, taesd-encoder, taesd-decoder"

/* What a measured run costs, step by step (tacet-profile.h). */
typedef struct
{
  int repeat;     /* runs, at least 1 */
  gboolean later; /* they are steps of a generation after its first: what depends on text and control maps alone was
                     computed there, and is neither run nor listed */
  char *text, *json;
} TacetModuleProfile;

/* model: a file or folder of one network or of a whole model (tacet-model-files.h).  base: NULL, or the whole model to
 * which a ControlNet file of differences is added.  out_path NULL: nothing is written. profile NULL: one run, not
 * measured. */
gboolean tacet_run_module (const char *module, const char *model, const char *base, const char *in_path,
                           const char *out_path, gboolean gradients, TacetModuleProfile *profile, TacetBackend *backend,
                           GError **error);

G_END_DECLS
