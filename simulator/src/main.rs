//! The `keyholder` command.

#![forbid(unsafe_code)]

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::{check, clock, demo, key, run, seal, show};

/// Policies for alarm panels and receivers: written by people, sealed for devices, tried on simulated ones.
#[derive(Parser)]
#[command(
    name = "keyholder",
    version,
    after_help = "\
Exit status:
  0  done; a single question was allowed
  1  a single question was denied, or an expectation of a scenario failed
  2  the command line is wrong
  3  a file cannot be read or is wrong, and nothing was written;
     or some of many requests were malformed, and the others were answered;
     or standard output could not be written

Example:
  keyholder key new -o shop.key
  keyholder seal corner-shop.toml --key shop.key --sequence 1 -o shop.blob
  keyholder check shop.blob --key shop.key --code 4711 --open --system 1 --areas 1,2"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make, look at and change keys
    #[command(subcommand)]
    Key(key::Command),
    /// Turn a policy file, or what changes in one, into the signed blob that its device installs
    Seal(seal::Arguments),
    /// Make the blob that puts a device right whose clock has run ahead
    Clock(clock::Arguments),
    /// Tell what a blob says, in the words of a policy file, or what a device has sent
    Show(show::Arguments),
    /// Check a policy, or ask a device that has it one question or many
    Check(check::Arguments),
    /// Play scenarios and compare what comes with what they expect
    Run(run::Arguments),
    /// Play the story that comes with keyholder: a panel and a receiver, a day of codes, engineers and an update
    Demo(demo::Arguments),
}

fn main() -> ExitCode {
    commands::end(match Arguments::parse().command {
        Command::Key(command) => command.execute(),
        Command::Seal(arguments) => arguments.execute(),
        Command::Clock(arguments) => arguments.execute(),
        Command::Show(arguments) => arguments.execute(),
        Command::Check(arguments) => arguments.execute(),
        Command::Run(arguments) => arguments.execute(),
        Command::Demo(arguments) => arguments.execute(),
    })
}
