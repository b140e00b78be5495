//! The example firmware: building it, running it in the emulator, and what `cargo verify` and `cargo lint` run of it.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::machine::{self, Tool};
use crate::{Step, run};

/// Everything the emulator needs.
const NEEDS: &[Tool] = &[Tool::BareMetal, Tool::BareMetalLinker, Tool::Emulator];

/// The folder for what is built, as cargo sees it.
fn target() -> PathBuf {
    let root = env::current_dir().unwrap_or_default();
    root.join(env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from))
}

/// Builds these packages for the microcontroller.
fn build(packages: &str) -> Vec<String> {
    let mut command = machine::firmware_build(packages);
    command.extend(["--target-dir".to_owned(), target().join("firmware").display().to_string()]);
    command
}

/// A command of the example's own workspace, which finds the firmware that was built.
fn host(subcommand: &str, arguments: &str) -> Vec<String> {
    let built = target().join("firmware").join(machine::TARGET).join("release");
    let workspace = "--manifest-path firmware-example/Cargo.toml --locked --target-dir";
    let mut command = vec!["env".to_owned(), format!("KEYHOLDER_FIRMWARE={}", built.display()), "cargo".to_owned()];
    command.extend(format!("{subcommand} {workspace}").split_whitespace().map(String::from));
    command.push(target().display().to_string());
    command.extend(arguments.split_whitespace().map(String::from));
    command
}

/// `cargo firmware`: builds what is needed and hands over to the host's program.
pub(crate) fn start(arguments: impl Iterator<Item = String>) -> ExitCode {
    let started = NEEDS.iter().try_for_each(machine::provide).and_then(|()| run(&build("--package keyholder-qemu"))).and_then(|()| {
        let mut command = host("run --quiet", "--package keyholder-host --");
        command.extend(arguments);
        run(&command)
    });
    match started {
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
