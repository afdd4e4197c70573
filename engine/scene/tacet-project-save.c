/* tacet-project-save.c: a document as an OpenRaster file, or as the same files in a folder.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/sample/tacet-report.h"
#include "tacet-candidate-private.h"
#include "tacet-json-text.h"
#include "tacet-parameters.h"
#include "tacet-project.h"
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define HASH_DIGITS 16
#define MAX_REPORT  (1u << 20) /* what a report may cost beside its picture */

/* ---- names that other programs show ---- */

/* Not translated: they are part of the format. */
static const char *const tags[TACET_N_LAYER_KINDS] = {
  "[Edges]", "[Depth]", "[Pose]", "[Region]", "[Mask]", "[Picture]"
};

const char *
_tacet_project_parse_name (const char *name, TacetLayerKind *kind)
{
  *kind = TACET_LAYER_PICTURE;
  for (int i = 0; i < TACET_N_LAYER_KINDS; i++)
    if (g_str_has_prefix (name, tags[i]))
      {
        const char *rest = name + strlen (tags[i]);
        *kind = (TacetLayerKind) i;
        return *rest == ' ' ? rest + 1 : rest;
      }
  return name;
}

char *
_tacet_project_layer_name (TacetLayer *layer)
{
  const char *name = layer->settings.name;
  TacetLayerKind kind;
  /* A picture has no tag, unless its name looks as if it had another one. */
  if (layer->kind == TACET_LAYER_PICTURE && _tacet_project_parse_name (name, &kind) == name)
    return g_strdup (name);
  return g_strdup_printf ("%s %s", tags[layer->kind], name);
}

/* ---- pictures ---- */

typedef struct
{
  TacetPlaneSink sink;
  TacetScene *scene;
  TacetRaster *raster;
  GHashTable *paths; /* SHA-256 -> place in the archive */
  JsonObject *files; /* place -> SHA-256, for scene.json */
  gboolean run;      /* a run's scene is being written: nothing of it is shown to other programs */
} Project;

static void
add_part (TacetEncoding *encoding, TacetLayer *layer, TacetPart part, TacetImage *color, TacetImage *alpha)
{
  _tacet_encoding_add (encoding, layer->encoded, part, color, alpha, NULL);
}

static gboolean
has_opinion (TacetLayer *layer)
{
  return layer->base || !tacet_image_is_filled (layer->opinion, TACET_NEUTRAL);
}

static void
add_layer (TacetEncoding *encoding, TacetLayer *layer)
{
  add_part (encoding, layer, TACET_PART_MAIN, layer->picture ? layer->picture : layer->map, layer->coverage);
  if (layer->base)
    add_part (encoding, layer, TACET_PART_BASE, layer->base, NULL);
  if (layer->kind == TACET_LAYER_POSE && has_opinion (layer))
    add_part (encoding, layer, TACET_PART_OPINION, layer->opinion, NULL);
}

static void
keep_report (TacetCandidate *candidate, const TacetRequest *request)
{
  g_autofree char *made = candidate->progress ? tacet_report_to_json (request, candidate->progress, NULL) : NULL;
  const char *report = made ? made : candidate->report;
  gsize length = report ? strlen (report) : 0;
  if (!report || length > MAX_REPORT)
    return;
  g_autoptr (GBytes) bytes = g_bytes_new (report, length);
  g_autoptr (TacetEncoded) encoded = _tacet_encoded_new (bytes);
  _tacet_encoded_cache_set (candidate->encoded, TACET_PART_REPORT, encoded);
}

/* request: of its run, made when it is needed: once for all its candidates, and never again when they are encoded. */
static void
add_candidate (TacetEncoding *encoding, TacetCandidate *candidate, TacetRequest **request)
{
  g_autoptr (TacetEncoded) there = _tacet_encoded_cache_get (candidate->encoded, TACET_PART_MAIN);
  g_autoptr (TacetEncoded) report = _tacet_encoded_cache_get (candidate->encoded, TACET_PART_REPORT);
  if (there && (report || (!candidate->progress && !candidate->report)))
    return;
  if (!*request && !(*request = tacet_scene_to_request (candidate->run->scene)))
    return;
  (*request)->seed = candidate->seed;
  (*request)->count = 1;
  if (!report)
    keep_report (candidate, *request);
  if (there)
    return;
  g_autofree char *parameters = tacet_parameters_write (*request, candidate->seed);
  g_autofree char *valid = g_utf8_make_valid (parameters, -1);
  char *texts[] = { (char *) "Software", (char *) ("Tacet " TACET_VERSION), (char *) TACET_PARAMETERS_KEY, valid,
                    NULL };
  _tacet_encoding_add (encoding, candidate->encoded, TACET_PART_MAIN, candidate->image, NULL, texts);
}

