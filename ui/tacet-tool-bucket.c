/* tacet-tool-bucket.c: fills what is alike around a point, as the layer or everything that is seen shows it.
 *
 * Room: ui.
 */
#define G_LOG_DOMAIN "tacet-tool-bucket"

#include "config.h"

#include "ui/tacet-tool.h"

#include <glib/gi18n.h>
#include <math.h>

typedef struct
{
  TacetTool parent_instance;

  int source; /* 0 this layer, 1 all that is seen */
  double tolerance, gap, opacity;
  gboolean contiguous;
} TacetToolBucket;
typedef struct
{
  TacetToolClass parent_class;
} TacetToolBucketClass;

#define SELF(tool) ((TacetToolBucket *) (tool))

G_DEFINE_TYPE (TacetToolBucket, tacet_tool_bucket, TACET_TYPE_TOOL)

static gboolean
press (TacetTool *tool, const TacetPointer *at)
{
  TacetToolBucket *self = SELF (tool);
  TacetLayer *layer = tacet_tool_need_layer (tool);
  gboolean erase = (at->state & GDK_CONTROL_MASK) != 0;
  TacetInkFlood how = { (int) lround (self->tolerance * 255), self->contiguous, (int) lround (self->gap) };
  g_autoptr (TacetImage) source = NULL;
  g_autoptr (TacetInk) ink = NULL;

  if (layer == NULL)
    return FALSE;
  source = self->source == 0 ? tacet_tool_copy_layer (layer) : tacet_tool_copy_seen (tool);
  if (source != NULL)
    ink = tacet_ink_flood (source, (int) floor (at->x), (int) floor (at->y), &how);
  if (source == NULL)
    tacet_tool_hint (tool, _ ("There is not enough memory to fill."));
  else
    tacet_tool_apply_ink (tool, ink, self->opacity, erase ? TACET_USE_ERASER : TACET_USE_FIRST,
                          erase ? _ ("Erase Area") : _ ("Fill"));
  return FALSE;
}

/* From the keyboard: fills where the pointer is. */
static gboolean
apply (TacetTool *tool)
{
  TacetPointer at;

  if (!tacet_tool_get_pointer (tool, &at))
    return FALSE;
  press (tool, &at);
  return TRUE;
}

static const char *
cursor (TacetTool *tool)
{
  return "crosshair";
}

static const char *
hints (TacetTool *tool)
{
  return _ ("Ctrl: erase · Enter: fill at the pointer");
}

static const TacetToolChoice sources[] = {
  { "layer", N_ ("This layer"), NULL },
  { "all", N_ ("All layers"), NULL },
  { NULL },
};
static const TacetToolOption options[] = {
  { "source", N_ ("What it looks at"), TACET_OPTION_CHOICE, offsetof (TacetToolBucket, source), .choices = sources },
  { "tolerance", N_ ("Tolerance"), TACET_OPTION_PERCENT, offsetof (TacetToolBucket, tolerance), 0, 1, 0.12 },
  { "gap", N_ ("Close gaps up to so many pixels"), TACET_OPTION_ENTRY, offsetof (TacetToolBucket, gap), 0, 64, 0,
    .more = TRUE },
  { "contiguous", N_ ("Only what is connected"), TACET_OPTION_SWITCH, offsetof (TacetToolBucket, contiguous), 0, 1, 1,
    .more = TRUE },
  { "opacity", N_ ("Opacity"), TACET_OPTION_PERCENT, offsetof (TacetToolBucket, opacity), 0.01, 1, 1, .more = TRUE },
};

static void
tacet_tool_bucket_class_init (TacetToolBucketClass *class)
{
  TacetToolClass *tool_class = TACET_TOOL_CLASS (class);

  tool_class->id = TACET_TOOL_BUCKET;
  tool_class->name = N_ ("Bucket");
  tool_class->icon = "tacet-bucket-symbolic";
  tool_class->purpose = N_ ("Fills what is alike around a point");
  tool_class->paints = TRUE;
  tool_class->press = press;
  tool_class->apply = apply;
  tool_class->cursor = cursor;
  tool_class->hints = hints;
  tacet_tool_class_set_options (tool_class, options, G_N_ELEMENTS (options));
}

static void
tacet_tool_bucket_init (TacetToolBucket *self)
{
}
