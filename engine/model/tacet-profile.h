/* tacet-profile.h: where the time of a plan goes, step by step, beside what the machine could do.
 *
 * Room: engine/model.  Seconds of a step are the best of all runs.  Threads: those of the plan.
 */
#pragma once

#include "engine/tensor/tacet-plan.h"

G_BEGIN_DECLS

typedef struct _TacetProfile TacetProfile;

/* Measures the machine, before and after, and runs the plan `repeat` times; its inputs are set.  The plan outlives the
 * profile. */
TacetProfile *tacet_profile_new (TacetPlan *plan, TacetBackend *backend, int repeat, GError **error);
void tacet_profile_free (TacetProfile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetProfile, tacet_profile_free)

/* For people: every step, the slowest first, totals per operation, the whole beside the roofline. */
char *tacet_profile_text (TacetProfile *self);
/* The same numbers for programs; docs/formats.md. */
char *tacet_profile_json (TacetProfile *self);

G_END_DECLS
