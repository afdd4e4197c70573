/* tacet-tool.h: a tool of the canvas: what it is called, what it does with pointer and keys, what it shows.
 *
 * Room: ui.  One file per tool, tacet-tool-ID.c, with a class of its own; tacet-canvas-input.c brings it the events.
 * A tool belongs to one canvas and changes the document through its scene only: one finished gesture is one undo step.
 * Lengths are document pixels unless a name says otherwise.
 */
#pragma once

#include "engine/scene/tacet-scene.h"
#include "ui/tacet-swatches.h"
#include "ui/tacet-view.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _TacetCanvas TacetCanvas;

/* In the order of the strip. */
typedef enum
{
  TACET_TOOL_MOVE,
  TACET_TOOL_BRUSH,
  TACET_TOOL_ERASER,
  TACET_TOOL_SILENCE,
  TACET_TOOL_PEN,
  TACET_TOOL_SHAPES,
  TACET_TOOL_LASSO,
  TACET_TOOL_BUCKET,
  TACET_TOOL_GRADIENT,
  TACET_TOOL_PICKER,
  TACET_TOOL_POSE,
  TACET_TOOL_HAND,
  TACET_N_TOOLS,
} TacetToolId;
const char *tacet_tool_id (TacetToolId tool); /* "brush" ... */
gboolean tacet_tool_parse (const char *id, TacetToolId *tool);

typedef struct
{
  double x, y;
  double widget_x, widget_y;
  double pressure; /* 0 .. 1; devices without pressure press fully */
  GdkModifierType state;
  gboolean eraser; /* the other end of a pen */
  int n_press;     /* 2: a double click */
} TacetPointer;

/* ---- options: properties of the tool, actions of the window (tool.ID-NAME), widgets above the canvas ---- */

typedef enum
{
  TACET_OPTION_NUMBER,  /* double: a slider */
  TACET_OPTION_PERCENT, /* double 0 .. 1: a slider */
  TACET_OPTION_SIZE,    /* double: a slider of equal ratios */
  TACET_OPTION_ENTRY,   /* double: typed */
  TACET_OPTION_SWITCH,  /* gboolean */
  TACET_OPTION_CHOICE,  /* int, the property is the id of the choice */
} TacetToolOptionType;

typedef struct
{
  const char *id, *label; /* label: N_() */
  const char *icon;       /* NULL: the label stands there */
} TacetToolChoice;

typedef struct
{
  const char *name, *label; /* label: N_() */
  TacetToolOptionType type;
  gsize offset; /* of its field in the instance */
  double low, high, value;
  int digits;
  const TacetToolChoice *choices; /* ends with an id of NULL */
  gboolean more;                  /* stands in the menu beside the row */
  gboolean passing;               /* belongs to the document or the moment: is not remembered */
} TacetToolOption;

/* ---- the class ---- */

#define TACET_TYPE_TOOL (tacet_tool_get_type ())
G_DECLARE_DERIVABLE_TYPE (TacetTool, tacet_tool, TACET, TOOL, GObject)

struct _TacetToolClass
{
  GObjectClass parent_class;

  /* What it is; texts N_(). */
  TacetToolId id;
  const char *name, *icon;
  const char *purpose; /* what it is good for, or NULL */
  gboolean paints;     /* with a colour or value, which stand in its row */
  gboolean pans;       /* its gestures move the view */
  const TacetToolOption *options;
  guint n_options;

  /* A gesture of the main button.  press FALSE: nothing begins.  motion gets every point of the device's history. */
  gboolean (*press) (TacetTool *self, const TacetPointer *at);
  void (*motion) (TacetTool *self, const TacetPointer *at);
  void (*release) (TacetTool *self, const TacetPointer *at);
  /* The pointer moves with no button held; NULL: it left.  Always followed by a redraw. */
  void (*hover) (TacetTool *self, const TacetPointer *at);
  void (*right_press) (TacetTool *self, const TacetPointer *at);
  /* TRUE: it was for the tool.  Enter and Escape come as apply and cancel. */
  gboolean (*key_press) (TacetTool *self, guint key, GdkModifierType state);
  gboolean (*apply) (TacetTool *self);
  /* Another tool or layer is about to be chosen: what is set up is done.  Like apply, but never begins anything. */
  gboolean (*finish) (TacetTool *self);
  /* Takes back what is unfinished, FALSE: nothing was.  Also when the tool, the layer or the document changes. */
  gboolean (*cancel) (TacetTool *self);

