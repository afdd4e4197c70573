/* test-tools.c: what the tools do to layers of every kind, brought to them as the canvas brings events.
 *
 * Room: tests/ui.  Needs a display: run inside tests/uirun.  That events reach the tools is tested by tools.sh.
 */
#include "ui/tacet-window-private.h"

#include <math.h>
#include <string.h>

#define WIDTH  96
#define HEIGHT 64

typedef struct
{
  TacetWindow *window;
  TacetCanvas *canvas;
  TacetScene *scene;
} Fixture;

static gboolean
tick_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
spin_for (guint milliseconds)
{
  gboolean over = FALSE;

  g_timeout_add (milliseconds, tick_cb, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->window = TACET_WINDOW (tacet_window_new (NULL, NULL));
  g_object_ref (f->window);
  f->scene = tacet_scene_new (WIDTH, HEIGHT);
  _tacet_window_set_scene (f->window, f->scene, NULL);
  f->canvas = f->window->canvas;
  gtk_window_present (GTK_WINDOW (f->window));
  spin_for (50);
  tacet_canvas_zoom_to (f->canvas, 4); /* whatever room the window has by now */
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_unref (f->scene);
  gtk_window_destroy (GTK_WINDOW (f->window));
  spin_for (50);
  g_assert_finalize_object (G_OBJECT (f->window));
}

static TacetLayer *
add_layer (Fixture *f, TacetLayerKind kind)
{
  TacetLayer *layer = tacet_scene_add_layer (f->scene, kind);

  g_assert_nonnull (layer);
  tacet_canvas_set_selected (f->canvas, layer);
  return layer;
}

static TacetTool *
choose (Fixture *f, TacetToolId id)
{
  tacet_canvas_set_tool (f->canvas, id);
  return tacet_canvas_get_tool_object (f->canvas, id);
}

static TacetPointer
pointer (TacetTool *tool, double x, double y, GdkModifierType state)
{
  TacetPointer at = { .x = x, .y = y, .pressure = 1, .state = state, .n_press = 1 };

  tacet_view_to_widget (tacet_tool_get_view (tool), x, y, &at.widget_x, &at.widget_y);
  return at;
}

/* FALSE: nothing began. */
static gboolean
begin (TacetTool *tool, double x0, double y0, double x1, double y1, GdkModifierType state)
{
  TacetPointer at = pointer (tool, x0, y0, state);

  if (!TACET_TOOL_GET_CLASS (tool)->press (tool, &at))
    return FALSE;
  for (int i = 1; i <= 4; i++)
    {
      at = pointer (tool, x0 + (x1 - x0) * i / 4, y0 + (y1 - y0) * i / 4, state);
      TACET_TOOL_GET_CLASS (tool)->motion (tool, &at);
    }
  return TRUE;
}

static gboolean
drag (TacetTool *tool, double x0, double y0, double x1, double y1, GdkModifierType state)
{
  TacetPointer at = pointer (tool, x1, y1, state);

  if (!begin (tool, x0, y0, x1, y1, state))
    return FALSE;
  TACET_TOOL_GET_CLASS (tool)->release (tool, &at);
  return TRUE;
}

static void
click (TacetTool *tool, double x, double y, int n_press)
{
  TacetPointer at = pointer (tool, x, y, 0);

  at.n_press = n_press;
  if (TACET_TOOL_GET_CLASS (tool)->press (tool, &at))
    TACET_TOOL_GET_CLASS (tool)->release (tool, &at);
  TACET_TOOL_GET_CLASS (tool)->hover (tool, &at);
}

static int
gray_at (const TacetImage *image, int x, int y)
{
  return image->data[y * image->width + x];
}

static guint
n_steps (Fixture *f)
{
  return tacet_scene_get_history_position (f->scene);
}

/* ---- every tool on every kind of layer ---- */

/* A gesture of the tool, whole. */
static void
work (TacetTool *tool, TacetToolId id)
{
  switch (id)
    {
    case TACET_TOOL_BUCKET:
      click (tool, 8, 8, 1);
      break;
    case TACET_TOOL_LASSO:
      click (tool, 10, 10, 1);
      click (tool, 60, 12, 1);
      click (tool, 40, 50, 1);
      TACET_TOOL_GET_CLASS (tool)->apply (tool);
      break;
    case TACET_TOOL_PEN:
      click (tool, 10, 10, 1);
      click (tool, 40, 50, 1);
      click (tool, 80, 20, 1);
      TACET_TOOL_GET_CLASS (tool)->apply (tool);
      break;
    case TACET_TOOL_MOVE:
      drag (tool, 48, 32, 55, 36, 0);
      TACET_TOOL_GET_CLASS (tool)->apply (tool);
      break;
    default:
      drag (tool, 20, 12, 70, 45, 0);
    }
}

static void
fill_some (Fixture *f)
{
  TacetTool *tool = choose (f, TACET_TOOL_SHAPES);
  TacetLayer *layer = tacet_canvas_get_selected (f->canvas);

  if (tacet_layer_get_kind (layer) == TACET_LAYER_POSE)
    {
      TacetPerson person = tacet_person_new (TACET_FIGURE_STANDING, 48, 32, 40, 60);

      tacet_scene_add_person (f->scene, layer, &person);
      return;
    }
  g_object_set (tool, "shape", "ellipse", "style", "filled", NULL);
  drag (tool, 30, 15, 66, 49, 0);
  g_object_set (tool, "shape", "rectangle", NULL);
}

static void
test_steps (Fixture *f, gconstpointer data)
{
  for (int kind = 0; kind < TACET_N_LAYER_KINDS; kind++)
    {
      TacetLayer *layer = add_layer (f, kind);

      tacet_swatches_set_value (tacet_canvas_get_swatches (f->canvas), 0.6);
      fill_some (f);
      for (int id = 0; id < TACET_N_TOOLS; id++)
        {
          TacetTool *tool = choose (f, id);
          g_autofree char *before = tacet_scene_digest (f->scene), *after = NULL, *undone = NULL, *redone = NULL;
          gboolean silences = id == TACET_TOOL_SILENCE && !tacet_layer_kind_is_control (kind);
          guint n = n_steps (f);

          work (tool, id);
          after = tacet_scene_digest (f->scene);
          if (id == TACET_TOOL_PICKER || id == TACET_TOOL_HAND || silences ||
              (id == TACET_TOOL_POSE && n_steps (f) == n)) /* it may have caught a joint, or none */
            {
              g_assert_cmpstr (before, ==, after);
              continue;
            }
          if (g_str_equal (before, after))
            g_error ("%s did nothing on %s", tacet_tool_id (id), tacet_layer_kind_id (kind));
          g_assert_cmpuint (n_steps (f), ==, n + 1);
          tacet_scene_undo (f->scene);
          undone = tacet_scene_digest (f->scene);
          g_assert_cmpstr (before, ==, undone);
          tacet_scene_redo (f->scene);
          redone = tacet_scene_digest (f->scene);
          g_assert_cmpstr (after, ==, redone);
          tacet_scene_undo (f->scene);
        }
      tacet_scene_remove_layer (f->scene, layer);
    }
}

/* What is begun and cancelled leaves nothing; so does what another layer or tool interrupts in the middle of a drag. */
static void
test_cancel (Fixture *f, gconstpointer data)
{
  TacetLayer *layer = add_layer (f, TACET_LAYER_DEPTH);
  g_autofree char *before = NULL;

  fill_some (f);
  before = tacet_scene_digest (f->scene);
  for (int id = 0; id < TACET_N_TOOLS; id++)
    {
      TacetTool *tool = choose (f, id);
      g_autofree char *after = NULL;
      guint n = n_steps (f);

      if (id != TACET_TOOL_BUCKET)
        begin (tool, 48, 32, 60, 40, 0);
      TACET_TOOL_GET_CLASS (tool)->cancel (tool);
      g_assert_false (TACET_TOOL_GET_CLASS (tool)->cancel (tool));
      after = tacet_scene_digest (f->scene);
      g_assert_cmpstr (before, ==, after);
      g_assert_cmpuint (n_steps (f), ==, n);
    }
  /* A locked layer is told of, not changed. */
  tacet_scene_set_layer_locked (f->scene, layer, TRUE);
  g_free (before);
  before = tacet_scene_digest (f->scene);
  for (int id = 0; id < TACET_N_TOOLS; id++)
    {
      g_autofree char *after = NULL;

      work (choose (f, id), id);
      after = tacet_scene_digest (f->scene);
      g_assert_cmpstr (before, ==, after);
    }
}

/* ---- each tool ---- */

static void
test_shapes (Fixture *f, gconstpointer data)
{
  TacetLayer *layer = add_layer (f, TACET_LAYER_REGION);
  TacetTool *tool = choose (f, TACET_TOOL_SHAPES);
  g_autofree char *name = NULL;

  g_object_set (tool, "shape", "rectangle", "style", "filled", "opacity", 1.0, NULL);
  drag (tool, 10, 10, 30, 20, 0);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 10, 10), ==, 255);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 29, 19), ==, 255);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 30, 20), ==, 0);
  g_object_get (f->scene, "undo-name", &name, NULL);
  g_assert_cmpstr (name, ==, "Rectangle");
  /* Ctrl takes away. */
  drag (tool, 15, 12, 20, 15, GDK_CONTROL_MASK);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 16, 13), ==, 0);
  /* Shift: a square of the longer side; Alt: from the middle. */
  drag (tool, 40, 10, 60, 15, GDK_SHIFT_MASK);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 59, 29), ==, 255);
  drag (tool, 80, 40, 85, 45, GDK_ALT_MASK);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 75, 35), ==, 255);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 85, 35), ==, 0);
  /* A polygon ends at its first corner. */
  g_object_set (tool, "shape", "polygon", NULL);
  click (tool, 4, 40, 1);
  click (tool, 30, 40, 1);
  click (tool, 30, 60, 1);
  click (tool, 4, 40, 1);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 25, 45), ==, 255);
  g_assert_false (TACET_TOOL_GET_CLASS (tool)->cancel (tool));
  /* Without a pointer: Enter sets one up, arrows move it, Enter draws it. */
  tacet_scene_clear_layer (f->scene, layer);
  g_object_set (tool, "shape", "rectangle", NULL);
  g_assert_true (TACET_TOOL_GET_CLASS (tool)->apply (tool));
  for (int i = 0; i < 2; i++)
    g_assert_true (TACET_TOOL_GET_CLASS (tool)->key_press (tool, GDK_KEY_Right, GDK_SHIFT_MASK));
  g_assert_true (TACET_TOOL_GET_CLASS (tool)->apply (tool));
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), WIDTH / 3 + 19, HEIGHT / 2), ==, 0);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), WIDTH / 3 + 20, HEIGHT / 2), ==, 255);
}

