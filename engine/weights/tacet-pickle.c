/* tacet-pickle.c: the stack machine of pickles, with objects that can do nothing.
 *
 * Room: engine/weights.
 */
#include "config.h"

#include "tacet-pickle.h"
#include "tacet-safetensors.h"
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_OBJECTS 1000000u
#define MAX_ITEMS   4000000u
#define MAX_STACK   1000000u
#define MAX_MEMO    1000000u
#define BLOCK       1024

typedef TacetPickleObject Object;

struct _TacetPickle
{
  GPtrArray *blocks; /* of Object[BLOCK] */
  guint n_objects, n_items;
  GPtrArray *stack; /* of Object, lent */
  GArray *marks;    /* of guint: places in the stack */
  GPtrArray *memo;  /* of Object or NULL */
  guint n_memo;
  const guint8 *p, *end;
  Object *root;
  gboolean no_memory;
};

void
tacet_pickle_free (TacetPickle *self)
{
  for (guint i = 0; i < self->n_objects; i++)
    {
      Object *o = (Object *) g_ptr_array_index (self->blocks, i / BLOCK) + i % BLOCK;
      if (o->type == TACET_PICKLE_TUPLE || o->type == TACET_PICKLE_LIST || o->type == TACET_PICKLE_DICT ||
          o->type == TACET_PICKLE_CALL)
        g_free (o->items);
    }
  g_ptr_array_unref (self->blocks);
  g_ptr_array_unref (self->stack);
  g_array_unref (self->marks);
  g_ptr_array_unref (self->memo);
  g_free (self);
}

const TacetPickleObject *
tacet_pickle_root (TacetPickle *self)
{
  return self->root;
}

gboolean
tacet_pickle_is_text (const TacetPickleObject *object, const char *text)
{
  return object->type == TACET_PICKLE_TEXT && object->n == strlen (text) && memcmp (object->text, text, object->n) == 0;
}

gboolean
tacet_pickle_is_global (const TacetPickleObject *object, const char *module, const char *name)
{
  return object->type == TACET_PICKLE_GLOBAL && tacet_pickle_is_text (object->a, module) &&
         tacet_pickle_is_text (object->b, name);
}

char *
tacet_pickle_global_name (const TacetPickleObject *object)
{
  if (object->type != TACET_PICKLE_GLOBAL)
    return NULL;
  g_autofree char *module = g_strndup (object->a->text, MIN (object->a->n, 100)),
                  *name = g_strndup (object->b->text, MIN (object->b->n, 100)),
                  *all = g_strconcat (module, ".", name, NULL);
  for (char *c = all; *c; c++)
    if (!g_ascii_isgraph (*c))
      *c = '?';
  return g_steal_pointer (&all);
}

/* NULL: a limit was reached. */
static Object *
new_object (TacetPickle *self, TacetPickleType type)
{
  if (self->n_objects >= MAX_OBJECTS)
    return NULL;
  if (self->n_objects % BLOCK == 0)
    {
      Object *block = g_try_new0 (Object, BLOCK);
      self->no_memory = block == NULL;
      if (!block)
        return NULL;
      g_ptr_array_add (self->blocks, block);
    }
  Object *o = (Object *) g_ptr_array_index (self->blocks, self->blocks->len - 1) + self->n_objects++ % BLOCK;
  o->type = type;
  return o;
}

static gboolean
push (TacetPickle *self, Object *o)
{
  if (!o || self->stack->len >= MAX_STACK)
    return FALSE;
  g_ptr_array_add (self->stack, o);
  return TRUE;
}

static gboolean
push_integer (TacetPickle *self, TacetPickleType type, gint64 value)
{
  Object *o = new_object (self, type);
  if (o)
    o->integer = value;
  return push (self, o);
}

/* How much lies above the last mark. */
static guint
above_mark (const TacetPickle *self)
{
  return self->stack->len - (self->marks->len ? g_array_index (self->marks, guint, self->marks->len - 1) : 0);
}

static Object *
pop (TacetPickle *self)
{
  return above_mark (self) > 0 ? g_ptr_array_steal_index (self->stack, self->stack->len - 1) : NULL;
}

static Object *
top (const TacetPickle *self)
{
  return above_mark (self) > 0 ? g_ptr_array_index (self->stack, self->stack->len - 1) : NULL;
}

