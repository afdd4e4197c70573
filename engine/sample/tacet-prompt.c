/* tacet-prompt.c: weights in prompts.
 *
 * Room: engine/sample.
 */
#include "tacet-prompt.h"
#include <math.h>
#include <string.h>

#define STEP       1.1
#define MAX_WEIGHT 1000.0

typedef struct
{
  GArray *parts;          /* of TacetPromptPart */
  GArray *round, *square; /* of guint: where the open brackets stand among the parts */
} Parser;

static void
clear_part (gpointer part)
{
  g_free (((TacetPromptPart *) part)->text);
}

static void
add_part (Parser *p, const char *text, gsize length)
{
  TacetPromptPart part = { g_strndup (text, length), 1.0, FALSE };
  g_array_append_val (p->parts, part);
}

static void
add_break (Parser *p)
{
  TacetPromptPart part = { g_strdup (""), 1.0, TRUE };
  g_array_append_val (p->parts, part);
}

static void
multiply (Parser *p, guint first, double factor)
{
  for (guint i = first; i < p->parts->len; i++)
    g_array_index (p->parts, TacetPromptPart, i).weight *= factor;
}

static void
open_bracket (Parser *p, GArray *brackets)
{
  g_array_append_val (brackets, p->parts->len);
}

static void
close_bracket (Parser *p, GArray *brackets, double factor)
{
  guint first = g_array_index (brackets, guint, brackets->len - 1);
  g_array_set_size (brackets, brackets->len - 1);
  multiply (p, first, factor);
}

static gboolean
is_word_char (const char *p)
{
  gunichar c = g_utf8_get_char (p);
  return c == '_' || g_unichar_isalnum (c);
}

/* The next BREAK that is a word of its own; NULL: none. */
static const char *
find_break (const char *text, const char *begin, const char *end)
{
  for (const char *p = begin; (p = g_strstr_len (p, end - p, "BREAK")) != NULL; p += 5)
    if ((p == text || !is_word_char (g_utf8_prev_char (p))) && (p + 5 == end || !is_word_char (p + 5)))
      return p;
  return NULL;
}

/* Text without brackets, cut at each BREAK, which takes the spaces around it. */
static void
add_text (Parser *p, const char *text, gsize length)
{
  const char *end = text + length, *begin = text, *found;
  while ((found = find_break (text, begin, end)) != NULL)
    {
      const char *stop = found;
      while (stop > begin && g_ascii_isspace (stop[-1]))
        stop--;
      add_part (p, begin, (gsize) (stop - begin));
      add_break (p);
      for (begin = found + 5; begin < end && g_ascii_isspace (*begin);)
        begin++;
    }
  add_part (p, begin, (gsize) (end - begin));
}

/* Length of ":number)" at text, and the number; 0: it is none. */
static gsize
parse_weight (const char *text, double *weight)
{
  const char *p = text + 1;
  char *stop = NULL;
  if (*p == '+' || *p == '-')
    p++;
  gsize n = strspn (p, "0123456789.");
  if (n == 0 || n > 64 || p[n] != ')')
    return 0;
  *weight = g_ascii_strtod (text + 1, &stop);
  return stop == p + n ? (gsize) (stop - text) + 1 : 0;
}

/* One bracket, escape, weight or stretch of text; returns how long it is. */
static gsize
parse_piece (Parser *p, const char *at)
{
  double weight;
  gsize length;
  switch (*at)
    {
    case '\\':
      length = at[1] != '\0' && strchr ("()[]\\", at[1]) ? 2 : 1;
      add_part (p, at + 1, length - 1);
      return length;
    case '(':
      open_bracket (p, p->round);
      return 1;
    case '[':
      open_bracket (p, p->square);
      return 1;
    case ':':
      length = parse_weight (at, &weight);
      if (length > 0 && p->round->len > 0)
        close_bracket (p, p->round, weight);
      else
        add_text (p, at, MAX (length, 1));
      return MAX (length, 1);
    case ')':
    case ']':
      if (*at == ')' && p->round->len > 0)
        close_bracket (p, p->round, STEP);
      else if (*at == ']' && p->square->len > 0)
        close_bracket (p, p->square, 1 / STEP);
      else
        add_text (p, at, 1);
      return 1;
    default:
      length = strcspn (at, "\\()[]:");
      add_text (p, at, length);
      return length;
    }
}

