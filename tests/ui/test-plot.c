/* test-plot.c: the coefficient plot, without a display.  Room: tests/ui. */
#include "draw-test.h"

#include "ui/tacet-coefficient-plot-draw.h"

#include <glib/gstdio.h>

#define LAYERS 5

typedef struct
{
  TacetLayerReport layers[4][LAYERS];
  TacetStepReport reports[4];
  TacetProgress progress;
} Fixture;

/* Two steps, each with both halves of the guidance; only the conditional half has controls. */
static void
fixture_set_up (Fixture *f, gconstpointer data)
{
  f->progress.n_steps = 8;
  f->progress.step = 2;
  f->progress.reports = g_ptr_array_new ();
  f->progress.control_names = g_ptr_array_new ();
  g_ptr_array_add (f->progress.control_names, (char *) "Edges");
  g_ptr_array_add (f->progress.control_names, (char *) "Off");
  g_ptr_array_add (f->progress.control_names, (char *) "Pose");
  for (int i = 0; i < 4; i++)
    {
      TacetStepReport *report = &f->reports[i];

      *report = (TacetStepReport){ .step = i / 2, .timestep = 900 - 100 * i, .conditional = i % 2 == 0 };
      report->n_controls = report->conditional ? 2 : 0;
      report->controls[1] = 2;
      report->n_layers = LAYERS;
      report->layers = f->layers[i];
      for (int l = 0; l < LAYERS; l++)
        {
          report->layers[l].layer = l;
          report->layers[l].balance = (TacetBalance){ .unet_norm = 10, .combined_norm = 4, .unet_dot_combined = 20 };
          report->layers[l].balance.lambda = l == 4 ? 20 : 2;
          report->layers[l].balance.weights[0] = 0.25 * l;
          report->layers[l].balance.weights[1] = 1 - 0.25 * l;
        }
      g_ptr_array_add (f->progress.reports, report);
    }
}

static void
fixture_tear_down (Fixture *f, gconstpointer data)
{
  g_ptr_array_unref (f->progress.reports);
  g_ptr_array_unref (f->progress.control_names);
}

static void
test_find (Fixture *f, gconstpointer data)
{
  g_assert_true (tacet_coefficient_plot_find (&f->progress, 0) == &f->reports[0]);
  g_assert_true (tacet_coefficient_plot_find (&f->progress, 1) == &f->reports[2]);
  g_assert_true (tacet_coefficient_plot_find (&f->progress, TACET_PLOT_LAST_STEP) == &f->reports[2]);
  g_assert_null (tacet_coefficient_plot_find (&f->progress, 7));
  g_assert_null (tacet_coefficient_plot_find (NULL, 0));
}

static void
test_layer_at (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (tacet_coefficient_plot_layer_at (588, LAYERS, 46), ==, 0);
  g_assert_cmpint (tacet_coefficient_plot_layer_at (588, LAYERS, 46 + 99), ==, 0);
  g_assert_cmpint (tacet_coefficient_plot_layer_at (588, LAYERS, 46 + 101), ==, 1);
  g_assert_cmpint (tacet_coefficient_plot_layer_at (588, LAYERS, 46 + 499), ==, 4);
  g_assert_cmpint (tacet_coefficient_plot_layer_at (588, LAYERS, 20), ==, -1);
  g_assert_cmpint (tacet_coefficient_plot_layer_at (588, LAYERS, 570), ==, -1);
  g_assert_cmpint (tacet_coefficient_plot_layer_at (40, LAYERS, 20), ==, -1);
}

static void
test_read_out (Fixture *f, gconstpointer data)
{
  g_autofree char *text = tacet_coefficient_plot_read_out (&f->progress, &f->reports[0], 1);
  g_autofree char *last = tacet_coefficient_plot_layer_name (&f->reports[0], LAYERS - 1);

  g_assert_nonnull (strstr (text, "Edges 0.25"));
  g_assert_nonnull (strstr (text, "Pose 0.75"));
  g_assert_nonnull (strstr (text, "λ 2.00"));
  g_assert_nonnull (strstr (text, "cos 0.500"));
  g_assert_cmpstr (last, ==, "middle");
}

