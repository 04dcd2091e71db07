#!/bin/sh
# Makes libjpeg.wasm of libjpeg-turbo's sources, in the folder given, as Debian 12 has them (apt-get source libjpeg-turbo, 2.1.5-2),
# with clang-14, lld-14, wasi-libc and libclang-rt-14-dev-wasm32. It calls nothing of the system: it has no imports.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
clang-14 --target=wasm32-wasi -O3 -msimd128 -DNDEBUG -DNO_GETENV -DNO_PUTENV -I"$here/c" -I. -nostartfiles -ffunction-sections -fdata-sections \
	-Wl,--no-entry -Wl,--strip-all -Wl,--gc-sections -Wl,-z,stack-size=1048576 \
	-o "$here/libjpeg.wasm" "$here/c/decoder.c" jaricom.c jcomapi.c jdapimin.c jdapistd.c jdarith.c jdcoefct.c jdcolor.c jddctmgr.c \
	jdhuff.c jdicc.c jdinput.c jdmainct.c jdmarker.c jdmaster.c jdmerge.c jdphuff.c jdpostct.c jdsample.c jidctflt.c jidctfst.c \
	jidctint.c jidctred.c jmemmgr.c jmemnobs.c jquant1.c jquant2.c jsimd_none.c jutils.c
