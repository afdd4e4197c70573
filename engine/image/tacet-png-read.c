/* tacet-png-read.c: pictures from PNG files.  Files are hostile.
 *
 * Room: engine/image.  Source: the PNG specification (W3C, third edition), libpng's manual.
 */
#include "config.h"
#include "tacet-png.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Deflate cannot shrink a row below this; a small file that claims a huge picture is a lie. */
#define MAX_RATIO 1040
#define MAX_CHUNK (16 << 20)

void
tacet_png_fail (png_structp png, png_const_charp message)
{
  TacetPng *self = png_get_error_ptr (png);
  if (self->error == NULL)
    self->error = g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT, "%s", message);
  png_longjmp (png, 1);
}

void
tacet_png_ignore (png_structp png, png_const_charp message)
{
}

void
tacet_png_limit (TacetPng *self)
{
  png_set_user_limits (self->png, TACET_IMAGE_MAX_SIDE, TACET_IMAGE_MAX_SIDE);
  png_set_chunk_malloc_max (self->png, MAX_CHUNK);
  png_set_chunk_cache_max (self->png, 256);
}

static void
read_bytes (png_structp png, png_bytep data, png_size_t size)
{
  TacetPng *self = png_get_io_ptr (png);
  if (fread (data, 1, size, self->file) != size)
    png_error (png, ferror (self->file) ? g_strerror (errno) : _ ("the file ends too early"));
}

/* Bytes in memory or a file, as far as the signature. */
gboolean
tacet_png_open_file (TacetPng *self)
{
  struct stat status;
  guint8 signature[8];
  /* Not blocking: a pipe without a writer must not hang the program. */
  int fd = self->bytes != NULL ? -1 : g_open (self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (self->bytes != NULL)
    self->file = fmemopen (self->bytes, MAX (self->n_bytes, 1), "rb");
  else if (fd >= 0 && (self->file = fdopen (fd, "rb")) == NULL)
    close (fd);
  if (self->file == NULL || (self->bytes == NULL && fstat (fd, &status) != 0))
    {
      int code = errno;
      self->error = g_error_new (G_FILE_ERROR, g_file_error_from_errno (code), "%s", g_strerror (code));
    }
  else if (self->bytes == NULL && !S_ISREG (status.st_mode))
    self->error = g_error_new (G_FILE_ERROR, G_FILE_ERROR_ISDIR, "%s", _ ("it is not a regular file"));
  else if (fread (signature, 1, 8, self->file) != 8 || png_sig_cmp (signature, 0, 8) != 0)
    self->error = g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT, "%s", _ ("it is not a PNG file"));
  else
    self->file_size = self->bytes != NULL ? (goffset) self->n_bytes : status.st_size;
  return self->error == NULL;
}

/* The header, checked by hand before libpng sees it, for clear messages. */
static void
check_size (TacetPng *self)
{
  guint8 header[8 + 13]; /* length, "IHDR", data */
  guint32 width, height;
  if (fread (header, 1, sizeof header, self->file) != sizeof header || memcmp (header + 4, "IHDR", 4) != 0)
    {
      self->error = g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT, "%s", _ ("its header is damaged"));
      return;
    }
  memcpy (&width, header + 8, 4);
  memcpy (&height, header + 12, 4);
  width = GUINT32_FROM_BE (width);
  height = GUINT32_FROM_BE (height);
  guint64 least = (guint64) height * (((guint64) width * header[16] + 7) / 8 + 1);
  if (width > TACET_IMAGE_MAX_SIDE || height > TACET_IMAGE_MAX_SIDE)
    self->error =
        g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_TOO_LARGE,
                     _ ("it is %u × %u pixels large, and the limit is %d a side"), width, height, TACET_IMAGE_MAX_SIDE);
  else if (least / MAX_RATIO > (guint64) self->file_size)
    self->error = g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT,
                               _ ("it claims %u × %u pixels but is too short to hold them"), width, height);
  rewind (self->file);
}

