/* tacet-tool-silence.c: where a control speaks: paints it silent or active, and touches no value.  Room: ui. */
#define G_LOG_DOMAIN "tacet-tool-silence"

#include "config.h"

#include "ui/tacet-tool-brush.h"

#include <glib/gi18n.h>

typedef TacetToolBrush TacetToolSilence;
typedef TacetToolBrushClass TacetToolSilenceClass;

G_DEFINE_TYPE (TacetToolSilence, tacet_tool_silence, TACET_TYPE_TOOL_BRUSH)

static void
prepare (TacetToolBrush *self, const TacetPointer *at, TacetBrush *brush)
{
  brush->paint.silence = TRUE;
  brush->paint.erase = (at->state & GDK_CONTROL_MASK) == 0;
}

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetLayer *layer = tacet_tool_get_layer (tool);

  if (layer != NULL && !tacet_layer_kind_is_control (tacet_layer_get_kind (layer)))
    {
      tacet_tool_hint (tool, _ ("Only controls can be silent: edges, depth and poses. Use the eraser here."));
      return FALSE;
    }
  return TACET_TOOL_CLASS (tacet_tool_silence_parent_class)->press (tool, at);
}

static const char *
hints (TacetTool *tool)
{
  return _ ("Ctrl: let it speak again · Shift: straight line");
}

static void
tacet_tool_silence_class_init (TacetToolSilenceClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  tool_class->id = TACET_TOOL_SILENCE;
  tool_class->name = N_ ("Silence");
  tool_class->icon = "tacet-silence-symbolic";
  tool_class->purpose = N_ ("Says where a control has no opinion; its values stay");
  tool_class->paints = FALSE;
  tool_class->press = press;
  tool_class->hints = hints;
  class->takes_away = TRUE;
  class->prepare = prepare;
}

static void
tacet_tool_silence_init (TacetToolSilence *self)
{
}
