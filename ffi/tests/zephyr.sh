#!/bin/sh
# The Zephyr module, as far as it can be tried without its SDK: see zephyr.py. kconfiglib comes from PyPI, into a folder of its own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
environment=${CARGO_TARGET_DIR:-$here/../../target}/python
if ! "$environment/bin/python" -c 'import kconfiglib, yaml' 2> /dev/null; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet kconfiglib==14.1.0 pyyaml==6.0.3 || {
    echo "zephyr: NOT TRIED, for want of kconfiglib from PyPI" >&2
    exit 0
  }
fi
"$environment/bin/python" "$here/zephyr.py"