/* Removes the last mark; *items: what lay above it, good until the next push. FALSE: there is none. */
static gboolean
pop_mark (TacetPickle *self, Object ***items, guint *n)
{
  if (self->marks->len == 0)
    return FALSE;
  *n = above_mark (self);
  *items = (Object **) self->stack->pdata + (self->stack->len - *n);
  self->stack->len -= *n; /* a call of GLib's may clear what lies behind */
  g_array_set_size (self->marks, self->marks->len - 1);
  return TRUE;
}

/* Room grows in powers of two, so that it need not be remembered. */
static gboolean
append (TacetPickle *self, Object *o, Object **items, guint n)
{
  if (n > MAX_ITEMS - self->n_items)
    return FALSE;
  self->n_items += n;
  for (guint i = 0; i < n; i++)
    {
      if ((o->n & (o->n - 1)) == 0)
        {
          Object **more = g_try_renew (Object *, o->items, MAX (2 * o->n, 1));
          self->no_memory = more == NULL;
          if (!more)
            return FALSE;
          o->items = more;
        }
      o->items[o->n++] = items[i];
    }
  return TRUE;
}

static gboolean
push_items (TacetPickle *self, TacetPickleType type, Object **items, guint n)
{
  Object *o = new_object (self, type);
  return o && append (self, o, items, n) && push (self, o);
}

static gboolean
push_tuple (TacetPickle *self, guint n)
{
  Object *items[3];
  for (guint i = n; i-- > 0;)
    if (!(items[i] = pop (self)))
      return FALSE;
  return push_items (self, TACET_PICKLE_TUPLE, items, n);
}

static gboolean
push_pair (TacetPickle *self, TacetPickleType type, Object *a, Object *b)
{
  Object *o = a && b ? new_object (self, type) : NULL;
  if (o)
    {
      o->a = a;
      o->b = b;
    }
  return push (self, o);
}

/* A little-endian number of `size` bytes; FALSE: the pickle ends before. */
static gboolean
take_number (TacetPickle *self, guint size, guint64 *value)
{
  *value = 0;
  if ((gsize) (self->end - self->p) < size)
    return FALSE;
  for (guint i = 0; i < size; i++)
    *value |= (guint64) self->p[i] << 8 * i;
  self->p += size;
  return TRUE;
}

static gboolean
push_text (TacetPickle *self, guint size_bytes)
{
  guint64 n;
  if (!take_number (self, size_bytes, &n) || n > (guint64) (self->end - self->p))
    return FALSE;
  Object *o = new_object (self, TACET_PICKLE_TEXT);
  if (o)
    {
      o->text = (const char *) self->p;
      o->n = (guint32) n;
    }
  self->p += n;
  return push (self, o);
}

/* Up to the end of the line. */
static Object *
take_line (TacetPickle *self)
{
  const guint8 *stop = memchr (self->p, '\n', (gsize) (self->end - self->p));
  Object *o = stop ? new_object (self, TACET_PICKLE_TEXT) : NULL;
  if (o)
    {
      o->text = (const char *) self->p;
      o->n = (guint32) (stop - self->p);
      self->p = stop + 1;
    }
  return o;
}

static gboolean
push_global (TacetPickle *self)
{
  Object *module = take_line (self), *name = module ? take_line (self) : NULL;
  return push_pair (self, TACET_PICKLE_GLOBAL, module, name);
}

static gboolean
push_stack_global (TacetPickle *self)
{
  Object *name = pop (self), *module = name ? pop (self) : NULL;
  if (!module || name->type != TACET_PICKLE_TEXT || module->type != TACET_PICKLE_TEXT)
    return FALSE;
  return push_pair (self, TACET_PICKLE_GLOBAL, module, name);
}

static gboolean
push_call (TacetPickle *self)
{
  Object *arguments = pop (self), *what = arguments ? pop (self) : NULL;
  return push_pair (self, TACET_PICKLE_CALL, what, arguments);
}

static gboolean
push_long (TacetPickle *self, guint size_bytes)
{
  guint64 n, value;
  if (!take_number (self, size_bytes, &n) || n > (guint64) (self->end - self->p))
    return FALSE;
  if (n > 8)
    {
      self->p += n;
      return push (self, new_object (self, TACET_PICKLE_OTHER));
    }
  take_number (self, (guint) n, &value);
  if (n > 0 && n < 8 && self->p[-1] & 0x80)
    value |= G_MAXUINT64 << 8 * n;
  return push_integer (self, TACET_PICKLE_INTEGER, (gint64) value);
}

static gboolean
push_int (TacetPickle *self, guint size)
{
  guint64 value;
  if (!take_number (self, size, &value))
    return FALSE;
  return push_integer (self, TACET_PICKLE_INTEGER, size == 4 ? (gint32) value : (gint64) value);
}

