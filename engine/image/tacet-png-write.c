/* tacet-png-write.c: pictures into PNG files, with texts.
 *
 * Room: engine/image.  Encoded in memory, then written at once by tacet_write_file ().
 */
#include "config.h"
#include "tacet-png.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_KEY    79   /* of the PNG specification */
#define FAST_LEVEL 2    /* of zlib: several times as quick as its usual 6, a tenth larger */
#define COMPRESS   8192 /* texts longer than this are deflated; some readers know plain ones only */

static void
append_bytes (png_structp png, png_bytep data, png_size_t size)
{
  TacetPng *self = png_get_io_ptr (png);
  if (size > self->capacity - self->n_bytes)
    {
      gsize capacity = MAX (self->capacity * 2, self->n_bytes + size + 65536);
      guint8 *bytes = g_try_realloc (self->bytes, capacity);
      if (bytes == NULL)
        {
          self->error =
              g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_NO_MEMORY, "%s", _ ("there is not enough memory"));
          png_longjmp (png, 1);
        }
      self->bytes = bytes;
      self->capacity = capacity;
    }
  memcpy (self->bytes + self->n_bytes, data, size);
  self->n_bytes += size;
}

static void
flush_nothing (png_structp png)
{
}

static gboolean
key_is_valid (const char *key)
{
  gsize length = strlen (key);
  if (length < 1 || length > MAX_KEY || key[0] == ' ' || key[length - 1] == ' ')
    return FALSE;
  for (const char *c = key; *c != '\0'; c++)
    if (*c < 32 || *c > 126 || (c[0] == ' ' && c[1] == ' '))
      return FALSE;
  return TRUE;
}

/* The png_text entries borrow the strings of `texts`. */
static gboolean
prepare_texts (TacetPng *self, const char *const *texts, int *n)
{
  *n = 0;
  for (const char *const *t = texts; t != NULL && t[0] != NULL && t[1] != NULL; t += 2)
    ++*n;
  self->texts = g_new0 (png_text, *n + 1);
  for (int i = 0; i < *n; i++)
    {
      const char *key = texts[2 * i], *value = texts[2 * i + 1];
      if (!key_is_valid (key) || !g_utf8_validate (value, -1, NULL))
        {
          self->error = g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_FORMAT,
                                     _ ("the text “%.100s” cannot be stored in a PNG file"), key);
          return FALSE;
        }
      gboolean longer = strlen (value) > COMPRESS;
      png_text *text = &self->texts[i];
      text->key = (char *) key;
      text->text = (char *) value;
      if (g_str_is_ascii (value))
        text->compression = longer ? PNG_TEXT_COMPRESSION_zTXt : PNG_TEXT_COMPRESSION_NONE;
      else
        text->compression = longer ? PNG_ITXT_COMPRESSION_zTXt : PNG_ITXT_COMPRESSION_NONE;
      text->text_length = strlen (value);
      text->lang = (char *) "";
      text->lang_key = (char *) "";
    }
  return TRUE;
}

/* What is encoded: an image, or colour and opacity that lie apart. */
typedef struct
{
  const TacetImage *color, *alpha;
  guint8 *row; /* for those */
  gboolean fast;
} Pixels;

static int
color_type (const Pixels *pixels)
{
  gboolean gray = !pixels->color || pixels->color->channels == 1;
  if (pixels->color && pixels->color->channels == 4)
    return PNG_COLOR_TYPE_RGB_ALPHA;
  return (gray ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB) | (pixels->alpha ? PNG_COLOR_MASK_ALPHA : 0);
}

static const guint8 *
pixel_row (const Pixels *pixels, int y)
{
  const TacetImage *color = pixels->color, *alpha = pixels->alpha;
  if (!alpha)
    return color->data + (gsize) y * color->width * color->channels;
  const guint8 *from = color ? color->data + (gsize) y * color->width * color->channels : NULL;
  const guint8 *opacity = alpha->data + (gsize) y * alpha->width;
  int n = color ? color->channels : 1;
  guint8 *to = pixels->row;
  for (int x = 0; x < alpha->width; x++)
    {
      for (int c = 0; c < n; c++)
        *to++ = from ? *from++ : 255;
      *to++ = opacity[x];
    }
  return pixels->row;
}