/* Silence changes where a map speaks, never what it says. */
static void
test_silence (Fixture *f, gconstpointer data)
{
  TacetLayer *layer = add_layer (f, TACET_LAYER_DEPTH);
  g_autoptr (TacetImage) map = NULL;
  TacetTool *tool;

  fill_some (f);
  map = tacet_image_copy (tacet_layer_get_map (layer));
  tool = choose (f, TACET_TOOL_SILENCE);
  g_object_set (tool, "size", 6.0, NULL);
  drag (tool, 40, 32, 56, 32, 0);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 48, 32), ==, 0);
  g_assert_true (tacet_image_equal (map, tacet_layer_get_map (layer)));
  drag (tool, 40, 32, 56, 32, GDK_CONTROL_MASK);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 48, 32), ==, 255);
  g_assert_true (tacet_image_equal (map, tacet_layer_get_map (layer)));
}

static void
test_move (Fixture *f, gconstpointer data)
{
  TacetLayer *layer = add_layer (f, TACET_LAYER_MASK);
  TacetTool *tool = choose (f, TACET_TOOL_SHAPES);
  double x, width;

  g_object_set (tool, "shape", "rectangle", "style", "filled", NULL);
  drag (tool, 20, 20, 40, 30, 0);
  tool = choose (f, TACET_TOOL_MOVE);
  spin_for (50);
  drag (tool, 30, 25, 37, 29, 0);
  g_object_get (tool, "x", &x, "width", &width, NULL);
  g_assert_cmpfloat (x, ==, 27);
  g_assert_cmpfloat (width, ==, 20);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 20, 20), ==, 255); /* not yet */
  g_assert_true (TACET_TOOL_GET_CLASS (tool)->apply (tool));
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 26, 24), ==, 0);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 27, 24), ==, 255);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 46, 33), ==, 255);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 47, 34), ==, 0);
  /* By numbers; choosing another tool applies what is set up. */
  spin_for (50);
  g_object_set (tool, "width", 40.0, "x", 27.0, NULL);
  choose (f, TACET_TOOL_BRUSH);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 60, 28), ==, 255);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.transform-fit", NULL);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.transform-apply", NULL);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 6, HEIGHT / 2), ==, 255);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), WIDTH - 7, HEIGHT / 2), ==, 255);
}

