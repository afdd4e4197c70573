#!/bin/sh
# Builds the kernels and their tests with a C compiler and nothing else:
#   tests/kernels/build-bare.sh FOLDER
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:?usage: build-bare.sh FOLDER}
mkdir -p "$out"
flags="-std=gnu11 -O3 -g -ffp-contract=fast -fno-math-errno -I$source -I$source/tests/kernels"
compile () { ${CC:-cc} ${CFLAGS:-} $flags "$@"; }

# As in kernels/cpu/meson.build: some files once, the others once for each level of instructions.
objects=
compile_as () # SUFFIX FILE FLAGS...
{
  object="$out/$(basename "$2" .c)$1.o"
  objects="$objects $object"
  file=$2
  shift 2
  compile "$@" -c "$file" -o "$object"
}
for file in "$source"/kernels/*.c; do
  compile_as "" "$file"
done
for file in "$source"/kernels/cpu/*.c; do
  case $(basename "$file") in
  backend.c | levels.c | peak.c | pool.c) compile_as "" "$file" ;;
  *)
    compile_as -v3 "$file" -DTACET_LEVEL=v3 -march=x86-64-v3
    compile_as -v4 "$file" -DTACET_LEVEL=v4 -march=x86-64-v4 -mprefer-vector-width=256
    ;;
  esac
done
cases="$source/tests/kernels/op-cases.c $source/tests/kernels/reference.c"
for program in "$source"/tests/kernels/test-*.c "$source"/tests/kernels/benchmarks.c; do
  compile "$program" $cases $objects -o "$out/$(basename "$program" .c)" -lpthread -lm
done
