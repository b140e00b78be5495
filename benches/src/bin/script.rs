//! Writes a script for a counting image of `firmware-example/measure`: `script NAME QUESTIONS FOLDER` writes `script` and `lines` there.

#![allow(clippy::expect_used, reason = "a measurement that cannot be made has to stop")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use keyholder_benches::script::{NAMES, Script};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [name, questions, folder] = arguments.as_slice() else { return usage() };
    let Some(script) = questions.parse().ok().and_then(|questions| Script::named(name, questions)) else { return usage() };
    let folder = PathBuf::from(folder);
    fs::write(folder.join("script"), script.bytes()).expect("the script can be written");
    fs::write(folder.join("lines"), script.lines()).expect("the lines can be written");
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: script NAME QUESTIONS FOLDER, where NAME is one of {}", NAMES.join(", "));
    ExitCode::from(2)
}