static TacetCandidate *
candidate_at (TacetScene *scene, guint i) /* borrowed */
{
  TacetCandidate *candidate = g_list_model_get_item (G_LIST_MODEL (scene->candidates), i);
  if (candidate)
    g_object_unref (candidate);
  return candidate;
}

/* Everything that is not encoded yet: after one stroke that is one picture. */
static gboolean
encode_all (TacetScene *scene, GError **error)
{
  TacetEncoding *encoding = _tacet_encoding_new ();
  TacetCandidate *candidate;
  g_autoptr (TacetRequest) request = NULL;
  for (guint i = 0; i < _tacet_scene_n_layers (scene); i++)
    add_layer (encoding, _tacet_scene_get_layer (scene, i));
  for (guint i = 0; (candidate = candidate_at (scene, i)); i++)
    {
      TacetScene *run = candidate->run->scene;
      gboolean first = i == 0 || candidate_at (scene, i - 1)->run != candidate->run;
      if (first)
        g_clear_pointer (&request, tacet_request_free);
      add_candidate (encoding, candidate, &request);
      if (!first)
        continue;
      for (guint k = 0; k < _tacet_scene_n_layers (run); k++)
        add_layer (encoding, _tacet_scene_get_layer (run, k));
    }
  return _tacet_encoding_run (encoding, error);
}

/* Where the file lies in the archive; it is put there if it is not yet.  what: the first part of its name. */
static const char *
place (Project *self, TacetEncoded *encoded, const char *folder, const char *what, gboolean shown)
{
  const char *there = g_hash_table_lookup (self->paths, encoded->sha);
  if (there)
    return there;
  char *path = g_strdup_printf ("%s/%s-%.*s.png", folder, what, HASH_DIGITS, encoded->sha);
  g_hash_table_insert (self->paths, g_strdup (encoded->sha), path);
  json_object_set_string_member (self->files, path, encoded->sha);
  if (!shown)
    tacet_raster_add_file (self->raster, path, encoded->bytes);
  return path;
}

static void
show_layer (Project *self, TacetLayer *layer, TacetEncoded *encoded, const char *path)
{
  g_autofree char *name = _tacet_project_layer_name (layer);
  gboolean picture = layer->kind == TACET_LAYER_PICTURE;
  TacetRasterLayer *shown = tacet_raster_layer_new (name, path, encoded->bytes);
  shown->visible = picture && layer->settings.visible;
  shown->opacity = picture ? layer->settings.opacity : 1;
  shown->locked = layer->settings.locked;
  g_ptr_array_add (self->raster->layers, shown);
}

static gboolean
save_part (Project *self, TacetLayer *layer, JsonObject *object, TacetPart part, const char *field)
{
  g_autoptr (TacetEncoded) encoded = _tacet_encoded_cache_get (layer->encoded, part);
  gboolean shown = part == TACET_PART_MAIN && !self->run;
  if (!encoded)
    return TRUE; /* there is no such part */
  const char *path = place (self, encoded, shown ? "data" : "tacet/maps", tacet_layer_kind_id (layer->kind), shown);
  json_object_set_string_member (object, field, path);
  if (shown)
    show_layer (self, layer, encoded, path);
  return TRUE;
}

static gboolean
save_planes (TacetPlaneSink *sink, TacetLayer *layer, JsonObject *object, GError **error)
{
  Project *self = (Project *) sink;
  if (layer->kind != TACET_LAYER_POSE)
    return save_part (self, layer, object, TACET_PART_MAIN, "image");
  json_object_set_member (object, "people", _tacet_people_node (layer->people));
  return (self->run || save_part (self, layer, object, TACET_PART_MAIN, "drawing")) &&
         save_part (self, layer, object, TACET_PART_BASE, "image") &&
         save_part (self, layer, object, TACET_PART_OPINION, "opinion");
}

/* ---- runs and their candidates ---- */

static void
add_report (Project *self, TacetCandidate *candidate, JsonObject *object, const char *image)
{
  g_autoptr (TacetEncoded) report = _tacet_encoded_cache_get (candidate->encoded, TACET_PART_REPORT);
  if (!report)
    return;
  g_autofree char *path = g_strdup_printf ("%.*s.json", (int) (strlen (image) - strlen (".png")), image);
  tacet_raster_add_file (self->raster, path, report->bytes);
  json_object_set_string_member (object, "report", path);
}

static JsonObject *
candidate_object (Project *self, TacetCandidate *candidate)
{
  g_autoptr (TacetEncoded) encoded = _tacet_encoded_cache_get (candidate->encoded, TACET_PART_MAIN);
  if (!encoded)
    return NULL;
  JsonObject *object = json_object_new ();
  g_autofree char *what = g_strdup_printf ("%" G_GUINT64_FORMAT, candidate->seed);
  const char *path = place (self, encoded, "tacet/results", what, FALSE);
  json_object_set_string_member (object, "image", path);
  json_object_set_int_member (object, "seed", (gint64) candidate->seed);
  json_object_set_double_member (object, "seconds", candidate->seconds);
  if (candidate->starred)
    json_object_set_boolean_member (object, "starred", TRUE);
  add_report (self, candidate, object, path);
  return object;
}

