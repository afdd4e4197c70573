/* test-recovery.c: copies of unsaved work, and saving from a thread.
 *
 * Tests of engine/scene.
 */
#include "engine/scene/tacet-recovery.h"
#include "scene-test.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define SOON 5 /* milliseconds */

typedef struct
{
  char *folder, *base, *path;
  TacetScene *scene;
} Fixture;

static char *program;

/* A document that has its place: to move there would change what it says of files beside it. */
static TacetScene *
make_scene (const char *path)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  TacetScene *scene = tacet_scene_new (80, 70);
  g_assert_true (path == NULL || tacet_scene_save (scene, path, NULL));
  for (int i = 0; i < 40; i++)
    scene_test_random_edit (scene, rand);
  tacet_scene_add_layer (scene, TACET_LAYER_POSE);
  return scene;
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->folder = scene_test_make_folder ();
  self->base = g_build_filename (self->folder, "state", "recovery", NULL);
  self->path = g_build_filename (self->folder, "my scene.json", NULL);
  self->scene = make_scene (self->path);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);
      remove_tree (inner);
    }
  g_remove (path);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_clear_object (&self->scene);
  remove_tree (self->folder);
  g_free (self->folder);
  g_free (self->base);
  g_free (self->path);
}

static guint
n_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;
  while (dir && g_dir_read_name (dir))
    n++;
  return n;
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  int *verdict = data;
  *verdict = tacet_scene_save_finish (TACET_SCENE (source), result, &error) ? 1 : -1;
  g_assert_true ((*verdict < 0) == (error != NULL));
}

