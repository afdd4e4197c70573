/* fuzz.h: hands one mutated input to a reader that takes a path.
 *
 * Tests of files.  Each program is a libFuzzer target (clang); `make fuzz` builds and runs them.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The input as a file that lives in memory; path holds its name until fuzz_close (). */
int fuzz_open (const uint8_t *data, size_t size, char path[64]);
void fuzz_close (int fd);
