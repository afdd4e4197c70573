/* tacet-candidate-private.h: candidates as the files of the scene room see them.
 *
 * Room: engine/scene.
 */
#pragma once

#include "engine/scene/tacet-candidate.h"
#include "tacet-scene-private.h"

G_BEGIN_DECLS

/* What the candidates of one run share.  Main thread only. */
typedef struct
{
  grefcount refs;
  int number;
  gint64 time;
  TacetScene *scene;
} TacetRun;
TacetRun *_tacet_run_new (int number, gint64 time, TacetScene *scene); /* references it */
TacetRun *_tacet_run_ref (TacetRun *self);
void _tacet_run_unref (TacetRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetRun, _tacet_run_unref)

struct _TacetCandidate
{
  GObject parent_instance;

  TacetRun *run;
  guint64 seed;
  double seconds;
  TacetImage *image;
  TacetProgress *progress; /* or NULL */
  GRefString *report;      /* read from a file, or NULL */
  TacetEncodedCache *encoded;
  gboolean starred, finished;
};

TacetCandidate *_tacet_candidate_new (TacetRun *run, guint64 seed, TacetImage *image); /* references them */
/* Of a document that was read; as it was saved. */
void _tacet_scene_append_candidate (TacetScene *self, TacetCandidate *candidate);
/* Those of a document for a copy of it. */
void _tacet_scene_copy_candidates (TacetScene *from, TacetScene *to);

G_END_DECLS
