/* tacet-tool-move.c: moves, scales, turns and mirrors what a layer holds.
 *
 * Room: ui.  The box around it is changed by its handles, by keys, or by the numbers in the row; the layer follows on
 * the canvas, and changes when that is applied: by Enter, or when another tool or layer is chosen.
 */
#define G_LOG_DOMAIN "tacet-tool-move"

#include "config.h"

#include "ui/tacet-canvas-private.h"
#include "ui/tacet-tool-draw.h"

#include <glib/gi18n.h>
#include <math.h>

#define KNOB 26 /* pixels of the widget from the box to the handle that turns it */

typedef struct
{
  double x, y, width, height; /* before it is turned about its middle */
  double angle;               /* degrees, clockwise */
  gboolean mirrored, upside_down;
} Box;

typedef enum
{
  GRIP_NONE = -1,
  GRIP_MOVE = 8, /* 0 .. 7: handles, clockwise from the top left */
  GRIP_TURN,
} Grip;

typedef struct
{
  TacetTool parent_instance;

  Box first, now;     /* as the layer is; as it will be */
  gboolean found;     /* the boxes are those of the layer as it is */
  gboolean something; /* the layer holds anything */
  TacetSurface *surface;
  Grip grip, hovered;
  Box at_press;
  double press_x, press_y;
  TacetLayer *watched;
} TacetToolMove;
typedef struct
{
  TacetToolClass parent_class;
} TacetToolMoveClass;

#define SELF(tool) ((TacetToolMove *) (tool))

G_DEFINE_TYPE (TacetToolMove, tacet_tool_move, TACET_TYPE_TOOL)

static const double handles[8][2] = { { -1, -1 }, { 0, -1 }, { 1, -1 }, { 1, 0 },
                                      { 1, 1 },   { 0, 1 },  { -1, 1 }, { -1, 0 } };

/* ---- the box ---- */

static gboolean
is_changed (TacetToolMove *self)
{
  const Box *a = &self->first, *b = &self->now;

  return self->found && self->something &&
         (a->x != b->x || a->y != b->y || a->width != b->width || a->height != b->height || b->angle != 0 ||
          b->mirrored || b->upside_down);
}

static void
set_box (TacetTool *tool, Box box)
{
  SELF (tool)->now.mirrored = box.mirrored;
  SELF (tool)->now.upside_down = box.upside_down;
  g_object_set (tool, "x", box.x, "y", box.y, "width", MAX (box.width, 1), "height", MAX (box.height, 1), "angle",
                remainder (box.angle, 360), NULL);
}

/* What of the plane is not zero; FALSE: all of it is. */
static gboolean
find_extents (const TacetImage *image, int channel, Box *box)
{
  int x0 = image->width, y0 = image->height, x1 = -1, y1 = -1;

  for (int y = 0; y < image->height; y++)
    for (int x = 0; x < image->width; x++)
      if (image->data[((gsize) y * image->width + x) * image->channels + channel] != 0)
        {
          x0 = MIN (x0, x);
          x1 = MAX (x1, x);
          y0 = MIN (y0, y);
          y1 = y;
        }
  if (x1 >= 0)
    *box = (Box){ .x = x0, .y = y0, .width = x1 - x0 + 1, .height = y1 - y0 + 1 };
  return x1 >= 0;
}

static void
find_box (TacetTool *tool)
{
  TacetToolMove *self = SELF (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);
  Box box = { .width = 1, .height = 1 };

  if (self->found || layer == NULL)
    return;
  self->something = tacet_layer_get_kind (layer) == TACET_LAYER_PICTURE
                        ? find_extents (tacet_layer_get_picture (layer), 3, &box)
                        : find_extents (tacet_layer_get_coverage (layer), 0, &box);
  self->first = box;
  set_box (tool, box);
  self->found = TRUE;
}

/* Where a point of the layer goes: in cairo's order. */
static void
get_matrix (TacetToolMove *self, double matrix[6])
{
  const Box *a = &self->first, *b = &self->now;
  double turn = b->angle * G_PI / 180, c = cos (turn), s = sin (turn);
  double scale_x = b->width / a->width * (b->mirrored ? -1 : 1);
  double scale_y = b->height / a->height * (b->upside_down ? -1 : 1);
  double from_x = a->x + a->width / 2, from_y = a->y + a->height / 2;

  matrix[0] = c * scale_x;
  matrix[1] = s * scale_x;
  matrix[2] = -s * scale_y;
  matrix[3] = c * scale_y;
  matrix[4] = b->x + b->width / 2 - matrix[0] * from_x - matrix[2] * from_y;
  matrix[5] = b->y + b->height / 2 - matrix[1] * from_x - matrix[3] * from_y;
}

