/* tacet-tool-shapes.c: rectangles, ellipses, lines, polygons and freehand areas, filled or as outlines.
 *
 * Room: ui.  A drag makes a shape; polygons are made corner by corner.  Enter without one puts one in the middle of the
 * document, which the arrows move.
 */
#define G_LOG_DOMAIN "tacet-tool-shapes"

#include "config.h"

#include "ui/tacet-tool-draw.h"
#include "ui/tacet-tool.h"

#include <glib/gi18n.h>
#include <math.h>

typedef enum
{
  SHAPE_RECTANGLE,
  SHAPE_ELLIPSE,
  SHAPE_LINE,
  SHAPE_POLYGON,
  SHAPE_FREEHAND,
} Shape;

typedef struct
{
  TacetTool parent_instance;

  int shape, style; /* style: 0 filled, 1 an outline */
  double width, opacity;
  int styles[2]; /* edge maps, which are made of lines, keep their own: the second */
  gboolean on_edges;

  gboolean pending, dragging;
  GdkModifierType state;
  double x0, y0, x1, y1; /* of the drag */
  GArray *corners; /* of TacetInkPoint: polygon and freehand; the last follows the pointer while it is a polygon */
} TacetToolShapes;
typedef struct
{
  TacetToolClass parent_class;
} TacetToolShapesClass;

#define SELF(tool) ((TacetToolShapes *) (tool))

G_DEFINE_TYPE (TacetToolShapes, tacet_tool_shapes, TACET_TYPE_TOOL)

/* ---- the shape ---- */

/* Shift: square, or steps of 45 degrees; Alt: from the middle. */
static void
get_ends (TacetToolShapes *self, double *x0, double *y0, double *x1, double *y1)
{
  double dx = self->x1 - self->x0, dy = self->y1 - self->y0;

  if ((self->state & GDK_SHIFT_MASK) != 0 && self->shape == SHAPE_LINE)
    {
      double turn = round (atan2 (dy, dx) / G_PI_4) * G_PI_4, length = dx * cos (turn) + dy * sin (turn);

      dx = length * cos (turn);
      dy = length * sin (turn);
    }
  else if ((self->state & GDK_SHIFT_MASK) != 0)
    {
      double side = MAX (fabs (dx), fabs (dy));

      dx = copysign (side, dx);
      dy = copysign (side, dy);
    }
  *x1 = self->x0 + dx;
  *y1 = self->y0 + dy;
  *x0 = (self->state & GDK_ALT_MASK) != 0 ? self->x0 - dx : self->x0;
  *y0 = (self->state & GDK_ALT_MASK) != 0 ? self->y0 - dy : self->y0;
}

static GArray *
make_outline (TacetToolShapes *self, gboolean *closed)
{
  double x0, y0, x1, y1;
  GArray *points;

  *closed = self->shape != SHAPE_LINE;
  get_ends (self, &x0, &y0, &x1, &y1);
  if (self->shape == SHAPE_RECTANGLE)
    points = tacet_ink_rectangle (MIN (x0, x1), MIN (y0, y1), fabs (x1 - x0), fabs (y1 - y0), 0);
  else if (self->shape == SHAPE_ELLIPSE)
    points = tacet_ink_ellipse (MIN (x0, x1), MIN (y0, y1), fabs (x1 - x0), fabs (y1 - y0), 0);
  else if (self->shape == SHAPE_LINE)
    {
      TacetInkPoint ends[] = { { x0, y0, 0 }, { x1, y1, 0 } };

      points = g_array_append_vals (g_array_new (FALSE, FALSE, sizeof (TacetInkPoint)), ends, 2);
    }
  else
    points = g_array_copy (self->corners);
  for (guint i = 0; i < points->len; i++)
    g_array_index (points, TacetInkPoint, i).width = self->width;
  return points;
}

static gboolean
is_filled (TacetToolShapes *self)
{
  return self->style == 0 && self->shape != SHAPE_LINE;
}

static const char *
step_name (TacetToolShapes *self)
{
  static const char *const names[] = { N_ ("Rectangle"), N_ ("Ellipse"), N_ ("Line"), N_ ("Polygon"),
                                       N_ ("Freehand Area") };

  return _ (names[self->shape]);
}

static gboolean
forget (TacetTool *tool)
{
  TacetToolShapes *self = SELF (tool);
  gboolean had = self->pending;

  self->pending = self->dragging = FALSE;
  g_array_set_size (self->corners, 0);
  tacet_tool_redraw (tool);
  return had;
}

