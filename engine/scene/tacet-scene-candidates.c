/* tacet-scene-candidates.c: the candidates of a document: they come, are starred, applied, reused and discarded.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "tacet-candidate-private.h"
#include <glib/gi18n-lib.h>

#define MAX_NAME 60 /* characters of a prompt in a layer's name */

GListModel *
tacet_scene_get_candidates (TacetScene *self)
{
  return G_LIST_MODEL (self->candidates);
}

TacetScene *
tacet_scene_snapshot (TacetScene *self)
{
  g_return_val_if_fail (TACET_IS_SCENE (self), NULL);
  _tacet_scene_finish_stroke (self);
  return _tacet_scene_copy (self);
}

static TacetCandidate *
candidate_at (TacetScene *self, guint i) /* borrowed */
{
  TacetCandidate *candidate = g_list_model_get_item (G_LIST_MODEL (self->candidates), i);
  g_object_unref (candidate);
  return candidate;
}

static guint
n_candidates (TacetScene *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->candidates));
}

static void
set_starred (TacetCandidate *candidate, gboolean starred)
{
  if (candidate->starred == starred)
    return;
  candidate->starred = starred;
  g_object_notify (G_OBJECT (candidate), "starred");
}

/* ---- the budget ---- */

/* The bytes of an image that was not counted yet: neighbouring runs share most of their maps. */
static gsize
count_image (GHashTable *counted, TacetImage *image)
{
  return image && g_hash_table_add (counted, image) ? tacet_image_bytes (image) : 0;
}

static gsize
count_scene (GHashTable *counted, TacetScene *scene)
{
  gsize bytes = 0;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (scene->layers));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TacetLayer) layer = g_list_model_get_item (G_LIST_MODEL (scene->layers), i);
      TacetImage *planes[] = { layer->picture, layer->map, layer->coverage, layer->base, layer->rule, layer->opinion };
      for (gsize k = 0; k < G_N_ELEMENTS (planes); k++)
        bytes += count_image (counted, planes[k]);
    }
  return bytes;
}

static gboolean
too_much (TacetScene *self)
{
  g_autoptr (GHashTable) counted = g_hash_table_new (NULL, NULL);
  gsize bytes = 0;
  guint n = n_candidates (self);
  count_scene (counted, self); /* what the document has anyway costs nothing */
  for (guint i = 0; i < n && bytes <= self->candidate_budget; i++)
    {
      TacetCandidate *candidate = candidate_at (self, i);
      bytes += count_image (counted, candidate->image) + count_scene (counted, candidate->run->scene);
    }
  return bytes > self->candidate_budget;
}

/* What goes here is not a step: the budget is the user's word.  The oldest of those without a star goes first; the
 * newest of all stays. */
static void
keep_budget (TacetScene *self)
{
  while (n_candidates (self) > 1 && too_much (self))
    {
      guint last = n_candidates (self) - 1, at = 0;
      while (at < last && candidate_at (self, at)->starred)
        at++;
      g_list_store_remove (self->candidates, at < last ? at : 0);
    }
}

void
tacet_scene_set_candidate_budget (TacetScene *self, gsize bytes)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  self->candidate_budget = bytes;
  keep_budget (self);
}

/* ---- coming ---- */

void
_tacet_scene_append_candidate (TacetScene *self, TacetCandidate *candidate)
{
  g_list_store_append (self->candidates, candidate);
}

void
tacet_scene_add_candidates (TacetScene *self, TacetScene *snapshot, GPtrArray *pictures, gboolean finished)
{
  g_return_if_fail (TACET_IS_SCENE (self) && TACET_IS_SCENE (snapshot) && pictures != NULL);
  guint n = n_candidates (self);
  int number = n ? candidate_at (self, n - 1)->run->number + 1 : 1;
  g_autoptr (TacetRun) run = _tacet_run_new (number, g_get_real_time () / G_USEC_PER_SEC, snapshot);
  for (guint i = 0; i < pictures->len; i++)
    {
      const TacetPicture *picture = pictures->pdata[i];
      g_autoptr (TacetCandidate) candidate = _tacet_candidate_new (run, picture->seed, picture->image);
      candidate->progress = picture->progress ? tacet_progress_ref (picture->progress) : NULL;
      candidate->seconds = picture->progress ? picture->progress->seconds : 0;
      candidate->finished = finished;
      _tacet_scene_append_candidate (self, candidate);
    }
  keep_budget (self);
  self->n_added++;
  _tacet_scene_changed (self);
}

