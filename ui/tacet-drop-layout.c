/* tacet-drop-layout.c: which zones there are for what is dragged, and where they lie.  Room: ui, no widgets. */
#define G_LOG_DOMAIN "tacet-drop"

#include "config.h"

#include "engine/scene/tacet-openraster.h"
#include "engine/scene/tacet-parameters.h"
#include "ui/tacet-drop.h"

#include <string.h>

#define MARGIN    24
#define GAP       14
#define TITLE     30
#define NARROW    620   /* below it, one column */
#define PEEK      65536 /* bytes of a text that say what it is */
#define TOP_SHARE 0.58

/* ---- what it is ---- */

static gsize
read_start (const char *path, char *start, gsize size)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream =
      g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_file_read (file, NULL, NULL) : NULL;
  gsize n = 0;

  if (stream != NULL)
    g_input_stream_read_all (G_INPUT_STREAM (stream), start, size, &n, NULL, NULL);
  return n;
}

/* A scene, or at least what another program wrote about how it was made. */
static gboolean
has_scene (const char *path)
{
  g_autofree char *scene = tacet_image_load_png_text (path, TACET_SCENE_KEY, NULL);
  g_autofree char *parameters = scene == NULL ? tacet_image_load_png_text (path, TACET_PARAMETERS_KEY, NULL) : NULL;

  return scene != NULL || parameters != NULL;
}

TacetDragged
tacet_dragged_of_file (const char *path)
{
  g_autofree char *start = g_malloc0 (PEEK + 1);
  gsize n = read_start (path, start, PEEK);
  g_auto (TacetImageHeader) header = { 0 };

  if (tacet_image_header_read (&header, start, n))
    return !tacet_image_format_is_installed (header.format)        ? 0
           : header.format == TACET_FORMAT_PNG && has_scene (path) ? TACET_DRAGGED_PICTURE | TACET_DRAGGED_SCENE
                                                                   : TACET_DRAGGED_PICTURE;
  if (g_str_has_suffix (path, ".ora") && tacet_raster_is_file (path))
    return TACET_DRAGGED_SCENE;
  if (!g_str_has_suffix (path, ".json"))
    return 0;
  return strstr (start, "\"tacet-scene\"") != NULL ? TACET_DRAGGED_SCENE : TACET_DRAGGED_POSE;
}

guint
tacet_dragged_zones (TacetDragged dragged)
{
  guint zones = 0;

  if ((dragged & TACET_DRAGGED_PICTURE) != 0)
    zones |= 1u << TACET_ZONE_PICTURE | 1u << TACET_ZONE_EDGES | 1u << TACET_ZONE_EDGE_MAP |
             1u << TACET_ZONE_DEPTH_MAP | 1u << TACET_ZONE_REGION | 1u << TACET_ZONE_MASK;
  if ((dragged & TACET_DRAGGED_SCENE) != 0)
    zones |= 1u << TACET_ZONE_PROJECT;
  if ((dragged & TACET_DRAGGED_POSE) != 0)
    zones |= 1u << TACET_ZONE_POSE;
  if ((dragged & TACET_DRAGGED_LAYER) != 0)
    zones |= 1u << TACET_ZONE_LAYER;
  return zones;
}

gboolean
tacet_zone_import (TacetZone zone, TacetImportAs *as)
{
  static const struct
  {
    TacetZone zone;
    TacetImportAs as;
  } made[] = {
    { TACET_ZONE_PICTURE, TACET_IMPORT_PICTURE },   { TACET_ZONE_EDGES, TACET_IMPORT_EDGES },
    { TACET_ZONE_EDGE_MAP, TACET_IMPORT_EDGE_MAP }, { TACET_ZONE_DEPTH_MAP, TACET_IMPORT_DEPTH_MAP },
    { TACET_ZONE_REGION, TACET_IMPORT_REGION },     { TACET_ZONE_MASK, TACET_IMPORT_MASK },
  };

  for (guint i = 0; i < G_N_ELEMENTS (made); i++)
    if (made[i].zone == zone)
      {
        *as = made[i].as;
        return TRUE;
      }
  return FALSE;
}

/* ---- where it lies ---- */

static gboolean
makes_control (TacetZone zone)
{
  return zone >= TACET_ZONE_EDGES && zone <= TACET_ZONE_POSE;
}

