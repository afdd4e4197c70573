/* tacet-scene-save.c: the plain scene file and its maps, written so that a failure costs nothing.
 *
 * Room: engine/scene.  A map's file name holds a hash of its pixels, so new maps never overwrite those
 * that the old file needs; the scene file is replaced last.  Maps that only the old file named are
 * removed after that, unless another scene file in the folder names them too.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/weights/tacet-json.h"
#include "tacet-json-text.h"
#include "tacet-project.h"
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define HASH_DIGITS    12
#define MAX_OLD_FILE   (16u << 20)
#define MAX_NEIGHBOURS 256

typedef struct
{
  TacetPlaneSink sink;
  TacetScene *scene;
  const char *path;
  char *folder, *stem;
  GHashTable *names; /* map files that the new scene needs */
  GPtrArray *fresh;  /* paths of those that were not there before */
  gboolean embed;    /* no files: pictures go into the text */
} Saving;

static void
saving_clear (Saving *self)
{
  g_free (self->folder);
  g_free (self->stem);
  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->fresh);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Saving, saving_clear)

/* A path of the document, seen from the new file.  In a text it stays as it is: nobody knows where it will lie. */
static char *
rebase (const TacetPlaneSink *sink, TacetScene *scene, const char *path)
{
  return sink->folder ? _tacet_path_rebase (scene->folder, sink->folder, path) : g_strdup (path);
}

static gboolean
embed_image (JsonObject *object, const char *field, const TacetImage *image, GError **error)
{
  g_autoptr (GBytes) png = tacet_image_encode_png (image, error);
  if (!png)
    return FALSE;
  g_autofree char *text = g_base64_encode (g_bytes_get_data (png, NULL), g_bytes_get_size (png));
  g_autofree char *uri = g_strconcat ("data:image/png;base64,", text, NULL);
  json_object_set_string_member (object, field, uri);
  return TRUE;
}

/* Writes a plane and names it in the field. */
static gboolean
save_image (Saving *self, JsonObject *object, const char *field, const char *what, const TacetImage *image,
            GError **error)
{
  if (self->embed)
    return embed_image (object, field, image, error);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, image->data, (gssize) image->width * image->height * image->channels);
  g_autofree char *name =
      g_strdup_printf ("%s-%s-%.*s.png", self->stem, what, HASH_DIGITS, g_checksum_get_string (sum));
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  gboolean there = g_file_test (path, G_FILE_TEST_EXISTS);
  if (!tacet_image_save_png (image, path, NULL, error))
    return FALSE;
  if (!there)
    g_ptr_array_add (self->fresh, g_steal_pointer (&path));
  json_object_set_string_member (object, field, name);
  g_hash_table_add (self->names, g_steal_pointer (&name));
  return TRUE;
}

/* Everywhere else a plane that is not there is full; here it is empty. */
static gboolean
save_unless_empty (Saving *self, JsonObject *object, const char *field, const char *what, const TacetImage *image,
                   GError **error)
{
  return tacet_image_is_filled (image, 0) || save_image (self, object, field, what, image, error);
}

static gboolean
save_pose (Saving *self, TacetLayer *layer, JsonObject *object, GError **error)
{
  json_object_set_member (object, "people", _tacet_people_node (layer->people));
  if (layer->base && !save_image (self, object, "image", "pose", layer->base, error))
    return FALSE;
  if (!layer->base && tacet_image_is_filled (layer->opinion, TACET_NEUTRAL))
    return TRUE;
  return save_image (self, object, "mask", "pose-mask", layer->coverage, error) &&
         save_image (self, object, "opinion", "pose-opinion", layer->opinion, error);
}

static gboolean
save_planes (TacetPlaneSink *sink, TacetLayer *layer, JsonObject *object, GError **error)
{
  Saving *self = (Saving *) sink;
  const char *kind = tacet_layer_kind_id (layer->kind);
  g_autofree char *mask = g_strdup_printf ("%s-mask", kind);
  switch (tacet_layer_kind_family (layer->kind))
    {
    case TACET_FAMILY_PICTURES:
      return save_unless_empty (self, object, "image", kind, layer->picture, error);
    case TACET_FAMILY_REGIONS:
    case TACET_FAMILY_MASKS:
      return save_unless_empty (self, object, "mask", kind, layer->coverage, error);
    default:
      if (layer->kind == TACET_LAYER_POSE)
        return save_pose (self, layer, object, error);
      return save_image (self, object, "image", kind, layer->map, error) &&
             (tacet_image_is_filled (layer->coverage, 255) ||
              save_image (self, object, "mask", mask, layer->coverage, error));
    }
}

