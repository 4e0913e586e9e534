#!/usr/bin/env bash
# Builds `har` for another processor and runs it under an emulator, as each of several of its models and with each
# instruction set: every kernel must agree with its reference, every golden vector must be reproduced, the labels of a recording by an INT8 model must be, byte for
# byte, those of this machine, and those by an FP32 model must have scores within 1e-5 of them. The best instruction
# set that a model of the processor has must be the one that is taken. An emulator of one processor alone has "-" for
# its model.
#
#   tests/cross/run.sh aarch64-linux qemu-aarch64-static max:neondot cortex-a57:neon
#   tests/cross/run.sh wasm32 tests/cross/wasi -:wasm
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1
read -ra emulator <<<"$2"
shift 2
build=build/$target
recording=examples/recordings/simulated.csv
case $target in
    wasm32) sets=(ref wasm) ;;
    *) sets=(ref neon neondot) ;;
esac
streamed=(models/uci_har_*.har models/hapt_gru*.har) # which take the six channels of the recording

cmake -S . -B "$build" --toolchain "cmake/toolchains/$target.cmake" -DCMAKE_BUILD_TYPE=Release \
    -DHAR_WERROR=ON -DHAR_CHECKKERN=ON -DCMAKE_EXE_LINKER_FLAGS=-static >/dev/null
programs=(har checkkern score_hash)
case $target in *-linux) programs+=(client_0_1_static) ;; esac
cmake --build "$build" --target "${programs[@]}"

# A program of version 0.1, and the layout of the structs that it was built with.
if [ -f "$build/tests/abi/client_0_1_static" ]; then
    "${emulator[@]}" "$build/tests/abi/client_0_1_static" tests/abi/files/1.0 tests/abi/0.1/labels.txt
    compiler=$(sed -n 's/^set(CMAKE_C_COMPILER "\(.*\)")$/\1/p' "$build"/CMakeFiles/*/CMakeCCompiler.cmake)
    case $target in # 32-bit x86 aligns eight bytes to four: a layout of its own, which is not recorded
    i686*) ;;
    armv7*) python3 tests/abi/layout.py "$compiler" arm32 "${emulator[@]}" ;;
    *) python3 tests/abi/layout.py "$compiler" lp64 "${emulator[@]}" ;;
    esac
fi

# The labels of the recording by each model here.
for model in "${streamed[@]}"; do
    build/release/har run "$model" "$recording" --json --record "$build/$(basename "$model").flight" \
        >"$build/$(basename "$model").here"
done

# A program of that machine.
on() {
    local model=(-cpu "$cpu")
    [ "$cpu" != - ] || model=()
    "${emulator[@]}" "${model[@]}" "$build/$1" "${@:2}"
}
there() { on har "$@"; }

# The lesser of two instruction sets.
lesser() { printf '%s\n' "${sets[@]}" | grep -x -m 1 -e "$1" -e "$2"; }

# The instruction set of the last dense layer, whose input is U8, in the plan of an INT8 model.
taken() { there info --plan "$1" | sed -n 's|^ *[0-9]* *dense .* native/\([a-z0-9]*\) .*|\1|p' | tail -n 1; }

for model_of_cpu in "$@"; do
    cpu=${model_of_cpu%:*}
    best=${model_of_cpu##*:}
    done_with=
    for limit in "${sets[@]}"; do
        export HAR_CPU=$limit
        wanted=$(lesser "$limit" "$best")
        for model in "${streamed[@]}"; do
            [[ $model == *_int8.har ]] || continue
            found=$(taken "$model")
            [ "$found" = "$wanted" ] || { echo "$target $cpu, $limit: $found is taken, not $wanted" && exit 1; }
        done
        [ "$wanted" != "$done_with" ] || continue
        done_with=$wanted
        for model in models/*.har tests/golden/tiny_*{f32,int8}.har; do
            there selftest "$model" >"$build/selftest.txt" || { cat "$build/selftest.txt" && exit 1; }
        done
        for model in "${streamed[@]}"; do
            here=$build/$(basename "$model").here
            there run "$model" "$recording" --json >"$build/there.json"
            if [[ $model == *_int8.har ]]; then
                cmp "$here" "$build/there.json"
                there replay "$model" "$build/$(basename "$model").flight" >/dev/null
            else
                python3 tests/cross/near.py "$here" "$build/there.json"
            fi
        done
        echo "$target $cpu with $wanted: golden vectors, $(wc -l <"$build/there.json") labels of each model"
    done
    unset HAR_CPU
    on checkkern --rounds 60
    [ "$(taken models/uci_har_cnn_int8.har)" = "$best" ] || { echo "$target $cpu: $best is not taken" && exit 1; }
done