static TacetImage *
draw (Fixture *f, int step, gboolean dark, const int *colours, int n_colours)
{
  TacetPlotStyle style = { .dark = dark, .hover_layer = -1, .colour_of_control = colours, .n_colours = n_colours };
  cairo_t *cr = draw_begin (588, 300);

  tacet_coefficient_plot_draw (cr, 588, 300, &f->progress, step, &style);
  return draw_end (cr);
}

/* The rows of column `layer` that show this colour, in the middle of its bar but beside the marker. */
static int
bar_height (const TacetImage *image, int layer, TacetRgb colour)
{
  guint32 wanted =
      (guint32) (colour.red * 255) << 16 | (guint32) (colour.green * 255) << 8 | (guint32) (colour.blue * 255);
  int rows = 0;

  for (int y = 30; y < 264; y++)
    rows += colour_near (pixel_at (image, 46 + 100 * layer + 50 + 14, y), wanted, 32);
  return rows;
}

/* Bars are as high as the weights: the inside is 300 - 30 - 36 = 234 rows. */
static void
test_bars (Fixture *f, gconstpointer data)
{
  g_autoptr (TacetImage) image = draw (f, 0, FALSE, NULL, 0);

  for (int l = 0; l < LAYERS; l++)
    {
      int edges = bar_height (image, l, tacet_palette_control (0));
      int pose = bar_height (image, l, tacet_palette_control (2)); /* its own index, not its place in the report */

      g_assert_cmpint (ABS (edges - (int) (234 * 0.25 * l)), <=, 6);
      g_assert_cmpint (ABS (pose - (int) (234 * (1 - 0.25 * l))), <=, 6);
    }
}

static void
test_colours (Fixture *f, gconstpointer data)
{
  const int colours[] = { 4, 5, 6 };
  g_autoptr (TacetImage) image = draw (f, 0, FALSE, colours, 3);

  g_assert_cmpint (bar_height (image, 2, tacet_palette_control (0)), <, 3);
  g_assert_cmpint (bar_height (image, 2, tacet_palette_control (4)), >, 100);
  g_assert_cmpint (bar_height (image, 2, tacet_palette_control (6)), >, 100);
}

/* A marker at the limit is hollow, one below it is filled. */
static void
test_markers (Fixture *f, gconstpointer data)
{
  g_autoptr (TacetImage) image = draw (f, 0, FALSE, NULL, 0);

  g_assert_true (colour_near (pixel_at (image, 46 + 450, 30), 0xffffff, 40));
  g_assert_true (colour_near (pixel_at (image, 46 + 150, 30 + 234 - 23), 0x1e1e24, 40));
}

static void
test_empty (Fixture *f, gconstpointer data)
{
  TacetPlotStyle style = { .hover_layer = -1 };
  cairo_t *cr = draw_begin (300, 200);
  g_autoptr (TacetImage) image = NULL;

  tacet_coefficient_plot_draw (cr, 300, 200, NULL, 0, &style);
  tacet_coefficient_plot_draw (cr, 10, 10, &f->progress, 0, &style); /* no room: nothing, and no harm */
  image = draw_end (cr);
  g_assert_nonnull (image);
}

static void
test_write (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("tacet-plot-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "plot.png", NULL);
  g_autofree char *nowhere = g_build_filename (folder, "no", "plot.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetImage) image = NULL;

  g_assert_true (tacet_coefficient_plot_write_png (&f->progress, TACET_PLOT_LAST_STEP, path, &error));
  g_assert_no_error (error);
  image = tacet_image_load_png (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (image->width, >=, 640);
  g_assert_false (tacet_coefficient_plot_write_png (&f->progress, 0, nowhere, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "plot.png"));
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = { { "/plot/find", test_find },   { "/plot/layer-at", test_layer_at }, { "/plot/read-out", test_read_out },
                { "/plot/bars", test_bars },   { "/plot/colours", test_colours },   { "/plot/markers", test_markers },
                { "/plot/empty", test_empty }, { "/plot/write", test_write } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, fixture_set_up, tests[i].func, fixture_tear_down);
  return g_test_run ();
}
