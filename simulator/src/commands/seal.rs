//! `keyholder seal`

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use clap::Args;
use keyholder::time::{Instant, Time};
use keyholder_simulator::complaint::{Complaint, Document};
use keyholder_simulator::device::Device;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::rig::{Disk, read_policy, seal_checked};
use keyholder_simulator::seal::{Label, write_whole};
use keyholder_simulator::values::{Duration, Moment};
use serde_json::json;

use super::{Outcome, Stop, say, warn};

/// Turn a policy file into the signed blob that its device installs
#[derive(Args)]
#[command(after_help = "\
Before anything is written a simulated device of the policy's `size` installs the blob.
Whatever goes wrong, the output file is as it was before.

Example:
  keyholder seal corner-shop.toml --key shop.key --sequence 7 --expires 90d -o shop.blob")]
pub(crate) struct Arguments {
    /// The policy file
    policy: PathBuf,
    /// The key file of the site or receiver
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The blob's number: above that of every blob the device was ever given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    sequence: u64,
    /// The blob file to be written
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// When it was made, if not now
    #[arg(long, value_name = "INSTANT", value_parser = read_instant)]
    issued_at: Option<Instant>,
    /// From when on it may no longer be installed: an instant, or a duration from when it was made; never if left out
    #[arg(long, value_name = "INSTANT|DURATION", value_parser = read_expiry)]
    expires: Option<Expiry>,
    /// The blob the device has now: shows whether this one may follow it
    #[arg(long, value_name = "BLOB")]
    after: Option<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy)]
enum Expiry {
    At(Instant),
    After(u64),
}

pub(crate) fn read_instant(text: &str) -> Result<Instant, String> {
    match Moment::read(text) {
        Ok(Moment::Instant(seconds)) => Ok(Instant(seconds)),
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

impl Arguments {
    pub(crate) fn execute(&self) -> Outcome {
        let keys = Keys::read(&self.key)?;
        let (text, policy) = read_policy(&Disk, &self.policy, &keys)?;
        let issued_at = self.issued_at.unwrap_or_else(now);
        let expires_at = match self.expires {
            None => Instant::LATEST,
            Some(Expiry::At(instant)) => instant,
            Some(Expiry::After(seconds)) => issued_at.plus(seconds.try_into().unwrap_or(i64::MAX)),
        };
        if expires_at <= issued_at {
            return Err(Stop::Usage("--expires is not after the time the blob is made".to_owned()));
        }
        let label = Label { sequence: self.sequence, issued_at, expires_at };
        let (blob, _) = seal_checked(&self.policy, &text, &policy, &keys, &label)?;
        let document = Document { path: &self.policy, text: &text };
        if let Some(path) = &self.after {
            let before = std::fs::read(path).map_err(|error| Complaint::of_io(path, "read", &error))?;
            let mut device = Device::new(policy.rows.kind(), policy.rows.recipient(), policy.size, &keys);
            device.install(&before, Time::Unknown).map_err(|refusal| {
                Complaint::about(path, format!("the device would not have this blob: {refusal}"), "give the blob the device has now")
            })?;
            device.install(&blob, Time::Unknown).map_err(|refusal| document.complaint(policy.explain(&refusal)))?;
        }
        write_whole(&self.output, &blob)?;
        let warnings: Vec<Complaint> = policy.warnings.iter().map(|warning| document.complaint(warning.clone())).collect();
        warn(&warnings);
        let (output, device) = (self.output.display(), &policy.names.device);
        say(&if self.json {
            json!({ "output": output.to_string(), "bytes": blob.len(), "sequence": self.sequence, "recipient": policy.rows.recipient().0 })
                .to_string()
        } else {
            format!("{output}: {device}, sequence {}, {} bytes", self.sequence, blob.len())
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
