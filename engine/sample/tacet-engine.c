/* tacet-engine.c: the engine's caches: the model in use, its ControlNets, and plans by shape.
 *
 * Room: engine/sample.  Each large part is freed when its job in a run is over: the text encoder after the prompts,
 * the decoder after the pictures.  Denoisers stay while half of the budget is free; what they share are the packed
 * weights.  Memory goes back before a refusal: when a plan does not fit, all other plans are given up and it is tried
 * once more.
 */
#include "config.h"
#include "engine/model/tacet-model-files.h"
#include "tacet-engine-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#define MOST_DECODERS 4
#define LARGE_PLAN    ((gsize) 64 << 20) /* bytes; smaller ones are kept for the next run */

typedef struct
{
  TacetDenoiserSpec spec;
  TacetDenoiser *denoiser;
} CachedDenoiser;

typedef struct
{
  int height, width;
  TacetNetwork *network;
} CachedDecoder;

static void
cached_denoiser_free (gpointer data)
{
  _tacet_denoiser_free (((CachedDenoiser *) data)->denoiser);
  g_free (data);
}

static void
cached_decoder_free (gpointer data)
{
  _tacet_network_free (((CachedDecoder *) data)->network);
  g_free (data);
}

/* Nine tenths of what the machine or its container has.  The kernel promises more than that and kills
 * whoever comes to collect it. */
static gsize
machine_budget (void)
{
  double pages = (double) sysconf (_SC_PHYS_PAGES), page = (double) sysconf (_SC_PAGESIZE), bytes = pages * page;
  g_autofree char *limit = NULL;
  if (g_file_get_contents ("/sys/fs/cgroup/memory.max", &limit, NULL, NULL) && g_ascii_isdigit (limit[0]))
    bytes = MIN (bytes, g_ascii_strtod (limit, NULL));
  return bytes > 0 ? (gsize) (0.9 * bytes) : 0;
}

TacetEngine *
tacet_engine_new (int n_threads, gsize memory_budget, GError **error)
{
  TacetBackend *backend = tacet_cpu_backend_new (MAX (n_threads, 0));
  if (backend == NULL)
    {
      g_set_error (error, TACET_SAMPLE_ERROR, TACET_SAMPLE_ERROR_NO_MEMORY, "%s",
                   _ ("The engine could not start: there is not enough memory."));
      return NULL;
    }
  backend->budget = memory_budget > 0 ? memory_budget : machine_budget ();
  TacetEngine *self = g_new0 (TacetEngine, 1);
  self->backend = backend;
  self->controlnets = g_ptr_array_new_with_free_func ((GDestroyNotify) _tacet_controlnet_free);
  self->denoisers = g_ptr_array_new_with_free_func (cached_denoiser_free);
  self->decoders = g_ptr_array_new_with_free_func (cached_decoder_free);
  self->contexts = _tacet_contexts_new ();
  return self;
}

void
_tacet_engine_forget_plans (TacetEngine *self)
{
  g_ptr_array_set_size (self->denoisers, 0);
  g_ptr_array_set_size (self->decoders, 0);
  g_clear_pointer (&self->text, _tacet_network_free);
  g_clear_pointer (&self->tiny, _tacet_network_free);
}

static void
forget_pipeline (TacetEngine *self)
{
  _tacet_engine_forget_plans (self);
  g_ptr_array_set_size (self->controlnets, 0);
  g_clear_pointer (&self->pipeline, _tacet_pipeline_free);
  g_clear_pointer (&self->tiny_weights, tacet_weights_unref);
  self->tiny_sought = FALSE;
}

void
tacet_engine_free (TacetEngine *self)
{
  if (self == NULL)
    return;
  forget_pipeline (self);
  g_ptr_array_unref (self->controlnets);
  g_ptr_array_unref (self->denoisers);
  g_ptr_array_unref (self->decoders);
  g_ptr_array_unref (self->contexts);
  self->backend->klass->destroy (self->backend);
  g_strfreev (self->model_path);
  g_free (self);
}

