/* tacet-scene-load.c: the plain scene file, read without trusting it.
 *
 * Room: engine/scene.  The format is in docs/formats.md.  Missing fields have defaults, wrong
 * types are errors that name the field, unknown fields are kept for saving.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/scene/tacet-scene-transfer.h"
#include "engine/weights/tacet-json.h"
#include "tacet-parameters.h"
#include "tacet-project.h"
#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_FILE_SIZE  (16u << 20)
#define MAX_TEXT       (1u << 20)
#define MAX_ALL_PLANES (G_GUINT64_CONSTANT (4) << 30) /* bytes of all controls together */

gboolean
_tacet_load_fail (GError **error, TacetSceneError code, const char *format, ...)
{
  va_list list;
  va_start (list, format);
  g_propagate_error (error, g_error_new_valist (TACET_SCENE_ERROR, code, format, list));
  va_end (list);
  return FALSE;
}

/* The fields of `object` that are not in `known`, or NULL. */
JsonObject *
_tacet_load_unknown (JsonObject *object, const char *const *known)
{
  g_autoptr (GList) names = json_object_get_members (object);
  JsonObject *rest = NULL;
  for (GList *l = names; l; l = l->next)
    {
      if (g_strv_contains (known, l->data))
        continue;
      if (!rest)
        rest = json_object_new ();
      json_object_set_member (rest, l->data, json_node_copy (json_object_get_member (object, l->data)));
    }
  return rest;
}

gboolean
_tacet_load_text (JsonObject *object, const char *field, char **value, GError **error)
{
  const char *text = NULL;
  if (!tacet_json_get_string (object, field, &text, error))
    return FALSE;
  if (!text)
    return TRUE;
  if (strlen (text) > MAX_TEXT)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_LIMIT, _ ("The field “%s” is too long"), field);
  g_free (*value);
  *value = g_strdup (text);
  return TRUE;
}

/* As an integer: a double would round large seeds. */
static gboolean
read_seed (JsonObject *object, guint64 *seed, GError **error)
{
  JsonNode *node = json_object_get_member (object, "seed");
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64 || json_node_get_int (node) < 0)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("The field “%s” must be a whole number of at least 0"),
                             "seed");
  *seed = json_node_get_int (node);
  return TRUE;
}

static gboolean
read_combine (JsonObject *object, TacetCombine *combine, GError **error)
{
  const char *text = NULL;
  if (!tacet_json_get_string (object, "combine", &text, error))
    return FALSE;
  if (text && !tacet_combine_parse (combine, text, error))
    {
      g_prefix_error (error, _ ("In the field “%s”: "), "combine");
      return FALSE;
    }
  return tacet_json_get_double (object, "lambda_cap", 0, 1e6, &combine->lambda_cap, error) &&
         tacet_json_get_boolean (object, "silent_guard", &combine->silent_guard, error) &&
         tacet_json_get_boolean (object, "total_one", &combine->total_one, error);
}

static gboolean
read_settings (JsonObject *object, TacetSceneSettings *settings, GError **error)
{
  const char *sampler = NULL;
  if (!_tacet_load_text (object, "model", &settings->model, error) ||
      !_tacet_load_text (object, "prompt", &settings->prompt, error) ||
      !_tacet_load_text (object, "negative_prompt", &settings->negative_prompt, error) ||
      !read_seed (object, &settings->seed, error) ||
      !tacet_json_get_int (object, "steps", 1, TACET_SCENE_MAX_STEPS, &settings->steps, error) ||
      !tacet_json_get_double (object, "guidance_scale", 0, TACET_SCENE_MAX_GUIDANCE, &settings->guidance_scale,
                              error) ||
      !read_combine (object, &settings->combine, error) || !tacet_json_get_string (object, "sampler", &sampler, error))
    return FALSE;
  if (sampler && !tacet_sampler_parse (sampler, &settings->sampler))
    {
      g_autofree char *ids = tacet_sampler_ids ();
      return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("The field “sampler” must be one of %s, not “%s”"),
                               ids, sampler);
    }
  return TRUE;
}

