//! What `cargo verify` and `cargo lint` run.
//!
//! Each step is a command anybody could type; it is printed before it runs. The first that fails ends the run with its name.

mod c;
mod firmware;
mod footprint;
mod header;
mod machine;

use std::env;
use std::process::{Command, ExitCode};

use machine::Tool;

const USAGE: &str = "\
usage: cargo verify    everything that must pass: tests, the second opinion, the demo, bare metal, instruction counts, sizes
       cargo lint      format, lints, documentation and the C header
       cargo header    writes include/keyholder.h; with --check only compares it
       cargo footprint writes the tables of docs/footprint.md; with --check only compares them, with a target only shows its own
       cargo firmware  a panel in the emulator; `cargo firmware --help` says what else";

fn main() -> ExitCode {
    let steps = match env::args().nth(1).as_deref() {
        Some("verify") => verify(),
        Some("lint") => lint(),
        Some("firmware") => return firmware::start(env::args().skip(2)),
        Some("header") => return header(env::args().nth(2).as_deref() == Some("--check")),
        Some("footprint") => return end(footprint::footprint(env::args().nth(2).as_deref())),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    for step in steps {
        println!("\n=== {}", step.name);
        if let Err(why) = step.run() {
            eprintln!("\nfailed: {}\n{why}", step.name);
            return ExitCode::FAILURE;
        }
    }
    println!("\nall passed");
    ExitCode::SUCCESS
}

fn header(only_check: bool) -> ExitCode {
    end(if only_check { header::check() } else { header::write() })
}

fn end(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// One thing that must pass.
struct Step {
    name: &'static str,
    /// What the machine has to have besides Rust.
    needs: &'static [Tool],
    command: Vec<String>,
}

impl Step {
    fn cargo(name: &'static str, arguments: &str) -> Self {
        let command = ["cargo"].into_iter().chain(arguments.split_whitespace()).map(String::from).collect();
        Self { name, needs: &[], command }
    }

    fn needs(self, needs: &'static [Tool]) -> Self {
        Self { needs, ..self }
    }

    fn run(&self) -> Result<(), String> {
        for tool in self.needs {
            machine::provide(tool)?;
        }
        run(&self.command)
    }
}

/// Prints `command` and runs it.
fn run(command: &[String]) -> Result<(), String> {
    let shown = command.join(" ");
    println!("$ {shown}");
    let Some((program, arguments)) = command.split_first() else {
        return Err("there is no command".into());
    };
    let status = Command::new(program).args(arguments).status().map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` ended with {status}")) }
}

fn verify() -> Vec<Step> {
    let bare_metal = |name, features: &str| Step { name, needs: &[Tool::BareMetal], command: machine::bare_metal_build(features) };
    let mut steps = vec![
        // Debug builds check for overflow; the second opinion asks a million questions and the power fails a hundred thousand times, so they want an optimised one.
        Step::cargo("tests, with overflow checks", "test --workspace --locked").needs(&[Tool::Python]),
        Step::cargo(
            "second opinion, laws and failing flash, optimised",
            "test --release --locked --package keyholder --test second_opinion --test laws --test store",
        ),
        Step::cargo("with defmt", "check --locked --package keyholder --features defmt"),
        bare_metal("no_std: the core on a Cortex-M4", ""),
        bare_metal("no_std: the core on a Cortex-M4, with defmt", "--features defmt"),
        Step::cargo("the demo tells what it is expected to", "demo"),
        Step::cargo(
            "instruction counts do not depend on the answer",
            "run --release --locked --package keyholder-benches --bin instructions",
        )
        .needs(&[Tool::Valgrind]),
    ];
    steps.extend(c::steps());
    steps.extend(firmware::steps());
    // It gets what it needs itself.
    let check = "run --quiet --locked --package xtask -- footprint --check";
    steps.push(Step::cargo("sizes, stacks and instruction counts on four processors are what docs/footprint.md says", check));
    steps
}

fn lint() -> Vec<Step> {
    let mut steps = vec![
        Step::cargo("format", "fmt --all --check"),
        // Like the boards it is not linted: it compiles for microcontrollers alone, and clippy has a `core` for those only with rustup's targets. A machine that
        // has Debian's compiler for them instead could not do it, for that brings no clippy.
        Step::cargo("format of what is measured", "fmt --manifest-path firmware-example/measure/Cargo.toml --all --check"),
        Step::cargo("lints", "clippy --workspace --all-targets --locked -- --deny warnings"),
        Step::cargo("lints, with defmt", "clippy --package keyholder --features defmt --locked -- --deny warnings"),
        Step::cargo("the C header is what ffi/ makes", "run --quiet --locked --package xtask -- header --check"),
        Step { name: "documentation", needs: &[], command: machine::documentation() },
    ];
    steps.extend(firmware::lints());
    steps
}