/* Big-endian, for once. */
static gboolean
push_real (TacetPickle *self)
{
  guint64 bits;
  if (!take_number (self, 8, &bits))
    return FALSE;
  bits = GUINT64_SWAP_LE_BE (bits);
  Object *o = new_object (self, TACET_PICKLE_REAL);
  if (o)
    memcpy (&o->real, &bits, 8);
  return push (self, o);
}

/* Results of calls may be dicts; what is appended to them or to sets is of no use to us. */
static gboolean
set_items (TacetPickle *self, Object *target, Object **items, guint n)
{
  if (!target || n % 2 != 0)
    return FALSE;
  if (target->type == TACET_PICKLE_DICT || target->type == TACET_PICKLE_CALL)
    return append (self, target, items, n);
  return target->type == TACET_PICKLE_OTHER;
}

static gboolean
append_items (TacetPickle *self, Object *target, Object **items, guint n)
{
  if (target && target->type == TACET_PICKLE_LIST)
    return append (self, target, items, n);
  return target && (target->type == TACET_PICKLE_CALL || target->type == TACET_PICKLE_OTHER);
}

static gboolean
memo_put (TacetPickle *self, guint64 index)
{
  Object *o = top (self);
  if (!o || index >= MAX_MEMO)
    return FALSE;
  if (index >= self->memo->len)
    g_ptr_array_set_size (self->memo, (int) index + 1);
  self->n_memo += g_ptr_array_index (self->memo, index) == NULL;
  g_ptr_array_index (self->memo, index) = o;
  return TRUE;
}

static gboolean
memo_number (TacetPickle *self, guint size, gboolean put)
{
  guint64 index;
  if (!take_number (self, size, &index))
    return FALSE;
  if (put)
    return memo_put (self, index);
  return index < self->memo->len && push (self, g_ptr_array_index (self->memo, index));
}

static gboolean
skip (TacetPickle *self, guint size)
{
  guint64 ignored;
  return take_number (self, size, &ignored);
}

/* Operations that take their operands from above the last mark. */
static gboolean
run_marked (TacetPickle *self, guint8 op)
{
  Object **items = NULL;
  guint n = 0;
  if (!pop_mark (self, &items, &n))
    return FALSE;
  switch (op)
    {
    case '1': /* POP_MARK */
      return TRUE;
    case 't':
      return push_items (self, TACET_PICKLE_TUPLE, items, n);
    case 'l':
      return push_items (self, TACET_PICKLE_LIST, items, n);
    case 'd':
      return n % 2 == 0 && push_items (self, TACET_PICKLE_DICT, items, n);
    case 'e': /* APPENDS */
      return append_items (self, top (self), items, n);
    case 'u': /* SETITEMS */
      return set_items (self, top (self), items, n);
    case 0x90: /* ADDITEMS, to a set */
      return top (self) != NULL;
    default: /* FROZENSET */
      return push (self, new_object (self, TACET_PICKLE_OTHER));
    }
}

static gboolean
run_object (TacetPickle *self, guint8 op)
{
  Object *value, *pair[2];
  switch (op)
    {
    case 'a': /* APPEND */
      return (value = pop (self)) && append_items (self, top (self), &value, 1);
    case 's': /* SETITEM */
      return (pair[1] = pop (self)) && (pair[0] = pop (self)) && set_items (self, top (self), pair, 2);
    case 'b': /* BUILD: the state of an object that can do nothing */
      return pop (self) && top (self);
    case 'Q': /* BINPERSID */
      value = pop (self);
      return push_pair (self, TACET_PICKLE_PERSISTENT, value, value);
    case 'c':
      return push_global (self);
    case 0x93:
      return push_stack_global (self);
    case 0x92: /* NEWOBJ_EX: class, arguments, arguments by name */
      return pop (self) && push_call (self);
    default: /* REDUCE, NEWOBJ */
      return push_call (self);
    }
}

static gboolean
run_mark (TacetPickle *self)
{
  const guint at = self->stack->len;
  if (self->marks->len >= MAX_STACK)
    return FALSE;
  g_array_append_val (self->marks, at);
  return TRUE;
}

static gboolean
run_pop (TacetPickle *self)
{
  if (above_mark (self) > 0)
    return pop (self) != NULL;
  if (self->marks->len == 0)
    return FALSE;
  g_array_set_size (self->marks, self->marks->len - 1);
  return TRUE;
}

