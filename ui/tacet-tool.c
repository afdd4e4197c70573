/* tacet-tool.c: what all tools of the canvas share: options as properties, and their way to the document.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-tool"

#include "config.h"

#include "engine/scene/tacet-layer-problem.h"
#include "ui/tacet-canvas-private.h"

#include <glib/gi18n.h>

typedef struct
{
  TacetCanvas *canvas; /* which owns the tool */
} TacetToolPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (TacetTool, tacet_tool, G_TYPE_OBJECT)

static GQuark
option_quark (void)
{
  return g_quark_from_static_string ("tacet-tool-option");
}

static const struct
{
  const char *id;
  GType (*type) (void);
} tools[TACET_N_TOOLS] = {
  [TACET_TOOL_MOVE] = { "move", tacet_tool_move_get_type },
  [TACET_TOOL_BRUSH] = { "brush", tacet_tool_brush_get_type },
  [TACET_TOOL_ERASER] = { "eraser", tacet_tool_eraser_get_type },
  [TACET_TOOL_SILENCE] = { "silence", tacet_tool_silence_get_type },
  [TACET_TOOL_PEN] = { "pen", tacet_tool_pen_get_type },
  [TACET_TOOL_SHAPES] = { "shapes", tacet_tool_shapes_get_type },
  [TACET_TOOL_LASSO] = { "lasso", tacet_tool_lasso_get_type },
  [TACET_TOOL_BUCKET] = { "bucket", tacet_tool_bucket_get_type },
  [TACET_TOOL_GRADIENT] = { "gradient", tacet_tool_gradient_get_type },
  [TACET_TOOL_PICKER] = { "picker", tacet_tool_picker_get_type },
  [TACET_TOOL_POSE] = { "pose", tacet_tool_pose_get_type },
  [TACET_TOOL_HAND] = { "hand", tacet_tool_hand_get_type },
};

const char *
tacet_tool_id (TacetToolId tool)
{
  g_return_val_if_fail ((guint) tool < TACET_N_TOOLS, "");
  return tools[tool].id;
}

gboolean
tacet_tool_parse (const char *id, TacetToolId *tool)
{
  for (int i = 0; i < TACET_N_TOOLS; i++)
    if (g_strcmp0 (id, tools[i].id) == 0)
      {
        *tool = i;
        return TRUE;
      }
  return FALSE;
}

TacetTool *
tacet_tool_new (TacetToolId id, TacetCanvas *canvas)
{
  TacetTool *self;
  TacetToolPrivate *private;

  g_return_val_if_fail ((guint) id < TACET_N_TOOLS, NULL);
  self = g_object_new (tools[id].type (), NULL);
  private = tacet_tool_get_instance_private (self);
  private->canvas = canvas;
  return self;
}

/* ---- the way to the document ---- */

TacetCanvas *
tacet_tool_get_canvas (TacetTool *self)
{
  TacetToolPrivate *private = tacet_tool_get_instance_private (self);

  return private->canvas;
}

TacetScene *
tacet_tool_get_scene (TacetTool *self)
{
  return tacet_canvas_get_scene (tacet_tool_get_canvas (self));
}

TacetLayer *
tacet_tool_get_layer (TacetTool *self)
{
  return tacet_canvas_get_selected (tacet_tool_get_canvas (self));
}

const TacetView *
tacet_tool_get_view (TacetTool *self)
{
  return &tacet_tool_get_canvas (self)->view;
}

TacetLayer *
tacet_tool_need_layer (TacetTool *self)
{
  TacetCanvas *canvas = tacet_tool_get_canvas (self);
  TacetLayer *layer = tacet_canvas_get_selected (canvas);
  g_auto (TacetProblem) problem = { TACET_PROBLEM_NONE };

  if (layer == NULL)
    {
      tacet_tool_hint (self, _ ("There is nothing to paint on yet. Add a layer with + in the list, or select one."));
      return NULL;
    }
  if (tacet_layer_paint_problem (layer, &problem))
    {
      tacet_tool_hint (self, problem.text);
      return NULL;
    }
  /* A picture without its maps hides what is changed; whoever changes it wants to see it. */
  if (!_tacet_canvas_shows_maps (canvas))
    g_object_set (canvas, "show-picture", FALSE, NULL);
  return layer;
}

void
tacet_tool_redraw (TacetTool *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (tacet_tool_get_canvas (self)));
}

void
tacet_tool_update_cursor (TacetTool *self)
{
  _tacet_canvas_update_cursor (tacet_tool_get_canvas (self));
}

void
tacet_tool_hint (TacetTool *self, const char *text)
{
  _tacet_canvas_hint (tacet_tool_get_canvas (self), text);
}

