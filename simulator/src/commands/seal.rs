//! `keyholder seal`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use keyholder::blob::{HEAD_LENGTH, Head};
use keyholder::time::Time;
use keyholder_simulator::compile::Policy;
use keyholder_simulator::complaint::{Complaint, Document};
use keyholder_simulator::device::Device;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::rig::{Disk, is_policy_file, read_policy, seal_checked};
use keyholder_simulator::seal::{Base, Label, NoPatch, seal, seal_patch};
use serde_json::json;

use super::making::{Making, read_sequence};
use super::{Outcome, Stop, say, warn};

/// Turn a policy file into the signed blob that its device installs
#[derive(Args)]
#[command(after_help = "\
Before anything is written a simulated device of the policy's `size` installs the blob.
Whatever goes wrong, the output file is as it was before.

With --patch the blob carries only what changes in the policy that the device has. That is told by
the blobs it was given, the snapshot first and then the patches since, or by the policy file of
its last snapshot and --base-sequence.

Examples:
  keyholder seal corner-shop.toml --key shop.key --sequence 7 --expires 90d -o shop.blob
  keyholder seal new.toml --key shop.key --sequence 8 --patch shop.blob -o patch-8.blob
  keyholder seal newer.toml --key shop.key --sequence 9 --patch shop.blob --patch patch-8.blob -o patch-9.blob")]
pub(crate) struct Arguments {
    /// The policy file
    policy: PathBuf,
    /// The key file of the site or receiver
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    making: Making,
    /// The blob the device has now: shows whether this one may follow it
    #[arg(long, value_name = "BLOB")]
    after: Option<PathBuf>,
    /// Seal what changes in the policy of this blob, or of this and the next ones; or in this policy file
    #[arg(long, value_name = "BLOB|POLICY", conflicts_with = "after")]
    patch: Vec<PathBuf>,
    /// The sequence that the policy file of --patch was sealed with
    #[arg(long, value_name = "N", requires = "patch", value_parser = read_sequence, allow_negative_numbers = true)]
    base_sequence: Option<u64>,
}

/// The head and the content of a blob file.
fn read(path: &Path) -> Result<(Head, Vec<u8>), Complaint> {
    let blob = std::fs::read(path).map_err(|error| Complaint::of_io(path, "read", &error))?;
    let head =
        Head::read(&blob).map_err(|refusal| Complaint::about(path, refusal.to_string(), "give a blob that `keyholder seal` wrote"))?;
    Ok((head, blob.get(HEAD_LENGTH..).unwrap_or_default().to_vec()))
}

impl Arguments {
    pub(crate) fn execute(&self) -> Outcome {
        let keys = Keys::read(&self.key)?;
        let (text, policy) = read_policy(&Disk, &self.policy, &keys)?;
        let label = self.making.label()?;
        let (snapshot, _) = seal_checked(&self.policy, &text, &policy, &keys, &label)?;
        let document = Document { path: &self.policy, text: &text };
        let base = self.base(&keys)?;
        let blob = match &base {
            None => snapshot.clone(),
            Some(base) => self.seal_patch(base, &document, &policy, &keys, &label)?,
        };
        if let Some(path) = &self.after {
            let before = std::fs::read(path).map_err(|error| Complaint::of_io(path, "read", &error))?;
            let mut device = Device::new(policy.rows.kind(), policy.rows.recipient(), policy.size, &keys);
            device.install(&before, Time::Unknown).map_err(|refusal| {
                Complaint::about(path, format!("the device would not have this blob: {refusal}"), "give the blob the device has now")
            })?;
            device.install(&blob, Time::Unknown).map_err(|refusal| document.complaint(policy.explain(&refusal)))?;
        }
        let Making { output, sequence, json, .. } = &self.making;
        let read = [&self.policy, &self.key].into_iter().chain(&self.after).chain(&self.patch);
        self.making.write(&blob, &read.map(PathBuf::as_path).collect::<Vec<_>>())?;
        let warnings: Vec<Complaint> = policy.warnings.iter().map(|warning| document.complaint(warning.clone())).collect();
        warn(&warnings);
        let (output, device) = (output.display(), &policy.names.device);
        say(&if *json {
            let (recipient, base) = (policy.rows.recipient().0, base.map(|base| base.provenance.sequence));
            json!({ "output": output.to_string(), "bytes": blob.len(), "sequence": sequence, "recipient": recipient, "base": base })
                .to_string()
        } else {
            match base {
                None => format!("{output}: {device}, sequence {sequence}, {} bytes", blob.len()),
                Some(Base { provenance, .. }) => {
                    let (base, whole) = (provenance.sequence, snapshot.len());
                    format!("{output}: {device}, sequence {sequence}, a patch of {base}, {} bytes; a snapshot takes {whole}", blob.len())
                }
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }

    /// The policy to be patched.
    fn base(&self, keys: &Keys) -> Result<Option<Base>, Stop> {
        let Some((first, rest)) = self.patch.split_first() else { return Ok(None) };
        let seal_error = |path: &Path, error: postcard::Error| Complaint::about(path, error.to_string(), "");
        let mut base = if is_policy_file(first) {
            let sequence = self.base_sequence.ok_or_else(|| {
                Stop::Usage("--patch is a policy file: add --base-sequence with the sequence its blob had, or give the blob".to_owned())
            })?;
            let (_, policy) = read_policy(&Disk, first, keys)?;
            Base::of_snapshot(policy.rows, sequence).map_err(|error| seal_error(first, error))?
        } else if self.base_sequence.is_some() {
            return Err(Stop::Usage("--base-sequence is for a policy file: a blob has its sequence, so leave it out".to_owned()));
        } else {
            let (head, content) = read(first)?;
            let hint = "give the last snapshot the device has installed, and then the patches since";
            Base::of_blob(&head, &content).ok_or_else(|| Complaint::about(first, "this is no whole snapshot", hint))?
        };
        for path in rest {
            let (head, content) = read(path)?;
            let (message, hint) = (
                format!("this is no patch of sequence {}", base.provenance.sequence),
                "give every patch since the snapshot, in the order in which the device has installed them",
            );
            base = base.patched(&head, &content).ok_or_else(|| Complaint::about(path, message, hint))?;
        }
        Ok(Some(base))
    }

    fn seal_patch(&self, base: &Base, document: &Document<'_>, policy: &Policy, keys: &Keys, label: &Label) -> Result<Vec<u8>, Complaint> {
        let refuse = |error: NoPatch| {
            let (message, hint) = error.explain();
            Complaint::about(&self.policy, message, hint)
        };
        let blob = seal_patch(base, &policy.rows, keys, label).map_err(refuse)?;
        // The base may have been signed with a key that is retired by now, so the same patch is tried on a snapshot of the same rows.
        let sequence = base.provenance.sequence;
        let trial = Base::of_snapshot(base.rows.clone(), sequence);
        let before = seal(&base.rows, keys, &Label { sequence, ..*label });
        if let (Ok(trial), Ok(before), [path, ..]) = (trial, before, self.patch.as_slice()) {
            let mut device = Device::new(policy.rows.kind(), policy.rows.recipient(), policy.size, keys);
            device.install(&before, Time::Unknown).map_err(|refusal| {
                Complaint::about(path, format!("the device would not have this policy: {refusal}"), "give the policy that the device has")
            })?;
            let after = seal_patch(&trial, &policy.rows, keys, label).map_err(refuse)?;
            device.install(&after, Time::Unknown).map_err(|refusal| document.complaint(policy.explain(&refusal)))?;
        }
        Ok(blob)
    }
}
