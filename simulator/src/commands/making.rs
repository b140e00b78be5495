//! What every command that makes a blob asks for.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use keyholder::time::Instant;
use keyholder_simulator::complaint::Complaint;
use keyholder_simulator::key_file::is_key_file;
use keyholder_simulator::seal::{Label, write_whole};
use keyholder_simulator::values::{Duration, Moment};

use super::Stop;

#[derive(Args)]
pub(crate) struct Making {
    /// The blob's number: above that of every blob the device was ever given
    #[arg(long, value_name = "N", value_parser = read_sequence, allow_negative_numbers = true)]
    pub(crate) sequence: u64,
    /// The blob file to be written
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// When it was made, if not now
    #[arg(long, value_name = "INSTANT", value_parser = read_instant)]
    issued_at: Option<Instant>,
    /// From when on it may no longer be installed: an instant, or a duration from when it was made; never if left out
    #[arg(long, value_name = "INSTANT|DURATION", value_parser = read_expiry)]
    expires: Option<Expiry>,
    /// One JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

impl Making {
    /// What the blob's head says of it.
    pub(crate) fn label(&self) -> Result<Label, Stop> {
        let issued_at = self.issued_at.unwrap_or_else(now);
        let expires_at = match self.expires {
            None => Instant::LATEST,
            Some(Expiry::At(instant)) => instant,
            Some(Expiry::After(seconds)) => issued_at.plus(seconds.try_into().unwrap_or(i64::MAX)),
        };
        if expires_at <= issued_at {
            return Err(Stop::Usage("--expires is not after the time the blob is made".to_owned()));
        }
        Ok(Label { sequence: self.sequence, issued_at, expires_at })
    }

    /// Writes the blob: over an older one, but never over a key, nor over what the command has `read`.
    pub(crate) fn write(&self, blob: &[u8], read: &[&Path]) -> Result<(), Complaint> {
        let output = &self.output;
        let refuse = |message| Err(Complaint::about(output, message, "choose another name for the blob"));
        let place = output.canonicalize().ok();
        if place.is_some() && read.iter().any(|path| path.canonicalize().ok() == place) {
            return refuse("this command reads the file that it would write over");
        }
        if is_key_file(output).map_err(|error| Complaint::of_io(output, "written", &error))? {
            return refuse("this is a key file: keys that devices hold must not be lost");
        }
        write_whole(output, blob)
    }
}

#[derive(Clone, Copy)]
enum Expiry {
    At(Instant),
    After(u64),
}

pub(crate) fn read_sequence(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(u64::MAX) => Err("the last number there is: nothing could follow it; write a lower one".to_owned()),
        Ok(sequence @ 1..) => Ok(sequence),
        _ => Err(format!("write a whole number from 1 to {}", u64::MAX - 1)),
    }
}

pub(crate) fn read_instant(text: &str) -> Result<Instant, String> {
    match Moment::read(text) {
        Ok(Moment::Instant(seconds @ 0..)) => Ok(Instant(seconds)),
        Ok(Moment::Instant(_)) => Err("no clock ever reads this: write an instant from 1970 on".to_owned()),
        _ => Err("write an instant with its offset, as in 2026-11-22T22:30:00Z".to_owned()),
    }
}

fn read_expiry(text: &str) -> Result<Expiry, String> {
    match Duration::read(text) {
        Ok(Duration(seconds)) => Ok(Expiry::After(seconds)),
        Err(_) => read_instant(text).map(Expiry::At).map_err(|message| format!("{message}, or a duration, as in 90d")),
    }
}

/// The instant it is now.
pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Instant(since.as_secs().cast_signed())
}