gboolean
tacet_tool_arrow (TacetTool *self, guint key, GdkModifierType state, double *dx, double *dy)
{
  int x = (key == GDK_KEY_Right || key == GDK_KEY_KP_Right) - (key == GDK_KEY_Left || key == GDK_KEY_KP_Left);
  int y = (key == GDK_KEY_Down || key == GDK_KEY_KP_Down) - (key == GDK_KEY_Up || key == GDK_KEY_KP_Up);
  int far = (state & GDK_SHIFT_MASK) != 0 ? 10 : 1;

  *dx = *dy = 0;
  if (x == 0 && y == 0)
    return FALSE;
  tacet_view_direction (tacet_tool_get_view (self), x * far, y * far, dx, dy);
  return TRUE;
}

gboolean
tacet_tool_get_pointer (TacetTool *self, TacetPointer *at)
{
  TacetCanvas *canvas = tacet_tool_get_canvas (self);

  *at = (TacetPointer){ .widget_x = canvas->pointer_x, .widget_y = canvas->pointer_y, .pressure = 1, .n_press = 1 };
  tacet_view_to_image (&canvas->view, at->widget_x, at->widget_y, &at->x, &at->y);
  return canvas->pointer_inside && canvas->scene != NULL;
}

/* ---- paint ---- */

TacetSwatches *
tacet_tool_get_swatches (TacetTool *self)
{
  return tacet_tool_get_canvas (self)->swatches;
}

TacetPaint
tacet_tool_get_paint (TacetTool *self, TacetToolUse use)
{
  TacetSwatches *swatches = tacet_tool_get_swatches (self);
  TacetLayer *layer = tacet_tool_get_layer (self);
  gboolean depth = layer != NULL && tacet_layer_get_kind (layer) == TACET_LAYER_DEPTH;
  TacetPaint paint = { .value = 1, .opacity = 1, .erase = use == TACET_USE_ERASER };

  if (depth)
    paint.value = tacet_swatches_get_value (swatches, use == TACET_USE_OTHER);
  tacet_swatches_get_color (swatches, use == TACET_USE_OTHER, paint.color);
  return paint;
}

void
tacet_tool_apply_ink (TacetTool *self, const TacetInk *ink, double opacity, TacetToolUse use, const char *name)
{
  TacetPaint paint = tacet_tool_get_paint (self, use);
  TacetLayer *layer = tacet_tool_get_layer (self);

  if (ink == NULL || layer == NULL)
    return;
  /* It may have been locked while the gesture was set up. */
  if (tacet_layer_get_locked (layer))
    {
      tacet_tool_need_layer (self);
      return;
    }
  paint.opacity = opacity;
  if (!tacet_scene_apply_ink (tacet_tool_get_scene (self), layer, ink, &paint, name))
    tacet_tool_hint (self, _ ("There is not enough memory to draw this."));
}

/* ---- options ---- */

const TacetToolOption *
tacet_tool_find_option (TacetTool *self, const char *name)
{
  TacetToolClass *class = TACET_TOOL_GET_CLASS (self);

  for (guint i = 0; i < class->n_options; i++)
    if (g_str_equal (class->options[i].name, name))
      return &class->options[i];
  return NULL;
}

double
tacet_tool_get_option (TacetTool *self, const TacetToolOption *option)
{
  gpointer field = G_STRUCT_MEMBER_P (self, option->offset);

  if (option->type == TACET_OPTION_SWITCH)
    return *(gboolean *) field ? 1 : 0;
  return option->type == TACET_OPTION_CHOICE ? *(int *) field : *(double *) field;
}

void
tacet_tool_set_option (TacetTool *self, const TacetToolOption *option, double value)
{
  int n_choices = 0;

  if (option->type == TACET_OPTION_SWITCH)
    g_object_set (self, option->name, value != 0, NULL);
  else if (option->type != TACET_OPTION_CHOICE)
    g_object_set (self, option->name, CLAMP (value, option->low, option->high), NULL);
  else
    {
      while (option->choices[n_choices].id != NULL)
        n_choices++;
      if (value >= 0 && value < n_choices)
        g_object_set (self, option->name, option->choices[(int) value].id, NULL);
    }
}

static GParamSpec *
option_property (const TacetToolOption *option)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  switch (option->type)
    {
    case TACET_OPTION_SWITCH:
      return g_param_spec_boolean (option->name, NULL, NULL, option->value != 0, flags);
    case TACET_OPTION_CHOICE:
      return g_param_spec_string (option->name, NULL, NULL, option->choices[(int) option->value].id, flags);
    default:
      return g_param_spec_double (option->name, NULL, NULL, option->low, option->high, option->value, flags);
    }
}

