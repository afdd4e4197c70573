/* tacet-scene-load-layer.c: one layer of a scene file: its pictures, its people.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/image/tacet-image-file.h"
#include "engine/weights/tacet-json.h"
#include "tacet-project.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define DATA_URI "data:image/png;base64,"

static TacetImage *
decode (GBytes *bytes, const char *name, GError **error)
{
  gsize size = 0;
  gconstpointer data = bytes ? g_bytes_get_data (bytes, &size) : NULL;
  return bytes ? tacet_image_decode_png (data, size, name, error) : NULL;
}

static TacetImage *
load_image (TacetScene *self, const char *name, const char *field, GError **error)
{
  if (g_str_has_prefix (name, DATA_URI))
    {
      gsize size = 0;
      g_autofree guchar *data = g_base64_decode (name + strlen (DATA_URI), &size);
      return tacet_image_decode_png (data, size, field, error);
    }
  if (self->loading)
    {
      g_autoptr (GBytes) bytes = _tacet_loading_find (self->loading, name, error);
      return decode (bytes, name, error);
    }
  g_autofree char *path = g_canonicalize_filename (name, self->folder);
  return tacet_image_load (path, NULL, error);
}

TacetImage *
_tacet_load_image (TacetScene *self, JsonObject *object, const char *field, GError **error)
{
  const char *name = NULL;
  GError *fault = NULL;
  if (!tacet_json_get_string (object, field, &name, error) || !name)
    return NULL;
  TacetImage *image = load_image (self, name, field, &fault);
  if (fault && self->lenient)
    {
      g_autofree char *note = g_strdup_printf (_ ("A layer stays empty: %s"), fault->message);
      _tacet_scene_note (self, note);
      self->incomplete = TRUE;
      g_error_free (fault);
    }
  else if (fault)
    g_propagate_error (error, fault);
  return image;
}

/* The picture that a field names, of the document's size; NULL without an error: no such field.
 * alpha: its transparency, if it has any. */
static TacetImage *
read_image (TacetScene *self, JsonObject *object, const char *field, int channels, TacetImage **alpha, GError **error)
{
  g_autoptr (TacetImage) image = _tacet_load_image (self, object, field, error);
  if (!image)
    return NULL;
  gboolean nearest = channels == 1 && !alpha;
  g_autoptr (TacetImage) right = tacet_image_convert (image, channels);
  g_autoptr (TacetImage) sized = right ? tacet_image_resize (right, self->width, self->height, nearest) : NULL;
  if (sized && alpha && image->channels == 4)
    {
      g_autoptr (TacetImage) opaque = tacet_image_alpha (image);
      *alpha = opaque ? tacet_image_resize (opaque, self->width, self->height, TRUE) : NULL;
      if (!*alpha)
        g_clear_pointer (&sized, tacet_image_unref);
    }
  if (!sized)
    _tacet_load_fail (error, TACET_SCENE_ERROR_NO_MEMORY, _ ("Not enough memory for the picture in the field “%s”"),
                      field);
  return g_steal_pointer (&sized);
}

