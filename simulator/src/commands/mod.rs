//! The commands, one file each.

pub(crate) mod check;
pub(crate) mod clock;
pub(crate) mod demo;
pub(crate) mod key;
pub(crate) mod making;
pub(crate) mod order;
pub(crate) mod run;
pub(crate) mod seal;
pub(crate) mod show;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use keyholder_simulator::complaint::Complaint;
use keyholder_simulator::paint::{Paint, Tone};

/// A question was denied, or an expectation failed.
pub(crate) const DENIED: u8 = 1;
/// The command line is wrong.
pub(crate) const USAGE: u8 = 2;
/// A file is wrong.
pub(crate) const COMPLAINT: u8 = 3;

/// Why a command stops before its end.
pub(crate) enum Stop {
    /// A file cannot be used.
    Complaint(Complaint),
    /// The command line asks for something that cannot be.
    Usage(String),
    /// Nobody reads the output any more.
    NobodyReads,
}

impl From<Complaint> for Stop {
    fn from(complaint: Complaint) -> Self {
        Self::Complaint(complaint)
    }
}

/// What a command comes to.
pub(crate) type Outcome = Result<ExitCode, Stop>;

/// Prints one line and hands it over at once: whoever drives this through a pipe waits for it.
pub(crate) fn say(line: &str) -> Result<(), Stop> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}").and_then(|()| output.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Stop::NobodyReads,
        _ => Complaint::about(Path::new("standard output"), format!("cannot be written: {error}"), "what was to be told is lost").into(),
    })
}

/// Prints what an author should know.
pub(crate) fn warn(warnings: &[Complaint]) {
    let label = Paint::on(&io::stderr()).paint(Tone::Notable, "warning:");
    for warning in warnings {
        eprintln!("{label} {warning}");
    }
}

/// Says why a command stopped, and with which status it ends.
pub(crate) fn end(outcome: Outcome) -> ExitCode {
    let label = || Paint::on(&io::stderr()).paint(Tone::Bad, "error:");
    match outcome {
        Ok(code) => code,
        Err(Stop::Complaint(complaint)) => {
            eprintln!("{} {complaint}", label());
            COMPLAINT.into()
        }
        Err(Stop::Usage(message)) => {
            eprintln!("{} {message}", label());
            USAGE.into()
        }
        Err(Stop::NobodyReads) => ExitCode::SUCCESS,
    }
}
