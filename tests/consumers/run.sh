#!/usr/bin/env bash
# Builds a consumer in every way that docs/platforms/cpp.md names, from what script/package made and nothing of this
# tree, and runs it: each must reproduce the golden vectors of a model in FP32 and INT8.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$PWD/build/consumers
dist=$PWD/build/dist
rm -rf "$work"
mkdir -p "$work"
cp -r tests/consumers "$work/sources"
models=("$PWD"/models/uci_har_student{,_int8}.har)
export CMAKE_GENERATOR=Ninja
unset CMAKE_PREFIX_PATH PKG_CONFIG_PATH CPATH LIBRARY_PATH LD_LIBRARY_PATH

part() { printf -- '-- %s\n' "$*"; }

# NAME FOLDER WORDS... configures and builds the consumer FOLDER as NAME.
build() {
    local name=$1 folder=$2
    shift 2
    if ! { cmake -S "$work/sources/$folder" -B "$work/$name" -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "$@" && cmake --build "$work/$name"; } >"$work/$name.log" 2>&1; then
        cat "$work/$name.log"
        return 1
    fi
}

# Whether the program $1 needs the shared library: yes or no, as $2 says.
needs_shared() {
    local found=no
    ! readelf -d "$1" | grep -q 'NEEDED.*libhar\.so\.' || found=yes
    [ "$found" = "$2" ] || { echo "$1: needs libhar.so: $found, expected $2" && return 1; }
}

# NAME PREFIX PART SHARED: a consumer of the package at PREFIX by find_package, in C and C++.
by_find_package() {
    part "find_package, component '$3', from $1"
    build "$1-$3" find_package -DPART="$3" -DVERSION=0.1 -DCMAKE_PREFIX_PATH="$2"
    needs_shared "$work/$1-$3/golden" "$4"
    "$work/$1-$3/golden" "${models[@]}" >/dev/null
    "$work/$1-$3/golden_cpp" "${models[@]}" >/dev/null
    local packed
    packed=$(cat "$work/$1-$3/models")
    case $packed in "$2"/*) ;; *) echo "har_MODELS_DIR is $packed, not below $2" && return 1 ;; esac
    "$work/$1-$3/golden" "$packed"/*.har >/dev/null
}

# PREFIX PKG: pkg-config and a compiler, shared and static.
by_pkg_config() {
    part "pkg-config, from $1"
    local folder=$2 flags
    local out=$work/$1-pkg-config
    flags() { PKG_CONFIG_LIBDIR="$folder/lib/pkgconfig" pkg-config "$@" har; }
    read -ra flags <<<"$(flags --cflags --libs)"
    cc -std=c11 "$work/sources/golden.c" -o "$out" "${flags[@]}"
    needs_shared "$out" yes
    LD_LIBRARY_PATH="$folder/lib" "$out" "${models[@]}" >/dev/null
    read -ra flags <<<"$(flags --static --cflags --libs)"
    cc -std=c11 -static "$work/sources/golden.c" -o "$out-static" "${flags[@]}"
    needs_shared "$out-static" no
    "$out-static" "${models[@]}" >/dev/null
}

# WORDS...: find_package must refuse, saying WORDS.
refused() {
    local said=$1
    shift
    if build refused find_package -DCMAKE_PREFIX_PATH="$work/moved" "$@" >/dev/null; then
        echo "find_package took $*" && return 1
    fi
    grep -q "$said" "$work/refused.log" || { cat "$work/refused.log" && return 1; }
    rm -rf "$work/refused"
}

# Installed, then moved: no path may be fixed.
cmake --install build/package --prefix "$work/installed" >/dev/null
mv "$work/installed" "$work/moved"
by_find_package moved "$work/moved" static no
by_find_package moved "$work/moved" shared yes
by_find_package moved "$work/moved" "" no
by_pkg_config moved "$work/moved"
part "find_package, what must be refused"
refused 'requested version "0.2"' -DVERSION=0.2
refused "no component 'nonsense'" -DPART=nonsense

mkdir "$work/tar" "$work/zip" "$work/deb"
tar -xzf "$dist"/libhar-*-linux-*.tar.gz -C "$work/tar" --strip-components=1
by_find_package tar "$work/tar" static no
by_find_package tar "$work/tar" shared yes
by_pkg_config tar "$work/tar"
cmake -E chdir "$work/zip" cmake -E tar xf "$(ls "$dist"/libhar-*-linux-*.zip)"
by_find_package zip "$(echo "$work"/zip/*)" static no
if command -v dpkg-deb >/dev/null; then
    dpkg-deb -x "$(ls "$dist"/*.deb)" "$work/deb"
    by_find_package deb "$work/deb/usr" shared yes
    by_pkg_config deb "$work/deb/usr"
fi

part "add_subdirectory"
mkdir "$work/source"
archive=$(ls "$dist"/libhar-*-source.tar.gz)
tar -xzf "$archive" -C "$work/source" --strip-components=1
build subdirectory add_subdirectory -DSOURCE="$work/source"
for kind in golden:no golden_shared:yes; do
    needs_shared "$work/subdirectory/${kind%:*}" "${kind#*:}"
    "$work/subdirectory/${kind%:*}" "${models[@]}" >/dev/null
done
if grep -e '"command"' "$work/subdirectory/compile_commands.json" | grep 'golden\.c' | grep -q -e ffp-contract -e c11; then
    echo "flags of the library reached the parent's program" && exit 1
fi
cmake --install "$work/subdirectory" --prefix "$work/parent" >/dev/null
[ "$(cd "$work/parent" && find . -type f)" = ./bin/golden ] || { echo "the subproject installed files" && exit 1; }
part "FetchContent"
build fetched fetch_content -DARCHIVE="$archive" -DSHA256="$(sha256sum "$archive" | cut -d' ' -f1)"
"$work/fetched/golden" "${models[@]}" >/dev/null

part "the page docs/platforms/cpp.md, word for word"
page=docs/platforms/cpp.md
mkdir "$work/sources/page"
block() { awk -v kind="$1" '$0 == "```" kind { on = 1; next } /^```/ { on = 0 } on' "$page"; }
block cmake >"$work/sources/page/CMakeLists.txt"
block cpp >"$work/sources/page/main.cpp"
build page page -DCMAKE_PREFIX_PATH="$work/tar"
"$work/page/app" "$work/tar/share/libhar/models/uci_har_student_int8.har" | tee "$work/page.txt"
grep -q '% sure' "$work/page.txt"

if grep -q '^XNNPACK_LINKS:.*=1' build/release/CMakeCache.txt 2>/dev/null; then
    cmake --install build/release --prefix "$work/xnnpack" >/dev/null
    by_find_package xnnpack "$work/xnnpack" static no
    by_find_package xnnpack "$work/xnnpack" shared yes
fi
part "all consumers run"
