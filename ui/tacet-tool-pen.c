/* tacet-tool-pen.c: the edge pen: a smooth curve through nodes, each with a weight of its own.
 *
 * Room: ui.  Nodes are set by clicks and stay movable until Enter draws the curve.
 */
#define G_LOG_DOMAIN "tacet-tool-pen"

#include "config.h"

#include "ui/tacet-tool-draw.h"
#include "ui/tacet-tool.h"

#include <glib/gi18n.h>
#include <math.h>

#define MIN_WEIGHT 0.5
#define MAX_WEIGHT 256.0

typedef struct
{
  TacetTool parent_instance;

  double size, opacity;
  gboolean closed;

  GArray *nodes; /* of TacetInkPoint */
  int selected, hovered;
  gboolean dragging, weighing; /* the selected node: its place, its weight */
  double grab_x, grab_y, weight_from, weigh_x;
} TacetToolPen;
typedef struct
{
  TacetToolClass parent_class;
} TacetToolPenClass;

#define SELF(tool) ((TacetToolPen *) (tool))

G_DEFINE_TYPE (TacetToolPen, tacet_tool_pen, TACET_TYPE_TOOL)

static TacetInkPoint *
get_node (TacetToolPen *self, int i)
{
  return &g_array_index (self->nodes, TacetInkPoint, i);
}

static GArray *
make_curve (TacetToolPen *self)
{
  return tacet_ink_curve ((const TacetInkPoint *) (gpointer) self->nodes->data, self->nodes->len,
                          self->closed && self->nodes->len > 2);
}

static int
node_at (TacetTool *tool, const TacetPointer *at)
{
  TacetToolPen *self = SELF (tool);

  for (int i = (int) self->nodes->len - 1; at != NULL && i >= 0; i--)
    if (tacet_tool_near (tacet_tool_get_view (tool), get_node (self, i)->x, get_node (self, i)->y, at->widget_x,
                         at->widget_y))
      return i;
  return -1;
}

/* The size in the row is that of the selected node, and of those to come. */
static void
select_node (TacetTool *tool, int i)
{
  SELF (tool)->selected = i;
  if (i >= 0)
    g_object_set (tool, "size", get_node (SELF (tool), i)->width, NULL);
  tacet_tool_redraw (tool);
}

static void
size_changed_cb (TacetTool *tool)
{
  TacetToolPen *self = SELF (tool);

  if (self->selected >= 0 && self->selected < (int) self->nodes->len)
    get_node (self, self->selected)->width = self->size;
}

static gboolean
forget (TacetTool *tool)
{
  TacetToolPen *self = SELF (tool);
  gboolean had = self->nodes->len > 0;

  g_array_set_size (self->nodes, 0);
  self->selected = self->hovered = -1;
  self->dragging = self->weighing = FALSE;
  tacet_tool_redraw (tool);
  return had;
}

