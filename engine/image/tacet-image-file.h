/* tacet-image-file.h: pictures from files that any program wrote: PNG, JPEG, WebP, and what else is installed.
 *
 * Room: engine/image.  Files are hostile: a file's own bytes say what it is, never its name; its head is read by us and
 * measured against the limits before a decoder sees it, and only decoders of formats that are named here are ever
 * asked.  PNG is decoded by us, the others by gdk-pixbuf.  Any thread.
 */
#pragma once

#include "engine/image/tacet-image.h"

G_BEGIN_DECLS

#define TACET_IMAGE_MAX_FILE (1u << 30) /* bytes */

typedef enum
{
  TACET_FORMAT_NONE,
  TACET_FORMAT_PNG,
  TACET_FORMAT_JPEG,
  TACET_FORMAT_WEBP,
  TACET_FORMAT_AVIF, /* and HEIC */
  TACET_FORMAT_TIFF,
  TACET_FORMAT_GIF,
  TACET_FORMAT_BMP,
  TACET_N_FORMATS,
} TacetImageFormat;

const char *tacet_image_format_name (TacetImageFormat format); /* "JPEG": a proper name, not translated */
/* Media types and suffixes (no dot), NULL-terminated; the first is the usual one. */
const char *const *tacet_image_format_mime_types (TacetImageFormat format);
const char *const *tacet_image_format_suffixes (TacetImageFormat format);
/* Whether there is a decoder on this computer. */
gboolean tacet_image_format_is_installed (TacetImageFormat format);
/* Whether a name ends like a picture that can be read here; FALSE for NULL. */
gboolean tacet_image_has_suffix (const char *name);

/* What the head of a file says. */
typedef struct
{
  TacetImageFormat format;
  guint32 width, height; /* as stored, not turned; 0: not found */
  int orientation;       /* EXIF, 1 .. 8: how the stored picture is to be turned */
  gboolean several;      /* an animation, or more pages than the first */
  gboolean cut;          /* JPEG, WebP: the end is missing, which their decoders overlook */
  char *profile;         /* name of a colour profile that is not sRGB; NULL: none */
  gsize first_end;       /* GIF: where the first picture ends; else the size */
} TacetImageHeader;
/* FALSE: of none of the formats.  Looks at the head only: what is damaged behind it, the decoder finds. */
gboolean tacet_image_header_read (TacetImageHeader *self, gconstpointer data, gsize size);
void tacet_image_header_clear (TacetImageHeader *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TacetImageHeader, tacet_image_header_clear)

typedef void (*TacetImageProgress) (double done, gpointer data); /* 0 .. 1, from the thread that reads */

typedef struct
{
  GPtrArray *notes; /* gets translated sentences of what was left out; or NULL */
  TacetImageProgress progress;
  gpointer progress_data;
  GCancellable *cancellable;
} TacetImageLoading; /* all of it may be NULL, and so may a pointer to it */

/* Upright, 8 bits a channel, straight alpha where the file has some.  Errors: TACET_IMAGE_ERROR, G_FILE_ERROR,
 * G_IO_ERROR_CANCELLED. */
TacetImage *tacet_image_load (const char *path, const TacetImageLoading *loading, GError **error);
/* The same of a file in memory; what: its name in messages. */
TacetImage *tacet_image_decode (gconstpointer data, gsize size, const char *what, const TacetImageLoading *loading,
                                GError **error);
/* Turned and mirrored as EXIF says, 1 .. 8.  NULL: no memory. */
TacetImage *tacet_image_orient (TacetImage *self, int orientation);

G_END_DECLS
