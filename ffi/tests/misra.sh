#!/bin/sh
# cppcheck with its MISRA addon over the header as the guide's program and the small example use it. Every finding has to stand in
# ffi/misra.md with its reason: a rule that is not listed there fails.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${CARGO_TARGET_DIR:-$root/target}/c-misra
mkdir -p "$out"
cd "$root"
for program in first_code second_code; do
  awk -v fence="\`\`\`c $program.c" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' docs/c-guide.md > "$out/$program.c"
done
: > "$out/findings"
for program in "$out/first_code.c" "$out/second_code.c" ffi/example/small.c; do
  cppcheck --quiet --addon=misra --std=c99 --enable=warning,style,performance,portability -I include -UKH_CONFIG_FILE \
    --suppress=missingIncludeSystem --template='{file}:{line}: {id}: {message}' "$program" 2>> "$out/findings"
done
awk -F': ' '{ print $2 }' "$out/findings" | sort | uniq -c > "$out/rules"
unexplained=0
while read -r count rule; do
  if grep -q "^| \`$rule\` |" ffi/misra.md; then
    echo "$rule: $count, explained"
  else
    echo "$rule: $count, not in ffi/misra.md:"
    grep ": $rule: " "$out/findings" | head -3
    unexplained=1
  fi
done < "$out/rules"
exit $unexplained