static void
test_colours (Fixture *f, gconstpointer data)
{
  TacetSwatches *swatches = tacet_canvas_get_swatches (f->canvas);
  TacetLayer *layer = add_layer (f, TACET_LAYER_PICTURE);
  TacetTool *tool = choose (f, TACET_TOOL_BUCKET);
  static const guint8 orange[3] = { 250, 130, 10 };
  const guint8 *pixel;
  guint8 color[3];

  tacet_swatches_set_color (swatches, orange);
  click (tool, 5, 5, 1);
  pixel = tacet_layer_get_picture (layer)->data + 4 * (40 * WIDTH + 40);
  g_assert_cmpmem (pixel, 3, orange, 3);
  g_assert_cmpint (pixel[3], ==, 255);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.default-colours", NULL);
  tacet_swatches_get_color (swatches, FALSE, color);
  g_assert_cmpint (color[0], ==, 0);
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.swap-colours", NULL);
  tacet_swatches_get_color (swatches, FALSE, color);
  g_assert_cmpint (color[0], ==, 255);
  /* From white to black over orange: what the one colour leaves the other takes, and nothing of below shows. */
  tool = choose (f, TACET_TOOL_GRADIENT);
  drag (tool, 0, 10, WIDTH, 10, 0);
  for (int x = 0; x < WIDTH; x++)
    {
      pixel = tacet_layer_get_picture (layer)->data + 4 * (10 * WIDTH + x);
      g_assert_cmpint (abs (pixel[0] - (int) (255 * (1 - (x + 0.5) / WIDTH))), <=, 3);
      g_assert_cmpint (abs (pixel[0] - pixel[2]), <=, 2);
    }
  tacet_scene_undo (f->scene);
  tool = choose (f, TACET_TOOL_PICKER);
  click (tool, 50, 50, 1);
  tacet_swatches_get_color (swatches, FALSE, color);
  g_assert_cmpmem (color, 3, orange, 3);
  /* On depth it is the value; and so it is with Alt in the brush. */
  add_layer (f, TACET_LAYER_DEPTH);
  tacet_swatches_set_value (swatches, 0.4);
  fill_some (f);
  tacet_swatches_set_value (swatches, 1);
  tool = choose (f, TACET_TOOL_BRUSH);
  drag (tool, 48, 32, 48, 32, GDK_ALT_MASK);
  g_assert_cmpfloat_with_epsilon (tacet_swatches_get_value (swatches, FALSE), 0.4, 0.003);
}

