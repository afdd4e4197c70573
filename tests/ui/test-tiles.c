/* test-tiles.c: the document on the screen in tiles: what has not changed stays the same node.  Room: tests/ui. */
#include "ui/tacet-canvas-tiles.h"

#include <string.h>

#define SIDE 1000

typedef struct
{
  TacetSurface *surface;
  TacetCanvasTiles *tiles;
  TacetScreen screen;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->surface = tacet_surface_new (SIDE, SIDE);
  f->tiles = tacet_canvas_tiles_new ();
  f->screen = (TacetScreen){ { 1, 10, 20, 0, FALSE }, SIDE, SIDE, 1, .above = f->surface };
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  tacet_canvas_tiles_free (f->tiles);
  tacet_surface_free (f->surface);
}

static GHashTable *
set_new (void)
{
  return g_hash_table_new_full (NULL, NULL, (GDestroyNotify) gsk_render_node_unref, NULL);
}

static void
add_leaves (GskRenderNode *node, GHashTable *leaves)
{
  if (gsk_render_node_get_node_type (node) == GSK_CONTAINER_NODE)
    for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
      add_leaves (gsk_container_node_get_child (node, i), leaves);
  else if (gsk_render_node_get_node_type (node) == GSK_TRANSFORM_NODE)
    add_leaves (gsk_transform_node_get_child (node), leaves);
  else
    g_hash_table_add (leaves, gsk_render_node_ref (node));
}

/* The tiles of a frame, once all of it is as it should be. */
static GHashTable *
frame (Fixture *f, int width, int height)
{
  GHashTable *leaves = NULL;

  for (gboolean ready = FALSE; !ready;)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      GskRenderNode *node;

      ready = tacet_canvas_tiles_snapshot (f->tiles, &f->screen, width, height, snapshot);
      node = gtk_snapshot_free_to_node (snapshot);
      g_clear_pointer (&leaves, g_hash_table_unref);
      leaves = set_new ();
      if (node != NULL)
        add_leaves (node, leaves);
      g_clear_pointer (&node, gsk_render_node_unref);
    }
  return leaves;
}

static guint
n_new (GHashTable *before, GHashTable *after)
{
  GHashTableIter iter;
  gpointer node;
  guint n = 0;

  g_hash_table_iter_init (&iter, after);
  while (g_hash_table_iter_next (&iter, &node, NULL))
    n += !g_hash_table_contains (before, node);
  return n;
}

static void
test_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (GHashTable) first = frame (f, 700, 500), second = frame (f, 700, 500);

  g_assert_cmpuint (g_hash_table_size (first), ==, 3 * 2);
  g_assert_cmpuint (n_new (first, second), ==, 0);
}

/* A change is drawn again where it is seen. */
static void
test_damage (Fixture *f, gconstpointer data)
{
  g_autoptr (GHashTable) first = frame (f, 700, 500), second = NULL, third = NULL;
  cairo_rectangle_int_t dab = { 300, 300, 20, 20 }, far = { 950, 950, 20, 20 };
  cairo_region_t *damage = cairo_region_create_rectangle (&dab);

  tacet_surface_changed (f->surface, 300, 300, 20, 20);
  tacet_canvas_tiles_damage (f->tiles, &f->screen, damage);
  second = frame (f, 700, 500);
  g_assert_cmpuint (n_new (first, second), ==, 1);
  cairo_region_destroy (damage);
  damage = cairo_region_create_rectangle (&far);
  tacet_canvas_tiles_damage (f->tiles, &f->screen, damage);
  third = frame (f, 700, 500);
  g_assert_cmpuint (n_new (second, third), ==, 0);
  cairo_region_destroy (damage);
}

/* Moved: only what comes into sight is drawn.  Enlarged or turned: everything. */
static void
test_views (Fixture *f, gconstpointer data)
{
  g_autoptr (GHashTable) first = frame (f, 700, 500), moved = NULL, enlarged = NULL, turned = NULL;

  f->screen.view.off_x -= 100;
  moved = frame (f, 700, 500);
  g_assert_cmpuint (n_new (first, moved), ==, 2);
  f->screen.view.zoom = 1.5;
  enlarged = frame (f, 700, 500);
  g_assert_cmpuint (n_new (moved, enlarged), ==, g_hash_table_size (enlarged));
  f->screen.view.angle = 30;
  turned = frame (f, 700, 500);
  g_assert_cmpuint (n_new (enlarged, turned), ==, g_hash_table_size (turned));
}

