/* tacet-busy.h: a small note that something is being read or written, how far it is, and a button that ends it.
 *
 * Room: ui.  It lies over the canvas; what is over soon never shows it.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_BUSY (tacet_busy_get_type ())
G_DECLARE_FINAL_TYPE (TacetBusy, tacet_busy, TACET, BUSY, GtkWidget)

GtkWidget *tacet_busy_new (void);
/* One job at a time; the next takes the place of the one that is shown.  cancellable: what the button cancels. */
void tacet_busy_begin (TacetBusy *self, const char *text, GCancellable *cancellable);
void tacet_busy_set_progress (TacetBusy *self, GCancellable *cancellable, double done); /* 0 .. 1 */
void tacet_busy_end (TacetBusy *self, GCancellable *cancellable);

G_END_DECLS
