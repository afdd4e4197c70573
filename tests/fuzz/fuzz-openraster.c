/* fuzz-openraster.c: any bytes read as an OpenRaster file end as layers or as a message; so do their pictures, and the
 * document that is made of them. */
#include "fuzz.h"
#include "engine/scene/tacet-openraster.h"
#include "engine/scene/tacet-scene.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char path[64];
  int fd = fuzz_open (data, size, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (TacetRaster) raster = tacet_raster_read (path, &error);

  g_assert ((raster != NULL) == (error == NULL));
  for (guint i = 0; raster != NULL && i < raster->layers->len; i++)
    {
      g_autoptr (TacetImage) image = tacet_raster_layer_image (raster->layers->pdata[i], NULL);
      (void) image;
    }
  g_autoptr (TacetScene) scene = tacet_scene_open (path, NULL);
  g_assert (raster != NULL || scene == NULL || !tacet_raster_is_file (path));
  fuzz_close (fd);
  return 0;
}