/* FALSE: not allowed, not known, or a limit. */
static gboolean
run (TacetPickle *self, guint8 op)
{
  switch (op)
    {
    case 0x80: /* PROTO */
      return self->p < self->end && *self->p++ <= 5;
    case 0x95: /* FRAME */
      return skip (self, 8);
    case '(':
      return run_mark (self);
    case '0':
      return run_pop (self);
    case '2': /* DUP */
      return push (self, top (self));
    case 'N':
      return push (self, new_object (self, TACET_PICKLE_NONE));
    case 0x88: /* NEWTRUE */
    case 0x89: /* NEWFALSE */
      return push_integer (self, TACET_PICKLE_BOOLEAN, op == 0x88);
    case 'J':
      return push_int (self, 4);
    case 'M':
      return push_int (self, 2);
    case 'K':
      return push_int (self, 1);
    case 0x8a: /* LONG1 */
      return push_long (self, 1);
    case 0x8b: /* LONG4 */
      return push_long (self, 4);
    case 'G':
      return push_real (self);
    case 'U':  /* SHORT_BINSTRING */
    case 'C':  /* SHORT_BINBYTES */
    case 0x8c: /* SHORT_BINUNICODE */
      return push_text (self, 1);
    case 'T': /* BINSTRING */
    case 'B': /* BINBYTES */
    case 'X': /* BINUNICODE */
      return push_text (self, 4);
    case 0x8d: /* BINUNICODE8 */
    case 0x8e: /* BINBYTES8 */
    case 0x96: /* BYTEARRAY8 */
      return push_text (self, 8);
    case '}':
      return push (self, new_object (self, TACET_PICKLE_DICT));
    case ']':
      return push (self, new_object (self, TACET_PICKLE_LIST));
    case ')':
      return push (self, new_object (self, TACET_PICKLE_TUPLE));
    case 0x8f: /* EMPTY_SET */
      return push (self, new_object (self, TACET_PICKLE_OTHER));
    case 0x85:
    case 0x86:
    case 0x87: /* TUPLE1 .. TUPLE3 */
      return push_tuple (self, op - 0x84u);
    case 'q':
      return memo_number (self, 1, TRUE);
    case 'r':
      return memo_number (self, 4, TRUE);
    case 0x94: /* MEMOIZE */
      return memo_put (self, self->n_memo);
    case 'h':
      return memo_number (self, 1, FALSE);
    case 'j':
      return memo_number (self, 4, FALSE);
    case '1':
    case 't':
    case 'l':
    case 'd':
    case 'e':
    case 'u':
    case 0x90:
    case 0x91:
      return run_marked (self, op);
    case 'a':
    case 's':
    case 'b':
    case 'Q':
    case 'c':
    case 'R':
    case 0x81:
    case 0x92:
    case 0x93:
      return run_object (self, op);
    default:
      return FALSE;
    }
}

static void
report (const TacetPickle *self, const guint8 *data, const guint8 *at, GError **error)
{
  if (self->no_memory)
    g_set_error_literal (error, TACET_WEIGHTS_ERROR, TACET_WEIGHTS_ERROR_NO_MEMORY, _ ("there is not enough memory"));
  else if (self->n_objects >= MAX_OBJECTS || self->n_items >= MAX_ITEMS || self->stack->len >= MAX_STACK ||
           self->marks->len >= MAX_STACK || self->memo->len >= MAX_MEMO || at - data >= (gssize) TACET_PICKLE_MAX_BYTES)
    tacet_file_invalid (error, _ ("its list of contents (a pickle) is larger than that of any model"));
  else
    tacet_file_invalid (error, _ ("its list of contents (a pickle) is damaged or no list of tensors, at byte %u"),
                        (guint) (at - data));
}

TacetPickle *
tacet_pickle_parse (const guint8 *data, gsize length, GError **error)
{
  g_autoptr (TacetPickle) self = g_new0 (TacetPickle, 1);
  self->blocks = g_ptr_array_new_with_free_func (g_free);
  self->stack = g_ptr_array_sized_new (64);
  self->marks = g_array_new (FALSE, FALSE, sizeof (guint));
  self->memo = g_ptr_array_new ();
  self->p = data;
  self->end = data + MIN (length, TACET_PICKLE_MAX_BYTES);
  while (self->p < self->end)
    {
      const guint8 *at = self->p++;
      if (*at == '.' && (self->root = pop (self)))
        return g_steal_pointer (&self);
      if (*at == '.' || !run (self, *at))
        {
          report (self, data, at, error);
          return NULL;
        }
    }
  report (self, data, self->p, error);
  return NULL;
}
