/* tacet-judge.h: a small network that looks at a picture and says what stands in it, how deep, in which pose.
 *
 * Room: engine/measure.  Trained on the studio's scenes, so it can tell how far a model of such scenes does
 * what its prompt and its maps asked for.  It sees what an eye does not: a high score says "the prompt works",
 * not "the picture is good".
 */
#pragma once

#include "engine/control/tacet-maps.h"
#include "engine/tensor/tacet-plan.h"
#include "engine/weights/tacet-weights.h"

G_BEGIN_DECLS

#define TACET_JUDGE_SIZE 64 /* pixels; pictures of another size are resized */
#define TACET_JUDGE_GRID 16 /* depth and joints are read on this grid */

typedef struct
{
  TacetValue *subjects; /* {n,1,1,S} logits, in the order of tacet_studio_subjects () */
  TacetValue *depth;    /* {n,16,16,1}, 0 far .. 1 near */
  TacetValue *joints;   /* {n,1,18,256} logits over the grid */
} TacetJudgeOutputs;

int tacet_judge_n_subjects (void);
/* picture {n,64,64,3} in [-1,1] */
void tacet_judge_build (TacetGraph *g, TacetWeights *weights, TacetValue *picture, TacetJudgeOutputs *outputs);

typedef struct
{
  int subject;                                      /* index into tacet_studio_subjects () */
  double certainty;                                 /* its probability */
  float depth[TACET_JUDGE_GRID * TACET_JUDGE_GRID]; /* 0 far .. 1 near */
  TacetPerson person;                               /* in pixels of the picture; confidence: peak probability */
} TacetVerdict;

typedef struct _TacetJudge TacetJudge;
TacetJudge *tacet_judge_open (const char *weights_path, GError **error);
void tacet_judge_free (TacetJudge *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetJudge, tacet_judge_free)
gboolean tacet_judge_look (TacetJudge *self, const TacetImage *picture, TacetVerdict *verdict, GError **error);

/* Trains a judge on studio scenes of `seed`; steps of 16 scenes.  Weights to weights_path, working files beside it. */
gboolean tacet_judge_train (const char *weights_path, int steps, guint64 seed, int workers, GCancellable *cancellable,
                            GError **error);

G_END_DECLS
