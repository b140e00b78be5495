//! The steps of the C side: what `cargo verify` runs of `ffi/`.

use crate::Step;
use crate::machine::Tool;

/// A script with its arguments.
fn script(name: &'static str, command: &str, needs: &'static [Tool]) -> Step {
    Step { name, needs, command: command.split_whitespace().map(String::from).collect() }
}

/// In the order in which a C programmer would want to know.
pub(crate) fn steps() -> Vec<Step> {
    vec![
        script(
            "C: tests, by gcc and clang, as C99 and C++17, with all presets",
            "ffi/tests/run.sh gcc clang g++ clang++ presets",
            &[Tool::C, Tool::Clang],
        ),
        script("C: tests, under sanitizers and valgrind", "ffi/tests/run.sh sanitizers valgrind", &[Tool::C, Tool::Valgrind]),
        script("C: no panic is left in the library", "ffi/tests/no_panic.sh", &[Tool::C, Tool::BareMetal, Tool::BareMetalC]),
        script("C: the sites give the same answers as in Rust", "ffi/tests/sites.sh", &[Tool::C]),
        script("C: the guide does what it says", "ffi/tests/guide.sh", &[Tool::C]),
        script("C: make, cmake and pkg-config", "ffi/tests/packages.sh", &[Tool::C, Tool::Packages]),
        script("C: MISRA", "ffi/tests/misra.sh", &[Tool::Cppcheck]),
        script("C: Zephyr's files", "ffi/tests/zephyr.sh", &[Tool::PythonYaml]),
    ]
}
