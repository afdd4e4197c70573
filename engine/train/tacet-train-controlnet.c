/* tacet-train-controlnet.c: training a ControlNet beside a frozen U-Net.
 *
 * Room: engine/train.
 */
#include "config.h"

#include "tacet-train-kinds.h"

TacetObjective *
tacet_objective_controlnet_new (const TacetTrainPlan *plan, GError **error)
{
  g_set_error (error, TACET_TRAIN_ERROR, TACET_TRAIN_ERROR_PLAN, "ControlNets cannot be trained yet.");
  return NULL;
}
