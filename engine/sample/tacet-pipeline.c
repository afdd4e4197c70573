/* tacet-pipeline.c: models: finding and loading what a request names.
 *
 * Room: engine/sample.  A model is a single file or a folder in diffusers' layout (unet/, vae/, text_encoder/,
 * tokenizer/, scheduler/); its ControlNets are folders beside these (edge/, depth/, pose/), or files anywhere.
 */
#include "config.h"
#include "tacet-sample-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>

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
  char *path = tacet_library_find (model_path, name, TACET_MODEL_BASE);
  if (path == NULL)
    g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL,
                 _ ("The model “%s” was not found. Looked in %s. Install it there, or choose another model."),
                 name != NULL ? name : "", places);
  return path;
}

char *
_tacet_controlnet_find (const char *const *model_path, const TacetPipeline *pipeline, const char *name,
                        TacetControlKind kind, GError **error)
{
  g_autofree char *own = g_build_filename (pipeline->folder, tacet_control_kind_id (kind), NULL);
  gboolean given = name != NULL && *name != '\0';
  g_autofree char *places = describe_path (model_path);
  char *path = tacet_library_find (given ? model_path : NULL, given ? name : own, TACET_MODEL_CONTROLNET);
  if (path == NULL && !given)
    {
      g_autofree char *base = tacet_unet_base (&pipeline->unet);
      path = tacet_library_find_control (model_path, tacet_control_kind_id (kind), base);
    }
  if (path == NULL)
    g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL,
                 _ ("No ControlNet “%s” was found for this model. Looked in %s. Install it there, or switch this "
                    "control off."),
                 given ? name : tacet_control_kind_id (kind), given ? places : own);
  return path;
}

/* The path of a VAE or LoRA of the request. */
static char *
find_extra (const char *const *model_path, const char *name, TacetModelKind kind, GError **error)
{
  g_autofree char *places = describe_path (model_path);
  char *path = tacet_library_find (model_path, name, kind);
  if (path == NULL)
    g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_MODEL,
                 kind == TACET_MODEL_VAE ? _ ("The VAE “%s” was not found. Looked in %s.")
                                         : _ ("The LoRA “%s” was not found. Looked in %s."),
                 name, places);
  return path;
}

void
_tacet_pipeline_spec_clear (TacetPipelineSpec *self)
{
  g_free (self->path);
  g_free (self->vae);
  g_free (self->stamp);
  g_clear_pointer (&self->loras, g_ptr_array_unref);
  *self = (TacetPipelineSpec){ 0 };
}

gboolean
_tacet_pipeline_spec_init (TacetPipelineSpec *self, const char *const *model_path, const TacetRequest *request,
                           GError **error)
{
  g_autoptr (GString) stamp = g_string_new (NULL);
  gboolean has_vae = request->vae != NULL && *request->vae != '\0';
  self->loras = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_lora_free);
  self->path = _tacet_pipeline_find (model_path, request->model, error);
  if (self->path == NULL || (has_vae && !(self->vae = find_extra (model_path, request->vae, TACET_MODEL_VAE, error))))
    return FALSE;
  g_autofree char *own = tacet_model_stamp (self->path), *vae = has_vae ? tacet_model_stamp (self->vae) : NULL;
  self->prefer_ema = request->prefer_ema;
  g_string_printf (stamp, "%s%s\n%s", own, self->prefer_ema ? " ema" : "", vae != NULL ? vae : "");
  for (guint i = 0; i < request->loras->len; i++)
    {
      const TacetLora *lora = g_ptr_array_index (request->loras, i);
      g_autofree char *path = find_extra (model_path, lora->path, TACET_MODEL_LORA, error);
      if (path == NULL)
        return FALSE;
      g_autofree char *file = tacet_model_stamp (path);
      g_ptr_array_add (self->loras, tacet_lora_new (path, lora->weight));
      g_string_append_printf (stamp, "\n%s %.17g", file, lora->weight);
    }
  self->stamp = g_string_free (g_steal_pointer (&stamp), FALSE);
  return TRUE;
}

static gboolean
load_parts (TacetPipeline *self, const TacetPipelineSpec *spec, GError **error)
{
  const TacetModelOptions options = { .vae = spec->vae, .prefer_ema = spec->prefer_ema };
  self->files = tacet_model_files_open (spec->path, &options, error);
  if (self->files == NULL)
    return FALSE;
  self->unet = self->files->unet;
  self->vae = self->files->vae;
  self->text = self->files->text;
  self->unet_weights = self->files->unet_weights;
  self->vae_weights = self->files->vae_weights;
  self->text_weights = self->files->text_weights;
  for (guint i = 0; i < spec->loras->len; i++)
    {
      const TacetLora *lora = g_ptr_array_index (spec->loras, i);
      if (!tacet_lora_apply (lora->path, lora->weight, self->files, error))
        return FALSE;
    }
  g_autofree char *scheduler = g_build_filename (spec->path, "scheduler", "scheduler_config.json", NULL);
  if (!g_file_test (spec->path, G_FILE_TEST_IS_DIR))
    tacet_schedule_config_usual (&self->schedule, self->files->v_prediction, self->files->zero_terminal_snr);
  else if (!tacet_schedule_config_load (&self->schedule, scheduler, error))
    return FALSE;
  return self->files->tokenizer == NULL ||
         (self->tokenizer = tacet_tokenizer_load (self->files->tokenizer, error)) != NULL;
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
_tacet_pipeline_load (const TacetPipelineSpec *spec, GError **error)
{
  GError *cause = NULL;
  TacetPipeline *self = g_new0 (TacetPipeline, 1);
  self->folder = g_strdup (spec->path);
  self->stamp = g_strdup (spec->stamp);
  if (load_parts (self, spec, &cause) && check_parts (self, &cause))
    {
      self->unet.v_prediction = self->schedule.prediction == TACET_PREDICT_V;
      return self;
    }
  _tacet_sample_propagate (error, cause, spec->path);
  _tacet_pipeline_free (self);
  return NULL;
}

void
_tacet_pipeline_free (TacetPipeline *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->files, tacet_model_files_free);
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
_tacet_controlnet_load (const char *path, const TacetPipeline *pipeline, GError **error)
{
  GError *cause = NULL;
  TacetControlnet *self = g_new0 (TacetControlnet, 1);
  self->folder = g_strdup (path);
  self->stamp = tacet_model_stamp (path);
  self->weights = tacet_controlnet_open (path, &self->config, pipeline->files, NULL, &cause);
  if (self->weights != NULL && check_controlnet (self, pipeline, &cause))
    {
      self->config.global_pool = self->config.global_pool || is_shuffle (path);
      return self;
    }
  _tacet_sample_propagate (error, cause, path);
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
