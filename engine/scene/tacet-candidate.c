/* tacet-candidate.c: one picture that a run made, and what the candidates of a run share.
 *
 * Room: engine/scene.
 */
#define G_LOG_DOMAIN "tacet-scene"
#include "config.h"

#include "engine/sample/tacet-report.h"
#include "tacet-candidate-private.h"
#include "tacet-parameters.h"
#include <glib/gi18n-lib.h>

G_DEFINE_FINAL_TYPE (TacetCandidate, tacet_candidate, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_STARRED,
  PROP_FINISHED,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

TacetRun *
_tacet_run_new (int number, gint64 time, TacetScene *scene)
{
  TacetRun *self = g_new0 (TacetRun, 1);
  g_ref_count_init (&self->refs);
  self->number = number;
  self->time = time;
  self->scene = g_object_ref (scene);
  return self;
}

TacetRun *
_tacet_run_ref (TacetRun *self)
{
  g_ref_count_inc (&self->refs);
  return self;
}

void
_tacet_run_unref (TacetRun *self)
{
  if (!g_ref_count_dec (&self->refs))
    return;
  g_object_unref (self->scene);
  g_free (self);
}

TacetCandidate *
_tacet_candidate_new (TacetRun *run, guint64 seed, TacetImage *image)
{
  TacetCandidate *self = g_object_new (TACET_TYPE_CANDIDATE, NULL);
  self->run = _tacet_run_ref (run);
  self->seed = seed;
  self->image = tacet_image_ref (image);
  return self;
}

static void
tacet_candidate_finalize (GObject *object)
{
  TacetCandidate *self = TACET_CANDIDATE (object);
  g_clear_pointer (&self->run, _tacet_run_unref);
  g_clear_pointer (&self->image, tacet_image_unref);
  g_clear_pointer (&self->progress, tacet_progress_unref);
  g_clear_pointer (&self->report, g_ref_string_release);
  g_clear_pointer (&self->encoded, _tacet_encoded_cache_unref);
  G_OBJECT_CLASS (tacet_candidate_parent_class)->finalize (object);
}

static void
tacet_candidate_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TacetCandidate *self = TACET_CANDIDATE (object);
  switch (id)
    {
    case PROP_STARRED:
      g_value_set_boolean (value, self->starred);
      break;
    case PROP_FINISHED:
      g_value_set_boolean (value, self->finished);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
tacet_candidate_class_init (TacetCandidateClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  object_class->finalize = tacet_candidate_finalize;
  object_class->get_property = tacet_candidate_get_property;
  properties[PROP_STARRED] = g_param_spec_boolean ("starred", NULL, NULL, FALSE, flags);
  properties[PROP_FINISHED] = g_param_spec_boolean ("finished", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tacet_candidate_init (TacetCandidate *self)
{
  self->encoded = _tacet_encoded_cache_new ();
}

TacetImage *
tacet_candidate_get_image (TacetCandidate *self)
{
  return self->image;
}

guint64
tacet_candidate_get_seed (TacetCandidate *self)
{
  return self->seed;
}

const char *
tacet_candidate_get_prompt (TacetCandidate *self)
{
  return tacet_scene_get_prompt (self->run->scene);
}

int
tacet_candidate_get_run (TacetCandidate *self)
{
  return self->run->number;
}

gint64
tacet_candidate_get_time (TacetCandidate *self)
{
  return self->run->time;
}

gboolean
tacet_candidate_get_starred (TacetCandidate *self)
{
  return self->starred;
}

gboolean
tacet_candidate_get_finished (TacetCandidate *self)
{
  return self->finished;
}

TacetScene *
tacet_candidate_get_scene (TacetCandidate *self)
{
  return self->run->scene;
}

TacetProgress *
tacet_candidate_get_progress (TacetCandidate *self)
{
  return self->progress;
}

/* ---- as a file of its own ---- */

typedef struct
{
  TacetScene *scene; /* the thread's own */
  TacetPicture picture;
  char *path;
  gboolean says_how;
} SaveJob;

static void
save_job_free (gpointer data)
{
  SaveJob *self = data;
  g_object_unref (self->scene);
  tacet_image_unref (self->picture.image);
  g_free (self->path);
  g_free (self);
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SaveJob *self = data;
  GError *error = NULL;
  g_autoptr (TacetRequest) request = tacet_scene_to_request (self->scene);
  g_autofree char *scene = self->says_how ? tacet_scene_to_json (self->scene, &error) : NULL;
  if (!request && !error)
    g_set_error_literal (&error, TACET_SCENE_ERROR, TACET_SCENE_ERROR_NO_MEMORY,
                         _ ("There is not enough memory to save the picture. Close other programs and try again."));
  if (error || !tacet_picture_save (&self->picture, request, scene, self->path, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
tacet_candidate_save_async (TacetCandidate *self, const char *path, gboolean says_how, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (TACET_IS_CANDIDATE (self) && path != NULL);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (TacetScene) copy = _tacet_scene_copy (self->run->scene);
  g_task_set_source_tag (task, tacet_candidate_save_async);
  SaveJob *job = g_new0 (SaveJob, 1);
  job->scene = g_steal_pointer (&copy);
  job->picture = (TacetPicture){ .seed = self->seed, .image = tacet_image_ref (self->image) };
  job->path = g_strdup (path);
  job->says_how = says_how;
  g_task_set_task_data (task, job, save_job_free);
  g_task_run_in_thread (task, save_thread);
}

gboolean
tacet_candidate_save_finish (TacetCandidate *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