/* kind: of the elements that do not say theirs; NULL: they must. */
static gboolean
read_layers (TacetScene *self, JsonObject *object, const char *field, const char *kind, GError **error)
{
  JsonNode *node = json_object_get_member (object, field);
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("The field “%s” must be a list"), field);
  JsonArray *array = json_node_get_array (node);
  guint n = json_array_get_length (array), all = n + _tacet_scene_n_layers (self);
  if (all > TACET_MAX_LAYERS || (guint64) all * self->width * self->height * 8 > MAX_ALL_PLANES)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_LIMIT,
                             _ ("%u layers of %d × %d pixels are more than Tacet allows"), all, self->width,
                             self->height);
  for (guint i = 0; i < n; i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (element))
        return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("Layer %u must be an object"), i + 1);
      g_autoptr (TacetLayer) layer = _tacet_load_layer (self, json_node_get_object (element), kind, error);
      if (!layer)
        {
          g_prefix_error (error, _ ("Layer %u: "), i + 1);
          return FALSE;
        }
      _tacet_scene_append (self, layer);
    }
  return TRUE;
}

/* Version 1: controls in a list of their own, regions that nobody read, one picture and its mask among the settings. */
static gboolean
read_version_1 (TacetScene *self, JsonObject *object, GError **error)
{
  g_autoptr (GError) fault = NULL;
  g_autoptr (TacetImage) image = _tacet_load_image (self, object, "image", &fault);
  g_autoptr (TacetImage) mask = fault ? NULL : _tacet_load_image (self, object, "mask", &fault);
  if (fault)
    {
      g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
  if (!read_layers (self, object, "controls", NULL, error) || !read_layers (self, object, "regions", "region", error))
    return FALSE;
  if ((image && !tacet_scene_set_image (self, image)) || (mask && !tacet_scene_set_mask (self, mask)))
    return _tacet_load_fail (error, TACET_SCENE_ERROR_NO_MEMORY, _ ("Not enough memory for the scene"));
  _tacet_history_forget (&self->history);
  return TRUE;
}

static gboolean
read_size (TacetScene *self, JsonObject *object, GError **error)
{
  if (!tacet_json_get_int (object, "width", TACET_SCENE_MIN_SIDE, TACET_SCENE_MAX_SIDE, &self->width, error) ||
      !tacet_json_get_int (object, "height", TACET_SCENE_MIN_SIDE, TACET_SCENE_MAX_SIDE, &self->height, error))
    return FALSE;
  if (!self->width || !self->height)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("The field “%s” is missing"),
                             self->width ? "height" : "width");
  return TRUE;
}

static gboolean
check_format (TacetScene *self, JsonObject *object, int *version, GError **error)
{
  const char *format = NULL;
  if (!tacet_json_get_string (object, "format", &format, error))
    return FALSE;
  if (g_strcmp0 (format, "tacet-scene") != 0)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT,
                             _ ("It is not a Tacet scene (no \"format\": \"tacet-scene\")"));
  if (!tacet_json_get_int (object, "version", 1, G_MAXINT, version, error))
    return FALSE;
  gboolean newer = *version > TACET_SCENE_VERSION;
  self->incomplete = self->incomplete || newer;
  if (newer && self->lenient)
    {
      _tacet_scene_note (self, _ ("It was written by a newer Tacet. What this version does not know is not shown; "
                                  "to keep it, save under another name."));
      return TRUE;
    }
  if (newer)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT,
                             _ ("It was written by a newer Tacet (version %d of the format, this program knows %d)"),
                             *version, TACET_SCENE_VERSION);
  return TRUE;
}

