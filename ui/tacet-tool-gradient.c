/* tacet-tool-gradient.c: even changes from one value or colour to the other, along a line or around a point.
 *
 * Room: ui.  Depth goes from the value to the other value, pictures from one colour to the other; where a layer only
 * covers, it fades from all to nothing.
 */
#define G_LOG_DOMAIN "tacet-tool-gradient"

#include "config.h"

#include "ui/tacet-surface.h"
#include "ui/tacet-tool-draw.h"
#include "ui/tacet-tool.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

typedef struct
{
  TacetTool parent_instance;

  int kind;
  double opacity;

  gboolean pending, dragging;
  GdkModifierType state;
  double x0, y0, x1, y1;
} TacetToolGradient;
typedef struct
{
  TacetToolClass parent_class;
} TacetToolGradientClass;

#define SELF(tool) ((TacetToolGradient *) (tool))

G_DEFINE_TYPE (TacetToolGradient, tacet_tool_gradient, TACET_TYPE_TOOL)

static void
get_end (TacetToolGradient *self, double *x, double *y)
{
  double dx = self->x1 - self->x0, dy = self->y1 - self->y0;

  if ((self->state & GDK_SHIFT_MASK) != 0)
    {
      double turn = round (atan2 (dy, dx) / (G_PI / 12)) * (G_PI / 12), length = hypot (dx, dy);

      dx = length * cos (turn);
      dy = length * sin (turn);
    }
  *x = self->x0 + dx;
  *y = self->y0 + dy;
}

static gboolean
forget (TacetTool *tool)
{
  TacetToolGradient *self = SELF (tool);
  gboolean had = self->pending;

  self->pending = self->dragging = FALSE;
  tacet_tool_redraw (tool);
  return had;
}

/* The value runs down the coverage instead. */
static void
fade (TacetInk *ink)
{
  g_free (ink->alpha);
  ink->alpha = g_steal_pointer (&ink->value);
}

/* From colour to colour as two coats: the sum is the even mixture of both, over what was there. */
static void
apply_colours (TacetTool *tool, TacetInk *ink, double opacity)
{
  TacetScene *scene = tacet_tool_get_scene (tool);
  gsize n = (gsize) ink->width * ink->height;
  g_autofree guint8 *first = g_steal_pointer (&ink->value);

  for (gsize i = 0; i < n; i++)
    {
      double part = opacity * first[i] / 255, other = opacity - part;

      ink->alpha[i] = (guint8) lround (255 * (part < 1 ? other / (1 - part) : 0));
      first[i] = (guint8) lround (255 * part);
    }
  tacet_scene_group_begin (scene, _ ("Gradient"));
  tacet_tool_apply_ink (tool, ink, 1, TACET_USE_OTHER, _ ("Gradient"));
  memcpy (ink->alpha, first, n);
  tacet_tool_apply_ink (tool, ink, 1, TACET_USE_FIRST, _ ("Gradient"));
  tacet_scene_group_end (scene);
}

static gboolean
finish (TacetTool *tool)
{
  TacetToolGradient *self = SELF (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);
  TacetSwatches *swatches = tacet_tool_get_swatches (tool);
  gboolean erase = (self->state & GDK_CONTROL_MASK) != 0, depth;
  g_autoptr (TacetInk) ink = NULL;
  double x, y;

  if (!self->pending || layer == NULL)
    return FALSE;
  depth = tacet_layer_get_kind (layer) == TACET_LAYER_DEPTH && !erase;
  get_end (self, &x, &y);
  ink = tacet_ink_gradient (self->kind == 0 ? TACET_INK_LINEAR : TACET_INK_RADIAL, self->x0, self->y0, x, y,
                            depth ? tacet_swatches_get_value (swatches, FALSE) : 1,
                            depth ? tacet_swatches_get_value (swatches, TRUE) : 0, tacet_scene_get_width (scene),
                            tacet_scene_get_height (scene));
  forget (tool);
  if (ink == NULL)
    return TRUE;
  if (tacet_layer_get_kind (layer) == TACET_LAYER_PICTURE && !erase)
    {
      apply_colours (tool, ink, self->opacity);
      return TRUE;
    }
  if (!depth)
    fade (ink);
  tacet_tool_apply_ink (tool, ink, self->opacity, erase ? TACET_USE_ERASER : TACET_USE_FIRST, _ ("Gradient"));
  return TRUE;
}

/* ---- gestures ---- */

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolGradient *self = SELF (tool);

  if (tacet_tool_need_layer (tool) == NULL)
    return FALSE;
  self->pending = self->dragging = TRUE;
  self->state = at->state;
  self->x0 = self->x1 = at->x;
  self->y0 = self->y1 = at->y;
  return TRUE;
}

static void
motion (TacetTool *tool, const TacetPointer *at)
{
  TacetToolGradient *self = SELF (tool);

  self->state = at->state;
  self->x1 = at->x;
  self->y1 = at->y;
  tacet_tool_redraw (tool);
}

static void
release (TacetTool *tool, const TacetPointer *at)
{
  TacetToolGradient *self = SELF (tool);

  motion (tool, at);
  self->dragging = FALSE;
  if (hypot (self->x1 - self->x0, self->y1 - self->y0) < 1)
    forget (tool);
  else
    finish (tool);
}

