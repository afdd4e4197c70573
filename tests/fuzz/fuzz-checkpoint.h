/* fuzz-checkpoint.h: opens a file as a checkpoint and reads what it is said to hold. */
#pragma once

#include "engine/weights/tacet-checkpoint.h"

static inline void
fuzz_checkpoint (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetCheckpoint) file = tacet_checkpoint_open (path, &error);
  g_assert ((file != NULL) == (error == NULL));
  for (guint i = 0; file && i < MIN (tacet_checkpoint_length (file), 64); i++)
    {
      const TacetFileTensor *t = tacet_checkpoint_nth (file, i);
      g_assert (tacet_checkpoint_find (file, t->name) == t);
      g_autofree guint8 *bytes = t->end - t->begin < 1 << 20 ? g_malloc (t->end - t->begin + 1) : NULL;
      if (bytes)
        tacet_checkpoint_read (file, t, bytes, NULL);
    }
}
