/* tacet-tool-eraser.c: the eraser: what it takes away says nothing any more.  Room: ui. */
#define G_LOG_DOMAIN "tacet-tool-eraser"

#include "config.h"

#include "ui/tacet-tool-brush.h"

#include <glib/gi18n.h>

typedef TacetToolBrush TacetToolEraser;
typedef TacetToolBrushClass TacetToolEraserClass;

G_DEFINE_TYPE (TacetToolEraser, tacet_tool_eraser, TACET_TYPE_TOOL_BRUSH)

static void
prepare (TacetToolBrush *self, const TacetPointer *at, TacetBrush *brush)
{
  brush->paint.erase = TRUE;
}

static void
tacet_tool_eraser_class_init (TacetToolEraserClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  tool_class->id = TACET_TOOL_ERASER;
  tool_class->name = N_ ("Eraser");
  tool_class->icon = "tacet-eraser-symbolic";
  tool_class->purpose = N_ ("Erased means silent");
  tool_class->paints = FALSE;
  class->takes_away = TRUE;
  class->prepare = prepare;
}

static void
tacet_tool_eraser_init (TacetToolEraser *self)
{
}
