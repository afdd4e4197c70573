/* tacet-judge-train.c: training the judge on scenes of the studio.
 *
 * Room: engine/measure.  Loss: cross entropy of the subject and of the joints' places, L1 of the depth. */
#include "config.h"

#include "tacet-judge.h"
#include "engine/studio/tacet-studio.h"
#include "engine/train/tacet-trainer.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define CELLS (TACET_JUDGE_GRID * TACET_JUDGE_GRID)

typedef struct
{
  TacetObjective base;
  char *path;
} JudgeObjective;

/* -sum target log softmax (logits) */
static TacetValue *
cross_entropy (TacetValue *logits, TacetValue *target)
{
  TacetValue *p = tacet_affine (tacet_softmax (logits, false), 1, 1e-8f);
  return tacet_scale (tacet_sum_to (tacet_mul (tacet_fn (p, TACET_FN_LOG), target), tacet_shape (1, 1, 1, 1)), -1);
}

/* picture {n,64,64,3}, subject {n,1,1,S} and joints {n,1,18,256}: one-hot, depth {n,16,16,1} */
static void
build (TacetObjective *objective, TacetWorker *worker, int n)
{
  TacetGraph *g = worker->graph;
  TacetJudgeOutputs o;
  TacetValue *picture = tacet_input (g, "picture", TACET_F32, tacet_shape (n, TACET_JUDGE_SIZE, TACET_JUDGE_SIZE, 3));
  TacetValue *subject = tacet_input (g, "subject", TACET_F32, tacet_shape (n, 1, 1, tacet_judge_n_subjects ()));
  TacetValue *depth = tacet_input (g, "depth", TACET_F32, tacet_shape (n, TACET_JUDGE_GRID, TACET_JUDGE_GRID, 1));
  TacetValue *joints = tacet_input (g, "joints", TACET_F32, tacet_shape (n, 1, TACET_POSE_JOINTS, CELLS));
  tacet_judge_build (g, objective->stores[0], picture, &o);
  worker->loss = tacet_scale (cross_entropy (o.subjects, subject), 1.0f / (float) n);
  worker->metric = worker->loss;
  TacetValue *places = tacet_scale (cross_entropy (o.joints, joints), 0.2f / (float) n);
  TacetValue *far = tacet_scale (tacet_mean (tacet_fn (tacet_sub (o.depth, depth), TACET_FN_ABS)), 4);
  worker->loss = tacet_add (worker->loss, tacet_add (places, far));
}

static void
fill_joints (const TacetStudioScene *scene, float *joints)
{
  const double cell = (double) TACET_JUDGE_SIZE / TACET_JUDGE_GRID;
  for (int j = 0; scene->n_people == 1 && j < TACET_POSE_JOINTS; j++)
    {
      const TacetJoint *joint = &scene->people[0].joints[j];
      const int x = (int) (joint->x / cell), y = (int) (joint->y / cell);
      if (joint->confidence > 0 && x >= 0 && y >= 0 && x < TACET_JUDGE_GRID && y < TACET_JUDGE_GRID)
        joints[j * CELLS + y * TACET_JUDGE_GRID + x] = 1;
    }
}

