/* tacet-canvas-private.h: what the files of the canvas share.  Room: ui. */
#pragma once

#include "ui/tacet-canvas-draw.h"
#include "ui/tacet-canvas.h"

G_BEGIN_DECLS

typedef enum
{
  TACET_DRAG_NONE,
  TACET_DRAG_STROKE,
  TACET_DRAG_JOINT,
  TACET_DRAG_PAN,
} TacetDrag;

struct _TacetCanvas
{
  GtkWidget parent_instance;

  TacetScene *scene;
  TacetLayer *selected;
  GPtrArray *watched; /* of TacetLayer: whose "map-changed" we hear */
  GHashTable *hidden; /* set of TacetLayer */

  TacetView view;
  guint zoom_source;
  gboolean fitted; /* follows the size of the widget until the user moves it */

  TacetSurface *maps;    /* NULL: to be made */
  cairo_region_t *stale; /* part of `maps` to be composed again */
  TacetSurface *picture;
  char *frame_label;

  TacetTool tool;
  double brush_size, brush_hardness, brush_value;
  gboolean show_picture, show_overlays;

  /* input */
  TacetDrag drag;
  TacetJointRef joint, hovered;
  gboolean joint_moved; /* in this drag */
  gboolean space_held, pointer_inside, pointer_erases;
  double pointer_x, pointer_y;
  double pan_x, pan_y;   /* offset of the view when the drag began */
  double grab_x, grab_y; /* from the pointer to the joint, widget */
  gboolean has_last;     /* where the last stroke ended, for straight lines */
  double last_x, last_y; /* document */
  double pinch, turn;    /* zoom and angle when the pinch began */
};

void _tacet_canvas_init_input (TacetCanvas *self);
void _tacet_canvas_update_cursor (TacetCanvas *self);
/* Fits the document into a new size while the user has not moved it. */
void _tacet_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline);
void _tacet_canvas_view_changed (TacetCanvas *self, gboolean by_user);
/* Forgets a drag in progress; its changes are taken back. */
void _tacet_canvas_cancel_drag (TacetCanvas *self);
/* People of the selected control while its handles can be dragged; else NULL. */
const TacetPerson *_tacet_canvas_get_people (TacetCanvas *self, int *n_people);
gboolean _tacet_canvas_shows_maps (TacetCanvas *self);
void _tacet_canvas_hint (TacetCanvas *self, const char *text);

G_END_DECLS
