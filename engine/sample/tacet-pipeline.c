/* tacet-pipeline.c: model folders: finding and loading them.
 *
 * Room: engine/sample.  A pipeline is a folder in diffusers' layout (unet/, vae/, text_encoder/,
 * tokenizer/, scheduler/); its ControlNets are folders beside these (edge/, depth/, pose/) or anywhere.
 */
#include "config.h"
#include "tacet-sample-private.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

static const char *const weight_files[] = { "diffusion_pytorch_model.safetensors",
                                            "diffusion_pytorch_model.fp16.safetensors", "model.safetensors",
                                            "model.fp16.safetensors", NULL };

/* The folder that holds `file`: name itself, or name in one of the folders of the path; NULL for file:
 * a folder is enough. */
static char *
find_place (const char *const *model_path, const char *name, const char *file)
{
  for (int i = 0; !g_path_is_absolute (name) && model_path != NULL && model_path[i] != NULL; i++)
    {
      g_autofree char *folder = g_build_filename (model_path[i], name, NULL);
      g_autofree char *probe = g_build_filename (folder, file, NULL);
      if (g_file_test (probe, file != NULL ? G_FILE_TEST_EXISTS : G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&folder);
    }
  g_autofree char *probe = g_build_filename (name, file, NULL);
  return g_file_test (probe, file != NULL ? G_FILE_TEST_EXISTS : G_FILE_TEST_IS_DIR) ? g_strdup (name) : NULL;
}

/* A folder without its main file is the second choice: loading it tells what is missing. */
static char *
find_folder (const char *const *model_path, const char *name, const char *file)
{
  char *folder = find_place (model_path, name, file);
  return folder != NULL ? folder : find_place (model_path, name, NULL);
}

static char *
describe_path (const char *const *model_path)
{
  return model_path != NULL && model_path[0] != NULL ? g_strjoinv (", ", (char **) model_path)
                                                     : g_strdup (_ ("no folder at all"));
}

char *
_tacet_pipeline_find (const char *const *model_path, const char *name, GError **error)
{
  g_autofree char *places = describe_path (model_path);
  char *folder =
      name != NULL && *name != '\0' ? find_folder (model_path, name, "unet" G_DIR_SEPARATOR_S "config.json") : NULL;
  if (folder == NULL)
    g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL,
                 _ ("The model “%s” was not found. Looked in %s. Install it there, or choose another model."),
                 name != NULL ? name : "", places);
  return folder;
}

char *
_tacet_controlnet_find (const char *const *model_path, const TacetPipeline *pipeline, const char *name,
                        TacetControlKind kind, GError **error)
{
  g_autofree char *own = g_build_filename (pipeline->folder, tacet_control_kind_id (kind), NULL);
  gboolean given = name != NULL && *name != '\0';
  g_autofree char *places = given ? describe_path (model_path) : g_strdup (own);
  char *folder = given ? find_folder (model_path, name, "config.json") : find_folder (NULL, own, "config.json");
  if (folder == NULL)
    g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL,
                 _ ("No ControlNet “%s” was found for this model. Looked in %s. Install it there, or switch this "
                    "control off."),
                 given ? name : tacet_control_kind_id (kind), places);
  return folder;
}

