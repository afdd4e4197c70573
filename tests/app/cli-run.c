/* cli-run.c: runs the real program and keeps what it said.
 *
 * Tests of app.
 */
#include "cli-run.h"
#include "../sample/tiny-pipeline.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void
cli_world_open (CliWorld *self)
{
  self->old_folder = g_get_current_dir ();
  self->folder = tiny_pipeline_new (1);
  g_assert_nonnull (self->folder);
  g_assert_cmpint (g_chdir (self->folder), ==, 0);
}

void
cli_world_close (CliWorld *self)
{
  g_assert_cmpint (g_chdir (self->old_folder), ==, 0);
  tiny_pipeline_remove (self->folder);
  g_free (self->old_folder);
}

void
cli_world_write (CliWorld *self, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

GBytes *
cli_world_read (CliWorld *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  char *data;
  gsize size;
  return g_file_get_contents (path, &data, &size, NULL) ? g_bytes_new_take (data, size) : NULL;
}

int
cli_world_count (CliWorld *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  int n = 0;
  while (g_dir_read_name (dir))
    n++;
  return n;
}

void
cli_world_write_scene (CliWorld *self, const char *name, const char *extra)
{
  g_autoptr (TacetImage) map = tacet_image_new (32, 32, 1), mask = tacet_image_new (32, 32, 1);
  g_autoptr (GError) error = NULL;
  for (int i = 0; i < 32; i++)
    map->data[i * 32 + i] = 255;
  memset (mask->data, 255, 32 * 20);
  g_assert_true (tacet_image_save_png (map, "map.png", NULL, &error));
  g_assert_true (tacet_image_save_png (mask, "mask.png", NULL, &error));
  g_autofree char *text =
      g_strdup_printf ("{\"format\": \"tacet-scene\", \"version\": 1, \"width\": 32, \"height\": 32,"
                       " \"model\": \"tiny\", \"steps\": 3, \"seed\": 5, \"prompt\": \"a\","
                       " \"controls\": [{\"kind\": \"edge\", \"image\": \"map.png\"},"
                       " {\"kind\": \"depth\", \"image\": \"map.png\", \"mask\": \"mask.png\"}]%s}",
                       extra);
  cli_world_write (self, name, text);
}

static void
limit_files (gpointer data)
{
  struct rlimit limit = { *(gulong *) data, *(gulong *) data };
  setrlimit (RLIMIT_FSIZE, &limit);
  signal (SIGXFSZ, SIG_IGN); /* a full disk sends no signal either */
}

static GSubprocess *
start (const char *words, gulong *limit)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *program = g_build_filename (g_getenv ("TACET_BUILD"), "app", "tacet", NULL);
  g_autofree char *here = g_get_current_dir ();
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_auto (GStrv) list = g_strsplit (words, " ", -1);
  g_autoptr (GError) error = NULL;
  g_ptr_array_add (argv, program);
  for (int i = 0; list[i]; i++)
    if (*list[i])
      g_ptr_array_add (argv, list[i]);
  g_ptr_array_add (argv, NULL);
  g_subprocess_launcher_setenv (launcher, "TACET_MODEL_PATH", here, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", here, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "WAYLAND_DISPLAY");
  if (limit)
    g_subprocess_launcher_set_child_setup (launcher, limit_files, limit, NULL);
  GSubprocess *process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  return process;
}

GSubprocess *
cli_start (const char *words)
{
  return start (words, NULL);
}

void
cli_finish (CliRun *self, GSubprocess *process)
{
  g_autoptr (GError) error = NULL;
  g_subprocess_communicate_utf8 (process, NULL, NULL, &self->out, &self->err, &error);
  g_assert_no_error (error);
  self->status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
}

void
cli_run (CliRun *self, const char *words)
{
  g_autoptr (GSubprocess) process = start (words, NULL);
  cli_run_clear (self);
  cli_finish (self, process);
}

void
cli_run_on_full_disk (CliRun *self, const char *words, gulong bytes)
{
  g_autoptr (GSubprocess) process = start (words, &bytes);
  cli_run_clear (self);
  cli_finish (self, process);
}

void
cli_wait_until_cancellable (GSubprocess *process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/status", g_subprocess_get_identifier (process));
  for (;;)
    {
      g_autofree char *text = NULL;
      const char *blocked;
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      blocked = strstr (text, "SigBlk:");
      if (blocked && g_ascii_strtoull (blocked + strlen ("SigBlk:\t"), NULL, 16) >> (SIGINT - 1) & 1)
        return;
      g_usleep (2000);
    }
}

void
cli_run_clear (CliRun *self)
{
  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->err, g_free);
}

void
cli_assert (const CliRun *self, int status, const char *said)
{
  if (self->status != status || (said && !strstr (self->err, said)))
    g_error ("Expected exit status %d and “%s”.\nStatus %d\nstdout: %s\nstderr: %s", status, said ? said : "",
             self->status, self->out, self->err);
}
