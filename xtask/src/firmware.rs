//! The example firmware: building it, running it in the emulator, and what `cargo verify` and `cargo lint` run of it.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::machine::{self, Tool};
use crate::{Step, run};

/// Everything the emulator needs.
const NEEDS: &[Tool] = &[Tool::BareMetal, Tool::BareMetalLinker, Tool::Emulator];
/// Everything the panel in C needs to be built.
const NEEDS_OF_C: &[Tool] = &[Tool::BareMetal, Tool::BareMetalC, Tool::Make];

/// The folder for what is built, as cargo sees it.
fn target() -> PathBuf {
    let root = env::current_dir().unwrap_or_default();
    root.join(env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from))
}

/// Where the firmware is that was built, in either language.
fn built() -> PathBuf {
    target().join("firmware").join(machine::TARGET).join("release")
}

/// Builds these packages for the microcontroller.
fn build(packages: &str) -> Vec<String> {
    let mut command = machine::firmware_build(packages);
    command.extend(["--target-dir".to_owned(), target().join("firmware").display().to_string()]);
    command
}

/// Builds the panel in C, and looks for what may not be in it.
fn build_in_c() -> Vec<String> {
    let mut command: Vec<_> = ["make", "--no-print-directory", "-C", "firmware-example/panel-in-c", "check"].map(String::from).to_vec();
    command.push(format!("BUILD={}", target().join("firmware/panel-in-c").display()));
    command.push(format!("FIRMWARE={}", built().join("panel-in-c").display()));
    command
}

/// A command of the example's own workspace, which finds the firmware that was built.
fn host(subcommand: &str, arguments: &str) -> Vec<String> {
    let workspace = "--manifest-path firmware-example/Cargo.toml --locked --target-dir";
    let mut command = vec!["env".to_owned(), format!("KEYHOLDER_FIRMWARE={}", built().display()), "cargo".to_owned()];
    command.extend(format!("{subcommand} {workspace}").split_whitespace().map(String::from));
    command.push(target().display().to_string());
    command.extend(arguments.split_whitespace().map(String::from));
    command
}

fn build_and_start(arguments: Vec<String>) -> Result<(), String> {
    NEEDS.iter().try_for_each(machine::provide)?;
    run(&build("--package keyholder-qemu"))?;
    // Who starts the panel in Rust need not have a compiler of C.
    if arguments.iter().any(|argument| argument == "--in-c") {
        NEEDS_OF_C.iter().try_for_each(machine::provide)?;
        run(&build_in_c())?;
    }
    let mut command = host("run --quiet", "--package keyholder-host --");
    command.extend(arguments);
    run(&command)
}

/// `cargo firmware`: builds what is needed and hands over to the host's program.
pub(crate) fn start(arguments: impl Iterator<Item = String>) -> ExitCode {
    match build_and_start(arguments.collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn building(name: &'static str, package: &str) -> Step {
    Step { name, needs: &[Tool::BareMetal, Tool::BareMetalLinker], command: build(package) }
}

/// What `cargo verify` runs.
pub(crate) fn steps() -> Vec<Step> {
    vec![
        // One by one: cargo would give both boards the features of either, and the emulated one has no interrupts by name.
        building("firmware: panel and receiver build for the emulated board", "--package keyholder-qemu"),
        building("firmware: panel and receiver build for an nRF52840", "--package keyholder-nrf52840"),
        Step {
            name: "firmware: the panel in C builds, and has no panic, no heap and no float in it",
            needs: NEEDS_OF_C,
            command: build_in_c(),
        },
        Step {
            name: "firmware: it boots and decides as the simulator does, whatever happens to it",
            needs: NEEDS,
            command: host("test", ""),
        },
    ]
}

/// What `cargo lint` runs.
pub(crate) fn lints() -> Vec<Step> {
    let clippy = host("clippy", "--all-targets -- --deny warnings");
    vec![
        Step::cargo("firmware: format", "fmt --manifest-path firmware-example/Cargo.toml --all --check"),
        Step { name: "firmware: lints", needs: &[], command: clippy },
    ]
}
