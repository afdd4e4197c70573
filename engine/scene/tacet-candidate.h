/* tacet-candidate.h: the pictures that runs made, kept in the document until they are discarded.
 *
 * Room: engine/scene.  Main thread only.  A candidate is immutable but for its star; the candidates of one run share
 * what they were made from: the document as it was then, maps and all.  They are saved with a project
 * (docs/formats.md).  They are kept while there is room in a budget of bytes: the oldest go first, those with a star
 * last.
 */
#pragma once

#include "engine/scene/tacet-scene.h"

G_BEGIN_DECLS

#define TACET_CANDIDATE_BUDGET ((gsize) 512 << 20)

#define TACET_TYPE_CANDIDATE   (tacet_candidate_get_type ())
G_DECLARE_FINAL_TYPE (TacetCandidate, tacet_candidate, TACET, CANDIDATE, GObject)

/* Properties, read-only: "starred", "finished" boolean. */
TacetImage *tacet_candidate_get_image (TacetCandidate *self); /* RGB, borrowed */
guint64 tacet_candidate_get_seed (TacetCandidate *self);
const char *tacet_candidate_get_prompt (TacetCandidate *self);
int tacet_candidate_get_run (TacetCandidate *self);     /* equal numbers are of one run; later runs have greater ones */
gint64 tacet_candidate_get_time (TacetCandidate *self); /* when its run ended, seconds since 1970 */
gboolean tacet_candidate_get_starred (TacetCandidate *self);
/* FALSE: it is not on the disk yet; show it as one that is still to come. */
gboolean tacet_candidate_get_finished (TacetCandidate *self);
/* What the document was when its run began; not to be changed, borrowed. */
TacetScene *tacet_candidate_get_scene (TacetCandidate *self);
/* Every number of the run; NULL: it was made in an earlier session, and only its report is left. */
TacetProgress *tacet_candidate_get_progress (TacetCandidate *self);

/* A PNG file; says_how: with what it was made from (tacet-parameters.h). */
void tacet_candidate_save_async (TacetCandidate *self, const char *path, gboolean says_how,
                                 GAsyncReadyCallback callback, gpointer user_data);
gboolean tacet_candidate_save_finish (TacetCandidate *self, GAsyncResult *result, GError **error);

/* The document as it is now, for a run that begins: it shares its pixels until they change. */
TacetScene *tacet_scene_snapshot (TacetScene *self);

GListModel *tacet_scene_get_candidates (TacetScene *self); /* of TacetCandidate, the newest last */
/* What a run made of the snapshot: not an undo step, but the document is modified.  pictures: of TacetPicture.
 * finished: whether they may be shown as such at once; else tacet_scene_finish_candidates () says so later. */
void tacet_scene_add_candidates (TacetScene *self, TacetScene *snapshot, GPtrArray *pictures, gboolean finished);
void tacet_scene_finish_candidates (TacetScene *self); /* all that there are */
void tacet_scene_set_candidate_budget (TacetScene *self, gsize bytes);

/* Each is one undo step. */
void tacet_scene_star_candidate (TacetScene *self, TacetCandidate *candidate, gboolean starred);
void tacet_scene_discard_candidate (TacetScene *self, TacetCandidate *candidate);
/* As a new picture layer, the topmost, named "prompt (seed)"; the candidate gets a star.  NULL: no memory, too many. */
TacetLayer *tacet_scene_apply_candidate (TacetScene *self, TacetCandidate *candidate);
/* Prompt, model, seed and all other settings of its run; layers stay as they are. */
void tacet_scene_reuse_candidate (TacetScene *self, TacetCandidate *candidate);

G_END_DECLS
