/* tacet-image-load.c: any picture file, found out by its own bytes, measured, decoded, turned upright.
 *
 * Room: engine/image.
 */
#include "config.h"
#include "tacet-pixbuf.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_PIECE  (1 << 20)
#define READ_SHARE  0.3 /* of the progress: reading; the rest is decoding */
#define PIXEL_BYTES 8   /* the decoder's copy and ours */

void
tacet_image_report_progress (const TacetImageLoading *loading, double done)
{
  if (loading->progress != NULL)
    loading->progress (READ_SHARE + (1 - READ_SHARE) * done, loading->progress_data);
}

/* ---- the bytes ---- */

static gboolean
read_bytes (int fd, guint8 *data, gsize size, const TacetImageLoading *loading, GError **error)
{
  for (gsize at = 0; at < size;)
    {
      if (g_cancellable_set_error_if_cancelled (loading->cancellable, error))
        return FALSE;
      ssize_t n = read (fd, data + at, MIN (READ_PIECE, size - at));
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          g_set_error (error, G_FILE_ERROR, n == 0 ? G_FILE_ERROR_FAILED : g_file_error_from_errno (errno), "%s",
                       n == 0 ? _ ("the file ends too early") : g_strerror (errno));
          return FALSE;
        }
      at += (gsize) n;
      if (loading->progress != NULL)
        loading->progress (READ_SHARE * (double) at / (double) size, loading->progress_data);
    }
  return TRUE;
}

static guint8 *
read_open_file (int fd, gsize *size, const TacetImageLoading *loading, GError **error)
{
  struct stat status;
  if (fstat (fd, &status) != 0)
    {
      int code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s", g_strerror (code));
      return NULL;
    }
  if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "%s", _ ("it is not a regular file"));
      return NULL;
    }
  if (status.st_size > TACET_IMAGE_MAX_FILE)
    {
      g_autofree char *limit = g_format_size (TACET_IMAGE_MAX_FILE);
      g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_TOO_LARGE, _ ("the file is larger than the limit of %s"),
                   limit);
      return NULL;
    }
  *size = (gsize) status.st_size;
  g_autofree guint8 *data = g_try_malloc (MAX (*size, 1));
  if (data == NULL)
    g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_NO_MEMORY, "%s", _ ("there is not enough memory"));
  return data != NULL && read_bytes (fd, data, *size, loading, error) ? g_steal_pointer (&data) : NULL;
}

static guint8 *
read_file (const char *path, gsize *size, const TacetImageLoading *loading, GError **error)
{
  /* Not blocking: a pipe without a writer must not hang the program. */
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (fd < 0)
    {
      int code = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s", g_strerror (code));
      return NULL;
    }
  guint8 *data = read_open_file (fd, size, loading, error);
  close (fd);
  return data;
}

/* ---- what it is, and whether it fits ---- */

static gboolean
check_format (const TacetImageHeader *header, GError **error)
{
  if (header->format == TACET_FORMAT_NONE)
    g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT, "%s",
                 _ ("it is no picture of a kind that Tacet knows: PNG, JPEG, WebP, AVIF, TIFF, GIF or BMP"));
  else if (!tacet_image_format_is_installed (header->format))
    g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT,
                 /* Translators: %s: "WebP" and the like */
                 _ ("it is a %s picture, and this computer has no decoder for that (a loader of gdk-pixbuf); "
                    "install one, or save the picture as PNG"),
                 tacet_image_format_name (header->format));
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_size (const TacetImageHeader *header, GError **error)
{
  guint64 needed = (guint64) header->width * header->height * PIXEL_BYTES;
  guint64 memory = (guint64) MAX (sysconf (_SC_PHYS_PAGES), 0) * (guint64) MAX (sysconf (_SC_PAGESIZE), 0);
  if (header->width > TACET_IMAGE_MAX_SIDE || header->height > TACET_IMAGE_MAX_SIDE)
    g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_TOO_LARGE,
                 _ ("it is %u × %u pixels large, and the limit is %d a side"), header->width, header->height,
                 TACET_IMAGE_MAX_SIDE);
  else if (header->width == 0 || header->height == 0)
    g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT, "%s", _ ("its header is damaged"));
  else if (memory > 0 && needed > memory / 2)
    g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_NO_MEMORY,
                 _ ("there is not enough memory for %d × %d pixels"), (int) header->width, (int) header->height);
  else
    return TRUE;
  return FALSE;
}

