//! `cargo firmware`: a panel or receiver in the emulator, for people.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use keyholder_host::emulator::Language;
use keyholder_host::replay::Player;
use keyholder_host::site::Site;
use keyholder_host::terminal::{self, Desk};
use keyholder_host::{Outcome, script};
use keyholder_simulator::paint::Paint;
use keyholder_simulator::rig::Disk;
use keyholder_simulator::transcript::transcript;
use keyholder_simulator::{story, tape};

/// A panel or receiver in the emulator.
#[derive(Parser)]
#[command(name = "cargo firmware")]
struct Options {
    /// Whose device it is: a panel's or a receiver's policy file. Left out: the demo's bookshop, with a keypad for its areas 1 and 2.
    policy: Option<PathBuf>,
    /// The panel that is written in C, instead of the one in Rust.
    #[arg(long)]
    in_c: bool,
    /// The areas of system 1 that the keypad opens and closes, as in 1-2; left out: all there are.
    #[arg(long)]
    keypad: Option<String>,
    /// What the clock is set to, in the site's local time; left out: now.
    #[arg(long, value_name = "\"2026-11-23 08:31\"")]
    at: Option<String>,
    /// How many times as fast as ours the clock runs.
    #[arg(long, default_value_t = 1)]
    rate: u32,
    /// Plays a story instead: a script for the keypad, or a scenario (.toml), whose every answer has to be the simulator's.
    #[arg(long, value_name = "FILE")]
    script: Vec<PathBuf>,
    /// The file that is the device's flash, which outlives the emulator; one beside the firmware if left out.
    #[arg(long, value_name = "FILE")]
    flash: Option<PathBuf>,
}

/// The demo's panel.
const BOOKSHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/sites/demo/bookshop.toml");

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
    let language = if options.in_c { Language::C } else { Language::Rust };
    for path in &options.script {
        if path.extension().is_some_and(|extension| extension == "toml") {
            play_scenario(path, language)?;
        } else {
            script::play(path, language, &mut |line| println!("{line}"))?;
        }
    }
    if !options.script.is_empty() {
        return Ok(());
    }
    let (policy, keypad) = match &options.policy {
        Some(policy) => (policy.clone(), options.keypad.as_deref()),
        None => (PathBuf::from(BOOKSHOP), options.keypad.as_deref().or(Some("1-2"))),
    };
    let site = Site::of(&policy, language)?;
    let areas = keypad.map_or(Ok(0), script::areas)?;
    let flash = match &options.flash {
        Some(flash) => flash.clone(),
        // Each firmware has its own: they write a flash in different units.
        None => site.firmware().elf()?.with_file_name(format!("{}-{}-{areas}.flash", site.firmware().name(), site.identity(areas).id)),
    };
    let at = options.at.as_deref().map(|text| site.instant(text)).transpose()?;
    terminal::run(&site, &Desk { areas, flash, at, rate: options.rate })
}

fn play_scenario(path: &Path, language: Language) -> Outcome<()> {
    tape::start();
    let told = story::play(&Disk, path);
    let lines = tape::stop();
    let told = told.map_err(|complaint| complaint.to_string())?;
    print!("{}", transcript(&told, Paint::NONE));
    let lines = lines.ok_or_else(|| format!("{}: the simulator makes no tape of this scenario", path.display()))?;
    let count = Player::play(&lines, language).map_err(|why| format!("{}: {why}", path.display()))?;
    println!("the firmware: {} answers over the line and {} codes at the keypad, all alike", count.asked, count.typed);
    Ok(())
}
