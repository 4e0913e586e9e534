#!/usr/bin/env bash
# The boards' score_hash, then one hash on every machine (score_hash.py): the others were built by run.sh, windows.sh and
# script/test.
#
#   PYTHON=build/venv/bin/python tests/cross/hash.sh [--all]
set -euo pipefail
cd "$(dirname "$0")/../.."
for processor in cortex-m4f cortex-m7 cortex-m55; do
    build=build/hash-$processor
    cmake -S tests/cross -B "$build" --toolchain "$PWD/cmake/toolchains/$processor.cmake" -DHAR_WERROR=ON >/dev/null
    cmake --build "$build" >"$build/build.txt" || { cat "$build/build.txt" && exit 1; }
done
"${PYTHON:-python3}" tests/cross/score_hash.py "$@"
