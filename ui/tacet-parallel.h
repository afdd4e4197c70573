/* tacet-parallel.h: pieces of drawing shared between the processors.
 *
 * Room: ui, the part without widgets.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Calls task (context, 0 .. n - 1) in any order, on several threads; comes back when all are done.  Main thread only,
 * and not from within a task. */
void tacet_parallel (int n, void (*task) (gpointer context, int index), gpointer context);

G_END_DECLS