static gboolean
save_runs (Project *self, JsonObject *scene, GError **error)
{
  TacetCandidate *candidate = candidate_at (self->scene, 0);
  g_autoptr (JsonArray) runs = candidate ? json_array_new () : NULL;
  self->run = TRUE;
  for (guint i = 0; candidate;)
    {
      TacetRun *run = candidate->run;
      JsonObject *object = json_object_new (), *own = NULL;
      JsonArray *candidates = json_array_new ();
      json_array_add_object_element (runs, object);
      json_object_set_int_member (object, "run", run->number);
      json_object_set_int_member (object, "time", run->time);
      json_object_set_array_member (object, "candidates", candidates);
      if (!(own = _tacet_scene_to_object (run->scene, &self->sink, error)))
        return FALSE;
      json_object_set_object_member (object, "scene", own);
      for (; candidate && candidate->run == run; candidate = candidate_at (self->scene, ++i))
        {
          JsonObject *one = candidate_object (self, candidate);
          if (one)
            json_array_add_object_element (candidates, one);
        }
    }
  if (runs)
    json_object_set_array_member (scene, "runs", g_steal_pointer (&runs));
  return TRUE;
}

/* ---- the whole ---- */

static TacetRaster *
project_of_scene (TacetScene *scene, const char *folder, GError **error)
{
  g_autoptr (GHashTable) paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (TacetRaster) raster = tacet_raster_new (scene->width, scene->height);
  g_autoptr (JsonObject) files = json_object_new ();
  Project self = { { folder, save_planes }, scene, raster, paths, files, FALSE };
  if (!encode_all (scene, error))
    return NULL;
  g_autoptr (JsonObject) object = _tacet_scene_to_object (scene, &self.sink, error);
  if (!object || !save_runs (&self, object, error))
    return NULL;
  json_object_set_object_member (object, "files", json_object_ref (files));
  g_autoptr (JsonNode) root = json_node_init_object (json_node_alloc (), object);
  char *text = tacet_json_text (root);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  tacet_raster_add_file (raster, TACET_PROJECT_SCENE, bytes);
  return g_steal_pointer (&raster);
}

gboolean
_tacet_project_save (TacetScene *scene, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (TacetRaster) raster = project_of_scene (scene, folder, error);
  return raster && tacet_raster_write (raster, path, error);
}

/* Only the parent's names are ours: no link is followed, nothing outside is written. */
static gboolean
write_once (const char *folder, const char *name, GBytes *bytes, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *parent = g_path_get_dirname (path);
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (g_mkdir_with_parents (parent, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", parent, g_strerror (errno));
      return FALSE;
    }
  return tacet_write_file (path, data, size, error);
}

/* What an older state needed and this one does not. */
static void
remove_others (const char *folder, const char *inside, GHashTable *names)
{
  g_autofree char *path = g_build_filename (folder, inside, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *entry;
  while (dir && (entry = g_dir_read_name (dir)))
    {
      g_autofree char *name = g_build_filename (inside, entry, NULL), *file = g_build_filename (path, entry, NULL);
      if (!g_hash_table_contains (names, name))
        g_unlink (file);
    }
}

gboolean
_tacet_project_save_folder (TacetScene *scene, const char *folder, GError **error)
{
  g_autoptr (TacetRaster) raster = project_of_scene (scene, folder, error);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  GBytes *json = raster ? tacet_raster_find_file (raster, TACET_PROJECT_SCENE) : NULL;
  if (!json)
    return FALSE;
  for (guint i = 0; i < raster->layers->len; i++)
    {
      const TacetRasterLayer *layer = raster->layers->pdata[i];
      if (g_hash_table_add (names, layer->source) && !write_once (folder, layer->source, layer->png, error))
        return FALSE;
    }
  for (guint i = 0; i < raster->files->len; i++)
    {
      const TacetRasterFile *file = raster->files->pdata[i];
      if (file->bytes != json && g_hash_table_add (names, file->path) &&
          !write_once (folder, file->path, file->bytes, error))
        return FALSE;
    }
  g_autofree char *path = g_build_filename (folder, TACET_PROJECT_SCENE, NULL), *parent = g_path_get_dirname (path);
  gsize size;
  gconstpointer data = g_bytes_get_data (json, &size);
  g_mkdir_with_parents (parent, 0700);
  if (!tacet_write_file (path, data, size, error))
    return FALSE;
  remove_others (folder, "data", names);
  remove_others (folder, "tacet/maps", names);
  remove_others (folder, "tacet/results", names);
  return TRUE;
}
