#!/bin/sh
# The sites under tests/sites, played through Rust, and every call of them again through C: the same answers.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
out=$target/c-sites
mkdir -p "$out"
cd "$root"

# Scenarios are the files with steps; the others are their policies.
scenarios=$(grep -l '^\[\[step\]\]' tests/sites/*/*.toml)
# shellcheck disable=SC2086 # many files
cargo run --quiet --locked --package keyholder-simulator --example tape -- $scenarios > "$out/tape"
# Devices of all sizes are on it: the large one holds them all.
KEYHOLDER_PRESET=large cargo build --quiet --locked --release --config ffi/shipped.toml --package keyholder-ffi --target-dir "$out/large"
gcc -std=c99 -Wall -Wextra -Werror -pedantic -g -fsanitize=address,undefined -fno-sanitize-recover=all -DKH_PRESET_LARGE -I include -I ffi/tests \
  ffi/tests/replay.c "$out/large/release/libkeyholder.a" -o "$out/replay"
"$out/replay" "$out/tape"