static void
ask_for_8_bits (TacetPng *self)
{
  int type = png_get_color_type (self->png, self->info);
  gboolean transparent = png_get_valid (self->png, self->info, PNG_INFO_tRNS) || (type & PNG_COLOR_MASK_ALPHA) != 0;
  png_set_expand (self->png);
  png_set_scale_16 (self->png);
  if (transparent)
    png_set_gray_to_rgb (self->png);
}

static void
read_rows (TacetPng *self)
{
  int passes = png_set_interlace_handling (self->png);
  png_read_update_info (self->png, self->info);
  int width = png_get_image_width (self->png, self->info), height = png_get_image_height (self->png, self->info);
  int channels = png_get_channels (self->png, self->info);
  gsize stride = (gsize) width * channels;
  if (png_get_bit_depth (self->png, self->info) != 8 || png_get_rowbytes (self->png, self->info) != stride)
    png_error (self->png, "unexpected layout");

  self->image = tacet_image_new (width, height, channels);
  if (self->image == NULL)
    {
      self->error = g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_NO_MEMORY,
                                 _ ("there is not enough memory for %d × %d pixels"), width, height);
      png_longjmp (self->png, 1);
    }
  for (int pass = 0; pass < passes; pass++)
    for (int y = 0; y < height; y++)
      png_read_row (self->png, self->image->data + y * stride, NULL);
}

static void
read_picture (TacetPng *self)
{
  if (setjmp (png_jmpbuf (self->png)))
    {
      g_clear_pointer (&self->image, tacet_image_unref);
      return;
    }
  png_set_read_fn (self->png, self, read_bytes);
  tacet_png_limit (self);
  /* Hundreds of texts that inflate to megabytes each: not a matter of the picture (tacet-png-text.c). */
  png_set_keep_unknown_chunks (self->png, PNG_HANDLE_CHUNK_NEVER, (png_const_bytep) "tEXt\0zTXt\0iTXt", 3);
  png_read_info (self->png, self->info);
  ask_for_8_bits (self);
  read_rows (self);
  /* What follows the pixels is not needed; a file cut off after them is still a picture. */
}

/* libpng believes the length of a chunk: a file of 100 bytes makes it ask for 2 GB and clear them. */
static png_voidp
allocate (png_structp png, png_alloc_size_t size)
{
  return size <= 2 * MAX_CHUNK ? g_try_malloc (size) : NULL;
}

static void
release (png_structp png, png_voidp data)
{
  g_free (data);
}

static gboolean
open_png (TacetPng *self)
{
  if (tacet_png_open_file (self))
    check_size (self);
  if (self->error != NULL)
    return FALSE;
  self->png =
      png_create_read_struct_2 (PNG_LIBPNG_VER_STRING, self, tacet_png_fail, tacet_png_ignore, NULL, allocate, release);
  self->info = self->png != NULL ? png_create_info_struct (self->png) : NULL;
  if (self->info != NULL)
    return TRUE;
  self->error = g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_NO_MEMORY, "%s", _ ("there is not enough memory"));
  return FALSE;
}

static void
close_png (TacetPng *self, GError **error)
{
  png_destroy_read_struct (&self->png, &self->info, NULL);
  if (self->file != NULL)
    fclose (self->file);
  if (self->error == NULL)
    return;
  g_set_error (error, self->error->domain, self->error->code, _ ("“%s” could not be read as a picture: %s."),
               self->path, self->error->message);
  g_clear_error (&self->error);
}

TacetImage *
tacet_image_load_png (const char *path, GError **error)
{
  TacetPng self = { .path = path };
  if (open_png (&self))
    read_picture (&self);
  close_png (&self, error);
  return self.image;
}

TacetImage *
tacet_image_decode_png (gconstpointer data, gsize size, const char *what, GError **error)
{
  TacetPng self = { .path = what, .bytes = (guint8 *) data, .n_bytes = size };
  if (open_png (&self))
    read_picture (&self);
  close_png (&self, error);
  return self.image;
}
