/* tacet-project-load.c: a document out of an OpenRaster file, of ours or of any program.
 *
 * Room: engine/scene.  What another program did to our layers is respected: pixels are always those of the file, layers
 * that are gone from stack.xml are gone, new ones are taken in.  Without tacet/ the kinds are read from the names.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/weights/tacet-json.h"
#include "tacet-candidate-private.h"
#include "tacet-project.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_JSON   (64u << 20)
#define MAX_FILE   (512u << 20)
#define MAX_PIXELS (G_GUINT64_CONSTANT (6) << 30) /* bytes of all layers of the document and of its runs */

/* ---- files ---- */

/* In a folder only names that Tacet gives: nothing outside of it. */
static gboolean
is_inside (const char *path)
{
  return (g_str_has_prefix (path, "data/") || g_str_has_prefix (path, "tacet/")) && !strstr (path, "..");
}

static GBytes *
read_file (const char *folder, const char *name, gsize max, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  gsize length;
  char *text = tacet_read_text (path, max, &length, error);
  return text ? g_bytes_new_take (text, length) : NULL;
}

GBytes *
_tacet_loading_find (TacetLoading *self, const char *path, GError **error)
{
  if (!self->raster && is_inside (path))
    return read_file (self->folder, path, MAX_FILE, error);
  for (guint i = 0; self->raster && i < self->raster->layers->len; i++)
    {
      const TacetRasterLayer *layer = self->raster->layers->pdata[i];
      if (layer->png && g_str_equal (layer->source, path))
        return g_bytes_ref (layer->png);
    }
  GBytes *bytes = self->raster ? tacet_raster_find_file (self->raster, path) : NULL;
  if (bytes)
    return g_bytes_ref (bytes);
  g_set_error (error, TACET_SCENE_ERROR, TACET_SCENE_ERROR_FORMAT, _ ("“%s” is missing in the file."), path);
  return NULL;
}

gboolean
_tacet_loading_is_ours (TacetLoading *self, const char *path, GBytes *bytes)
{
  const char *sha = NULL;
  if (!self->files || !tacet_json_get_string (self->files, path, &sha, NULL) || !sha)
    return FALSE;
  g_autofree char *is = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  return g_str_equal (is, sha);
}

/* ---- layers of other programs ---- */

/* At its place in the document, transparent around it. */
static TacetImage *
placed (TacetScene *scene, const TacetImage *image, int x, int y)
{
  TacetImage *whole = tacet_image_new (scene->width, scene->height, 4);
  int x0 = MAX (0, x), x1 = MIN (scene->width, x + image->width);
  for (int row = MAX (0, y); whole && x0 < x1 && row < MIN (scene->height, y + image->height); row++)
    memcpy (whole->data + 4 * ((gsize) row * scene->width + x0),
            image->data + 4 * ((gsize) (row - y) * image->width + x0 - x), 4 * (gsize) (x1 - x0));
  return whole;
}

/* What is seen becomes the picture under the people: joints cannot be found in it. */
static gboolean
take_pose (TacetLayer *layer, const TacetImage *image, TacetImage *alpha)
{
  TacetImage *base = tacet_image_convert (image, 3);
  if (!base)
    return FALSE;
  _tacet_image_replace (&layer->base, &base);
  g_array_set_size (layer->people, 0);
  if (!_tacet_layer_redraw (layer))
    return FALSE;
  _tacet_layer_derive_opinion (layer, alpha);
  _tacet_layer_apply_opinion (layer, 0, 0, alpha->width, alpha->height);
  return TRUE;
}

static gboolean
take_pixels (TacetScene *scene, TacetLayer *layer, const TacetRasterLayer *from, GError **error)
{
  g_autoptr (TacetImage) decoded = tacet_raster_layer_image (from, error);
  if (!decoded)
    return FALSE;
  TacetImage *image = placed (scene, decoded, from->x, from->y), *alpha = image ? tacet_image_alpha (image) : NULL;
  TacetImage *map = alpha && layer->map && layer->kind != TACET_LAYER_POSE ? tacet_image_convert (image, 1) : NULL;
  gboolean good = alpha && (map || !layer->map || layer->kind == TACET_LAYER_POSE);
  if (good && layer->kind == TACET_LAYER_POSE)
    good = take_pose (layer, image, alpha);
  else if (good && layer->kind == TACET_LAYER_PICTURE)
    _tacet_image_replace (&layer->picture, &image);
  else if (good)
    {
      if (map)
        _tacet_image_replace (&layer->map, &map);
      _tacet_image_replace (&layer->coverage, &alpha);
    }
  g_clear_pointer (&image, tacet_image_unref);
  g_clear_pointer (&alpha, tacet_image_unref);
  g_clear_pointer (&map, tacet_image_unref);
  return good || (error && *error)
             ? good
             : _tacet_load_fail (error, TACET_SCENE_ERROR_NO_MEMORY, _ ("Not enough memory for the layer"));
}

