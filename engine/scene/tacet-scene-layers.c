/* tacet-scene-layers.c: layers come, go and change places; one undo step each.
 *
 * Room: engine/scene.  The list is a stack, the top first: controls, regions, masks, pictures.  A new control stands
 * below the other controls, where it hides nothing; any other new layer on top of its family.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>

static gboolean
name_taken (TacetScene *self, const char *name)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->layers));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (G_LIST_MODEL (self->layers), i);
      if (g_str_equal (layer->settings.name, name))
        return TRUE;
    }
  return FALSE;
}

char *
_tacet_scene_new_name (TacetScene *self, TacetLayerKind kind)
{
  char *name = g_strdup (tacet_layer_kind_label (kind));
  for (int i = 2; name_taken (self, name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s %d", tacet_layer_kind_label (kind), i);
    }
  return name;
}

TacetLayer *
_tacet_scene_get_layer (TacetScene *self, guint position)
{
  g_autoptr (TacetLayer) layer = g_list_model_get_item (G_LIST_MODEL (self->layers), position);
  return layer; /* borrowed: the list keeps it */
}

guint
_tacet_scene_n_layers (TacetScene *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->layers));
}

/* The places of a family: from first up to, not including, end. */
static void
family_range (TacetScene *self, TacetLayerFamily family, guint *first, guint *end)
{
  guint n = _tacet_scene_n_layers (self);
  *first = 0;
  while (*first < n && tacet_layer_kind_family (_tacet_scene_get_layer (self, *first)->kind) < family)
    ++*first;
  *end = *first;
  while (*end < n && tacet_layer_kind_family (_tacet_scene_get_layer (self, *end)->kind) == family)
    ++*end;
}

void
_tacet_scene_append (TacetScene *self, TacetLayer *layer)
{
  guint first, end;
  family_range (self, tacet_layer_kind_family (layer->kind), &first, &end);
  g_list_store_insert (self->layers, end, layer);
}

gboolean
_tacet_scene_insert (TacetScene *self, TacetLayer *layer, guint position, const char *name)
{
  if (_tacet_scene_n_layers (self) >= TACET_MAX_LAYERS)
    return FALSE;
  _tacet_scene_finish_stroke (self);
  g_list_store_insert (self->layers, position, layer);
  _tacet_history_push (self, _tacet_step_list (self, name, layer));
  _tacet_scene_changed (self);
  return TRUE;
}

/* "Add Picture" and the like: what the step of a new layer is called. */
static const char *
add_name (TacetLayerKind kind)
{
  switch (tacet_layer_kind_family (kind))
    {
    case TACET_FAMILY_REGIONS:
      return _ ("Add Region");
    case TACET_FAMILY_MASKS:
      return _ ("Add Mask");
    case TACET_FAMILY_PICTURES:
      return _ ("Add Picture");
    default:
      return _ ("Add Control");
    }
}

TacetLayer *
tacet_scene_add_layer (TacetScene *self, TacetLayerKind kind)
{
  g_return_val_if_fail (TACET_IS_SCENE (self) && (guint) kind < TACET_N_LAYER_KINDS, NULL);
  guint first, end;
  g_autofree char *name = _tacet_scene_new_name (self, kind);
  g_autoptr (TacetLayer) layer = _tacet_layer_new (kind, name, self->width, self->height);
  family_range (self, tacet_layer_kind_family (kind), &first, &end);
  if (!layer || !_tacet_scene_insert (self, layer, tacet_layer_kind_is_control (kind) ? end : first, add_name (kind)))
    return NULL;
  return layer;
}

void
tacet_scene_remove_layer (TacetScene *self, TacetLayer *layer)
{
  guint position;
  g_return_if_fail (TACET_IS_SCENE (self));
  _tacet_scene_finish_stroke (self);
  if (!g_list_store_find (self->layers, layer, &position))
    return;
  _tacet_history_push (self, _tacet_step_list (self, _ ("Remove Layer"), layer));
  g_list_store_remove (self->layers, position);
  _tacet_scene_changed (self);
}

void
_tacet_scene_place (TacetScene *self, TacetLayer *layer, guint position)
{
  guint from, first, n;
  if (!g_list_store_find (self->layers, layer, &from) || from == position)
    return;
  first = MIN (from, position);
  n = MAX (from, position) - first + 1;
  g_autoptr (GPtrArray) part = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (part, g_list_model_get_item (G_LIST_MODEL (self->layers), first + i));
  gpointer moved = g_ptr_array_steal_index (part, from - first);
  g_ptr_array_insert (part, (int) (position - first), moved);
  /* One change, so that who watches the list never sees it without the layer. */
  g_list_store_splice (self->layers, first, n, part->pdata, n);
}

gboolean
tacet_scene_move_layer (TacetScene *self, TacetLayer *layer, guint position)
{
  guint from, first, end;
  g_return_val_if_fail (_tacet_scene_owns (self, layer), FALSE);
  family_range (self, tacet_layer_kind_family (layer->kind), &first, &end);
  if (position < first || position >= end)
    return FALSE;
  g_list_store_find (self->layers, layer, &from);
  if (from == position)
    return TRUE;
  _tacet_scene_finish_stroke (self);
  _tacet_history_push (self, _tacet_step_move (self, _ ("Move Layer"), layer));
  _tacet_scene_place (self, layer, position);
  _tacet_scene_changed (self);
  return TRUE;
}

TacetLayer *
tacet_scene_duplicate_layer (TacetScene *self, TacetLayer *layer)
{
  guint position;
  g_return_val_if_fail (_tacet_scene_owns (self, layer), NULL);
  _tacet_scene_finish_stroke (self);
  g_autoptr (TacetLayer) copy = _tacet_layer_copy (layer);
  if (!copy)
    return NULL;
  g_free (copy->settings.name);
  copy->settings.name = _tacet_scene_new_name (self, layer->kind);
  copy->settings.locked = FALSE;
  g_list_store_find (self->layers, layer, &position);
  return _tacet_scene_insert (self, copy, position, _ ("Duplicate Layer")) ? copy : NULL;
}