/* (u, v): from the middle, in units of half a side. */
static void
box_point (const Box *box, double u, double v, double *x, double *y)
{
  double turn = box->angle * G_PI / 180, dx = u * box->width / 2, dy = v * box->height / 2;

  *x = box->x + box->width / 2 + dx * cos (turn) - dy * sin (turn);
  *y = box->y + box->height / 2 + dx * sin (turn) + dy * cos (turn);
}

static void
box_from_middle (Box *box, double x, double y)
{
  box->x = x - box->width / 2;
  box->y = y - box->height / 2;
}

/* ---- what it comes to ---- */

static void
drop (TacetTool *tool)
{
  TacetToolMove *self = SELF (tool);

  self->found = FALSE;
  self->grip = GRIP_NONE;
  g_clear_pointer (&self->surface, tacet_surface_free);
  _tacet_canvas_lift (tacet_tool_get_canvas (tool), NULL);
  tacet_tool_redraw (tool);
}

static gboolean
apply (TacetTool *tool)
{
  TacetToolMove *self = SELF (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);
  double matrix[6];

  if (layer == NULL || !is_changed (self))
    return FALSE;
  get_matrix (self, matrix);
  drop (tool);
  if (!tacet_scene_transform_layer (tacet_tool_get_scene (tool), layer, matrix))
    tacet_tool_hint (tool, _ ("There is not enough memory to transform this layer."));
  return TRUE;
}

static gboolean
cancel (TacetTool *tool)
{
  gboolean had = is_changed (SELF (tool));

  drop (tool);
  return had;
}

/* The layer itself leaves the canvas while its copy is moved about. */
static void
box_changed_cb (TacetTool *tool)
{
  TacetToolMove *self = SELF (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);

  if (!is_changed (self) || layer == NULL)
    {
      _tacet_canvas_lift (tacet_tool_get_canvas (tool), NULL);
      return;
    }
  if (self->surface == NULL)
    {
      g_autoptr (TacetImage) image = tacet_tool_copy_shown (tool, layer);

      if (image != NULL)
        self->surface = tacet_surface_new_from_image (image);
    }
  if (self->surface != NULL)
    _tacet_canvas_lift (tacet_tool_get_canvas (tool), layer);
}

