/* tacet-file.c: files that are written whole or not at all.
 *
 * Room: engine/image.
 */
#define _GNU_SOURCE /* O_TMPFILE */
#include "config.h"
#include "tacet-image.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
set_write_error (GError **error, const char *path, int code)
{
  GFileError kind = g_file_error_from_errno (code);
  if (code == ENOSPC || code == EDQUOT)
    g_set_error (error, G_FILE_ERROR, kind,
                 _ ("“%s” could not be written: the disk is full. Nothing was changed. "
                    "Free some space or choose another folder."),
                 path);
  else
    g_set_error (error, G_FILE_ERROR, kind, _ ("“%s” could not be written: %s. Nothing was changed."), path,
                 g_strerror (code));
}

int
tacet_write_bytes (int fd, gconstpointer data, gsize size)
{
  const char *next = data;
  while (size > 0)
    {
      ssize_t n = write (fd, next, MIN (size, (gsize) 1 << 30));
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return errno;
      next += n;
      size -= n;
    }
  return 0;
}

/* The rename itself must survive a power cut too. Some file systems cannot sync folders: no error. */
static void
sync_folder (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

/* A file without a name, which nobody will find if the program ends before it is whole; where there is none, one with
 * a name.  named: whether it has it.  -1: errno says why. */
static int
open_temporary (const char *folder, char *temporary, gboolean *named)
{
  char link[64];
  int fd = open (folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  g_snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  *named = fd < 0 || access (link, F_OK) != 0;
  if (!*named)
    return fd;
  if (fd >= 0)
    close (fd);
  return g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0666);
}

/* 0 or an errno */
static int
give_name (int fd, char *temporary)
{
  char link[64];
  gsize random = strlen (temporary) - 6;
  g_snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  for (int i = 0; i < 100; i++)
    {
      g_snprintf (temporary + random, 7, "%06x", g_random_int () & 0xffffff);
      if (linkat (AT_FDCWD, link, AT_FDCWD, temporary, AT_SYMLINK_FOLLOW) == 0)
        return 0;
      if (errno != EEXIST)
        return errno;
    }
  return EEXIST;
}

/* The mode of what is there already, which must not be a folder. */
static int
take_mode (int fd, const char *target)
{
  struct stat existing;
  if (stat (target, &existing) != 0)
    return 0;
  if (S_ISDIR (existing.st_mode))
    return EISDIR;
  return fchmod (fd, existing.st_mode & 07777) == 0 ? 0 : errno;
}

/* Returns 0, an errno, or -1 with the error set; the temporary file is gone afterwards in any case. */
static int
write_sibling (char *temporary, const char *folder, const char *target, TacetWriteFunc func, gpointer data,
               GError **error)
{
  gboolean named;
  int fd = open_temporary (folder, temporary, &named);
  int code = fd < 0 ? errno : take_mode (fd, target);
  if (fd < 0)
    return code;
  if (code == 0)
    code = func (fd, data, error);
  if (code == 0 && fsync (fd) != 0)
    code = errno;
  if (code == 0 && !named)
    {
      code = give_name (fd, temporary);
      named = code == 0;
    }
  if (close (fd) != 0 && code == 0)
    code = errno;
  if (code == 0 && rename (temporary, target) != 0)
    code = errno;
  if (code != 0 && named)
    unlink (temporary);
  return code;
}

gboolean
tacet_write_file_with (const char *path, TacetWriteFunc func, gpointer data, GError **error)
{
  char *real = realpath (path, NULL);
  const char *target = real != NULL ? real : path;
  g_autofree char *folder = g_path_get_dirname (target);
  g_autofree char *temporary = g_build_filename (folder, ".tacet-XXXXXX", NULL);

  int code = write_sibling (temporary, folder, target, func, data, error);
  if (code == 0)
    sync_folder (folder);
  else if (code > 0)
    set_write_error (error, path, code);
  free (real);
  return code == 0;
}

typedef struct
{
  gconstpointer data;
  gsize size;
} Bytes;

static int
write_whole (int fd, gpointer data, GError **error)
{
  const Bytes *bytes = data;
  return tacet_write_bytes (fd, bytes->data, bytes->size);
}

gboolean
tacet_write_file (const char *path, gconstpointer data, gsize size, GError **error)
{
  Bytes bytes = { data, size };
  return tacet_write_file_with (path, write_whole, &bytes, error);
}
