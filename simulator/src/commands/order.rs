//! What the blobs that change no policy have in common on the command line.

use std::path::PathBuf;

use clap::Args;
use keyholder::blob::Head;
use keyholder::engineer::SiteId;
use keyholder::time::Instant;
use keyholder_simulator::complaint::Complaint;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::rig::{Disk, is_policy_file, read_policy};
use keyholder_simulator::seal::{Label, write_whole};
use serde_json::json;

use super::seal::{Expiry, now, read_expiry, read_instant};
use super::{Stop, say};

#[derive(Args)]
pub(crate) struct Order {
    /// The site or receiver it is for
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u32).range(1..), required_unless_present = "of_policy")]
    recipient: Option<u32>,
    /// A policy file or blob of the site or receiver it is for
    #[arg(long = "for", id = "of_policy", value_name = "POLICY", conflicts_with = "recipient")]
    of_policy: Option<PathBuf>,
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
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

impl Order {
    pub(crate) fn recipient(&self, keys: &Keys) -> Result<SiteId, Stop> {
        let Some(path) = &self.of_policy else { return Ok(SiteId(self.recipient.unwrap_or_default())) };
        if is_policy_file(path) {
            return Ok(read_policy(&Disk, path, keys)?.1.rows.recipient());
        }
        let blob = std::fs::read(path).map_err(|error| Complaint::of_io(path, "read", &error))?;
        let head = Head::read(&blob)
            .map_err(|refusal| Complaint::about(path, refusal.to_string(), "give a policy file or a blob, or `--recipient`"))?;
        Ok(head.recipient)
    }

    pub(crate) fn label(&self) -> Result<Label, Stop> {
        let issued_at = self.issued_at.unwrap_or_else(now);
        Ok(Label { sequence: self.sequence, issued_at, expires_at: Expiry::read(self.expires, issued_at)? })
    }

    pub(crate) fn write(&self, blob: &[u8], recipient: SiteId) -> Result<(), Stop> {
        write_whole(&self.output, blob)?;
        let (output, sequence, bytes) = (self.output.display(), self.sequence, blob.len());
        say(&if self.json {
            json!({ "output": output.to_string(), "bytes": bytes, "sequence": sequence, "recipient": recipient.0 }).to_string()
        } else {
            format!("{output}: for {}, sequence {sequence}, {bytes} bytes", recipient.0)
        })
    }
}
