/* fuzz-shards.c: any bytes as the index of shards, with two shards beside it, end as tensors or as a message. */
#include "fuzz.h"
#include "fuzz-checkpoint.h"
#include "engine/weights/tacet-weights.h"
#include <stdio.h>

static void
write_shard (const char *folder, const char *file, const char *tensor)
{
  static const int64_t dims[] = { 4 };
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) tacet_raw_tensor_free);
  g_ptr_array_add (tensors, tacet_raw_tensor_new (tensor, TACET_F32, 1, dims));
  g_ptr_array_add (tensors, tacet_raw_tensor_new ("both", TACET_F32, 1, dims));
  g_assert (tacet_safetensors_write (path, tensors, NULL, NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static char *path;
  if (!path)
    {
      const char *memory = g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir ();
      g_autofree char *template = g_build_filename (memory, "tacet-fuzz-XXXXXX", NULL);
      const char *folder = g_mkdtemp (template);
      g_assert (folder);
      write_shard (folder, "a", "x");
      write_shard (folder, "b", "y");
      path = g_build_filename (folder, "m.index.json", NULL);
    }
  FILE *out = fopen (path, "wb");
  g_assert (out && fwrite (data, 1, size, out) == size && fclose (out) == 0);
  fuzz_checkpoint (path);
  return 0;
}
