/* fuzz-png.c: any bytes read as a picture end as a picture or as a message. */
#include "fuzz.h"
#include "engine/image/tacet-image.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char path[64];
  int fd = fuzz_open (data, size, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetImage) image = tacet_image_load_png (path, &error);

  g_assert ((image != NULL) == (error == NULL));
  fuzz_close (fd);
  return 0;
}