static gboolean
read_loras (JsonObject *object, GPtrArray *loras, GError **error)
{
  JsonNode *node = json_object_get_member (object, "loras");
  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = array ? json_array_get_length (array) : 0;
  if (!array || n > TACET_SCENE_MAX_LORAS)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("The field “loras” must be a list of up to %d files"),
                             TACET_SCENE_MAX_LORAS);
  for (guint i = 0; i < n; i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      JsonObject *lora = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
      const char *path = NULL;
      double weight = 1, most = TACET_SCENE_MAX_LORA_WEIGHT;
      if (lora && !tacet_json_get_string (lora, "path", &path, error))
        return FALSE;
      if (!path || !*path)
        return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT,
                                 _ ("In the field “loras”, element %u must be an object with a “path”"), i + 1);
      if (!tacet_json_get_double (lora, "weight", -most, most, &weight, error))
        return FALSE;
      g_ptr_array_add (loras, tacet_lora_new (path, weight));
    }
  return TRUE;
}

static gboolean
refuse_word (GError **error, const char *field, const char *word)
{
  return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("The field “%s” cannot be “%s”"), field, word);
}

/* The finer points of sampling. */
static gboolean
read_sampling (JsonObject *object, TacetSceneSettings *settings, GError **error)
{
  const char *spacing = NULL, *guess = NULL;
  JsonNode *karras = json_object_get_member (object, "karras");
  gboolean on = FALSE;
  if (!tacet_json_get_string (object, "spacing", &spacing, error) ||
      !tacet_json_get_boolean (object, "karras", &on, error) ||
      !tacet_json_get_double (object, "eta", 0, 1, &settings->eta, error) ||
      !tacet_json_get_double (object, "guidance_rescale", 0, 1, &settings->guidance_rescale, error) ||
      !tacet_json_get_string (object, "guess", &guess, error) ||
      !tacet_json_get_boolean (object, "prefer_ema", &settings->prefer_ema, error) ||
      !tacet_json_get_boolean (object, "control_conditional_only", &settings->control_conditional_only, error) ||
      !tacet_json_get_int (object, "clip_skip", 1, TACET_SCENE_MAX_CLIP_SKIP, &settings->clip_skip, error) ||
      !tacet_json_get_int (object, "count", 1, TACET_MAX_PICTURES, &settings->count, error))
    return FALSE;
  if (karras && !JSON_NODE_HOLDS_NULL (karras))
    settings->karras = on ? TACET_KARRAS_ON : TACET_KARRAS_OFF;
  if (spacing && !tacet_spacing_parse (spacing, &settings->spacing))
    return refuse_word (error, "spacing", spacing);
  if (guess && !tacet_guess_parse (guess, &settings->guess))
    return refuse_word (error, "guess", guess);
  return TRUE;
}

/* What is kept of the pictures that a run starts from, and what changes the model. */
static gboolean
read_run (JsonObject *object, TacetSceneSettings *settings, GError **error)
{
  return tacet_json_get_double (object, "denoising_strength", 0, 1, &settings->denoising_strength, error) &&
         tacet_json_get_double (object, "mask_feather", 0, TACET_MAX_FEATHER, &settings->mask_feather, error) &&
         _tacet_load_text (object, "vae", &settings->vae, error) && read_loras (object, settings->loras, error);
}

gboolean
_tacet_load_scene (TacetScene *self, JsonObject *object, GError **error)
{
  static const char *const known[] = { "format",
                                       "version",
                                       "width",
                                       "height",
                                       "model",
                                       "prompt",
                                       "negative_prompt",
                                       "seed",
                                       "steps",
                                       "sampler",
                                       "guidance_scale",
                                       "combine",
                                       "lambda_cap",
                                       "silent_guard",
                                       "total_one",
                                       "layers",
                                       "controls",
                                       "regions",
                                       "spacing",
                                       "karras",
                                       "eta",
                                       "guidance_rescale",
                                       "guess",
                                       "control_conditional_only",
                                       "prefer_ema",
                                       "clip_skip",
                                       "count",
                                       "image",
                                       "mask",
                                       "denoising_strength",
                                       "mask_feather",
                                       "vae",
                                       "loras",
                                       "runs",
                                       "files",
                                       NULL };
  int version = 1;
  if (!check_format (self, object, &version, error) || !read_size (self, object, error) ||
      !read_settings (object, &self->settings, error) || !read_sampling (object, &self->settings, error) ||
      !read_run (object, &self->settings, error) || !read_layers (self, object, "layers", NULL, error) ||
      (version == 1 && !read_version_1 (self, object, error)))
    return FALSE;
  self->extra = _tacet_load_unknown (object, known);
  return TRUE;
}