static void
encode (TacetPng *self, const Pixels *pixels, int n_texts)
{
  const TacetImage *size = pixels->color ? pixels->color : pixels->alpha;
  if (setjmp (png_jmpbuf (self->png)))
    return;
  png_set_write_fn (self->png, self, append_bytes, flush_nothing);
  tacet_png_limit (self);
  png_set_IHDR (self->png, self->info, size->width, size->height, 8, color_type (pixels), PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (pixels->fast)
    {
      png_set_compression_level (self->png, FAST_LEVEL);
      png_set_filter (self->png, 0, PNG_FILTER_SUB);
    }
  if (n_texts > 0)
    png_set_text (self->png, self->info, self->texts, n_texts);
  png_write_info (self->png, self->info);
  for (int y = 0; y < size->height; y++)
    png_write_row (self->png, pixel_row (pixels, y));
  png_write_end (self->png, self->info);
}

/* The encoded file in self->bytes, or self->error. */
static void
encode_all (TacetPng *self, const Pixels *pixels, const char *const *texts)
{
  int n_texts = 0;
  if (!prepare_texts (self, texts, &n_texts))
    return;
  self->png = png_create_write_struct (PNG_LIBPNG_VER_STRING, self, tacet_png_fail, tacet_png_ignore);
  self->info = self->png != NULL ? png_create_info_struct (self->png) : NULL;
  if (self->info != NULL)
    encode (self, pixels, n_texts);
  else
    self->error = g_error_new (TACET_IMAGE_ERROR, TACET_IMAGE_ERROR_NO_MEMORY, "%s", _ ("there is not enough memory"));
  png_destroy_write_struct (&self->png, &self->info);
}

static GBytes *
encode_bytes (const Pixels *pixels, const char *const *texts, GError **error)
{
  TacetPng self = { 0 };
  encode_all (&self, pixels, texts);
  g_free (self.texts);
  if (self.error == NULL)
    return g_bytes_new_take (self.bytes, self.n_bytes);
  g_free (self.bytes);
  g_propagate_error (error, self.error);
  return NULL;
}

GBytes *
tacet_image_encode_png (const TacetImage *image, GError **error)
{
  Pixels pixels = { .color = image };
  return encode_bytes (&pixels, NULL, error);
}

GBytes *
tacet_image_encode_png_texts (const TacetImage *image, const char *const *texts, GError **error)
{
  Pixels pixels = { .color = image };
  return encode_bytes (&pixels, texts, error);
}

GBytes *
tacet_image_encode_png_fast (const TacetImage *color, const TacetImage *alpha, GError **error)
{
  g_return_val_if_fail (color || alpha, NULL);
  g_return_val_if_fail (!alpha || !color || (color->channels != 4 && color->width == alpha->width), NULL);
  g_autofree guint8 *row = g_malloc ((gsize) TACET_IMAGE_MAX_SIDE * 4);
  Pixels pixels = { .color = color, .alpha = alpha, .row = row, .fast = TRUE };
  return encode_bytes (&pixels, NULL, error);
}

gboolean
tacet_image_save_png (const TacetImage *image, const char *path, const char *const *texts, GError **error)
{
  TacetPng self = { .path = path };
  Pixels pixels = { .color = image };
  encode_all (&self, &pixels, texts);

  gboolean done = FALSE;
  if (self.error != NULL)
    {
      g_set_error (error, self.error->domain, self.error->code, _ ("The picture could not be saved to “%s”: %s."), path,
                   self.error->message);
      g_error_free (self.error);
    }
  else
    done = tacet_write_file (path, self.bytes, self.n_bytes, error);
  g_free (self.bytes);
  g_free (self.texts);
  return done;
}
