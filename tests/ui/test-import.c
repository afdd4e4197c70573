/* test-import.c: pictures that come into the window, zones of drags, files that go out.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "import-test.h"
#include "ui/tacet-layer-image.h"

#include <string.h>

/* ---- arithmetic ---- */

static void
test_fit (void)
{
  TacetPlace place = tacet_fit_place (TACET_FIT_WHOLE, 200, 100, 64, 64);

  g_assert_cmpint (place.width, ==, 64);
  g_assert_cmpint (place.height, ==, 32);
  g_assert_cmpint (place.x, ==, 0);
  g_assert_cmpint (place.y, ==, 16);
  place = tacet_fit_place (TACET_FIT_FILL, 200, 100, 64, 64);
  g_assert_cmpint (place.width, ==, 128);
  g_assert_cmpint (place.height, ==, 64);
  g_assert_cmpint (place.x, ==, -32);
  place = tacet_fit_place (TACET_FIT_STRETCH, 200, 100, 64, 64);
  g_assert_cmpint (place.width, ==, 64);
  g_assert_cmpint (place.height, ==, 64);
  place = tacet_fit_place (TACET_FIT_WHOLE, 10000, 1, 64, 64);
  g_assert_cmpint (place.height, ==, 1);
  for (int i = 0; i < TACET_N_FITS; i++)
    {
      TacetFit fit;

      g_assert_true (tacet_fit_parse (tacet_fit_id (i), &fit));
      g_assert_cmpint (fit, ==, i);
    }
}

static void
test_shapes (void)
{
  g_autoptr (TacetImage) wide = import_test_red (80, 40, FALSE), half = import_test_red (64, 64, TRUE);
  g_autoptr (TacetImported) picture = tacet_import_picture (wide, TACET_IMPORT_PICTURE, TACET_FIT_WHOLE, 64, 64);
  g_autoptr (TacetImported) depth = tacet_import_picture (wide, TACET_IMPORT_DEPTH_MAP, TACET_FIT_WHOLE, 64, 64);
  g_autoptr (TacetImported) edges = tacet_import_picture (half, TACET_IMPORT_EDGES, TACET_FIT_WHOLE, 64, 64);
  g_autoptr (TacetImported) mask = tacet_import_picture (half, TACET_IMPORT_MASK, TACET_FIT_WHOLE, 64, 64);
  g_autoptr (TacetImported) region = tacet_import_picture (wide, TACET_IMPORT_REGION, TACET_FIT_FILL, 64, 64);
  int marks = 0;

  g_assert_cmpint (picture->pixels->channels, ==, 4);
  g_assert_cmpint (import_test_value_at (picture->pixels, 32, 8, 3), ==, 0); /* beside it nothing */
  g_assert_cmpint (import_test_value_at (picture->pixels, 32, 32, 3), ==, 255);
  g_assert_cmpint (import_test_value_at (picture->pixels, 32, 32, 0), ==, 255);
  g_assert_cmpint (import_test_value_at (depth->coverage, 32, 8, 0), ==, 0); /* and nothing said */
  g_assert_cmpint (import_test_value_at (depth->coverage, 32, 32, 0), ==, 255);
  g_assert_null (edges->coverage);
  for (int y = 8; y < 56; y++)
    marks += import_test_value_at (edges->pixels, 31, y, 0) != 0 || import_test_value_at (edges->pixels, 32, y, 0) != 0;
  g_assert_cmpint (marks, >, 40); /* the outline of what was cut out */
  g_assert_cmpint (import_test_value_at (mask->pixels, 10, 32, 0), ==, 255);
  g_assert_cmpint (import_test_value_at (mask->pixels, 50, 32, 0), ==, 0);
  g_assert_cmpint (import_test_value_at (region->pixels, 2, 2, 0), ==, 76); /* as light as red is */
}

