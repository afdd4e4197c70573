/* tacet-canvas-feel.c: how wheel and pen act on the canvas, as somebody prefers it.  Room: ui. */
#define G_LOG_DOMAIN "tacet-canvas-feel"

#include "config.h"

#include "ui/tacet-canvas-private.h"

void
tacet_canvas_set_wheel_zooms (TacetCanvas *self, gboolean zooms)
{
  self->wheel_zooms = zooms;
}

void
tacet_canvas_set_pressure (TacetCanvas *self, TacetPressure curve)
{
  self->pressure = tacet_pressure_sanitize (curve);
}
