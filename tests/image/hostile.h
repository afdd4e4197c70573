/* hostile.h: PNG files made by hand, chunk by chunk, right and wrong.
 *
 * Room: tests/image.
 */
#pragma once

#include <glib.h>

GByteArray *hostile_png_new (void); /* the signature */
/* type: four letters; the checksum is right */
void hostile_png_chunk (GByteArray *png, const char *type, gconstpointer data, gsize size);
void hostile_png_header (GByteArray *png, guint32 width, guint32 height, int depth, int color, int interlace);
/* zlib stream of `raw` */
void hostile_png_pixels (GByteArray *png, gconstpointer raw, gsize size);
