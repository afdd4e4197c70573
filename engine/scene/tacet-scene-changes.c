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