static gboolean
finish (TacetTool *tool)
{
  TacetToolShapes *self = SELF (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  g_autoptr (GArray) points = NULL;
  g_autoptr (TacetInk) ink = NULL;
  int width = tacet_scene_get_width (scene), height = tacet_scene_get_height (scene);
  gboolean closed;

  points = make_outline (self, &closed);
  if (is_filled (self))
    ink = tacet_ink_fill ((const TacetInkPoint *) (gpointer) points->data, points->len, width, height);
  else
    ink = tacet_ink_line ((const TacetInkPoint *) (gpointer) points->data, points->len, closed, width, height);
  forget (tool);
  tacet_tool_apply_ink (tool, ink, self->opacity,
                        (self->state & GDK_CONTROL_MASK) != 0 ? TACET_USE_ERASER : TACET_USE_FIRST, step_name (self));
  return TRUE;
}

/* ---- gestures ---- */

static void
add_corner (TacetToolShapes *self, double x, double y)
{
  TacetInkPoint corner = { x, y, 0 };

  g_array_append_val (self->corners, corner);
}

static void
follow (TacetTool *tool, const TacetPointer *at)
{
  TacetToolShapes *self = SELF (tool);

  if (at == NULL || !self->pending)
    return;
  self->state = at->state;
  if (self->shape == SHAPE_POLYGON && self->corners->len > 0)
    g_array_index (self->corners, TacetInkPoint, self->corners->len - 1) = (TacetInkPoint){ at->x, at->y, 0 };
  if (!self->dragging)
    return;
  self->x1 = at->x;
  self->y1 = at->y;
  if (self->shape == SHAPE_FREEHAND)
    add_corner (self, at->x, at->y);
  tacet_tool_redraw (tool);
}

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolShapes *self = SELF (tool);

  if (tacet_tool_need_layer (tool) == NULL)
    return FALSE;
  self->state = at->state;
  if (self->shape == SHAPE_POLYGON && self->pending)
    {
      const TacetInkPoint *first = &g_array_index (self->corners, TacetInkPoint, 0);
      gboolean ends = at->n_press > 1 ||
                      (self->corners->len > 3 &&
                       tacet_tool_near (tacet_tool_get_view (tool), first->x, first->y, at->widget_x, at->widget_y));

      if (ends)
        {
          g_array_set_size (self->corners, self->corners->len - 1);
          finish (tool);
          return FALSE;
        }
      follow (tool, at);
      add_corner (self, at->x, at->y);
      return TRUE;
    }
  forget (tool);
  self->pending = self->dragging = TRUE;
  self->x0 = self->x1 = at->x;
  self->y0 = self->y1 = at->y;
  add_corner (self, at->x, at->y);
  if (self->shape == SHAPE_POLYGON)
    add_corner (self, at->x, at->y);
  return TRUE;
}

static void
release (TacetTool *tool, const TacetPointer *at)
{
  TacetToolShapes *self = SELF (tool);

  follow (tool, at);
  self->dragging = FALSE;
  if (self->shape != SHAPE_POLYGON && self->pending)
    {
      /* A click alone is no shape. */
      if (hypot (self->x1 - self->x0, self->y1 - self->y0) < 1 && self->corners->len < 4)
        forget (tool);
      else
        finish (tool);
    }
}