static void
tacet_tool_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  const TacetToolOption *option = g_param_spec_get_qdata (pspec, option_quark ());
  gpointer field = G_STRUCT_MEMBER_P (object, option->offset);

  if (option->type == TACET_OPTION_SWITCH)
    g_value_set_boolean (value, *(gboolean *) field);
  else if (option->type == TACET_OPTION_CHOICE)
    g_value_set_static_string (value, option->choices[*(int *) field].id);
  else
    g_value_set_double (value, *(double *) field);
}

/* TRUE: it is another value than before. */
static gboolean
set_field (const TacetToolOption *option, gpointer field, const GValue *value)
{
  int choice = 0;

  if (option->type == TACET_OPTION_SWITCH)
    {
      gboolean before = *(gboolean *) field;

      *(gboolean *) field = g_value_get_boolean (value);
      return *(gboolean *) field != before;
    }
  if (option->type != TACET_OPTION_CHOICE)
    {
      double before = *(double *) field;

      *(double *) field = g_value_get_double (value);
      return *(double *) field != before;
    }
  while (option->choices[choice].id != NULL && g_strcmp0 (option->choices[choice].id, g_value_get_string (value)) != 0)
    choice++;
  if (option->choices[choice].id == NULL || choice == *(int *) field)
    return FALSE;
  *(int *) field = choice;
  return TRUE;
}

static void
tacet_tool_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  const TacetToolOption *option = g_param_spec_get_qdata (pspec, option_quark ());

  if (!set_field (option, G_STRUCT_MEMBER_P (object, option->offset), value))
    return;
  g_object_notify_by_pspec (object, pspec);
  tacet_tool_redraw (TACET_TOOL (object));
}

void
tacet_tool_class_set_options (TacetToolClass *class, const TacetToolOption *options, guint n_options)
{
  /* Not inherited. */
  G_OBJECT_CLASS (class)->get_property = tacet_tool_get_property;
  G_OBJECT_CLASS (class)->set_property = tacet_tool_set_property;
  class->options = options;
  class->n_options = n_options;
  for (guint i = 0; i < n_options; i++)
    {
      GParamSpec *pspec = option_property (&options[i]);

      g_param_spec_set_qdata (pspec, option_quark (), (gpointer) &options[i]);
      g_object_class_install_property (G_OBJECT_CLASS (class), i + 1, pspec);
    }
}

static void
tacet_tool_constructed (GObject *object)
{
  TacetToolClass *class = TACET_TOOL_GET_CLASS (object);

  for (guint i = 0; i < class->n_options; i++)
    {
      const TacetToolOption *option = &class->options[i];
      gpointer field = G_STRUCT_MEMBER_P (object, option->offset);

      if (option->type == TACET_OPTION_SWITCH)
        *(gboolean *) field = option->value != 0;
      else if (option->type == TACET_OPTION_CHOICE)
        *(int *) field = (int) option->value;
      else
        *(double *) field = option->value;
    }
  G_OBJECT_CLASS (tacet_tool_parent_class)->constructed (object);
}

/* ---- what a tool does that says nothing else ---- */

static gboolean
nothing_begins (TacetTool *self, const TacetPointer *at)
{
  return FALSE;
}

static void
nothing_moves (TacetTool *self, const TacetPointer *at)
{
}

static gboolean
no_key (TacetTool *self, guint key, GdkModifierType state)
{
  return FALSE;
}

static gboolean
nothing_pending (TacetTool *self)
{
  return FALSE;
}

static void
draw_nothing (TacetTool *self, cairo_t *cr, const TacetView *view)
{
}

static gboolean
no_ring (TacetTool *self, double *diameter, gboolean *dashed)
{
  return FALSE;
}

static const char *
default_cursor (TacetTool *self)
{
  return "default";
}

static const char *
no_hints (TacetTool *self)
{
  return NULL;
}

static void
nothing_changes (TacetTool *self)
{
}

static void
no_widgets (TacetTool *self, GtkBox *row)
{
}

static void
tacet_tool_class_init (TacetToolClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->constructed = tacet_tool_constructed;
  class->press = nothing_begins;
  class->motion = nothing_moves;
  class->release = nothing_moves;
  class->hover = nothing_moves;
  class->right_press = nothing_moves;
  class->key_press = no_key;
  class->apply = nothing_pending;
  class->finish = nothing_pending;
  class->cancel = nothing_pending;
  class->draw = draw_nothing;
  class->ring = no_ring;
  class->cursor = default_cursor;
  class->hints = no_hints;
  class->scene_changed = nothing_changes;
  class->layer_changed = nothing_changes;
  class->add_widgets = no_widgets;
}

static void
tacet_tool_init (TacetTool *self)
{
}
