#!/bin/sh
# Looks for what may not be in a linked image: `check.sh arm-none-eabi- FIRMWARE`. The lists are those of xtask/src/footprint/image.rs.
set -eu
prefix=$1 firmware=$2
names=$("${prefix}nm" "$firmware" | awk '{ print $NF }')

# Nothing is found in a file without names either.
echo "$names" | grep -q '^kh_panel_open_close$' || { echo "$firmware: has no names to look at" >&2; exit 1; }

absent() {
  what=$1 pattern=$2
  if found=$(echo "$names" | grep -E "$pattern"); then
    printf '%s: has %s:\n%s\n' "$firmware" "$what" "$found" >&2
    exit 1
  fi
}
absent "panics" 'panicking|panic_fmt|panic_bounds|unwrap_failed|expect_failed|slice_index|rust_begin_unwind'
absent "a heap" '^_?(malloc|calloc|realloc|free|sbrk)(_r)?$|__rust_alloc|__rust_realloc|__rg_'
absent "floats" '^__aeabi_(f|d|cf|cd|i2f|i2d|ui2f|ui2d|l2f|l2d|ul2f|ul2d)|^__.*(sf|df)[23]$|^__.*(sisf|sidf|disf|didf|sfsi|dfsi|sfdi|dfdi)$'

# What computes with floating-point registers begins with a v on these processors.
if found=$("${prefix}objdump" --disassemble --no-show-raw-insn "$firmware" | awk -F '\t' '$2 ~ /^v[a-z]/ { print $2 }' | sort -u | grep .); then
  printf '%s: computes with floating-point registers:\n%s\n' "$firmware" "$found" >&2
  exit 1
fi
echo "$firmware: no panics, no heap, no floats"
