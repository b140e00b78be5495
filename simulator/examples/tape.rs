//! Plays scenarios and prints what their devices were asked and what came, for `ffi/tests/replay.c` to ask the same through C. Scenarios that C cannot play
//! again, those in which a flash fails, are left out.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use keyholder_simulator::rig::Disk;
use keyholder_simulator::{story, tape};

fn main() -> ExitCode {
    for path in env::args().skip(1) {
        tape::start();
        let told = story::play(&Disk, Path::new(&path));
        let lines = tape::stop();
        match told {
            Ok(told) if told.failures() == 0 => {
                if let Some(lines) = lines {
                    print!("P {path}\n{lines}");
                }
            }
            Ok(_) => {
                eprintln!("{path}: an expectation failed");
                return ExitCode::FAILURE;
            }
            Err(complaint) => {
                eprintln!("{complaint}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
