/* test-clipboard.c: layers, pictures and files on the clipboard, both ways.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "engine/scene/tacet-scene-transfer.h"
#include "import-test.h"
#include "ui/tacet-content.h"
#include "ui/tacet-layer-image.h"
#include "ui/tacet-tool-pose.h"

#include <string.h>

/* A layer pasted into another window is the same layer: the document that holds it alone has the same digest. */
static void
test_copy_between_windows (ImportTest *f, gconstpointer data)
{
  TacetWindow *other = import_test_make_window ("data/scenes/house-pine/scene.json");
  ImportTest there = { .window = other };

  for (guint i = 0; i < import_test_n_layers (f->window); i++)
    {
      TacetLayer *layer = import_test_nth_layer (f->window, i), *pasted;
      g_autoptr (TacetScene) here_alone = NULL, there_alone = NULL;
      g_autofree char *here_digest = NULL, *there_digest = NULL, *name = g_strdup_printf ("layer %u", i);
      guint n = import_test_n_layers (other);

      tacet_scene_set_layer_strength (f->window->scene, layer, 0.3 + 0.2 * i);
      tacet_scene_set_layer_range (f->window->scene, layer, 0.1, 0.7);
      tacet_scene_set_layer_name (f->window->scene, layer, name);
      _tacet_window_select (f->window, layer);
      import_test_act (f->window, "win.copy");
      import_test_act (other, "win.paste");
      import_test_wait_for_layers (&there, n + 1);
      pasted = tacet_canvas_get_selected (other->canvas);
      g_assert_cmpstr (tacet_layer_get_name (pasted), ==, name);
      here_alone = tacet_scene_extract (f->window->scene, layer);
      there_alone = tacet_scene_extract (other->scene, pasted);
      here_digest = tacet_scene_digest (here_alone);
      there_digest = tacet_scene_digest (there_alone);
      g_assert_cmpstr (here_digest, ==, there_digest);
      import_test_act (other, "win.undo");
      g_assert_cmpint (import_test_n_layers (other), ==, n);
    }
  import_test_destroy_window (other);
}

typedef struct
{
  GBytes *bytes;
  gboolean over;
} Reading;

static void
spliced_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Reading *reading = data;

  g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, NULL);
  reading->bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (source));
  reading->over = TRUE;
}

static void
stream_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = gdk_clipboard_read_finish (GDK_CLIPBOARD (source), result, NULL, &error);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();

  g_assert_no_error (error);
  g_output_stream_splice_async (memory, stream,
                                G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, NULL, spliced_cb, data);
}

static GBytes *
read_clipboard (TacetWindow *window, const char *type)
{
  const char *types[] = { type, NULL };
  Reading reading = { 0 };

  gdk_clipboard_read_async (gtk_widget_get_clipboard (GTK_WIDGET (window)), types, G_PRIORITY_DEFAULT, NULL, stream_cb,
                            &reading);
  while (!reading.over)
    g_main_context_iteration (NULL, TRUE);
  return reading.bytes;
}

/* Other programs get a PNG of the map. */
static void
test_copy_png (ImportTest *f, gconstpointer data)
{
  TacetLayer *layer = import_test_layer_of_kind (f->window, TACET_LAYER_EDGE);
  g_autoptr (TacetImage) wanted = tacet_layer_dup_image (layer), image = NULL;
  g_autoptr (GBytes) png = NULL;
  gsize size;
  gconstpointer start;

  _tacet_window_select (f->window, layer);
  import_test_act (f->window, "win.copy");
  png = read_clipboard (f->window, "image/png");
  start = g_bytes_get_data (png, &size);
  image = tacet_image_decode_png (start, size, "clipboard", NULL);
  g_assert_true (tacet_image_equal (image, wanted));
}

static void
offer_file (TacetWindow *window, const char *type, const char *name)
{
  g_autofree char *path = import_test_source_file (name), *bytes = NULL;
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (GdkContentProvider) content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  whole = g_bytes_new (bytes, size);
  content = gdk_content_provider_new_for_bytes (type, whole);
  g_assert_true (gdk_clipboard_set_content (gtk_widget_get_clipboard (GTK_WIDGET (window)), content));
}

static void
test_paste_picture (ImportTest *f, gconstpointer data)
{
  static const struct
  {
    const char *action;
    TacetLayerKind kind;
  } pastes[] = {
    { "win.paste", TACET_LAYER_PICTURE },
    { "win.paste-as-picture", TACET_LAYER_PICTURE },
    { "win.paste-as-edges", TACET_LAYER_EDGE },
    { "win.paste-as-edge-map", TACET_LAYER_EDGE },
    { "win.paste-as-depth-map", TACET_LAYER_DEPTH },
    { "win.paste-as-region", TACET_LAYER_REGION },
    { "win.paste-as-mask", TACET_LAYER_MASK },
  };

  offer_file (f->window, "image/jpeg", "tests/image/foreign/usual.jpg");
  for (guint i = 0; i < G_N_ELEMENTS (pastes); i++)
    {
      import_test_act (f->window, pastes[i].action);
      g_assert_cmpint (import_test_n_layers (f->window), ==, 3); /* the window does not wait */
      import_test_wait_for_layers (f, 4);
      g_assert_false (tacet_layer_is_empty (import_test_newest (f->window, pastes[i].kind)));
      import_test_act (f->window, "win.undo");
      g_assert_cmpint (import_test_n_layers (f->window), ==, 3);
    }
}

