/* fuzz-picture.c: any bytes have a head that can be read, whatever format they claim. */
#include "fuzz.h"
#include "engine/image/tacet-image-file.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_auto (TacetImageHeader) header = { 0 };
  gboolean known = tacet_image_header_read (&header, data, size);

  g_assert (known == (header.format != TACET_FORMAT_NONE));
  g_assert (header.orientation >= 1 && header.orientation <= 8 && header.first_end <= size);
  g_assert (header.profile == NULL || g_utf8_validate (header.profile, -1, NULL));
  return 0;
}