/* A room drawn on the edge layer can be filled on another. */
static void
test_bucket_sees_all (Fixture *f, gconstpointer data)
{
  TacetLayer *mask;
  TacetTool *tool;

  add_layer (f, TACET_LAYER_EDGE);
  tool = choose (f, TACET_TOOL_SHAPES);
  g_object_set (tool, "shape", "rectangle", "style", "outline", "size", 2.0, NULL);
  drag (tool, 20, 10, 70, 50, 0);
  mask = add_layer (f, TACET_LAYER_MASK);
  tool = choose (f, TACET_TOOL_BUCKET);
  g_object_set (tool, "source", "all", NULL);
  click (tool, 45, 30, 1);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (mask), 45, 30), ==, 255);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (mask), 10, 30), ==, 0);
  g_assert_cmpint (gray_at (tacet_layer_get_coverage (mask), 80, 30), ==, 0);
}

static void
test_pen (Fixture *f, gconstpointer data)
{
  TacetLayer *layer = add_layer (f, TACET_LAYER_EDGE);
  TacetTool *tool = choose (f, TACET_TOOL_PEN);
  TacetToolClass *class = TACET_TOOL_GET_CLASS (tool);
  guint n = n_steps (f);

  g_object_set (tool, "size", 3.0, NULL);
  click (tool, 10, 32, 1);
  click (tool, 80, 32, 1);
  g_assert_true (class->key_press (tool, GDK_KEY_n, 0)); /* the first again */
  g_object_set (tool, "size", 9.0, NULL);
  g_assert_cmpuint (n_steps (f), ==, n);
  g_assert_true (class->apply (tool));
  g_assert_cmpuint (n_steps (f), ==, n + 1);
  g_assert_cmpint (gray_at (tacet_layer_get_map (layer), 10, 35), ==, 255);
  g_assert_cmpint (gray_at (tacet_layer_get_map (layer), 80, 35), ==, 0);
  g_assert_cmpint (gray_at (tacet_layer_get_map (layer), 80, 32), ==, 255);
  /* From the keyboard alone. */
  tacet_scene_undo (f->scene);
  g_assert_true (class->key_press (tool, GDK_KEY_Insert, 0));
  g_assert_true (class->key_press (tool, GDK_KEY_Insert, 0));
  g_assert_true (class->key_press (tool, GDK_KEY_Down, GDK_SHIFT_MASK));
  g_assert_true (class->apply (tool));
  g_assert_cmpint (gray_at (tacet_layer_get_map (layer), WIDTH / 2, HEIGHT / 2), ==, 255);
}

/* ---- options ---- */

