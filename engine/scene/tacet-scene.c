/* tacet-scene.c: the document: its properties, signals, and the request made from it.
 *
 * Room: engine/scene.  Changes are in tacet-scene-changes.c and tacet-scene-layers.c.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-candidate-private.h"

G_DEFINE_FINAL_TYPE (TacetScene, tacet_scene, G_TYPE_OBJECT)
GQuark
tacet_scene_error_quark (void)
{
  return g_quark_from_static_string ("tacet-scene-error-quark");
}

enum
{
  PROP_0,
  PROP_PROMPT,
  PROP_NEGATIVE_PROMPT,
  PROP_MODEL,
  PROP_SEED,
  PROP_STEPS,
  PROP_SAMPLER,
  PROP_GUIDANCE_SCALE,
  PROP_COMBINE,
  PROP_SPACING,
  PROP_KARRAS,
  PROP_ETA,
  PROP_RESCALE,
  PROP_GUESS,
  PROP_CONDITIONAL_ONLY,
  PROP_PREFER_EMA,
  PROP_COUNT,
  PROP_CLIP_SKIP,
  PROP_VAE,
  PROP_DENOISING,
  PROP_FEATHER,
  N_SETTINGS, /* properties above can be written */
  PROP_WIDTH = N_SETTINGS,
  PROP_HEIGHT,
  PROP_MODIFIED,
  PROP_CAN_UNDO,
  PROP_CAN_REDO,
  PROP_UNDO_NAME,
  PROP_REDO_NAME,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
_tacet_scene_settings_clear (TacetSceneSettings *self)
{
  g_clear_pointer (&self->prompt, g_free);
  g_clear_pointer (&self->negative_prompt, g_free);
  g_clear_pointer (&self->model, g_free);
  g_clear_pointer (&self->vae, g_free);
  g_clear_pointer (&self->loras, g_ptr_array_unref);
}

TacetSceneSettings
_tacet_scene_settings_copy (const TacetSceneSettings *self)
{
  TacetSceneSettings copy = *self;
  copy.prompt = g_strdup (self->prompt);
  copy.negative_prompt = g_strdup (self->negative_prompt);
  copy.model = g_strdup (self->model);
  copy.vae = g_strdup (self->vae);
  copy.loras = g_ptr_array_ref (self->loras);
  return copy;
}

static void
tacet_scene_dispose (GObject *object)
{
  tacet_scene_stroke_cancel (TACET_SCENE (object));
  G_OBJECT_CLASS (tacet_scene_parent_class)->dispose (object);
}

static void
tacet_scene_finalize (GObject *object)
{
  TacetScene *self = TACET_SCENE (object);
  _tacet_history_clear (&self->history);
  _tacet_scene_settings_clear (&self->settings);
  g_clear_object (&self->layers);
  g_clear_object (&self->candidates);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->extra, json_object_unref);
  g_clear_pointer (&self->notes, g_strfreev);
  G_OBJECT_CLASS (tacet_scene_parent_class)->finalize (object);
}

static const char *
step_name (GPtrArray *steps)
{
  return steps->len ? ((TacetStep *) steps->pdata[steps->len - 1])->name : NULL;
}

