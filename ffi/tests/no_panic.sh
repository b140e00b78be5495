#!/bin/sh
# Proves that the library has no panic left: a program that calls every function is linked against a build of it in which the
# panic handler refers to a function that does not exist. Then the same for a Cortex-M4, where its compiler is there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}/proof
cd "$root"

# Nothing in include/keyholder.h may be missing in the program.
grep -oE '\bkh_[a-z_]+\(' include/keyholder.h | tr -d '(' | sort -u | while read -r function; do
  grep -q "$function(" "$here/no_panic.c" || { echo "no_panic.c does not call $function" >&2; exit 1; }
done

prove() {
  name=$1 linker=$2 library=$3
  shift 3
  $linker "$@" -std=c99 -I include ffi/tests/no_panic.c "$library" -Wl,--gc-sections -o "$target/no_panic.$name"
  if nm "$target/no_panic.$name" | grep -E 'panicking|panic_fmt|panic_bounds|unwrap_failed|expect_failed|slice_index_fail'; then
    echo "$name: a panic symbol is linked" >&2
    exit 1
  fi
  echo "$name: links, and has no panic symbol"
}

build="--quiet --locked --release --config ffi/shipped.toml --package keyholder-ffi --features prove-no-panic --target-dir $target"
# shellcheck disable=SC2086 # several arguments
cargo build $build
prove host gcc "$target/release/libkeyholder.a"

# The proof has to be able to fail: with a panic in it, the same program does not link.
if gcc -std=c99 -I include ffi/tests/with_a_panic.c "$target/release/libkeyholder.a" -o "$target/with_a_panic" 2> "$target/with_a_panic.log"; then
  echo "a program with a panic in it was linked" >&2
  exit 1
fi
grep -q keyholder_has_a_panic_left "$target/with_a_panic.log"
echo "host: with a panic in it, it does not link"

sources=$(/usr/bin/rustc --print sysroot 2> /dev/null || true)/lib/rustlib/src/rust/library/core
if command -v arm-none-eabi-gcc > /dev/null && [ -d "$sources" ]; then
  RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
  export RUSTC_BOOTSTRAP RUSTC
  # shellcheck disable=SC2086 # several arguments
  /usr/bin/cargo build $build --target thumbv7em-none-eabi -Zbuild-std=core
  # Layouts are held at compile time, so that compiling is the test.
  arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -std=c99 -Wall -Wextra -Werror -pedantic -I include -fsyntax-only ffi/tests/layout.c
  prove cortex-m4 arm-none-eabi-gcc "$target/thumbv7em-none-eabi/release/libkeyholder.a" -mcpu=cortex-m4 -mthumb --specs=nosys.specs
else
  echo "cortex-m4: not tried, for want of arm-none-eabi-gcc and of a compiler for it"
fi
