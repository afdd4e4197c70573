/* tacet-drop.h: the zones that lie over the canvas while something is dragged over it, and what each would make of it.
 *
 * Room: ui.
 */
#pragma once

#include "ui/tacet-import.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  TACET_ZONE_LAYER, /* of another window, whole */
  TACET_ZONE_PICTURE,
  TACET_ZONE_EDGES, /* these four make a control */
  TACET_ZONE_EDGE_MAP,
  TACET_ZONE_DEPTH_MAP,
  TACET_ZONE_POSE,
  TACET_ZONE_REGION,
  TACET_ZONE_MASK,
  TACET_ZONE_PROJECT,
  TACET_N_ZONES,
} TacetZone;
#define TACET_NO_ZONE ((TacetZone) -1)

/* What is dragged can be several of these. */
typedef enum
{
  TACET_DRAGGED_PICTURE = 1 << 0,
  TACET_DRAGGED_SCENE = 1 << 1, /* a document, or a picture with one inside */
  TACET_DRAGGED_POSE = 1 << 2,
  TACET_DRAGGED_LAYER = 1 << 3,
} TacetDragged;
/* Looks into the file, so not on the main thread; 0: nothing that Tacet reads. */
TacetDragged tacet_dragged_of_file (const char *path);
/* Set of 1 << TacetZone. */
guint tacet_dragged_zones (TacetDragged dragged);
/* What a zone makes of a picture; FALSE: it wants no picture. */
gboolean tacet_zone_import (TacetZone zone, TacetImportAs *as);

typedef struct
{
  GdkRectangle zones[TACET_N_ZONES]; /* empty: not there */
  GdkRectangle controls, title;      /* the frame around those that make a control, and its title; or empty */
} TacetDropLayout;
/* Side by side, or below each other where that would be too narrow.  Zones never overlap. */
void tacet_drop_layout (TacetDropLayout *self, guint zones, int width, int height);
TacetZone tacet_drop_layout_at (const TacetDropLayout *self, double x, double y);

#define TACET_TYPE_DROP_ZONES (tacet_drop_zones_get_type ())
G_DECLARE_FINAL_TYPE (TacetDropZones, tacet_drop_zones, TACET, DROP_ZONES, GtkWidget)

/* Takes no input of its own.  Shows nothing until it has zones; with none of them, why. */
GtkWidget *tacet_drop_zones_new (void);
void tacet_drop_zones_set (TacetDropZones *self, guint zones);
TacetZone tacet_drop_zones_at (TacetDropZones *self, double x, double y);
/* TACET_NO_ZONE: none is under the pointer. */
void tacet_drop_zones_point (TacetDropZones *self, TacetZone zone);
TacetZone tacet_drop_zones_get_pointed (TacetDropZones *self);

G_END_DECLS
