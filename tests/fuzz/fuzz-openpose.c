/* fuzz-openpose.c: any bytes read as a pose file end as people or as a message. */
#include "fuzz.h"
#include "engine/scene/tacet-openpose.h"
#include <math.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char path[64];
  int fd = fuzz_open (data, size, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) people = tacet_openpose_load (path, 96, 64, NULL, &error);

  g_assert ((people != NULL) == (error == NULL));
  for (guint i = 0; people != NULL && i < people->len; i++)
    for (int k = 0; k < TACET_POSE_JOINTS; k++)
      g_assert (isfinite (g_array_index (people, TacetPerson, i).joints[k].confidence));
  fuzz_close (fd);
  return 0;
}
