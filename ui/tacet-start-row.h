/* tacet-start-row.h: what a picture starts from: another picture, how much of it is changed, and where.
 *
 * Room: ui.  A row of the settings; its buttons run actions of the window (win.start-from-file, win.start-mask ...).
 */
#pragma once

#include "engine/scene/tacet-scene.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define TACET_TYPE_START_ROW (tacet_start_row_get_type ())
G_DECLARE_FINAL_TYPE (TacetStartRow, tacet_start_row, TACET, START_ROW, AdwExpanderRow)

void tacet_start_row_set_scene (TacetStartRow *self, TacetScene *scene); /* NULL: none */

G_END_DECLS
