#!/bin/sh
# Builds the kernels and their tests with a C compiler and nothing else:
#   tests/kernels/build-bare.sh FOLDER
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:?usage: build-bare.sh FOLDER}
mkdir -p "$out"
flags="-std=gnu11 -O3 -g -mavx2 -mfma -mf16c -ffp-contract=fast -fno-math-errno -I$source -I$source/tests/kernels"
kernels="$(ls "$source"/kernels/*.c "$source"/kernels/cpu/*.c)"
cases="$source/tests/kernels/op-cases.c $source/tests/kernels/reference.c"
for program in "$source"/tests/kernels/test-*.c "$source"/tests/kernels/benchmarks.c; do
  ${CC:-cc} ${CFLAGS:-} $flags "$program" $cases $kernels -o "$out/$(basename "$program" .c)" -lpthread -lm
done