static gboolean
add_foreign_layer (TacetScene *scene, const TacetRasterLayer *from, GError **error)
{
  TacetLayerKind kind;
  const char *name = _tacet_project_parse_name (from->name, &kind);
  g_autofree char *usual = _tacet_scene_new_name (scene, kind);
  guint64 bytes = (guint64) scene->width * scene->height * (kind == TACET_LAYER_POSE ? 9 : 4);
  if (_tacet_scene_n_layers (scene) >= TACET_MAX_LAYERS || bytes > scene->loading->left)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_LIMIT, _ ("It has more layers than Tacet allows (%d)"),
                             TACET_MAX_LAYERS);
  scene->loading->left -= bytes;
  g_autoptr (TacetLayer) layer = _tacet_layer_new (kind, *name ? name : usual, scene->width, scene->height);
  if (!layer)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_NO_MEMORY, _ ("Not enough memory for the layer"));
  layer->settings.locked = from->locked;
  if (kind == TACET_LAYER_PICTURE)
    {
      layer->settings.visible = from->visible;
      layer->settings.opacity = from->opacity;
    }
  g_autoptr (GError) fault = NULL;
  /* Notes of the archive tell already of a picture that is not there. */
  if (from->png && !take_pixels (scene, layer, from, &fault))
    {
      if (!scene->lenient || g_error_matches (fault, TACET_SCENE_ERROR, TACET_SCENE_ERROR_NO_MEMORY))
        {
          g_propagate_error (error, g_steal_pointer (&fault));
          return FALSE;
        }
      _tacet_scene_note (scene, fault->message);
    }
  _tacet_scene_append (scene, layer);
  return TRUE;
}

static gboolean
has_tags (const TacetRaster *raster)
{
  for (guint i = 0; i < raster->layers->len; i++)
    {
      const TacetRasterLayer *layer = raster->layers->pdata[i];
      TacetLayerKind kind;
      if (_tacet_project_parse_name (layer->name, &kind) != layer->name)
        return TRUE;
    }
  return FALSE;
}

static gboolean
load_foreign (TacetScene *scene, const TacetRaster *raster, GError **error)
{
  if (raster->width < TACET_SCENE_MIN_SIDE || raster->height < TACET_SCENE_MIN_SIDE ||
      raster->width > TACET_SCENE_MAX_SIDE || raster->height > TACET_SCENE_MAX_SIDE)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_LIMIT,
                             _ ("Its size is %d × %d pixels; documents have %d to %d a side"), raster->width,
                             raster->height, TACET_SCENE_MIN_SIDE, TACET_SCENE_MAX_SIDE);
  scene->width = raster->width;
  scene->height = raster->height;
  for (guint i = 0; i < raster->layers->len; i++)
    if (!add_foreign_layer (scene, raster->layers->pdata[i], error))
      return FALSE;
  if (has_tags (raster))
    _tacet_scene_note (
        scene, _ ("Another program saved this file without Tacet's own part. The kinds of layers were read from "
                  "their names; settings, prompts and the joints of people are those of a new document."));
  return TRUE;
}

/* ---- our own, perhaps edited by another program ---- */

/* Layers with equal pixels have one source: the first that no other layer was found to be. */
static const TacetRasterLayer *
find_shown (const TacetRaster *raster, const char *source, GHashTable *found)
{
  for (guint i = 0; source && i < raster->layers->len; i++)
    {
      const TacetRasterLayer *layer = raster->layers->pdata[i];
      if (g_str_equal (layer->source, source) && g_hash_table_add (found, (gpointer) layer))
        return layer;
    }
  return NULL;
}

/* Which picture of the stack a layer of scene.json is. */
static const char *
source_of (JsonArray *layers, guint i)
{
  JsonNode *node = json_array_get_element (layers, i);
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *kind = NULL, *source = NULL;
  if (!object || !tacet_json_get_string (object, "kind", &kind, NULL))
    return NULL;
  tacet_json_get_string (object, g_strcmp0 (kind, "pose") == 0 ? "drawing" : "image", &source, NULL);
  return source;
}

static void
take_stack (TacetScene *scene, TacetLayer *layer, const TacetRasterLayer *shown)
{
  g_autoptr (GError) error = NULL;
  if (layer->kind == TACET_LAYER_PICTURE)
    {
      layer->settings.visible = shown->visible;
      if (fabs (layer->settings.opacity - shown->opacity) > 1e-4)
        layer->settings.opacity = shown->opacity;
    }
  gboolean moved = shown->x || shown->y;
  gboolean redrawn = layer->kind == TACET_LAYER_POSE && shown->png &&
                     !_tacet_loading_is_ours (scene->loading, shown->source, shown->png);
  if (!moved && !redrawn)
    return;
  _tacet_layer_damage (layer, 0, 0, scene->width, scene->height);
  if (!take_pixels (scene, layer, shown, &error))
    _tacet_scene_note (scene, error->message);
  else if (layer->kind == TACET_LAYER_POSE)
    {
      g_autofree char *note = g_strdup_printf (
          _ ("Another program changed the pose “%s”: it is a picture now, without joints."), layer->settings.name);
      _tacet_scene_note (scene, note);
    }
}

