/* tacet-train-run.c: a plan file from beginning to end.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-train-kinds.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>

static TacetObjective *
make_objective (const TacetTrainPlan *plan, GError **error)
{
  switch (plan->kind)
    {
    case TACET_TRAIN_UNET:
      return tacet_objective_unet_new (plan, error);
    case TACET_TRAIN_CONTROLNET:
      return tacet_objective_controlnet_new (plan, error);
    default:
      return tacet_objective_vae_new (plan, error);
    }
}

static gboolean
make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0777) == 0)
    return TRUE;
  const int code = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("The folder “%s” cannot be made: %s"), path,
               g_strerror (code));
  return FALSE;
}

static gboolean
train (const TacetTrainPlan *plan, TacetObjective *objective, gboolean resume, TacetTrainProgressFunc func,
       gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autofree char *note = NULL;
  g_autoptr (TacetTrainer) trainer = tacet_trainer_new (plan, objective, error);
  if (!trainer || (resume && !tacet_trainer_resume (trainer, &note, error)))
    return FALSE;
  if (note && func)
    {
      const TacetTrainProgress progress = { .plan = plan->name,
                                            .step = trainer->step,
                                            .n_steps = plan->steps,
                                            .samples = trainer->samples,
                                            .samples_per_second = NAN,
                                            .loss = NAN,
                                            .smooth_loss = NAN,
                                            .held_out_loss = NAN,
                                            .held_out_metric = NAN,
                                            .learning_rate = NAN,
                                            .gradient_norm = NAN,
                                            .seconds = trainer->seconds,
                                            .seconds_left = NAN,
                                            .note = note };
      func (&progress, user_data);
    }
  return tacet_trainer_run (trainer, func, user_data, cancellable, error);
}

gboolean
tacet_train_run (const char *plan_path, gboolean resume, TacetTrainProgressFunc func, gpointer user_data,
                 GCancellable *cancellable, GError **error)
{
  g_autoptr (TacetTrainPlan) plan = tacet_train_plan_load (plan_path, error);
  if (!plan)
    return FALSE;
  if (plan->kind == TACET_TRAIN_LATENTS)
    return tacet_latents_make (plan, resume, func, user_data, cancellable, error);
  if (!resume && tacet_trainer_has_checkpoint (plan))
    {
      g_set_error (
          error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_STATE,
          _ ("“%s” holds the checkpoints of an earlier run. Go on with --resume, or remove that folder first."),
          plan->work);
      return FALSE;
    }
  if (!make_folder (plan->work, error))
    return FALSE;
  TacetObjective *objective = make_objective (plan, error);
  if (!objective)
    return FALSE;
  const gboolean good = train (plan, objective, resume, func, user_data, cancellable, error);
  objective->free (objective);
  return good;
}
