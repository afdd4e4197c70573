/* fuzz-pickle.c: any bytes as the pickle of a PyTorch file, whose archive is whole, end as tensors or as a message. */
#include "fuzz.h"
#include "fuzz-checkpoint.h"
#include <string.h>

static void
put (GByteArray *out, guint64 value, guint size)
{
  for (guint i = 0; i < size; i++)
    g_byte_array_append (out, &(guint8){ (guint8) (i < 8 ? value >> 8 * i : 0) }, 1);
}

/* The headers of a stored entry: the one before its bytes, the other in the directory. */
static void
put_entry (GByteArray *out, gboolean central, const char *name, gsize size, guint start)
{
  put (out, central ? 0x02014b50 : 0x04034b50, 4);
  put (out, 0, central ? 16 : 14);
  put (out, size, 4);
  put (out, size, 4);
  put (out, strlen (name), 2);
  put (out, 0, central ? 12 : 2);
  if (central)
    put (out, start, 4);
  g_byte_array_append (out, (const guint8 *) name, (guint) strlen (name));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const guint8 storage[64] = { 1, 2, 3 };
  static const char *const names[] = { "a/data.pkl", "a/data/0", "a/data/1" };
  const guint8 *const bytes[] = { data, storage, storage };
  const gsize sizes[] = { size, 64, 16 };
  guint starts[3];
  g_autoptr (GByteArray) all = g_byte_array_new ();
  for (int i = 0; i < 3; i++)
    {
      starts[i] = all->len;
      put_entry (all, FALSE, names[i], sizes[i], 0);
      g_byte_array_append (all, bytes[i], (guint) sizes[i]);
    }
  const guint directory = all->len;
  for (int i = 0; i < 3; i++)
    put_entry (all, TRUE, names[i], sizes[i], starts[i]);
  const guint end = all->len;
  put (all, 0x06054b50, 4);
  put (all, 0, 4);
  put (all, 3, 2);
  put (all, 3, 2);
  put (all, end - directory, 4);
  put (all, directory, 4);
  put (all, 0, 2);
  char path[64];
  int fd = fuzz_open (all->data, all->len, path);
  fuzz_checkpoint (path);
  fuzz_close (fd);
  return 0;
}
