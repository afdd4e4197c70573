#!/bin/sh
# Builds the kernels and their tests with a C compiler and nothing else:
#   [CC=...] [CFLAGS=...] tests/kernels/build-bare.sh FOLDER
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:?usage: build-bare.sh FOLDER}
mkdir -p "$out"
flags="-std=gnu11 -O3 -g -ffp-contract=fast -fno-math-errno -I$source -I$source/tests/kernels"
compile () { ${CC:-cc} ${CFLAGS:-} $flags "$@"; }

# As in kernels/cpu/meson.build: some files once, the others once for each level of instructions.
levels=base
[ "$(echo __x86_64__ | ${CC:-cc} ${CFLAGS:-} -E -P -)" = __x86_64__ ] || levels="base v3 v4"
level_flags ()
{
  case $1 in
  base) echo -Wno-psabi -fno-schedule-insns ;;
  v3) echo -march=x86-64-v3 ;;
  v4) echo -march=x86-64-v4 -mprefer-vector-width=256 ;;
  esac
}
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
    for level in $levels; do
      compile_as "-$level" "$file" -DTACET_LEVEL="$level" $(level_flags "$level")
    done
    ;;
  esac
done
compile_as "" "$source/tests/kernels/op-cases.c"
compile_as "" "$source/tests/kernels/reference.c"
for program in "$source"/tests/kernels/test-*.c "$source"/tests/kernels/benchmarks.c; do
  compile "$program" $objects -o "$out/$(basename "$program" .c)" -lpthread -lm
done