static void
wait_for (int *verdict)
{
  while (*verdict == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* What is written is the document at the call, and what came later is still unsaved. */
static void
test_save_async (Fixture *self, gconstpointer unused)
{
  int first = 0, second = 0;
  g_autofree char *before = tacet_scene_digest (self->scene);
  tacet_scene_set_prompt (self->scene, "saved");
  g_autofree char *saved = tacet_scene_digest (self->scene);
  tacet_scene_save_async (self->scene, self->path, saved_cb, &first);
  tacet_scene_save_async (self->scene, self->path, saved_cb, &second); /* not two at once */
  tacet_scene_set_prompt (self->scene, "later");                       /* does not merge with the step before */
  wait_for (&first);
  wait_for (&second);
  g_assert_cmpint (first, ==, 1);
  g_assert_cmpint (second, ==, -1);
  g_assert_true (tacet_scene_get_modified (self->scene));
  g_assert_true (tacet_scene_undo (self->scene));
  g_assert_false (tacet_scene_get_modified (self->scene));
  scene_test_assert_digest (self->scene, saved);
  g_autoptr (TacetScene) read = tacet_scene_load (self->path, NULL);
  scene_test_assert_digest (read, saved);
  g_assert_true (tacet_scene_undo (self->scene));
  scene_test_assert_digest (self->scene, before);
  g_assert_true (tacet_scene_get_modified (self->scene));
}

/* Undone and done otherwise while it is being saved: the saved state is gone for good. */
static void
test_save_async_undone (Fixture *self, gconstpointer unused)
{
  int verdict = 0;
  tacet_scene_set_steps (self->scene, 7);
  tacet_scene_save_async (self->scene, self->path, saved_cb, &verdict);
  tacet_scene_undo (self->scene);
  tacet_scene_set_steps (self->scene, 9);
  wait_for (&verdict);
  g_assert_cmpint (verdict, ==, 1);
  g_assert_true (tacet_scene_get_modified (self->scene));
}

static void
test_save_async_fails (Fixture *self, gconstpointer unused)
{
  int verdict = 0;
  g_autofree char *nowhere = g_build_filename (self->folder, "no", "such", "place.json", NULL);
  tacet_scene_save_async (self->scene, nowhere, saved_cb, &verdict);
  wait_for (&verdict);
  g_assert_cmpint (verdict, ==, -1);
  g_assert_true (tacet_scene_get_modified (self->scene));
}

/* In a program of its own, which ends without a word once its copy is there. */
static int
end_suddenly (const char *base, const char *path)
{
  g_autoptr (TacetScene) scene = make_scene (path);
  g_autoptr (GPtrArray) before = tacet_recovery_list (base);
  guint n_before = before->len;
  if (!tacet_recovery_new (base, scene, path, SOON, NULL))
    return 1;
  for (gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    {
      g_autoptr (GDir) dir = g_dir_open (base, 0, NULL);
      const char *name;
      guint n_copies = 0;
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
      while (dir && (name = g_dir_read_name (dir)))
        {
          g_autofree char *origin = g_build_filename (base, name, "origin", NULL);
          n_copies += g_file_test (origin, G_FILE_TEST_EXISTS);
        }
      if (n_copies > n_before)
        _exit (0);
    }
  return 1;
}

static void
crash (Fixture *self, const char *path)
{
  const char *argv[] = { program, "--crash", self->base, path, NULL };
  g_autoptr (GError) error = NULL;
  int status = -1;
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
test_crash (Fixture *self, gconstpointer unused)
{
  g_autofree char *digest = tacet_scene_digest (self->scene);
  g_autoptr (GError) error = NULL;
  g_assert_cmpuint (tacet_recovery_list (self->base)->len, ==, 0);
  crash (self, self->path);
  g_autoptr (GPtrArray) list = tacet_recovery_list (self->base);
  g_assert_cmpuint (list->len, ==, 1);
  const TacetRecovered *recovered = g_ptr_array_index (list, 0);
  g_assert_cmpstr (recovered->path, ==, self->path);
  g_assert_cmpint (ABS (recovered->time - g_get_real_time () / G_USEC_PER_SEC), <, 600);
  g_autoptr (TacetScene) scene = tacet_recovered_load (recovered, &error);
  g_assert_no_error (error);
  scene_test_assert_digest (scene, digest);
  g_assert_true (tacet_scene_get_modified (scene));

  /* Whoever takes it over owns it: nobody else is offered it, and it goes when the work is saved. */
  TacetRecovery *own = tacet_recovery_adopt (recovered, scene, SOON);
  g_assert_nonnull (own);
  g_autoptr (GPtrArray) none = tacet_recovery_list (self->base);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_null (tacet_recovery_adopt (recovered, scene, SOON));
  g_assert_true (tacet_scene_save (scene, self->path, &error));
  g_assert_cmpuint (n_entries (recovered->folder), ==, 1); /* the lock */
  tacet_recovery_free (own);
  g_assert_cmpuint (n_entries (self->base), ==, 0);
}

static void
test_discard (Fixture *self, gconstpointer unused)
{
  crash (self, NULL);
  crash (self, self->path);
  g_autoptr (GPtrArray) list = tacet_recovery_list (self->base);
  g_assert_cmpuint (list->len, ==, 2);
  for (guint i = 0; i < list->len; i++)
    tacet_recovered_remove (g_ptr_array_index (list, i));
  g_assert_cmpuint (n_entries (self->base), ==, 0);
}

/* Folders that are not what they seem. */
static void
test_damaged (Fixture *self, gconstpointer unused)
{
  crash (self, self->path);
  g_autoptr (GPtrArray) list = tacet_recovery_list (self->base);
  const TacetRecovered *recovered = g_ptr_array_index (list, 0);
  g_autofree char *scene = g_build_filename (recovered->folder, "scene.json", NULL);
  g_autofree char *origin = g_build_filename (recovered->folder, "origin", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (scene, "{\"format\":", -1, NULL));
  g_assert_null (tacet_recovered_load (recovered, &error));
  g_assert_nonnull (error);
  g_assert_true (g_file_set_contents (origin, "\xff\xfe[", -1, NULL));
  g_autoptr (GPtrArray) again = tacet_recovery_list (self->base);
  g_assert_cmpuint (again->len, ==, 0);
  g_clear_error (&error);
  g_assert_null (tacet_recovery_new ("/dev/null/x", self->scene, NULL, SOON, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  if (argc > 2 && g_str_equal (argv[1], "--crash"))
    return end_suddenly (argv[2], argv[3]);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/recovery/save-async", Fixture, NULL, set_up, test_save_async, tear_down);
  g_test_add ("/recovery/save-async-undone", Fixture, NULL, set_up, test_save_async_undone, tear_down);
  g_test_add ("/recovery/save-async-fails", Fixture, NULL, set_up, test_save_async_fails, tear_down);
  g_test_add ("/recovery/crash", Fixture, NULL, set_up, test_crash, tear_down);
  g_test_add ("/recovery/discard", Fixture, NULL, set_up, test_discard, tear_down);
  g_test_add ("/recovery/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  return g_test_run ();
}
