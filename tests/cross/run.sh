#!/usr/bin/env bash
# Builds `har` for another processor and runs it under an emulator: every golden vector must be reproduced, and the
# labels of a recording by an INT8 model must be, byte for byte, those of this machine.
#
#   tests/cross/run.sh aarch64-linux qemu-aarch64-static
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1
emulator=$2
build=build/$target

cmake -S . -B "$build" --toolchain "cmake/toolchains/$target.cmake" -DCMAKE_BUILD_TYPE=Release \
    -DHAR_WERROR=ON -DCMAKE_EXE_LINKER_FLAGS=-static >/dev/null
cmake --build "$build" --target har

for model in models/*.har tests/golden/tiny_f32.har tests/golden/tiny_int8.har; do
    "$emulator" "$build/har" selftest "$model"
done
recording=examples/recordings/simulated.csv
for model in models/*_int8.har; do
    build/release/har run "$model" "$recording" --json >"$build/here.json"
    "$emulator" "$build/har" run "$model" "$recording" --json >"$build/there.json"
    cmp "$build/here.json" "$build/there.json"
    echo "$model: $(wc -l <"$build/here.json") labels, the same bytes as here"
done