static void
note (const TacetImageLoading *loading, char *text)
{
  if (loading->notes != NULL)
    g_ptr_array_add (loading->notes, text);
  else
    g_free (text);
}

static void
note_left_out (const TacetImageHeader *header, const char *name, const TacetImageLoading *loading)
{
  if (header->cut)
    note (loading, g_strdup_printf (_ ("“%s” ends too early; a part of the picture is missing."), name));
  if (header->several)
    note (loading, g_strdup_printf (_ ("“%s” holds more than one picture; the first was taken."), name));
  if (header->profile != NULL)
    note (loading, g_strdup_printf (_ ("“%s” has colours of the profile “%s”, which was left out: colours count as "
                                       "sRGB and may look different."),
                                    name, header->profile));
}

/* PNG is ours; its own reader says where the name belongs. */
static TacetImage *
decode_stored (const TacetImageHeader *header, gconstpointer data, gsize size, const char *what,
               const TacetImageLoading *loading, GError **error)
{
  g_autoptr (GError) plain = NULL;
  TacetImage *image = NULL;
  if (header->format == TACET_FORMAT_PNG)
    return tacet_image_decode_png (data, size, what, error);
  if (check_format (header, &plain) && check_size (header, &plain))
    image = tacet_pixbuf_decode (header, data, size, loading, &plain);
  if (g_error_matches (plain, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&plain));
  else if (plain != NULL)
    {
      if (g_str_has_suffix (plain->message, "."))
        plain->message[strlen (plain->message) - 1] = '\0'; /* a library's whole sentence */
      g_set_error (error, TACET_IMAGE_ERROR,
                   plain->domain == TACET_IMAGE_ERROR ? plain->code : (int) TACET_IMAGE_ERROR_FORMAT,
                   _ ("“%s” could not be read as a picture: %s."), what, plain->message);
    }
  return image;
}

TacetImage *
tacet_image_decode (gconstpointer data, gsize size, const char *what, const TacetImageLoading *loading, GError **error)
{
  static const TacetImageLoading nothing = { 0 };
  g_auto (TacetImageHeader) header = { 0 };
  g_autofree char *name = g_path_get_basename (what);
  loading = loading != NULL ? loading : &nothing;
  tacet_image_header_read (&header, data, size);
  g_autoptr (TacetImage) stored = decode_stored (&header, data, size, what, loading, error);
  if (stored == NULL)
    return NULL;
  TacetImage *image = tacet_image_orient (stored, header.format == TACET_FORMAT_TIFF ? 1 : header.orientation);
  if (image == NULL)
    g_set_error (error, TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_NO_MEMORY, _ ("“%s” could not be read as a picture: %s."),
                 what, _ ("there is not enough memory"));
  else
    note_left_out (&header, name, loading);
  return image;
}

TacetImage *
tacet_image_load (const char *path, const TacetImageLoading *loading, GError **error)
{
  static const TacetImageLoading nothing = { 0 };
  g_autoptr (GError) plain = NULL;
  gsize size = 0;
  g_autofree guint8 *data = read_file (path, &size, loading != NULL ? loading : &nothing, &plain);
  if (data != NULL)
    return tacet_image_decode (data, size, path, loading, error);
  if (g_error_matches (plain, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&plain));
  else
    g_set_error (error, plain->domain, plain->code, _ ("“%s” could not be read as a picture: %s."), path,
                 plain->message);
  return NULL;
}
