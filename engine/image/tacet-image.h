/* tacet-image.h: pictures and maps: 8 bits a channel, in memory and as files.
 *
 * Room: engine/image.  Reference-counted; written only while nobody else holds it (copy on write), so that
 * whoever holds one may read it on any thread.  Files are hostile: sizes are limited, every
 * fault is a message.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TACET_IMAGE_MAX_SIDE 16384

#define TACET_IMAGE_ERROR    (tacet_image_error_quark ())
GQuark tacet_image_error_quark (void);

typedef enum
{
  TACET_IMAGE_ERROR_FORMAT,    /* not a PNG, damaged, or a text that PNG cannot hold */
  TACET_IMAGE_ERROR_TOO_LARGE, /* wider or higher than TACET_IMAGE_MAX_SIDE */
  TACET_IMAGE_ERROR_NO_MEMORY,
} TacetImageError; /* missing files, full disks: G_FILE_ERROR */

typedef struct
{
  int width, height;
  int channels; /* 1 gray, 3 RGB, 4 RGBA (straight alpha) */
  guint8 *data; /* rows top to bottom, width * channels bytes each, no padding */
} TacetImage;

TacetImage *tacet_image_new (int width, int height, int channels); /* zeros; NULL: no memory */
TacetImage *tacet_image_ref (TacetImage *self);
void tacet_image_unref (TacetImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetImage, tacet_image_unref)
TacetImage *tacet_image_copy (const TacetImage *self);
/* Before writing: if somebody else holds the image too, *image becomes a copy of its own.  FALSE: no memory for one. */
gboolean tacet_image_make_writable (TacetImage **image);
gboolean tacet_image_equal (const TacetImage *a, const TacetImage *b);
gsize tacet_image_bytes (const TacetImage *self); /* of its pixels; NULL: 0 */
/* Every byte is this one. */
gboolean tacet_image_is_filled (const TacetImage *self, guint8 value);
/* Gray: the alpha of RGBA, 255 where there is none; and a gray or RGB picture with this alpha, colours NULL: white.
 * NULL: no memory. */
TacetImage *tacet_image_alpha (const TacetImage *self);
TacetImage *tacet_image_with_alpha (const TacetImage *colours, const TacetImage *alpha);

/* Area average down, bilinear up (colours weighted by alpha); nearest for masks.  NULL: no memory, or
 * a size outside 1 .. TACET_IMAGE_MAX_SIDE. */
TacetImage *tacet_image_resize (const TacetImage *self, int width, int height, gboolean nearest);
/* The same smooth resize without rounding: height x width x channels values of 0 .. 255 into out.
 * RGBA comes out multiplied by alpha / 255.  FALSE: no memory. */
gboolean tacet_image_resample (const TacetImage *self, int width, int height, float *out);
/* 1, 3 or 4 channels: gray is Rec. 601 luma, missing alpha is 255, dropped alpha is ignored.  NULL: no
 * memory. */
TacetImage *tacet_image_convert (const TacetImage *self, int channels);

/* The fresh picture where the mask is 128 or more, the old one, byte for byte, elsewhere; all of one size.  Inside the
 * mask the fresh picture takes on the old one's colours towards the border, and fades in over `feather` pixels where
 * the old one has something (alpha 128 or more); 0: cut hard.  old: RGB or RGBA; fresh: RGB; mask: gray; the result is
 * RGB.  NULL: no memory. */
TacetImage *tacet_image_inpaint (const TacetImage *old, const TacetImage *fresh, const TacetImage *mask,
                                 double feather);
/* RGB: transparent parts (alpha below 128) get the colours around them, softly.  NULL: no memory. */
TacetImage *tacet_image_fill_transparent (const TacetImage *self);

/* Any PNG: every bit depth, palette and transparency becomes 8-bit gray, RGB or RGBA. */
TacetImage *tacet_image_load_png (const char *path, GError **error);
/* The same of a file in memory; what: its name in messages. */
TacetImage *tacet_image_decode_png (gconstpointer data, gsize size, const char *what, GError **error);
GBytes *tacet_image_encode_png (const TacetImage *self, GError **error);
GBytes *tacet_image_encode_png_texts (const TacetImage *self, const char *const *texts, GError **error);
/* Colour and opacity from two images of one size in one file, byte for byte, also what is under alpha 0; quick rather
 * than small.  color: gray, RGB, RGBA (alpha NULL then), NULL: white.  alpha: gray, or NULL: none. */
GBytes *tacet_image_encode_png_fast (const TacetImage *color, const TacetImage *alpha, GError **error);
gboolean tacet_image_is_png (const char *path); /* by its signature; FALSE: or it cannot be read */
#define TACET_PNG_MAX_TEXT (64u << 20)
/* The first good text chunk of this key (tEXt, zTXt, iTXt), wherever in the file, UTF-8, up to TACET_PNG_MAX_TEXT
 * bytes; NULL without an error: there is none.  Error: not a PNG, or the chunk is damaged. */
char *tacet_image_load_png_text (const char *path, const char *key, GError **error);
/* texts: NULL, or key, value, key, value, ... NULL (tEXt / iTXt, UTF-8).  Temporary file, sync, rename. */
gboolean tacet_image_save_png (const TacetImage *self, const char *path, const char *const *texts, GError **error);

/* Any file, written whole or not at all: temporary sibling, fsync, rename, fsync of the folder.  A
 * symbolic link is followed, the mode of an existing file kept. */
gboolean tacet_write_file (const char *path, gconstpointer data, gsize size, GError **error);
/* The same with a function that writes it piece by piece and returns 0, or an errno, or -1 with the error set. */
typedef int (*TacetWriteFunc) (int fd, gpointer data, GError **error);
gboolean tacet_write_file_with (const char *path, TacetWriteFunc func, gpointer data, GError **error);
int tacet_write_bytes (int fd, gconstpointer data, gsize size); /* all of them: 0, or an errno */

G_END_DECLS