static void
check_layout (guint zones, int width, int height)
{
  TacetDropLayout layout;

  tacet_drop_layout (&layout, zones, width, height);
  for (int i = 0; i < TACET_N_ZONES; i++)
    {
      const GdkRectangle *zone = &layout.zones[i];

      g_assert_cmpint (zone->width > 0, ==, (zones & 1u << i) != 0);
      if (zone->width == 0)
        continue;
      g_assert_true (zone->x >= 0 && zone->y >= 0 && zone->x + zone->width <= width &&
                     zone->y + zone->height <= height);
      g_assert_cmpint (tacet_drop_layout_at (&layout, zone->x + zone->width / 2.0, zone->y + zone->height / 2.0), ==,
                       i);
      for (int j = 0; j < i; j++)
        g_assert_false (layout.zones[j].width > 0 && gdk_rectangle_intersect (zone, &layout.zones[j], NULL));
    }
  g_assert_cmpint (tacet_drop_layout_at (&layout, 1, 1), ==, TACET_NO_ZONE);
}

static void
test_zones (void)
{
  static const int sizes[][2] = { { 900, 560 }, { 640, 480 }, { 400, 700 }, { 330, 420 }, { 2000, 1200 } };
  TacetImportAs as;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint zones = 0; zones < 1u << TACET_N_ZONES; zones++)
      check_layout (zones, sizes[i][0], sizes[i][1]);
  g_assert_true (tacet_zone_import (TACET_ZONE_DEPTH_MAP, &as));
  g_assert_cmpint (tacet_import_kind (as), ==, TACET_LAYER_DEPTH);
  g_assert_false (tacet_zone_import (TACET_ZONE_PROJECT, &as));
}

/* Only what is possible is offered. */
static void
test_dragged (void)
{
  static const struct
  {
    const char *name;
    TacetDragged dragged;
  } files[] = {
    { "tests/image/foreign/plain.jpg", TACET_DRAGGED_PICTURE },
    { "tests/scene/pictures/house.png", TACET_DRAGGED_PICTURE | TACET_DRAGGED_SCENE },
    { "data/scenes/house-pine/scene.json", TACET_DRAGGED_SCENE },
    { "tests/scene/poses/openpose-body25.json", TACET_DRAGGED_POSE },
    { "tests/image/foreign/bad/text.jpg", 0 },
    { "tests/image/foreign/bad/picture.svg", 0 },
    { "no/such/file.png", 0 },
    { "tests", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = import_test_source_file (files[i].name);

      g_assert_cmpint (tacet_dragged_of_file (path), ==, files[i].dragged);
    }
  g_assert_cmpint (tacet_dragged_zones (0), ==, 0);
  g_assert_cmpint (tacet_dragged_zones (TACET_DRAGGED_SCENE), ==, 1u << TACET_ZONE_PROJECT);
  g_assert_cmpint (tacet_dragged_zones (TACET_DRAGGED_PICTURE) & 1u << TACET_ZONE_PROJECT, ==, 0);
}

/* ---- files ---- */

/* Several files become layers in one step; the first lies on top; what cannot be read is left out and said. */
static void
test_files (ImportTest *f, gconstpointer data)
{
  static const char *const names[] = { "tests/image/foreign/plain.jpg", "tests/image/foreign/bad/text.jpg",
                                       "tests/image/foreign/alpha.tiff" };
  g_autofree char *before = tacet_scene_digest (f->window->scene), *after = NULL;

  _tacet_window_import_sources (f->window, import_test_sources_of (names, 3), TACET_IMPORT_PICTURE);
  g_assert_cmpint (import_test_n_layers (f->window), ==, 3); /* not on this thread */
  import_test_wait_for_layers (f, 5);
  g_assert_cmpstr (tacet_layer_get_name (import_test_newest (f->window, TACET_LAYER_PICTURE)), ==, "plain");
  import_test_spin_for (100);
  g_assert_true (import_test_has_label (GTK_WIDGET (f->window), "text.jpg"));
  import_test_act (f->window, "win.undo");
  g_assert_cmpint (import_test_n_layers (f->window), ==, 3);
  after = tacet_scene_digest (f->window->scene);
  g_assert_cmpstr (before, ==, after);
}

static gboolean
says_no_use (ImportTest *f)
{
  return !import_test_has_label (GTK_WIDGET (f->window), "could not be used");
}

static void
test_broken_file (ImportTest *f, gconstpointer data)
{
  static const char *const names[] = { "tests/image/foreign/bad/huge.jpg" };

  _tacet_window_import_sources (f->window, import_test_sources_of (names, 1), TACET_IMPORT_EDGES);
  import_test_spin_while (says_no_use, f);
  g_assert_cmpint (import_test_n_layers (f->window), ==, 3);
  g_assert_false (tacet_scene_get_modified (f->window->scene));
}

/* Each kind of layer from one file. */
static void
test_kinds (ImportTest *f, gconstpointer data)
{
  static const char *const names[] = { "tests/image/foreign/alpha.tiff" };

  for (int as = 0; as < TACET_N_IMPORTS; as++)
    {
      TacetLayer *layer;

      _tacet_window_import_sources (f->window, import_test_sources_of (names, 1), as);
      import_test_wait_for_layers (f, 4);
      layer = import_test_newest (f->window, tacet_import_kind (as));
      g_assert_true (tacet_canvas_get_selected (f->window->canvas) == layer);
      g_assert_false (tacet_layer_is_empty (layer));
      import_test_act (f->window, "win.undo");
      g_assert_cmpint (import_test_n_layers (f->window), ==, 3);
    }
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GPtrArray) notes = NULL;
  g_autoptr (TacetImage) image = tacet_import_load_finish (result, &notes, data);

  g_assert_null (image);
}