static void
add_extra (JsonObject *object, JsonObject *extra)
{
  g_autoptr (GList) names = extra ? json_object_get_members (extra) : NULL;
  for (GList *l = names; l; l = l->next)
    json_object_set_member (object, l->data, json_node_copy (json_object_get_member (extra, l->data)));
}

static void
set_control (TacetPlaneSink *sink, TacetScene *scene, JsonObject *object, const TacetLayerSettings *settings)
{
  if (settings->model)
    {
      g_autofree char *model = rebase (sink, scene, settings->model);
      json_object_set_string_member (object, "model", model);
    }
  json_object_set_double_member (object, "strength", settings->strength);
  json_object_set_double_member (object, "start", settings->start);
  json_object_set_double_member (object, "end", settings->end);
}

static JsonNode *
layer_node (TacetPlaneSink *sink, TacetScene *scene, TacetLayer *layer, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  const TacetLayerSettings *settings = &layer->settings;
  json_object_set_string_member (object, "kind", tacet_layer_kind_id (layer->kind));
  json_object_set_string_member (object, "name", settings->name);
  if (!sink->save_planes (sink, layer, object, error))
    return NULL;
  if (tacet_layer_kind_is_control (layer->kind))
    set_control (sink, scene, object, settings);
  if (layer->kind == TACET_LAYER_REGION)
    {
      json_object_set_string_member (object, "prompt", settings->prompt);
      json_object_set_string_member (object, "negative_prompt", settings->negative_prompt);
    }
  json_object_set_boolean_member (object, "enabled", settings->enabled);
  if (!settings->visible)
    json_object_set_boolean_member (object, "visible", FALSE);
  if (settings->locked)
    json_object_set_boolean_member (object, "locked", TRUE);
  if (settings->opacity != 1)
    json_object_set_double_member (object, "opacity", settings->opacity);
  add_extra (object, layer->extra);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, g_steal_pointer (&object));
  return node;
}

static void
set_combine (JsonObject *object, const TacetCombine *combine)
{
  g_autofree char *text = tacet_combine_to_string (combine);
  TacetCombine usual = tacet_combine_default ();
  json_object_set_string_member (object, "combine", text);
  if (combine->lambda_cap != usual.lambda_cap)
    json_object_set_double_member (object, "lambda_cap", combine->lambda_cap);
  if (combine->silent_guard != usual.silent_guard)
    json_object_set_boolean_member (object, "silent_guard", combine->silent_guard);
  if (combine->total_one != usual.total_one)
    json_object_set_boolean_member (object, "total_one", combine->total_one);
}

/* Only what is not as usual, so that files stay short. */
static void
set_sampling (JsonObject *object, const TacetSceneSettings *settings)
{
  if (settings->spacing != TACET_SPACING_DEFAULT)
    json_object_set_string_member (object, "spacing", tacet_spacing_id (settings->spacing));
  if (settings->karras != TACET_KARRAS_DEFAULT)
    json_object_set_boolean_member (object, "karras", settings->karras == TACET_KARRAS_ON);
  if (settings->eta != 0)
    json_object_set_double_member (object, "eta", settings->eta);
  if (settings->guidance_rescale != 0)
    json_object_set_double_member (object, "guidance_rescale", settings->guidance_rescale);
  if (settings->guess != TACET_GUESS_NONE)
    json_object_set_string_member (object, "guess", tacet_guess_id (settings->guess));
  if (settings->prefer_ema)
    json_object_set_boolean_member (object, "prefer_ema", TRUE);
  if (settings->control_conditional_only)
    json_object_set_boolean_member (object, "control_conditional_only", TRUE);
  if (settings->clip_skip != 1)
    json_object_set_int_member (object, "clip_skip", settings->clip_skip);
  if (settings->count != 1)
    json_object_set_int_member (object, "count", settings->count);
}