/* The zones from first to last that are there; returns their number. */
static int
collect (guint zones, TacetZone first, TacetZone last, TacetZone out[TACET_N_ZONES])
{
  int n = 0;

  for (TacetZone zone = first; zone <= last; zone++)
    if ((zones & 1u << zone) != 0)
      out[n++] = zone;
  return n;
}

/* n rectangles next to each other fill the area, `across` or down, with gaps between them. */
static GdkRectangle
part (GdkRectangle area, int i, int n, gboolean across)
{
  int length = across ? area.width : area.height, free = MAX (length - (n - 1) * GAP, n);
  int from = free * i / n + i * GAP, to = free * (i + 1) / n + i * GAP;

  return across ? (GdkRectangle){ area.x + from, area.y, to - from, area.height }
                : (GdkRectangle){ area.x, area.y + from, area.width, to - from };
}

static void
lay_column (TacetDropLayout *self, guint zones, GdkRectangle area)
{
  TacetZone list[TACET_N_ZONES];
  int n = collect (zones, 0, TACET_N_ZONES - 1, list);

  for (int i = 0; i < n; i++)
    self->zones[list[i]] = part (area, i, n, FALSE);
}

/* The frame with a title, and the zones in it. */
static void
lay_controls (TacetDropLayout *self, const TacetZone *list, int n, GdkRectangle area)
{
  GdkRectangle inside = { area.x + GAP, area.y + TITLE + GAP / 2, MAX (area.width - 2 * GAP, 1),
                          MAX (area.height - TITLE - GAP - GAP / 2, 1) };

  self->controls = area;
  self->title = (GdkRectangle){ area.x + GAP, area.y + GAP / 2, inside.width, TITLE };
  for (int i = 0; i < n; i++)
    self->zones[list[i]] = part (inside, i, n, TRUE);
}

/* The controls are as wide as two others. */
static void
lay_top (TacetDropLayout *self, const TacetZone *list, int n, GdkRectangle area)
{
  int n_controls = 0, n_places, place = 0;

  for (int i = 0; i < n; i++)
    n_controls += makes_control (list[i]);
  n_places = n - n_controls + (n_controls > 1 ? 2 : n_controls);
  for (int i = 0; i < n; i++)
    {
      GdkRectangle first = part (area, place, n_places, TRUE);

      if (!makes_control (list[i]) || n_controls == 1)
        {
          self->zones[list[i]] = first;
          place++;
          continue;
        }
      lay_controls (self, list + i, n_controls,
                    (GdkRectangle){ first.x, first.y, area.x + area.width - first.x, first.height });
      return; /* they are the last */
    }
}

void
tacet_drop_layout (TacetDropLayout *self, guint zones, int width, int height)
{
  TacetZone top[TACET_N_ZONES], bottom[TACET_N_ZONES];
  GdkRectangle area = { MARGIN, MARGIN, MAX (width - 2 * MARGIN, 1), MAX (height - 2 * MARGIN, 1) }, under = area;
  int n_top = collect (zones, TACET_ZONE_LAYER, TACET_ZONE_POSE, top);
  int n_bottom = collect (zones, TACET_ZONE_REGION, TACET_ZONE_PROJECT, bottom);

  memset (self, 0, sizeof *self);
  if (width < NARROW)
    {
      lay_column (self, zones, area);
      return;
    }
  if (n_top > 0 && n_bottom > 0)
    {
      area.height = MAX ((int) ((area.height - GAP) * TOP_SHARE), 1);
      under.y += area.height + GAP;
      under.height = MAX (under.height - area.height - GAP, 1);
    }
  lay_top (self, top, n_top, area);
  for (int i = 0; i < n_bottom; i++)
    self->zones[bottom[i]] = part (under, i, n_bottom, TRUE);
}

TacetZone
tacet_drop_layout_at (const TacetDropLayout *self, double x, double y)
{
  for (int i = 0; i < TACET_N_ZONES; i++)
    {
      const GdkRectangle *zone = &self->zones[i];

      if (x >= zone->x && y >= zone->y && x < zone->x + zone->width && y < zone->y + zone->height)
        return (TacetZone) i;
    }
  return TACET_NO_ZONE;
}