static void
test_cancel (ImportTest *f, gconstpointer data)
{
  g_autofree char *path = import_test_source_file ("tests/image/foreign/plain.jpg");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  tacet_import_load_async (tacet_source_new_path (path), NULL, NULL, cancellable, loaded_cb, &error);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static AdwMessageDialog *
find_dialog (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (ADW_IS_MESSAGE_DIALOG (window) && gtk_widget_get_visible (GTK_WIDGET (window)))
        return ADW_MESSAGE_DIALOG (window);
    }
  return NULL;
}

/* A plain picture is opened as a new document of a size that models can make; a large one asks first. */
static gboolean
shows_old_document (ImportTest *f)
{
  return tacet_scene_get_width (f->window->scene) == 64;
}

static gboolean
asks_nothing (ImportTest *f)
{
  return find_dialog () == NULL;
}

static void
test_open_picture (ImportTest *f, gconstpointer data)
{
  g_autofree char *path = import_test_source_file ("tests/image/foreign/turned-6.jpg");
  g_autofree char *large = g_build_filename (f->folder, "large.png", NULL);
  g_autoptr (TacetImage) image = import_test_red (3000, 1501, FALSE);
  TacetLayer *layer;

  g_assert_true (tacet_window_open (f->window, path));
  import_test_spin_while (shows_old_document, f);
  g_assert_cmpint (tacet_scene_get_width (f->window->scene), ==, 16);
  g_assert_cmpint (tacet_scene_get_height (f->window->scene), ==, 24);
  g_assert_cmpint (import_test_n_layers (f->window), ==, 1);
  layer = import_test_nth_layer (f->window, 0);
  g_assert_cmpint (tacet_layer_get_kind (layer), ==, TACET_LAYER_PICTURE);
  g_assert_cmpstr (tacet_layer_get_name (layer), ==, "turned-6");
  g_assert_cmpint (import_test_value_at (tacet_layer_get_picture (layer), 8, 12, 3), ==, 255);
  g_assert_false (tacet_scene_get_modified (f->window->scene));
  g_assert_false (tacet_scene_undo (f->window->scene));

  g_assert_true (tacet_image_save_png (image, large, NULL, NULL));
  g_assert_true (tacet_window_open (f->window, large));
  import_test_spin_while (asks_nothing, f);
  adw_message_dialog_response (find_dialog (), "open");
  gtk_window_destroy (GTK_WINDOW (find_dialog ()));
  while (tacet_scene_get_width (f->window->scene) == 16)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (tacet_scene_get_width (f->window->scene), ==, 1024);
  g_assert_cmpint (tacet_scene_get_height (f->window->scene), ==, 512);
}

static void
test_document_size (void)
{
  int width, height;

  tacet_import_document_size (6000, 4000, 1024, &width, &height);
  g_assert_cmpint (width, ==, 1024);
  g_assert_cmpint (height, ==, 680);
  tacet_import_document_size (500, 300, 1024, &width, &height);
  g_assert_cmpint (width, ==, 504);
  g_assert_cmpint (height, ==, 304);
  tacet_import_document_size (10000, 3, 4096, &width, &height);
  g_assert_cmpint (width, ==, 4096);
  g_assert_cmpint (height, ==, 8);
}

/* ---- files going out ---- */

static int n_called;

static void
count_cb (TacetWindow *window, const char *const *paths, gpointer data)
{
  n_called++;
}