static gboolean
fill (TacetObjective *objective, TacetWorker *worker, const TacetShard *shard, GError **error)
{
  const int n_subjects = tacet_judge_n_subjects ();
  const gsize pixels = TACET_JUDGE_SIZE * TACET_JUDGE_SIZE * 3;
  float *picture = tacet_worker_buffer (worker, "picture"), *subject = tacet_worker_buffer (worker, "subject");
  float *depth = tacet_worker_buffer (worker, "depth"), *joints = tacet_worker_buffer (worker, "joints");
  memset (subject, 0, (gsize) shard->n * n_subjects * sizeof *subject);
  memset (joints, 0, (gsize) shard->n * TACET_POSE_JOINTS * CELLS * sizeof *joints);
  for (int i = 0; i < shard->n; i++)
    {
      g_auto (TacetStudioScene) scene = { NULL };
      TacetRandom random = tacet_random (shard->seed, shard->stream, shard->step, shard->first + (guint64) i);
      const TacetStudioOptions options = { .size = TACET_JUDGE_SIZE, .samples = 2 };
      if (!tacet_studio_render (tacet_random_next (&random), &options, &scene, error))
        return FALSE;
      g_autoptr (TacetImage) small = tacet_image_resize (scene.depth, TACET_JUDGE_GRID, TACET_JUDGE_GRID, FALSE);
      for (gsize k = 0; k < pixels; k++)
        picture[(gsize) i * pixels + k] = (float) scene.picture->data[k] / 127.5f - 1;
      for (int k = 0; small && k < CELLS; k++)
        depth[i * CELLS + k] = (float) small->data[k] / 255;
      for (int k = 0; k < n_subjects; k++)
        subject[i * n_subjects + k] = g_str_equal (tacet_studio_subjects ()[k], scene.subject);
      fill_joints (&scene, joints + (gsize) i * TACET_POSE_JOINTS * CELLS);
    }
  return TRUE;
}

static gboolean
trains (TacetObjective *objective, TacetWeights *store, const char *name, double *lr)
{
  return TRUE;
}

static gboolean
export_weights (TacetObjective *objective, TacetBackend *backend, GHashTable *metadata, GCancellable *cancellable,
                GError **error)
{
  JudgeObjective *self = (JudgeObjective *) objective;
  return tacet_weights_save (objective->stores[0], self->path, TACET_STORE_F16, error);
}

static void
destroy (TacetObjective *objective)
{
  JudgeObjective *self = (JudgeObjective *) objective;
  g_clear_pointer (&objective->stores[0], tacet_weights_unref);
  g_free (self->path);
  g_free (self);
}

static gboolean
make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0777) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), _ ("The folder “%s” cannot be made: %s"), path,
               g_strerror (errno));
  return FALSE;
}

gboolean
tacet_judge_train (const char *weights_path, int steps, guint64 seed, int workers, GCancellable *cancellable,
                   GError **error)
{
  JudgeObjective *self = g_new0 (JudgeObjective, 1);
  self->path = g_strdup (weights_path);
  self->base = (TacetObjective){ .build = build,
                                 .fill = fill,
                                 .trains = trains,
                                 .export = export_weights,
                                 .free = destroy,
                                 .n_stores = 1,
                                 .stores = { tacet_weights_new (seed) },
                                 .store_names = { "judge" },
                                 .n_held_out = 64,
                                 .metric = "subject cross entropy" };
  g_autoptr (TacetTrainPlan) plan = g_new0 (TacetTrainPlan, 1);
  plan->prompts = g_ptr_array_new_with_free_func (g_free);
  plan->name = g_strdup ("judge");
  plan->path = g_strdup ("judge");
  plan->text = g_strdup ("{}");
  plan->output = g_path_get_dirname (weights_path);
  plan->work = g_strdup_printf ("%s.work", weights_path);
  plan->seed = seed;
  plan->workers = workers;
  plan->steps = steps;
  plan->batch = 16;
  plan->shard = 8;
  plan->accumulation = 1;
  plan->optimizer = (TacetOptimizerPlan){ .lr = 2e-3,
                                          .beta1 = 0.9,
                                          .beta2 = 0.99,
                                          .eps = 1e-8,
                                          .weight_decay = 0.01,
                                          .clip = 1,
                                          .final = 0.03,
                                          .ema = 0.99,
                                          .warmup = 50,
                                          .cosine = TRUE };
  plan->validate_every = steps;
  plan->checkpoint_minutes = 60;
  plan->checkpoint_keep = 1;
  g_autoptr (TacetTrainer) trainer = NULL;
  gboolean good = make_folder (plan->work, error) && (trainer = tacet_trainer_new (plan, &self->base, error));
  good = good && tacet_trainer_run (trainer, NULL, NULL, cancellable, error);
  g_clear_pointer (&trainer, tacet_trainer_free);
  destroy (&self->base);
  return good;
}
