/* tacet-tool-lasso.c: areas drawn freely or corner by corner, both in one outline.
 *
 * Room: ui.  A drag draws freely and is done when it ends, if it was the first; clicks set corners, and drags between
 * them are parts of the outline, until it is closed.
 */
#define G_LOG_DOMAIN "tacet-tool-lasso"

#include "config.h"

#include "ui/tacet-tool-draw.h"
#include "ui/tacet-tool.h"

#include <glib/gi18n.h>
#include <math.h>

#define MIN_DRAG 3 /* pixels of the widget: less is a click */

typedef struct
{
  TacetTool parent_instance;

  int action;
  double opacity;

  GArray *points; /* of TacetInkPoint; none: nothing is begun */
  GArray *starts; /* of guint: how long the outline was before each corner or drag, to go back to */
  gboolean dragging, moved;
  double press_x, press_y;     /* widget */
  double pointer_x, pointer_y; /* document */
  GdkModifierType state;
} TacetToolLasso;
typedef struct
{
  TacetToolClass parent_class;
} TacetToolLassoClass;

enum
{
  ACTION_FILL,
  ACTION_ERASE,
};

#define SELF(tool) ((TacetToolLasso *) (tool))

G_DEFINE_TYPE (TacetToolLasso, tacet_tool_lasso, TACET_TYPE_TOOL)

static gboolean
erases (TacetToolLasso *self)
{
  return (self->action == ACTION_ERASE) != ((self->state & GDK_CONTROL_MASK) != 0);
}

static gboolean
forget (TacetTool *tool)
{
  TacetToolLasso *self = SELF (tool);
  gboolean had = self->points->len > 0;

  g_array_set_size (self->points, 0);
  g_array_set_size (self->starts, 0);
  self->dragging = self->moved = FALSE;
  tacet_tool_redraw (tool);
  return had;
}

static gboolean
finish (TacetTool *tool)
{
  TacetToolLasso *self = SELF (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  g_autoptr (TacetInk) ink = NULL;

  if (self->points->len == 0)
    return FALSE;
  ink = tacet_ink_fill ((const TacetInkPoint *) (gpointer) self->points->data, self->points->len,
                        tacet_scene_get_width (scene), tacet_scene_get_height (scene));
  forget (tool);
  tacet_tool_apply_ink (tool, ink, self->opacity, erases (self) ? TACET_USE_ERASER : TACET_USE_FIRST,
                        erases (self) ? _ ("Erase Area") : _ ("Fill Area"));
  return TRUE;
}

static void
add (TacetToolLasso *self, double x, double y)
{
  TacetInkPoint point = { x, y, 0 };

  g_array_append_val (self->points, point);
}

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolLasso *self = SELF (tool);
  const TacetInkPoint *first = (const TacetInkPoint *) (gpointer) self->points->data;

  if (tacet_tool_need_layer (tool) == NULL)
    return FALSE;
  self->state = at->state;
  if (self->points->len > 0 &&
      (at->n_press > 1 || (self->points->len > 2 && tacet_tool_near (tacet_tool_get_view (tool), first->x, first->y,
                                                                     at->widget_x, at->widget_y))))
    {
      finish (tool);
      return FALSE;
    }
  g_array_append_val (self->starts, self->points->len);
  add (self, at->x, at->y);
  self->dragging = TRUE;
  self->moved = FALSE;
  self->press_x = at->widget_x;
  self->press_y = at->widget_y;
  return TRUE;
}

static void
follow (TacetTool *tool, const TacetPointer *at)
{
  TacetToolLasso *self = SELF (tool);

  if (at == NULL || self->points->len == 0)
    return;
  self->state = at->state;
  self->pointer_x = at->x;
  self->pointer_y = at->y;
  if (!self->dragging)
    return;
  self->moved |= hypot (at->widget_x - self->press_x, at->widget_y - self->press_y) >= MIN_DRAG;
  if (self->moved)
    add (self, at->x, at->y);
  tacet_tool_redraw (tool);
}