static void
set_picture (const TacetPlaneSink *sink, TacetScene *scene, JsonObject *object)
{
  const TacetSceneSettings *settings = &scene->settings;
  g_autofree char *vae = rebase (sink, scene, settings->vae);
  JsonArray *loras = settings->loras->len ? json_array_new () : NULL;
  for (guint i = 0; i < settings->loras->len; i++)
    {
      const TacetLora *lora = settings->loras->pdata[i];
      g_autofree char *path = rebase (sink, scene, lora->path);
      JsonObject *one = json_object_new ();
      json_object_set_string_member (one, "path", path);
      json_object_set_double_member (one, "weight", lora->weight);
      json_array_add_object_element (loras, one);
    }
  if (loras)
    json_object_set_array_member (object, "loras", loras);
  if (vae)
    json_object_set_string_member (object, "vae", vae);
  if (settings->denoising_strength != 1)
    json_object_set_double_member (object, "denoising_strength", settings->denoising_strength);
  if (settings->mask_feather != TACET_MASK_FEATHER)
    json_object_set_double_member (object, "mask_feather", settings->mask_feather);
}

static JsonObject *
scene_object (const TacetPlaneSink *sink, TacetScene *scene)
{
  const TacetSceneSettings *settings = &scene->settings;
  JsonObject *object = json_object_new ();
  g_autofree char *model = rebase (sink, scene, settings->model);
  json_object_set_string_member (object, "format", "tacet-scene");
  json_object_set_int_member (object, "version", TACET_SCENE_VERSION);
  json_object_set_int_member (object, "width", scene->width);
  json_object_set_int_member (object, "height", scene->height);
  json_object_set_string_member (object, "model", model);
  json_object_set_string_member (object, "prompt", settings->prompt);
  json_object_set_string_member (object, "negative_prompt", settings->negative_prompt);
  json_object_set_int_member (object, "seed", (gint64) settings->seed);
  json_object_set_int_member (object, "steps", settings->steps);
  json_object_set_string_member (object, "sampler", tacet_sampler_id (settings->sampler));
  json_object_set_double_member (object, "guidance_scale", settings->guidance_scale);
  set_combine (object, &settings->combine);
  set_sampling (object, settings);
  set_picture (sink, scene, object);
  return object;
}

JsonObject *
_tacet_scene_to_object (TacetScene *scene, TacetPlaneSink *sink, GError **error)
{
  g_autoptr (JsonObject) object = scene_object (sink, scene);
  g_autoptr (JsonArray) layers = json_array_new ();
  for (guint i = 0; i < _tacet_scene_n_layers (scene); i++)
    {
      JsonNode *node = layer_node (sink, scene, _tacet_scene_get_layer (scene, i), error);
      if (!node)
        return NULL;
      json_array_add_element (layers, node);
    }
  json_object_set_array_member (object, "layers", g_steal_pointer (&layers));
  add_extra (object, scene->extra);
  return g_steal_pointer (&object);
}

static char *
save_maps (Saving *self, GError **error)
{
  g_autoptr (JsonObject) object = _tacet_scene_to_object (self->scene, &self->sink, error);
  g_autoptr (JsonNode) root = object ? json_node_init_object (json_node_alloc (), object) : NULL;
  return root ? tacet_json_text (root) : NULL;
}

/* STEM-KIND-HASH.png names of ours inside a text. */
static GPtrArray *
names_in (Saving *self, const char *text)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *stem = g_regex_escape_string (self->stem, -1);
  g_autofree char *pattern = g_strdup_printf (
      "\"(%s-(edge|depth|pose|region|mask|picture)(-mask|-opinion)?-[0-9a-f]{%d}\\.png)\"", stem, HASH_DIGITS);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  if (regex && g_regex_match (regex, text, 0, &match))
    do
      g_ptr_array_add (names, g_match_info_fetch (match, 1));
    while (g_match_info_next (match, NULL));
  return names;
}

static gboolean
neighbour_needs (Saving *self, const char *name)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *entry;
  int n = 0;
  while (dir && (entry = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (self->folder, entry, NULL), *text = NULL;
      gsize length;
      if (!g_str_has_suffix (entry, ".json"))
        continue;
      if (++n > MAX_NEIGHBOURS)
        return TRUE;
      text = tacet_read_text (path, MAX_OLD_FILE, &length, NULL);
      if (!text || g_strstr_len (text, (gssize) length, name))
        return TRUE;
    }
  return dir == NULL;
}

