/* fuzz-scene.c: any bytes read as a scene end as a document or as a message; its request can be made. */
#include "fuzz.h"
#include "engine/scene/tacet-scene.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char path[64];
  int fd = fuzz_open (data, size, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetScene) scene = tacet_scene_load (path, &error);

  g_assert ((scene != NULL) == (error == NULL));
  if (scene != NULL)
    {
      g_autoptr (TacetRequest) request = tacet_scene_to_request (scene);
      (void) request;
    }
  fuzz_close (fd);
  return 0;
}
