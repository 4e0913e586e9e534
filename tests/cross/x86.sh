#!/usr/bin/env bash
# Runs `har` of this machine under an emulator, as processors that have no AVX, or AVX2 but no AVX-512: it must fall back,
# not crash, and give the same INT8 labels.
set -euo pipefail
cd "$(dirname "$0")/../.."
recording=examples/recordings/simulated.csv
model=models/uci_har_cnn_int8.har
folder=build/x86
mkdir -p "$folder"
build/release/har run "$model" "$recording" --json >"$folder/here.json"

# PROCESSOR KERNELS: the instruction set that the INT8 convolutions must take.
check() {
    local found
    export HAR_BACKEND=native
    found=$(qemu-x86_64-static -cpu "$1" build/release/har info --plan "$model" |
        sed -n 's|^ *[0-9]* *dense .* native/\([a-z0-9]*\) .*|\1|p')
    [ "$found" = "$2" ] || { echo "x86-64 $1: $found is taken, not $2" && exit 1; }
    for backend in native auto; do
        HAR_BACKEND=$backend qemu-x86_64-static -cpu "$1" build/release/har selftest models/uci_har_cnn.har >"$folder/out" ||
            { cat "$folder/out" && exit 1; }
        HAR_BACKEND=$backend qemu-x86_64-static -cpu "$1" build/release/har run "$model" "$recording" --json \
            >"$folder/there.json"
        cmp "$folder/here.json" "$folder/there.json"
    done
    echo "x86-64 $1 with $2: golden vectors, $(wc -l <"$folder/here.json") labels, the same bytes as here"
}

check Nehalem ref
check max avx2