static void
remove_old_maps (Saving *self, const char *old_text)
{
  g_autoptr (GPtrArray) old = names_in (self, old_text);
  for (guint i = 0; i < old->len; i++)
    {
      g_autofree char *path = g_build_filename (self->folder, old->pdata[i], NULL);
      if (!g_hash_table_contains (self->names, old->pdata[i]) && !neighbour_needs (self, old->pdata[i]))
        g_unlink (path);
    }
}

static gboolean
save (Saving *self, GError **error)
{
  gsize old_length;
  g_autofree char *old = tacet_read_text (self->path, MAX_OLD_FILE, &old_length, NULL);
  g_autofree char *text = save_maps (self, error);
  if (!text || !tacet_write_file (self->path, text, strlen (text), error))
    {
      for (guint i = 0; i < self->fresh->len; i++)
        g_unlink (self->fresh->pdata[i]);
      return FALSE;
    }
  if (old && g_utf8_validate_len (old, old_length, NULL))
    remove_old_maps (self, old);
  return TRUE;
}

static void
rebase_text (char **path, const char *from, const char *to)
{
  char *rebased = _tacet_path_rebase (from, to, *path);
  g_free (*path);
  *path = rebased;
}

void
_tacet_scene_settings_rebase (TacetSceneSettings *self, const char *from, const char *to)
{
  rebase_text (&self->model, from, to);
  rebase_text (&self->vae, from, to);
  GPtrArray *loras = _tacet_loras_new (self->loras); /* steps of the history share the old one */
  for (guint i = 0; i < loras->len; i++)
    rebase_text (&((TacetLora *) loras->pdata[i])->path, from, to);
  g_ptr_array_unref (self->loras);
  self->loras = loras;
}

void
_tacet_scene_move_to (TacetScene *self, const char *folder)
{
  if (g_strcmp0 (self->folder, folder) == 0)
    return;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->layers));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (G_LIST_MODEL (self->layers), i);
      rebase_text (&layer->settings.model, self->folder, folder);
    }
  _tacet_scene_settings_rebase (&self->settings, self->folder, folder);
  g_free (self->folder);
  self->folder = g_strdup (folder);
}

char *
tacet_scene_to_json (TacetScene *self, GError **error)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), NULL);
  _tacet_scene_finish_stroke (self);
  g_auto (Saving) saving = { .sink = { NULL, save_planes },
                             .scene = self,
                             .embed = TRUE,
                             .names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                             .fresh = g_ptr_array_new_with_free_func (g_free) };
  return save_maps (&saving, error);
}

gboolean
tacet_scene_save (TacetScene *self, const char *path, GError **error)
{
  g_return_val_if_fail (TACET_IS_SCENE (self) && path != NULL, FALSE);
  _tacet_scene_finish_stroke (self);
  return _tacet_scene_save (self, path, error);
}

static gboolean
end_saving (TacetScene *self, const char *folder)
{
  _tacet_scene_move_to (self, folder);
  _tacet_history_mark_saved (&self->history);
  self->n_added_saved = self->n_added;
  self->incomplete = FALSE;
  _tacet_scene_changed (self);
  return TRUE;
}

gboolean
_tacet_scene_save (TacetScene *self, const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *base = g_path_get_basename (absolute);
  g_auto (Saving) saving = {
    .sink = { NULL, save_planes },
    .scene = self,
    .path = absolute,
    .folder = g_path_get_dirname (absolute),
    .names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .fresh = g_ptr_array_new_with_free_func (g_free),
  };
  saving.sink.folder = saving.folder;
  if (tacet_scene_is_project_path (path))
    return _tacet_project_save (self, absolute, error) && end_saving (self, saving.folder);
  if (g_str_has_suffix (base, ".json"))
    base[strlen (base) - strlen (".json")] = 0;
  saving.stem = g_strdup (*base && g_utf8_validate (base, -1, NULL) ? base : "scene");
  return save (&saving, error) && end_saving (self, saving.folder);
}