static void
release (TacetTool *tool, const TacetPointer *at)
{
  TacetToolLasso *self = SELF (tool);

  follow (tool, at);
  self->dragging = FALSE;
  if (self->moved && self->starts->len == 1)
    finish (tool);
}

static gboolean
key_press (TacetTool *tool, guint key, GdkModifierType state)
{
  TacetToolLasso *self = SELF (tool);
  double dx, dy;

  if (self->points->len == 0 || self->dragging)
    return FALSE;
  if (key == GDK_KEY_BackSpace)
    {
      g_array_set_size (self->points, g_array_index (self->starts, guint, self->starts->len - 1));
      g_array_set_size (self->starts, self->starts->len - 1);
      return TRUE;
    }
  if (!tacet_tool_arrow (tool, key, state, &dx, &dy))
    return FALSE;
  for (guint i = 0; i < self->points->len; i++)
    {
      g_array_index (self->points, TacetInkPoint, i).x += dx;
      g_array_index (self->points, TacetInkPoint, i).y += dy;
    }
  return TRUE;
}

static void
draw (TacetTool *tool, cairo_t *cr, const TacetView *view)
{
  TacetToolLasso *self = SELF (tool);
  const TacetInkPoint *points = (const TacetInkPoint *) (gpointer) self->points->data;
  double x, y;

  if (self->points->len == 0)
    return;
  tacet_tool_path (cr, view, points, self->points->len, FALSE);
  if (!self->dragging)
    {
      tacet_view_to_widget (view, self->pointer_x, self->pointer_y, &x, &y);
      cairo_line_to (cr, x, y);
    }
  cairo_close_path (cr);
  tacet_tool_shade (cr, erases (self) ? TACET_SHADE_ERASE : TACET_SHADE_PAINT);
  tacet_view_to_widget (view, points[0].x, points[0].y, &x, &y);
  tacet_tool_handle (cr, x, y, TRUE, TRUE);
}

static const char *
cursor (TacetTool *tool)
{
  return "crosshair";
}

static const char *
hints (TacetTool *tool)
{
  if (SELF (tool)->points->len > 0)
    return _ ("Click: corner · Enter: close · Backspace: one back · Esc: forget · Space: move the view");
  return _ ("Drag: freehand · Click: corners · Ctrl: subtract");
}

static void
finalize (GObject *object)
{
  g_array_unref (SELF (object)->points);
  g_array_unref (SELF (object)->starts);
  G_OBJECT_CLASS (tacet_tool_lasso_parent_class)->finalize (object);
}

static const TacetToolChoice actions[] = { { "fill", N_ ("Fill"), NULL }, { "erase", N_ ("Erase"), NULL }, { NULL } };
static const TacetToolOption options[] = {
  { "action", N_ ("What it does"), TACET_OPTION_CHOICE, offsetof (TacetToolLasso, action), .choices = actions },
  { "opacity", N_ ("Opacity"), TACET_OPTION_PERCENT, offsetof (TacetToolLasso, opacity), 0.01, 1, 1 },
};

static void
tacet_tool_lasso_class_init (TacetToolLassoClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = finalize;
  tool_class->id = TACET_TOOL_LASSO;
  tool_class->name = N_ ("Lasso");
  tool_class->icon = "tacet-lasso-symbolic";
  tool_class->purpose = N_ ("Fills or erases an area you draw around");
  tool_class->paints = TRUE;
  tool_class->press = press;
  tool_class->motion = follow;
  tool_class->hover = follow;
  tool_class->release = release;
  tool_class->key_press = key_press;
  tool_class->apply = finish;
  tool_class->cancel = forget;
  tool_class->draw = draw;
  tool_class->cursor = cursor;
  tool_class->hints = hints;
  tacet_tool_class_set_options (tool_class, options, G_N_ELEMENTS (options));
}

static void
tacet_tool_lasso_init (TacetToolLasso *self)
{
  self->points = g_array_new (FALSE, FALSE, sizeof (TacetInkPoint));
  self->starts = g_array_new (FALSE, FALSE, sizeof (guint));
}
