/* fuzz-parameters.c: any text read as parameters of a picture ends as a document whose request can be made. */
#include "engine/scene/tacet-parameters.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (TacetScene) scene = tacet_parameters_read (text, 64, 64);
  g_autoptr (TacetRequest) request = tacet_scene_to_request (scene);

  g_assert (request != NULL);
  g_autofree char *again = tacet_parameters_write (request, request->seed);
  (void) again;
  return 0;
}
