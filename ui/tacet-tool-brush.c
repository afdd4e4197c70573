/* tacet-tool-brush.c: the brush: strokes on the selected layer.  Room: ui. */
#define G_LOG_DOMAIN "tacet-tool-brush"

#include "config.h"

#include "ui/tacet-tool-brush.h"

#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_TYPE (TacetToolBrush, tacet_tool_brush, TACET_TYPE_TOOL)

static TacetToolBrushClass *
get_class (TacetToolBrush *self)
{
  return G_TYPE_INSTANCE_GET_CLASS (self, TACET_TYPE_TOOL_BRUSH, TacetToolBrushClass);
}

/* ---- strokes ---- */

static void
stroke_to (TacetTool *tool, const TacetPointer *at)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);

  tacet_scene_stroke_to (tacet_tool_get_scene (tool), at->x, at->y, at->pressure);
  self->last_x = at->x;
  self->last_y = at->y;
}

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);
  TacetLayer *layer = tacet_tool_need_layer (tool);
  TacetBrush brush = { .size = self->size, .hardness = self->hardness, .paint = { .value = 1, .opacity = 1 } };

  if (layer == NULL)
    return FALSE;
  if (tacet_layer_get_kind (layer) == TACET_LAYER_DEPTH)
    brush.paint.value = self->value;
  brush.paint.erase = at->eraser;
  get_class (self)->prepare (self, at, &brush);
  tacet_scene_stroke_begin (tacet_tool_get_scene (tool), layer, &brush);
  self->stroking = TRUE;
  self->erases = brush.paint.erase;
  if ((at->state & GDK_SHIFT_MASK) != 0 && self->has_last)
    tacet_scene_stroke_to (tacet_tool_get_scene (tool), self->last_x, self->last_y, 1);
  stroke_to (tool, at);
  return TRUE;
}

static void
release (TacetTool *tool, const TacetPointer *at)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);

  tacet_scene_stroke_end (tacet_tool_get_scene (tool));
  self->stroking = self->erases = FALSE;
  self->has_last = TRUE;
}

static gboolean
cancel (TacetTool *tool)
{
  TacetToolBrush *self = TACET_TOOL_BRUSH (tool);

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

static const char *
cursor (TacetTool *self)
{
  return tacet_tool_get_layer (self) != NULL ? "crosshair" : "default";
}

static const char *
hints (TacetTool *self)
{
  return _ ("Shift: straight line");
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
  { "size", N_ ("Size"), TACET_OPTION_SIZE, offsetof (TacetToolBrush, size), 1, 1024, 8, 0 },
  { "hardness", N_ ("Hardness"), TACET_OPTION_PERCENT, offsetof (TacetToolBrush, hardness), 0, 1, 1, 2 },
  { "value", N_ ("Nearness"), TACET_OPTION_NUMBER, offsetof (TacetToolBrush, value), 0, 1, 1, 2, NULL,
    TACET_KIND_BIT (TACET_LAYER_DEPTH) },
};

static void
tacet_tool_brush_class_init (TacetToolBrushClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  tool_class->id = TACET_TOOL_BRUSH;
  tool_class->name = N_ ("Brush");
  tool_class->icon = "tacet-brush-symbolic";
  tool_class->press = press;
  tool_class->motion = stroke_to;
  tool_class->release = release;
  tool_class->cancel = cancel;
  tool_class->ring = ring;
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