static char *
find_weights (const char *folder, const char *part)
{
  for (int i = 0; weight_files[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, part, weight_files[i], NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static void
append_stamp (GString *stamp, const char *path)
{
  GStatBuf status;
  if (path == NULL || g_stat (path, &status) != 0)
    g_string_append (stamp, "-;");
  else
    g_string_append_printf (stamp, "%" G_GINT64_FORMAT ".%ld:%" G_GINT64_FORMAT ";", (gint64) status.st_mtim.tv_sec,
                            (long) status.st_mtim.tv_nsec, (gint64) status.st_size);
}

static void
append_part_stamp (GString *stamp, const char *folder, const char *part, const char *config)
{
  g_autofree char *path = g_build_filename (folder, part, config, NULL);
  g_autofree char *weights = find_weights (folder, part);
  append_stamp (stamp, path);
  append_stamp (stamp, weights);
}

char *
_tacet_pipeline_stamp (const char *folder)
{
  GString *stamp = g_string_new (NULL);
  append_part_stamp (stamp, folder, "unet", "config.json");
  append_part_stamp (stamp, folder, "vae", "config.json");
  append_part_stamp (stamp, folder, "text_encoder", "config.json");
  append_part_stamp (stamp, folder, "tokenizer", "vocab.json");
  append_part_stamp (stamp, folder, "tokenizer", "merges.txt");
  append_part_stamp (stamp, folder, "tokenizer", "tokenizer.json");
  append_part_stamp (stamp, folder, "scheduler", "scheduler_config.json");
  return g_string_free (stamp, FALSE);
}

char *
_tacet_controlnet_stamp (const char *folder)
{
  GString *stamp = g_string_new (NULL);
  append_part_stamp (stamp, folder, "", "config.json");
  return g_string_free (stamp, FALSE);
}

static TacetWeights *
open_weights (const char *folder, const char *part, GError **error)
{
  g_autofree char *path = find_weights (folder, part);
  if (path != NULL)
    return tacet_weights_open (path, error);
  g_autofree char *place = g_build_filename (folder, part, NULL);
  g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL,
               _ ("the weights are missing: %s holds no safetensors file"), place);
  return NULL;
}

static gboolean
load_parts (TacetPipeline *self, GError **error)
{
  g_autofree char *unet = g_build_filename (self->folder, "unet", "config.json", NULL);
  g_autofree char *vae = g_build_filename (self->folder, "vae", "config.json", NULL);
  g_autofree char *text = g_build_filename (self->folder, "text_encoder", "config.json", NULL);
  g_autofree char *tokenizer = g_build_filename (self->folder, "tokenizer", NULL);
  g_autofree char *scheduler = g_build_filename (self->folder, "scheduler", "scheduler_config.json", NULL);
  return tacet_unet_config_load (&self->unet, unet, error) && tacet_vae_config_load (&self->vae, vae, error) &&
         tacet_text_config_load (&self->text, text, error) &&
         tacet_schedule_config_load (&self->schedule, scheduler, error) &&
         (!g_file_test (tokenizer, G_FILE_TEST_EXISTS) ||
          (self->tokenizer = tacet_tokenizer_load (tokenizer, error)) != NULL) &&
         (self->unet_weights = open_weights (self->folder, "unet", error)) != NULL &&
         (self->vae_weights = open_weights (self->folder, "vae", error)) != NULL &&
         (self->text_weights = open_weights (self->folder, "text_encoder", error)) != NULL;
}

/* Parts that are fine alone and do not belong together. */
static gboolean
check_parts (const TacetPipeline *self, GError **error)
{
  const char *fault = NULL;
  if (self->unet.cross_attention_dim != self->text.hidden_size)
    fault = _ ("the U-Net and the text encoder have different widths");
  else if ((self->unet.in_channels != self->vae.latent_channels && !_tacet_pipeline_inpaints (self)) ||
           self->unet.out_channels != self->vae.latent_channels || self->vae.out_channels != 3)
    fault = _ ("the U-Net and the VAE have different numbers of channels");
  else if (self->tokenizer != NULL && tacet_tokenizer_size (self->tokenizer) > self->text.vocab_size)
    fault = _ ("the tokenizer knows more words than the text encoder");
  else if (self->text.max_positions < 3)
    fault = _ ("the text encoder has no room for words");
  if (fault != NULL)
    g_set_error_literal (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL, fault);
  return fault == NULL;
}

gboolean
_tacet_pipeline_inpaints (const TacetPipeline *self)
{
  return self->unet.in_channels == 2 * self->vae.latent_channels + 1;
}

TacetPipeline *
_tacet_pipeline_load (const char *folder, GError **error)
{
  GError *cause = NULL;
  TacetPipeline *self = g_new0 (TacetPipeline, 1);
  self->folder = g_strdup (folder);
  self->stamp = _tacet_pipeline_stamp (folder);
  if (load_parts (self, &cause) && check_parts (self, &cause))
    {
      self->unet.v_prediction = self->schedule.prediction == TACET_PREDICT_V;
      return self;
    }
  _tacet_sample_propagate (error, cause, folder);
  _tacet_pipeline_free (self);
  return NULL;
}

void
_tacet_pipeline_free (TacetPipeline *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->unet_weights, tacet_weights_unref);
  g_clear_pointer (&self->vae_weights, tacet_weights_unref);
  g_clear_pointer (&self->text_weights, tacet_weights_unref);
  g_clear_pointer (&self->tokenizer, tacet_tokenizer_unref);
  tacet_schedule_config_clear (&self->schedule);
  g_free (self->folder);
  g_free (self->stamp);
  g_free (self);
}

int
_tacet_pipeline_vae_factor (const TacetPipeline *self)
{
  return 1 << (self->vae.n_levels - 1);
}

static gboolean
check_controlnet (const TacetControlnet *self, const TacetPipeline *pipeline, GError **error)
{
  const TacetUnetConfig *own = &self->config.unet, *unet = &pipeline->unet;
  const char *fault = NULL;
  gboolean same_widths = own->n_levels == unet->n_levels && own->layers_per_block == unet->layers_per_block;
  for (int i = 0; same_widths && i < unet->n_levels; i++)
    same_widths = own->block_out_channels[i] == unet->block_out_channels[i];
  if (!same_widths)
    fault = _ ("its layers are not those of this model; it was made for another one");
  else if (own->in_channels != pipeline->vae.latent_channels || own->cross_attention_dim != unet->cross_attention_dim)
    fault = _ ("it was made for another text encoder or VAE");
  else if (1 << (self->config.n_hint - 1) != _tacet_pipeline_vae_factor (pipeline))
    fault = _ ("its map and the model's pictures are reduced by different factors");
  else if (self->config.conditioning_channels != 3 && self->config.conditioning_channels != 1)
    fault = _ ("its map has neither three channels nor one");
  if (fault != NULL)
    g_set_error_literal (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL, fault);
  return fault == NULL;
}

/* The published shuffle nets are files without a configuration that says so. */
static gboolean
is_shuffle (const char *path)
{
  g_autofree char *name = g_path_get_basename (path), *lower = g_ascii_strdown (name, -1);
  return strstr (lower, "shuffle") != NULL;
}

TacetControlnet *
_tacet_controlnet_load (const char *folder, const TacetPipeline *pipeline, GError **error)
{
  GError *cause = NULL;
  TacetControlnet *self = g_new0 (TacetControlnet, 1);
  g_autofree char *config = g_build_filename (folder, "config.json", NULL);
  self->folder = g_strdup (folder);
  self->stamp = _tacet_controlnet_stamp (folder);
  if (tacet_controlnet_config_load (&self->config, config, &cause) && check_controlnet (self, pipeline, &cause) &&
      (self->weights = open_weights (folder, "", &cause)) != NULL)
    {
      self->config.global_pool = self->config.global_pool || is_shuffle (folder);
      return self;
    }
  _tacet_sample_propagate (error, cause, folder);
  _tacet_controlnet_free (self);
  return NULL;
}

void
_tacet_controlnet_free (TacetControlnet *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->weights, tacet_weights_unref);
  g_free (self->folder);
  g_free (self->stamp);
  g_free (self);
}

void
_tacet_sample_propagate (GError **error, GError *cause, const char *folder)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, cause);
  else if (g_error_matches (cause, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY))
    {
      g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NO_MEMORY,
                   _ ("There is not enough memory for this picture. Choose a smaller size or fewer controls. (%s)"),
                   cause->message);
      g_error_free (cause);
    }
  else
    {
      g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL, _ ("The model in “%s” cannot be used: %s"),
                   folder, cause->message);
      g_error_free (cause);
    }
}
