/* fuzz-torch.c: any bytes read as a PyTorch file end as tensors or as a message. */
#include "fuzz.h"
#include "fuzz-checkpoint.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char path[64];
  int fd = fuzz_open (data, size, path);
  fuzz_checkpoint (path);
  fuzz_close (fd);
  return 0;
}