static void
test_sizes (Fixture *f, gconstpointer data)
{
  TacetTool *tool = choose (f, TACET_TOOL_BRUSH);
  TacetLayer *edge = add_layer (f, TACET_LAYER_EDGE), *region = NULL;
  double size;

  g_object_set (tool, "size", 5.0, NULL);
  region = add_layer (f, TACET_LAYER_REGION);
  g_object_set (tool, "size", 33.0, NULL);
  tacet_canvas_set_selected (f->canvas, edge);
  g_object_get (tool, "size", &size, NULL);
  g_assert_cmpfloat (size, ==, 5);
  tacet_canvas_set_selected (f->canvas, region);
  g_object_get (tool, "size", &size, NULL);
  g_assert_cmpfloat (size, ==, 33);
}

/* A trembling hand draws a straight line when it is smoothed. */
static void
test_smoothing (Fixture *f, gconstpointer data)
{
  int touched[2];

  for (int smooth = 0; smooth < 2; smooth++)
    {
      TacetLayer *layer = add_layer (f, TACET_LAYER_MASK);
      TacetTool *tool = choose (f, TACET_TOOL_BRUSH);
      double swing = 6 / tacet_tool_get_view (tool)->zoom;
      TacetPointer at = pointer (tool, 10, 32, 0);

      g_object_set (tool, "size", 2.0, "smoothing", smooth ? 0.6 : 0.0, NULL);
      g_assert_true (TACET_TOOL_GET_CLASS (tool)->press (tool, &at));
      for (int i = 1; i <= 70; i++)
        {
          at = pointer (tool, 10 + i, 32 + (i % 2 ? swing : -swing), 0);
          TACET_TOOL_GET_CLASS (tool)->motion (tool, &at);
        }
      at = pointer (tool, 80, 32, 0);
      TACET_TOOL_GET_CLASS (tool)->motion (tool, &at);
      TACET_TOOL_GET_CLASS (tool)->release (tool, &at);
      touched[smooth] = 0;
      for (int y = 0; y < HEIGHT; y++)
        touched[smooth] += gray_at (tacet_layer_get_coverage (layer), 40, y) > 20;
      g_assert_cmpint (gray_at (tacet_layer_get_coverage (layer), 79, 32), >, 100); /* it ends where the hand ends */
    }
  g_assert_cmpint (touched[1], <=, touched[0]);
}

/* Every option is a named action. */
static void
test_option_actions (Fixture *f, gconstpointer data)
{
  TacetTool *brush = tacet_canvas_get_tool_object (f->canvas, TACET_TOOL_BRUSH);
  g_autofree char *shape = NULL;
  gboolean fades;

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (f->canvas), "tool.shapes-shape", "s", "ellipse"));
  g_object_get (tacet_canvas_get_tool_object (f->canvas, TACET_TOOL_SHAPES), "shape", &shape, NULL);
  g_assert_cmpstr (shape, ==, "ellipse");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (f->canvas), "tool.brush-pressure-fades", NULL));
  g_object_get (brush, "pressure-fades", &fades, NULL);
  g_assert_true (fades);
}

/* What a person chose is there again in the next window; what belongs to a document is not. */
static void
test_remembered (Fixture *f, gconstpointer data)
{
  TacetTool *brush = tacet_canvas_get_tool_object (f->canvas, TACET_TOOL_BRUSH);
  TacetTool *shapes = tacet_canvas_get_tool_object (f->canvas, TACET_TOOL_SHAPES);
  g_autofree char *shape = NULL;
  double opacity, size;

  g_object_set (brush, "opacity", 0.5, "size", 77.0, NULL);
  g_object_set (shapes, "shape", "polygon", NULL);
  _tacet_window_keep_tools (f->window);
  g_object_set (brush, "opacity", 1.0, "size", 5.0, NULL);
  g_object_set (shapes, "shape", "line", NULL);
  _tacet_window_restore_tools (f->window);
  g_object_get (brush, "opacity", &opacity, "size", &size, NULL);
  g_object_get (shapes, "shape", &shape, NULL);
  g_assert_cmpfloat (opacity, ==, 0.5);
  g_assert_cmpfloat (size, ==, 5);
  g_assert_cmpstr (shape, ==, "polygon");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/tools/steps", test_steps },
    { "/tools/cancel", test_cancel },
    { "/tools/shapes", test_shapes },
    { "/tools/silence", test_silence },
    { "/tools/move", test_move },
    { "/tools/colours", test_colours },
    { "/tools/bucket-sees-all", test_bucket_sees_all },
    { "/tools/pen", test_pen },
    { "/tools/sizes", test_sizes },
    { "/tools/smoothing", test_smoothing },
    { "/tools/option-actions", test_option_actions },
    { "/tools/remembered", test_remembered },
  };

  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
