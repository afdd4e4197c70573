/* canvas.c: how long a frame of the canvas takes, on documents and windows of several sizes, drawn by cairo.
 *
 *   benchmark-canvas [--busy] [SIDE ...]
 *
 * Room: benchmarks.  No display is needed.  "Ours" is what the canvas does: the stroke in the document, the layers laid
 * over each other, the pixels of the screen; "drawn" is all of it with GTK's software renderer drawing what is
 * different into a window's surface.  Bringing that to the screen is the system's and not counted.  A frame has 16.7
 * ms.
 * --busy: processor time of all threads instead of time, which is worthless on a busy machine.
 */
#include "config.h"

#include "engine/scene/tacet-scene.h"
#include "ui/tacet-canvas-draw.h"
#include "ui/tacet-canvas-tiles.h"
#include "ui/tacet-composite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FRAMES 40

typedef struct
{
  TacetScene *scene;
  TacetLayer *edges, *pose;
  TacetComposite *composite;
  TacetCompositeLayer layers[7];
  TacetCanvasTiles *tiles;
  TacetCanvasState state;
  cairo_surface_t *window;
  int side, width, height;
} Canvas;

static clockid_t used_clock = CLOCK_MONOTONIC;

static double
now (void)
{
  struct timespec time;

  clock_gettime (used_clock, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static void
blob (TacetImage *image, double x, double y, double radius, int value)
{
  for (int row = 0; row < image->height; row++)
    for (int column = 0; column < image->width; column++)
      if (hypot (column - x * image->width, row - y * image->height) < radius * image->width)
        memset (image->data + ((gsize) row * image->width + column) * image->channels, value, image->channels);
}

static TacetCompositeLayer
other_layer (const char *key, TacetLayerKind kind, int side, int channels, int index)
{
  TacetImage *pixels = tacet_image_new (side, side, channels), *coverage = NULL;
  TacetCompositeLayer layer = {
    .key = key, .kind = kind, .hatch = index, .colour = tacet_palette_control (index), .opacity = 1
  };

  g_assert (pixels != NULL);
  if (kind == TACET_LAYER_PICTURE)
    {
      for (gsize i = 0; i < (gsize) side * side; i++)
        memcpy (pixels->data + 4 * i, (guint8[]){ (guint8) (i * 37), (guint8) (i >> 9), 90, 255 }, 4);
      layer.picture = pixels;
      return layer;
    }
  blob (pixels, 0.3 + 0.1 * index, 0.6 - 0.07 * index, 0.25, kind == TACET_LAYER_POSE ? 150 : 255);
  if (kind == TACET_LAYER_REGION || kind == TACET_LAYER_MASK)
    {
      layer.coverage = pixels;
      return layer;
    }
  coverage = tacet_image_new (side, side, 1);
  blob (coverage, 0.5, 0.5, 0.45, 255);
  layer.map = pixels;
  layer.coverage = coverage;
  return layer;
}

static Canvas
canvas_new (int side, int width, int height)
{
  Canvas self = { .side = side, .width = width, .height = height };

  self.scene = tacet_scene_new (side, side);
  self.edges = tacet_scene_add_layer (self.scene, TACET_LAYER_EDGE);
  self.pose = tacet_scene_add_layer (self.scene, TACET_LAYER_POSE);
  self.composite = tacet_composite_new (side, side);
  self.tiles = tacet_canvas_tiles_new ();
  self.layers[0] = (TacetCompositeLayer){
    .key = self.edges, .kind = TACET_LAYER_EDGE, .colour = tacet_palette_control (0), .opacity = 1, .selected = TRUE
  };
  self.layers[1] = other_layer ("depth", TACET_LAYER_DEPTH, side, 1, 1);
  self.layers[2] = (TacetCompositeLayer){
    .key = self.pose, .kind = TACET_LAYER_POSE, .colour = tacet_palette_control (2), .opacity = 1
  };
  self.layers[3] = other_layer ("region", TACET_LAYER_REGION, side, 1, 3);
  self.layers[4] = other_layer ("region 2", TACET_LAYER_REGION, side, 1, 4);
  self.layers[5] = other_layer ("mask", TACET_LAYER_MASK, side, 1, 0);
  self.layers[6] = other_layer ("picture", TACET_LAYER_PICTURE, side, 4, 0);
  self.window = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  self.state = (TacetCanvasState){
    .width = side,
    .height = side,
    .widget_width = width,
    .widget_height = height,
    .layers = tacet_composite_get_surface (self.composite),
    .inks = tacet_composite_get_inks (self.composite),
  };
  tacet_view_fit (&self.state.view, side, side, width, height, 20);
  return self;
}

static void
canvas_clear (Canvas *self)
{
  cairo_surface_destroy (self->window);
  tacet_canvas_tiles_free (self->tiles);
  tacet_composite_free (self->composite);
  for (int i = 1; i < 7; i++)
    {
      if (self->layers[i].key == self->pose)
        continue;
      const TacetImage *images[] = { self->layers[i].map, self->layers[i].coverage, self->layers[i].picture };

      for (int j = 0; j < 3; j++)
        if (images[j] != NULL)
          tacet_image_unref ((TacetImage *) images[j]);
    }
  g_object_unref (self->scene);
}

/* A frame; FALSE: another is needed until all is right.  changed: what GTK draws again; NULL: everything. */
static gboolean
frame (Canvas *self, int n_layers, double *ours, double *drawn)
{
  TacetScreen screen = tacet_canvas_get_screen (&self->state, 1);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  double start = now ();
  GskRenderNode *node;
  cairo_region_t *damage;
  gboolean ready;
  cairo_t *cr;
  int x, y;

  self->layers[0].map = tacet_layer_get_map (self->edges);
  self->layers[0].coverage = tacet_layer_get_coverage (self->edges);
  self->layers[2].map = tacet_layer_get_map (self->pose);
  self->layers[2].coverage = tacet_layer_get_coverage (self->pose);
  tacet_composite_set_layers (self->composite, self->layers + 7 - n_layers, n_layers, FALSE);
  damage = tacet_composite_take_damage (self->composite);
  tacet_canvas_tiles_damage (self->tiles, &screen, damage);
  ready = tacet_canvas_tiles_snapshot (self->tiles, &screen, self->width, self->height, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  *ours += now () - start;
  cr = cairo_create (self->window);
  tacet_screen_origin (&screen, &x, &y);
  for (int i = 0; i < cairo_region_num_rectangles (damage); i++)
    {
      cairo_rectangle_int_t part;

      cairo_region_get_rectangle (damage, i, &part);
      part = tacet_screen_part (&screen, &part);
      /* GTK draws whole tiles again. */
      cairo_rectangle (cr, x + floor (part.x / 256.0) * 256, y + floor (part.y / 256.0) * 256,
                       ceil (part.width / 256.0 + 1) * 256, ceil (part.height / 256.0 + 1) * 256);
    }
  if (cairo_region_num_rectangles (damage) > 0)
    cairo_clip (cr);
  if (node != NULL)
    gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  *drawn += now () - start;
  g_clear_pointer (&node, gsk_render_node_unref);
  cairo_region_destroy (damage);
  return ready;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return (*(const double *) a > *(const double *) b) - (*(const double *) a < *(const double *) b);
}

static void
report (const char *what, double *ours, double *drawn, int n)
{
  qsort (ours, (gsize) n, sizeof (double), compare);
  qsort (drawn, (gsize) n, sizeof (double), compare);
  printf ("  %-22s %7.1f %7.1f   %7.1f %7.1f\n", what, ours[n / 2], ours[n - 1], drawn[n / 2], drawn[n - 1]);
}

static void
map_changed_cb (Canvas *self, int x, int y, int width, int height, TacetLayer *layer)
{
  tacet_composite_changed (self->composite, layer, x, y, width, height);
}

/* Of a figure as high as the document: one joint, or all of it. */
static void
measure_pose (Canvas *self, const char *what, int point)
{
  double ours[FRAMES] = { 0 }, drawn[FRAMES] = { 0 };
  TacetPerson person = tacet_person_new (TACET_FIGURE_WAVING, self->side / 2, self->side / 2, self->side, self->side);
  int n_people;

  tacet_layer_get_people (self->pose, &n_people);
  if (n_people == 0)
    tacet_scene_add_person (self->scene, self->pose, &person);
  frame (self, 7, ours, drawn);
  for (int i = 0; i < FRAMES; i++)
    {
      double start = now ();

      for (int k = 0; k < TACET_PERSON_POINTS; k++)
        if (point < 0 || k == point)
          person.points[k].x += (float) (self->side * (i & 1 ? -0.02 : 0.02));
      tacet_scene_set_person (self->scene, self->pose, 0, &person, NULL, TRUE);
      ours[i] = drawn[i] = now () - start;
      frame (self, 7, &ours[i], &drawn[i]);
    }
  report (what, ours, drawn, FRAMES);
}

static void
measure_stroke (Canvas *self)
{
  double ours[FRAMES] = { 0 }, drawn[FRAMES] = { 0 }, size = 30 / self->state.view.zoom;
  TacetBrush brush = { .paint = { .value = 1, .opacity = 1 }, .size = size, .hardness = 0.8 };

  tacet_scene_stroke_begin (self->scene, self->edges, &brush);
  for (int i = 0; i < FRAMES; i++)
    {
      double start = now (), t = i * 0.12;

      tacet_scene_stroke_to (self->scene, self->side * (0.5 + 0.3 * cos (t)), self->side * (0.5 + 0.3 * sin (1.3 * t)),
                             1);
      ours[i] = drawn[i] = now () - start;
      frame (self, 7, &ours[i], &drawn[i]);
    }
  tacet_scene_stroke_end (self->scene);
  report ("stroke, 30 px wide", ours, drawn, FRAMES);
}

typedef void (*ChangeView) (TacetView *view, const Canvas *self, int i);

static void
pan (TacetView *view, const Canvas *self, int i)
{
  view->off_x += 7 * (i < FRAMES / 2 ? 1 : -1);
  view->off_y += 4 * (i < FRAMES / 2 ? 1 : -1);
}

static void
zoom (TacetView *view, const Canvas *self, int i)
{
  tacet_view_zoom_at (view, 1.06, self->width / 2.0, self->height / 2.0);
  view->off_x = round (view->off_x);
  view->off_y = round (view->off_y);
}

static void
turn (TacetView *view, const Canvas *self, int i)
{
  tacet_view_turn_at (view, 1, self->width / 2.0, self->height / 2.0);
  view->off_x = round (view->off_x);
  view->off_y = round (view->off_y);
}

static void
measure_view (Canvas *self, const char *what, ChangeView change)
{
  double ours[FRAMES] = { 0 }, drawn[FRAMES] = { 0 };

  for (int i = 0; i < FRAMES; i++)
    {
      change (&self->state.view, self, i);
      frame (self, 7, &ours[i], &drawn[i]);
    }
  report (what, ours, drawn, FRAMES);
}

/* Of a layer's eye: until the last tile shows it. */
static void
measure_switch (Canvas *self)
{
  double ours[FRAMES] = { 0 }, drawn[FRAMES] = { 0 };
  int most = 0;

  for (int i = 0; i < FRAMES / 4; i++)
    for (int n = 1, ready = FALSE; !ready; n++)
      {
        ready = frame (self, i & 1 ? 7 : 6, &ours[i], &drawn[i]);
        most = MAX (most, n);
      }
  report ("switch a layer, in all", ours, drawn, FRAMES / 4);
  printf ("  %-22s %7d\n", "  frames it took", most);
}

static void
measure (int side, int width, int height)
{
  Canvas self = canvas_new (side, width, height);
  double ours = 0, drawn = 0;
  int n = 1;

  printf ("document %d x %d, window %d x %d (ms)\n  %-22s %15s   %15s\n", side, side, width, height, "",
          "ours: mid, most", "drawn: mid, most");
  while (!frame (&self, 7, &ours, &drawn))
    n++;
  printf ("  %-22s %7.1f %7s   %7.1f          (%d frames)\n", "first, in all", ours, "", drawn, n);
  g_signal_connect_swapped (self.edges, "map-changed", G_CALLBACK (map_changed_cb), &self);
  g_signal_connect_swapped (self.pose, "map-changed", G_CALLBACK (map_changed_cb), &self);
  measure_stroke (&self);
  measure_pose (&self, "drag a wrist", TACET_RIGHT_WRIST);
  measure_pose (&self, "drag a person", -1);
  measure_view (&self, "pan, fitted", pan);
  measure_switch (&self);
  measure_view (&self, "turn", turn);
  self.state.view.angle = 0;
  tacet_view_fit (&self.state.view, side, side, width, height, 20);
  frame (&self, 7, &ours, &drawn);
  measure_view (&self, "zoom", zoom);
  measure_view (&self, "pan, enlarged", pan);
  canvas_clear (&self);
}

int
main (int argc, char **argv)
{
  static const int sides[] = { 1024, 2048, 4096 };
  g_autofree char *load = NULL;

  if (argc > 1 && g_str_equal (argv[1], "--busy"))
    {
      used_clock = CLOCK_PROCESS_CPUTIME_ID;
      argc--;
      argv++;
    }

  gtk_init_check (); /* registers the types of nodes; a display is not needed */
  if (g_file_get_contents ("/proc/loadavg", &load, NULL, NULL))
    printf ("processors: %u, load before: %.4s\n", g_get_num_processors (), load);
  for (int i = 0; i < (argc > 1 ? argc - 1 : (int) G_N_ELEMENTS (sides)); i++)
    {
      int side = argc > 1 ? atoi (argv[i + 1]) : sides[i];

      if (side < TACET_SCENE_MIN_SIDE || side > TACET_SCENE_MAX_SIDE)
        continue;
      measure (side, 1200, 900);
      measure (side, 3840, 2160);
    }
  return 0;
}
