/* tacet-train-nets.c: parts of a pipeline folder, and plans that only go forward.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-train-nets.h"

#include "engine/image/tacet-image.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

char *
tacet_part_config_path (const char *folder, const char *part)
{
  return g_build_filename (folder, part, "config.json", NULL);
}

char *
tacet_part_weights_path (const char *folder, const char *part)
{
  return g_build_filename (
      folder, part, g_str_equal (part, "text_encoder") ? "model.safetensors" : "diffusion_pytorch_model.safetensors",
      NULL);
}

TacetWeights *
tacet_part_open (const char *folder, const char *part, GError **error)
{
  g_autofree char *path = tacet_part_weights_path (folder, part);
  return tacet_weights_open (path, error);
}

static const char *const parts[][3] = {
  { "scheduler", "diffusers", "DDIMScheduler" },    { "text_encoder", "transformers", "CLIPTextModel" },
  { "tokenizer", "transformers", "CLIPTokenizer" }, { "unet", "diffusers", "UNet2DConditionModel" },
  { "vae", "diffusers", "AutoencoderKL" },
};

static gboolean
is_listed (const char *part)
{
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (g_str_equal (parts[i][0], part))
      return TRUE;
  return FALSE;
}

/* What diffusers' DiffusionPipeline needs to find the parts that exist.  The schedule is that of a new U-Net; another
 * part leaves the one that is there. */
static gboolean
save_index (const char *folder, gboolean new_unet, GError **error)
{
  static const char scheduler[] =
      "{\n  \"_class_name\": \"DDIMScheduler\",\n  \"beta_end\": 0.012,\n  \"beta_schedule\": \"scaled_linear\",\n"
      "  \"beta_start\": 0.00085,\n  \"clip_sample\": false,\n  \"num_train_timesteps\": 1000,\n"
      "  \"prediction_type\": \"v_prediction\",\n  \"rescale_betas_zero_snr\": false,\n"
      "  \"set_alpha_to_one\": false,\n  \"steps_offset\": 1,\n  \"timestep_spacing\": \"leading\"\n}\n";
  g_autofree char *where = g_build_filename (folder, "scheduler", NULL);
  g_autofree char *config = g_build_filename (where, "scheduler_config.json", NULL);
  g_autofree char *index = g_build_filename (folder, "model_index.json", NULL);
  g_autoptr (GString) text = g_string_new ("{\n  \"_class_name\": \"StableDiffusionPipeline\",\n"
                                           "  \"feature_extractor\": [null, null],\n"
                                           "  \"image_encoder\": [null, null],\n"
                                           "  \"requires_safety_checker\": false,\n  \"safety_checker\": [null, null]");
  g_mkdir_with_parents (where, 0777);
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *path = g_build_filename (folder, parts[i][0], NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        g_string_append_printf (text, ",\n  \"%s\": [\"%s\", \"%s\"]", parts[i][0], parts[i][1], parts[i][2]);
    }
  g_string_append (text, "\n}\n");
  return ((!new_unet && g_file_test (config, G_FILE_TEST_EXISTS)) ||
          tacet_write_file (config, scheduler, strlen (scheduler), error)) &&
         tacet_write_file (index, text->str, text->len, error);
}

gboolean
tacet_part_save (TacetWeights *weights, const char *folder, const char *part, GHashTable *metadata, GError **error)
{
  GHashTableIter iter;
  gpointer key, value;
  g_autofree char *path = tacet_part_weights_path (folder, part);
  g_autofree char *where = g_path_get_dirname (path);
  g_mkdir_with_parents (where, 0777);
  g_hash_table_iter_init (&iter, metadata);
  while (g_hash_table_iter_next (&iter, &key, &value))
    tacet_weights_set_metadata (weights, key, value);
  tacet_weights_set_metadata (weights, "format", "pt");
  return tacet_weights_save (weights, path, TACET_STORE_F16, error) &&
         (!is_listed (part) || save_index (folder, g_str_equal (part, "unet"), error));
}

TacetTensor *
tacet_store_find (TacetWeights *store, const char *name)
{
  for (guint i = 0; i < tacet_weights_length (store); i++)
    {
      TacetTensor *tensor = NULL;
      if (g_str_equal (tacet_weights_nth (store, i, &tensor), name))
        return tensor;
    }
  return NULL;
}

TacetForward *
tacet_forward_new (void)
{
  TacetForward *self = g_new0 (TacetForward, 1);
  self->graph = tacet_graph_new ();
  return self;
}

gboolean
tacet_forward_plan (TacetForward *self, TacetBackend *backend, GError **error)
{
  self->plan = tacet_plan_new (self->graph, self->out, self->n_out, backend, TACET_PLAN_CONSTANT_WEIGHTS, error);
  return self->plan != NULL;
}

gboolean
tacet_forward_run (TacetForward *self, const void *const *in, float *const *out, GCancellable *cancellable,
                   GError **error)
{
  for (int i = 0; i < self->n_in; i++)
    if (!tacet_plan_set (self->plan, self->in[i], in[i], error))
      return FALSE;
  if (!tacet_plan_run (self->plan, cancellable, error))
    return FALSE;
  for (int i = 0; i < self->n_out; i++)
    if (!tacet_plan_get (self->plan, self->out[i], out[i], error))
      return FALSE;
  return TRUE;
}

void
tacet_forward_free (TacetForward *self)
{
  g_clear_pointer (&self->plan, tacet_plan_free);
  g_clear_pointer (&self->graph, tacet_graph_free);
  g_free (self);
}

int
tacet_vae_factor (const TacetVaeConfig *config)
{
  return 1 << (config->n_levels - 1);
}

TacetForward *
tacet_forward_encode (const TacetVaeConfig *config, TacetWeights *weights, int n, int size, TacetBackend *backend,
                      GError **error)
{
  g_autoptr (TacetForward) self = tacet_forward_new ();
  TacetValue *logvar;
  self->in[self->n_in++] = tacet_input (self->graph, "picture", TACET_F32, tacet_shape (n, size, size, 3));
  tacet_vae_encoder (self->graph, config, weights, self->in[0], &self->out[0], &logvar);
  self->n_out = 1;
  return tacet_forward_plan (self, backend, error) ? g_steal_pointer (&self) : NULL;
}

TacetForward *
tacet_forward_decode (const TacetVaeConfig *config, TacetWeights *weights, int n, int side, TacetBackend *backend,
                      GError **error)
{
  g_autoptr (TacetForward) self = tacet_forward_new ();
  self->in[self->n_in++] =
      tacet_input (self->graph, "latent", TACET_F32, tacet_shape (n, side, side, config->latent_channels));
  self->out[0] = tacet_vae_decoder (self->graph, config, weights, self->in[0]);
  self->n_out = 1;
  return tacet_forward_plan (self, backend, error) ? g_steal_pointer (&self) : NULL;
}