static gboolean
finish (TacetTool *tool)
{
  TacetToolPen *self = SELF (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  g_autoptr (GArray) curve = NULL;
  g_autoptr (TacetInk) ink = NULL;

  if (self->nodes->len == 0)
    return FALSE;
  curve = make_curve (self);
  ink = tacet_ink_line ((const TacetInkPoint *) (gpointer) curve->data, curve->len, FALSE,
                        tacet_scene_get_width (scene), tacet_scene_get_height (scene));
  forget (tool);
  tacet_tool_apply_ink (tool, ink, self->opacity, TACET_USE_FIRST, _ ("Curve"));
  return TRUE;
}

/* ---- gestures ---- */

/* Between the two nodes whose piece of the curve is nearest. */
static int
place_for (TacetToolPen *self, double x, double y)
{
  g_autoptr (GArray) curve = make_curve (self);
  int best = (int) self->nodes->len, node = 0;
  double nearest = G_MAXDOUBLE;

  for (guint i = 0; i < curve->len; i++)
    {
      const TacetInkPoint *p = &g_array_index (curve, TacetInkPoint, i);
      double distance = hypot (p->x - x, p->y - y);

      if (node + 1 < (int) self->nodes->len && p->x == get_node (self, node + 1)->x &&
          p->y == get_node (self, node + 1)->y)
        node++;
      if (distance < nearest)
        {
          nearest = distance;
          best = node + 1;
        }
    }
  return MIN (best, (int) self->nodes->len);
}

static void
remove_node (TacetTool *tool, int i)
{
  TacetToolPen *self = SELF (tool);

  g_array_remove_index (self->nodes, (guint) i);
  self->hovered = -1;
  select_node (tool, MIN (i, (int) self->nodes->len - 1));
}

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolPen *self = SELF (tool);
  int node = node_at (tool, at);
  gboolean shift = (at->state & GDK_SHIFT_MASK) != 0;

  if (tacet_tool_need_layer (tool) == NULL)
    return FALSE;
  if (at->n_press > 1 && self->nodes->len > 1)
    {
      finish (tool);
      return FALSE;
    }
  if (node < 0)
    {
      TacetInkPoint fresh = { at->x, at->y, self->size };

      node = shift && self->nodes->len > 1 ? place_for (self, at->x, at->y) : (int) self->nodes->len;
      self->selected = -1;
      g_array_insert_val (self->nodes, (guint) node, fresh);
    }
  select_node (tool, node);
  self->weighing = (at->state & GDK_CONTROL_MASK) != 0;
  self->dragging = !self->weighing;
  self->grab_x = get_node (self, node)->x - at->x;
  self->grab_y = get_node (self, node)->y - at->y;
  self->weight_from = get_node (self, node)->width;
  self->weigh_x = at->widget_x;
  return TRUE;
}

static void
motion (TacetTool *tool, const TacetPointer *at)
{
  TacetToolPen *self = SELF (tool);

  if (self->selected < 0)
    return;
  if (self->dragging)
    {
      get_node (self, self->selected)->x = at->x + self->grab_x;
      get_node (self, self->selected)->y = at->y + self->grab_y;
    }
  else if (self->weighing)
    g_object_set (tool, "size",
                  CLAMP (self->weight_from * exp2 ((at->widget_x - self->weigh_x) / 60), MIN_WEIGHT, MAX_WEIGHT), NULL);
  tacet_tool_redraw (tool);
}

static void
release (TacetTool *tool, const TacetPointer *at)
{
  SELF (tool)->dragging = SELF (tool)->weighing = FALSE;
}

static void
hover (TacetTool *tool, const TacetPointer *at)
{
  int node = node_at (tool, at);

  if (node == SELF (tool)->hovered)
    return;
  SELF (tool)->hovered = node;
  tacet_tool_update_cursor (tool);
}

static void
right_press (TacetTool *tool, const TacetPointer *at)
{
  int node = node_at (tool, at);

  if (node >= 0)
    remove_node (tool, node);
}

/* ---- keys ---- */

