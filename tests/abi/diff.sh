#!/usr/bin/env bash
# Compares, by libabigail, the types of a library with debug information with those of each older version, which a library
# made of its headers alone has. New functions, numbers, and fields behind the end of a struct are no change to old callers.
#   tests/abi/diff.sh build/debug/libhar.so     passes over where abidiff is not installed
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v abidiff >/dev/null || { echo "skipped: abidiff is not installed" && exit 0; }
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
soname=$(readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
for include in tests/abi/*/include; do
    python3 tests/abi/stub.py "$include" >"$folder/stub.c"
    gcc -g -O0 -w -shared -fPIC -I"$include" "$folder/stub.c" -o "$folder/libhar.so" -Wl,-soname,"$soname" \
        -Wl,--version-script=lib/symbols.map
    abidiff --no-added-syms --suppressions tests/abi/growth.suppr "$folder/libhar.so" "$1"
    echo "libabigail: $1 has all that $include has"
done
