/* tacet-control-row.h: one control in the list: thumbnail, name, eye, power, strength, why it is left out.
 *
 * Room: ui.
 */
#pragma once

#include "ui/tacet-canvas.h"

G_BEGIN_DECLS

#define TACET_TYPE_CONTROL_ROW (tacet_control_row_get_type ())
G_DECLARE_FINAL_TYPE (TacetControlRow, tacet_control_row, TACET, CONTROL_ROW, GtkListBoxRow)

/* index: place in the list, which gives the colour. */
GtkWidget *tacet_control_row_new (TacetScene *scene, TacetCanvas *canvas, TacetControl *control, int index);
TacetControl *tacet_control_row_get_control (TacetControlRow *self);
/* What the last run said about this control; NULL: nothing. */
void tacet_control_row_set_note (TacetControlRow *self, const char *note);
/* What the row says under the slider now; NULL: nothing. */
char *tacet_control_row_dup_note (TacetControlRow *self);
/* The eye may have been changed elsewhere. */
void tacet_control_row_update (TacetControlRow *self);

G_END_DECLS
