/* tacet-model-folder.h: where the files of a network lie in a folder of diffusers' form.
 *
 * Room: engine/model.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* folder: that of one network (config.json and its weights), or that of a pipeline with the network in
 * the subfolder `part` ("unet", "vae", "text_encoder", "controlnet").  Sets the two paths (g_free ()
 * them): config.json, and the first that exists of diffusion_pytorch_model.safetensors,
 * model.safetensors and the same with ".fp16" before the suffix. */
gboolean tacet_model_locate (const char *folder, const char *part, char **config, char **weights, GError **error);

G_END_DECLS