void
tacet_tool_move_fit (TacetTool *tool)
{
  TacetToolMove *self = SELF (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  double width, height, scale;
  Box box;

  find_box (tool);
  if (scene == NULL || !self->something || tacet_tool_need_layer (tool) == NULL)
    return;
  width = tacet_scene_get_width (scene);
  height = tacet_scene_get_height (scene);
  box = self->now;
  scale = MIN (width / box.width, height / box.height);
  box.angle = 0;
  box.width *= scale;
  box.height *= scale;
  box_from_middle (&box, width / 2, height / 2);
  set_box (tool, box);
  box_changed_cb (tool);
}

void
tacet_tool_move_mirror (TacetTool *tool, gboolean upside_down)
{
  TacetToolMove *self = SELF (tool);
  Box box;

  find_box (tool);
  if (!self->something || tacet_tool_need_layer (tool) == NULL)
    return;
  box = self->now;
  if (upside_down)
    box.upside_down = !box.upside_down;
  else
    box.mirrored = !box.mirrored;
  set_box (tool, box);
  box_changed_cb (tool);
  tacet_tool_redraw (tool);
}

/* ---- gestures ---- */

/* The handle that turns the box stands off its upper side, always the same way on the screen. */
static void
knob_at (const Box *box, const TacetView *view, double *x, double *y)
{
  double top_x, top_y, middle_x, middle_y, length;

  box_point (box, 0, -1, &top_x, &top_y);
  tacet_view_to_widget (view, top_x, top_y, &top_x, &top_y);
  box_point (box, 0, 0, &middle_x, &middle_y);
  tacet_view_to_widget (view, middle_x, middle_y, &middle_x, &middle_y);
  length = MAX (hypot (top_x - middle_x, top_y - middle_y), 0.01);
  *x = top_x + (top_x - middle_x) / length * KNOB;
  *y = top_y + (top_y - middle_y) / length * KNOB;
}

static void
to_box (const Box *box, double x, double y, double *u, double *v)
{
  double turn = box->angle * G_PI / 180, dx = x - box->x - box->width / 2, dy = y - box->y - box->height / 2;

  *u = dx * cos (turn) + dy * sin (turn);
  *v = -dx * sin (turn) + dy * cos (turn);
}

static Grip
grip_at (TacetTool *tool, const TacetPointer *at)
{
  TacetToolMove *self = SELF (tool);
  const TacetView *view = tacet_tool_get_view (tool);
  double x, y, u, v;

  if (at == NULL || !self->found || !self->something)
    return GRIP_NONE;
  knob_at (&self->now, view, &x, &y);
  if (hypot (x - at->widget_x, y - at->widget_y) <= TACET_HANDLE_REACH)
    return GRIP_TURN;
  /* Corners before sides: in a small box they lie over each other. */
  for (int i = 0; i < 16; i++)
    {
      int handle = i < 8 ? i * 2 % 8 : (i * 2 + 1) % 8;

      box_point (&self->now, handles[handle][0], handles[handle][1], &x, &y);
      if (tacet_tool_near (view, x, y, at->widget_x, at->widget_y))
        return (Grip) handle;
    }
  to_box (&self->now, at->x, at->y, &u, &v);
  return fabs (u) <= self->now.width / 2 && fabs (v) <= self->now.height / 2 ? GRIP_MOVE : GRIP_NONE;
}

static void
hover (TacetTool *tool, const TacetPointer *at)
{
  Grip grip = grip_at (tool, at);

  if (grip == SELF (tool)->hovered)
    return;
  SELF (tool)->hovered = grip;
  tacet_tool_update_cursor (tool);
}

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolMove *self = SELF (tool);

  if (tacet_tool_need_layer (tool) == NULL)
    return FALSE;
  find_box (tool);
  if (!self->something)
    {
      tacet_tool_hint (tool, _ ("This layer is empty: there is nothing to move."));
      return FALSE;
    }
  self->grip = grip_at (tool, at);
  self->at_press = self->now;
  self->press_x = at->x;
  self->press_y = at->y;
  return self->grip != GRIP_NONE;
}

/* Whole pixels: what is only moved stays as crisp as it was. */
static Box
moved (TacetToolMove *self, const TacetPointer *at)
{
  Box box = self->at_press;
  double dx = round (at->x - self->press_x), dy = round (at->y - self->press_y);

  if ((at->state & GDK_SHIFT_MASK) != 0 && fabs (dx) > fabs (dy))
    dy = 0;
  else if ((at->state & GDK_SHIFT_MASK) != 0)
    dx = 0;
  box.x += dx;
  box.y += dy;
  return box;
}

static Box
turned (TacetToolMove *self, const TacetPointer *at)
{
  Box box = self->at_press;
  double x = box.x + box.width / 2, y = box.y + box.height / 2;
  double by = atan2 (at->y - y, at->x - x) - atan2 (self->press_y - y, self->press_x - x);

  box.angle = box.angle + by * 180 / G_PI;
  box.angle = (at->state & GDK_SHIFT_MASK) != 0 ? round (box.angle / 15) * 15 : round (box.angle * 10) / 10;
  return box;
}

/* The side across stays where it is, or with Alt the middle does. */
static Box
scaled (TacetToolMove *self, const TacetPointer *at)
{
  const Box *from = &self->at_press;
  Box box = *from;
  double hx = handles[self->grip][0], hy = handles[self->grip][1], u, v, middle_x, middle_y;
  gboolean about_middle = (at->state & GDK_ALT_MASK) != 0;

  to_box (from, at->x, at->y, &u, &v);
  if (hx != 0)
    box.width = MAX (round (about_middle ? 2 * u * hx : u * hx + from->width / 2), 1);
  if (hy != 0)
    box.height = MAX (round (about_middle ? 2 * v * hy : v * hy + from->height / 2), 1);
  if ((at->state & GDK_SHIFT_MASK) != 0)
    {
      double scale = hx == 0   ? box.height / from->height
                     : hy == 0 ? box.width / from->width
                               : MAX (box.width / from->width, box.height / from->height);

      box.width = from->width * scale;
      box.height = from->height * scale;
    }
  u = about_middle ? 0 : hx * (box.width - from->width) / from->width;
  v = about_middle ? 0 : hy * (box.height - from->height) / from->height;
  box_point (from, u, v, &middle_x, &middle_y);
  box_from_middle (&box, middle_x, middle_y);
  return box;
}