void
tacet_scene_finish_candidates (TacetScene *self)
{
  g_return_if_fail (TACET_IS_SCENE (self));
  for (guint i = 0; i < n_candidates (self); i++)
    {
      TacetCandidate *candidate = candidate_at (self, i);
      if (candidate->finished)
        continue;
      candidate->finished = TRUE;
      g_object_notify (G_OBJECT (candidate), "finished");
    }
}

void
_tacet_scene_copy_candidates (TacetScene *from, TacetScene *to)
{
  TacetRun *run = NULL, *original = NULL;
  for (guint i = 0; i < n_candidates (from); i++)
    {
      TacetCandidate *candidate = candidate_at (from, i);
      if (candidate->run != original)
        {
          g_autoptr (TacetScene) scene = _tacet_scene_copy (candidate->run->scene);
          g_clear_pointer (&run, _tacet_run_unref);
          original = candidate->run;
          run = _tacet_run_new (original->number, original->time, scene);
        }
      g_autoptr (TacetCandidate) copy = _tacet_candidate_new (run, candidate->seed, candidate->image);
      copy->seconds = candidate->seconds;
      copy->starred = candidate->starred;
      copy->finished = candidate->finished;
      copy->progress = candidate->progress ? tacet_progress_ref (candidate->progress) : NULL;
      copy->report = candidate->report ? g_ref_string_acquire (candidate->report) : NULL;
      _tacet_encoded_cache_unref (copy->encoded);
      copy->encoded = _tacet_encoded_cache_ref (candidate->encoded);
      _tacet_scene_append_candidate (to, copy);
    }
  g_clear_pointer (&run, _tacet_run_unref);
}

/* ---- steps ---- */

typedef struct
{
  TacetStep step;
  TacetCandidate *candidate;
  guint position;
} CandidateStep;

static void
candidate_clear (TacetStep *step)
{
  g_object_unref (((CandidateStep *) step)->candidate);
}

static void
star_swap (TacetStep *step, TacetScene *scene)
{
  CandidateStep *self = (CandidateStep *) step;
  set_starred (self->candidate, !self->candidate->starred);
}

static void
discard_swap (TacetStep *step, TacetScene *scene)
{
  CandidateStep *self = (CandidateStep *) step;
  guint at;
  if (g_list_store_find (scene->candidates, self->candidate, &at))
    {
      self->position = at; /* older ones may be gone since */
      g_list_store_remove (scene->candidates, at);
    }
  else
    g_list_store_insert (scene->candidates, MIN (self->position, n_candidates (scene)), self->candidate);
}

static void
push_step (TacetScene *scene, TacetCandidate *candidate, const char *name,
           void (*swap) (TacetStep *step, TacetScene *scene))
{
  CandidateStep *self = _tacet_step_new (sizeof (CandidateStep), name, TACET_CHANGE_OTHER, NULL);
  self->candidate = g_object_ref (candidate);
  self->step.swap = swap;
  self->step.clear = candidate_clear;
  if (swap == discard_swap)
    self->step.size += tacet_image_bytes (candidate->image);
  _tacet_history_push (scene, &self->step);
  swap (&self->step, scene);
}

void
tacet_scene_star_candidate (TacetScene *self, TacetCandidate *candidate, gboolean starred)
{
  g_return_if_fail (TACET_IS_SCENE (self) && TACET_IS_CANDIDATE (candidate));
  if (!starred == !candidate->starred)
    return;
  _tacet_scene_finish_stroke (self);
  push_step (self, candidate, starred ? _ ("Star Result") : _ ("Remove Star from Result"), star_swap);
  _tacet_scene_changed (self);
}

