#!/bin/sh
# Makes libwebp.wasm of libwebp's sources, in the folder given, as Debian 12 has them (apt-get source libwebp, 1.2.4-0.2+deb12u1),
# with clang-14, lld-14, wasi-libc and libclang-rt-14-dev-wasm32. It calls nothing of the system: all that it
# imports is Go's word on whether to go on.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
clang-14 --target=wasm32-wasi -O3 -msimd128 -DNDEBUG -I. -nostartfiles -ffunction-sections -fdata-sections \
	-Wl,--no-entry -Wl,--strip-all -Wl,--gc-sections -Wl,-z,stack-size=1048576 \
	-o "$here/libwebp.wasm" "$here/c/encoder.c" src/enc/*.c src/dsp/*.c src/utils/*.c sharpyuv/*.c
