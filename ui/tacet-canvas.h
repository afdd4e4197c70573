/* tacet-canvas.h: the canvas: shows the document, its maps and results, and brings events to the tools.
 *
 * Room: ui.  All changes go through the scene, so all of them can be undone.
 */
#pragma once

#include "ui/tacet-pressure.h"
#include "ui/tacet-tool.h"

G_BEGIN_DECLS

#define TACET_TYPE_CANVAS (tacet_canvas_get_type ())
G_DECLARE_FINAL_TYPE (TacetCanvas, tacet_canvas, TACET, CANVAS, GtkWidget)

/* Properties: "scene" TacetScene, "selected" TacetLayer (both can be NULL), "tool" string (its id), "show-picture",
 * "show-overlays", "isolate" (shows the selected layer alone), "show-hud" (words in a corner), "show-rulers",
 * "mirrored" boolean, "zoom", "angle" double (read-only, notified together).  Signal "hint" (string): why nothing
 * happened, in words for the user.
 */
GtkWidget *tacet_canvas_new (void);
void tacet_canvas_set_scene (TacetCanvas *self, TacetScene *scene);
TacetScene *tacet_canvas_get_scene (TacetCanvas *self);
void tacet_canvas_set_selected (TacetCanvas *self, TacetLayer *control);
TacetLayer *tacet_canvas_get_selected (TacetCanvas *self);
void tacet_canvas_set_tool (TacetCanvas *self, TacetToolId tool);
TacetToolId tacet_canvas_get_tool (TacetCanvas *self);
/* The tool itself: its options are its properties. */
TacetTool *tacet_canvas_get_tool_object (TacetCanvas *self, TacetToolId tool);
TacetSwatches *tacet_canvas_get_swatches (TacetCanvas *self);
/* How many gestures and keys the tools have had: whether one was used in the meantime. */
guint tacet_canvas_get_n_uses (TacetCanvas *self);

/* The picture that stands on the canvas: NULL for none; frame_label NULL: a result, else the word in
 * its dashed frame ("Preview"). */
void tacet_canvas_set_picture (TacetCanvas *self, TacetImage *picture, const char *frame_label);
/* Whether it is seen: its eye is open, or it is the one that is shown alone. */
gboolean tacet_canvas_get_control_visible (TacetCanvas *self, TacetLayer *control);
/* Whether its pixels or people can be seen now. */
gboolean tacet_canvas_shows_layer (TacetCanvas *self, TacetLayer *layer);

void tacet_canvas_zoom_by (TacetCanvas *self, double factor); /* about the middle */
void tacet_canvas_zoom_to (TacetCanvas *self, double zoom);
void tacet_canvas_zoom_fit (TacetCanvas *self);
double tacet_canvas_get_zoom (TacetCanvas *self);
/* How the document is looked at, no part of it; about the middle. */
void tacet_canvas_turn (TacetCanvas *self, double degrees);
void tacet_canvas_set_mirrored (TacetCanvas *self, gboolean mirrored);
void tacet_canvas_turn_upright (TacetCanvas *self); /* neither turned nor mirrored */
double tacet_canvas_get_angle (TacetCanvas *self);  /* degrees, clockwise */
gboolean tacet_canvas_get_mirrored (TacetCanvas *self);

/* What the wheel does without Ctrl, and how the pressure of a pen is felt. */
void tacet_canvas_set_wheel_zooms (TacetCanvas *self, gboolean zooms);
void tacet_canvas_set_pressure (TacetCanvas *self, TacetPressure curve);

G_END_DECLS
