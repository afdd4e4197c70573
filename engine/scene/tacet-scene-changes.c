/* tacet-scene-changes.c: changes of the scene's and the controls' settings, one undo step each.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-scene-private.h"
#include <glib/gi18n-lib.h>
#include <math.h>

void
_tacet_scene_begin (TacetScene *self, TacetChange change, const char *name)
{
  _tacet_scene_finish_stroke (self);
  if (!_tacet_history_merges (&self->history, change, NULL, 0))
    _tacet_history_push (self, _tacet_step_settings (self, name, change));
}

void
_tacet_scene_end (TacetScene *self)
{
  _tacet_scene_notify (self);
  _tacet_scene_changed (self);
}

static void
set_text (TacetScene *self, char **field, const char *text, TacetChange change, const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (text ? text : "", -1);
  if (g_str_equal (*field, valid))
    return;
  _tacet_scene_begin (self, change, name);
  g_free (*field);
  *field = g_steal_pointer (&valid);
  _tacet_scene_end (self);
}

void
tacet_scene_set_prompt (TacetScene *self, const char *prompt)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_text (self, &self->settings.prompt, prompt, TACET_CHANGE_PROMPT, _ ("Change Prompt"));
}

void
tacet_scene_set_negative_prompt (TacetScene *self, const char *prompt)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_text (self, &self->settings.negative_prompt, prompt, TACET_CHANGE_NEGATIVE_PROMPT, _ ("Change Negative Prompt"));
}

void
tacet_scene_set_model (TacetScene *self, const char *model)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  set_text (self, &self->settings.model, model, TACET_CHANGE_MODEL, _ ("Change Model"));
}

void
tacet_scene_set_seed (TacetScene *self, guint64 seed)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  seed = MIN (seed, (guint64) G_MAXINT64); /* what a JSON integer holds */
  if (seed == self->settings.seed)
    return;
  _tacet_scene_begin (self, TACET_CHANGE_SEED, _ ("Change Seed"));
  self->settings.seed = seed;
  _tacet_scene_end (self);
}

void
tacet_scene_set_steps (TacetScene *self, int steps)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  steps = CLAMP (steps, 1, TACET_SCENE_MAX_STEPS);
  if (steps == self->settings.steps)
    return;
  _tacet_scene_begin (self, TACET_CHANGE_STEPS, _ ("Change Steps"));
  self->settings.steps = steps;
  _tacet_scene_end (self);
}

void
tacet_scene_set_sampler (TacetScene *self, TacetSampler sampler)
{
  g_return_if_fail (TACET_IS_SCENE (self) && (guint) sampler < TACET_N_SAMPLERS);
  if (sampler == self->settings.sampler)
    return;
  _tacet_scene_begin (self, TACET_CHANGE_OTHER, _ ("Change Sampler"));
  self->settings.sampler = sampler;
  _tacet_scene_end (self);
}

void
tacet_scene_set_guidance_scale (TacetScene *self, double scale)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  if (!isfinite (scale))
    return;
  scale = CLAMP (scale, 0, TACET_SCENE_MAX_GUIDANCE);
  if (scale == self->settings.guidance_scale)
    return;
  _tacet_scene_begin (self, TACET_CHANGE_GUIDANCE, _ ("Change Guidance"));
  self->settings.guidance_scale = scale;
  _tacet_scene_end (self);
}

static gboolean
combine_equal (const TacetCombine *a, const TacetCombine *b)
{
  if (a->kind != b->kind || a->lambda_cap != b->lambda_cap || a->silent_guard != b->silent_guard ||
      a->total_one != b->total_one)
    return FALSE;
  if (a->kind != TACET_COMBINE_WEIGHTS)
    return TRUE;
  if (a->n_weights != b->n_weights)
    return FALSE;
  for (int i = 0; i < a->n_weights; i++)
    if (a->weights[i] != b->weights[i])
      return FALSE;
  return TRUE;
}

void
tacet_scene_set_combine (TacetScene *self, const TacetCombine *combine)
{
  g_return_if_fail (TACET_IS_SCENE (self) && combine != NULL);
  if (combine_equal (&self->settings.combine, combine))
    return;
  _tacet_scene_begin (self, TACET_CHANGE_OTHER, _ ("Change Balance"));
  self->settings.combine = *combine;
  _tacet_scene_end (self);
}

static void
begin_control (TacetScene *self, TacetLayer *layer, TacetChange change, const char *name)
{
  _tacet_scene_finish_stroke (self);
  if (!_tacet_history_merges (&self->history, change, layer, 0))
    _tacet_history_push (self, _tacet_step_layer_settings (layer, name, change));
}

static void
end_control (TacetScene *self, TacetLayer *layer)
{
  _tacet_layer_notify (layer);
  _tacet_scene_changed (self);
}

void
tacet_scene_set_layer_enabled (TacetScene *self, TacetLayer *layer, gboolean enabled)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  if (!enabled == !layer->settings.enabled)
    return;
  begin_control (self, layer, TACET_CHANGE_OTHER, enabled ? _ ("Switch Control On") : _ ("Switch Control Off"));
  layer->settings.enabled = !!enabled;
  end_control (self, layer);
}

void
tacet_scene_set_layer_strength (TacetScene *self, TacetLayer *layer, double strength)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  if (!isfinite (strength))
    return;
  strength = CLAMP (strength, 0, 2);
  if (strength == layer->settings.strength)
    return;
  begin_control (self, layer, TACET_CHANGE_STRENGTH, _ ("Change Strength"));
  layer->settings.strength = strength;
  end_control (self, layer);
}

void
tacet_scene_set_layer_range (TacetScene *self, TacetLayer *layer, double start, double stop)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  if (!isfinite (start) || !isfinite (stop))
    return;
  start = CLAMP (start, 0, 1);
  stop = CLAMP (stop, start, 1);
  if (start == layer->settings.start && stop == layer->settings.end)
    return;
  begin_control (self, layer, TACET_CHANGE_RANGE, _ ("Change Range"));
  layer->settings.start = start;
  layer->settings.end = stop;
  end_control (self, layer);
}

void
tacet_scene_set_layer_name (TacetScene *self, TacetLayer *layer, const char *name)
{
  g_return_if_fail (_tacet_scene_owns (self, layer) && name != NULL);
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  if (g_str_equal (valid, layer->settings.name))
    return;
  begin_control (self, layer, TACET_CHANGE_NAME, _ ("Rename Control"));
  g_free (layer->settings.name);
  layer->settings.name = g_steal_pointer (&valid);
  end_control (self, layer);
}

void
tacet_scene_set_layer_model (TacetScene *self, TacetLayer *layer, const char *model)
{
  g_return_if_fail (_tacet_scene_owns (self, layer));
  g_autofree char *valid = model && *model ? g_utf8_make_valid (model, -1) : NULL;
  if (g_strcmp0 (valid, layer->settings.model) == 0)
    return;
  begin_control (self, layer, TACET_CHANGE_LAYER_MODEL, _ ("Change Control Model"));
  g_free (layer->settings.model);
  layer->settings.model = g_steal_pointer (&valid);
  end_control (self, layer);
}
