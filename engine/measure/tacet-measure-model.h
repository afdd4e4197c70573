/* tacet-measure-model.h: what a model of studio scenes can do, as numbers and as contact sheets.
 *
 * Room: engine/measure.  Prompts: does the judge see the subject that the prompt names?  Controls: the same
 * prompt and noise seed with and without the map of a scene; how near does the picture come to the map?
 */
#pragma once

#include "engine/sample/tacet-generate.h"
#include "tacet-judge.h"

G_BEGIN_DECLS

typedef struct
{
  int count;    /* prompts, and scenes per control */
  guint64 seed; /* of the scenes and of the noise; never that of training */
  int size;     /* pixels */
  int steps;
  double guidance_scale;
} TacetMeasureOptions;

/* Share done, what is being done. */
typedef void (*TacetMeasureProgress) (double share, const char *text, gpointer user_data);

/* Writes measurement.json, prompts.png, edge.png, depth.png, pose.png into `folder`. */
gboolean tacet_measure_model (TacetEngine *engine, TacetJudge *judge, const char *model,
                              const TacetMeasureOptions *options, const char *folder, TacetMeasureProgress progress,
                              gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
