/* tacet-exif.c: tags as TIFF and EXIF have them, and names of colour profiles.
 *
 * Room: engine/image.  Sources: TIFF revision 6.0, section 2; Exif 2.32 (orientation); ICC.1:2010 7.2, 7.3, 10.13
 * (multiLocalizedUnicode); ICC.1:2001 6.5.17 (textDescription).
 */
#include "tacet-exif.h"
#include <string.h>

#define MAX_TAGS         1000
#define MAX_PROFILE_TAGS 200
#define MAX_NAME         80

TacetSpan
tacet_span (TacetSpan self, gsize at, gsize size)
{
  at = MIN (at, self.size);
  return (TacetSpan){ self.data + at, MIN (size, self.size - at) };
}

guint32
tacet_span_big (TacetSpan self, gsize at, int n_bytes)
{
  guint32 value = 0;
  for (int i = 0; i < n_bytes; i++)
    value = value << 8 | (at < self.size && (gsize) i < self.size - at ? self.data[at + i] : 0);
  return value;
}

guint32
tacet_span_little (TacetSpan self, gsize at, int n_bytes)
{
  guint32 value = tacet_span_big (self, at, n_bytes);
  return n_bytes == 4 ? GUINT32_SWAP_LE_BE (value) : n_bytes == 2 ? GUINT16_SWAP_LE_BE ((guint16) value) : value;
}

gboolean
tacet_span_is (TacetSpan self, gsize at, const char *text)
{
  TacetSpan part = tacet_span (self, at, strlen (text));
  return part.size == strlen (text) && memcmp (part.data, text, part.size) == 0;
}

/* ---- tags ---- */

typedef guint32 (*Reader) (TacetSpan self, gsize at, int n_bytes);

static void
read_tag (TacetTags *self, TacetSpan span, gsize at, Reader get)
{
  guint32 type = get (span, at + 2, 2), count = get (span, at + 4, 4);
  guint32 value = get (span, at + 8, type == 3 ? 2 : 4); /* 3: a short */
  switch (get (span, at, 2))
    {
    case 256:
      self->width = value;
      break;
    case 257:
      self->height = value;
      break;
    case 274:
      self->orientation = value >= 1 && value <= 8 ? (int) value : 1;
      break;
    case 34675:
      self->profile = count > 4 ? tacet_span (span, value, count) : (TacetSpan){ 0 };
      break;
    default:
      break;
    }
}

gboolean
tacet_tags_read (TacetTags *self, TacetSpan span)
{
  *self = (TacetTags){ .orientation = 1 };
  gboolean big = tacet_span_is (span, 0, "MM");
  Reader get = big ? tacet_span_big : tacet_span_little;
  if ((!big && !tacet_span_is (span, 0, "II")) || get (span, 2, 2) != 42)
    return FALSE;
  gsize at = get (span, 4, 4);
  guint32 n_tags = get (span, at, 2);
  for (guint32 i = 0; i < MIN (n_tags, MAX_TAGS); i++)
    read_tag (self, span, at + 2 + 12 * (gsize) i, get);
  self->several = get (span, at + 2 + 12 * (gsize) n_tags, 4) != 0;
  return TRUE;
}

/* ---- profiles ---- */

static char *
described (TacetSpan tag)
{
  if (tacet_span_is (tag, 0, "desc"))
    {
      TacetSpan text = tacet_span (tag, 12, MIN (tacet_span_big (tag, 8, 4), MAX_NAME));
      return g_strndup ((const char *) text.data, text.size);
    }
  if (!tacet_span_is (tag, 0, "mluc") || tacet_span_big (tag, 8, 4) == 0)
    return NULL;
  TacetSpan text = tacet_span (tag, tacet_span_big (tag, 24, 4), MIN (tacet_span_big (tag, 20, 4), 2 * MAX_NAME));
  gunichar2 units[MAX_NAME];
  for (gsize i = 0; i < text.size / 2; i++)
    units[i] = (gunichar2) tacet_span_big (text, 2 * i, 2);
  return g_utf16_to_utf8 (units, (glong) (text.size / 2), NULL, NULL, NULL);
}

char *
tacet_profile_name (TacetSpan profile)
{
  guint32 n_tags = tacet_span_big (profile, 128, 4);
  g_autofree char *name = NULL;
  for (guint32 i = 0; i < MIN (n_tags, MAX_PROFILE_TAGS) && name == NULL; i++)
    {
      gsize at = 132 + 12 * (gsize) i;
      if (tacet_span_is (profile, at, "desc"))
        name =
            described (tacet_span (profile, tacet_span_big (profile, at + 4, 4), tacet_span_big (profile, at + 8, 4)));
    }
  g_autofree char *valid = name != NULL ? g_utf8_make_valid (name, -1) : NULL;
  return valid == NULL || *valid == '\0' || strstr (valid, "sRGB") != NULL ? NULL : g_steal_pointer (&valid);
}