static void
motion (TacetTool *tool, const TacetPointer *at)
{
  TacetToolMove *self = SELF (tool);

  if (self->grip == GRIP_NONE)
    return;
  set_box (tool, self->grip == GRIP_MOVE   ? moved (self, at)
                 : self->grip == GRIP_TURN ? turned (self, at)
                                           : scaled (self, at));
}

static void
release (TacetTool *tool, const TacetPointer *at)
{
  motion (tool, at);
  SELF (tool)->grip = GRIP_NONE;
}

static gboolean
key_press (TacetTool *tool, guint key, GdkModifierType state)
{
  TacetToolMove *self = SELF (tool);
  double dx, dy;
  Box box;

  if (!tacet_tool_arrow (tool, key, state, &dx, &dy) || self->grip != GRIP_NONE || tacet_tool_need_layer (tool) == NULL)
    return FALSE;
  find_box (tool);
  if (!self->something)
    return FALSE;
  box = self->now;
  box.x += round (dx);
  box.y += round (dy);
  set_box (tool, box);
  return TRUE;
}

/* ---- what is seen ---- */

static void
draw_copy (TacetToolMove *self, cairo_t *cr, const TacetView *view, int width, int height)
{
  double m[6], v[4];
  cairo_matrix_t transform, to_widget, to_document;

  get_matrix (self, m);
  tacet_view_matrix (view, v);
  cairo_matrix_init (&transform, m[0], m[1], m[2], m[3], m[4], m[5]);
  cairo_matrix_init (&to_widget, v[0], v[1], v[2], v[3], view->off_x, view->off_y);
  to_document = to_widget;
  if (cairo_matrix_invert (&to_document) != CAIRO_STATUS_SUCCESS)
    return;
  cairo_matrix_multiply (&transform, &to_document, &transform);
  cairo_matrix_multiply (&transform, &transform, &to_widget);
  cairo_save (cr);
  /* What leaves the document is lost: it is not shown there. */
  tacet_tool_path (cr, view, (TacetInkPoint[]){ { 0, 0, 0 }, { width, 0, 0 }, { width, height, 0 }, { 0, height, 0 } },
                   4, TRUE);
  cairo_clip (cr);
  cairo_transform (cr, &transform);
  tacet_surface_paint (self->surface, cr, view, width, height);
  cairo_restore (cr);
}

