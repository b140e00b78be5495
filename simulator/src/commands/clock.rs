//! `keyholder clock`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use keyholder::blob::ClockCorrection;
use keyholder::time::Instant;
use keyholder_simulator::answer::instant;
use keyholder_simulator::complaint::Complaint;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::seal::seal_clock_correction;

use super::making::read_instant;
use super::order::Order;
use super::{Outcome, Stop};

/// Make the blob that puts a device right whose clock has run ahead
#[derive(Args)]
#[command(after_help = "\
A device never believes a clock that reads less than it has read before: so one whose clock was
once set too late knows no time until it is told that this reading, its floor, was wrong. The blob
holds for a device with that very floor and no other: take it from the device's acknowledgement or
report. What the blob takes for the right time is when it was made.

Example:
  keyholder clock --key shop.key --floor 2031-05-01T09:00:00Z --for shop.toml --sequence 11 -o right.blob")]
pub(crate) struct Arguments {
    /// The key file of the device's signing or recovery key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The wrong reading, to the second, as the device has told it
    #[arg(long, value_name = "INSTANT", value_parser = read_instant)]
    floor: Instant,
    #[command(flatten)]
    order: Order,
}

impl Arguments {
    pub(crate) fn execute(&self) -> Outcome {
        let keys = Keys::read(&self.key)?;
        let (recipient, label) = (self.order.recipient(&keys)?, self.order.label()?);
        if self.floor <= label.issued_at || label.issued_at < Instant(0) {
            return Err(Stop::Usage(format!(
                "--floor is not after the right time, {}: a device whose clock runs behind is put right by setting its clock",
                instant(label.issued_at)
            )));
        }
        if label.expires_at <= self.floor {
            return Err(Stop::Usage(
                "--expires is not after --floor: the device, which believes it is that late, would take the blob for too old".to_owned(),
            ));
        }
        let correction = ClockCorrection { floor: self.floor };
        let blob = seal_clock_correction(&correction, recipient, &keys, &label);
        let blob = blob.map_err(|error| Complaint::about(&self.key, error.to_string(), ""))?;
        self.order.write(&blob, recipient, &[&self.key])?;
        Ok(ExitCode::SUCCESS)
    }
}