static void
tacet_scene_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TacetScene *self = TACET_SCENE (object);
  switch (id)
    {
    case PROP_PROMPT:
      g_value_set_string (value, self->settings.prompt);
      break;
    case PROP_NEGATIVE_PROMPT:
      g_value_set_string (value, self->settings.negative_prompt);
      break;
    case PROP_MODEL:
      g_value_set_string (value, self->settings.model);
      break;
    case PROP_SEED:
      g_value_set_uint64 (value, self->settings.seed);
      break;
    case PROP_STEPS:
      g_value_set_int (value, self->settings.steps);
      break;
    case PROP_SAMPLER:
      g_value_set_int (value, self->settings.sampler);
      break;
    case PROP_GUIDANCE_SCALE:
      g_value_set_double (value, self->settings.guidance_scale);
      break;
    case PROP_COMBINE:
      g_value_take_string (value, tacet_combine_to_string (&self->settings.combine));
      break;
    case PROP_SPACING:
      g_value_set_int (value, self->settings.spacing);
      break;
    case PROP_KARRAS:
      g_value_set_int (value, self->settings.karras);
      break;
    case PROP_ETA:
      g_value_set_double (value, self->settings.eta);
      break;
    case PROP_RESCALE:
      g_value_set_double (value, self->settings.guidance_rescale);
      break;
    case PROP_GUESS:
      g_value_set_int (value, self->settings.guess);
      break;
    case PROP_PREFER_EMA:
      g_value_set_boolean (value, self->settings.prefer_ema);
      break;
    case PROP_CONDITIONAL_ONLY:
      g_value_set_boolean (value, self->settings.control_conditional_only);
      break;
    case PROP_COUNT:
      g_value_set_int (value, self->settings.count);
      break;
    case PROP_CLIP_SKIP:
      g_value_set_int (value, self->settings.clip_skip);
      break;
    case PROP_VAE:
      g_value_set_string (value, self->settings.vae);
      break;
    case PROP_DENOISING:
      g_value_set_double (value, self->settings.denoising_strength);
      break;
    case PROP_FEATHER:
      g_value_set_double (value, self->settings.mask_feather);
      break;
    case PROP_WIDTH:
      g_value_set_int (value, self->width);
      break;
    case PROP_HEIGHT:
      g_value_set_int (value, self->height);
      break;
    case PROP_MODIFIED:
      g_value_set_boolean (value, tacet_scene_get_modified (self));
      break;
    case PROP_CAN_UNDO:
      g_value_set_boolean (value, self->history.undo->len > 0);
      break;
    case PROP_CAN_REDO:
      g_value_set_boolean (value, self->history.redo->len > 0);
      break;
    case PROP_UNDO_NAME:
      g_value_set_string (value, step_name (self->history.undo));
      break;
    case PROP_REDO_NAME:
      g_value_set_string (value, step_name (self->history.redo));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tacet_scene_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  TacetScene *self = TACET_SCENE (object);
  TacetCombine combine;
  switch (id)
    {
    case PROP_PROMPT:
      tacet_scene_set_prompt (self, g_value_get_string (value));
      break;
    case PROP_NEGATIVE_PROMPT:
      tacet_scene_set_negative_prompt (self, g_value_get_string (value));
      break;
    case PROP_MODEL:
      tacet_scene_set_model (self, g_value_get_string (value));
      break;
    case PROP_SEED:
      tacet_scene_set_seed (self, g_value_get_uint64 (value));
      break;
    case PROP_STEPS:
      tacet_scene_set_steps (self, g_value_get_int (value));
      break;
    case PROP_SAMPLER:
      tacet_scene_set_sampler (self, g_value_get_int (value));
      break;
    case PROP_GUIDANCE_SCALE:
      tacet_scene_set_guidance_scale (self, g_value_get_double (value));
      break;
    case PROP_COMBINE:
      if (g_value_get_string (value) && tacet_combine_parse (&combine, g_value_get_string (value), NULL))
        tacet_scene_set_combine (self, &combine);
      break;
    case PROP_SPACING:
      tacet_scene_set_spacing (self, g_value_get_int (value));
      break;
    case PROP_KARRAS:
      tacet_scene_set_karras (self, g_value_get_int (value));
      break;
    case PROP_ETA:
      tacet_scene_set_eta (self, g_value_get_double (value));
      break;
    case PROP_RESCALE:
      tacet_scene_set_guidance_rescale (self, g_value_get_double (value));
      break;
    case PROP_GUESS:
      tacet_scene_set_guess (self, g_value_get_int (value));
      break;
    case PROP_PREFER_EMA:
      tacet_scene_set_prefer_ema (self, g_value_get_boolean (value));
      break;
    case PROP_CONDITIONAL_ONLY:
      tacet_scene_set_control_conditional_only (self, g_value_get_boolean (value));
      break;
    case PROP_COUNT:
      tacet_scene_set_count (self, g_value_get_int (value));
      break;
    case PROP_CLIP_SKIP:
      tacet_scene_set_clip_skip (self, g_value_get_int (value));
      break;
    case PROP_VAE:
      tacet_scene_set_vae (self, g_value_get_string (value));
      break;
    case PROP_DENOISING:
      tacet_scene_set_denoising_strength (self, g_value_get_double (value));
      break;
    case PROP_FEATHER:
      tacet_scene_set_mask_feather (self, g_value_get_double (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tacet_scene_class_init (TacetSceneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags read = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GParamFlags both = read | G_PARAM_WRITABLE;
  object_class->dispose = tacet_scene_dispose;
  object_class->finalize = tacet_scene_finalize;
  object_class->get_property = tacet_scene_get_property;
  object_class->set_property = tacet_scene_set_property;
  properties[PROP_PROMPT] = g_param_spec_string ("prompt", NULL, NULL, NULL, both);
  properties[PROP_NEGATIVE_PROMPT] = g_param_spec_string ("negative-prompt", NULL, NULL, NULL, both);
  properties[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, NULL, both);
  properties[PROP_SEED] = g_param_spec_uint64 ("seed", NULL, NULL, 0, G_MAXINT64, 0, both);
  properties[PROP_STEPS] = g_param_spec_int ("steps", NULL, NULL, 1, TACET_SCENE_MAX_STEPS, 20, both);
  properties[PROP_SAMPLER] = g_param_spec_int ("sampler", NULL, NULL, 0, TACET_N_SAMPLERS - 1, 0, both);
  properties[PROP_GUIDANCE_SCALE] =
      g_param_spec_double ("guidance-scale", NULL, NULL, 0, TACET_SCENE_MAX_GUIDANCE, 5, both);
  properties[PROP_COMBINE] = g_param_spec_string ("combine", NULL, NULL, NULL, both);
  properties[PROP_SPACING] = g_param_spec_int ("spacing", NULL, NULL, 0, TACET_N_SPACINGS - 1, 0, both);
  properties[PROP_KARRAS] = g_param_spec_int ("karras", NULL, NULL, 0, TACET_KARRAS_ON, 0, both);
  properties[PROP_ETA] = g_param_spec_double ("eta", NULL, NULL, 0, 1, 0, both);
  properties[PROP_RESCALE] = g_param_spec_double ("guidance-rescale", NULL, NULL, 0, 1, 0, both);
  properties[PROP_GUESS] = g_param_spec_int ("guess", NULL, NULL, 0, TACET_N_GUESSES - 1, 0, both);
  properties[PROP_PREFER_EMA] = g_param_spec_boolean ("prefer-ema", NULL, NULL, FALSE, both);
  properties[PROP_CONDITIONAL_ONLY] = g_param_spec_boolean ("control-conditional-only", NULL, NULL, FALSE, both);
  properties[PROP_COUNT] = g_param_spec_int ("count", NULL, NULL, 1, TACET_MAX_PICTURES, 1, both);
  properties[PROP_CLIP_SKIP] = g_param_spec_int ("clip-skip", NULL, NULL, 1, TACET_SCENE_MAX_CLIP_SKIP, 1, both);
  properties[PROP_VAE] = g_param_spec_string ("vae", NULL, NULL, NULL, both);
  properties[PROP_DENOISING] = g_param_spec_double ("denoising-strength", NULL, NULL, 0, 1, 1, both);
  properties[PROP_FEATHER] =
      g_param_spec_double ("mask-feather", NULL, NULL, 0, TACET_MAX_FEATHER, TACET_MASK_FEATHER, both);
  properties[PROP_WIDTH] = g_param_spec_int ("width", NULL, NULL, 0, G_MAXINT, 0, read);
  properties[PROP_HEIGHT] = g_param_spec_int ("height", NULL, NULL, 0, G_MAXINT, 0, read);
  properties[PROP_MODIFIED] = g_param_spec_boolean ("modified", NULL, NULL, FALSE, read);
  properties[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, read);
  properties[PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, read);
  properties[PROP_UNDO_NAME] = g_param_spec_string ("undo-name", NULL, NULL, NULL, read);
  properties[PROP_REDO_NAME] = g_param_spec_string ("redo-name", NULL, NULL, NULL, read);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tacet_scene_init (TacetScene *self)
{
  self->settings = (TacetSceneSettings){
    .prompt = g_strdup (""),
    .negative_prompt = g_strdup (""),
    .model = g_strdup ("starter"),
    .steps = 20,
    .sampler = TACET_SAMPLER_DDIM,
    .guidance_scale = 5.0,
    .combine = tacet_combine_default (),
    .count = 1,
    .clip_skip = 1,
    .loras = _tacet_loras_new (NULL),
    .denoising_strength = 1,
    .mask_feather = TACET_MASK_FEATHER,
  };
  self->layers = g_list_store_new (TACET_TYPE_LAYER);
  self->candidates = g_list_store_new (TACET_TYPE_CANDIDATE);
  self->candidate_budget = TACET_CANDIDATE_BUDGET;
  _tacet_history_init (&self->history);
}

TacetScene *
tacet_scene_new (int width, int height)
{
  TacetScene *self = g_object_new (TACET_TYPE_SCENE, NULL);
  self->width = CLAMP (width, TACET_SCENE_MIN_SIDE, TACET_SCENE_MAX_SIDE);
  self->height = CLAMP (height, TACET_SCENE_MIN_SIDE, TACET_SCENE_MAX_SIDE);
  return self;
}

gboolean
_tacet_scene_owns (TacetScene *self, TacetLayer *layer)
{
  return layer && g_list_store_find (self->layers, layer, NULL);
}

void
_tacet_scene_notify (TacetScene *self)
{
  for (int id = 1; id < N_SETTINGS; id++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

static void
notify_if (TacetScene *self, gboolean *was, gboolean now, int id)
{
  if (*was == now)
    return;
  *was = now;
  g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

void
_tacet_scene_changed (TacetScene *self)
{
  notify_if (self, &self->was_modified, tacet_scene_get_modified (self), PROP_MODIFIED);
  notify_if (self, &self->could_undo, self->history.undo->len > 0, PROP_CAN_UNDO);
  notify_if (self, &self->could_redo, self->history.redo->len > 0, PROP_CAN_REDO);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNDO_NAME]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REDO_NAME]);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static gboolean
add_control (TacetScene *self, TacetRequest *request, TacetLayer *layer)
{
  TacetControlRequest *control = tacet_control_request_new ((TacetControlKind) layer->kind);
  g_ptr_array_add (request->controls, control);
  g_free (control->name);
  g_free (control->model);
  g_clear_pointer (&control->map, tacet_image_unref);
  g_clear_pointer (&control->coverage, tacet_image_unref);
  control->name = g_strdup (layer->settings.name);
  control->model = _tacet_path_resolve (self->folder, layer->settings.model);
  control->map = tacet_image_convert (layer->map, 3);
  control->coverage = tacet_image_ref (layer->coverage);
  control->strength = layer->settings.strength;
  control->start = layer->settings.start;
  control->end = layer->settings.end;
  return control->map && control->coverage;
}

static gboolean
add_region (TacetRequest *request, TacetLayer *layer)
{
  const TacetLayerSettings *settings = &layer->settings;
  TacetImage *mask = tacet_image_ref (layer->coverage);
  if (mask)
    g_ptr_array_add (request->regions,
                     tacet_region_request_new (settings->name, settings->prompt, settings->negative_prompt, mask));
  return mask != NULL;
}

static void
fill_details (TacetScene *self, TacetRequest *request)
{
  const TacetSceneSettings *settings = &self->settings;
  request->spacing = settings->spacing;
  request->karras = settings->karras;
  request->eta = settings->eta;
  request->guidance_rescale = settings->guidance_rescale;
  request->guess = settings->guess;
  request->prefer_ema = settings->prefer_ema;
  request->control_conditional_only = settings->control_conditional_only;
  request->count = settings->count;
  request->clip_skip = settings->clip_skip;
  request->vae = _tacet_path_resolve (self->folder, settings->vae);
  for (guint i = 0; i < settings->loras->len; i++)
    {
      const TacetLora *lora = settings->loras->pdata[i];
      g_autofree char *path = _tacet_path_resolve (self->folder, lora->path);
      g_ptr_array_add (request->loras, tacet_lora_new (path, lora->weight));
    }
  request->denoising_strength = settings->denoising_strength;
  request->mask_feather = settings->mask_feather;
}

/* Pictures take part where something of them is kept: else they are there to look at. */
static gboolean
fill_start (TacetScene *self, TacetRequest *request)
{
  gboolean masked = tacet_scene_has_mask (self);
  if (!tacet_scene_has_picture (self) || (!masked && self->settings.denoising_strength >= 1))
    return TRUE;
  request->image = tacet_scene_render_picture (self);
  request->mask = masked ? tacet_scene_render_mask (self) : NULL;
  return request->image && (!masked || request->mask);
}

TacetRequest *
tacet_scene_to_request (TacetScene *self)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), NULL);
  g_autoptr (TacetRequest) request = tacet_request_new ();
  g_free (request->model);
  g_free (request->prompt);
  g_free (request->negative_prompt);
  request->model = _tacet_path_resolve (self->folder, self->settings.model);
  request->prompt = g_strdup (self->settings.prompt);
  request->negative_prompt = g_strdup (self->settings.negative_prompt);
  request->width = self->width;
  request->height = self->height;
  request->seed = self->settings.seed;
  request->steps = self->settings.steps;
  request->sampler = self->settings.sampler;
  request->guidance_scale = self->settings.guidance_scale;
  request->combine = self->settings.combine;
  fill_details (self, request);
  if (!fill_start (self, request))
    return NULL;
  for (guint i = 0; i < _tacet_scene_n_layers (self); i++)
    {
      TacetLayer *layer = _tacet_scene_get_layer (self, i);
      if (!layer->settings.enabled)
        continue;
      if ((layer->kind == TACET_LAYER_REGION && !add_region (request, layer)) ||
          (tacet_layer_kind_is_control (layer->kind) && !add_control (self, request, layer)))
        return NULL;
    }
  return g_steal_pointer (&request);
}

GListModel *
tacet_scene_get_layers (TacetScene *self)
{
  return G_LIST_MODEL (self->layers);
}

int
tacet_scene_get_width (TacetScene *self)
{
  return self->width;
}

int
tacet_scene_get_height (TacetScene *self)
{
  return self->height;
}

const char *
tacet_scene_get_prompt (TacetScene *self)
{
  return self->settings.prompt;
}

const char *
tacet_scene_get_negative_prompt (TacetScene *self)
{
  return self->settings.negative_prompt;
}

const char *
tacet_scene_get_model (TacetScene *self)
{
  return self->settings.model;
}

guint64
tacet_scene_get_seed (TacetScene *self)
{
  return self->settings.seed;
}

int
tacet_scene_get_steps (TacetScene *self)
{
  return self->settings.steps;
}

TacetSampler
tacet_scene_get_sampler (TacetScene *self)
{
  return self->settings.sampler;
}

double
tacet_scene_get_guidance_scale (TacetScene *self)
{
  return self->settings.guidance_scale;
}

const TacetCombine *
tacet_scene_get_combine (TacetScene *self)
{
  return &self->settings.combine;
}

gboolean
tacet_scene_get_modified (TacetScene *self)
{
  return _tacet_history_get_modified (&self->history) || self->n_added != self->n_added_saved;
}

void
_tacet_scene_note (TacetScene *self, const char *note)
{
  guint n = self->notes ? g_strv_length (self->notes) : 0;
  self->notes = g_renew (char *, self->notes, n + 2);
  self->notes[n] = g_strdup (note);
  self->notes[n + 1] = NULL;
}

const char *const *
tacet_scene_get_notes (TacetScene *self)
{
  static const char *const none[] = { NULL };
  return self->notes ? (const char *const *) self->notes : none;
}
