/* tacet-pressure-editor.h: a small drawing of the curve of pressure, with two points to drag.
 *
 * Room: ui.  From the keyboard: Space or Enter takes the other point, arrows move it.
 */
#pragma once

#include "ui/tacet-pressure.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TACET_TYPE_PRESSURE_EDITOR (tacet_pressure_editor_get_type ())
G_DECLARE_FINAL_TYPE (TacetPressureEditor, tacet_pressure_editor, TACET, PRESSURE_EDITOR, GtkWidget)

/* Signal "changed" when somebody moved a point. */
void tacet_pressure_editor_set (TacetPressureEditor *self, TacetPressure curve);
TacetPressure tacet_pressure_editor_get (TacetPressureEditor *self);

G_END_DECLS