/* What claims to be a layer and is none. */
static void
test_paste_broken (ImportTest *f, gconstpointer data)
{
  static const char *const files[] = { "tests/image/foreign/bad/text.jpg", "tests/image/foreign/bad/half.avif" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      offer_file (f->window, TACET_LAYER_MIME_TYPE, files[i]);
      import_test_act (f->window, "win.paste");
      import_test_spin_for (200);
      g_assert_cmpint (import_test_n_layers (f->window), ==, 3);
    }
  g_assert_false (tacet_scene_get_modified (f->window->scene));
}

static void
test_paste_nothing (ImportTest *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (GdkContentProvider) content = gdk_content_provider_new_for_bytes ("application/x-nothing", bytes);

  gdk_clipboard_set_content (gtk_widget_get_clipboard (GTK_WIDGET (f->window)), content);
  import_test_act (f->window, "win.paste");
  import_test_spin_for (100);
  g_assert_cmpint (import_test_n_layers (f->window), ==, 3);
  g_assert_true (import_test_has_label (GTK_WIDGET (f->window), "Nothing that was copied"));
}

/* A person that is chosen is what the keys mean; people also come as text. */
static void
test_people (ImportTest *f, gconstpointer data)
{
  TacetLayer *pose = import_test_layer_of_kind (f->window, TACET_LAYER_POSE);
  TacetTool *tool = tacet_canvas_get_tool_object (f->window->canvas, TACET_TOOL_POSE);
  int before, n_people;

  _tacet_window_select (f->window, pose);
  tacet_layer_get_people (pose, &before);
  tacet_canvas_set_tool (f->window->canvas, TACET_TOOL_POSE);
  tacet_tool_pose_select (tool, (TacetPoseRef){ 0, TACET_BODY_PERSON, -1 });
  import_test_act (f->window, "win.copy");
  import_test_act (f->window, "win.paste");
  import_test_spin_for (200);
  tacet_layer_get_people (pose, &n_people);
  g_assert_cmpint (n_people, ==, before + 1);
  g_assert_cmpint (import_test_n_layers (f->window), ==, 3);
  import_test_act (f->window, "win.cut");
  tacet_layer_get_people (pose, &n_people);
  g_assert_cmpint (n_people, ==, before);
}

/* Without a result it is what the picture layers show together. */
static void
test_copy_picture (ImportTest *f, gconstpointer data)
{
  g_autoptr (TacetImage) wide = import_test_red (64, 64, TRUE), wanted = NULL, image = NULL;
  g_autoptr (GBytes) png = NULL;
  gsize size;
  gconstpointer start;

  for (int i = 0; i < 2; i++)
    {
      TacetLayer *layer = tacet_scene_add_layer (f->window->scene, TACET_LAYER_PICTURE);

      g_assert_true (tacet_scene_set_layer_picture (f->window->scene, layer, wide));
      tacet_scene_set_layer_opacity (f->window->scene, layer, 0.5);
    }
  wanted = tacet_scene_render_picture (f->window->scene);
  import_test_act (f->window, "win.copy-picture");
  png = read_clipboard (f->window, "image/png");
  start = g_bytes_get_data (png, &size);
  image = tacet_image_decode_png (start, size, "clipboard", NULL);
  g_assert_true (tacet_image_equal (image, wanted));
}

static void
test_cut (ImportTest *f, gconstpointer data)
{
  g_autofree char *before = tacet_scene_digest (f->window->scene), *after = NULL;

  _tacet_window_select (f->window, import_test_layer_of_kind (f->window, TACET_LAYER_DEPTH));
  import_test_act (f->window, "win.cut");
  g_assert_cmpint (import_test_n_layers (f->window), ==, 2);
  import_test_act (f->window, "win.paste");
  import_test_wait_for_layers (f, 3);
  import_test_act (f->window, "win.undo");
  import_test_act (f->window, "win.undo");
  after = tacet_scene_digest (f->window->scene);
  g_assert_cmpstr (before, ==, after);
}

static GtkWidget *
find_text (GtkWidget *widget)
{
  GtkWidget *found = GTK_IS_TEXT_VIEW (widget) ? widget : NULL;

  for (GtkWidget *at = gtk_widget_get_first_child (widget); at != NULL && found == NULL;
       at = gtk_widget_get_next_sibling (at))
    found = find_text (at);
  return found;
}

/* Keys that reach a text field stay there. */
static void
test_text_keeps_keys (ImportTest *f, gconstpointer data)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (f->window)), "words");
  gtk_widget_grab_focus (find_text (GTK_WIDGET (f->window)));
  import_test_act (f->window, "win.copy");
  import_test_act (f->window, "win.cut");
  g_assert_cmpint (import_test_n_layers (f->window), ==, 3);
  g_assert_true (gdk_content_formats_contain_gtype (
      gdk_clipboard_get_formats (gtk_widget_get_clipboard (GTK_WIDGET (f->window))), G_TYPE_STRING));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (ImportTest *, gconstpointer);
  } tests[] = {
    { "/clipboard/copy-between-windows", test_copy_between_windows },
    { "/clipboard/copy-png", test_copy_png },
    { "/clipboard/paste-picture", test_paste_picture },
    { "/clipboard/paste-broken", test_paste_broken },
    { "/clipboard/paste-nothing", test_paste_nothing },
    { "/clipboard/copy-picture", test_copy_picture },
    { "/clipboard/people", test_people },
    { "/clipboard/cut", test_cut },
    { "/clipboard/text-keeps-keys", test_text_keeps_keys },
  };

  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  adw_init ();
  tacet_ui_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, ImportTest, NULL, import_test_set_up, tests[i].func, import_test_tear_down);
  return g_test_run ();
}
