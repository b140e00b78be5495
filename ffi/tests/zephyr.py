"""Reads the Zephyr module as Zephyr's own tools do: its Kconfig with kconfiglib, its module file as YAML.

All there is to try without a Zephyr SDK. The capacities it yields for each choice are held against ffi/presets.
"""

import pathlib
import re
import sys

import kconfiglib
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main() -> None:
    module = yaml.safe_load((ROOT / "zephyr/module.yml").read_text())
    assert module["name"] == "keyholder"
    assert (ROOT / module["build"]["cmake"] / "CMakeLists.txt").exists()

    kconfig = kconfiglib.Kconfig(str(ROOT / module["build"]["kconfig"]), warn_to_stderr=True)
    assert not kconfig.warnings, kconfig.warnings
    assert kconfig.syms["KEYHOLDER"].str_value == "n", "off by default"
    kconfig.syms["KEYHOLDER"].set_value("y")
    assert kconfig.syms["KEYHOLDER_SMALL"].str_value == "y"
    for choice in ("KEYHOLDER_SMALL", "KEYHOLDER_STANDARD", "KEYHOLDER_LARGE", "KEYHOLDER_OWN"):
        kconfig.syms[choice].set_value("y")
        assert kconfig.syms[choice].str_value == "y", choice

    # Own numbers start as the standard ones, and each goes into the library's configuration.
    standard = dict(re.findall(r"#define KH_(\w+) (\d+)", (ROOT / "ffi/presets/standard.h").read_text()))
    build = (ROOT / "zephyr/CMakeLists.txt").read_text()
    for rows, number in standard.items():
        assert kconfig.syms[f"KEYHOLDER_{rows}"].str_value == number, rows
        assert re.search(rf"\b{rows}\b", build), rows
    print(f"zephyr: the module file and {len(kconfig.unique_defined_syms)} options are read as they should be")


if __name__ == "__main__":
    sys.exit(main())
