/* tacet-unicode.c: classes, lower case and composition of characters.
 *
 * Room: engine/weights.  g_utf8_normalize () sorts a run of combining marks in quadratic time and knows
 * a Unicode of its own; here runs are sorted properly, and what the reference does not know stays.
 */
#include "tacet-unicode.h"
#include "tacet-unicode-table.h"

/* The range that holds c, of rows that begin with first and last; NULL: none. */
static gconstpointer
find_range (gconstpointer rows, gsize n, gsize size, gunichar c)
{
  gsize low = 0, high = n;
  while (low < high)
    {
      gsize middle = (low + high) / 2;
      const TacetRange *range = (gconstpointer) ((const char *) rows + middle * size);
      if (c < range->first)
        high = middle;
      else if (c > range->last)
        low = middle + 1;
      else
        return range;
    }
  return NULL;
}

#define FIND(table, c) find_range ((table), G_N_ELEMENTS (table), sizeof *(table), (c))

static gboolean
is_space (gunichar c)
{
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

TacetCharKind
tacet_char_kind (gunichar c)
{
  if (is_space (c))
    return TACET_CHAR_SPACE;
  if (FIND (letters, c))
    return TACET_CHAR_LETTER;
  return FIND (numbers, c) ? TACET_CHAR_NUMBER : TACET_CHAR_OTHER;
}

typedef struct
{
  gunichar c;
  int class; /* canonical combining class */
} Mark;

static int
compare_class (gconstpointer a, gconstpointer b, gpointer unused)
{
  return ((const Mark *) a)->class - ((const Mark *) b)->class;
}

/* Canonical decomposition, one level at a time: the second part never decomposes. */
static void
decompose (GArray *out, gunichar c)
{
  gunichar parts[8];
  gsize n = FIND (inert, c) ? 0 : g_unichar_fully_decompose (c, FALSE, parts, G_N_ELEMENTS (parts));
  if (n == 0)
    {
      Mark mark = { c, 0 };
      g_array_append_val (out, mark);
    }
  for (gsize i = 0; i < MIN (n, G_N_ELEMENTS (parts)); i++)
    {
      Mark mark = { parts[i], FIND (inert, parts[i]) ? 0 : g_unichar_combining_class (parts[i]) };
      g_array_append_val (out, mark);
    }
}

static void
sort_marks (GArray *text)
{
  for (guint i = 0, end; i < text->len; i = end)
    {
      for (end = i + 1; end < text->len && g_array_index (text, Mark, end).class != 0;)
        end++;
      guint first = g_array_index (text, Mark, i).class != 0 ? i : i + 1;
      if (end - first > 1)
        g_qsort_with_data (&g_array_index (text, Mark, first), (int) (end - first), sizeof (Mark), compare_class, NULL);
    }
}

/* Canonical composition in place: a mark joins the last starter unless one of its own class or a
 * higher stands between them. */
static void
compose (GArray *text)
{
  Mark *at = &g_array_index (text, Mark, 0);
  guint n = 0, starter = G_MAXUINT;
  for (guint i = 0; i < text->len; i++)
    {
      Mark mark = at[i];
      gboolean near =
          starter != G_MAXUINT && (n == starter + 1 || (at[n - 1].class != 0 && at[n - 1].class < mark.class));
      gunichar whole;
      if (near && !FIND (inert, mark.c) && !FIND (inert, at[starter].c) &&
          g_unichar_compose (at[starter].c, mark.c, &whole) && !FIND (inert, whole))
        {
          at[starter].c = whole;
          continue;
        }
      if (mark.class == 0)
        starter = n;
      at[n++] = mark;
    }
  g_array_set_size (text, n);
}

static void
append_lower (GString *out, gunichar c)
{
  const TacetLowerRange *range = FIND (lowers, c);
  if (range && (c - range->first) % (guint) range->step == 0)
    c = (gunichar) ((int) c + range->delta);
  if (c == 0x130) /* capital i with a dot: the only letter that becomes two */
    g_string_append (out, "i\xcc\x87");
  else
    g_string_append_unichar (out, c);
}

char *
tacet_text_clean (const char *text, gsize length)
{
  g_autoptr (GString) out = g_string_sized_new (length + 8);
  gsize plain = 0;
  while (plain < length && (guchar) text[plain] < 128)
    g_string_append_c (out, g_ascii_tolower (text[plain++]));
  if (plain == length)
    return g_string_free (g_steal_pointer (&out), FALSE);
  g_autoptr (GArray) marks = g_array_sized_new (FALSE, FALSE, sizeof (Mark), (guint) length);
  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    decompose (marks, g_utf8_get_char (p));
  sort_marks (marks);
  compose (marks);
  g_string_truncate (out, 0);
  for (guint i = 0; i < marks->len; i++)
    append_lower (out, g_array_index (marks, Mark, i).c);
  return g_string_free (g_steal_pointer (&out), FALSE);
}
