/* test-files.c: the window opens, saves and refuses files.  Room: tests/ui.
 *
 * Needs a display: run inside tests/uirun.
 */
#include "ui/tacet-window-private.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  TacetWindow *window;
  char *folder;
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
  f->folder = g_dir_make_tmp ("tacet-files-XXXXXX", NULL);
  f->window = TACET_WINDOW (tacet_window_new (NULL, NULL));
  g_object_ref (f->window);
  gtk_window_present (GTK_WINDOW (f->window));
  spin_for (50);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  gtk_window_destroy (GTK_WINDOW (f->window));
  spin_for (50);
  g_assert_finalize_object (G_OBJECT (f->window));
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (f->folder);
  g_free (f->folder);
}

static char *
sample (void)
{
  return g_build_filename (g_getenv ("TACET_SOURCE"), "data", "scenes", "person-chair-brick", "scene.json", NULL);
}

static void
save_and_wait (Fixture *f)
{
  _tacet_window_save (f->window);
  for (int i = 0; i < 500 && tacet_scene_get_modified (f->window->scene); i++)
    spin_for (20);
  g_assert_false (tacet_scene_get_modified (f->window->scene));
}

/* The sample as a project in the folder. */
static char *
make_project (Fixture *f, const char *name)
{
  g_autofree char *from = sample ();
  g_autoptr (TacetScene) scene = tacet_scene_load (from, NULL);
  char *path = g_build_filename (f->folder, name, NULL);

  g_assert_true (tacet_scene_save (scene, path, NULL));
  return path;
}

/* A project is saved in its place, and called without its suffix in the title. */
static void
test_project (Fixture *f, gconstpointer data)
{
  g_autofree char *path = make_project (f, "my picture.ora"), *digest = NULL, *again = NULL;
  g_autoptr (TacetScene) read = NULL;

  g_assert_true (tacet_window_open (f->window, path));
  g_assert_cmpstr (f->window->path, ==, path);
  g_assert_cmpstr (adw_window_title_get_title (f->window->title), ==, "my picture");
  tacet_scene_set_prompt (f->window->scene, "changed");
  save_and_wait (f);
  digest = tacet_scene_digest (f->window->scene);
  read = tacet_scene_load (path, NULL);
  again = tacet_scene_digest (read);
  g_assert_cmpstr (digest, ==, again);
}

/* What holds more than was read of it is never written over. */
static void
test_incomplete (Fixture *f, gconstpointer data)
{
  g_autofree char *newer = g_build_filename (f->folder, "newer.json", NULL);
  g_autofree char *holes = g_build_filename (f->folder, "holes.json", NULL);
  const char *text = "{ \"format\": \"tacet-scene\", \"version\": 99, \"width\": 64, \"height\": 64 }";
  const char *hole = "{ \"format\": \"tacet-scene\", \"version\": 2, \"width\": 64, \"height\": 64, \"layers\": [ "
                     "{ \"kind\": \"edge\", \"image\": \"gone.png\" } ] }";

  g_assert_true (g_file_set_contents (newer, text, -1, NULL));
  g_assert_true (g_file_set_contents (holes, hole, -1, NULL));
  g_assert_true (tacet_window_open (f->window, newer));
  g_assert_null (f->window->path);
  g_assert_true (tacet_window_open (f->window, holes));
  g_assert_null (f->window->path);
  g_assert_cmpuint (g_list_model_get_n_items (tacet_scene_get_layers (f->window->scene)), ==, 1);
}

static gboolean
is_open (Fixture *f, const char *path)
{
  return g_strcmp0 (f->window->path, path) == 0;
}

/* A large file is opened by a thread; of two that are asked for the later one counts. */
static void
test_large (Fixture *f, gconstpointer data)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (1200, 1200);
  g_autoptr (TacetImage) noise = tacet_image_new (1200, 1200, 4);
  g_autofree char *first = g_build_filename (f->folder, "first.ora", NULL);
  g_autofree char *second = g_build_filename (f->folder, "second.ora", NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint n_held = G_OBJECT (f->window)->ref_count;

  for (int i = 0; i < 1200 * 1200; i++)
    ((guint32 *) (gpointer) noise->data)[i] = g_rand_int (rand);
  g_assert_true (tacet_scene_set_image (scene, noise));
  g_assert_true (tacet_scene_save (scene, first, NULL));
  g_assert_true (tacet_scene_save (scene, second, NULL));
  _tacet_window_open_path (f->window, first);
  _tacet_window_open_path (f->window, second);
  g_assert_null (f->window->path);
  g_assert_false (gtk_widget_get_sensitive (GTK_WIDGET (f->window->flap)));
  for (int i = 0; i < 500 && !is_open (f, second); i++)
    {
      spin_for (20);
      g_assert_false (is_open (f, first));
    }
  /* The other one is still on its way, and holds the window. */
  for (int i = 0; i < 500 && G_OBJECT (f->window)->ref_count > n_held; i++)
    spin_for (20);
  g_assert_true (is_open (f, second));
  g_assert_true (gtk_widget_get_sensitive (GTK_WIDGET (f->window->flap)));
}

/* Nothing is lost where nothing can be written: the document stays modified, the file as it was. */
static void
test_unwritable (Fixture *f, gconstpointer data)
{
  g_autofree char *path = make_project (f, "a.ora"), *before = NULL, *after = NULL;
  gsize n_before, n_after;

  g_assert_true (tacet_window_open (f->window, path));
  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));
  tacet_scene_set_prompt (f->window->scene, "changed");
  g_free (f->window->path);
  f->window->path = g_strdup ("/dev/full/a.ora");
  _tacet_window_save (f->window);
  spin_for (500);
  g_assert_true (tacet_scene_get_modified (f->window->scene));
  g_assert_true (g_file_get_contents (path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  tacet_ui_init ();
#define ADD(name, func) g_test_add ("/files/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("project", test_project);
  ADD ("incomplete", test_incomplete);
  ADD ("large", test_large);
  ADD ("unwritable", test_unwritable);
  return g_test_run ();
}