/* Neighbours of the same weight become one; weights stay in reach of the arithmetic. */
static void
merge_parts (GArray *parts)
{
  guint n = 0;
  TacetPromptPart *at = (TacetPromptPart *) (gpointer) parts->data;
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < parts->len; n++)
    {
      TacetPromptPart part = at[i];
      g_string_truncate (text, 0);
      do
        {
          g_string_append (text, at[i].text);
          g_free (at[i].text);
          i++;
        }
      while (i < parts->len && !part.is_break && !at[i].is_break && at[i].weight == part.weight);
      part.text = g_strndup (text->str, text->len);
      part.weight = part.is_break ? 1 : CLAMP (part.weight, -MAX_WEIGHT, MAX_WEIGHT);
      at[n] = part;
    }
  g_array_set_clear_func (parts, NULL);
  g_array_set_size (parts, n);
  g_array_set_clear_func (parts, clear_part);
}

/* As much of it as is read: valid UTF-8, cut between characters. */
static char *
readable (const char *prompt)
{
  const char *end = NULL;
  gsize length = strnlen (prompt, TACET_PROMPT_MAX_BYTES);
  g_utf8_validate (prompt, (gssize) length, &end);
  return g_strndup (prompt, (gsize) (end - prompt));
}

static void
parse (GArray *parts, const char *prompt)
{
  g_autofree char *text = readable (prompt != NULL ? prompt : "");
  Parser p = { parts, g_array_new (FALSE, FALSE, sizeof (guint)), g_array_new (FALSE, FALSE, sizeof (guint)) };
  for (const char *at = text; *at;)
    at += parse_piece (&p, at);
  for (guint i = 0; i < p.round->len; i++)
    multiply (&p, g_array_index (p.round, guint, i), STEP);
  for (guint i = 0; i < p.square->len; i++)
    multiply (&p, g_array_index (p.square, guint, i), 1 / STEP);
  g_array_unref (p.round);
  g_array_unref (p.square);
}

/* The next part from i on, in steps of 1 or -1, that is more than spaces; NULL: none. */
static const TacetPromptPart *
next_said (const GArray *parts, guint i, int step)
{
  for (; i < parts->len; i += (guint) step)
    {
      const TacetPromptPart *part = &g_array_index (parts, TacetPromptPart, i);
      if (part->is_break || part->text[strspn (part->text, " \t\n\r\f\v")] != '\0')
        return part;
    }
  return NULL;
}

GArray *
tacet_prompt_parse_both (const char *first, const char *second)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (TacetPromptPart));
  g_array_set_clear_func (parts, clear_part);
  parse (parts, first);
  guint middle = parts->len;
  parse (parts, second);
  const TacetPromptPart *before = next_said (parts, middle - 1, -1), *after = next_said (parts, middle, 1);
  TacetPromptPart part = { NULL, 1.0, FALSE };
  if (before != NULL && after != NULL && !before->is_break && !after->is_break)
    {
      part.text = g_strdup (", ");
      g_array_insert_val (parts, middle, part);
    }
  else if (parts->len == 0)
    {
      part.text = g_strdup ("");
      g_array_append_val (parts, part);
    }
  merge_parts (parts);
  return parts;
}

GArray *
tacet_prompt_parse (const char *prompt)
{
  return tacet_prompt_parse_both (prompt, NULL);
}

void
tacet_prompt_weigh (float *hidden, const float *weights, int length, int width)
{
  double before = 0, after = 0;
  for (int i = 0; i < length; i++)
    for (int k = 0; k < width; k++)
      {
        float *h = &hidden[(gsize) i * width + k];
        before += *h;
        *h *= weights[i];
        after += *h;
      }
  double scale = before / after;
  if (!isfinite (scale))
    return;
  for (gsize i = 0; i < (gsize) length * width; i++)
    hidden[i] = (float) (hidden[i] * scale);
}
