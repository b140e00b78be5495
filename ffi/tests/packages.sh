#!/bin/sh
# How C people get the library: each way is gone with the real tool, in folders of its own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${CARGO_TARGET_DIR:-$root/target}/c-packages
unset CARGO_TARGET_DIR
rm -rf "$out/consumers"
mkdir -p "$out/consumers"
out=$(cd "$out" && pwd)
example=$root/ffi/example

echo "-- make, all presets and own capacities"
sed 's/KH_PANEL_CONTACTS 32$/KH_PANEL_CONTACTS 48/' "$root/ffi/presets/small.h" > "$out/own.h"
for preset in small standard large; do
  make --no-print-directory -s -C "$example" PRESET=$preset BUILD="$out/make-$preset"
  "$out/make-$preset/small"
done
make --no-print-directory -s -C "$example" CONFIG="$out/own.h" BUILD="$out/make-own"
"$out/make-own/small"

echo "-- header and library of different capacities do not link"
if cc -I "$root/include" -DKH_PRESET_SMALL "$example/small.c" "$out/make-standard/cargo/release/libkeyholder.a" -o "$out/consumers/mixed" 2> "$out/mixed.log"; then
  echo "a program with other capacities than its library was linked" >&2
  exit 1
fi
grep -q 'kh_panel_init_32_6_2' "$out/mixed.log"

echo "-- cmake, as a subdirectory by FetchContent"
cmake -S "$example" -B "$out/fetched" -DCMAKE_DISABLE_FIND_PACKAGE_keyholder=ON -DKEYHOLDER_PRESET=small > /dev/null
cmake --build "$out/fetched" > /dev/null
"$out/fetched/small"

echo "-- cmake, installed, with own capacities, and find_package"
cmake -S "$root" -B "$out/built" -DKEYHOLDER_CONFIG="$out/own.h" > /dev/null
cmake --build "$out/built" > /dev/null
cmake --install "$out/built" --prefix "$out/installed" > /dev/null
cmake -S "$example" -B "$out/consumers/found" -DCMAKE_PREFIX_PATH="$out/installed" > /dev/null
grep -q "keyholder_DIR:PATH=$out/installed" "$out/consumers/found/CMakeCache.txt"
cmake --build "$out/consumers/found" > /dev/null
"$out/consumers/found/small"

echo "-- pkg-config, from the same installation"
PKG_CONFIG_PATH=$(dirname "$(find "$out/installed" -name keyholder.pc)")
export PKG_CONFIG_PATH
# The flags have quotes in them, which only a shell's second look takes away.
eval "cc $example/small.c $(pkg-config --cflags --libs --static keyholder) -o $out/consumers/by-pkg-config"
"$out/consumers/by-pkg-config"

echo "every package works"