/* Where there is no pointer: behind the last node, or in the middle of the document. */
static void
insert_node (TacetTool *tool)
{
  TacetToolPen *self = SELF (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  TacetInkPoint fresh = { tacet_scene_get_width (scene) / 2.0, tacet_scene_get_height (scene) / 2.0, self->size };

  if (self->nodes->len > 0)
    {
      fresh = *get_node (self, (int) self->nodes->len - 1);
      fresh.x += MAX (tacet_scene_get_width (scene) / 16.0, 4);
    }
  self->selected = -1;
  g_array_append_val (self->nodes, fresh);
  select_node (tool, (int) self->nodes->len - 1);
}

static gboolean
key_press (TacetTool *tool, guint key, GdkModifierType state)
{
  TacetToolPen *self = SELF (tool);
  int n = (int) self->nodes->len;
  double dx, dy;

  if (key == GDK_KEY_Insert || key == GDK_KEY_KP_Insert)
    {
      if (tacet_tool_need_layer (tool) != NULL)
        insert_node (tool);
      return TRUE;
    }
  if (n == 0 || self->dragging)
    return FALSE;
  if (key == GDK_KEY_n || key == GDK_KEY_N)
    select_node (tool, (MAX (self->selected, 0) + (key == GDK_KEY_n ? 1 : n - 1)) % n);
  else if (key == GDK_KEY_BackSpace)
    remove_node (tool, n - 1);
  else if (self->selected < 0)
    return FALSE;
  else if (key == GDK_KEY_Delete || key == GDK_KEY_KP_Delete)
    remove_node (tool, self->selected);
  else if (tacet_tool_arrow (tool, key, state, &dx, &dy))
    {
      get_node (self, self->selected)->x += dx;
      get_node (self, self->selected)->y += dy;
    }
  else
    return FALSE;
  return TRUE;
}

/* ---- what is seen ---- */

static void
draw (TacetTool *tool, cairo_t *cr, const TacetView *view)
{
  TacetToolPen *self = SELF (tool);
  g_autoptr (GArray) curve = NULL;

  if (self->nodes->len == 0)
    return;
  curve = make_curve (self);
  tacet_tool_shade_line (cr, view, (const TacetInkPoint *) (gpointer) curve->data, curve->len, FALSE,
                         TACET_SHADE_PAINT);
  tacet_tool_path (cr, view, (const TacetInkPoint *) (gpointer) curve->data, curve->len, FALSE);
  tacet_tool_outline (cr, FALSE);
  for (int i = 0; i < (int) self->nodes->len; i++)
    {
      double x, y;

      tacet_view_to_widget (view, get_node (self, i)->x, get_node (self, i)->y, &x, &y);
      tacet_tool_handle (cr, x, y, TRUE, i == self->selected || i == self->hovered);
    }
}

static const char *
cursor (TacetTool *tool)
{
  if (SELF (tool)->dragging)
    return "grabbing";
  return SELF (tool)->hovered >= 0 ? "grab" : "crosshair";
}

static const char *
hints (TacetTool *tool)
{
  if (SELF (tool)->nodes->len == 0)
    return _ ("Click: node · Insert: node from the keyboard");
  return _ (
      "Enter: draw · Ctrl and drag: weight of a node · Shift: node in between · right-click: remove · Esc: forget");
}

static void
finalize (GObject *object)
{
  g_array_unref (SELF (object)->nodes);
  G_OBJECT_CLASS (tacet_tool_pen_parent_class)->finalize (object);
}

static const TacetToolOption options[] = {
  { "size", N_ ("Weight"), TACET_OPTION_SIZE, offsetof (TacetToolPen, size), MIN_WEIGHT, MAX_WEIGHT, 2 },
  { "closed", N_ ("Closed"), TACET_OPTION_SWITCH, offsetof (TacetToolPen, closed) },
  { "opacity", N_ ("Opacity"), TACET_OPTION_PERCENT, offsetof (TacetToolPen, opacity), 0.01, 1, 1 },
};

static void
tacet_tool_pen_class_init (TacetToolPenClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = finalize;
  tool_class->id = TACET_TOOL_PEN;
  tool_class->name = N_ ("Edge pen");
  tool_class->icon = "tacet-pen-symbolic";
  tool_class->purpose = N_ ("A smooth curve through nodes, with a weight at each");
  tool_class->paints = TRUE;
  tool_class->press = press;
  tool_class->motion = motion;
  tool_class->release = release;
  tool_class->hover = hover;
  tool_class->right_press = right_press;
  tool_class->key_press = key_press;
  tool_class->apply = finish;
  tool_class->finish = finish;
  tool_class->cancel = forget;
  tool_class->draw = draw;
  tool_class->cursor = cursor;
  tool_class->hints = hints;
  tacet_tool_class_set_options (tool_class, options, G_N_ELEMENTS (options));
}

static void
tacet_tool_pen_init (TacetToolPen *self)
{
  self->nodes = g_array_new (FALSE, FALSE, sizeof (TacetInkPoint));
  self->selected = self->hovered = -1;
  g_signal_connect (self, "notify::size", G_CALLBACK (size_changed_cb), NULL);
}
