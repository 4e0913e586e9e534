#!/usr/bin/env bash
# Builds for Windows with mingw-w64 and runs under wine: the unit tests and those of the API, every golden vector, the
# labels of a recording, byte for byte those of this machine where the model is INT8; har.dll exports the API alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=build/windows
recording=examples/recordings/simulated.csv
export WINEPREFIX=$PWD/build/wine WINEDEBUG=-all

cmake -S . -B "$build" --toolchain "$PWD/cmake/toolchains/windows-mingw.cmake" -DCMAKE_BUILD_TYPE=Release \
    -DHAR_WERROR=ON -DHAR_TESTS=ON >/dev/null
cmake --build "$build"
wine "$build/har.exe" --version # the first program waits for wine's own folder to be made
ctest --test-dir "$build" --output-on-failure -j2 -R '^(unit|api)_|^(corrupt|reseal)_tiny|abi_symbols'

for model in models/*.har tests/golden/tiny_*{f32,int8}.har; do
    wine "$build/har.exe" selftest "$model" >"$build/selftest.txt" || { cat "$build/selftest.txt" && exit 1; }
done
for model in models/uci_har_*.har models/hapt_gru*.har; do
    build/release/har run "$model" "$recording" --json >"$build/here.json"
    wine "$build/har.exe" run "$model" "$recording" --json >"$build/there.json"
    if [[ $model == *_int8.har ]]; then
        cmp "$build/here.json" "$build/there.json"
    else
        python3 tests/cross/near.py "$build/here.json" "$build/there.json"
    fi
done
umlaut=$build/$'\u00e4\u0436.har' # paths are UTF-8
cp models/uci_har_student_int8.har "$umlaut"
wine "$build/har.exe" selftest "$umlaut" >/dev/null
echo "Windows: the unit tests, golden vectors, $(wc -l <"$build/there.json") labels of each model"