static void
draw (TacetTool *tool, cairo_t *cr, const TacetView *view)
{
  TacetToolMove *self = SELF (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  TacetInkPoint corners[4];
  double x, y, top_x, top_y;

  if (tacet_tool_get_layer (tool) == NULL)
    return;
  find_box (tool);
  if (!self->something)
    return;
  if (is_changed (self) && self->surface != NULL)
    draw_copy (self, cr, view, tacet_scene_get_width (scene), tacet_scene_get_height (scene));
  for (int i = 0; i < 4; i++)
    box_point (&self->now, handles[2 * i][0], handles[2 * i][1], &corners[i].x, &corners[i].y);
  tacet_tool_path (cr, view, corners, 4, TRUE);
  tacet_tool_outline (cr, is_changed (self));
  knob_at (&self->now, view, &x, &y);
  box_point (&self->now, 0, -1, &top_x, &top_y);
  tacet_view_to_widget (view, top_x, top_y, &top_x, &top_y);
  cairo_new_path (cr);
  cairo_move_to (cr, top_x, top_y);
  cairo_line_to (cr, x, y);
  tacet_tool_outline (cr, FALSE);
  tacet_tool_handle (cr, x, y, TRUE, self->hovered == GRIP_TURN || self->grip == GRIP_TURN);
  for (int i = 0; i < 8; i++)
    {
      box_point (&self->now, handles[i][0], handles[i][1], &x, &y);
      tacet_view_to_widget (view, x, y, &x, &y);
      tacet_tool_handle (cr, x, y, FALSE, (int) self->hovered == i || (int) self->grip == i);
    }
}

static const char *
cursor (TacetTool *tool)
{
  TacetToolMove *self = SELF (tool);
  Grip grip = self->grip != GRIP_NONE ? self->grip : self->hovered;
  double x, y, middle_x, middle_y;
  static const char *const names[] = { "ew-resize", "nwse-resize", "ns-resize", "nesw-resize" };

  if (grip == GRIP_NONE)
    return "default";
  if (grip == GRIP_MOVE)
    return "move";
  if (grip == GRIP_TURN)
    return self->grip == GRIP_TURN ? "grabbing" : "grab";
  /* Which way the handle lies on the screen. */
  box_point (&self->now, handles[grip][0], handles[grip][1], &x, &y);
  box_point (&self->now, 0, 0, &middle_x, &middle_y);
  tacet_view_to_widget (tacet_tool_get_view (tool), x, y, &x, &y);
  tacet_view_to_widget (tacet_tool_get_view (tool), middle_x, middle_y, &middle_x, &middle_y);
  return names[((int) lround (atan2 (y - middle_y, x - middle_x) / G_PI_4) + 8) % 4];
}

static const char *
hints (TacetTool *tool)
{
  if (is_changed (SELF (tool)))
    return _ ("Enter: apply · Esc: forget · Shift: keep the ratio · Alt: about the middle");
  return _ ("Drag: move · Handles: scale and turn · Shift: keep the ratio, one axis, steps of 15°");
}

static void
layer_changed (TacetTool *tool)
{
  TacetToolMove *self = SELF (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);

  if (self->watched != NULL)
    g_signal_handlers_disconnect_by_func (self->watched, drop, tool);
  g_set_object (&self->watched, layer);
  if (layer != NULL)
    g_signal_connect_object (layer, "map-changed", G_CALLBACK (drop), tool, G_CONNECT_SWAPPED);
  drop (tool);
}

static void
action_button (GtkBox *row, const char *icon, const char *label, const char *action)
{
  GtkWidget *button = icon != NULL ? gtk_button_new_from_icon_name (icon) : gtk_button_new_with_label (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, label);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_focus_on_click (button, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_box_append (row, button);
}

static void
add_widgets (TacetTool *tool, GtkBox *row)
{
  action_button (row, "object-flip-horizontal-symbolic", _ ("Flip horizontally"), "win.transform-mirror");
  action_button (row, "object-flip-vertical-symbolic", _ ("Flip vertically"), "win.transform-upside-down");
  action_button (row, NULL, _ ("Fit"), "win.transform-fit");
  action_button (row, "object-select-symbolic", _ ("Apply the transformation"), "win.transform-apply");
}

static void
dispose (GObject *object)
{
  TacetToolMove *self = SELF (object);

  g_clear_object (&self->watched);
  g_clear_pointer (&self->surface, tacet_surface_free);
  G_OBJECT_CLASS (tacet_tool_move_parent_class)->dispose (object);
}

#define FIELD(name) offsetof (TacetToolMove, now.name)
static const TacetToolOption options[] = {
  { "x", N_ ("X"), TACET_OPTION_ENTRY, FIELD (x), -16384, 16384, 0, .passing = TRUE },
  { "y", N_ ("Y"), TACET_OPTION_ENTRY, FIELD (y), -16384, 16384, 0, .passing = TRUE },
  { "width", N_ ("W"), TACET_OPTION_ENTRY, FIELD (width), 1, 16384, 1, .passing = TRUE },
  { "height", N_ ("H"), TACET_OPTION_ENTRY, FIELD (height), 1, 16384, 1, .passing = TRUE },
  { "angle", N_ ("°"), TACET_OPTION_ENTRY, FIELD (angle), -180, 180, 0, 1, .passing = TRUE },
};

static void
tacet_tool_move_class_init (TacetToolMoveClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = dispose;
  tool_class->id = TACET_TOOL_MOVE;
  tool_class->name = N_ ("Move");
  tool_class->icon = "tacet-move-symbolic";
  tool_class->purpose = N_ ("Moves, scales, turns and mirrors a layer");
  tool_class->press = press;
  tool_class->motion = motion;
  tool_class->release = release;
  tool_class->hover = hover;
  tool_class->key_press = key_press;
  tool_class->apply = apply;
  tool_class->finish = apply;
  tool_class->cancel = cancel;
  tool_class->draw = draw;
  tool_class->cursor = cursor;
  tool_class->hints = hints;
  tool_class->layer_changed = layer_changed;
  tool_class->scene_changed = drop;
  tool_class->add_widgets = add_widgets;
  tacet_tool_class_set_options (tool_class, options, G_N_ELEMENTS (options));
}

static void
tacet_tool_move_init (TacetToolMove *self)
{
  self->grip = self->hovered = GRIP_NONE;
  g_signal_connect (self, "notify", G_CALLBACK (box_changed_cb), NULL);
}
