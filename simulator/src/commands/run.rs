//! `keyholder run`

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use keyholder_simulator::paint::Paint;
use keyholder_simulator::rig::Disk;
use keyholder_simulator::story::play;
use keyholder_simulator::told::Told;
use keyholder_simulator::transcript::transcript;
use serde_json::{Map, Value};

use super::{DENIED, Outcome, Stop, say, warn};

/// Play scenarios and compare what comes with what they expect
#[derive(Args)]
#[command(after_help = "\
The status is 1 if an expectation fails. docs/scenarios.md tells how to write scenarios.

Example:
  keyholder run monday.toml tuesday.toml")]
pub(crate) struct Arguments {
    /// The scenario files
    #[arg(required = true)]
    scenarios: Vec<PathBuf>,
    /// One JSON object a step instead of text
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(crate) fn execute(&self) -> Outcome {
        let mut failures = 0;
        for (index, path) in self.scenarios.iter().enumerate() {
            let told = play(&Disk, path)?;
            if index != 0 && !self.json {
                say("")?;
            }
            tell(&told, self.json)?;
            failures += told.failures();
        }
        Ok(if failures == 0 { ExitCode::SUCCESS } else { DENIED.into() })
    }
}

/// Prints a story that was played.
pub(crate) fn tell(told: &Told, json: bool) -> Result<(), Stop> {
    for (_, _, origin) in &told.devices {
        warn(&origin.warnings);
    }
    if !json {
        return say(transcript(told, Paint::on(&io::stdout())).trim_end());
    }
    for step in &told.steps {
        let mut object = Map::new();
        object.insert("scenario".to_owned(), told.name.clone().into());
        object.extend(step.to_json());
        say(&Value::Object(object).to_string())?;
    }
    Ok(())
}
