//! `keyholder show`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use keyholder::blob::{FORMAT_VERSION, Refusal};
use keyholder::policy::{Fault, Invalid, Part};
use keyholder::time::Time;
use keyholder_simulator::complaint::Complaint;
use keyholder_simulator::device::Device;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::policy_file::Size;
use keyholder_simulator::rig::{is_policy_file, read_blob};
use keyholder_simulator::show;
use keyholder_simulator::upstream::Message;
use serde_json::{Map, Value, json};

use super::{COMPLAINT, Outcome, say};

/// Tell what a blob says, in the words of a policy file, or what a device has sent
#[derive(Args)]
#[command(after_help = "\
Without a key nobody can tell whether a blob is genuine. With one, a simulated device is given
the blob, and the status is 3 if it refuses it. Of a patch or a clock correction that device can
tell who signed it, but not whether it suits the policy or the clock of another.
Codes are not shown: a blob has only their digests.
A device's acknowledgement or report is told as one JSON object.

Examples:
  keyholder show shop.blob --key shop.key
  keyholder show report.bin")]
pub(crate) struct Arguments {
    /// The blob, acknowledgement or report
    blob: PathBuf,
    /// The key file the blob should have been sealed with
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(crate) fn execute(&self) -> Outcome {
        let blob = std::fs::read(&self.blob).map_err(|error| Complaint::of_io(&self.blob, "read", &error))?;
        if blob.first() == Some(&FORMAT_VERSION) {
            // A blob begins otherwise.
            return self.show_message(&blob);
        }
        let (head, content) = read_blob(&self.blob, &blob).map_err(|complaint| {
            if !is_policy_file(&self.blob) {
                return complaint;
            }
            let hint = format!("run `keyholder check {}`, or show the blob that `keyholder seal` makes of it", self.blob.display());
            Complaint::about(&self.blob, "this is a policy file by its name, not a blob", hint)
        })?;
        let refusal = match &self.key {
            None => None,
            Some(path) => {
                Some(Device::new(head.kind, head.recipient, Size::Large, &Keys::read_public(path)?).install(&blob, Time::Unknown).err())
            }
        };
        let verdict = match &refusal {
            None => "not checked: give its key file with --key".to_owned(),
            Some(None) => "genuine: a device installs it".to_owned(),
            Some(Some(Refusal::OtherBase { .. })) => format!("genuine: a device that has sequence {} may install it", head.base),
            Some(Some(Refusal::Invalid(Invalid { part: Part::Clock, fault: Fault::OtherFloor, .. }))) => {
                "genuine: a device whose highest clock reading is this one installs it".to_owned()
            }
            Some(Some(refusal)) => format!("refused: {refusal}"),
        };
        let is_refused = verdict.starts_with("refused");
        let mut head = show::head(&head);
        head.insert("seal".to_owned(), verdict.clone().into());
        let (name, content) = show::content(&content);
        if self.json {
            say(&json!({ "blob": head, name: content }).to_string())?;
        } else {
            let heading = head.iter().map(|(key, value)| format!("# {key}: {}", plain(value)));
            say(&heading.collect::<Vec<_>>().join("\n"))?;
            say("")?;
            let is_order = matches!(name, "key_change" | "clock_correction");
            let text = if is_order { section(&format!("[{name}]"), &content.into()) } else { to_toml(&content) };
            say(text.trim_end())?;
        }
        Ok(if is_refused { COMPLAINT.into() } else { ExitCode::SUCCESS })
    }

    fn show_message(&self, bytes: &[u8]) -> Outcome {
        let message = Message::read(bytes).map_err(|text| {
            let (message, hint) = text.split_once('\n').unwrap_or((&text, ""));
            Complaint::about(&self.blob, message, hint)
        })?;
        say(&Value::Object(message.to_json()).to_string())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A line for each key of a table.
fn section(heading: &str, table: &Value) -> String {
    let lines = table.as_object().into_iter().flatten().map(|(key, value)| format!("{key} = {}\n", inline(value)));
    format!("{heading}\n{}\n", lines.collect::<String>())
}

/// A section for each part of the policy, a line for each key.
fn to_toml(policy: &Map<String, Value>) -> String {
    let sections = policy.iter().map(|(name, part)| match part {
        Value::Array(tables) => tables.iter().map(|table| section(&format!("[[{name}]]"), table)).collect(),
        table => section(&format!("[{name}]"), table),
    });
    sections.collect()
}

/// A value on one line, as TOML has it. What is shown has no nulls, which is all that TOML lacks.
fn inline(value: &Value) -> String {
    toml::Value::try_from(value).map_or_else(|error| format!("\"\" # {error}"), |value| value.to_string())
}
