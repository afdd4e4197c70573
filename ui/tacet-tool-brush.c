/* tacet-tool-brush.c: the brush: strokes on the selected layer.  Room: ui. */
#define G_LOG_DOMAIN "tacet-tool-brush"

#include "config.h"

#include "ui/tacet-tool-brush.h"
#include "ui/tacet-tool-draw.h"

#include <glib/gi18n.h>
#include <math.h>

#define LONGEST_STRING 80 /* pixels of the widget */

G_DEFINE_TYPE (TacetToolBrush, tacet_tool_brush, TACET_TYPE_TOOL)

static TacetToolBrushClass *
get_class (TacetToolBrush *self)
{
  return G_TYPE_INSTANCE_GET_CLASS (self, TACET_TYPE_TOOL_BRUSH, TacetToolBrushClass);
}

/* ---- strokes ---- */

static void
stroke_point (TacetTool *tool, double x, double y, double pressure)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);

  tacet_scene_stroke_to (tacet_tool_get_scene (tool), x, y, pressure);
  self->last_x = x;
  self->last_y = y;
}

/* The hand pulls the brush on a string: what is shorter than the string, such as trembling, does not reach it.  It is
 * as long on the screen at every zoom, and does not depend on how fast events come. */
static void
motion (TacetTool *tool, const TacetPointer *at)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);
  double length = self->smoothing * LONGEST_STRING / tacet_tool_get_view (tool)->zoom;
  double dx = at->x - self->string_x, dy = at->y - self->string_y, distance = hypot (dx, dy);

  self->at = *at;
  if (self->picking)
    tacet_tool_pick (tool, at);
  if (self->picking || distance <= length || distance == 0)
    return;
  self->string_x += dx * (distance - length) / distance;
  self->string_y += dy * (distance - length) / distance;
  stroke_point (tool, self->string_x, self->string_y, at->pressure);
}

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);
  TacetLayer *layer = tacet_tool_need_layer (tool);
  TacetBrush brush = {
    .size = self->size, .hardness = self->hardness, .steady = !self->pressure_sizes, .fades = self->pressure_fades
  };

  if (layer == NULL)
    return FALSE;
  self->at = *at;
  self->picking = (at->state & GDK_ALT_MASK) != 0 && TACET_TOOL_GET_CLASS (tool)->paints;
  if (self->picking)
    {
      tacet_tool_pick (tool, at);
      return TRUE;
    }
  brush.paint = tacet_tool_get_paint (tool, at->eraser ? TACET_USE_ERASER : TACET_USE_FIRST);
  brush.paint.opacity = self->opacity;
  get_class (self)->prepare (self, at, &brush);
  tacet_scene_stroke_begin (tacet_tool_get_scene (tool), layer, &brush);
  self->stroking = TRUE;
  self->erases = brush.paint.erase;
  if ((at->state & GDK_SHIFT_MASK) != 0 && self->has_last)
    tacet_scene_stroke_to (tacet_tool_get_scene (tool), self->last_x, self->last_y, 1);
  self->string_x = at->x;
  self->string_y = at->y;
  stroke_point (tool, at->x, at->y, at->pressure);
  return TRUE;
}

static void
release (TacetTool *tool, const TacetPointer *at)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);

  if (self->picking)
    {
      self->picking = FALSE;
      return;
    }
  /* A line ends where the hand ends it. */
  if (self->smoothing > 0)
    stroke_point (tool, self->at.x, self->at.y, self->at.pressure);
  tacet_scene_stroke_end (tacet_tool_get_scene (tool));
  self->stroking = self->erases = FALSE;
  self->has_last = TRUE;
  tacet_tool_redraw (tool);
}

static gboolean
cancel (TacetTool *tool)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);

  self->picking = FALSE;
  if (!self->stroking)
    return FALSE;
  self->stroking = self->erases = FALSE;
  tacet_scene_stroke_cancel (tacet_tool_get_scene (tool));
  return TRUE;
}

static void
prepare (TacetToolBrush *self, const TacetPointer *at, TacetBrush *brush)
{
}

/* ---- what is seen ---- */

static gboolean
ring (TacetTool *tool, double *diameter, gboolean *dashed)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);

  *diameter = self->size;
  *dashed = self->erases || get_class (self)->takes_away;
  return tacet_tool_get_layer (tool) != NULL;
}