void
tacet_engine_set_model_path (TacetEngine *self, const char *const *folders)
{
  g_strfreev (self->model_path);
  self->model_path = g_strdupv ((char **) folders);
}

/* Single files bring no vocabulary. */
static gboolean
find_vocabulary (TacetEngine *self, GError **error)
{
  TacetPipeline *pipeline = self->pipeline;
  GError *cause = NULL;
  if (pipeline->tokenizer == NULL)
    pipeline->tokenizer = tacet_vocabulary_find (pipeline->folder, (const char *const *) self->model_path,
                                                 pipeline->text.vocab_size, &cause);
  if (cause != NULL)
    _tacet_sample_propagate (error, cause, pipeline->folder);
  return pipeline->tokenizer != NULL;
}

gboolean
_tacet_engine_use_pipeline (TacetEngine *self, const TacetRequest *request, GError **error)
{
  const char *const *model_path = (const char *const *) self->model_path;
  TacetPipelineSpec spec = { 0 };
  gboolean good = _tacet_pipeline_spec_init (&spec, model_path, request, error);
  if (good && (self->pipeline == NULL || !g_str_equal (self->pipeline->folder, spec.path) ||
               !g_str_equal (self->pipeline->stamp, spec.stamp)))
    {
      forget_pipeline (self);
      self->pipeline = _tacet_pipeline_load (&spec, error);
      good = self->pipeline != NULL && find_vocabulary (self, error);
      if (!good)
        forget_pipeline (self);
    }
  _tacet_pipeline_spec_clear (&spec);
  return good;
}

static TacetControlnet *
find_loaded (TacetEngine *self, const char *folder)
{
  g_autofree char *stamp = tacet_model_stamp (folder);
  for (guint i = 0; i < self->controlnets->len; i++)
    {
      TacetControlnet *net = g_ptr_array_index (self->controlnets, i);
      if (g_str_equal (net->folder, folder) && g_str_equal (net->stamp, stamp))
        return net;
    }
  return NULL;
}

static gboolean
spec_uses (const TacetDenoiserSpec *spec, const TacetControlnet *net)
{
  for (int k = 0; k < spec->n_controls; k++)
    if (spec->nets[k] == net)
      return TRUE;
  return FALSE;
}

static void
forget_controlnet (TacetEngine *self, TacetControlnet *net)
{
  for (guint i = self->denoisers->len; i-- > 0;)
    if (spec_uses (&((CachedDenoiser *) g_ptr_array_index (self->denoisers, i))->spec, net))
      g_ptr_array_remove_index (self->denoisers, i);
  g_ptr_array_remove (self->controlnets, net);
}

gboolean
_tacet_engine_use_controlnets (TacetEngine *self, const TacetRequest *request, const gboolean *wanted,
                               TacetControlnet **nets, GError **error)
{
  for (guint i = 0; i < request->controls->len; i++)
    {
      const TacetControlRequest *control = g_ptr_array_index (request->controls, i);
      nets[i] = NULL;
      if (!wanted[i])
        continue;
      g_autofree char *folder = _tacet_controlnet_find ((const char *const *) self->model_path, self->pipeline,
                                                        control->model, control->kind, error);
      if (folder == NULL)
        return FALSE;
      nets[i] = find_loaded (self, folder);
      if (nets[i] != NULL)
        continue;
      nets[i] = _tacet_controlnet_load (folder, self->pipeline, error);
      if (nets[i] == NULL)
        return FALSE;
      g_ptr_array_add (self->controlnets, nets[i]);
    }
  for (guint j = self->controlnets->len; j-- > 0;)
    {
      TacetControlnet *net = g_ptr_array_index (self->controlnets, j);
      gboolean used = FALSE;
      for (guint i = 0; i < request->controls->len; i++)
        used = used || nets[i] == net;
      if (!used)
        forget_controlnet (self, net);
    }
  return TRUE;
}