static TacetScene *
scene_of_json (JsonNode *root, const char *path, gboolean lenient, GError **error)
{
  g_autoptr (TacetScene) self = g_object_new (TACET_TYPE_SCENE, NULL);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL), *name = g_filename_display_name (path);
  self->folder = g_path_get_dirname (absolute);
  self->lenient = lenient;
  if (_tacet_load_scene (self, json_node_get_object (root), error))
    return g_steal_pointer (&self);
  g_prefix_error (error, _ ("The scene %s cannot be opened. "), name);
  return NULL;
}

static TacetScene *
scene_of_parameters (const char *path, GError **error)
{
  g_autofree char *text = tacet_image_load_png_text (path, TACET_PARAMETERS_KEY, NULL);
  g_autofree char *name = g_filename_display_name (path);
  if (!text)
    {
      _tacet_load_fail (
          error, TACET_SCENE_ERROR_FORMAT,
          _ ("The picture %s does not say how it was made: it holds neither a scene (JSON) nor “parameters”"), name);
      return NULL;
    }
  g_autoptr (TacetImage) picture = tacet_image_load_png (path, error);
  return picture ? tacet_parameters_read (text, picture->width, picture->height) : NULL;
}

/* A scene in it that cannot be read is a note, if parameters are there to speak for it. */
static TacetScene *
scene_of_picture (const char *path, gboolean lenient, GError **error)
{
  g_autoptr (GError) fault = NULL;
  g_autofree char *text = tacet_image_load_png_text (path, TACET_SCENE_KEY, &fault);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (JsonNode) root = text ? tacet_json_parse (text, strlen (text), name, &fault) : NULL;
  g_autoptr (TacetScene) scene = root ? scene_of_json (root, path, lenient, &fault) : NULL;
  if (scene)
    return g_steal_pointer (&scene);
  scene = scene_of_parameters (path, fault ? NULL : error);
  if (scene && fault)
    _tacet_scene_note (scene, fault->message);
  else if (fault)
    g_propagate_error (error, g_steal_pointer (&fault));
  return g_steal_pointer (&scene);
}

static TacetScene *
load (const char *path, gboolean lenient, GError **error)
{
  if (tacet_raster_is_file (path))
    return _tacet_project_load (path, lenient, error);
  if (tacet_image_is_png (path))
    return scene_of_picture (path, lenient, error);
  g_autoptr (JsonNode) root = tacet_json_load (path, MAX_FILE_SIZE, error);
  return root ? scene_of_json (root, path, lenient, error) : NULL;
}

TacetScene *
tacet_scene_from_json (const char *text, gsize size, const char *what, GError **error)
{
  g_return_val_if_fail (text != NULL && what != NULL, NULL);
  g_autoptr (JsonNode) root = tacet_json_parse (text, size, what, error);
  return root ? scene_of_json (root, what, FALSE, error) : NULL;
}

TacetScene *
tacet_scene_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  return load (path, FALSE, error);
}

TacetScene *
tacet_scene_open (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  return load (path, TRUE, error);
}

static void
open_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  TacetScene *scene = tacet_scene_open (data, &error);
  if (scene)
    g_task_return_pointer (task, scene, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
tacet_scene_open_async (const char *path, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (path != NULL);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (task, tacet_scene_open_async);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, open_thread);
}

TacetScene *
tacet_scene_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
tacet_scene_is_incomplete (TacetScene *self)
{
  return self->incomplete;
}

gboolean
tacet_scene_is_project_path (const char *path)
{
  gsize length = strlen (path), suffix = strlen (TACET_PROJECT_SUFFIX);
  return length > suffix && g_ascii_strcasecmp (path + length - suffix, TACET_PROJECT_SUFFIX) == 0;
}
