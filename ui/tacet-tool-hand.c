/* tacet-tool-hand.c: the hand: moves the view; the canvas itself does so for Space and the middle button.  Room: ui. */
#define G_LOG_DOMAIN "tacet-tool-hand"

#include "config.h"

#include "ui/tacet-tool.h"

#include <glib/gi18n.h>

typedef struct
{
  TacetTool parent_instance;
} TacetToolHand;
typedef struct
{
  TacetToolClass parent_class;
} TacetToolHandClass;

G_DEFINE_TYPE (TacetToolHand, tacet_tool_hand, TACET_TYPE_TOOL)

static const char *
cursor (TacetTool *self)
{
  return "grab";
}

static void
tacet_tool_hand_class_init (TacetToolHandClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  tool_class->id = TACET_TOOL_HAND;
  tool_class->name = N_ ("Hand");
  tool_class->icon = "tacet-hand-symbolic";
  tool_class->purpose = N_ ("Drag to move the view; Space does so with every tool");
  tool_class->pans = TRUE;
  tool_class->cursor = cursor;
}

static void
tacet_tool_hand_init (TacetToolHand *self)
{
}
