/* tacet-scene-transfer.c: layers between documents.
 *
 * Room: engine/scene.  A layer travels as a document of its own, so that whatever files can say of a layer goes along.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/scene/tacet-scene-transfer.h"
#include "engine/weights/tacet-json.h"
#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

TacetScene *
tacet_scene_new_from_picture (const TacetImage *picture, const char *name)
{
  g_return_val_if_fail (picture != NULL, NULL);
  if (MIN (picture->width, picture->height) < TACET_SCENE_MIN_SIDE ||
      MAX (picture->width, picture->height) > TACET_SCENE_MAX_SIDE)
    return NULL;
  g_autoptr (TacetScene) self = tacet_scene_new (picture->width, picture->height);
  TacetLayer *layer = tacet_scene_add_layer (self, TACET_LAYER_PICTURE);
  if (!layer || !tacet_scene_set_layer_picture (self, layer, picture))
    return NULL;
  if (name)
    tacet_scene_set_layer_name (self, layer, name);
  _tacet_history_forget (&self->history);
  return g_steal_pointer (&self);
}

/* ---- out of a document ---- */

TacetScene *
tacet_scene_extract (TacetScene *self, TacetLayer *layer)
{
  g_return_val_if_fail (_tacet_scene_owns (self, layer), NULL);
  _tacet_scene_finish_stroke (self);
  g_autoptr (TacetLayer) copy = _tacet_layer_copy (layer);
  if (!copy)
    return NULL;
  TacetScene *alone = tacet_scene_new (self->width, self->height);
  char *model = copy->settings.model ? _tacet_path_resolve (self->folder, copy->settings.model) : NULL;
  g_free (copy->settings.model);
  copy->settings.model = model; /* the other document may lie in another folder */
  _tacet_scene_append (alone, copy);
  return alone;
}

TacetScene *
tacet_scene_extract_pictures (TacetScene *self)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), NULL);
  g_autoptr (TacetScene) alone = tacet_scene_new (self->width, self->height);
  _tacet_scene_finish_stroke (self);
  for (guint i = 0; i < _tacet_scene_n_layers (self); i++)
    {
      TacetLayer *layer = _tacet_scene_get_layer (self, i);
      gboolean wanted = layer->kind == TACET_LAYER_PICTURE && layer->settings.enabled;
      g_autoptr (TacetLayer) copy = wanted ? _tacet_layer_copy (layer) : NULL;
      if (wanted && !copy)
        return NULL;
      if (copy)
        _tacet_scene_append (alone, copy);
    }
  return g_steal_pointer (&alone);
}

/* ---- into another one ---- */

/* From one document's pixels to the other's: scaled as a whole, in the middle. */
typedef struct
{
  double scale;
  int x, y, width, height; /* of the old document in the new one */
} Fit;

static Fit
fit_into (const TacetScene *from, const TacetScene *to)
{
  double scale = MIN ((double) to->width / from->width, (double) to->height / from->height);
  Fit fit = { .scale = scale };
  fit.width = CLAMP ((int) round (from->width * scale), 1, to->width);
  fit.height = CLAMP ((int) round (from->height * scale), 1, to->height);
  fit.x = (to->width - fit.width) / 2;
  fit.y = (to->height - fit.height) / 2;
  return fit;
}

/* outside: what is there where the old document does not reach. */
static gboolean
fit_plane (TacetImage **plane, const Fit *fit, int width, int height, int outside)
{
  if (!*plane)
    return TRUE;
  g_autoptr (TacetImage) sized = tacet_image_resize (*plane, fit->width, fit->height, FALSE);
  g_autoptr (TacetImage) whole = sized ? tacet_image_new (width, height, sized->channels) : NULL;
  if (!whole)
    return FALSE;
  gsize pixel = (gsize) sized->channels;
  memset (whole->data, outside, (gsize) width * height * pixel);
  for (int y = 0; y < fit->height; y++)
    memcpy (whole->data + ((gsize) (fit->y + y) * width + fit->x) * pixel, sized->data + (gsize) y * fit->width * pixel,
            (gsize) fit->width * pixel);
  tacet_image_unref (*plane);
  *plane = g_steal_pointer (&whole);
  return TRUE;
}

static void
fit_people (TacetLayer *layer, const Fit *fit)
{
  const double matrix[6] = { fit->scale, 0, 0, fit->scale, fit->x, fit->y };
  for (guint i = 0; layer->people && i < layer->people->len; i++)
    tacet_person_transform (&g_array_index (layer->people, TacetPerson, i), TACET_BODY_PERSON, matrix);
}

static gboolean
fit_layer (TacetLayer *layer, const TacetScene *from, const TacetScene *to)
{
  if (from->width == to->width && from->height == to->height)
    return TRUE;
  Fit fit = fit_into (from, to);
  TacetImage **planes[] = { &layer->picture, &layer->map, &layer->coverage, &layer->base, &layer->rule };
  for (guint i = 0; i < G_N_ELEMENTS (planes); i++)
    if (!fit_plane (planes[i], &fit, to->width, to->height, 0))
      return FALSE;
  if (!fit_plane (&layer->opinion, &fit, to->width, to->height, TACET_NEUTRAL))
    return FALSE;
  fit_people (layer, &fit);
  return !layer->people || _tacet_layer_redraw (layer);
}

static gboolean
has_name (TacetScene *self, const char *name)
{
  gboolean found = FALSE;
  for (guint i = 0; i < _tacet_scene_n_layers (self) && !found; i++)
    found = g_str_equal (_tacet_scene_get_layer (self, i)->settings.name, name);
  return found;
}

/* As for a layer that is added: controls below the others, where they hide nothing, all others on top of theirs. */
static guint
place_of_new (TacetScene *self, TacetLayerKind kind)
{
  TacetLayerFamily above = tacet_layer_kind_family (kind) + (tacet_layer_kind_is_control (kind) ? 1 : 0);
  guint at = 0;
  while (at < _tacet_scene_n_layers (self) && tacet_layer_kind_family (_tacet_scene_get_layer (self, at)->kind) < above)
    at++;
  return at;
}

static TacetLayer *
adopt_layer (TacetScene *self, TacetScene *other, TacetLayer *layer, const char *step)
{
  g_autoptr (TacetLayer) copy = _tacet_layer_copy (layer);
  if (!copy || !fit_layer (copy, other, self))
    return NULL;
  if (has_name (self, copy->settings.name))
    {
      g_free (copy->settings.name);
      copy->settings.name = _tacet_scene_new_name (self, copy->kind);
    }
  return _tacet_scene_insert (self, copy, place_of_new (self, copy->kind), step) ? copy : NULL; /* the list keeps it */
}

TacetLayer *
tacet_scene_adopt (TacetScene *self, TacetScene *other, const char *step)
{
  g_return_val_if_fail (TACET_IS_SCENE (self) && TACET_IS_SCENE (other) && step != NULL, NULL);
  guint n = _tacet_scene_n_layers (other), n_controls = 0;
  TacetLayer *top = NULL, *made = NULL;
  while (n_controls < n && tacet_layer_kind_is_control (_tacet_scene_get_layer (other, n_controls)->kind))
    n_controls++;
  tacet_scene_group_begin (self, step);
  /* Each goes below the control before it, or on top of the one after it: their order stays. */
  for (guint i = 0; i < n && (made || i == 0); i++)
    {
      guint from = i < n_controls ? i : n - 1 - (i - n_controls);
      made = adopt_layer (self, other, _tacet_scene_get_layer (other, from), step);
      top = from == 0 ? made : top;
    }
  tacet_scene_group_end (self);
  return top;
}
