/* tacet-words.c: text into words as CLIP cuts them, and CLIP's alphabet of bytes.
 *
 * Room: engine/weights.  The pattern: 's|'t|'re|'ve|'m|'ll|'d|letters|one digit|other signs.
 */
#include "tacet-tokenizer-private.h"
#include "tacet-unicode.h"
#include <string.h>

static gboolean
printable (int byte)
{
  return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
}

gunichar
tacet_byte_letter (guint8 byte)
{
  if (printable (byte))
    return byte;
  gunichar letter = 256;
  for (int b = 0; b < byte; b++)
    letter += !printable (b);
  return letter;
}

void
tacet_byte_order (guint8 order[256])
{
  int n = 0;
  for (int pass = 0; pass < 2; pass++)
    for (int b = 0; b < 256; b++)
      if (printable (b) == !pass)
        order[n++] = (guint8) b;
}

/* Length of a contraction at p; 0: none. */
static gsize
fixed_word (const char *p, const char *end)
{
  static const char *const endings[] = { "'s", "'t", "'re", "'ve", "'m", "'ll", "'d" };
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      gsize length = strlen (endings[i]);
      if ((gsize) (end - p) >= length && memcmp (p, endings[i], length) == 0)
        return length;
    }
  return 0;
}

/* A marker that is not special here, as one in capitals: the pattern takes it whole, then the bytes' own
 * pattern takes it apart.  Returns its length; 0: there is none at p. */
static gsize
split_marker (const char *p, const char *end, TacetWordFunc func, gpointer user_data)
{
  static const char *const markers[] = { TACET_TOKEN_START, TACET_TOKEN_END };
  for (gsize i = 0; i < G_N_ELEMENTS (markers); i++)
    {
      gsize length = strlen (markers[i]);
      if ((gsize) (end - p) < length || memcmp (p, markers[i], length) != 0)
        continue;
      func (p, 2, NULL, user_data);
      func (p + 2, length - 4, NULL, user_data);
      func (p + length - 2, 2, NULL, user_data);
      return length;
    }
  return 0;
}

static void
plain_words (const char *p, const char *end, TacetWordFunc func, gpointer user_data)
{
  while (p < end)
    {
      TacetCharKind kind = tacet_char_kind (g_utf8_get_char (p));
      gsize marker = *p == '<' ? split_marker (p, end, func, user_data) : 0;
      gsize fixed = *p == '\'' ? fixed_word (p, end) : 0;
      const char *stop = fixed ? p + fixed : g_utf8_next_char (p);
      if (kind == TACET_CHAR_LETTER || (kind == TACET_CHAR_OTHER && !fixed))
        while (stop < end && tacet_char_kind (g_utf8_get_char (stop)) == kind)
          stop = g_utf8_next_char (stop);
      if (kind != TACET_CHAR_SPACE && !marker)
        func (p, (gsize) (stop - p), NULL, user_data);
      p = marker ? p + marker : stop;
    }
}

/* The longest special token at p. */
static const TacetSpecial *
special_at (GArray *specials, const char *p, const char *end, gboolean after)
{
  const TacetSpecial *best = NULL;
  gsize longest = 0;
  for (guint i = 0; specials && i < specials->len; i++)
    {
      const TacetSpecial *special = &g_array_index (specials, TacetSpecial, i);
      gsize length = strlen (special->text);
      if (special->after == after && *p == special->text[0] && length > longest && length <= (gsize) (end - p) &&
          memcmp (p, special->text, length) == 0)
        {
          best = special;
          longest = length;
        }
    }
  return best;
}

/* Text between special tokens: those of the text as written, then those of the cleaned text, then words. */
static void
split_text (const char *text, const char *end, GArray *specials, gboolean after, TacetWordFunc func, gpointer user_data)
{
  const char *begin = text;
  for (const char *p = text; p <= end;)
    {
      const TacetSpecial *special = p < end ? special_at (specials, p, end, after) : NULL;
      if (p < end && !special)
        {
          p++;
          continue;
        }
      if (after)
        plain_words (begin, p, func, user_data);
      else if (begin < p)
        {
          g_autofree char *clean = tacet_text_clean (begin, (gsize) (p - begin));
          split_text (clean, clean + strlen (clean), specials, TRUE, func, user_data);
        }
      if (!special)
        return;
      func (p, strlen (special->text), special, user_data);
      p += strlen (special->text);
      begin = p;
    }
}

void
tacet_for_words (const char *text, GArray *specials, TacetWordFunc func, gpointer user_data)
{
  const char *end = NULL;
  g_utf8_validate (text, -1, &end);
  split_text (text, end, specials, FALSE, func, user_data);
}
