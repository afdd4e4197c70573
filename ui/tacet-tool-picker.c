/* tacet-tool-picker.c: takes up the colour of the picture, or the value of a depth, under the pointer.  Room: ui. */
#define G_LOG_DOMAIN "tacet-tool-picker"

#include "config.h"

#include "ui/tacet-tool.h"

#include <glib/gi18n.h>
#include <math.h>

typedef struct
{
  TacetTool parent_instance;

  int source; /* 0 this layer, 1 all that is seen */
  double side;
  gboolean picking;
  TacetPointer at;
} TacetToolPicker;
typedef struct
{
  TacetToolClass parent_class;
} TacetToolPickerClass;

#define SELF(tool) ((TacetToolPicker *) (tool))

G_DEFINE_TYPE (TacetToolPicker, tacet_tool_picker, TACET_TYPE_TOOL)

/* Mean over a square, weighted by what can be seen; FALSE: nothing can. */
static gboolean
mean (const TacetImage *image, double x, double y, int side, guint8 color[3])
{
  double sum[4] = { 0 };

  for (int v = (int) floor (y) - side / 2; v <= (int) floor (y) - side / 2 + side - 1; v++)
    for (int u = (int) floor (x) - side / 2; u <= (int) floor (x) - side / 2 + side - 1; u++)
      {
        const guint8 *p;

        if (u < 0 || v < 0 || u >= image->width || v >= image->height)
          continue;
        p = image->data + ((gsize) v * image->width + u) * 4;
        for (int i = 0; i < 3; i++)
          sum[i] += p[i] * p[3];
        sum[3] += p[3];
      }
  if (sum[3] == 0)
    return FALSE;
  for (int i = 0; i < 3; i++)
    color[i] = (guint8) lround (sum[i] / sum[3]);
  return TRUE;
}

static void
pick_from (TacetTool *tool, const TacetPointer *at, gboolean all, int side)
{
  TacetLayer *layer = tacet_tool_get_layer (tool);
  gboolean depth = layer != NULL && tacet_layer_get_kind (layer) == TACET_LAYER_DEPTH;
  gboolean own = layer != NULL && (depth || (!all && tacet_layer_get_kind (layer) == TACET_LAYER_PICTURE));
  g_autoptr (TacetImage) image = NULL;
  guint8 color[3];

  if (tacet_tool_get_scene (tool) == NULL)
    return;
  image = own ? tacet_tool_copy_layer (layer) : tacet_scene_render_picture (tacet_tool_get_scene (tool));
  if (image == NULL || !mean (image, at->x, at->y, side, color))
    return;
  if (depth)
    tacet_swatches_set_value (tacet_tool_get_swatches (tool), color[0] / 255.0);
  else
    tacet_swatches_set_color (tacet_tool_get_swatches (tool), color);
}

void
tacet_tool_pick (TacetTool *tool, const TacetPointer *at)
{
  pick_from (tool, at, TRUE, 1);
}

static void
follow (TacetTool *tool, const TacetPointer *at)
{
  SELF (tool)->at = *at;
  pick_from (tool, at, SELF (tool)->source == 1, (int) SELF (tool)->side);
  tacet_tool_redraw (tool);
}

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  SELF (tool)->picking = TRUE;
  follow (tool, at);
  return TRUE;
}

static void
release (TacetTool *tool, const TacetPointer *at)
{
  SELF (tool)->picking = FALSE;
  tacet_tool_redraw (tool);
}

static gboolean
cancel (TacetTool *tool)
{
  gboolean had = SELF (tool)->picking;

  SELF (tool)->picking = FALSE;
  return had;
}

static gboolean
apply (TacetTool *tool)
{
  TacetPointer at;

  if (!tacet_tool_get_pointer (tool, &at))
    return FALSE;
  follow (tool, &at);
  return TRUE;
}

/* What was picked, in a ring around the pointer, with a grey one that colours do not deceive. */
static void
draw (TacetTool *tool, cairo_t *cr, const TacetView *view)
{
  TacetToolPicker *self = SELF (tool);
  TacetLayer *layer = tacet_tool_get_layer (tool);
  gboolean depth = layer != NULL && tacet_layer_get_kind (layer) == TACET_LAYER_DEPTH;
  double value = tacet_swatches_get_value (tacet_tool_get_swatches (tool), FALSE);
  guint8 color[3];

  if (!self->picking)
    return;
  tacet_swatches_get_color (tacet_tool_get_swatches (tool), FALSE, color);
  cairo_new_path (cr);
  cairo_arc (cr, self->at.widget_x, self->at.widget_y, 30, 0, 2 * G_PI);
  cairo_set_line_width (cr, 14);
  cairo_set_source_rgb (cr, 0.5, 0.5, 0.5);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, 10);
  if (depth)
    cairo_set_source_rgb (cr, value, value, value);
  else
    cairo_set_source_rgb (cr, color[0] / 255.0, color[1] / 255.0, color[2] / 255.0);
  cairo_stroke (cr);
}

static const char *
cursor (TacetTool *tool)
{
  return "crosshair";
}

static const char *
hints (TacetTool *tool)
{
  return _ ("Enter: pick at the pointer");
}

static const TacetToolChoice sources[] = {
  { "layer", N_ ("This layer"), NULL },
  { "all", N_ ("All pictures"), NULL },
  { NULL },
};
static const TacetToolOption options[] = {
  { "source", N_ ("What it looks at"), TACET_OPTION_CHOICE, offsetof (TacetToolPicker, source), .value = 1,
    .choices = sources },
  { "side", N_ ("Mean of so many pixels a side"), TACET_OPTION_ENTRY, offsetof (TacetToolPicker, side), 1, 31, 1 },
};

static void
tacet_tool_picker_class_init (TacetToolPickerClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  tool_class->id = TACET_TOOL_PICKER;
  tool_class->name = N_ ("Picker");
  tool_class->icon = "tacet-picker-symbolic";
  tool_class->purpose = N_ ("Takes up a colour, or the value of a depth");
  tool_class->paints = TRUE;
  tool_class->press = press;
  tool_class->motion = follow;
  tool_class->release = release;
  tool_class->apply = apply;
  tool_class->cancel = cancel;
  tool_class->draw = draw;
  tool_class->cursor = cursor;
  tool_class->hints = hints;
  tacet_tool_class_set_options (tool_class, options, G_N_ELEMENTS (options));
}

static void
tacet_tool_picker_init (TacetToolPicker *self)
{
}
