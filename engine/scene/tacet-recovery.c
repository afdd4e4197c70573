/* tacet-recovery.c: see tacet-recovery.h.
 *
 * Room: engine/scene.  A folder holds "lock", whose lock the program holds as long as it lives, the files of a project
 * (tacet-project.h), of which only those are written that are not there yet, and "origin", written after them: a folder
 * without it is no copy yet.
 */
#define G_LOG_DOMAIN "tacet-recovery"
#include "config.h"

#include "tacet-recovery.h"
#include "tacet-candidate.h"
#include "tacet-project.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define GROUP "Recovery"
#define AWAIT 250 /* milliseconds between looks whether a stroke has ended */

struct _TacetRecovery
{
  gatomicrefcount refs; /* a copy under way holds one */
  TacetScene *scene;    /* NULL: freed meanwhile */
  char *folder, *path;
  int lock;
  guint delay, timer;
  guint waited;  /* milliseconds for a stroke to end */
  guint n_added; /* of the scene's, in the copy that is being written */
  gboolean writing, again;
};

/* ---- folders ---- */

static char *
inside (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* -1: somebody holds it, or there is none. */
static int
take_lock (const char *folder, int flags)
{
  g_autofree char *path = inside (folder, "lock");
  int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
remove_inside (const char *folder, const char *inside)
{
  g_autofree char *path = inside ? g_build_filename (folder, inside, NULL) : g_strdup (folder);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      if (inside || !g_str_equal (name, "lock"))
        g_unlink (file);
    }
  if (inside)
    g_rmdir (path);
}

/* The files of one copy; the folder and its lock stay. */
static void
remove_files (const char *folder)
{
  /* Without "origin" what is left is no copy. */
  g_autofree char *origin = inside (folder, "origin");
  g_unlink (origin);
  remove_inside (folder, "data");
  remove_inside (folder, "tacet/maps");
  remove_inside (folder, "tacet/results");
  remove_inside (folder, "tacet");
  remove_inside (folder, NULL);
}

static void
remove_folder (const char *folder)
{
  g_autofree char *lock = inside (folder, "lock");
  remove_files (folder);
  g_unlink (lock);
  g_rmdir (folder);
}

static gboolean
write_origin (TacetRecovery *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *where = inside (self->folder, "origin"), *text = NULL;
  gsize length;
  if (self->path)
    {
      g_autofree char *uri = g_filename_to_uri (self->path, NULL, NULL);
      g_key_file_set_string (file, GROUP, "Uri", uri ? uri : "");
    }
  g_key_file_set_int64 (file, GROUP, "Time", g_get_real_time () / G_USEC_PER_SEC);
  text = g_key_file_to_data (file, &length, NULL);
  return tacet_write_file (where, text, length, NULL);
}

/* ---- a document and its copy ---- */

static void
recovery_unref (TacetRecovery *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  remove_folder (self->folder);
  close (self->lock);
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

static void schedule (TacetRecovery *self);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  TacetRecovery *self = user_data;
  g_autoptr (GError) error = NULL;
  self->writing = FALSE;
  /* A full disk is told when the user saves; to tell it every few seconds would only be in the way. */
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_debug ("no copy for recovery: %s", error->message);
  else if (self->scene && tacet_scene_get_modified (self->scene))
    write_origin (self);
  else
    remove_files (self->folder);
  /* What a run made is on the disk; or cannot be, and is shown all the same. */
  if (self->scene && self->n_added == self->scene->n_added)
    tacet_scene_finish_candidates (self->scene);
  if (self->scene && self->again)
    schedule (self);
  recovery_unref (self);
}

/* Not in the middle of a stroke if it can wait: the copy would hold pixels that are about to change, and those would
 * have to be copied first. */
static gboolean
write_cb (gpointer data)
{
  TacetRecovery *self = data;
  self->timer = 0;
  if (self->scene->stroke && self->waited < self->delay)
    {
      self->waited += AWAIT;
      self->timer = g_timeout_add (AWAIT, write_cb, self);
      return G_SOURCE_REMOVE;
    }
  self->waited = 0;
  self->writing = TRUE;
  self->again = FALSE;
  self->n_added = self->scene->n_added;
  g_atomic_ref_count_inc (&self->refs);
  _tacet_scene_write_async (self->scene, self->folder, TRUE, written_cb, self);
  return G_SOURCE_REMOVE;
}

/* Results at once: they took long, and are shown only when they are on the disk. */
static void
schedule (TacetRecovery *self)
{
  gboolean results = self->n_added != self->scene->n_added;
  if (self->writing)
    self->again = TRUE;
  else if (results)
    {
      g_clear_handle_id (&self->timer, g_source_remove);
      self->waited = self->delay;
      self->timer = g_idle_add (write_cb, self);
    }
  else if (self->timer == 0)
    self->timer = g_timeout_add (self->delay, write_cb, self);
}

static void
scene_changed_cb (TacetRecovery *self)
{
  if (tacet_scene_get_modified (self->scene))
    {
      schedule (self);
      return;
    }
  self->again = FALSE;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (!self->writing)
    remove_files (self->folder);
}

/* folder: taken; lock: held on it */
static TacetRecovery *
guard (char *folder, int lock, TacetScene *scene, const char *path, guint delay)
{
  TacetRecovery *self = g_new0 (TacetRecovery, 1);
  g_atomic_ref_count_init (&self->refs);
  self->scene = g_object_ref (scene);
  self->folder = folder;
  self->path = g_strdup (path);
  self->lock = lock;
  self->delay = delay;
  self->n_added = scene->n_added;
  g_signal_connect_swapped (scene, "changed", G_CALLBACK (scene_changed_cb), self);
  if (tacet_scene_get_modified (scene))
    schedule (self);
  return self;
}

TacetRecovery *
tacet_recovery_new (const char *base, TacetScene *scene, const char *path, guint delay, GError **error)
{
  g_return_val_if_fail (base != NULL && TACET_IS_SCENE (scene), NULL);
  g_autofree char *folder = g_build_filename (base, "document-XXXXXX", NULL);
  int lock = g_mkdir_with_parents (base, 0700) == 0 && g_mkdtemp_full (folder, 0700) ? take_lock (folder, O_CREAT) : -1;
  if (lock >= 0)
    return guard (g_steal_pointer (&folder), lock, scene, path, delay);
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", base, g_strerror (errno));
  return NULL;
}

TacetRecovery *
tacet_recovery_adopt (const TacetRecovered *recovered, TacetScene *scene, guint delay)
{
  int lock = take_lock (recovered->folder, 0);
  return lock >= 0 ? guard (g_strdup (recovered->folder), lock, scene, recovered->path, delay) : NULL;
}

void
tacet_recovery_set_path (TacetRecovery *self, const char *path)
{
  g_free (self->path);
  self->path = g_strdup (path);
}

void
tacet_recovery_set_delay (TacetRecovery *self, guint delay)
{
  self->delay = delay;
}

void
tacet_recovery_free (TacetRecovery *self)
{
  if (!self)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_signal_handlers_disconnect_by_func (self->scene, scene_changed_cb, self);
  g_clear_object (&self->scene);
  /* Should the program end before a copy under way does: without it that is none. */
  g_autofree char *origin = inside (self->folder, "origin");
  g_unlink (origin);
  recovery_unref (self);
}

/* ---- what others left ---- */

static void
recovered_free (gpointer data)
{
  TacetRecovered *self = data;
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

static TacetRecovered *
read_origin (const char *folder)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *where = inside (folder, "origin"), *uri = NULL;
  if (!g_key_file_load_from_file (file, where, G_KEY_FILE_NONE, NULL))
    return NULL;
  TacetRecovered *self = g_new0 (TacetRecovered, 1);
  uri = g_key_file_get_string (file, GROUP, "Uri", NULL);
  self->folder = g_strdup (folder);
  self->path = uri ? g_filename_from_uri (uri, NULL, NULL) : NULL;
  self->time = g_key_file_get_int64 (file, GROUP, "Time", NULL);
  return self;
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const TacetRecovered *x = *(TacetRecovered *const *) a, *y = *(TacetRecovered *const *) b;
  return x->time < y->time ? 1 : x->time > y->time ? -1 : 0;
}

GPtrArray *
tacet_recovery_list (const char *base)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (recovered_free);
  g_autoptr (GDir) dir = g_dir_open (base, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *folder = inside (base, name);
      int lock = g_str_has_prefix (name, "document-") ? take_lock (folder, 0) : -1;
      if (lock < 0)
        continue;
      TacetRecovered *recovered = read_origin (folder);
      if (recovered)
        g_ptr_array_add (list, recovered);
      else
        remove_folder (folder); /* ended before its first copy */
      close (lock);
    }
  g_ptr_array_sort (list, newest_first);
  return list;
}

TacetScene *
tacet_recovered_load (const TacetRecovered *self, GError **error)
{
  g_autofree char *path = inside (self->folder, "scene.json"); /* as older versions wrote it */
  TacetScene *scene = g_file_test (path, G_FILE_TEST_EXISTS) ? tacet_scene_open (path, error)
                                                             : _tacet_project_load_folder (self->folder, error);
  if (!scene)
    return NULL;
  g_autofree char *own = self->path ? g_path_get_dirname (self->path) : NULL;
  if (own)
    _tacet_scene_move_to (scene, own);
  _tacet_history_forget_saved (&scene->history);
  _tacet_scene_changed (scene);
  return scene;
}

void
tacet_recovered_remove (const TacetRecovered *self)
{
  int lock = take_lock (self->folder, 0);
  if (lock < 0)
    return;
  remove_folder (self->folder);
  close (lock);
}
