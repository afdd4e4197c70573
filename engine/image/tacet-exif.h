/* tacet-exif.h: the two small formats inside picture files: tags (TIFF, EXIF) and colour profiles (ICC).
 *
 * Room: engine/image, private.  Files are hostile: what lies outside the bytes reads as zero.
 */
#pragma once

#include <glib.h>

typedef struct
{
  const guint8 *data;
  gsize size;
} TacetSpan;

/* What remains from `at`, at most `size` bytes of it; empty if it lies outside. */
TacetSpan tacet_span (TacetSpan self, gsize at, gsize size);
guint32 tacet_span_big (TacetSpan self, gsize at, int n_bytes);
guint32 tacet_span_little (TacetSpan self, gsize at, int n_bytes);
gboolean tacet_span_is (TacetSpan self, gsize at, const char *text); /* these bytes, without the final zero */

typedef struct
{
  guint32 width, height;
  int orientation;   /* 1 .. 8 */
  TacetSpan profile; /* empty: none */
  gboolean several;  /* there is a second page */
} TacetTags;
/* span: from the "II" or "MM" on.  FALSE: it is nothing like that. */
gboolean tacet_tags_read (TacetTags *self, TacetSpan span);

/* The name of a profile, valid UTF-8; NULL: that of sRGB, or it has none. */
char *tacet_profile_name (TacetSpan profile);
