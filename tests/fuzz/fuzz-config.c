/* fuzz-config.c: any bytes read as the config.json of each network end as numbers or as a message. */
#include "fuzz.h"
#include "engine/model/tacet-models.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char path[64];
  int fd = fuzz_open (data, size, path);
  TacetUnetConfig unet;
  TacetControlnetConfig controlnet;
  TacetVaeConfig vae;
  TacetTextConfig text;

  tacet_unet_config_load (&unet, path, NULL);
  tacet_controlnet_config_load (&controlnet, path, NULL);
  tacet_vae_config_load (&vae, path, NULL);
  tacet_text_config_load (&text, path, NULL);
  fuzz_close (fd);
  return 0;
}