static gboolean
spec_equal (const TacetDenoiserSpec *a, const TacetDenoiserSpec *b)
{
  if (a->height != b->height || a->width != b->width || a->batch != b->batch || a->n_texts != b->n_texts ||
      a->n_controls != b->n_controls)
    return FALSE;
  for (int i = 0; i < a->n_texts; i++)
    if (a->n_tokens[i] != b->n_tokens[i])
      return FALSE;
  for (int k = 0; k < a->n_controls; k++)
    if (a->nets[k] != b->nets[k] || a->masked[k] != b->masked[k] || a->conditional_only[k] != b->conditional_only[k])
      return FALSE;
  return TRUE;
}

static void
move_to_end (GPtrArray *array, guint index)
{
  g_ptr_array_insert (array, -1, g_ptr_array_steal_index (array, index));
}

static gboolean
is_no_memory (const GError *error)
{
  return g_error_matches (error, TACET_TENSOR_ERROR, TACET_TENSOR_ERROR_NO_MEMORY);
}

/* The last one stays: the next shares its weights. */
static void
trim_denoisers (TacetEngine *self)
{
  while (self->denoisers->len > 1 && self->backend->budget > 0 && self->backend->used > self->backend->budget / 2)
    g_ptr_array_remove_index (self->denoisers, 0);
}

TacetDenoiser *
_tacet_engine_denoiser (TacetEngine *self, const TacetDenoiserSpec *spec, GError **error)
{
  for (guint i = 0; i < self->denoisers->len; i++)
    {
      CachedDenoiser *cached = g_ptr_array_index (self->denoisers, i);
      if (!spec_equal (&cached->spec, spec))
        continue;
      move_to_end (self->denoisers, i);
      return cached->denoiser;
    }
  GError *cause = NULL;
  const char *blame = self->pipeline->folder;
  trim_denoisers (self);
  TacetDenoiser *denoiser = _tacet_denoiser_new (spec, self->backend, &blame, &cause);
  if (denoiser == NULL && is_no_memory (cause))
    {
      g_clear_error (&cause);
      _tacet_engine_forget_plans (self);
      denoiser = _tacet_denoiser_new (spec, self->backend, &blame, &cause);
    }
  if (denoiser == NULL)
    {
      _tacet_sample_propagate (error, cause, blame);
      return NULL;
    }
  CachedDenoiser *cached = g_new0 (CachedDenoiser, 1);
  cached->spec = *spec;
  cached->denoiser = denoiser;
  g_ptr_array_add (self->denoisers, cached);
  return denoiser;
}

TacetDenoiser *
_tacet_engine_last_denoiser (TacetEngine *self)
{
  guint n = self->denoisers->len;
  return n > 0 ? ((CachedDenoiser *) g_ptr_array_index (self->denoisers, n - 1))->denoiser : NULL;
}

TacetNetwork *
_tacet_engine_text (TacetEngine *self, int clip_skip, GError **error)
{
  GError *cause = NULL;
  if (self->text_skip != clip_skip)
    g_clear_pointer (&self->text, _tacet_network_free);
  self->text_skip = clip_skip;
  if (self->text == NULL)
    self->text = _tacet_network_text (self->pipeline, clip_skip, self->backend, &cause);
  if (self->text == NULL && is_no_memory (cause))
    {
      g_clear_error (&cause);
      _tacet_engine_forget_plans (self);
      self->text = _tacet_network_text (self->pipeline, clip_skip, self->backend, &cause);
    }
  if (self->text == NULL)
    _tacet_sample_propagate (error, cause, self->pipeline->folder);
  return self->text;
}