/* What the tiles draw together is the document, without a gap, on a screen with two pixels for one too. */
static void
test_drawn (Fixture *f, gconstpointer data)
{
  int stride;
  guint32 *pixels = tacet_surface_begin (f->surface, &stride);

  for (int i = 0; i < SIDE * SIDE; i++)
    pixels[i] = 0xff306090;
  tacet_surface_changed (f->surface, 0, 0, SIDE, SIDE);
  for (int scale = 1; scale <= 2; scale++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      cairo_surface_t *window = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 700 * scale, 500 * scale);
      cairo_t *cr = cairo_create (window);
      GskRenderNode *node;

      f->screen.scale = scale;
      f->screen.view = (TacetView){ 1.37, -20, -30, 0, FALSE };
      g_assert_true (tacet_canvas_tiles_snapshot (f->tiles, &f->screen, 700, 500, snapshot));
      node = gtk_snapshot_free_to_node (snapshot);
      cairo_scale (cr, scale, scale);
      gsk_render_node_draw (node, cr);
      cairo_surface_flush (window);
      for (int y = 0; y < 500 * scale; y++)
        for (int x = 0; x < 700 * scale; x++)
          {
            guint32 pixel;

            memcpy (&pixel, cairo_image_surface_get_data (window) + y * cairo_image_surface_get_stride (window) + 4 * x,
                    4);
            g_assert_cmphex (pixel, ==, 0xff306090);
          }
      gsk_render_node_unref (node);
      cairo_destroy (cr);
      cairo_surface_destroy (window);
    }
}

#define WIDE 2200
#define HIGH 1500

/* One frame as pixels; whether all of it is as it should be. */
static gboolean
draw_frame (Fixture *f, cairo_surface_t *pixels)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gboolean ready = tacet_canvas_tiles_snapshot (f->tiles, &f->screen, WIDE, HIGH, snapshot);
  GskRenderNode *node = gtk_snapshot_free_to_node (snapshot);
  cairo_t *cr = cairo_create (pixels);

  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  gsk_render_node_unref (node);
  cairo_surface_flush (pixels);
  return ready;
}

/* While a large view moves it is drawn roughly: the same picture in its place, but for the edges of what is in it. */
static void
test_rough (Fixture *f, gconstpointer data)
{
  cairo_surface_t *rough = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDE, HIGH);
  cairo_surface_t *fine = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDE, HIGH);
  const guint32 *a = (const guint32 *) (void *) cairo_image_surface_get_data (rough);
  const guint32 *b = (const guint32 *) (void *) cairo_image_surface_get_data (fine);
  int stride, different = 0;
  guint32 *pixels = tacet_surface_begin (f->surface, &stride);

  for (int i = 0; i < SIDE * SIDE; i++)
    pixels[i] = 0xff000000 | (guint32) (i % SIDE / 50 * 12) << 16 | (guint32) (i / SIDE / 50 * 12);
  tacet_surface_changed (f->surface, 0, 0, SIDE, SIDE);
  f->screen.view = (TacetView){ 2.7, -137, -211, 0, FALSE };
  g_assert_false (draw_frame (f, rough));
  while (!draw_frame (f, fine))
    ;
  for (int i = 0; i < WIDE * HIGH; i++)
    different += a[i] != b[i];
  g_assert_cmpint (different, >, 0);
  g_assert_cmpint (different, <, WIDE * HIGH / 25); /* an edge every 135 pixels, both ways */
  cairo_surface_destroy (rough);
  cairo_surface_destroy (fine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("DISPLAY");
  g_unsetenv ("WAYLAND_DISPLAY");
  gtk_init_check (); /* registers the types of nodes */
  g_test_add ("/tiles/kept", Fixture, NULL, set_up, test_kept, tear_down);
  g_test_add ("/tiles/damage", Fixture, NULL, set_up, test_damage, tear_down);
  g_test_add ("/tiles/views", Fixture, NULL, set_up, test_views, tear_down);
  g_test_add ("/tiles/drawn", Fixture, NULL, set_up, test_drawn, tear_down);
  g_test_add ("/tiles/rough", Fixture, NULL, set_up, test_rough, tear_down);
  return g_test_run ();
}