static gboolean
apply (TacetTool *tool)
{
  TacetToolShapes *self = SELF (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  double width = tacet_scene_get_width (scene), height = tacet_scene_get_height (scene);

  if (self->pending)
    {
      if (self->shape == SHAPE_POLYGON && self->corners->len > 1)
        g_array_set_size (self->corners, self->corners->len - 1);
      return finish (tool);
    }
  if (self->shape >= SHAPE_POLYGON || tacet_tool_need_layer (tool) == NULL)
    return FALSE;
  self->pending = TRUE;
  self->state = 0;
  self->x0 = width / 3;
  self->y0 = height / 3;
  self->x1 = width * 2 / 3;
  self->y1 = height * 2 / 3;
  return TRUE;
}

static gboolean
key_press (TacetTool *tool, guint key, GdkModifierType state)
{
  TacetToolShapes *self = SELF (tool);
  double dx, dy,
      grow = (key == GDK_KEY_plus || key == GDK_KEY_KP_Add) - (key == GDK_KEY_minus || key == GDK_KEY_KP_Subtract);

  if (!self->pending || self->dragging)
    return FALSE;
  if (key == GDK_KEY_BackSpace && self->corners->len > 2)
    {
      g_array_remove_index (self->corners, self->corners->len - 2);
      return TRUE;
    }
  if (!tacet_tool_arrow (tool, key, state, &dx, &dy) && grow == 0)
    return FALSE;
  if (grow != 0)
    dx = dy = 0;
  self->x0 += dx - grow;
  self->y0 += dy - grow;
  self->x1 += dx + grow;
  self->y1 += dy + grow;
  for (guint i = 0; i < self->corners->len; i++)
    {
      g_array_index (self->corners, TacetInkPoint, i).x += dx;
      g_array_index (self->corners, TacetInkPoint, i).y += dy;
    }
  return TRUE;
}

static void
layer_changed (TacetTool *tool)
{
  static const char *const names[] = { "filled", "outline" };
  TacetToolShapes *self = SELF (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);

  self->styles[self->on_edges] = self->style;
  self->on_edges = layer != NULL && tacet_layer_get_kind (layer) == TACET_LAYER_EDGE;
  g_object_set (tool, "style", names[self->styles[self->on_edges]], NULL);
}

/* ---- what is seen ---- */

static void
draw (TacetTool *tool, cairo_t *cr, const TacetView *view)
{
  TacetToolShapes *self = SELF (tool);
  g_autoptr (GArray) points = NULL;
  gboolean closed;
  TacetShade shade = (self->state & GDK_CONTROL_MASK) != 0 ? TACET_SHADE_ERASE : TACET_SHADE_PAINT;

  if (!self->pending)
    return;
  points = make_outline (self, &closed);
  if (!is_filled (self))
    tacet_tool_shade_line (cr, view, (const TacetInkPoint *) (gpointer) points->data, points->len, closed, shade);
  tacet_tool_path (cr, view, (const TacetInkPoint *) (gpointer) points->data, points->len, closed);
  if (is_filled (self))
    tacet_tool_shade (cr, shade);
  else
    tacet_tool_outline (cr, TRUE);
  for (guint i = 0; i < self->corners->len && self->shape == SHAPE_POLYGON; i++)
    {
      double x, y;

      tacet_view_to_widget (view, g_array_index (self->corners, TacetInkPoint, i).x,
                            g_array_index (self->corners, TacetInkPoint, i).y, &x, &y);
      tacet_tool_handle (cr, x, y, TRUE, i == 0);
    }
}

static const char *
cursor (TacetTool *tool)
{
  return "crosshair";
}

static const char *
hints (TacetTool *tool)
{
  switch (SELF (tool)->shape)
    {
    case SHAPE_POLYGON:
      return _ ("Click: corner · Enter: finish · Backspace: corner back · Ctrl: subtract");
    case SHAPE_FREEHAND:
      return _ ("Ctrl: subtract");
    case SHAPE_LINE:
      return _ ("Shift: steps of 45° · Alt: from the middle · Ctrl: subtract");
    default:
      return _ ("Shift: square · Alt: from the middle · Ctrl: subtract");
    }
}

static void
finalize (GObject *object)
{
  g_array_unref (SELF (object)->corners);
  G_OBJECT_CLASS (tacet_tool_shapes_parent_class)->finalize (object);
}

static const TacetToolChoice shapes[] = {
  { "rectangle", N_ ("Rectangle"), "tacet-rectangle-symbolic" },
  { "ellipse", N_ ("Ellipse"), "tacet-ellipse-symbolic" },
  { "line", N_ ("Line"), "tacet-line-symbolic" },
  { "polygon", N_ ("Polygon"), "tacet-polygon-symbolic" },
  { "freehand", N_ ("Freehand"), "tacet-freehand-symbolic" },
  { NULL },
};
static const TacetToolChoice styles[] = { { "filled", N_ ("Filled"), NULL },
                                          { "outline", N_ ("Outline"), NULL },
                                          { NULL } };
static const TacetToolOption options[] = {
  { "shape", N_ ("Shape"), TACET_OPTION_CHOICE, offsetof (TacetToolShapes, shape), .choices = shapes },
  { "style", N_ ("Style"), TACET_OPTION_CHOICE, offsetof (TacetToolShapes, style), .choices = styles },
  { "size", N_ ("Line"), TACET_OPTION_SIZE, offsetof (TacetToolShapes, width), 0.5, 256, 4 },
  { "opacity", N_ ("Opacity"), TACET_OPTION_PERCENT, offsetof (TacetToolShapes, opacity), 0.01, 1, 1, .more = TRUE },
};

static void
tacet_tool_shapes_class_init (TacetToolShapesClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = finalize;
  tool_class->id = TACET_TOOL_SHAPES;
  tool_class->name = N_ ("Shapes");
  tool_class->icon = "tacet-shapes-symbolic";
  tool_class->paints = TRUE;
  tool_class->press = press;
  tool_class->motion = follow;
  tool_class->hover = follow;
  tool_class->release = release;
  tool_class->key_press = key_press;
  tool_class->apply = apply;
  tool_class->cancel = forget;
  tool_class->draw = draw;
  tool_class->cursor = cursor;
  tool_class->hints = hints;
  tool_class->layer_changed = layer_changed;
  tacet_tool_class_set_options (tool_class, options, G_N_ELEMENTS (options));
}

static void
tacet_tool_shapes_init (TacetToolShapes *self)
{
  self->corners = g_array_new (FALSE, FALSE, sizeof (TacetInkPoint));
  self->styles[1] = 1;
}
