/* tacet-train-kinds.h: what the kinds of plan put into the trainer.
 *
 * Room: engine/train.
 */
#pragma once

#include "tacet-trainer.h"

G_BEGIN_DECLS

/* Each makes its objective, or says why not; free with objective->free. */
TacetObjective *tacet_objective_vae_new (const TacetTrainPlan *plan, GError **error);
TacetObjective *tacet_objective_unet_new (const TacetTrainPlan *plan, GError **error);
TacetObjective *tacet_objective_controlnet_new (const TacetTrainPlan *plan, GError **error);
/* Kind "latents": no training. */
gboolean tacet_latents_make (const TacetTrainPlan *plan, gboolean resume, TacetTrainProgressFunc func,
                             gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
