/* tacet-tool-brush.h: what the tools that draw freely share: brush, eraser.  Room: ui. */
#pragma once

#include "ui/tacet-tool.h"

G_BEGIN_DECLS

#define TACET_TYPE_TOOL_BRUSH    (tacet_tool_brush_get_type ())
#define TACET_TOOL_BRUSH(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), TACET_TYPE_TOOL_BRUSH, TacetToolBrush))

typedef struct
{
  TacetTool parent_instance;

  double size, hardness, opacity, smoothing;
  gboolean pressure_sizes, pressure_fades;
  double sizes[TACET_N_LAYER_KINDS];  /* each kind of layer keeps its own */
  int kind;                           /* whose size is shown; -1: none yet */
  gboolean stroking, erases, picking; /* the gesture in progress */
  gboolean has_last;                  /* where the last stroke ended, for straight lines */
  double last_x, last_y;
  double string_x, string_y; /* smoothing: the end of the string that the pointer pulls */
  TacetPointer at;           /* the newest point */
} TacetToolBrush;

typedef struct
{
  TacetToolClass parent_class;

  gboolean takes_away; /* its ring is dashed */
  /* What a stroke does that the row of options does not say. */
  void (*prepare) (TacetToolBrush *self, const TacetPointer *at, TacetBrush *brush);
} TacetToolBrushClass;

G_END_DECLS
