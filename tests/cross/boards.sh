#!/usr/bin/env bash
# Builds examples/board for each processor and runs it on a board of QEMU: its labels must be those of `har run`, its code
# and constants at most 100 KB, and its arena hold what the model and the stream said. Prints the sizes.
set -euo pipefail
cd "$(dirname "$0")/../.."
model=models/uci_har_student_int8.har
recording=examples/recordings/simulated.csv
folder=build/boards
mkdir -p "$folder"
build/release/har run "$model" "$recording" --json >"$folder/here.json"

printf '%-12s %10s %10s %10s %10s %10s %10s %10s\n' processor code constants model arena variables stack labels
for board in cortex-m4f:mps2-an386 cortex-m7:mps2-an500 cortex-m55:mps3-an547; do
    processor=${board%:*}
    build=$folder/$processor
    cmake -S examples/board -B "$build" --toolchain "$PWD/cmake/toolchains/$processor.cmake" -DHAR_WERROR=ON \
        -DHAR_MODEL="$PWD/$model" >/dev/null
    cmake --build "$build" >"$build/build.txt" || { cat "$build/build.txt" && exit 1; }
    timeout 120 qemu-system-arm -M "${board#*:}" -nographic -semihosting -kernel "$build/board.elf" >"$build/labels.txt" 2>&1 ||
        { cat "$build/labels.txt" && exit 1; }
    python3 tests/cross/board.py "$processor" "$build" "$folder/here.json"
done

# A model with an op that was left out (HAR_OPS) is refused by name.
build=$folder/cortex-m4f
cmake "$build" -DHAR_MODEL="$PWD/models/hapt_gru_int8.har" >/dev/null
cmake --build "$build" >"$build/build.txt" || { cat "$build/build.txt" && exit 1; }
timeout 120 qemu-system-arm -M mps2-an386 -nographic -semihosting -kernel "$build/board.elf" >"$build/refused.txt" 2>&1 &&
    { echo "a model with an op that was left out is taken" && exit 1; }
grep -q '(recurrent) is an op that this library was built without (HAR_OPS)' "$build/refused.txt" ||
    { cat "$build/refused.txt" && exit 1; }
echo "a model with another op is refused"
