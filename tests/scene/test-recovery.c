/* test-recovery.c: copies of unsaved work, and saving from a thread.
 *
 * Tests of engine/scene.
 */
#include "engine/scene/tacet-candidate.h"
#include "engine/scene/tacet-recovery.h"
#include "scene-test.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
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
  g_autofree char *scene = g_build_filename (recovered->folder, "tacet", "scene.json", NULL);
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

/* ---- killed at any moment ---- */

static void
saved_again_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(gboolean *) data = FALSE;
  tacet_scene_save_finish (TACET_SCENE (source), result, NULL);
}

/* In a program of its own: works and saves until it is killed. */
static int
work (const char *base, const char *path)
{
  g_autoptr (TacetScene) scene = tacet_scene_new (400, 300);
  g_autoptr (GRand) rand = g_rand_new ();
  gboolean saving = FALSE;
  if (!tacet_scene_save (scene, path, NULL) || !tacet_recovery_new (base, scene, path, SOON, NULL))
    return 1;
  for (;;)
    {
      scene_test_random_edit (scene, rand);
      g_main_context_iteration (NULL, FALSE);
      if (!saving && g_rand_boolean (rand))
        {
          saving = TRUE;
          tacet_scene_save_async (scene, path, saved_again_cb, &saving);
        }
    }
}

static void
check_open (TacetScene *scene, GError *error)
{
  g_assert_no_error (error);
  g_assert_nonnull (scene);
  g_assert_true (tacet_scene_get_notes (scene) == NULL || tacet_scene_get_notes (scene)[0] == NULL);
}

/* What was saved is always whole, and so is what is offered for recovery. */
static void
test_killed (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (self->folder, "project.ora", NULL);
  const char *argv[] = { program, "--work", self->base, path, NULL };
  guint n_offered = 0;
  for (int round = 0; round < 15; round++)
    {
      GPid pid;
      g_autoptr (GError) error = NULL;
      g_assert_true (g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error));
      while (!g_file_test (path, G_FILE_TEST_EXISTS))
        g_usleep (1000);
      g_usleep (g_test_rand_int_range (20000, 300000));
      kill (pid, SIGKILL);
      waitpid (pid, NULL, 0);
      g_autoptr (TacetScene) saved = tacet_scene_load (path, &error);
      check_open (saved, error);
      g_autoptr (GPtrArray) list = tacet_recovery_list (self->base);
      for (guint i = 0; i < list->len; i++)
        {
          g_autoptr (TacetScene) scene = tacet_recovered_load (list->pdata[i], &error);
          check_open (scene, error);
          tacet_recovered_remove (list->pdata[i]);
          n_offered++;
        }
      g_unlink (path);
    }
  g_test_message ("%u copies were offered", n_offered);
  g_assert_cmpuint (n_entries (self->base), ==, 0);
}

/* ---- results, and what is written ---- */

static void
picture_free (gpointer data)
{
  TacetPicture *picture = data;
  tacet_image_unref (picture->image);
  g_free (picture);
}

static void
add_result (TacetScene *scene)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (picture_free);
  g_autoptr (TacetScene) snapshot = tacet_scene_snapshot (scene);
  TacetPicture *picture = g_new0 (TacetPicture, 1);
  picture->seed = 3;
  picture->image = tacet_image_new (80, 70, 3);
  g_ptr_array_add (pictures, picture);
  tacet_scene_add_candidates (scene, snapshot, pictures, FALSE);
}

static gboolean
is_finished (TacetScene *scene)
{
  GListModel *candidates = tacet_scene_get_candidates (scene);
  g_autoptr (TacetCandidate) last = g_list_model_get_item (candidates, g_list_model_get_n_items (candidates) - 1);
  return tacet_candidate_get_finished (last);
}

/* A result is on the disk before it is finished, without waiting for the interval; maps are not written again for it.
 */
static void
test_results (Fixture *self, gconstpointer unused)
{
  TacetRecovery *recovery = tacet_recovery_new (self->base, self->scene, self->path, 1000000, NULL);
  g_assert_nonnull (recovery);
  add_result (self->scene);
  g_assert_false (is_finished (self->scene));
  while (!is_finished (self->scene))
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (GDir) dir = g_dir_open (self->base, 0, NULL);
  TacetRecovered copy = { .folder = g_build_filename (self->base, g_dir_read_name (dir), NULL), .path = self->path };
  g_autofree char *data = g_build_filename (copy.folder, "data", NULL);
  g_autoptr (GDir) files = g_dir_open (data, 0, NULL);
  GStatBuf before, after;
  g_autofree char *map = g_build_filename (data, g_dir_read_name (files), NULL);
  g_autoptr (TacetScene) read = tacet_recovered_load (&copy, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (tacet_scene_get_candidates (read)), ==, 1);
  g_assert_cmpint (g_stat (map, &before), ==, 0);
  add_result (self->scene);
  while (!is_finished (self->scene))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (g_stat (map, &after), ==, 0);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  tacet_recovery_free (recovery);
  g_assert_cmpuint (n_entries (self->base), ==, 0);
  g_free (copy.folder);
}

int
main (int argc, char **argv)
{
  if (argc > 2 && g_str_equal (argv[1], "--crash"))
    return end_suddenly (argv[2], argv[3]);
  if (argc > 2 && g_str_equal (argv[1], "--work"))
    return work (argv[2], argv[3]);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/recovery/save-async", Fixture, NULL, set_up, test_save_async, tear_down);
  g_test_add ("/recovery/save-async-undone", Fixture, NULL, set_up, test_save_async_undone, tear_down);
  g_test_add ("/recovery/save-async-fails", Fixture, NULL, set_up, test_save_async_fails, tear_down);
  g_test_add ("/recovery/crash", Fixture, NULL, set_up, test_crash, tear_down);
  g_test_add ("/recovery/discard", Fixture, NULL, set_up, test_discard, tear_down);
  g_test_add ("/recovery/killed", Fixture, NULL, set_up, test_killed, tear_down);
  g_test_add ("/recovery/results", Fixture, NULL, set_up, test_results, tear_down);
  g_test_add ("/recovery/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  return g_test_run ();
}