  /* Drawn over the document, in coordinates of the widget. */
  void (*draw) (TacetTool *self, cairo_t *cr, const TacetView *view);
  /* The ring under the pointer; FALSE: there is none. */
  gboolean (*ring) (TacetTool *self, double *diameter, gboolean *dashed);
  const char *(*cursor) (TacetTool *self); /* name of the pointer */
  /* The modifiers that do something now, translated, or NULL. */
  const char *(*hints) (TacetTool *self);

  void (*scene_changed) (TacetTool *self); /* another document */
  void (*layer_changed) (TacetTool *self); /* another layer is selected, or none */
  /* More widgets for the row of options, behind those of the table. */
  void (*add_widgets) (TacetTool *self, GtkBox *row);
};

/* In class_init: the properties that the table describes. */
void tacet_tool_class_set_options (TacetToolClass *class, const TacetToolOption *options, guint n_options);
/* As one number, for those who keep it: a switch is 0 or 1, a choice its place in the list. */
double tacet_tool_get_option (TacetTool *self, const TacetToolOption *option);
void tacet_tool_set_option (TacetTool *self, const TacetToolOption *option, double value);
/* The option of this name, or NULL. */
const TacetToolOption *tacet_tool_find_option (TacetTool *self, const char *name);

TacetTool *tacet_tool_new (TacetToolId id, TacetCanvas *canvas);
TacetCanvas *tacet_tool_get_canvas (TacetTool *self);
TacetScene *tacet_tool_get_scene (TacetTool *self); /* NULL: there is none */
TacetLayer *tacet_tool_get_layer (TacetTool *self); /* the selected one, or NULL */
const TacetView *tacet_tool_get_view (TacetTool *self);
/* The layer to change; NULL: there is none that can be, and the user has been told why. */
TacetLayer *tacet_tool_need_layer (TacetTool *self);
void tacet_tool_redraw (TacetTool *self);
void tacet_tool_update_cursor (TacetTool *self);
void tacet_tool_hint (TacetTool *self, const char *text); /* why nothing happened, in words */

/* ---- for tools ---- */

/* Whether it is an arrow key; the step is one document pixel on the screen's axes, ten with Shift. */
gboolean tacet_tool_arrow (TacetTool *self, guint key, GdkModifierType state, double *dx, double *dy);
/* Where the pointer is; FALSE: not on the canvas. */
gboolean tacet_tool_get_pointer (TacetTool *self, TacetPointer *at);

TacetSwatches *tacet_tool_get_swatches (TacetTool *self); /* the canvas's */
typedef enum
{
  TACET_USE_FIRST, /* the colour, the value */
  TACET_USE_OTHER,
  TACET_USE_ERASER,
} TacetToolUse;
TacetPaint tacet_tool_get_paint (TacetTool *self, TacetToolUse use);
/* On the selected layer, as one step of this name; ink NULL: the gesture covered nothing. */
void tacet_tool_apply_ink (TacetTool *self, const TacetInk *ink, double opacity, TacetToolUse use, const char *name);

/* Pixels to look at (tacet-tool-source.c); NULL: no memory.  A layer as its own marks, a layer as it is shown, all that
 * is seen. */
TacetImage *tacet_tool_copy_layer (TacetLayer *layer);
TacetImage *tacet_tool_copy_shown (TacetTool *self, TacetLayer *layer);
TacetImage *tacet_tool_copy_seen (TacetTool *self);

/* Takes up what is under the pointer, for tools that are no picker. */
void tacet_tool_pick (TacetTool *self, const TacetPointer *at);
void tacet_tool_move_fit (TacetTool *self); /* the move tool: into the document */
void tacet_tool_move_mirror (TacetTool *self, gboolean upside_down);

/* The row of options: bound to the properties. */
GtkWidget *tacet_tool_options_new (TacetTool *self);

GType tacet_tool_move_get_type (void);
GType tacet_tool_brush_get_type (void);
GType tacet_tool_eraser_get_type (void);
GType tacet_tool_silence_get_type (void);
GType tacet_tool_pen_get_type (void);
GType tacet_tool_shapes_get_type (void);
GType tacet_tool_lasso_get_type (void);
GType tacet_tool_bucket_get_type (void);
GType tacet_tool_gradient_get_type (void);
GType tacet_tool_picker_get_type (void);
GType tacet_tool_pose_get_type (void);
GType tacet_tool_hand_get_type (void);

G_END_DECLS
