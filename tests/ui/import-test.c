/* import-test.c: see import-test.h.  Room: tests/ui. */
#include "import-test.h"

#include <glib/gstdio.h>
#include <string.h>

/* Red, half of it transparent; or opaque. */
TacetImage *
import_test_red (int width, int height, gboolean half)
{
  TacetImage *image = tacet_image_new (width, height, half ? 4 : 3);

  for (int i = 0; i < width * height; i++)
    {
      image->data[i * image->channels] = 255;
      if (half)
        image->data[4 * i + 3] = i % width < width / 2 ? 255 : 0;
    }
  return image;
}

int
import_test_value_at (const TacetImage *image, int x, int y, int channel)
{
  return image->data[((gsize) y * image->width + x) * image->channels + channel];
}

char *
import_test_source_file (const char *name)
{
  return g_build_filename (g_getenv ("TACET_SOURCE"), name, NULL);
}

static gboolean
out_of_time (gpointer data)
{
  g_error ("waited in vain");
  return G_SOURCE_REMOVE;
}

void
import_test_spin_while (gboolean (*func) (ImportTest *), ImportTest *f)
{
  guint source = g_timeout_add_seconds (20, out_of_time, NULL);

  while (func (f))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

static gboolean
tick_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

void
import_test_spin_for (guint milliseconds)
{
  gboolean over = FALSE;

  g_timeout_add (milliseconds, tick_cb, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

TacetWindow *
import_test_make_window (const char *scene)
{
  g_autofree char *path = import_test_source_file (scene);
  TacetWindow *window = TACET_WINDOW (tacet_window_new (NULL, NULL));

  g_object_ref (window);
  g_assert_true (tacet_window_open (window, path));
  gtk_window_present (GTK_WINDOW (window));
  import_test_spin_for (50);
  return window;
}

void
import_test_destroy_window (TacetWindow *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
  import_test_spin_for (50);
  g_assert_finalize_object (G_OBJECT (window));
}

void
import_test_set_up (ImportTest *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("tacet-import-XXXXXX", NULL);
  f->window = import_test_make_window ("data/scenes/person-chair-brick/scene.json");
}

void
import_test_tear_down (ImportTest *f, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  import_test_destroy_window (f->window);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (f->folder);
  g_free (f->folder);
}

void
import_test_act (TacetWindow *window, const char *name)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), name, NULL));
}

guint
import_test_n_layers (TacetWindow *window)
{
  return g_list_model_get_n_items (tacet_scene_get_layers (window->scene));
}

TacetLayer *
import_test_nth_layer (TacetWindow *window, guint n)
{
  g_autoptr (TacetLayer) layer = g_list_model_get_item (tacet_scene_get_layers (window->scene), n);

  return layer; /* the scene keeps it */
}

TacetLayer *
import_test_layer_of_kind (TacetWindow *window, TacetLayerKind kind)
{
  for (guint i = 0; i < import_test_n_layers (window); i++)
    if (tacet_layer_get_kind (import_test_nth_layer (window, i)) == kind)
      return import_test_nth_layer (window, i);
  g_assert_not_reached ();
}

/* The newest layer of a kind: a control stands below the others, any other layer on top. */
TacetLayer *
import_test_newest (TacetWindow *window, TacetLayerKind kind)
{
  TacetLayer *found = NULL;

  for (guint i = 0; i < import_test_n_layers (window); i++)
    if (tacet_layer_get_kind (import_test_nth_layer (window, i)) == kind &&
        (found == NULL || tacet_layer_kind_is_control (kind)))
      found = import_test_nth_layer (window, i);
  g_assert_nonnull (found);
  return found;
}

static gboolean
lacks_layers (ImportTest *f)
{
  return import_test_n_layers (f->window) != f->wanted;
}

void
import_test_wait_for_layers (ImportTest *f, guint n)
{
  f->wanted = n;
  import_test_spin_while (lacks_layers, f);
}

GPtrArray *
import_test_sources_of (const char *const *names, int n)
{
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_source_free);

  for (int i = 0; i < n; i++)
    {
      g_autofree char *path = import_test_source_file (names[i]);

      g_ptr_array_add (sources, tacet_source_new_path (path));
    }
  return sources;
}

gboolean
import_test_has_label (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
      strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return TRUE;
  for (GtkWidget *at = gtk_widget_get_first_child (widget); at != NULL; at = gtk_widget_get_next_sibling (at))
    if (import_test_has_label (at, text))
      return TRUE;
  return FALSE;
}
