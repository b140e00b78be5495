//! `cargo firmware`: a panel or receiver in the emulator, for people.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use keyholder_host::replay::Player;
use keyholder_host::site::Site;
use keyholder_host::{Outcome, script, terminal};
use keyholder_simulator::paint::Paint;
use keyholder_simulator::rig::Disk;
use keyholder_simulator::transcript::transcript;
use keyholder_simulator::{story, tape};

/// A panel or receiver in the emulator.
#[derive(Parser)]
#[command(name = "cargo firmware")]
struct Options {
    /// Whose device it is: a panel's or a receiver's policy file.
    #[arg(default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/sites/demo/bookshop.toml"))]
    policy: PathBuf,
    /// Plays a story instead: a script for the keypad, or a scenario (.toml), whose every answer has to be the simulator's.
    #[arg(long, value_name = "FILE")]
    script: Vec<PathBuf>,
    /// The file that is the device's flash, which outlives the emulator; one beside the firmware if left out.
    #[arg(long, value_name = "FILE")]
    flash: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome<()> {
    for path in &options.script {
        if path.extension().is_some_and(|extension| extension == "toml") {
            play_scenario(path)?;
        } else {
            script::play(path, &mut |line| println!("{line}"))?;
        }
    }
    if !options.script.is_empty() {
        return Ok(());
    }
    let site = Site::of(&options.policy)?;
    let beside = || Ok(site.firmware().elf()?.with_file_name(format!("{}.flash", site.identity(0).id)));
    terminal::run(&site, &options.flash.clone().map_or_else(beside, Ok)?)
}

fn play_scenario(path: &Path) -> Outcome<()> {
    tape::start();
    let told = story::play(&Disk, path);
    let lines = tape::stop();
    let told = told.map_err(|complaint| complaint.to_string())?;
    print!("{}", transcript(&told, Paint::NONE));
    let count = Player::play(&lines).map_err(|why| format!("{}: {why}", path.display()))?;
    println!("the firmware: {} answers over the line and {} codes at the keypad, all alike", count.asked, count.typed);
    Ok(())
}
