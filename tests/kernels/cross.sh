#!/bin/sh
# The kernels compiled for aarch64, and every case of the list of operations run there, by emulation:
#   tests/kernels/cross.sh FOLDER
# Prints TAP.  Debian: gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, qemu-user.
set -eu
out=${1:?usage: cross.sh FOLDER}
for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
  if ! command -v $tool >/dev/null; then
    echo "1..0 # SKIP $tool is not installed"
    exit 0
  fi
done
CC=aarch64-linux-gnu-gcc CFLAGS="-static ${CFLAGS:-}" "$(dirname "$0")/build-bare.sh" "$out" >&2
exec qemu-aarch64 "$out/test-ops"
