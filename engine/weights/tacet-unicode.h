/* tacet-unicode.h: what the tokenizer has to know about characters.
 *
 * Room: engine/weights, for its own files.  The tables are those of the reference (tokenizers, which
 * transformers' CLIPTokenizer runs on), so that tokens do not depend on the GLib of a machine.  Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  TACET_CHAR_OTHER,
  TACET_CHAR_SPACE, /* White_Space, which g_unichar_isspace () is not quite */
  TACET_CHAR_LETTER,
  TACET_CHAR_NUMBER
} TacetCharKind;

TacetCharKind tacet_char_kind (gunichar c);
/* Valid UTF-8 composed (NFC), then lowered letter by letter (no final sigma, no language). */
char *tacet_text_clean (const char *text, gsize length);

G_END_DECLS