/* From the keyboard: Enter shows one from top to bottom, the arrows move its end, Enter again applies it. */
static gboolean
apply (TacetTool *tool)
{
  TacetToolGradient *self = SELF (tool);

  if (self->pending)
    return finish (tool);
  if (tacet_tool_need_layer (tool) == NULL)
    return FALSE;
  self->pending = TRUE;
  self->state = 0;
  self->x0 = self->x1 = tacet_scene_get_width (tacet_tool_get_scene (tool)) / 2.0;
  self->y0 = 0;
  self->y1 = tacet_scene_get_height (tacet_tool_get_scene (tool));
  return TRUE;
}

static gboolean
key_press (TacetTool *tool, guint key, GdkModifierType state)
{
  TacetToolGradient *self = SELF (tool);
  double dx, dy;

  if (!self->pending || self->dragging || !tacet_tool_arrow (tool, key, state, &dx, &dy))
    return FALSE;
  self->x1 += dx;
  self->y1 += dy;
  return TRUE;
}

/* ---- what is seen ---- */

static void
add_stop (cairo_pattern_t *pattern, TacetTool *tool, double at, gboolean other)
{
  TacetLayer *layer = tacet_tool_get_layer (tool);
  TacetSwatches *swatches = tacet_tool_get_swatches (tool);
  double opacity = SELF (tool)->opacity;
  guint8 color[3];

  if ((SELF (tool)->state & GDK_CONTROL_MASK) != 0)
    cairo_pattern_add_color_stop_rgba (pattern, at, 0.88, 0.11, 0.14, other ? 0 : 0.6 * opacity);
  else if (tacet_layer_get_kind (layer) == TACET_LAYER_PICTURE)
    {
      tacet_swatches_get_color (swatches, other, color);
      cairo_pattern_add_color_stop_rgba (pattern, at, color[0] / 255.0, color[1] / 255.0, color[2] / 255.0, opacity);
    }
  else if (tacet_layer_get_kind (layer) == TACET_LAYER_DEPTH)
    {
      double value = tacet_swatches_get_value (swatches, other);

      cairo_pattern_add_color_stop_rgba (pattern, at, value, value, value, opacity);
    }
  else
    cairo_pattern_add_color_stop_rgba (pattern, at, 0.21, 0.52, 0.89, other ? 0 : 0.7 * opacity);
}

static void
draw (TacetTool *tool, cairo_t *cr, const TacetView *view)
{
  TacetToolGradient *self = SELF (tool);
  TacetScene *scene = tacet_tool_get_scene (tool);
  cairo_pattern_t *pattern;
  double x, y, wx, wy;

  if (!self->pending || tacet_tool_get_layer (tool) == NULL)
    return;
  get_end (self, &x, &y);
  pattern = self->kind == 0 ? cairo_pattern_create_linear (self->x0, self->y0, x, y)
                            : cairo_pattern_create_radial (self->x0, self->y0, 0, self->x0, self->y0,
                                                           MAX (hypot (x - self->x0, y - self->y0), 0.01));
  add_stop (pattern, tool, 0, FALSE);
  add_stop (pattern, tool, 1, TRUE);
  cairo_save (cr);
  tacet_surface_transform (cr, view);
  cairo_rectangle (cr, 0, 0, tacet_scene_get_width (scene), tacet_scene_get_height (scene));
  cairo_set_source (cr, pattern);
  cairo_fill (cr);
  cairo_restore (cr);
  cairo_pattern_destroy (pattern);
  tacet_tool_path (cr, view, (TacetInkPoint[]){ { self->x0, self->y0, 0 }, { x, y, 0 } }, 2, FALSE);
  tacet_tool_outline (cr, FALSE);
  tacet_view_to_widget (view, self->x0, self->y0, &wx, &wy);
  tacet_tool_handle (cr, wx, wy, TRUE, TRUE);
  tacet_view_to_widget (view, x, y, &wx, &wy);
  tacet_tool_handle (cr, wx, wy, TRUE, FALSE);
}

static const char *
cursor (TacetTool *tool)
{
  return "crosshair";
}

static const char *
hints (TacetTool *tool)
{
  return _ ("Shift: steps of 15° · Ctrl: erase gradually");
}

static const TacetToolChoice kinds[] = {
  { "linear", N_ ("Linear"), "tacet-linear-symbolic" },
  { "radial", N_ ("Radial"), "tacet-radial-symbolic" },
  { NULL },
};
static const TacetToolOption options[] = {
  { "kind", N_ ("Kind"), TACET_OPTION_CHOICE, offsetof (TacetToolGradient, kind), .choices = kinds },
  { "opacity", N_ ("Opacity"), TACET_OPTION_PERCENT, offsetof (TacetToolGradient, opacity), 0.01, 1, 1 },
};

static void
tacet_tool_gradient_class_init (TacetToolGradientClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  tool_class->id = TACET_TOOL_GRADIENT;
  tool_class->name = N_ ("Gradient");
  tool_class->icon = "tacet-gradient-symbolic";
  tool_class->purpose = N_ ("An even change from near to far, or from colour to colour");
  tool_class->paints = TRUE;
  tool_class->press = press;
  tool_class->motion = motion;
  tool_class->release = release;
  tool_class->key_press = key_press;
  tool_class->apply = apply;
  tool_class->cancel = forget;
  tool_class->draw = draw;
  tool_class->cursor = cursor;
  tool_class->hints = hints;
  tacet_tool_class_set_options (tool_class, options, G_N_ELEMENTS (options));
}

static void
tacet_tool_gradient_init (TacetToolGradient *self)
{
}
