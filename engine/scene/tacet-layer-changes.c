/* tacet-layer-changes.c: changes of a layer's settings; one undo step each, or merged.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>

static void
begin (TacetScene *self, TacetLayer *layer, TacetChange change, const char *name)
{
  _tacet_scene_finish_stroke (self);
  if (!_tacet_history_merges (&self->history, change, layer, 0))
    _tacet_history_push (self, _tacet_step_layer_settings (layer, name, change));
}

static void
end (TacetScene *self, TacetLayer *layer)
{
  _tacet_layer_notify (layer);
  _tacet_scene_changed (self);
}

static void
set_switch (TacetScene *self, TacetLayer *layer, gboolean *place, gboolean on, const char *name)
{
  if (!on == !*place)
    return;
  begin (self, layer, TACET_CHANGE_OTHER, name);
  *place = !!on;
  end (self, layer);
}

static void
set_number (TacetScene *self, TacetLayer *layer, double *place, double value, double most, TacetChange change,
            const char *name)
{
  if (!isfinite (value) || CLAMP (value, 0, most) == *place)
    return;
  begin (self, layer, change, name);
  *place = CLAMP (value, 0, most);
  end (self, layer);
}

static void
set_text (TacetScene *self, TacetLayer *layer, char **place, const char *text, TacetChange change, const char *name)
{
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;
  if (g_strcmp0 (valid, *place) == 0)
    return;
  begin (self, layer, change, name);
  g_free (*place);
  *place = g_steal_pointer (&valid);
  end (self, layer);
}

static gboolean
is_control (TacetLayer *layer)
{
  return tacet_layer_kind_is_control (layer->kind);
}

void
tacet_scene_set_layer_enabled (TacetScene *self, TacetLayer *layer, gboolean enabled)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  set_switch (self, layer, &layer->settings.enabled, enabled, enabled ? _ ("Switch Layer On") : _ ("Switch Layer Off"));
}

void
tacet_scene_set_layer_visible (TacetScene *self, TacetLayer *layer, gboolean visible)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  set_switch (self, layer, &layer->settings.visible, visible, visible ? _ ("Show Layer") : _ ("Hide Layer"));
}

void
tacet_scene_set_layer_locked (TacetScene *self, TacetLayer *layer, gboolean locked)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  set_switch (self, layer, &layer->settings.locked, locked, locked ? _ ("Lock Layer") : _ ("Unlock Layer"));
}

void
tacet_scene_set_layer_opacity (TacetScene *self, TacetLayer *layer, double opacity)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  set_number (self, layer, &layer->settings.opacity, opacity, 1, TACET_CHANGE_OPACITY, _ ("Change Opacity"));
}

void
tacet_scene_set_layer_strength (TacetScene *self, TacetLayer *layer, double strength)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  if (!is_control (layer))
    return;
  set_number (self, layer, &layer->settings.strength, strength, 2, TACET_CHANGE_STRENGTH, _ ("Change Strength"));
}

void
tacet_scene_set_layer_range (TacetScene *self, TacetLayer *layer, double start, double stop)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  if (!is_control (layer))
    return;
  if (!isfinite (start) || !isfinite (stop))
    return;
  start = CLAMP (start, 0, 1);
  stop = CLAMP (stop, start, 1);
  if (start == layer->settings.start && stop == layer->settings.end)
    return;
  begin (self, layer, TACET_CHANGE_RANGE, _ ("Change Range"));
  layer->settings.start = start;
  layer->settings.end = stop;
  end (self, layer);
}

void
tacet_scene_set_layer_name (TacetScene *self, TacetLayer *layer, const char *name)
{
  g_return_if_fail (_tacet_scene_owns (self, layer) && name != NULL);
  set_text (self, layer, &layer->settings.name, name, TACET_CHANGE_NAME, _ ("Rename Layer"));
}

void
tacet_scene_set_layer_model (TacetScene *self, TacetLayer *layer, const char *model)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  if (!is_control (layer))
    return;
  set_text (self, layer, &layer->settings.model, model && *model ? model : NULL, TACET_CHANGE_LAYER_MODEL,
            _ ("Change Control Model"));
}

void
tacet_scene_set_layer_prompt (TacetScene *self, TacetLayer *layer, const char *prompt)
{
  g_return_if_fail (_tacet_scene_owns (self, layer) && prompt != NULL);
  if (layer->kind != TACET_LAYER_REGION)
    return;
  set_text (self, layer, &layer->settings.prompt, prompt, TACET_CHANGE_LAYER_PROMPT, _ ("Edit Region Prompt"));
}

void
tacet_scene_set_layer_negative_prompt (TacetScene *self, TacetLayer *layer, const char *prompt)
{
  g_return_if_fail (_tacet_scene_owns (self, layer) && prompt != NULL);
  if (layer->kind != TACET_LAYER_REGION)
    return;
  set_text (self, layer, &layer->settings.negative_prompt, prompt, TACET_CHANGE_LAYER_NEGATIVE_PROMPT,
            _ ("Edit Region Negative Prompt"));
}
