/* tacet-words.c: text into words as CLIP cuts them, and CLIP's alphabet of bytes.
 *
 * Room: engine/weights.  The pattern: 's|'t|'re|'ve|'m|'ll|'d|letters|one digit|other signs.
 * transformers lowers letter by letter (no final sigma, no language) after composing (NFC).
 */
#include "tacet-tokenizer-private.h"
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

typedef enum
{
  SPACE,
  LETTER,
  DIGIT,
  OTHER
} Kind;

/* Unicode's White_Space, which g_unichar_isspace () is not quite. */
static gboolean
is_space (gunichar c)
{
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static Kind
kind_of (gunichar c)
{
  if (is_space (c))
    return SPACE;
  switch (g_unichar_type (c))
    {
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_UPPERCASE_LETTER:
      return LETTER;
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
      return DIGIT;
    default:
      return OTHER;
    }
}

/* GLib lowers letters only; Roman numerals and circled letters have two cases too. */
static gunichar
lower_char (gunichar c)
{
  if (c >= 0x2160 && c <= 0x216f)
    return c + 16;
  if (c >= 0x24b6 && c <= 0x24cf)
    return c + 26;
  return g_unichar_tolower (c);
}

static char *
lower (const char *text, gsize length)
{
  g_autoptr (GString) out = g_string_sized_new (length + 8);
  g_autofree char *composed = g_utf8_normalize (text, (gssize) length, G_NORMALIZE_DEFAULT_COMPOSE);
  for (const char *p = composed; p && *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      g_string_append_unichar (out, lower_char (c));
      if (c == 0x130) /* capital i with a dot: the only letter that becomes two */
        g_string_append_unichar (out, 0x307);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Length of a contraction at p; 0: none. */
static gsize
fixed_word (const char *p)
{
  static const char *const endings[] = { "'s", "'t", "'re", "'ve", "'m", "'ll", "'d" };
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_prefix (p, endings[i]))
      return strlen (endings[i]);
  return 0;
}

/* A marker that came in capitals: the pattern takes it whole, then the bytes' own pattern takes it
 * apart.  Returns its length; 0: there is none at p. */
static gsize
split_marker (const char *p, TacetWordFunc func, gpointer user_data)
{
  static const char *const markers[] = { TACET_TOKEN_START, TACET_TOKEN_END };
  for (gsize i = 0; i < G_N_ELEMENTS (markers); i++)
    if (g_str_has_prefix (p, markers[i]))
      {
        gsize length = strlen (markers[i]);
        func (p, 2, user_data);
        func (p + 2, length - 4, user_data);
        func (p + length - 2, 2, user_data);
        return length;
      }
  return 0;
}

static void
plain_words (const char *text, gsize length, TacetWordFunc func, gpointer user_data)
{
  g_autofree char *clean = lower (text, length);
  for (const char *p = clean; *p;)
    {
      Kind kind = kind_of (g_utf8_get_char (p));
      gsize marker = kind == OTHER ? split_marker (p, func, user_data) : 0;
      gsize fixed = kind == OTHER ? fixed_word (p) : 0;
      const char *end = fixed ? p + fixed : g_utf8_next_char (p);
      if (kind == LETTER || (kind == OTHER && !fixed))
        while (*end && kind_of (g_utf8_get_char (end)) == kind)
          end = g_utf8_next_char (end);
      if (kind != SPACE && !marker)
        func (p, (gsize) (end - p), user_data);
      p = marker ? p + marker : end;
    }
}

void
tacet_for_words (const char *text, TacetWordFunc func, gpointer user_data)
{
  static const char *const markers[] = { TACET_TOKEN_START, TACET_TOKEN_END };
  const char *end = NULL;
  g_utf8_validate (text, -1, &end);
  g_autofree char *valid = g_strndup (text, (gsize) (end - text));
  for (const char *p = valid; *p;)
    {
      const char *next = NULL;
      int which = 0;
      for (int i = 0; i < 2; i++)
        {
          const char *found = strstr (p, markers[i]);
          if (found && (!next || found < next))
            {
              next = found;
              which = i;
            }
        }
      plain_words (p, next ? (gsize) (next - p) : strlen (p), func, user_data);
      if (!next)
        break;
      func (markers[which], strlen (markers[which]), user_data);
      p = next + strlen (markers[which]);
    }
}