void
tacet_scene_discard_candidate (TacetScene *self, TacetCandidate *candidate)
{
  g_return_if_fail (TACET_IS_SCENE (self) && TACET_IS_CANDIDATE (candidate));
  if (!g_list_store_find (self->candidates, candidate, NULL))
    return;
  _tacet_scene_finish_stroke (self);
  push_step (self, candidate, _ ("Discard Result"), discard_swap);
  _tacet_scene_changed (self);
}

/* "prompt (seed)": one line, not too long. */
static char *
layer_name (TacetCandidate *candidate)
{
  const char *prompt = tacet_candidate_get_prompt (candidate);
  g_autofree char *line = g_strstrip (g_strdelimit (g_strdup (prompt), "\n\r\t", ' '));
  g_autofree char *part =
      g_utf8_strlen (line, -1) > MAX_NAME ? g_utf8_substring (line, 0, MAX_NAME - 1) : g_strdup (line);
  return g_strdup_printf ("%s%s%s(%" G_GUINT64_FORMAT ")", part, g_str_equal (part, line) ? "" : "…", *part ? " " : "",
                          candidate->seed);
}

static TacetImage *
layer_picture (TacetScene *self, const TacetImage *image)
{
  g_autoptr (TacetImage) picture = tacet_image_convert (image, 4);
  if (!picture || (image->width == self->width && image->height == self->height))
    return g_steal_pointer (&picture);
  return tacet_image_resize (picture, self->width, self->height, FALSE);
}

/* On top of the pictures. */
static void
insert_layer (TacetScene *self, TacetLayer *layer)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->layers)), at = 0;
  for (; at < n; at++)
    {
      g_autoptr (TacetLayer) other = g_list_model_get_item (G_LIST_MODEL (self->layers), at);
      if (tacet_layer_kind_family (other->kind) >= TACET_FAMILY_PICTURES)
        break;
    }
  g_list_store_insert (self->layers, at, layer);
  _tacet_history_push (self, _tacet_step_list (self, _ ("Apply Result"), layer));
}

TacetLayer *
tacet_scene_apply_candidate (TacetScene *self, TacetCandidate *candidate)
{
  g_return_val_if_fail (TACET_IS_SCENE (self) && TACET_IS_CANDIDATE (candidate), NULL);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->layers)) >= TACET_MAX_LAYERS)
    return NULL;
  g_autofree char *name = layer_name (candidate);
  g_autoptr (TacetImage) picture = layer_picture (self, candidate->image);
  g_autoptr (TacetLayer) layer = _tacet_layer_new (TACET_LAYER_PICTURE, name, self->width, self->height);
  if (!picture || !layer)
    return NULL;
  tacet_image_unref (layer->picture);
  layer->picture = g_steal_pointer (&picture);
  tacet_scene_group_begin (self, _ ("Apply Result"));
  insert_layer (self, layer);
  if (!candidate->starred)
    push_step (self, candidate, _ ("Star Result"), star_swap);
  tacet_scene_group_end (self);
  return layer;
}

void
tacet_scene_reuse_candidate (TacetScene *self, TacetCandidate *candidate)
{
  g_return_if_fail (TACET_IS_SCENE (self) && TACET_IS_CANDIDATE (candidate));
  TacetScene *from = candidate->run->scene;
  _tacet_scene_begin (self, TACET_CHANGE_OTHER, _ ("Reuse Settings"));
  _tacet_scene_settings_clear (&self->settings);
  self->settings = _tacet_scene_settings_copy (&from->settings);
  _tacet_scene_settings_rebase (&self->settings, from->folder, self->folder);
  self->settings.seed = candidate->seed;
  self->settings.count = 1;
  _tacet_scene_end (self);
}