/* The string, while it holds the brush back. */
static void
draw (TacetTool *tool, cairo_t *cr, const TacetView *view)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);

  if (!self->stroking || self->smoothing == 0)
    return;
  tacet_tool_path (cr, view, (TacetInkPoint[]){ { self->string_x, self->string_y, 0 }, { self->at.x, self->at.y, 0 } },
                   2, FALSE);
  tacet_tool_outline (cr, FALSE);
}

static const char *
cursor (TacetTool *self)
{
  return tacet_tool_get_layer (self) != NULL ? "crosshair" : "default";
}

static const char *
hints (TacetTool *self)
{
  if (TACET_TOOL_GET_CLASS (self)->paints)
    return _ ("Shift: straight line · Alt: pick · F and drag: size");
  return _ ("Shift: straight line · F and drag: size");
}

/* ---- sizes ---- */

static void
layer_changed (TacetTool *tool)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);

  self->has_last = FALSE;
  if (self->kind >= 0)
    self->sizes[self->kind] = self->size;
  self->kind = layer != NULL ? (int) tacet_layer_get_kind (layer) : -1;
  if (self->kind >= 0)
    g_object_set (tool, "size", self->sizes[self->kind], NULL);
}

/* Lines are thin, grounds are wide; in a document of another size everything is. */
static void
scene_changed (TacetTool *tool)
{
  static const double parts[TACET_N_LAYER_KINDS] = {
    [TACET_LAYER_EDGE] = 96,   [TACET_LAYER_DEPTH] = 20, [TACET_LAYER_POSE] = 20,
    [TACET_LAYER_REGION] = 12, [TACET_LAYER_MASK] = 16,  [TACET_LAYER_PICTURE] = 40,
  };
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  double side;

  self->has_last = FALSE;
  if (scene == NULL)
    return;
  side = MAX (tacet_scene_get_width (scene), tacet_scene_get_height (scene));
  for (int i = 0; i < TACET_N_LAYER_KINDS; i++)
    self->sizes[i] = MAX (round (side / parts[i]), 2);
  if (self->kind >= 0)
    g_object_set (tool, "size", self->sizes[self->kind], NULL);
}

static const TacetToolOption options[] = {
  { "size", N_ ("Size"), TACET_OPTION_SIZE, offsetof (TacetToolBrush, size), 1, 1024, 8, .passing = TRUE },
  { "hardness", N_ ("Hardness"), TACET_OPTION_PERCENT, offsetof (TacetToolBrush, hardness), 0, 1, 1, .more = TRUE },
  { "opacity", N_ ("Opacity"), TACET_OPTION_PERCENT, offsetof (TacetToolBrush, opacity), 0.01, 1, 1 },
  { "smoothing", N_ ("Smoothing"), TACET_OPTION_PERCENT, offsetof (TacetToolBrush, smoothing), 0, 1, 0, .more = TRUE },
  { "pressure-sizes", N_ ("Pressure changes the size"), TACET_OPTION_SWITCH, offsetof (TacetToolBrush, pressure_sizes),
    0, 1, 1, .more = TRUE },
  { "pressure-fades", N_ ("Pressure changes the opacity"), TACET_OPTION_SWITCH,
    offsetof (TacetToolBrush, pressure_fades), 0, 1, 0, .more = TRUE },
};

static void
tacet_tool_brush_class_init (TacetToolBrushClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  tool_class->id = TACET_TOOL_BRUSH;
  tool_class->name = N_ ("Brush");
  tool_class->icon = "tacet-brush-symbolic";
  tool_class->paints = TRUE;
  tool_class->press = press;
  tool_class->motion = motion;
  tool_class->release = release;
  tool_class->cancel = cancel;
  tool_class->ring = ring;
  tool_class->draw = draw;
  tool_class->cursor = cursor;
  tool_class->hints = hints;
  tool_class->layer_changed = layer_changed;
  tool_class->scene_changed = scene_changed;
  class->prepare = prepare;
  tacet_tool_class_set_options (tool_class, options, G_N_ELEMENTS (options));
}

static void
tacet_tool_brush_init (TacetToolBrush *self)
{
  self->kind = -1;
}
