#!/bin/sh
# Does what docs/c-guide.md says, in its order, with the files that stand on the page, and compares what the program prints.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
KEYHOLDER=$(cd "$here/../.." && pwd)
page=$KEYHOLDER/docs/c-guide.md
WORK=${CARGO_TARGET_DIR:-$KEYHOLDER/target}/c-guide
export KEYHOLDER WORK
mkdir -p "$WORK"
WORK=$(cd "$WORK" && pwd)
rm -f "$WORK"/shop.* "$WORK"/first_code* "$WORK"/second_code* "$WORK"/expected "$WORK/commands.sh"

# Every block of the page whose fence names a file.
awk -v work="$WORK" '
  /^```/ && inside { inside = 0; next }
  /^```(c|toml) / { file = work "/" $2; inside = 1; printf "" > file; next }
  /^```text output/ { file = work "/expected"; inside = 1; next }
  /^```sh run/ { file = work "/commands.sh"; inside = 1; next }
  /^```/ { file = "/dev/null"; inside = 1; next }
  inside { print >> file }
' "$page"
unset CARGO_TARGET_DIR
sh -eu "$WORK/commands.sh" > "$WORK/printed"
grep -E '^[0-9]+: ' "$WORK/printed" | diff "$WORK/expected" -
rm -f "$WORK/commands.sh"
echo "the guide does what it says"
