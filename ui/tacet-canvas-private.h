/* tacet-canvas-private.h: what the files of the canvas share.  Room: ui. */
#pragma once

#include "ui/tacet-canvas-draw.h"
#include "ui/tacet-canvas-tiles.h"
#include "ui/tacet-canvas.h"
#include "ui/tacet-composite.h"

G_BEGIN_DECLS

typedef enum
{
  TACET_DRAG_NONE,
  TACET_DRAG_TOOL,
  TACET_DRAG_PAN,
  TACET_DRAG_ZOOM,
  TACET_DRAG_SIZE, /* of the tool */
} TacetDrag;

/* A part of the picture that stays as it is while nothing of this is different. */
typedef struct
{
  double zoom, angle, off_x, off_y;
  int mirrored, width, height, widget_width, widget_height, flags;
  guint text, font;
} TacetKeptKey;

typedef struct
{
  TacetKeptKey key;
  gboolean valid;
  GskRenderNode *node; /* NULL: nothing is drawn */
} TacetKept;

enum
{
  TACET_KEPT_SHADOW,
  TACET_KEPT_FRAME,
  TACET_KEPT_RULERS,
  TACET_KEPT_HUD,
  TACET_N_KEPT
};

struct _TacetCanvas
{
  GtkWidget parent_instance;

  TacetScene *scene;
  TacetLayer *selected;
  GPtrArray *watched; /* of TacetLayer: whose "map-changed" we hear */

  TacetView view;
  guint zoom_source;
  gboolean fitted; /* follows the size of the widget until the user moves it */

  TacetComposite *composite; /* NULL: to be made */
  GPtrArray *composed;       /* of TacetLayer: those it knows */
  TacetCanvasTiles *tiles;
  TacetKept kept[TACET_N_KEPT];
  guint tick; /* for another frame */
  gboolean was_drawn;
  TacetSurface *picture;
  char *frame_label, *hud;

  TacetTool *tools[TACET_N_TOOLS];
  TacetToolId tool;
  TacetSwatches *swatches;
  TacetLayer *lifted; /* left out of the picture: a tool draws it; or NULL */
  gboolean show_picture, show_overlays, isolate, show_hud, show_rulers;

  /* input */
  gboolean wheel_zooms;
  TacetPressure pressure; /* zeros: a straight line */
  TacetDrag drag;
  gboolean space_held, size_held, pointer_inside;
  double pointer_x, pointer_y;
  double drag_x, drag_y;   /* of the last event of the drag, widget */
  double press_x, press_y; /* of the last press, and when: two near each other are a double click */
  guint32 press_time;
  int n_press;
  double size_from; /* of the tool when the drag began */
  guint n_uses;
  double pinch, turn; /* zoom and angle when the pinch began */
};

void _tacet_canvas_init_input (TacetCanvas *self);
void _tacet_canvas_update_cursor (TacetCanvas *self);
/* Fits the document into a new size while the user has not moved it. */
void _tacet_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline);
void _tacet_canvas_view_changed (TacetCanvas *self, gboolean by_user);
/* Forgets a drag in progress; its changes are taken back. */
void _tacet_canvas_cancel_drag (TacetCanvas *self);
/* tacet-canvas-layers.c: hears of changes; _compose: self->composite is as the document and the canvas want it. */
void _tacet_canvas_watch_layers (TacetCanvas *self);
void _tacet_canvas_unwatch_layers (TacetCanvas *self);
void _tacet_canvas_compose (TacetCanvas *self, gboolean over_result);
void _tacet_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot);
void _tacet_canvas_forget_kept (TacetCanvas *self);
/* What is said in words about the document and the view, for screen readers and for the eye (self->hud). */
void _tacet_canvas_update_description (TacetCanvas *self);
void _tacet_canvas_update_hud (TacetCanvas *self);
void _tacet_canvas_lift (TacetCanvas *self, TacetLayer *layer);
gboolean _tacet_canvas_shows_maps (TacetCanvas *self);
void _tacet_canvas_hint (TacetCanvas *self, const char *text);

G_END_DECLS
