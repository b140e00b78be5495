//! What the blobs that change no policy have in common on the command line.

use std::path::{Path, PathBuf};

use clap::Args;
use keyholder::blob::Head;
use keyholder::engineer::SiteId;
use keyholder_simulator::complaint::Complaint;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::rig::{Disk, is_policy_file, read_policy};
use keyholder_simulator::seal::Label;
use serde_json::json;

use super::making::Making;
use super::{Stop, say};

#[derive(Args)]
pub(crate) struct Order {
    /// The site or receiver it is for
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u32).range(1..), required_unless_present = "of_policy")]
    recipient: Option<u32>,
    /// A policy file or blob of the site or receiver it is for
    #[arg(long = "for", id = "of_policy", value_name = "POLICY", conflicts_with = "recipient")]
    of_policy: Option<PathBuf>,
    #[command(flatten)]
    making: Making,
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
        self.making.label()
    }

    /// Writes the blob, which was made with these `keys`.
    pub(crate) fn write(&self, blob: &[u8], recipient: SiteId, keys: &[&Path]) -> Result<(), Stop> {
        let Making { output, sequence, json, .. } = &self.making;
        let read: Vec<&Path> = keys.iter().copied().chain(self.of_policy.as_deref()).collect();
        self.making.write(blob, &read)?;
        let (output, bytes) = (output.display(), blob.len());
        say(&if *json {
            json!({ "output": output.to_string(), "bytes": bytes, "sequence": sequence, "recipient": recipient.0 }).to_string()
        } else {
            format!("{output}: for {}, sequence {sequence}, {bytes} bytes", recipient.0)
        })
    }
}
