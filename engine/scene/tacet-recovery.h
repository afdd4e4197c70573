/* tacet-recovery.h: unsaved work survives the end of the program, however it ends.
 *
 * Room: engine/scene.  While a document is modified, a copy of it is written again and again to a folder of its own,
 * from another thread.  Results of runs are written at once, and said to be finished (tacet_scene_finish_candidates)
 * when they are on the disk.  Who opens the program next finds what an ended one left: a folder whose lock nobody
 * holds. Main thread only.
 */
#pragma once

#include "tacet-scene.h"

G_BEGIN_DECLS

/* After a first change this long until the copy is begun, in milliseconds (a stroke in progress may double it): with
 * writing, which encodes only what changed, less than 10 s are lost. */
#define TACET_RECOVERY_DELAY 4000

typedef struct _TacetRecovery TacetRecovery;

/* What an ended program left of one document. */
typedef struct
{
  char *folder;
  char *path;  /* where the document was saved; NULL: nowhere */
  gint64 time; /* of the copy, seconds since 1970 */
} TacetRecovered;

/* base: the folder that holds one folder per document; made if need be.  path: where the document is saved, or NULL.
 * NULL: the folder cannot be written to; the program works without. */
TacetRecovery *tacet_recovery_new (const char *base, TacetScene *scene, const char *path, guint delay, GError **error);
/* The copy that an ended program left becomes this document's own; NULL: another program has taken it. */
TacetRecovery *tacet_recovery_adopt (const TacetRecovered *recovered, TacetScene *scene, guint delay);
void tacet_recovery_set_path (TacetRecovery *self, const char *path);
void tacet_recovery_set_delay (TacetRecovery *self, guint delay); /* from the next change on */
/* Removes the copy: the document was saved, or given up on purpose.  One that is being written goes too. */
void tacet_recovery_free (TacetRecovery *self);

/* Newest first; of TacetRecovered, owned. */
GPtrArray *tacet_recovery_list (const char *base);
/* The document, modified, as if it had been opened from its own path. */
TacetScene *tacet_recovered_load (const TacetRecovered *self, GError **error);
/* For good. */
void tacet_recovered_remove (const TacetRecovered *self);

G_END_DECLS
