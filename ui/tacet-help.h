/* tacet-help.h: the first steps, in words and pictures.
 *
 * Room: ui.
 */
#pragma once

#include "ui/tacet-shortcuts.h"

G_BEGIN_DECLS

GtkWidget *tacet_help_new (GtkWindow *parent, TacetShortcuts *shortcuts);

G_END_DECLS
