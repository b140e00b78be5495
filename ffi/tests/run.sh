#!/bin/sh
# The tests of the C side, compiled in different ways: `run.sh gcc clang g++ clang++ sanitizers valgrind presets`, or some of them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
out=$target/c-tests
built=$target/c
mkdir -p "$out"

# The library as it is shipped.
library() {
  (cd "$root" && cargo build --quiet --locked --release --config ffi/shipped.toml --package keyholder-ffi --target-dir "$built" "$@")
}

# Not every program of check.h uses all of it.
strict="-Wall -Wextra -Werror -pedantic -Wno-unused-function -I$root/include -I$here"

# compile COMPILER NAME FLAGS...: each test program, strictly, into its own folder.
programs="layout pointers values stored secret"
compile() {
  compiler=$1 name=$2
  shift 2
  mkdir -p "$out/$name"
  for program in $programs; do
    # -x: the same file is C and C++.
    $compiler $strict -pthread "$@" "$here/$program.c" -x none "$built/release/libkeyholder.a" -o "$out/$name/$program"
  done
}

# run NAME RUNNER...: each of them.
run() {
  name=$1
  shift
  for program in $programs; do
    "$@" "$out/$name/$program"
  done
}

# told PRESET FLAGS...: the pages tell the sizes that the header works out.
told() {
  preset=$1
  shift
  # shellcheck disable=SC2086 # several flags
  gcc $strict -std=c99 "$@" "$here/sizes.c" -o "$out/sizes"
  both=$("$out/sizes")
  panel=${both%% |*}
  if ! grep -q "^| $preset: .*| $both |" "$root/docs/c-guide.md" || ! grep -q "\"$preset: .*, $panel a panel" "$root/zephyr/Kconfig"; then
    echo "docs/c-guide.md or zephyr/Kconfig tells other sizes of the $preset preset than $both" >&2
    exit 1
  fi
}

if [ $# -eq 0 ]; then
  echo "usage: $0 gcc|clang|g++|clang++|sanitizers|valgrind|presets ..." >&2
  exit 2
fi
library
for way in "$@"; do
echo "-- $way"
case $way in
  gcc | clang)
    compile "$way" "$way" -std=c99 -Wconversion -Wshadow -x c
    run "$way"
    ;;
  g++ | clang++)
    compile "$way" "$way" -std=c++17 -x c++
    run "$way"
    # shellcheck disable=SC2086 # several flags
    "$way" $strict -std=c++17 -fno-exceptions -fno-rtti "$here/wrapper.cpp" "$built/release/libkeyholder.a" -o "$out/$way/wrapper"
    "$out/$way/wrapper"
    ;;
  sanitizers)
    compile gcc sanitizers -std=c99 -g -fsanitize=address,undefined -fno-sanitize-recover=all -x c
    run sanitizers
    ;;
  valgrind)
    # What a call leaves on its stack may not be read there.
    all=$programs
    programs=$(echo "$all" | sed 's/ secret//')
    compile gcc valgrind -std=gnu99 -g -DCHECK_VALGRIND -x c
    run valgrind valgrind --quiet --error-exitcode=99 --leak-check=full
    programs=$all
    ;;
  presets)
    # The other presets, and the library without names: each in a folder of its own, for the same programs.
    shipped=$built
    for preset in small large; do
      built=$target/c-$preset
      KEYHOLDER_PRESET=$preset library
      chosen=-DKH_PRESET_$(echo $preset | tr a-z A-Z)
      compile gcc $preset -std=c99 "$chosen" -x c
      run $preset
      told $preset "$chosen"
    done
    told standard
    built=$target/c-nameless
    library --no-default-features
    compile gcc nameless -std=c99 -x c
    run nameless
    built=$shipped
    ;;
  *)
    echo "$0: there is no way called $way" >&2
    exit 2
    ;;
esac
done