/* What is covered: the mask, else the image's alpha, else everything. */
static gboolean
read_planes (TacetScene *self, TacetLayer *layer, JsonObject *object, GError **error)
{
  g_autoptr (GError) fault = NULL;
  g_autoptr (TacetImage) alpha = NULL;
  g_autoptr (TacetImage) image = read_image (self, object, "image", 1, &alpha, &fault);
  g_autoptr (TacetImage) mask = fault ? NULL : read_image (self, object, "mask", 1, NULL, &fault);
  if (fault)
    {
      g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
  if (image)
    {
      tacet_image_unref (layer->map);
      layer->map = g_steal_pointer (&image);
      memset (layer->coverage->data, 255, (gsize) self->width * self->height);
    }
  if (!mask && alpha)
    mask = g_steal_pointer (&alpha);
  if (mask)
    {
      tacet_image_unref (layer->coverage);
      layer->coverage = g_steal_pointer (&mask);
    }
  return TRUE;
}

/* The same for a pose: people without a mask are covered by the kind's rule. */
static gboolean
read_pose (TacetScene *self, TacetLayer *layer, JsonObject *object, GError **error)
{
  g_autoptr (GError) fault = NULL;
  g_autoptr (TacetImage) alpha = NULL;
  g_autoptr (TacetImage) base = read_image (self, object, "image", 3, &alpha, &fault);
  g_autoptr (TacetImage) mask = fault ? NULL : read_image (self, object, "mask", 1, NULL, &fault);
  g_autoptr (TacetImage) opinion = fault ? NULL : read_image (self, object, "opinion", 1, NULL, &fault);
  if (fault)
    {
      g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
  if (!_tacet_people_read (object, layer->people, error))
    return FALSE;
  if (!mask && alpha)
    mask = g_steal_pointer (&alpha);
  if (!mask && base && (mask = tacet_image_new (self->width, self->height, 1)))
    memset (mask->data, 255, (gsize) self->width * self->height);
  layer->base = g_steal_pointer (&base);
  if (opinion)
    {
      tacet_image_unref (layer->opinion);
      layer->opinion = g_steal_pointer (&opinion);
      g_clear_pointer (&mask, tacet_image_unref);
    }
  if (!_tacet_layer_redraw (layer))
    return _tacet_load_fail (error, TACET_SCENE_ERROR_NO_MEMORY, _ ("Not enough memory for the pose"));
  if (mask)
    {
      _tacet_layer_derive_opinion (layer, mask);
      _tacet_layer_apply_opinion (layer, 0, 0, self->width, self->height);
    }
  return TRUE;
}

static gboolean
read_picture (TacetScene *self, TacetLayer *layer, JsonObject *object, GError **error)
{
  GError *fault = NULL;
  g_autoptr (TacetImage) image = read_image (self, object, "image", 4, NULL, &fault);
  if (image)
    _tacet_image_replace (&layer->picture, &image);
  else if (fault)
    g_propagate_error (error, fault);
  return fault == NULL;
}

/* A picture says it by its opacity, if it has any. */
static gboolean
read_coverage (TacetScene *self, TacetLayer *layer, JsonObject *object, GError **error)
{
  GError *fault = NULL;
  g_autoptr (TacetImage) alpha = NULL, image = read_image (self, object, "image", 1, &alpha, &fault);
  g_autoptr (TacetImage) mask = fault ? NULL : read_image (self, object, "mask", 1, NULL, &fault);
  if (!mask && !fault && image)
    mask = alpha ? g_steal_pointer (&alpha) : g_steal_pointer (&image);
  if (mask)
    _tacet_image_replace (&layer->coverage, &mask);
  else if (fault)
    g_propagate_error (error, fault);
  return fault == NULL;
}

static void
share_plane (TacetImage **to, TacetImage *from)
{
  TacetImage *shared = from ? tacet_image_ref (from) : NULL;
  _tacet_image_replace (to, &shared);
}

static void
share_pixels (TacetLayer *to, TacetLayer *from)
{
  share_plane (&to->picture, from->picture);
  share_plane (&to->map, from->map);
  share_plane (&to->coverage, from->coverage);
  share_plane (&to->base, from->base);
  share_plane (&to->rule, from->rule);
  share_plane (&to->opinion, from->opinion);
  if (from->people)
    {
      g_array_set_size (to->people, 0);
      g_array_append_vals (to->people, from->people->data, from->people->len);
    }
  _tacet_encoded_cache_unref (to->encoded);
  to->encoded = _tacet_encoded_cache_ref (from->encoded);
}

/* What its pixels are made from. */
static char *
pixels_key (TacetLayerKind kind, JsonObject *object, int width, int height)
{
  static const char *const fields[] = { "image", "mask", "opinion", "people", "drawing" };
  GString *key = g_string_new (NULL);
  g_string_append_printf (key, "%d %d %d", kind, width, height);
  for (gsize i = 0; i < G_N_ELEMENTS (fields) - (kind == TACET_LAYER_POSE ? 0 : 1); i++)
    {
      JsonNode *node = json_object_get_member (object, fields[i]);
      g_autofree char *text = node ? json_to_string (node, FALSE) : NULL;
      g_string_append_printf (key, " %s", text ? text : "");
    }
  return g_string_free (key, FALSE);
}

/* Its file as it is need not be encoded again. */
static void
remember_file (TacetScene *self, TacetLayer *layer, JsonObject *object, const char *field, TacetPart part)
{
  const char *path = NULL;
  const TacetImage *any = layer->picture ? layer->picture : layer->coverage;
  if (!tacet_json_get_string (object, field, &path, NULL) || !path || json_object_has_member (object, "mask"))
    return;
  g_autoptr (GBytes) bytes = _tacet_loading_find (self->loading, path, NULL);
  if (!bytes || any->width != self->width || any->height != self->height ||
      !_tacet_loading_is_ours (self->loading, path, bytes))
    return;
  g_autoptr (TacetEncoded) encoded = _tacet_encoded_new (bytes);
  _tacet_encoded_cache_set (layer->encoded, part, encoded);
}

static gboolean
read_new_pixels (TacetScene *self, TacetLayer *layer, JsonObject *object, GError **error)
{
  if (layer->kind == TACET_LAYER_PICTURE)
    return read_picture (self, layer, object, error);
  if (!tacet_layer_kind_is_control (layer->kind))
    return read_coverage (self, layer, object, error);
  return (layer->kind == TACET_LAYER_POSE ? read_pose : read_planes) (self, layer, object, error);
}

/* In a project the same file gives the same pixels: the scenes of runs share most of theirs. */
static gboolean
read_pixels (TacetScene *self, TacetLayer *layer, JsonObject *object, GError **error)
{
  TacetLoading *loading = self->loading;
  if (!loading)
    return read_new_pixels (self, layer, object, error);
  g_autofree char *key = pixels_key (layer->kind, object, self->width, self->height);
  TacetLayer *twin = g_hash_table_lookup (loading->layers, key);
  guint64 bytes = (guint64) self->width * self->height * (layer->kind == TACET_LAYER_POSE ? 9 : 4);
  if (twin)
    {
      share_pixels (layer, twin);
      return TRUE;
    }
  if (bytes > loading->left)
    return _tacet_load_fail (error, TACET_SCENE_ERROR_LIMIT, _ ("The file has more pixels than Tacet allows"));
  loading->left -= bytes;
  if (!read_new_pixels (self, layer, object, error))
    return FALSE;
  if (layer->kind != TACET_LAYER_POSE)
    remember_file (self, layer, object, "image", TACET_PART_MAIN);
  g_hash_table_insert (loading->layers, g_steal_pointer (&key), g_object_ref (layer));
  return TRUE;
}

static gboolean
read_kind (JsonObject *object, const char *usual, TacetLayerKind *kind, GError **error)
{
  const char *id = usual;
  if (!tacet_json_get_string (object, "kind", &id, error))
    return FALSE;
  if (tacet_layer_kind_parse (id, kind))
    return TRUE;
  return _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT,
                           _ ("The field “kind” must be “edge”, “depth”, “pose”, “region”, “mask” or “picture”"));
}

TacetLayer *
_tacet_load_layer (TacetScene *self, JsonObject *object, const char *usual_kind, GError **error)
{
  static const char *const known[] = { "kind",   "name",    "model",   "image",           "mask",    "strength",
                                       "start",  "end",     "enabled", "people",          "opinion", "visible",
                                       "locked", "opacity", "prompt",  "negative_prompt", "drawing", NULL };
  TacetLayerKind kind;
  if (!read_kind (object, usual_kind, &kind, error))
    return NULL;
  g_autofree char *name = _tacet_scene_new_name (self, kind);
  g_autoptr (TacetLayer) layer = _tacet_layer_new (kind, name, self->width, self->height);
  if (!layer)
    {
      _tacet_load_fail (error, TACET_SCENE_ERROR_NO_MEMORY, _ ("Not enough memory for the layer"));
      return NULL;
    }
  TacetLayerSettings *settings = &layer->settings;
  if (!_tacet_load_text (object, "name", &settings->name, error) ||
      !_tacet_load_text (object, "model", &settings->model, error) ||
      !_tacet_load_text (object, "prompt", &settings->prompt, error) ||
      !_tacet_load_text (object, "negative_prompt", &settings->negative_prompt, error) ||
      !tacet_json_get_boolean (object, "enabled", &settings->enabled, error) ||
      !tacet_json_get_boolean (object, "visible", &settings->visible, error) ||
      !tacet_json_get_boolean (object, "locked", &settings->locked, error) ||
      !tacet_json_get_double (object, "opacity", 0, 1, &settings->opacity, error) ||
      !tacet_json_get_double (object, "strength", 0, 2, &settings->strength, error) ||
      !tacet_json_get_double (object, "start", 0, 1, &settings->start, error) ||
      !tacet_json_get_double (object, "end", 0, 1, &settings->end, error) || !read_pixels (self, layer, object, error))
    return NULL;
  if (settings->end < settings->start)
    {
      _tacet_load_fail (error, TACET_SCENE_ERROR_FORMAT, _ ("The field “end” must not be less than “start”"));
      return NULL;
    }
  layer->extra = _tacet_load_unknown (object, known);
  return g_steal_pointer (&layer);
}
