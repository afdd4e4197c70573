/* tacet-pickle.h: a Python pickle as data.
 *
 * Room: engine/weights; for its own files.  The stack language of pickles is run with objects that can do
 * nothing: a global is its name, a call is a note of what would have been called with what.  Nothing is looked
 * up, imported or executed, whatever the pickle says.  Objects may share and contain each other in circles;
 * nothing here recurses into them, and who reads them must not either.
 * Limits: 64 MiB, a million objects, a million places on the stack and in the memo.
 * Source: Python's pickletools (its descriptions of the operations), protocols 2 to 5.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TACET_PICKLE_MAX_BYTES (64u << 20)

typedef enum
{
  TACET_PICKLE_NONE,
  TACET_PICKLE_BOOLEAN,    /* integer */
  TACET_PICKLE_INTEGER,    /* integer */
  TACET_PICKLE_REAL,       /* real */
  TACET_PICKLE_TEXT,       /* text, n bytes: unicode or bytes, not checked, not terminated */
  TACET_PICKLE_TUPLE,      /* n items */
  TACET_PICKLE_LIST,       /* n items */
  TACET_PICKLE_DICT,       /* n items: key, value, key, value ... in order */
  TACET_PICKLE_GLOBAL,     /* a: module, b: name, both TEXT */
  TACET_PICKLE_PERSISTENT, /* a: its id */
  TACET_PICKLE_CALL,       /* a: what, b: arguments; n items as in a DICT that were set on the result */
  TACET_PICKLE_OTHER,      /* sets, numbers beyond 64 bits */
} TacetPickleType;

typedef struct _TacetPickleObject TacetPickleObject;
struct _TacetPickleObject
{
  guint8 type; /* TacetPickleType */
  guint32 n;
  union
  {
    gint64 integer;
    double real;
    const char *text;
    TacetPickleObject **items;
  };
  TacetPickleObject *a, *b;
};

typedef struct _TacetPickle TacetPickle;

/* data must stay while the pickle lives. */
TacetPickle *tacet_pickle_parse (const guint8 *data, gsize length, GError **error);
void tacet_pickle_free (TacetPickle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TacetPickle, tacet_pickle_free)
const TacetPickleObject *tacet_pickle_root (TacetPickle *self);

gboolean tacet_pickle_is_text (const TacetPickleObject *object, const char *text);
gboolean tacet_pickle_is_global (const TacetPickleObject *object, const char *module, const char *name);
/* "module.name" for messages, cut where it is long or strange; NULL: no global. */
char *tacet_pickle_global_name (const TacetPickleObject *object);

G_END_DECLS
