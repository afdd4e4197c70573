/* fuzz-tokenizer.c: any vocab.json, merges.txt, tokenizer_config.json and text, separated by NULs, end as tokens or as
 * a message; so do, after a J or a B, tokenizer.json and bpe_simple_vocab_16e6.txt. */
#include "fuzz.h"
#include "engine/weights/tacet-tokenizer.h"
#include <glib/gstdio.h>
#include <string.h>

/* Writes the bytes up to the next NUL to a file of the folder; returns what follows. */
static const char *
part (const char *p, const char *end, const char *folder, const char *name)
{
  const char *stop = p < end ? memchr (p, 0, (size_t) (end - p)) : NULL;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  stop = stop ? stop : end;
  g_assert (g_file_set_contents_full (path, p, stop - p, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  return stop < end ? stop + 1 : end;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static char *folder;
  const char *p = (const char *) data, *end = p + size;
  folder = folder ? folder : g_dir_make_tmp ("tacet-fuzz-XXXXXX", NULL);
  gboolean whole = size > 0 && *p == 'J', list = size > 0 && *p == 'B';
  const char *name = whole ? "tokenizer.json" : list ? "list.txt" : "";
  if (whole || list)
    {
      p = part (p + 1, end, folder, name);
      (void) part (end, end, folder, "tokenizer_config.json");
    }
  else
    {
      p = part (p, end, folder, "vocab.json");
      p = part (p, end, folder, "merges.txt");
      p = part (p, end, folder, "tokenizer_config.json");
    }
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = g_strndup (p, (gsize) (end - p));
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetTokenizer) tokenizer = tacet_tokenizer_open (path, &error);
  g_assert ((tokenizer != NULL) == (error == NULL));
  if (tokenizer)
    {
      gint32 ids[77];
      g_assert (tacet_tokenizer_encode (tokenizer, text, ids, 77) >= 2);
      for (int i = 0; i < 77; i++)
        g_assert (ids[i] >= 0 && ids[i] < tacet_tokenizer_size (tokenizer));
    }
  return 0;
}
