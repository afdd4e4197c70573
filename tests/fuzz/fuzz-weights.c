/* fuzz-weights.c: any bytes read as a file of weights (safetensors) end as tensors or as a message. */
#include "fuzz.h"
#include "engine/weights/tacet-weights.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char path[64];
  int fd = fuzz_open (data, size, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetWeights) weights = tacet_weights_open (path, &error);

  g_assert ((weights != NULL) == (error == NULL));
  for (guint i = 0; weights != NULL && i < MIN (tacet_weights_length (weights), 64); i++)
    {
      TacetTensor *tensor = NULL;
      tacet_weights_nth (weights, i, &tensor);
    }

  g_autoptr (GPtrArray) raw = tacet_safetensors_read (path, NULL);
  (void) raw;
  fuzz_close (fd);
  return 0;
}