/* A file is never replaced unasked. */
static void
test_guard_files (ImportTest *f, gconstpointer data)
{
  g_autofree char *old = g_build_filename (f->folder, "old.png", NULL);
  g_autofree char *fresh = g_build_filename (f->folder, "fresh.png", NULL);
  const char *both[] = { fresh, old, NULL };

  g_assert_true (g_file_set_contents (old, "old", -1, NULL));
  n_called = 0;
  _tacet_window_guard_files (f->window, (const char *[]){ fresh, NULL }, NULL, count_cb, NULL, NULL);
  g_assert_cmpint (n_called, ==, 1);
  _tacet_window_guard_files (f->window, both, old, count_cb, NULL, NULL); /* the chooser has asked */
  g_assert_cmpint (n_called, ==, 2);
  for (int i = 0; i < 2; i++)
    {
      _tacet_window_guard_files (f->window, both, NULL, count_cb, g_strdup ("x"), g_free);
      g_assert_cmpint (n_called, ==, 2);
      adw_message_dialog_response (find_dialog (), i == 0 ? "cancel" : "replace");
      g_assert_cmpint (n_called, ==, 2 + i);
      gtk_window_destroy (GTK_WINDOW (find_dialog ()));
    }
}

static void
test_file_names (void)
{
  static const char *const names[][2] = {
    { "Edges", "Edges.png" }, { "a/b\\c:d", "a-b-c-d.png" }, { "..", "-..png" }, { "", "-.png" }, { " x ", "x.png" }
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = tacet_file_name (names[i][0], ".png");

      g_assert_cmpstr (name, ==, names[i][1]);
    }
}

/* ---- the zones as widgets ---- */

static void
test_zones_widget (ImportTest *f, gconstpointer data)
{
  TacetDropZones *zones = f->window->drop_zones;
  GtkWidget *widget = GTK_WIDGET (zones);
  TacetDropLayout layout;

  g_assert_false (gtk_widget_get_visible (widget));
  tacet_drop_zones_set (zones, tacet_dragged_zones (TACET_DRAGGED_PICTURE | TACET_DRAGGED_SCENE));
  gtk_widget_set_visible (widget, TRUE);
  import_test_spin_for (100);
  tacet_drop_layout (&layout, tacet_dragged_zones (TACET_DRAGGED_PICTURE | TACET_DRAGGED_SCENE),
                     gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  for (int i = TACET_ZONE_PICTURE; i < TACET_N_ZONES; i++)
    if (i != TACET_ZONE_POSE)
      g_assert_cmpint (tacet_drop_zones_at (zones, layout.zones[i].x + 5, layout.zones[i].y + 5), ==, i);
  g_assert_true (import_test_has_label (widget, "New Picture"));
  g_assert_true (import_test_has_label (widget, "Open as Project"));
  tacet_drop_zones_point (zones, TACET_ZONE_PROJECT);
  tacet_drop_zones_set (zones, tacet_dragged_zones (TACET_DRAGGED_PICTURE));
  import_test_spin_for (50);
  g_assert_cmpint (tacet_drop_zones_get_pointed (zones), ==, TACET_NO_ZONE);
  g_assert_false (import_test_has_label (widget, "Open as Project"));
  tacet_drop_zones_set (zones, 0);
  import_test_spin_for (50);
  g_assert_true (import_test_has_label (widget, "Nothing here can be used"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (ImportTest *, gconstpointer);
  } tests[] = {
    { "/import/files", test_files },
    { "/import/broken-file", test_broken_file },
    { "/import/kinds", test_kinds },
    { "/import/cancel", test_cancel },
    { "/import/open-picture", test_open_picture },
    { "/import/guard-files", test_guard_files },
    { "/import/zones-widget", test_zones_widget },
  };

  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  adw_init ();
  tacet_ui_init ();
  g_test_add_func ("/import/fit", test_fit);
  g_test_add_func ("/import/document-size", test_document_size);
  g_test_add_func ("/import/shapes", test_shapes);
  g_test_add_func ("/import/zones", test_zones);
  g_test_add_func ("/import/dragged", test_dragged);
  g_test_add_func ("/import/file-names", test_file_names);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, ImportTest, NULL, import_test_set_up, tests[i].func, import_test_tear_down);
  return g_test_run ();
}
