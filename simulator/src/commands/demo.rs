//! `keyholder demo`

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use keyholder_simulator::rig::Shelf;
use keyholder_simulator::story::play;

use super::run::tell;
use super::{DENIED, Outcome};

/// Play the story that comes with keyholder: a panel and a receiver, a day of codes, engineers and an update
#[derive(Args)]
#[command(after_help = "\
It needs no files; its policies and its story are in tests/sites/demo.

Example:
  keyholder demo")]
pub(crate) struct Arguments {
    /// One JSON object a step instead of text
    #[arg(long)]
    json: bool,
}

/// The files of tests/sites/demo, as they were when this was built.
struct Embedded;

impl Shelf for Embedded {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let text = match path.to_str() {
            Some("day.toml") => include_str!("../../../tests/sites/demo/day.toml"),
            Some("bookshop.toml") => include_str!("../../../tests/sites/demo/bookshop.toml"),
            Some("bookshop-tuesday.toml") => include_str!("../../../tests/sites/demo/bookshop-tuesday.toml"),
            Some("station.toml") => include_str!("../../../tests/sites/demo/station.toml"),
            Some("station-lifted.toml") => include_str!("../../../tests/sites/demo/station-lifted.toml"),
            _ => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(text.as_bytes().to_vec())
    }
}

impl Arguments {
    pub(crate) fn execute(&self) -> Outcome {
        let told = play(&Embedded, Path::new("day.toml"))?;
        tell(&told, self.json)?;
        Ok(if told.failures() == 0 { ExitCode::SUCCESS } else { DENIED.into() })
    }
}
