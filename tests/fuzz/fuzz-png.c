/* fuzz-png.c: any bytes read as a picture end as a picture or as a message, and so do their texts. */
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
  static const char *const keys[] = { "parameters", "tacet-scene", "Title" };
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *text = tacet_image_load_png_text (path, keys[i], NULL);
      g_assert (text == NULL || g_utf8_validate (text, -1, NULL));
    }
  fuzz_close (fd);
  return 0;
}
