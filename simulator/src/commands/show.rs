//! `keyholder show`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use keyholder::time::Time;
use keyholder_simulator::complaint::Complaint;
use keyholder_simulator::device::Device;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::policy_file::Size;
use keyholder_simulator::rig::read_blob;
use keyholder_simulator::show;
use serde_json::{Map, Value, json};

use super::{COMPLAINT, Outcome, say};

/// Tell what a blob says, in the words of a policy file
#[derive(Args)]
#[command(after_help = "\
Without a key nobody can tell whether the blob is genuine. With one, a simulated device is given
the blob, and the status is 3 if it refuses it.
Codes are not shown: a blob has only their digests.

Example:
  keyholder show shop.blob --key shop.key")]
pub(crate) struct Arguments {
    /// The blob
    blob: PathBuf,
    /// The key file it should have been sealed with
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(crate) fn execute(&self) -> Outcome {
        let blob = std::fs::read(&self.blob).map_err(|error| Complaint::of_io(&self.blob, "read", &error))?;
        let (head, rows) = read_blob(&self.blob, &blob)?;
        let refusal = match &self.key {
            None => None,
            Some(path) => Some(Device::new(head.kind, head.recipient, Size::Large, &Keys::read(path)?).install(&blob, Time::Unknown).err()),
        };
        let verdict = match &refusal {
            None => "not checked: give its key file with --key".to_owned(),
            Some(None) => "genuine: a device installs it".to_owned(),
            Some(Some(refusal)) => format!("refused: {refusal}"),
        };
        let mut head = show::head(&head);
        head.insert("seal".to_owned(), verdict.clone().into());
        let policy = show::policy(&rows);
        if self.json {
            say(&json!({ "blob": head, "policy": policy }).to_string())?;
        } else {
            let heading = head.iter().map(|(key, value)| format!("# {key}: {}", plain(value)));
            say(&heading.collect::<Vec<_>>().join("\n"))?;
            say("")?;
            say(to_toml(&policy).trim_end())?;
        }
        Ok(if matches!(refusal, Some(Some(_))) { COMPLAINT.into() } else { ExitCode::SUCCESS })
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A section for each part of the policy, a line for each key.
fn to_toml(policy: &Map<String, Value>) -> String {
    let section = |heading: String, table: &Value| {
        let lines = table.as_object().into_iter().flatten().map(|(key, value)| format!("{key} = {}\n", inline(value)));
        format!("{heading}\n{}\n", lines.collect::<String>())
    };
    let sections = policy.iter().map(|(name, part)| match part {
        Value::Array(tables) => tables.iter().map(|table| section(format!("[[{name}]]"), table)).collect(),
        table => section(format!("[{name}]"), table),
    });
    sections.collect()
}

/// A value on one line, as TOML has it. What is shown has no nulls, which is all that TOML lacks.
fn inline(value: &Value) -> String {
    toml::Value::try_from(value).map_or_else(|error| format!("\"\" # {error}"), |value| value.to_string())
}