static gboolean
open_tiny (TacetEngine *self, const char *folder)
{
  static const char *const places[] = { "vae_approx/taesd", "taesd", "vae_approx/taesd_decoder.safetensors",
                                        "vae_approx/taesd_decoder.pth" };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (folder, places[i], NULL);
      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      self->tiny_weights = tacet_network_open (TACET_PART_TAESD, path, &self->tiny_config, NULL, NULL);
      if (self->tiny_weights != NULL && self->tiny_config.latent_channels == self->pipeline->vae.latent_channels)
        return TRUE;
      g_clear_pointer (&self->tiny_weights, tacet_weights_unref);
    }
  return FALSE;
}

TacetNetwork *
_tacet_engine_tiny (TacetEngine *self, int height, int width, GError **error)
{
  if (!self->tiny_sought)
    {
      gboolean found = open_tiny (self, self->pipeline->folder);
      for (guint i = 0; !found && self->model_path != NULL && self->model_path[i] != NULL; i++)
        found = open_tiny (self, self->model_path[i]);
      self->tiny_sought = TRUE;
    }
  if (self->tiny_weights == NULL)
    return NULL;
  if (self->tiny != NULL && self->tiny->in->shape.d[1] == height && self->tiny->in->shape.d[2] == width)
    return self->tiny;
  GError *cause = NULL;
  g_clear_pointer (&self->tiny, _tacet_network_free);
  self->tiny = _tacet_network_tiny (&self->tiny_config, self->tiny_weights, height, width, self->backend, &cause);
  if (self->tiny == NULL)
    _tacet_sample_propagate (error, cause, self->pipeline->folder);
  return self->tiny;
}

void
_tacet_engine_finish_text (TacetEngine *self)
{
  if (self->text != NULL && tacet_plan_bytes (self->text->plan) > LARGE_PLAN)
    g_clear_pointer (&self->text, _tacet_network_free);
}

void
_tacet_engine_finish_decoders (TacetEngine *self)
{
  for (guint i = self->decoders->len; i-- > 0;)
    if (tacet_plan_bytes (((CachedDecoder *) g_ptr_array_index (self->decoders, i))->network->plan) > LARGE_PLAN)
      g_ptr_array_remove_index (self->decoders, i);
}

TacetNetwork *
_tacet_engine_encoder (TacetEngine *self, int height, int width, gboolean modest, GError **error)
{
  GError *cause = NULL;
  TacetNetwork *network = _tacet_network_encoder (self->pipeline, height, width, self->backend, &cause);
  if (network == NULL && !modest && is_no_memory (cause))
    {
      g_clear_error (&cause);
      _tacet_engine_forget_plans (self);
      network = _tacet_network_encoder (self->pipeline, height, width, self->backend, &cause);
    }
  if (network == NULL)
    _tacet_sample_propagate (error, cause, self->pipeline->folder);
  return network;
}

TacetNetwork *
_tacet_engine_decoder (TacetEngine *self, int height, int width, gboolean modest, GError **error)
{
  for (guint i = 0; i < self->decoders->len; i++)
    {
      CachedDecoder *cached = g_ptr_array_index (self->decoders, i);
      if (cached->height != height || cached->width != width)
        continue;
      move_to_end (self->decoders, i);
      return cached->network;
    }
  if (self->decoders->len >= MOST_DECODERS)
    g_ptr_array_remove_index (self->decoders, 0);

  GError *cause = NULL;
  TacetNetwork *network = _tacet_network_decoder (self->pipeline, height, width, self->backend, &cause);
  if (network == NULL && !modest && is_no_memory (cause))
    {
      g_clear_error (&cause);
      _tacet_engine_forget_plans (self);
      network = _tacet_network_decoder (self->pipeline, height, width, self->backend, &cause);
    }
  if (network == NULL)
    {
      _tacet_sample_propagate (error, cause, self->pipeline->folder);
      return NULL;
    }
  CachedDecoder *cached = g_new0 (CachedDecoder, 1);
  *cached = (CachedDecoder){ height, width, network };
  g_ptr_array_add (self->decoders, cached);
  return network;
}