/* stack.xml is what other programs edit; what it no longer has was removed there. */
static gboolean
merge_stack (TacetScene *scene, const TacetRaster *raster, JsonObject *object, GError **error)
{
  JsonNode *node = json_object_get_member (object, "layers");
  JsonArray *layers = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (GHashTable) found = g_hash_table_new (NULL, NULL);
  guint n = layers ? json_array_get_length (layers) : 0;
  if (n != _tacet_scene_n_layers (scene))
    return TRUE; /* a file of version 1, or of a newer one: its list is not ours */
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    {
      const char *source = source_of (layers, i);
      TacetLayer *layer = _tacet_scene_get_layer (scene, i);
      const TacetRasterLayer *shown = find_shown (raster, source, found);
      if (shown)
        take_stack (scene, layer, shown);
      else if (source)
        g_ptr_array_add (gone, layer);
    }
  for (guint i = 0; i < gone->len; i++)
    {
      guint at;
      if (g_list_store_find (scene->layers, gone->pdata[i], &at))
        g_list_store_remove (scene->layers, at);
    }
  for (guint i = 0; i < raster->layers->len; i++)
    {
      const TacetRasterLayer *layer = raster->layers->pdata[i];
      if (!g_hash_table_contains (found, layer) && !add_foreign_layer (scene, layer, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- runs ---- */

static void
load_candidate (TacetScene *scene, TacetRun *run, JsonObject *object, guint64 *left)
{
  const char *path = NULL, *report = NULL;
  double seconds = 0, seed = 0;
  gboolean starred = FALSE;
  g_autoptr (GError) error = NULL;
  if (!tacet_json_get_string (object, "image", &path, &error) || !path ||
      !tacet_json_get_string (object, "report", &report, &error) ||
      !tacet_json_get_double (object, "seconds", 0, 1e9, &seconds, &error) ||
      !tacet_json_get_double (object, "seed", 0, G_MAXINT64, &seed, &error) ||
      !tacet_json_get_boolean (object, "starred", &starred, &error))
    {
      _tacet_scene_note (scene, error ? error->message : _ ("A result has no picture."));
      return;
    }
  g_autoptr (GBytes) bytes = _tacet_loading_find (scene->loading, path, &error);
  g_autoptr (TacetImage) image =
      bytes ? tacet_image_decode_png (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), path, &error) : NULL;
  if (image && image->channels != 3)
    {
      TacetImage *rgb = tacet_image_convert (image, 3);
      tacet_image_unref (image);
      image = rgb;
    }
  guint64 size = image ? (guint64) image->width * image->height * 3 : 0;
  if (!image || size > *left)
    {
      g_autofree char *note =
          g_strdup_printf (_ ("A result is left out: %s"), error ? error->message : _ ("there is not enough memory"));
      _tacet_scene_note (scene, note);
      return;
    }
  *left -= size;
  g_autoptr (TacetCandidate) candidate =
      _tacet_candidate_new (run, (guint64) json_object_get_int_member_with_default (object, "seed", 0), image);
  candidate->seconds = seconds;
  candidate->starred = starred;
  candidate->finished = TRUE;
  g_autoptr (GBytes) text = report ? _tacet_loading_find (scene->loading, report, NULL) : NULL;
  if (text)
    candidate->report = g_ref_string_new_len (g_bytes_get_data (text, NULL), (gssize) g_bytes_get_size (text));
  if (_tacet_loading_is_ours (scene->loading, path, bytes))
    {
      g_autoptr (TacetEncoded) encoded = _tacet_encoded_new (bytes);
      _tacet_encoded_cache_set (candidate->encoded, TACET_PART_MAIN, encoded);
    }
  _tacet_scene_append_candidate (scene, candidate);
}

static JsonArray *
array_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static void
load_run (TacetScene *scene, JsonObject *object, int usual, guint64 *left)
{
  JsonNode *node = json_object_get_member (object, "scene");
  JsonArray *candidates = array_member (object, "candidates");
  g_autoptr (TacetScene) own = g_object_new (TACET_TYPE_SCENE, NULL);
  g_autoptr (GError) error = NULL;
  int number = usual;
  double time = 0;
  own->folder = g_strdup (scene->folder);
  own->lenient = TRUE;
  own->loading = scene->loading;
  gboolean good = node && JSON_NODE_HOLDS_OBJECT (node) &&
                  tacet_json_get_int (object, "run", 0, G_MAXINT, &number, &error) &&
                  tacet_json_get_double (object, "time", 0, 1e15, &time, &error) &&
                  _tacet_load_scene (own, json_node_get_object (node), &error);
  own->loading = NULL;
  own->lenient = FALSE;
  if (!good)
    {
      g_autofree char *note = g_strdup_printf (_ ("The results of a run are left out: %s"),
                                               error ? error->message : _ ("it has no settings"));
      _tacet_scene_note (scene, note);
      return;
    }
  g_autoptr (TacetRun) run = _tacet_run_new (MAX (number, usual), (gint64) time, own);
  for (guint i = 0; candidates && i < json_array_get_length (candidates); i++)
    {
      JsonNode *element = json_array_get_element (candidates, i);
      if (JSON_NODE_HOLDS_OBJECT (element))
        load_candidate (scene, run, json_node_get_object (element), left);
    }
}

/* A result that cannot be read is a note: the document is more. */
static void
load_runs (TacetScene *scene, JsonObject *object)
{
  JsonArray *runs = array_member (object, "runs");
  guint64 left = 2 * (guint64) scene->candidate_budget;
  int number = 0;
  for (guint i = 0; runs && i < json_array_get_length (runs); i++)
    {
      JsonNode *element = json_array_get_element (runs, i);
      guint n = g_list_model_get_n_items (G_LIST_MODEL (scene->candidates));
      g_autoptr (TacetCandidate) last = n ? g_list_model_get_item (G_LIST_MODEL (scene->candidates), n - 1) : NULL;
      number = last ? last->run->number + 1 : number + 1;
      if (JSON_NODE_HOLDS_OBJECT (element))
        load_run (scene, json_node_get_object (element), number, &left);
    }
}

/* ---- the whole ---- */

static void
take_notes (TacetScene *scene, const TacetRaster *raster)
{
  for (guint i = 0; i < raster->notes->len; i++)
    _tacet_scene_note (scene, raster->notes->pdata[i]);
  scene->incomplete = raster->notes->len > 0;
}

static gboolean
load_own (TacetScene *scene, TacetLoading *loading, GBytes *json, GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (json, &size);
  g_autoptr (JsonNode) root = tacet_json_parse (text, size, TACET_PROJECT_SCENE, error);
  JsonObject *object = root ? json_node_get_object (root) : NULL;
  JsonNode *files = root ? json_object_get_member (object, "files") : NULL;
  if (!root)
    return FALSE;
  loading->files = files && JSON_NODE_HOLDS_OBJECT (files) ? json_node_get_object (files) : NULL;
  gboolean good = _tacet_load_scene (scene, object, error) &&
                  (!loading->raster || merge_stack (scene, loading->raster, object, error));
  if (good)
    load_runs (scene, object);
  loading->files = NULL;
  return good;
}

static TacetScene *
load_project (TacetLoading *loading, GBytes *json, const char *folder, gboolean lenient, GError **error)
{
  g_autoptr (TacetScene) scene = g_object_new (TACET_TYPE_SCENE, NULL);
  g_autoptr (GHashTable) layers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  gboolean good;
  loading->layers = layers;
  loading->left = MAX_PIXELS;
  scene->folder = g_strdup (folder);
  scene->loading = loading;
  scene->lenient = lenient;
  if (loading->raster)
    take_notes (scene, loading->raster);
  good = json ? load_own (scene, loading, json, error) : load_foreign (scene, loading->raster, error);
  scene->loading = NULL;
  scene->lenient = FALSE;
  return good ? g_steal_pointer (&scene) : NULL;
}

TacetScene *
_tacet_project_load (const char *path, gboolean lenient, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL), *folder = g_path_get_dirname (absolute);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (TacetRaster) raster = tacet_raster_read (path, error);
  if (!raster)
    return NULL;
  if (!lenient && raster->notes->len && tacet_raster_find_file (raster, TACET_PROJECT_SCENE))
    {
      _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, "%s", (char *) raster->notes->pdata[0]);
      return NULL;
    }
  TacetLoading loading = { .raster = raster };
  TacetScene *scene =
      load_project (&loading, tacet_raster_find_file (raster, TACET_PROJECT_SCENE), folder, lenient, error);
  if (!scene)
    g_prefix_error (error, _ ("The file %s cannot be opened: "), name);
  return scene;
}

TacetScene *
_tacet_project_load_folder (const char *folder, GError **error)
{
  TacetLoading loading = { .folder = folder };
  g_autoptr (GBytes) json = read_file (folder, TACET_PROJECT_SCENE, MAX_JSON, error);
  return json ? load_project (&loading, json, folder, TRUE, error) : NULL;
}
